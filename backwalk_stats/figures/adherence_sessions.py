"""Who came to each session: the share of the arm that attended, missed it, or had withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers

PANEL_MM, LEFT_MM, GAP_MM = 34.0, 13.0, 4.0
STATUSES: dict[str, Any] = {
    "attended": {"facecolor": "#9CCBE8", "edgecolor": page.BLUE, "hatch": ""},
    "missed": {"facecolor": page.VERMILLION, "edgecolor": "#7A3500", "hatch": ""},
    "withdrawn": {"facecolor": "white", "edgecolor": page.MID, "hatch": "////"},
}


@page.styled
def adherence_sessions(
    sessions: pd.DataFrame, *, arms: Mapping[str, str], title: str = ""
) -> Figure:
    """Draw attendance (`tables.SESSIONS`) by session, a panel for each arm.

    A count that is not shown is NaN; `arms` is name to label, in order; `title` stands before the
    legend.
    """
    known = sessions[sessions["n"].fillna(0) > 0]
    if known.empty:
        return page.empty_page("No session is recorded")
    shown = {name: label for name, label in arms.items() if (known["arm"] == name).any()}
    step = page.LINE_MM + PANEL_MM + GAP_MM
    head = 6.5
    paper = page.new_page(head + step * len(shown) + 8.0)
    write_statuses(paper, STATUSES, title)
    low, high = float(known["session"].min()), float(known["session"].max())
    width = page.WIDTH_MM - LEFT_MM - 2.0
    for place, (name, label) in enumerate(shown.items()):
        mine = known[known["arm"] == name].sort_values("session")
        top = head + place * step + page.LINE_MM
        n = f", n = {numbers.count(float(mine['n'].max()))}"
        words = page.wrap(label or name, width - 20, bold=True, lines=1)[0]
        paper.write(
            LEFT_MM, top - 2.2, words + n, bold=True, colour=marks.arm_looks(arms)[name].colour
        )
        axes = paper.axes(LEFT_MM, top, width, PANEL_MM)
        _panel(axes, mine, (low - 0.5, high + 0.5), last=place == len(shown) - 1)
    hidden = known[list(STATUSES)].isna().to_numpy().any()
    words = "Session (×: numbers not shown)" if hidden else "Session"
    paper.write(LEFT_MM + width / 2, paper.height - 2.5, words, small=True, align="center")
    return paper.figure


def alt_text(sessions: pd.DataFrame, *, arms: Mapping[str, str]) -> str:
    """Return what the figure shows, first and last session, for who cannot see it."""
    said = []
    for name, label in arms.items():
        mine = sessions[(sessions["arm"] == name) & (sessions["n"].fillna(0) > 0)]
        shares = [
            numbers.percent(100 * row["attended"] / row["n"], 0)
            for row in numbers.frame_rows(mine.sort_values("session"))
        ]
        if shares:
            said.append(f"{label}: {shares[0]} attended the first session, {shares[-1]} the last")
    return f"Attendance by session and arm, per cent. {'; '.join(said) or 'No session recorded'}."


def write_statuses(paper: page.Page, statuses: Mapping[str, Any], title: str) -> None:
    """Explain the areas in one line at the head of a page."""
    x = 1.0
    words = page.wrap(title, 90.0, bold=True, lines=1)[0] if title else ""
    if words:
        paper.write(x, 3.0, words, bold=True)
        x += page.width_mm(words, bold=True) + 6.0
    for name, look in statuses.items():
        corners = [(x, 1.3), (x + 5, 1.3), (x + 5, 4.7), (x, 4.7)]
        box = Patch(linewidth=0.4, **look)
        paper.sheet.fill(*zip(*corners, strict=True), facecolor=box.get_facecolor(),
                         edgecolor=box.get_edgecolor(), hatch=look["hatch"],
                         linewidth=0.4)  # fmt: skip
        paper.write(x + 6.5, 3.0, name, small=True)
        x += 6.5 + page.width_mm(name, small=True) + 5.0


def _panel(axes: Axes, rows: pd.DataFrame, ends: tuple[float, float], *, last: bool) -> None:
    """Draw the sessions of one arm as stacked bars."""
    axes.set_xlim(*ends)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks((0, 50, 100), labels=["0%", "50%", "100%"])
    ticks = axis.tick_positions(*ends, 12)
    at = [value for value in ticks.at if float(value).is_integer()]
    axes.set_xticks(at, labels=[numbers.count(value) for value in at] if last else [])
    x, n = rows["session"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
    thick = axes.bbox.width / axes.figure.dpi * page.MM_PER_INCH / (ends[1] - ends[0]) > 1.0
    floor = np.zeros(len(x))
    hidden = rows[list(STATUSES)].isna().any(axis=1).to_numpy()
    for name, look in STATUSES.items():
        share = np.where(hidden, 0.0, 100.0 * rows[name].fillna(0.0).to_numpy(dtype=float) / n)
        axes.bar(x, share, bottom=floor, width=0.86 if thick else 1.0,
                 linewidth=0.4 if thick else 0.0, zorder=2, **look)  # fmt: skip
        floor = floor + share
    axes.plot(x[hidden], np.full(hidden.sum(), 50.0), linestyle="none", marker="x", color=page.GREY,
              markersize=3.0)  # fmt: skip
