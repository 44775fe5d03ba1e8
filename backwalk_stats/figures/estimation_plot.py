"""Two arms side by side, and on its own axis their difference (Gardner-Altman)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import labels, numbers
from backwalk_stats.trial.outcome import Words

PLOT_MM = 72.0
CURVE_MM = 22.0
Contrast = tuple[str, str]
Interval = tuple[float, float, float]  # estimate and its limits


@page.styled
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
        return page.empty_page(f"{words.outcome}: no difference could be estimated")
    values = {name: _values(points, name) for name in rows}
    curve = difference_curve.sort_values("value").to_numpy(dtype=float)
    scale = _scale(rows, values, zero, [*difference, *_core(curve)])
    what = f"{words.measure}{f', {visit}' if visit else ''}"
    head = axis.head_lines(what, words.better, page.WIDTH_MM - 70)
    name = f"Difference: {labels.contrast_label(' - '.join(contrast), arms)}"
    title = page.wrap(name, 66.0, small=True, lines=3)
    top = 2.5 + max(len(head), len(title)) * page.SMALL_LINE_MM
    paper = page.new_page(top + PLOT_MM + 6.0 + 4 * page.LINE_MM)
    paper.write_lines(1.0, 3.0, head, small=True)
    paper.write_lines(page.WIDTH_MM - 1, 3.0, title, small=True, align="right")
    left = scale.label_room + 2.0
    width = page.WIDTH_MM - left - scale.label_room - 4.0
    axes = paper.axes(left, top, width, PLOT_MM)
    axis.dress_left(axes, scale, grid=False)
    axes.set_xlim(0.0, width)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    slot = width / 3
    looks = marks.arm_looks(arms)
    for place, name in enumerate(rows):
        _arm(axes, rows[name], values[name], looks[name], (place + 0.5) * slot, scale)
        _name(paper, left + (place + 0.5) * slot, top + PLOT_MM, slot, arms[name], rows[name])
    _difference(axes, curve, (zero, estimate, conf_low, conf_high), 2.35 * slot)
    _levels(axes, rows, [(place + 0.5) * slot for place in range(2)], width)
    _second_axis(paper, axes, scale, zero, left + width)
    digits = numbers.interval_digits(conf_low, conf_high)
    said = [numbers.interval_text(conf_low, conf_high, digits), numbers.interval_name(level)]
    x, y = left + 2.5 * slot, top + PLOT_MM + 4.0
    paper.write(x, y, numbers.number(estimate, digits), bold=True, align="center")
    paper.write_lines(x, y + page.LINE_MM, said, small=True, align="center")
    paper.foot(_note(points is not None, rows, level))
    return paper.figure


def alt_text(means: pd.DataFrame, *, words: Words, contrast: Contrast, difference: Interval) -> str:
    """Return what the figure shows, with its numbers, for who cannot see it."""
    arms, (estimate, conf_low, conf_high) = words.arms, difference
    digits = numbers.interval_digits(conf_low, conf_high)
    said = [
        f"{arms[name]}: mean {numbers.number(_mean(means, name)['estimate'], digits)}"
        for name in reversed(contrast)
    ]
    return (
        f"Two arms and their difference, {words.measure}{words.aside}. {'; '.join(said)}. "
        f"{labels.contrast_label(' - '.join(contrast), arms)}: {numbers.number(estimate, digits)} "
        f"({numbers.interval_text(conf_low, conf_high, digits)})."
    )


def _note(individuals: bool, rows: Mapping[str, numbers.Row], level: float) -> str:
    """Return what the marks stand for."""
    spread = any(isfinite(row["sd"]) for row in rows.values())
    thin = "points: participants; " if individuals else "thin line: ± 1 SD; " if spread else ""
    interval = numbers.interval_name(level)
    return f"Mark with bar: mean, {interval}; {thin}grey: uncertainty of the difference."


def _mean(means: pd.DataFrame, name: str) -> numbers.Row:
    """Return the mean of an arm; unknown where there is none."""
    rows = numbers.frame_rows(means[means["arm"] == name])
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
    rows: Mapping[str, numbers.Row],
    values: Mapping[str, np.ndarray],
    zero: float,
    shifts: list[float],
) -> axis.ValueScale:
    """Return the axis that holds arms and difference."""
    shown = [zero + shift for shift in shifts]
    for name, row in rows.items():
        shown += [float(row[key]) for key in ("estimate", "conf_low", "conf_high")]
        if values[name].size:
            shown += values[name].tolist()
        else:
            shown += [float(row["estimate"] + sign * row["sd"]) for sign in (-1, 1)]
    return axis.value_scale(shown)


def _arm(
    axes: Axes,
    row: numbers.Row,
    values: np.ndarray,
    look: marks.ArmLook,
    x: float,
    scale: axis.ValueScale,
) -> None:
    """Draw one arm: participants or spread, and the mean with its interval."""
    beside = x
    if values.size:
        size = marks.swarm_size(values.size, largest=1.8)
        along = (values - scale.low) / (scale.high - scale.low) * PLOT_MM
        aside = marks.swarm(along.tolist(), size=size, half_width=10.0)
        axes.plot(x - 4 + aside, values, linestyle="none", marker=look.marker, color=look.colour,
                  markersize=size * 72 / page.MM_PER_INCH, markeredgewidth=0.0, alpha=0.75,
                  zorder=2)  # fmt: skip
        beside = x + 10
    elif isfinite(row["sd"]):
        ends = [row["estimate"] - row["sd"], row["estimate"] + row["sd"]]
        axes.plot([x, x], ends, color=look.colour, linewidth=0.9, zorder=2)
        for end in ends:
            axes.plot([x - 1.2, x + 1.2], [end, end], color=look.colour, linewidth=0.9, zorder=2)
    bar = [row["conf_low"], row["conf_high"]]
    axes.plot(
        [beside, beside], bar, color=look.colour, linewidth=3.0, solid_capstyle="butt", zorder=3
    )
    axes.plot([beside], [row["estimate"]], marker=look.marker, color=look.colour, markersize=7.0,
              markeredgecolor="white", markeredgewidth=0.8, zorder=4)  # fmt: skip


def _difference(
    axes: Axes, curve: np.ndarray, shown: tuple[float, float, float, float], x: float
) -> None:
    """Draw the difference, shifted so that zero stands at the reference's mean."""
    zero, estimate, low, high = shown
    if curve.size:
        height = curve[:, 1] / np.nanmax(curve[:, 1]) * CURVE_MM
        axes.fill_betweenx(zero + curve[:, 0], x, x + height, facecolor=page.PALE, linewidth=0.0,
                           where=height > 0.01 * CURVE_MM, zorder=2)  # fmt: skip
    ends = [zero + low, zero + high]
    axes.plot([x, x], ends, color=page.INK, linewidth=2.0, solid_capstyle="butt", zorder=4)
    axes.plot([x], [zero + estimate], marker="o", color=page.INK, markersize=6.0, zorder=5)


