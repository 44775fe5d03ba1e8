"""Shuffles a sample of whole numbers so that its sum and sum of squares stay what they are.

Four people (all, where there are fewer) are taken at random and given four scores that are equally
likely among all that have the same sum, the same sum of squares, and lie on the scale. That is a
Gibbs sampler: the law in which every ordered sample with these sums is equally likely is
unchanged by each exchange, and after many it is what a draw has nearly.
"""

from __future__ import annotations

from math import floor, sqrt

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
EXCHANGES_PER_PERSON = 15
LEAST_EXCHANGES = 100
AT_ONCE = 4


def exchanged(sample: Integers, *, lower: int, upper: int, rng: np.random.Generator) -> Integers:
    """Return another sample with the same sum and sum of squares, in random order.

    Parameters
    ----------
    sample : array of int, shape (n,)
        On [lower, upper]; at least 3.
    lower, upper : int
        Ends of the scale.
    rng : Generator
        Source of the draws.

    Returns
    -------
    array of int, shape (n,)

    Examples
    --------
    >>> drawn = exchanged(np.array([1, 2, 3, 4, 9]), lower=0, upper=10,
    ...                   rng=np.random.default_rng(1))
    >>> int(drawn.sum()), int((drawn**2).sum())
    (19, 111)
    """
    drawn = rng.permutation(sample)
    size = min(AT_ONCE, len(drawn))
    for _ in range(max(LEAST_EXCHANGES, EXCHANGES_PER_PERSON * len(drawn))):
        people = rng.choice(len(drawn), size=size, replace=False)
        total, squares = int(drawn[people].sum()), int((drawn[people] ** 2).sum())
        found = solutions(size, total=total, squares=squares, lower=lower, upper=upper)
        drawn[people] = found[rng.integers(len(found))]
    return rng.permutation(drawn)


def solutions(size: int, *, total: int, squares: int, lower: int, upper: int) -> Integers:
    """Return all ordered triples or quadruples on [lower, upper] with a sum and sum of squares.

    All but two are tried; two numbers follow from their sum and sum of squares.

    Parameters
    ----------
    size : int
        3 or 4.
    total, squares : int
        Sum and sum of squares.
    lower, upper : int
        Ends of the scale.

    Returns
    -------
    array of int, shape (found, size)

    Examples
    --------
    >>> solutions(3, total=3, squares=5, lower=0, upper=2).tolist()
    [[0, 1, 2], [1, 0, 2], [2, 0, 1], [0, 2, 1], [1, 2, 0], [2, 1, 0]]
    """
    # No value lies further from the mean than sqrt((k - 1) / k * sum of squared deviations).
    spread = squares - total * total / size
    reach = sqrt(max(0.0, spread) * (size - 1) / size) + 1e-6
    first, last = max(lower, -floor(reach - total / size)), min(upper, floor(total / size + reach))
    tried = np.arange(first, last + 1, dtype=np.int64)
    grids = np.meshgrid(*[tried] * (size - 2), indexing="ij")
    given = np.stack([grid.ravel() for grid in grids], axis=1)
    left = total - given.sum(axis=1)
    square = 2 * (squares - (given**2).sum(axis=1)) - left**2
    gap = np.rint(np.sqrt(np.maximum(square, 0))).astype(np.int64)
    low, high = (left - gap) // 2, (left + gap) // 2
    fits = (gap * gap == square) & ((left + gap) % 2 == 0) & (low >= lower) & (high <= upper)
    kept = np.column_stack([given, low, high])[fits]
    apart = kept[:, -1] > kept[:, -2]
    other = kept[apart].copy()
    other[:, [-2, -1]] = other[:, [-1, -2]]
    return np.concatenate([kept, other])
