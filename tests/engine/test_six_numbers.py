"""Analyses from six numbers an arm, against the raw data they summarise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.summary.six_numbers import (
    ancova_from_summaries,
    change_score_from_summaries,
    two_visit_model,
)
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

CASES = stored("six_numbers")["cases"]
FIELDS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("name", "analysis"),
    [("ancova", ancova_from_summaries), ("change", change_score_from_summaries)],
)
def test_least_squares_is_rs(case, name, analysis):
    result = analysis(**case["input"])
    for field in FIELDS:
        assert getattr(result, field) == pytest.approx(case[name][field], rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_mixed_model_is_lmers(case):
    expected = case["mixed"]
    model = two_visit_model(**case["input"])
    # lmer stops its optimiser at about 1e-6 of theta.
    for field in ("estimate", "std_error", "statistic", "p_value"):
        assert getattr(model.contrast, field) == pytest.approx(expected[field], rel=1e-4)
    assert model.contrast.df == pytest.approx(expected["df"], rel=1e-3)
    assert model.residual_variance == pytest.approx(expected["residual_variance"], rel=1e-4)
    assert model.participant_variance == pytest.approx(
        expected["participant_variance"], rel=1e-4, abs=1e-8
    )
    assert bool(model.singular) == expected["singular"]


def test_the_stored_cases_hold_a_boundary_fit():
    assert {case["mixed"]["singular"] for case in CASES} == {True, False}


def simulated(seed: int, arms: int) -> tuple[list[Any], dict[str, Any]]:
    rng = np.random.default_rng(seed)
    raw = []
    for _ in range(arms):
        size = int(rng.integers(4, 30))
        pre = rng.normal(6.0, 1.5, size)
        raw.append(np.column_stack([pre, rng.uniform(0, 1) * pre + rng.normal(0, 1, size)]))
    summary = {
        "n": [float(len(r)) for r in raw],
        "mean_pre": [float(r[:, 0].mean()) for r in raw],
        "sd_pre": [float(r[:, 0].std(ddof=1)) for r in raw],
        "mean_post": [float(r[:, 1].mean()) for r in raw],
        "sd_post": [float(r[:, 1].std(ddof=1)) for r in raw],
        "correlation": [float(np.asarray(np.corrcoef(r.T))[0, 1]) for r in raw],
    }
    return raw, summary


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_ancova_is_least_squares_on_the_raw_data(seed, arms):
    raw, summary = simulated(seed, arms)
    arm = np.repeat(np.arange(arms), [len(r) for r in raw])
    stacked = np.vstack(raw)
    # Reference coding with the last arm as reference: the first coefficient is arm 0 - last.
    dummies = (arm[:, None] == np.arange(arms - 1)).astype(float)
    design = np.column_stack([dummies, np.ones(arm.size), stacked[:, 0]])
    coef, rss, _, _ = np.linalg.lstsq(design, stacked[:, 1], rcond=None)
    df = arm.size - design.shape[1]
    variance = rss[0] / df * np.linalg.inv(design.T @ design)
    result = ancova_from_summaries(**summary, first=0, second=arms - 1)
    assert result.estimate == pytest.approx(coef[0], rel=1e-7, abs=1e-9)
    assert result.std_error == pytest.approx(variance[0, 0] ** 0.5, rel=1e-7)
    assert result.df == df
    # The same for the change as outcome.
    change, _, _, _ = np.linalg.lstsq(design, stacked[:, 1] - stacked[:, 0], rcond=None)
    assert result.estimate == pytest.approx(change[0], rel=1e-7, abs=1e-9)


def test_inside_the_parameter_space_the_mixed_model_is_the_change_score():
    for case in CASES:
        model = two_visit_model(**case["input"])
        change = change_score_from_summaries(**case["input"])
        same = model.contrast.std_error == pytest.approx(change.std_error, rel=1e-12)
        assert same == (not bool(model.singular))


def test_boxes_broadcast():
    case = CASES[0]["input"]
    correlation = np.array([[0.4, 0.3], [0.5, 0.4], [-0.6, -0.5]])
    box = case | {"correlation": correlation}
    for analysis in (ancova_from_summaries, change_score_from_summaries):
        assert np.asarray(analysis(**box).p_value)[1] == pytest.approx(
            analysis(**case).p_value, rel=1e-12
        )
    assert two_visit_model(**box).singular.tolist() == [False, False, True]


@pytest.mark.parametrize(
    "bad",
    [
        {"correlation": [1.2, 0.5]},
        {"n": [1, 20]},
        {"sd_pre": [-1, 1]},
        {"sd_pre": [0, 0]},
        {"correlation": [1.0, 1.0], "sd_post": [1.5, 1.4]},
    ],
)
def test_impossible_summaries_are_refused(bad):
    with pytest.raises(NotEstimable):
        ancova_from_summaries(**(CASES[0]["input"] | bad))
