"""HC0 to HC3 against statsmodels, Welch, the jackknife, and a df formed in full."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.linear.heteroskedastic import (
    KINDS,
    BellMcCaffreyDf,
    ResidualDf,
    consistent_covariance,
    row_weights,
)
from backwalk_stats.engine.linear.inference import LinearInference
from backwalk_stats.engine.linear.least_squares import LeastSquares, least_squares
from backwalk_stats.engine.numbers import array
from backwalk_stats.errors import NotEstimable


def trial(seed: int, n: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 3 == 0
    pre = rng.normal(6.0, 1.5, n)
    x = np.column_stack([np.ones(n), arm, pre])
    return 0.5 * pre - arm + rng.normal(size=n) * np.where(arm, 2.0, 0.5), x


def inference(fit: LeastSquares, kind: str, *, own_df: bool) -> LinearInference:
    weight = row_weights(fit, kind)
    covariance = consistent_covariance(fit, weight)
    if own_df:
        return LinearInference(fit, BellMcCaffreyDf(covariance, fit.design.q, weight))
    return LinearInference(fit, ResidualDf(covariance, float(fit.df)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_covariances_are_statsmodels(kind, seed):
    api = pytest.importorskip("statsmodels.api")
    y, x = trial(seed)
    robust = api.OLS(y, x).fit().get_robustcov_results(kind.upper(), use_t=True)
    ours = inference(least_squares(y=y, x=x), kind, own_df=False)
    assert ours.covariance == pytest.approx(robust.cov_params(), rel=1e-10, abs=1e-13)
    found = ours.test(np.eye(3))
    assert found.p_value == pytest.approx(robust.pvalues, rel=1e-9)
    assert np.column_stack([found.conf_low, found.conf_high]) == pytest.approx(
        robust.conf_int(), rel=1e-9
    )
    joint = ours.joint(np.eye(3)[1:])
    wald = robust.f_test(np.eye(3)[1:])
    assert joint.statistic == pytest.approx(float(wald.fvalue), rel=1e-9)
    assert joint.p_value == pytest.approx(float(wald.pvalue), rel=1e-8)


@given(
    st.lists(st.floats(-50.0, 50.0).map(lambda v: round(v, 2)), min_size=3, max_size=12),
    st.lists(st.floats(-5.0, 5.0).map(lambda v: round(v, 2)), min_size=3, max_size=12),
)
def test_hc2_of_two_arms_is_welch(left, right):
    if np.ptp(left) == 0.0 or np.ptp(right) == 0.0:
        return
    y = np.array([*left, *right])
    arm = np.repeat([0.0, 1.0], [len(left), len(right)])
    fit = least_squares(y=y, x=np.column_stack([np.ones(len(y)), arm]))
    found = inference(fit, "hc2", own_df=True).test(np.array([[0.0, 1.0]]))
    welch = scipy.stats.ttest_ind(right, left, equal_var=False)
    assert array(found.statistic)[0] == pytest.approx(welch.statistic, rel=1e-8, abs=1e-12)
    # Imbens and Kolesar 2016, section III: the df of two arms, from their numbers alone.
    n0, n1 = len(left), len(right)
    top = (n0 + n1) ** 2 * (n0 - 1) * (n1 - 1)
    assert array(found.df)[0] == pytest.approx(
        top / (n1**2 * (n1 - 1) + n0**2 * (n0 - 1)), rel=1e-9
    )


@pytest.mark.parametrize("kind", KINDS)
def test_df_is_that_of_the_whole_matrix(kind):
    y, x = trial(5)
    fit = least_squares(y=y, x=x)
    combination = np.array([0.3, 1.0, -0.2])
    found = inference(fit, kind, own_df=True).test(combination[None])
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    leverage = np.diag(hat)
    weight = {
        "hc0": np.ones(len(y)),
        "hc1": np.full(len(y), np.sqrt(len(y) / (len(y) - 3))),
        "hc2": (1 - leverage) ** -0.5,
        "hc3": 1 / (1 - leverage),
    }[kind]
    load = np.diag(weight * (x @ bread @ combination))
    form = load @ (np.eye(len(y)) - hat) @ load
    assert array(found.df)[0] == pytest.approx(
        np.trace(form) ** 2 / np.trace(form @ form), rel=1e-10
    )
    assert array(found.df)[0] <= fit.df + 1e-9


def test_hc3_is_the_jackknife_without_its_centring():
    y, x = trial(8)
    fit = least_squares(y=y, x=x)
    left_out = [
        np.linalg.lstsq(np.delete(x, i, axis=0), np.delete(y, i), rcond=None)[0]
        for i in range(len(y))
    ]
    moved = np.array(left_out) - fit.beta
    ours = inference(fit, "hc3", own_df=False).covariance
    assert ours == pytest.approx(moved.T @ moved, rel=1e-9, abs=1e-12)


def test_joint_df_is_that_of_independent_combinations():
    y, x = trial(9)
    ours = inference(least_squares(y=y, x=x), "hc2", own_df=True)
    one = ours.joint(np.eye(3)[1:2])
    single = ours.test(np.eye(3)[1:2])
    assert one.df_den == pytest.approx(array(single.df)[0], rel=1e-10)
    assert one.p_value == pytest.approx(array(single.p_value)[0], rel=1e-9)
    both = ours.joint(np.eye(3)[1:])
    units = ours.joint(np.diag([1.0, 1e5]) @ np.eye(3)[1:])
    assert (both.df_num, both.df_den) == pytest.approx((units.df_num, units.df_den), rel=1e-8)
    assert 1.0 < both.df_den < 21.0


def test_a_row_that_determines_a_coefficient_alone():
    x = np.column_stack([np.ones(6), [0, 0, 0, 0, 0, 1], [1, 2, 3, 1, 2, 2]]).astype(float)
    fit = least_squares(y=np.array([1.0, 2.0, 4.0, 2.0, 1.0, 9.0]), x=x)
    for kind in ("hc2", "hc3"):
        with pytest.raises(NotEstimable, match=f"1 of 6 rows have leverage 1 .*{kind}"):
            row_weights(fit, kind)
    assert row_weights(fit, "hc0").tolist() == [1.0] * 6
