"""Marks inside a Word file that python-docx has no call for: bookmarks, links, numbers, borders."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
LONGEST_NAME = 40  # of a bookmark, in Word


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
    run = paragraph.add_run(text, style="Link")
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
