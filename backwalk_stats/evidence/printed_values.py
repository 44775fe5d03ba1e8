"""The spelling of a printed number: what counts as one, and what a wrong one looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
SIGN = r"[=<>≤≥~≈:]"
DECIMAL = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
POWER = r"(?:\s*[x×*]\s*10\s*\^?\s*(?P<power>[+-]?\d{1,4})|[eE](?P<exponent>[+-]?\d{1,4}))?"
P_VALUE = re.compile(
    rf"(?:(?<![A-Za-z])[pP](?:\s?-?values?)?\s*{SIGN}*|^[\s(]*{SIGN}+|^[\s(]*)\s*"
    rf"(?P<number>{DECIMAL}){POWER}(?P<after>\s*%?)",
    re.ASCII,
)
IN_BRACKETS = re.compile(r"(?<=[A-Za-z²])\([^()]{0,40}\)")
MARKED_COMMA = re.compile(r"\d,\d|(?<![\d\s]),\d|^,\d", re.ASCII)
NOT_FINITE = re.compile(r"(?<![a-z])(?:inf|infinity|nan)(?![a-z])|\d[e][+]?\d", re.IGNORECASE)
DEGREES = re.compile(
    r"(?P<first>\d+(?:\.\d+)?)(?:\s*[,;]\s*(?P<second>\d+(?:\.\d+)?))?(?:\s*\(.*\))?", re.ASCII
)
USE_POINT = "It looks like a decimal comma: write a point"


def is_number(text: str) -> bool:
    """Return whether a text is a plain decimal number: digits, one point, a sign at most.

    >>> [is_number(text) for text in ("4.80", "-.5", "6,5", "1e3", "inf", "45 mm")]
    [True, True, False, False, False, False]
    """
    return len(text) <= LONGEST and PLAIN.fullmatch(text) is not None


def as_number(text: str) -> float | None:
    """Return the value of a plain decimal number, or None for every other text.

    >>> as_number("4.80"), as_number("")
    (4.8, None)
    """
    return float(text) if is_number(text) else None


def advice(text: str) -> str:
    """Return what to do about a text that is not a plain number.

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


# The spelling of a printed estimate, statistic, df and p value: what cannot be one, and why.


def p_values(text: str) -> Iterator[float]:
    """Yield the numbers of a printed p value: one at the start, and those after a `p`.

    >>> list(p_values("<0.01 (printed beside I2)")), list(p_values("NS"))
    ([0.01], [])
    >>> list(p_values("p = 4.2 x 10^-5")), list(p_values("P = 1.3")), list(p_values("5%"))
    ([4.2e-05], [1.3], [5.0])
    """
    text = " ".join(text.split())  # a pattern would try each blank of a long run
    for found in P_VALUE.finditer(text):
        rest = text[found.end() :]
        alone = not rest or rest[0] in "(;,*†‡ \t)"
        if alone:
            power = int(found["power"] or found["exponent"] or 0)
            yield float(f"{found['number'][:LONGEST]}e{power}")


def p_value_fault(text: str) -> str | None:
    """Return what is wrong with a printed p value, or None; words alone are never wrong.

    >>> p_value_fault("0.000") or p_value_fault("P < .04") or p_value_fault("NOT SEEN")
    >>> p_value_fault("p = 1.3")
    'Check it against the source; a percentage is written as a fraction of 1'
    """
    if MARKED_COMMA.search(IN_BRACKETS.sub("", text)):
        return USE_POINT
    if all(0 <= value <= 1 for value in p_values(text)):
        return None
    return "Check it against the source; a percentage is written as a fraction of 1"


def estimate_fault(text: str) -> str | None:
    """Return what is wrong with a printed estimate, or None; words with numbers are kept.

    >>> estimate_fault("-0.83") or estimate_fault("17% to 20% higher")
    >>> estimate_fault("6,5 mm")
    'It looks like a decimal comma: write a point'
    """
    worded = re.search(r"[A-Za-z%°]", text) is not None
    bound = re.fullmatch(rf"{SIGN}+\s*{DECIMAL}", text, re.ASCII) is not None
    if is_number(text) or bound:
        return None
    if not worded or text.lower() in MISSING_CODES or NOT_FINITE.fullmatch(text.lstrip("+-")):
        return advice(text)
    if re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", text, re.ASCII):
        return advice(text)
    return USE_POINT if MARKED_COMMA.search(text) else None


def statistic_fault(text: str) -> str | None:
    """Return what is wrong with a printed statistic such as `F(1,63)=4.3`, or None.

    >>> statistic_fault("t=-1.971") or statistic_fault("F(1,63) = 4.3")
    >>> statistic_fault("t=1,97")
    'It looks like a decimal comma: write a point'
    >>> statistic_fault("t=inf")
    'A statistic is finite and written out'
    """
    if NOT_FINITE.search(text):
        return "A statistic is finite and written out"
    return USE_POINT if MARKED_COMMA.search(IN_BRACKETS.sub("", text)) else None


def degrees_fault(text: str) -> str | None:
    """Return what is wrong with printed degrees of freedom, or None.

    One number, or two with a comma between (`2,65` belongs to an F), and words in brackets.

    >>> degrees_fault("2,65") or degrees_fault("28 (implied)") or degrees_fault("not printed")
    >>> degrees_fault("-3")
    'Write 44 for one number, 2,65 for two, and words only in brackets after them'
    """
    if not re.search(r"\d", text):
        return None
    match = DEGREES.fullmatch(text)
    if match is None:
        return "Write 44 for one number, 2,65 for two, and words only in brackets after them"
    numbers = [number for number in match.group("first", "second") if number is not None]
    if any(len(number) > LONGEST or float(number) <= 0 for number in numbers):
        return "Degrees of freedom are above zero"
    return None
