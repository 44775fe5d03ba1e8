"""Printed numbers as intervals: what a text can have been rounded from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

NUMBER = re.compile(r"[-+\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
# Two intervals that touch within float noise do touch.
NOISE = 1e-9
USUAL_LEVEL = 0.05
_RELATION = re.compile(r"([<>\u2264\u2265])\s*+=?\s*+((?:\d+(?:\.\d+)?|\.\d+)(?:[eE]-?\d+)?)")
_POWER_OF_TEN = re.compile(r"(?<!\s)\s*+[x\u00d7*]\s*+10\s*+\^?\s*+([-+]?\d+)")
_A_P = re.compile(r"(?<![\d.])(?:0?\.\d+|[01]\.0+)(?:[eE][-+]?\d+)?(?![\d.%])")
_REPEATED = re.compile(r"\(\s*+(?:and\b|p?\s*+[<>\u2264\u2265])[^)]{0,500}\)", re.IGNORECASE)
_NOT_SIGNIFICANT = re.compile(
    r"\b(?:not|no|non)[\s-]+(?:[a-z]+\s+){0,2}significant|\bnonsignificant|\binsignificant"
    r"|\bn\.?s\b"
)
_SIGNIFICANT = re.compile(r"\bsignificant\b")
_LETTER = re.compile(
    r"^\s*(?:(?:kruskal[- ]wallis|mann[- ]whitney|wilcoxon|pearson'?s?|spearman'?s?|kendall'?s?"
    r"|cochran'?s?)\s+)?"
    r"(t|f|q|z|h|u|w|rho|\u03c1|r_?s|r|tau(?:[-_ ]?b)?|\u03c4(?:_?b)?"
    r"|chi[- ]?squared?|chi[- ]?2|x[2\u00b2]|[\u03c7\u03a7](?:\s?(?:\^?2|\u00b2|\s?-?squared?))?)"
    r"\s*+(?:\(([^)]*)\))?\s*+=",
    re.IGNORECASE,
)
_FAMILY = {"t": "t", "f": "F", "z": "z", "q": "Q", "h": "H", "u": "U", "w": "W", "r": "r"}
_FAMILY |= dict.fromkeys(("rho", "\u03c1", "rs", "r_s"), "rho")
_SIZE = re.compile(r"\bn\s*=\s*\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of real numbers, with the arithmetic that rounding needs."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Return high minus low."""
        return self.high - self.low

    @property
    def middle(self) -> float:
        """Return the midpoint."""
        return (self.low + self.high) / 2

    def __add__(self, other: Interval) -> Interval:
        """Return every possible sum."""
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        """Return every possible difference."""
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        """Return every possible product."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        """Return every possible quotient; the divisor must not hold values below zero."""
        if other.high <= 0:
            return Interval(-math.inf, math.inf)
        ends = [_ratio(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def magnitude(self) -> Interval:
        """Return every possible absolute value."""
        if self.low <= 0 <= self.high:
            return Interval(0.0, max(-self.low, self.high))
        return Interval(*sorted((abs(self.low), abs(self.high))))

    def meets(self, other: Interval) -> bool:
        """Tell whether the two intervals share a point, up to float noise."""
        scale = max((abs(x) for x in self._finite() + other._finite()), default=0.0)
        slack = NOISE * scale
        return self.low <= other.high + slack and other.low <= self.high + slack

    def holds(self, other: Interval) -> bool:
        """Tell whether the other interval lies inside this one, up to float noise."""
        scale = max((abs(x) for x in self._finite() + other._finite()), default=0.0)
        slack = NOISE * scale
        return self.low <= other.low + slack and other.high <= self.high + slack

    def _finite(self) -> list[float]:
        return [x for x in (self.low, self.high) if math.isfinite(x)]


def _ratio(numerator: float, denominator: float) -> float:
    if denominator > 0:
        return numerator / denominator
    return math.copysign(math.inf, numerator) if numerator else 0.0


def exactly(value: float) -> Interval:
    """Return the interval that holds one number."""
    return Interval(value, value)


def monotone(function: Callable[[float], float], interval: Interval) -> Interval:
    """Return the image of an interval under a function that only rises or only falls."""
    return hull(function(interval.low), function(interval.high))


def hull(*values: float) -> Interval:
    """Return the smallest interval that holds all values."""
    return Interval(min(values), max(values))


def number_in(text: str) -> str | None:
    """Return the first number that stands in a text, as text, or None.

    >>> number_in("28 (implied)"), number_in("P < .04"), number_in("not seen")
    ('28', '.04', None)
    """
    found = NUMBER.search(text)
    return found.group(0).replace("\u2212", "-") if found else None


def is_number(text: str) -> bool:
    """Tell whether the whole text is one plain number."""
    return NUMBER.fullmatch(text.strip()) is not None


def value_of(text: str) -> float:
    """Return a printed number as a float."""
    return float(text.strip().replace("\u2212", "-"))


def unit_of(text: str) -> float:
    """Return one unit of the last printed decimal: 0.01 for "4.80".

    >>> unit_of("4.80"), unit_of("17")
    (0.01, 1.0)
    """
    exponent = Decimal(text.strip().replace("\u2212", "-")).as_tuple().exponent
    return float(Decimal(1).scaleb(int(exponent)))


def rounding_interval(text: str) -> Interval:
    """Return all numbers that print as the text, whose trailing zeros count.

    Both ends are closed, so half-up and half-even rounding are both accepted.

    >>> rounding_interval("4.80")
    Interval(low=4.795, high=4.805)
    >>> rounding_interval("4.8")
    Interval(low=4.75, high=4.85)
    """
    number = Decimal(text.strip().replace("\u2212", "-"))
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    return Interval(float(number - half), float(number + half))


def first_order(function: Callable[[Sequence[float]], float], texts: Sequence[str]) -> Interval:
    """Return the interval of a function of many printed numbers, to first order.

    Each number is moved by half a unit of its last decimal, alone, and the changes are added:
    the worst case when the function is nearly linear over so small a box.
    """
    at = [value_of(text) for text in texts]
    centre = function(at)
    total = 0.0
    for index, text in enumerate(texts):
        half = unit_of(text) / 2
        moved = [[*at[:index], at[index] + step, *at[index + 1 :]] for step in (-half, half)]
        total += max(abs(function(point) - centre) for point in moved)
    return Interval(centre - total, centre + total)


def any_meets(intervals: Iterable[Interval], other: Interval) -> bool:
    """Tell whether at least one of the intervals shares a point with the other."""
    return any(interval.meets(other) for interval in intervals)


# Printed p-values: "p=0.014" is a number, "<0.05", "0.000" and "NS" are bounds.


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

    Zeros with d decimals are read as below half a unit of the last one.

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

    >>> with_exponent("p = 4.2 x 10^-5")
    'p = 4.2e-5'
    """
    return _POWER_OF_TEN.sub(r"e\1", text)


