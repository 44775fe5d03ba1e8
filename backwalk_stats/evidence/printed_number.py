"""The spelling of a printed number: what counts as one, and what a wrong one looks like."""

from __future__ import annotations

import re

LONGEST = 30  # characters; longer ones are not printed by any journal
PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
MISSING_CODES = frozenset(
    ["", "na", "n/a", "nd", "nan", "nr", "ns", "null", "none", "missing", ".", "-", "--", "?", "*"]
)
# What a wrong number looks like, and what to do; the first that fits is said.
LOOKS = (
    (r"[+-]?\d*,\d{1,2}|[+-]?\d*,\d{4,}", "It looks like a decimal comma: write a point"),
    (r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", "A comma could be a decimal mark or part thousands"),
    (r"[+-]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?", "Write thousands without a separator"),
    (r"[+-]?(?:inf|infinity)", "A number here is finite"),
    (r"[+-]?(?:\d+\.?\d*|\.\d+)e[+-]?\d+", "Write it out, without an exponent"),
    (r"[+-]?\d+(?:\.\d+)?\s*(?:-|to)\s*\d+(?:\.\d+)?", "It looks like a range: give one number"),
    (r"[<>≤≥~≈].*", "It is a bound, not a number: leave the cell empty and say so in the note"),
    (r"\d+(?:\.\d+)?\s*/\s*\d+(?:\.\d+)?", "It looks like a fraction: give one number"),
    (r"[+-]?[\d.,]+\s*(?:±|\+/-|\().*", "Put the spread in its own column"),
    (
        r"\d{1,2}-[a-z]{3,9}|[a-z]{3,9}-?\d{1,4}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}",
        "It looks like a date",
    ),
    (r"[+-]?[\d.]+\s*[a-z%°].*", "Put the unit in the column for units, the number alone here"),
)


def is_number(text: str) -> bool:
    """Return whether a text is a plain decimal number: digits, one point, a sign at most.

    Examples
    --------
    >>> [is_number(text) for text in ("4.80", "-.5", "6,5", "1e3", "inf", "45 mm")]
    [True, True, False, False, False, False]
    """
    return len(text) <= LONGEST and PLAIN.fullmatch(text) is not None


def as_number(text: str) -> float | None:
    """Return the value of a plain decimal number, or None for every other text.

    Examples
    --------
    >>> as_number("4.80"), as_number("")
    (4.8, None)
    """
    return float(text) if is_number(text) else None


def advice(text: str) -> str:
    """Return what to do about a text that is not a plain number.

    Examples
    --------
    >>> advice("6,5")
    'It looks like a decimal comma: write a point'
    >>> advice("N/A")
    'Leave the cell empty: only an empty cell is missing'
    """
    lowered = text.strip().lower()
    if lowered in MISSING_CODES:
        return "Leave the cell empty: only an empty cell is missing"
    if len(lowered) > LONGEST:
        return f"A number here has at most {LONGEST} characters"
    for pattern, action in LOOKS:
        if re.fullmatch(pattern, lowered):
            return action
    return "Digits with a point as decimal mark and nothing else"
