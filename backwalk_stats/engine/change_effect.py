"""Standardised changes with intervals from noncentral t: d_z, d_av, and d_ppc between arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.effect_size import hedges_correction
from backwalk_stats.engine.noncentral_t import noncentralities
from backwalk_stats.engine.paired import d_av, d_z, paired
from backwalk_stats.engine.two_sample import pooled_sd
from backwalk_stats.errors import NotEstimable


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


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmChange:
    """What one arm's change is known by.

    Attributes
    ----------
    n : int
        Complete pairs.
    mean, sd : float
        Mean and sample SD of the change.
    sd_pre : float
        Sample SD at baseline.
    """

    n: int
    mean: float
    sd: float
    sd_pre: float


def d_z_interval(
    *, n: int, mean_change: float, sd_change: float, level: float = 0.95
) -> Standardised:
    """Return d_z, mean change over the SD of the change, with its exact interval.

    d_z sqrt(n) is the paired t, whose noncentrality is the true d_z times sqrt(n): with normal
    changes the interval is exact (Steiger and Fouladi 1997; Goulet-Pelletier and Cousineau, Quant
    Meth Psych 2018;14:242).

    Parameters
    ----------
    n, mean_change, sd_change
        Complete pairs, mean and sample SD of their changes.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If n is below 2 or the changes do not vary.

    Examples
    --------
    >>> found = d_z_interval(n=10, mean_change=-1.58, sd_change=1.22995)
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-1.2846, -2.1181, -0.4147)
    """
    test = paired(n=n, mean_change=mean_change, sd_change=sd_change)
    low, high = noncentralities(statistic=test.statistic, df=n - 1, level=level)
    return Standardised(
        estimate=float(d_z(mean_change=mean_change, sd_change=sd_change)),
        low=float(low / np.sqrt(n)),
        high=float(high / np.sqrt(n)),
    )


def d_av_interval(
    *,
    n: int,
    mean_change: float,
    sd_change: float,
    sd_pre: float,
    sd_post: float,
    level: float = 0.95,
) -> Standardised:
    """Return d_av, mean change over the mean of the two SDs, with an approximate interval.

    The limits are those of d_z times (SD of change / mean of the two SDs): noncentral t with n - 1
    degrees of freedom, the ratio of the SDs taken as known (Algina and Keselman, Educ Psychol Meas
    2003;63:537, there with the root mean square of the SDs). No exact interval is known
    (Cousineau and Goulet-Pelletier, Quant Meth Psych 2021;17:51).

    Parameters
    ----------
    n, mean_change, sd_change, sd_pre, sd_post
        Complete pairs, mean and sample SD of their changes, sample SDs at the two visits.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If n is below 2 or the changes do not vary.

    Examples
    --------
    >>> found = d_av_interval(
    ...     n=10, mean_change=-1.58, sd_change=1.22995, sd_pre=1.5, sd_post=1.3
    ... )
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-1.1286, -1.8608, -0.3643)
    """
    own = d_z_interval(n=n, mean_change=mean_change, sd_change=sd_change, level=level)
    ratio = sd_change / ((sd_pre + sd_post) / 2.0)
    estimate = float(d_av(mean_change=mean_change, sd_pre=sd_pre, sd_post=sd_post))
    return Standardised(estimate=estimate, low=own.low * ratio, high=own.high * ratio)


def d_ppc(*, arm: ArmChange, reference: ArmChange, level: float = 0.95) -> Standardised:
    """Return Morris's d_ppc2: difference of mean changes over the pooled SD at baseline.

    d = J(n1 + n2 - 2) (change 1 - change 2) / pooled SD at baseline, J exact (Morris, Organ Res
    Methods 2008;11:364). Under Morris's normal model the uncorrected d over q is noncentral t with
    n1 + n2 - 2 degrees of freedom, q = SD of change / SD at baseline times sqrt(1/n1 + 1/n2); his
    variance of d is that of this t, with q^2 = 2 (1 - rho) (1/n1 + 1/n2) for an SD that is the same
    at both visits. The limits are its noncentralities times q and J: exact but for the ratio of
    SDs, which is taken as known.

    Parameters
    ----------
    arm, reference : ArmChange
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If an arm has fewer than 2 pairs, or baseline or changes do not vary.

    Examples
    --------
    >>> found = d_ppc(
    ...     arm=ArmChange(n=12, mean=-2.0, sd=1.1, sd_pre=1.4),
    ...     reference=ArmChange(n=11, mean=-0.9, sd=1.2, sd_pre=1.6),
    ... )
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (-0.7074, -1.3407, -0.0592)
    """
    both = (arm, reference)
    sd_pre = float(pooled_sd(n1=arm.n, sd1=arm.sd_pre, n2=reference.n, sd2=reference.sd_pre))
    sd_change = float(pooled_sd(n1=arm.n, sd1=arm.sd, n2=reference.n, sd2=reference.sd))
    if min(one.n for one in both) < 2 or not (sd_pre > 0.0 and sd_change > 0.0):
        raise NotEstimable("d_ppc needs two pairs an arm, and a baseline and changes that vary")
    q = sd_change / sd_pre * np.sqrt(1.0 / arm.n + 1.0 / reference.n)
    raw = (arm.mean - reference.mean) / sd_pre
    df = arm.n + reference.n - 2
    low, high = noncentralities(statistic=raw / q, df=df, level=level)
    found = Standardised(estimate=raw, low=float(low * q), high=float(high * q))
    return found.times(float(hedges_correction(df)))
