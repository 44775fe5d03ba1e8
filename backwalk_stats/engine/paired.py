"""Change within one arm: paired t, the correlation behind it, and its effect sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import Number, array, number, require_arm
from backwalk_stats.engine.estimate import Estimate, t_estimate
from backwalk_stats.engine.p_value import t_from_p
from backwalk_stats.errors import NotEstimable


def paired(
    *, n: ArrayLike, mean_change: ArrayLike, sd_change: ArrayLike, level: float = 0.95
) -> Estimate:
    """Return the paired t test of a mean change against zero.

    t = mean sqrt(n) / SD of the change, with n - 1 degrees of freedom (Student 1908).

    Parameters
    ----------
    n : array-like
        Complete pairs.
    mean_change, sd_change : array-like
        Mean and sample SD of the change (post minus pre), in the unit of the outcome.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If n is below 2 or the SD of the change is not above 0.

    Examples
    --------
    >>> result = paired(n=10, mean_change=-1.58, sd_change=1.22995)
    >>> round(result.statistic, 4), round(result.p_value, 5)
    (-4.0623, 0.00283)
    """
    require_arm(n=n, sd=sd_change)
    size = array(n)
    return t_estimate(
        estimate=mean_change,
        std_error=array(sd_change) / np.sqrt(size),
        df=size - 1.0,
        level=level,
    )


def sd_change_from_correlation(
    *, sd_pre: ArrayLike, sd_post: ArrayLike, correlation: ArrayLike
) -> Number:
    """Return the SD of the change, sqrt(s_x^2 + s_y^2 - 2 r s_x s_y).

    Parameters
    ----------
    sd_pre, sd_post : array-like
        Sample SDs at the two visits.
    correlation : array-like
        Correlation of the two visits, in [-1, 1].

    Returns
    -------
    float or array
        In the unit of the outcome.

    Raises
    ------
    NotEstimable
        If the correlation lies outside [-1, 1].

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
        Between -1 and 1.

    Raises
    ------
    NotEstimable
        If the SD at a visit is not above 0.

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
    """Return the SD of the change behind a two-sided paired-t p-value.

    |mean| sqrt(n) / t, with t the quantile at 1 - p/2 and n - 1 df
    (Cochrane Handbook 6.5.2.3, there for two arms).

    Parameters
    ----------
    n, mean_change, p_value : array-like
        Pairs, mean change, and the exact p (not a bound such as "<0.05").

    Returns
    -------
    float or array
        In the unit of the outcome.

    Raises
    ------
    NotEstimable
        If p is not strictly between 0 and 1, n is below 2, or the mean change is 0.

    Examples
    --------
    >>> round(sd_change_from_p(n=20, mean_change=-1.2, p_value=0.01), 3)
    1.876
    """
    size, change, p = array(n), np.abs(array(mean_change)), array(p_value)
    if not np.all((p > 0.0) & (p < 1.0) & (size >= 2.0) & (change > 0.0)):
        raise NotEstimable("needs 0 < p < 1, at least 2 pairs and a mean change other than 0")
    return number(change * np.sqrt(size) / array(t_from_p(p_value=p, df=size - 1.0)))


def d_z(*, mean_change: ArrayLike, sd_change: ArrayLike) -> Number:
    """Return Cohen's d_z, mean change over the SD of the change (Lakens 2013, Front Psychol 4:863).

    Parameters
    ----------
    mean_change, sd_change : array-like
        Mean and sample SD of the change.

    Raises
    ------
    NotEstimable
        If the SD of the change is not above 0.

    Examples
    --------
    >>> d_z(mean_change=-1.0, sd_change=2.0)
    -0.5
    """
    if not np.all(array(sd_change) > 0.0):
        raise NotEstimable("d_z needs a standard deviation of the change above 0")
    return number(array(mean_change) / array(sd_change))


def d_av(*, mean_change: ArrayLike, sd_pre: ArrayLike, sd_post: ArrayLike) -> Number:
    """Return Cohen's d_av, mean change over the average of the two SDs.

    Lakens 2013, Front Psychol 4:863.

    Parameters
    ----------
    mean_change, sd_pre, sd_post : array-like
        Mean change and the sample SDs at the two visits.

    Raises
    ------
    NotEstimable
        If both SDs are 0.

    Examples
    --------
    >>> d_av(mean_change=-1.0, sd_pre=2.5, sd_post=1.5)
    -0.5
    """
    average = (array(sd_pre) + array(sd_post)) / 2.0
    if not np.all(average > 0.0):
        raise NotEstimable("d_av needs a standard deviation above 0 at one visit at least")
    return number(array(mean_change) / average)
