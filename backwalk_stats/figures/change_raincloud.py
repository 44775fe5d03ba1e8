"""Change from baseline in each arm: its distribution, its mean with interval, its participants."""

from __future__ import annotations

from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

ROW_MM, POINTS_MM, REST_MM = 19.0, 12.0, 23.0
FAINTEST = 0.005  # of the peak; the tails beyond are not drawn
CLOUD, POINTS = 1.0, 0.8  # heights: of the highest density, and of the strip of points
BOX = ("p5", "q1", "median", "q3", "p95", "mean", "conf_low", "conf_high")


@page.styled
def change_raincloud(
    density: pd.DataFrame,
    box: pd.DataFrame,
    *,
    words: Words,
    visit: str = "",
    points: pd.DataFrame | None = None,
    threshold: float | None = None,
    threshold_label: str = "",
) -> Figure:
    """Return `draw` on a page of a report."""
    row = ROW_MM + (0.0 if points is None else POINTS_MM)
    figure, (axes,) = panel.figure(REST_MM + row * len(words.arms))
    draw(axes, density, box, words=words, visit=visit, points=points, threshold=threshold,
         threshold_label=threshold_label)  # fmt: skip
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    density: pd.DataFrame,
    box: pd.DataFrame,
    *,
    words: Words,
    visit: str = "",
    points: pd.DataFrame | None = None,
    threshold: float | None = None,
    threshold_label: str = "",
) -> None:
    """Draw the change from baseline on axes, a row for each arm, the reference lowest.

    Each row has the density (`tables.DENSITY`; an arm without rows has none) over the mean with its
    interval, the quartiles and the median (`tables.BOX`; NaN where too few allow them), over
    `points` (`tables.CHANGES`), every participant. A `threshold` is a change that matters, with its
    sign.
    """
    clouds = {arm: _cloud(density, arm) for arm in words.arms}
    boxes = {str(row["arm"]): row for row in numbers.frame_rows(box)}
    changes = {arm: _changes(points, arm) for arm in words.arms}
    shown = [float(boxes[arm][key]) for arm in words.arms if arm in boxes for key in BOX]
    shown += [value for arm in words.arms for value in (*clouds[arm][0], *changes[arm])]
    if not np.isfinite(shown).any():
        panel.say(axes, f"{words.outcome}: no change from baseline is known")
        return
    scale = axis.value_scale(
        shown if threshold is None else [*shown, threshold], through=0.0, most=7
    )
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks.at, labels=scale.ticks.labels)
    step = CLOUD + 0.6 + (0.0 if points is None else POINTS)
    axes.set_ylim(-step + CLOUD + 0.1, step * (len(words.arms) - 1) + CLOUD + 0.1)
    axes.axvline(0.0, color=panel.ink(), linewidth=1.0, zorder=2)
    looks = panel.looks(words.arms, axes)
    peak = max((float(high.max()) for _, high in clouds.values() if high.size), default=1.0)
    for place, arm in enumerate(words.arms):
        floor = place * step
        at, high = clouds[arm]
        axes.fill_between(at, floor, floor + high / peak * CLOUD, facecolor=looks[arm].colour,
                          alpha=0.35, linewidth=0.0, zorder=1)  # fmt: skip
        axes.plot(at, floor + high / peak * CLOUD, color=looks[arm].colour, zorder=3)
        if arm in boxes:
            _summary(axes, boxes[arm], floor - 0.22, looks[arm])
        if changes[arm].size:
            middle = floor - 0.44 - POINTS / 2
            panel.swarm(axes, middle, changes[arm].tolist(), looks[arm], across=True)
    _arms(axes, words, boxes, [place * step + 0.35 for place in range(len(words.arms))])
    when = f" by {in_sentence(visit)}" if visit else ""
    panel.label_below(axes, f"Change of {in_sentence(words.measure)}{when}", words.better)
    if threshold is not None:
        said = f"{threshold_label}: {panel.plain_number(threshold)}".removeprefix(": ")
        panel.name_lines(axes, [(threshold, said)])


