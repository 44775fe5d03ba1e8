"""How far study effects differ beyond chance: Cochran's Q, I2 and H2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import FloatArray, array
from backwalk_stats.engine.p_value import chi_square_p
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Heterogeneity:
    """Cochran's Q with its test, I2 in percent (0 to 100) and H2 = Q / df (1 is none)."""

    q: float
    q_df: int
    q_p: float
    i2: float
    h2: float


def require_studies(*, estimate: ArrayLike, std_error: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return effects and variances of two studies or more, each with a standard error above 0.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects on one scale (log ratios for ratios) and their standard errors.

    Raises
    ------
    NotEstimable
        If there are fewer than two studies, or a number is missing or not above 0.

    Examples
    --------
    >>> effect, variance = require_studies(estimate=[0.1, 0.3], std_error=[0.2, 0.1])
    >>> [round(v, 3) for v in variance.tolist()]
    [0.04, 0.01]
    """
    effect, error = array(estimate), array(std_error)
    if effect.ndim != 1 or effect.shape != error.shape or effect.size < 2:
        raise NotEstimable("a meta-analysis needs at least 2 studies, each with a standard error")
    if not np.all(np.isfinite(effect) & np.isfinite(error) & (error > 0.0)):
        raise NotEstimable("every study needs a finite effect and a standard error above 0")
    return effect, error**2


def weighted_mean(*, effect: FloatArray, weight: FloatArray) -> float:
    """Return sum w y / sum w.

    Parameters
    ----------
    effect, weight : ndarray, shape (k,)
        Effects and their weights.

    Examples
    --------
    >>> weighted_mean(effect=np.array([0.0, 1.0]), weight=np.array([1.0, 3.0]))
    0.75
    """
    return float((weight * effect).sum() / weight.sum())


def generalised_q(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Return sum w (y - mean)^2 with w = 1 / (variance + tau2); at tau2 = 0 it is Cochran's Q.

    Parameters
    ----------
    effect, variance : ndarray, shape (k,)
        Effects and their squared standard errors.
    tau2 : float
        Variance between studies.

    Examples
    --------
    >>> generalised_q(effect=np.array([0.0, 2.0]), variance=np.array([1.0, 1.0]), tau2=1.0)
    1.0
    """
    weight = 1.0 / (variance + tau2)
    return float((weight * (effect - weighted_mean(effect=effect, weight=weight)) ** 2).sum())


def heterogeneity(*, estimate: ArrayLike, std_error: ArrayLike) -> Heterogeneity:
    """Return Cochran's Q, its chi-square test, I2 and H2.

    I2 = 100 max(0, (Q - df)/Q) (Higgins and Thompson 2002, Stat Med 21:1539; Higgins et al. 2003,
    BMJ 327:557), as Cochrane prints it. R's metafor derives I2 from tau2 instead, so its value
    differs unless tau2 is DerSimonian and Laird's.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.

    Raises
    ------
    NotEstimable
        As `require_studies`.

    Examples
    --------
    >>> result = heterogeneity(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    >>> result.q, round(result.i2, 2)
    (4.5, 77.78)
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    q, df = generalised_q(effect=effect, variance=variance, tau2=0.0), effect.size - 1
    return Heterogeneity(
        q=q,
        q_df=df,
        q_p=float(array(chi_square_p(statistic=q, df=df))),
        i2=100.0 * max(0.0, (q - df) / q) if q > 0.0 else 0.0,
        h2=q / df,
    )
