"""Multiple imputation against mice, limits known in closed form, and the mixed model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backwalk_stats.engine.missing.draws import chained_draw, is_monotone, monotone_draw
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.missing.imputation import multiple_imputation
from backwalk_stats.models.mixed.mmrm import mmrm
from tests.models.incomplete_trials import COLUMNS, at_visit, events, simulated
from tests.reference.stored import stored

MICE = stored("multiple_imputation")["trial"]
CHOICE: dict[str, Any] = {**COLUMNS, "at": "V3", "reference": "forward"}


def test_general_pattern_as_mice():
    found = multiple_imputation(
        events(), **CHOICE, covariates="sex", seed=3, imputations=400, cycles=5
    ).iloc[0]
    noise = np.sqrt(MICE["between"] * (1 / 400 + 1 / MICE["imputations"]))
    assert found.pattern == "general"
    assert found.estimate == pytest.approx(MICE["estimate"], abs=4 * noise)
    # The between variance has a relative error of sqrt(2 / M); it is about a third of the total.
    assert found.std_error == pytest.approx(MICE["std_error"], rel=0.07)
    assert found.fraction_missing == pytest.approx(MICE["fraction_missing"], abs=0.09)


def test_one_incomplete_visit_has_the_limit_of_its_regression():
    frame = simulated(60, 2, seed=6)
    frame.loc[frame["visit"] == "V1", "value"] = frame["value"].where(frame["value"].notna(), 5.0)
    gone = (frame["visit"] == "V2") & (frame["participant"] % 5 == 0)
    frame.loc[gone, "value"] = np.nan
    found = multiple_imputation(frame, **{**CHOICE, "at": "V2"}, seed=2, imputations=800).iloc[0]
    y = frame["value"].to_numpy(copy=True).reshape(60, 2)
    first = at_visit(frame, "V1")
    x = np.column_stack([np.ones(60), first["arm"] == "backward", first["baseline"], y[:, 0]])
    x = x.astype(float)
    held = ~np.isnan(y[:, 1])
    # Drawn coefficients vary about least squares, so the mean of the estimates tends to this.
    y[~held, 1] = x[~held] @ np.linalg.lstsq(x[held], y[held, 1], rcond=None)[0]
    limit = np.linalg.lstsq(x[:, :3], y[:, 1], rcond=None)[0][1]
    noise = np.sqrt(found.fraction_missing * found.std_error**2 / 800)
    assert found.pattern == "monotone"
    assert found.estimate == pytest.approx(limit, abs=4 * noise)
    # The maximum likelihood estimate of the mixed model with the same regressions is that limit.
    fit = mmrm(
        "value ~ arm * visit + baseline * visit",
        frame.assign(arm=frame["arm"].map({"forward": "a", "backward": "b"})),
        participant="participant",
        visit="visit",
        method="ml",
    )
    contrast = fit.contrasts("arm", by="visit")["estimate"].iloc[1]
    assert limit == pytest.approx(contrast, abs=1e-6)


def test_nothing_missing_is_the_analysis_of_covariance():
    frame = simulated(30)
    frame["value"] = frame["value"].fillna(5.5)
    found = multiple_imputation(frame, **CHOICE, seed=1, imputations=3).iloc[0]
    plain = ancova(
        at_visit(frame, "V3"), outcome="value", baseline="baseline", arm="arm", reference="forward"
    ).iloc[0]
    assert found.estimate == pytest.approx(plain.estimate, abs=1e-12)
    assert found.std_error == pytest.approx(plain.std_error, abs=1e-12)
    assert (found.pattern, found.n_imputed) == ("complete", 0)


def test_a_missing_baseline_is_imputed_and_a_missing_covariate_is_counted():
    frame = simulated(30, seed=3)
    frame.loc[frame["participant"].isin([0, 1]), "baseline"] = np.nan
    frame.loc[frame["participant"] == 2, "site"] = None
    found = multiple_imputation(frame, **CHOICE, covariates="site", seed=1, imputations=5).iloc[0]
    assert (found.n_arm, found.n_reference) == (14, 15)
    assert (found.dropped_arm, found.dropped_reference) == (1, 0)


def test_same_seed_same_numbers_and_more_imputations_begin_alike():
    frame = simulated(30, gaps=0.1)
    one = multiple_imputation(frame, **CHOICE, seed=5, imputations=4)
    assert one.equals(multiple_imputation(frame, **CHOICE, seed=5, imputations=4))
    other = multiple_imputation(frame, **CHOICE, seed=6, imputations=4)
    assert other["estimate"].item() != one["estimate"].item()


def test_three_arms():
    found = multiple_imputation(
        simulated(36, arms=3), **{**CHOICE, "reference": "usual"}, seed=1, imputations=5
    )
    assert found["contrast"].tolist() == ["backward - usual", "forward - usual"]


@pytest.mark.parametrize("general", [False, True])
def test_draws_keep_what_was_observed(general):
    rng = np.random.default_rng(1)
    table = rng.normal(size=(30, 3))
    table[:6, 2] = table[:3, 1] = np.nan
    if general:
        table[7, 0] = np.nan
    fixed, names = np.ones((30, 1)), ["a", "b", "c"]
    assert is_monotone(table) == (not general)
    if general:
        drawn = chained_draw(table, fixed, rng, cycles=3, names=names)
    else:
        drawn = monotone_draw(table, fixed, rng, names=names)
    held = ~np.isnan(table)
    assert (drawn[held] == table[held]).all()
    assert np.isfinite(drawn).all()


def test_what_cannot_be_drawn_is_refused():
    frame = simulated(8)
    few = (frame["visit"] == "V3") & (frame["participant"] > 3)
    frame.loc[few, "value"] = np.nan
    with pytest.raises(NotEstimable, match="do not determine a regression"):
        multiple_imputation(frame, **CHOICE, seed=1)
    with pytest.raises(UsageError, match="2 or more"):
        multiple_imputation(simulated(), **CHOICE, seed=1, imputations=1)
    table = np.column_stack([np.arange(9.0), 2.0 * np.arange(9.0), np.arange(9.0) ** 2])
    table[0, 2] = np.nan
    with pytest.raises(NotEstimable, match="c: where it is observed its predictors are collinear"):
        monotone_draw(table, np.ones((9, 1)), np.random.default_rng(1), names=["a", "b", "c"])
