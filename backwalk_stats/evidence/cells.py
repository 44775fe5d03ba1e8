"""What one cell of the record may hold: each kind says what it expects and judges a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from backwalk_stats.evidence.printed_number import advice, as_number, is_number
from backwalk_stats.evidence.printed_statistic import (
    degrees_fault,
    estimate_fault,
    p_value_fault,
    statistic_fault,
)

LONGEST_PRINTED = 300  # characters in a cell that holds a printed number
STUDY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
CLAIM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A kind of cell.

    Attributes
    ----------
    expected : str
        What a cell that is not empty holds, for messages.
    fault : callable
        From the text of such a cell to what to do about it; None when nothing is wrong.
    printed_number : bool
        Whether typographic minus signs, digits and spaces are first written plainly.

    Examples
    --------
    >>> NUMBER.fault("4.80"), NUMBER.fault("45 mm")
    (None, 'Put the unit in the column for units, the number alone here')
    """

    expected: str
    fault: Callable[[str], str | None]
    printed_number: bool = False


def _text(text: str) -> str | None:
    return None


def _number(text: str) -> str | None:
    return None if is_number(text) else advice(text)


def _spread(text: str) -> str | None:
    value = as_number(text)
    if value is None:
        return advice(text)
    return "A spread cannot be negative; is it a code for missing?" if value < 0 else None


def _count(text: str) -> str | None:
    if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII):
        return None
    return advice(text) if as_number(text) is None else "Count people: 1, 2, 3, ..."


def _percent(text: str) -> str | None:
    value = as_number(text)
    if value is None:
        return advice(text)
    return None if 0 <= value <= 100 else "A share cannot be outside 0 to 100"


def _participants(text: str) -> str | None:
    return _count(text) if re.fullmatch(r"[-+\d.,]+", text, re.ASCII) else None


def _study_id(text: str) -> str | None:
    if STUDY_ID.fullmatch(text):
        return None
    return "It becomes part of links and names: no spaces, capitals, points or slashes"


def _claim_id(text: str) -> str | None:
    return None if CLAIM_ID.fullmatch(text) else "It becomes part of links: no spaces or slashes"


def _study_ids(text: str) -> str | None:
    wrong = [part for part in text.split(";") if not STUDY_ID.fullmatch(part.strip())]
    return "One study_id after another, with ';' between" if wrong else None


def _link(text: str) -> str | None:
    if re.fullmatch(r"https?://[^\s<>\"'`\\]+", text):
        return None
    return "Begin with https:// and encode spaces; other text belongs into the note"


def one_of(*choices: str) -> Cell:
    """Return a kind of cell that holds one of a few words.

    Examples
    --------
    >>> one_of("yes", "no").expected
    "'yes' or 'no'"
    """

    def fault(text: str) -> str | None:
        return None if text in choices else "Write it exactly so, or leave the cell empty"

    return Cell(expected=" or ".join(f"'{choice}'" for choice in choices), fault=fault)


def _printed(expected: str, judge: Callable[[str], str | None]) -> Cell:
    def fault(text: str) -> str | None:
        if len(text) > LONGEST_PRINTED:
            return f"At most {LONGEST_PRINTED} characters; the rest belongs into the note"
        return judge(text)

    return Cell(expected=expected, fault=fault, printed_number=True)


TEXT = Cell(expected="text", fault=_text)
NUMBER = _printed("a plain decimal number", _number)
SPREAD = _printed("a number that is zero or more", _spread)
COUNT = _printed("a whole number of 1 or more", _count)
PERCENT = _printed("a number from 0 to 100", _percent)
ESTIMATE = _printed("a plain decimal number, or words", estimate_fault)
STATISTIC = _printed("a statistic such as t=-1.97", statistic_fault)
DEGREES = _printed("degrees of freedom such as 44 or 2,65", degrees_fault)
P_VALUE = _printed("a p value from 0 to 1, as printed", p_value_fault)
PARTICIPANTS = Cell(expected="a whole number of 1 or more, or words", fault=_participants)
STUDY = Cell(expected="1 to 64 of a-z 0-9 _ -, a letter or digit first", fault=_study_id)
STUDIES = Cell(expected="study_ids with ';' between", fault=_study_ids)
CLAIM = Cell(expected="1 to 64 letters, digits, _ or -", fault=_claim_id)
LINK = Cell(expected="an address that begins with http:// or https://", fault=_link)
