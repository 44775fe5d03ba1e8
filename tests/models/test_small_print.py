"""What stands beside numbers of two methods, or of a formula where it means nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw


def answers(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    rows = [(arm, k < yes) for arm, (yes, n) in counts.items() for k in range(n)]
    return pd.DataFrame(rows, columns=["arm", "yes"])


def apart(p: float, low: float, high: float, null: float) -> bool:
    return (p < 0.05) != (not low <= null <= high)


def test_a_hartung_knapp_interval_that_is_narrower_is_told():
    alike = pd.DataFrame({"estimate": [0.50, 0.51, 0.52], "std_error": 0.2})
    unlike = pd.DataFrame({"estimate": [0.1, 0.9, 1.9], "std_error": 0.2})
    assert "narrower than the normal one" in bw.meta_analysis(alike)["notes"][0]
    assert bw.meta_analysis(unlike)["notes"][0] == ""
    assert bw.meta_analysis(alike, ci="z")["notes"][0] == ""


def test_a_test_and_an_interval_of_shares_that_disagree_are_told():
    found = []
    for yes in range(1, 16):
        frame = answers({"f": (yes, 16), "b": (2, 15)})
        rows = bw.responders(frame, responder="yes", arm="arm", reference="f")
        for row in rows[rows["quantity"] != "nnt"].to_dict("records"):
            null = float(row["quantity"] == "risk_ratio")
            told = "two methods (Fisher's exact test and" in row["notes"]
            assert told == apart(row["p_value"], row["conf_low"], row["conf_high"], null)
            found.append(told)
    assert any(found) and not all(found)


def test_a_rank_test_and_an_interval_that_disagree_are_told():
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"arm": np.repeat(["f", "b"], 9)})
        frame["pain"] = rng.integers(0, 5, 18) + 1.5 * (frame["arm"] == "b").round()
        row = bw.rank_based(frame, outcome="pain", arm="arm", reference="f").iloc[0]
        shift = apart(row["p_value"], row["conf_low"], row["conf_high"], 0.0)
        chance = apart(row["p_value"], row["prob_low"], row["prob_high"], 0.5)
        assert ("the limits of the shift" in row["notes"]) == shift
        assert ("the limits of the probability" in row["notes"]) == chance
        found.append(shift or chance)
    assert any(found) and not all(found)


def test_complete_data_miss_no_information():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"who": np.repeat(range(24), 2), "week": ["W3", "W6"] * 24})
    frame["group"] = np.where(frame["who"] % 2, "f", "b")
    frame["before"] = np.repeat(rng.normal(6, 1, 24), 2)
    frame["pain"] = rng.normal(4, 1, 48)
    roles = {"value": "pain", "participant": "who", "visit": "week", "arm": "group"}
    asked: dict[str, Any] = {**roles, "baseline": "before", "at": "W6", "reference": "f"}
    found = bw.multiple_imputation(frame, **asked, imputations=5, seed=1)
    assert found["pattern"][0] == "complete" and found["fraction_missing"][0] == 0.0
    frame.loc[3, "pain"] = np.nan
    found = bw.multiple_imputation(frame, **asked, imputations=5, seed=1)
    assert found["fraction_missing"][0] > 0.0
    one = bw.rubin(estimates=[0.1, 0.1, 0.1], variances=[0.3, 0.3, 0.3], df_complete=20)
    assert one["fraction_missing"][0] == 0.0
    assert one["std_error"][0] == pytest.approx(np.sqrt(0.3))
