"""Every cycle of every participant: for those who may see individual data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers

PANEL_MM, HEAD_MM = 50.0, 7.0


@page.styled
def individual_cycles(
    cycles: pd.DataFrame, *, groups: Mapping[str, str], by: str, signal: str, unit: str
) -> Figure:
    """Draw every cycle as a thin line, odd ones in black, a panel for each group.

    `cycles` (`tables.CYCLES`) are of one signal; the column `by` holds the groups, `groups` is
    group to label, in order.
    """
    names = [name for name in groups if (cycles[by] == name).any()]
    if not names:
        return page.empty_page(f"{signal}: there is no cycle")
    scale = axis.value_scale(cycles["value"])
    left = scale.label_room + 2.0
    width = page.WIDTH_MM - left - 6.0
    bottom = page.SMALL_LINE_MM + 2.0
    paper = page.new_page(bottom + len(names) * (HEAD_MM + PANEL_MM) + axis.UNDER_MM)
    words = f"{signal}, {unit} (a line is one cycle; black: far from the others of its recording)"
    paper.write(1.0, 3.0, page.shorten(words, page.WIDTH_MM - 2.0, small=True), small=True)
    looks = marks.arm_looks(groups)
    for name in names:
        mine = cycles[cycles[by] == name]
        axes = paper.axes(left, bottom + HEAD_MM, width, PANEL_MM)
        paper.write(
            left, bottom + HEAD_MM / 2, page.shorten(groups[name], width, bold=True), bold=True
        )
        bottom += HEAD_MM + PANEL_MM
        lines = {odd: _lines(mine[mine["odd"].astype(bool) == odd]) for odd in (False, True)}
        for odd, colour in ((False, looks[name].colour), (True, page.INK)):
            drawn = LineCollection(lines[odd], colors=colour, linewidths=0.45, alpha=0.6, zorder=3)
            axes.add_collection(drawn, autolim=False)
        axis.dress_left(axes, scale)
        axis.dress_cycle(axes, int(cycles["node"].max()) + 1, labels=name == names[-1])
    axis.name_cycle(paper, left, width, bottom)
    return paper.figure


def alt_text(
    cycles: pd.DataFrame, *, groups: Mapping[str, str], by: str, signal: str, unit: str
) -> str:
    """Return how many cycles are drawn in each group."""
    parts = []
    for name, label in groups.items():
        mine = cycles[cycles[by] == name]
        if len(mine):
            count = len(mine[["participant", "recording", "cycle"]].drop_duplicates())
            parts.append(f"{label}: {numbers.number(count, 0)} cycles")
    return f"{signal} ({unit}), every cycle. {'; '.join(parts)}."


def _lines(cycles: pd.DataFrame) -> list[np.ndarray]:
    """Return the points of each cycle."""
    groups = cycles.dropna(subset=["value"]).groupby(["participant", "recording", "cycle"])
    return [group[["node", "value"]].to_numpy(dtype=float) for _, group in groups]
