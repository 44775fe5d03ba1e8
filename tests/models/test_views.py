"""Covariance parameters, residuals, predictions and likelihood-ratio tests."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers
from tests.models.trials import R_LEVELS, slope_trial

STRUCTURES = ["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp"]
GLS = {
    "us": "correlation = corSymm(form = ~ v | id), weights = varIdent(form = ~ 1 | visit)",
    "cs": "correlation = corCompSymm(form = ~ v | id)",
    "csh": "correlation = corCompSymm(form = ~ v | id), weights = varIdent(form = ~ 1 | visit)",
    "ar1": "correlation = corAR1(form = ~ v | id)",
    "ar1h": "correlation = corAR1(form = ~ v | id), weights = varIdent(form = ~ 1 | visit)",
    "sp_exp": "correlation = corExp(form = ~ week | id)",
}


@pytest.fixture(scope="module")
def trial():
    return slope_trial(40, seed=21, slope=0.25)


def repeated(trial, covariance="us", formula="pain ~ arm * visit", **choices):
    times = "week" if covariance == "sp_exp" else None
    return bw.mmrm(formula, trial, "id", "visit", covariance=covariance, times=times, **choices)


@pytest.fixture(scope="module")
def of_nlme(trial, tmp_path_factory):
    script = R_LEVELS + "trial$v <- as.integer(trial$visit)\n"
    script += "trial <- trial[order(trial$id, trial$v), ]\n"
    for name, text in GLS.items():
        script += f"""
fit <- gls(pain ~ arm * visit, trial, {text},
           control = glsControl(msTol = 1e-12, tolerance = 1e-10, maxIter = 500, msMaxIter = 500))
out${name} <- list(loglik = as.numeric(logLik(fit)), estimate = unname(coef(fit)),
                   se = unname(sqrt(diag(fit$varBeta))), names = names(coef(fit)),
                   normalised = setNames(as.list(residuals(fit, type = "normalized")),
                                         paste(trial$id, trial$visit)))
"""
    return r_answers(script, {"trial": trial}, ("nlme",), tmp_path_factory.mktemp("r"))


@pytest.mark.parametrize("name", sorted(GLS))
def test_covariances_as_nlme(trial, of_nlme, name):
    expected, fit = of_nlme[name], repeated(trial, name)
    assert list(fit.design.names) == expected["names"]
    assert fit.stats.loglik == pytest.approx(expected["loglik"], abs=1e-5)
    assert fit.stats.loglik >= expected["loglik"] - 1e-6
    np.testing.assert_allclose(fit.coefficients()["estimate"], expected["estimate"], rtol=1e-3)
    np.testing.assert_allclose(fit.coefficients()["std_error"], expected["se"], rtol=1e-3)
    if name in ("cs", "csh"):
        return  # nlme takes another square root of these two
    keys = trial["id"] + " " + trial["visit"].astype(str)
    theirs = [expected["normalised"][key] for key in keys]
    np.testing.assert_allclose(fit.residuals(kind="normalised"), theirs, atol=2e-3)


@pytest.mark.parametrize("name", STRUCTURES)
def test_normalised_residuals_are_uncorrelated(trial, name):
    fit = repeated(trial, name)
    table = trial.assign(r=fit.residuals(kind="normalised")).pivot(
        index="id", columns="visit", values="r"
    )
    assert table.stack().var() == pytest.approx(1.0, abs=0.15)
    assert (fit.fitted() + fit.residuals()).to_numpy() == pytest.approx(trial["pain"].to_numpy())


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_structure_has_named_parameters_with_limits_around_them(trial, name):
    frame = repeated(trial, name).variance_parameters()
    assert frame["term"].is_unique
    assert (frame["std_error"] > 0).all()
    assert (
        (frame["conf_low"] < frame["estimate"]) & (frame["estimate"] < frame["conf_high"])
    ).all()


@pytest.mark.parametrize("name", ["us", "ar1h", "toep"])
def test_profile_limits_stand_where_the_likelihood_has_fallen(trial, name):
    """Hold a parameter at its limit and let a general optimiser find the rest."""
    fit = repeated(trial, name)
    frame = fit.variance_parameters(ci="profile")
    height = stats.chi2.ppf(0.95, 1)
    likelihood, free = fit.fit.likelihood, fit.fit.free
    natural = likelihood.marginal.from_free

    def deviance(at):
        point = likelihood.at(natural(at))
        return 1e6 if point is None else point.deviance

    def standing(at, *, index, limit, size):
        return (natural(at)[index] - limit) / size

    for index in (0, len(frame) - 1):
        for limit in frame.loc[index, ["conf_low", "conf_high"]]:
            size = frame.loc[index, "std_error"]
            held = optimize.NonlinearConstraint(
                partial(standing, index=index, limit=limit, size=size), 0.0, 0.0
            )
            best = optimize.minimize(
                deviance,
                free,
                method="SLSQP",
                constraints=held,
                options={"maxiter": 500, "ftol": 1e-10},
            )
            assert best.fun - fit.fit.point.deviance == pytest.approx(height, abs=1e-4)


def test_profile_of_random_effects_as_lme4(trial, tmp_path):
    script = (
        R_LEVELS
        + """
