"""Two arms side by side, and on its own axis their difference (Gardner-Altman)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures.axis import (
    ValueScale,
    dress_left,
    head_lines,
    tick_positions,
    value_scale,
)
from backwalk_stats.figures.marks import ArmLook, arm_looks, swarm, swarm_size
from backwalk_stats.figures.page import (
    BODY_PT,
    GREY,
    INK,
    MID,
    MM_PER_INCH,
    PALE,
    SMALL_PT,
    WIDTH_MM,
    Page,
    empty_page,
    line_height,
    new_page,
    styled,
    wrap,
)
from backwalk_stats.tables.labels import contrast_label
from backwalk_stats.tables.numbers import (
    Row,
    count,
    frame_rows,
    interval_digits,
    interval_name,
    interval_text,
    number,
)

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Words

PLOT_MM = 72.0
CURVE_MM = 22.0
Contrast = tuple[str, str]
Interval = tuple[float, float, float]  # estimate and its limits


@styled
def estimation_plot(
    means: pd.DataFrame,
    difference_curve: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    difference: Interval,
    visit: str = "",
    points: pd.DataFrame | None = None,
    level: float = 0.95,
) -> Figure:
    """Draw two arms and their difference, whose zero stands at the mean of the second arm.

    `means` (`tables.MEANS`) has a row for each of the two arms, `contrast` is arm and reference,
    `difference` the first minus the second with its limits. The curve
    (`tables.DIFFERENCE_CURVE`) may be empty; `points` (`tables.CHANGES`) shows the value of every
    participant.
    """
    arms, (arm, reference), (estimate, conf_low, conf_high) = words.arms, contrast, difference
    rows = {name: _mean(means, name) for name in (reference, arm)}
    zero = float(rows[reference]["estimate"])
    if not (isfinite(zero) and isfinite(estimate)):
        return empty_page(f"{words.outcome}: no difference could be estimated")
    values = {name: _values(points, name) for name in rows}
    curve = difference_curve.sort_values("value").to_numpy(dtype=float)
    scale = _scale(rows, values, zero, [*difference, *_core(curve)])
    what = f"{words.measure}{f', {visit}' if visit else ''}"
    head = head_lines(what, words.better, WIDTH_MM - 70)
    title = wrap(f"Difference: {contrast_label(' - '.join(contrast), arms)}", 66.0, size=SMALL_PT,
                 lines=3)  # fmt: skip
    top = 2.5 + max(len(head), len(title)) * line_height(SMALL_PT)
    page = new_page(top + PLOT_MM + 6.0 + 4 * line_height(BODY_PT))
    page.write_lines(1.0, 3.0, head, size=SMALL_PT)
    page.write_lines(WIDTH_MM - 1, 3.0, title, size=SMALL_PT, align="right")
    left = scale.label_room + 2.0
    width = WIDTH_MM - left - scale.label_room - 4.0
    axes = page.axes(left, top, width, PLOT_MM)
    dress_left(axes, scale, grid=False)
    axes.set_xlim(0.0, width)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    slot = width / 3
    looks = arm_looks(arms)
    for place, name in enumerate(rows):
        _arm(axes, rows[name], values[name], looks[name], (place + 0.5) * slot, scale)
        _name(page, left + (place + 0.5) * slot, top + PLOT_MM, slot, arms[name], rows[name])
    _difference(axes, curve, (zero, estimate, conf_low, conf_high), 2.35 * slot)
    _levels(axes, rows, [(place + 0.5) * slot for place in range(2)], width)
    _second_axis(page, axes, scale, zero, left + width)
    digits = interval_digits(conf_low, conf_high)
    said = [interval_text(conf_low, conf_high, digits), interval_name(level)]
    x, y = left + 2.5 * slot, top + PLOT_MM + 4.0
    page.write(x, y, number(estimate, digits), bold=True, align="center")
    page.write_lines(x, y + line_height(BODY_PT), said, size=SMALL_PT, align="center")
    page.foot(_note(points is not None, rows, level))
    return page.figure


def alt_text(means: pd.DataFrame, *, words: Words, contrast: Contrast, difference: Interval) -> str:
    """Return what the figure shows, with its numbers, for who cannot see it."""
    arms, (estimate, conf_low, conf_high) = words.arms, difference
    digits = interval_digits(conf_low, conf_high)
    said = [
        f"{arms[name]}: mean {number(_mean(means, name)['estimate'], digits)}"
        for name in reversed(contrast)
    ]
    return (
        f"Two arms and their difference, {words.measure}{words.aside}. {'; '.join(said)}. "
        f"{contrast_label(' - '.join(contrast), arms)}: {number(estimate, digits)} "
        f"({interval_text(conf_low, conf_high, digits)})."
    )


def _note(individuals: bool, rows: Mapping[str, Row], level: float) -> str:
    """Return what the marks stand for."""
    spread = any(isfinite(row["sd"]) for row in rows.values())
    thin = "points: participants; " if individuals else "thin line: ± 1 SD; " if spread else ""
    interval = interval_name(level)
    return f"Mark with bar: mean, {interval}; {thin}grey: uncertainty of the difference."


def _mean(means: pd.DataFrame, name: str) -> Row:
    """Return the mean of an arm; unknown where there is none."""
    rows = frame_rows(means[means["arm"] == name])
    return rows[0] if rows else dict.fromkeys(("n", "estimate", "sd", "conf_low", "conf_high"), nan)


def _values(points: pd.DataFrame | None, name: str) -> np.ndarray:
    """Return the known values of an arm's participants."""
    if points is None:
        return np.array([])
    return points.loc[points["arm"] == name, "value"].dropna().to_numpy(dtype=float)


