"""The angle of one segment against that of another, through the cycle."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers

PLOT_MM, LABEL_MM, QUARTERS = 92.0, 40.0, (0.25, 0.5, 0.75)


@page.styled
def angle_angle(
    means: pd.DataFrame,
    *,
    proximal: tuple[str, str],
    distal: tuple[str, str],
    groups: Mapping[str, str],
    by: str,
) -> Figure:
    """Draw the mean distal angle against the mean proximal one, a loop for each group.

    `means` (`tables.MEAN_CURVES`) are of one direction and visit, or as the column `by` tells
    apart; `groups` is group to label, in order. `proximal` and `distal` are a signal and its words
    with unit.
    """
    loops = {name: _loop(means, name, by, proximal[0], distal[0]) for name in groups}
    loops = {name: loop for name, loop in loops.items() if len(loop)}
    if not loops:
        return page.empty_page("There is no pair of curves to show")
    x_scale = axis.value_scale([v for loop in loops.values() for v in loop["x"]])
    y_scale = axis.value_scale([v for loop in loops.values() for v in loop["y"]])
    left = y_scale.label_room + 2.0
    width = page.WIDTH_MM - left - LABEL_MM - 4.0
    top = page.SMALL_LINE_MM + 4.0
    under = axis.under_axis(proximal[1], "", width)
    note = "Large mark: contact of the left foot; small marks: each quarter of the cycle after it."
    paper = page.new_page(top + PLOT_MM + under.height + page.SMALL_LINE_MM + 2.0)
    paper.write(1.0, 3.0, page.shorten(distal[1], page.WIDTH_MM - 2.0, small=True), small=True)
    axes = paper.axes(left, top, width, PLOT_MM)
    axis.dress_left(axes, y_scale)
    axis.dress_bottom(axes, x_scale)
    ends = []
    for name, look in marks.arm_looks(groups).items():
        if name in loops:
            _draw(axes, loops[name], look)
            share = (loops[name]["y"].iloc[0] - y_scale.low) / (y_scale.high - y_scale.low)
            ends.append(
                marks.EndLabel(text=groups[name], y=top + (1 - share) * PLOT_MM, colour=look.colour)
            )
    marks.write_end_labels(
        paper, ends, x=left + width + 3.0, width=LABEL_MM, top=top, bottom=top + PLOT_MM
    )
    under.write(paper, left, width, top + PLOT_MM)
    paper.write(1.0, paper.height - 2.5, note, small=True, colour=page.GREY)
    return paper.figure


def alt_text(
    means: pd.DataFrame,
    *,
    proximal: tuple[str, str],
    distal: tuple[str, str],
    groups: Mapping[str, str],
    by: str,
) -> str:
    """Return the ranges of both angles in each group."""
    parts = []
    for name, label in groups.items():
        loop = _loop(means, name, by, proximal[0], distal[0])
        if len(loop):
            spans = [numbers.number(float(loop[k].max() - loop[k].min()), 1) for k in ("x", "y")]
            parts.append(f"{label}: ranges {spans[0]} and {spans[1]} degrees")
    return f"{distal[1]} against {proximal[1]} through the cycle. {'; '.join(parts)}."


def _loop(means: pd.DataFrame, name: str, by: str, proximal: str, distal: str) -> pd.DataFrame:
    """Return both angles at every node, as x and y."""
    mine = means[means[by] == name]
    wide = mine.pivot_table(index="node", columns="signal", values="estimate")
    if proximal not in wide or distal not in wide:
        return wide.iloc[:0]
    return wide[[proximal, distal]].set_axis(["x", "y"], axis=1).dropna()


def _draw(axes: Axes, loop: pd.DataFrame, look: marks.ArmLook) -> None:
    axes.plot(loop["x"], loop["y"], color=look.colour, linestyle=look.line, linewidth=1.6, zorder=3)
    start, others = loop.iloc[[0]], loop.iloc[[round(q * (len(loop) - 1)) for q in QUARTERS]]
    for rows, size in ((start, 7.5), (others, 4.0)):
        axes.plot(
            rows["x"], rows["y"], color=look.colour, linestyle="none", marker=look.marker,
            markersize=size, markeredgecolor="white", markeredgewidth=0.6, zorder=4,
        )  # fmt: skip
