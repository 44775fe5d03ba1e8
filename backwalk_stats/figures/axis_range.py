"""Where an axis begins and ends, and where its ticks stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backwalk_stats.tables.frame_rows import Row
from backwalk_stats.tables.numbers import number

FURTHEST = 1.5  # an interval may stick out of the estimates by this many of their ranges


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
    axes: Axes, rows: Sequence[Row], height: float, *, wider: Sequence[tuple[float, float]] = ()
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
    return Ticks(at=at, labels=tuple(number(v, digits) for v in at))


def _finite(values: Iterable[float]) -> list[float]:
    """Return the values that are numbers."""
    return [float(value) for value in values if isfinite(value)]
