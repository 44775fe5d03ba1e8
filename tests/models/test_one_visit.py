"""Baseline and one visit after it: imputation against its definitions in dense least squares.

With one visit who misses it has no visit before the event, so that jump to reference, copy
reference and copy increments are one definition: the mean of the reference arm at the same baseline
and covariates (Carpenter, Roger and Kenward 2013, section 4; rbmi, "Statistical specifications").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from backwalk_stats.engine.batch.fits import bootstrap_counts
from backwalk_stats.engine.mixed.covariance import SPATIAL, STRUCTURES
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.missing.imputation_model import ImputationChoices, imputation_model
from backwalk_stats.models.missing.incomplete import incomplete_trial
from backwalk_stats.models.missing.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.models.missing.tipping_point import tipping_point
from tests.models.incomplete_trials import COLUMNS, ROLES, simulated

CHOICE: dict[str, Any] = {**COLUMNS, "at": "V1", "covariates": "site"}
REFERENCE_BASED = ("jr", "cr", "cir")


def pre_post(n: int = 33, *, arms: int = 2, seed: int = 4) -> pd.DataFrame:
    """Return a trial in which about one in five has no visit after baseline."""
    frame = simulated(n, 1, seed=seed, arms=arms)
    lost = np.random.default_rng(seed + 1).random(n) < 0.2
    return frame.assign(value=frame["value"].mask(lost))


def design(frame: pd.DataFrame, arm: np.ndarray, base: str) -> np.ndarray:
    """Return ones, an indicator of each other arm, baseline and site, written out."""
    others = [name for name in sorted(frame["arm"].unique()) if name != base]
    columns = [np.ones(len(frame)), *(np.where(arm == name, 1.0, 0.0) for name in others)]
    return np.column_stack([*columns, frame["baseline"], frame["site"] == "b"]).astype(float)


def weighted(x: np.ndarray, y: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, float]:
    """Return generalised least squares and -2 log REML up to a constant, from dense matrices."""
    inverse = np.diag(1.0 / variance)
    normal = x.T @ inverse @ x
    beta = np.linalg.solve(normal, x.T @ inverse @ y)
    rest = y - x @ beta
    deviance = np.log(variance).sum() + np.linalg.slogdet(normal)[1] + rest @ inverse @ rest
    return beta, float(deviance)


def coefficients(x: np.ndarray, y: np.ndarray, group: np.ndarray | None) -> np.ndarray:
    """Return least squares; or, with a variance for each of two groups, its REML weights."""
    if group is None:
        return np.linalg.lstsq(x, y, rcond=None)[0]

    def variances(log_ratio: float) -> np.ndarray:
        """Return both variances where their ratio is given: the scale has a closed form."""
        shape = np.where(group, np.exp(log_ratio), 1.0)
        beta, _ = weighted(x, y, shape)
        scale = ((y - x @ beta) ** 2 / shape).sum() / (len(y) - x.shape[1])
        return np.asarray(scale * shape)

    best = minimize_scalar(lambda r: weighted(x, y, variances(r))[1], bounds=(-6, 6),
                           method="bounded", options={"xatol": 1e-10})  # fmt: skip
    return weighted(x, y, variances(best.x))[0]


def by_hand(
    frame: pd.DataFrame, *, strategy: str, base: str = "forward", by_arm: bool = False,
    deltas: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:  # fmt: skip
    """Return each other arm minus the reference: fit, fill, analyse."""
    arm, y = frame["arm"].to_numpy(), frame["value"].to_numpy(copy=True)
    own, gone = design(frame, arm, base), np.isnan(y)
    group = (arm == base)[~gone] if by_arm else None
    beta = coefficients(own[~gone], y[~gone], group)
    assumed = own if strategy == "mar" else design(frame, np.full(len(frame), base), base)
    y[gone] = (assumed @ beta)[gone] + np.where(arm == base, deltas[1], deltas[0])[gone]
    arms = len(np.unique(arm))
    return np.linalg.lstsq(own, y, rcond=None)[0][1:arms]


@pytest.mark.parametrize("strategy", ["mar", *REFERENCE_BASED])
@pytest.mark.parametrize(("arms", "base"), [(2, "forward"), (3, "usual")])
def test_conditional_means_are_least_squares_filled_in(strategy, arms, base):
    frame = pre_post(arms=arms)
    found = conditional_mean_imputation(frame, **CHOICE, strategy=strategy, reference=base)
    expected = by_hand(frame, strategy=strategy, base=base)
    assert found["estimate"].to_numpy() == pytest.approx(expected, abs=1e-10)
    gone = frame.loc[frame["value"].isna(), "arm"]
    assert found["n_imputed"].tolist() == [
        int(gone.isin([name.split(" - ")[0], base]).sum()) for name in found["contrast"]
    ]


@pytest.mark.parametrize("strategy", ["mar", *REFERENCE_BASED])
def test_a_variance_for_each_arm(strategy):
    frame = pre_post(40)
    narrow = frame["arm"] == "forward"
    frame["value"] = frame["value"].where(~narrow, 5.0 + 0.2 * frame["value"])
    found = conditional_mean_imputation(
        frame, **CHOICE, strategy=strategy, reference="forward", covariance_by_arm=True
    )
    expected = by_hand(frame, strategy=strategy, by_arm=True)
    assert found["estimate"].to_numpy() == pytest.approx(expected, abs=1e-7)
    pooled = by_hand(frame, strategy=strategy)
    assert abs(found["estimate"].item() - pooled.item()) > 1e-3


def test_missing_at_random_is_the_analysis_of_covariance_of_completers():
    frame = pre_post()
    found = conditional_mean_imputation(frame, **CHOICE, strategy="mar", reference="forward")
    kept = frame.dropna()
    plain = ancova(kept, outcome="value", baseline="baseline", arm="arm", reference="forward",
                   covariates="site")  # fmt: skip
    assert found["estimate"].item() == pytest.approx(plain["estimate"].item(), abs=1e-11)


@pytest.mark.parametrize("strategy", ["mar", "jr"])
def test_the_jackknife_repeats_all_of_it_without_each_participant(strategy):
    frame = pre_post(arms=3)
    found = conditional_mean_imputation(frame, **CHOICE, strategy=strategy, reference="usual")
    each = np.array(
        [by_hand(frame.drop(index=one), strategy=strategy, base="usual") for one in frame.index]
    )
    n = len(frame)
    error = np.sqrt((n - 1) / n * ((each - each.mean(axis=0)) ** 2).sum(axis=0))
    assert found["std_error"].to_numpy() == pytest.approx(error, rel=1e-9)
    z = found["estimate"].to_numpy() / error
    assert found["p_value"].to_numpy() == pytest.approx(2.0 * norm.sf(np.abs(z)), rel=1e-8)


def model_of(frame: pd.DataFrame) -> tuple[Any, Any]:
    columns = TrialColumns(**ROLES, covariates=("site",))
    trial = incomplete_trial(frame, columns, reference="forward")
    choices = ImputationChoices(strategy="jr", covariance="us", by_arm=False, by_visit=None)
    return trial, imputation_model(trial, columns, choices)


def test_parameters_of_bootstrap_samples_are_least_squares_of_the_sample():
    frame = pre_post()
    trial, model = model_of(frame)
    counts = np.stack([bootstrap_counts(seed=3, index=i, strata=trial.arm) for i in range(20)])
    found, good = model.refitted(counts)
    assert good.all()
    x, y = design(frame, frame["arm"].to_numpy(), "forward"), frame["value"].to_numpy()
    for place, count in enumerate(counts):
        drawn = np.repeat(np.arange(len(frame)), count)
        drawn = drawn[~np.isnan(y[drawn])]
        beta = np.linalg.lstsq(x[drawn], y[drawn], rcond=None)[0]
        rest = y[drawn] - x[drawn] @ beta
        assert found.beta[place] == pytest.approx(beta, abs=1e-8)
        variance = rest @ rest / (len(drawn) - x.shape[1])
        assert found.sigma[place].item() == pytest.approx(variance, rel=1e-7)


def test_random_draws_have_the_conditional_means_for_their_mean():
    frame = pre_post(60)
    for strategy in ("mar", "jr"):
        mean = conditional_mean_imputation(frame, **CHOICE, strategy=strategy, reference="forward")
        drawn = random_draw_imputation(
            frame, **CHOICE, strategy=strategy, reference="forward", seed=5, imputations=2000
        )
        between = drawn["fraction_missing"].item() ** 0.5 * drawn["std_error"].item()
        gap = abs(drawn["estimate"].item() - mean["estimate"].item())
        assert gap < 4.0 * between / np.sqrt(2000)
    again = random_draw_imputation(
        frame, **CHOICE, strategy="jr", reference="forward", seed=5, imputations=2000
    )
    pd.testing.assert_frame_equal(drawn, again)


def test_deltas_are_added_to_those_who_were_not_seen():
    frame = pre_post()
    found = tipping_point(frame, **CHOICE, reference="forward", deltas=[-2.0, 0.0, 3.0],
                          deltas_reference=[0.0, 1.5])  # fmt: skip
    for row in found.to_dict("records"):
        deltas = (float(row["delta"]), float(row["delta_reference"]))
        expected = by_hand(frame, strategy="mar", deltas=deltas)
        assert row["estimate"] == pytest.approx(expected.item(), abs=1e-10)
    moved = frame.assign(value=frame["value"] - 1.2 * (frame["arm"] == "backward"))
    tips = tipping_point(moved, **CHOICE, reference="forward", deltas=[0.0])["tips_high"].item()
    at = tipping_point(moved, **CHOICE, reference="forward", deltas=[tips])
    assert at["p_value"].item() == pytest.approx(0.05, abs=1e-9)


def test_who_is_affected_but_seen_is_used_in_the_analysis_alone():
    frame = pre_post()
    seen = frame.index[frame["value"].notna() & (frame["arm"] == "backward")][:4]
    frame = frame.assign(event=frame.index.isin(seen) | frame["value"].isna())
    frame.loc[seen, "value"] += 5.0
    found = conditional_mean_imputation(
        frame, **CHOICE, strategy="jr", reference="forward", event="event"
    )
    x, y = design(frame, frame["arm"].to_numpy(), "forward"), frame["value"].to_numpy(copy=True)
    fitted = ~np.isnan(y) & ~frame["event"].to_numpy()
    beta = np.linalg.lstsq(x[fitted], y[fitted], rcond=None)[0]
    assumed = design(frame, np.full(len(frame), "forward"), "forward")
    y[np.isnan(y)] = (assumed @ beta)[np.isnan(y)]
    expected = np.linalg.lstsq(x, y, rcond=None)[0][1]
    assert found["estimate"].item() == pytest.approx(expected, abs=1e-10)


def test_every_covariance_of_one_visit_is_its_variance():
    frame = pre_post().assign(value=lambda one: one["value"] + one["baseline"])
    found = [
        conditional_mean_imputation(
            frame, **CHOICE, strategy="jr", reference="forward", covariance=name
        )
        for name in STRUCTURES
        if name not in SPATIAL
    ]
    for one in found[1:]:
        pd.testing.assert_frame_equal(one, found[0])


def test_a_last_mean_is_not_there_to_be_carried_forward():
    with pytest.raises(NotEstimable, match="no mean to carry"):
        conditional_mean_imputation(pre_post(), **CHOICE, strategy="lmcf", reference="forward")
    whole = simulated(20, 1)
    found = conditional_mean_imputation(whole, **CHOICE, strategy="lmcf", reference="forward")
    assert found["estimate"].to_numpy() == pytest.approx(by_hand(whole, strategy="mar"), abs=1e-11)


@pytest.mark.parametrize("visits", [1, 2])
def test_an_arm_that_nobody_is_seen_of_before_the_event_is_refused(visits):
    frame = simulated(20, visits).assign(event=lambda one: one["arm"] == "backward")
    with pytest.raises(UsageError, match="no participant of backward has the outcome before"):
        conditional_mean_imputation(
            frame, **CHOICE, strategy="jr", reference="forward", event="event"
        )
