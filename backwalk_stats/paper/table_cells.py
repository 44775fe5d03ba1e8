"""What one cell of a table prints, and what its headings say that it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backwalk_stats.ledger.reading.printed import value_of
from backwalk_stats.paper.printed_patterns import (
    CLOSE,
    NUMBER,
    OPEN,
    SIGNED,
    TO,
    UNIT,
    plain_number,
)

_MARKS = r"[\s*†‡§¶#∥‖^a-e]{0,5}"
_FORMS = (
    ("spread", rf"(?P<a>{SIGNED}){UNIT}\s*(?:±|\+/[-–]|\+[-–])\s*(?P<b>{NUMBER}){UNIT}"),
    ("categories", r"(?P<all>\d+(?:\s?/\s?\d+){2,})"),
    (
        "fraction",
        r"(?P<count>\d+)\s?(?:/|of|out of)\s?(?P<n>\d+)"
        rf"(?:\s?{OPEN}\s?(?P<percent>{NUMBER})\s?%?\s?{CLOSE})?",
    ),
    (
        "interval",
        rf"(?P<a>{SIGNED}){UNIT}\s*[,;]?\s*{OPEN}\s*(?:95\s?%\s?CI:?\s*|IQR:?\s*)?(?P<low>{SIGNED}){UNIT}"
        rf"{TO}(?P<high>{SIGNED}){UNIT}\s*{CLOSE}",
    ),
    (
        "percent_first",
        rf"(?P<percent>{NUMBER})\s?%\s*{OPEN}\s*(?:n\s*=\s*)?(?P<count>\d+)\s*{CLOSE}",
    ),
    ("percent", rf"(?P<count>\d+)\s*{OPEN}\s*(?P<percent>{NUMBER})\s?%\s*{CLOSE}"),
    (
        "paren",
        rf"(?P<a>{SIGNED}){UNIT}\s*{OPEN}\s*(?:SD\s*=?\s*|±\s*)?(?P<b>{NUMBER}){UNIT}\s*{CLOSE}",
    ),
    ("range", rf"{OPEN}?\s*(?P<low>{SIGNED}){TO}(?P<high>{SIGNED})\s*{CLOSE}?"),
    ("percent_alone", rf"(?P<percent>{NUMBER})\s?%"),
    ("number", rf"(?P<a>{SIGNED}){UNIT}"),
)
FORMS = tuple((name, re.compile(rf"\s*{form}{_MARKS}")) for name, form in _FORMS)
P_CELL = re.compile(
    rf"\s*(?:[pP]\s*)?(?P<relation>[<>≤≥=]|<\s?=|>\s?=)?\s*(?P<value>{NUMBER}){_MARKS}(?:\(.*\))?|\s*(?P<ns>[nN]\.?\s?[sS]\.?){_MARKS}"
)
# Two kinds of people with a stroke between: "male/female", not "n/N" or "events/total".
_KINDS = re.compile(
    r"\b(?!n\s?/|no\b|events?\b|yes\s?/\s?total|and\s?/\s?or)[A-Za-z]+\s?/\s?(?!total|all|n\b)[A-Za-z]+",
    re.I,
)
_BETWEEN_TWO = re.compile(r"\s*(?:→|⟶|->|⇒|/|;|\bvs\.?|\bto\b)\s*")
_SAYS = (
    ("mean", re.compile(r"\bmeans?\b", re.I)),
    ("se", re.compile(r"\bS\.?E\.?M?\.?(?![a-z])|standard error", re.I)),
    ("sd", re.compile(r"\bS\.?D\.?s?(?![a-z])|standard deviation", re.I)),
    (
        "sd in brackets",
        re.compile(
            r"(?<!±)(?<!± )(?<!\+/-)(?<!\+/- )\b(?:S\.?D\.?s?(?![a-z])|standard deviation)", re.I
        ),
    ),
    ("iqr", re.compile(r"\bIQR\b|inter-?quartile|quartile|\bmedian|Q1", re.I)),
    ("ci", re.compile(r"\d\d ?% ?C\.?I|\bCI\b|confidence", re.I)),
    (
        "count",
        re.compile(
            r"\bn ?[,/(]+ ?%|no\.? ?\(%|number ?\(%|[(,/] ?%|%\)|frequenc|count|percent", re.I
        ),
    ),
    ("range", re.compile(r"\(range\)|min[-–]max|\brange\b", re.I)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedCell:
    """The numbers of a cell by quantity, and what has to be asked about it.

    Attributes
    ----------
    numbers : tuple of (str, str)
        Quantity ("mean", "sd", "se", "median", "q1", "q3", "ci_low", "ci_high", "count",
        "percent", "n", "p_value", "value", ...) and the number as printed.
    question : str
        What is not said, as a question; "" when nothing is open.
    assumed : str
        What was taken for granted beside the numbers; "" when nothing.
    """

    numbers: tuple[tuple[str, str], ...] = ()
    question: str = ""
    assumed: str = ""

    def get(self, quantity: str) -> str:
        """Return a number as printed, "" where the cell has none of that quantity."""
        return dict(self.numbers).get(quantity, "")


def says(text: str) -> frozenset[str]:
    """Return which statistics a heading, label or caption speaks of.

    Examples
    --------
    >>> sorted(says("mean (SD) or n (%)"))
    ['count', 'mean', 'sd', 'sd in brackets']
    """
    return frozenset(name for name, pattern in _SAYS if pattern.search(text))


def p_cell(text: str) -> PrintedCell:
    """Return a printed p with its relation, such as `<0.001`; empty where there is none.

    Examples
    --------
    >>> p_cell("< 0.001*").numbers, p_cell("NS").numbers, p_cell("-").numbers
    ((('p_value', '<0.001'),), (('p_value', 'NS'),), ())
    """
    found = P_CELL.fullmatch(text)
    if not found:
        return PrintedCell()
    if found.group("ns"):
        return PrintedCell(numbers=(("p_value", found.group("ns").replace(" ", "").rstrip(".")),))
    relation = (found.group("relation") or "").replace(" ", "").replace("=", "")
    return PrintedCell(numbers=(("p_value", relation + plain_number(found.group("value"))),))


def read_cell(text: str, scopes: Sequence[str], *, n: int | None = None) -> PrintedCell:
    """Return what a cell prints.

    Parameters
    ----------
    text : str
        The cell in plain signs.
    scopes : sequence of str
        Texts that say what the cells are, the nearest first: row label, heading, caption, notes.
    n : int, optional
        People of the arm; tells a count with its percentage from a mean with its SD.

    Examples
    --------
    >>> read_cell("3.47 ± 1.64", ["Pain", "mean ± SD"]).numbers
    (('mean', '3.47'), ('sd', '1.64'))
    >>> read_cell("24 (60.0%)", ["Female"]).numbers
    (('count', '24'), ('percent', '60.0'))
    >>> read_cell("12 (3)", ["Pain"]).question
    'what stands in brackets: an SD, a standard error or a percentage?'
    """
    for form, pattern in FORMS:
        found = pattern.fullmatch(text)
        if found:
            parts = {key: plain_number(value) for key, value in found.groupdict().items() if value}
            if form == "fraction" and "percent" not in parts:
                return _fraction(parts, scopes[0] if scopes else "", n)
            return _READ[form](parts, [says(scope) for scope in scopes], n)
    return _two_in_one(text)


def _two_in_one(text: str) -> PrintedCell:
    """Return the numbers of two visits in one cell, `5.1 (1.2) → 3.2 (1.1)`, and ask which."""
    parts = _BETWEEN_TWO.split(text)
    found = [
        match.groupdict()
        for part in parts
        for name, pattern in FORMS
        if name in ("spread", "paren") and (match := pattern.fullmatch(part))
    ]
    if len(parts) != 2 or len(found) != 2:
        return PrintedCell()
    numbers = (plain_number(one[key]) for one in found for key in ("a", "b"))
    return PrintedCell(
        numbers=tuple(("value", one) for one in numbers),
        question="of which visits are the two parts of this cell?",
    )


def _fraction(parts: dict[str, str], label: str, n: int | None) -> PrintedCell:
    """Return a count of people, or the counts of two kinds of them: `20/14` men and women."""
    first, second = int(parts["count"]), int(parts["n"])
    kinds = n is not None and first + second == n
    if kinds:
        return PrintedCell(numbers=(("count", parts["count"]), ("other count", parts["n"])))
    if first > second or (_KINDS.search(label) and second != n):
        return PrintedCell(
            numbers=(("value", parts["count"]), ("value", parts["n"])),
            question="what stands on either side of the stroke?",
        )
    return PrintedCell(numbers=(("count", parts["count"]), ("n", parts["n"])))


def _categories(
    parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None
) -> PrintedCell:
    counts = parts["all"].replace(" ", "").split("/")
    return PrintedCell(numbers=tuple(("counts", one) for one in counts))


def _nearest(scopes: Sequence[frozenset[str]], wanted: set[str]) -> set[str]:
    """Return what the nearest scope says of the wanted words."""
    return next((set(one & wanted) for one in scopes if one & wanted), set())


def _spread(parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None) -> PrintedCell:
    said = _nearest(scopes, {"sd", "se"})
    mean = ("mean", parts["a"])
    if said == {"se"}:
        return PrintedCell(numbers=(mean, ("se", parts["b"])))
    if said == {"sd"}:
        return PrintedCell(numbers=(mean, ("sd", parts["b"])))
    return PrintedCell(
        numbers=(mean, ("sd", parts["b"])),
        question="what stands behind ±: an SD or a standard error?",
        assumed="± is read as the SD, which is not said",
    )


def _paren(parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None) -> PrintedCell:
    said = _nearest(scopes, {"sd in brackets", "se", "count", "iqr"})
    said = {"sd" if one == "sd in brackets" else one for one in said}
    if "." in parts["a"]:
        said.discard("count")
    mean = ("mean", parts["a"])
    if {"sd", "iqr"} <= said and "count" not in said:
        assumed = "the number in brackets is read as the SD, though quartiles are spoken of as well"
        return PrintedCell(numbers=(mean, ("sd", parts["b"])), assumed=assumed)
    if said == {"iqr"}:
        return PrintedCell(numbers=(("median", parts["a"]), ("iqr", parts["b"])))
    if len(said) > 1:
        said = _by_content(parts, said, n)
    if said == {"sd"}:
        return PrintedCell(numbers=(mean, ("sd", parts["b"])))
    if said == {"se"}:
        return PrintedCell(numbers=(mean, ("se", parts["b"])))
    if said == {"count"} and parts["a"].isdigit():
        return PrintedCell(numbers=(("count", parts["a"]), ("percent", parts["b"])))
    if "." in parts["a"] and not said:
        return PrintedCell(
            numbers=(mean, ("sd", parts["b"])),
            question="what stands in brackets: an SD or a standard error?",
            assumed="the number in brackets is read as the SD, which is not said",
        )
    return PrintedCell(
        numbers=(("value", parts["a"]), ("in brackets", parts["b"])),
        question="what stands in brackets: an SD, a standard error or a percentage?",
    )


def _by_content(parts: dict[str, str], said: set[str], n: int | None) -> set[str]:
    if "." in parts["a"]:
        return said - {"count"}
    if "count" in said and n and value_of(parts["a"]) <= n:
        share = 100 * value_of(parts["a"]) / n
        if abs(share - value_of(parts["b"])) <= 1.0:
            return {"count"}
    return said


def _interval(
    parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None
) -> PrintedCell:
    said = _nearest(scopes, {"ci", "iqr", "range"})
    low, high = parts["low"], parts["high"]
    if "iqr" in said and "ci" not in said:
        return PrintedCell(numbers=(("median", parts["a"]), ("q1", low), ("q3", high)))
    if said == {"ci"}:
        return PrintedCell(numbers=(("mean", parts["a"]), ("ci_low", low), ("ci_high", high)))
    if said == {"range"}:
        return PrintedCell(numbers=(("mean", parts["a"]), ("minimum", low), ("maximum", high)))
    return PrintedCell(
        numbers=(("value", parts["a"]), ("low", low), ("high", high)),
        question="what stands in brackets: a confidence interval, quartiles or a range?",
    )


def _count(parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None) -> PrintedCell:
    order = ("count", "n", "percent")
    return PrintedCell(numbers=tuple((key, parts[key]) for key in order if key in parts))


def _percent_alone(
    parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None
) -> PrintedCell:
    return PrintedCell(
        numbers=(("value", parts["percent"]),),
        question="of how many people, or of what, is this the percentage?",
    )


def _range(parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None) -> PrintedCell:
    said = _nearest(scopes, {"ci", "iqr", "range"})
    names = {"ci": ("ci_low", "ci_high"), "iqr": ("q1", "q3"), "range": ("minimum", "maximum")}
    low, high = names[said.pop()] if len(said) == 1 else ("low", "high")
    return PrintedCell(numbers=((low, parts["low"]), (high, parts["high"])))


def _number(parts: dict[str, str], scopes: Sequence[frozenset[str]], n: int | None) -> PrintedCell:
    said = _nearest(scopes[:2], {"sd", "se", "mean"})
    name = said.pop() if len(said) == 1 else "value"
    return PrintedCell(numbers=((name, parts["a"]),))


_READ = {
    "spread": _spread,
    "categories": _categories,
    "fraction": _count,
    "interval": _interval,
    "percent_first": _count,
    "percent": _count,
    "paren": _paren,
    "range": _range,
    "percent_alone": _percent_alone,
    "number": _number,
}
