"""One door from an estimate and its standard error to a test and an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import Number, array, number, require_level
from backwalk_stats.engine.p_value import t_p, t_quantile
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """An estimate with its test against zero and its two-sided confidence interval.

    Every field is a float, or an array when the inputs were arrays (one element a corner of a
    rounding box, say). `df` is infinite for a z test.
    """

    estimate: Number
    std_error: Number
    df: Number
    statistic: Number
    p_value: Number
    conf_low: Number
    conf_high: Number


def t_estimate(
    *, estimate: ArrayLike, std_error: ArrayLike, df: ArrayLike, level: float = 0.95
) -> Estimate:
    """Return t = estimate / SE, its two-sided p, and estimate -/+ t(df) SE.

    Parameters
    ----------
    estimate, std_error, df : array-like
        Broadcast against each other; `df` may be fractional or infinite.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If a standard error is zero, negative or not a number: a p of 0 is never returned for
        lack of variation.

    Examples
    --------
    >>> result = t_estimate(estimate=-0.69, std_error=0.2665, df=30)
    >>> round(result.p_value, 3), round(result.conf_low, 2), round(result.conf_high, 2)
    (0.015, -1.23, -0.15)
    """
    require_level(level)
    value, error, freedom = np.broadcast_arrays(array(estimate), array(std_error), array(df))
    if not np.all(error > 0.0):
        raise NotEstimable("the standard error is not above 0, so there is no test")
    statistic = value / error
    margin = array(t_quantile(level=level, df=freedom)) * error
    return Estimate(
        estimate=number(value),
        std_error=number(error),
        df=number(freedom),
        statistic=number(statistic),
        p_value=t_p(statistic=statistic, df=freedom),
        conf_low=number(value - margin),
        conf_high=number(value + margin),
    )


def shifted(found: Estimate, by: float, *, level: float = 0.95) -> Estimate:
    """Return estimates of which a known number is added to each, tested against zero anew.

    Parameters
    ----------
    found : Estimate
    by : float
        With 0, or without a test, no more than the estimate and its limits move.
    level : float
        Confidence level of the limits.

    Examples
    --------
    >>> one = t_estimate(estimate=1.0, std_error=0.5, df=10)
    >>> moved = shifted(one, 0.5)
    >>> moved.estimate, moved.statistic
    (1.5, 3.0)
    """
    if by == 0.0:
        return found
    if not np.all(array(found.std_error) > 0.0):
        return replace(found, estimate=number(array(found.estimate) + by))
    return t_estimate(
        estimate=array(found.estimate) + by,
        std_error=array(found.std_error),
        df=array(found.df),
        level=level,
    )


def z_estimate(*, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95) -> Estimate:
    """Return z = estimate / SE, its two-sided p, and estimate -/+ z SE.

    Parameters
    ----------
    estimate, std_error : array-like
        Broadcast against each other.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If a standard error is not above zero.

    Examples
    --------
    >>> round(z_estimate(estimate=1.0, std_error=0.5).p_value, 4)
    0.0455
    """
    return t_estimate(estimate=estimate, std_error=std_error, df=np.inf, level=level)
