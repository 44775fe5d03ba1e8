"""Rubin's rules: several imputed analyses as one, with the degrees of freedom of Barnard and Rubin.

With M estimates Q, their variances U (the squared standard errors) and the degrees of freedom nu of
the analysis of complete data:

    Q = mean(Q_m), W = mean(U_m), B = var(Q_m), T = W + (1 + 1/M) B, lambda = (1 + 1/M) B / T
    df = 1 / (lambda^2 / (M - 1) + 1 / nu_obs), nu_obs = (nu + 1) / (nu + 3) nu (1 - lambda)

(Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, section 3.1; Barnard and Rubin,
Biometrika 1999;86:948, formula 3.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import Number, array, number
from backwalk_stats.engine.estimate import Estimate, t_estimate
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Pooled:
    """Imputed analyses as one; every field a float, or an array with one element a contrast.

    Attributes
    ----------
    found : Estimate
        The pooled estimate with its test and interval.
    within, between : float or array
        W and B, in the squared unit of the outcome.
    share : float or array
        lambda, the share of the total variance that is owed to the missing values.
    relative_increase : float or array
        r = (1 + 1/M) B / W.
    fraction_missing : float or array
        (r + 2 / (df + 3)) / (r + 1): the fraction of information that is missing, with its
        correction for a finite M.
    imputations : int
        M.
    """

    found: Estimate
    within: Number
    between: Number
    share: Number
    relative_increase: Number
    fraction_missing: Number
    imputations: int


def pooled(
    *,
    estimates: ArrayLike,
    variances: ArrayLike,
    df_complete: ArrayLike = np.inf,
    level: float = 0.95,
) -> Pooled:
    """Return imputed analyses pooled by Rubin's rules.

    Parameters
    ----------
    estimates, variances : array-like, shape (M,) or (M, L)
        Of each imputed data set: the estimate, and its squared standard error.
    df_complete : array-like
        Degrees of freedom of the analysis, had nothing been missing; infinite for a z test.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If there are fewer than two imputations, a value is not finite, or a variance not above 0.

    Examples
    --------
    >>> one = pooled(estimates=[1.0, 1.4, 1.2], variances=[0.25, 0.25, 0.25], df_complete=20)
    >>> round(one.found.estimate, 2), round(one.found.std_error, 4), round(one.found.df, 2)
    (1.2, 0.5508, 12.21)
    """
    q, u = array(estimates), array(variances)
    count = len(q) if q.ndim else 0
    if count < 2 or u.shape != q.shape:
        raise NotEstimable(
            f"Rubin's rules need two or more estimates with a variance each, found shapes "
            f"{q.shape} and {u.shape}"
        )
    if not (np.isfinite(q).all() and np.isfinite(u).all() and (u > 0.0).all()):
        raise NotEstimable("every estimate is a finite number and every variance is above 0")
    freedom = array(df_complete)
    if not (freedom > 0.0).all():
        raise NotEstimable("the complete-data degrees of freedom are above 0")
    within, between = u.mean(axis=0), q.var(axis=0, ddof=1)
    added = (1.0 + 1.0 / count) * between
    total = within + added
    share, increase = added / total, added / within
    df = _barnard_rubin(share=share, complete=freedom, count=count)
    missing = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    return Pooled(
        found=t_estimate(estimate=q.mean(axis=0), std_error=np.sqrt(total), df=df, level=level),
        within=number(within),
        between=number(between),
        share=number(share),
        relative_increase=number(increase),
        fraction_missing=number(missing),
        imputations=count,
    )


def _barnard_rubin(*, share: ArrayLike, complete: ArrayLike, count: int) -> Number:
    """Return the df; without variance between imputations those of the complete data, shrunk."""
    lost, nu = np.broadcast_arrays(array(share), array(complete))
    finite = np.where(np.isfinite(nu), nu, 1.0)
    observed = (finite + 1.0) / (finite + 3.0) * finite * (1.0 - lost)
    inverse = lost**2 / (count - 1) + np.where(np.isfinite(nu), 1.0 / observed, 0.0)
    with np.errstate(divide="ignore"):
        return 1.0 / inverse
