"""Trials are drawn as they are declared: moments, scale, drop-out, clusters; and the truth."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from backwalk_stats.engine.simulation import draws
from backwalk_stats.engine.simulation.designs import (
    Clusters,
    Covariate,
    Design,
    Scale,
    expected_scores,
)
from backwalk_stats.engine.simulation.draws import calibrated
from backwalk_stats.errors import NotEstimable
from tests.engine.simulated_designs import design, reference, reference_design

PLAIN = design(30, 30, visits=3, slope=None, rounded=False)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"dropout": np.array([[0.0, 0.2, 0.1]] * 2)}, "never falling"),
        ({"dropout": np.array([[0.1, 0.2, 0.3]] * 2)}, "0 at the baseline"),
        ({"dropout": np.array([[0.0, 0.2, 1.0]] * 2)}, "leaves nobody"),
        ({"dropout": np.zeros((2, 2))}, "2 arms x 3 visits"),
        ({"covariance": np.ones((3, 3))}, "not positive definite"),
        ({"covariance": np.array([[2.0, 0.1, 0], [0, 2, 0], [0, 0, 2]])}, "not symmetric"),
        ({"covariance": np.eye(2)}, "not 3 x 3"),
        ({"means": np.full((2, 3), np.nan)}, "not finite"),
        ({"means": np.zeros((2, 1))}, "the baseline and one more"),
        ({"sizes": (30,)}, "size of 1 or more for each of 2"),
        ({"sizes": (30, 0)}, "size of 1 or more"),
        ({"reference": 2}, "one of 2 arms"),
        ({"mar": np.inf}, "slope of leaving"),
        ({"scale": Scale(10.0, 0.0, 1.0)}, "low < high"),
        ({"scale": Scale(0.0, 10.0, 0.0)}, "step above 0"),
        ({"clusters": Clusters(0, 0.1)}, "1 person or more"),
        ({"clusters": Clusters(4, 1.0)}, "below 1"),
        ({"covariates": (Covariate(60.0, 8.0, 1.0),)}, "correlation between -1 and 1"),
        ({"covariates": (Covariate(60.0, 0.0, 0.1),)}, "SD above 0"),
    ],
)
def test_what_cannot_be_is_refused(wrong, told):
    with pytest.raises(NotEstimable, match=told):
        replace(PLAIN, **wrong)


def test_scores_have_the_declared_means_and_covariance():
    one = design(40, 20, visits=4, slope=None, rounded=False, share=0.0)
    y = calibrated(one).draw(2000, np.random.default_rng(1)).y
    for arm in (0, 1):
        own = y[:, one.arm == arm].reshape(-1, 4)
        error = np.sqrt(np.diagonal(one.covariance) / len(own))
        assert (np.abs(own.mean(axis=0) - one.means[arm]) < 4.5 * error).all()
        found = np.cov(own.T)
        spread = np.sqrt(
            (one.covariance**2 + np.outer(*[np.diagonal(one.covariance)] * 2)) / len(own)
        )
        assert (np.abs(found - one.covariance) < 4.5 * spread).all()


@pytest.mark.parametrize(("slope", "rounded"), [(None, True), (0.3, True), (-0.5, False)])
def test_the_declared_shares_leave_and_nobody_comes_back(slope, rounded):
    one = design(30, 20, visits=4, slope=slope, rounded=rounded)
    for told in (one, one.under_null()):
        drawn = calibrated(told).draw(1500, np.random.default_rng(2))
        gone = np.isnan(drawn.y)
        assert not gone[:, :, 0].any() and (gone[:, :, 1:] >= gone[:, :, :-1]).all()
        people = 1500 * np.array(told.sizes)[:, None]
        error = np.sqrt(told.dropout * (1.0 - told.dropout) / people)
        assert (np.abs(drawn.missing / people - told.dropout) <= 4.5 * error).all()


def test_leaving_goes_by_the_last_recorded_score():
    """Of those still there with score x, the share expit(a + b x) leaves."""
    one = design(100, 100, visits=3, slope=0.4)
    sampler = calibrated(one)
    drawn = sampler.draw(1500, np.random.default_rng(3))
    for arm in (0, 1):
        for visit in (1, 2):
            before, now = (drawn.y[:, one.arm == arm, at] for at in (visit - 1, visit))
            for score in range(11):
                there = before == score
                chance = special.expit(sampler.intercepts[arm, visit - 1] + 0.4 * score)
                error = np.sqrt(chance * (1.0 - chance) / max(there.sum(), 1))
                share = np.isnan(now[there]).sum() / max(there.sum(), 1)
                assert there.sum() < 30 or abs(share - chance) < 4.5 * error


def test_a_large_slope_or_share_is_calibrated_too():
    one = replace(
        design(50, 50, visits=3), mar=3.0, dropout=np.array([[0.0, 0.0, 0.5], [0.0, 0.9, 0.95]])
    )
    drawn = calibrated(one).draw(1000, np.random.default_rng(4))
    assert drawn.missing / 50_000 == pytest.approx(one.dropout, abs=0.01)


def test_calibration_is_of_the_arm_alone_and_the_same_each_time():
    one = design(10, 20)
    other = replace(design(70, 5), means=one.means[::-1], dropout=one.dropout[::-1])
    found = calibrated(one).intercepts
    draws._intercepts.cache_clear()
    assert calibrated(one).intercepts.tobytes() == found.tobytes()
    assert calibrated(other).intercepts[::-1].tobytes() == found.tobytes()


def test_a_seed_gives_the_same_bytes_and_scores_come_before_leaving():
    one = design(10, 20)
    stay = replace(one, dropout=np.zeros_like(one.dropout))
    y, again, whole = (
        calibrated(own).draw(4, np.random.default_rng(5)).y for own in (one, one, stay)
    )
    assert y.tobytes() == again.tobytes()
    seen = ~np.isnan(y)
    assert seen.sum() < seen.size and (y[seen] == whole[seen]).all()


@given(st.floats(-5, 15), st.floats(0.3, 6), st.sampled_from([1.0, 0.5, 2.5, 3.0]))
def test_expected_scores_are_the_sum_over_the_steps(mean, sd, step):
    """Slowly: each step, held within the limits, times its chance; 3 does not divide 10."""
    one = Design(
        sizes=(5,), reference=0, means=np.array([[mean, mean + 1.0]]),
        covariance=np.diag([sd**2, sd**2]), dropout=np.zeros((1, 2)),
        scale=Scale(0.0, 10.0, step),
    )  # fmt: skip
    for visit, expected in enumerate(expected_scores(one)[0]):
        normal = NormalDist(mean + visit, sd)
        total, reach = 0.0, int((abs(mean) + 10.0 * sd) / step) + 2
        for at in range(-reach, reach + 1):
            chance = normal.cdf((at + 0.5) * step) - normal.cdf((at - 0.5) * step)
            total += min(max(at * step, 0.0), 10.0) * chance
        assert expected == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("scale", [Scale(0.0, 10.0, 1.0), Scale(1.0, 9.0, 3.0), None])
def test_expected_scores_are_those_drawn(scale):
    one = replace(design(50, 50, visits=3, slope=None, share=0.0), scale=scale)
    y = calibrated(one).draw(1000, np.random.default_rng(6)).y
    if scale is not None:
        steps = np.append(np.arange(scale.low, scale.high, scale.step), scale.high)
        assert set(np.unique(y)) <= set(steps.tolist())
    for arm in (0, 1):
        own = y[:, one.arm == arm].reshape(-1, 3)
        error = own.std(axis=0) / np.sqrt(len(own))
        assert (np.abs(own.mean(axis=0) - expected_scores(one)[arm]) < 4.5 * error).all()


def test_the_truth_is_that_of_the_reference_scenarios(shared):
    """../shared/plan/values.json, facts."""
    scenarios = {one["name"]: one for one in reference(shared, "scenarios")}
    facts = reference(shared, "values")["facts"]
    assert len(facts) == 8
    for fact in facts:
        own = reference_design(scenarios[fact["scenario"]], fact["per_arm"])
        means = expected_scores(own)[:, -1]
        assert means[1] - means[0] == pytest.approx(fact["true_difference"], abs=1e-12)


def test_clusters_share_their_part_of_the_variance_at_every_visit():
    size, icc = 5, 0.3
    one = replace(PLAIN, sizes=(50, 33), clusters=Clusters(size, icc), dropout=np.zeros((2, 3)))
    y = calibrated(one).draw(1500, np.random.default_rng(7)).y - one.means[one.arm]
    own = y[:, :50].reshape(1500, 10, size, 3)
    first, second = own[:, :, 0].reshape(-1, 3), own[:, :, 1].reshape(-1, 3)
    within = first.T @ second / len(first)
    spread = np.sqrt(2.0) * np.diagonal(one.covariance).max() / np.sqrt(len(first))
    assert np.abs(within - icc * one.covariance).max() < 4.5 * spread
    assert np.abs(np.cov(first.T) - one.covariance).max() < 4.5 * spread
    apart = own[:, 0, 0].T @ own[:, 1, 0] / 1500
    assert np.abs(apart).max() < 4.5 * np.diagonal(one.covariance).max() / np.sqrt(1500)
    # The last cluster of an arm has the three who are left; arms share none.
    last, other = y[:, 50 + 30 :], y[:, 49]
    assert (last[:, 0] * last[:, 2])[:, 0].mean() == pytest.approx(icc * 2.56, abs=0.35)
    assert (last[:, 0] * other)[:, 0].mean() == pytest.approx(0.0, abs=0.35)


def test_covariates_have_their_mean_sd_and_correlation_with_the_baseline():
    """With a later visit it is that of the baseline with the visit, times their own."""
    told = (Covariate(60.0, 8.0, 0.4), Covariate(-1.0, 0.5, 0.0))
    one = replace(PLAIN, dropout=np.zeros((2, 3)), covariates=told, clusters=Clusters(5, 0.2))
    drawn = calibrated(one).draw(2000, np.random.default_rng(8))
    assert drawn.x is not None
    scores = (drawn.y - one.means[one.arm]).reshape(-1, 3)
    x = drawn.x.reshape(-1, 2)
    found = np.corrcoef(np.concatenate([scores, x], axis=1).T)
    assert x.mean(axis=0) == pytest.approx([60.0, -1.0], abs=0.12)
    assert x.std(axis=0) == pytest.approx([8.0, 0.5], rel=0.02)
    assert found[3, :3] == pytest.approx(0.4 * found[0, :3], abs=0.015)
    assert found[4, :4] == pytest.approx(np.zeros(4), abs=0.015)
    # They are drawn last: the scores are those without them.
    alone = calibrated(replace(one, covariates=())).draw(2000, np.random.default_rng(8))
    assert alone.y.tobytes() == drawn.y.tobytes() and alone.x is None
