"""The report as a Word file: real headings, lists, captions and tables, ready for a paper."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
import numpy as np
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from backwalk_stats.report.document.drawing import size_of
from backwalk_stats.report.document.plain_document import as_data

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

    from backwalk_stats.report.document.document import Document

CAPTION_ROOM_PT = 60.0
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
LONGEST_NAME = 40  # of a bookmark, in Word
PAGE_MM = (210.0, 297.0)
MARGIN_MM = 20.0
_PT = 72.0 / 25.4
TEXT_WIDTH_PT = (PAGE_MM[0] - 2 * MARGIN_MM) * _PT
TEXT_HEIGHT_PT = (PAGE_MM[1] - 2 * MARGIN_MM) * _PT
# Faces that every Word has: a file of Word does not carry its fonts.
SERIF, SANS = "Georgia", "Calibri"
INK, SOFT, LINK = RGBColor(0x16, 0x19, 0x1D), RGBColor(0x45, 0x4D, 0x57), RGBColor(0x1D, 0x5F, 0x8F)
THIRD = RGBColor(0x67, 0x70, 0x7B)
SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
}
THICK, THIN = "12", "4"  # eighths of a point
MANY_COLUMNS = 6
LONGEST_NUMBER = 18  # letters of a cell that is never broken
LONGEST_INTERVAL = 22  # and of one that is not where there is room
_PARTS = re.compile(r"[^ \t\n–-]+[–-]?|[–-]")  # of a text between which a line may break
LONGEST_SHARE = 60  # letters beyond which a column asks for no more
LETTER_WIDTH = 0.6  # of the size of the letters
CELL_MARGIN_PT = 3.0
SHORT = 9  # rows of a table that stands on one page
_TONES = {
    "good": RGBColor(0x1F, 0x6B, 0x4A),
    "near": RGBColor(0x7A, 0x5B, 0x00),
    "bad": RGBColor(0x9A, 0x3A, 0x08),
}


def to_docx(document: Document) -> bytes:
    """Return a document as a Word file (ECMA-376).

    Every text of the data is the text of a run, so that no sign in it is an instruction; there are
    no fields but page numbers and the numbers of captions, no macros, and nothing is loaded from
    outside. Pictures carry the words that stand for them, headings of tables repeat on every page,
    and the same document gives the same bytes.
    """
    word = docx.Document()
    document = document.numbered()
    data = as_data(document)
    dress(word, title=data["title"], language=data["language"], mark=data["mark"])
    word.add_paragraph(data["title"], style="Title")
    word.add_paragraph(data["subtitle"], style="Subtitle")
    pictures = {figure.name: (figure.png, size_of(figure.svg)) for figure in document.figures()}
    writer = _Writer(word, pictures)
    before = False
    for section in data["sections"]:
        if section["appendix"] and not before:
            writer.appendix()
        before = section["appendix"]
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

    def _table(self, block: dict[str, Any]) -> None:
        caption = self._word.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        add_caption(caption, "Table", block["number"], block["table"]["caption"])
        add_bookmark(caption, block["id"])
        add_table(self._word, block)
        notes = block["table"]["notes"] or [""]
        for note in notes:
            self._word.add_paragraph(note, style="Note")

    def _figure(self, block: dict[str, Any]) -> None:
        png, (width, height) = self._pictures[block["name"]]
        most = (TEXT_WIDTH_PT / width, (TEXT_HEIGHT_PT - CAPTION_ROOM_PT) / height)
        paragraph = self._word.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(png), width=Pt(width * min(1.0, *most)))
        about = shape._inline.docPr
        about.set("descr", block["alt"])
        about.set("name", f"Figure {block['number']}")
        caption = self._word.add_paragraph(style="Caption")
        add_caption(caption, "Figure", block["number"], block["caption"])

    def _ledger(self, block: dict[str, Any]) -> None:
        for group in block["groups"]:
            add_bookmark(self._word.add_heading(group["title"], level=2), group["anchor"])
            self._word.add_paragraph(group["summary"], style="Note")
            names = ("what", "quantity", "reported", "recomputed", "badge", "reason")
            heads = ("Finding", "Quantity", "Printed", "Recomputed", "Verdict", "Reason")
            rows = [[_cell(row[name]) for name in names] for row in group["rows"]]
            self._plain_table(heads, rows)

    def _opening(self, block: dict[str, Any]) -> None:
        self._word.add_paragraph(block["answer"], style="Answer")
        for entry in block["entries"]:
            add_inline(self._word.add_paragraph(), entry)

    def _claims(self, block: dict[str, Any]) -> None:
        add_bookmark(self._word.add_heading(block["title"], level=2), block["id"])
        counts = (f"{_cell(tally['badge'])} {tally['count']}" for tally in block["tallies"])
        self._word.add_paragraph("; ".join(counts), style="Note")
        names = ("label", "claim", "badge", "line")
        rows = [[_cell(row[name]) for name in names] for row in block["rows"]]
        self._plain_table(("No.", "Claim", "Verdict", "What it rests on"), rows)

    # What the first page of a report on a trial is made of.

    def _finding(self, block: dict[str, Any]) -> None:
        said = self._word.add_paragraph(style="Finding")
        said.add_run(block["answer"] if block["sureness"] else f"{block['answer']}.").bold = True
        if block["sureness"]:
            said.add_run(f" {block['sureness']}")
        if block["lead"]:
            add_inline(self._word.add_paragraph(), block["lead"])

    def _figures(self, block: dict[str, Any]) -> None:
        for entry in block["figures"]:
            paragraph = self._word.add_paragraph()
            paragraph.add_run(f"{entry['label']}: ")
            paragraph.add_run(entry["figure"]).bold = True
            paragraph.add_run(f". {entry['note']}")

    def _open(self, block: dict[str, Any]) -> None:
        add_bookmark(self._word.add_heading(block["title"], level=2), block["id"])
        for subject, told in block["entries"]:
            add_inline(self._word.add_paragraph(), [*subject, *told])

    def _abstract(self, block: dict[str, Any]) -> None:
        self._open(block)

    def appendix(self) -> None:
        """Begin what stands after the main part on a page of its own."""
        head = self._word.add_paragraph("Appendix", style="Title")
        head.paragraph_format.page_break_before = True

    def _plain_table(self, heads: tuple[str, ...], rows: list[list[str]]) -> None:
        """Write a table without a caption."""
        columns = [{"key": head, "label": head, "align": "left", "width": None} for head in heads]
        table = {"columns": columns, "rows": rows, "groups": []}
        add_table(self._word, {"table": table, "links": [], "row_anchors": []})


def _cell(value: Any) -> str:  # noqa: ANN401
    """Return a cell of the ledger as text."""
    return f"{value['mark']} {value['text']}" if isinstance(value, dict) else str(value)


# Marks inside a Word file that python-docx has no call for: bookmarks, links, numbers, borders.


def element(tag: str, **attributes: str) -> Any:  # noqa: ANN401
    """Return a WordprocessingML element: `element("w:b", val="0")` is `<w:b w:val="0"/>`."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def bookmark_name(anchor: str) -> str:
    """Return an anchor as Word allows it: letters, digits and underscores, 40 at most.

    Examples
    --------
    >>> bookmark_name("how-to-read")
    'a_how_to_read'
    >>> len(bookmark_name("x" * 99))
    40
    """
    name = "a_" + "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in anchor)
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME - 9] + "_" + hashlib.sha256(anchor.encode()).hexdigest()[:8]


