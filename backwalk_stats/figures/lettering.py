"""How wide a text is on paper, and how to make it fit: wrapped, or cut with an ellipsis."""

from __future__ import annotations

import re
from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font, LoadFlags

from backwalk_stats.figures.style import BODY_PT, FONT, POINT_MM

ELLIPSIS = "…"
_MEASURED_PT = 100.0
_WORD = re.compile(r"\(?n = \S+|\S+")  # a number of participants is never torn apart


def plain(text: object) -> str:
    r"""Return text that can be drawn: one line, every character in the font or a question mark.

    Examples
    --------
    >>> plain("a\x07b\nc"), plain("知 2021")
    ('a?b c', '? 2021')
    """
    known = _characters()
    spaced = (" " if letter in "\n\r\t\u2028\u2029" else letter for letter in str(text))
    return "".join(letter if ord(letter) in known else "?" for letter in spaced)


def width_mm(text: str, *, size: float = BODY_PT, bold: bool = False) -> float:
    """Return the printed width of one line in millimetres; `size` is in points.

    Examples
    --------
    >>> round(width_mm("backward", size=8), 1)
    13.6
    """
    return _width_at_measured_size(text, bold) * size / _MEASURED_PT


def shorten(text: str, width: float, *, size: float = BODY_PT, bold: bool = False) -> str:
    """Return a text cut to a width, an ellipsis in place of what was left out.

    Examples
    --------
    >>> shorten("backward walking and usual care", 20, size=8)
    'backward w…'
    """
    text = plain(text)
    if width_mm(text, size=size, bold=bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_mm(text[:middle].rstrip() + ELLIPSIS, size=size, bold=bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def wrap(
    text: str, width: float, *, size: float = BODY_PT, bold: bool = False, lines: int = 0
) -> list[str]:
    """Return a text broken into lines of at most a width in millimetres, one line at least.

    It is broken at spaces, and inside a word that is too long by itself. Of more than `lines` lines
    (0 is no limit) the last is cut with an ellipsis.

    Examples
    --------
    >>> wrap("backward walking and usual care", 30, size=8)
    ['backward walking', 'and usual care']
    >>> wrap("Received it (n = 29)", 25, size=8)
    ['Received it', '(n = 29)']
    """
    rest = _WORD.findall(plain(text))
    done: list[str] = []
    while rest:
        if lines and len(done) == lines - 1:
            done.append(shorten(" ".join(rest), width, size=size, bold=bold))
            return done
        line, rest = _first_line(rest, width, size, bold)
        done.append(line)
    return done or [""]


def _first_line(words: list[str], width: float, size: float, bold: bool) -> tuple[str, list[str]]:
    """Return the longest first line that fits, and the words that are left."""
    line = ""
    for place, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if width_mm(longer, size=size, bold=bold) > width:
            if line:
                return line, words[place:]
            return _break_word(word, words[place + 1 :], width, size, bold)
        line = longer
    return line, []


def _break_word(
    word: str, rest: list[str], width: float, size: float, bold: bool
) -> tuple[str, list[str]]:
    """Return what fits of a word that is too long for a line, and what is left."""
    cut = 1
    while cut < len(word) and width_mm(word[: cut + 1], size=size, bold=bold) <= width:
        cut += 1
    hyphen = max(word.rfind(mark, 1, cut) for mark in "-_/+")
    cut = hyphen + 1 if hyphen > 0 else cut
    left = [word[cut:]] if word[cut:] else []
    return word[:cut], [*left, *rest]


@lru_cache(maxsize=2)
def _font(bold: bool) -> FT2Font:
    """Return the face that the figures use."""
    weight = "bold" if bold else "normal"
    return get_font(findfont(FontProperties(family=FONT, weight=weight)))


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """Return the printable characters that the regular and the bold face both have."""
    both = set(_font(False).get_charmap()) & set(_font(True).get_charmap())
    return frozenset(code for code in both if chr(code).isprintable())


@lru_cache(maxsize=8192)
def _width_at_measured_size(text: str, bold: bool) -> float:
    """Return the width of a text in millimetres at the size that is measured."""
    font = _font(bold)
    font.set_size(_MEASURED_PT, 72)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 * POINT_MM
