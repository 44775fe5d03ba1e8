"""Pairs of arms after a one-way analysis of variance: LSD, Bonferroni and Tukey."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import array, number, require_level
from backwalk_stats.engine.estimate import Estimate, t_estimate
from backwalk_stats.engine.one_way import residual
from backwalk_stats.errors import NotEstimable, UsageError


def _arms(n: ArrayLike, first: int, second: int) -> int:
    arms = int(array(n).shape[-1])
    if not (0 <= first < arms and 0 <= second < arms and first != second):
        raise UsageError(f"a pair is two different arms numbered 0 to {arms - 1}")
    return arms


def lsd_pair(
    *,
    n: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    first: int,
    second: int,
    level: float = 0.95,
) -> Estimate:
    """Return arm `first` minus arm `second` with the residual SD of all arms, unadjusted.

    SE = sqrt(MS within (1/n_i + 1/n_j)), N - k degrees of freedom (Fisher's least significant
    difference; in SPSS "LSD").

    Parameters
    ----------
    n, mean, sd : array-like, shape (..., k)
        Participants, means and sample SDs; the arms are the last axis.
    first, second : int
        Positions of the two arms.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or all SDs are 0.
    UsageError
        If the positions are not two different arms.

    Examples
    --------
    >>> arms = {"n": [23, 23, 22], "mean": [3.9, 4.6, 4.8], "sd": [1.1, 1.3, 0.8]}
    >>> round(lsd_pair(**arms, first=0, second=1).p_value, 3)
    0.033
    """
    _arms(n, first, second)
    ms_within, df = residual(n=n, sd=sd)
    size, centre = array(n), array(mean)
    weight = 1.0 / size[..., first] + 1.0 / size[..., second]
    return t_estimate(
        estimate=centre[..., first] - centre[..., second],
        std_error=np.sqrt(ms_within * weight),
        df=df,
        level=level,
    )


def bonferroni_pair(
    *,
    n: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    first: int,
    second: int,
    level: float = 0.95,
) -> Estimate:
    """Return an LSD pair with p and interval adjusted for all k(k-1)/2 pairs by Bonferroni.

    p = min(1, m p_LSD) and each interval has level 1 - (1 - level)/m, with m pairs
    (Dunn 1961, JASA 56:52).

    Parameters
    ----------
    n, mean, sd : array-like, shape (..., k)
        Participants, means and sample SDs; the arms are the last axis.
    first, second : int
        Positions of the two arms.
    level : float
        Joint confidence level of all pairs.

    Raises
    ------
    NotEstimable, UsageError
        As `lsd_pair`.

    Examples
    --------
    >>> arms = {"n": [23, 23, 22], "mean": [48.1, 50.2, 51.6], "sd": [3.4, 4.2, 3.6]}
    >>> round(bonferroni_pair(**arms, first=0, second=2).p_value, 4)
    0.0079
    """
    require_level(level)
    arms = _arms(n, first, second)
    pairs = arms * (arms - 1) // 2
    single = lsd_pair(
        n=n, mean=mean, sd=sd, first=first, second=second, level=1.0 - (1.0 - level) / pairs
    )
    return Estimate(
        estimate=single.estimate,
        std_error=single.std_error,
        df=single.df,
        statistic=single.statistic,
        p_value=number(np.minimum(1.0, pairs * array(single.p_value))),
        conf_low=single.conf_low,
        conf_high=single.conf_high,
    )


@lru_cache(maxsize=64)
def _studentized_range_quantile(level: float, arms: int, df: float) -> float:
    # Kept, since every pair of a trial asks for the same one and it takes 0.1 s.
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(level, arms, df))


def tukey_pair(
    *,
    n: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    first: int,
    second: int,
    level: float = 0.95,
) -> Estimate:
    """Return a pair with p and interval from the studentized range (Tukey-Kramer).

    The statistic stays t, so that pairs compare across methods; q = |t| sqrt(2). With unequal n
    the adjustment is slightly conservative (Tukey 1953; Kramer 1956, Biometrics 12:307; Hayter
    1984, Annals of Statistics 12:61). SciPy gives p to 1e-11, absolute: of one that is smaller,
    only that it is small is known.

    Parameters
    ----------
    n, mean, sd : array-like, shape (..., k)
        Participants, means and sample SDs; the arms are the last axis. Every box corner must have
        the same total n.
    first, second : int
        Positions of the two arms.
    level : float
        Joint confidence level of all pairs.

    Raises
    ------
    NotEstimable, UsageError
        As `lsd_pair`; NotEstimable also where the total n is not the same throughout.

    Examples
    --------
    >>> arms = {"n": [23, 23, 22], "mean": [3.9, 4.6, 4.8], "sd": [1.1, 1.3, 0.8]}
    >>> round(tukey_pair(**arms, first=0, second=1).p_value, 3)
    0.083
    """
    arms = _arms(n, first, second)
    single = lsd_pair(n=n, mean=mean, sd=sd, first=first, second=second, level=level)
    freedoms = np.unique(array(single.df))
    if freedoms.size != 1:
        raise NotEstimable("Tukey's pairs need the same number of participants throughout")
    df = float(freedoms[0])
    # Here, since importing scipy.stats costs as much as the rest of the engine together.
    from scipy.stats import studentized_range

    statistic = np.abs(array(single.statistic)) * np.sqrt(2.0)
    margin = _studentized_range_quantile(level, arms, df) / np.sqrt(2.0)
    return Estimate(
        estimate=single.estimate,
        std_error=single.std_error,
        df=single.df,
        statistic=single.statistic,
        p_value=number(studentized_range.sf(statistic, arms, df)),
        conf_low=number(array(single.estimate) - margin * array(single.std_error)),
        conf_high=number(array(single.estimate) + margin * array(single.std_error)),
    )
