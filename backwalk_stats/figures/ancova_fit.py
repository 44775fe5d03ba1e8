"""A line for each arm: the outcome that the model expects for each baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

PLOT_MM, LABEL_MM = 78.0, 36.0


@page.styled
def ancova_fit(
    lines: pd.DataFrame,
    *,
    words: Words,
    visit: str = "",
    points: pd.DataFrame | None = None,
    level: float = 0.95,
) -> Figure:
    """Draw the lines of an analysis of covariance (`tables.ANCOVA_LINES`) with their bands.

    The dotted line is no change. `points` (`tables.CHANGES`) shows every participant.
    """
    known = lines[lines["estimate"].notna()]
    if known.empty:
        return page.empty_page(f"{words.outcome}: no line could be fitted")
    columns = ("estimate", "conf_low", "conf_high")
    heights = [float(value) for column in columns for value in known[column]]
    across = known["baseline"].astype(float).tolist()
    if points is not None:
        both = points[points["baseline"].notna() & points["value"].notna()]
        heights += both["value"].astype(float).tolist()
        across += both["baseline"].astype(float).tolist()
    scale, below = axis.value_scale(heights), axis.value_scale(across, most=8)
    left = scale.label_room + 2.0
    width = page.WIDTH_MM - left - LABEL_MM
    when = visit or "follow-up"
    head = axis.head_lines(f"{words.measure}, at {when}", words.better, page.WIDTH_MM - 2)
    under = axis.under_axis(f"{words.measure}, at baseline", "", width)
    top = 3.0 + len(head) * page.SMALL_LINE_MM
    paper = page.new_page(top + PLOT_MM + under.height + 5.0)
    paper.write_lines(1.0, 3.0, head, small=True)
    axes = paper.axes(left, top, width, PLOT_MM)
    axis.dress_left(axes, scale)
    axis.dress_bottom(axes, below, grid=False)
    dotted = (0, (1, 1.6))
    axes.axline((0.0, 0.0), slope=1.0, color=page.MID, linewidth=1.0, linestyle=dotted, zorder=1)
    ends = []
    for name, look in marks.arm_looks(words.arms).items():
        mine = known[known["arm"] == name].sort_values("baseline")
        if len(mine):
            _line(axes, mine, look)
            y = top + (1 - scale.share(float(mine["estimate"].iloc[-1]))) * PLOT_MM
            ends.append(marks.EndLabel(text=words.arms[name] or name, y=y, colour=look.colour))
        if points is not None:
            _points(axes, both[both["arm"] == name], look)
    bottom, beside = top + PLOT_MM, {"x": left + width + 2.0, "width": LABEL_MM - 3.0}
    marks.write_end_labels(paper, ends, **beside, top=top, bottom=bottom)
    under.write(paper, left, width, bottom)
    paper.foot(
        f"Lines with bands: expected value with {numbers.interval_name(level)}; dotted: no change."
    )
    return paper.figure


def alt_text(lines: pd.DataFrame, *, words: Words, visit: str = "") -> str:
    """Return what the figure shows at both ends of each line, for who cannot see it."""
    known = lines[lines["estimate"].notna()]
    digits = numbers.decimals_of(known["estimate"])
    along = numbers.decimals_of(known["baseline"])
    said = []
    for name, label in words.arms.items():
        mine = numbers.frame_rows(known[known["arm"] == name].sort_values("baseline"))
        for row in (mine[0], mine[-1]) if mine else ():
            interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
            said.append(
                f"{label}, baseline {numbers.number(row['baseline'], along)}: "
                f"{numbers.number(row['estimate'], digits)} ({interval})"
            )
    return (
        f"Analysis of covariance, {words.measure}{words.aside}: value at {visit or 'follow-up'} by "
        f"baseline. {'; '.join(said)}."
    )


def _line(axes: Axes, mine: pd.DataFrame, look: marks.ArmLook) -> None:
    """Draw one arm's line and band."""
    x = mine["baseline"].to_numpy(dtype=float)
    low, high = (mine[name].to_numpy(dtype=float) for name in ("conf_low", "conf_high"))
    axes.fill_between(x, low, high, facecolor=look.pale, alpha=0.6, linewidth=0.0, zorder=1)
    axes.plot(x, mine["estimate"], color=look.colour, linestyle=look.line, linewidth=1.9, zorder=4)


def _points(axes: Axes, mine: pd.DataFrame, look: marks.ArmLook) -> None:
    """Draw a point for each participant of one arm."""
    size = float(np.sqrt(marks.swarm_size(len(mine))) * 4.0)
    axes.plot(mine["baseline"], mine["value"], linestyle="none", marker=look.marker,
              color=look.colour, markersize=size, markeredgewidth=0.0, alpha=0.65,
              zorder=3)  # fmt: skip
