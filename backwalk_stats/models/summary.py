"""One row about a fit: how well it fits, how large it is, and whether it can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.models.estimation import log_likelihood


@dataclass(frozen=True, kw_only=True, slots=True)
class FitSummary:
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

    Parameters
    ----------
    fit : Fit
        In the basis Q of X = Q R.
    r : array, shape (p, p)
        R.
    covariance, df : str
        What was fitted, and the df method.
    notes : tuple of str
        What is known beyond the fit's own notes.
    door : str
        "mmrm" or "lmm": how parameters and observations are counted for AIC and BIC.
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
