"""Two arms side by side, and on its own axis their difference (Gardner-Altman)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import labels, numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 88.0
CURVE = 0.42  # how far the curve of the difference reaches
BESIDE = 0.46  # from the points of an arm to its mean with interval
AT = 2.4  # where the difference stands
Contrast = tuple[str, str]
Interval = tuple[float, float, float]  # estimate and its limits


@page.styled
def estimation_plot(
    means: pd.DataFrame,
    difference_curve: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    difference: Interval,
    visit: str = "",
    points: pd.DataFrame | None = None,
    margins: tuple[float, ...] = (),
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, means, difference_curve, words=words, contrast=contrast, difference=difference,
         visit=visit, points=points, margins=margins)  # fmt: skip
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    means: pd.DataFrame,
    difference_curve: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    difference: Interval,
    visit: str = "",
    points: pd.DataFrame | None = None,
    margins: tuple[float, ...] = (),
) -> None:
    """Draw two arms and their difference on axes; its zero stands at the mean of the second arm.

    `means` (`tables.MEANS`) has a row for each of the two arms, `contrast` is arm and reference,
    `difference` the first minus the second with its limits. The curve
    (`tables.DIFFERENCE_CURVE`) may be empty; `points` (`tables.CHANGES`) shows the value of every
    participant. `margins` of the difference are dashed lines beside it.
    """
    arm, reference = contrast
    rows = {name: _mean(means, name) for name in (reference, arm)}
    zero, estimate = float(rows[reference]["estimate"]), difference[0]
    if not (isfinite(zero) and isfinite(estimate)):
        panel.say(axes, f"{words.outcome}: no difference could be estimated")
        return
    values = {name: _values(points, name) for name in rows}
    curve = _core(difference_curve)
    scale = _scale(rows, values, zero, [*difference, *curve[:, 0], *margins])
    panel.value_axis(axes, scale)
    axes.set_xlim(-0.55, AT + CURVE + 0.2)
    looks = panel.looks(words.arms, axes)
    for place, (name, row) in enumerate(rows.items()):
        _arm(axes, row, values[name], looks[name], float(place))
        right = axes.get_xlim()[1]
        axes.plot([place, right], [row["estimate"]] * 2, color=panel.second_ink(axes),
                  linestyle=panel.DOTTED if place else "-", linewidth=0.8, zorder=2)  # fmt: skip
    _difference(axes, curve, zero, difference)
    for margin in margins:
        across = [AT - 0.5, axes.get_xlim()[1]]
        axes.plot(across, [zero + margin] * 2, "--", color=panel.second_ink(axes), linewidth=1.0)
    _second_axis(axes, scale, zero)
    name = labels.contrast_label(" - ".join(contrast), words.arms)
    _names(axes, words, rows, name, difference)
    what = f"{words.measure}{f' at {in_sentence(visit)}' if visit else ''}"
    panel.label_above(axes, what, words.better)


def caption(*, words: Words, visit: str, level: float, individuals: bool, margin: str = "") -> str:
    """Return what the figure shows, and how it is read."""
    points = " Points: participants." * individuals
    points += f" Dashed: the margin, {margin}." if margin else ""
    return (
        f"{words.outcome} at {in_sentence(visit)}: both arms, means with "
        f"{numbers.interval_name(level)}s, and, on the axis at the right, their difference: its "
        f"zero stands at the mean of the reference. Grey: how sure the difference is.{points}"
    )


def alt_text(means: pd.DataFrame, *, words: Words, contrast: Contrast, difference: Interval) -> str:
    """Return what the figure shows, with its numbers, for who cannot see it."""
    arms, (estimate, conf_low, conf_high) = words.arms, difference
    digits = numbers.interval_digits(conf_low, conf_high)
    said = [
        f"{arms[name]}: mean {numbers.number(_mean(means, name)['estimate'], digits)}"
        for name in reversed(contrast)
    ]
    return (
        f"Two arms and their difference, {words.measure}{words.aside}. {'; '.join(said)}. "
        f"{labels.contrast_label(' - '.join(contrast), arms)}: {numbers.number(estimate, digits)} "
        f"({numbers.interval_text(conf_low, conf_high, digits)})."
    )


def _mean(means: pd.DataFrame, name: str) -> numbers.Row:
    """Return the mean of an arm; unknown where there is none."""
    rows = numbers.frame_rows(means[means["arm"] == name])
    return rows[0] if rows else dict.fromkeys(("n", "estimate", "sd", "conf_low", "conf_high"), nan)


def _values(points: pd.DataFrame | None, name: str) -> np.ndarray:
    """Return the known values of an arm's participants."""
    if points is None:
        return np.array([])
    return points.loc[points["arm"] == name, "value"].dropna().to_numpy(dtype=float)


