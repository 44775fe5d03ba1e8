"""A drawn figure becomes a block: saved once as SVG and once as PNG, with the words for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backwalk_stats.figures.page import save_png, save_svg
from backwalk_stats.report.document.document import FigureBlock
from backwalk_stats.report.document.text import slug

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd

_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"<style type=\"text/css\">\*\{(.*?)\}</style>", re.DOTALL)
_ROOT = re.compile(r"<svg\b([^>]*)>")
_SIZE = re.compile(r"\s(?:width|height)=\"[^\"]*\"")
_NAME = re.compile(r"\bid=\"([^\"]+)\"")
_USE = re.compile(r"(href=\"#|url\(#)")
_BLANK = re.compile(r">\s+<")


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
    becomes that of the file. A figure with a `narrow` form is drawn in that form as well.
    """
    draw = getattr(figure, figure.__name__.rpartition(".")[2])
    drawn = draw(*frames, **told, **(shown or {}))
    return FigureBlock(
        name=slug(name).replace("-", "_"),
        svg=save_svg(drawn),
        png=save_png(drawn),
        caption=caption,
        alt=figure.alt_text(*frames, **told),
        narrow=save_svg(draw(*frames, **told, **(shown or {}), narrow=True)) if narrow else b"",
    )


# A saved SVG made fit to stand inside a page with others.


def inline_svg(svg: bytes, prefix: str) -> str:
    """Return an SVG for a page: own names for its parts, no size of its own, hidden from readers.

    Two pictures drawn by one program use the same names inside; in one page the second would show
    parts of the first: the prefix (letters, digits and hyphens) is another for each. The words for
    the picture stand beside it, as its alternative text; its letters are outlines.

    Examples
    --------
    >>> inline_svg(b'<svg width="9pt"><use href="#a"/><g id="a"/></svg>', "f1")
    '<svg aria-hidden="true" focusable="false"><use href="#f1-a"/><g id="f1-a"/></svg>'
    """
    text = _BLANK.sub("><", _PROLOGUE.sub("", svg.decode("utf-8"))).strip()
    text = _USE.sub(rf"\g<1>{prefix}-", _NAME.sub(rf'id="{prefix}-\g<1>"', text))
    text = _STYLE.sub(rf"<style>.{prefix} *{{\g<1>}}</style>", text)
    return _ROOT.sub(_root, text, count=1)


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