def caption(
    *, words: Words, level: float, individuals: bool, quartiles: bool = True, tails: bool = True
) -> str:
    """Return what the figure shows, and how it is read."""
    grey = (
        "thick and thin grey: quartiles and 5th to 95th percentile" if tails else "grey: quartiles"
    )
    box = f"; {grey}, tick: median" * quartiles
    point = "; points: participants" * individuals
    return (
        f"{words.outcome}: change from baseline in each arm. Area: distribution; mark with bar: "
        f"mean, {numbers.interval_name(level)}, also in numbers{box}{point}."
    )


def alt_text(density: pd.DataFrame, box: pd.DataFrame, *, words: Words, visit: str = "") -> str:
    """Return what the figure shows, with the mean of each arm, for who cannot see it."""
    rows = {str(row["arm"]): row for row in numbers.frame_rows(box)}
    parts = []
    for arm, label in words.arms.items():
        row = rows.get(arm, {"n": 0.0, "mean": None, "conf_low": None, "conf_high": None})
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"], row["mean"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        mean = numbers.number(row["mean"], digits)
        parts.append(f"{label or arm}: n = {numbers.count(row['n'])}, mean {mean} ({interval})")
    way = f"; {words.way}" if words.way else ""
    when = f" to {visit}" if visit else ""
    head = f"Distribution of the change from baseline{when}, {words.measure}{way}."
    return f"{head} {'; '.join(parts)}."


def _cloud(density: pd.DataFrame, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Return values and density of an arm, without tails that nobody could see."""
    own = density[density["arm"] == arm].sort_values("value")
    at, high = own["value"].to_numpy(dtype=float), own["density"].to_numpy(dtype=float)
    keep = np.isfinite(high) & (high > FAINTEST * np.nanmax(high, initial=0.0))
    return at[keep], high[keep]


def _changes(points: pd.DataFrame | None, arm: str) -> np.ndarray:
    """Return the known changes of an arm's participants."""
    if points is None:
        return np.array([])
    return points.loc[points["arm"] == arm, "change"].dropna().to_numpy(dtype=float)


def _summary(axes: Axes, row: numbers.Row, height: float, look: panel.Look) -> None:
    """Draw percentiles, and the mean with its interval over them."""
    pale = panel.second_ink(axes)
    for low, high, width in (("p5", "p95", 0.8), ("q1", "q3", 3.0)):
        if isfinite(row[low]) and isfinite(row[high]):
            ends = [row[low]], [row[high]]
            panel.span(axes, [height - 0.13], *ends, pale, across=True, width=width)
    if isfinite(row["median"]):
        axes.plot([row["median"]], [height - 0.13], marker="|", color=pale, markersize=7, zorder=5)
    if isfinite(row["mean"]):
        panel.span(axes, [height + 0.06], [row["conf_low"]], [row["conf_high"]], look.colour,
                   across=True, width=2.2)  # fmt: skip
        panel.arm_line(axes, [row["mean"]], [height + 0.06], look)


def _arms(axes: Axes, words: Words, boxes: dict[str, numbers.Row], heights: list[float]) -> None:
    """Write each arm beside its row: its name, how many, and the mean in numbers."""
    told = []
    for arm, label in words.arms.items():
        name = "\n".join(panel.page_lines(label or arm, lines=2))
        row = boxes.get(arm)
        if row is None or not isfinite(row["mean"]):
            told.append(f"{name}\nno values")
            continue
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        mean = numbers.number(row["mean"], digits)
        after = ", " if "\n" in name else "\n"  # four lines at most: rows are as high as that
        told.append(f"{name}\nn = {numbers.count(row['n'])}{after}{mean}\n({interval})")
    axes.set_yticks(heights, labels=told)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    looks = panel.looks(words.arms, axes)
    for arm, text in zip(words.arms, axes.get_yticklabels(), strict=True):
        text.set_color(looks[arm].words)
