"""How much worse the missing values would have to be before the conclusion tips.

Where both shifts vary a map is drawn; where one does, a curve of the estimate.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, cells, page, panel, point_labels
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 96.0
Contrast = tuple[str, str]
Within = tuple[float, float]


@page.styled
def tipping_map(
    tipping: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    level: float = 0.95,
    within: Within | None = None,
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, tipping, words=words, contrast=contrast, level=level, within=within)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    tipping: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    level: float = 0.95,
    within: Within | None = None,
) -> None:
    """Draw the estimate over shifts of the imputed values, and where it loses significance.

    In `tipping` (`tables.TIPPING`) `delta` shifts the imputed values of the arm that the contrast
    names first, `delta_reference` the other's; a shift of zero is missing at random. A p-value of
    at least 1 minus `level` is no longer significant. Where the conclusion is that the interval
    lies `within` two ends, of which one may be infinite, it has tipped where an end is reached.
    """
    known = tipping[tipping["estimate"].notna()]
    if known.empty:
        panel.say(axes, f"{words.outcome}: no estimate for any shift")
    elif known["delta"].nunique() > 1 and known["delta_reference"].nunique() > 1:
        _map(axes, known.assign(lost=tipped(known, level, within)), words, contrast)
    else:
        _curve(axes, known.assign(lost=tipped(known, level, within)), words, contrast, within)


def tipped(known: pd.DataFrame, level: float, within: Within | None) -> pd.Series:
    """Return where the conclusion is lost: p is too large, or the interval reaches a margin."""
    if within is None:
        return known["p_value"] >= 1 - level
    return ~((known["conf_low"] > within[0]) & (known["conf_high"] < within[1]))


def caption(tipping: pd.DataFrame, *, level: float = 0.95, margin: str = "") -> str:
    """Return how the figure is read; `margin` is its size, where one is to be kept."""
    lost = f"p ≥ {_alpha(1 - level)}, the conclusion has tipped"
    if margin:
        lost = f"the interval reaches the margin, {margin}: it is no longer kept"
    start = "What is added to the imputed values, and where the conclusion changes. "
    known = tipping[tipping["estimate"].notna()]
    if known["delta"].nunique() > 1 and known["delta_reference"].nunique() > 1:
        return (
            f"{start}Shades: the estimate, darker the further from zero; its value in the corners. "
            f"Hatched: {lost}. Diamond: no shift, missing at random."
        )
    return (
        f"{start}Band: {numbers.interval_name(level)}; open marks: {lost}. A shift of zero is "
        "missing at random."
    )


def alt_text(
    tipping: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    level: float = 0.95,
    within: Within | None = None,
) -> str:
    """Return what the figure shows: range of the estimate, how many shifts tip it."""
    known = tipping[tipping["estimate"].notna()]
    about = f"{' minus '.join(words.arms[name] for name in contrast)}, {words.measure}"
    if known.empty:
        return f"Tipping point, {about}: no estimate for any shift."
    digits = numbers.decimals_for(2 * float(known["estimate"].abs().max()))
    ends = known["estimate"].min(), known["estimate"].max()
    lowest, highest = (numbers.number(float(end), digits) for end in ends)
    many = int(tipped(known, level, within).sum())  # as the hatching of the map
    what = (
        f"p is {numbers.plain(round(1 - level, 9))} or more"
        if within is None
        else ("the margin is not kept")
    )
    return (
        f"Tipping point, {about}{words.aside}: over {len(known)} "
        f"shifts of the missing values the estimate runs from {lowest} to {highest}; "
        f"with {many} of them {what}."
    )


def _curve(
    axes: Axes, known: pd.DataFrame, words: Words, contrast: Contrast, within: Within | None
) -> None:
    """Draw the estimate with its interval over the shift of one arm."""
    names, look = words.pair(contrast), panel.looks(contrast, axes)[contrast[0]]
    varies = "delta" if known["delta"].nunique() > 1 else "delta_reference"
    ordered = known.sort_values(varies)
    columns = ["estimate", "conf_low", "conf_high"]
    values = ordered[columns].to_numpy(dtype=float).ravel().tolist()
    margins = [end for end in within or () if np.isfinite(end)]
    panel.value_axis(axes, axis.value_scale([*values, *margins], through=0.0))
    for margin in margins:
        axes.axhline(margin, color=panel.second_ink(axes), linewidth=1.0, linestyle="--", zorder=2)
    x = ordered[varies].astype(float).tolist()
    panel.across_axis(axes, axis.value_scale(x, through=0.0, most=8))
    axes.axhline(0.0, color=panel.ink(), linewidth=1.2, zorder=2)
    axes.axvline(0.0, color=panel.second_ink(axes), linewidth=0.8, linestyle=":", zorder=2)
    axes.fill_between(x, ordered["conf_low"], ordered["conf_high"], facecolor=panel.ink(),
                      alpha=0.14, linewidth=0.0, zorder=1)  # fmt: skip
    axes.plot(x, ordered["estimate"], color=panel.ink(), zorder=3)
    for lost, face in ((False, panel.ink()), (True, axes.get_facecolor())):
        here = ordered[ordered["lost"] == lost]
        axes.plot(here[varies], here["estimate"], linestyle="none", marker="o", zorder=4,
                  markerfacecolor=face, markeredgecolor=panel.ink())  # fmt: skip
    panel.label_above(axes, f"{words.measure}: {names[0]} {numbers.MINUS} {names[1]}", words.better)
    panel.label_below(axes, _shift_words(names[0 if varies == "delta" else 1], words.unit))
    tips = _tips(ordered, varies)
    low = axes.get_ylim()[0]
    for at in tips:
        axes.axvline(at, color=look.colour, linewidth=1.0, linestyle="--", zorder=2)
    digits = numbers.decimals_for(max(x) - min(x))
    point_labels.write(
        axes, [(f"tips at {numbers.number(at, digits)}", at, low, look.words) for at in tips]
    )


def _tips(ordered: pd.DataFrame, varies: str) -> list[float]:
    """Return the shifts at which the conclusion changes: as computed, else between two shifts."""
    if {"tips_low", "tips_high"} <= set(ordered) and varies == "delta":
        ends = ordered[["tips_low", "tips_high"]].iloc[0].astype(float)
        x = ordered[varies].astype(float)
        return [float(end) for end in ends if x.min() <= end <= x.max()]
    return []


def _map(axes: Axes, known: pd.DataFrame, words: Words, contrast: Contrast) -> None:
    """Draw both shifts: shades for the estimate, hatching where it is no longer significant."""
    import seaborn as sns

    estimate, lost = (
        known.pivot(index="delta_reference", columns="delta", values=name).iloc[::-1]
        for name in ("estimate", "lost")
    )  # the highest shift on top
    furthest = float(np.nanmax(np.abs(estimate.to_numpy()))) or 1.0
    looks, ground = panel.looks(contrast, axes), to_hex(axes.get_facecolor())
    colours = sns.blend_palette(
        [looks[contrast[0]].colour, ground, looks[contrast[1]].colour], as_cmap=True
    )
    flip = words.better == "higher"  # the colour is that of the arm that does better
    shades = colours.reversed() if flip else colours
    sns.heatmap(estimate, ax=axes, cmap=shades, vmin=-1.15 * furthest, vmax=1.15 * furthest,
                cbar=False, xticklabels=False, yticklabels=False,
                rasterized=estimate.size > cells.MANY_CELLS)  # fmt: skip
    _tipped(axes, lost.to_numpy(dtype=bool))
    names = words.pair(contrast)
    way = {"lower": "; below zero is better", "higher": "; above zero is better"}
    across, up = estimate.columns.to_numpy(dtype=float), estimate.index.to_numpy(dtype=float)
    _ticks(axes, across, up)
    panel.label_above(
        axes,
        f"{words.measure}: {names[0]} {numbers.MINUS} {names[1]}{way.get(words.better, '')}. "
        f"Upwards: s{_shift_words(names[1], words.unit)[1:]}",
    )
    panel.label_below(axes, _shift_words(names[0], words.unit))
    if 0.0 in across and 0.0 in up:
        here = [float(np.argmax(across == 0.0)) + 0.5], [float(np.argmax(up == 0.0)) + 0.5]
        axes.plot(*here, marker="D", color=ground, markersize=7.0, markeredgecolor=panel.ink(),
                  zorder=6)  # fmt: skip
    _corners(axes, estimate.to_numpy(dtype=float), furthest)


def _tipped(axes: Axes, lost: np.ndarray) -> None:
    """Hatch the cells that have tipped, and draw the line between them and the others."""
    cells = [[(j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1)] for i, j in np.argwhere(lost)]
    if cells:
        axes.add_collection(
            PolyCollection(cells, facecolors="none", edgecolors=panel.second_ink(axes),
                           hatch="////", linewidths=0.0, zorder=2),
            autolim=False,
        )  # fmt: skip
    beside = [[(j + 1, i), (j + 1, i + 1)] for i, j in np.argwhere(lost[:, 1:] != lost[:, :-1])]
    below = [[(j, i + 1), (j + 1, i + 1)] for i, j in np.argwhere(lost[1:] != lost[:-1])]
    axes.add_collection(
        LineCollection([*beside, *below], colors=panel.ink(), linewidths=2.2, zorder=4),
        autolim=False,
    )


def _corners(axes: Axes, estimate: np.ndarray, furthest: float) -> None:
    """Write the estimate in the four corners, on the ground of the axes."""
    digits = numbers.decimals_for(2 * furthest)
    for i, j in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        axes.annotate(
            numbers.number(float(estimate[i, j]), digits),
            (0.0 if j == 0 else 1.0, 1.0 if i == 0 else 0.0),
            (4 if j == 0 else -4, -4 if i == 0 else 4),
            xycoords="axes fraction", textcoords="offset points", color=panel.ink(),
            ha="left" if j == 0 else "right", va="top" if i == 0 else "bottom", zorder=7,
            bbox={"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _ticks(axes: Axes, across: np.ndarray, up: np.ndarray) -> None:
    """Give the middle of cells their shift, as many as there is room for, zero among them."""
    dots = axes.figure.dpi / 72
    box = axes.get_window_extent()
    for values, length, side in ((across, box.width, "x"), (up, box.height, "y")):
        digits = next((d for d in range(9) if np.allclose(np.round(values, d), values)), 9)
        texts = [numbers.number(float(value), digits) for value in values]
        size = panel.tick_size(side)
        widest = max(panel.text_width(text, size) for text in texts) + size
        room = (widest if side == "x" else 1.6 * size) * dots
        step = max(int(np.ceil(room / (length / len(values)))), 1)
        first = int(np.argmin(np.abs(values))) % step
        at = range(first, len(values), step)
        axis_ = axes.xaxis if side == "x" else axes.yaxis
        axis_.set_ticks([place + 0.5 for place in at], labels=[texts[place] for place in at])
    axes.tick_params(length=0)
    axes.grid(False)


def _alpha(alpha: float) -> str:
    """Return a significance level as it is written."""
    return numbers.significant(alpha, 2).rstrip("0")


def _shift_words(name: str, unit: str) -> str:
    """Return what a shift is, in words."""
    return f"Shift of the missing values, {name}{f' ({unit})' if unit else ''}"
