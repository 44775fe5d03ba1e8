"""Permutation and bootstrap of the difference of means against listing, SciPy and theory."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.resampling.arm_means import bootstrapped_difference, permuted_difference


def trial(n: int = 8, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "arm": np.repeat(["backward", "forward"], [n, n - 1]),
            "site": np.resize(["north", "south"], 2 * n - 1),
            "before": rng.integers(4, 9, 2 * n - 1).astype(float),
            "after": rng.integers(1, 8, 2 * n - 1).astype(float),
        }
    )


def welch(first: np.ndarray, second: np.ndarray) -> float:
    return float(stats.ttest_ind(first, second, equal_var=False).statistic)


def test_small_trials_list_every_deal():
    frame = trial(6)
    found = permuted_difference(
        frame, outcome="after", baseline="before", arm="arm", reference="forward", seed=1
    ).iloc[0]
    change = (frame["after"] - frame["before"]).to_numpy()
    first = (frame["arm"] == "backward").to_numpy()
    seen = abs(welch(change[first], change[~first]))
    deals = [
        abs(welch(change[list(own)], np.delete(change, list(own))))
        for own in combinations(range(11), 6)
    ]
    assert (found["method"], found["replicates"]) == ("exact", len(deals))
    assert found["p_value"] == pytest.approx(np.mean(np.array(deals) >= seen * (1 - 1e-9)))
    assert found["estimate"] == pytest.approx(change[first].mean() - change[~first].mean())


def test_deals_stay_within_strata():
    frame = trial(6)
    found = permuted_difference(
        frame, outcome="after", arm="arm", reference="forward", within="site", seed=1
    ).iloc[0]
    values = frame["after"].to_numpy()
    first = (frame["arm"] == "backward").to_numpy()
    members = [np.flatnonzero(frame["site"] == site) for site in ("north", "south")]
    each = [combinations(own, int(first[own].sum())) for own in members]
    deals = []
    for chosen in product(*map(list, each)):
        own = np.concatenate([np.array(part) for part in chosen])
        deals.append(abs(welch(values[own], np.delete(values, own))))
    assert found["replicates"] == len(deals)
    seen = abs(welch(values[first], values[~first]))
    assert found["p_value"] == pytest.approx(np.mean(np.array(deals) >= seen * (1 - 1e-9)))


def test_random_deals_are_seeded_and_close_to_welch():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"arm": np.repeat(["a", "b"], 30), "pain": rng.normal(size=60)})
    frame.loc[frame["arm"] == "b", "pain"] += 0.5
    first, again = (
        permuted_difference(
            frame, outcome="pain", arm="arm", reference="a", replicates=1999, seed=3
        )
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, again)
    row = first.iloc[0]
    assert (row["method"], row["replicates"]) == ("random", 1999)
    groups = [own["pain"] for _, own in frame.groupby("arm")]
    oracle = stats.ttest_ind(groups[1], groups[0], equal_var=False)
    assert row["statistic"] == pytest.approx(oracle.statistic, rel=1e-10)
    assert row["p_value"] == pytest.approx(oracle.pvalue, abs=0.02)
    assert (row["p_value"] * 2000) % 1 == pytest.approx(0.0, abs=1e-9)


def test_perfect_separation_of_two_values():
    frame = pd.DataFrame({"arm": list("aaaabbbb"), "pain": [1.0] * 4 + [2.0] * 4})
    found = permuted_difference(frame, outcome="pain", arm="arm", reference="a", seed=1).iloc[0]
    assert found["statistic"] == np.inf
    assert found["p_value"] == pytest.approx(2 / 70)


def test_level_of_the_exact_test():
    rng = np.random.default_rng(12)
    p = []
    for _ in range(200):
        frame = pd.DataFrame({"arm": list("aaaaabbbbb"), "pain": rng.integers(0, 11, 10)})
        if frame["pain"].nunique() > 1:
            p.append(
                permuted_difference(frame, outcome="pain", arm="arm", reference="a", seed=1)[
                    "p_value"
                ][0]
            )
    assert np.mean(np.array(p) <= 0.05) < 0.09


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_bootstrap_is_scipys(method):
    rng = np.random.default_rng(9)
    first, second = rng.gamma(2.0, size=40), rng.gamma(3.0, size=35)
    frame = pd.DataFrame(
        {"arm": np.repeat(["a", "b"], [40, 35]), "pain": np.concatenate([first, second])}
    )
    found = bootstrapped_difference(
        frame, outcome="pain", arm="arm", reference="a", replicates=4000, seed=2, method=method
    ).iloc[0]
    oracle = stats.bootstrap(
        (second, first),
        lambda x, y, axis=-1: x.mean(axis=axis) - y.mean(axis=axis),
        n_resamples=20000,
        method="BCa" if method == "bca" else "percentile",
        rng=np.random.default_rng(1),
    )
    width = oracle.confidence_interval.high - oracle.confidence_interval.low
    assert found["std_error"] == pytest.approx(oracle.standard_error, rel=0.04)
    for ours, theirs in (("conf_low", "low"), ("conf_high", "high")):
        assert found[ours] == pytest.approx(
            getattr(oracle.confidence_interval, theirs), abs=0.04 * width
        )


def test_counts_of_rows_left_out_and_three_arms():
    frame = pd.concat([trial(), trial(4, seed=6).assign(arm="usual")], ignore_index=True)
    frame.loc[[0, 9], "after"] = np.nan
    counts = ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
    columns: dict[str, Any] = {"outcome": "after", "arm": "arm", "reference": "forward"}
    for found in (
        permuted_difference(frame, replicates=200, seed=1, **columns),
        bootstrapped_difference(frame, replicates=200, seed=1, method="percentile", **columns),
    ):
        assert found["contrast"].tolist() == ["backward - forward", "usual - forward"]
        assert found[counts].to_numpy().tolist() == [[7, 6, 1, 1], [7, 6, 0, 1]]


def test_refusals_say_what_is_wrong():
    frame = trial()
    with pytest.raises(BackwalkError, match="without variation there is no test"):
        permuted_difference(
            frame.assign(after=1.0), outcome="after", arm="arm", reference="forward", seed=1
        )
    with pytest.raises(BackwalkError, match="without variation there is no test"):
        bootstrapped_difference(
            frame.assign(after=1.0), outcome="after", arm="arm", reference="forward", seed=1
        )
    with pytest.raises(BackwalkError, match="one of percentile, bca"):
        bootstrapped_difference(
            frame, outcome="after", arm="arm", reference="forward", seed=1, method="basic"
        )
    with pytest.raises(BackwalkError, match="replicates is 0"):
        permuted_difference(
            frame, outcome="after", arm="arm", reference="forward", seed=1, replicates=0
        )
    with pytest.raises(BackwalkError, match="forward 1; each arm needs 2"):
        permuted_difference(frame.head(9), outcome="after", arm="arm", reference="forward", seed=1)
