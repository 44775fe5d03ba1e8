"""How much worse the missing values would have to be before the conclusion tips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from backwalk_stats.figures.axis_range import Ticks
from backwalk_stats.figures.lettering import width_mm, wrap
from backwalk_stats.figures.page import Page, empty_page, line_height, new_page, styled
from backwalk_stats.figures.style import GREY, INK, MID, SMALL_PT, WIDTH_MM
from backwalk_stats.figures.tipping_curve import alt_text, shift_words, tipping_curve
from backwalk_stats.figures.value_scale import measure, under_axis
from backwalk_stats.tables.numbers import decimals_for, number, significant

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alt_text", "tipping_map"]
PLOT_MM, KEY_MM = 82.0, 42.0
SHADES = (("#FFFFFF", "#8FBFDD", "#1F5F8B"), ("#FFFFFF", "#F0B88A", "#A84A00"))  # below, above zero
Contrast = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Grid:
    """Estimates and p-values over both shifts; rows are the reference's, columns the arm's."""

    deltas: np.ndarray
    references: np.ndarray
    estimate: np.ndarray
    p_value: np.ndarray


@styled
def tipping_map(
    tipping: pd.DataFrame,
    *,
    contrast: Contrast,
    arms: Mapping[str, str],
    outcome: str,
    unit: str,
    better: str,
    level: float = 0.95,
) -> Figure:
    """Draw the estimate over shifts of the imputed values, and where it loses significance.

    Parameters
    ----------
    tipping : DataFrame
        Columns of `tables.TIPPING`. Where both shifts vary a map is drawn, else a curve.
    contrast : (str, str)
        Arm and reference; `delta` shifts the arm's imputed values, `delta_reference` the other's.
    arms : mapping of str to str
        Name to label.
    outcome, unit : str
        As readers see them; "" for no unit.
    better : str
        "lower", "higher" or "" where that is not known.
    level : float
        Confidence level; a p-value of at least 1 minus it is no longer significant.

    Returns
    -------
    Figure
        170 mm wide. A shift of zero is missing at random.
    """
    known = tipping[tipping["estimate"].notna()]
    if known.empty:
        return empty_page(f"{outcome}: no estimate for any shift")
    names = tuple(arms[name] or name for name in contrast)
    way = {"lower": "; below zero is better", "higher": "; above zero is better"}.get(better, "")
    about = f"{measure(outcome, unit)}: {names[0]} − {names[1]}{way}"
    if known["delta"].nunique() > 1 and known["delta_reference"].nunique() > 1:
        return _map(_grid(known), about, (names[0], names[1]), unit, 1 - level)
    return tipping_curve(known, contrast=contrast, arms=arms, outcome=outcome, unit=unit,
                         better=better, level=level)  # fmt: skip


def _grid(known: pd.DataFrame) -> _Grid:
    """Return the estimates as a rectangle."""
    estimate = known.pivot(index="delta_reference", columns="delta", values="estimate")
    p_value = known.pivot(index="delta_reference", columns="delta", values="p_value")
    return _Grid(
        deltas=estimate.columns.to_numpy(dtype=float),
        references=estimate.index.to_numpy(dtype=float),
        estimate=estimate.to_numpy(dtype=float),
        p_value=p_value.to_numpy(dtype=float),
    )


def _map(grid: _Grid, about: str, names: tuple[str, str], unit: str, alpha: float) -> Figure:
    """Draw both shifts: shades for the estimate, hatching where it is no longer significant."""
    across, up = _edges(grid.deltas), _edges(grid.references)
    labels = _labels(grid.references)
    left = max(width_mm(text, size=SMALL_PT) for text in labels.labels) + 4.5
    width = WIDTH_MM - left - KEY_MM
    words = wrap(about, WIDTH_MM - 2, size=SMALL_PT, lines=2)
    words += wrap(shift_words(names[1], unit), WIDTH_MM - 2, size=SMALL_PT, lines=2)
    under = under_axis(shift_words(names[0], unit), "", width)
    top = 3.5 + len(words) * line_height(SMALL_PT)
    page = new_page(top + PLOT_MM + under.height + 1.0)
    page.write_lines(1.0, 3.0, words, size=SMALL_PT)
    axes = page.axes(left, top, width, PLOT_MM)
    low, high = float(np.nanmin(grid.estimate)), float(np.nanmax(grid.estimate))
    _cells(axes, grid, (across, up), (low, high), alpha)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])
    room = max(width_mm(text, size=SMALL_PT) for text in _labels(grid.deltas).labels)
    ticks = _thinned(_labels(grid.deltas), across, width, room + 2.0)
    axes.set_xticks(ticks.at, labels=ticks.labels)
    ticks = _thinned(labels, up, PLOT_MM, line_height(SMALL_PT) + 1.0)
    axes.set_yticks(ticks.at, labels=ticks.labels)
    if across[0] <= 0 <= across[-1] and up[0] <= 0 <= up[-1]:
        axes.plot(
            [0], [0], marker="D", color="white", markersize=7.0, markeredgecolor=INK, zorder=6
        )
    under.write(page, left, width, top + PLOT_MM)
    _key(page, WIDTH_MM - KEY_MM + 3.0, top, (low, high), alpha)
    return page.figure


def _cells(
    axes: Axes,
    grid: _Grid,
    edges: tuple[np.ndarray, np.ndarray],
    ends: tuple[float, float],
    alpha: float,
) -> None:
    """Draw the cells of the map, hatch those that have tipped, and outline them."""
    across, up = edges
    shade = _shades(ends)
    faces, tipped, border = [], [], []
    lost = np.nan_to_num(grid.p_value, nan=0.0) >= alpha
    rows, columns = grid.estimate.shape
    for i in range(rows):
        for j in range(columns):
            x, y = across[j : j + 2], up[i : i + 2]
            corners = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]
            known = isfinite(grid.estimate[i, j])
            faces.append((corners, shade(grid.estimate[i, j]) if known else "white"))
            if lost[i, j]:
                tipped.append(corners)
            if j + 1 < columns and lost[i, j] != lost[i, j + 1]:
                border.append([(x[1], y[0]), (x[1], y[1])])
            if i + 1 < rows and lost[i, j] != lost[i + 1, j]:
                border.append([(x[0], y[1]), (x[1], y[1])])
    colours = [colour for _, colour in faces]
    cells = PolyCollection([c for c, _ in faces], facecolors=colours, edgecolors=colours,
                           linewidths=0.3, zorder=1)  # fmt: skip
    axes.add_collection(cells, autolim=False)
    if tipped:
        axes.add_collection(PolyCollection(tipped, facecolors="none", edgecolors=GREY, hatch="////",
                                           linewidths=0.0, zorder=2), autolim=False)  # fmt: skip
    axes.add_collection(LineCollection(border, colors=INK, linewidths=2.2, zorder=4), autolim=False)


def _shades(ends: tuple[float, float]) -> Callable[[float], str]:
    """Return a function from an estimate to its shade: the further from zero, the darker."""
    furthest = max(abs(ends[0]), abs(ends[1])) or 1.0
    below, above = (LinearSegmentedColormap.from_list("shades", pair) for pair in SHADES)
    return lambda value: to_hex((below if value < 0 else above)(abs(value) / furthest))


def _key(page: Page, x: float, top: float, ends: tuple[float, float], alpha: float) -> None:
    """Explain shades, hatching, line and mark beside the map."""
    step = line_height(SMALL_PT)
    y = page.write_lines(x, top + 2.0, ["Estimate"], bold=True)
    shade = _shades(ends)
    digits = decimals_for(2 * max(abs(ends[0]), abs(ends[1])))
    for value in np.linspace(ends[0], ends[1], 5):
        box = [(x, y - 1.8), (x + 6, y - 1.8), (x + 6, y + 1.8), (x, y + 1.8)]
        page.sheet.add_collection(
            PolyCollection([box], facecolors=shade(value), edgecolors=MID, linewidths=0.4)
        )
        page.write(x + 8, y, number(float(value), digits), size=SMALL_PT)
        y += 4.4
    y += 3.0
    box = [(x, y - 1.8), (x + 6, y - 1.8), (x + 6, y + 1.8), (x, y + 1.8)]
    page.sheet.add_collection(
        PolyCollection([box], facecolors="none", edgecolors=GREY, hatch="////", linewidths=0.4)
    )
    y = page.write_lines(x + 8, y, [f"p ≥ {significant(alpha, 2).rstrip('0')}:", "has tipped"],
                         size=SMALL_PT)  # fmt: skip
    y += 2.0
    page.sheet.plot([x, x + 6], [y, y], color=INK, linewidth=2.2)
    y = page.write_lines(x + 8, y, ["tipping line"], size=SMALL_PT) + step / 2
    page.sheet.plot([x + 3], [y], marker="D", color="white", markersize=6, markeredgecolor=INK)
    page.write_lines(x + 8, y, ["no shift: missing", "at random"], size=SMALL_PT)


def _edges(centres: np.ndarray) -> np.ndarray:
    """Return the borders between cells and the two outer ones."""
    between = (centres[:-1] + centres[1:]) / 2
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return np.array([first, *between, last])


def _labels(values: np.ndarray) -> Ticks:
    """Return a tick at each value, with as few decimals as tell the values apart."""
    digits = next((d for d in range(9) if np.allclose(np.round(values, d), values)), 9)
    return Ticks(at=tuple(map(float, values)), labels=tuple(number(v, digits) for v in values))


def _thinned(ticks: Ticks, edges: np.ndarray, length: float, room: float) -> Ticks:
    """Return the ticks that keep a distance in millimetres from the last one kept."""
    scale = length / float(edges[-1] - edges[0])
    kept: list[int] = []
    for place, at in enumerate(ticks.at):
        if not kept or (at - ticks.at[kept[-1]]) * scale >= room:
            kept.append(place)
    return Ticks(at=tuple(ticks.at[k] for k in kept), labels=tuple(ticks.labels[k] for k in kept))
