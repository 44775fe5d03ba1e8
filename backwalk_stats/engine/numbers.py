"""What a number must be before anything is computed from it, and the two array types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

REACH = 60.0  # standard errors from the estimate: a profile that has not fallen there is flat
FloatArray: TypeAlias = NDArray[np.float64]
# A float for scalar inputs, a FloatArray for arrays. Which of the two is known to the caller and
# not to the type checker, hence `Any` beside `float` (as typeshed does for such returns).
Number: TypeAlias = float | Any


def array(values: ArrayLike) -> FloatArray:
    """Return values as an array of doubles.

    >>> array(2).shape
    ()
    """
    return np.asarray(values, dtype=np.float64)


def number(values: ArrayLike) -> Number:
    """Return a plain float for a single value and an array for several.

    >>> number(np.float64(0.5))
    0.5
    """
    result = array(values)
    return float(result) if result.ndim == 0 else result


def require_arm(*, n: ArrayLike, sd: ArrayLike) -> None:
    """Refuse an arm with fewer than two participants or a negative standard deviation.

    >>> require_arm(n=15, sd=1.2)
    """
    sizes, spreads = array(n), array(sd)
    if not np.all(np.isfinite(sizes) & (sizes >= 2)):
        raise NotEstimable(f"an arm needs at least 2 participants, found n = {np.min(sizes):g}")
    if not np.all(np.isfinite(spreads) & (spreads >= 0)):
        raise NotEstimable(f"a standard deviation is 0 or more, found {np.min(spreads):g}")


def require_level(level: float) -> None:
    """Refuse a confidence or significance level outside (0, 1).

    >>> require_level(0.95)
    """
    given: object = level
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        found = repr(given) if isinstance(given, str) else type(given).__name__
        raise UsageError(f"a level is a number between 0 and 1, such as 0.95; found {found}")
    if not 0.0 < level < 1.0:
        raise UsageError(f"a level is a proportion between 0 and 1, such as 0.95; found {level:g}")


def require_probability(p_value: ArrayLike) -> None:
    """Refuse a p-value outside [0, 1].

    >>> require_probability(0.04)
    """
    p = array(p_value)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise NotEstimable("a p-value lies between 0 and 1")


# Statistics to p-values and back: t, F, chi-square and z.


def t_p(*, statistic: ArrayLike, df: ArrayLike) -> Number:
    """Return the two-sided p-value of Student's t, P(|T| >= |t|); df of `inf` is the normal limit.

    >>> round(t_p(statistic=-2.589, df=30), 4)
    0.0147
    """
    computes_with("scipy")
    return number(2.0 * special.stdtr(array(df), -np.abs(array(statistic))))


def z_p(*, statistic: ArrayLike) -> Number:
    """Return the two-sided p-value of a standard normal statistic, P(|Z| >= |z|).

    >>> round(z_p(statistic=1.959964), 4)
    0.05
    """
    computes_with("scipy")
    return number(2.0 * special.ndtr(-np.abs(array(statistic))))


def f_p(*, statistic: ArrayLike, df_num: ArrayLike, df_den: ArrayLike) -> Number:
    """Return the upper-tail p-value of Snedecor's F.

    >>> round(f_p(statistic=4.265, df_num=2, df_den=65), 4)
    0.0182
    """
    computes_with("scipy")
    return number(special.fdtrc(array(df_num), array(df_den), array(statistic)))


def chi_square_p(*, statistic: ArrayLike, df: ArrayLike) -> Number:
    """Return the upper-tail p-value of chi-square.

    >>> round(chi_square_p(statistic=16.45, df=4), 5)
    0.00247
    """
    computes_with("scipy")
    return number(special.chdtrc(array(df), array(statistic)))


def t_from_p(*, p_value: ArrayLike, df: ArrayLike) -> Number:
    """Return the absolute t that has a two-sided p-value.

    The sign is not in a two-sided p, so the result is never negative; p = 0 gives infinity. A df of
    `inf` gives |z|.

    >>> round(t_from_p(p_value=0.05, df=28), 3)
    2.048
    """
    require_probability(p_value)
    half, freedom = np.broadcast_arrays(array(p_value) / 2.0, array(df))
    computes_with("scipy")
    return number(np.abs(special.stdtrit(freedom, half)))


def t_quantile(*, level: float, df: ArrayLike) -> Number:
    """Return the half-width multiplier of a two-sided t interval; df of `inf` is the normal one.

    >>> round(t_quantile(level=0.95, df=float("inf")), 6)
    1.959964
    """
    computes_with("scipy")
    return number(special.stdtrit(array(df), 0.5 + level / 2.0))


# One door from an estimate and its standard error to a test and an interval.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Estimate(Shown):
    """An estimate with its test against zero and its two-sided confidence interval.

    Every field is a float, or an array when the inputs were arrays (one element a corner of a
    rounding box, say). `df` is infinite for a z test.
    """

    estimate: Number
    std_error: Number
    df: Number
    statistic: Number
    p_value: Number
    conf_low: Number
    conf_high: Number


def t_estimate(
    *, estimate: ArrayLike, std_error: ArrayLike, df: ArrayLike, level: float = 0.95
) -> Estimate:
    """Return t = estimate / SE, its two-sided p, and estimate -/+ t(df) SE.

    The df may be fractional or infinite. A standard error not above 0 is `NotEstimable`: a p of 0
    is never returned for lack of variation.

    >>> result = t_estimate(estimate=-0.69, std_error=0.2665, df=30)
    >>> round(result.p_value, 3), round(result.conf_low, 2), round(result.conf_high, 2)
    (0.015, -1.23, -0.15)
    """
    require_level(level)
    value, error, freedom = np.broadcast_arrays(array(estimate), array(std_error), array(df))
    if not np.all(error > 0.0):
        raise NotEstimable("the standard error is not above 0, so there is no test")
    statistic = value / error
    margin = array(t_quantile(level=level, df=freedom)) * error
    return Estimate(
        estimate=number(value),
        std_error=number(error),
        df=number(freedom),
        statistic=number(statistic),
        p_value=t_p(statistic=statistic, df=freedom),
        conf_low=number(value - margin),
        conf_high=number(value + margin),
    )


def shifted(found: Estimate, by: float, *, level: float = 0.95) -> Estimate:
    """Return estimates of which a known number is added to each, tested against zero anew.

    With 0, or without a test, no more than the estimate and its limits move.

    >>> one = t_estimate(estimate=1.0, std_error=0.5, df=10)
    >>> moved = shifted(one, 0.5)
    >>> moved.estimate, moved.statistic
    (1.5, 3.0)
    """
    if by == 0.0:
        return found
    if not np.all(array(found.std_error) > 0.0):
        return replace(found, estimate=number(array(found.estimate) + by))
    return t_estimate(
        estimate=array(found.estimate) + by,
        std_error=array(found.std_error),
        df=array(found.df),
        level=level,
    )


def z_estimate(*, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95) -> Estimate:
    """Return z = estimate / SE, its two-sided p, and estimate -/+ z SE; refuses as `t_estimate`.

    >>> round(z_estimate(estimate=1.0, std_error=0.5).p_value, 4)
    0.0455
    """
    return t_estimate(estimate=estimate, std_error=std_error, df=np.inf, level=level)


# Confidence limits of the noncentrality of t: what exact intervals of effect sizes rest on.


def noncentralities(
    *, statistic: ArrayLike, df: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the noncentralities that put the observed t at its upper and at its lower tail.

    Each tail is (1 - level)/2 (Steiger and Fouladi 1997; Cumming and Finch 2001). Times the SE of
    the effect over its SD, they are the limits of a standardised effect. A t that is not finite or
    so large (beyond about 30 000) that SciPy's noncentral t has no value is `NotEstimable`. A df is
    above 0.

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


def profile_limits(
    fall: Callable[[float], float],
    *,
    centre: float,
    step: float,
    level: float,
    close: float,
    df: float = np.inf,
) -> tuple[float, float]:
    """Return where a profile log-likelihood has fallen by half the chi-square of 1 df.

    With finite df, by half the F of 1 and df.

    `fall` is the largest log-likelihood less that with the coefficient held; `centre` and `step`
    are the estimate and its standard error. Limits are searched outwards, then closed in to
    `close`.

    >>> low, high = profile_limits(
    ...     lambda x: 0.5 * (x - 1.0) ** 2, centre=1.0, step=1.0, level=0.95, close=1e-12)
    >>> round(low, 4), round(high, 4)
    (-0.96, 2.96)
    """
    require_level(level)
    drop = float(special.chdtri(1.0, 1.0 - level)) / 2.0
    if np.isfinite(df):
        drop = float(t_quantile(level=level, df=df)) ** 2 / 2.0

    def excess(value: float) -> float:
        return fall(value) - drop

    limits = []
    for direction in (-1.0, 1.0):
        end = centre + direction * step
        while excess(end) < 0.0:
            end += direction * step
            if abs(end - centre) > REACH * step:
                raise NotEstimable("the profile likelihood is flat: no limit of the ratio")
        limits.append(float(brentq(excess, centre, end, xtol=close)))
    return limits[0], limits[1]
