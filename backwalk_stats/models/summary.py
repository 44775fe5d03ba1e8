"""One row about a fit: how well it fits, how large it is, and whether it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FitSummary:
    """A fit in one row.

    Attributes
    ----------
    loglik : float
        Log-likelihood, restricted for REML.
    aic, bic : float
        Smaller is better. For `mmrm` they count the covariance parameters under REML, and those and
        the coefficients under ML, and BIC takes the number of participants (as SAS and R's mmrm);
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
