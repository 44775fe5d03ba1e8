"""Bounds of the SD against enumeration, another program and random samples."""

from __future__ import annotations

from fractions import Fraction
from statistics import variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.printed.sd_bounds import sd_bounds
from backwalk_stats.errors import NotEstimable


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.integers(0, 3))
def test_every_sample_lies_within_the_bounds(values, decimals):
    sample = [Fraction(value, 100) for value in values]
    mean = f"{float(sum(sample) / len(sample)):.{decimals}f}"
    bounds = sd_bounds(mean_text=mean, n=len(sample), low=0, high=10)
    assert variance(sample) <= bounds.largest_variance
    assert bounds.admit(f"{float(variance(sample)) ** 0.5:.2f}")


def test_the_largest_sd_is_reached():
    # 10 values on 0 to 10 with mean 3.5: three at 10, one at 5, six at 0.
    bounds = sd_bounds(mean_text="3.50000000", n=10, low=0, high=10)
    assert bounds.largest == pytest.approx(
        float(variance([10, 10, 10, 5, 0, 0, 0, 0, 0, 0])) ** 0.5
    )
    assert not bounds.admit("4.80")


def test_a_mean_off_the_scale_is_refused():
    with pytest.raises(NotEstimable):
        sd_bounds(mean_text="10.2", n=10, low=0, high=10)
    with pytest.raises(NotEstimable):
        sd_bounds(mean_text="1", n=1, low=0, high=10)
