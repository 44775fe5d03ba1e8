"""Residuals of several models on one page: a row each, against the fit and against the normal."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import page, panel, residual_diagnostics
from backwalk_stats.trial.outcome import Words

ROW_MM, MOST_ROWS, GAP = 52.0, 4, 0.72


@page.styled
def model_residuals(
    residual_bins: pd.DataFrame,
    residual_quantiles: pd.DataFrame,
    *,
    words: Mapping[str, Words],
    residuals: pd.DataFrame | None = None,
) -> Figure:
    """Draw the residuals of each model in a row of its own; a page holds `MOST_ROWS`.

    Frames are as `residual_diagnostics` takes them, with a column `model` that `words` names.
    """
    models = _there(residual_bins, words)
    if not models:
        return page.empty_page("The models have no residuals")
    drawn, axes = panel.figure(
        ROW_MM * len(models), 2, len(models), wspace=0.22, hspace=GAP if len(models) > 1 else 0.0
    )
    for row, name in enumerate(models):
        left, right = axes[2 * row], axes[2 * row + 1]
        single = None if residuals is None else residuals[residuals["model"] == name]
        own = residual_bins[residual_bins["model"] == name]
        residual_diagnostics.draw(left, own, words=words[name], residuals=single)
        quantiles = residual_quantiles[residual_quantiles["model"] == name]
        residual_diagnostics.draw_quantiles(right, quantiles, residuals=single)
        panel.label_above(left, f"{name}: residual{_in_unit(words[name])}")
        panel.label_below(left, f"Fitted value{_in_unit(words[name])}")
    panel.fit(drawn)
    return drawn


def caption(*, individuals: bool) -> str:
    """Return how the figure is read."""
    return residual_diagnostics.caption(individuals=individuals)


def alt_text(
    residual_bins: pd.DataFrame, residual_quantiles: pd.DataFrame, *, words: Mapping[str, Words]
) -> str:
    """Return what the figure shows, model by model, for who cannot see it."""
    told = [
        f"{name}: "
        + residual_diagnostics.alt_text(
            residual_bins[residual_bins["model"] == name],
            residual_quantiles[residual_quantiles["model"] == name],
            words=words[name],
        )
        for name in _there(residual_bins, words)
    ]
    return " ".join(told) or "The models have no residuals."


def _there(residual_bins: pd.DataFrame, words: Mapping[str, Words]) -> list[str]:
    """Return the models that have residuals, in the order of `words`."""
    known = set(residual_bins["model"].astype(str))
    return [name for name in words if name in known]


def _in_unit(words: Words) -> str:
    return f", {words.unit}" if words.unit else ""
