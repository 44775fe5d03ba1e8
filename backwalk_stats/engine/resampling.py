"""Confidence intervals from bootstrap replicates: percentile, and bias-corrected accelerated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from itertools import combinations, product
from math import comb, prod
from typing import ParamSpec, TypeVar

import numpy as np
from scipy import special
from threadpoolctl import ThreadpoolController

from backwalk_stats.engine.numbers import FloatArray, require_level
from backwalk_stats.errors import NotEstimable

EXACT_UP_TO = 20_000
SAME = 1e-9
P = ParamSpec("P")
R = TypeVar("R")


def percentile_interval(
    *, replicates: FloatArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the quantiles of the replicates, (B, L), that leave equal tails (Efron 1979).

    Linear interpolation between order statistics, as R's `quantile` and numpy do.

    >>> low, high = percentile_interval(replicates=np.arange(101.0)[:, None], level=0.9)
    >>> round(float(low[0]), 6), round(float(high[0]), 6)
    (5.0, 95.0)
    """
    require_level(level)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail], axis=0)
    return low, high


def bca_interval(
    *,
    replicates: FloatArray,
    estimate: FloatArray,
    jackknife: FloatArray,
    strata: np.ndarray | None = None,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Return the bias-corrected and accelerated interval (Efron, J Am Stat Assoc 1987;82:171).

    The percentiles are moved by z0, the normal quantile of the share of replicates below the
    estimate (ties count half), and by the acceleration a = sum d^3 / (6 (sum d^2)^1.5), d being how
    much a participant's absence moves the estimate. Replicates have shape (B, L) and the
    jackknife (n, L). Where participants were resampled by strata (codes, shape (n,)), d is measured
    from the stratum's mean. `NotEstimable` if every replicate lies on one side of the estimate, or
    a quantile beyond the last is needed: take more replicates, or the percentile interval.

    >>> spread = np.linspace(-1.0, 1.0, 2001)[:, None]
    >>> even = np.array([[-1.0], [0.0], [1.0]])
    >>> low, high = bca_interval(replicates=spread, estimate=np.zeros(1), jackknife=even)
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (-0.95, 0.95)
    """
    require_level(level)
    below = (replicates < estimate).mean(axis=0) + 0.5 * (replicates == estimate).mean(axis=0)
    if np.any((below <= 0.0) | (below >= 1.0)):
        raise NotEstimable("every replicate lies on one side of the estimate: no BCa interval")
    shift = special.ndtri(below)
    acceleration = _acceleration(jackknife, strata)
    tail, count = (1.0 - level) / 2.0, len(replicates)
    ends = []
    for share in (tail, 1.0 - tail):
        moved = shift + special.ndtri(share)
        at = special.ndtr(shift + moved / (1.0 - acceleration * moved))
        if np.any((at * count < 1.0) | ((1.0 - at) * count < 1.0)):
            raise NotEstimable(
                f"{count} replicates do not reach the quantile that the BCa interval needs; "
                "take more"
            )
        chosen = [np.quantile(own, one) for own, one in zip(replicates.T, at, strict=True)]
        ends.append(np.array(chosen))
    return ends[0], ends[1]


def _acceleration(jackknife: FloatArray, strata: np.ndarray | None) -> FloatArray:
    """Return a of each quantity; 0 where nobody's absence moves it."""
    kinds = np.zeros(len(jackknife), dtype=int) if strata is None else strata
    influence = np.empty_like(jackknife)
    for stratum in np.unique(kinds):
        own = jackknife[kinds == stratum]
        influence[kinds == stratum] = own.mean(axis=0) - own
    cube, square = (influence**3).sum(axis=0), (influence**2).sum(axis=0)
    return np.where(square > 0.0, cube / (6.0 * np.where(square > 0.0, square, 1.0) ** 1.5), 0.0)


# Permutation distribution of a difference of means: all deals of the arms, or random ones.


@dataclass(frozen=True, kw_only=True, slots=True)
class MeanPermutation:
    """A permutation test.

    Attributes
    ----------
    statistic : float
        Welch's t of the data.
    p_value : float
        Two-sided.
    deals : int
        Deals of the arms that were looked at.
    exact : bool
        Whether they are all there are.
    """

    statistic: float
    p_value: float
    deals: int
    exact: bool


def permuted_means(
    values: FloatArray, first: np.ndarray, *, strata: np.ndarray, deals: int, seed: int
) -> MeanPermutation:
    """Return the permutation test of the mean of the first arm minus that of the second.

    Arms are dealt out anew within strata. The statistic is Welch's t: studentised, the test keeps
    its level in large samples also where the arms vary differently (Janssen, Stat Probab Lett
    1997;36:9). Up to 20,000 possible deals all are listed and p is the share that is at least as
    far from zero; else p = (b + 1) / (m + 1) of m random ones (Phipson and Smyth, Stat Appl Genet
    Mol Biol 2010;9:39). Values, arms and strata (codes) have shape (n,); deal i is drawn from
    (seed, i). Values that are all the same, or an arm of one, are refused.

    >>> y = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 8.0])
    >>> arm = np.array([True, True, True, False, False, False])
    >>> found = permuted_means(y, arm, strata=np.zeros(6, dtype=int), deals=99, seed=1)
    >>> round(found.statistic, 3), found.p_value, found.deals
    (-4.111, 0.1, 20)
    """
    centred = values - values.mean()
    if np.ptp(values) == 0.0 or min(first.sum(), (~first).sum()) < 2:
        raise NotEstimable("a permutation test needs two values an arm, and values that vary")
    members = [np.flatnonzero(strata == code) for code in np.unique(strata)]
    sizes = [int(first[own].sum()) for own in members]
    possible = prod(comb(len(own), size) for own, size in zip(members, sizes, strict=True))
    exact = possible <= EXACT_UP_TO
    if exact:
        masks = _every_deal(members, sizes, len(values))
    else:
        masks = _random_deals(members, first, deals=deals, seed=seed)
    seen = float(welch_t(centred, first[None, :])[0])
    extreme = int((np.abs(welch_t(centred, masks)) >= abs(seen) * (1.0 - SAME)).sum())
    p = extreme / possible if exact else (extreme + 1.0) / (deals + 1.0)
    return MeanPermutation(statistic=seen, p_value=p, deals=len(masks), exact=exact)


def welch_t(centred: FloatArray, masks: np.ndarray) -> FloatArray:
    """Return Welch's t of each deal; infinite where both arms are without variation.

    Values about their mean, shape (n,); who is in the first arm for each deal, shape (b, n).
    """
    parts = []
    for own in (masks, ~masks):
        n = own.sum(axis=1)
        mean = own @ centred / n
        squares = own @ centred**2 - n * mean**2
        parts.append((mean, np.maximum(squares, 0.0) / (n - 1.0) / n))
    difference = parts[0][0] - parts[1][0]
    variance = parts[0][1] + parts[1][1]
    # Rounding leaves a trace of variance where there is none.
    none = variance <= SAME * float(centred @ centred) / len(centred) ** 2 * SAME
    error = np.sqrt(np.where(none, 1.0, variance))
    return np.asarray(np.where(none, np.copysign(np.inf, difference), difference / error))


def _every_deal(members: list[np.ndarray], sizes: list[int], n: int) -> np.ndarray:
    """Return who is in the first arm in every possible deal, shape (b, n)."""
    within = [list(combinations(own, size)) for own, size in zip(members, sizes, strict=True)]
    out = np.zeros((prod(map(len, within)), n), dtype=bool)
    for row, chosen in zip(out, product(*within), strict=True):
        row[[index for part in chosen for index in part]] = True
    return out


def _random_deals(
    members: list[np.ndarray], first: np.ndarray, *, deals: int, seed: int
) -> np.ndarray:
    out = np.zeros((deals, len(first)), dtype=bool)
    for index, row in enumerate(out):
        rng = replicate_generator(seed=seed, index=index)
        for own in members:
            row[own] = rng.permutation(first[own])
    return out


# One independent stream of random numbers for each replicate, whoever computes it.


def replicate_generator(*, seed: int, index: int) -> np.random.Generator:
    """Return the generator of one replicate.

    It depends on the seed and the replicate's number alone, so neither the number of workers nor
    the order of the work changes a draw (Salmon et al., Parallel random numbers, SC 2011). The seed
    is 0 or more.

    >>> int(replicate_generator(seed=1, index=5).integers(1000))
    17
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(index,))
    return np.random.Generator(np.random.Philox(sequence))


# Keeps the linear algebra of a fit on one thread.


@cache
def _controller() -> ThreadpoolController:
    """Return the loaded linear-algebra libraries; found once, which takes about a millisecond."""
    return ThreadpoolController()


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose linear algebra runs on one thread.

    A fit is thousands of products of small matrices: a second thread of the linear-algebra library
    gains nothing on an idle machine, and on a busy one the two wait for each other. One thread also
    gives the same bytes whatever else runs.

    >>> @on_one_thread
    ... def doubled(x: float) -> float:
    ...     return 2.0 * x
    >>> doubled(2.0)
    4.0
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
