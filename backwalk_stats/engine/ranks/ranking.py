"""Midranks: ranks in which tied values share the mean of their places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import FloatArray, array

SAME = 1e-12
SLACK = 1e-9


def snapped(values: ArrayLike, *, scale: float) -> FloatArray:
    """Return values in which those that rounding alone keeps apart are equal.

    5.1 - 4.8 and 0.3 differ in the last digit and are one change; a rank test has to see the tie.
    Sorted values no further apart than 1e-12 of the scale, the largest absolute score behind them,
    become the lowest of them.

    >>> changes = np.array([5.1 - 4.8, 0.3])
    >>> bool(changes[0] == changes[1]), len(set(snapped(changes, scale=5.1)))
    (False, 1)
    """
    given = array(values)
    order = np.argsort(given, kind="stable")
    ordered = given[order]
    starts = np.diff(ordered, prepend=-np.inf) > SAME * scale
    out = np.empty_like(given)
    out[order] = ordered[starts][np.cumsum(starts) - 1] if len(ordered) else ordered
    out[np.abs(out) <= SAME * scale] = 0.0
    return out


def doubled_midranks(values: ArrayLike) -> np.ndarray:
    """Return twice the midranks: whole numbers, whatever the ties.

    >>> doubled_midranks([7.0, 5.0, 7.0]).tolist()
    [5, 2, 5]
    """
    given = array(values)
    ordered = np.sort(given)
    below = np.searchsorted(ordered, given, side="left")
    upto = np.searchsorted(ordered, given, side="right")
    return np.asarray(below + upto + 1)


# Hodges-Lehmann estimates: the shift at which a rank statistic is at its middle.


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """A shift with its interval, in the unit of the outcome; a limit may be infinite."""

    estimate: float
    low: float
    high: float


def shift_of(differences: FloatArray, weights: FloatArray, *, lower: float, upper: float) -> Shift:
    """Return the shift that a statistic T(s) = sum of the weights of differences above s estimates.

    The estimate is the (weighted) median of the differences; the interval holds every shift at
    which T is above `lower` and below `upper`, the values at which the test rejects (Hodges and
    Lehmann 1963; Bauer, J Am Stat Assoc 1972;67:687). The differences are those between arms, or
    Walsh averages, shape (M,); `lower` or `upper` is infinite where that part of the rejection
    region is empty.

    >>> found = shift_of(np.array([1.0, 2.0, 4.0, 7.0]), np.ones(4), lower=0.0, upper=4.0)
    >>> found.estimate, found.low, found.high
    (3.0, 1.0, 7.0)
    """
    order = np.argsort(differences, kind="stable")
    ordered, upto = differences[order], np.cumsum(weights[order])
    total = float(upto[-1])
    slack = SLACK * total
    before = np.concatenate([[0.0], upto[:-1]])
    middle = ordered[
        [int((upto < total / 2 - slack).sum()), int((upto <= total / 2 + slack).sum())]
    ]
    high = ordered[before < total - lower - slack][-1:]
    low = ordered[upto > total - upper + slack][:1]
    return Shift(
        estimate=float(middle.mean()),
        low=-np.inf if upper > total + slack or not len(low) else float(low[0]),
        high=np.inf if lower < -slack or not len(high) else float(high[0]),
    )


def walsh_averages(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the distinct means of all pairs, each value also paired with itself, and their counts.

    Values that are tied are paired once, so that scores on a scale cost no more for many people.
    Counts add up to n (n + 1) / 2; a mean may stand in more than one place.

    >>> averages, counts = walsh_averages(np.array([0.0, 4.0, 4.0]))
    >>> averages.tolist(), counts.tolist()
    ([0.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    """
    distinct, times = np.unique(values, return_counts=True)
    first, second = np.triu_indices(len(distinct))
    counts = times[first] * (times[second] + (first == second)) / (1.0 + (first == second))
    # A sum with 0.0 has no negative zero.
    return np.asarray((distinct[first] + distinct[second]) / 2.0 + 0.0), np.asarray(counts)


def pair_differences(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the differences of all pairs, one of each sample, and how often each pair stands.

    >>> differences, counts = pair_differences(np.array([3.0, 3.0, 5.0]), np.array([1.0]))
    >>> differences.tolist(), counts.tolist()
    ([2.0, 4.0], [2.0, 1.0])
    """
    one, here = np.unique(first, return_counts=True)
    two, there = np.unique(second, return_counts=True)
    counts = np.multiply.outer(here, there).ravel().astype(float)
    return np.asarray(np.subtract.outer(one, two).ravel()), counts
