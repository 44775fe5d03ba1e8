"""Whether scores on a grid can have the printed mean and SD: GRIM and GRIMMER, exactly.

GRIM (Brown & Heathers, Soc Psychol Personal Sci 2017;8:363-369) asks it of the mean, GRIMMER
(Anaya, PeerJ Preprints 2016;4:e2400v1) of mean and SD together. Here both are existence
questions, answered in whole-number arithmetic on the printed text: a sample that fits is
shown, and "impossible" means that everything that could fit was ruled out. SD is always the
sample SD, with n - 1; a source that prints the SD with n is not covered.

A failure says that mean, SD, n and scale cannot all be right as printed. It does not say which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt

from backwalk_stats.engine.integer_moments import sample_with_moments, squares_limits
from backwalk_stats.engine.printed_number import PrintedNumber, read_printed
from backwalk_stats.engine.score_grid import ScoreGrid
from backwalk_stats.errors import NotEstimable, UsageError

LARGEST_SAMPLE = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Grim:
    """Whether a mean of n scores can round to the printed one.

    Attributes
    ----------
    possible : bool
        Whether at least one possible mean rounds to the printed mean.
    low, high : Fraction
        The rounding interval of the printed mean, ends included.
    below, above : Fraction or None
        The possible means nearest to the printed number, at or below and at or above it;
        None where the scale ends before.
    n_possible : int
        How many possible means round to the printed mean. Many say that the check is weak.
    """

    possible: bool
    low: Fraction
    high: Fraction
    below: Fraction | None
    above: Fraction | None
    n_possible: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Grimmer:
    """Whether n scores can have a mean and a sample SD that round to the printed ones.

    Attributes
    ----------
    possible : bool
        Whether such a sample exists.
    mean_possible : bool
        Whether the mean alone is possible (GRIM).
    sample : tuple of Fraction or None
        One sample that fits, in ascending order: the proof, not the data of the study.
    """

    possible: bool
    mean_possible: bool
    sample: tuple[Fraction, ...] | None


def grim(*, mean_text: str, n: int, grid: ScoreGrid) -> Grim:
    """Return whether n scores on the grid can have the printed mean.

    Parameters
    ----------
    mean_text : str
        The mean as printed.
    n : int
        Number of people.
    grid : ScoreGrid
        The scores that one person can have.

    Examples
    --------
    >>> from backwalk_stats.engine.score_grid import score_grid
    >>> check = grim(mean_text="20.79", n=21, grid=score_grid())
    >>> check.possible, str(check.below), str(check.above)
    (False, '436/21', '437/21')
    >>> grim(mean_text="20.79", n=19, grid=score_grid()).possible
    True
    """
    if n < 1:
        raise UsageError(f"expected n of at least 1, found {n}")
    mean = read_printed(mean_text)
    fitting = grid.totals(n=n, low=mean.low, high=mean.high)
    exact = n * grid.steps(mean.value)
    below, above = floor(exact), ceil(exact)
    if grid.upper is not None:
        below = min(below, n * grid.upper)
    if grid.lower is not None:
        above = max(above, n * grid.lower)
    off_bottom = grid.lower is not None and below < n * grid.lower
    off_top = grid.upper is not None and above > n * grid.upper
    return Grim(
        possible=len(fitting) > 0,
        low=mean.low,
        high=mean.high,
        below=None if off_bottom else grid.score(Fraction(below, n)),
        above=None if off_top else grid.score(Fraction(above, n)),
        n_possible=len(fitting),
    )


def grimmer(*, mean_text: str, sd_text: str, n: int, grid: ScoreGrid) -> Grimmer:
    """Return whether n scores on the grid can have the printed mean and sample SD.

    Parameters
    ----------
    mean_text, sd_text : str
        Mean and SD (with n - 1) as printed.
    n : int
        Number of people, 2 to 100,000.
    grid : ScoreGrid
        The scores that one person can have; ends that are None do not bind.

    Returns
    -------
    Grimmer
        With one fitting sample where there is one.

    Raises
    ------
    NotEstimable
        When n is 1 (there is no SD) or above 100,000, or the spread is so wide that a few
        people's scores could lie more than 100,000 steps apart (not searched).

    Examples
    --------
    >>> from backwalk_stats.engine.score_grid import score_grid
    >>> check = grimmer(mean_text="5.9", sd_text="0.3", n=15, grid=score_grid(low=0, high=10))
    >>> check.possible, [int(score) for score in check.sample][:3]
    (True, [5, 6, 6])
    >>> grimmer(mean_text="3.44", sd_text="2.47", n=18, grid=score_grid()).possible
    False
    """
    if not 2 <= n <= LARGEST_SAMPLE:
        raise NotEstimable(f"an SD needs 2 to {LARGEST_SAMPLE:,} people, found n = {n}")
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    if sd.value < 0:
        raise UsageError(f"expected an SD of at least 0, found {sd_text}")
    totals = grid.totals(n=n, low=mean.low, high=mean.high)
    for total in totals:
        for squares in squares_that_round(n=n, total=total, sd=sd, grid=grid):
            found = sample_with_moments(
                n=n, total=total, squares=squares, lower=grid.lower, upper=grid.upper
            )
            if found is not None:
                sample = tuple(grid.score(Fraction(steps)) for steps in found)
                return Grimmer(possible=True, mean_possible=True, sample=sample)
    return Grimmer(possible=False, mean_possible=len(totals) > 0, sample=None)


def squares_that_round(*, n: int, total: int, sd: PrintedNumber, grid: ScoreGrid) -> Iterator[int]:
    """Yield the sums of squares, in steps, whose sample SD rounds to the printed one.

    Those of the right parity and within reach of the scale; a sample need not exist for each.
    """
    unit = (n - 1) / grid.step**2
    centre = Fraction(total * total, n)
    first = ceil(centre + unit * max(Fraction(0), sd.low) ** 2)
    last = floor(centre + unit * sd.high**2)
    least, most = squares_limits(n=n, total=total, lower=grid.lower, upper=grid.upper)
    first, last = max(first, least), last if most is None else min(last, most)
    if n > 2:
        yield from range(first + (first - total) % 2, last + 1, 2)
        return
    # Two values: the sum of squares follows from their difference, so count in differences.
    smallest = isqrt(max(0, 2 * first - total * total - 1)) + 1 if 2 * first > total * total else 0
    largest = isqrt(max(0, 2 * last - total * total)) if last >= first else -1
    for gap in range(smallest + (smallest - total) % 2, largest + 1, 2):
        yield (total * total + gap * gap) // 2
