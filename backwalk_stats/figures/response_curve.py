"""How many participants improved by at least so much, for every amount."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 82.0
SAME = 1e-9
STOPPED = "A bar across the end of a curve: beyond it too few are left, or left out, to be shown."
READ = (
    "The higher curve is the better arm; everyone of an arm counts, who has no value counts as "
    "not better."
)
PLACES = ((1, 1), (1, -1), (-1, 1), (-1, -1))  # of a percentage about its mark
SIDES, HEIGHTS = {1: "left", -1: "right"}, {1: "bottom", -1: "top"}
Run = tuple[np.ndarray, np.ndarray, tuple[bool, bool]]


@page.styled
def response_curve(
    response_curve: pd.DataFrame, *, words: Words, thresholds: Mapping[str, float] | None = None
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, response_curve, words=words, thresholds=thresholds)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    response_curve: pd.DataFrame,
    *,
    words: Words,
    thresholds: Mapping[str, float] | None = None,
) -> None:
    """Draw the percentage of each arm that improved by at least a threshold, on axes.

    In `tables.RESPONSE_CURVE` a positive threshold is an improvement, whichever way the outcome
    runs. Where a percentage is hidden the curve stops, with a mark. Named `thresholds` are dotted,
    with the percentage of each arm where the frame has it.
    """
    known = response_curve[response_curve["percent"].notna()]
    if known.empty:
        panel.say(axes, f"{words.outcome}: no response is known")
        return
    named = dict(thresholds or {})
    scale = axis.value_scale([*known["threshold"].astype(float), *named.values()], most=8)
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks.at, labels=scale.ticks.labels)
    panel.value_axis(axes, axis.percent_scale())
    looks, ends = panel.looks(words.arms, axes), []
    for arm, label in words.arms.items():
        own = response_curve[response_curve["arm"] == arm].sort_values("threshold")
        drawn = runs(own["threshold"].to_numpy(float), own["percent"].to_numpy(float))
        for x, y, stopped in drawn:
            _run(axes, x, y, stopped, looks[arm])
        if drawn:
            told = f"{label or arm} (n = {numbers.count(float(own['n'].max()))})"
            ends.append((told, drawn[-1][1][-1], looks[arm].words))
    panel.label_below(axes, _words(words))
    panel.end_labels(axes, ends)
    said = [(value, f"{label}: {panel.plain_number(value)}") for label, value in named.items()]
    over = panel.name_lines(axes, said)
    for value in sorted(named.values()):
        _shares(axes, at_threshold(response_curve, value, words), value, looks)
    panel.label_above(axes, "Better by at least this much, % of the arm", over=over)


def caption(response_curve: pd.DataFrame, *, words: Words, thresholds: Mapping[str, float]) -> str:
    """Return what the figure shows, and how it is read."""
    hidden = response_curve["percent"].isna().any()
    dotted = " Dotted: a named threshold, with the percentage of each arm there." * bool(thresholds)
    return (
        f"{words.outcome}: share of each arm that became better by at least the amount below. "
        f"{READ}{dotted}{f' {STOPPED}' if hidden else ''}"
    )


def alt_text(
    response_curve: pd.DataFrame, *, words: Words, thresholds: Mapping[str, float] | None = None
) -> str:
    """Return what the figure shows at the named thresholds, for who cannot see it."""
    said = [
        f"{words.arms[arm] or arm}, {label}: {numbers.percent(percent)}"
        for label, value in (thresholds or {}).items()
        for arm, percent in at_threshold(response_curve, value, words).items()
    ]
    tail = f" {'; '.join(said)}." if said else ""
    return f"Cumulative percentage of responders by arm. {_words(words)}.{tail}"


def runs(at: np.ndarray, percent: np.ndarray) -> list[Run]:
    """Return the pieces of a curve without hidden points, and which ends of each are stopped.

    Zero beyond hidden points is left out: where few are left the curve ends.

    Examples
    --------
    >>> nan = float("nan")
    >>> [(x.tolist(), ends) for x, _, ends in runs(np.arange(4.0), np.array([90, 50, nan, 0.0]))]
    [([0.0, 1.0], (False, True))]
    """
    hidden = np.flatnonzero(~np.isfinite(percent))
    edges = [-1, *hidden.tolist(), len(at)]
    found = []
    for before, after in pairwise(edges):
        inside = slice(before + 1, after)
        if after - before > 1 and not (before >= 0 and percent[inside].max() == 0.0):
            found.append((at[inside], percent[inside], (before >= 0, after < len(at))))
    return found


def at_threshold(curve: pd.DataFrame, value: float, words: Words) -> dict[str, float]:
    """Return the percentage of each arm at a threshold, where the frame has it."""
    near = curve[(curve["threshold"] - value).abs() < SAME * max(abs(value), 1.0)]
    found = dict(zip(near["arm"].astype(str), near["percent"].astype(float), strict=True))
    return {arm: found[arm] for arm in words.arms if isfinite(found.get(arm, float("nan")))}


def _run(
    axes: Axes, x: np.ndarray, y: np.ndarray, stopped: tuple[bool, bool], look: panel.Look
) -> None:
    """Draw one piece of a curve; the value at a threshold holds back to the one before it."""
    panel.arm_line(axes, x.tolist(), y.tolist(), look, drawstyle="steps-pre", marker="",
                   clip_on=False)  # fmt: skip
    for end, stop in zip((0, -1), stopped, strict=True):
        if stop:
            axes.plot([x[end]], [y[end]], marker="|", markersize=11, markeredgewidth=1.6,
                      color=look.colour, zorder=6, clip_on=False, gid="stopped")  # fmt: skip


def _shares(
    axes: Axes, percent: Mapping[str, float], value: float, looks: Mapping[str, panel.Look]
) -> None:
    """Mark the percentage of each arm at a threshold; write it where no other text stands."""
    inside = axes.get_window_extent()
    order = sorted(percent, key=percent.__getitem__, reverse=True)
    for place, arm in enumerate(order):
        panel.arm_line(axes, [value], [percent[arm]], looks[arm], clip_on=False, zorder=7)
        taken = [text.get_window_extent() for text in axes.texts]
        label = axes.annotate(numbers.percent(percent[arm], 0), (value, percent[arm]), (0, 0),
                              textcoords="offset points", color=looks[arm].words, zorder=8,
                              path_effects=panel.halo(axes))  # fmt: skip
        for across, up in PLACES if place % 2 == 0 else PLACES[::-1]:
            label.set(position=(5 * across, 4 * up), ha=SIDES[across], va=HEIGHTS[up])
            box = label.get_window_extent()
            free = inside.y0 <= box.y0 and box.y1 <= inside.y1 and inside.x0 <= box.x0
            if free and not any(box.overlaps(other) for other in taken):
                break
        else:
            label.remove()


def _words(words: Words) -> str:
    """Return what runs along the lower axis."""
    return f"Improvement in {in_sentence(words.measure)}"
