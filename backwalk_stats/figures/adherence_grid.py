"""Every participant's sessions: attended, missed, or withdrawn (shows individuals)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, cells, page, panel
from backwalk_stats.tables import numbers

ROW_MM, MOST_MM = 1.8, 150.0
ATTENDED, FIRST_ARM = 0, 1  # codes of cells; who has withdrawn has none
KEY = "Session; a row is a participant, filled: missed, blank: withdrawn"


@page.styled
def adherence_grid(
    adherence: pd.DataFrame, participants: pd.DataFrame, *, arms: Mapping[str, str]
) -> Figure:
    """Return `draw` on a page of a report."""
    rows = sum(len(grid) for grid in _grids(adherence, participants, arms).values())
    if not rows:
        return page.empty_page("No session is recorded")
    head = 14.0 + len(arms) * 2.2 * page.LINE_MM
    figure, (axes,) = panel.figure(head + min(ROW_MM * rows, MOST_MM))
    draw(axes, adherence, participants, arms=arms)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes, adherence: pd.DataFrame, participants: pd.DataFrame, *, arms: Mapping[str, str]
) -> None:
    """Draw a row for each participant, those who came most often first; no names are shown.

    `adherence` has columns participant, session and status ("attended", "missed" or "withdrawn"),
    `participants` has participant and arm; `arms` is name to label, in order.
    """
    grids = _grids(adherence, participants, arms)
    if not grids:
        panel.say(axes, "No session is recorded")
        return
    looks = panel.looks(arms, axes)
    low, high = int(adherence["session"].min()), int(adherence["session"].max())
    sessions, parts = range(low, high + 1), []
    for place, name in enumerate(arms):
        if name not in grids:
            continue
        codes = grids[name].replace({"attended": ATTENDED, "missed": FIRST_ARM + place})
        codes = codes.replace("withdrawn", np.nan).reindex(columns=sessions)
        title = f"{_cut(arms[name] or name)}, n = {numbers.count(len(codes))}"
        parts.append(
            cells.Block(
                title=title,
                colour=looks[name].words,
                codes=codes.to_numpy(dtype=float, na_value=np.nan),
            )
        )
    cells.blocks(axes, parts, [panel.tint(axes, 0.16), *(look.colour for look in looks.values())])
    ticks = axis.tick_positions(low - 0.5, high + 0.5, 12)
    at = [value for value in ticks.at if float(value).is_integer()]
    axes.set_xticks([value - low + 0.5 for value in at],
                    labels=[numbers.count(value) for value in at], rotation=0)  # fmt: skip
    panel.label_below(axes, KEY)


def caption() -> str:
    """Return what the figure shows, and how it is read."""
    return (
        "Every participant’s sessions, those who came most often first; no ids are shown. Pale: "
        "attended; filled: missed; blank: after withdrawal."
    )


def alt_text(
    adherence: pd.DataFrame, participants: pd.DataFrame, *, arms: Mapping[str, str]
) -> str:
    """Return what the figure shows, with the share attended, for who cannot see it."""
    said = []
    for name, grid in _grids(adherence, participants, arms).items():
        planned = grid.notna().to_numpy().sum()
        share = 100.0 * (grid == "attended").to_numpy().sum() / planned
        said.append(f"{arms[name]}, n = {len(grid)}: {numbers.percent(float(share), 0)} attended")
    return f"Sessions of every participant. {'; '.join(said) or 'No session recorded'}."


def _grids(
    adherence: pd.DataFrame, participants: pd.DataFrame, arms: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """Return for each arm participants down, sessions across, those who came most often first."""
    wide = adherence.pivot(index="participant", columns="session", values="status")
    arm = participants.set_index("participant")["arm"].reindex(wide.index)
    grids = {}
    for name in arms:
        grid = wide[(arm == name).to_numpy()]
        rank = [(grid == status).sum(axis=1).to_numpy() for status in ("withdrawn", "attended")]
        order = np.lexsort((rank[0], -rank[1]))
        if len(grid):
            grids[name] = grid.iloc[order].reset_index(drop=True)
    return grids


def _cut(label: str) -> str:
    """Return the first line of a label, cut where it is very long."""
    first, *rest = panel.page_lines(label, 60)
    return first if not rest else f"{first[:59]}{page.ELLIPSIS}"
