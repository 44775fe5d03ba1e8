"""How coupling angles are spread around the circle: a rose for each group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from backwalk_stats.figures import marks, page
from backwalk_stats.tables import numbers

ROSE_MM, HEAD_MM, UNDER_MM = 44.0, 17.0, 11.0
WORDS = {0: "proximal", 45: "in-phase", 90: "distal", 135: "anti-phase", 180: "proximal",
         225: "in-phase", 270: "distal", 315: "anti-phase"}  # fmt: skip
EDGES = np.radians(np.arange(22.5, 360.0, 45.0))


@page.styled
def coupling_rose(rose: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str) -> Figure:
    """Draw the share of coupling angles in each direction of the circle, two roses a line.

    `rose` (`tables.COUPLING_ROSE`) is of one coupling, which the title names; the column `by` holds
    the groups, `panels` is group to label, in order.
    """
    names = [name for name in panels if (rose[by] == name).any()]
    if not names:
        return page.empty_page("There is no coordination to show")
    lines = -(-len(names) // 2)
    step = HEAD_MM + ROSE_MM + UNDER_MM
    paper = page.new_page(6.0 + lines * step)
    paper.write(1.0, 3.0, page.shorten(title, page.WIDTH_MM - 2.0, small=True), small=True)
    top = max(float(rose[rose[by].isin(names)]["percent"].max()), 1.0)
    looks = marks.arm_looks(panels)
    for place, name in enumerate(names):
        line, column = divmod(place, 2)
        middle = page.WIDTH_MM * (2 * column + 1) / 4 if len(names) > 1 else page.WIDTH_MM / 2
        y = 6.0 + line * step
        paper.write(
            middle, y + 4.0, page.shorten(panels[name], 75.0, bold=True), bold=True, align="center"
        )
        box = (
            (middle - ROSE_MM / 2) / paper.width,
            1 - (y + HEAD_MM + ROSE_MM) / paper.height,
            ROSE_MM / paper.width,
            ROSE_MM / paper.height,
        )
        axes = paper.figure.add_axes(box, projection="polar")
        assert isinstance(axes, PolarAxes)
        _rose(axes, numbers.frame_rows(rose[rose[by] == name]), looks[name], top)
    return paper.figure


def alt_text(rose: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str) -> str:
    """Return where most coupling angles lie, for a reader who cannot see the figure."""
    parts = []
    for name, label in panels.items():
        mine = rose[rose[by] == name]
        if len(mine):
            most = max(numbers.frame_rows(mine), key=lambda row: float(row["percent"]))
            share, at = numbers.number(most["percent"], 0), numbers.number(most["angle"], 0)
            parts.append(f"{label}: most often around {at} degrees ({share} % of the cycle)")
    return f"{title}: directions of the coupling angle. {'; '.join(parts)}."


def _rose(axes: PolarAxes, rows: list[numbers.Row], look: marks.ArmLook, top: float) -> None:
    """Draw one rose: bars by direction, faint borders between the patterns, and their names."""
    angle = np.radians([row["angle"] for row in rows])
    width = 2.0 * np.pi / len(rows)
    axes.bar(angle, [row["percent"] for row in rows], width=width, facecolor=look.pale,
             edgecolor=look.colour, linewidth=0.8, hatch=look.hatch, zorder=3)  # fmt: skip
    axes.set_ylim(0.0, 1.05 * top)
    for edge in EDGES:
        axes.plot(
            [edge, edge], [0.0, 1.05 * top], color=page.MID, linewidth=0.5, linestyle=(0, (2, 2))
        )
    rings = [top / 2, top]
    axes.set_yticks(
        rings, labels=[f"{numbers.number(ring, 0)} %" for ring in rings], fontsize=page.SMALL_PT
    )
    axes.set_rlabel_position(22.5)
    axes.grid(color=page.PALE, linewidth=0.4)
    axes.spines["polar"].set_edgecolor(page.GREY)
    axes.set_thetagrids(list(WORDS), labels=list(WORDS.values()), fontsize=page.SMALL_PT - 1)
    axes.tick_params(axis="x", pad=8)
