"""p-values far into the tails against R, and the way back from p to t."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.numbers import (
    chi_square_p,
    f_p,
    t_estimate,
    t_from_p,
    t_p,
    t_quantile,
    z_estimate,
    z_p,
)
from backwalk_stats.errors import NotEstimable, UsageError
from tests.reference.stored import stored

VALUES = stored("power")


@pytest.mark.parametrize("case", VALUES["t_tail"])
def test_t_tail_is_rs(case):
    assert t_p(statistic=case["statistic"], df=case["df"]) == pytest.approx(case["p"], rel=1e-11)


@pytest.mark.parametrize("case", VALUES["f_tail"])
def test_f_tail_is_rs(case):
    p = f_p(statistic=case["statistic"], df_num=case["df_num"], df_den=case["df_den"])
    assert p == pytest.approx(case["p"], rel=1e-11)


@pytest.mark.parametrize("case", VALUES["chi_tail"])
def test_chi_square_tail_is_rs(case):
    p = chi_square_p(statistic=case["statistic"], df=case["df"])
    assert p == pytest.approx(case["p"], rel=1e-11)


def test_known_answer_of_a_printed_t():
    # phrir2023_postural: t = -1.628 with 15 + 15, printed p 0.115.
    assert round(float(t_p(statistic=-1.628, df=28)), 4) == 0.1147


@given(st.floats(1e-12, 1.0), st.floats(1.0, 500.0))
def test_p_to_t_and_back(p_value, df):
    assert t_p(statistic=t_from_p(p_value=p_value, df=df), df=df) == pytest.approx(
        p_value, rel=1e-8
    )


def test_limits_of_p():
    assert t_from_p(p_value=0.0, df=10) == math.inf
    assert t_from_p(p_value=1.0, df=10) == 0.0
    assert t_p(statistic=1.3, df=math.inf) == pytest.approx(z_p(statistic=1.3), rel=1e-14)
    assert t_from_p(p_value=0.05, df=math.inf) == pytest.approx(1.959963984540054, rel=1e-14)
    assert t_quantile(level=0.95, df=5) == pytest.approx(t_from_p(p_value=0.05, df=5), rel=1e-12)
    for bad in (-0.1, 1.1, math.nan):
        with pytest.raises(NotEstimable):
            t_from_p(p_value=bad, df=10)


def test_no_variation_has_no_test():
    for bad in (0.0, -1.0, math.nan):
        with pytest.raises(NotEstimable):
            t_estimate(estimate=1.0, std_error=bad, df=10)
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(UsageError):
            z_estimate(estimate=1.0, std_error=1.0, level=level)


def test_interval_and_test_agree():
    # p < 0.05 exactly where the 95 % interval leaves 0 out.
    for estimate in np.linspace(-3, 3, 61):
        result = t_estimate(estimate=estimate, std_error=1.0, df=12)
        outside = result.conf_low > 0 or result.conf_high < 0
        assert outside == (result.p_value < 0.05)
