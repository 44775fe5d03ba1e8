"""What every instrument promises, and what must hold of every score."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import backwalk_stats.instruments as room
from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.instruments.registry import all_instruments, instrument
from backwalk_stats.instruments.scoring import answers, possible, score_scale

BY_NAME = {
    f"{one.code}-{version.code}-{scale.name}": scale
    for one in all_instruments()
    for version in one.versions
    for scale in version.scales
}
SCALES = [pytest.param(scale, id=name) for name, scale in BY_NAME.items()]
# Those whose items all have two ends and point the same way.
ONE_WAY = [
    pytest.param(scale, id=name)
    for name, scale in BY_NAME.items()
    if all(item.high is not None for item in scale.items)
    and not name.startswith(("tsk-17", "mmst", "incl"))
]


def test_instruments_do_not_know_each_other():
    files = sorted(Path(room.__file__ or "").parent.glob("*.py"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    known = {name for name, text in texts.items() if "\nINSTRUMENT = " in text}
    assert len(known) == len(all_instruments())
    for name in known:
        used = set(re.findall(r"from backwalk_stats\.instruments\.(\w+) import", texts[name]))
        assert not used & known


@pytest.mark.parametrize("one", all_instruments(), ids=lambda one: one.code)
def test_instrument_says_what_it_is(one):
    assert re.fullmatch(r"[a-z0-9-]+", one.code)
    assert one.name and one.domain and one.licence and one.versions
    assert one.sources or one.unverified, "without a source that is said"
    codes = [version.code for version in one.versions]
    assert len(set(codes)) == len(codes)
    for version in one.versions:
        for name, reason in version.refused:
            assert name not in [scale.name for scale in version.scales] and len(reason) > 20
            with pytest.raises(UsageError, match="is not given"):
                version.scale(name)
    for alias, implied in one.aliases:
        assert instrument(alias) is one
        assert not implied or implied in codes
    named = [threshold.name for threshold in one.thresholds]
    per_scale = {(t.name, t.value) for t in one.thresholds}
    assert len(per_scale) == len(named)


@pytest.mark.parametrize("scale", SCALES)
def test_scale_says_what_it_is(scale):
    assert re.fullmatch(r"[a-z0-9-]+", scale.name)
    assert scale.better in {"lower", "higher"} and scale.label and scale.formula
    assert scale.items and scale.rules
    assert len({item.code for item in scale.items}) == len(scale.items)
    assert len({rule.name for rule in scale.rules}) == len(scale.rules)
    for item in scale.items:
        assert re.fullmatch(r"[A-Za-z0-9_]{1,16}", item.code), "a code, never wording"
    for rule in scale.rules:
        assert 1 <= rule.fewest <= len(scale.items) and rule.text and rule.source
    names = [threshold.name for threshold in scale.thresholds]
    assert len(set(names)) == len(names)
    for threshold in scale.thresholds:
        assert threshold.name.startswith(threshold.kind) and threshold.value > 0
        assert threshold.population and threshold.source
        if threshold.unit == "points" and scale.high is not None and scale.low is not None:
            assert threshold.value < scale.high - min(scale.low, 0)
    if scale.bands is not None:
        assert len(scale.bands.labels) == len(scale.bands.cuts) + 1
        assert list(scale.bands.cuts) == sorted(scale.bands.cuts)


@st.composite
def answered(draw, scale):
    """Return possible answers to every item, some of them missing."""
    columns = []
    for item in scale.items:
        if item.choices:
            columns.append(draw(st.sampled_from(item.choices)))
        elif item.step is not None:
            columns.append(draw(st.integers(int(item.low or 0), int(item.high or 60))))
        else:
            low = 0.01 if item.open_low else (item.low or 0.0)
            columns.append(draw(st.floats(low, item.high or 900.0)))
    holes = draw(st.sets(st.integers(0, len(scale.items) - 1)))
    values = np.asarray(columns, dtype=float)
    values[list(holes)] = np.nan
    return values


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=25)
@given(data=st.data())
def test_scores_stay_in_range_and_holes_never_make_certain(scale, data):
    values = data.draw(answered(scale))
    for rule in scale.rules:
        try:
            found = score_scale(scale, [values], rule.name)
        except InputError:
            # Differences of lengths or angles can lie off the scale, and are refused.
            assert scale.name in {"flexion", "extension"} or scale.unit == "°"
            return
        assert found.n_answered[0] + found.n_missing[0] == len(scale.items)
        assert found.rule_applied == rule.name
        known = not np.isnan(found.score[0])
        if known:
            assert scale.low is None or found.score[0] >= scale.low - 1e-9
            assert scale.high is None or found.score[0] <= scale.high + 1e-9
        assert known or found.flag[0]
        filled = np.flatnonzero(~np.isnan(values))
        if filled.size:
            fewer = values.copy()
            fewer[data.draw(st.sampled_from(list(filled)))] = np.nan
            less = score_scale(scale, [fewer], rule.name)
            assert less.n_answered[0] == found.n_answered[0] - 1
            assert known or np.isnan(less.score[0]), "a hole never yields a score"
            assert np.isnan(less.score[0]) or less.flag[0], "and a filled hole is flagged"


@pytest.mark.parametrize("scale", ONE_WAY)
@settings(max_examples=25)
@given(data=st.data())
def test_scores_follow_every_item(scale, data):
    values, others = data.draw(answered(scale)), data.draw(answered(scale))
    both = np.flatnonzero(~np.isnan(values) & ~np.isnan(others))
    assume(both.size)
    place = data.draw(st.sampled_from(list(both)))
    lower, higher = values.copy(), values.copy()
    lower[place], higher[place] = sorted([values[place], others[place]])
    ends = [[item.low for item in scale.items], [item.high for item in scale.items]]
    bottom, top = score_scale(scale, ends).score
    below, above = score_scale(scale, [lower, higher]).score
    if not np.isnan(below):
        assert (above - below) * np.sign(top - bottom) >= -1e-9
    assert {bottom, top} == {scale.low, scale.high}, "the ends of the scale are reached"


@pytest.mark.parametrize("scale", SCALES)
def test_an_answer_outside_is_refused_by_row_and_code(scale):
    for column, item in enumerate(scale.items):
        impossible = 98765.4321 if item.high is not None or item.step else -98765.4321
        values = np.full((2, len(scale.items)), np.nan)
        values[1, column] = impossible
        with pytest.raises(InputError) as caught:
            score_scale(scale, values)
        (fault,) = caught.value.faults
        assert (fault.row, fault.column, fault.expected) == (2, item.code, answers(item))
        assert "98765" not in str(caught.value)


def test_the_contract_sees_faults():
    item = replace(instrument("koos").version().scale("qol").items[0], high=None, open_low=True)
    assert list(possible(item, np.array([0.0, 1.0, np.inf, np.nan]))) == [False, True, False, True]
