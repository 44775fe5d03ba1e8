"""How large an SD can be, given n, the mean and the ends of the scale."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt

from backwalk_stats.engine.printed_number import read_printed
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

    The largest belongs to values at the two ends with at most one between them, which is a
    little below the bound of Bhatia and Davis (Am Math Mon 2000;107:353-357) unless
    n (mean - low) is a multiple of the width of the scale.

    Parameters
    ----------
    mean_text : str
        The mean as printed; every mean that rounds to it is allowed.
    n : int
        Number of values, at least 2.
    low, high : int or str
        The ends of the scale; text is read exactly.

    Raises
    ------
    NotEstimable
        When n is below 2, or no mean on the scale rounds to the printed one.

    Examples
    --------
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
