"""Anchors, slugs and cleaned words, for whatever words come."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.report.document.document import Document, Link, Paragraph, Section
from backwalk_stats.report.document.plain_document import as_data, is_address
from backwalk_stats.report.document.text import (
    UNBROKEN,
    ZERO_WIDTH_SPACE,
    breakable,
    clean,
    finding_anchors,
    first_anchors,
    slug,
    study_anchors,
    typeset,
)

anything = st.text(alphabet=st.characters(), max_size=80)


@given(text=anything)
def test_slug_is_safe_in_a_path_and_an_address(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", slug(text))


@given(names=st.lists(st.sampled_from(["a:1", "a-1", "a_1", "A 1", "b", "", "‽", "a:1--2"])))
def test_anchors_are_unique_and_first_ones_are_found(names: list[str]) -> None:
    anchors = finding_anchors(names)
    assert len(set(anchors)) == len(names)
    assert all(first_anchors(names)[name] in anchors for name in names)
    places = study_anchors(names, prefix="study")
    assert len(set(places.values())) == len(set(names))


@given(text=anything)
def test_clean_leaves_no_control_character(text: str) -> None:
    cleaned = clean(text)
    assert all(unicodedata.category(sign) not in ("Cc", "Cs") for sign in cleaned)
    assert clean(cleaned) == cleaned


@given(text=anything)
def test_breakable_changes_nothing_but_where_words_may_break(text: str) -> None:
    cleaned = clean(text).replace(ZERO_WIDTH_SPACE, "")
    broken = breakable(cleaned)
    assert broken.replace(ZERO_WIDTH_SPACE, "") == cleaned
    assert all(len(piece) <= UNBROKEN for piece in re.split(rf"[\s{ZERO_WIDTH_SPACE}]", broken))


def test_only_web_addresses_are_addresses() -> None:
    refused = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a b", ""]
    assert not any(is_address(target) for target in refused)
    assert is_address("http://www.biomedcentral.com/1471-2474/9/170/abstract")


def test_a_link_that_leads_nowhere_is_shown_as_words() -> None:
    links = (Link(text="gone", target="#gone"), Link(text="here", target="#here"))
    section = Section(id="here", title="Here", blocks=(Paragraph(content=links),))
    data = as_data(Document(title="T", subtitle="", sections=(section,)))
    content = data["sections"][0]["blocks"][0]["content"]
    assert [part["target"] for part in content] == ["", "#here"]


@given(text=anything)
def test_typesetting_changes_signs_and_no_words(text: str) -> None:
    back = typeset(text).replace("−", "-")
    assert back == text.replace("−", "-") or "× 10" in back


def test_hyphens_stay_hyphens() -> None:
    for text in ("post-2 intervention", "2019-20", "t-test", "10.1155/2021-5", "NCT-1", "a -b"):
        assert typeset(text) == text
    assert typeset("(-0.38 to -.02), t=-1.9; 5e-07") == "(−0.38 to −.02), t=−1.9; 5 × 10⁻⁷"
