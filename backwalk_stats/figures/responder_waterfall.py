"""The change of every participant, best first, a panel for each arm (shows individuals)."""

from __future__ import annotations

from math import isfinite
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

Column = Literal["change", "percent_change"]
PANEL_MM, GAP_MM = 60.0, 5.0
WORDS = {"change": "Change from baseline", "percent_change": "Change from baseline in per cent"}


@page.styled
def responder_waterfall(
    points: pd.DataFrame,
    *,
    words: Words,
    column: Column,
    threshold: float | None = None,
    threshold_label: str = "",
) -> Figure:
    """Draw a bar for each participant, those who improved most first.

    The horizontal axis is the share of the arm, so that where the bars cross the threshold reads
    as the percentage of responders, whatever the size of the arms. `points` are of
    `tables.CHANGES`, `column` says which change is drawn, `threshold` is the change of a responder,
    with its sign.
    """
    arms = words.arms
    values = {name: _sorted(points, name, column, words.better) for name in arms}
    if not any(one.size for one in values.values()):
        return page.empty_page(f"{words.outcome}: no change is known")
    every = [float(value) for one in values.values() for value in one]
    every += [] if threshold is None else [threshold]
    scale = axis.value_scale(every, through=0.0)
    left = scale.label_room + 2.0
    width = (page.WIDTH_MM - left - 4.0 - GAP_MM * (len(arms) - 1)) / len(arms)
    shown = f"{WORDS[column]}: {_what(words, column)}"
    head = axis.head_lines(shown, words.better, page.WIDTH_MM - 2)
    titles = {
        name: page.wrap(label or name, width, bold=True, lines=2) for name, label in arms.items()
    }
    step = page.LINE_MM
    top = (len(head) + max(map(len, titles.values())) + 1) * step + 3.5
    said = "" if threshold is None else _said(threshold, threshold_label, words.unit, column)
    note = page.wrap(said, page.WIDTH_MM - 2, small=True, lines=2) if said else []
    paper = page.new_page(top + PANEL_MM + 11.5 + len(note) * page.SMALL_LINE_MM)
    paper.write_lines(1.0, 3.0, head, small=True)
    for place, (name, look) in enumerate(marks.arm_looks(arms).items()):
        x = left + place * (width + GAP_MM)
        y = top - 3.2 - len(titles[name]) * step
        y = paper.write_lines(x, y, titles[name], bold=True, colour=look.colour)
        paper.write(x, y, f"n = {numbers.count(values[name].size)}", small=True, colour=page.GREY)
        axes = paper.axes(x, top, width, PANEL_MM)
        axis.dress_left(axes, scale, labels=place == 0)
        _bars(axes, values[name], look)
        if threshold is not None:
            axes.axhline(threshold, color=page.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=4)
        paper.write(
            x + width / 2, top + PANEL_MM + 7.5, "Per cent of the arm", small=True, align="center"
        )
    paper.write_lines(1.0, top + PANEL_MM + 12.0, note, small=True, colour=page.GREY)
    return paper.figure


def alt_text(points: pd.DataFrame, *, words: Words, column: Column) -> str:
    """Return what the figure shows, with the number of participants, for who cannot see it."""
    sizes = "; ".join(
        f"{label}: n = {numbers.count(_sorted(points, name, column, words.better).size)}"
        for name, label in words.arms.items()
    )
    shown = f"{_what(words, column)}{words.aside}"
    return f"{WORDS[column]} of each participant, best first, {shown}. {sizes}."


def _what(words: Words, column: Column) -> str:
    """Return the outcome, with its unit where the change has it."""
    return words.measure if column == "change" else words.outcome


def _sorted(points: pd.DataFrame, arm: str, column: Column, better: str) -> np.ndarray:
    """Return the known changes of an arm, the best first."""
    value = points.loc[points["arm"] == arm, column].to_numpy(dtype=float)
    value = np.sort(value[np.isfinite(value)])
    return value[::-1] if better == "higher" else value


def _bars(axes: Axes, values: np.ndarray, look: marks.ArmLook) -> None:
    """Draw the bars of one arm over 0 to 100 per cent."""
    axes.set_xlim(0.0, 100.0)
    at = (0, 25, 50, 75, 100)
    axes.set_xticks(at, labels=[str(one) for one in at])
    axes.spines["bottom"].set_visible(False)
    axes.axhline(0.0, color=page.INK, linewidth=0.7, zorder=3)
    if not values.size:
        return
    edges = np.linspace(0.0, 100.0, values.size + 1)
    gap = 0.1 * (edges[1] - edges[0]) if values.size <= 100 else 0.0
    bars = [
        [(a + gap, 0.0), (a + gap, value), (b - gap, value), (b - gap, 0.0)]
        for a, b, value in zip(edges, edges[1:], values, strict=False)
        if isfinite(value)
    ]
    axes.add_collection(
        PolyCollection(bars, facecolors=look.pale if gap == 0.0 else look.colour, linewidths=0.0),
        autolim=False,
    )
    if gap == 0.0:
        axes.step(edges, [*values, values[-1]], where="post", color=look.colour, linewidth=0.9)


def _said(threshold: float, label: str, unit: str, column: Column) -> str:
    """Return what the dashed line is."""
    if column == "percent_change":
        size = f"{numbers.number(threshold, 0)}%"
    else:
        whole = float(threshold).is_integer()
        size = numbers.number(threshold, 0 if whole else numbers.decimals_for(2 * abs(threshold)))
        size = f"{size} {unit}".strip()
    return f"Dashed line: {label + ', ' if label else ''}{size}."
