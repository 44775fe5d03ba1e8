"""Text as it was pasted, made plain for reading, with the way back to what was printed."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

# What stands after these is no new sentence.
_ABBREVIATION = re.compile(r"(?:\b(?:vs|cf|e\.g|i\.e|Fig|Figs|Tab|No|approx|resp|al)\.)$")
_SENTENCE_END = re.compile(r"[.!?][)\]\u201d\"']?\s+(?=[A-Z\u00c4\u00d6\u00dc(\[*])|\n\n+")
_MINUS = dict.fromkeys(map(ord, "\u2212\ufe63\uff0d\u2010\u2011\u2012\u207b\u208b"), "-")
_LOOKALIKES = str.maketrans(
    {
        **{chr(code): sign for code, sign in _MINUS.items()},
        "\u2014": "\u2013",
        "\u2015": "\u2013",
        "\uff1d": "=",
        "\uff1c": "<",
        "\uff1e": ">",
        "\u2a7d": "\u2264",
        "\u2266": "\u2264",
        "\u2a7e": "\u2265",
        "\u2267": "\u2265",
        "\u2236": ":",
        "\u0425": "X",
        "\u03a7": "\u03c7",
        "\uab53": "\u03c7",
        "\u03d1": "\u03b8",
        "\u00df": "\u03b2",
        "\u2019": "'",
        "\u02d9": ".",
    }
)
_SUPERSCRIPT = {"\u00b2": "2", "\u00b9": "1", "\u00b3": "3"} | {
    chr(0x2070 + digit): str(digit) for digit in (0, 4, 5, 6, 7, 8, 9)
}
_SUBSCRIPT = {chr(0x2080 + digit): str(digit) for digit in range(10)} | {"\u209a": "p"}
_LATEX = {
    "chi": "\u03c7", "eta": "\u03b7", "beta": "\u03b2", "rho": "\u03c1", "tau": "\u03c4",
    "alpha": "\u03b1", "pm": "\u00b1", "le": "\u2264", "leq": "\u2264", "ge": "\u2265",
    "geq": "\u2265", "lt": "<", "gt": ">", "times": "\u00d7", "approx": "\u2248",
    "Delta": "\u0394", "omega": "\u03c9", "kappa": "\u03ba",
}  # fmt: skip
_AFTER_SIGN = re.compile(r"[=<>\u2264\u2265\u00b1]\s*[-\u2013]?\s*(\d*,\d+)(?!\d|[.,]\d)")
_CLEAR_COMMA = re.compile(
    r"\d,\d+\s?%|(?<![\d.,])0,\d{2,}(?!\d|,\d)|\d,\d{1,2}\s(?:to|bis)\s[-\u2013]?\d+,\d{1,2}(?!\d)"
)
_F_DEGREES = re.compile(r"(?<![\w.])F\s*[(\[]\s*[^()\[\]]{1,24}[)\]]")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainText:
    """A text in plain signs: one minus, one kind of space, points as decimal marks.

    Attributes
    ----------
    original : str
        As it was given.
    text : str
        What patterns are searched in.
    first, last : tuple of int
        For each character of `text`, the part of `original` that it stands for.
    sentences : tuple of (int, int)
        Start and end of each sentence of `text`.
    """

    original: str
    text: str
    first: tuple[int, ...]
    last: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...]

    def printed(self, start: int, end: int) -> str:
        """Return what was printed between two places of `text`, its spaces folded."""
        if end <= start:
            return ""
        return " ".join(self.original[self.first[start] : self.last[end - 1]].split())

    def sentence_at(self, place: int) -> tuple[int, int]:
        """Return start and end of the sentence that holds a place of `text`."""
        nearest = bisect_right(self.sentences, (place, len(self.text) + 1)) - 1
        return self.sentences[max(nearest, 0)]


class _Draft:
    """A text under change, each character with its place in the original."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.first = list(range(len(text)))
        self.last = list(range(1, len(text) + 1))

    def change(self, pattern: str | re.Pattern[str], new: str | Callable[..., str]) -> None:
        parts: list[str] = []
        first: list[int] = []
        last: list[int] = []
        end = 0
        for found in re.finditer(pattern, self.text):
            text = found.expand(new) if isinstance(new, str) else new(found)
            start, stop = found.span()
            parts += [self.text[end:start], text]
            if stop > start:
                first += self.first[end:start] + [self.first[start]] * len(text)
                last += self.last[end:start] + [self.last[stop - 1]] * len(text)
            end = stop
        self.text = "".join([*parts, self.text[end:]])
        self.first = first + self.first[end:]
        self.last = last + self.last[end:]