def first_number(text: str) -> str | None:
    """Return the number that a printed p-value gives: behind its equals sign where it has one.

    >>> first_number("p1 = 0.030"), first_number("4.2 x 10-5"), first_number("NS")
    ('0.030', '4.2e-5', None)
    """
    plain = with_exponent(text)
    return number_in(plain.partition("=")[2]) or number_in(plain)


def holds_several_p(text: str) -> bool:
    """Tell whether a cell prints several p, so that it is not said which of them is this test's.

    A bound that repeats a number, and what "(and ...)" adds to it, are none of them.

    >>> holds_several_p("p1 = 0.03; p2 = 0.2"), holds_several_p("0.023 (<0.05)")
    (True, False)
    >>> holds_several_p("0.04 (adjusted 0.12)"), holds_several_p("0.04 (and 0.03)")
    (True, False)
    """
    bare = _REPEATED.sub(" ", with_exponent(text))
    return len(_A_P.findall(bare)) > 1


def _numbers(text: str) -> list[str]:
    """Return the printed values: the first, and those that "(and ...)" adds."""
    first = first_number(text)
    if first is None:
        return []
    more = re.search(r"\(and\s+(\d+(?:\.\d+)?|\.\d+)\)", text)
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


# Printed test statistics and degrees of freedom: "t=-1.971", "F=4.31" with "1,63".


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistic:
    """A printed statistic: its family, number and degrees of freedom.

    Families are "t", "F", "chi2", "z", "Q", "r", "rho", "tau", "H", "U" and "W".
    """

    family: str
    text: str
    df: tuple[float, ...]


def parse_df(text: str) -> tuple[float, ...]:
    """Return the degrees of freedom of a text such as "2,65", "27.4" or "28 (implied)".

    >>> parse_df("1,63 (as printed)"), parse_df("")
    ((1.0, 63.0), ())
    """
    bare = text.partition("(")[0]
    return tuple(float(part) for part in re.findall(r"\d+(?:\.\d+)?", bare))


def parse_statistic(statistic: str, df: str) -> Statistic | None:
    """Return a printed statistic, or None when its family is not said.

    >>> parse_statistic("t=-1.628", "28 (implied)")
    Statistic(family='t', text='-1.628', df=(28.0,))
    >>> parse_statistic("\u03c7\u00b2(1, N = 60) = 3.84", "").df
    (1.0,)
    """
    letter = _LETTER.match(statistic)
    number = number_in(statistic[letter.end() :]) if letter else None
    if letter is None or number is None:
        return None
    word = letter.group(1).lower()
    named = "tau" if word[0] in "\u03c4" or word.startswith("tau") else _FAMILY.get(word, "chi2")
    # "chi2(1, N = 60)": the people are no degrees of freedom.
    inside = _SIZE.sub("", letter.group(2) or "")
    return Statistic(family=named, text=number, df=parse_df(df) or parse_df(inside))
