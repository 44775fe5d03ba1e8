"""Permutation of whole curves against plain loops that refit every relabelling."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion import permutation
from backwalk_stats.motion.curve_tests import permutation_test, random_field_test
from backwalk_stats.motion.random_field import FField

NODES = 7


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


def test_every_sign_pattern_of_paired_curves(rng):
    y = rng.normal(0.4, 1.0, (6, NODES))
    slow = [
        np.abs(stats.ttest_1samp(np.array(signs)[:, None] * y, 0.0).statistic).max()
        for signs in product((1, -1), repeat=6)
    ]
    null = permutation.sign_null(y, permutations=999, seed=1)
    assert null.exact
    np.testing.assert_allclose(np.sort(null.heights), np.sort(slow))
    top = np.abs(stats.ttest_1samp(y, 0.0).statistic).max()
    found = permutation_test(statistics.one_sample(y), null)
    assert found.p_value == np.mean(np.array(slow) >= top - 1e-9)


def test_every_labelling_of_two_samples(rng):
    one, other = rng.normal(0.5, 1.0, (4, NODES)), rng.normal(0.0, 1.0, (5, NODES))
    pooled = np.concatenate([one, other])
    slow = []
    for chosen in combinations(range(9), 4):
        mask = np.isin(np.arange(9), chosen)
        slow.append(np.abs(stats.ttest_ind(pooled[mask], pooled[~mask]).statistic).max())
    null = permutation.two_sample_null(one, other, permutations=999, seed=1)
    assert null.exact
    np.testing.assert_allclose(np.sort(null.heights), np.sort(slow))
    found = statistics.two_sample(one, other)
    np.testing.assert_allclose(found.values, stats.ttest_ind(one, other).statistic)
    assert permutation_test(found, null).p_value == np.mean(np.array(slow) >= slow[0] - 1e-9)


def order_of(seed, index, n):
    return replicate_generator(seed=seed, index=index).permutation(n)


@pytest.mark.parametrize("extra", [False, True], ids=["baseline", "baseline and age"])
def test_freedman_lane_refits_every_order(extra, rng):
    n = 14
    baseline = rng.normal(size=(n, NODES))
    y = 0.6 * baseline + rng.normal(size=(n, NODES))
    arm = np.arange(n) % 2 == 0
    age = rng.normal(size=(n, 1))
    null = permutation.ancova_null(
        y, arm, baseline, age if extra else None, permutations=99, seed=7
    )
    for index in range(3):
        order, largest = order_of(7, index, n), 0.0
        for node in range(NODES):
            parts = [np.ones(n), baseline[:, node], *([age[:, 0]] if extra else [])]
            reduced = np.column_stack(parts)
            fit = sm.OLS(y[:, node], reduced).fit()
            again = fit.fittedvalues + fit.resid[order]
            full = sm.OLS(again, np.column_stack([reduced, arm])).fit()
            largest = max(largest, abs(full.tvalues[-1]))
        assert null.heights[index] == pytest.approx(largest, rel=1e-10)


def test_baseline_adjusted_t_is_that_of_least_squares(rng):
    n = 14
    baseline = 100.0 + rng.normal(size=(n, NODES))  # far from zero: the design is centred
    y = 0.6 * baseline + rng.normal(size=(n, NODES))
    arm = np.arange(n) % 2 == 0
    found = statistics.ancova(y, arm, baseline)
    for node in range(NODES):
        x = np.column_stack([np.ones(n), baseline[:, node] - 100.0, arm])
        fit = sm.OLS(y[:, node], x).fit()
        assert found.values[node] == pytest.approx(fit.tvalues[2], rel=1e-10)
        assert found.estimate[node] == pytest.approx(fit.params[2], rel=1e-10)
        np.testing.assert_allclose(found.residuals[:, node], fit.resid, atol=1e-10)


def test_regression_refits_every_order(rng):
    y, x = rng.normal(size=(10, NODES)), rng.normal(size=10)
    null = permutation.regression_null(y, x, permutations=99, seed=3)
    order = order_of(3, 0, 10)
    slow = [abs(sm.OLS(y[:, k], sm.add_constant(x[order])).fit().tvalues[1]) for k in range(NODES)]
    assert null.heights[0] == pytest.approx(max(slow), rel=1e-10)


def test_one_way_refits_every_order(rng):
    y, groups = rng.normal(size=(12, NODES)), np.repeat([0, 1, 2], [3, 4, 5])
    null = permutation.one_way_null(y, groups, permutations=99, seed=3)
    mixed = groups[order_of(3, 0, 12)]
    slow = stats.f_oneway(*(y[mixed == k] for k in range(3))).statistic
    assert null.heights[0] == pytest.approx(slow.max(), rel=1e-10)
    found = statistics.one_way(y, groups)
    plain = stats.f_oneway(*(y[groups == k] for k in range(3))).statistic
    np.testing.assert_allclose(found.values, plain)


def slow_repeated_measures(y):
    """F of a within-participant factor at one node, by sums over a table."""
    n, visits = y.shape
    total = ((y - y.mean()) ** 2).sum()
    people = visits * ((y.mean(axis=1) - y.mean()) ** 2).sum()
    between = n * ((y.mean(axis=0) - y.mean()) ** 2).sum()
    rest = total - people - between
    return (between / (visits - 1)) / (rest / ((n - 1) * (visits - 1)))


def test_repeated_measures_and_every_order_within_participants(rng):
    y = rng.normal(size=(3, 3, NODES)) + 50.0 * rng.normal(size=(3, 1, 1))
    found = statistics.repeated_measures(y)
    plain = [slow_repeated_measures(y[:, :, k]) for k in range(NODES)]
    np.testing.assert_allclose(found.values, plain, rtol=1e-8)
    null = permutation.within_participant_null(y, permutations=999, seed=1)
    assert null.exact and len(null.heights) == 6**3
    assert null.heights[0] == pytest.approx(max(plain), rel=1e-8)


def test_with_two_visits_the_interaction_is_the_test_of_changes(rng):
    y, arm = rng.normal(size=(11, 2, NODES)), np.arange(11) % 2
    found = statistics.arm_by_visit(y, arm)
    changes = y[:, 1] - y[:, 0]
    t = statistics.two_sample(changes[arm == 1], changes[arm == 0])
    np.testing.assert_allclose(found.values, t.values**2)
    assert found.field == FField(1.0, 9.0)


def test_arm_by_visit_relabels_participants(rng):
    y, arm = rng.normal(size=(10, 3, NODES)), np.arange(10) % 2
    null = permutation.arm_by_visit_null(y, arm, permutations=99, seed=5)
    mixed = arm[order_of(5, 0, 10)]
    assert null.heights[0] == pytest.approx(statistics.arm_by_visit(y, mixed).values.max())


def test_offsets_of_participants_change_nothing_within_them(rng):
    y, arm = rng.normal(size=(10, 3, NODES)), np.arange(10) % 2
    moved = y + 100.0 * rng.normal(size=(10, 1, 1))
    for one in (statistics.repeated_measures, lambda z: statistics.arm_by_visit(z, arm)):
        np.testing.assert_allclose(one(moved).values, one(y).values, rtol=1e-7)
        np.testing.assert_allclose(one(moved).residuals, one(y).residuals, atol=1e-10)


def test_random_p_counts_the_observed_labelling(rng):
    y = rng.normal(0.0, 1.0, (20, NODES))
    null = permutation.sign_null(y, permutations=199, seed=1)
    found = permutation_test(statistics.one_sample(y), null)
    top = np.abs(found.statistic.values).max()
    assert not null.exact
    assert found.p_value == (1 + (null.heights >= top).sum()) / 200


def test_threshold_and_p_agree(rng):
    y = rng.normal(0.8, 1.0, (12, NODES))
    null = permutation.sign_null(y, permutations=499, seed=1)
    for alpha in (0.01, 0.05, 0.2, 0.5):
        found = permutation_test(statistics.one_sample(y), null, alpha=alpha)
        beyond = np.abs(found.statistic.values) >= found.threshold * (1 - 1e-9)
        np.testing.assert_array_equal(beyond, found.p_nodes <= alpha)


def test_the_same_seed_gives_the_same_null(rng):
    y, x = rng.normal(size=(12, NODES)), rng.normal(size=12)
    one, two = (permutation.regression_null(y, x, permutations=150, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.heights, two.heights)
    longer = permutation.regression_null(y, x, permutations=300, seed=4)
    np.testing.assert_array_equal(longer.heights[:150], one.heights)


def test_a_node_that_stands_still_is_named(rng):
    y = rng.normal(size=(12, NODES))
    y[:, 3] = 5.0
    with pytest.raises(NotEstimable, match=r"do not vary at 1 of 7 nodes .*node 3"):
        statistics.one_sample(y - 5.0)


def test_missing_samples_are_refused(rng):
    y = rng.normal(size=(12, NODES))
    y[0, 0] = np.nan
    with pytest.raises(NotEstimable, match="1 samples are missing"):
        random_field_test(statistics.one_sample(y))


def test_too_few_permutations_are_refused(rng):
    with pytest.raises(UsageError, match="at least 99"):
        permutation.sign_null(rng.normal(size=(12, NODES)), permutations=10, seed=1)
