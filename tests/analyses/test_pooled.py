"""Meta-analysis of frames: Cochrane's rows, the recorded pools, the contract and bad input."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.pooled import (
    INTERVALS,
    METHODS,
    leave_one_out,
    meta_analysis,
    pooling_notes,
    study_weights,
)
from backwalk_stats.engine.summary.two_arms import Arm, cochrane_smd
from backwalk_stats.errors import InputError, NotEstimable, UsageError
from backwalk_stats.trial.tables import META

PAIN, FUNCTION = 5, 6
ALLOWED = [
    (method.name, interval.name)
    for method in METHODS
    for interval in INTERVALS
    if method.tau2 is not None or interval.name == "z"
]


@pytest.fixture(scope="module")
def cochrane(evidence_folder) -> pd.DataFrame:
    """Return the rows of Cochrane CD004376.pub4 with the effect recomputed from n, mean, SD."""
    rows = pd.read_csv(evidence_folder / "cochrane_aerobic_addon.csv")
    arms = [
        Arm(rows[f"{arm}.N"], rows[f"{arm}.mean"], rows[f"{arm}.SD"])
        for arm in ("Experimental", "Control")
    ]
    smd = cochrane_smd(*arms)
    return rows.assign(
        study_id=rows["Study"].str.lower().str.replace(" ", ""),
        estimate=smd.estimate,
        std_error=smd.std_error,
        low=smd.conf_low,
        high=smd.conf_high,
    )


def analysis(rows: pd.DataFrame, number: int, studies: list[str] | None = None) -> pd.DataFrame:
    chosen = rows[rows["Analysis.number"] == number]
    return chosen if studies is None else chosen[chosen["study_id"].isin(studies)]


def test_every_row_is_cochranes(cochrane):
    assert len(cochrane) == 16
    for ours, printed in (("estimate", "Mean"), ("low", "CI.start"), ("high", "CI.end")):
        np.testing.assert_allclose(cochrane[ours], cochrane[printed], atol=1e-6, rtol=0)


@pytest.mark.parametrize(("number", "k"), [(PAIN, 9), (FUNCTION, 7)])
def test_weights_are_cochranes_to_1e_5(cochrane, number, k):
    rows = analysis(cochrane, number)
    assert len(rows) == k
    weights = study_weights(rows, method="dl")
    np.testing.assert_allclose(weights, rows["Weight"], atol=1e-5, rtol=0)
    assert weights.sum() == pytest.approx(100.0)
    assert list(weights.index) == list(rows.index)
    # REML weighs a little differently, so the match is not one of any method.
    assert np.abs(study_weights(rows, method="reml") - rows["Weight"]).max() > 0.01


RETRO = ["alghadir2019", "chen2021", "gondhalekar2013", "joshi2019", "shabbir2022"]


@pytest.mark.parametrize(
    ("number", "studies", "expected"),
    [
        (PAIN, RETRO, (-1.044, -1.667, -0.421, 16.45, 0.379, 75.7)),
        (FUNCTION, RETRO, (-1.190, -1.693, -0.687, 10.41, 0.200, 61.6)),
        (PAIN, None, (-0.899, -1.388, -0.411, None, 0.435, 78.4)),
        (FUNCTION, None, (-1.022, -1.425, -0.619, None, 0.177, 60.9)),
    ],
)
def test_recorded_pools_come_out(cochrane, number, studies, expected):
    estimate, low, high, q, tau2, i2 = expected
    row = meta_analysis(analysis(cochrane, number, studies), method="dl", ci="z").iloc[0]
    assert (round(row["estimate"], 3), round(row["conf_low"], 3)) == (estimate, low)
    assert (round(row["conf_high"], 3), round(row["tau2"], 3)) == (high, tau2)
    assert round(row["i2"], 1) == i2
    assert q is None or round(row["q"], 2) == q


@pytest.mark.parametrize(("method", "ci"), ALLOWED)
def test_contract_of_the_row(cochrane, method, ci):
    frame = bw.meta_analysis(analysis(cochrane, PAIN), method=method, ci=ci)
    assert tuple(frame.columns) == (*META, "notes")
    assert len(frame) == 1
    row = frame.iloc[0]
    assert (row["method"], row["ci"], row["k"], row["q_df"]) == (method, ci, 9, 8)
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["df"] == (math.inf if ci == "z" else 8.0)
    assert math.isnan(row["tau2"]) == (method == "common")
    assert math.isnan(row["pi_low"]) == (method == "common")
    if method != "common":
        assert row["pi_low"] < row["conf_low"]
        assert row["tau2_low"] <= row["tau2"] <= row["tau2_high"]


def test_leave_one_out_is_the_analysis_of_the_rest(cochrane):
    rows = analysis(cochrane, FUNCTION)
    result = leave_one_out(rows, method="reml", ci="hksj")
    assert tuple(result.columns) == ("left_out", *META, "notes")
    assert list(result["left_out"]) == list(rows["study_id"])
    for left_out, row in zip(result["left_out"], result.to_dict("records"), strict=True):
        rest = meta_analysis(rows[rows["study_id"] != left_out]).iloc[0]
        assert row["estimate"] == rest["estimate"]
        assert row["k"] == 6


def test_variance_and_std_error_are_two_spellings():
    effects = pd.DataFrame({"estimate": [0.1, 0.4, 0.9], "std_error": [0.2, 0.3, 0.25]})
    squared = effects.assign(variance=effects["std_error"] ** 2).drop(columns="std_error")
    pd.testing.assert_frame_equal(meta_analysis(effects), meta_analysis(squared))


def test_input_is_not_changed_and_order_does_not_matter(cochrane):
    rows = analysis(cochrane, PAIN)
    before = rows.copy(deep=True)
    one = meta_analysis(rows)
    pd.testing.assert_frame_equal(rows, before)
    two = meta_analysis(rows.iloc[::-1])
    assert one["estimate"].iloc[0] == pytest.approx(two["estimate"].iloc[0], rel=1e-12)


def test_unknown_choices_list_what_there_is():
    effects = pd.DataFrame({"estimate": [0.1, 0.4], "std_error": [0.2, 0.3]})
    with pytest.raises(UsageError, match="method is 'ml'; it is one of common, dl, pm, reml"):
        meta_analysis(effects, method="ml")
    with pytest.raises(UsageError, match="ci is 't'; it is one of z, hksj"):
        meta_analysis(effects, ci="t")
    # One name is not accepted in the other's place.
    with pytest.raises(UsageError, match="method is 'z'"):
        meta_analysis(effects, method="z", ci="dl")
    with pytest.raises(UsageError, match="normal interval only"):
        meta_analysis(effects, method="common")


def test_every_bad_row_is_named_at_once():
    effects = pd.DataFrame(
        {"estimate": [0.1, math.nan, 0.3, math.inf], "std_error": [0.2, 0.3, 0.0, -1.0]}
    )
    with pytest.raises(InputError) as caught:
        meta_analysis(effects)
    places = [(fault.row, fault.column) for fault in caught.value.faults]
    assert places == [(3, "estimate"), (5, "estimate"), (4, "std_error"), (5, "std_error")]
    text = pd.DataFrame({"estimate": ["0.1", "n/a"], "std_error": [0.2, 0.3]})
    with pytest.raises(InputError, match="n/a"):
        meta_analysis(text)


def test_missing_columns_and_too_few_studies():
    with pytest.raises(UsageError, match="column estimate"):
        meta_analysis(pd.DataFrame({"estimate": [1.0, 2.0]}))
    both = pd.DataFrame({"estimate": [1.0, 2.0], "std_error": [1, 1], "variance": [1, 1]})
    with pytest.raises(UsageError, match="one of std_error and variance"):
        meta_analysis(both)
    one = pd.DataFrame({"estimate": [1.0], "std_error": [1.0], "study_id": ["a"]})
    for method, ci in ALLOWED:
        with pytest.raises(NotEstimable):
            meta_analysis(one, method=method, ci=ci)
    with pytest.raises(NotEstimable):
        leave_one_out(pd.concat([one, one]))
    with pytest.raises(UsageError, match="study_id"):
        leave_one_out(one.drop(columns="study_id"))


def test_two_studies_have_no_prediction_interval():
    effects = pd.DataFrame({"estimate": [0.1, 0.9], "std_error": [0.2, 0.3]})
    row = meta_analysis(effects, ci="z").iloc[0]
    assert math.isnan(row["pi_low"])
    assert math.isnan(row["pi_high"])


def test_notes_say_what_the_row_cannot(cochrane):
    assert pooling_notes(analysis(cochrane, PAIN)) == ()
    alike = pd.DataFrame({"estimate": [0.50, 0.51, 0.52], "std_error": [0.2, 0.2, 0.2]})
    assert len(pooling_notes(alike)) == 2
    assert len(pooling_notes(alike, ci="z")) == 1
