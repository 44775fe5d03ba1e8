"""Two independent arms from n, mean and SD: Student's and Welch's t."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import Number, array, number, require_arm
from backwalk_stats.engine.estimate import Estimate, t_estimate
from backwalk_stats.errors import NotEstimable


def _require_variation(*, n1: ArrayLike, sd1: ArrayLike, n2: ArrayLike, sd2: ArrayLike) -> None:
    require_arm(n=n1, sd=sd1)
    require_arm(n=n2, sd=sd2)
    if np.any((array(sd1) == 0.0) & (array(sd2) == 0.0)):
        raise NotEstimable("both standard deviations are 0: the difference has no standard error")


def pooled_sd(*, n1: ArrayLike, sd1: ArrayLike, n2: ArrayLike, sd2: ArrayLike) -> Number:
    """Return the pooled SD, sqrt(((n1-1) s1^2 + (n2-1) s2^2) / (n1+n2-2)).

    Parameters
    ----------
    n1, sd1, n2, sd2 : array-like
        Participants and sample SDs of the two arms, in the unit of the outcome.

    Examples
    --------
    >>> round(pooled_sd(n1=16, sd1=0.63, n2=16, sd2=0.86), 4)
    0.7538
    """
    size1, size2 = array(n1), array(n2)
    squares = (size1 - 1.0) * array(sd1) ** 2 + (size2 - 1.0) * array(sd2) ** 2
    return number(np.sqrt(squares / (size1 + size2 - 2.0)))


def pooled(
    *,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return Student's t for arm 1 minus arm 2, one variance assumed for both.

    SE = s_p sqrt(1/n1 + 1/n2) with n1 + n2 - 2 degrees of freedom (Fisher 1925, Metron 5:90).

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : array-like
        Participants, means and sample SDs; broadcast against each other.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> result = pooled(n1=16, mean1=1.56, sd1=0.63, n2=16, mean2=2.25, sd2=0.86)
    >>> round(result.statistic, 3), result.df, round(result.p_value, 4)
    (-2.589, 30.0, 0.0147)
    """
    _require_variation(n1=n1, sd1=sd1, n2=n2, sd2=sd2)
    size1, size2 = array(n1), array(n2)
    spread = array(pooled_sd(n1=n1, sd1=sd1, n2=n2, sd2=sd2))
    return t_estimate(
        estimate=array(mean1) - array(mean2),
        std_error=spread * np.sqrt(1.0 / size1 + 1.0 / size2),
        df=size1 + size2 - 2.0,
        level=level,
    )


def welch_df(*, n1: ArrayLike, sd1: ArrayLike, n2: ArrayLike, sd2: ArrayLike) -> Number:
    """Return the Welch-Satterthwaite degrees of freedom.

    (v1 + v2)^2 / (v1^2/(n1-1) + v2^2/(n2-1)) with v = s^2/n (Welch 1947, Biometrika 34:28);
    between min(n1, n2) - 1 and n1 + n2 - 2.

    Parameters
    ----------
    n1, sd1, n2, sd2 : array-like
        Participants and sample SDs of the two arms.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> round(welch_df(n1=16, sd1=0.63, n2=16, sd2=0.86), 2)
    27.5
    """
    _require_variation(n1=n1, sd1=sd1, n2=n2, sd2=sd2)
    size1, size2 = array(n1), array(n2)
    # The ratio is scale-free: dividing by the larger SD keeps tiny SDs from underflowing.
    scale = np.maximum(array(sd1), array(sd2))
    part1 = (array(sd1) / scale) ** 2 / size1
    part2 = (array(sd2) / scale) ** 2 / size2
    denominator = part1**2 / (size1 - 1.0) + part2**2 / (size2 - 1.0)
    return number((part1 + part2) ** 2 / denominator)


def welch(
    *,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return Welch's t for arm 1 minus arm 2, each arm with its own variance.

    SE^2 = s1^2/n1 + s2^2/n2 with the degrees of freedom of `welch_df` (Welch 1947).

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : array-like
        Participants, means and sample SDs; broadcast against each other.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or both SDs are 0.

    Examples
    --------
    >>> result = welch(n1=16, mean1=1.56, sd1=0.63, n2=16, mean2=2.25, sd2=0.86)
    >>> round(result.p_value, 6)
    0.015208
    """
    freedom = welch_df(n1=n1, sd1=sd1, n2=n2, sd2=sd2)
    variance = array(sd1) ** 2 / array(n1) + array(sd2) ** 2 / array(n2)
    return t_estimate(
        estimate=array(mean1) - array(mean2),
        std_error=np.sqrt(variance),
        df=freedom,
        level=level,
    )
