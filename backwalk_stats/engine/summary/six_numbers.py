"""Pre and post summaries of each arm (n, two means, two SDs, correlation) and what they determine.

With complete pairs they determine the change-score test, ANCOVA with a common slope and the
two-visit mixed model exactly; rank tests, responder rates and robust errors they do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backwalk_stats.engine.numbers import (
    Estimate,
    FloatArray,
    Number,
    array,
    number,
    require_arm,
    t_estimate,
)
from backwalk_stats.engine.summary.change import sd_change_from_correlation
from backwalk_stats.engine.summary.many_arms import Arms, lsd_pair
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitSums(Shown):
    """Within-arm sums of squares and products of baseline (x) and follow-up (y)."""

    xx: FloatArray
    yy: FloatArray
    xy: FloatArray
    df: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoVisitModel(Shown):
    """Random-intercept model of two visits: the arm-by-visit contrast and its variances.

    `singular` is true where the variance between participants is estimated as 0 (two visits
    no more alike than strangers).
    """

    contrast: Estimate
    participant_variance: Number
    residual_variance: Number
    singular: NDArray[np.bool_]


def _visit_sums(
    *, n: ArrayLike, sd_pre: ArrayLike, sd_post: ArrayLike, correlation: ArrayLike
) -> VisitSums:
    require_arm(n=n, sd=sd_pre)
    require_arm(n=n, sd=sd_post)
    r = array(correlation)
    if not np.all(np.abs(r) <= 1.0):
        raise NotEstimable("a correlation lies between -1 and 1")
    pre, post, weight = array(sd_pre), array(sd_post), array(n) - 1.0
    return VisitSums(
        xx=(weight * pre**2).sum(axis=-1),
        yy=(weight * post**2).sum(axis=-1),
        xy=(weight * r * pre * post).sum(axis=-1),
        df=weight.sum(axis=-1),
    )


def change_score_from_summaries(
    *,
    n: ArrayLike,
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    correlation: ArrayLike,
    first: int = 0,
    second: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the difference in mean change, arm `first` minus arm `second`, by pooled t.

    The SD of each change is sqrt(s_x^2 + s_y^2 - 2 r s_x s_y); N - k degrees of freedom.

    Parameters
    ----------
    n, mean_pre, sd_pre, mean_post, sd_post, correlation : array-like, shape (..., k)
        Summaries of complete pairs; the arms are the last axis.
    first, second : int
        Positions of the two arms.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        The difference in mean change: estimate, std_error, df, statistic, p_value, conf_low,
        conf_high.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, a correlation outside [-1, 1], or no change varies.

    Examples
    --------
    >>> result = change_score_from_summaries(
    ...     n=[20, 20], mean_pre=[6.0, 6.2], sd_pre=[1.5, 1.4], mean_post=[3.0, 4.1],
    ...     sd_post=[1.6, 1.5], correlation=[0.5, 0.4])
    >>> round(result.estimate, 3), round(result.std_error, 4)
    (-0.9, 0.497)
    """
    spread = sd_change_from_correlation(sd_pre=sd_pre, sd_post=sd_post, correlation=correlation)
    changes = Arms(n, array(mean_post) - array(mean_pre), array(spread))
    return lsd_pair(changes, first=first, second=second, level=level)


