"""Existence of a sample with a given sum and sum of squares, against plain enumeration."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.printed.integer_moments import (
    end_deficits,
    paired_spread,
    sample_with_moments,
    squares_limits,
    squares_range,
)


def moments(sample):
    return sum(sample), sum(value * value for value in sample)


def reachable(*, n, width):
    """Return every (sum, sum of squares) of n values on [0, width], value by value."""
    found = {(0, 0)}
    for _ in range(n):
        found = {(s + y, q + y * y) for s, q in found for y in range(width + 1)}
    return found


@pytest.mark.parametrize(
    ("n", "width"),
    [(n, width) for n in range(1, 8) for width in range(7)] + [(4, 15), (5, 12), (9, 4), (12, 3)],
)
def test_every_case_of_a_small_scale_agrees_with_enumeration(n, width):
    truth = reachable(n=n, width=width)
    for total in range(n * width + 1):
        least, most = squares_range(n=n, total=total, width=width)
        assert {(total, least), (total, most)} <= truth
        for squares in range(max(0, least - 3), most + 4):
            sample = sample_with_moments(n=n, total=total, squares=squares, lower=0, upper=width)
            assert (sample is not None) == ((total, squares) in truth)
            if sample is not None:
                assert moments(sample) == (total, squares)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_scale_without_ends_agrees_with_enumeration(n):
    truth = {moments(sample) for sample in combinations_with_replacement(range(-9, 10), n)}
    for total in range(-3, 4):
        for squares in range(41):  # no value of such a sample lies outside -9 to 9
            sample = sample_with_moments(n=n, total=total, squares=squares)
            assert (sample is not None) == ((total, squares) in truth)


@pytest.mark.parametrize("n", [3, 4])
def test_a_scale_with_one_end_agrees_with_enumeration(n):
    truth = {moments(sample) for sample in combinations_with_replacement(range(13), n)}
    for total in range(13):
        for squares in range(150):
            above = sample_with_moments(n=n, total=total, squares=squares, lower=0)
            below = sample_with_moments(n=n, total=-total, squares=squares, upper=0)
            assert (above is not None) == (below is not None) == ((total, squares) in truth)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_the_moments_of_any_sample_are_found(data):
    width = data.draw(st.sampled_from([1, 2, 4, 10, 48, 100]))
    low = data.draw(st.integers(-20, 20))
    sample = data.draw(st.lists(st.integers(low, low + width), min_size=1, max_size=60))
    total, squares = moments(sample)
    for lower, upper in ((low, low + width), (low, None), (None, low + width), (None, None)):
        found = sample_with_moments(
            n=len(sample), total=total, squares=squares, lower=lower, upper=upper
        )
        assert found is not None
        assert len(found) == len(sample)
        assert moments(found) == (total, squares)
        assert lower is None or found[0] >= lower
        assert upper is None or found[-1] <= upper
        least, most = squares_limits(n=len(sample), total=total, lower=lower, upper=upper)
        assert least <= squares
        assert most is None or squares <= most


@settings(deadline=None, max_examples=100)
@given(
    near_ends=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0, 0, 0, 0, 0, 1, 1, 2, 5])),
        min_size=1,
        max_size=120,
    ),
    width=st.sampled_from([20, 100]),
)
def test_samples_with_most_values_at_the_ends_are_found(near_ends, width):
    sample = [width - off if top else off for top, off in near_ends]
    total, squares = moments(sample)
    deficit = width * total - squares
    assert end_deficits(deficit=deficit, width=width).allow(total=total, squares=squares)
    assert (
        sample_with_moments(n=len(sample), total=total, squares=squares, lower=0, upper=width)
        is not None
    )


def test_one_value_off_the_ends_leaves_gaps_below_the_largest_sum_of_squares():
    # 300 values on 0 to 10 that add up to 1050: the first inner values cost 2 * 9 = 18.
    possible = [
        squares
        for squares in range(10480, 10501, 2)
        if sample_with_moments(n=300, total=1050, squares=squares, lower=0, upper=10)
    ]
    assert possible == [10482, 10500]


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(0, 12), st.data())
def test_the_quick_construction_keeps_what_it_promises(n, width, data):
    total = data.draw(st.integers(0, n * width))
    least, most = squares_range(n=n, total=total, width=width)
    squares = data.draw(st.integers(least, most))
    sample = paired_spread(n=n, total=total, squares=squares, width=width)
    if sample is not None:
        assert (len(sample), *moments(sample)) == (n, total, squares)
        assert 0 <= min(sample) <= max(sample) <= width
