"""The Word file: sound, real tables and headings, the same words, whatever the words are."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

import docx
import pytest

from backwalk_stats.report.document.document import (
    Document,
    Items,
    Link,
    Paragraph,
    Section,
    Subheading,
    TableBlock,
)
from backwalk_stats.report.writers.outputs import build
from backwalk_stats.report.writers.word import (
    CELL_MARGIN_PT,
    LETTER_WIDTH,
    TEXT_WIDTH_PT,
    _widths,
    to_docx,
)
from backwalk_stats.tables.display import DisplayTable, display_columns

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def small() -> Document:
    """Return a document with a grouped table, a list and links."""
    table = DisplayTable(
        columns=display_columns(("a", "Arm", "left", None), ("n", "Number", "right", None)),
        rows=(("forward", "30"), ("backward", "29"), ("control", "28")),
        groups=("Walking", "Walking", "None"),
        caption="Participants.",
        notes=("A note.",),
    )
    links = Paragraph(content=(Link(text="below", target="#table"), " and ",
                               Link(text="there", target="https://example.org/a")))  # fmt: skip
    blocks = (
        links,
        Items(entries=(("one",), ("two",))),
        Subheading(id="sub", text="Sub"),
        TableBlock(id="table", table=table),
    )
    section = Section(id="first", title="First", blocks=blocks)
    return Document(title="Title", subtitle="Subtitle", sections=(section,))


def part(content: bytes, name: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read(name).decode()


def test_the_same_document_gives_the_same_bytes_without_a_date():
    content = to_docx(small())
    assert content == to_docx(small())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.namelist()[0] == "[Content_Types].xml"


def test_headings_lists_and_captions_are_real():
    word = docx.Document(io.BytesIO(to_docx(small())))
    styles = {one.text: one.style.name for one in word.paragraphs if one.style is not None}
    assert styles["Title"] == "Title"
    assert styles["First"] == "Heading 1"
    assert styles["Sub"] == "Heading 2"
    assert styles["one"] == styles["two"] == "List Bullet"
    assert styles["Table 1. Participants."] == "Caption"
    assert word.core_properties.title == "Title"


def test_a_table_has_three_lines_and_repeats_its_heading():
    content = to_docx(small())
    table = docx.Document(io.BytesIO(content)).tables[0]
    texts = [row.cells[0].text for row in table.rows]
    assert texts == ["Arm", "Walking", "forward", "backward", "None", "control"]
    marks = [row._tr.find(f"{W}trPr/{W}tblHeader") is not None for row in table.rows]
    assert marks == [True, False, False, False, False, False]
    borders = part(content).count("<w:tcBorders>")
    assert borders == 2 * len(table.columns)


def test_no_heading_of_a_table_ends_a_page():
    word = docx.Document(io.BytesIO(to_docx(small())))
    held = [
        row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in word.tables[0].rows
    ]
    assert held == [True] * 5 + [None]  # a short table stays whole, and its last row may end a page
    long = DisplayTable(
        columns=display_columns(("a", "Arm", "left", None), ("n", "Number", "right", None)),
        rows=tuple((f"arm {place}", "30") for place in range(40)),
        groups=tuple(f"group {place // 4}" for place in range(40)),
        caption="Many.",
    )
    section = Section(id="s", title="S", blocks=(TableBlock(id="t", table=long),))
    word = docx.Document(io.BytesIO(to_docx(Document(title="T", subtitle="", sections=(section,)))))
    for row in word.tables[0].rows[1:]:
        text = row.cells[0].text
        held = row.cells[0].paragraphs[0].paragraph_format.keep_with_next
        assert bool(held) == (text.startswith("group")), text


def test_columns_are_as_wide_as_saves_lines():
    columns = display_columns(
        ("v", "Visit", "left", None), ("d", "Difference", "right", None),
        ("s", "Note", "left", None), ("o", "Other", "left", None),
    )  # fmt: skip
    long = "analyses under other beliefs about the values that are missing, one after the other"
    row = ("Week 12", "−0.85 (−1.26 to −0.43)", f"{long} {long}", "none")
    shown = {"columns": [{"label": one.label, "align": one.align} for one in columns],
             "rows": [row, (*row[:2], "", "")]}  # fmt: skip
    widths = _widths(shown, 9.0)
    assert sum(widths) == pytest.approx(TEXT_WIDTH_PT)
    letters = [(width - 2 * CELL_MARGIN_PT) / (9.0 * LETTER_WIDTH) for width in widths]
    assert letters[0] >= len(row[0]) and letters[1] >= len(row[1])
    assert letters[2] > 5 * letters[3]
    assert letters[3] >= len("Other")


def test_links_lead_to_bookmarks_or_to_web_addresses():
    content = to_docx(small())
    body = part(content)
    names = set(re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', body))
    assert set(re.findall(r'w:anchor="([^"]+)"', body)) <= names
    numbers = re.findall(r'<w:bookmarkStart [^>]*w:id="([^"]+)"', body)
    assert len(numbers) == len(set(numbers))
    outside = re.findall(r'Target="([^"]+)" TargetMode="External"',
                         part(content, "word/_rels/document.xml.rels"))  # fmt: skip
    assert outside == ["https://example.org/a"]


@pytest.mark.parametrize("name", ["plain_record", "hostile_record", "empty_record"])
def test_every_picture_has_words_and_every_part_is_sound(name, request):
    content = to_docx(build(request.getfixturevalue(name)))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for entry in parts.namelist():
            if entry.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(entry))
    pictures = re.findall(r"<wp:docPr [^>]*>", part(content))
    assert all('descr="' in picture for picture in pictures)
    outside = re.findall(r'Target="([^"]+)" TargetMode="External"',
                         part(content, "word/_rels/document.xml.rels"))  # fmt: skip
    assert all(target.startswith("https://") for target in outside)


def test_hostile_words_are_words(hostile_record):
    word = docx.Document(io.BytesIO(to_docx(build(hostile_record))))
    said = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "<script>alert(1)</script>" in said
    assert "\x1b" not in said
