"""The change of every participant, best first, a panel for each arm (shows individuals)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

Column = Literal["change", "percent_change"]
HEIGHT_MM = 72.0
WORDS = {"change": "Change from baseline", "percent_change": "Change from baseline in per cent"}


@page.styled
def responder_waterfall(
    points: pd.DataFrame, *, words: Words, column: Column, threshold: float | None = None
) -> Figure:
    """Return `draw` on a page of a report, a panel for each arm on one scale."""
    figure, panels = panel.figure(HEIGHT_MM, len(words.arms), wspace=0.16)
    for axes, arm in zip(panels, words.arms, strict=True):
        draw(axes, points, arm=arm, words=words, column=column, threshold=threshold)
    for axes in panels[1:]:
        axes.set_ylabel("")
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    points: pd.DataFrame,
    *,
    arm: str,
    words: Words,
    column: Column,
    threshold: float | None = None,
) -> None:
    """Draw a bar on axes for each participant of an arm, those who improved most first.

    The horizontal axis is the share of the arm, so that where the bars cross the threshold reads
    as the percentage of responders, whatever the size of the arms. `points` are of
    `tables.CHANGES`, `column` says which change is drawn; the vertical axis holds every arm.
    `threshold` is the change of a responder, with its sign.
    """
    every = points.loc[points["arm"].isin(list(words.arms)), column].dropna().astype(float)
    values = _sorted(points, arm, column, words.better)
    if not values.size:
        panel.say(axes, f"{words.arms[arm] or arm}: no change is known")
        return
    named = [] if threshold is None else [threshold]
    panel.value_axis(axes, axis.value_scale([*every, *named], through=0.0))
    look = panel.looks(words.arms, axes)[arm]
    wide = 100.0 / values.size
    axes.bar(wide * np.arange(values.size), values, width=0.8 * wide if values.size < 100 else wide,
             align="edge", color=look.colour, linewidth=0.0, zorder=3)  # fmt: skip
    axes.set_xlim(0.0, 100.0)
    axes.set_xticks((0, 25, 50, 75, 100), labels=["0", "25", "50", "75", "100%"])
    panel.level(axes, 0.0, zorder=4)
    if threshold is not None:
        panel.level(axes, threshold, linestyle=panel.DOTTED, zorder=4)
    panel.label_above(axes, f"{WORDS[column]}: {_what(words, column)}", words.better)
    name = f"{words.arms[arm] or arm} (n = {numbers.count(values.size)}), % of the arm"
    panel.label_below(axes, name)
    axes.xaxis.label.set_color(look.words)


def caption(*, words: Words, threshold: tuple[float, str] | None = None) -> str:
    """Return what the figure shows, and how it is read."""
    dotted = "" if threshold is None else (
        f" Dotted: {threshold[1]}, {panel.plain_number(threshold[0])}."
    )  # fmt: skip
    return (
        f"Change of every participant in {in_sentence(words.outcome)}, those who improved most "
        f"first; no ids are shown.{dotted}"
    )


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
