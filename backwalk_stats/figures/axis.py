"""An axis of values: where it begins and ends, its ticks, its words, and which way is better."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, isnan, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backwalk_stats.figures import page
from backwalk_stats.tables import numbers

WIDE = 5.0  # only an interval wider than so many median ones may be cut
SPARE = 0.08  # of what is held, free at either end
FIXED = (1e-4, 1e7)  # ticks outside are written with a power of ten
TICK_ROOM_MM = 2.4
_PAD = 0.05
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TICKS = (0, 20, 40, 60, 80, 100)


# Where an axis begins and ends, and where its ticks stand.


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticks:
    """Positions of ticks and the text at each."""

    at: tuple[float, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An estimate with its limits, NaN where not known, infinite where there is none.

    One of `main` is never cut; one that is not `usual`, such as where a further trial may lie,
    does not count when the usual width is told.
    """

    estimate: float
    low: float
    high: float
    main: bool = False
    usual: bool = True

    @property
    def width(self) -> float:
        """Return the distance of the limits; NaN where one is not known."""
        return self.high - self.low


def intervals(rows: Iterable[Mapping[str, Any]], *, main: bool = False) -> list[Interval]:
    """Return the intervals of rows that have estimate, conf_low and conf_high."""
    return [
        Interval(
            estimate=float(row["estimate"]),
            low=float(row["conf_low"]),
            high=float(row["conf_high"]),
            main=main,
        )
        for row in rows
    ]


