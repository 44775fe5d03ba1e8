"""Firth's odds ratios against a direct maximisation in R, a closed form, and at separation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.firth import firth_odds_ratio
from tests.reference.stored import stored

VALUES = stored("firth")


@pytest.mark.parametrize("name", ["plain", "separated"])
@pytest.mark.parametrize("unit", [1.0, 1e4])
def test_estimates_tests_and_limits_are_r(name, unit):
    frame = pd.DataFrame(VALUES[name]["data"]).assign(age=lambda f: f["age"] * unit)
    found = firth_odds_ratio(frame, responder="y", arm="arm", covariates="age", reference="forward")
    for row, expected in zip(found.to_dict("records"), VALUES[name]["rows"], strict=True):
        assert row["contrast"] == f"{expected['arm']} - forward"
        for field in ("estimate", "statistic", "p_value", "conf_low", "conf_high"):
            assert row[field] == pytest.approx(expected[field], rel=1e-6)


@pytest.mark.parametrize("cells", [(10, 0, 3, 7), (0, 12, 0, 9), (4, 6, 5, 5), (8, 0, 0, 8)])
def test_two_arms_are_half_added_to_every_cell(cells):
    # Without covariates the penalty is half an observation in each cell (Firth 1993).
    a, b, c, d = cells
    if a + c == 0:
        return
    frame = pd.DataFrame(
        {"arm": ["new"] * (a + b) + ["old"] * (c + d), "y": [1] * a + [0] * b + [1] * c + [0] * d}
    )
    found = firth_odds_ratio(frame, responder="y", arm="arm", reference="old").iloc[0]
    assert found["estimate"] == pytest.approx((a + 0.5) * (d + 0.5) / (b + 0.5) / (c + 0.5))
    wald = np.sqrt(sum(1 / (cell + 0.5) for cell in cells))
    assert found["std_error"] == pytest.approx(wald, rel=0.15)


def test_gaps_are_counted_and_refusals_say_what_is_wrong():
    frame = pd.DataFrame(VALUES["plain"]["data"]).astype({"y": float})
    frame.loc[[0, 11], "y"] = np.nan
    frame.loc[[1], "age"] = np.nan
    frame["months"] = frame["age"] * 12
    found = firth_odds_ratio(frame, responder="y", arm="arm", covariates="age", reference="forward")
    names = ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
    assert found.iloc[0][names].tolist() == [8, 9, 2, 1]
    with pytest.raises(BackwalkError, match="months is collinear with age"):
        firth_odds_ratio(
            frame, responder="y", arm="arm", covariates=["age", "months"], reference="forward"
        )
    with pytest.raises(BackwalkError, match="the same in every row"):
        firth_odds_ratio(frame.assign(y=1), responder="y", arm="arm", reference="forward")
    with pytest.raises(BackwalkError, match="arm: named twice"):
        firth_odds_ratio(frame, responder="y", arm="arm", covariates="arm")
