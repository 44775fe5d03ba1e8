"""How large an SD can be, given n, the mean and the ends of the scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt

from backwalk_stats.engine.printed.grid import ScoreGrid, read_printed
from backwalk_stats.engine.printed.integer_moments import sample_with_moments, squares_limits
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class SdBounds:
    """The largest sample variance (n - 1), which occurs; the smallest is 0.

    Attributes
    ----------
    largest_variance : Fraction
        Of the most uneven sample.
    """

    largest_variance: Fraction

    @property
    def largest(self) -> float:
        """Return the largest possible SD."""
        return sqrt(self.largest_variance)

    def admit(self, sd_text: str) -> bool:
        """Return whether something that rounds to the printed SD lies within the bounds."""
        sd = read_printed(sd_text)
        return sd.high >= 0 and max(Fraction(0), sd.low) ** 2 <= self.largest_variance


def sd_bounds(*, mean_text: str, n: int, low: int | str, high: int | str) -> SdBounds:
    """Return the bounds of the SD of n numbers of any kind on [low, high].

    The largest belongs to values at the two ends with at most one between them, which is a little
    below the bound of Bhatia and Davis (Am Math Mon 2000;107:353-357) unless n (mean - low) is a
    multiple of the width of the scale. Every mean that rounds to the printed one is allowed; ends
    given as text are read exactly.

    >>> bounds = sd_bounds(mean_text="1.5", n=20, low=0, high=10)
    >>> round(bounds.largest, 3), bounds.admit("4.1")
    (3.663, False)
    """
    bottom, top = read_printed(str(low)).value, read_printed(str(high)).value
    if n < 2 or top <= bottom:
        raise NotEstimable(f"expected n of at least 2 and low below high, found {n}, {low}, {high}")
    mean = read_printed(mean_text)
    first, last = (max(mean.low, bottom) - bottom) * n, (min(mean.high, top) - bottom) * n
    if first > last:
        raise NotEstimable(f"the mean {mean_text} is not on the scale from {low} to {high}")
    width = top - bottom
    # Between two multiples of the width the largest SD is convex in the total: its ends decide.
    kinks = [k * width for k in range(ceil(first / width), floor(last / width) + 1)]
    largest = max(_largest_deviations(total, n, width) for total in (first, last, *kinks))
    return SdBounds(largest_variance=largest / (n - 1))


def _largest_deviations(total: Fraction, n: int, width: Fraction) -> Fraction:
    """Return the largest sum of squared deviations of n values on [0, width] with that total."""
    at_top = floor(total / width)
    rest = total - at_top * width
    return at_top * width**2 + rest**2 - total**2 / n


# The possible SDs on either side of a printed one, to say how far an impossible SD is off.


@dataclass(frozen=True, kw_only=True, slots=True)
class NearestSds:
    """The possible sample SDs nearest to a printed one.

    Attributes
    ----------
    below, above : float or None
        At or below the printed number, and at or above it; None where there is none.
    """

    below: float | None
    above: float | None


def nearest_sds(*, mean_text: str, sd_text: str, n: int, grid: ScoreGrid) -> NearestSds:
    """Return the SDs nearest to the printed one that n scores with the printed mean can have.

    SDs have n - 1, n of 2 or more; both are None when no possible mean rounds to the printed one.

    >>> near = nearest_sds(mean_text="4.22", sd_text="1.16", n=18, grid=ScoreGrid())
    >>> round(near.below, 3), round(near.above, 3)
    (1.114, 1.166)
    """
    if n < 2:
        raise NotEstimable(f"an SD needs at least 2 people, found n = {n}")
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    wanted = max(Fraction(0), sd.value) ** 2 * (n - 1) / grid.step**2
    below: list[Fraction] = []
    above: list[Fraction] = []
    for total in grid.totals(n=n, low=mean.low, high=mean.high):
        centre = Fraction(total * total, n)
        down = _first_possible(n, total, _downwards(n, total, centre + wanted, grid), grid)
        up = _first_possible(n, total, _upwards(n, total, centre + wanted, grid), grid)
        below += [] if down is None else [down - centre]
        above += [] if up is None else [up - centre]
    unit = grid.step**2 / (n - 1)
    return NearestSds(
        below=sqrt(max(below) * unit) if below else None,
        above=sqrt(min(above) * unit) if above else None,
    )


def _first_possible(n: int, total: int, squares: Iterator[int], grid: ScoreGrid) -> int | None:
    """Return the first of these sums of squares that a sample has."""
    for one in squares:
        if sample_with_moments(n=n, total=total, squares=one, lower=grid.lower, upper=grid.upper):
            return one
    return None


def _downwards(n: int, total: int, start: Fraction, grid: ScoreGrid) -> Iterator[int]:
    """Yield sums of squares of the right parity from the start down to the smallest."""
    least, most = squares_limits(n=n, total=total, lower=grid.lower, upper=grid.upper)
    first = floor(start) if most is None else min(floor(start), most)
    yield from range(first - (first - total) % 2, least - 1, -2)


def _upwards(n: int, total: int, start: Fraction, grid: ScoreGrid) -> Iterator[int]:
    """Yield sums of squares of the right parity from the start up, to the largest if any.

    Without a largest one the search ends by itself: every sum allows ever wider samples.
    """
    least, most = squares_limits(n=n, total=total, lower=grid.lower, upper=grid.upper)
    one = max(ceil(start), least)
    one += (one - total) % 2
    while most is None or one <= most:
        yield one
        one += 2
