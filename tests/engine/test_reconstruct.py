"""Draws that match summaries exactly, against enumeration of every sample."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.printed.integer_moments import Moments
from backwalk_stats.engine.reconstruct import (
    draw_margin,
    exchanged,
    margin_table,
    paired_with_products,
    pairs_with_moments,
    solutions,
)
from backwalk_stats.errors import NotEstimable


@settings(max_examples=200)
@given(
    n=st.integers(3, 200),
    means=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    sds=st.tuples(st.floats(0.01, 50), st.floats(0.01, 50)),
    r=st.floats(-1, 1),
    seed=st.integers(0, 2**32),
)
def test_continuous_moments_are_exact(n, means, sds, r, seed):
    draw = pairs_with_moments(
        n=n, mean_pre=means[0], sd_pre=sds[0], mean_post=means[1], sd_post=sds[1], correlation=r,
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    size = max(1.0, *map(abs, means), *sds)
    assert draw.mean(axis=0) == pytest.approx(means, abs=1e-12 * size)
    covariance = np.cov(draw.T)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(sds, abs=1e-12 * size)
    assert covariance[0, 1] / (sds[0] * sds[1]) == pytest.approx(r, abs=1e-12 * size / min(sds))


def test_continuous_refuses_what_cannot_be():
    known: dict[str, Any] = {
        "mean_pre": 0,
        "mean_post": 0,
        "sd_post": 1,
        "rng": np.random.default_rng(1),
    }
    for wrong in (
        {"n": 2, "sd_pre": 1, "correlation": 0},
        {"n": 9, "sd_pre": -1, "correlation": 0},
        {"n": 9, "sd_pre": 1, "correlation": 1.01},
    ):
        with pytest.raises(NotEstimable):
            pairs_with_moments(**known, **wrong)


def table_for(sample, lower, upper):
    n, total, squares = len(sample), int(sum(sample)), int(sum(x * x for x in sample))
    centre = total // n
    deviations = sum((x - centre) ** 2 for x in sample)
    table = margin_table(
        n=n, total=total, squares=squares, most_squares=deviations, lower=lower, upper=upper
    )
    return table, Moments(n, total, squares)


@settings(max_examples=80)
@given(
    sample=st.lists(st.integers(0, 10), min_size=2, max_size=25),
    seed=st.integers(0, 2**32),
)
def test_any_honest_sample_has_a_draw_with_its_sums(sample, seed):
    table, wanted = table_for(sample, 0, 10)
    if table is None:
        return
    drawn = draw_margin(table, wanted, np.random.default_rng(seed))
    assert Moments(len(drawn), int(drawn.sum()), int((drawn**2).sum())) == wanted
    assert drawn.min() >= 0 and drawn.max() <= 10


def chi_square(counts, samples, draws):
    expected = draws / len(samples)
    return sum((counts[one] - expected) ** 2 / expected for one in samples)


def test_every_ordered_sample_is_equally_likely():
    # Oracle: all 4^6 samples of 6 people on 0 to 3, those with sum 9 and sum of squares 19.
    samples = [s for s in product(range(4), repeat=6) if (sum(s), sum(x * x for x in s)) == (9, 19)]
    table, wanted = table_for(samples[0], 0, 3)
    assert table is not None
    rng, draws, df = np.random.default_rng(20261124), 6000, len(samples) - 1
    counts = Counter(tuple(draw_margin(table, wanted, rng).tolist()) for _ in range(draws))
    assert set(counts) == set(samples)
    assert abs(chi_square(counts, samples, draws) - df) < 4 * np.sqrt(2 * df)


def test_exchanges_lead_to_the_same_law():
    # As above, over unordered samples: 0 to 5, sum 15 and squares 51, each as likely as its orders.
    orders = Counter(
        tuple(sorted(s))
        for s in product(range(6), repeat=6)
        if (sum(s), sum(x * x for x in s)) == (15, 51)
    )
    assert len(orders) > 3
    start, rng, draws = np.array(min(orders)), np.random.default_rng(20261124), 300
    counts = Counter(
        tuple(sorted(exchanged(start, lower=0, upper=5, rng=rng).tolist())) for _ in range(draws)
    )
    shares = {one: draws * number / orders.total() for one, number in orders.items()}
    distance = sum((counts[one] - share) ** 2 / share for one, share in shares.items())
    assert set(counts) <= set(orders)
    assert abs(distance - len(orders) + 1) < 4 * np.sqrt(2 * len(orders))


@pytest.mark.parametrize("size", [3, 4])
def test_solutions_are_all_there_are(size):
    for total, squares in ((9, 35), (12, 58), (0, 0), (5, 5), (4, 16)):
        every = {
            s
            for s in product(range(7), repeat=size)
            if (sum(s), sum(x * x for x in s)) == (total, squares)
        }
        found = solutions(size, total=total, squares=squares, lower=0, upper=6)
        assert len(found) == len(every) and {tuple(row) for row in found.tolist()} == every


def test_extreme_samples_are_found():
    for sample in ([0] * 15 + [10] * 15, [0] * 29 + [10], [0] * 14 + [5] + [10] * 15, [3] * 20):
        table, wanted = table_for(sample, 0, 10)
        rng = np.random.default_rng(3)
        drawn = (
            exchanged(np.array(sample), lower=0, upper=10, rng=rng)
            if table is None
            else draw_margin(table, wanted, rng)
        )
        assert sorted(drawn.tolist()) == sorted(sample)


@pytest.mark.parametrize(("n", "upper", "sd"), [(60, 68, 12.0), (200, 10, 2.4), (120, 100, 20.0)])
def test_wide_scales_and_large_trials_have_no_table(n, upper, sd):
    rng = np.random.default_rng(7)
    sample = np.clip(np.rint(rng.normal(upper / 2, sd, n)), 0, upper).astype(np.int64)
    table, wanted = table_for(sample.tolist(), 0, upper)
    assert table is None
    drawn = exchanged(sample, lower=0, upper=upper, rng=rng)
    assert Moments(n, int(drawn.sum()), int((drawn**2).sum())) == wanted
    assert drawn.min() >= 0 and drawn.max() <= upper
    assert sorted(drawn.tolist()) != sorted(sample.tolist())


def test_pairing_agrees_with_every_order():
    pre, post = np.array([1, 2, 4, 4, 7]), np.array([0, 3, 3, 5, 9])
    reachable = {int(pre @ np.array(order)) for order in permutations(post.tolist())}
    rng = np.random.default_rng(5)
    for wanted in range(min(reachable) - 3, max(reachable) + 4):
        found = paired_with_products(pre, post, low=wanted, high=wanted, rng=rng)
        assert (found is not None) == (wanted in reachable)
        if found is not None:
            assert int(pre @ found) == wanted and sorted(found.tolist()) == sorted(post.tolist())
