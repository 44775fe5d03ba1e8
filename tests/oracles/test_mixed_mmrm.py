"""The doors against stored values of R's mmrm and lme4, where they lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.oracles.example_trials import fev

FEV = "FEV1 ~ RACE + SEX + ARMCD * AVISIT"
FITS = {
    "fev_us_reml_sat": ("us", "satterthwaite"),
    "fev_ar1_reml_sat": ("ar1", "satterthwaite"),
    "fev_us_reml_krl": ("us", "kenward-roger-linear"),
    "fev_cs_reml_krl": ("cs", "kenward-roger-linear"),
}


def stored(shared: Path, name: str) -> dict:
    return json.loads((shared / "reference" / "values" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", FITS)
def test_fev(shared, name):
    expected, (covariance, df) = stored(shared, name), FITS[name]
    fit = bw.mmrm(FEV, fev(shared), "USUBJID", "AVISIT", covariance=covariance, df=df)
    found = fit.coefficients()
    assert list(found["term"]) == expected["coef_names"]
    assert fit.stats.loglik == pytest.approx(expected["logLik"], abs=1e-8)
    assert fit.stats.aic == pytest.approx(expected["AIC"], abs=1e-8)
    assert fit.stats.bic == pytest.approx(expected["BIC"], abs=1e-8)
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], expected["se"], rtol=1e-10)
    np.testing.assert_allclose(found["df"], expected["df"], rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, expected["covariance"], rtol=1e-8)
    joint = fit.anova().set_index("term").loc["ARMCD:AVISIT"]
    test = expected["test_interaction"]
    assert joint["df_num"] == test["num_df"]
    assert joint["df_den"] == pytest.approx(test["denom_df"], rel=1e-9)
    assert joint["statistic"] == pytest.approx(test["f_stat"], rel=1e-9)
    assert joint["p_value"] == pytest.approx(test["p_val"], rel=1e-9)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_sleepstudy(shared, df):
    values = stored(shared, "lmm_sleepstudy_slope_reml")
    frame = pd.read_csv(shared / "reference" / "sleepstudy.csv")
    fit = bw.lmm("Reaction ~ Days + (Days | Subject)", frame, df=df, information="expected")
    found, expected = fit.coefficients(), values[df.replace("-", "_")]
    assert fit.stats.loglik == pytest.approx(values["logLik"], abs=1e-8)
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], expected["se"], rtol=1e-7)
    np.testing.assert_allclose(found["df"], expected["df"], rtol=1e-7)


def test_the_choice_of_information_moves_the_df(shared):
    """What docs/methods/kenward_roger.md says of the FEV arm."""
    frame = fev(shared)
    found = {
        kind: bw.mmrm(
            "FEV1 ~ ARMCD", frame, "USUBJID", "AVISIT", df="kenward-roger", information=kind
        ).contrasts("ARMCD")["df"].iloc[0]
        for kind in ("observed", "expected")
    }  # fmt: skip
    assert found["observed"] == pytest.approx(160.7, abs=0.05)
    assert found["expected"] == pytest.approx(170.9, abs=0.05)
