"""Differences of two measurements over their mean, with bias and limits of agreement."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers

HEIGHT_MM = 82.0
LINES = {"limit_low": (0, (4.5, 1.8)), "bias": "-", "limit_high": (0, (4.5, 1.8))}
NAMES = {"limit_low": "lower limit", "bias": "bias", "limit_high": "upper limit"}


@page.styled
def bland_altman(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    measure: str,
    contrast: str,
    individuals: bool = True,
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, points, limits, measure=measure, contrast=contrast, individuals=individuals)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    measure: str,
    contrast: str,
    individuals: bool = True,
) -> None:
    """Draw differences over means (columns `mean`, `difference`), and the lines of `limits`.

    `limits` has quantity (bias, limit_low, limit_high), estimate, conf_low, conf_high: each line
    has a band of its interval. `contrast` says which measurement is subtracted. Without individuals
    no participant is drawn.
    """
    rows = {str(row["quantity"]): row for row in numbers.frame_rows(limits)}
    ends = limits[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float).ravel()
    heights = [*ends.tolist(), *(points["difference"].tolist() if individuals else [])]
    panel.value_axis(axes, axis.value_scale(heights, through=0.0))
    below = axis.value_scale(points["mean"].tolist(), most=8)
    panel.across_axis(axes, below)
    along = [below.low, below.high]
    axes.axhline(0.0, color=panel.ink(), linewidth=0.9, zorder=1)
    looks = list(panel.looks(("bias", "limits"), axes).values())
    written = []
    for name, style in LINES.items():
        row, colour = rows[name], looks[name != "bias"].colour
        axes.fill_between(along, row["conf_low"], row["conf_high"], facecolor=colour, alpha=0.16,
                          linewidth=0.0, zorder=1)  # fmt: skip
        axes.plot(along, [row["estimate"]] * 2, color=colour, linewidth=1.9, linestyle=style,
                  zorder=4)  # fmt: skip
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"])
        text = f"{NAMES[name]} {numbers.number(row['estimate'], digits)}"
        written.append((text, float(row["estimate"]), looks[name != "bias"].words))
    if individuals:
        strength = float(np.clip(60 / max(len(points), 1), 0.35, 0.9))
        axes.plot(points["mean"], points["difference"], linestyle="none", marker="o",
                  markersize=mpl.rcParams["lines.markersize"] * 0.7, markeredgewidth=0.0,
                  color=panel.second_ink(axes), alpha=strength, zorder=3)  # fmt: skip
    told = contrast.replace(" - ", f" {numbers.MINUS} ")
    panel.label_above(axes, f"Difference, {told}")
    panel.label_below(axes, f"Mean of both: {measure}")
    panel.end_labels(axes, written)


def alt_text(limits: pd.DataFrame, *, measure: str, contrast: str) -> str:
    """Return what the figure shows, for who cannot see it."""
    rows: Mapping[str, Mapping[str, float]] = {
        str(row["quantity"]): row for row in numbers.frame_rows(limits)
    }
    said = []
    for name, label in NAMES.items():
        row = rows[name]
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        said.append(f"{label} {numbers.number(row['estimate'], digits)} ({interval})")
    return f"Differences of two measurements, {measure}, {contrast}: {'; '.join(said)}."
