"""A saved SVG made fit to stand inside a page with others."""

from __future__ import annotations

import re

_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"<style type=\"text/css\">\*\{(.*?)\}</style>", re.DOTALL)
_ROOT = re.compile(r"<svg\b([^>]*)>")
_SIZE = re.compile(r"\s(?:width|height)=\"[^\"]*\"")
_NAME = re.compile(r"\bid=\"([^\"]+)\"")
_USE = re.compile(r"(href=\"#|url\(#)")
_BLANK = re.compile(r">\s+<")


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
