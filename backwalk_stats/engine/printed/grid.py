"""The scores that one person can have: equally spaced, from a lowest to a highest one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

PLAIN_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)", re.ASCII)
LONGEST = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreGrid(Shown):
    """Scores `origin + step * j` for whole numbers j from `lower` to `upper`.

    Made by `score_grid`. An end that is None is not known, and so does not bind.

    Attributes
    ----------
    origin, step : Fraction
        The score at j = 0, and the distance between neighbouring scores.
    lower, upper : int or None
        The ends of the scale, counted in steps from the origin.
    """

    origin: Fraction = Fraction(0)
    step: Fraction = Fraction(1)
    lower: int | None = None
    upper: int | None = None

    def score(self, steps: Fraction) -> Fraction:
        """Return the score that lies so many steps from the origin."""
        return self.origin + self.step * steps

    def steps(self, score: Fraction) -> Fraction:
        """Return how many steps from the origin a score (or a mean of scores) lies."""
        return (score - self.origin) / self.step

    def totals(self, *, n: int, low: Fraction, high: Fraction) -> range:
        """Return the totals of n scores, in steps, whose mean lies in [low, high] and on the scale.

        >>> score_grid(low=0, high=10).totals(n=21, low=Fraction("2.845"), high=Fraction("2.855"))
        range(60, 60)
        """
        first, last = ceil(n * self.steps(low)), floor(n * self.steps(high))
        first = first if self.lower is None else max(first, n * self.lower)
        last = last if self.upper is None else min(last, n * self.upper)
        return range(first, max(first, last + 1))


def score_grid(
    *, items: int = 1, low: int | str | None = None, high: int | str | None = None
) -> ScoreGrid:
    """Return the grid of scores of a scale.

    Parameters
    ----------
    items : int
        How many whole-number items are averaged into one score: scores lie 1/items apart.
        A sum of items, or a single item, is a whole number: 1. A 10 cm line read to the
        millimetre: 10.
    low, high : int, str or None
        The lowest and highest score; None where it is not known. Text is read exactly.

    Returns
    -------
    ScoreGrid
        Counted from `low`, or from `high` where only that is known, or from 0.

    Raises
    ------
    UsageError
        When items is below 1, the ends are in the wrong order, or not a whole number of
        steps apart.

    Examples
    --------
    >>> score_grid(items=24, low=0, high=4).upper
    96
    """
    if items < 1:
        raise UsageError(f"expected at least 1 item, found {items}")
    step = Fraction(1, items)
    bottom = None if low is None else read_printed(str(low)).value
    top = None if high is None else read_printed(str(high)).value
    if bottom is None or top is None:
        origin = bottom if bottom is not None else top if top is not None else Fraction(0)
        lower, upper = (0 if bottom is not None else None), (0 if top is not None else None)
        return ScoreGrid(origin=origin, step=step, lower=lower, upper=upper)
    width = (top - bottom) / step
    if width <= 0 or width.denominator != 1:
        raise UsageError(
            f"expected a scale whose highest score is a whole number of steps of {step} "
            f"above its lowest, found {low} to {high}"
        )
    return ScoreGrid(origin=bottom, step=step, lower=0, upper=int(width))


# A printed number and every value that it could have been rounded from, exactly.


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedNumber(Shown):
    """A number as it was printed, with its rounding interval.

    Both ends of the interval are closed, so that a tie rounded up and a tie rounded to even
    are both accepted. Truncated numbers are not covered.

    Attributes
    ----------
    text : str
        The number as printed; trailing zeros count.
    value, low, high : Fraction
        The number itself and the ends of what rounds to it.
    decimals : int
        Digits after the decimal point.
    """

    text: str
    value: Fraction
    low: Fraction
    high: Fraction
    decimals: int


def read_printed(text: str) -> PrintedNumber:
    """Return the printed number and its rounding interval as exact fractions.

    A plain decimal number of at most 40 characters, such as ``4.80``, without exponent, sign of
    inequality or unit; half a unit of the last printed digit on either side, ends included.

    >>> number = read_printed("4.80")
    >>> float(number.low), float(number.high), number.decimals
    (4.795, 4.805, 2)
    """
    plain = text.strip()
    if len(plain) > LONGEST or not PLAIN_DECIMAL.fullmatch(plain):
        raise UsageError(
            f"expected a plain decimal number as printed, such as 4.80, found {text!r}"
        )
    decimals = len(plain.partition(".")[2])
    value = Fraction(Decimal(plain))
    half = Fraction(1, 2 * 10**decimals)
    return PrintedNumber(
        text=plain, value=value, low=value - half, high=value + half, decimals=decimals
    )
