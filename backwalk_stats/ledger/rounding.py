"""Printed numbers as intervals: what a text can have been rounded from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

NUMBER = re.compile(r"[-+\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# Two intervals that touch within float noise do touch.
NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of real numbers, with the arithmetic that rounding needs."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Return high minus low."""
        return self.high - self.low

    @property
    def middle(self) -> float:
        """Return the midpoint."""
        return (self.low + self.high) / 2

    def __add__(self, other: Interval) -> Interval:
        """Return every possible sum."""
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        """Return every possible difference."""
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        """Return every possible product."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        """Return every possible quotient; the divisor must not hold values below zero."""
        if other.high <= 0:
            return Interval(-math.inf, math.inf)
        ends = [_ratio(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def magnitude(self) -> Interval:
        """Return every possible absolute value."""
        if self.low <= 0 <= self.high:
            return Interval(0.0, max(-self.low, self.high))
        return Interval(*sorted((abs(self.low), abs(self.high))))

    def meets(self, other: Interval) -> bool:
        """Tell whether the two intervals share a point, up to float noise."""
        scale = max((abs(x) for x in self._finite() + other._finite()), default=0.0)
        slack = NOISE * scale
        return self.low <= other.high + slack and other.low <= self.high + slack

    def holds(self, other: Interval) -> bool:
        """Tell whether the other interval lies inside this one, up to float noise."""
        scale = max((abs(x) for x in self._finite() + other._finite()), default=0.0)
        slack = NOISE * scale
        return self.low <= other.low + slack and other.high <= self.high + slack

    def _finite(self) -> list[float]:
        return [x for x in (self.low, self.high) if math.isfinite(x)]


def _ratio(numerator: float, denominator: float) -> float:
    if denominator > 0:
        return numerator / denominator
    return math.copysign(math.inf, numerator) if numerator else 0.0


def exactly(value: float) -> Interval:
    """Return the interval that holds one number."""
    return Interval(value, value)


def monotone(function: Callable[[float], float], interval: Interval) -> Interval:
    """Return the image of an interval under a function that only rises or only falls."""
    return hull(function(interval.low), function(interval.high))


def hull(*values: float) -> Interval:
    """Return the smallest interval that holds all values."""
    return Interval(min(values), max(values))


def number_in(text: str) -> str | None:
    """Return the first number that stands in a text, as text, or None.

    Examples
    --------
    >>> number_in("28 (implied)"), number_in("P < .04"), number_in("not seen")
    ('28', '.04', None)
    """
    found = NUMBER.search(text)
    return found.group(0).replace("\u2212", "-") if found else None


def is_number(text: str) -> bool:
    """Tell whether the whole text is one plain number."""
    return NUMBER.fullmatch(text.strip()) is not None


def value_of(text: str) -> float:
    """Return a printed number as a float."""
    return float(text.strip().replace("\u2212", "-"))


def unit_of(text: str) -> float:
    """Return one unit of the last printed decimal: 0.01 for "4.80".

    Examples
    --------
    >>> unit_of("4.80"), unit_of("17")
    (0.01, 1.0)
    """
    exponent = Decimal(text.strip().replace("\u2212", "-")).as_tuple().exponent
    return float(Decimal(1).scaleb(int(exponent)))


def rounding_interval(text: str) -> Interval:
    """Return all numbers that print as the text.

    Both ends are closed, so half-up and half-even rounding are both accepted.

    Parameters
    ----------
    text : str
        A plain number as printed: trailing zeros count.

    Returns
    -------
    Interval
        From half a unit of the last decimal below to half a unit above.

    Examples
    --------
    >>> rounding_interval("4.80")
    Interval(low=4.795, high=4.805)
    >>> rounding_interval("4.8")
    Interval(low=4.75, high=4.85)
    """
    number = Decimal(text.strip().replace("\u2212", "-"))
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    return Interval(float(number - half), float(number + half))


def first_order(function: Callable[[Sequence[float]], float], texts: Sequence[str]) -> Interval:
    """Return the interval of a function of many printed numbers, to first order.

    Each number is moved by half a unit of its last decimal, alone, and the changes are added:
    the worst case when the function is nearly linear over so small a box.

    Parameters
    ----------
    function : callable
        Takes the numbers as one sequence, returns one number.
    texts : sequence of str
        The printed numbers.

    Returns
    -------
    Interval
        The value at the printed numbers, plus and minus the sum of the changes.
    """
    at = [value_of(text) for text in texts]
    centre = function(at)
    total = 0.0
    for index, text in enumerate(texts):
        half = unit_of(text) / 2
        moved = [[*at[:index], at[index] + step, *at[index + 1 :]] for step in (-half, half)]
        total += max(abs(function(point) - centre) for point in moved)
    return Interval(centre - total, centre + total)


def any_meets(intervals: Iterable[Interval], other: Interval) -> bool:
    """Tell whether at least one of the intervals shares a point with the other."""
    return any(interval.meets(other) for interval in intervals)
