"""Change from baseline in each arm: its distribution, its box, its mean with interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

LABEL_MM, TEXT_MM = 33.0, 33.0
PLOT_MM = page.WIDTH_MM - LABEL_MM - TEXT_MM - 4.0
CLOUD_MM, BOX_MM, RAIN_MM, GAP_MM, HEAD_MM = 13.0, 6.5, 8.0, 4.0, 6.0
FAINTEST = 0.005  # of the peak; the tails beyond are not drawn
NOTE = "Box: median and quartiles; whiskers: 5th to 95th percentile; diamond with bar: mean with "


@dataclass(frozen=True, kw_only=True, slots=True)
class _Arm:
    """What is drawn of one arm."""

    label: str
    look: marks.ArmLook
    box: numbers.Row
    value: np.ndarray
    density: np.ndarray
    points: np.ndarray


@page.styled
def change_raincloud(
    density: pd.DataFrame,
    box: pd.DataFrame,
    *,
    words: Words,
    visit: str = "",
    points: pd.DataFrame | None = None,
    threshold: float | None = None,
    threshold_label: str = "",
    level: float = 0.95,
) -> Figure:
    """Draw the change from baseline, a row for each arm.

    An arm without rows in `density` (`tables.DENSITY`) has a box only; a number in `box`
    (`tables.BOX`) is NaN where too few participants allow it. `points` (`tables.CHANGES`) shows
    every participant. A `threshold` is a change that matters, with its sign.
    """
    shown = _arms(density, box, words.arms, points)
    if not any(np.isfinite(float(one.box["median"])) or one.density.size for one in shown):
        return page.empty_page(f"{words.outcome}: no change from baseline is known")
    row = CLOUD_MM + BOX_MM + (RAIN_MM if points is not None else 0.0) + GAP_MM
    when = f" to {visit}" if visit else ""
    under = axis.under_axis(f"Change from baseline{when}: {words.measure}", words.better, PLOT_MM)
    notes = page.wrap(f"{NOTE}{numbers.interval_name(level)}.", page.WIDTH_MM - 2, small=True)
    bottom = HEAD_MM + row * len(shown)
    paper = page.new_page(bottom + under.height + 1.0 + len(notes) * page.SMALL_LINE_MM)
    axes = paper.axes(LABEL_MM, HEAD_MM, PLOT_MM, bottom - HEAD_MM)
    scale = _scale(shown, threshold)
    axis.dress_bottom(axes, scale)
    axes.set_ylim(bottom - HEAD_MM, 0.0)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.axvline(0.0, color=page.INK, linewidth=0.7, zorder=1)
    if threshold is not None:
        _threshold(paper, axes, threshold, threshold_label)
    head = f"Mean, {numbers.interval_name(level)}"
    paper.write(page.WIDTH_MM - 1, HEAD_MM / 2, head, align="right", bold=True)
    peak = max((float(one.density.max()) for one in shown if one.density.size), default=1.0)
    for place, one in enumerate(shown):
        _draw(axes, one, place * row, peak, scale)
        _write(paper, one, HEAD_MM + place * row + CLOUD_MM, scale)
    under.write(paper, LABEL_MM, PLOT_MM, bottom)
    paper.write_lines(1.0, bottom + under.height + 0.5, notes, small=True, colour=page.GREY)
    return paper.figure


def alt_text(density: pd.DataFrame, box: pd.DataFrame, *, words: Words, visit: str = "") -> str:
    """Return what the figure shows, with the mean of each arm, for who cannot see it."""
    parts = []
    for one in _arms(density, box, words.arms, None):
        row = one.box
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"], row["mean"])
        mean = numbers.number(row["mean"], digits)
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        parts.append(f"{one.label}: n = {numbers.count(row['n'])}, mean {mean} ({interval})")
    way = f"; {words.way}" if words.way else ""
    when = f" to {visit}" if visit else ""
    head = f"Distribution of the change from baseline{when}, {words.measure}{way}."
    return f"{head} {'; '.join(parts)}."


def _arms(
    density: pd.DataFrame, box: pd.DataFrame, arms: Mapping[str, str], points: pd.DataFrame | None
) -> list[_Arm]:
    """Return what is drawn of each arm, in order."""
    looks = marks.arm_looks(arms)
    nothing = {"n": 0.0} | dict.fromkeys(("p5", "q1", "median", "q3", "p95"), nan)
    nothing |= dict.fromkeys(("mean", "conf_low", "conf_high"), nan)
    found = []
    for name, label in arms.items():
        rows = numbers.frame_rows(box[box["arm"] == name])
        cloud = density[density["arm"] == name].sort_values("value")
        height = cloud["density"].to_numpy(dtype=float)
        keep = np.isfinite(height) & (height > FAINTEST * np.nanmax(height, initial=0.0))
        changes = np.array([])
        if points is not None:
            changes = points.loc[points["arm"] == name, "change"].to_numpy(dtype=float)
        found.append(
            _Arm(
                label=label or name,
                look=looks[name],
                box=rows[0] if rows else nothing,
                value=cloud["value"].to_numpy(dtype=float)[keep],
                density=height[keep],
                points=changes[np.isfinite(changes)],
            )
        )
    return found


def _scale(shown: list[_Arm], threshold: float | None) -> axis.ValueScale:
    """Return the axis that holds everything that is drawn."""
    values = [float(value) for one in shown for value in (*one.value, *one.points)]
    columns = ("p5", "q1", "median", "q3", "p95", "mean", "conf_low", "conf_high")
    values += [float(one.box[column]) for one in shown for column in columns]
    values += [] if threshold is None else [threshold]
    return axis.value_scale(values, through=0.0, most=7)


def _threshold(paper: page.Page, axes: Axes, threshold: float, label: str) -> None:
    """Draw the change that matters, its name above the plot."""
    axes.axvline(threshold, color=page.INK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    low, high = axes.get_xlim()
    x = LABEL_MM + (threshold - low) / (high - low) * PLOT_MM
    text = page.wrap(label, 44.0, small=True, lines=1)[0]
    x = min(max(x, LABEL_MM + 22.0), LABEL_MM + PLOT_MM - 22.0)
    paper.write(x, HEAD_MM / 2, text, small=True, align="center", colour=page.GREY)


def _draw(axes: Axes, one: _Arm, top: float, peak: float, scale: axis.ValueScale) -> None:
    """Draw the cloud, the box, the mean and the points of one arm."""
    look, row = one.look, one.box
    floor = top + CLOUD_MM - 0.5
    if one.density.size:
        height = one.density / peak * (CLOUD_MM - 2.0)
        axes.fill_between(one.value, floor, floor - height, facecolor=look.pale, linewidth=0.0,
                          hatch=look.hatch, edgecolor="white", zorder=2)  # fmt: skip
        axes.plot(one.value, floor - height, color=look.colour, linestyle=look.line, zorder=3)
    y, half = top + CLOUD_MM + BOX_MM / 2, BOX_MM * 0.34
    line: Any = {"color": look.colour, "linewidth": 1.0, "zorder": 3, "solid_capstyle": "butt"}
    if isfinite(row["q1"]) and isfinite(row["q3"]):
        for end, near in ((row["p5"], row["q1"]), (row["p95"], row["q3"])):
            if isfinite(end):
                axes.plot([end, near], [y, y], **line)
                axes.plot([end, end], [y - half / 2, y + half / 2], **line)
        corners = [row["q1"], row["q3"], row["q3"], row["q1"]]
        axes.fill(corners, [y - half, y - half, y + half, y + half], facecolor=look.pale,
                  edgecolor=look.colour, linewidth=1.0, zorder=3)  # fmt: skip
    if isfinite(row["median"]):
        middle = [row["median"]] * 2
        axes.plot(middle, [y - half, y + half], **{**line, "linewidth": 1.6, "zorder": 4})
    if isfinite(row["mean"]):
        bar = [row["conf_low"], row["conf_high"]]
        axes.plot(bar, [y, y], color=page.INK, linewidth=1.6, solid_capstyle="butt", zorder=5)
        axes.plot([row["mean"]], [y], marker="D", color=page.INK, markersize=4.2, zorder=6)
    _rain(axes, one, y + BOX_MM / 2 + RAIN_MM / 2, scale)


def _rain(axes: Axes, one: _Arm, middle: float, scale: axis.ValueScale) -> None:
    """Draw a point for each participant."""
    if not one.points.size:
        return
    size = marks.swarm_size(one.points.size)
    along = (one.points - scale.low) / (scale.high - scale.low) * PLOT_MM
    aside = marks.swarm(along.tolist(), size=size, half_width=(RAIN_MM - 1.5 - size) / 2)
    axes.plot(one.points, middle + aside, linestyle="none", marker=one.look.marker,
              color=one.look.colour, markersize=size * 72 / page.MM_PER_INCH, markeredgewidth=0.0,
              alpha=0.75, zorder=3)  # fmt: skip


def _write(paper: page.Page, one: _Arm, middle: float, scale: axis.ValueScale) -> None:
    """Write the arm on the left and its mean on the right."""
    lines = page.wrap(one.label, LABEL_MM - 5, bold=True, lines=3)
    step = page.LINE_MM
    top = middle - len(lines) * step / 2
    paper.write_lines(1.0, top, lines, bold=True, colour=one.look.colour)
    n = f"n = {numbers.count(one.box['n'])}"
    paper.write(1.0, top + len(lines) * step, n, small=True, colour=page.GREY)
    digits = numbers.decimals_for(scale.high - scale.low)
    row, right = one.box, page.WIDTH_MM - 1
    paper.write(right, middle, numbers.number(row["mean"], digits), align="right", bold=True)
    known = isfinite(row["mean"])
    interval = (
        numbers.interval_text(row["conf_low"], row["conf_high"], digits) if known else "no values"
    )
    paper.write(right, middle + step, interval, align="right", small=True)
