"""Exact distributions of sums of whole-number scores, by dynamic programming.

The scores are those of the data, ties and all, so the distributions are conditional on them: the
permutation distributions of rank tests (Streitberg and Roehmel, Stat Softw Newsl 1986;12:10).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray

SAME = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """A discrete distribution: support in ascending order, and the probability of each value."""

    support: FloatArray
    probability: FloatArray

    @property
    def mean(self) -> float:
        """Return the expectation."""
        return float(self.support @ self.probability)

    def two_sided_p(self, statistic: float) -> float:
        """Return the probability of being at least as far from the mean as the statistic."""
        distance = np.abs(self.support - self.mean)
        far = distance >= abs(statistic - self.mean) - self._tolerance
        return min(1.0, float(self.probability[far].sum()))

    def lower_critical(self, tail: float) -> float:
        """Return the largest value that this or less has probability `tail` at most; else -inf."""
        within = np.cumsum(self.probability) <= tail * (1.0 + SAME)
        return float(self.support[within][-1]) if within.any() else -np.inf

    def upper_critical(self, tail: float) -> float:
        """Return the smallest value that this or more has probability `tail` at most; else inf."""
        within = np.cumsum(self.probability[::-1])[::-1] <= tail * (1.0 + SAME)
        return float(self.support[within][0]) if within.any() else np.inf

    @property
    def _tolerance(self) -> float:
        return SAME * max(1.0, float(np.ptp(self.support)))


def subset_sums(scores: np.ndarray, size: int) -> Distribution:
    """Return the distribution of the sum of a random subset of the scores, whole and 0 or more.

    Every subset of that size is equally likely: a group dealt out at random.

    >>> found = subset_sums(np.array([2, 4, 7, 7]), size=2)
    >>> found.support.tolist(), found.probability.round(4).tolist()
    ([6.0, 9.0, 11.0, 14.0], [0.1667, 0.3333, 0.3333, 0.1667])
    """
    lowest = int(scores.min())
    moved = np.sort(scores - lowest)
    unit = max(1, int(np.gcd.reduce(moved)))
    moved //= unit
    width = int(moved[len(moved) - size :].sum()) + 1
    # Row k: the chance that k of the scores seen so far are in, by their sum. Chances instead of
    # counts, which overflow. Only rows and sums that can still matter are touched.
    chance = np.zeros((size + 1, width))
    chance[0, 0] = 1.0
    upto = np.concatenate([[0], np.cumsum(moved)])
    for seen, score in enumerate(moved):
        left = len(moved) - seen
        first, last = max(0, size - left), min(seen, size - 1)
        held = chance[first : last + 1, : int(upto[seen] - upto[max(0, seen - size)]) + 1]
        taken = held * ((size - np.arange(first, last + 1)) / left)[:, None]
        held -= taken
        room = taken[:, : width - score]
        chance[first + 1 : last + 2, score : score + room.shape[1]] += room
    return distribution_of(chance[size], start=lowest * size, unit=unit)


def signed_sums(scores: np.ndarray) -> Distribution:
    """Return the distribution of the sum of the scores that are in, each with chance 1/2.

    >>> found = signed_sums(np.array([1, 2]))
    >>> found.support.tolist(), found.probability.tolist()
    ([0.0, 1.0, 2.0, 3.0], [0.25, 0.25, 0.25, 0.25])
    """
    unit = max(1, int(np.gcd.reduce(scores)))
    small = scores // unit
    chance = np.zeros(int(small.sum()) + 1)
    chance[0] = 1.0
    for score in small:
        moved = chance[: len(chance) - score] * 0.5
        chance *= 0.5
        chance[score:] += moved
    return distribution_of(chance, start=0, unit=unit)


def sum_of(parts: list[Distribution]) -> Distribution:
    """Return the distribution of the sum of independent variables.

    >>> coin = signed_sums(np.array([1]))
    >>> sum_of([coin, coin]).probability.tolist()
    [0.25, 0.5, 0.25]
    """
    total = parts[0]
    for part in parts[1:]:
        support = np.add.outer(total.support, part.support).ravel()
        chance = np.multiply.outer(total.probability, part.probability).ravel()
        order = np.argsort(support, kind="stable")
        support, chance = support[order], chance[order]
        starts = np.diff(support, prepend=-np.inf) > SAME * max(1.0, abs(support).max())
        first = np.flatnonzero(starts)
        total = Distribution(support=support[first], probability=np.add.reduceat(chance, first))
    return total


def distribution_of(chance: FloatArray, *, start: int, unit: int) -> Distribution:
    """Return the values that can occur."""
    at = np.flatnonzero(chance > 0.0)
    return Distribution(support=(start + unit * at).astype(float), probability=chance[at])
