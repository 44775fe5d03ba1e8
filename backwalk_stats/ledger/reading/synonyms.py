"""Reads the words of a free text through the one table of spellings."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from backwalk_stats.ledger.reading.spellings import SYNONYMS
from backwalk_stats.ledger.reading.vocabulary import PLAIN, PLAIN_OF_DESIGNS

_LEVEL = re.compile(
    r"(?<![\d.])(\d{2}(?:\.\d+)?)\s?(?:%|per\s?cent)[\s-]*"
    r"(?:CIs?\b|confidence|intervals?|LCL|UCL|limits)"
    r"|\bCI[\s_-]?(\d{2}(?:\.\d+)?)\b"
    r"|\bconfidence (?:level|coefficient)\D{0,12}(0?\.\d+|\d{2}(?:\.\d+)?)",
    re.IGNORECASE,
)


@cache
def _patterns(field: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (value, re.compile("|".join(spellings), re.IGNORECASE))
        for of, value, spellings in SYNONYMS
        if of == field
    )


def words_said(field: str, text: str) -> tuple[str, ...]:
    """Return every word of a field that a text says, each once, in the order of the table.

    >>> words_said("sides", "two-sided; one-tailed for pain"), words_said("scale", "log odds ratio")
    (('one', 'two'), ('log ratio',))
    """
    found = []
    for value, pattern in _patterns(field):
        text, count = pattern.subn(" | ", text)
        if count and value not in found:
            found.append(value)
    return tuple(found)


def blanked(field: str, text: str) -> str:
    """Return a text without the words of a field."""
    for _, pattern in _patterns(field):
        text = pattern.sub(" | ", text)
    return text


def word_read(field: str, *texts: str) -> str:
    """Return the word of a field that the first text to say any says; "" where it says two.

    >>> word_read("scale", "HR", "odds ratio"), word_read("scale", "sway area")
    ('hazard ratio', '')
    """
    for text in texts:
        found = words_said(field, text)
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def level_read(*texts: str) -> str:
    """Return the level of an interval, in percent, that the texts say; "" where they differ.

    >>> level_read("mean difference (90% CI)"), level_read("CI95", "99 per cent confidence")
    ('90', '')
    """
    found = {
        f"{float(one) * (100 if float(one) < 1 else 1):g}"
        for text in texts
        for match in _LEVEL.finditer(text)
        for one in match.groups()
        if one
    }
    return found.pop() if len(found) == 1 else ""


# The fields of the table that are read of an arm alone, not of a comparison.
OF_SCORES = ("scores", "spread", "kept")
_WORD = re.compile(r"[^\W\d_]{3,}")


@lru_cache(maxsize=4096)
def not_understood(
    text: str, *, of_scores: bool = False, of_design: bool = False
) -> tuple[str, ...]:
    """Return the words of a text that neither the table of synonyms nor the plain words hold.

    >>> not_understood("independent t-test, two-sided"), not_understood("women only, weighted")
    ((), ('women', 'only', 'weighted'))
    """
    left = text
    plain = PLAIN_OF_DESIGNS if of_design else PLAIN
    for field in dict.fromkeys(field for field, _, _ in SYNONYMS):
        if of_scores or field not in OF_SCORES:
            left = blanked(field, left)
    return tuple(dict.fromkeys(w.lower() for w in _WORD.findall(left) if w.lower() not in plain))
