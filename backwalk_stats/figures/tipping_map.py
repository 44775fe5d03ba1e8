"""How much worse the missing values would have to be before the conclusion tips.

Where both shifts vary a map is drawn; where one does, a curve of the estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

CURVE_MM, MAP_MM, KEY_MM = 66.0, 82.0, 42.0
SHADES = (("#FFFFFF", "#8FBFDD", "#1F5F8B"), ("#FFFFFF", "#F0B88A", "#A84A00"))  # below, above zero
Contrast = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Grid:
    """Estimates and p-values over both shifts; rows are the reference's, columns the arm's."""

    deltas: np.ndarray
    references: np.ndarray
    estimate: np.ndarray
    p_value: np.ndarray


@page.styled
def tipping_map(
    tipping: pd.DataFrame, *, words: Words, contrast: Contrast, level: float = 0.95
) -> Figure:
    """Draw the estimate over shifts of the imputed values, and where it loses significance.

    In `tipping` (`tables.TIPPING`) `delta` shifts the imputed values of the arm that the contrast
    names first, `delta_reference` the other's; a shift of zero is missing at random. A p-value of
    at least 1 minus `level` is no longer significant.
    """
    known = tipping[tipping["estimate"].notna()]
    if known.empty:
        return page.empty_page(f"{words.outcome}: no estimate for any shift")
    if known["delta"].nunique() > 1 and known["delta_reference"].nunique() > 1:
        return _map(_grid(known), words, contrast, 1 - level)
    return _curve(known, words, contrast, level)


def _curve(tipping: pd.DataFrame, words: Words, contrast: Contrast, level: float) -> Figure:
    """Draw the estimate with its interval over one shift, or over both moved together."""
    rows, names, unit = numbers.frame_rows(tipping), words.pair(contrast), words.unit
    varies = "delta" if len({row["delta"] for row in rows}) > 1 else "delta_reference"
    rows = sorted(rows, key=lambda row: row[varies])
    x = [float(row[varies]) for row in rows]
    columns = ("estimate", "conf_low", "conf_high")
    scale = axis.value_scale([float(row[key]) for row in rows for key in columns], through=0.0)
    below = axis.value_scale(x, through=0.0, most=8)
    left = scale.label_room + 2.0
    width = page.WIDTH_MM - left - 2.0
    about = f"{words.measure}: {names[0]} − {names[1]}"
    head = axis.head_lines(about, words.better, page.WIDTH_MM - 2)
    under = axis.under_axis(_shift_words(names[0 if varies == "delta" else 1], unit), "", width)
    note = (
        f"Band: {numbers.interval_name(level)}; hollow: "
        f"p ≥ {numbers.significant(1 - level, 2).rstrip('0')}, the conclusion has tipped; "
        "grey line: no shift, missing at random."
    )
    top = 3.5 + len(head) * page.SMALL_LINE_MM
    paper = page.new_page(top + CURVE_MM + under.height + 4.5)
    paper.write_lines(1.0, 3.0, head, small=True)
    axes = paper.axes(left, top, width, CURVE_MM)
    axis.dress_left(axes, scale)
    axis.dress_bottom(axes, below, grid=False)
    axes.axhline(0.0, color=page.INK, linewidth=0.8, zorder=2)
    axes.axvline(0.0, color=page.MID, linewidth=1.2, zorder=1)
    low, high = ([float(row[key]) for row in rows] for key in columns[1:])
    axes.fill_between(x, low, high, facecolor=page.PALE_BLUE, alpha=0.7, linewidth=0.0, zorder=1)
    axes.plot(x, [row["estimate"] for row in rows], color=page.BLUE, linewidth=1.8, zorder=3)
    for row, at in zip(rows, x, strict=True):
        tipped = row["p_value"] >= 1 - level
        axes.plot([at], [row["estimate"]], marker="o", color=page.BLUE, markersize=5.0, zorder=4,
                  markerfacecolor="white" if tipped else page.BLUE)  # fmt: skip
    under.write(paper, left, width, top + CURVE_MM)
    paper.write(1.0, paper.height - 2.3, note, small=True, colour=page.GREY)
    return paper.figure


def alt_text(
    tipping: pd.DataFrame, *, words: Words, contrast: Contrast, level: float = 0.95
) -> str:
    """Return what the figure shows: range of the estimate, how many shifts tip it."""
    known = tipping[tipping["estimate"].notna()]
    about = f"{' minus '.join(words.arms[name] for name in contrast)}, {words.measure}"
    if known.empty:
        return f"Tipping point, {about}: no estimate for any shift."
    digits = numbers.decimals_for(2 * float(known["estimate"].abs().max()))
    ends = known["estimate"].min(), known["estimate"].max()
    lowest, highest = (numbers.number(float(end), digits) for end in ends)
    tipped = int((known["p_value"] >= 1 - level).sum())  # as the hatching of the map
    return (
        f"Tipping point, {about}{words.aside}: over {len(known)} "
        f"shifts of the missing values the estimate runs from {lowest} to {highest}; "
        f"with {tipped} of them p is {numbers.plain(round(1 - level, 9))} or more."
    )


def _shift_words(name: str, unit: str) -> str:
    """Return what a shift is, in words."""
    return f"Shift of the missing values, {name}{f' ({unit})' if unit else ''}"


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


def _map(grid: _Grid, words: Words, contrast: Contrast, alpha: float) -> Figure:
    """Draw both shifts: shades for the estimate, hatching where it is no longer significant."""
    names, unit = words.pair(contrast), words.unit
    way = {"lower": "; below zero is better", "higher": "; above zero is better"}
    about = f"{words.measure}: {names[0]} − {names[1]}{way.get(words.better, '')}"
    across, up = _edges(grid.deltas), _edges(grid.references)
    labels = _labels(grid.references)
    left = max(page.width_mm(text, small=True) for text in labels.labels) + 4.5
    width = page.WIDTH_MM - left - KEY_MM
    head = page.wrap(about, page.WIDTH_MM - 2, small=True, lines=2)
    head += page.wrap(_shift_words(names[1], unit), page.WIDTH_MM - 2, small=True, lines=2)
    under = axis.under_axis(_shift_words(names[0], unit), "", width)
    top = 3.5 + len(head) * page.SMALL_LINE_MM
    paper = page.new_page(top + MAP_MM + under.height + 1.0)
    paper.write_lines(1.0, 3.0, head, small=True)
    axes = paper.axes(left, top, width, MAP_MM)
    low, high = float(np.nanmin(grid.estimate)), float(np.nanmax(grid.estimate))
    _cells(axes, grid, (across, up), (low, high), alpha)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])
    room = max(page.width_mm(text, small=True) for text in _labels(grid.deltas).labels)
    ticks = _thinned(_labels(grid.deltas), across, width, room + 2.0)
    axes.set_xticks(ticks.at, labels=ticks.labels)
    ticks = _thinned(labels, up, MAP_MM, page.SMALL_LINE_MM + 1.0)
    axes.set_yticks(ticks.at, labels=ticks.labels)
    if across[0] <= 0 <= across[-1] and up[0] <= 0 <= up[-1]:
        axes.plot(
            [0], [0], marker="D", color="white", markersize=7.0, markeredgecolor=page.INK, zorder=6
        )
    under.write(paper, left, width, top + MAP_MM)
    _key(paper, page.WIDTH_MM - KEY_MM + 3.0, top, (low, high), alpha)
    return paper.figure


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
    cells = PolyCollection(
        [c for c, _ in faces], facecolors=colours, edgecolors=colours, linewidths=0.3, zorder=1
    )
    axes.add_collection(cells, autolim=False)
    if tipped:
        hatched = PolyCollection(
            tipped, facecolors="none", edgecolors=page.GREY, hatch="////", linewidths=0.0, zorder=2
        )
        axes.add_collection(hatched, autolim=False)
    axes.add_collection(
        LineCollection(border, colors=page.INK, linewidths=2.2, zorder=4), autolim=False
    )


def _shades(ends: tuple[float, float]) -> Callable[[float], str]:
    """Return a function from an estimate to its shade: the further from zero, the darker."""
    furthest = max(abs(ends[0]), abs(ends[1])) or 1.0
    below, above = (LinearSegmentedColormap.from_list("shades", pair) for pair in SHADES)
    return lambda value: to_hex((below if value < 0 else above)(abs(value) / furthest))


def _key(paper: page.Page, x: float, top: float, ends: tuple[float, float], alpha: float) -> None:
    """Explain shades, hatching, line and mark beside the map."""
    step = page.SMALL_LINE_MM
    y = paper.write_lines(x, top + 2.0, ["Estimate"], bold=True)
    shade = _shades(ends)
    digits = numbers.decimals_for(2 * max(abs(ends[0]), abs(ends[1])))
    for value in np.linspace(ends[0], ends[1], 5):
        box = [(x, y - 1.8), (x + 6, y - 1.8), (x + 6, y + 1.8), (x, y + 1.8)]
        paper.sheet.add_collection(
            PolyCollection([box], facecolors=shade(value), edgecolors=page.MID, linewidths=0.4)
        )
        paper.write(x + 8, y, numbers.number(float(value), digits), small=True)
        y += 4.4
    y += 3.0
    box = [(x, y - 1.8), (x + 6, y - 1.8), (x + 6, y + 1.8), (x, y + 1.8)]
    paper.sheet.add_collection(
        PolyCollection([box], facecolors="none", edgecolors=page.GREY, hatch="////", linewidths=0.4)
    )
    y = paper.write_lines(
        x + 8, y, [f"p ≥ {numbers.significant(alpha, 2).rstrip('0')}:", "has tipped"], small=True
    )
    y += 2.0
    paper.sheet.plot([x, x + 6], [y, y], color=page.INK, linewidth=2.2)
    y = paper.write_lines(x + 8, y, ["tipping line"], small=True) + step / 2
    paper.sheet.plot(
        [x + 3], [y], marker="D", color="white", markersize=6, markeredgecolor=page.INK
    )
    paper.write_lines(x + 8, y, ["no shift: missing", "at random"], small=True)


def _edges(centres: np.ndarray) -> np.ndarray:
    """Return the borders between cells and the two outer ones."""
    between = (centres[:-1] + centres[1:]) / 2
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return np.array([first, *between, last])


def _labels(values: np.ndarray) -> axis.Ticks:
    """Return a tick at each value, with as few decimals as tell the values apart."""
    digits = next((d for d in range(9) if np.allclose(np.round(values, d), values)), 9)
    return axis.Ticks(
        at=tuple(map(float, values)), labels=tuple(numbers.number(v, digits) for v in values)
    )


def _thinned(ticks: axis.Ticks, edges: np.ndarray, length: float, room: float) -> axis.Ticks:
    """Return the ticks that keep a distance in millimetres from the last one kept."""
    scale = length / float(edges[-1] - edges[0])
    kept: list[int] = []
    for place, at in enumerate(ticks.at):
        if not kept or (at - ticks.at[kept[-1]]) * scale >= room:
            kept.append(place)
    return axis.Ticks(
        at=tuple(ticks.at[k] for k in kept), labels=tuple(ticks.labels[k] for k in kept)
    )
