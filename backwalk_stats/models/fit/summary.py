"""From a likelihood to a fit, its summary in one row, and the estimate columns of every frame.

Two starts, the better kept. The log-likelihoods are those that R's mmrm and lme4 print: the engine
works in an orthonormal basis Q of the design X = Q R, so that under REML log|det R| is taken off at
the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.fit import Fit, maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.numbers import Estimate, FloatArray, array
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.trial.tables import ESTIMATES

NOTHING_LEFT = 1e-12


def residuals_of(*, y: FloatArray, q: FloatArray) -> FloatArray:
    """Return least-squares residuals, shape (N,); refuses an outcome that leaves none.

    `y` (shape (N,)): outcome. `q` (shape (N, p)): design, orthonormal columns. Raises UsageError if
    the fixed effects fit the outcome without a remainder.
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

    `likelihood`: data and covariance model. `starts` (shape (q,)): natural parameters to start
    from, in the order in which they are tried. Raises NotEstimable if the likelihood cannot be
    computed at any of them.
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

    `fit`: in the basis Q of X = Q R. `r` (shape (p, p)): R.
    """
    own = -0.5 * fit.point.deviance
    if fit.likelihood.reml:
        own -= float(np.log(np.abs(np.diagonal(r))).sum())
    return own


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FitSummary(Shown):
    """A fit in one row.

    Attributes
    ----------
    loglik : float
        Log-likelihood, restricted for REML.
    aic, bic : float
        Smaller is better. For `mmrm` they count the covariance parameters under REML, and those and
        the coefficients under ML, and BIC takes the number of participants (as SAS; R's mmrm counts
        so in `logLik`, while its `AIC` and `BIC` leave the coefficients out under ML too);
        for `lmm` they count both and BIC takes the number of rows (as R's lme4).
    n_obs, n_participants : int
        Rows used, and participants.
    iterations : int
        Steps of the optimiser.
    gradient : float
        Largest absolute derivative of -2 log L in the free covariance parameters.
    converged : bool
        Whether gradient, Hessian and standard errors passed their checks; without it no p-value is
        given.
    singular : bool
        Whether a variance is estimated as zero.
    covariance : str
        The covariance structure that was fitted.
    method : str
        "reml" or "ml".
    df : str
        The method of degrees of freedom.
    notes : tuple of str
        What the reader must know.
    """

    loglik: float
    aic: float
    bic: float
    n_obs: int
    n_participants: int
    iterations: int
    gradient: float
    converged: bool
    singular: bool
    covariance: str
    method: str
    df: str
    notes: tuple[str, ...]


def summary_of(
    fit: Fit, *, r: FloatArray, covariance: str, df: str, notes: tuple[str, ...], door: str
) -> FitSummary:
    """Return the summary of a fit.

    `fit`: in the basis Q of X = Q R. `r` (shape (p, p)): R. `covariance`, `df`: what was fitted,
    and the df method. `notes`: what is known beyond the fit's own notes. `door`: "mmrm" or "lmm":
    how parameters and observations are counted for AIC and BIC.
    """
    patterns, reml = fit.likelihood.patterns, fit.likelihood.reml
    loglik = log_likelihood(fit, r)
    parameters = fit.likelihood.marginal.count
    if door == "lmm" or not reml:
        parameters += patterns.rank
    size = patterns.n_obs if door == "lmm" else patterns.n_participants
    return FitSummary(
        loglik=loglik,
        aic=2.0 * parameters - 2.0 * loglik,
        bic=parameters * math.log(size) - 2.0 * loglik,
        n_obs=patterns.n_obs,
        n_participants=patterns.n_participants,
        iterations=fit.steps,
        gradient=fit.gradient,
        converged=fit.converged,
        singular=fit.singular,
        covariance=covariance,
        method="reml" if reml else "ml",
        df=df,
        notes=(*notes, *fit.notes, *_advice(fit, door)),
    )


def _advice(fit: Fit, door: str) -> tuple[str, ...]:
    if not fit.converged:
        simpler = (
            "a covariance with fewer parameters (toeph, ar1h, csh or cs), or declare `fallback`"
            if door == "mmrm"
            else "fewer random effects, or uncorrelated ones: (x || id)"
        )
        return (f"did not converge: no standard error, df or p-value is given; try {simpler}",)
    if fit.singular:
        what = "covariance matrix of visits" if door == "mmrm" else "random-effects variance"
        return (f"singular: the {what} is estimated on the edge of what is possible",)
    return ()


def estimates_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose estimate columns stand in one order, from the first of them on.

    >>> rows = pd.DataFrame({"term": ["a"], "std_error": [1.0], "estimate": [2.0], "n": [9]})
    >>> list(estimates_first(rows))
    ['term', 'estimate', 'std_error', 'n']
    """
    columns = [str(name) for name in frame.columns]
    known = [name for name in ESTIMATES if name in columns]
    start = min(map(columns.index, known), default=0)
    before = [name for name in columns[:start] if name not in known]
    after = [name for name in columns[start:] if name not in known]
    return frame[[*before, *known, *after]]


def estimate_columns(found: Estimate) -> dict[str, FloatArray]:
    """Return estimate, conf_low, conf_high, p_value, std_error, df, statistic by name."""
    return {name: array(getattr(found, name)) for name in ESTIMATES}
