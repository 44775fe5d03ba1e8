"""The page: one file, every word shown as text, every link leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from backwalk_stats.report.document.text import finding_anchors
from backwalk_stats.report.writers.html_pdf import to_html
from backwalk_stats.report.writers.outputs import build
from backwalk_stats.trial.result import Reproduction

ELEMENTS = """
html head meta title style body a header h1 h2 h3 p div nav ol ul li main section
dl dt dd strong span figure figcaption table caption thead tbody tr th td details summary
svg defs g path use clippath rect image pattern line circle b
"""
ALLOWED = set(ELEMENTS.split())


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module", params=["plain_record", "hostile_record", "empty_record"])
def record(request: pytest.FixtureRequest) -> Reproduction:
    found: Reproduction = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def page(record: Reproduction) -> Page:
    return Page(to_html(build(record)))


def test_only_expected_elements_whatever_the_labels_say(page: Page) -> None:
    assert set(page.tags) <= ALLOWED
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    loading = {"src", "srcset", "data", "poster", "background", "action", "formaction", "manifest"}
    assert not [found for found in page.attributes if found[1] in loading]
    links = [value for tag, name, value in page.attributes if name == "href" and tag != "a"]
    inside = [value for _, name, value in page.attributes if name == "xlink:href"]
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in links + inside)


def test_no_style_reaches_out(record: Reproduction) -> None:
    text = to_html(build(record))
    assert "@import" not in text
    assert not re.search(r"url\((?!#|data:font/woff2;base64,)", text)


def test_links_are_web_addresses_or_places_of_the_page(page: Page) -> None:
    ids = set(page.ids)
    for tag, name, value in page.attributes:
        if tag == "a" and name == "href":
            assert value[1:] in ids if value.startswith("#") else value.startswith("https://")


def test_ids_are_unique(page: Page) -> None:
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []


def test_every_label_points_at_something(page: Page) -> None:
    named = [value for _, name, value in page.attributes if name == "aria-labelledby"]
    assert set(named) <= set(page.ids)


def test_headings_step_down_by_one(record: Reproduction) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", to_html(build(record)))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_hostile_words_are_shown_as_words(hostile_record: Reproduction) -> None:
    page = Page(to_html(build(hostile_record)))
    words = " ".join(page.words)
    assert "<script>alert(1)</script>" in words
    assert "{{ 7*7 }}" in words
    assert "\x1b" not in words
    assert "\u202e" not in words
    assert not [value for _, _, value in page.attributes if value.startswith("javascript:")]


def test_every_ledger_row_has_a_place_that_links_reach(plain_record: Reproduction) -> None:
    text = to_html(build(plain_record))
    page = Page(text)
    anchors = finding_anchors(plain_record.ledger["finding_id"])
    assert set(anchors) <= set(page.ids)
    links = {value[1:] for tag, name, value in page.attributes if name == "href" and tag == "a"}
    assert {"finding-chen2021-2", "finding-chen2021-4", "finding-joshi2019-9"} <= links


def test_an_unfolded_row_holds_inputs_formula_interval_and_source(
    plain_record: Reproduction,
) -> None:
    text = to_html(build(plain_record))
    row = text.split('id="finding-chen2021-2"')[1].split("</details>")[0]
    for said in ("lines 27, 30", "df = n1 + n2 - 2", "0.013 to 0.017", "contrasts.csv line 2"):
        assert said in row


def test_the_answer_comes_first(plain_record: Reproduction) -> None:
    text = to_html(build(plain_record))
    main = text.split('<main id="main">')[1]
    assert main.index('class="opening"') < main.index('class="claims"') < main.index('id="claims"')


def test_table_headings_say_what_they_head(page: Page) -> None:
    scopes = [value for tag, name, value in page.attributes if tag == "th" and name == "scope"]
    assert len(scopes) == page.tags["th"]
