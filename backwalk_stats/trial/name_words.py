"""Names of a trial file as words for readers: no underscores, acronyms in capitals."""

from __future__ import annotations

import re

_LISTED = (
    "adl bbs bmi bmd bp crp emg eq5d fabq frt fsst hads hoos hr "
    "id ikdc kl koos lefs mcs mmse mmst mri nprs nrs odi oks pcs "
    "phq psfs qbpds qol rmdq rom rpe sd sf sts tsk tug vas womac"
)
ACRONYMS = frozenset(_LISTED.split())
_DIGITS_FIRST = re.compile(r"(\d+)([a-z]+)")
_ENDS_IN_DIGITS = re.compile(r"([a-z]+)(\d+)")
_WALKS = ("mwt", "mbwt", "xsts", "scst")  # 6mwt, 3mbwt, 5xsts, 30scst


def in_words(name: str) -> str:
    """Return a name as words, the first with a capital.

    Examples
    --------
    >>> in_words("knee_pain"), in_words("kl_grade"), in_words("bmi"), in_words("W6")
    ('Knee pain', 'KL grade', 'BMI', 'W6')
    >>> in_words("pain-vas"), in_words("6mwt_distance"), in_words("SF12_pcs")
    ('Pain VAS', '6MWT distance', 'SF12 PCS')
    """
    text = plain_words(name)
    return text[:1].upper() + text[1:]


def plain_words(name: str) -> str:
    """Return a name as words that can stand inside a sentence.

    Examples
    --------
    >>> plain_words("knee_pain"), plain_words("quality_of_life"), plain_words("koos_qol")
    ('knee pain', 'quality of life', 'KOOS QOL')
    """
    return " ".join(_word(part) for part in re.split(r"[\s_-]+", name) if part) or name


def _word(part: str) -> str:
    """Return one part of a name, in capitals where it is a known acronym."""
    plain = part.casefold()
    led, trailed = _DIGITS_FIRST.fullmatch(plain), _ENDS_IN_DIGITS.fullmatch(plain)
    letters = trailed[1] if trailed else plain
    known = letters in ACRONYMS or (led is not None and led[2] in _WALKS)
    return part.upper() if known else part
