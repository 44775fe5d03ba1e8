"""Wilcoxon's signed-rank test of changes, exact with ties, and the pseudo-median."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import FloatArray, array, require_level, t_quantile, z_p
from backwalk_stats.engine.ranks.permutation_distribution import signed_sums
from backwalk_stats.engine.ranks.ranking import Shift, doubled_midranks, shift_of, walsh_averages
from backwalk_stats.errors import NotEstimable

EXACT_UP_TO = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedRank:
    """A signed-rank test.

    Attributes
    ----------
    statistic : float
        Sum of the ranks of the changes above zero (R's V).
    p_value : float
        Two-sided.
    n, zeros : int
        Changes that were ranked and signed, and changes of exactly zero.
    exact : bool
        Whether p is from the permutation distribution; else from a normal one.
    """

    statistic: float
    p_value: float
    n: int
    zeros: int
    exact: bool


def signed_rank(changes: ArrayLike) -> SignedRank:
    """Return Wilcoxon's signed-rank test; changes of zero are left out first.

    Leaving them out is Wilcoxon's own rule (1945, Biometrics Bull 1:80) and that of R's
    `wilcox.test` and SAS. p is exact, conditional on the midranks of the absolute changes, up to
    500 changes; beyond, normal with corrections for ties and continuity. Changes that are all zero
    are `NotEstimable`.

    >>> found = signed_rank([1.0, -2.0, 3.0, 3.0, 5.0, 0.0])
    >>> found.statistic, found.p_value, found.n
    (13.0, 0.1875, 5)
    """
    given = array(changes)
    kept = given[given != 0.0]
    return _test(kept, doubled_midranks(np.abs(kept)), zeros=len(given) - len(kept))


def signed_rank_pratt(changes: ArrayLike) -> SignedRank:
    """Return the signed-rank test with Pratt's zeros: they are ranked, then left out.

    A change of one point counts for more where many did not change at all (Pratt 1959, J Am Stat
    Assoc 54:655); R's `coin::wilcoxsign_test` does this by default.

    >>> found = signed_rank_pratt([1.0, -2.0, 3.0, 3.0, 5.0, 0.0])
    >>> found.statistic, found.p_value
    (17.0, 0.1875)
    """
    given = array(changes)
    moved = given != 0.0
    scores = doubled_midranks(np.abs(given))[moved]
    return _test(given[moved], scores, zeros=len(given) - int(moved.sum()))


def pseudo_median(changes: ArrayLike, *, level: float = 0.95) -> Shift:
    """Return the median of the Walsh averages of all changes, zeros included, with its interval.

    The limits are Walsh averages, by the exact distribution of the signed-rank statistic without
    ties up to 500 changes. With ties the closed interval covers at least as often (Noether 1967, J
    Am Stat Assoc 62:184). Where so few changes do not reach the level, the limits are infinite.

    >>> found = pseudo_median([-3.0, -2.0, -2.5, -1.0, 0.5, -4.0])
    >>> found.estimate, found.low, found.high
    (-2.0, -4.0, 0.5)
    """
    require_level(level)
    given = array(changes)
    n = len(given)
    averages, counts = walsh_averages(given)
    if n <= EXACT_UP_TO:
        null = signed_sums(np.arange(1, n + 1))
        lower = null.lower_critical((1.0 - level) / 2.0)
    else:
        spread = sqrt(n * (n + 1) * (2 * n + 1) / 24.0)
        lower = n * (n + 1) / 4.0 - 0.5 - spread * float(t_quantile(level=level, df=np.inf))
    return shift_of(averages, counts, lower=lower, upper=n * (n + 1) / 2 - lower)


def _test(kept: FloatArray, scores: np.ndarray, *, zeros: int) -> SignedRank:
    if not len(kept):
        raise NotEstimable("every change is zero: there is nothing to rank")
    doubled = float(scores[kept > 0.0].sum())
    exact = len(kept) <= EXACT_UP_TO
    if exact:
        p = signed_sums(scores).two_sided_p(doubled)
    else:
        away = max(0.0, abs(doubled - scores.sum() / 2.0) / 2.0 - 0.5)
        p = float(z_p(statistic=away / sqrt(float((scores.astype(float) ** 2).sum()) / 16.0)))
    return SignedRank(statistic=doubled / 2.0, p_value=p, n=len(kept), zeros=zeros, exact=exact)