def _levels(axes: Axes, rows: Mapping[str, numbers.Row], xs: list[float], right: float) -> None:
    """Draw a line from each arm's mean to the axis of the difference."""
    dashes = ((0, (1, 2)), (0, (4, 2)))
    for row, x, dash in zip(rows.values(), xs, dashes, strict=True):
        height = row["estimate"]
        axes.plot(
            [x, right], [height, height], color=page.MID, linewidth=0.7, linestyle=dash, zorder=1
        )


def _second_axis(
    paper: page.Page, axes: Axes, scale: axis.ValueScale, zero: float, x: float
) -> None:
    """Draw the axis of the difference on the right."""
    axes.spines["right"].set_visible(True)
    ticks = axis.tick_positions(scale.low - zero, scale.high - zero, 6)
    box = axes.get_position()
    bottom, height = (1 - box.y0) * paper.height, box.height * paper.height
    for at, label in zip(ticks.at, ticks.labels, strict=True):
        y = bottom - scale.share(at + zero) * height
        paper.sheet.plot([x, x + 0.9], [y, y], color=page.INK, linewidth=0.6)
        paper.write(x + 1.6, y, label, small=True)


def _name(
    paper: page.Page, x: float, time_axis: float, slot: float, label: str, row: numbers.Row
) -> None:
    """Write an arm's name and number of participants under it."""
    lines = page.wrap(label, slot - 3, bold=True, lines=2)
    y = paper.write_lines(x, time_axis + 4.0, lines, bold=True, align="center")
    paper.write(
        x, y, f"n = {numbers.count(row['n'])}", small=True, align="center", colour=page.GREY
    )
