"""How coupling angles are spread around the circle: a rose for each group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from backwalk_stats.figures.marks import ArmLook, arm_looks
from backwalk_stats.figures.page import (
    GREY,
    MID,
    PALE,
    SMALL_PT,
    WIDTH_MM,
    empty_page,
    new_page,
    shorten,
    styled,
)
from backwalk_stats.tables.numbers import Row, frame_rows, number

if TYPE_CHECKING:
    import pandas as pd

ROSE_MM, HEAD_MM, UNDER_MM = 44.0, 17.0, 11.0
WORDS = {0: "proximal", 45: "in-phase", 90: "distal", 135: "anti-phase", 180: "proximal",
         225: "in-phase", 270: "distal", 315: "anti-phase"}  # fmt: skip
EDGES = np.radians(np.arange(22.5, 360.0, 45.0))


@styled
def coupling_rose(rose: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str) -> Figure:
    """Draw the share of coupling angles in each direction of the circle, two roses a line.

    `rose` (`tables.COUPLING_ROSE`) is of one coupling, which the title names; the column `by` holds
    the groups, `panels` is group to label, in order.
    """
    names = [name for name in panels if (rose[by] == name).any()]
    if not names:
        return empty_page("There is no coordination to show")
    lines = -(-len(names) // 2)
    step = HEAD_MM + ROSE_MM + UNDER_MM
    page = new_page(6.0 + lines * step)
    page.write(1.0, 3.0, shorten(title, WIDTH_MM - 2.0, size=SMALL_PT), size=SMALL_PT)
    top = max(float(rose[rose[by].isin(names)]["percent"].max()), 1.0)
    looks = arm_looks(panels)
    for place, name in enumerate(names):
        line, column = divmod(place, 2)
        middle = WIDTH_MM * (2 * column + 1) / 4 if len(names) > 1 else WIDTH_MM / 2
        y = 6.0 + line * step
        page.write(middle, y + 4.0, shorten(panels[name], 75.0, bold=True), bold=True,
                   align="center")  # fmt: skip
        box = (
            (middle - ROSE_MM / 2) / page.width,
            1 - (y + HEAD_MM + ROSE_MM) / page.height,
            ROSE_MM / page.width,
            ROSE_MM / page.height,
        )
        axes = page.figure.add_axes(box, projection="polar")
        assert isinstance(axes, PolarAxes)
        _rose(axes, frame_rows(rose[rose[by] == name]), looks[name], top)
    return page.figure


def alt_text(rose: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str) -> str:
    """Return where most coupling angles lie, for a reader who cannot see the figure."""
    parts = []
    for name, label in panels.items():
        mine = rose[rose[by] == name]
        if len(mine):
            most = max(frame_rows(mine), key=lambda row: float(row["percent"]))
            share, at = number(most["percent"], 0), number(most["angle"], 0)
            parts.append(f"{label}: most often around {at} degrees ({share} % of the cycle)")
    return f"{title}: directions of the coupling angle. {'; '.join(parts)}."


def _rose(axes: PolarAxes, rows: list[Row], look: ArmLook, top: float) -> None:
    """Draw one rose: bars by direction, faint borders between the patterns, and their names."""
    angle = np.radians([row["angle"] for row in rows])
    width = 2.0 * np.pi / len(rows)
    axes.bar(angle, [row["percent"] for row in rows], width=width, facecolor=look.pale,
             edgecolor=look.colour, linewidth=0.8, hatch=look.hatch, zorder=3)  # fmt: skip
    axes.set_ylim(0.0, 1.05 * top)
    for edge in EDGES:
        axes.plot([edge, edge], [0.0, 1.05 * top], color=MID, linewidth=0.5, linestyle=(0, (2, 2)))
    rings = [top / 2, top]
    axes.set_yticks(rings, labels=[f"{number(ring, 0)} %" for ring in rings], fontsize=SMALL_PT)
    axes.set_rlabel_position(22.5)
    axes.grid(color=PALE, linewidth=0.4)
    axes.spines["polar"].set_edgecolor(GREY)
    axes.set_thetagrids(list(WORDS), labels=list(WORDS.values()), fontsize=SMALL_PT - 1)
    axes.tick_params(axis="x", pad=8)
