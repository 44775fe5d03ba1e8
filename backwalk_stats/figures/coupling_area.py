"""Which coordination pattern participants are in, over the cycle: stacked shares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.tables import numbers

PANEL_MM, HEAD_MM, KEY_MM, LEFT_MM = 34.0, 8.0, 7.0, 14.0
# From light to dark, so that the order can be told without colour; hatched where neighbours merge.
PATTERN_LOOK = {
    "in-phase": ("#CFE3F0", ""),
    "proximal": ("#7FB2D6", "////"),
    "anti-phase": ("#F2B38B", ""),
    "distal": ("#B5541C", "...."),
}
PATTERN_WORDS = {
    "in-phase": "in-phase",
    "proximal": "proximal alone",
    "anti-phase": "anti-phase",
    "distal": "distal alone",
}


@page.styled
def coupling_area(
    shares: pd.DataFrame, *, panels: Mapping[str, str], by: str, title: str
) -> Figure:
    """Draw the share of participants in each pattern over the cycle, a panel a group.

    `shares` (`tables.COUPLING_OVER_CYCLE`) are of one coupling, which the title names; the column
    `by` holds the groups, `panels` is group to label, in order.
    """
    names = [name for name in panels if (shares[by] == name).any()]
    if not names:
        return page.empty_page("There is no coordination to show")
    step = HEAD_MM + PANEL_MM
    paper = page.new_page(6.0 + KEY_MM + len(names) * step + axis.UNDER_MM)
    paper.write(1.0, 3.0, page.shorten(title, page.WIDTH_MM - 2.0, small=True), small=True)
    _key(paper, 6.0 + KEY_MM / 2)
    width = page.WIDTH_MM - LEFT_MM - 6.5
    bottom = 6.0 + KEY_MM
    for name in names:
        mine = shares[shares[by] == name]
        people = numbers.number(float(mine["n"].max()), 0)
        head = page.shorten(f"{panels[name]} (n = {people})", width, bold=True)
        paper.write(LEFT_MM, bottom + HEAD_MM / 2, head, bold=True)
        axes = paper.axes(LEFT_MM, bottom + HEAD_MM, width, PANEL_MM)
        bottom += step
        wide = mine.pivot_table(index="node", columns="pattern", values="percent")
        base = np.zeros(len(wide))
        for kind, (colour, hatch) in PATTERN_LOOK.items():
            level = wide[kind].to_numpy() if kind in wide else np.zeros(len(wide))
            axes.fill_between(
                wide.index, base, base + level,
                facecolor=colour, edgecolor=page.INK, hatch=hatch, linewidth=0.3,
            )  # fmt: skip
            base = base + level
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 50, 100], labels=["0 %", "50 %", "100 %"])
        axis.dress_cycle(axes, len(wide) + 1, labels=name == names[-1])
    axis.name_cycle(paper, LEFT_MM, width, bottom)
    return paper.figure


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
    return f"{title}: share of participants in each pattern over the cycle. {'; '.join(parts)}."


def _key(paper: page.Page, y: float) -> None:
    x = LEFT_MM
    for kind, (colour, hatch) in PATTERN_LOOK.items():
        paper.sheet.fill([x, x + 6, x + 6, x], [y - 1.6, y - 1.6, y + 1.6, y + 1.6],
                         facecolor=colour, edgecolor=page.INK, hatch=hatch,
                         linewidth=0.4)  # fmt: skip
        words = PATTERN_WORDS[kind]
        paper.write(x + 8.0, y, words, small=True, colour=page.GREY)
        x += 15.0 + page.width_mm(words, small=True)
