"""The distribution of the largest statistic under relabelling, and p-values from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.seeds import replicate_generator
from backwalk_stats.errors import UsageError

SAME = 1e-9  # two relabellings that give the same statistic differ by rounding only
BLOCK = 1000  # relabellings at a time: bounds the memory
FEWEST = 99


@dataclass(frozen=True, kw_only=True, slots=True)
class MaxNull:
    """The largest statistic of each relabelling.

    Attributes
    ----------
    heights : array, shape (m,)
        Of every relabelling, the observed one included, where `exact`; else of random ones.
    exact : bool
        Whether every relabelling was listed.
    """

    heights: FloatArray
    exact: bool

    def p_value(self, height: FloatArray | float) -> FloatArray:
        """Return the adjusted p of a height: the exact share, or (b + 1) / (m + 1)."""
        ordered = np.sort(self.heights)
        height = np.abs(np.asarray(height, dtype=float))
        above = len(ordered) - np.searchsorted(ordered, height * (1.0 - SAME), side="left")
        if self.exact:
            return np.asarray(above / len(ordered))
        return np.asarray((above + 1.0) / (len(ordered) + 1.0))

    def critical_height(self, alpha: float, observed: float) -> float:
        """Return the lowest height whose adjusted p is at most alpha; infinite where none is.

        Parameters
        ----------
        alpha : float
        observed : float
            The largest observed statistic; it counts as one relabelling where these are random.
        """
        pool = self.heights if self.exact else np.append(self.heights, observed)
        allowed = int(np.floor(alpha * len(pool) * (1.0 + 1e-12)))
        if allowed < 1:
            return float("inf")
        return float(np.sort(pool)[-allowed])


def relabelled(
    heights: Callable[[FloatArray], FloatArray],
    possible: int,
    listed: Iterator[FloatArray],
    draw: Callable[[np.random.Generator], FloatArray],
    *,
    permutations: int,
    seed: int,
) -> MaxNull:
    """Return the null from all relabellings where they are few, else from random ones.

    Parameters
    ----------
    heights : callable
        From relabellings, one a row, to the largest statistic of each.
    possible : int
        How many relabellings there are.
    listed : iterator of array
        All of them.
    draw : callable
        One of them at random.
    permutations : int
        Most that are used.
    seed : int
        Root of the streams of random numbers, one a relabelling.

    Raises
    ------
    UsageError
        If there are too few for a p-value.
    """
    if permutations < FEWEST:
        raise UsageError(
            f"{permutations} permutations; at least {FEWEST} give a p-value of any use"
        )
    exact = possible <= permutations
    drawn = (draw(replicate_generator(seed=seed, index=k)) for k in range(permutations))
    rows = listed if exact else drawn
    found = []
    while block := list(islice(rows, BLOCK)):
        found.append(heights(np.array(block)))
    return MaxNull(heights=np.concatenate(found), exact=exact)
