"""Three arms or more, from n, mean and SD or raw groups: one-way ANOVA and its pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import (
    Estimate,
    FloatArray,
    Number,
    array,
    f_p,
    number,
    require_arm,
    require_level,
    t_estimate,
)
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import HTML, Shown, rendered


class Arms(NamedTuple):
    """Summaries of k arms, shape (..., k): the arms are the last axis, leading axes broadcast.

    Attributes
    ----------
    n : array-like
        Participants.
    mean, sd : array-like
        Means and sample SDs, in the unit of the outcome.
    """

    n: ArrayLike
    mean: ArrayLike
    sd: ArrayLike

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return rendered(self, HTML)


@dataclass(frozen=True, kw_only=True, slots=True)
class OneWay(Shown):
    """An analysis-of-variance table; fields are arrays when the inputs were boxes of corners.

    `ms_between` and `ms_within` are mean squares, `statistic` is F, `r_squared` the share of the
    sum of squares between arms, and `residual_sd` the pooled SD, in the unit of the outcome.
    """

    df_between: Number
    df_within: Number
    ms_between: Number
    ms_within: Number
    statistic: Number
    p_value: Number
    r_squared: Number
    residual_sd: Number


def _table(
    *, between: FloatArray, within: FloatArray, df_between: FloatArray, df_within: FloatArray
) -> OneWay:
    if not np.all((within > 0.0) & (df_within > 0.0) & (df_between > 0.0)):
        raise NotEstimable("an F test needs two arms or more and variation within them")
    ms_between, ms_within = between / df_between, within / df_within
    statistic = ms_between / ms_within
    return OneWay(
        df_between=number(df_between),
        df_within=number(df_within),
        ms_between=number(ms_between),
        ms_within=number(ms_within),
        statistic=number(statistic),
        p_value=f_p(statistic=statistic, df_num=df_between, df_den=df_within),
        r_squared=number(between / (between + within)),
        residual_sd=number(np.sqrt(ms_within)),
    )


def residual(arms: Arms) -> tuple[FloatArray, FloatArray]:
    """Return the mean square within arms and its degrees of freedom, N - k.

    Here and below an n under 2, a negative SD or SDs that are all 0 are `NotEstimable`.

    >>> ms, df = residual(Arms(n=[23, 23, 22], mean=[3.9, 4.6, 4.8], sd=[1.1, 1.3, 0.8]))
    >>> round(float(ms), 4), float(df)
    (1.1883, 65.0)
    """
    require_arm(n=arms.n, sd=arms.sd)
    size, spread = np.broadcast_arrays(array(arms.n), array(arms.sd))
    df = (size - 1.0).sum(axis=-1)
    return ((size - 1.0) * spread**2).sum(axis=-1) / df, df


def one_way(arms: Arms) -> OneWay:
    """Return the one-way ANOVA of k arms, two or more, from their summaries.

    SS between = sum n (mean - grand mean)^2 and SS within = sum (n - 1) sd^2 (Fisher 1925).

    Parameters
    ----------
    arms : Arms
        n, means and SDs; the arms are the last axis.

    Returns
    -------
    OneWay
        Its `statistic` is F; higher says that the arms differ more.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, or no arm varies.

    Examples
    --------
    >>> table = one_way(Arms(n=[23, 23, 22], mean=[3.9, 4.6, 4.8], sd=[1.1, 1.3, 0.8]))
    >>> round(table.statistic, 3), round(table.p_value, 4)
    (4.265, 0.0182)
    """
    ms_within, df_within = residual(arms)
    size, centre = np.broadcast_arrays(array(arms.n), array(arms.mean))
    total = size.sum(axis=-1, keepdims=True)
    grand = (size * centre).sum(axis=-1, keepdims=True) / total
    between = (size * (centre - grand) ** 2).sum(axis=-1)
    df_between = np.full_like(df_within, float(size.shape[-1] - 1))
    between, within = np.broadcast_arrays(between, ms_within * df_within)
    return _table(between=between, within=within, df_between=df_between, df_within=df_within)


def _number_of(arms: Arms, first: int, second: int) -> int:
    """Return k; refuse positions that are not two different arms."""
    count = int(array(arms.n).shape[-1])
    if not (0 <= first < count and 0 <= second < count and first != second):
        raise UsageError(f"a pair is two different arms numbered 0 to {count - 1}")
    return count


def lsd_pair(arms: Arms, *, first: int, second: int, level: float = 0.95) -> Estimate:
    """Return arm `first` minus arm `second` with the residual SD of all arms, unadjusted.

    SE = sqrt(MS within (1/n_i + 1/n_j)), N - k degrees of freedom (Fisher's least significant
    difference; in SPSS "LSD").

    >>> arms = Arms(n=[23, 23, 22], mean=[3.9, 4.6, 4.8], sd=[1.1, 1.3, 0.8])
    >>> round(lsd_pair(arms, first=0, second=1).p_value, 3)
    0.033
    """
    _number_of(arms, first, second)
    ms_within, df = residual(arms)
    size, centre = array(arms.n), array(arms.mean)
    weight = 1.0 / size[..., first] + 1.0 / size[..., second]
    return t_estimate(
        estimate=centre[..., first] - centre[..., second],
        std_error=np.sqrt(ms_within * weight),
        df=df,
        level=level,
    )


def bonferroni_pair(arms: Arms, *, first: int, second: int, level: float = 0.95) -> Estimate:
    """Return an LSD pair with p and interval adjusted for all k(k-1)/2 pairs by Bonferroni.

    p = min(1, m p_LSD) and each interval has level 1 - (1 - level)/m, with m pairs and the joint
    level of all of them (Dunn 1961, JASA 56:52).

    >>> arms = Arms(n=[23, 23, 22], mean=[48.1, 50.2, 51.6], sd=[3.4, 4.2, 3.6])
    >>> round(bonferroni_pair(arms, first=0, second=2).p_value, 4)
    0.0079
    """
    require_level(level)
    count = _number_of(arms, first, second)
    pairs = count * (count - 1) // 2
    single = lsd_pair(arms, first=first, second=second, level=1.0 - (1.0 - level) / pairs)
    return replace(single, p_value=number(np.minimum(1.0, pairs * array(single.p_value))))


@lru_cache(maxsize=64)
def _studentized_range_quantile(level: float, arms: int, df: float) -> float:
    # Kept, since every pair of a trial asks for the same one and it takes 0.1 s.
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(level, arms, df))


def tukey_pair(arms: Arms, *, first: int, second: int, level: float = 0.95) -> Estimate:
    """Return a pair with p and interval from the studentized range (Tukey-Kramer).

    The statistic stays t, so that pairs compare across methods; q = |t| sqrt(2). With unequal n
    the adjustment is slightly conservative (Tukey 1953; Kramer 1956, Biometrics 12:307; Hayter
    1984, Annals of Statistics 12:61). SciPy gives p to 1e-11, absolute: of one that is smaller,
    only that it is small is known. `NotEstimable` also where box corners differ in total n.

    >>> arms = Arms(n=[23, 23, 22], mean=[3.9, 4.6, 4.8], sd=[1.1, 1.3, 0.8])
    >>> round(tukey_pair(arms, first=0, second=1).p_value, 3)
    0.083
    """
    count = _number_of(arms, first, second)
    single = lsd_pair(arms, first=first, second=second, level=level)
    freedoms = np.unique(array(single.df))
    if freedoms.size != 1:
        raise NotEstimable("Tukey's pairs need the same number of participants throughout")
    df = float(freedoms[0])
    # Here, since importing scipy.stats costs as much as the rest of the engine together.
    from scipy.stats import studentized_range

    statistic = np.abs(array(single.statistic)) * np.sqrt(2.0)
    margin = _studentized_range_quantile(level, count, df) / np.sqrt(2.0)
    return replace(
        single,
        p_value=number(studentized_range.sf(statistic, count, df)),
        conf_low=number(array(single.estimate) - margin * array(single.std_error)),
        conf_high=number(array(single.estimate) + margin * array(single.std_error)),
    )