fit <- lmer(pain ~ week * arm + (week | id), trial, REML = FALSE)
ci <- suppressWarnings(confint(fit, method = "profile", quiet = TRUE, parm = "theta_"))
out$ci <- unname(ci)
"""
    )
    answer = r_answers(script, {"trial": trial}, ("lme4",), tmp_path)
    # .sig01 and .sig03 are standard deviations, .sig02 is their correlation, .sigma the residual.
    expected = np.array(answer["ci"], dtype=float)[[0, 2, 3]] ** 2
    fit = bw.lmm("pain ~ week * arm + (week | id)", trial, method="ml")
    frame = fit.variance_parameters(ci="profile").set_index("term")
    own = frame.loc[["variance of (Intercept)", "variance of week", "residual variance"]]
    np.testing.assert_allclose(own[["conf_low", "conf_high"]], expected, rtol=2e-3)


def test_a_variance_that_may_be_zero_has_zero_as_its_lower_limit(trial):
    noise = trial.assign(pain=np.random.default_rng(1).normal(size=len(trial)))
    fit = bw.lmm("pain ~ week + (1 | id)", noise)
    assert fit.stats.singular
    assert np.isnan(fit.variance_parameters().iloc[0]["conf_high"])
    row = fit.variance_parameters(ci="profile").iloc[0]
    assert row["conf_low"] == 0.0
    assert row["conf_high"] > row["estimate"]


def test_groups_have_parameters_and_matrices_of_their_own(trial):
    fit = repeated(trial, "csh", group="arm")
    assert set(fit.covariance) == {"forward", "backward"}
    frame = fit.variance_parameters()
    assert list(frame.columns)[:2] == ["group", "term"]
    assert list(frame["group"].unique()) == ["forward", "backward"]
    for arm, own in trial.groupby("arm", observed=True):
        alone = repeated(own, "csh", formula="pain ~ visit")
        np.testing.assert_allclose(fit.covariance[arm], alone.covariance, rtol=1e-5)


def test_prediction_is_the_marginal_mean_where_nothing_is_averaged(trial):
    fit = repeated(trial)
    means = fit.marginal_means("arm", by="visit")
    found = fit.predict(means[["arm", "visit"]])
    for column in ("estimate", "std_error", "df", "conf_low", "conf_high"):
        np.testing.assert_allclose(found[column], means[column], rtol=1e-12)


def test_prediction_of_the_rows_used_is_the_fitted_value(trial):
    fit = repeated(trial, formula="pain ~ arm * visit + log(age) + factor(dose)")
    np.testing.assert_allclose(fit.predict(trial)["estimate"], fit.fitted(), rtol=1e-12)


def test_prediction_of_rows_with_gaps_and_new_levels(trial):
    fit = repeated(trial, formula="pain ~ arm * visit + age")
    rows = trial.head(3).assign(age=[60.0, np.nan, 61.0])
    found = fit.predict(rows)
    assert list(found.index) == list(rows.index)
    assert found["estimate"].isna().tolist() == [False, True, False]
    with pytest.raises(UsageError, match="has not seen"):
        fit.predict(rows.assign(arm="sideways"))
    with pytest.raises(UsageError, match="no column named age"):
        fit.predict(rows.drop(columns="age"))
    with pytest.raises(UsageError, match="not a finite number"):
        fit.predict(rows.assign(age=np.inf))


def test_likelihood_ratio_of_covariances(trial):
    large, small = repeated(trial, "us"), repeated(trial, "cs")
    frame = large.likelihood_ratio_test(small)
    assert list(frame["covariance"]) == ["cs", "us"]
    statistic = 2 * (large.stats.loglik - small.stats.loglik)
    assert frame["statistic"].iloc[1] == pytest.approx(statistic)
    assert frame["df"].iloc[1] == 8
    assert frame["p_value"].iloc[1] == pytest.approx(stats.chi2.sf(statistic, 8))
    pd.testing.assert_frame_equal(frame, small.likelihood_ratio_test(large))


def test_likelihood_ratio_of_fixed_effects_needs_ml(trial):
    with pytest.raises(UsageError, match="method='ml'"):
        repeated(trial).likelihood_ratio_test(repeated(trial, formula="pain ~ visit"))
    large, small = (
        repeated(trial, method="ml"),
        repeated(trial, formula="pain ~ visit", method="ml"),
    )
    assert large.likelihood_ratio_test(small)["df"].iloc[1] == 4
    with pytest.raises(UsageError, match="REML and the other by ML"):
        large.likelihood_ratio_test(repeated(trial))
    with pytest.raises(UsageError, match="same rows"):
        repeated(trial).likelihood_ratio_test(repeated(trial.iloc[1:], "cs"))
    with pytest.raises(UsageError, match="equally many"):
        repeated(trial, "cs").likelihood_ratio_test(repeated(trial, "ar1"))


def test_aic_and_bic_count_as_documented(trial):
    reml, ml = repeated(trial).stats, repeated(trial, method="ml").stats
    people = reml.n_participants
    assert reml.aic == pytest.approx(-2 * reml.loglik + 2 * 10)
    assert reml.bic == pytest.approx(-2 * reml.loglik + np.log(people) * 10)
    assert ml.aic == pytest.approx(-2 * ml.loglik + 2 * 18)
    mixed = bw.lmm("pain ~ arm * week + (week | id)", trial).stats
    assert mixed.aic == pytest.approx(-2 * mixed.loglik + 2 * 8)
    assert mixed.bic == pytest.approx(-2 * mixed.loglik + np.log(mixed.n_obs) * 8)


def test_random_effects_are_for_lmm(trial):
    with pytest.raises(UsageError, match="lmm has"):
        repeated(trial).random_effects()
    with pytest.raises(UsageError, match="lmm has"):
        repeated(trial).fitted(kind="conditional")
    with pytest.raises(UsageError, match="marginal, conditional, normalised"):
        repeated(trial).residuals(kind="studentised")


def test_the_prediction_error_of_a_random_effect_by_dense_algebra(trial):
    """Henderson's mixed-model equations, written out."""
    fit = bw.lmm("pain ~ week * arm + (week | id)", trial)
    g: Any = fit.covariance
    sigma2 = fit.variance_parameters()["estimate"].iloc[-1]
    ids = {one: index for index, one in enumerate(fit.participants)}
    z = np.zeros((len(trial), 2 * len(ids)))
    for row, (who, week) in enumerate(zip(trial["id"], trial["week"], strict=True)):
        z[row, 2 * ids[who] : 2 * ids[who] + 2] = 1.0, week
    both = np.hstack([fit.x, z])
    penalty = np.zeros((both.shape[1],) * 2)
    p = fit.x.shape[1]
    penalty[p:, p:] = np.kron(np.eye(len(ids)), np.linalg.inv(g))
    inverse = np.linalg.inv(both.T @ both / sigma2 + penalty)
    solution = inverse @ both.T @ fit.y / sigma2
    frame = fit.random_effects()
    np.testing.assert_allclose(frame["estimate"], solution[p:], atol=1e-8)
    np.testing.assert_allclose(
        frame["prediction_error"], np.sqrt(np.diagonal(inverse))[p:], rtol=1e-8
    )