def add_bookmark(paragraph: Paragraph, anchor: str) -> None:
    """Make a paragraph the place that links to an anchor lead to; "" marks nothing."""
    if not anchor:
        return
    name = bookmark_name(anchor)
    number = str(int(hashlib.sha256(name.encode()).hexdigest()[:7], 16))
    place = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(place, element("w:bookmarkStart", id=number, name=name))
    paragraph._p.append(element("w:bookmarkEnd", id=number))


def add_link(paragraph: Paragraph, text: str, target: str) -> None:
    """Add words that lead to "#anchor" in this document, or to a web address."""
    link = OxmlElement("w:hyperlink")
    if target.startswith("#"):
        link.set(qn("w:anchor"), bookmark_name(target[1:]))
    else:
        kind = RELATIONSHIP_TYPE.HYPERLINK
        link.set(qn("r:id"), paragraph.part.relate_to(target, kind, is_external=True))
    run = paragraph.add_run(text)
    run._r.style = "Link"
    link.append(run._r)
    paragraph._p.append(link)


def add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """Add a number that Word keeps up to date, such as PAGE, with what it shows until then."""
    for kind, content in (("begin", ""), ("", instruction), ("separate", ""), ("text", shown),
                          ("end", "")):  # fmt: skip
        run = paragraph.add_run(content if kind == "text" else "")
        if kind == "":
            code = element("w:instrText")
            code.text = content
            run._r.append(code)
        elif kind != "text":
            run._r.append(element("w:fldChar", fldCharType=kind))


