"""Statistics to p-values and back: t, F, chi-square and z."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.domain import Number, array, number, require_probability
from backwalk_stats.engine.software import computes_with


def t_p(*, statistic: ArrayLike, df: ArrayLike) -> Number:
    """Return the two-sided p-value of Student's t, P(|T| >= |t|).

    Parameters
    ----------
    statistic, df : array-like
        t and its degrees of freedom (may be fractional; `inf` is the normal limit).

    Examples
    --------
    >>> round(t_p(statistic=-2.589, df=30), 4)
    0.0147
    """
    computes_with("scipy")
    return number(2.0 * special.stdtr(array(df), -np.abs(array(statistic))))


def z_p(*, statistic: ArrayLike) -> Number:
    """Return the two-sided p-value of a standard normal statistic, P(|Z| >= |z|).

    Parameters
    ----------
    statistic : array-like
        z.

    Examples
    --------
    >>> round(z_p(statistic=1.959964), 4)
    0.05
    """
    computes_with("scipy")
    return number(2.0 * special.ndtr(-np.abs(array(statistic))))


def f_p(*, statistic: ArrayLike, df_num: ArrayLike, df_den: ArrayLike) -> Number:
    """Return the upper-tail p-value of Snedecor's F.

    Parameters
    ----------
    statistic, df_num, df_den : array-like
        F, its numerator and its denominator degrees of freedom.

    Examples
    --------
    >>> round(f_p(statistic=4.265, df_num=2, df_den=65), 4)
    0.0182
    """
    computes_with("scipy")
    return number(special.fdtrc(array(df_num), array(df_den), array(statistic)))


def chi_square_p(*, statistic: ArrayLike, df: ArrayLike) -> Number:
    """Return the upper-tail p-value of chi-square.

    Parameters
    ----------
    statistic, df : array-like
        Chi-square and its degrees of freedom.

    Examples
    --------
    >>> round(chi_square_p(statistic=16.45, df=4), 5)
    0.00247
    """
    computes_with("scipy")
    return number(special.chdtrc(array(df), array(statistic)))


def t_from_p(*, p_value: ArrayLike, df: ArrayLike) -> Number:
    """Return the absolute t that has a two-sided p-value.

    The sign is not in a two-sided p, so the result is never negative; p = 0 gives infinity.

    Parameters
    ----------
    p_value, df : array-like
        Two-sided p in [0, 1] and degrees of freedom (`inf` gives |z|).

    Raises
    ------
    NotEstimable
        If p lies outside [0, 1].

    Examples
    --------
    >>> round(t_from_p(p_value=0.05, df=28), 3)
    2.048
    """
    require_probability(p_value)
    half, freedom = np.broadcast_arrays(array(p_value) / 2.0, array(df))
    computes_with("scipy")
    return number(np.abs(special.stdtrit(freedom, half)))


def t_quantile(*, level: float, df: ArrayLike) -> Number:
    """Return the half-width multiplier of a two-sided t interval.

    Parameters
    ----------
    level : float
        Confidence level, such as 0.95.
    df : array-like
        Degrees of freedom (`inf` gives the normal quantile).

    Examples
    --------
    >>> round(t_quantile(level=0.95, df=float("inf")), 6)
    1.959964
    """
    computes_with("scipy")
    return number(special.stdtrit(array(df), 0.5 + level / 2.0))
