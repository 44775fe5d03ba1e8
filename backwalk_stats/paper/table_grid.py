"""A printed table as a grid of text: from HTML, Markdown, CSV or a frame that was read in."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from backwalk_stats.errors import UsageError
from backwalk_stats.paper.plain_text import plain_text

if TYPE_CHECKING:
    import pandas as pd

LARGEST_SPAN = 200
UNCLOSED = 100  # more tags than that without an end are no tags
LARGEST_GRID = 200_000
_MARKDOWN_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_STATISTIC_WORDS = re.compile(
    r"^(?:mean|m|sd|s\.d\.|se|sem|median|iqr|range|n|no\.?|%|ci|95 ?%|p|p[- ]?value|t|f|z|df|"
    r"difference|change|pre|post|before|after|baseline|follow[- ]?up|week|month|day|visit|end)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A table as text in plain signs.

    Attributes
    ----------
    headings : tuple of tuple of str
        For each column, the texts above it, from top to bottom, each once.
    rows : tuple of tuple of str
        The body; every row has as many cells as there are columns.
    caption, notes : str
        What stands above and below.
    name : str
        Where it was found, such as "table 2".
    """

    headings: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    notes: str = ""
    name: str = "table 1"

    @property
    def words(self) -> str:
        """Return caption and notes."""
        return f"{self.caption}\n{self.notes}".strip()


def grids(table: object, *, around: str = "") -> list[Grid]:
    r"""Return the tables that something holds.

    Parameters
    ----------
    table : DataFrame or str
        A frame as a person reads it in (strings; the heading as columns or as first row), or text:
        HTML, Markdown or CSV.
    around : str
        Words that stand around a frame: its caption and footnotes.

    Raises
    ------
    UsageError
        When it is neither, or holds no table.

    Examples
    --------
    >>> [one.headings[1] for one in grids("| a | Backward (n = 34) |\n|---|---|\n| pain | 3.1 |")]
    [('Backward (n = 34)',)]
    """
    if isinstance(table, str):
        found = _from_text(table)
    elif hasattr(table, "columns") and hasattr(table, "itertuples"):
        found = [_from_frame(table, around)]  # type: ignore[arg-type]
    else:
        raise UsageError(f"expected a frame or a table as text, found {type(table).__name__}")
    if not found:
        raise UsageError("expected a table: a frame, HTML with <table>, Markdown rows or CSV")
    return found


def _from_text(text: str) -> list[Grid]:
    if re.search(r"<table\b", text, re.IGNORECASE):
        return html_grids(text)
    if any(_MARKDOWN_RULE.match(line) for line in text.splitlines()):
        return markdown_grids(text)[0]
    return csv_grids(text)


# Frames and CSV ----------------------------------------------------------------------------------


