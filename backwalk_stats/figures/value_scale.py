"""An axis of values: where it begins and ends, its ticks, its words, and which way is better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from matplotlib.axes import Axes

from backwalk_stats.figures.axis_range import Ticks, tick_positions
from backwalk_stats.figures.lettering import width_mm, wrap
from backwalk_stats.figures.page import Page, line_height
from backwalk_stats.figures.style import GREY, PALE, SMALL_PT

TICK_ROOM_MM = 2.4
UNDER_AXIS_MM = 7.0  # from the axis to the middle of the first line of its words
_PAD = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueScale:
    """Ends of an axis and its ticks."""

    low: float
    high: float
    ticks: Ticks

    @property
    def label_room(self) -> float:
        """Return the millimetres that the tick labels take beside a vertical axis."""
        widest = max((width_mm(text, size=SMALL_PT) for text in self.ticks.labels), default=0.0)
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
    return wrap(f"{words} ({arrow})" if arrow else words, width, size=SMALL_PT, lines=3)


def dress_left(axes: Axes, scale: ValueScale, *, grid: bool = True, labels: bool = True) -> None:
    """Give axes a vertical scale of values, with faint lines across at its ticks."""
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks.at, labels=scale.ticks.labels if labels else [])
    axes.patch.set_alpha(0.0)
    for at in scale.ticks.at if grid else ():
        axes.axhline(at, color=PALE, linewidth=0.4, zorder=0)


def dress_bottom(axes: Axes, scale: ValueScale, *, grid: bool = True) -> None:
    """Give axes a horizontal scale of values, with faint lines up from its ticks."""
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks.at, labels=scale.ticks.labels)
    axes.patch.set_alpha(0.0)
    for at in scale.ticks.at if grid else ():
        axes.axvline(at, color=PALE, linewidth=0.4, zorder=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderAxis:
    """Words under a horizontal axis: what it shows, between which way is which."""

    left: str
    right: str
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """Return the millimetres from the axis to the end of the words."""
        return UNDER_AXIS_MM + len(self.lines) * line_height(SMALL_PT)

    def write(self, page: Page, left: float, width: float, axis: float) -> None:
        """Write the words under an axis that stands at height `axis`."""
        y = axis + UNDER_AXIS_MM
        page.write(left, y, self.left, size=SMALL_PT, colour=GREY)
        page.write(left + width, y, self.right, size=SMALL_PT, colour=GREY, align="right")
        middle = left + width / 2
        page.write_lines(middle, y, self.lines, size=SMALL_PT, align="center")


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
    taken = 2 * max(width_mm(text, size=SMALL_PT) for text in (left, right)) + 6
    lines = wrap(words, max(width - taken, 20.0), size=SMALL_PT, lines=3)
    return UnderAxis(left=left, right=right, lines=tuple(lines))
