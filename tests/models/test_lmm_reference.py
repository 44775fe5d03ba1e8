"""`lmm` against lme4, lmerTest, pbkrtest and emmeans."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.models.r_oracle import r_answers
from tests.models.trials import R_LEVELS, slope_trial, unordered

FORMULAS = {
    "slope": "pain ~ week * arm + site + (week | id)",
    "independent": "pain ~ week * arm + site + (week || id)",
    "intercept": "pain ~ visit * arm + age + (1 | id)",
    "slope_alone": "pain ~ week + arm + (0 + week | id)",
}
SCRIPT = (
    R_LEVELS
    + """
for (key in names(FORMULAS)) {
  fit <- lmer(as.formula(FORMULAS[[key]]), trial,
              control = lmerControl(optimizer = "bobyqa",
                                    optCtrl = list(rhobeg = 0.2, rhoend = 1e-9, maxfun = 1e5)))
  ml <- refitML(fit)
  kr <- summary(fit, ddf = "Kenward-Roger")$coefficients
  out[[key]] <- list(
    names = names(fixef(fit)), coefficients = summary(fit)$coefficients,
    kr = kr[, c("Std. Error", "df")],
    loglik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit), ml = as.numeric(logLik(ml)),
    ml_aic = AIC(ml),
    terms = rownames(anova(fit)), anova = as.matrix(anova(fit)),
    effects = as.data.frame(ranef(fit, condVar = TRUE)),
    fitted = unname(fitted(fit)), residuals = unname(resid(fit)),
    means = if (grepl("site", FORMULAS[[key]])) as.data.frame(emmeans(fit, ~ arm | site)) else NULL
  )
}
"""
)


@pytest.fixture(scope="module")
def trial():
    return slope_trial(40, seed=3, slope=0.3)


@pytest.fixture(scope="module")
def answers(trial, tmp_path_factory):
    listed = ", ".join(f'{key} = "{text}"' for key, text in FORMULAS.items())
    return r_answers(
        f"\nFORMULAS <- list({listed})\n{SCRIPT}",
        {"trial": trial},
        ("lme4", "lmerTest", "pbkrtest", "emmeans"),
        tmp_path_factory.mktemp("r"),
    )


@pytest.fixture(scope="module", params=sorted(FORMULAS))
def case(request, trial, answers):
    return FORMULAS[request.param], trial, answers[request.param]


def in_order(fit, expected):
    place = {unordered(name): index for index, name in enumerate(expected["names"])}
    return [place[unordered(term)] for term in fit.coefficients()["term"]]


def test_coefficients_and_satterthwaite(case):
    formula, trial, expected = case
    fit = bw.lmm(formula, trial)
    table = np.array(expected["coefficients"])[in_order(fit, expected)]
    frame = fit.coefficients()
    np.testing.assert_allclose(frame["estimate"], table[:, 0], rtol=1e-5)
    np.testing.assert_allclose(frame["std_error"], table[:, 1], rtol=1e-5)
    # lmerTest differentiates numerically.
    np.testing.assert_allclose(frame["df"], table[:, 2], rtol=1e-3)


def test_kenward_roger_of_pbkrtest(case):
    formula, trial, expected = case
    fit = bw.lmm(formula, trial, df="kenward-roger", information="expected")
    table = np.array(expected["kr"])[in_order(fit, expected)]
    np.testing.assert_allclose(fit.coefficients()["std_error"], table[:, 0], rtol=1e-5)
    np.testing.assert_allclose(fit.coefficients()["df"], table[:, 1], rtol=1e-4)


def test_likelihood(case):
    formula, trial, expected = case
    reml, ml = bw.lmm(formula, trial).stats, bw.lmm(formula, trial, method="ml").stats
    assert reml.loglik >= expected["loglik"] - 1e-6
    assert reml.loglik == pytest.approx(expected["loglik"], abs=1e-5)
    assert reml.aic == pytest.approx(expected["aic"], abs=1e-5)
    assert reml.bic == pytest.approx(expected["bic"], abs=1e-5)
    assert ml.loglik == pytest.approx(expected["ml"], abs=1e-5)
    assert ml.aic == pytest.approx(expected["ml_aic"], abs=1e-5)


def test_anova(case):
    formula, trial, expected = case
    frame = bw.lmm(formula, trial).anova()
    place = {unordered(name): index for index, name in enumerate(expected["terms"])}
    table = np.array(expected["anova"])[[place[unordered(term)] for term in frame["term"]]]
    np.testing.assert_array_equal(frame["df_num"], table[:, 2])
    np.testing.assert_allclose(frame["df_den"], table[:, 3], rtol=1e-3)
    np.testing.assert_allclose(frame["statistic"], table[:, 4], rtol=1e-4)


def test_random_effects(case):
    formula, trial, expected = case
    fit = bw.lmm(formula, trial)
    theirs = pd.DataFrame(expected["effects"]).rename(columns={"grp": "participant"})
    both = fit.random_effects().merge(theirs, on=["participant", "term"])
    assert len(both) == len(theirs) == len(fit.random_effects())
    size = both["condval"].abs().max()
    np.testing.assert_allclose(both["estimate"], both["condval"], atol=1e-4 * size)
    np.testing.assert_allclose(both["std_error"], both["condsd"], rtol=1e-3)
    assert (both["prediction_error"] > both["std_error"]).all()


def test_fitted_and_residuals(case):
    formula, trial, expected = case
    fit = bw.lmm(formula, trial)
    np.testing.assert_allclose(fit.fitted(kind="conditional"), expected["fitted"], rtol=1e-4)
    np.testing.assert_allclose(fit.residuals(kind="conditional"), expected["residuals"], atol=1e-3)


def test_marginal_means(case):
    formula, trial, expected = case
    if not expected.get("means"):
        return
    frame = bw.lmm(formula, trial, df="kenward-roger", information="expected").marginal_means(
        "arm", by="site"
    )
    theirs = pd.DataFrame(expected["means"])
    assert list(frame["arm"]) == list(theirs["arm"])
    np.testing.assert_allclose(frame["estimate"], theirs["emmean"], rtol=1e-5)
    np.testing.assert_allclose(frame["std_error"], theirs["SE"], rtol=1e-5)
    np.testing.assert_allclose(frame["df"], theirs["df"], rtol=1e-4)


def test_sleepstudy(shared):
    folder = shared / "reference"
    values = json.loads((folder / "values" / "lmm_sleepstudy_slope_reml.json").read_text("utf-8"))
    frame = pd.read_csv(folder / "sleepstudy.csv")
    for df, key in (("satterthwaite", "satterthwaite"), ("kenward-roger", "kenward_roger")):
        fit = bw.lmm("Reaction ~ Days + (Days | Subject)", frame, df=df, information="expected")
        found, expected = fit.coefficients(), values[key]
        np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)
        np.testing.assert_allclose(found["std_error"], expected["se"], rtol=1e-7)
        np.testing.assert_allclose(found["df"], expected["df"], rtol=1e-6)
        test = values[f"anova3_{key}"]
        assert fit.anova()["statistic"].item() == pytest.approx(test["F value"], rel=1e-7)
        assert fit.anova()["df_den"].item() == pytest.approx(test["DenDF"], rel=1e-6)
    assert fit.stats.loglik == pytest.approx(values["logLik"], abs=1e-9)
    assert fit.stats.aic == pytest.approx(values["AIC"], abs=1e-8)
    assert fit.stats.bic == pytest.approx(values["BIC"], abs=1e-8)
    effects = fit.random_effects()["estimate"].to_numpy().reshape(-1, 2)
    np.testing.assert_allclose(effects, values["ranef"], atol=1e-6)
    np.testing.assert_allclose(fit.covariance, values["G"]["Subject"], rtol=1e-6)


@pytest.mark.parametrize("n", [40, 200, 2000])
def test_random_slopes_on_weeks_reach_the_optimum_of_lme4(n, tmp_path):
    trial = slope_trial(n, seed=n)
    script = (
        R_LEVELS
        + """
