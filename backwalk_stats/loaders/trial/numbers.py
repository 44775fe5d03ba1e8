"""A column of text as numbers: missing codes apart, repairs logged, the rest refused by line."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import plain_signs

Decimal = Literal[".", ","]
LONGEST = 40  # characters of a number
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?(?:\d+(?:,\d+)?|,\d+)", re.ASCII)
_MISSING = "na n/a n.a. nan nd n.d. null none nil missing unknown . - -- ? * x #n/a #na"
MISSING_WORDS = frozenset(_MISSING.split())
_CODES = "-1 -7 -8 -9 -77 -88 -99 -777 -888 -999 -9999 66 77 88 99 777 888 999 7777 8888 9999 99999"
CODES = frozenset(map(float, [*_CODES.split(), *["-99.9", "-999.9", "99.9", "999.9"]]))
FEWEST, APART = 5, 2.0  # other values; standard deviations from them of a code that comes twice
_CODE = "Add it to missing_codes if it means missing"
_RULE = "Give one number, by a rule that is written down"
# Months as they are written short and long, in languages that trials here are kept in.
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|"
    "august|september|october|november|december|januar|jänner|februar|märz|mär|mai|juni|juli|okt|"
    "oktober|dez|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|"
    "décembre|enero|ene|febrero|marzo|abril|abr|mayo|junio|julio|agosto|ago|septiembre|octubre|"
    "noviembre|diciembre|dic"
)
# What a cell that is no number looks like, and what to do; the first that fits is said.
_LOOKS = (
    (r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", "a comma that may be decimal or part thousands", ","),
    (r"[+-]?\d*,\d+", "a decimal comma", 'Set decimal = "," for the file, or write a point'),
    (r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?", "a point that may be decimal or part thousands", "."),
    (r"[+-]?\d*\.\d+", "a decimal point", 'Write a comma, decimal = "," being declared'),
    (r"[+-]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?", "thousands set apart", "Write digits only"),
    (r"[+-]?(?:inf|infinity)", "infinity", "A value is finite"),
    (r"[+-]?[\d.,]+e[+-]?\d+", "an exponent out of range", "A value is finite"),
    (
        r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"
        rf"|\d{{1,2}}[-. /]{{0,2}}(?:{_MONTHS})(?:[-. /]{{0,2}}\d{{2,4}})?"
        rf"|(?:{_MONTHS})[-. /]{{0,2}}\d{{1,4}}",
        "what looks like a date",
        "A spreadsheet turns 1-2 into a date: format the column as text and type it again",
    ),
    (
        r"[+-]?\d{1,3}:\d{2}(?::\d{2}(?:\.\d*)?)?",
        "what looks like a time",
        "Give a length of time as one number in one unit, such as minutes, for all cells",
    ),
    (r"[+-]?[\d.,]+\s*(?:-|to)\s*[\d.,]+", "a range of values", _RULE),
    (r"[<>≤≥~≈].*", "a bound, not a number", f"{_RULE}; or add it to missing_codes"),
    (r"[\d.,]+\s*/\s*[\d.,]+", "a fraction", "Give one number on the scale of the outcome"),
    (r"[+-]?[\d.,]+\s*(?:±|\+/-|\().*", "more than one number", "Give one number"),
    (
        r"[+-]?[\d.,]+\s*[a-zµ%°'\"].*",
        "a number with a unit",
        "Leave the unit out: all cells of a column have the one that the outcome declares",
    ),
)
_THOUSANDS = "Write numbers without thousands; decimal = says which mark is decimal"


def far_codes(values: NDArray[np.float64]) -> list[float]:
    """Return codes for missing that lie far from all other values.

    Farther from the nearest of them than these are from each other; or, where a code comes twice or
    more, by `APART` standard deviations; or below zero where nothing else is.

    >>> far_codes(np.array([8.1, 9.4, 999, 7.2, 10.1, 6.6, np.nan, 8.8]))
    [999.0]
    >>> far_codes(np.array([45.0, 51, 99, 62, 70, 88, 77, 66])), far_codes(np.array([-1.0, 2, -3]))
    ([], [])
    """
    there = values[~np.isnan(values)]
    rest = there[~np.isin(there, list(CODES))]
    found = []
    for code in sorted(CODES & {*there.tolist()}):
        if len(rest) < FEWEST:
            break
        gap = float(max(code - rest.max(), rest.min() - code))
        twice = int(np.sum(there == code)) > 1 and gap > APART * float(rest.std(ddof=1))
        below = code < 0.0 <= rest.min()
        if gap > 0.0 and (below or twice or gap > float(np.ptp(rest))):
            found.append(float(code))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """The cells of one column, what is declared about them, and where its findings go.

    Attributes
    ----------
    file, name : str
        For messages.
    texts : sequence of str
        As written.
    lines : sequence of int
        Where each stands in the file.
    participants : sequence of str
        Whose each is.
    codes : mapping of str to str
        Text that means missing to the reason; the empty cell always means missing.
    marked : mapping of int to str
        Line to reason, where the file itself says why a cell is missing.
    dates : frozenset of int
        Lines at which the file holds a date.
    labels : mapping of str to str
        Code to label, where the file has value labels.
    formats : mapping of str to tuple of int
        Kind of format to lines: numbers that a workbook shows as "percent", "currency", "date",
        "time".
    decimal : str
        Decimal mark.
    findings : Findings
    """

    file: str
    name: str
    texts: Sequence[str]
    lines: Sequence[int]
    participants: Sequence[str] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    marked: Mapping[int, str] = field(default_factory=dict)
    dates: frozenset[int] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    decimal: Decimal = "."
    findings: Findings

    def fault(
        self, expected: str, found: str, action: str = "", *, rows: Sequence[int] | None = None
    ) -> None:
        """Add a fault of the column, at some of its lines; no lines, no fault."""
        if rows is None or len(rows):
            self.findings.add(self.name, expected, found, action, row=rows, file=self.file)

    def repair(self, action: str, count: int) -> None:
        """Log that something was put right in some of its cells."""
        if count:
            self.findings.repair(self.name, action, count, file=self.file)

    def warn(self, action: str, count: int = 1) -> None:
        """Log that something looks odd."""
        self.findings.warn(self.name, action, count, file=self.file)

    def where(self, holds: Sequence[bool]) -> list[int]:
        """Return the lines of the cells of which something holds."""
        return [line for line, one in zip(self.lines, holds, strict=True) if one]

    def without(self, codes: Mapping[str, str]) -> list[bool]:
        """Return which cells hold a value, these codes being those that mean missing."""
        return [missing_code(text, codes, self.decimal) is None for text in self.texts]


def number(text: str, decimal: Decimal = ".") -> float | None:
    """Return the value of a number, None for every other text and for what is not finite.

    The text is plainly written (`plain_signs`); no other mark is ever taken for the decimal one.

    >>> number("-1.50"), number("6,5"), number("6,5", ","), number("1.234", ",")
    (-1.5, None, 6.5, None)
    >>> number("inf"), number("1e400"), number("45 mm")
    (None, None, None)
    """
    if len(text) > LONGEST:
        return None
    if decimal == ",":
        if not _WITH_COMMA.fullmatch(text):
            return None
        text = text.replace(",", ".")
    elif not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def looks_like(text: str) -> tuple[str, str]:
    """Return what a cell that is no number holds, without repeating it, and what to do.

    >>> looks_like("45 mm")[0], looks_like("6,5")[0], looks_like("5-6")[0], looks_like("n/a")[0]
    ('a number with a unit', 'a decimal comma', 'a range of values', 'a word for missing')
    >>> looks_like("54 years")[0], looks_like("0:12")[0], looks_like("3-Dec")[0]
    ('a number with a unit', 'what looks like a time', 'what looks like a date')
    """
    lowered = text.strip().lower()
    if lowered in MISSING_WORDS:
        return "a word for missing", _CODE
    if len(lowered) > LONGEST:
        return "a long text", "Footnotes do not belong into a column of numbers"
    for pattern, found, action in _LOOKS:
        if re.fullmatch(pattern, lowered):
            return found, _THOUSANDS if len(action) == 1 else action
    return "text", _CODE


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """Numbers of one column: values of shape (n,), NaN where missing; reasons, "" where none."""

    values: NDArray[np.float64]
    reasons: list[str]


def numbers(column: Column) -> Numbers:
    """Return a column as numbers; every cell that is none becomes part of a fault.

    >>> findings = Findings("scores.csv")
    >>> numbers(Column(name="pain", texts=["3", "999", "−1", ""], lines=[2, 3, 4, 5],
    ...                codes={"999": "not done"}, findings=findings, file="scores.csv"))
    Numbers(values=array([ 3., nan, -1., nan]), reasons=['', 'not done', '', ''])
    >>> findings.log()["action"].tolist()
    ['typographic signs, digits or spaces written plainly', "code '999' read as missing: not done"]
    """
    known = {text: _read(text, column) for text in dict.fromkeys(column.texts)}
    values = np.array([known[text].value for text in column.texts], dtype=np.float64)
    reasons = [
        known[text].reason or column.marked.get(line, "")
        for text, line in zip(column.texts, column.lines, strict=True)
    ]
    _tell_wrong(column, known)
    _tell_repairs(column, known)
    return Numbers(values=values, reasons=reasons)


def missing_code(text: str, codes: Mapping[str, str], decimal: Decimal = ".") -> str | None:
    """Return the declared code that a text is, "" for an empty cell, None for a value.

    A code that is a number is also found where it is written differently: 999 as 999.0.
    """
    plain = text.strip()
    if not plain:
        return ""
    if plain in codes:
        return plain
    value = number(plain_signs(plain), decimal)
    if value is None:
        return None
    return next((code for code in codes if number(code.strip()) == value), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    value: float = np.nan
    reason: str = ""
    code: str = ""
    repaired: bool = False
    wrong: tuple[str, str] | None = None


def _read(text: str, column: Column) -> _Read:
    code = missing_code(text, column.codes, column.decimal)
    if code is not None:
        return _Read(reason=column.codes.get(code, ""), code=code)
    plain = plain_signs(text)
    value = number(plain, column.decimal)
    if value is None:
        return _Read(wrong=looks_like(plain))
    return _Read(value=value, repaired=plain != text.strip(" "))


def _tell_wrong(column: Column, known: Mapping[str, _Read]) -> None:
    wrong: dict[tuple[str, str], list[int]] = defaultdict(list)
    for text, line in zip(column.texts, column.lines, strict=True):
        problem = known[text].wrong
        if line in column.dates:
            problem = looks_like(text if ":" in text and "-" not in text[1:] else "2026-01-02")
        if problem is not None:
            wrong[problem].append(line)
    expected = "a number" if column.decimal == "." else "a number with a decimal comma"
    for (found, action), rows in wrong.items():
        column.fault(expected, found, action, rows=rows)


def _tell_repairs(column: Column, known: Mapping[str, _Read]) -> None:
    repaired = sum(known[text].repaired for text in column.texts)
    column.repair("typographic signs, digits or spaces written plainly", repaired)
    for code, reason in column.codes.items():
        count = sum(known[text].code == code for text in column.texts) if code else 0
        said = "" if reason in ("", f"code {code}") else f": {reason}"
        column.repair(f"code '{code}' read as missing{said}", count)