def _core(difference_curve: pd.DataFrame) -> np.ndarray:
    """Return value and height, at most 1, of the part of the curve that can be seen."""
    curve = difference_curve.sort_values("value").to_numpy(dtype=float, copy=True)
    if not curve.size:
        return np.empty((0, 2))
    curve[:, 1] /= np.nanmax(curve[:, 1])
    return curve[curve[:, 1] > 0.01]


def _scale(
    rows: Mapping[str, numbers.Row],
    values: Mapping[str, np.ndarray],
    zero: float,
    shifts: list[float],
) -> axis.ValueScale:
    """Return the axis that holds arms and difference."""
    shown = [zero + shift for shift in shifts]
    for name, row in rows.items():
        shown += [float(row[key]) for key in ("estimate", "conf_low", "conf_high")]
        shown += values[name].tolist()
    return axis.value_scale(shown)


def _arm(axes: Axes, row: numbers.Row, values: np.ndarray, look: panel.Look, x: float) -> None:
    """Draw one arm: its participants, and the mean with its interval."""
    if values.size:
        panel.swarm(axes, x, values.tolist(), look)
    beside = x + BESIDE if values.size else x
    panel.span(axes, [beside], [row["conf_low"]], [row["conf_high"]], look.colour, width=2.2)
    panel.arm_line(axes, [beside], [row["estimate"]], look)


def _difference(axes: Axes, curve: np.ndarray, zero: float, difference: Interval) -> None:
    """Draw the difference, shifted so that zero stands at the reference's mean."""
    estimate, low, high = difference
    axes.fill_betweenx(zero + curve[:, 0], AT, AT + CURVE * curve[:, 1],
                       facecolor=panel.second_ink(axes), alpha=0.35, linewidth=0.0)  # fmt: skip
    panel.span(axes, [AT], [zero + low], [zero + high], panel.ink(), width=2.2)
    axes.plot([AT], [zero + estimate], marker="o", color=panel.ink(), zorder=6)
    digits = numbers.interval_digits(low, high)
    axes.annotate(numbers.number(estimate, digits), (AT, zero + estimate), (-6, 0), ha="right",
                  textcoords="offset points", va="center", fontweight="bold", zorder=7,
                  path_effects=panel.halo(axes))  # fmt: skip


def _second_axis(axes: Axes, scale: axis.ValueScale, zero: float) -> None:
    """Draw the axis of the difference on the right."""
    shifts: Any = (lambda y: y - zero, lambda y: y + zero)
    second = axes.secondary_yaxis("right", functions=shifts)
    ticks = axis.tick_positions(scale.low - zero, scale.high - zero, 6)
    second.set_yticks(ticks.at, labels=ticks.labels)
    second.spines["right"].set_visible(True)


def _names(
    axes: Axes,
    words: Words,
    rows: Mapping[str, numbers.Row],
    name: str,
    difference: Interval,
) -> None:
    """Write under the axis what stands there: arms, how many, and the difference in numbers."""
    slot = panel.width_in_points(axes) / 3.8
    digits = numbers.interval_digits(*difference[1:])
    interval = numbers.interval_text(*difference[1:], digits)
    arms = panel.tick_words((words.arms[one] or one for one in rows), slot)
    told = [f"{arm}\nn = {numbers.count(row['n'])}" for arm, row in zip(arms, rows.values(),
                                                                          strict=True)]  # fmt: skip
    told.append("\n".join([*panel.tick_words([name], 1.3 * slot), interval]))
    axes.set_xticks([0.0, 1.0, AT], labels=told)
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False, axis="x")
    looks = panel.looks(words.arms, axes)
    for text, one in zip(axes.get_xticklabels(), rows, strict=False):
        text.set_color(looks[one].words)