def plain_text(original: str) -> PlainText:
    r"""Return a text in plain signs.

    Tags, entities, LaTeX and Markdown around letters, typographic minus signs and spaces, line
    breaks within a sentence, decimal commas and raised or lowered digits are undone.

    Parameters
    ----------
    original : str
        As pasted.

    Returns
    -------
    PlainText
        The plain text, with the place of each character in the original.

    Examples
    --------
    >>> plain_text("*t*(28)&nbsp;= \u22122,20; P\u2009&lt; 0,05").text
    't(28) = -2.20; P < 0.05'
    >>> plain_text("t(15) =\n2.49").text
    't(15) = 2.49'
    """
    draft = _Draft(original.replace("\x00", " "))
    _without_markup(draft)
    _plain_signs(draft)
    _joined_lines(draft)
    sentences = _sentences(draft.text)
    text = _with_points(draft.text, sentences)
    return PlainText(
        original=original,
        text=text,
        first=tuple(draft.first),
        last=tuple(draft.last),
        sentences=sentences,
    )


def _without_markup(draft: _Draft) -> None:
    if "<" in draft.text:
        if re.search(r"</(?:script|style)|-->", draft.text):
            draft.change(r"(?s)<(script|style)\b.*?</\1\s*>|<!--.*?-->", "")
        draft.change(r"(?i)<sup>\s*2\s*</sup>", "2")
        draft.change(r"(?i)(?<=10)<sup>\s*([-\u2212\u2013]?\d+)\s*</sup>", r"^\1")
        draft.change(r"(?i)<sup>[^<]{0,12}</sup>", "")
        draft.change(r"(?i)<sub>\s*([^<]{1,16}?)\s*</sub>", r"_\1")
        draft.change(r"(?i)</(?:p|div|li|tr|table|caption|h[1-6]|td|th)\s*>", "\n\n")
        draft.change(r"(?i)<br\s*/?>", " ")
        draft.change(r"</?[A-Za-z][A-Za-z0-9:-]*(?:\s[^<>]*)?/?>", "")
    draft.change(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});", _entity)
    if "\\" in draft.text or "$" in draft.text:
        draft.change(r"\\(?:text|mathit|mathrm|textit|emph)\{([^{}]*)\}", r"\1")
        draft.change(r"\\([A-Za-z]+)(?![A-Za-z])", _latex)
        draft.change(r"\\[,;!: ]|(?<!\\)\$|\{,\}|\\(?=[%$_])", " ")
    draft.change(r"_\{([^{}]{1,16})\}", r"_\1")
    draft.change(r"\^\{?2\}?\^?", "2")
    draft.change(
        r"(?<![\w*])(\*{1,2}|_)([A-Za-z\u03b1-\u03c9]{1,3}[\u00b22]?)\1(?![A-Za-z*])", r"\2"
    )


def _entity(found: re.Match[str]) -> str:
    return html.unescape(found.group(0))


def _latex(found: re.Match[str]) -> str:
    return _LATEX.get(found.group(1), found.group(0))