def held(low: float, high: float, more: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis that holds further values, 4 % to spare where it was widened.

    >>> held(-1.0, 1.0, [2.0]), held(-1.0, 1.0, [0.5])
    ((-1.0, 2.12), (-1.0, 1.0))
    """
    least, most = min([low, *more]), max([high, *more])
    spare = 0.04 * (most - least)
    return least - spare * (least < low), most + spare * (most > high)


def axis_range(shown: Sequence[Interval], *, through: float | None = 0.0) -> tuple[float, float]:
    """Return the ends of an axis that holds estimates, intervals and `through`, 8 % to spare.

    Only an interval wider than five times the median one is cut, and then not nearer to its
    estimate than a median width; one of `main` never is. The median is the lower one of two.

    Examples
    --------
    >>> usual = [Interval(estimate=0.0, low=-0.5, high=0.5, main=True)] * 2
    >>> wide = Interval(estimate=0.1, low=-90.0, high=0.4)
    >>> low, high = axis_range([*usual, wide])
    >>> round(low, 2), round(high, 2)
    (-1.01, 0.61)
    """
    known = [one for one in shown if isfinite(one.estimate)]
    usual = usual_width(known)
    held = [one.estimate for one in known] + ([] if through is None else [through])
    for one in known:
        for end in (one.low, one.high):
            if one.main or not one.width > WIDE * usual:
                held.append(end)
            elif not isnan(end):
                held.append(min(max(end, one.estimate - usual), one.estimate + usual))
    held = _finite(held)
    if not held:
        return 0.0, 1.0
    low, high = min(held), max(held)
    span = high - low or max(abs(low), 1.0)
    return low - SPARE * span, high + SPARE * span


def usual_width(shown: Iterable[Interval]) -> float:
    """Return the median width of finite intervals; without any, the range of the estimates.

    >>> usual_width([Interval(estimate=0.0, low=-1.0, high=float("inf"))])
    0.0
    """
    shown = list(shown)
    widths = sorted(one.width for one in shown if one.usual and 0 < one.width < inf)
    if widths:
        return widths[(len(widths) - 1) // 2]
    estimates = [one.estimate for one in shown]
    return max(estimates, default=0.0) - min(estimates, default=0.0)


def effect_axis(axes: Axes, shown: Sequence[Interval], height: float) -> tuple[float, float]:
    """Give axes a scale of effects, no effect on it, and a millimetre per unit downwards.

    Return the ends of the scale.
    """
    low, high = axis_range(shown)
    axes.set_xlim(low, high)
    axes.set_ylim(height, 0)
    axes.patch.set_alpha(0.0)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    ticks = tick_positions(low, high)
    axes.set_xticks(ticks.at, labels=ticks.labels)
    return low, high


def tick_positions(low: float, high: float, most: int = 5) -> Ticks:
    """Return round values inside a range, with labels of equal precision.

    Labels that would need more than five decimals or seven digits have a power of ten.

    Examples
    --------
    >>> tick_positions(-2.1, 0.6).labels
    ('−2', '−1', '0')
    >>> tick_positions(-2.1e-8, 1e-9, 2).labels
    ('−2 × 10⁻⁸', '0')
    """
    locator = MaxNLocator(nbins=most, steps=[1, 2, 5, 10])
    edge = 1e-9 * (high - low)
    at = tuple(float(v) for v in locator.tick_values(low, high) if low - edge <= v <= high + edge)
    largest = max((abs(value) for value in at), default=0.0)
    if largest >= FIXED[1] or 0 < largest < FIXED[0]:
        power = floor(log10(largest) + 1e-9)
        digits = _decimals([value / 10.0**power for value in at], (high - low) / 10.0**power)
        return Ticks(at=at, labels=tuple(with_power(value, power, digits) for value in at))
    digits = _decimals(at, high - low)
    return Ticks(at=at, labels=tuple(numbers.number(v, digits) for v in at))


def _decimals(values: Sequence[float], span: float) -> int:
    """Return the decimals that all values need."""
    return next(
        (d for d in range(9) if all(abs(round(v, d) - v) <= 1e-6 * span for v in values)), 9
    )


def with_power(value: float, power: int, digits: int) -> str:
    """Return a number as a multiple of a power of ten; a zero needs none.

    >>> with_power(-2.5e-8, -8, 1), with_power(0.0, -8, 1)
    ('−2.5 × 10⁻⁸', '0')
    """
    if value == 0:
        return "0"
    raised = str(power).translate(_RAISED)
    return f"{numbers.number(value / 10.0**power, digits)} × 10{raised}"


def _finite(values: Iterable[float]) -> list[float]:
    """Return the values that are numbers."""
    return [float(value) for value in values if isfinite(value)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueScale:
    """Ends of an axis and its ticks."""

    low: float
    high: float
    ticks: Ticks

    @property
    def label_room(self) -> float:
        """Return the millimetres that the tick labels take beside a vertical axis."""
        widest = max((page.width_mm(text, small=True) for text in self.ticks.labels), default=0.0)
        return widest + TICK_ROOM_MM

    def share(self, value: float) -> float:
        """Return how far along the axis a value stands: 0 at its lower end, 1 at its upper."""
        return (value - self.low) / (self.high - self.low)


def value_scale(
    values: Iterable[float], *, through: float | None = None, most: int = 6
) -> ValueScale:
    """Return an axis on which every finite value stands, and `through` which it must go.

    There are at `most` so many steps between ticks.

    Examples
    --------
    >>> value_scale([2.0, 7.0, float("nan")]).ticks.labels
    ('2', '3', '4', '5', '6', '7')
    """
    known = [float(value) for value in values if isfinite(value)]
    known += [] if through is None else [through]
    if not known:
        known = [0.0, 1.0]
    low, high = min(known), max(known)
    span = high - low or max(abs(high), 1.0)
    if high == low:
        low, high = low - span / 2, high + span / 2
    low, high = low - _PAD * span, high + _PAD * span
    return ValueScale(low=low, high=high, ticks=tick_positions(low, high, most))


def equal_scales(
    one: Iterable[float], other: Iterable[float], most: int = 6
) -> tuple[ValueScale, ValueScale]:
    """Return two axes of one length, each with every finite value of its own.

    Examples
    --------
    >>> first, second = equal_scales([2.0, 8.0], [-1.0, 0.0])
    >>> round(first.high - first.low, 6) == round(second.high - second.low, 6)
    True
    """
    found = value_scale(one), value_scale(other)
    length = max(scale.high - scale.low for scale in found)
    ends = [((scale.low + scale.high - length) / 2, (scale.low + scale.high + length) / 2)
            for scale in found]  # fmt: skip
    first, second = (
        ValueScale(low=low, high=high, ticks=tick_positions(low, high, most)) for low, high in ends
    )
    return first, second


def percent_scale() -> ValueScale:
    """Return the axis of a share in per cent, a little room beyond both ends."""
    at = (0.0, 25.0, 50.0, 75.0, 100.0)
    labels = tuple(numbers.number(one, 0) for one in at)
    return ValueScale(low=-2.0, high=103.0, ticks=Ticks(at=at, labels=labels))
