"""Text from data made fit to be set: no control characters, no hidden changes of direction."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from backwalk_stats.tables.numbers import parted

# A right-to-left override in a label can make a number read backwards; a NUL ends a document.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_SPACES = re.compile(r"[ \t\r\n\u2028\u2029]+")
_LONG = re.compile(r"\S{19,}")
_AFTER = re.compile(r"(?<=[_/.,;:@=&?+\-])(?=[^\s\d])")
_MINUS = re.compile(r"(?<![^\s(\[=,;:“‘/])-(?=\.?\d)")
_POWER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]?\d{1,3})(?!\w)")
_KEPT = re.compile(r"\bp [<=>] \d|I² \d|[\d.]+ to [−\d]|\d points\b")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEFT_OUT = re.compile(r"(rows left out); missing values: [\w ,]+$")
ZERO_WIDTH_SPACE = "\u200b"
UNBROKEN = 18
_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
LONGEST = 60


def clean(text: str) -> str:
    r"""Return text without control characters, runs of white space made one space.

    Examples
    --------
    >>> clean("a\x1b[31m\n b\u202e!")
    'a�[31m b�!'
    """
    return _SPACES.sub(" ", _UNSEEN.sub("\ufffd", text)).strip(" ")


def typeset(text: str) -> str:
    """Return a text in which numbers have a true minus sign, and powers of ten no letter.

    For what this project says; what a paper printed is shown as it was printed.

    Examples
    --------
    >>> typeset("g = -0.20 (-0.38 to -0.02), p = 5.48e-07"), typeset("a 3-arm trial, 2019-20")
    ('g = −0.20 (−0.38 to −0.02), p = 5.48 × 10⁻⁷', 'a 3-arm trial, 2019-20')
    """
    return _MINUS.sub("−", _POWER.sub(_with_power_of_ten, text))


def _with_power_of_ten(found: re.Match[str]) -> str:
    """Return a number that was written with the letter e."""
    return f"{found[1]} × 10{str(int(found[2])).translate(_RAISED)}"


def unbroken(text: str) -> str:
    """Return a text in which a p-value, an interval and a number with its sign stay on one line.

    Examples
    --------
    >>> unbroken("p = 0.055 (0.02 to 0.11)").replace("\N{NO-BREAK SPACE}", "_")
    'p_=_0.055 (0.02_to_0.11)'
    """
    return _KEPT.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def breakable(text: str) -> str:
    r"""Return text in which a long word may break: a typesetter that cannot lets it run out.

    Examples
    --------
    >>> breakable("short words stay")
    'short words stay'
    >>> breakable("retro_walking_programme_of_six_weeks").replace("\u200b", "|")
    'retro_|walking_|programme_|of_|six_|weeks'
    """
    return _LONG.sub(lambda word: _broken(word.group()), text)


def _broken(word: str) -> str:
    """Return one long word with places to break after its joints, and in long stretches."""
    parts = _AFTER.split(word)
    pieces = [part[i : i + UNBROKEN] for part in parts for i in range(0, len(part), UNBROKEN)]
    return ZERO_WIDTH_SPACE.join(pieces)


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital first, unless it begins with a symbol, a stop last.

    Examples
    --------
    >>> sentence("agrees within rounding"), sentence("p lies outside."), sentence("")
    ('Agrees within rounding.', 'p lies outside.', '')
    """
    if not text:
        return ""
    first = text.split(" ", maxsplit=1)[0]
    is_word = len(first) > 1 or first == "a"
    begun = text[0].upper() + text[1:] if is_word else text
    return begun if begun.endswith((".", "!", "?", "…")) else f"{begun}."


def note_text(note: str) -> str:
    """Return a note of an analysis as a sentence, in which no column is called by its code.

    Examples
    --------
    >>> note_text("conf_low is not known")
    'The lower limit is not known.'
    >>> note_text("19 of 120 rows left out; missing values: value 19")
    '19 of 120 rows left out because a value is missing.'
    """
    plain = _LEFT_OUT.sub(r"\1 because a value is missing", note)
    plain = plain.replace("conf_low", "the lower limit").replace("conf_high", "the upper limit")
    return sentence(plain)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "finding"), plural(3, "finding"), plural(2, "study", "studies")
    ('1 finding', '3 findings', '2 studies')
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"


# Names of the places in a report that links lead to.


def slug(text: str) -> str:
    """Return a text as lower-case letters, digits and hyphens, safe in a file name and an address.

    Examples
    --------
    >>> slug("../../Etc: NRS week 6"), slug("<script>"), slug("‽")
    ('etc-nrs-week-6', 'script', 'x')
    """
    return _NOT_ALLOWED.sub("-", text.lower()).strip("-")[:LONGEST].strip("-") or "x"


def finding_anchors(finding_ids: Iterable[str]) -> tuple[str, ...]:
    """Return one anchor for every row of a ledger, no two alike.

    The first row of a finding carries the plain anchor, later rows of the same finding a number.
    Two findings whose names differ only in signs get different anchors too.

    Examples
    --------
    >>> finding_anchors(["chen2021:7", "chen2021:7", "chen2021-7"])
    ('finding-chen2021-7', 'finding-chen2021-7--2', 'finding-chen2021-7--3')
    """
    anchors: list[str] = []
    used: dict[str, int] = {}
    for finding_id in finding_ids:
        name = f"finding-{slug(finding_id)}"
        used[name] = used.get(name, 0) + 1
        anchors.append(name if used[name] == 1 else f"{name}--{used[name]}")
    return tuple(anchors)


def first_anchors(finding_ids: Iterable[str]) -> dict[str, str]:
    """Return, for every finding, the anchor of its first row.

    Examples
    --------
    >>> first_anchors(["a:1", "a:1", "a-1"])
    {'a:1': 'finding-a-1', 'a-1': 'finding-a-1--3'}
    """
    names = tuple(finding_ids)
    first: dict[str, str] = {}
    for finding_id, anchor in zip(names, finding_anchors(names), strict=True):
        first.setdefault(finding_id, anchor)
    return first


def study_anchors(study_ids: Iterable[str], prefix: str) -> dict[str, str]:
    """Return an anchor for every study, no two alike.

    Examples
    --------
    >>> study_anchors(["a_b", "a-b"], prefix="study")
    {'a_b': 'study-a-b', 'a-b': 'study-a-b--2'}
    """
    used: dict[str, int] = {}
    anchors: dict[str, str] = {}
    for study_id in dict.fromkeys(study_ids):
        name = f"{prefix}-{slug(study_id)}"
        used[name] = used.get(name, 0) + 1
        anchors[study_id] = name if used[name] == 1 else f"{name}--{used[name]}"
    return anchors


def plain_number(value: float) -> str:
    r"""Return a declared number as a reader writes it, without a power of ten.

    Examples
    --------
    >>> plain_number(3000000.0), plain_number(0.02), plain_number(-180.0), plain_number(0.00001)
    ('3\u202f000\u202f000', '0.02', '-180', '0.00001')
    """
    return parted(np.format_float_positional(float(value), trim="-"))
