"""Page and styles of the Word file: A4, one serif for text, one sans for headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from backwalk_stats.report.docx_marks import add_field, element

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

PAGE_MM = (210.0, 297.0)
MARGIN_MM = 20.0
_PT = 72.0 / 25.4
TEXT_WIDTH_PT = (PAGE_MM[0] - 2 * MARGIN_MM) * _PT
TEXT_HEIGHT_PT = (PAGE_MM[1] - 2 * MARGIN_MM) * _PT
SERIF, SANS = "Times New Roman", "Arial"
INK, SOFT, LINK = RGBColor(0x1A, 0x1C, 0x1F), RGBColor(0x55, 0x59, 0x5F), RGBColor(0, 0x59, 0x8C)


def dress(word: WordDocument, *, title: str, language: str) -> None:
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


def _styles(word: WordDocument, language: str) -> None:
    styles = word.styles
    _set(styles["Normal"], SERIF, 10.5, INK, after=6.0)
    tongue = element("w:lang", val="en-GB" if language == "en" else language)
    styles["Normal"].element.get_or_add_rPr().append(tongue)
    _set(styles["Title"], SANS, 20, INK, after=2.0)
    _unline(styles["Title"])
    _set(styles["Subtitle"], SANS, 11, SOFT, after=12.0)
    styles["Subtitle"].font.italic = False
    _set(styles["Heading 1"], SANS, 15, INK, before=20.0, after=6.0)
    _set(styles["Heading 2"], SANS, 11.5, INK, before=12.0, after=4.0)
    _set(styles["Caption"], SERIF, 9.5, INK, before=8.0, after=4.0)
    styles["Caption"].font.bold = False
    for name, size, colour, indent in (
        ("Answer", 11.0, INK, 10.0),
        ("Term", 10.5, INK, 0.0),
        ("Meaning", 10.5, INK, 14.0),
        ("Note", 8.5, SOFT, 0.0),
        ("Cell", 8.5, INK, 0.0),
    ):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles["Normal"]
        _set(made, SERIF, size, colour, after={"Term": 0.0, "Cell": 0.0, "Note": 3.0}.get(name, 6))
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
    borders.append(element("w:left", val="single", sz="24", space="8", color="00598C"))
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
