"""Two arms from summaries: R's t.test, the known answers, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.summary.two_arms import Arm, pooled, welch, welch_df
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

CASES = stored("effect_size")["cases"]
FIELDS = ("statistic", "df", "p_value", "conf_low", "conf_high", "std_error")


def two(*, n1, mean1, sd1, n2, mean2, sd2):
    """Return two arms from the names that the stored values have."""
    return Arm(n1, mean1, sd1), Arm(n2, mean2, sd2)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("name", "test"), [("student", pooled), ("welch", welch)])
def test_t_tests_are_those_of_r(case, name, test):
    result = test(*two(**case["input"]))
    for field in FIELDS:
        assert getattr(result, field) == pytest.approx(case[name][field], rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(
    ("arms", "statistic", "df", "p_value"),
    [
        # chen2021 pain, function and sway area; gondhalekar2013 pain; shabbir2022 pain, function.
        ((16, 1.56, 0.63, 16, 2.25, 0.86), -2.589, 30, 0.0147),
        ((16, 11.69, 2.50, 16, 16.19, 3.94), -3.858, 30, 0.00056),
        ((16, 610.50, 464.26, 16, 538.69, 420.52), 0.459, 30, 0.650),
        ((15, 3.53, 1.33, 15, 4.07, 1.18), -1.176, 28, 0.249),
        ((18, 2.78, 0.94, 18, 4.22, 1.16), -4.092, 34, 0.00025),
        ((18, 21.94, 5.59, 18, 27.22, 6.39), -2.639, 34, 0.0125),
    ],
)
def test_known_answers(arms, statistic, df, p_value):
    result = pooled(Arm(*arms[:3]), Arm(*arms[3:]))
    assert round(result.statistic, 3) == statistic
    assert result.df == df
    decimals = len(str(f"{p_value:.5f}".rstrip("0"))) - 2
    assert round(result.p_value, decimals) == p_value


@pytest.mark.parametrize("sds", [(1.1, 1.3), (1.3, 1.1)])
def test_unmerged_arms_do_not_depend_on_which_sd_is_whose(sds):
    pain = pooled(Arm(23, 3.9, sds[0]), Arm(23, 4.6, sds[1]))
    assert (round(pain.conf_low, 2), round(pain.conf_high, 2)) == (-1.42, 0.02)
    assert round(pain.p_value, 3) == 0.055
    function = pooled(Arm(23, 48.1, 3.4), Arm(23, 50.2, 4.2))
    assert (round(function.conf_low, 2), round(function.conf_high, 2)) == (-4.37, 0.17)
    assert round(function.p_value, 3) == 0.069


sizes = st.integers(2, 400)
spreads = st.floats(1e-3, 1e3)
means = st.floats(-1e3, 1e3)


@given(n1=sizes, mean1=means, sd1=spreads, n2=sizes, mean2=means, sd2=spreads)
def test_any_arms_agree_with_scipy(n1, mean1, sd1, n2, mean2, sd2):
    for equal, test in ((True, pooled), (False, welch)):
        expected = stats.ttest_ind_from_stats(mean1, sd1, n1, mean2, sd2, n2, equal_var=equal)
        result = test(Arm(n1, mean1, sd1), Arm(n2, mean2, sd2))
        assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
        assert result.p_value == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-300)


@given(n1=sizes, sd1=spreads, n2=sizes, sd2=spreads)
def test_welch_df_stays_in_its_bounds(n1, sd1, n2, sd2):
    df = welch_df(Arm(n1, 0.0, sd1), Arm(n2, 0.0, sd2))
    assert min(n1, n2) - 1 - 1e-9 <= df <= n1 + n2 - 2 + 1e-9


@given(n1=sizes, mean1=means, sd1=spreads, n2=sizes, mean2=means, sd2=spreads)
def test_swapping_the_arms_flips_the_sign_only(n1, mean1, sd1, n2, mean2, sd2):
    for test in (pooled, welch):
        a, b = Arm(n1, mean1, sd1), Arm(n2, mean2, sd2)
        ahead, back = test(a, b), test(b, a)
        assert ahead.estimate == -back.estimate
        assert ahead.p_value == pytest.approx(back.p_value, rel=1e-9)
        assert ahead.conf_low == pytest.approx(-back.conf_high, rel=1e-9, abs=1e-9)


def test_a_box_of_corners_is_the_corners_one_by_one():
    means1 = np.array([1.555, 1.565])[:, None, None]
    sds1 = np.array([0.625, 0.635])[None, :, None]
    means2 = np.array([2.245, 2.255])[None, None, :]
    for test in (pooled, welch):
        box = test(Arm(16, means1, sds1), Arm(16, means2, 0.86))
        assert np.asarray(box.p_value).ndim == 3
        one = test(Arm(16, 1.565, 0.625), Arm(16, 2.255, 0.86))
        assert np.asarray(box.p_value)[1, 0, 1] == pytest.approx(one.p_value, rel=1e-14)
        assert isinstance(one.p_value, float)


@pytest.mark.parametrize(
    "bad",
    [
        {"n1": 1},
        {"n2": 0},
        {"sd1": -1.0},
        {"sd1": 0.0, "sd2": 0.0},
        {"sd2": math.nan},
        {"n1": math.inf},
    ],
)
def test_impossible_arms_are_refused_not_tested(bad):
    arms = {"n1": 16, "mean1": 1.56, "sd1": 0.63, "n2": 16, "mean2": 2.25, "sd2": 0.86} | bad
    for test in (pooled, welch):
        with pytest.raises(NotEstimable):
            test(*two(**arms))


def test_one_constant_arm_is_allowed():
    assert welch(Arm(10, 1, 0), Arm(10, 2, 1)).df == pytest.approx(9.0)
