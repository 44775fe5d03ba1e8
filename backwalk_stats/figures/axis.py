"""An axis of values: where it begins and ends, its ticks, its words, and which way is better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backwalk_stats.figures import page
from backwalk_stats.tables import numbers

FURTHEST = 1.5  # an interval may stick out of the estimates by this many of their ranges
TICK_ROOM_MM = 2.4
UNDER_AXIS_MM = 7.0  # from the axis to the middle of the first line of its words
_PAD = 0.05
TICKS = (0, 20, 40, 60, 80, 100)
WORDS_MM = 8.0  # from the axis to the middle of its words
UNDER_MM = 11.0


# Where an axis begins and ends, and where its ticks stand.


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticks:
    """Positions of ticks and the text at each."""

    at: tuple[float, ...]
    labels: tuple[str, ...]


def axis_range(
    *,
    estimates: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    through: float | None = None,
) -> tuple[float, float]:
    """Return the ends of an axis that shows all estimates and all but the widest intervals.

    An interval that is not known is NaN; a value `through` which the axis must go is on it, such as
    no effect. One very wide interval does not squeeze the others: it is cut off one and a half
    ranges of the estimates beyond them.

    Examples
    --------
    >>> low, high = axis_range(estimates=[-1, 0], lows=[-2, -90], highs=[0, 0.5], through=0)
    >>> round(low, 2), round(high, 2)
    (-2.68, 0.68)
    """
    fixed = _finite([*estimates, *([] if through is None else [through])])
    if not fixed:
        return 0.0, 1.0
    span = max(fixed) - min(fixed) or max(abs(fixed[0]), 1.0)
    low = max(min(_finite(lows), default=min(fixed)), min(fixed) - FURTHEST * span)
    high = min(max(_finite(highs), default=max(fixed)), max(fixed) + FURTHEST * span)
    low, high = min(low, *fixed), max(high, *fixed)
    pad = 0.06 * (high - low)
    return low - pad, high + pad


def effect_axis(
    axes: Axes,
    rows: Sequence[numbers.Row],
    height: float,
    *,
    wider: Sequence[tuple[float, float]] = (),
) -> tuple[float, float]:
    """Give axes a scale of effects, no effect on it, and a millimetre per unit downwards.

    `rows` have estimate, conf_low and conf_high; intervals that are `wider` are shown as well.
    Return the ends of the scale.
    """
    low, high = axis_range(
        estimates=[row["estimate"] for row in rows],
        lows=[*(row["conf_low"] for row in rows), *(low for low, _ in wider)],
        highs=[*(row["conf_high"] for row in rows), *(high for _, high in wider)],
        through=0.0,
    )
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

    Examples
    --------
    >>> tick_positions(-2.1, 0.6).labels
    ('−2', '−1', '0')
    """
    locator = MaxNLocator(nbins=most, steps=[1, 2, 5, 10])
    edge = 1e-9 * (high - low)
    at = tuple(float(v) for v in locator.tick_values(low, high) if low - edge <= v <= high + edge)
    digits = next(
        (d for d in range(9) if all(abs(round(v, d) - v) <= 1e-6 * (high - low) for v in at)), 9
    )
    return Ticks(at=at, labels=tuple(numbers.number(v, digits) for v in at))


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


def better_upwards(better: str) -> str:
    """Return which way along a vertical axis is better, in words; "" where it is not known.

    Examples
    --------
    >>> better_upwards("lower"), better_upwards("higher")
    ('↓ better', '↑ better')
    """
    return {"lower": "↓ better", "higher": "↑ better"}.get(better, "")


def head_lines(words: str, better: str, width: float) -> list[str]:
    """Return the words over a vertical axis, wrapped to a width in millimetres."""
    arrow = better_upwards(better)
    return page.wrap(f"{words} ({arrow})" if arrow else words, width, small=True, lines=3)


def dress_left(axes: Axes, scale: ValueScale, *, grid: bool = True, labels: bool = True) -> None:
    """Give axes a vertical scale of values, with faint lines across at its ticks."""
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks.at, labels=scale.ticks.labels if labels else [])
    axes.patch.set_alpha(0.0)
    for at in scale.ticks.at if grid else ():
        axes.axhline(at, color=page.PALE, linewidth=0.4, zorder=0)


def dress_bottom(axes: Axes, scale: ValueScale, *, grid: bool = True) -> None:
    """Give axes a horizontal scale of values, with faint lines up from its ticks."""
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks.at, labels=scale.ticks.labels)
    axes.patch.set_alpha(0.0)
    for at in scale.ticks.at if grid else ():
        axes.axvline(at, color=page.PALE, linewidth=0.4, zorder=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderAxis:
    """Words under a horizontal axis: what it shows, between which way is which."""

    left: str
    right: str
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """Return the millimetres from the axis to the end of the words."""
        return UNDER_AXIS_MM + len(self.lines) * page.SMALL_LINE_MM

    def write(self, paper: page.Page, left: float, width: float, axis: float) -> None:
        """Write the words under an axis that stands at height `axis`."""
        y = axis + UNDER_AXIS_MM
        paper.write(left, y, self.left, small=True, colour=page.GREY)
        paper.write(left + width, y, self.right, small=True, colour=page.GREY, align="right")
        middle = left + width / 2
        paper.write_lines(middle, y, self.lines, small=True, align="center")


def under_axis(words: str, better: str, width: float, *, sides: str = "better") -> UnderAxis:
    """Return the words under a horizontal axis of a width in millimetres, its unit among them.

    The ends say which way is better where that is known and `sides` is "better".

    Examples
    --------
    >>> under_axis("Change in pain, points", "lower", 100).left
    '← better'
    """
    ends = {"lower": ("← better", "worse →"), "higher": ("← worse", "better →")}
    left, right = ends.get(better, ("", "")) if sides == "better" else ("", "")
    taken = 2 * max(page.width_mm(text, small=True) for text in (left, right)) + 6
    lines = page.wrap(words, max(width - taken, 20.0), small=True, lines=3)
    return UnderAxis(left=left, right=right, lines=tuple(lines))


# The horizontal axis of a movement cycle, from one contact to the next.


def dress_cycle(axes: Axes, nodes: int, *, labels: bool = True) -> None:
    """Give axes a scale from 0 to 100 per cent of the cycle; data stand at nodes."""
    axes.set_xlim(0, nodes - 1)
    at = [tick / 100 * (nodes - 1) for tick in TICKS]
    axes.set_xticks(at, labels=[f"{tick} %" for tick in TICKS] if labels else [])
    axes.patch.set_alpha(0.0)
    for place in at[1:-1]:
        axes.axvline(place, color=page.PALE, linewidth=0.4, zorder=0)


def name_cycle(paper: page.Page, left: float, width: float, bottom: float) -> None:
    """Write what the axis is under it."""
    words = "Cycle, from one contact of the left foot to the next"
    paper.write(left + width / 2, bottom + WORDS_MM, words, small=True, align="center")
