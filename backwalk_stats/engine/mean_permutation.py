"""Permutation distribution of a difference of means: all deals of the arms, or random ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.seeds import replicate_generator
from backwalk_stats.errors import NotEstimable

EXACT_UP_TO = 20_000
SAME = 1e-9


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
    Mol Biol 2010;9:39).

    Parameters
    ----------
    values : array, shape (n,)
    first : array of bool, shape (n,)
        Who is in the first arm.
    strata : array of int, shape (n,)
        Codes.
    deals, seed : int
        How many random deals, where they are needed; deal i is drawn from (seed, i).

    Raises
    ------
    NotEstimable
        If every value is the same, or an arm has fewer than two.

    Examples
    --------
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

    Parameters
    ----------
    centred : array, shape (n,)
        Values about their mean.
    masks : array of bool, shape (b, n)
        Who is in the first arm, for each deal.
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
