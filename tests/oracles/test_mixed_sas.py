"""The doors against SAS PROC MIXED, where the FEV data lie beside the checkout.

The values are SAS's own, published with R's mmrm (see tests/reference/mixed). SAS stops its
optimiser early: its -2 log L is up to 1.2e-5 above the minimum here, never below it.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.oracles.example_trials import fev
from tests.reference.stored import FOLDER

SAS = json.loads((FOLDER / "mixed" / "sas.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def trial(shared) -> pd.DataFrame:
    return fev(shared)


@pytest.mark.parametrize("key", SAS["loglik"])
def test_log_likelihood(trial, key):
    name, method = key.rsplit("_", 1)
    by_arm = name.endswith("_by_arm")
    fit = bw.mmrm(
        "FEV1 ~ 1", trial, "USUBJID", "AVISIT",
        covariance=name.removesuffix("_by_arm"), method=method, group="ARMCD" if by_arm else None,
    )  # fmt: skip
    assert fit.stats.converged
    above = SAS["loglik"][key]["minus_two_loglik"] + 2.0 * fit.stats.loglik
    assert -1e-7 < above < 2e-5


@pytest.mark.parametrize("df", ["kenward-roger", "kenward-roger-linear"])
@pytest.mark.parametrize("name", SAS["kenward_roger"])
def test_kenward_roger(trial, name, df):
    expected = SAS["kenward_roger"][name][df]
    fit = bw.mmrm("FEV1 ~ ARMCD", trial, "USUBJID", "AVISIT", covariance=name, df=df)
    found = fit.contrasts("ARMCD").iloc[0]
    assert found["contrast"] == "TRT - PBO"
    assert found["estimate"] == pytest.approx(expected["estimate"], rel=1e-4)
    assert found["std_error"] == pytest.approx(expected["std_error"], rel=2e-4)
    assert found["df"] == pytest.approx(expected["df"], rel=1e-3)


@pytest.mark.parametrize("key", SAS["empirical"])
def test_sandwich(trial, key):
    fit = bw.mmrm(
        "FEV1 ~ ARMCD", trial, "USUBJID", "AVISIT", covariance=key.removesuffix("_weighted"),
        vcov="robust-cr0", weights="WEIGHT" if key.endswith("_weighted") else None,
    )  # fmt: skip
    expected = np.array(SAS["empirical"][key]["covariance"])
    np.testing.assert_allclose(fit.inference.covariance, expected, rtol=4e-4)
