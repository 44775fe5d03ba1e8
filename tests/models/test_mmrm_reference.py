"""`mmrm` against stored values of R's mmrm 0.3.18 and of SAS PROC MIXED."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.models.trials import unordered

FEV = "FEV1 ~ RACE + SEX + ARMCD * AVISIT"
CASES = {
    "fev_us_reml_sat": {},
    "fev_ar1_reml_sat": {"covariance": "ar1"},
    "fev_us_reml_krl": {"df": "kenward-roger-linear"},
    "fev_cs_reml_krl": {"covariance": "cs", "df": "kenward-roger-linear"},
    "trial200_us_reml_sat": {},
}


def fev(shared):
    frame = pd.read_csv(shared / "reference" / "fev_data.csv")
    return frame.assign(SEX=pd.Categorical(frame["SEX"], ["Male", "Female"]))


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request, shared):
    path = shared / "reference" / "values" / f"{request.param}.json"
    values = json.loads(path.read_text("utf-8"))
    if request.param.startswith("fev"):
        fit = bw.mmrm(
            FEV, fev(shared), participant="USUBJID", visit="AVISIT", **CASES[request.param]
        )
        return fit, values, ("ARMCD", "AVISIT")
    frame = pd.read_csv(shared / "reference" / "trial_n200.csv")
    frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    fit = bw.mmrm(
        "pain ~ base * visit + arm * visit + site", frame, participant="id", visit="visit"
    )
    return fit, values, ("arm", "visit")


def close(found, expected, rel):
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=rel)


def test_coefficients(case):
    fit, values, _ = case
    frame = fit.coefficients()
    place = {unordered(name): index for index, name in enumerate(values["coef_names"])}
    order = [place[unordered(term)] for term in frame["term"]]
    for column, key, rel in (
        ("estimate", "estimate", 1e-9),
        ("std_error", "se", 1e-9),
        ("df", "df", 1e-8),
        ("statistic", "t", 1e-8),
        ("p_value", "p", 1e-6),
    ):
        close(frame[column], np.array(values[key])[order], rel)


def test_summary(case):
    fit, values, _ = case
    assert fit.stats.loglik == pytest.approx(values["logLik"], abs=1e-8)
    assert fit.stats.aic == pytest.approx(values["AIC"], abs=1e-7)
    assert fit.stats.bic == pytest.approx(values["BIC"], abs=1e-7)
    assert (fit.stats.n_obs, fit.stats.n_participants) == (
        values["n_obs"],
        values["n_subjects"],
    )
    assert fit.stats.converged
    assert not fit.stats.singular
    close(fit.covariance, values["covariance"], 1e-7)


def test_marginal_means_and_contrasts(case):
    fit, values, (arm, visit) = case
    for frame, expected, value in (
        (fit.marginal_means(arm, by=visit), values["emmeans"], "emmean"),
        (fit.contrasts(arm, by=visit), values["emm_contrasts"], "estimate"),
    ):
        labels = [name for name in (arm, visit, "contrast") if name in expected]
        for name in labels:
            assert list(frame[name]) == expected[name]
        for column, key in (
            ("estimate", value),
            ("std_error", "SE"),
            ("df", "df"),
            ("conf_low", "lower.CL"),
            ("conf_high", "upper.CL"),
        ):
            close(frame[column], expected[key], 1e-8)


def test_joint_tests(case):
    fit, values, (arm, visit) = case
    frame = fit.anova()
    own = frame[[unordered(term) == {arm, visit} for term in frame["term"]]].iloc[0]
    expected = values["test_interaction"]
    assert own["df_num"] == expected["num_df"]
    close(own["df_den"], expected["denom_df"], 1e-8)
    close(own["statistic"], expected["f_stat"], 1e-8)
    close(own["p_value"], expected["p_val"], 1e-8)
    rows = [
        np.eye(len(fit.design.names))[[unordered(n) for n in fit.design.names].index(unordered(r))]
        for r in values["test_all_arm"]["rows"]
    ]
    joint = fit.jointly(np.array(rows))
    close(joint.df_den, values["test_all_arm"]["denom_df"], 1e-8)
    close(joint.statistic, values["test_all_arm"]["f_stat"], 1e-8)


@pytest.mark.parametrize("covariance", ["us", "ar1", "cs"])
@pytest.mark.parametrize("df", ["kenward-roger", "kenward-roger-linear"])
def test_kenward_roger_of_sas(shared, covariance, df):
    path = shared / "reference" / "values" / "sas_kenward_roger.json"
    expected = json.loads(path.read_text("utf-8"))["values"][f"{covariance}_{df.replace('-', '_')}"]
    fit = bw.mmrm(
        "FEV1 ~ ARMCD",
        fev(shared),
        participant="USUBJID",
        visit="AVISIT",
        covariance=covariance,
        df=df,
    )
    found = fit.contrasts("ARMCD").iloc[0]
    # SAS stops its optimiser earlier.
    close(found["estimate"], expected["Estimate"], 1e-4)
    close(found["std_error"], expected["StdErr"], 2e-4)
    close(found["df"], expected["DF"], 1e-3)
    close(found["conf_low"], expected["Lower"], 1e-3)


def test_information_moves_the_df_as_documented(shared):
    found = {
        kind: bw.mmrm(
            "FEV1 ~ ARMCD",
            fev(shared),
            participant="USUBJID",
            visit="AVISIT",
            df="kenward-roger",
            information=kind,
        )
        .contrasts("ARMCD")["df"]
        .item()
        for kind in ("observed", "expected")
    }
    assert round(found["observed"], 1) == 160.7
    assert round(found["expected"], 1) == 170.9
