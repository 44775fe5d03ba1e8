"""Rank tests of two arms: Wilcoxon-Mann-Whitney and, stratified, van Elteren; exact with ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from backwalk_stats.engine.numbers import FloatArray, array, require_level, t_quantile, z_p
from backwalk_stats.engine.ranks.permutation_distribution import Distribution, subset_sums, sum_of
from backwalk_stats.engine.ranks.ranking import (
    Shift,
    doubled_midranks,
    pair_differences,
    shift_of,
)
from backwalk_stats.errors import NotEstimable

EXACT_UP_TO = 200
LARGEST_STEP = 4_000_000
END, INSIDE = 1e-15, 1e-12
# The distribution of the sum of so many of the scores, each subset equally likely.
SubsetSums = Callable[[np.ndarray, int], Distribution]


@dataclass(frozen=True, kw_only=True, slots=True)
class RankTest:
    """A rank test of two arms.

    Attributes
    ----------
    statistic : float
        U: pairs in which the first arm is higher, ties counting half. Of van Elteren's test the sum
        of U / (N + 1) over strata.
    p_value : float
        Two-sided: being at least as far from the expectation.
    exact : bool
        Whether p is from the permutation distribution; else from a normal one.
    probability : float
        P(first higher) + P(equal) / 2; in strata the mean with the weights of the test.
    shift : Shift
        Hodges-Lehmann, first minus second.
    """

    statistic: float
    p_value: float
    exact: bool
    probability: float
    shift: Shift


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stratum:
    first: FloatArray
    second: FloatArray
    scores: np.ndarray
    weight: float
    sums: SubsetSums

    @property
    def pairs(self) -> int:
        return len(self.first) * len(self.second)

    @property
    def u(self) -> float:
        m = len(self.first)
        return (float(self.scores[:m].sum()) - m * (m + 1)) / 2.0

    @property
    def variance(self) -> float:
        """Return the variance of U given the midranks."""
        total = len(self.scores)
        deviation = self.scores / 2.0 - (total + 1) / 2.0
        return float(self.pairs * (deviation**2).sum() / (total * (total - 1)))

    def distribution(self) -> Distribution:
        """Return the permutation distribution of the weighted U."""
        smaller = min(len(self.first), len(self.second))
        null = self.sums(self.scores, smaller)
        u = (null.support - smaller * (smaller + 1)) / 2.0
        if smaller < len(self.first):
            # The second arm was dealt out; the first has the other pairs.
            return Distribution(
                support=self.weight * (self.pairs - u)[::-1], probability=null.probability[::-1]
            )
        return Distribution(support=self.weight * u, probability=null.probability)


def rank_sum(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    sums: SubsetSums = subset_sums,
) -> RankTest:
    """Return the Wilcoxon-Mann-Whitney test of two arms.

    Exact up to 200 participants, conditional on the midranks, as R's
    `coin::wilcox_test(distribution = "exact")`; beyond, normal with corrections for ties and
    continuity, as R's `wilcox.test`. The shift is the median of the differences; its limits are
    differences too, at the quantiles of the same distribution. Where so few participants do not
    reach the level, limits are infinite; an empty arm, or values that are all the same, are
    `NotEstimable`. `sums` lists the permutation distribution, for whoever has a faster way.

    >>> found = rank_sum([1.0, 2.0, 2.0, 3.0], [2.0, 4.0, 5.0, 5.0])
    >>> found.statistic, round(found.p_value, 4), found.shift.estimate
    (2.0, 0.1143, -2.0)
    """
    one = _stratum(first, second, weight=1.0, sums=sums)
    return _test([one], level=level, correction=0.5)


def van_elteren(strata: Sequence[tuple[ArrayLike, ArrayLike]], *, level: float = 0.95) -> RankTest:
    """Return van Elteren's test: rank sums within strata, weighed by 1 / (N + 1).

    The weights are those that are best against one shift in all strata (van Elteren 1960, Bull Inst
    Int Stat 37:351). Exact where strata have up to 200 participants and their joint distribution is
    small enough to be listed; else normal with a correction for ties, none for continuity, as SAS's
    `PROC FREQ CMH2 SCORES=MODRIDIT`. The shift is the weighted median of differences within strata.
    Refuses as `rank_sum`.

    >>> found = van_elteren([([1.0, 2.0], [3.0, 4.0]), ([5.0, 6.0, 6.0], [6.0, 8.0])])
    >>> round(found.statistic, 4), round(found.p_value, 4)
    (0.1667, 0.1)
    """
    parts = []
    for first, second in strata:
        total = len(array(first)) + len(array(second))
        parts.append(_stratum(first, second, weight=1.0 / (total + 1)))
    return _test(parts, level=level, correction=0.0)


def _stratum(
    first: ArrayLike, second: ArrayLike, *, weight: float, sums: SubsetSums = subset_sums
) -> _Stratum:
    one, two = array(first), array(second)
    if not len(one) or not len(two):
        raise NotEstimable("a rank test needs participants in both arms")
    scores = doubled_midranks(np.concatenate([one, two]))
    return _Stratum(first=one, second=two, scores=scores, weight=weight, sums=sums)


def _test(parts: list[_Stratum], *, level: float, correction: float) -> RankTest:
    require_level(level)
    tail = (1.0 - level) / 2.0
    statistic = sum(one.weight * one.u for one in parts)
    most = sum(one.weight * one.pairs for one in parts)
    spread = sqrt(sum(one.weight**2 * one.variance for one in parts))
    if not parts or spread == 0.0:
        raise NotEstimable("every value is the same: there is nothing to rank")
    null = _joint(parts)
    if null is not None:
        p = null.two_sided_p(statistic)
        lower, upper = null.lower_critical(tail), null.upper_critical(tail)
    else:
        away = max(0.0, abs(statistic - most / 2.0) - correction)
        p = float(z_p(statistic=away / spread))
        reach = correction + spread * float(t_quantile(level=level, df=np.inf))
        lower, upper = most / 2.0 - reach, most / 2.0 + reach
    pairs = [pair_differences(one.first, one.second) for one in parts]
    weights = [one.weight * counts for one, (_, counts) in zip(parts, pairs, strict=True)]
    return RankTest(
        statistic=statistic,
        p_value=p,
        exact=null is not None,
        probability=statistic / most,
        shift=shift_of(
            np.concatenate([differences for differences, _ in pairs]),
            np.concatenate(weights),
            lower=lower,
            upper=upper,
        ),
    )


def _joint(parts: list[_Stratum]) -> Distribution | None:
    """Return the distribution of the weighted sum; None where it is too large to list."""
    if any(len(one.scores) > EXACT_UP_TO for one in parts):
        return None
    total: Distribution | None = None
    for one in parts:
        own = one.distribution()
        if total is None:
            total = own
        elif len(total.support) * len(own.support) > LARGEST_STEP:
            return None
        else:
            total = sum_of([total, own])
    return total


# The probability that a participant of one arm is higher than one of the other.


def superiority_interval(
    *, probability: float, n1: int, n2: int, level: float = 0.95
) -> tuple[float, float]:
    """Return Newcombe's interval of P(1 higher) + P(equal) / 2.

    Method 5 of Newcombe (Stat Med 2006;25:559): the values whose distance from the estimate is at
    most z SE, with the variance of Hanley and McNeil at that value,
    theta (1 - theta) (1 + c ((1 - theta)/(2 - theta) + theta/(1 + theta))) / (n1 n2),
    c = (n1 + n2)/2 - 1. It stays within 0 to 1 and has a width also where the arms do not overlap.
    The estimate is U / (n1 n2).

    >>> low, high = superiority_interval(probability=0.5, n1=20, n2=20)
    >>> round(low, 4), round(high, 4)
    (0.3315, 0.6685)
    """
    require_level(level)
    if not 0.0 <= probability <= 1.0 or n1 < 1 or n2 < 1:
        raise NotEstimable("expected a probability and two arms with participants")
    square = float(t_quantile(level=level, df=float("inf"))) ** 2
    centre = (n1 + n2) / 2.0 - 1.0

    def excess(theta: float) -> float:
        spread = 1.0 + centre * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta))
        variance = theta * (1.0 - theta) * spread / (n1 * n2)
        return (theta - probability) ** 2 - square * variance

    # At 0 and 1 the variance is 0 too, which is no limit: stay clear of it.
    inside = min(max(probability, INSIDE), 1.0 - INSIDE)
    low = 0.0 if probability <= 0.0 else float(brentq(excess, 0.0, inside, xtol=END))
    high = 1.0 if probability >= 1.0 else float(brentq(excess, inside, 1.0, xtol=END))
    return low, high
