"""Units that a ratio cannot hold, and ratings so poor that their average has no lower limit."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw


def answers(unit: float) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    base = rng.normal(size=60)
    change = np.digitize(0.7 * base + rng.logistic(size=60), [-1.0, 0.5]) + 1
    arm = pd.Categorical(np.where(np.arange(60) % 3, "backward", "forward"))
    return pd.DataFrame({"arm": arm, "base": (base + 5.0) * unit, "change": change})


@pytest.mark.parametrize("limits", ["wald", "profile", "score"])
@pytest.mark.parametrize("unit", [1e-8, 1e-3, 1e8])
def test_the_arm_does_not_hang_on_the_unit_of_a_covariate(limits, unit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, plain = (
            bw.ordinal(
                answers(one), outcome="change", arm="arm", reference="forward",
                covariates="base", limits=limits, df="residual",
            ).iloc[:2]
            for one in (unit, 1.0)
        )  # fmt: skip
    columns = ["estimate", "conf_low", "conf_high", "std_error", "p_value"]
    np.testing.assert_allclose(
        found[columns].iloc[0].astype(float), plain[columns].iloc[0].astype(float), rtol=1e-6
    )
    assert found["p_value"].iloc[1] == pytest.approx(plain["p_value"].iloc[1], rel=1e-6)
    assert (found["conf_low"] <= found["estimate"]).all()


def test_limits_of_averaged_ratings_hold_the_estimate():
    """Of tables without agreement, none has limits on one side of its estimate."""
    seen = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        long = pd.DataFrame(
            {
                "who": np.repeat(np.arange(6), 5),
                "rater": np.tile(np.arange(5), 6),
                "score": rng.normal(size=30),
            }
        )
        found = bw.reliability(long, participant="who", measurement="rater", value="score")
        rows = found[found["quantity"].str.startswith("icc")]
        assert (rows["conf_low"] <= rows["estimate"]).all(), seed
        assert (rows["estimate"] <= rows["conf_high"]).all(), seed
        seen += int(np.isneginf(rows["conf_low"]).any())
    assert seen
