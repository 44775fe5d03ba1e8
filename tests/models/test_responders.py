"""`responders` against R, published intervals and statsmodels, and its extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from backwalk_stats.engine.summary.proportions import (
    Counts,
    difference_interval,
    fisher_p,
    ratio_interval,
    wilson_interval,
)
from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.responders import responders
from tests.reference.stored import stored

VALUES = stored("responders")
# Newcombe 1998, Stat Med 17:873, Table II, method 10.
NEWCOMBE = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((10, 10, 0, 10), (0.6075, 1.0)),
]


def counts(cells: Any) -> Counts:
    return Counts(events1=cells[0], n1=cells[1], events2=cells[2], n2=cells[3])


def trial(cells: Any) -> pd.DataFrame:
    events1, n1, events2, n2 = cells
    answers = [True] * events1 + [False] * (n1 - events1)
    answers += [True] * events2 + [False] * (n2 - events2)
    return pd.DataFrame({"arm": ["new"] * n1 + ["old"] * n2, "better": answers})


def run(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    choices = {"reference": "old", **choices}
    return responders(frame, responder="better", arm="arm", **choices)


def by_quantity(cells: Any, **choices: Any) -> dict[str, Any]:
    rows = run(trial(cells), **choices).to_dict("records")
    return {str(row["quantity"]): row for row in rows}


@pytest.mark.parametrize(("cells", "limits"), NEWCOMBE)
def test_difference_is_newcombe(cells, limits):
    found = difference_interval(counts(cells))
    assert [found.low, found.high] == pytest.approx(list(limits), abs=5.1e-5)


@pytest.mark.parametrize("case", VALUES["cases"], ids=lambda case: str(case["input"]))
def test_intervals_and_p_are_r(case):
    found = by_quantity(case["input"])
    difference, ratio = found["risk_difference"], found["risk_ratio"]
    assert difference["conf_low"] == pytest.approx(case["difference_low"], rel=1e-10)
    assert difference["conf_high"] == pytest.approx(case["difference_high"], rel=1e-10)
    # The recipe maximises by a search that is good to about 1e-8.
    assert ratio["conf_low"] == pytest.approx(case["ratio_low"], rel=1e-7)
    assert ratio["conf_high"] == pytest.approx(case["ratio_high"], rel=1e-7)
    assert found["nnt"]["p_value"] == pytest.approx(case["fisher_p"], rel=1e-10)


@pytest.mark.parametrize("case", VALUES["extreme"], ids=lambda case: str(case["input"]))
def test_fisher_at_the_extremes_is_r(case):
    assert fisher_p(counts(case["input"])) == pytest.approx(case["fisher_p"], rel=1e-10)


@pytest.mark.parametrize(
    "cells", [(12, 20, 7, 25), (3, 30, 9, 31), (0, 10, 6, 12), (19, 20, 3, 18)]
)
def test_ratio_is_statsmodels_score(cells):
    found = ratio_interval(counts(cells))
    oracle = confint_proportions_2indep(*cells, compare="ratio", method="score", correction=False)
    if cells[0]:
        assert found.low == pytest.approx(oracle[0], rel=1e-6)
    assert found.high == pytest.approx(oracle[1], rel=1e-6)


def test_no_one_responded_in_one_arm():
    found = by_quantity((0, 10, 6, 12))
    ratio = found["risk_ratio"]
    assert (ratio["estimate"], ratio["conf_low"]) == (0.0, 0.0)
    assert 0.0 < ratio["conf_high"] < 1.0
    assert ratio["notes"] == "no responder in new"
    back = by_quantity((6, 12, 0, 10))["risk_ratio"]
    assert (back["estimate"], back["conf_high"]) == (np.inf, np.inf)
    assert back["conf_low"] == pytest.approx(1.0 / ratio["conf_high"], rel=1e-9)


def test_everyone_and_no_one():
    found = by_quantity((10, 10, 0, 10))
    assert found["risk_difference"]["estimate"] == 1.0
    assert [found["nnt"][name] for name in ("estimate", "conf_low")] == [1.0, 1.0]
    both = by_quantity((8, 8, 9, 9))
    assert both["risk_ratio"]["estimate"] == 1.0
    assert both["risk_ratio"]["conf_low"] < 1.0 < both["risk_ratio"]["conf_high"]
    assert both["nnt"]["p_value"] == 1.0


def test_no_one_in_either_arm_is_said():
    found = by_quantity((0, 8, 0, 9))
    assert np.isnan(found["risk_ratio"]["estimate"])
    assert "not determined" in found["risk_ratio"]["notes"]
    assert found["nnt"]["estimate"] == np.inf
    limits = found["risk_difference"]
    assert np.isfinite([limits["conf_low"], limits["conf_high"]]).all()


def test_number_needed_to_treat_through_infinity():
    # Altman 1998: where the difference may be 0 the interval holds infinity, not 0.
    found = by_quantity((12, 20, 11, 22))
    difference, nnt = found["risk_difference"], found["nnt"]
    assert difference["conf_low"] < 0 < difference["conf_high"]
    assert nnt["estimate"] == pytest.approx(10.0)
    assert nnt["conf_low"] == pytest.approx(1 / difference["conf_low"])
    assert nnt["conf_high"] == pytest.approx(1 / difference["conf_high"])
    assert nnt["notes"].startswith("through infinity")
    clear = by_quantity((36, 40, 16, 80))
    assert clear["nnt"]["notes"] == ""
    limits = clear["risk_difference"]
    assert clear["nnt"]["conf_low"] == pytest.approx(1 / limits["conf_high"])


def test_wilson_stays_within_zero_and_one():
    for n in range(1, 30):
        for events in range(n + 1):
            found = wilson_interval(events=events, n=n)
            assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0


def test_swapping_the_arms_turns_the_signs():
    ahead = by_quantity((12, 20, 7, 25))
    back = by_quantity((12, 20, 7, 25), reference="new")
    for field, other in (("conf_low", "conf_high"), ("estimate", "estimate")):
        assert ahead["risk_difference"][field] == -back["risk_difference"][other]
        assert ahead["risk_ratio"][field] == pytest.approx(1 / back["risk_ratio"][other], rel=1e-9)


def test_counts_and_gaps():
    frame = trial((12, 20, 7, 25)).astype({"better": object})
    frame.loc[[0, 1, 44], "better"] = None
    found = run(frame).iloc[0]
    names = [
        "events",
        "n_arm",
        "events_reference",
        "n_reference",
        "dropped_arm",
        "dropped_reference",
    ]
    assert found[names].tolist() == [10, 18, 7, 24, 2, 1]
    numbers = frame.assign(better=frame["better"].astype(float))
    pd.testing.assert_frame_equal(run(frame), run(numbers))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 1, 2, 0, 1, 1], "1 of 6 rows hold something else"),
        (list("ynynyn"), "expected true and false, or 1 and 0; 6 of 6"),
        ([1, None, None, 0, 1, 1], "new 1; each arm needs 2 at least"),
    ],
)
def test_refusals_say_what_is_wrong(values, message):
    frame = pd.DataFrame({"arm": ["new"] * 3 + ["old"] * 3, "better": values})
    with pytest.raises(BackwalkError, match=message):
        run(frame)
