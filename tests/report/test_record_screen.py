"""The report of the shipped record: what stands first, by whose numbers, on how many pages."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import BytesIO

import pypdf
import pytest

import backwalk_stats as bw
from backwalk_stats.report.document.document import ClaimLines, Document, Opening, Paragraph
from backwalk_stats.report.writers.html_pdf import to_html, to_pdf
from backwalk_stats.report.writers.outputs import build
from backwalk_stats.trial.result import Reproduction
from tests.report.test_sections import part, words

MOST_PAGES = 20


@pytest.fixture(scope="module")
def record() -> Reproduction:
    return bw.reproduce().reproduction


@pytest.fixture(scope="module")
def document(record: Reproduction) -> Document:
    return build(record)


def test_the_first_screen_says_what_holds_for_whom_and_how_sure(document: Document) -> None:
    opening, picture, claims, _ = part(document, "answer").blocks
    assert isinstance(opening, Opening)
    assert opening.answer == (
        "Backward walking added to usual care went with less knee pain. "
        "Whether backward beats forward is not shown."
    )
    said = "".join(words(opening)).replace("\N{NO-BREAK SPACE}", " ")
    # metafor's numbers for these five trials, and Student's t of the one comparison of directions:
    # ../shared/report/mock/README.md and ../shared/record/README.md
    for number in ("−1.05 (−1.96 to −0.13)", "I² 76%", "−3.31 to 1.22", "−0.70 points"):
        assert number in said
    assert "Five small trials, 208 people with knee osteoarthritis" in said
    assert "more walking against no added walking" in said and "(−1.42 to 0.02)" in said
    assert picture.kind == "figure" and isinstance(claims, ClaimLines)


def test_every_claim_has_a_line_and_every_verdict_its_count(
    document: Document, record: Reproduction
) -> None:
    lines = next(b for b in part(document, "answer").blocks if isinstance(b, ClaimLines))
    given = record.claims["verdict"].str.replace("_", " ").value_counts()
    assert {one.badge.text: one.count for one in lines.tallies if one.count} == given.to_dict()
    assert [row.badge.text for row in lines.rows] == list(
        record.claims["verdict"].str.replace("_", " ")
    )
    assert len({one.badge.mark for one in lines.tallies}) == len(lines.tallies) == 7


def test_a_claim_is_listed_by_its_short_form_where_it_has_one(record: Reproduction) -> None:
    claims = record.claims.copy()
    assert all(0 < len(short.split()) <= 9 for short in claims["short_claim"])
    claims.loc[0, "short_claim"] = ""
    lines = part(build(replace(record, claims=claims)), "answer").blocks[2]
    assert isinstance(lines, ClaimLines)
    assert lines.rows[0].claim == claims.loc[0, "claim"]
    assert lines.rows[1].claim == claims.loc[1, "short_claim"]


def test_a_report_on_one_study_is_about_that_study() -> None:
    one = bw.reproduce(["detweiler2007"]).reproduction
    assert list(one.claims["claim_id"]) == ["N6"]
    assert set(one.ledger["study_id"]) == {"detweiler2007"} and not len(one.grim)
    document = build(one)
    assert not any(isinstance(block, Opening) for block in part(document, "answer").blocks)
    assert "Trials together" not in [section.short for section in document.sections]
    shown = "".join(words(part(document, "claims")))
    for raw in ("Und incline", "Wku", "(ratio)"):
        assert raw not in shown


def test_how_sure_a_claim_is_stands_apart_from_other_questions(document: Document) -> None:
    said = [
        "".join(words(block))
        for block in part(document, "claims").blocks
        if isinstance(block, Paragraph)
    ]
    assert any(text.startswith("Neither shown nor refuted") for text in said)
    assert not any("another question" in text and "Neither shown" in text for text in said)


def test_counts_are_those_of_the_ledger_by_origin(document: Document, record: Reproduction) -> None:
    said = "".join(words(part(document, "answer").blocks[-1]))
    ledger = record.ledger.query("reported != '' and verdict != 'no_results'")
    by = {name: ledger[ledger["origin"] == name] for name in ("paper", "review")}
    papers, reviews = len(by["paper"]), len(by["review"])
    numbers = [int(found) for found in re.findall(r"\d+", said.split(".")[0])]
    looked_at = [papers, reviews] if reviews else [papers]
    assert numbers[: len(looked_at)] == looked_at
    assert sum(numbers[len(looked_at) :]) == papers + reviews


def test_nothing_internal_stands_on_the_page(document: Document, record: Reproduction) -> None:
    body = re.sub(r"<svg.*?</svg>", "", to_html(document).split("<body", 1)[1], flags=re.DOTALL)
    shown = unescape(re.sub(r"<[^>]+>", " ", body))
    for study_id in record.studies["study_id"]:
        assert not re.search(rf"(?<![\w/-]){study_id}(?![\w-])", shown), study_id
    for remark in ("NOT SEEN", "verbatim", "score: not read", "text not read"):
        assert remark not in shown


def test_the_searches_and_the_unread_papers_are_listed(
    document: Document, record: Reproduction
) -> None:
    tables = {block.id: block.table for block in document.tables()}
    assert len(tables["search"].rows) == len(record.searches) > 40
    studies = record.studies
    unread = (studies["full_text"] == "open") & studies["read"].str.startswith("abstract")
    assert len(tables["unread"].rows) == unread.sum() > 20


def test_the_pdf_is_short_and_opens_with_the_answer(document: Document) -> None:
    pdf = pypdf.PdfReader(BytesIO(to_pdf(document)))
    assert len(pdf.pages) <= MOST_PAGES
    first = " ".join(pdf.pages[0].extract_text().split())
    assert "went with less knee pain" in first and "N10" in first
    assert "printed by papers" in first
