"""Who came to each session: the share of the arm that attended, missed it, or had withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from backwalk_stats.figures.axis import tick_positions
from backwalk_stats.figures.marks import arm_looks
from backwalk_stats.figures.page import (
    BLUE,
    BODY_PT,
    GREY,
    MID,
    MM_PER_INCH,
    SMALL_PT,
    VERMILLION,
    WIDTH_MM,
    Page,
    empty_page,
    line_height,
    new_page,
    styled,
    width_mm,
    wrap,
)
from backwalk_stats.tables.numbers import count, frame_rows, percent

if TYPE_CHECKING:
    import pandas as pd

PANEL_MM, LEFT_MM, GAP_MM = 34.0, 13.0, 4.0
STATUSES: dict[str, Any] = {
    "attended": {"facecolor": "#9CCBE8", "edgecolor": BLUE, "hatch": ""},
    "missed": {"facecolor": VERMILLION, "edgecolor": "#7A3500", "hatch": ""},
    "withdrawn": {"facecolor": "white", "edgecolor": MID, "hatch": "////"},
}


@styled
def adherence_sessions(
    sessions: pd.DataFrame, *, arms: Mapping[str, str], title: str = ""
) -> Figure:
    """Draw attendance (`tables.SESSIONS`) by session, a panel for each arm.

    A count that is not shown is NaN; `arms` is name to label, in order; `title` stands before the
    legend.
    """
    known = sessions[sessions["n"].fillna(0) > 0]
    if known.empty:
        return empty_page("No session is recorded")
    shown = {name: label for name, label in arms.items() if (known["arm"] == name).any()}
    step = line_height(BODY_PT) + PANEL_MM + GAP_MM
    head = 6.5
    page = new_page(head + step * len(shown) + 8.0)
    write_statuses(page, STATUSES, title)
    low, high = float(known["session"].min()), float(known["session"].max())
    width = WIDTH_MM - LEFT_MM - 2.0
    for place, (name, label) in enumerate(shown.items()):
        mine = known[known["arm"] == name].sort_values("session")
        top = head + place * step + line_height(BODY_PT)
        n = f", n = {count(float(mine['n'].max()))}"
        words = wrap(label or name, width - 20, bold=True, lines=1)[0]
        page.write(LEFT_MM, top - 2.2, words + n, bold=True, colour=arm_looks(arms)[name].colour)
        axes = page.axes(LEFT_MM, top, width, PANEL_MM)
        _panel(axes, mine, (low - 0.5, high + 0.5), last=place == len(shown) - 1)
    hidden = known[list(STATUSES)].isna().to_numpy().any()
    words = "Session (×: numbers not shown)" if hidden else "Session"
    page.write(LEFT_MM + width / 2, page.height - 2.5, words, size=SMALL_PT, align="center")
    return page.figure


def alt_text(sessions: pd.DataFrame, *, arms: Mapping[str, str]) -> str:
    """Return what the figure shows, first and last session, for who cannot see it."""
    said = []
    for name, label in arms.items():
        mine = sessions[(sessions["arm"] == name) & (sessions["n"].fillna(0) > 0)]
        shares = [
            percent(100 * row["attended"] / row["n"], 0)
            for row in frame_rows(mine.sort_values("session"))
        ]
        if shares:
            said.append(f"{label}: {shares[0]} attended the first session, {shares[-1]} the last")
    return f"Attendance by session and arm, per cent. {'; '.join(said) or 'No session recorded'}."


def write_statuses(page: Page, statuses: Mapping[str, Any], title: str) -> None:
    """Explain the areas in one line at the head of a page."""
    x = 1.0
    words = wrap(title, 90.0, bold=True, lines=1)[0] if title else ""
    if words:
        page.write(x, 3.0, words, bold=True)
        x += width_mm(words, bold=True) + 6.0
    for name, look in statuses.items():
        corners = [(x, 1.3), (x + 5, 1.3), (x + 5, 4.7), (x, 4.7)]
        box = Patch(linewidth=0.4, **look)
        page.sheet.fill(*zip(*corners, strict=True), facecolor=box.get_facecolor(),
                        edgecolor=box.get_edgecolor(), hatch=look["hatch"],
                        linewidth=0.4)  # fmt: skip
        page.write(x + 6.5, 3.0, name, size=SMALL_PT)
        x += 6.5 + width_mm(name, size=SMALL_PT) + 5.0


def _panel(axes: Axes, rows: pd.DataFrame, ends: tuple[float, float], *, last: bool) -> None:
    """Draw the sessions of one arm as stacked bars."""
    axes.set_xlim(*ends)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks((0, 50, 100), labels=["0%", "50%", "100%"])
    ticks = tick_positions(*ends, 12)
    at = [value for value in ticks.at if float(value).is_integer()]
    axes.set_xticks(at, labels=[count(value) for value in at] if last else [])
    x, n = rows["session"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
    thick = axes.bbox.width / axes.figure.dpi * MM_PER_INCH / (ends[1] - ends[0]) > 1.0
    floor = np.zeros(len(x))
    hidden = rows[list(STATUSES)].isna().any(axis=1).to_numpy()
    for name, look in STATUSES.items():
        share = np.where(hidden, 0.0, 100.0 * rows[name].fillna(0.0).to_numpy(dtype=float) / n)
        axes.bar(x, share, bottom=floor, width=0.86 if thick else 1.0,
                 linewidth=0.4 if thick else 0.0, zorder=2, **look)  # fmt: skip
        floor = floor + share
    axes.plot(x[hidden], np.full(hidden.sum(), 50.0), linestyle="none", marker="x", color=GREY,
              markersize=3.0)  # fmt: skip
