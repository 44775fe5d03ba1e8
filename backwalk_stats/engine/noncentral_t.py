"""Confidence limits of the noncentrality of t: what exact intervals of effect sizes rest on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize.elementwise import find_root

from backwalk_stats.engine.domain import FloatArray, array, require_level
from backwalk_stats.engine.software import computes_with
from backwalk_stats.errors import NotEstimable


def noncentralities(
    *, statistic: ArrayLike, df: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the noncentralities that put the observed t at its upper and at its lower tail.

    Each tail is (1 - level)/2 (Steiger and Fouladi 1997; Cumming and Finch 2001). Times the SE of
    the effect over its SD, they are the limits of a standardised effect.

    Parameters
    ----------
    statistic, df : array-like
        Observed t and its degrees of freedom.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If t is not finite, df not above 0, or t so large (beyond about 30 000) that SciPy's
        noncentral t has no value.

    Examples
    --------
    >>> low, high = noncentralities(statistic=-2.588878, df=30)
    >>> round(float(low), 4), round(float(high), 4)
    (-4.6351, -0.5038)
    """
    require_level(level)
    tail = (1.0 - level) / 2.0
    observed, freedom = np.broadcast_arrays(array(statistic), array(df))
    # P(T >= t) with delta is P(T <= -t) with -delta.
    low = -_largest_noncentrality(statistic=-observed, df=freedom, tail=tail)
    return low, _largest_noncentrality(statistic=observed, df=freedom, tail=tail)


def _largest_noncentrality(*, statistic: FloatArray, df: FloatArray, tail: float) -> FloatArray:
    """Return delta with P(T <= t) = tail, for T = (Z + delta) / S and S^2 = chi-square(df) / df."""

    def excess(delta: FloatArray, t: FloatArray, freedom: FloatArray) -> FloatArray:
        return array(special.nctdtr(freedom, delta, t)) - tail

    if not np.all(np.isfinite(statistic) & (df > 0.0)):
        raise NotEstimable("the interval needs a finite effect and 3 participants or more")
    # P(T <= t) = P(t S - Z >= delta): with Z and S each at its tail/2 quantiles the bracket holds
    # the root, and stays clear of the far tails (below 1e-15) where `nctdtr` can be NaN.
    computes_with("scipy")
    spread = [np.sqrt(special.chdtri(df, share) / df) for share in (1.0 - tail / 2.0, tail / 2.0)]
    ends = np.sort([statistic * spread[0], statistic * spread[1]], axis=0)
    reach = -special.ndtri(tail / 2.0)
    found = find_root(excess, (ends[0] - reach, ends[1] + reach), args=(statistic, df))
    if not np.all(found.success):
        raise NotEstimable("the effect is too large for an interval from noncentral t")
    return array(found.x)
