"""The field's words: two spellings of one arm, outcome or time are the same."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.reading.vocabulary import (
    arm_words,
    family,
    is_before,
    is_merged_arm,
    outcome_words,
    spans_time,
    speaks_of_change,
    time_in,
    walks_backward,
    walks_forward,
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("retro-walking + conventional", "backward and usual care"),
        ("BWT", "backward walking group"),
        ("FW", "forward walking"),
        ("retro (inferred)", "the backward arm"),
        ("Reverse walking", "backwards walking"),
    ],
)
def test_two_spellings_of_an_arm(one: str, two: str) -> None:
    assert arm_words(one) - {"and"} == arm_words(two) - {"and"}


@pytest.mark.parametrize(
    ("text", "backward", "forward"),
    [
        ("retro+conventional", True, False),
        ("BWT vs FWT", True, True),
        ("control", False, False),
        ("forward running", False, True),
        ("backwater", False, False),
    ],
)
def test_direction(text: str, backward: bool, forward: bool) -> None:
    assert (walks_backward(text), walks_forward(text)) == (backward, forward)


def test_outcome_words_leave_out_time_and_fold_synonyms() -> None:
    assert outcome_words("NPRS week 6") == outcome_words("NRS score, final") == {"nrs"}
    assert outcome_words("WOMAC total") > outcome_words("WOMAC")


@pytest.mark.parametrize(
    ("label", "time"),
    [
        ("NRS, WOMAC week 4", "week 4"),
        ("WOMAC", ""),
        ("NPRS baseline", "baseline"),
        ("VAS Week  6", "week 6"),
        ("ODI post", "post"),
    ],
)
def test_time_point(label: str, time: str) -> None:
    assert time_in(label) == time


@pytest.mark.parametrize(
    ("timepoint", "before", "span"),
    [
        ("baseline", True, False),
        ("pre", True, False),
        ("week 0", True, False),
        ("baseline to week 6", False, True),
        ("pre to 1-month retention", False, True),
        ("post-pre (3 wk)", False, True),
        ("pre-post", False, True),
        ("week 6", False, False),
        ("post (6 wk)", False, False),
    ],
)
def test_before_or_span(timepoint: str, before: bool, span: bool) -> None:
    assert (is_before(timepoint), spans_time(timepoint)) == (before, span)


def test_change_and_merged_arms() -> None:
    assert speaks_of_change("pain reduction")
    assert not speaks_of_change("pain")
    assert is_merged_arm("retro+forward combined")
    assert not is_merged_arm("retro+conventional")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WOMAC (pain)", "pain"),
        ("WOMAC week 6", "function"),
        ("first peak EKAM; KAAI", "loading"),
        ("overall LMC performance", "motion"),
        ("MF %MVIC", "muscle"),
        ("Stroop Color-Word Test time", "cognition"),
        ("sleep efficiency", ""),
    ],
)
def test_family_of_outcomes(text: str, name: str) -> None:
    assert family(text) == name
