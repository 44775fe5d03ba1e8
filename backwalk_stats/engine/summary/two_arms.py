"""Two independent arms from n, mean and SD: t tests, standardised differences, their limits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.numbers import (
    Estimate,
    Number,
    array,
    noncentralities,
    number,
    require_arm,
    t_estimate,
    z_estimate,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import HTML, rendered
from backwalk_stats.software import computes_with


class Arm(NamedTuple):
    """What an arm's summary gives; each field is a number, or an array that broadcasts.

    Attributes
    ----------
    n : int or array
        Participants.
    mean, sd : float or array
        Mean and sample SD, in the unit of the outcome.
    """

    n: Number
    mean: Number
    sd: Number

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return rendered(self, HTML)


def _checked(a: Arm, b: Arm) -> tuple[Arm, Arm]:
    """Return two arms as arrays; refuse those from which nothing follows."""
    a, b = Arm(*map(array, a)), Arm(*map(array, b))
    require_arm(n=a.n, sd=a.sd)
    require_arm(n=b.n, sd=b.sd)
    if np.any((a.sd == 0.0) & (b.sd == 0.0)):
        raise NotEstimable("both standard deviations are 0: the difference has no standard error")
    return a, b


def pooled_sd(a: Arm, b: Arm) -> Number:
    """Return the pooled SD, sqrt(((n1-1) s1^2 + (n2-1) s2^2) / (n1+n2-2)).

    >>> round(pooled_sd(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86)), 4)
    0.7538
    """
    size1, size2 = array(a.n), array(b.n)
    squares = (size1 - 1.0) * array(a.sd) ** 2 + (size2 - 1.0) * array(b.sd) ** 2
    return number(np.sqrt(squares / (size1 + size2 - 2.0)))


def pooled(a: Arm, b: Arm, *, level: float = 0.95) -> Estimate:
    """Return Student's t of a minus b, one variance assumed for both (Fisher 1925, Metron 5:90).

    SE = s_p sqrt(1/n1 + 1/n2) with n1 + n2 - 2 degrees of freedom. Here and below an n under 2, a
    negative SD or two SDs of 0 are `NotEstimable`.

    >>> result = pooled(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86))
    >>> round(result.statistic, 3), result.df, round(result.p_value, 4)
    (-2.589, 30.0, 0.0147)
    """
    a, b = _checked(a, b)
    error = array(pooled_sd(a, b)) * np.sqrt(1.0 / a.n + 1.0 / b.n)
    return t_estimate(estimate=a.mean - b.mean, std_error=error, df=a.n + b.n - 2.0, level=level)


def welch_df(a: Arm, b: Arm) -> Number:
    """Return the Welch-Satterthwaite degrees of freedom (Welch 1947, Biometrika 34:28).

    (v1 + v2)^2 / (v1^2/(n1-1) + v2^2/(n2-1)) with v = s^2/n; between min(n1, n2) - 1 and
    n1 + n2 - 2.

    >>> round(welch_df(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86)), 2)
    27.5
    """
    a, b = _checked(a, b)
    # The ratio is scale-free: dividing by the larger SD keeps tiny SDs from underflowing.
    scale = np.maximum(a.sd, b.sd)
    part1, part2 = (a.sd / scale) ** 2 / a.n, (b.sd / scale) ** 2 / b.n
    return number((part1 + part2) ** 2 / (part1**2 / (a.n - 1.0) + part2**2 / (b.n - 1.0)))


def welch(a: Arm, b: Arm, *, level: float = 0.95) -> Estimate:
    """Return Welch's t of a minus b, each arm with its own variance (Welch 1947).

    SE^2 = s1^2/n1 + s2^2/n2 with the degrees of freedom of `welch_df`.

    >>> round(welch(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86)).p_value, 6)
    0.015208
    """
    a, b = _checked(a, b)
    error = np.sqrt(a.sd**2 / a.n + b.sd**2 / b.n)
    return t_estimate(estimate=a.mean - b.mean, std_error=error, df=welch_df(a, b), level=level)


def cohen_d(a: Arm, b: Arm) -> Number:
    """Return Cohen's d, (mean 1 - mean 2) / pooled SD.

    >>> round(cohen_d(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86)), 4)
    -0.9153
    """
    return cohen_d_from_t(n1=a.n, n2=b.n, statistic=pooled(a, b).statistic)


def cohen_d_from_t(*, n1: ArrayLike, n2: ArrayLike, statistic: ArrayLike) -> Number:
    """Return Cohen's d from Student's t, t sqrt(1/n1 + 1/n2).

    >>> round(cohen_d_from_t(n1=15, n2=15, statistic=-1.628), 3)
    -0.594
    """
    return number(array(statistic) * np.sqrt(1.0 / array(n1) + 1.0 / array(n2)))


def hedges_correction(df: ArrayLike) -> Number:
    """Return Hedges' exact small-sample factor J, below 1, for the df of the SD (above 1).

    J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) (Hedges 1981, J Educ Stat 6:107).

    >>> round(hedges_correction(30), 6)
    0.974754
    """
    half = array(df) / 2.0
    computes_with("scipy")
    log_ratio = special.gammaln(half) - special.gammaln(half - 0.5)
    return number(np.exp(log_ratio) / np.sqrt(half))


def hedges_correction_approximate(df: ArrayLike) -> Number:
    """Return the usual approximation of J, 1 - 3 / (4 df - 1); Cochrane's 1 - 3 / (4 N - 9).

    >>> round(hedges_correction_approximate(30), 6)
    0.97479
    """
    return number(1.0 - 3.0 / (4.0 * array(df) - 1.0))


def hedges_g(a: Arm, b: Arm) -> Number:
    """Return Hedges' g, Cohen's d times the exact factor J (Hedges 1981, J Educ Stat 6:107).

    Parameters
    ----------
    a, b : Arm
        Participants, mean and sample SD of the two arms; fields may be arrays that broadcast.

    Returns
    -------
    float or array
        In SD units; the sign is that of the first mean minus the second.

    Raises
    ------
    NotEstimable
        If an arm has fewer than 2 participants, an SD is negative, or both are 0.

    Parameters
    ----------
    a, b : Arm
        n, mean and SD of each arm.

    Returns
    -------
    float or array
        In SD units; above 0 where `a` has the higher mean.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> round(hedges_g(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86)), 3)
    -0.892
    """
    df = array(a.n) + array(b.n) - 2.0
    return number(array(cohen_d(a, b)) * array(hedges_correction(df)))


def cochrane_smd(a: Arm, b: Arm, *, level: float = 0.95) -> Estimate:
    """Return the standardised mean difference as Cochrane's RevMan computes it.

    g = (1 - 3/(4N - 9)) d and SE^2 = N/(n1 n2) + g^2 / (2 (N - 3.94)), normal interval
    (Deeks and Higgins 2010, Statistical algorithms in Review Manager 5).

    >>> smd = cochrane_smd(Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86))
    >>> round(smd.estimate, 6), round(smd.conf_low, 6), round(smd.conf_high, 6)
    (-0.892258, -1.623474, -0.161041)
    """
    total = array(a.n) + array(b.n)
    g = array(cohen_d(a, b)) * array(hedges_correction_approximate(total - 2.0))
    variance = total / (array(a.n) * array(b.n)) + g**2 / (2.0 * (total - 3.94))
    return z_estimate(estimate=g, std_error=np.sqrt(variance), level=level)


def noncentral_interval(
    *, n1: ArrayLike, n2: ArrayLike, d: ArrayLike, level: float = 0.95
) -> tuple[Number, Number]:
    """Return the exact limits of Cohen's d, by inverting noncentral t; times J those of Hedges' g.

    The limits are the noncentralities that put the observed t at the upper and at the lower
    (1 - level)/2 tail, times sqrt(1/n1 + 1/n2) (Steiger and Fouladi 1997; Cumming and Finch 2001).
    A d that is not finite, fewer than 3 participants, or a t beyond about 30 000, where SciPy's
    noncentral t has no value, is `NotEstimable`.

    >>> low, high = noncentral_interval(n1=16, n2=16, d=-0.9153)
    >>> round(low, 4), round(high, 4)
    (-1.6388, -0.1781)
    """
    size1, size2, effect = np.broadcast_arrays(array(n1), array(n2), array(d))
    scale = np.sqrt(1.0 / size1 + 1.0 / size2)
    low, high = noncentralities(statistic=effect / scale, df=size1 + size2 - 2.0, level=level)
    return number(low * scale), number(high * scale)
