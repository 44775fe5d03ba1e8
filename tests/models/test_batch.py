"""Bootstrap and permutation against the same thing done the slow way, model by model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch.fits import bootstrap_counts, permuted
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.resampling.permutation import design_with

FORMULA = "pain ~ base + arm * visit"


def trial(*, people: int = 30, effect: float = 1.0, missing: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    who, slot = np.divmod(np.arange(people * 3), 3)
    base = rng.normal(6.0, 1.0, people)
    arm = (np.arange(people) % 2)[who]
    pain = base[who] - 0.5 * slot - effect * arm + rng.normal(size=people)[who]
    frame = pd.DataFrame(
        {
            "id": [f"P{one:02d}" for one in who],
            "site": np.where((who // 2) % 2 == 0, "north", "south"),
            "arm": pd.Categorical(
                np.where(arm == 1, "backward", "forward"), ["forward", "backward"]
            ),
            "visit": pd.Categorical(np.array(["W4", "W8", "W12"])[slot], ["W4", "W8", "W12"]),
            "week": 4.0 + 4.0 * slot,
            "base": base[who],
            "pain": pain + rng.normal(size=len(who)) * 0.6,
        }
    )
    return frame[(rng.random(len(frame)) > missing) | (slot == 0)]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return trial()


@pytest.fixture(scope="module")
def fit(frame):
    return bw.mmrm(FORMULA, frame, participant="id", visit="visit")


def resampled(frame: pd.DataFrame, counts: np.ndarray) -> pd.DataFrame:
    """Return the rows of each participant as often as drawn, each time under a name of its own."""
    ids = frame["id"].drop_duplicates().to_list()
    parts = [
        frame[frame["id"] == one].assign(id=f"{one}-{time}")
        for one, count in zip(ids, counts, strict=True)
        for time in range(count)
    ]
    return pd.concat(parts)


def test_bootstrap_is_the_spread_of_refitted_samples(frame, fit):
    found = bw.bootstrap(fit, "arm", by="visit", replicates=12, seed=8)
    means = fit.contrasts("arm", by="visit")
    rows = []
    for index in range(12):
        counts = bootstrap_counts(seed=8, index=index, strata=np.zeros(30, dtype=int))
        again = bw.mmrm(FORMULA, resampled(frame, counts), participant="id", visit="visit")
        rows.append(again.contrasts("arm", by="visit")["estimate"].to_numpy())
    drawn = np.array(rows)
    assert found["contrast"].tolist() == means["contrast"].tolist()
    assert found["visit"].tolist() == means["visit"].tolist()
    assert found["estimate"].to_numpy() == pytest.approx(means["estimate"].to_numpy(), rel=1e-12)
    assert found["std_error"].to_numpy() == pytest.approx(drawn.std(axis=0, ddof=1), rel=1e-7)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert found["conf_low"].to_numpy() == pytest.approx(low, rel=1e-7)
    assert found["conf_high"].to_numpy() == pytest.approx(high, rel=1e-7)
    assert found["n_failed"].tolist() == [0, 0, 0] and found.attrs["failures"] == {}


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_is_near_the_model_where_the_model_holds(fit, method):
    found = bw.bootstrap(fit, "arm", "visit", replicates=600, seed=1, within="arm", method=method)
    means = fit.contrasts("arm", "visit")
    assert found["std_error"].to_numpy() == pytest.approx(means["std_error"], rel=0.15)
    assert found["conf_low"].to_numpy() == pytest.approx(means["conf_low"], abs=0.25)
    assert (found["conf_low"] < found["estimate"]).all()
    assert (found["estimate"] < found["conf_high"]).all()


def test_bootstrap_of_the_coefficients(fit):
    found = bw.bootstrap(fit, replicates=5, seed=1)
    assert found["term"].tolist() == fit.coefficients()["term"].tolist()


def test_bootstrap_of_random_effects(frame):
    fit = bw.lmm("pain ~ arm * week + (week | id)", frame)
    found = bw.bootstrap(fit, replicates=60, seed=1)
    assert found["n_failed"].tolist() == [0] * 4
    assert found["std_error"].to_numpy() == pytest.approx(fit.coefficients()["std_error"], rel=0.4)


def test_resampling_through_an_executor_gives_the_same_bytes(fit):
    how: dict[str, Any] = {"replicates": 200, "seed": 3}
    with ThreadPoolExecutor(2) as executor:
        for run in (
            partial(bw.bootstrap, fit, "arm", "visit", method="bca", within="arm", **how),
            partial(bw.permutation_test, fit, "arm", "visit", **how),
        ):
            pd.testing.assert_frame_equal(run(executor=executor), run(), check_exact=True)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("portion", [5, 64])
def test_resampling_gives_the_same_bytes(fit, workers, portion, monkeypatch):
    drawn = bw.bootstrap(fit, "arm", "visit", replicates=30, seed=3)
    dealt = bw.permutation_test(fit, "arm", "visit", replicates=30, seed=3)
    monkeypatch.setattr(batch, "MOST_AT_ONCE", portion)
    again = bw.bootstrap(fit, "arm", "visit", replicates=30, seed=3, workers=workers)
    pd.testing.assert_frame_equal(drawn, again, check_exact=True)
    again = bw.permutation_test(fit, "arm", "visit", replicates=30, seed=3, workers=workers)
    pd.testing.assert_frame_equal(dealt, again, check_exact=True)


def test_another_seed_gives_other_samples(fit):
    one, other = (bw.bootstrap(fit, "arm", replicates=20, seed=seed) for seed in (1, 2))
    assert one["estimate"].equals(other["estimate"])
    assert not one["std_error"].equals(other["std_error"])


def test_samples_that_fail_are_counted():
    # Two people in an arm: a sample without either has no arm to compare.
    frame = trial(people=12, missing=0.0)
    kept = frame[(frame["arm"] == "forward") | frame["id"].isin(["P01", "P03"])]
    fit = bw.mmrm("pain ~ arm + visit", kept, participant="id", visit="visit", covariance="cs")
    found = bw.bootstrap(fit, "arm", replicates=100, seed=2)
    assert 1 <= found["n_failed"][0] <= 30 and found["replicates"][0] == 100
    failures = found.attrs["failures"]
    assert sum(failures.values()) == found["n_failed"][0]
    assert "a coefficient cannot be estimated from this draw" in failures
    held = bw.bootstrap(fit, "arm", replicates=100, seed=2, within="arm")
    assert held["n_failed"][0] == 0


def test_a_model_that_needs_everyone_has_no_bca_interval():
    frame = trial(people=12, missing=0.0)
    kept = frame[(frame["arm"] == "forward") | (frame["id"] == "P01")]
    fit = bw.mmrm("pain ~ arm + visit", kept, participant="id", visit="visit", covariance="cs")
    with pytest.raises(NotEstimable, match="without one participant"):
        bw.bootstrap(fit, "arm", replicates=50, seed=2, method="bca", within="arm")


def test_permutation_is_the_rank_among_refitted_deals(frame, fit):
    found = bw.permutation_test(fit, "arm", by="visit", replicates=15, seed=6, within="base")
    # Everyone has a baseline of their own: no deal can move an arm.
    assert found["p_value"].tolist() == [1.0, 1.0, 1.0]
    site = frame["site"]
    found = bw.permutation_test(fit, "arm", by="visit", replicates=15, seed=6, within=site)
    first = frame.drop_duplicates("id")
    arms, strata = first["arm"].cat.codes.to_numpy(), pd.factorize(first["site"])[0]
    beyond = np.zeros(3)
    means = fit.contrasts("arm", by="visit")
    for index in range(15):
        deal = permuted(labels=arms, seed=6, index=index, strata=strata)
        levels = pd.Categorical.from_codes(deal, first["arm"].cat.categories)
        new = frame.assign(arm=frame["id"].map(dict(zip(first["id"], levels, strict=True))))
        new["arm"] = new["arm"].astype(first["arm"].dtype)
        again = bw.mmrm(FORMULA, new, participant="id", visit="visit").contrasts("arm", by="visit")
        beyond += (again["statistic"].abs() >= means["statistic"].abs()).to_numpy()
    assert found["p_value"].to_numpy() == pytest.approx((beyond + 1) / 16, rel=1e-12)
    assert found["statistic"].to_numpy() == pytest.approx(means["statistic"], rel=1e-12)
    assert found["n_failed"].tolist() == [0, 0, 0]


def test_the_data_dealt_as_they_are_give_the_models_own_design(fit):
    rows = fit.fit.likelihood.patterns.rows
    codes = fit.design.factors["arm"].codes
    arms = codes[rows[np.arange(len(rows)), (rows >= 0).argmax(axis=1)]]
    assert np.array_equal(design_with(fit, "arm", arms), fit.x)


def test_permutation_p_is_near_the_models_where_the_model_holds():
    frame = trial(people=40, effect=0.9, missing=0.0)
    fit = bw.mmrm(FORMULA, frame, participant="id", visit="visit")
    found = bw.permutation_test(fit, "arm", "visit", replicates=800, seed=1)
    means = fit.contrasts("arm", "visit")
    assert found["p_value"].to_numpy() == pytest.approx(means["p_value"], abs=0.04)
    strong = bw.mmrm(FORMULA, trial(effect=5.0), participant="id", visit="visit")
    found = bw.permutation_test(strong, "arm", "visit", replicates=99, seed=1)
    assert found["p_value"].tolist() == [0.01, 0.01, 0.01]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda fit: bw.bootstrap(fit, "arm", seed=1, replicates=1),
            "expected a whole number of 2",
        ),
        (lambda fit: bw.bootstrap(fit, "arm", seed=1, method="t"), "percentile, bca"),
        (lambda fit: bw.bootstrap(fit, "site", seed=1), "no factor named 'site'"),
        (lambda fit: bw.bootstrap(fit, None, "visit", seed=1), "by needs a factor"),
        (lambda fit: bw.bootstrap(fit, "arm", seed=1, within="visit"), "visit varies within"),
        (lambda fit: bw.bootstrap(fit, "arm", seed=1, within="site"), "no column 'site'"),
        (lambda fit: bw.bootstrap(fit, "arm", seed=1, workers=0), "workers is 0"),
        (lambda fit: bw.permutation_test(fit, "visit", seed=1), "visit varies within"),
        (
            lambda fit: bw.permutation_test(fit, "arm", seed=1, replicates=0),
            "expected a whole number of 1",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(fit, call, message):
    with pytest.raises(UsageError, match=message):
        call(fit)


def test_a_stratum_without_a_value_is_refused(frame, fit):
    part = frame["site"].where(frame["id"] != "P03")
    with pytest.raises(UsageError, match="rows used have no value"):
        bw.bootstrap(fit, "arm", seed=1, within=part)


def test_arms_with_a_covariance_of_their_own_are_not_dealt(frame):
    fit = bw.mmrm(FORMULA, frame, participant="id", visit="visit", covariance="cs", group="arm")
    with pytest.raises(UsageError, match="covariance may depend on arm"):
        bw.permutation_test(fit, "arm", seed=1)
    assert (bw.bootstrap(fit, "arm", seed=1, replicates=20)["std_error"] > 0).all()