def add_caption(paragraph: Paragraph, kind: str, number: int, text: str) -> None:
    """Write a caption: "Table 1. Words", its number one that Word counts."""
    first = len(paragraph.runs)
    paragraph.add_run(f"{kind} ")
    add_field(paragraph, f" SEQ {kind} \\* ARABIC ", str(number))
    paragraph.add_run(". ")
    for run in paragraph.runs[first:]:
        run.bold = True
    paragraph.add_run(text).bold = False


def fixed_zip(content: bytes) -> bytes:
    """Return a zip file with the same entries, all of one date and in their order of name.

    The table of contents of the format (`[Content_Types].xml`) stays first, as readers expect.
    """
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name[0] != "[", name)):
            entry = zipfile.ZipInfo(name, date_time=FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            made.writestr(entry, source.read(name))
    return target.getvalue()


# Page and styles of the Word file: A4, a serif for title and answer, a sans for the rest.


def dress(word: WordDocument, *, title: str, language: str, mark: str = "") -> None:
    """Give a new Word document its page, styles, properties and page numbers."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    properties = word.core_properties
    properties.title = title[:255]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.language = language
    _styles(word, language)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_field(foot, " PAGE ", "1")
    if mark:
        head = section.header.paragraphs[0].add_run(mark)
        head.bold = True
        head.font.color.rgb, head.font.size = _TONES["bad"], Pt(9)


def _styles(word: WordDocument, language: str) -> None:
    styles = word.styles
    _set(styles["Normal"], SANS, 10.5, INK, after=6.0)
    tongue = element("w:lang", val="en-GB" if language == "en" else language)
    styles["Normal"].element.get_or_add_rPr().append(tongue)
    _set(styles["Title"], SERIF, 18, INK, after=2.0)
    _unline(styles["Title"])
    _set(styles["Subtitle"], SANS, 11, SOFT, after=12.0)
    styles["Subtitle"].font.italic = False
    _set(styles["Heading 1"], SERIF, 14, INK, before=20.0, after=6.0)
    _set(styles["Heading 2"], SANS, 11.5, INK, before=12.0, after=4.0)
    _set(styles["Caption"], SANS, 9, SOFT, before=8.0, after=4.0)
    styles["Caption"].font.bold = False
    for name, size, colour, indent in (
        ("Answer", 11.0, INK, 10.0),
        ("Finding", 16.0, INK, 0.0),
        ("Term", 10.5, INK, 0.0),
        ("Meaning", 10.5, INK, 14.0),
        ("Note", 8.5, THIRD, 0.0),
        ("Cell", 9.0, INK, 0.0),
    ):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles["Normal"]
        _set(made, SANS, size, colour, after={"Term": 0.0, "Cell": 0.0, "Note": 3.0}.get(name, 6))
        made.paragraph_format.left_indent = Pt(indent)
    styles["Term"].paragraph_format.keep_with_next = True
    _box(styles["Answer"])
    link = styles.add_style("Link", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = LINK
    link.font.underline = True


def _set(
    style: Any,  # noqa: ANN401
    font: str,
    size: float,
    colour: RGBColor,
    *,
    before: float = 0.0,
    after: float = 0.0,
) -> None:
    """Set font, size, colour and the space around paragraphs of a style."""
    style.font.name, style.font.size, style.font.color.rgb = font, Pt(size), colour
    # Headings of the template name a theme font, which would win over the one set here.
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), font)
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _unline(style: Any) -> None:  # noqa: ANN401
    """Take away the line that the template draws under a style."""
    properties = style.element.get_or_add_pPr()
    for line in properties.findall(qn("w:pBdr")):
        properties.remove(line)


def _box(style: Any) -> None:  # noqa: ANN401
    """Draw the line at the left that marks the answer."""
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz="24", space="8", color="16191D"))
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


# A display table as a Word table with three lines, its heading repeated on every page.


def add_table(word: WordDocument, block: dict[str, Any]) -> None:
    """Add a table block as `plain_document.as_data` gives it: `table`, `links`, `row_anchors`."""
    shown = block["table"]
    columns, rows, groups = shown["columns"], shown["rows"], shown["groups"]
    heads = [place for place in range(len(rows)) if _begins_group(groups, place)]
    table = word.add_table(rows=1 + len(rows) + len(heads), cols=len(columns))
    table.autofit = False
    _margins(table)
    size = 8.0 if len(columns) > MANY_COLUMNS else 9.0
    widths = _widths(shown, size)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    # Asking the table for one cell after the other takes time by the square of their number.
    lines = [list(row.cells) for row in table.rows]
    for line in lines:
        for cell, width in zip(line, widths, strict=True):
            cell.width = Pt(width)
    for cell, column in zip(lines[0], columns, strict=True):
        _write(cell, column["label"], column["align"], size - 0.5, colour=THIRD)
        _edges(cell, top=THICK, bottom=THIN)
    _row_mark(table.rows[0], "w:tblHeader")
    at = 1
    for place, row in enumerate(rows):
        if place in heads:
            named = lines[at][0].merge(lines[at][-1])
            _write(named, groups[place], "left", size, bold=True)
            named.paragraphs[0].paragraph_format.keep_with_next = True
            at += 1
        for column, cell, text in zip(columns, lines[at], row, strict=True):
            _write(cell, text, column["align"], size)
        _place(lines[at][0], block, place, row)
        if block.get("targets") and block["targets"][place]:
            _lead(lines[at][block["leading"]], block["targets"][place])
        at += 1
    for row in table.rows:
        _row_mark(row, "w:cantSplit")
    _keep_together(lines)
    for cell in lines[-1]:
        _edges(cell, **({"top": THICK} if len(lines) == 1 else {}), bottom=THICK)


def _keep_together(lines: list[list[_Cell]]) -> None:
    """Leave no names of columns without what follows, and keep a table that is short whole."""
    for line in lines[: len(lines) - 1] if len(lines) <= SHORT else lines[:2]:
        for paragraph in (one for cell in line for one in cell.paragraphs):
            paragraph.paragraph_format.keep_with_next = True


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


def _lead(cell: _Cell, target: str) -> None:
    """Make the words of a cell lead to a place of this document."""
    paragraph = cell.paragraphs[0]
    words = paragraph.text
    for run in paragraph.runs:
        run.text = ""
    add_link(paragraph, words, target)


def _write(
    cell: _Cell,
    text: str,
    align: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
) -> None:
    """Write a text into a cell."""
    paragraph = cell.paragraphs[0]
    paragraph._p.style = "Cell"  # by its id: a look-up by name walks through all styles
    paragraph.alignment = SIDES[align]
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = True if bold else None
    if colour is not None:
        run.font.color.rgb = colour


def _widths(shown: dict[str, Any], size: float) -> list[float]:
    """Return the widths of columns in points: what may not break fits, the rest saves lines."""
    room = TEXT_WIDTH_PT - 2 * CELL_MARGIN_PT * len(shown["columns"])
    cells = [
        [column["label"], *(row[place] for row in shown["rows"])]
        for place, column in enumerate(shown["columns"])
    ]
    lengths = np.array([[len(text) for text in texts] for texts in cells], dtype=float).T
    sides = [column["align"] for column in shown["columns"]]
    least = _unbroken(cells, sides, LONGEST_INTERVAL)
    if sum(least) * size * LETTER_WIDTH > room:
        least = _unbroken(cells, sides, LONGEST_NUMBER)
    wanted = [min(max(map(len, texts)), LONGEST_SHARE) for texts in cells]
    letter = min(size * LETTER_WIDTH, room / max(sum(least), 1))
    held = _saving_lines(least, lengths + 1, int(room / letter))
    rest = room - letter * sum(held)
    more = [max(want - has, 0) for want, has in zip(wanted, held, strict=True)]
    share = rest / sum(more) if sum(more) else 0.0
    even = 0.0 if sum(more) else rest / len(held)
    return [
        letter * has + share * extra + even + 2 * CELL_MARGIN_PT
        for has, extra in zip(held, more, strict=True)
    ]


def _unbroken(cells: list[list[str]], sides: list[str], longest: int) -> list[int]:
    """Return the letters a column of what is not broken: words, and numbers up to a length.

    >>> _unbroken([["Arm", "Forward walking"], ["p", "< 0.001"]], ["left", "right"], 18)
    [8, 8]
    """
    least = []
    for texts, side in zip(cells, sides, strict=True):
        words = [len(word) for text in texts for word in _PARTS.findall(text)]
        whole = max((len(text) for text in texts[1:]), default=0)
        number = side != "left" and whole <= longest
        least.append(1 + max(whole if number else 0, min(max(words, default=0), LONGEST_NUMBER)))
    return least


def _saving_lines(least: list[int], lengths: np.ndarray, most: int) -> list[int]:
    """Return letters a column of at most so many in all, given where a letter saves most lines.

    `lengths` are the letters of each cell, a row for each of the table; a row of a table is as high
    as its highest cell.

    >>> _saving_lines([5, 5], np.array([[30.0, 6.0]]), 20)
    [15, 5]
    """
    held = np.array(least)
    while True:
        lines = np.ceil(lengths / held)
        best, chosen = 0.0, None
        for place in range(len(held)):
            others = np.delete(lines, place, axis=1).max(axis=1, initial=1.0)
            now = np.maximum(lines[:, place], others).sum()
            for extra in range(1, most - int(held.sum()) + 1):
                wider = np.ceil(lengths[:, place] / (held[place] + extra))
                gain = (now - np.maximum(wider, others).sum()) / extra
                if gain > best + 1e-9:
                    best, chosen = gain, (place, extra)
        if chosen is None:
            return [int(one) for one in held]
        held[chosen[0]] += chosen[1]


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
        borders.append(element(f"w:{side}", val="single", sz=size, space="0", color="16191D"))
    properties.append(borders)


# Running text of a Word file: words, strong words, links and verdicts.


def add_inline(
    paragraph: Paragraph, parts: Iterable[dict[str, Any]], *, bold: bool = False
) -> None:
    """Add running text as `plain_document.as_data` gives it; `bold` sets plain text bold, too."""
    for part in parts:
        kind = part["kind"]
        if kind == "link" and part["target"]:
            add_link(paragraph, part["text"], part["target"])
        elif kind == "badge":
            run = paragraph.add_run(f"{part['mark']} {part['text']}")
            run.bold = True
            if part["tone"] in _TONES:
                run.font.color.rgb = _TONES[part["tone"]]
        else:
            run = paragraph.add_run(part["text"])
            run.bold = True if bold or kind == "strong" else None
