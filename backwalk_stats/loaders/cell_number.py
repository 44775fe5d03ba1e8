"""A cell that should hold a number: its value, or what it holds instead, in words."""

from __future__ import annotations

import math
import re
from typing import Literal

Decimal = Literal[".", ","]
LONGEST = 40
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?(?:\d+(?:,\d+)?|,\d+)", re.ASCII)
MISSING_WORDS = frozenset([
    "na", "n/a", "n.a.", "nan", "nd", "n.d.", "null", "none", "nil", "missing", "unknown", ".",
    "-", "--", "?", "*", "x", "#n/a", "#na",
])  # fmt: skip
_CODE = "Add it to missing_codes if it means missing"
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
        r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}[-. ][a-z]{3,9}|[a-z]{3,9}[-. ]?\d{1,4}",
        "what looks like a date",
        "A spreadsheet turns 1-2 into a date: format the column as text and type it again",
    ),
    (
        r"[+-]?[\d.,]+\s*(?:-|to)\s*[\d.,]+",
        "a range of values",
        "Give one number, by a rule that is written down",
    ),
    (r"[<>≤≥~≈].*", "a bound, not a number", _CODE),
    (r"[\d.,]+\s*/\s*[\d.,]+", "a fraction", "Give one number on the scale of the outcome"),
    (r"[+-]?[\d.,]+\s*(?:±|\+/-|\().*", "more than one number", "Give one number"),
    (
        r"[+-]?[\d.,]+\s*[a-zµ%°'\"].*",
        "a number with a unit",
        "Leave the unit out: all cells of a column have the one that the outcome declares",
    ),
)
_THOUSANDS = "Write numbers without thousands; decimal = says which mark is decimal"


def number(text: str, decimal: Decimal = ".") -> float | None:
    """Return the value of a number, None for every other text and for what is not finite.

    Parameters
    ----------
    text : str
        Plainly written (`plain_signs`), without spaces around it.
    decimal : str
        The decimal mark; the other mark is never taken for one.

    Examples
    --------
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

    Examples
    --------
    >>> looks_like("45 mm")[0], looks_like("6,5")[0], looks_like("5-6")[0], looks_like("n/a")[0]
    ('a number with a unit', 'a decimal comma', 'a range of values', 'a word for missing')
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
