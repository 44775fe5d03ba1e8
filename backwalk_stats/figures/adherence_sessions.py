"""Who came to each session: the share of each arm, and the share that was still in the trial."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers

HEIGHT_MM = 70.0
COUNTS = ["attended", "missed", "withdrawn"]
MOST_MARKS = 30  # sessions


@page.styled
def adherence_sessions(sessions: pd.DataFrame, *, arms: Mapping[str, str]) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, sessions, arms=arms)
    panel.fit(figure)
    return figure


def draw(axes: Axes, sessions: pd.DataFrame, *, arms: Mapping[str, str]) -> None:
    """Draw the share that attended each session (`tables.SESSIONS`), a line for each arm.

    The thin line above it is the share that had not withdrawn: what lies between was missed. A
    count that is not shown is NaN and leaves a gap; `arms` is name to label, in order.
    """
    known = sessions[sessions["n"].fillna(0) > 0]
    if known.empty:
        panel.say(axes, "No session is recorded")
        return
    panel.value_axis(axes, axis.ValueScale(low=0.0, high=104.0, ticks=_TICKS))
    low, high = float(known["session"].min()), float(known["session"].max())
    axes.set_xlim(low - 0.6, high + 0.6)
    ticks = axis.tick_positions(low, high, 12)
    at = [value for value in ticks.at if float(value).is_integer()]
    axes.set_xticks(at, labels=[numbers.count(value) for value in at])
    ends = []
    for name, look in panel.looks(arms, axes).items():
        mine = known[known["arm"] == name].sort_values("session")
        if mine.empty:
            continue
        x, n = mine["session"].to_numpy(dtype=float), mine["n"].to_numpy(dtype=float)
        came = 100.0 * mine["attended"].to_numpy(dtype=float) / n
        there = 100.0 * (1.0 - mine["withdrawn"].to_numpy(dtype=float) / n)
        there = np.maximum(there, came)  # rounded counts may cross
        axes.plot(x, there, color=look.colour, linestyle=look.line, linewidth=0.7, zorder=3)
        axes.plot(x, came, color=look.colour, linestyle=look.line, zorder=4,
                  marker=look.marker if high - low < MOST_MARKS else "", markersize=3.5,
                  markerfacecolor=look.face)  # fmt: skip
        shown = came[np.isfinite(came)]
        words = f"{arms[name] or name} (n = {numbers.count(float(n.max()))})"
        ends += [(words, float(shown[-1]), look.words)] if len(shown) else []
    hidden = known[COUNTS].isna().to_numpy().any()
    panel.label_above(axes, "Attended, % of the arm (thin line: not withdrawn)")
    panel.label_below(axes, "Session (gaps: numbers not shown)" if hidden else "Session")
    panel.end_labels(axes, ends)


def caption() -> str:
    """Return what the figure shows, and how it is read."""
    return (
        "Participants who came to each session, by arm. Thin line: those who had not withdrawn; "
        "between the two lines are those who missed it."
    )


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


_TICKS = axis.Ticks(at=(0.0, 25.0, 50.0, 75.0, 100.0), labels=("0", "25", "50", "75", "100"))
