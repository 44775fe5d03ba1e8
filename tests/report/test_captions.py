"""Tables and pictures have one number and one caption: on the page, on paper and in Word."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import docx
import pytest

from backwalk_stats.report import sections_motion
from backwalk_stats.report.document.document import Document, FigureBlock, TableBlock, written_sections
from backwalk_stats.report.subject import motion_subject, trial_subject
from backwalk_stats.report.writers.html_pdf import to_html, to_pdf
from backwalk_stats.report.writers.outputs import build, trial_document
from backwalk_stats.report.writers.word import to_docx
from tests.report import motion_records, trial_records

CAPTION = re.compile(r"(?:Table|Figure) \d+\. ")
ON_PAGE = re.compile(r"<(caption|figcaption)[^>]*>(.*?)</\1>", re.DOTALL)


def bare(text: str) -> str:
    """Return the letters of a text: a typesetter breaks lines and words where it likes."""
    return re.sub(r"[\s\u00ad\u200b\u2010-]+", "", text)


def on_page(document: Document) -> list[str]:
    """Return the captions of the page, in their order."""
    found = (re.sub(r"<[^>]+>", "", one[1]) for one in ON_PAGE.findall(to_html(document)))
    return [bare(unescape(words)) for words in found if CAPTION.match(unescape(words).strip())]


def in_word(document: Document) -> list[str]:
    """Return the captions of the Word file, in their order."""
    word = docx.Document(BytesIO(to_docx(document)))
    told = [one.text for one in word.paragraphs if one.style and one.style.name == "Caption"]
    return [bare(words) for words in told]


def on_paper(document: Document) -> str:
    """Return the words of the PDF."""
    pypdf = pytest.importorskip("pypdf", reason="the extra `paper` is not installed")
    pdf = pypdf.PdfReader(BytesIO(to_pdf(document)))
    return bare("".join(page.extract_text() for page in pdf.pages))


@pytest.fixture(scope="module", params=["record", "trial", "motion"])
def document(request: pytest.FixtureRequest) -> Document:
    """Return a small report of each kind."""
    if request.param == "record":
        return build(request.getfixturevalue("plain_record"))
    if request.param == "trial":
        return trial_document(trial_subject(trial_records.analysis()), lambda *_: None)
    sections = written_sections(sections_motion, motion_subject(motion_records.study()))
    return Document(title="Movement", subtitle="A motion file", sections=sections)


def test_the_page_and_word_have_the_same_captions(document: Document) -> None:
    captions = on_page(document)
    assert captions
    assert captions == in_word(document)


def test_numbers_count_through_the_document(document: Document) -> None:
    for kind in ("Table", "Figure"):
        told = [re.match(rf"{kind}(\d+)\.", one) for one in on_page(document)]
        counted = [int(one[1]) for one in told if one is not None]
        assert counted == list(range(1, len(counted) + 1))


def test_paper_has_the_captions_of_what_it_shows(document: Document) -> None:
    words, kept = on_paper(document), document.numbered().on_paper()
    shown = kept.figures()
    assert shown
    captions = set(on_page(document))
    for block in (one for part in kept.sections for one in part.blocks):
        if isinstance(block, TableBlock):
            caption = bare(f"Table {block.number}. {block.table.caption}")
        elif isinstance(block, FigureBlock):
            caption = bare(f"Figure {block.number}. {block.caption}")
        else:
            continue
        assert caption in captions
        assert caption in words


def test_a_number_that_differs_is_found(document: Document) -> None:
    other = document.numbered().figures()[0]
    assert bare(f"Figure {other.number + 99}. {other.caption}") not in on_paper(document)
