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
from math import ceil, floor, isqrt, sqrt

from backwalk_stats.engine.printed.grid import PrintedNumber, ScoreGrid, read_printed
from backwalk_stats.engine.printed.integer_moments import (
    Moments,
    sample_with_moments,
    squares_limits,
)
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

    >>> check = grim(mean_text="20.79", n=21, grid=ScoreGrid())
    >>> check.possible, str(check.below), str(check.above)
    (False, '436/21', '437/21')
    >>> grim(mean_text="20.79", n=19, grid=ScoreGrid()).possible
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
    """Return whether n scores, 2 to 100,000, can have the printed mean and SD, with one sample.

    The SD has n - 1; ends of the grid that are None do not bind. A spread so wide that a few
    people's scores could lie more than 100,000 steps apart is `NotEstimable` (not searched).

    >>> check = grimmer(mean_text="5.9", sd_text="0.3", n=15, grid=ScoreGrid(lower=0, upper=10))
    >>> check.possible, [int(score) for score in check.sample][:3]
    (True, [5, 6, 6])
    >>> grimmer(mean_text="3.44", sd_text="2.47", n=18, grid=ScoreGrid()).possible
    False
    """
    if not 2 <= n <= LARGEST_SAMPLE:
        raise NotEstimable(f"an SD needs 2 to {LARGEST_SAMPLE:,} people, found n = {n}")
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    if sd.value < 0:
        raise UsageError(f"expected an SD of at least 0, found {sd_text}")
    totals = grid.totals(n=n, low=mean.low, high=mean.high)
    for total in totals:
        for squares in _squares_that_round(n=n, total=total, sd=sd, grid=grid):
            found = sample_with_moments(
                n=n, total=total, squares=squares, lower=grid.lower, upper=grid.upper
            )
            if found is not None:
                sample = tuple(grid.score(Fraction(steps)) for steps in found)
                return Grimmer(possible=True, mean_possible=True, sample=sample)
    return Grimmer(possible=False, mean_possible=len(totals) > 0, sample=None)


def _squares_that_round(*, n: int, total: int, sd: PrintedNumber, grid: ScoreGrid) -> Iterator[int]:
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


# Which sums of whole-number scores round to what was printed: of one column, and of two.


def moments_that_round(
    *, n: int, mean_text: str, sd_text: str, grid: ScoreGrid
) -> tuple[Moments, ...]:
    """Return sums and sums of squares, in steps of the grid, that round to mean and SD (n - 1).

    They are of the right parity and within reach; a sample need not exist for each.

    >>> grid = ScoreGrid(lower=0, upper=10)
    >>> moments_that_round(n=15, mean_text="5.93", sd_text="0.26", grid=grid)
    (Moments(n=15, total=89, squares=529),)
    """
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    return tuple(
        Moments(n, total, squares)
        for total in grid.totals(n=n, low=mean.low, high=mean.high)
        for squares in _squares_that_round(n=n, total=total, sd=sd, grid=grid)
    )


def products_for_sd_change(
    pre: Moments, post: Moments, *, sd_text: str, grid: ScoreGrid
) -> tuple[int, int]:
    """Return the smallest and largest sum of products for which the SD of the change rounds so.

    Sum of squared changes = sum x^2 + sum y^2 - 2 sum x y, in steps of the grid. The two columns
    are in steps from the same origin; the first is above the last where no whole number does.

    >>> products_for_sd_change(Moments(4, 10, 30), Moments(4, 10, 30), sd_text="0.00",
    ...                        grid=ScoreGrid())
    (30, 30)
    """
    sd = read_printed(sd_text)
    shift = Fraction((post.total - pre.total) ** 2, pre.n)
    unit = (pre.n - 1) / grid.step**2
    most = shift + unit * sd.high**2
    least = shift + unit * max(Fraction(0), sd.low) ** 2
    squares = pre.squares + post.squares
    return ceil((squares - most) / 2), floor((squares - least) / 2)


def products_for_correlation(pre: Moments, post: Moments, *, text: str) -> tuple[int, int]:
    """Return the smallest and largest sum of products for which the correlation rounds so.

    The first is above the last where no whole number does.

    >>> products_for_correlation(Moments(4, 10, 30), Moments(4, 10, 30), text="1.00")
    (30, 30)
    """
    r = read_printed(text)
    n = pre.n
    spread = (n * pre.squares - pre.total**2) * (n * post.squares - post.total**2)
    both, slack = pre.total * post.total, 1e-9
    low, high = (float(end) * sqrt(spread) for end in (r.low, r.high))
    return ceil((both + low) / n - slack), floor((both + high) / n + slack)


# A yes-or-no outcome: its percentage gives the count, its proportion gives the SD.


@dataclass(frozen=True, kw_only=True, slots=True)
class Debit:
    """Whether a printed mean and SD can belong to n answers of yes or no.

    Attributes
    ----------
    possible : bool
        Whether some whole count gives both the printed mean and the printed SD.
    counts : tuple of int
        The numbers of yes that give both.
    mean_counts : tuple of int
        The numbers of yes that give the printed mean.
    sd_low, sd_high : float
        The smallest and largest sample SD of proportions that round to the printed mean,
        whole counts or not (the published form of the test, which needs no exact n).
    """

    possible: bool
    counts: tuple[int, ...]
    mean_counts: tuple[int, ...]
    sd_low: float
    sd_high: float


def debit(*, mean_text: str, sd_text: str, n: int, yes: int = 1) -> Debit:
    """Return whether n answers of yes or no can have the printed mean and sample SD (n - 1).

    Of n answers of which k are yes, the proportion p is k/n and the SD sqrt(n/(n-1) p (1-p)):
    nothing is left to choose (DEBIT: Heathers and Brown 2019, https://osf.io/5vb3u). A yes counts 1
    where a proportion was printed, 100 where a percentage was.

    >>> debit(mean_text="0.35", sd_text="0.49", n=20).counts
    (7,)
    >>> debit(mean_text="0.35", sd_text="0.18", n=20).possible
    False
    """
    if n < 2:
        raise NotEstimable(f"an SD needs at least 2 people, found n = {n}")
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    if sd.value < 0:
        raise UsageError(f"expected an SD of at least 0, found {sd_text}")
    mean_counts = _counts(text=mean_text, n=n, yes=yes)
    low, high = max(Fraction(0), sd.low) ** 2, sd.high**2
    counts = tuple(k for k in mean_counts if low <= _variance(Fraction(k, n), n, yes) <= high)
    ends = [min(max(end / yes, Fraction(0)), Fraction(1)) for end in (mean.low, mean.high)]
    half = Fraction(1, 2)
    widest = half if ends[0] <= half <= ends[1] else min(ends, key=lambda p: abs(p - half))
    return Debit(
        possible=len(counts) > 0,
        counts=counts,
        mean_counts=mean_counts,
        sd_low=sqrt(min(_variance(p, n, yes) for p in ends)),
        sd_high=sqrt(_variance(widest, n, yes)),
    )


def _counts(*, text: str, n: int, yes: int) -> tuple[int, ...]:
    """Return the counts k out of n for which yes * k / n rounds to the text."""
    if n < 1 or yes < 1:
        raise UsageError(f"expected n of at least 1, found {n}")
    printed = read_printed(text)
    first, last = ceil(printed.low * n / yes), floor(printed.high * n / yes)
    return tuple(range(max(0, first), min(n, last) + 1))


def _variance(proportion: Fraction, n: int, yes: int) -> Fraction:
    """Return the sample variance of n answers with that proportion of yes."""
    return Fraction(n, n - 1) * proportion * (1 - proportion) * yes * yes
