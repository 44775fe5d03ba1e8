"""Every participant's sessions: attended, missed, or withdrawn (shows individuals)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.figures.adherence_sessions import STATUSES, write_statuses
from backwalk_stats.tables import numbers

LEFT_MM, GAP_MM, HEAD_MM = 3.0, 4.0, 6.5
ROW_MM, MOST_MM = 2.0, 150.0


@page.styled
def adherence_grid(
    adherence: pd.DataFrame, participants: pd.DataFrame, *, arms: Mapping[str, str]
) -> Figure:
    """Draw a row for each participant, those who came most often first; no names are shown.

    `adherence` has columns participant, session and status ("attended", "missed" or "withdrawn"),
    `participants` has participant and arm; `arms` is name to label, in order.
    """
    grids = _grids(adherence, participants, arms)
    rows = sum(len(grid) for grid in grids.values())
    if not rows:
        return page.empty_page("No session is recorded")
    height = min(ROW_MM, MOST_MM / rows)
    extra = page.LINE_MM + GAP_MM
    paper = page.new_page(HEAD_MM + rows * height + extra * len(grids) + 7.0)
    write_statuses(paper, STATUSES, "")
    width = page.WIDTH_MM - LEFT_MM - 3.0
    low, high = float(adherence["session"].min()), float(adherence["session"].max())
    y = HEAD_MM
    for place, (name, grid) in enumerate(grids.items()):
        words = page.wrap(arms[name] or name, width - 20, bold=True, lines=1)[0]
        paper.write(LEFT_MM, y + 1.6, f"{words}, n = {numbers.count(len(grid))}", bold=True,
                    colour=marks.arm_looks(arms)[name].colour)  # fmt: skip
        y += page.LINE_MM
        axes = paper.axes(LEFT_MM, y, width, len(grid) * height)
        _draw(axes, grid, thick=height > 1.2)
        axes.set_xlim(low - 0.5, high + 0.5)
        ticks = axis.tick_positions(low - 0.5, high + 0.5, 12)
        at = [value for value in ticks.at if float(value).is_integer()]
        last = place == len(grids) - 1
        axes.set_xticks(at, labels=[numbers.count(value) for value in at] if last else [])
        y += len(grid) * height + GAP_MM
    paper.write(LEFT_MM + width / 2, paper.height - 2.5, "Session; a row is a participant",
                small=True, align="center")  # fmt: skip
    return paper.figure


def alt_text(
    adherence: pd.DataFrame, participants: pd.DataFrame, *, arms: Mapping[str, str]
) -> str:
    """Return what the figure shows, with the share attended, for who cannot see it."""
    said = []
    for name, grid in _grids(adherence, participants, arms).items():
        cells = grid.notna().to_numpy().sum()
        share = 100.0 * (grid == "attended").to_numpy().sum() / cells
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


def _draw(axes: Axes, grid: pd.DataFrame, *, thick: bool) -> None:
    """Draw the cells of one arm, the first row on top."""
    axes.set_ylim(len(grid), 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    gap = 0.06 if thick else 0.0
    status = grid.to_numpy(dtype=object)
    for name, look in STATUSES.items():
        cells = []
        for row in range(len(grid)):
            cells += [
                [(a - 0.5 + gap, row + gap), (b + 0.5 - gap, row + gap),
                 (b + 0.5 - gap, row + 1 - gap), (a - 0.5 + gap, row + 1 - gap)]
                for a, b in _runs(grid.columns, status[row] == name, joined=not thick)
            ]  # fmt: skip
        axes.add_collection(
            PolyCollection(
                cells,
                facecolors=look["facecolor"],
                edgecolors=look["edgecolor"],
                hatch=look["hatch"] if thick else "",
                linewidths=0.3 if thick else 0.0,
            ),
            autolim=False,
        )


def _runs(sessions: pd.Index, here: np.ndarray, *, joined: bool) -> list[tuple[float, float]]:
    """Return first and last session of each cell; neighbours are one cell where joined."""
    runs: list[tuple[float, float]] = []
    for session in (float(one) for one in sessions[here]):
        if joined and runs and session - runs[-1][1] == 1.0:
            runs[-1] = (runs[-1][0], session)
        else:
            runs.append((session, session))
    return runs
