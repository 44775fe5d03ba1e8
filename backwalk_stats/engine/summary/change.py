"""Change within an arm: paired t, SDs and correlation of two visits, standardised changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import (
    Estimate,
    Number,
    array,
    noncentralities,
    number,
    require_arm,
    t_estimate,
    t_from_p,
)
from backwalk_stats.engine.summary.two_arms import Arm, hedges_correction, pooled_sd
from backwalk_stats.errors import NotEstimable


class ArmChange(NamedTuple):
    """What one arm's change, post minus pre, is known by; a number or an array each.

    Attributes
    ----------
    n : int or array
        Complete pairs.
    mean, sd : float or array
        Mean and sample SD of the change, in the unit of the outcome.
    sd_pre, sd_post : float or array
        Sample SDs at the two visits; NaN where they are not known, and then what needs them is
        refused.
    """

    n: Number
    mean: Number
    sd: Number
    sd_pre: Number = np.nan
    sd_post: Number = np.nan


@dataclass(frozen=True, kw_only=True, slots=True)
class Standardised:
    """A standardised effect and its interval."""

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> Standardised:
        """Return estimate and limits times a factor."""
        return Standardised(
            estimate=self.estimate * factor, low=self.low * factor, high=self.high * factor
        )


def paired(change: ArmChange, *, level: float = 0.95) -> Estimate:
    """Return the paired t test of a mean change against zero.

    t = mean sqrt(n) / SD of the change, with n - 1 degrees of freedom (Student 1908). An n under 2
    or an SD not above 0 is `NotEstimable`.

    >>> result = paired(ArmChange(n=10, mean=-1.58, sd=1.22995))
    >>> round(result.statistic, 4), round(result.p_value, 5)
    (-4.0623, 0.00283)
    """
    require_arm(n=change.n, sd=change.sd)
    size = array(change.n)
    error = array(change.sd) / np.sqrt(size)
    return t_estimate(estimate=change.mean, std_error=error, df=size - 1.0, level=level)


def sd_change_from_correlation(
    *, sd_pre: ArrayLike, sd_post: ArrayLike, correlation: ArrayLike
) -> Number:
    """Return the SD of the change, sqrt(s_x^2 + s_y^2 - 2 r s_x s_y).

    Parameters
    ----------
    sd_pre, sd_post : array-like
        Sample SDs at the two visits.
    correlation : array-like
        Correlation of the two visits.

    Returns
    -------
    float or array
        In the unit of the outcome.

    Raises
    ------
    NotEstimable
        If a correlation is outside [-1, 1].

    Examples
    --------
    >>> round(sd_change_from_correlation(sd_pre=2.0, sd_post=1.5, correlation=0.5), 4)
    1.8028
    """
    r = array(correlation)
    if not np.all(np.abs(r) <= 1.0):
        raise NotEstimable("a correlation lies between -1 and 1")
    pre, post = array(sd_pre), array(sd_post)
    # (s_x - s_y)^2 + 2(1 - r) s_x s_y: the same number, but never negative through rounding.
    return number(np.sqrt((pre - post) ** 2 + 2.0 * (1.0 - r) * pre * post))


def correlation_from_sds(*, sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike) -> Number:
    """Return the correlation that three SDs imply, (s_x^2 + s_y^2 - s_d^2) / (2 s_x s_y).

    The result is not confined to [-1, 1]: a value outside says that the three SDs cannot all be
    right as given, and it is for the caller to hold that against the rounding of the inputs.

    Parameters
    ----------
    sd_pre, sd_post, sd_change : array-like
        Sample SDs at the two visits and of the change.

    Returns
    -------
    float or array
        Without a unit.

    Raises
    ------
    NotEstimable
        If an SD at a visit is not above 0.

    Examples
    --------
    >>> round(correlation_from_sds(sd_pre=2.0, sd_post=1.5, sd_change=1.8028), 3)
    0.5
    """
    pre, post, change = array(sd_pre), array(sd_post), array(sd_change)
    if not np.all((pre > 0.0) & (post > 0.0)):
        raise NotEstimable("a correlation needs standard deviations above 0 at both visits")
    return number((pre**2 + post**2 - change**2) / (2.0 * pre * post))


def sd_change_from_p(*, n: ArrayLike, mean_change: ArrayLike, p_value: ArrayLike) -> Number:
    """Return the SD of the change behind an exact two-sided paired-t p-value (no bound as "<0.05").

    |mean| sqrt(n) / t, with t the quantile at 1 - p/2 and n - 1 df (Cochrane Handbook 6.5.2.3,
    there for two arms).

    Parameters
    ----------
    n : array-like
        Complete pairs, 2 or more.
    mean_change : array-like
        Post minus pre, not 0.
    p_value : array-like
        Above 0 and below 1.

    Returns
    -------
    float or array
        In the unit of the outcome.

    Raises
    ------
    NotEstimable
        If a number lies outside these ranges.

    Examples
    --------
    >>> round(sd_change_from_p(n=20, mean_change=-1.2, p_value=0.01), 3)
    1.876
    """
    size, change, p = array(n), np.abs(array(mean_change)), array(p_value)
    if not np.all((p > 0.0) & (p < 1.0) & (size >= 2.0) & (change > 0.0)):
        raise NotEstimable("needs 0 < p < 1, at least 2 pairs and a mean change other than 0")
    return number(change * np.sqrt(size) / array(t_from_p(p_value=p, df=size - 1.0)))


def d_z(change: ArmChange) -> Number:
    """Return Cohen's d_z, mean change over the SD of the change (Lakens 2013, Front Psychol 4:863).

    >>> d_z(ArmChange(n=12, mean=-1.0, sd=2.0))
    -0.5
    """
    if not np.all(array(change.sd) > 0.0):
        raise NotEstimable("d_z needs a standard deviation of the change above 0")
    return number(array(change.mean) / array(change.sd))


def d_av(change: ArmChange) -> Number:
    """Return Cohen's d_av, mean change over the average of the two SDs (Lakens 2013).

    >>> d_av(ArmChange(n=12, mean=-1.0, sd=2.0, sd_pre=2.5, sd_post=1.5))
    -0.5
    """
    average = (array(change.sd_pre) + array(change.sd_post)) / 2.0
    if not np.all(average > 0.0):
        raise NotEstimable("d_av needs a standard deviation above 0 at one visit at least")
    return number(array(change.mean) / average)


def d_z_interval(change: ArmChange, *, level: float = 0.95) -> Standardised:
    """Return d_z, mean change over the SD of the change, with its exact interval.

    d_z sqrt(n) is the paired t, whose noncentrality is the true d_z times sqrt(n): with normal
    changes the interval is exact (Steiger and Fouladi 1997; Goulet-Pelletier and Cousineau, Quant
    Meth Psych 2018;14:242).

    >>> found = d_z_interval(ArmChange(n=10, mean=-1.58, sd=1.22995))
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-1.2846, -2.1181, -0.4147)
    """
    statistic, root = paired(change).statistic, np.sqrt(change.n)
    low, high = noncentralities(statistic=statistic, df=change.n - 1, level=level)
    return Standardised(estimate=float(d_z(change)), low=float(low / root), high=float(high / root))


def d_av_interval(change: ArmChange, *, level: float = 0.95) -> Standardised:
    """Return d_av, mean change over the mean of the two SDs, with an approximate interval.

    The limits are those of d_z times (SD of change / mean of the two SDs): noncentral t with n - 1
    degrees of freedom, the ratio of the SDs taken as known (Algina and Keselman, Educ Psychol Meas
    2003;63:537, there with the root mean square of the SDs). No exact interval is known
    (Cousineau and Goulet-Pelletier, Quant Meth Psych 2021;17:51).

    >>> found = d_av_interval(ArmChange(n=10, mean=-1.58, sd=1.22995, sd_pre=1.5, sd_post=1.3))
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-1.1286, -1.8608, -0.3643)
    """
    own = d_z_interval(change, level=level)
    ratio = change.sd / ((change.sd_pre + change.sd_post) / 2.0)
    return Standardised(estimate=float(d_av(change)), low=own.low * ratio, high=own.high * ratio)


def d_ppc(arm: ArmChange, reference: ArmChange, *, level: float = 0.95) -> Standardised:
    """Return Morris's d_ppc2: difference of mean changes over the pooled SD at baseline.

    d = J(n1 + n2 - 2) (change 1 - change 2) / pooled SD at baseline, J exact (Morris, Organ Res
    Methods 2008;11:364). Under Morris's normal model the uncorrected d over q is noncentral t with
    n1 + n2 - 2 degrees of freedom, q = SD of change / SD at baseline times sqrt(1/n1 + 1/n2); his
    variance of d is that of this t, with q^2 = 2 (1 - rho) (1/n1 + 1/n2) for an SD that is the same
    at both visits. The limits are its noncentralities times q and J: exact but for the ratio of
    SDs, which is taken as known.

    >>> found = d_ppc(
    ...     ArmChange(n=12, mean=-2.0, sd=1.1, sd_pre=1.4),
    ...     ArmChange(n=11, mean=-0.9, sd=1.2, sd_pre=1.6),
    ... )
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-0.7074, -1.3407, -0.0592)
    """
    both = (arm, reference)
    sd_pre = float(pooled_sd(*(Arm(one.n, np.nan, one.sd_pre) for one in both)))
    sd_change = float(pooled_sd(*(Arm(one.n, one.mean, one.sd) for one in both)))
    if min(one.n for one in both) < 2 or not (sd_pre > 0.0 and sd_change > 0.0):
        raise NotEstimable("d_ppc needs two pairs an arm, and a baseline and changes that vary")
    q = sd_change / sd_pre * np.sqrt(1.0 / arm.n + 1.0 / reference.n)
    raw = (arm.mean - reference.mean) / sd_pre
    df = arm.n + reference.n - 2
    low, high = noncentralities(statistic=raw / q, df=df, level=level)
    found = Standardised(estimate=raw, low=float(low * q), high=float(high * q))
    return found.times(float(hedges_correction(df)))
