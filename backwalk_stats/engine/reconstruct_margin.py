"""Draws whole numbers on a scale with a given sum and sum of squares, each sample equally likely.

The count of ordered samples of k people with sum s and squares q follows from that of k - 1 by
adding one person; a table of these counts is walked backward, one person at a time. Each value may
be weighted by exp(a v + b v^2): that multiplies all samples with the same sums by the same number,
so it changes no draw, and it keeps the counts within a double's range. So the draw is what any
discrete normal law gives once its two sums are known.

Where the table would be too large there is none; `reconstruct_exchange` draws without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.integer_moments import Moments
from backwalk_stats.errors import NotEstimable

CELLS = 2_000_000
# Largest b of the weights: how far a U-shaped sample may be tilted to the ends.
STEEPEST = 60.0

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MarginTable:
    """What draws of one margin share; see `margin_table`.

    Attributes
    ----------
    n, centre : int
        People, and the score that values are counted from.
    values : array of int, shape (v,)
        Possible scores minus `centre`.
    weights : array, shape (v,)
        Of the values; they add up to 1.
    counts : array, shape (n + 1, q + 1, 2 s + 1)
        Weighted number of samples of 0 to n people, by squares and by sum (counted from -s); each
        layer divided by its largest entry.
    """

    n: int
    centre: int
    values: Integers
    weights: FloatArray
    counts: FloatArray

    def entry(self, people: int, squares: Integers, sums: Integers) -> FloatArray:
        """Return the counts for people with these squares and sums, 0 outside the table."""
        _, rows, columns = self.counts.shape
        shifted = sums + columns // 2
        inside = (squares >= 0) & (squares < rows) & (shifted >= 0) & (shifted < columns)
        found = self.counts[people, np.where(inside, squares, 0), np.where(inside, shifted, 0)]
        return np.where(inside, found, 0.0)


def margin_table(
    *, n: int, total: int, squares: int, most_squares: int, lower: int, upper: int
) -> MarginTable | None:
    """Return the table for samples of n whole numbers on [lower, upper].

    Parameters
    ----------
    n, total, squares : int
        People, a typical sum and sum of squares: the weights follow them.
    most_squares : int
        Largest sum of squared distances from the score next below the mean that will be asked for.
    lower, upper : int
        Ends of the scale.

    Returns
    -------
    MarginTable or None
        None where it would hold more than 2 million numbers.

    Examples
    --------
    >>> table = margin_table(n=4, total=10, squares=30, most_squares=6, lower=0, upper=5)
    >>> table.centre, table.counts.shape
    (2, (5, 7, 9))
    """
    half = isqrt(n * most_squares)
    if (n + 1) * (most_squares + 1) * (2 * half + 1) > CELLS:
        return None
    centre = total // n
    reach = isqrt(most_squares)
    values = np.arange(max(lower - centre, -reach), min(upper - centre, reach) + 1, dtype=np.int64)
    mean = total / n - centre
    spread = max(0.0, (squares - 2 * centre * total + n * centre**2) / n - mean**2)
    weights = _weights(values, mean=mean, spread=spread)
    rows = most_squares
    counts = np.zeros((n + 1, rows + 1, 2 * half + 1))
    counts[0, 0, half] = 1.0
    for k in range(1, n + 1):
        for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
            square, to = value * value, slice(max(0, value), 2 * half + 1 + min(0, value))
            come = slice(max(0, -value), 2 * half + 1 + min(0, -value))
            if square <= rows and abs(value) <= 2 * half:
                counts[k, square:, to] += weight * counts[k - 1, : rows + 1 - square, come]
        counts[k] /= counts[k].max()
    return MarginTable(n=n, centre=centre, values=values, weights=weights, counts=counts)


def draw_margin(table: MarginTable, wanted: Moments, rng: np.random.Generator) -> Integers:
    """Return one sample with the wanted sum and sum of squares, in random order.

    Parameters
    ----------
    table : MarginTable
        Of the margin.
    wanted : Moments
        n, sum and sum of squares of the scores themselves; a sample must exist.
    rng : Generator
        Source of the draw.

    Returns
    -------
    array of int, shape (n,)

    Raises
    ------
    NotEstimable
        If no sample with these sums exists, or they are out of the table's reach.

    Examples
    --------
    >>> table = margin_table(n=4, total=10, squares=30, most_squares=6, lower=0, upper=5)
    >>> sorted(draw_margin(table, Moments(4, 10, 30), np.random.default_rng(1)).tolist())
    [1, 2, 3, 4]
    """
    total = wanted.total - table.n * table.centre
    squares = wanted.squares - 2 * table.centre * wanted.total + table.n * table.centre**2
    drawn: list[int] = []
    for k in range(table.n, 0, -1):
        odds = table.weights * table.entry(k - 1, squares - table.values**2, total - table.values)
        if not odds.sum() > 0.0:
            raise NotEstimable("no sample with these sums is within the table's reach")
        value = int(rng.choice(table.values, p=odds / odds.sum()))
        drawn.append(value)
        total, squares = total - value, squares - value**2
    return rng.permutation(np.asarray(drawn, dtype=np.int64)) + table.centre


def _weights(values: Integers, *, mean: float, spread: float) -> FloatArray:
    """Return exp(a v + b v^2) with this mean and variance, as nearly as the ends allow."""
    unit = float(np.abs(values).max()) or 1.0
    scaled = values / unit
    powers = np.column_stack([scaled, scaled**2])
    wanted = np.array([mean / unit, (spread + mean**2) / unit**2])

    def dual(slopes: FloatArray) -> tuple[float, FloatArray]:
        exponents = powers @ slopes
        top = exponents.max()
        weight = np.exp(exponents - top)
        share = weight / weight.sum()
        return float(top + np.log(weight.sum()) - slopes @ wanted), share @ powers - wanted

    # The normal law on an endless scale is a good start; the bound keeps a U shape finite.
    variance = max(spread, 0.05) / unit**2
    start = np.array([mean / unit / variance, -0.5 / variance])
    found = optimize.minimize(
        dual, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (None, STEEPEST)]
    )
    exponents = powers @ found.x
    weight = np.exp(exponents - exponents.max())
    return np.asarray(weight / weight.sum())
