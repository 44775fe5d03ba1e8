"""A display table as a Word table with three lines, its heading repeated on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import _Cell

from backwalk_stats.report.docx_marks import add_bookmark, add_link, element
from backwalk_stats.report.docx_page import TEXT_WIDTH_PT

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
}
THICK, THIN = "9", "4"  # eighths of a point
MANY_COLUMNS = 6
LONGEST_NUMBER = 18  # letters of a cell that is never broken
LONGEST_SHARE = 60  # letters beyond which a column asks for no more
LETTER_WIDTH = 0.6  # of the size of the letters
CELL_MARGIN_PT = 3.0


def add_table(word: WordDocument, block: dict[str, Any]) -> None:
    """Add a table block as `plain_document.as_data` gives it: `table`, `links`, `row_anchors`."""
    shown = block["table"]
    columns, rows, groups = shown["columns"], shown["rows"], shown["groups"]
    heads = [place for place in range(len(rows)) if _begins_group(groups, place)]
    table = word.add_table(rows=1 + len(rows) + len(heads), cols=len(columns))
    table.autofit = False
    _margins(table)
    size = 7.5 if len(columns) > MANY_COLUMNS else 8.5
    widths = _widths(shown, size)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    # Asking the table for one cell after the other takes time by the square of their number.
    lines = [list(row.cells) for row in table.rows]
    for line in lines:
        for cell, width in zip(line, widths, strict=True):
            cell.width = Pt(width)
    for cell, column in zip(lines[0], columns, strict=True):
        _write(cell, column["label"], column["align"], size, bold=True)
        _edges(cell, top=THICK, bottom=THIN)
    _row_mark(table.rows[0], "w:tblHeader")
    at = 1
    for place, row in enumerate(rows):
        if place in heads:
            _write(lines[at][0].merge(lines[at][-1]), groups[place], "left", size, bold=True)
            at += 1
        for column, cell, text in zip(columns, lines[at], row, strict=True):
            _write(cell, text, column["align"], size)
        _place(lines[at][0], block, place, row)
        at += 1
    for row in table.rows:
        _row_mark(row, "w:cantSplit")
    for cell in lines[-1]:
        _edges(cell, **({"top": THICK} if len(lines) == 1 else {}), bottom=THICK)


def _begins_group(groups: list[str], place: int) -> bool:
    """Tell whether a row is the first of its group."""
    return bool(groups) and (place == 0 or groups[place] != groups[place - 1])


def _place(cell: _Cell, block: dict[str, Any], place: int, row: list[str]) -> None:
    """Make the first cell of a row a link, and a place that links lead to."""
    paragraph = cell.paragraphs[0]
    if block["links"] and block["links"][place]:
        for run in paragraph.runs:
            run.text = ""
        add_link(paragraph, row[0], block["links"][place])
    if block["row_anchors"]:
        add_bookmark(paragraph, block["row_anchors"][place])


def _write(cell: _Cell, text: str, align: str, size: float, *, bold: bool = False) -> None:
    """Write a text into a cell."""
    paragraph = cell.paragraphs[0]
    paragraph.style = "Cell"
    paragraph.alignment = SIDES[align]
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = True if bold else None


def _widths(shown: dict[str, Any], size: float) -> list[float]:
    """Return the widths of columns in points: what may not break fits, the rest is shared."""
    least, wanted = [], []
    for place, column in enumerate(shown["columns"]):
        texts = [row[place] for row in shown["rows"]]
        whole = max((len(text) for text in texts), default=0)
        words = [word for text in (*texts, column["label"]) for word in text.split()]
        number = column["align"] != "left" and whole <= LONGEST_NUMBER
        unbroken = max((len(word) for word in words), default=0)
        least.append(1 + min(max(whole if number else 0, unbroken), LONGEST_NUMBER))
        wanted.append(min(max(whole, least[-1]), LONGEST_SHARE))
    room = TEXT_WIDTH_PT - 2 * CELL_MARGIN_PT * len(least)
    letter = min(size * LETTER_WIDTH, room / max(sum(least), 1))
    rest = room - letter * sum(least)
    more = [want - needed for want, needed in zip(wanted, least, strict=True)]
    share = rest / sum(more) if sum(more) else 0.0
    even = 0.0 if sum(more) else rest / len(least)
    return [
        letter * needed + share * extra + even + 2 * CELL_MARGIN_PT
        for needed, extra in zip(least, more, strict=True)
    ]


def _margins(table: Any) -> None:  # noqa: ANN401
    """Set the room at the sides of every cell."""
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w=str(round(20 * CELL_MARGIN_PT)), type="dxa"))
    properties = table._tbl.tblPr
    properties.insert(list(properties).index(properties.find(qn("w:tblLook"))), margins)


def _row_mark(row: Any, tag: str) -> None:  # noqa: ANN401
    """Mark a row: repeated as a heading, or never split between pages."""
    row._tr.get_or_add_trPr().append(element(tag))


def _edges(cell: _Cell, **sizes: str) -> None:
    """Draw lines above or below a cell, in eighths of a point."""
    properties = cell._tc.get_or_add_tcPr()
    borders = element("w:tcBorders")
    for side, size in sizes.items():
        borders.append(element(f"w:{side}", val="single", sz=size, space="0", color="1A1C1F"))
    properties.append(borders)
