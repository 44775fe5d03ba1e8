"""How a workbook shows its cells: as per cent, money, a date or a time, or struck through."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass

from backwalk_stats.loaders.sheets.workbook_xml import walk

STYLES = "xl/styles.xml"
# Formats that every .xlsx has by number (ECMA-376, part 1, 18.8.30).
BUILT_IN = {
    **dict.fromkeys((9, 10), "percent"),
    **dict.fromkeys((5, 6, 7, 8, 42, 44), "currency"),
    **dict.fromkeys((14, 15, 16, 17, 22), "date"),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time"),
}
# What is no sign of a kind: text in quotation marks, an escaped sign, a colour or condition.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?:[a-z]{3,}\d*|[<>=][^\]]*)\]', re.IGNORECASE)
# A sign of money, in quotation marks or in brackets too; "[$-409]" names a language alone.
_MONEY = re.compile(r"\[\$[^\]\-]|(?<!\[)[$€£¥₹]")
_WORDS = re.compile(r'"[^"]{2,}"')
OPEN_DOCUMENT = {"percentage": "percent", "currency": "currency", "date": "date", "time": "time"}
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "


@dataclass(frozen=True, kw_only=True, slots=True)
class CellStyle:
    """How cells of a style are shown: a kind of format ("" for a plain one), struck through."""

    kind: str = ""
    struck: bool = False


def format_kind(code: str) -> str:
    """Return the kind of a number format by its code.

    >>> [format_kind(code) for code in ("0.0%", "[$€-407] 0.00", "yyyy-mm-dd", "[h]:mm", "0.00")]
    ['percent', 'currency', 'date', 'time', '']
    >>> format_kind('0.0 "% of all"'), format_kind("General"), format_kind("[Red]0")
    ('', '', '')
    """
    first = code.partition(";")[0]
    if _MONEY.search(_WORDS.sub("", first)):
        return "currency"
    plain = _LITERAL.sub("", first).casefold()
    if "general" in plain or plain == "@":
        return ""
    if "%" in plain:
        return "percent"
    if "y" in plain or "d" in plain:
        return "date"
    if "h" in plain or "s" in plain:
        return "time"
    return "date" if "m" in plain else ""


def workbook_styles(archive: zipfile.ZipFile, *, file: str) -> list[CellStyle]:
    """Return the styles of the cells of an .xlsx, which cells name by number from 0."""
    codes: dict[int, str] = {}
    fonts: list[bool] = []
    found: list[CellStyle] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        parent = inside[-1] if inside else ""
        inside.append(name)
        if name == "numFmt" and parent == "numFmts":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "font" and parent == "fonts":
            fonts.append(False)
        elif name == "strike" and parent == "font" and fonts:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        elif name == "xf" and parent == "cellXfs":
            identity, font = (_number(attributes.get(key)) for key in ("numFmtId", "fontId"))
            kind = format_kind(codes[identity]) if identity in codes else BUILT_IN.get(identity, "")
            found.append(CellStyle(kind=kind, struck=font < len(fonts) and fonts[font]))

    def end(_: str) -> None:
        inside.pop()

    if STYLES in archive.namelist():
        with archive.open(STYLES) as stream:
            walk(stream, file=file, start=start, end=end)
    return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def struck_styles(archive: zipfile.ZipFile, *, file: str) -> frozenset[str]:
    """Return the names of the cell styles of an .ods that strike through what they show."""
    parents: dict[str, str] = {}
    lined: dict[str, bool] = {}
    current = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal current
        if name == "style":
            is_cell = attributes.get(STYLE + "family") == "table-cell"
            current = attributes.get(STYLE + "name", "") if is_cell else ""
            parents[current] = attributes.get(STYLE + "parent-style-name", "")
        elif name == "text-properties" and current:
            line = attributes.get(STYLE + "text-line-through-style")
            line = line or attributes.get(STYLE + "text-line-through-type")
            if line is not None:
                lined[current] = line != "none"

    def end(name: str) -> None:
        nonlocal current
        current = "" if name == "style" else current

    for part in ("styles.xml", "content.xml"):
        if part in archive.namelist():
            with archive.open(part) as stream:
                walk(stream, file=file, start=start, end=end)
    return frozenset(name for name in parents if name and _is_lined(name, parents, lined))


def _is_lined(name: str, parents: dict[str, str], lined: dict[str, bool]) -> bool:
    for _ in range(len(parents)):
        if name in lined or not name:
            break
        name = parents.get(name, "")
    return lined.get(name, False)
