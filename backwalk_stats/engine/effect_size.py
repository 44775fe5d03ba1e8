"""Standardised mean differences of two arms: Cohen's d, Hedges' g and their intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.domain import Number, array, number
from backwalk_stats.engine.estimate import Estimate, z_estimate
from backwalk_stats.engine.noncentral_t import noncentralities
from backwalk_stats.engine.two_sample import pooled


def cohen_d(
    *,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
) -> Number:
    """Return Cohen's d, (mean 1 - mean 2) / pooled SD.

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : array-like
        Participants, means and sample SDs of the two arms.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> round(cohen_d(n1=16, mean1=1.56, sd1=0.63, n2=16, mean2=2.25, sd2=0.86), 4)
    -0.9153
    """
    test = pooled(n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2)
    return cohen_d_from_t(n1=n1, n2=n2, statistic=array(test.statistic))


def cohen_d_from_t(*, n1: ArrayLike, n2: ArrayLike, statistic: ArrayLike) -> Number:
    """Return Cohen's d from Student's t, t sqrt(1/n1 + 1/n2).

    Parameters
    ----------
    n1, n2, statistic : array-like
        Participants of the arms and t.

    Examples
    --------
    >>> round(cohen_d_from_t(n1=15, n2=15, statistic=-1.628), 3)
    -0.594
    """
    return number(array(statistic) * np.sqrt(1.0 / array(n1) + 1.0 / array(n2)))


def hedges_correction(df: ArrayLike) -> Number:
    """Return Hedges' exact small-sample factor J, below 1.

    J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) (Hedges 1981, J Educ Stat 6:107).

    Parameters
    ----------
    df : array-like
        Degrees of freedom of the SD, n1 + n2 - 2; above 1.

    Examples
    --------
    >>> round(hedges_correction(30), 6)
    0.974754
    """
    half = array(df) / 2.0
    log_ratio = special.gammaln(half) - special.gammaln(half - 0.5)
    return number(np.exp(log_ratio) / np.sqrt(half))


def hedges_correction_approximate(df: ArrayLike) -> Number:
    """Return the usual approximation of J, 1 - 3 / (4 df - 1).

    Parameters
    ----------
    df : array-like
        Degrees of freedom; with df = N - 2 this is Cochrane's 1 - 3 / (4 N - 9).

    Examples
    --------
    >>> round(hedges_correction_approximate(30), 6)
    0.97479
    """
    return number(1.0 - 3.0 / (4.0 * array(df) - 1.0))


def hedges_g(
    *,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
) -> Number:
    """Return Hedges' g, Cohen's d times the exact factor J.

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : array-like
        Participants, means and sample SDs of the two arms.

    Returns
    -------
    float or array
        In SD units; the sign is that of the first mean minus the second.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> round(hedges_g(n1=16, mean1=1.56, sd1=0.63, n2=16, mean2=2.25, sd2=0.86), 3)
    -0.892
    """
    d = cohen_d(n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2)
    return number(array(d) * array(hedges_correction(array(n1) + array(n2) - 2.0)))


def cochrane_smd(
    *,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return the standardised mean difference as Cochrane's RevMan computes it.

    g = (1 - 3/(4N - 9)) d and SE^2 = N/(n1 n2) + g^2 / (2 (N - 3.94)), normal interval
    (Deeks and Higgins 2010, Statistical algorithms in Review Manager 5).

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : array-like
        Participants, means and sample SDs of the two arms.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> smd = cochrane_smd(n1=16, mean1=1.56, sd1=0.63, n2=16, mean2=2.25, sd2=0.86)
    >>> round(smd.estimate, 6), round(smd.conf_low, 6), round(smd.conf_high, 6)
    (-0.892258, -1.623474, -0.161041)
    """
    size1, size2 = array(n1), array(n2)
    total = size1 + size2
    d = array(cohen_d(n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2))
    g = d * array(hedges_correction_approximate(total - 2.0))
    variance = total / (size1 * size2) + g**2 / (2.0 * (total - 3.94))
    return z_estimate(estimate=g, std_error=np.sqrt(variance), level=level)


def noncentral_interval(
    *, n1: ArrayLike, n2: ArrayLike, d: ArrayLike, level: float = 0.95
) -> tuple[Number, Number]:
    """Return the exact interval of Cohen's d, by inverting noncentral t.

    The limits are the noncentralities that put the observed t at the upper and at the lower
    (1 - level)/2 tail, times sqrt(1/n1 + 1/n2) (Steiger and Fouladi 1997; Cumming and Finch 2001).
    For Hedges' g multiply both limits by J.

    Parameters
    ----------
    n1, n2 : array-like
        Participants of the two arms.
    d : array-like
        Observed Cohen's d (not g).
    level : float
        Confidence level.

    Returns
    -------
    tuple
        Lower and upper limit.

    Raises
    ------
    NotEstimable
        If d is not finite, the arms have fewer than 3 participants together, or t is so large
        (beyond about 30 000) that SciPy's noncentral t has no value.

    Examples
    --------
    >>> low, high = noncentral_interval(n1=16, n2=16, d=-0.9153)
    >>> round(low, 4), round(high, 4)
    (-1.6388, -0.1781)
    """
    size1, size2, effect = np.broadcast_arrays(array(n1), array(n2), array(d))
    scale = np.sqrt(1.0 / size1 + 1.0 / size2)
    low, high = noncentralities(statistic=effect / scale, df=size1 + size2 - 2.0, level=level)
    return number(low * scale), number(high * scale)
