"""The variance between studies, tau2: three estimators and the Q-profile interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from backwalk_stats.engine.domain import FloatArray, require_level
from backwalk_stats.engine.heterogeneity import generalised_q, require_studies, weighted_mean
from backwalk_stats.engine.software import computes_with

XTOL = 1e-14  # times the smallest variance, so that the unit of the effects does not matter
RTOL = 8.9e-16
GRID = 200


def tau2_dersimonian_laird(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return DerSimonian and Laird's tau2, max(0, (Q - df) / (S1 - S2/S1)), Sr = sum w^r.

    A closed form, biased downwards when tau2 is large (DerSimonian and Laird 1986, Control Clin
    Trials 7:177).

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.

    Raises
    ------
    NotEstimable
        With fewer than two studies, or a standard error not above 0.

    Examples
    --------
    >>> tau2_dersimonian_laird(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    3.5
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    weight = 1.0 / variance
    excess = generalised_q(effect=effect, variance=variance, tau2=0.0) - (effect.size - 1)
    return max(0.0, float(excess / (weight.sum() - (weight**2).sum() / weight.sum())))


def _q_root(*, effect: FloatArray, variance: FloatArray, target: float) -> float:
    """Solve Q(tau2) = target for tau2 >= 0; 0 where Q(0) is already at or below the target."""

    def excess(tau2: float) -> float:
        return generalised_q(effect=effect, variance=variance, tau2=tau2) - target

    if excess(0.0) <= 0.0:
        return 0.0
    # Q(tau2) < sum (y - mean)^2 / tau2, so this is beyond the root.
    high = float(((effect - effect.mean()) ** 2).sum()) / target
    xtol = XTOL * float(variance.min())
    computes_with("scipy")
    return float(brentq(excess, 0.0, high, xtol=xtol, rtol=RTOL, maxiter=500))


def tau2_paule_mandel(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return Paule and Mandel's tau2, where Q(tau2) = k - 1; 0 if Q(0) is below that.

    The same as the empirical Bayes estimate (Paule and Mandel 1982, J Res NBS 87:377).

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.

    Raises
    ------
    NotEstimable
        With fewer than two studies, or a standard error not above 0.

    Examples
    --------
    >>> round(tau2_paule_mandel(estimate=[0.0, 3.0], std_error=[1.0, 1.0]), 10)
    3.5
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    return _q_root(effect=effect, variance=variance, target=float(effect.size - 1))


def restricted_loglik(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Return the restricted log-likelihood of tau2, up to a constant.

    -1/2 (sum log(v + tau2) + log sum w + Q(tau2)) (Raudenbush 2009).

    Parameters
    ----------
    effect, variance : ndarray, shape (k,)
        Effects and their squared standard errors.
    tau2 : float
        Variance between studies.

    Examples
    --------
    >>> one = np.ones(2)
    >>> round(restricted_loglik(effect=np.array([0.0, 2.0]), variance=one, tau2=1.0), 6)
    -1.193147
    """
    total = variance + tau2
    q = generalised_q(effect=effect, variance=variance, tau2=tau2)
    return float(-0.5 * (np.log(total).sum() + np.log((1.0 / total).sum()) + q))


def _restricted_score(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Twice the derivative of the restricted log-likelihood: y'PPy - tr P."""
    weight = 1.0 / (variance + tau2)
    residual = effect - weighted_mean(effect=effect, weight=weight)
    trace = weight.sum() - (weight**2).sum() / weight.sum()
    return float((weight**2 * residual**2).sum() - trace)


def tau2_reml(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return the restricted-maximum-likelihood tau2, 0 where the maximum is on the boundary.

    The likelihood can have more than one peak with few studies, so it is first searched on a grid
    from 0 to beyond every stationary point; then the score equation is solved next to the highest
    point, to the last digits (Viechtbauer 2005, J Educ Behav Stat 30:261).

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.

    Raises
    ------
    NotEstimable
        With fewer than two studies, or a standard error not above 0.

    Examples
    --------
    >>> round(tau2_reml(estimate=[0.0, 3.0], std_error=[1.0, 1.0]), 10)
    3.5
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)

    def score(tau2: float) -> float:
        return _restricted_score(effect=effect, variance=variance, tau2=tau2)

    # Beyond this the score is negative: each squared residual is at most the squared range.
    high = 2.0 * effect.size * float(variance.max() + np.ptp(effect) ** 2)
    low = float(variance.min()) * 1e-6
    grid = np.concatenate([[0.0], np.geomspace(low, high, GRID)])
    heights = [
        restricted_loglik(effect=effect, variance=variance, tau2=float(point)) for point in grid
    ]
    top = int(np.argmax(heights))
    left, right = float(grid[max(top - 1, 0)]), float(grid[min(top + 1, GRID)])
    if score(left) <= 0.0:
        return left
    xtol = XTOL * float(variance.min())
    computes_with("scipy")
    return float(brentq(score, left, right, xtol=xtol, rtol=RTOL, maxiter=500))


def tau2_interval(
    *, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95
) -> tuple[float, float]:
    """Return the Q-profile interval of tau2.

    The limits solve Q(tau2) = the upper and the lower chi-square quantile with k - 1 df
    (Viechtbauer 2007, Stat Med 26:37). It does not depend on the estimator of tau2, and need not
    hold it.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit; both 0 where even tau2 = 0 leaves the effects too much alike.

    Raises
    ------
    NotEstimable
        With fewer than two studies, or a standard error not above 0.

    Examples
    --------
    >>> low, high = tau2_interval(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    >>> low, round(high, 1)
    (0.0, 4581.2)
    """
    require_level(level)
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    tail, df = (1.0 - level) / 2.0, float(effect.size - 1)
    computes_with("scipy")
    upper = float(special.chdtri(df, tail))
    lower = float(special.chdtri(df, 1.0 - tail))
    return (
        _q_root(effect=effect, variance=variance, target=upper),
        _q_root(effect=effect, variance=variance, target=lower),
    )
