"""Least squares with one intercept a participant: only differences within participants count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import Estimate, FloatArray, t_estimate
from backwalk_stats.errors import NotEstimable, UsageError

DEPENDENT = 1e-9
FLAT = 1e-13


@dataclass(frozen=True, kw_only=True, slots=True)
class WithinFit:
    """Coefficients beside the participants' intercepts.

    Attributes
    ----------
    beta : array, shape (k,)
    covariance : array, shape (k, k)
    df : int
        Rows minus participants minus k.
    """

    beta: FloatArray
    covariance: FloatArray
    df: int

    def test(self, weights: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return a combination of the coefficients with its t test, weights of shape (k,)."""
        error = float(np.sqrt(weights @ self.covariance @ weights))
        return t_estimate(
            estimate=float(weights @ self.beta), std_error=error, df=self.df, level=level
        )


def within_fit(*, y: FloatArray, x: FloatArray, participant: np.ndarray) -> WithinFit:
    """Return the least-squares fit of y on x and an intercept for each participant.

    y and x are taken as deviations from the participant's own means and regressed (Frisch and
    Waugh, Econometrica 1933;1:387); the degrees of freedom lost to the intercepts are counted. x
    has shape (N, k), without an intercept; participants are codes from 0. Columns that depend on
    each other within participants are refused.

    >>> fit = within_fit(
    ...     y=np.array([5.0, 4.0, 6.0, 5.5, 7.0, 5.5]),
    ...     x=np.array([[0.0], [1.0]] * 3),
    ...     participant=np.array([0, 0, 1, 1, 2, 2]),
    ... )
    >>> fit.beta.round(6).tolist(), fit.df
    ([-1.0], 2)
    """
    size = np.bincount(participant)
    means = [np.bincount(participant, weights=one) / size for one in (y, *x.T)]
    own = np.column_stack(means)[participant]
    inner_y, inner_x = y - own[:, 0], x - own[:, 1:]
    q, r = np.linalg.qr(inner_x)
    diagonal = np.abs(np.diagonal(r))
    if np.any(diagonal <= DEPENDENT * np.sqrt((x**2).sum(axis=0))):
        raise UsageError("the columns cannot be told apart within participants")
    df = len(y) - len(size) - x.shape[1]
    if df < 1:
        raise NotEstimable(
            f"{len(y)} values of {len(size)} participants leave no degree of freedom"
        )
    beta = np.linalg.solve(r, q.T @ inner_y)
    residual = inner_y - inner_x @ beta
    if np.abs(residual).max() <= FLAT * np.abs(y).max():
        raise NotEstimable("every value is fitted exactly: there is no residual variance")
    inverse = np.linalg.inv(r)
    covariance = inverse @ inverse.T * float(residual @ residual) / df
    return WithinFit(beta=beta, covariance=covariance, df=df)
