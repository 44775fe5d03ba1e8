"""What a printed confidence interval implies: SE, SD, p, and whether it is symmetric."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import (
    FloatArray,
    Number,
    array,
    number,
    require_level,
    t_p,
    t_quantile,
)
from backwalk_stats.errors import NotEstimable


def _width(*, low: ArrayLike, high: ArrayLike) -> FloatArray:
    width = array(high) - array(low)
    if not np.all(width > 0.0):
        raise NotEstimable("the upper limit of an interval is above its lower limit")
    return width


def se_from_interval(
    *, low: ArrayLike, high: ArrayLike, level: float = 0.95, df: ArrayLike = np.inf
) -> Number:
    """Return the standard error, (high - low) / (2 x quantile).

    Parameters
    ----------
    low, high : array-like
        Limits of a symmetric interval; for a ratio, their logarithms.
    level : float
        Confidence level.
    df : array-like
        Degrees of freedom of a t interval; infinite for z.

    Returns
    -------
    float or array
        In the unit of the limits; of a logarithm where they are logarithms.

    Raises
    ------
    NotEstimable
        If the upper limit is not above the lower.

    Examples
    --------
    >>> round(se_from_interval(low=-0.38, high=-0.02), 4)
    0.0918
    """
    require_level(level)
    quantile = array(t_quantile(level=level, df=df))
    return number(_width(low=low, high=high) / (2.0 * quantile))


def sd_from_interval(
    *, n: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95
) -> Number:
    """Return the SD behind the t interval of one mean, sqrt(n) (high - low) / (2 t).

    t has n - 1 degrees of freedom (Cochrane Handbook 6.5.2.2).

    Parameters
    ----------
    n : array-like
        Participants, 2 or more.
    low, high : array-like
        Limits of the interval of the mean.
    level : float
        Confidence level.

    Returns
    -------
    float or array
        In the unit of the limits.

    Raises
    ------
    NotEstimable
        If n is below 2 or the upper limit is not above the lower.

    Examples
    --------
    >>> round(sd_from_interval(n=25, low=30.0, high=34.2), 2)
    5.09
    """
    size = array(n)
    if not np.all(size >= 2.0):
        raise NotEstimable("an interval of a mean needs at least 2 participants")
    error = se_from_interval(low=low, high=high, level=level, df=size - 1.0)
    return number(np.sqrt(size) * array(error))


def pooled_sd_from_interval(
    *, n1: ArrayLike, n2: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95
) -> Number:
    """Return the common SD behind the t interval of a difference between two arms.

    SE / sqrt(1/n1 + 1/n2), t with n1 + n2 - 2 degrees of freedom (Cochrane Handbook 6.5.2.3).

    Parameters
    ----------
    n1, n2 : array-like
        Participants of the arms, 2 or more.
    low, high : array-like
        Limits of the interval of the difference.
    level : float
        Confidence level.

    Returns
    -------
    float or array
        In the unit of the limits.

    Raises
    ------
    NotEstimable
        If an n is below 2 or the upper limit is not above the lower.

    Examples
    --------
    >>> round(pooled_sd_from_interval(n1=23, n2=23, low=-1.416, high=0.016), 2)
    1.2
    """
    size1, size2 = array(n1), array(n2)
    if not np.all((size1 >= 2.0) & (size2 >= 2.0)):
        raise NotEstimable("an interval of a difference needs at least 2 participants an arm")
    error = se_from_interval(low=low, high=high, level=level, df=size1 + size2 - 2.0)
    return number(array(error) / np.sqrt(1.0 / size1 + 1.0 / size2))


def p_from_interval(
    *,
    estimate: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    level: float = 0.95,
    df: ArrayLike = np.inf,
) -> Number:
    """Return the two-sided p of a test against 0 that an estimate and its interval imply.

    t = estimate / SE with the SE of `se_from_interval` (Altman and Bland 2011, BMJ 343:d2304).

    Parameters
    ----------
    estimate, low, high : array-like
        An estimate of a difference and its limits.
    level : float
        Confidence level.
    df : array-like
        Degrees of freedom of a t interval; infinite for z.

    Returns
    -------
    float or array
        Two-sided p-value of no difference.

    Raises
    ------
    NotEstimable
        If the upper limit is not above the lower.

    Examples
    --------
    >>> round(p_from_interval(estimate=-0.20, low=-0.38, high=-0.02), 3)
    0.029
    """
    error = array(se_from_interval(low=low, high=high, level=level, df=df))
    return t_p(statistic=array(estimate) / error, df=df)
