"""Analyses of completed data against least squares, one participant left out at a time."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.engine.missing.pooling import completed_analysis
from backwalk_stats.errors import NotEstimable


def trial(n=12, replicates=4):
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(n), np.arange(n) % 2, 50.0 + rng.normal(size=n)])
    return x, 100.0 + rng.normal(size=(replicates, n))


def test_estimates_and_variances_are_those_of_least_squares():
    x, y = trial()
    plan = completed_analysis(x=x, contrasts=np.array([[0.0, 1.0, 0.0]]))
    beta = np.linalg.lstsq(x, y.T, rcond=None)[0]
    residual = y.T - x @ beta
    expected = (residual**2).sum(axis=0) / 9 * np.linalg.inv(x.T @ x)[1, 1]
    assert plan.df == 9
    assert plan.estimates(y)[:, 0] == pytest.approx(beta[1], rel=1e-9)
    assert plan.variances(y)[:, 0] == pytest.approx(expected, rel=1e-9)


def test_leaving_out_is_least_squares_of_the_others():
    x, y = trial()
    plan = completed_analysis(x=x, contrasts=np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    left = np.array([0, 3, 3, 11])
    expected = [
        np.linalg.lstsq(np.delete(x, i, axis=0), np.delete(one, i), rcond=None)[0][1:]
        for one, i in zip(y, left, strict=True)
    ]
    assert plan.without(y, left) == pytest.approx(np.array(expected), rel=1e-8)
    same = plan.without(y[:1], np.arange(12))
    assert same == pytest.approx(plan.without(np.repeat(y[:1], 12, axis=0), np.arange(12)))


def test_a_coefficient_of_one_participant_is_refused():
    x, y = trial()
    alone = np.column_stack([x, np.arange(12) == 5]).astype(float)
    plan = completed_analysis(x=alone, contrasts=np.array([[0.0, 1.0, 0.0, 0.0]]))
    with pytest.raises(NotEstimable, match="hangs on one participant"):
        plan.without(y[:1], np.array([5]))
    with pytest.raises(NotEstimable, match="no residual degree of freedom"):
        completed_analysis(x=x[:3], contrasts=np.eye(3))
