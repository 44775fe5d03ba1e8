"""Bounds of the SD against enumeration, another program and random samples."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement
from statistics import variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.score_grid import score_grid
from backwalk_stats.engine.sd_bounds import grid_sd_bounds, sd_bounds
from backwalk_stats.errors import NotEstimable


@pytest.mark.parametrize(
    ("mean", "n", "items", "smallest", "largest"),
    # tests of the R package rsprite2 for its SD limits, on a scale from 1 to 7
    [("4.2", 5, 1, 0.45, 3.03), ("4.2", 5, 2, 0.27, 3.03), ("1.00", 100, 1, 0.0, 0.0)],
)
def test_limits_of_rsprite2(mean, n, items, smallest, largest):
    bounds = grid_sd_bounds(mean_text=mean, n=n, grid=score_grid(items=items, low=1, high=7))
    assert bounds.largest is not None
    assert (round(bounds.smallest, 2), round(bounds.largest, 2)) == (smallest, largest)


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("mean", ["0.0", "1.6", "2.5", "3.0", "3.4", "5"])
def test_grid_bounds_agree_with_enumeration(n, mean):
    half = Fraction(1, 20) if "." in mean else Fraction(1, 2)
    samples = [[Fraction(v) for v in s] for s in combinations_with_replacement(range(6), n)]
    found = [variance(s) for s in samples if abs(sum(s) / n - Fraction(mean)) <= half]
    grid = score_grid(low=0, high=5)
    if not found:
        with pytest.raises(NotEstimable):
            grid_sd_bounds(mean_text=mean, n=n, grid=grid)
        return
    bounds = grid_sd_bounds(mean_text=mean, n=n, grid=grid)
    assert (bounds.smallest_variance, bounds.largest_variance) == (min(found), max(found))
    anything = sd_bounds(mean_text=mean, n=n, low=0, high=5)
    assert anything.largest_variance is not None
    assert anything.largest_variance >= max(found)


def test_without_an_end_nothing_limits_the_sd():
    grid = score_grid()
    bounds = grid_sd_bounds(mean_text="2.5", n=4, grid=grid)
    assert bounds.largest is None
    assert bounds.admit("500.0")
    assert not bounds.admit("0.4")


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.integers(0, 3))
def test_every_sample_lies_within_the_bounds(values, decimals):
    sample = [Fraction(value, 100) for value in values]
    mean = f"{float(sum(sample) / len(sample)):.{decimals}f}"
    bounds = sd_bounds(mean_text=mean, n=len(sample), low=0, high=10)
    assert bounds.largest_variance is not None
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