def _plain_signs(draft: _Draft) -> None:
    draft.change("[\U0001d400-\U0001d7ff\ufb00-\ufb06]", _compatible)
    draft.text = draft.text.translate(_LOOKALIKES)
    draft.change("[\u200b\u200c\u200d\u2060\ufeff\u00ad]", "")
    draft.change(r"[^\S\n]+", " ")
    draft.change(r"(?<=[\d=<>\s])[\u00b7\u2219\u22c5](?=\d)", ".")
    draft.change(r"(?<=10)(-?)([\u00b9\u00b2\u00b3\u2070-\u2079]+)", _raised_power)
    draft.change(r"(?<=[A-Za-z\u03b1-\u03c9_])\u00b2", "2")
    draft.change(r"[\u00b9\u00b2\u00b3\u2070-\u2079\u1d43-\u1d5b]+", "")
    draft.change(r"[\u2080-\u2089\u209a]+", _lowered)
    draft.change(r"\u03c7\s+2(?=\s*[(\[_=<>,])", "\u03c72")


def _compatible(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found.group(0))


def _raised_power(found: re.Match[str]) -> str:
    return "^" + found.group(1) + "".join(_SUPERSCRIPT[sign] for sign in found.group(2))


def _lowered(found: re.Match[str]) -> str:
    return "_" + "".join(_SUBSCRIPT[sign] for sign in found.group(0))


def _joined_lines(draft: _Draft) -> None:
    draft.change(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n")
    draft.change(r"(?<=[\s=<>(-]0\.)\n[ \t]*(?=\d)", "")
    # PDF readers part a number behind its point: `p = 0. 036`.
    draft.change(r"(?<=[=<>\u2264\u2265])(\s?[-\u2013]?\d{1,3}\.) (?=\d{1,4}\s?[,;)\]])", r"\1")
    draft.change(r"(?<=[=<>\u2264\u2265])(\s?0\.) (?=\d{2,4}\b)", r"\1")
    draft.change(r"(?<=[=<>(\[,;] -)\s*\n\s*(?=[\d.])", "")
    draft.change(r"[ ]*\n(?:[ ]*\n)+[ ]*", "\n\n")
    draft.change(r"(?<!\n)[ ]*\n[ ]*(?!\n)", " ")


def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    cuts = [0]
    for found in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[: found.start() + 1][-12:]):
            cuts.append(found.end())
    return tuple(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _with_points(text: str, sentences: tuple[tuple[int, int], ...]) -> str:
    """Write decimal commas as points; the text keeps its length.

    `= 0,05` and `= ,05` are decimal whatever stands around them. Elsewhere a comma between digits
    is decimal in a sentence that has such a number behind a sign and no decimal point at all.
    """
    signs = list(text)
    for found in re.finditer(r"[=<>\u2264\u2265\u00b1]\s*[-\u2013]?\s*0?(,)\d+(?!\d|,\d)", text):
        signs[found.start(1)] = "."
    for start, end in sentences:
        part = text[start:end]
        if re.search(r"\d\.\d|(?<![\d.])\.\d", part) or not _speaks_in_commas(part):
            continue
        kept = {
            start + found.start() + place
            for found in _F_DEGREES.finditer(part)
            for place in _separators(found.group(0))
        }
        for comma in re.finditer(r"(?<=\d),(?=\d)", part):
            if start + comma.start() not in kept:
                signs[start + comma.start()] = "."
    return "".join(signs)


def _speaks_in_commas(part: str) -> bool:
    clear = [found.group(1) for found in _AFTER_SIGN.finditer(part)]
    if _CLEAR_COMMA.search(part):
        return True
    return any(not re.fullmatch(r"[1-9]\d{0,2},\d{3}", number) for number in clear)


def _separators(degrees: str) -> list[int]:
    """Return the places of commas that part the two df of an F: `F(2,57)`, not `F(1,5; 42,3)`."""
    if ";" in degrees or re.search(r",\s", degrees):
        return [found.start() for found in re.finditer(r",(?=\s)", degrees)]
    commas = [found.start() for found in re.finditer(",", degrees)]
    return commas if len(commas) == 1 else commas[1:2]
