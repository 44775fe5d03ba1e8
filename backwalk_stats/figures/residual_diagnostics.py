"""Whether a model's residuals look as it assumes: against the fit, and against the normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

PLOT_MM, GAP_MM, HEAD_MM = 62.0, 8.0, 12.5


@page.styled
def residual_diagnostics(
    residual_bins: pd.DataFrame,
    residual_quantiles: pd.DataFrame,
    *,
    words: Words,
    residuals: pd.DataFrame | None = None,
) -> Figure:
    """Draw residuals against fitted values, and their quantiles against the normal's.

    In bins of the fit (`tables.RESIDUAL_BINS`) mean and spread of the residuals are drawn, or every
    observation where `residuals` (`tables.RESIDUALS`) are given; the quantiles are of
    `tables.RESIDUAL_QUANTILES`.
    """
    if residual_bins.empty and residual_quantiles.empty:
        return page.empty_page(f"{words.outcome}: the model has no residuals")
    seen = residuals if residuals is not None else residual_bins.iloc[:0]
    columns = ("residual", "low", "high")
    heights = [float(value) for name in columns for value in residual_bins[name]]
    fitted = axis.value_scale([*residual_bins["fitted"], *seen["fitted"]])
    residual = axis.value_scale([*heights, *seen["residual"]], through=0.0)
    quantiles = [float(v) for name in ("normal", "residual") for v in residual_quantiles[name]]
    if residuals is not None:
        quantiles += residuals["normalised"].astype(float).tolist()
    both = axis.value_scale(quantiles, through=0.0)
    rooms = [scale.label_room + 2.0 for scale in (residual, both)]
    width = (page.WIDTH_MM - sum(rooms) - GAP_MM - 3.0) / 2
    under = axis.under_axis(f"Fitted value: {words.measure}", "", width)
    paper = page.new_page(HEAD_MM + PLOT_MM + under.height + 5.0)
    second = rooms[0] + width + GAP_MM
    _title(paper, 1.0, "Residual against fit", f"Residual{f', {words.unit}' if words.unit else ''}")
    axes = paper.axes(rooms[0], HEAD_MM, width, PLOT_MM)
    _against_fit(axes, residual_bins, residuals, (fitted, residual))
    under.write(paper, rooms[0], width, HEAD_MM + PLOT_MM)
    _title(paper, second, "Quantiles", "Normalised residual, SD")
    axes = paper.axes(second + rooms[1], HEAD_MM, width, PLOT_MM)
    _quantiles(axes, residual_quantiles, residuals, both)
    normal = axis.under_axis("Quantile of the normal distribution, SD", "", width)
    normal.write(paper, second + rooms[1], width, HEAD_MM + PLOT_MM)
    note = "Left: mean of residuals in bins of the fit, bars ± 1 SD."
    paper.foot(f"{note} Right: on the line where residuals are normal.")
    return paper.figure


def alt_text(residual_bins: pd.DataFrame, residual_quantiles: pd.DataFrame, *, words: Words) -> str:
    """Return what the figure shows, with its largest departures, for who cannot see it."""
    if residual_bins.empty and residual_quantiles.empty:
        return f"Residuals, {words.outcome}: the model has none."
    mean = residual_bins["residual"].abs().max()
    gap = (residual_quantiles["residual"] - residual_quantiles["normal"]).abs().max()
    return (
        f"Residuals against fitted values and against normal quantiles, {words.measure}. "
        f"Largest mean residual of {numbers.count(len(residual_bins))} bins: "
        f"{numbers.significant(mean, 2)}; largest distance from the normal line: "
        f"{numbers.number(gap)} SD."
    )


def _title(paper: page.Page, x: float, title: str, words: str) -> None:
    """Write what a panel is, and what runs along its vertical axis."""
    paper.write(x, 3.0, title, bold=True)
    paper.write(x, 3.2 + page.LINE_MM, words, small=True)


def _against_fit(
    axes: Axes,
    bins: pd.DataFrame,
    residuals: pd.DataFrame | None,
    scales: tuple[axis.ValueScale, axis.ValueScale],
) -> None:
    """Draw residuals over fitted values."""
    axis.dress_bottom(axes, scales[0], grid=False)
    axis.dress_left(axes, scales[1])
    axes.axhline(0.0, color=page.INK, linewidth=0.7, zorder=1)
    if residuals is not None:
        _cloud(axes, residuals["fitted"], residuals["residual"])
    elif len(bins):
        axes.vlines(
            bins["fitted"], bins["low"], bins["high"], color=page.PALE_BLUE, linewidth=4.0, zorder=2
        )
    axes.plot(bins["fitted"], bins["residual"], color=page.VERMILLION, marker="o", markersize=4.0,
              linewidth=1.2, zorder=4)  # fmt: skip


def _quantiles(
    axes: Axes, quantiles: pd.DataFrame, residuals: pd.DataFrame | None, scale: axis.ValueScale
) -> None:
    """Draw quantiles of residuals over those of the normal distribution."""
    axis.dress_bottom(axes, scale, grid=False)
    axis.dress_left(axes, scale)
    ends = [scale.low, scale.high]
    axes.plot(ends, ends, color=page.INK, linewidth=0.7, zorder=1)
    if residuals is not None:
        _cloud(axes, residuals["quantile"], residuals["normalised"])
        return
    axes.plot(quantiles["normal"], quantiles["residual"], color=page.BLUE, marker="o",
              markersize=3.4, linewidth=0.8, zorder=3)  # fmt: skip


def _cloud(axes: Axes, x: pd.Series, y: pd.Series) -> None:
    """Draw a small point for each observation."""
    strength = float(np.clip(200 / max(len(x), 1), 0.15, 0.8))
    axes.plot(x, y, linestyle="none", marker="o", markersize=2.4, color=page.GREY,
              markeredgewidth=0.0, alpha=strength, zorder=3)  # fmt: skip
