"""Two arms that a source merged into one: the merging formula, and its solution backwards.

A review that merges two arms by the formula of the Cochrane Handbook (version 6, table
6.5.a) prints the merged SD with more digits than the arms had. When the arms' means and SDs
were printed to few decimals, only few pairs of arms give that SD:

    n M = n1 m1 + n2 m2
    (n - 1) S^2 = (n1 - 1) s1^2 + (n2 - 1) s2^2 + n1 n2 / n (m1 - m2)^2

The search is over the grid of printable means and SDs, in whole numbers, so that none is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt, sqrt

from backwalk_stats.engine.printed.grid import read_printed
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

MOST_DECIMALS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedArm(Shown):
    """Size, mean and sample SD of two arms put together."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedSolution(Shown):
    """Two arms that give the printed merged mean and SD.

    Attributes
    ----------
    sizes : tuple of int
        How many people each arm has.
    means : tuple of str
        As each arm's mean would have been printed. When the arms differ in size, in the order of
        `sizes`; when not, the lower one first, since nothing tells which arm it is.
    sds : tuple of str
        As `means`. When the arms are of one size, which SD goes with which mean is not known.
    sds_belong : bool
        Whether each SD is known to go with the mean in the same place.
    sd_ratio : float
        The larger SD divided by the smaller; infinite when one is 0.
    """

    sizes: tuple[int, int]
    means: tuple[str, str]
    sds: tuple[str, str]
    sds_belong: bool
    sd_ratio: float


def merge(*, n1: int, mean1: float, sd1: float, n2: int, mean2: float, sd2: float) -> MergedArm:
    """Return two arms put together as if they had been one.

    Parameters
    ----------
    n1, mean1, sd1, n2, mean2, sd2 : int, float
        Size, mean and sample SD of each arm.

    Returns
    -------
    MergedArm
        Exactly what the people of both arms have as mean and sample SD.

    Raises
    ------
    NotEstimable
        If the arms have fewer than 3 people in all, or an SD is below 0.

    Examples
    --------
    >>> both = merge(n1=23, mean1=3.9, sd1=1.1, n2=23, mean2=4.6, sd2=1.3)
    >>> round(both.mean, 2), round(both.sd, 6)
    (4.25, 1.242176)
    """
    if min(n1, n2) < 1 or min(sd1, sd2) < 0 or n1 + n2 < 3:
        raise NotEstimable(f"expected two arms and SDs of at least 0, found n {n1} and {n2}")
    n = n1 + n2
    within = (n1 - 1) * sd1**2 + (n2 - 1) * sd2**2
    between = n1 * n2 / n * (mean1 - mean2) ** 2
    mean = (n1 * mean1 + n2 * mean2) / n
    return MergedArm(n=n, mean=mean, sd=sqrt((within + between) / (n - 1)))


def unmerge(
    *,
    n1: int,
    n2: int,
    mean_text: str,
    sd_text: str,
    decimals: int,
    max_sd_ratio: float = 3.0,
) -> tuple[MergedSolution, ...]:
    """Return the plausible pairs of arms that give a printed merged mean and SD.

    The arms' own means and SDs were printed with 0 to 3 decimals. Solutions in which one SD is more
    than `max_sd_ratio` times the other are left out (infinite leaves none out); the rest are in
    ascending order of the first mean.

    >>> found = unmerge(n1=23, n2=23, mean_text="4.25", sd_text="1.242176", decimals=1)
    >>> [(one.means, one.sds) for one in found]
    [(('3.9', '4.6'), ('1.1', '1.3'))]
    """
    if min(n1, n2) < 2 or not 0 <= decimals <= MOST_DECIMALS:
        raise UsageError(
            f"expected arms of at least 2 people and 0 to {MOST_DECIMALS} decimals, "
            f"found {n1}, {n2} and {decimals}"
        )
    n, scale = n1 + n2, 10**decimals
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    # All in whole units of the last printed decimal; squares in squares of it.
    low = (n - 1) * (max(Fraction(0), sd.low) * scale) ** 2
    high = (n - 1) * (sd.high * scale) ** 2
    found = []
    for first, second in _mean_pairs(n1, n2, mean.low * scale, mean.high * scale, high):
        between = Fraction(n1 * n2, n) * (first - second) ** 2
        for one, two in _sd_pairs(n1, n2, low - between, high - between):
            found.append(_solution((n1, n2), (first, second), (one, two), decimals))
    return tuple(solution for solution in found if solution.sd_ratio <= max_sd_ratio)


def _mean_pairs(
    n1: int, n2: int, low: Fraction, high: Fraction, most_square: Fraction
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of means whose merged mean and distance are allowed."""
    n = n1 + n2
    widest = isqrt(floor(most_square * n / (n1 * n2)))
    for first in range(ceil(low) - widest, floor(high) + widest + 1):
        least, most = ((n * end - n1 * first) / n2 for end in (low, high))
        for second in range(ceil(least), floor(most) + 1):
            if abs(first - second) <= widest and (n1 != n2 or first <= second):
                yield first, second


def _sd_pairs(n1: int, n2: int, low: Fraction, high: Fraction) -> Iterator[tuple[int, int]]:
    """Yield the pairs of SDs whose sum of squares within the arms lies in [low, high]."""
    if high < 0:
        return
    for one in range(isqrt(floor(high / (n1 - 1))) + 1):
        left = [(end - (n1 - 1) * one * one) / (n2 - 1) for end in (low, high)]
        least = isqrt(ceil(left[0]) - 1) + 1 if left[0] > 0 else 0
        for two in range(least, isqrt(floor(left[1])) + 1):
            if n1 != n2 or one <= two:
                yield one, two


def _solution(
    sizes: tuple[int, int],
    means: tuple[int, int],
    sds: tuple[int, int],
    decimals: int,
) -> MergedSolution:
    """Return the record of a solution."""
    scale = 10**decimals
    return MergedSolution(
        sizes=sizes,
        means=(f"{means[0] / scale:.{decimals}f}", f"{means[1] / scale:.{decimals}f}"),
        sds=(f"{sds[0] / scale:.{decimals}f}", f"{sds[1] / scale:.{decimals}f}"),
        sds_belong=sizes[0] != sizes[1] or sds[0] == sds[1] or means[0] == means[1],
        sd_ratio=max(sds) / min(sds) if min(sds) else float("inf"),
    )
