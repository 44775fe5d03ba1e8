"""The angle of one segment against that of another, through the cycle."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel, point_labels
from backwalk_stats.tables import numbers

HEIGHT_MM, QUARTERS = 100.0, (0.25, 0.5, 0.75)


@page.styled
def angle_angle(
    means: pd.DataFrame,
    *,
    proximal: tuple[str, str],
    distal: tuple[str, str],
    groups: Mapping[str, str],
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, means, proximal=proximal, distal=distal, groups=groups)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    means: pd.DataFrame,
    *,
    proximal: tuple[str, str],
    distal: tuple[str, str],
    groups: Mapping[str, str],
) -> None:
    """Draw the mean distal angle against the mean proximal one, a loop for each group.

    `means` (`tables.MEAN_CURVES`) are of one direction and visit; `groups` are arms, name to label,
    in order. `proximal` and `distal` are a signal and its words
    with unit.
    """
    loops = {name: _loop(means, name, proximal[0], distal[0]) for name in groups}
    loops = {name: loop for name, loop in loops.items() if len(loop)}
    if not loops:
        panel.say(axes, "There is no pair of curves to show")
        return
    panel.value_axis(axes, axis.value_scale([v for loop in loops.values() for v in loop["y"]]))
    panel.across_axis(axes, axis.value_scale([v for loop in loops.values() for v in loop["x"]]))
    looks, starts = panel.looks(groups, axes), []
    for name, loop in loops.items():
        look = looks[name]
        axes.plot(loop["x"], loop["y"], color=look.colour, linestyle=look.line, zorder=3)
        quarters = loop.iloc[[round(share * (len(loop) - 1)) for share in QUARTERS]]
        for rows, size in ((loop.iloc[[0]], 8.0), (quarters, 4.5)):
            axes.plot(rows["x"], rows["y"], color=look.colour, linestyle="none",
                      marker=look.marker, markersize=size, markerfacecolor=look.face,
                      zorder=4)  # fmt: skip
        words = "\n".join(panel.page_lines(groups[name] or name, 24))
        starts.append((words, float(loop["x"].iloc[0]), float(loop["y"].iloc[0]), look.words))
    panel.label_above(axes, distal[1])
    panel.label_below(axes, proximal[1])
    point_labels.write(axes, starts)


def caption() -> str:
    """Return what the figure shows, and how it is read."""
    return (
        "Angle-angle diagram of the mean curves. Large mark: contact of the foot that cuts the "
        "cycles; small marks: each quarter of the cycle after it."
    )


def alt_text(
    means: pd.DataFrame,
    *,
    proximal: tuple[str, str],
    distal: tuple[str, str],
    groups: Mapping[str, str],
) -> str:
    """Return the ranges of both angles in each group."""
    parts = []
    for name, label in groups.items():
        loop = _loop(means, name, proximal[0], distal[0])
        if len(loop):
            spans = [numbers.number(float(loop[k].max() - loop[k].min()), 1) for k in ("x", "y")]
            parts.append(f"{label}: ranges {spans[0]} and {spans[1]} degrees")
    return f"{distal[1]} against {proximal[1]} through the cycle. {'; '.join(parts)}."


def _loop(means: pd.DataFrame, name: str, proximal: str, distal: str) -> pd.DataFrame:
    """Return both angles at every node, as x and y."""
    mine = means[means["arm"] == name]
    wide = mine.pivot_table(index="node", columns="signal", values="estimate")
    if proximal not in wide or distal not in wide:
        return wide.iloc[:0]
    return wide[[proximal, distal]].set_axis(["x", "y"], axis=1).dropna()
