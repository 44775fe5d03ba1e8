"""How many participants improved by at least so much, for every amount."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.figures.marks import EndLabel, arm_looks, write_end_labels
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

PLOT_MM, LEFT_MM, LABEL_MM = 66.0, 13.0, 38.0
WIDE_MM = page.WIDTH_MM - LEFT_MM - LABEL_MM


@page.styled
def response_curve(
    response_curve: pd.DataFrame, *, words: Words, thresholds: Mapping[str, float] | None = None
) -> Figure:
    """Draw the percentage of each arm that improved by at least a threshold.

    In `tables.RESPONSE_CURVE` a positive threshold is an improvement, whichever way the outcome
    runs: the curve that lies higher is the better arm. Named `thresholds` are marked by a line.
    """
    arms = words.arms
    known = response_curve[response_curve["percent"].notna()]
    if known.empty:
        return page.empty_page(f"{words.outcome}: no response is known")
    marks = dict(thresholds or {})
    scale = axis.value_scale([*known["threshold"].astype(float), *marks.values()], most=8)
    under = axis.under_axis(_words(words), "", WIDE_MM)
    head = 6.5 + 3.6 * len(marks)
    paper = page.new_page(head + PLOT_MM + under.height + 1.0)
    paper.write(1.0, 3.0, "Participants who improved that much, per cent (↑ better)", small=True)
    axes = paper.axes(LEFT_MM, head, WIDE_MM, PLOT_MM)
    axis.dress_bottom(axes, scale, grid=False)
    axes.set_ylim(0.0, 100.0)
    at = (0, 25, 50, 75, 100)
    axes.set_yticks(at, labels=[str(one) for one in at])
    for one in at:
        axes.axhline(one, color=page.PALE, linewidth=0.4, zorder=0)
    _marks(paper, scale, marks, head)
    ends = []
    for name, look in arm_looks(arms).items():
        mine = known[known["arm"] == name].sort_values("threshold")
        if mine.empty:
            continue
        x, y = mine["threshold"].to_numpy(dtype=float), mine["percent"].to_numpy(dtype=float)
        axes.step(x, y, where="pre", color=look.colour, linestyle=look.line, linewidth=1.8,
                  zorder=3, clip_on=False)  # fmt: skip
        some = max(len(x) // 8, 1)
        axes.plot(x[::some], y[::some], linestyle="none", marker=look.marker, markersize=4.2,
                  color=look.colour, zorder=4, clip_on=False)  # fmt: skip
        size = f"n = {numbers.count(float(mine['n'].max()))}"
        height = head + (1 - float(y.mean()) / 100) * PLOT_MM
        ends.append(EndLabel(text=f"{arms[name] or name} ({size})", y=height, colour=look.colour))
    write_end_labels(paper, ends, x=LEFT_MM + WIDE_MM + 3.0, width=LABEL_MM - 4.0, top=head,
                     bottom=head + PLOT_MM)  # fmt: skip
    under.write(paper, LEFT_MM, WIDE_MM, head + PLOT_MM)
    return paper.figure


def alt_text(
    response_curve: pd.DataFrame, *, words: Words, thresholds: Mapping[str, float] | None = None
) -> str:
    """Return what the figure shows at the named thresholds, for who cannot see it."""
    said = []
    for label, value in (thresholds or {}).items():
        for name, arm in words.arms.items():
            mine = response_curve[response_curve["arm"] == name]
            near = mine[(mine["threshold"] - value).abs() < 1e-9]["percent"]
            if len(near) and isfinite(near.iloc[0]):
                said.append(f"{arm}, {label}: {numbers.percent(float(near.iloc[0]))}")
    tail = f" {'; '.join(said)}." if said else ""
    return f"Cumulative percentage of responders by arm. {_words(words)}.{tail}"


def _words(words: Words) -> str:
    """Return what runs along the lower axis."""
    return f"Improvement of at least … ({words.unit or 'units of the scale'}), {words.outcome}"


def _marks(
    paper: page.Page, scale: axis.ValueScale, marks: Mapping[str, float], head: float
) -> None:
    """Draw a line at each named threshold, its name over the plot on a line of its own."""
    digits = numbers.decimals_for(scale.high - scale.low)
    for place, (label, value) in enumerate(sorted(marks.items(), key=lambda item: item[1])):
        x = LEFT_MM + scale.share(value) * WIDE_MM
        y = 6.8 + 3.6 * place
        text = page.wrap(f"{label}: {numbers.number(value, digits)}", 80.0, small=True, lines=1)[0]
        leftwards = x > LEFT_MM + WIDE_MM / 2
        paper.write(x - 1 if leftwards else x + 1, y, text, small=True, colour=page.GREY,
                    align="right" if leftwards else "left")  # fmt: skip
        paper.sheet.plot([x, x], [y - page.SMALL_LINE_MM / 3, head + PLOT_MM], color=page.INK,
                         linewidth=0.7, linestyle=(0, (4, 2)))  # fmt: skip
