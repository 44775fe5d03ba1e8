"""The largest statistic of a curve where nothing differs, by relabelling; what is searched.

A whole-curve test asks whether the largest statistic of a curve, or the heaviest run of it, is
larger than relabelled data give. `Search` says what counts as large; `MaxNull` holds what the
relabellings gave and turns it into p-values and thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

SAME = 1e-9  # two relabellings that give the same statistic differ by rounding only
ROUNDED = 64.0 * float(np.finfo(float).eps)  # of the squares of a curve
HIGHEST = 1.0 / ROUNDED**0.5  # what is beyond it is a rest of rounding alone
BLOCK = 1000  # relabellings at a time: bounds the memory
FEWEST = 99
Alternative = Literal["two-sided", "greater", "less"]
Summary = Callable[[FloatArray], FloatArray]  # statistics (b, nodes) to one number each


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Search(Shown):
    """What of a curve of statistics is searched, and what counts as large.

    Attributes
    ----------
    signed : bool
        True for t; False for F and T2, which are never negative and have no sides.
    alternative : str
        "two-sided", "greater" or "less".
    circular : bool
        Whether the last node repeats the first: a run over the end is one run.
    roi : array of bool, shape (nodes,), or None
        Nodes that are searched; None for all.
    """

    signed: bool = True
    alternative: Alternative = "two-sided"
    circular: bool = False
    roi: np.ndarray | None = None

    def signs(self) -> tuple[int, ...]:
        """Return the directions in which a statistic may be large."""
        if not self.signed or self.alternative == "greater":
            return (1,)
        return (-1,) if self.alternative == "less" else (1, -1)

    def where(self, nodes: int) -> np.ndarray:
        """Return which nodes are searched, shape (nodes,)."""
        return np.ones(nodes, dtype=bool) if self.roi is None else self.roi

    def size(self, values: FloatArray) -> FloatArray:
        """Return how large statistics are, shape as given."""
        if len(self.signs()) == 2:
            return np.abs(values)
        return values if self.signs()[0] > 0 else -values

    def size_along(self, values: FloatArray) -> FloatArray:
        """Return the size of a whole curve, shape (nodes,); minus infinity where none is searched.

        >>> Search(alternative="less", roi=np.array([True, False])).size_along(np.array([2.0, 3.0]))
        array([ -2., -inf])
        """
        return np.where(self.where(len(values)), self.size(values), -np.inf)

    def largest(self, values: FloatArray) -> FloatArray:
        """Return the largest size of each curve, from statistics at searched nodes (b, k)."""
        return np.asarray(self.size(values).max(axis=1))

    def heaviest(self, height: float) -> Summary:
        """Return what finds the mass of the heaviest run beyond a height in each curve.

        The mass is the sum of sizes over the nodes of a run (Maris and Oostenveld 2007, J Neurosci
        Methods 164:177-190); a node that repeats the first counts once. It takes statistics at
        searched nodes, shape (b, k).

        >>> Search().heaviest(2.0)(np.array([[2.0, 3.0, 0.0, -2.5]]))
        array([5.])
        """

        def mass(values: FloatArray) -> FloatArray:
            found = np.zeros(len(values))
            for sign in self.signs():
                beyond = np.where(sign * values >= height, sign * values, 0.0)
                np.maximum(found, _heaviest_run(self._spread(beyond), self.circular), out=found)
            return found

        return mass

    def _spread(self, values: FloatArray) -> FloatArray:
        """Return values at searched nodes in their places among all nodes, zero elsewhere."""
        if self.roi is None:
            return values
        whole = np.zeros((len(values), len(self.roi)))
        whole[:, self.roi] = values
        return whole


def _heaviest_run(beyond: FloatArray, circular: bool) -> FloatArray:
    """Return the largest sum over a run of positive values in each row of shape (b, nodes)."""
    once = beyond[:, :-1] if circular else beyond
    row = np.concatenate([once, once], axis=1) if circular else once
    total = np.cumsum(row, axis=1)
    before = np.maximum.accumulate(np.where(row > 0.0, 0.0, total), axis=1)
    return np.asarray(np.minimum((total - before).max(axis=1), once.sum(axis=1)))


def largest_size(values: FloatArray) -> FloatArray:
    """Return the largest absolute statistic of each curve, from shape (b, nodes)."""
    return np.asarray(np.abs(values).max(axis=1))


def ratio(effect: FloatArray, error: FloatArray) -> FloatArray:
    """Return effect / error; without any rest a ratio is infinite, without either refused."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(effect / error)
    if np.isnan(found).any():
        raise NotEstimable("a relabelling leaves no variation at a node")
    return found


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MaxNull(Shown):
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
        """Return the adjusted p of a height: the exact share, or (b + 1) / (m + 1).

        Heights that differ by less than 1e-9 of themselves are equal.
        """
        height = np.asarray(height, dtype=float)
        above = _reached_by(self.heights, height)
        if self.exact:  # the observed one is among them, whatever rounding does
            return np.asarray(np.maximum(above, 1) / len(self.heights))
        return np.asarray((above + 1.0) / (len(self.heights) + 1.0))

    def critical_height(self, alpha: float, observed: float) -> float:
        """Return the lowest height whose adjusted p is at most alpha; infinite where none is.

        Ties are counted: where the last height that would do is shared by more relabellings than
        alpha allows, the next higher one is the threshold.

        Parameters
        ----------
        alpha : float
        observed : float
            The largest observed statistic; it counts as one relabelling where these are random.

        Examples
        --------
        >>> MaxNull(heights=np.array([1.0, 2.0, 3.0, 3.0]), exact=True).critical_height(0.5, 3.0)
        3.0
        >>> MaxNull(heights=np.array([1.0, 2.0, 3.0, 3.0]), exact=True).critical_height(0.3, 3.0)
        inf
        """
        pool = np.sort(self.heights if self.exact else np.append(self.heights, observed))
        allowed = alpha * len(pool) * (1.0 + 1e-12)
        low_enough = np.flatnonzero(_reached_by(pool, pool) <= allowed)
        return float(pool[low_enough[0]]) if len(low_enough) else float("inf")


def _reached_by(heights: FloatArray, height: FloatArray) -> np.ndarray:
    """Return how many heights are at least as large, rounding aside.

    The rest of a relabelling is a difference of squares: where t is beyond 1,000 its last digits
    are rounding, and more than 1e-9 has to be given.
    """
    with np.errstate(invalid="ignore"):
        least = (height - SAME * np.abs(height)) / np.sqrt(1.0 + ROUNDED * height**2)
    least = np.where(np.isinf(height), np.sign(height) * HIGHEST, least)
    ordered = np.sort(heights)
    return np.asarray(len(ordered) - np.searchsorted(ordered, least, side="left"))


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

    `heights`: from relabellings, one a row, to the largest statistic of each. `possible`: how many
    relabellings there are. `listed`: all of them. `draw`: one of them at random. `permutations`:
    most that are used. `seed`: root of the streams of random numbers, one a relabelling. Raises
    UsageError if there are too few for a p-value.
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