def _core(curve: np.ndarray) -> list[float]:
    """Return the ends of the part of the curve that can be seen."""
    if not curve.size:
        return []
    seen = curve[curve[:, 1] > 0.01 * np.nanmax(curve[:, 1]), 0]
    return [float(seen.min()), float(seen.max())] if seen.size else []


def _scale(
    rows: Mapping[str, Row], values: Mapping[str, np.ndarray], zero: float, shifts: list[float]
) -> ValueScale:
    """Return the axis that holds arms and difference."""
    shown = [zero + shift for shift in shifts]
    for name, row in rows.items():
        shown += [float(row[key]) for key in ("estimate", "conf_low", "conf_high")]
        if values[name].size:
            shown += values[name].tolist()
        else:
            shown += [float(row["estimate"] + sign * row["sd"]) for sign in (-1, 1)]
    return value_scale(shown)


def _arm(
    axes: Axes, row: Row, values: np.ndarray, look: ArmLook, x: float, scale: ValueScale
) -> None:
    """Draw one arm: participants or spread, and the mean with its interval."""
    beside = x
    if values.size:
        size = swarm_size(values.size, largest=1.8)
        along = (values - scale.low) / (scale.high - scale.low) * PLOT_MM
        aside = swarm(along.tolist(), size=size, half_width=10.0)
        axes.plot(x - 4 + aside, values, linestyle="none", marker=look.marker, color=look.colour,
                  markersize=size * 72 / MM_PER_INCH, markeredgewidth=0.0, alpha=0.75,
                  zorder=2)  # fmt: skip
        beside = x + 10
    elif isfinite(row["sd"]):
        ends = [row["estimate"] - row["sd"], row["estimate"] + row["sd"]]
        axes.plot([x, x], ends, color=look.colour, linewidth=0.9, zorder=2)
        for end in ends:
            axes.plot([x - 1.2, x + 1.2], [end, end], color=look.colour, linewidth=0.9, zorder=2)
    bar = [row["conf_low"], row["conf_high"]]
    axes.plot([beside, beside], bar, color=look.colour, linewidth=3.0, solid_capstyle="butt",
              zorder=3)  # fmt: skip
    axes.plot([beside], [row["estimate"]], marker=look.marker, color=look.colour, markersize=7.0,
              markeredgecolor="white", markeredgewidth=0.8, zorder=4)  # fmt: skip


def _difference(
    axes: Axes, curve: np.ndarray, numbers: tuple[float, float, float, float], x: float
) -> None:
    """Draw the difference, shifted so that zero stands at the reference's mean."""
    zero, estimate, low, high = numbers
    if curve.size:
        height = curve[:, 1] / np.nanmax(curve[:, 1]) * CURVE_MM
        axes.fill_betweenx(zero + curve[:, 0], x, x + height, facecolor=PALE, linewidth=0.0,
                           where=height > 0.01 * CURVE_MM, zorder=2)  # fmt: skip
    axes.plot([x, x], [zero + low, zero + high], color=INK, linewidth=2.0, solid_capstyle="butt",
              zorder=4)  # fmt: skip
    axes.plot([x], [zero + estimate], marker="o", color=INK, markersize=6.0, zorder=5)


def _levels(axes: Axes, rows: Mapping[str, Row], xs: list[float], right: float) -> None:
    """Draw a line from each arm's mean to the axis of the difference."""
    dashes = ((0, (1, 2)), (0, (4, 2)))
    for row, x, dash in zip(rows.values(), xs, dashes, strict=True):
        height = row["estimate"]
        axes.plot([x, right], [height, height], color=MID, linewidth=0.7, linestyle=dash, zorder=1)


def _second_axis(page: Page, axes: Axes, scale: ValueScale, zero: float, x: float) -> None:
    """Draw the axis of the difference on the right."""
    axes.spines["right"].set_visible(True)
    ticks = tick_positions(scale.low - zero, scale.high - zero, 6)
    box = axes.get_position()
    bottom, height = (1 - box.y0) * page.height, box.height * page.height
    for at, label in zip(ticks.at, ticks.labels, strict=True):
        y = bottom - scale.share(at + zero) * height
        page.sheet.plot([x, x + 0.9], [y, y], color=INK, linewidth=0.6)
        page.write(x + 1.6, y, label, size=SMALL_PT)


def _name(page: Page, x: float, axis: float, slot: float, label: str, row: Row) -> None:
    """Write an arm's name and number of participants under it."""
    lines = wrap(label, slot - 3, bold=True, lines=2)
    y = page.write_lines(x, axis + 4.0, lines, bold=True, align="center")
    page.write(x, y, f"n = {count(row['n'])}", size=SMALL_PT, align="center", colour=GREY)