fit <- suppressMessages(lmer(pain ~ week * arm + (week | id), trial))
out$loglik <- as.numeric(logLik(fit))
"""
    )
    theirs = r_answers(script, {"trial": trial}, ("lme4",), tmp_path)["loglik"]
    fit = bw.lmm("pain ~ week * arm + (week | id)", trial)
    assert fit.stats.converged
    assert fit.stats.loglik >= theirs - 1e-6
    assert fit.stats.loglik == pytest.approx(theirs, abs=1e-3)


def test_weights_and_a_singular_fit(tmp_path):
    """Also at a variance of zero the df are those of lmerTest; pbkrtest does not know weights."""
    rng = np.random.default_rng(2)
    trial = slope_trial(40, seed=3)
    trial = trial.assign(w=rng.uniform(0.5, 3, len(trial)), noise=rng.normal(size=len(trial)))
    script = (
        R_LEVELS
        + """
weighted <- lmer(pain ~ week * arm + (1 | id), trial, weights = w)
singular <- suppressMessages(lmer(noise ~ week * arm + (1 | id), trial))
out$weighted <- summary(weighted)$coefficients
out$singular <- summary(singular)$coefficients
out$kr <- summary(singular, ddf = "Kenward-Roger")$coefficients
out$loglik <- c(logLik(weighted), logLik(singular))
"""
    )
    answer = r_answers(script, {"trial": trial}, ("lme4", "lmerTest", "pbkrtest"), tmp_path)
    fits = {
        "weighted": bw.lmm("pain ~ week * arm + (1 | id)", trial, weights="w"),
        "singular": bw.lmm("noise ~ week * arm + (1 | id)", trial),
        "kr": bw.lmm(
            "noise ~ week * arm + (1 | id)", trial, df="kenward-roger", information="expected"
        ),
    }
    assert fits["singular"].stats.singular
    assert fits["weighted"].stats.loglik == pytest.approx(answer["loglik"][0], abs=1e-6)
    assert fits["singular"].stats.loglik == pytest.approx(answer["loglik"][1], abs=1e-6)
    for key, fit in fits.items():
        table, frame = np.array(answer[key]), fit.coefficients()
        np.testing.assert_allclose(frame["std_error"], table[:, 1], rtol=1e-5)
        np.testing.assert_allclose(frame["df"], table[:, 2], rtol=1e-3)


def test_every_fit_of_noise_converges_where_variances_are_zero():
    """Random slopes that are not there: many optima lie on an edge, and are reached."""
    trial = slope_trial(40, seed=21)
    for seed in range(30):
        noise = trial.assign(pain=np.random.default_rng(seed).normal(size=len(trial)))
        for part in ("(1 | id)", "(week || id)", "(week | id)"):
            fit = bw.lmm(f"pain ~ week + {part}", noise)
            assert fit.stats.converged
            assert np.isfinite(fit.coefficients()["p_value"]).all()
