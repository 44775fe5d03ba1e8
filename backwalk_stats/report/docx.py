"""The report as a Word file: real headings, lists, captions and tables, ready for a paper."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from docx.shared import Pt

from backwalk_stats.report.docx_marks import add_bookmark, add_caption, fixed_zip
from backwalk_stats.report.docx_page import TEXT_HEIGHT_PT, TEXT_WIDTH_PT, dress
from backwalk_stats.report.docx_table import add_table
from backwalk_stats.report.docx_text import add_inline
from backwalk_stats.report.plain_document import as_data
from backwalk_stats.report.svg_inline import size_of

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

    from backwalk_stats.report.document import Document

CAPTION_ROOM_PT = 60.0


def to_docx(document: Document) -> bytes:
    """Return a document as a Word file (ECMA-376).

    Every text of the data is the text of a run, so that no sign in it is an instruction; there are
    no fields but page numbers and the numbers of captions, no macros, and nothing is loaded from
    outside. Pictures carry the words that stand for them, headings of tables repeat on every page,
    and the same document gives the same bytes.
    """
    word = docx.Document()
    data = as_data(document)
    dress(word, title=data["title"], language=data["language"])
    word.add_paragraph(data["title"], style="Title")
    word.add_paragraph(data["subtitle"], style="Subtitle")
    pictures = {figure.name: (figure.png, size_of(figure.svg)) for figure in document.figures()}
    writer = _Writer(word, pictures)
    for section in data["sections"]:
        add_bookmark(word.add_heading(section["title"], level=1), section["id"])
        for block in section["blocks"]:
            writer.show(block)
    target = BytesIO()
    word.save(target)
    return fixed_zip(target.getvalue())


class _Writer:
    """Writes blocks one after the other, and counts tables and figures."""

    def __init__(
        self, word: WordDocument, pictures: dict[str, tuple[bytes, tuple[float, float]]]
    ) -> None:
        self._word = word
        self._pictures = pictures
        self._tables = 0
        self._figures = 0

    def show(self, block: dict[str, Any]) -> None:
        """Write one block by its kind."""
        getattr(self, f"_{block['kind']}")(block)

    def _paragraph(self, block: dict[str, Any]) -> None:
        add_inline(self._word.add_paragraph(), block["content"])

    def _items(self, block: dict[str, Any]) -> None:
        for entry in block["entries"]:
            add_inline(self._word.add_paragraph(style="List Bullet"), entry)

    def _subheading(self, block: dict[str, Any]) -> None:
        add_bookmark(self._word.add_heading(block["text"], level=2), block["id"])

    def _definitions(self, block: dict[str, Any]) -> None:
        for term, meaning in block["entries"]:
            head = self._word.add_paragraph(style="Term")
            add_inline(head, term, bold=True)
            add_inline(self._word.add_paragraph(style="Meaning"), meaning)

    def _answer(self, block: dict[str, Any]) -> None:
        add_inline(self._word.add_paragraph(style="Answer"), block["lead"])
        for statement in block["statements"]:
            told = self._word.add_paragraph(style="Answer")
            told.add_run(f"{statement['label']}  ").bold = True
            add_inline(told, [statement["badge"]])
            told.add_run(f"  {statement['claim']}").bold = True
            told.add_run().add_break()
            told.add_run(statement["explanation"])

    def _table(self, block: dict[str, Any]) -> None:
        self._tables += 1
        caption = self._word.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        add_caption(caption, "Table", self._tables, block["table"]["caption"])
        add_bookmark(caption, block["id"])
        add_table(self._word, block)
        notes = block["table"]["notes"] or [""]
        for note in notes:
            self._word.add_paragraph(note, style="Note")

    def _figure(self, block: dict[str, Any]) -> None:
        self._figures += 1
        png, (width, height) = self._pictures[block["name"]]
        most = (TEXT_WIDTH_PT / width, (TEXT_HEIGHT_PT - CAPTION_ROOM_PT) / height)
        paragraph = self._word.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(png), width=Pt(width * min(1.0, *most)))
        about = shape._inline.docPr
        about.set("descr", block["alt"])
        about.set("name", f"Figure {self._figures}")
        caption = self._word.add_paragraph(style="Caption")
        add_caption(caption, "Figure", self._figures, block["caption"])

    def _ledger(self, block: dict[str, Any]) -> None:
        for group in block["groups"]:
            add_bookmark(self._word.add_heading(group["title"], level=2), group["anchor"])
            self._word.add_paragraph(group["summary"], style="Note")
            names = ("what", "quantity", "reported", "recomputed", "badge", "reason")
            heads = ("Finding", "Quantity", "Printed", "Recomputed", "Verdict", "Reason")
            rows = [[_cell(row[name]) for name in names] for row in group["rows"]]
            columns = [{"key": key, "label": head, "align": "left", "width": None}
                       for key, head in zip(names, heads, strict=True)]  # fmt: skip
            table = {"columns": columns, "rows": rows, "groups": []}
            add_table(self._word, {"table": table, "links": [], "row_anchors": []})


def _cell(value: Any) -> str:  # noqa: ANN401
    """Return a cell of the ledger as text."""
    return f"{value['mark']} {value['text']}" if isinstance(value, dict) else str(value)
