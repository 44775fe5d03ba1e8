"""Which coordination pattern participants are in, over the cycle: stacked shares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers

PANEL_MM, AROUND_MM = 44.0, 12.0
# How much of the second colour of the cycle is in each, from none to all, and hatched where
# neighbours merge: the order can be told without colour.
PATTERN_LOOK = {
    "in-phase": (0.10, ""),
    "proximal": (0.34, "////"),
    "anti-phase": (0.58, ""),
    "distal": (0.86, "...."),
}
PATTERN_WORDS = {
    "in-phase": "in-phase",
    "proximal": "proximal alone",
    "anti-phase": "anti-phase",
    "distal": "distal alone",
}
_TICKS = axis.Ticks(at=(0.0, 50.0, 100.0), labels=("0", "50", "100"))


@page.styled
def coupling_area(
    shares: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str
) -> Figure:
    """Return `draw`, a panel for each group, on a page of a report."""
    names = [name for name in panels if (shares[by] == name).any()]
    if not names:
        return page.empty_page("There is no coordination to show")
    figure, rows = panel.figure(AROUND_MM + PANEL_MM * len(names), rows=len(names), hspace=0.5)
    for place, (name, axes) in enumerate(zip(names, rows, strict=True)):
        draw(axes, shares[shares[by] == name], group=panels[name])
        if place + 1 < len(names):
            axes.set_xlabel("")
            axes.tick_params(axis="x", labelbottom=False)
    panel.fit(figure)
    return figure


def draw(axes: Axes, shares: pd.DataFrame, *, group: str) -> None:
    """Draw the share of participants in each pattern of their mean coupling angle over the cycle.

    `shares` (`tables.COUPLING_OVER_CYCLE`) are of one coupling and of the `group` that is named.
    """
    wide = shares.pivot_table(index="node", columns="pattern", values="percent").fillna(0.0)
    levels = [wide[kind].to_numpy() if kind in wide else np.zeros(len(wide))
              for kind in PATTERN_LOOK]  # fmt: skip
    panel.value_axis(axes, axis.ValueScale(low=0.0, high=100.0, ticks=_TICKS), grid=False)
    panel.cycle_axis(axes, len(wide) + 1)
    colours = _colours(axes)
    areas = axes.stackplot(wide.index, *levels, colors=colours, edgecolor=panel.ink(),
                           linewidth=0.3)  # fmt: skip
    ends, floor = [], 0.0
    for area, level, (kind, (_, hatch)) in zip(areas, levels, PATTERN_LOOK.items(), strict=True):
        area.set_hatch(hatch)
        if len(level):
            ends.append((PATTERN_WORDS[kind], floor + float(level[-1]) / 2, panel.ink()))
            floor += float(level[-1])
    people = numbers.number(float(shares["n"].max()), 0)
    panel.label_above(axes, f"{group} (n = {people}), % of participants, mean angle")
    panel.end_labels(axes, ends)


def caption() -> str:
    """Return what the figure shows."""
    return (
        "Share of participants in each pattern over the cycle, by the mean coupling angle of their "
        "cycles at each step."
    )


def alt_text(shares: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str) -> str:
    """Return what the figure shows, with the mean share of each pattern."""
    parts = []
    for name, label in panels.items():
        mine = shares[shares[by] == name].groupby("pattern")["percent"].mean()
        if len(mine):
            told = ", ".join(
                f"{words} {numbers.number(float(mine[kind]), 0)} %"
                for kind, words in PATTERN_WORDS.items()
                if kind in mine
            )
            parts.append(f"{label}: {told}")
    return (
        f"{title}: share of participants in each pattern of their mean coupling angle over the "
        f"cycle. {'; '.join(parts)}."
    )


def _colours(axes: Axes) -> list[str]:
    """Return a colour for each pattern, from the ground of the axes to the second of the cycle."""
    import seaborn as sns

    strong = panel.looks(("forward", "backward"), axes)["backward"].colour
    blend = sns.blend_palette([axes.get_facecolor(), strong], as_cmap=True)
    return [str(to_hex(blend(share))) for share, _ in PATTERN_LOOK.values()]
