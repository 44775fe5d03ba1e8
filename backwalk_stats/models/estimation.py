"""From a likelihood to a fit and its summary: two starts, the better kept, and what it means.

The log-likelihoods are those that R's mmrm and lme4 print: the engine works in an orthonormal basis
Q of the design X = Q R, so that under REML log|det R| is taken off at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit, maximise
from backwalk_stats.engine.likelihood import Likelihood
from backwalk_stats.errors import NotEstimable, UsageError

NOTHING_LEFT = 1e-12


def residuals_of(*, y: FloatArray, q: FloatArray) -> FloatArray:
    """Return least-squares residuals, shape (N,); refuses an outcome that leaves none.

    Parameters
    ----------
    y : array, shape (N,)
        Outcome.
    q : array, shape (N, p)
        Design, orthonormal columns.

    Raises
    ------
    UsageError
        If the fixed effects fit the outcome without a remainder.
    """
    residual = y - q @ (q.T @ y)
    residual = residual - q @ (q.T @ residual)
    if np.sqrt(np.mean(residual**2)) <= NOTHING_LEFT * float(np.abs(y).max()):
        raise UsageError(
            "the fixed effects fit the outcome without a remainder: the residual variance is "
            "zero, so there is nothing to test against"
        )
    return np.asarray(residual)


def best_fit(likelihood: Likelihood, starts: Sequence[FloatArray]) -> Fit:
    """Return the maximised likelihood from the first start that converges, else the best.

    Parameters
    ----------
    likelihood : Likelihood
        Data and covariance model.
    starts : sequence of array, shape (q,)
        Natural parameters to start from, in the order in which they are tried.

    Raises
    ------
    NotEstimable
        If the likelihood cannot be computed at any of them.
    """
    found: list[Fit] = []
    for start in starts:
        try:
            fit = maximise(likelihood, start)
        except (NotEstimable, np.linalg.LinAlgError):
            continue
        if fit.converged:
            return fit
        found.append(fit)
    if not found:
        raise NotEstimable(
            "the likelihood cannot be computed at the start values; look for an outcome of extreme "
            "size or a covariate that fits some visits without a remainder"
        )
    return min(found, key=lambda one: one.point.deviance)


def log_likelihood(fit: Fit, r: FloatArray) -> float:
    """Return the (restricted) log-likelihood in the caller's own coefficients.

    Parameters
    ----------
    fit : Fit
        In the basis Q of X = Q R.
    r : array, shape (p, p)
        R.
    """
    own = -0.5 * fit.point.deviance
    if fit.likelihood.reml:
        own -= float(np.log(np.abs(np.diagonal(r))).sum())
    return own
