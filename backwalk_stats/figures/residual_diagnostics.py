"""Whether a model's residuals look as it assumes: against the fit, and against the normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 76.0


@page.styled
def residual_diagnostics(
    residual_bins: pd.DataFrame,
    residual_quantiles: pd.DataFrame,
    *,
    words: Words,
    residuals: pd.DataFrame | None = None,
) -> Figure:
    """Return `draw` and `draw_quantiles` side by side on a page of a report."""
    if residual_bins.empty and residual_quantiles.empty:
        return page.empty_page(f"{words.outcome}: the model has no residuals")
    figure, (left, right) = panel.figure(HEIGHT_MM, columns=2, wspace=0.22)
    draw(left, residual_bins, words=words, residuals=residuals)
    draw_quantiles(right, residual_quantiles, residuals=residuals)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes, residual_bins: pd.DataFrame, *, words: Words, residuals: pd.DataFrame | None = None
) -> None:
    """Draw residuals over fitted values: their mean and spread in bins (`tables.RESIDUAL_BINS`).

    `residuals` (`tables.RESIDUALS`) draws every observation in place of the spread.
    """
    seen = residuals if residuals is not None else residual_bins.iloc[:0]
    heights = residual_bins[["residual", "low", "high"]].to_numpy(dtype=float).ravel()
    panel.value_axis(axes, axis.value_scale([*heights, *seen["residual"]], through=0.0))
    panel.across_axis(axes, axis.value_scale([*residual_bins["fitted"], *seen["fitted"]]))
    colour = next(iter(panel.looks(("residual",), axes).values())).colour
    axes.axhline(0.0, color=panel.ink(), linewidth=0.9, zorder=1)
    if residuals is not None:
        _cloud(axes, residuals, "fitted", "residual")
    else:
        ends = residual_bins["low"].tolist(), residual_bins["high"].tolist()
        panel.span(axes, residual_bins["fitted"].tolist(), *ends, panel.tint(axes, 0.22), width=4.0)
    axes.plot(residual_bins["fitted"], residual_bins["residual"], color=colour, marker="o",
              markersize=4.0, zorder=5)  # fmt: skip
    panel.label_above(axes, f"Residual{f', {words.unit}' if words.unit else ''}")
    panel.label_below(axes, f"Fitted value: {words.measure}" if words.measure else "Fitted value")


def draw_quantiles(
    axes: Axes, residual_quantiles: pd.DataFrame, *, residuals: pd.DataFrame | None = None
) -> None:
    """Draw quantiles of residuals (`tables.RESIDUAL_QUANTILES`) over those of the normal.

    `residuals` (`tables.RESIDUALS`) draws every observation in their place.
    """
    quantiles = residual_quantiles[["normal", "residual"]]
    if residuals is not None:
        quantiles = residuals[["quantile", "normalised"]].set_axis(["normal", "residual"], axis=1)
    both = axis.value_scale(quantiles.to_numpy(dtype=float).ravel().tolist(), through=0.0)
    panel.value_axis(axes, both)
    panel.across_axis(axes, both)
    axes.plot([both.low, both.high], [both.low, both.high], color=panel.ink(), linewidth=0.9,
              zorder=1)  # fmt: skip
    _cloud(axes, quantiles, "normal", "residual", size=14.0 if residuals is None else 9.0)
    panel.label_above(axes, "Normalised residual, SD")
    panel.label_below(axes, "Quantile of the normal distribution, SD")


def caption(*, individuals: bool) -> str:
    """Return how the figure is read."""
    spread = "marks: observations" if individuals else "bars: ± 1 SD"
    return (
        f"Left: residuals against the fitted values (line: their mean in bins of the fit; {spread}"
        "). Right: their quantiles, on the line where residuals are normal."
    )


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


def _cloud(axes: Axes, frame: pd.DataFrame, x: str, y: str, size: float = 9.0) -> None:
    """Draw a small point for each row."""
    import seaborn as sns

    strength = float(np.clip(200 / max(len(frame), 1), 0.25, 0.8))
    sns.scatterplot(frame, x=x, y=y, s=size, color=panel.second_ink(axes), linewidth=0,
                    alpha=strength, legend=False, ax=axes, zorder=3)  # fmt: skip
