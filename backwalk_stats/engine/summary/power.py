"""What a stated two-arm design can find: power, detectable effect, participants needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize.elementwise import find_root

from backwalk_stats.engine.numbers import FloatArray, Number, array, number, require_level
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with


def _require_two(size1: FloatArray, size2: FloatArray) -> None:
    if not np.all((size1 >= 2.0) & (size2 >= 2.0)):
        raise NotEstimable("power needs at least 2 participants an arm")


def two_sample_power(
    *, n1: ArrayLike, n2: ArrayLike, effect_size: ArrayLike, level: float = 0.05
) -> Number:
    """Return the power of Student's two-sided t test.

    P(|T| > critical t), T noncentral t with n1 + n2 - 2 df and noncentrality
    d / sqrt(1/n1 + 1/n2); both tails count (Cohen 1988; R's `power.t.test(strict = TRUE)`).
    T^2 is noncentral F with 1 and n1 + n2 - 2 df, which holds both tails at once.

    Parameters
    ----------
    n1, n2 : array-like
        Participants analysed in each arm, 2 or more.
    effect_size : array-like
        True difference in SD units (Cohen's d); its sign does not matter.
    level : float
        Two-sided significance level.

    Returns
    -------
    float or array
        Between the level and 1.

    Raises
    ------
    NotEstimable
        If an n is below 2.

    Examples
    --------
    >>> round(two_sample_power(n1=13, n2=13, effect_size=0.8), 4)
    0.4992
    """
    require_level(level)
    size1, size2, effect = np.broadcast_arrays(array(n1), array(n2), array(effect_size))
    _require_two(size1, size2)
    delta = np.abs(effect) / np.sqrt(1.0 / size1 + 1.0 / size2)
    return number(noncentral_power(delta, size1 + size2 - 2.0, level=level))


def noncentral_power(delta: FloatArray, df: FloatArray, *, level: float) -> FloatArray:
    """Return P(|T| > critical t), T noncentral t: the power of a two-sided t test.

    >>> round(float(noncentral_power(array(2.0), array(24.0), level=0.05)), 4)
    0.484
    """
    computes_with("scipy")
    critical = special.stdtrit(df, level / 2.0)
    missed = special.ncfdtr(1.0, df, delta**2, critical**2)
    # SciPy has NaN where the chance to miss is below 1e-200.
    return array(1.0 - np.where(np.isnan(missed) & ~np.isnan(delta), 0.0, missed))


def detectable_effect(
    *, n1: ArrayLike, n2: ArrayLike, power: float = 0.8, level: float = 0.05
) -> Number:
    """Return the smallest true effect, in SD units, that a design finds with a given power.

    Parameters
    ----------
    n1, n2 : array-like
        Participants analysed in each arm, 2 or more.
    power : float
        Wanted power, above `level`.
    level : float
        Two-sided significance level.

    Returns
    -------
    float or array
        In SD units (Cohen's d).

    Raises
    ------
    NotEstimable
        If an n is below 2 or the power is not above the significance level.

    Examples
    --------
    >>> round(detectable_effect(n1=13, n2=13, power=0.8), 3)
    1.145
    """
    require_level(power)
    if power <= level:
        raise NotEstimable("any design reaches a power no larger than its significance level")
    size1, size2 = np.broadcast_arrays(array(n1), array(n2))
    _require_two(size1, size2)
    df = size1 + size2 - 2.0

    def excess(delta: FloatArray, freedom: FloatArray) -> FloatArray:
        return noncentral_power(delta, freedom, level=level) - power

    # T = (Z + delta) / S stays below the critical t with a chance under 1 - power once delta is
    # this large: Z and S each at its (1 - power)/2 quantile.
    half = (1.0 - power) / 2.0
    critical = -special.stdtrit(df, level / 2.0)
    largest = critical * np.sqrt(special.chdtri(df, half) / df) - special.ndtri(half)
    found = find_root(excess, (np.zeros(df.shape), largest), args=(df,))
    if not np.all(found.success):
        raise NotEstimable("no effect reaches this power")
    return number(found.x * np.sqrt(1.0 / size1 + 1.0 / size2))


def participants_needed(*, effect_size: float, power: float = 0.8, level: float = 0.05) -> int:
    """Return the participants an arm, of two equal arms, that reach a power.

    Drop-out is not allowed for: divide by the share expected to stay.

    Parameters
    ----------
    effect_size : float
        True difference in SD units (Cohen's d), not 0.
    power : float
        Wanted power, above `level`.
    level : float
        Two-sided significance level.

    Returns
    -------
    int
        Of each arm.

    Raises
    ------
    NotEstimable
        If the effect is 0 or the power is not above the significance level.

    Examples
    --------
    >>> participants_needed(effect_size=0.5, power=0.8)
    64
    """
    require_level(power)
    if effect_size == 0.0 or power <= level:
        raise NotEstimable("needs an effect other than 0 and a power above the level")

    def reached(n: int) -> bool:
        value = two_sample_power(n1=n, n2=n, effect_size=effect_size, level=level)
        return float(array(value)) >= power

    # The normal formula is below the answer by a participant or two; the answer by doubling and
    # halving needs no such approximation to be close.
    quantiles = float(special.ndtri(1.0 - level / 2.0) + special.ndtri(power))
    low, high = 1, max(2, ceil(2.0 * (quantiles / effect_size) ** 2))
    while not reached(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


# Measurement error of one score: SEM and the change that exceeds it.


def minimal_detectable_change(*, sem: ArrayLike, level: float = 0.95) -> Number:
    """Return the minimal detectable change, z sqrt(2) SEM.

    A change smaller than this is compatible with measurement error alone; smaller is better
    (de Vet et al. 2006, Health Qual Life Outcomes 4:54).

    Parameters
    ----------
    sem : array-like
        Standard error of measurement, in the unit of the score.
    level : float
        Confidence level; 0.95 gives z = 1.96 and 0.90 gives 1.645.

    Returns
    -------
    float or array
        In the unit of the score.

    Raises
    ------
    NotEstimable
        If the SEM is negative.

    Examples
    --------
    >>> round(minimal_detectable_change(sem=0.48), 2)
    1.33
    """
    require_level(level)
    error = array(sem)
    if not np.all(error >= 0.0):
        raise NotEstimable("a standard error of measurement is 0 or more")
    return number(special.ndtri(0.5 + level / 2.0) * np.sqrt(2.0) * error)


def sem_from_icc(*, sd: ArrayLike, icc: ArrayLike) -> Number:
    """Return the standard error of measurement, SD sqrt(1 - ICC).

    Parameters
    ----------
    sd : array-like
        SD of the scores between participants, in the unit of the score.
    icc : array-like
        Intraclass correlation, at most 1; higher is better.

    Returns
    -------
    float or array
        In the unit of the score.

    Raises
    ------
    NotEstimable
        If the SD is negative or the ICC above 1.

    Examples
    --------
    >>> round(sem_from_icc(sd=2.0, icc=0.91), 2)
    0.6
    """
    spread, agreement = array(sd), array(icc)
    if not np.all((spread >= 0.0) & (agreement <= 1.0)):
        raise NotEstimable("needs a standard deviation of 0 or more and an ICC of at most 1")
    return number(spread * np.sqrt(1.0 - agreement))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RepeatError(Shown):
    """The error of one measurement, from people who were measured several times.

    Attributes
    ----------
    sem : float
        In the unit of the values; NaN where nobody was measured twice.
    n, df : int
        People with at least two values, and their values beyond the first.
    """

    sem: float
    n: int
    df: int


def sem_from_repeats(*, value: ArrayLike, participant: ArrayLike) -> RepeatError:
    """Return the standard error of measurement from repeats, sqrt(mean square within people).

    The root of the within-person mean square of a one-way analysis of variance (Bland and Altman
    1996, BMJ 312:1654). It is the error under the conditions of the repeats: those within a visit
    do not hold what differs between days or testers.

    Parameters
    ----------
    value : array-like, shape (n,)
        In any unit, none missing.
    participant : array-like, shape (n,)
        Whose value it is.

    Returns
    -------
    RepeatError

    Raises
    ------
    NotEstimable
        If a value is missing.
    UsageError
        If values and participants are not as many.

    Examples
    --------
    >>> found = sem_from_repeats(value=[10.0, 12.0, 20.0, 24.0, 7.0], participant=list("aabbc"))
    >>> round(found.sem, 4), found.n, found.df
    (2.2361, 2, 2)
    """
    values, people = array(value), np.asarray(participant)
    if values.shape != people.shape or values.ndim != 1:
        raise UsageError("value and participant are two columns of the same length")
    if not np.isfinite(values).all():
        raise NotEstimable("a value is missing: leave its row out")
    _, place, count = np.unique(people, return_inverse=True, return_counts=True)
    if not len(values) or count.max() < 2:
        return RepeatError(sem=float("nan"), n=0, df=0)
    gap = values - (np.bincount(place, weights=values) / count)[place]
    df = int((count - 1).sum())
    return RepeatError(sem=float(np.sqrt((gap**2).sum() / df)), n=int((count > 1).sum()), df=df)
