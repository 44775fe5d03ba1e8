"""Every cycle of every participant: for those who may see individual data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers

PANEL_MM, AROUND_MM = 52.0, 14.0


@page.styled
def individual_cycles(
    cycles: pd.DataFrame, *, groups: Mapping[str, str], signal: str, unit: str
) -> Figure:
    """Return `draw`, a panel for each group, on a page of a report."""
    names = [name for name in groups if (cycles["arm"] == name).any()]
    if not names:
        return page.empty_page(f"{signal}: there is no cycle")
    figure, panels = panel.figure(AROUND_MM + PANEL_MM * len(names), rows=len(names), hspace=0.5)
    for place, (name, axes) in enumerate(zip(names, panels, strict=True)):
        draw(
            axes, cycles, group=name, groups=groups, label=f"{signal}{f', {unit}' if unit else ''}"
        )
        if place + 1 < len(names):
            axes.set_xlabel("")
            axes.tick_params(axis="x", labelbottom=False)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    cycles: pd.DataFrame,
    *,
    group: str,
    groups: Mapping[str, str],
    label: str,
) -> None:
    """Draw every cycle of a group as a thin line, odd ones in the colour of text.

    `cycles` (`tables.CYCLES`, and the arm) are of one signal, which `label` names; `groups` are
    arms, name to label, in order. Panels of several groups have the same scale.
    """
    panel.value_axis(axes, axis.value_scale(cycles["value"]))
    panel.cycle_axis(axes, int(cycles["node"].max()) + 1)
    look, mine = panel.looks(groups, axes)[group], cycles[cycles["arm"] == group]
    odd = mine["odd"].astype(bool)
    for part, colour in ((mine[~odd], look.colour), (mine[odd], panel.ink())):
        axes.add_collection(
            LineCollection(_lines(part), colors=colour, linewidths=0.45, alpha=0.6, zorder=3),
            autolim=False,
        )
    panel.label_above(axes, f"{groups[group] or group}: {label}")


def caption(*, signal: str) -> str:
    """Return what the figure shows, and how it is read."""
    return (
        f"{signal}: every cycle of every participant, all walks and visits; a line is one cycle, "
        "black those far from the others of their recording."
    )


def alt_text(cycles: pd.DataFrame, *, groups: Mapping[str, str], signal: str, unit: str) -> str:
    """Return how many cycles are drawn in each group."""
    parts = []
    for name, label in groups.items():
        mine = cycles[cycles["arm"] == name]
        if len(mine):
            count = len(mine[["participant", "recording", "cycle"]].drop_duplicates())
            parts.append(f"{label}: {numbers.number(count, 0)} cycles")
    return f"{signal} ({unit}), every cycle. {'; '.join(parts)}."


def _lines(cycles: pd.DataFrame) -> list[np.ndarray]:
    """Return the points of each cycle."""
    groups = cycles.dropna(subset=["value"]).groupby(["participant", "recording", "cycle"])
    return [group[["node", "value"]].to_numpy(dtype=float) for _, group in groups]
