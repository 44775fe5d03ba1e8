"""The names that a user of statsmodels types hold statsmodels' numbers, in statsmodels' shapes."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import backwalk_stats as bw
from tests.models.trials import slope_trial

EXACT = 1e-10
SERIES = ("params", "bse", "tvalues", "pvalues")
NAMES = {
    "(Intercept)": "Intercept",
    "armbackward": "arm[T.backward]",
    "siteS2": "site[T.S2]",
    "siteS3": "site[T.S3]",
    "armbackward:age": "arm[T.backward]:age",
}


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return slope_trial(60, seed=3)


@pytest.fixture(scope="module", params=["pain ~ arm * age + site", "pain ~ 1 + age"])
def both(request: pytest.FixtureRequest, trial: pd.DataFrame):
    return bw.ols(request.param, trial), smf.ols(request.param, trial).fit()


@pytest.mark.parametrize("name", SERIES)
def test_least_squares_agree_by_term(both, name: str):
    own, theirs = both
    found = getattr(own, name).rename(NAMES)
    assert isinstance(found, pd.Series)
    pd.testing.assert_series_equal(
        found.sort_index(), getattr(theirs, name).sort_index(), rtol=EXACT, check_names=False
    )


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_intervals_of_least_squares_agree(both, alpha: float):
    own, theirs = both
    found, expected = own.conf_int(alpha=alpha), theirs.conf_int(alpha=alpha)
    assert found.columns.tolist() == expected.columns.tolist() == [0, 1]
    expected = expected.rename({new: old for old, new in NAMES.items()}).loc[found.index]
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)


def test_the_fit_in_numbers_agrees(both):
    own, theirs = both
    assert own.nobs == int(theirs.nobs) and isinstance(own.nobs, int)
    assert own.llf == pytest.approx(theirs.llf, rel=EXACT)
    # R and broom count the residual variance as a parameter, statsmodels does not.
    assert own.aic == pytest.approx(theirs.aic + 2.0, rel=EXACT)
    assert own.bic == pytest.approx(theirs.bic + math.log(theirs.nobs), rel=EXACT)
    np.testing.assert_allclose(own.predict()["estimate"], theirs.predict(), rtol=EXACT)
    row = own.glance().iloc[0]
    assert row["r_squared"] == pytest.approx(theirs.rsquared, rel=EXACT)
    assert row["adj_r_squared"] == pytest.approx(theirs.rsquared_adj, rel=EXACT)
    assert row["sigma"] == pytest.approx(math.sqrt(theirs.scale), rel=EXACT)
    assert row["deviance"] == pytest.approx(theirs.ssr, rel=EXACT)
    assert row["df_residual"] == theirs.df_resid


@pytest.fixture(scope="module")
def mixed(trial: pd.DataFrame):
    formula = "pain ~ arm + week"
    theirs = smf.mixedlm(formula, trial, groups=trial["id"]).fit(reml=False)
    return bw.lmm(f"{formula} + (1 | id)", trial, method="ml"), theirs


def test_a_mixed_model_agrees(mixed):
    own, theirs = mixed
    names = {old: new for old, new in NAMES.items() if new in theirs.params.index}
    fixed = [name for name in theirs.params.index if name != "Group Var"]
    for name, close in (("params", 1e-5), ("bse", 1e-4)):
        found = getattr(own, name).rename(names)
        np.testing.assert_allclose(found[fixed], getattr(theirs, name)[fixed], rtol=close)
    assert own.llf == pytest.approx(theirs.llf, abs=1e-6)
    assert own.nobs == theirs.nobs
    row = own.glance().iloc[0]
    assert row["deviance"] == pytest.approx(-2 * theirs.llf, abs=1e-5)
    assert row["AIC"] == own.aic and row["BIC"] == own.bic and bool(row["converged"])


def test_prediction_without_rows_is_that_of_the_rows_used(trial: pd.DataFrame, mixed):
    own, _ = mixed
    np.testing.assert_allclose(own.predict()["estimate"], own.fitted(), rtol=1e-12)
    gaps = trial.assign(pain=trial["pain"].mask(trial.index % 7 == 0))
    fit = bw.mmrm("pain ~ arm * visit", gaps, "id", "visit")
    assert fit.predict().index.equals(gaps.dropna().index)
    assert fit.nobs == gaps["pain"].notna().sum()


def test_a_constrained_model_has_the_same_names(trial: pd.DataFrame):
    fit = bw.constrained_longitudinal(
        trial, value="pain", participant="id", visit="visit", arm="arm", baseline_visit="W02"
    )
    effects = fit.contrasts().set_index("visit")["estimate"]
    for visit in ("W04", "W08", "W12"):
        assert fit.params[f"armbackward:visit{visit}"] == pytest.approx(effects[visit], rel=1e-12)
    assert fit.params.index.tolist() == fit.tidy()["term"].tolist()
    assert fit.formula.text.startswith("pain ~ visit + armbackward:visitW04")
    assert len(fit.predict()) == fit.nobs
    assert "REMLcrit" in fit.glance().columns


def test_tidy_has_the_level_that_is_asked(trial: pd.DataFrame):
    fit = bw.mmrm("pain ~ arm * visit", trial, "id", "visit")
    limits = fit.conf_int(alpha=0.1)
    tidy = fit.tidy(level=0.9).set_index("term")
    np.testing.assert_allclose(limits[0], tidy["conf_low"], rtol=1e-12)
    assert "90% interval" in str(fit.summary(level=0.9))
    assert "90% interval" in fit.summary(level=0.9)._repr_html_()


@pytest.mark.parametrize("alpha", [0, 1, -0.05, "0.05", True, None])
def test_an_alpha_that_is_none_is_refused(trial: pd.DataFrame, alpha: object):
    with pytest.raises(bw.UsageError, match="alpha"):
        bw.ols("pain ~ arm", trial).conf_int(alpha=cast("float", alpha))