def _from_frame(frame: pd.DataFrame, around: str) -> Grid:
    body = [[_cell_text(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    names: list[Any] = list(frame.columns)
    if all(isinstance(name, int) for name in names):
        rows, head = body, 0
    else:
        levels = [name if isinstance(name, tuple) else (name,) for name in names]
        depth = max((len(level) for level in levels), default=1)
        tops = [[_heading(level[k]) for level in levels] for k in range(depth)]
        rows, head = [*tops, *body], depth
    caption = around or str(frame.attrs.get("caption", ""))
    return grid_of(rows, head=head, caption=caption, name="table 1")


def _heading(name: object) -> str:
    text = _cell_text(name)
    return "" if re.fullmatch(r"Unnamed: .*", text) else re.sub(r"\.\d+$", "", text)


def _cell_text(cell: object) -> str:
    missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
    return "" if missing or str(cell) in ("<NA>", "NaT") else str(cell)


def csv_grids(text: str) -> list[Grid]:
    """Return the table of a CSV text; comma, semicolon or tab, whichever parts most rows alike."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    best: list[list[str]] = []
    most = (0, 0)
    for mark in (",", ";", "\t"):
        rows = [row for row in csv.reader(io.StringIO(lines), delimiter=mark) if any(row)]
        widths = [len(row) for row in rows if len(row) > 1]
        usual = max(widths, key=widths.count, default=0)
        # A decimal comma parts rows too, but not each in as many cells as the heading.
        alike = (widths.count(usual), usual)
        if alike > most:
            best, most = rows, alike
    if not best:
        return []
    return [grid_of(best, head=0, caption="", name="table 1")]


# Markdown ----------------------------------------------------------------------------------------


def markdown_grids(text: str) -> tuple[list[Grid], str]:
    """Return the tables of a Markdown text, and the text without them.

    The paragraph before a table is its caption, the one behind it its note.
    """
    lines = text.splitlines()
    found: list[Grid] = []
    rest: list[str] = []
    place = 0
    while place < len(lines):
        ruled = place + 1 < len(lines) and _MARKDOWN_RULE.match(lines[place + 1])
        if not (ruled and "|" in lines[place]):
            rest.append(lines[place])
            place += 1
            continue
        end = place + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows = [_markdown_cells(line) for line in [lines[place], *lines[place + 2 : end]]]
        caption, notes = _paragraph(reversed(rest)), _paragraph(lines[end:])
        name = f"table {len(found) + 1}"
        found.append(grid_of(rows, head=1, caption=caption, notes=notes, name=name))
        rest.append("")
        place = end
    return found, "\n".join(rest)


def _markdown_cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return [cell.replace("\\|", "|").strip() for cell in cells]


def _paragraph(lines: Iterable[str]) -> str:
    """Return the first paragraph of lines; reversed lines are put in order again."""
    kept: list[str] = []
    for line in lines:
        if line.strip():
            kept.append(line.strip())
        elif kept:
            break
    in_order = reversed(kept) if isinstance(lines, reversed) else kept
    return " ".join(in_order)[:2000]


# HTML --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Table:
    rows: list[list[tuple[str, int, int]]]
    head: int = 0
    caption: str = ""
    before: str = ""
    after: str = ""


class _Reader(HTMLParser):
    """Collects the tables of a page, and the text around them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.in_head = False
        self.in_caption = False
        self.all_head = True
        self.silent = 0
        self.prose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head"):
            self.silent += 1
        elif tag == "table":
            self._end_cell()
            self.open.append(_Table(rows=[], before="".join(self.prose)[-600:]))
        elif self.open and tag == "thead":
            self.in_head = True
        elif self.open and tag == "caption":
            self.in_caption = True
        elif self.open and tag == "tr":
            self._end_cell()
            self.open[-1].rows.append([])
            self.all_head = True
        elif self.open and tag in ("td", "th"):
            self._start_cell(tag, dict(attrs))
        elif tag == "br":
            self._put(" ")
        elif tag == "sub":
            self._put("_")
        elif tag in ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "tfoot"):
            self._put(" " if self.cell is not None else "\n\n")
        elif tag == "sup":
            self._put("\x02")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head"):
            self.silent = max(self.silent - 1, 0)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
            if tag == "tr" and self.open and self.open[-1].rows:
                row = self.open[-1].rows[-1]
                is_head = bool(row) and (self.in_head or self.all_head)
                if is_head and self.open[-1].head == len(self.open[-1].rows) - 1:
                    self.open[-1].head += 1
        elif tag == "thead":
            self.in_head = False
        elif tag == "caption":
            self.in_caption = False
        elif tag == "table" and self.open:
            self._end_cell()
            self.tables.append(self.open.pop())
        elif tag == "sup":
            self._put("\x03")
        elif tag in ("p", "div", "li", "h1", "h2", "h3", "h4", "h5"):
            self._put(" " if self.cell is not None else "\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._put(data)

    def _put(self, text: str) -> None:
        if self.open and self.in_caption:
            self.open[-1].caption += text
        elif self.cell is not None:
            self.cell.append(text)
        elif not self.open:
            self.prose.append(text)
            if self.tables:
                self.tables[-1].after += text

    def _start_cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if not self.open[-1].rows:
            self.open[-1].rows.append([])
        self.spans = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))
        self.all_head = self.all_head and tag == "th"
        self.cell = []

    def _end_cell(self) -> None:
        if self.cell is not None and self.open and self.open[-1].rows:
            self.open[-1].rows[-1].append((_raised("".join(self.cell)), *self.spans))
        self.cell = None


def _raised(text: str) -> str:
    """Undo raised text: a square stays, a footnote sign goes."""
    text = re.sub(r"\x02\s*2\s*\x03", "2", text)
    text = re.sub(r"(?<=10)\x02\s*([-\u2212]?\d+)\s*\x03", r"^\1", text)
    return re.sub(r"\x02[^\x03]{0,12}\x03|[\x02\x03]", "", text)


def _span(text: str | None) -> int:
    return min(max(int(text), 1), LARGEST_SPAN) if text and text.isdigit() else 1


def html_grids(text: str) -> list[Grid]:
    """Return the tables of an HTML text, spans filled in; without a head the first row is one."""
    return html_tables_and_prose(text)[0]


def html_tables_and_prose(text: str) -> tuple[list[Grid], str]:
    """Return the tables of an HTML text, and its running text without them."""
    if text.count("<") > text.count(">") + UNCLOSED:
        # The parser of Python looks for the end of each to the end of the text.
        text = re.sub(r"<(?=[^<>]*(?:<|$))", "&lt;", text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    found: list[Grid] = []
    for table in (*reader.tables, *reader.open):
        rows = _filled(table.rows)
        if not rows:
            continue
        caption = " ".join((table.caption or _last_paragraph(table.before)).split())
        notes = " ".join(_paragraph(table.after.strip().splitlines()).split())
        name = f"table {len(found) + 1}"
        found.append(grid_of(rows, head=table.head, caption=caption, notes=notes, name=name))
    return found, _raised("".join(reader.prose))


def _last_paragraph(text: str) -> str:
    parts = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    last = parts[-1].strip() if parts else ""
    return last if re.match(r"\s*(?:supplementary\s)?tab", last, re.IGNORECASE) else ""


def _filled(rows: Sequence[Sequence[tuple[str, int, int]]]) -> list[list[str]]:
    """Return rows with spanned cells repeated in every place that they cover."""
    waiting: dict[int, tuple[int, str]] = {}
    out: list[list[str]] = []
    size = 0
    for row in rows:
        line: list[str] = []
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or len(line) in waiting:
            place = len(line)
            if place in waiting:
                left, text = waiting.pop(place)
                if left > 1:
                    waiting[place] = (left - 1, text)
                line.append(text)
            elif cell is not None:
                text, down, across = cell
                for column in range(place, place + across):
                    if down > 1:
                        waiting[column] = (down - 1, text)
                    line.append(text)
                cell = next(cells, None)
        size += len(line)
        if size > LARGEST_GRID:
            raise UsageError(f"expected a table of at most {LARGEST_GRID} cells, found more")
        out.append(line)
    return [line for line in out if any(cell.strip() for cell in line)]


# One grid from rows ------------------------------------------------------------------------------


def grid_of(
    rows: Sequence[Sequence[str]], *, head: int, caption: str, notes: str = "", name: str
) -> Grid:
    """Return a grid from rows of text: heading and footnotes parted from the body, signs plain.

    Parameters
    ----------
    rows : sequence of sequence of str
        All rows; shorter ones are filled up.
    head : int
        How many rows are known to be a heading; 1 at least, more where they look like one.
    caption, notes : str
        What stands above and below.
    name : str
        Where it was found.
    """
    width = max((len(row) for row in rows), default=0)
    plain = [
        tuple(_plain_cell(cell) for cell in [*row, *[""] * (width - len(row))]) for row in rows
    ]
    if _writes_commas([str(cell) for row in rows for cell in row]):
        plain = [tuple(re.sub(r"(?<=\d),(?=\d)", ".", cell) for cell in row) for row in plain]
    body = [row for row in plain if any(row)]
    titles = []
    while len(body) > 2 and width > 2 and _is_title(body[0]):
        titles.append(next(cell for cell in body.pop(0) if cell))
        head -= 1
    head = max(head, 1)
    while head < len(body) and _is_heading(body[head], body[head - 1]):
        head += 1
    tops, below = _spread_headings(body[:head]), list(body[head:])
    more: list[str] = []
    while below and (text := _note_of(below[-1])):
        more.insert(0, text)
        below.pop()
    headings = tuple(_path([row[k] for row in tops]) for k in range(width))
    note = " ".join([*more, _own(plain_text(notes).text, above=False)]).strip()
    return Grid(
        headings=headings,
        rows=tuple(below),
        caption=" ".join([_own(plain_text(caption).text, above=True), *titles]).strip(),
        notes=note,
        name=name,
    )


def _writes_commas(cells: Sequence[str]) -> bool:
    """Tell whether a table has decimal commas: clear ones in its cells, and no decimal point."""
    clear = r"^[-<>=\u2264\u2265\s]*\d+,\d{1,2}(?!\d)|\u00b1\s*\d+,\d|(?<!\d)0,\d|\d,\d+\s?%"
    return any(re.search(clear, cell) for cell in cells) and not any(
        re.search(r"\d\.\d", cell) for cell in cells
    )


def _plain_cell(cell: str) -> str:
    return " ".join(plain_text(str(cell)).text.split())


def _path(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _own(text: str, *, above: bool) -> str:
    """Return a paragraph beside a table, "" where it is of another table or running text.

    What stands below may be the next table's caption, what stands above the last one's footnote,
    and either may be a sentence about other results, whose test is not this table's.
    """
    titled = re.match(r"\W*(?:supplementary\s|supporting\s)?(?:tab(?:le|\.)|fig)", text, re.I)
    running = re.search(r"\b[pP]\s?=\s?0?\.\d", text) is not None and not titled
    other = re.match(r"\s*[\u2020\u2021\u00a7\u00b6]", text) if above else titled
    return "" if other or running else text


def _is_title(row: Sequence[str]) -> bool:
    """Tell whether a first row is a title over all columns, with no arm in it."""
    filled = {cell for cell in row if cell}
    alone = len(filled) == 1 and (all(row) or bool(row[0]))
    return alone and re.search(r"\b[nN]\s*=", row[0]) is None


def _spread_headings(tops: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Carry a heading on over the empty cells behind it, where another heading stands below them.

    Markdown and CSV have no spanned cells. A p below is left alone: it may be of all columns.
    """
    out = [tuple(row) for row in tops]
    if len(out) < 2:
        return out
    for level, row in enumerate(out[:-1]):
        below, line = out[level + 1], list(row)
        for place in range(2, len(line)):
            carries = not line[place] and below[place] and line[place - 1]
            if carries and not re.match(r"[pP](?:\b|[-\s]?[vV]alue)", below[place]):
                line[place] = line[place - 1]
        out[level] = tuple(line)
    return out


def _is_heading(row: Sequence[str], above: Sequence[str]) -> bool:
    """Tell whether a row still belongs to the heading: times, words of statistics, no numbers."""
    filled = [cell for cell in row[1:] if cell]
    if len(filled) < 2:
        return False
    if row[0] and row[0] != above[0]:
        return False
    return all(
        _STATISTIC_WORDS.match(cell.strip("( ")) or re.search(r"\b[nN]\s*=\s*\d", cell)
        for cell in filled
    )


_NOTE = re.compile(
    r"[*\u2020\u2021\u00a7#]|note|abbrev|values|data|.*\b(?:test|anova|ancova|SD|SE|CI|IQR)\b", re.I
)


def _note_of(row: Sequence[str]) -> str:
    """Return a last row as a footnote: one text over all columns, or words in the first cells."""
    filled = list(dict.fromkeys(cell for cell in row if cell))
    spanned = len(filled) == 1 and all(row)
    worded = not all(row) and not any(re.search(r"\d", cell) for cell in filled[1:])
    text = "; ".join(filled)
    known = len(text) > 40 or _NOTE.match(text) is not None
    return text if (spanned or worded) and known else ""
