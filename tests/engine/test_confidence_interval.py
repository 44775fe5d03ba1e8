"""What an interval implies: round trips, Cochrane Handbook examples and a known answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.numbers import t_estimate
from backwalk_stats.engine.summary.change import ArmChange, paired
from backwalk_stats.engine.summary.intervals import (
    p_from_interval,
    pooled_sd_from_interval,
    sd_from_interval,
    se_from_interval,
)
from backwalk_stats.engine.summary.proportions import Counts, risk_ratio
from backwalk_stats.engine.summary.two_arms import Arm, pooled
from backwalk_stats.errors import NotEstimable

levels = st.sampled_from([0.90, 0.95, 0.99])


@given(st.floats(-50, 50), st.floats(0.01, 50), st.floats(1, 300), levels)
def test_se_and_p_come_back(estimate, error, df, level):
    made = t_estimate(estimate=estimate, std_error=error, df=df, level=level)
    low, high = made.conf_low, made.conf_high
    assert se_from_interval(low=low, high=high, level=level, df=df) == pytest.approx(
        error, rel=1e-9
    )
    p = p_from_interval(estimate=estimate, low=low, high=high, level=level, df=df)
    assert p == pytest.approx(made.p_value, rel=1e-6, abs=1e-12)


@given(st.integers(2, 300), st.floats(-50, 50), st.floats(0.01, 50), levels)
def test_sd_of_one_mean_comes_back(n, mean, sd, level):
    made = paired(ArmChange(n, mean, sd), level=level)
    back = sd_from_interval(n=n, low=made.conf_low, high=made.conf_high, level=level)
    assert back == pytest.approx(sd, rel=1e-9)


@given(st.integers(2, 300), st.integers(2, 300), st.floats(0.01, 50), levels)
def test_common_sd_of_two_arms_comes_back(n1, n2, sd, level):
    made = pooled(Arm(n1, 3.0, sd), Arm(n2, 5.0, sd), level=level)
    back = pooled_sd_from_interval(
        n1=n1, n2=n2, low=made.conf_low, high=made.conf_high, level=level
    )
    assert back == pytest.approx(sd, rel=1e-9)


def test_handbook_example():
    # Cochrane Handbook 6.5.2.2: n = 25, 95 % CI 30.0 to 34.2, SD 5.09 (t); 5.36 by the normal
    # formula.
    assert round(float(sd_from_interval(n=25, low=30.0, high=34.2)), 2) == 5.09
    normal = 5.0 * float(se_from_interval(low=30.0, high=34.2))
    assert round(normal, 2) == 5.36


def test_altman_and_bland_example():
    # Altman and Bland 2011, BMJ 343:d2304: a ratio of 0.81 (0.70 to 0.94) gives P = 0.005.
    estimate, low, high = (math.log(value) for value in (0.81, 0.70, 0.94))
    assert round(float(p_from_interval(estimate=estimate, low=low, high=high)), 3) == 0.005


def test_castro2025_first_kam():
    # Printed "p < 0.01" beside -0.20 (-0.38, -0.02): the interval says 0.029.
    assert round(float(p_from_interval(estimate=-0.20, low=-0.38, high=-0.02)), 3) == 0.029


def test_a_ratio_comes_back():
    made = risk_ratio(Counts(events1=5, n1=46, events2=4, n2=22))
    estimate, low, high = np.log([made.estimate, made.conf_low, made.conf_high])
    p = p_from_interval(estimate=estimate, low=low, high=high)
    assert p == pytest.approx(made.p_value, rel=1e-9)


def test_upside_down_intervals_are_refused():
    for low, high in ((2.0, 1.0), (1.0, 1.0), (math.nan, 1.0)):
        with pytest.raises(NotEstimable):
            se_from_interval(low=low, high=high)
    with pytest.raises(NotEstimable):
        sd_from_interval(n=1, low=0.0, high=1.0)
    with pytest.raises(NotEstimable):
        pooled_sd_from_interval(n1=1, n2=5, low=0.0, high=1.0)
