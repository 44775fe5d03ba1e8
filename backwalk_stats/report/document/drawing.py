"""A drawn figure becomes a block: saved once as SVG and once as PNG, with the words for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from backwalk_stats.figures import page
from backwalk_stats.figures.page import save_png, save_svg
from backwalk_stats.figures.panel import TooNarrowError, is_flexible
from backwalk_stats.report.document.document import FigureBlock
from backwalk_stats.report.document.text import slug

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd
    from matplotlib.figure import Figure

_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"<style type=\"text/css\">\*\{.*?\}</style>", re.DOTALL)
_ROOT = re.compile(r"<svg\b([^>]*)>")
_SIZE = re.compile(r"\s(?:width|height|version|xmlns|xmlns:xlink)=\"[^\"]*\"")
_NAME = re.compile(r"\sid=\"([^\"]+)\"")
_USE = re.compile(r"(?:href=\"|url\()#([^\")]+)")
_HREF = re.compile(r"(href=\"#|url\(#)")
_BLANK = re.compile(r">\s+<")
_TAG = re.compile(r"(<[^>]+>)")
# An outline of a letter, as matplotlib writes it, and a letter set at its place.
_GLYPH = re.compile(
    r"<path id=\"([\w.]+-[\w-]*[0-9a-f]+)\" ([^>]*? transform=\"scale\(0.015625\)\")/>"
)
_PLACED = re.compile(r"<use xlink:href=\"#([^\"]+)\"(?: transform=\"translate\(([-\d.]+) 0\)\")?/>")
_LETTER = "letter_"
_PATH = re.compile(r"\bd=\"([^\"]*)\"")
_PLACES = re.compile(r"translate\([^)]*\)|\s(?:x|y|width|height|viewBox)=\"[^\"]*\"")
_NUMBER = re.compile(r"(?<![\w.])-?\d*\.\d+(?:e-?\d+)?")
_AROUND = re.compile(r"\s*([A-Za-z])\s*|\s+")
_STYLED = re.compile(r"style=\"[^\"]*\"")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
# The inks of the figures (`figures.page`) by the names of their variables in report.css.
INKS = {
    page.INK.lower(): "ink",
    page.GREY.lower(): "soft",
    page.MID.lower(): "third",
    page.PALE.lower(): "line",
    page.FAINT.lower(): "span",
    page.PALE_BLUE.lower(): "pale",
    page.BLUE.lower(): "forward",
    page.BLUE_WORDS.lower(): "forward-words",
    page.VERMILLION.lower(): "backward",
    "#ffffff": "paper",
}
TINTED = tuple(
    ink.lower() for ink in (page.INK, page.BLUE, page.VERMILLION, page.FAINT, page.BLUE_WORDS)
)
TOLERANCE = 5  # of 255, by which a tint may be off


def picture(
    figure: ModuleType,
    *frames: pd.DataFrame | None,
    name: str,
    caption: str,
    shown: Mapping[str, Any] | None = None,
    narrow: bool = False,
    **told: Any,  # noqa: ANN401
) -> FigureBlock:
    """Return a figure as a block of a report.

    `figure` is a file of `backwalk_stats.figures`: the function of its own name draws, `alt_text`
    gives the words for who cannot see it. Both are given `frames` and `told`; `shown` is what is
    drawn and not in the words, such as the points of single participants. The name, made safe,
    becomes that of the file. Panels are drawn once more for a narrow screen, and so is a figure
    with a `narrow` form of its own.
    """
    draw = getattr(figure, figure.__name__.rpartition(".")[2])
    asked = {**told, **(shown or {})}
    drawn = draw(*frames, **asked)
    return FigureBlock(
        name=slug(name).replace("-", "_"),
        svg=save_svg(drawn),
        png=save_png(drawn),
        caption=caption,
        alt=figure.alt_text(*frames, **told),
        narrow=_narrow(draw, frames, {**asked, "narrow": True} if narrow else asked, drawn, narrow),
    )


def _narrow(
    draw: Callable[..., Figure],
    frames: tuple[pd.DataFrame | None, ...],
    asked: Mapping[str, Any],
    wide: Figure,
    own: bool,
) -> bytes:
    """Return the form for narrow screens; nothing where a figure has none."""
    if not own and not is_flexible(wide):
        return b""
    try:
        with page.narrow_page():
            return save_svg(draw(*frames, **asked))
    except TooNarrowError:
        return b""  # a reader moves the wide form aside, in its own size


# Saved SVGs made fit to stand in one page: each letter once, no name twice, the page's own inks.


class PagePictures:
    """The pictures of one page, and the outlines of letters that they share.

    A drawing program writes every letter that a picture uses into the picture. In a page of thirty
    pictures the same outlines would come thirty times: here they are collected, stand once in
    `letters`, and every picture refers to them.
    """

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}  # outline to its short name

    def markup(self, svg: bytes, prefix: str) -> str:
        """Return an SVG for the page: own names for its parts, no size of its own.

        Two pictures drawn by one program use the same names inside; in one page the second would
        show parts of the first: the prefix (letters, digits and hyphens) is another for each. The
        words for the picture stand beside it, as its alternative text; its letters are outlines.

        Examples
        --------
        >>> PagePictures().markup(b'<svg width="9pt"><use href="#a"/><path id="a"/></svg>', "f1")
        '<svg aria-hidden="true" focusable="false"><use href="#f1-a"/><path id="f1-a"/></svg>'
        """
        text = _BLANK.sub("><", _PROLOGUE.sub("", svg.decode("utf-8"))).strip()
        text = self._without_letters(_STYLE.sub("", text))
        used = set(_USE.findall(text))
        text = _NAME.sub(lambda found: found[0] if found[1] in used else "", text)
        text = _HREF.sub(rf"\g<1>{prefix}-", _NAME.sub(rf' id="{prefix}-\g<1>"', text))
        text = text.replace(f"#{prefix}-{_LETTER}", f"#{_LETTER}").replace("xlink:href", "href")
        return _in_page_inks(_ROOT.sub(_root, _without_idle_groups(_short(text)), count=1))

    def letters(self) -> str:
        """Return the outlines that the pictures refer to, as one SVG that shows nothing."""
        outlines = "".join(
            f'<path id="{name}" {outline}/>' for outline, name in self._letters.items()
        )
        hidden = 'aria-hidden="true" focusable="false" width="0" height="0"'
        return f'<svg class="letters" {hidden}><defs>{outlines}</defs></svg>' if outlines else ""

    def _without_letters(self, text: str) -> str:
        """Return a picture whose letters are those of the page."""
        names: dict[str, str] = {}

        def kept(found: re.Match[str]) -> str:
            outline = _PATH.sub(_path, found[2])
            short = self._letters.setdefault(outline, f"{_LETTER}{len(self._letters)}")
            names[found[1]] = short
            return ""

        text = _GLYPH.sub(kept, text).replace("<defs></defs>", "")
        return _PLACED.sub(
            lambda found: _letter(names[found[1]], found[2]) if found[1] in names else found[0],
            text,
        )


def _letter(name: str, across: str | None) -> str:
    """Return a letter at its place in a line."""
    return f'<use href="#{name}"/>' if across is None else f'<use href="#{name}" x="{across}"/>'


def _short(text: str) -> str:
    """Return markup with numbers to two decimals, which no eye tells from six."""
    text = _PATH.sub(_path, text)
    text = _PLACES.sub(lambda found: _NUMBER.sub(_rounded, found[0]), text)
    return _STYLED.sub(lambda found: found[0].replace(": ", ":").replace("; ", ";"), text)


def _path(found: re.Match[str]) -> str:
    """Return the data of a path in few letters."""
    short = _NUMBER.sub(_rounded, found[1]).strip()
    return f'd="{_AROUND.sub(lambda gap: gap[1] or " ", short)}"'


def _rounded(found: re.Match[str]) -> str:
    """Return a number to two decimals, without zeros that say nothing."""
    short = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _without_idle_groups(text: str) -> str:
    """Return markup without groups that change nothing."""
    kept, idle = [], []
    for piece in _TAG.split(text.replace("<g/>", "")):
        if piece.startswith(("<g ", "<g>")) and not piece.endswith("/>"):
            idle.append(piece.replace(" ", "") == "<g>")
            if idle[-1]:
                continue
        elif piece == "</g>" and idle.pop():
            continue
        kept.append(piece)
    return "".join(kept)


def _in_page_inks(text: str) -> str:
    """Return a picture in the page's own inks and their tints, which a dark page changes.

    A picture with a colour that is neither stays as it was drawn, on white.
    """
    known = {colour: _page_ink(colour) for colour in set(_COLOUR.findall(text))}
    if not all(known.values()):
        return text.replace("<svg ", '<svg class="on-white" ', 1)
    return _COLOUR.sub(lambda found: known[found[0]], text)


def _page_ink(colour: str) -> str:
    """Return a colour as the page says it; "" where it is neither an ink nor the tint of one.

    >>> _page_ink("#16191d"), _page_ink("#8b8c8e"), _page_ink("#00ff00")
    ('var(--ink)', 'color-mix(in srgb,var(--ink) 50%,var(--paper))', '')
    """
    if colour in INKS:
        return f"var(--{INKS[colour]})"
    wanted = _parts(colour)
    for ink in TINTED:
        most = [255 - part for part in _parts(ink)]
        share = sum(255 - part for part in wanted) / sum(most)
        tint = [255 - share * part for part in most]
        if share < 1 and max(abs(a - b) for a, b in zip(tint, wanted, strict=True)) <= TOLERANCE:
            return f"color-mix(in srgb,var(--{INKS[ink]}) {share:.0%},var(--paper))"
    return ""


def _parts(colour: str) -> list[int]:
    """Return red, green and blue of a colour, each from 0 to 255."""
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _root(found: re.Match[str]) -> str:
    """Return the opening tag without a size, so that the page decides how wide it is."""
    attributes = _SIZE.sub("", found.group(1))
    return f'<svg{attributes} aria-hidden="true" focusable="false">'


def size_of(svg: bytes) -> tuple[float, float]:
    """Return width and height of a saved SVG, in its own units (points).

    Examples
    --------
    >>> size_of(b'<svg viewBox="0 0 481.9 200">')
    (481.9, 200.0)
    """
    found = re.search(rb"viewBox=\"0 0 ([\d.]+) ([\d.]+)\"", svg)
    if found is None:
        raise ValueError("the SVG has no viewBox that begins at 0 0")
    return float(found.group(1)), float(found.group(2))
