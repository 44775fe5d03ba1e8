"""CR2 by the two square roots in use, written out: mmrm's, which is ours, and clubSandwich's."""

from __future__ import annotations

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.models.fit.fitted import FittedModel
from tests.oracles.example_trials import example, part


def root(matrix: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of the inverse."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return (vectors / np.sqrt(values)) @ vectors.T


def both(fit: FittedModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard errors by mmrm's published formula and by clubSandwich's."""
    likelihood, x = fit.fit.likelihood, fit.x
    patterns, v = likelihood.patterns, likelihood.marginal.v(fit.fit.point.theta)
    blocks = []
    for person, member in zip(patterns.rows, patterns.member, strict=True):
        held = person >= 0
        blocks.append((person[held], v[member][np.ix_(held, held)]))
    phi = np.linalg.inv(sum(x[at].T @ np.linalg.solve(one, x[at]) for at, one in blocks))
    rest = fit.y - x @ fit.inference.beta
    meat = [np.zeros_like(phi), np.zeros_like(phi)]
    for at, one in blocks:
        spread = one - x[at] @ phi @ x[at].T
        lower = np.linalg.cholesky(np.linalg.inv(one))  # mmrm: W = L L'
        upper = np.linalg.cholesky(one).T  # clubSandwich: V = D' D
        free = np.eye(len(at)) - lower.T @ x[at] @ phi @ x[at].T @ lower
        ours = np.linalg.solve(lower.T, root(free) @ lower.T)
        theirs = upper.T @ root(upper @ spread @ upper.T) @ upper
        for place, b in enumerate((ours, theirs)):
            np.testing.assert_allclose(b @ spread @ b.T, one, rtol=1e-7, atol=1e-9)  # unbiased
            score = x[at].T @ np.linalg.solve(one, b @ rest[at])
            meat[place] += np.outer(score, score)
    first, second = (np.sqrt(np.diagonal(phi @ one @ phi)) for one in meat)
    return first, second


@pytest.mark.parametrize(("people", "apart"), [(26, 0.01), (200, 0.001)])
@pytest.mark.parametrize("covariance", ["us", "cs", "ar1"])
def test_ours_is_the_root_of_mmrm_and_near_that_of_clubsandwich(covariance, people, apart):
    trial = part(example("trial_n200"), 0, people)
    fit = bw.mmrm("pain ~ base + arm * visit", trial, "id", "visit", covariance=covariance,
                  vcov="robust-cr2")  # fmt: skip
    mmrm, club = both(fit)
    found = fit.coefficients()["std_error"].to_numpy()
    np.testing.assert_allclose(found, mmrm, rtol=1e-9)
    np.testing.assert_allclose(found, club, rtol=apart)
    assert np.abs(found / club - 1.0).max() > 1e-6
