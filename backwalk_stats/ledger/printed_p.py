"""Printed p-values: "p=0.014" is a number, "<0.05", "0.000" and "NS" are bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwalk_stats.ledger.rounding import Interval, number_in, rounding_interval, value_of

USUAL_LEVEL = 0.05
_RELATION = re.compile(r"([<>\u2264\u2265])\s*=?\s*(\d*\.?\d+(?:[eE]-?\d+)?)")
_POWER_OF_TEN = re.compile(r"\s*[x\u00d7*]\s*10\s*\^?\s*([-+]?\d+)")
_NOT_SIGNIFICANT = re.compile(
    r"\b(?:not|no|non)[\s-]+(?:[a-z]+\s+){0,2}significant|\bnonsignificant|\binsignificant"
    r"|\bn\.?s\b"
)
_SIGNIFICANT = re.compile(r"\bsignificant\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedP:
    """A p-value as printed.

    Attributes
    ----------
    text : str
        As printed.
    intervals : tuple of Interval
        What it can have been; more than one where two values were printed.
    is_bound : bool
        True for "<0.05", "0.000", "NS": a range was printed, not a number.
    relation : str
        "<", ">", or "" for a number.
    level : float or None
        The number that stands behind the relation.
    """

    text: str
    intervals: tuple[Interval, ...]
    is_bound: bool
    relation: str = ""
    level: float | None = None


def parse_p(text: str) -> PrintedP | None:
    """Read a printed p-value; None when the text holds neither a number nor a conclusion.

    Parameters
    ----------
    text : str
        As printed, for instance "p=0.014", "<0.0001", "0.000", "NS", ">0.001 (not significant)".

    Returns
    -------
    PrintedP or None
        Zeros with d decimals are read as below half a unit of the last one.

    Examples
    --------
    >>> parse_p("0.000").intervals
    (Interval(low=0.0, high=0.0005),)
    >>> parse_p("NS").intervals
    (Interval(low=0.05, high=1.0),)
    >>> parse_p("not statistically significant").intervals
    (Interval(low=0.05, high=1.0),)
    >>> parse_p("NOT SEEN") is None
    True
    """
    found = _RELATION.search(with_exponent(text))
    if found:
        below = found.group(1) in "<\u2264"
        level = float(found.group(2))
        return PrintedP(
            text=text,
            intervals=(Interval(0.0, level) if below else Interval(level, 1.0),),
            is_bound=True,
            relation="<" if below else ">",
            level=level,
        )
    numbers = _numbers(text)
    if numbers:
        zero = all(value_of(number) == 0 for number in numbers)
        intervals = tuple(_clip(rounding_interval(number)) for number in numbers)
        return PrintedP(text=text, intervals=intervals, is_bound=zero)
    return _conclusion(text)


def with_exponent(text: str) -> str:
    """Return a text with powers of ten written as exponents.

    Examples
    --------
    >>> with_exponent("p = 4.2 x 10^-5")
    'p = 4.2e-5'
    """
    return _POWER_OF_TEN.sub(r"e\1", text)


def first_number(text: str) -> str | None:
    """Return the number that a printed p-value gives: behind its equals sign where it has one.

    Examples
    --------
    >>> first_number("p1 = 0.030"), first_number("4.2 x 10-5"), first_number("NS")
    ('0.030', '4.2e-5', None)
    """
    plain = with_exponent(text)
    return number_in(plain.partition("=")[2]) or number_in(plain)


def _numbers(text: str) -> list[str]:
    """Return the printed values: the first, and those that "(and ...)" adds."""
    first = first_number(text)
    if first is None:
        return []
    more = re.search(r"\(and\s+(\d*\.?\d+)\)", text)
    return [first, *([more.group(1)] if more else [])]


def _conclusion(text: str) -> PrintedP | None:
    """Return what words alone conclude: "NS" or "significant", at the usual level."""
    if _NOT_SIGNIFICANT.search(text.lower()):
        interval = Interval(USUAL_LEVEL, 1.0)
    elif _SIGNIFICANT.search(text.lower()):
        interval = Interval(0.0, USUAL_LEVEL)
    else:
        return None
    return PrintedP(text=text, intervals=(interval,), is_bound=True)


def _clip(interval: Interval) -> Interval:
    return Interval(max(interval.low, 0.0), min(interval.high, 1.0))
