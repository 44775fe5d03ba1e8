"""Permutation tests of an analysis of covariance: the stored counts of R, and slow loops."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.stored_models import prepared, stored


@pytest.mark.parametrize("scheme", ["dealt-anew", "freedman-lane"])
def test_the_stored_counts_of_all_relabellings(scheme):
    case = stored("permutation_ancova__four_and_four")
    fit = bw.ols(case["call"]["arguments"]["formula"], prepared(case))
    found = bw.permutation_test(fit, "arm", replicates=50_000, seed=1, scheme=scheme).iloc[0]
    wanted = {row["quantity"]: row["value"] for row in case["tables"][scheme.replace("-", "_")]}
    for name in ("estimate", "statistic", "p_value"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-9)
    assert (found["extreme"], found["replicates"]) == (wanted["count"], wanted["permutations"])
    assert (found["method"], found["scheme"]) == ("exact", scheme)
    drawn = bw.permutation_test(fit, "arm", replicates=60, seed=2, scheme=scheme).iloc[0]
    spread = np.sqrt(wanted["p_value"] * (1 - wanted["p_value"]) / 60)
    assert drawn["method"] == "random"
    assert abs(drawn["p_value"] - wanted["p_value"]) < 4 * spread + 1 / 61


def trial(seed: int, sizes: tuple[int, ...]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(len(sizes)), sizes)
    base = rng.normal(6, 1, len(arm)).round(2)
    frame = pd.DataFrame({"arm": pd.Categorical([f"g{one}" for one in arm]), "base": base})
    frame["site"] = pd.Categorical(np.where(np.arange(len(arm)) % 2, "s", "t"))
    return frame.assign(pain=(base - 0.8 * arm + rng.normal(0, 1, len(arm))).round(2))


def t_of(y: np.ndarray, x: np.ndarray, place: int) -> float:
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    rest = y - x @ beta
    return float(beta[place] / np.sqrt(inverse[place, place] * rest @ rest / (len(y) - len(beta))))


def test_deals_by_a_slow_loop():
    frame = trial(1, (3, 4))
    y, base = frame["pain"].to_numpy(), frame["base"].to_numpy()
    found = []
    for members in combinations(range(7), 4):
        arm = np.isin(np.arange(7), members).astype(float)
        found.append(abs(t_of(y, np.column_stack([np.ones(7), base, arm]), 2)))
    fit = bw.ols("pain ~ base + arm", frame)
    row = bw.permutation_test(fit, "arm", seed=1).iloc[0]
    own = abs(row["statistic"])
    assert row["p_value"] == np.mean([one >= own * (1 - 1e-9) for one in found])
    assert own == pytest.approx(abs(fit.contrasts("arm")["statistic"][0]))


def test_freedman_lane_by_a_slow_loop_without_an_intercept():
    frame = trial(2, (3, 3))
    y, base = frame["pain"].to_numpy(), frame["base"].to_numpy()
    reduced = np.column_stack([np.ones(6), base])
    fitted = reduced @ np.linalg.lstsq(reduced, y, rcond=None)[0]
    full = np.column_stack([reduced, np.repeat([0.0, 1.0], 3)])
    found = [abs(t_of(fitted + (y - fitted)[list(one)], full, 2)) for one in permutations(range(6))]
    own = abs(t_of(y, full, 2))
    for formula in ("pain ~ base + arm", "pain ~ 0 + arm + base"):
        row = bw.permutation_test(
            bw.ols(formula, frame), "arm", seed=1, scheme="freedman-lane"
        ).iloc[0]
        assert row["p_value"] == np.mean([one >= own * (1 - 1e-9) for one in found])


@pytest.mark.parametrize("vcov", ["model", "hc1", "hc3"])
@pytest.mark.parametrize("scheme", ["dealt-anew", "freedman-lane"])
def test_the_statistic_is_that_of_the_fit(vcov, scheme):
    fit = bw.ols("pain ~ base * site + arm", trial(3, (8, 8, 8)), vcov=vcov)
    found = bw.permutation_test(fit, "arm", replicates=99, seed=5, within="site", scheme=scheme)
    assert found["statistic"].to_numpy() == pytest.approx(fit.contrasts("arm")["statistic"])
    again = bw.permutation_test(fit, "arm", replicates=99, seed=5, within="site", scheme=scheme)
    pd.testing.assert_frame_equal(found, again)
    assert found["p_value"].between(0.01, 1).all()


def test_few_people_of_a_mixed_model_are_all_dealt():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"id": np.repeat(range(6), 2), "visit": [1, 2] * 6})
    frame["arm"] = pd.Categorical(np.where(frame["id"] < 3, "p", "q"))
    frame["y"] = rng.normal(0, 1, 12) + (frame["arm"] == "q")
    fit = bw.mmrm("y ~ arm + visit", frame, "id", "visit", covariance="cs")
    found = bw.permutation_test(fit, "arm", replicates=20, seed=1).iloc[0]
    assert (found["method"], found["replicates"]) == ("exact", 20)
    assert found["p_value"] * 20 == found["extreme"]
    assert found["extreme"] >= 2 and found["extreme"] % 2 == 0  # both arms may change their names
    with pytest.raises(UsageError, match="is for fits of ols"):
        bw.permutation_test(fit, "arm", seed=1, scheme="freedman-lane")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"scheme": "ter-braak"}, "it is one of dealt-anew"),
        ({"factor": "base"}, "write factor"),
        ({"within": "nowhere"}, "uses no column"),
        ({"by": "scheme"}, "has a column of this name"),
        ({"replicates": 0}, "whole number"),
        ({"seed": None}, "seed"),
    ],
)
def test_choices_that_do_not_exist_are_refused(choices, message):
    fit = bw.ols("pain ~ base + arm", trial(4, (5, 5)))
    given: dict[str, Any] = {"factor": "arm", "seed": 1, **choices}
    with pytest.raises(UsageError, match=message):
        bw.permutation_test(fit, **given)