def ancova_from_summaries(
    *,
    n: ArrayLike,
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    correlation: ArrayLike,
    first: int = 0,
    second: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the baseline-adjusted difference, arm `first` minus arm `second`.

    Post on arm and baseline with one slope b = S_xy/S_xx: difference in post means minus
    b times the difference in baseline means; sigma^2 = (S_yy - S_xy^2/S_xx)/(N - k - 1) and
    SE^2 = sigma^2 (1/n_i + 1/n_j + (difference in baseline means)^2/S_xx). The same estimate, SE
    and p whether the outcome is the post score or the change.

    Parameters
    ----------
    n, mean_pre, sd_pre, mean_post, sd_post, correlation : array-like, shape (..., k)
        Summaries of complete pairs; the arms are the last axis.
    first, second : int
        Positions of the two arms.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        The difference at equal baseline, N - k - 1 df: estimate, std_error, df, statistic,
        p_value, conf_low, conf_high.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, a correlation outside [-1, 1], the baseline does not
        vary or predicts the post score exactly.

    Examples
    --------
    >>> result = ancova_from_summaries(
    ...     n=[20, 20], mean_pre=[6.0, 6.2], sd_pre=[1.5, 1.4], mean_post=[3.0, 4.1],
    ...     sd_post=[1.6, 1.5], correlation=[0.5, 0.4])
    >>> round(result.estimate, 4), result.df
    (-1.0031, 37.0)
    """
    sums = _visit_sums(n=n, sd_pre=sd_pre, sd_post=sd_post, correlation=correlation)
    if not np.all(sums.xx > 0.0):
        raise NotEstimable("the baseline does not vary, so there is no slope to adjust with")
    slope = sums.xy / sums.xx
    size, pre, post = array(n), array(mean_pre), array(mean_post)
    imbalance = pre[..., first] - pre[..., second]
    variance = np.maximum(sums.yy - sums.xy * slope, 0.0) / (sums.df - 1.0)
    weight = 1.0 / size[..., first] + 1.0 / size[..., second] + imbalance**2 / sums.xx
    return t_estimate(
        estimate=post[..., first] - post[..., second] - slope * imbalance,
        std_error=np.sqrt(variance * weight),
        df=sums.df - 1.0,
        level=level,
    )


def two_visit_model(
    *,
    n: ArrayLike,
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    correlation: ArrayLike,
    first: int = 0,
    second: int = 1,
    level: float = 0.95,
) -> TwoVisitModel:
    """Return the REML random-intercept model (arm, visit, arm x visit) of two visits.

    Inside the parameter space the contrast is the change-score test: the residual variance is half
    the pooled variance of the change, the variance between participants the pooled covariance of
    the two visits, N - k degrees of freedom. Where that covariance is not above 0 the variance
    between participants is 0, all 2 (N - k) degrees of freedom go to the residual variance, and
    the fit is marked singular.

    Parameters
    ----------
    n, mean_pre, sd_pre, mean_post, sd_post, correlation : array-like, shape (..., k)
        Summaries of complete pairs; the arms are the last axis.
    first, second : int
        Positions of the two arms.
    level : float
        Confidence level.

    Returns
    -------
    TwoVisitModel
        The contrast is (post - pre of arm `first`) - (post - pre of arm `second`).

    Raises
    ------
    NotEstimable
        As `change_score_from_summaries`.

    Examples
    --------
    >>> model = two_visit_model(
    ...     n=[20, 20], mean_pre=[6.0, 6.2], sd_pre=[1.5, 1.4], mean_post=[3.0, 4.1],
    ...     sd_post=[1.6, 1.5], correlation=[0.5, 0.4])
    >>> round(model.participant_variance, 3), bool(model.singular)
    (1.02, False)
    """
    sums = _visit_sums(n=n, sd_pre=sd_pre, sd_post=sd_post, correlation=correlation)
    covariance = sums.xy / sums.df
    singular = covariance <= 0.0
    within = (sums.xx + sums.yy - 2.0 * sums.xy) / (2.0 * sums.df)
    everything = (sums.xx + sums.yy) / (2.0 * sums.df)
    residual = np.where(singular, everything, within)
    size, change = array(n), array(mean_post) - array(mean_pre)
    weight = 1.0 / size[..., first] + 1.0 / size[..., second]
    contrast = t_estimate(
        estimate=change[..., first] - change[..., second],
        std_error=np.sqrt(2.0 * residual * weight),
        df=np.where(singular, 2.0 * sums.df, sums.df),
        level=level,
    )
    return TwoVisitModel(
        contrast=contrast,
        participant_variance=number(np.maximum(covariance, 0.0)),
        residual_variance=number(residual),
        singular=singular,
    )
