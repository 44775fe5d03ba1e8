"""Rubin's rules against R's mice, and where the numbers do not determine anything."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.engine.missing.pooling import pooled
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.missing.imputation import rubin
from tests.reference.stored import stored

VALUES = stored("multiple_imputation")


@pytest.mark.parametrize("case", VALUES["scalar"])
def test_one_estimate_as_pool_scalar(case):
    df = np.inf if case["df_complete"] == "inf" else case["df_complete"]
    found = pooled(estimates=case["estimates"], variances=case["variances"], df_complete=df)
    for name in ("within", "between", "relative_increase", "fraction_missing"):
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-10)
    assert found.found.estimate == pytest.approx(case["estimate"], rel=1e-10)
    assert found.found.std_error**2 == pytest.approx(case["total"], rel=1e-10)
    assert found.found.df == pytest.approx(case["df"], rel=1e-10)


def test_coefficients_of_a_regression_as_pool():
    case = VALUES["pool"]
    found = rubin(case["estimates"], case["variances"], case["df_complete"])
    for name in ("estimate", "within", "between", "relative_increase", "share", "df"):
        assert found[name].to_numpy() == pytest.approx(case[name], rel=1e-10)
    assert found["fraction_missing"].to_numpy() == pytest.approx(
        case["fraction_missing"], rel=1e-10
    )
    assert found["std_error"].to_numpy() ** 2 == pytest.approx(case["total"], rel=1e-10)


def test_equal_estimates_leave_the_df_of_the_complete_data():
    # nu_obs = (nu + 1) / (nu + 3) nu; mice puts 1e-4 for a lambda of 0 and differs by 1e-9.
    found = pooled(estimates=[2.0] * 5, variances=[0.5] * 5, df_complete=20)
    assert found.found.df == pytest.approx(21 / 23 * 20, rel=1e-14)
    assert pooled(estimates=[2.0] * 5, variances=[0.5] * 5).found.df == np.inf


@pytest.mark.parametrize(
    ("estimates", "variances", "df"),
    [
        ([1.0], [1.0], 10),
        ([1.0, 2.0], [1.0], 10),
        ([1.0, np.nan], [1.0, 1.0], 10),
        ([1.0, 2.0], [1.0, 0.0], 10),
        ([1.0, 2.0], [1.0, 1.0], 0),
        (1.0, 1.0, 10),
    ],
)
def test_what_cannot_be_pooled_is_refused(estimates, variances, df):
    with pytest.raises(NotEstimable):
        pooled(estimates=estimates, variances=variances, df_complete=df)
