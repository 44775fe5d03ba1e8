"""Mean curves over the cycle, and under them their difference with what is beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel, point_labels
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import sentence_case

ALONE_MM, BOTH_MM = 76.0, 116.0


@page.styled
def mean_curves(
    means: pd.DataFrame,
    test: pd.DataFrame | None = None,
    *,
    clusters: pd.DataFrame | None = None,
    groups: Mapping[str, str],
    by: str,
    signal: str,
    unit: str,
    statistic: str = "t",
    level: float = 0.95,
) -> Figure:
    """Return `draw`, and under it `draw_difference` of a test, on a page of a report."""
    rows = means[means[by].isin(list(groups))]
    if rows.empty:
        return page.empty_page(f"{signal}: there is no curve")
    if test is None:
        figure, (upper,) = panel.figure(ALONE_MM)
        draw(upper, means, groups=groups, by=by, signal=signal, unit=unit)
    else:
        figure, (upper, lower) = panel.figure(BOTH_MM, rows=2, height_ratios=(3, 2), hspace=0.42)
        found = spans(test, clusters)
        draw(upper, means, clusters=found, groups=groups, by=by, signal=signal, unit=unit)
        draw_difference(lower, test, clusters=found, groups=groups, unit=unit,
                        statistic=statistic, level=level)  # fmt: skip
        under(upper, lower)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    means: pd.DataFrame,
    *,
    clusters: pd.DataFrame | None = None,
    groups: Mapping[str, str],
    by: str,
    signal: str,
    unit: str,
) -> None:
    """Draw mean curves with intervals that hold at one node each, where a test is beyond chance.

    `means` (`tables.MEAN_CURVES`) are of one signal and visit; their column `by`, "arm" or
    "direction", holds the groups, `groups` is group to label, in order. `clusters`
    (`tables.CLUSTERS`, of one method) are shaded.
    """
    rows = means[means[by].isin(list(groups))]
    if rows.empty:
        panel.say(axes, f"{signal}: there is no curve")
        return
    values = rows[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float).ravel().tolist()
    panel.value_axis(axes, axis.value_scale(values))
    panel.cycle_axis(axes, int(rows["node"].max()) + 1)
    _shade(axes, clusters)
    ends = []
    for name, look in panel.looks(groups, axes).items():
        mine = rows[rows[by] == name].sort_values("node")
        if mine.empty:
            continue
        axes.fill_between(mine["node"], mine["conf_low"], mine["conf_high"],
                          facecolor=look.colour, alpha=0.18, linewidth=0.0, zorder=2)  # fmt: skip
        axes.plot(mine["node"], mine["estimate"], color=look.colour, linestyle=look.line,
                  linewidth=1.7, zorder=4)  # fmt: skip
        ends.append((groups[name] or name, float(mine["estimate"].iloc[-1]), look.words))
    panel.label_above(axes, f"{signal}, {unit}" if unit else signal)
    panel.end_labels(axes, ends)


def draw_difference(
    axes: Axes,
    test: pd.DataFrame,
    *,
    clusters: pd.DataFrame | None = None,
    groups: Mapping[str, str],
    unit: str,
    statistic: str = "t",
    level: float = 0.95,
) -> None:
    """Draw the difference (`tables.CURVE_TEST`) with a band that holds for the whole curve.

    Where the test has no difference (`statistic` "F") the statistic is drawn with its threshold.
    The ends of `clusters` are written, in per cent of the cycle.
    """
    nodes = int(test["node"].max()) + 1
    columns = ["estimate", "conf_low", "conf_high"]
    # The slope on a covariate and an F have no limits that could be read as a difference.
    if statistic == "F" or not np.isfinite(test["estimate"].to_numpy(dtype=float)).any():
        _statistic(axes, test, statistic)
    else:
        values = test[columns].to_numpy(dtype=float).ravel().tolist()
        panel.value_axis(axes, axis.value_scale(values, through=0.0, most=4))
        low, high = (test[name].to_numpy(dtype=float) for name in columns[1:])
        bottom, top = axes.get_ylim()
        # A band without an end runs out of the panel.
        axes.fill_between(test["node"], np.clip(low, bottom, top), np.clip(high, bottom, top),
                          facecolor=panel.ink(), alpha=0.18, linewidth=0.0, zorder=2)  # fmt: skip
        axes.plot(test["node"], test["estimate"], color=panel.ink(), linewidth=1.7, zorder=4)
        named = f"{_contrast(test, groups)}{f', {unit}' if unit else ''}"
        band = numbers.interval_name(level).replace("interval", "band")
        panel.label_above(axes, f"{named} ({band} of the whole curve)")
    axes.axhline(0.0, color=panel.ink(), linewidth=0.9, zorder=3)
    panel.cycle_axis(axes, nodes)
    _shade(axes, clusters)
    floor = axes.get_ylim()[0]
    point_labels.write(
        axes,
        [
            (_ends(row, nodes), (row["start"] + row["end"]) / 2, floor, panel.ink())
            for row in ([] if clusters is None else numbers.frame_rows(clusters))
        ],
    )


def spans(test: pd.DataFrame, clusters: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return where a test is beyond chance: its clusters, else where its band leaves zero.

    Columns start and end in nodes, between two of them where the band crosses zero, and p_value
    where there are clusters. A cluster over the end of the cycle, whose start is larger than its
    end, is two spans.
    """
    if clusters is not None and len(clusters):
        over_end = clusters["start"] > clusters["end"]
        parts = [
            clusters[~over_end],
            clusters[over_end].assign(start=0.0),
            clusters[over_end].assign(end=float(test["node"].max())),
        ]
        return (
            pd.concat(parts).sort_values("start", ignore_index=True) if over_end.any() else clusters
        )
    low, high = (test[name].to_numpy(dtype=float) for name in ("conf_low", "conf_high"))
    rows = [*_runs(low), *_runs(-high)]
    return pd.DataFrame(sorted(rows), columns=["start", "end"])


def _runs(above: np.ndarray) -> list[tuple[float, float]]:
    """Return where a line over nodes 0, 1, ... is above zero, ends between two nodes."""
    inside = above > 0
    found = []
    for first in np.flatnonzero(inside & ~np.append(False, inside[:-1])):
        last = first + int(np.argmin(np.append(inside[first:], False))) - 1
        start, end = float(first), float(last)
        if first > 0:
            start -= above[first] / (above[first] - above[first - 1])
        if last + 1 < len(above):
            end += above[last] / (above[last] - above[last + 1])
        found.append((start, end))
    return found


def under(upper: Axes, lower: Axes) -> None:
    """Give both panels the same cycle: as wide as the wider, named once."""
    lower.sharex(upper)
    upper.set_xlabel("")
    upper.tick_params(axis="x", labelbottom=False)
    point_labels.settle(lower)


def caption(test: pd.DataFrame | None = None, *, beyond: bool, statistic: str = "t") -> str:
    """Return how the figure is read; `beyond` is whether any span is beyond chance."""
    start = "Bands of the means hold at one point of the cycle"
    cycle = "The cycle runs from one contact of the same foot to the next."
    if test is None:
        return f"{start}. {cycle}"
    lower = "that of the difference for the whole curve"
    if statistic == "F":
        lower = "below, dashed: beyond chance anywhere on the curve"
    found = "Shaded: beyond chance." if beyond else "No part is beyond chance."
    return f"{start}, {lower}. {found} {cycle}"


def alt_text(
    means: pd.DataFrame,
    test: pd.DataFrame | None = None,
    *,
    clusters: pd.DataFrame | None = None,
    groups: Mapping[str, str],
    by: str,
    signal: str,
    unit: str,
    statistic: str = "t",
    level: float = 0.95,
) -> str:
    """Return what the figure shows, for a reader who cannot see it."""
    parts = []
    for name, label in groups.items():
        mine = means[means[by] == name]
        if len(mine):
            low, high = (
                numbers.number(mine["estimate"].min(), 1),
                numbers.number(mine["estimate"].max(), 1),
            )
            parts.append(f"{label}: mean curve from {low} to {high} {unit}")
    nodes = int(means["node"].max()) + 1 if len(means) else 2
    runs = [] if test is None else numbers.frame_rows(spans(test, clusters))
    found = "; ".join(
        f"{_ends(row, nodes)} of the cycle"
        + (f" ({numbers.p_text(row['p_value'])})" if "p_value" in row else "")
        for row in runs
    )
    said = f" Beyond chance: {found}." if found else ""
    if test is not None and not found:
        what = "band of the difference at" if statistic == "t" else f"{statistic} curve at"
        said = f" The {numbers.percent(100 * level, 0)} {what} no point leaves chance."
    return f"{signal} over the cycle. {'; '.join(parts)}.{said}"


def _ends(row: numbers.Row, nodes: int) -> str:
    """Return where a span begins and ends, in per cent of the cycle."""
    start, end = (numbers.number(100 * row[key] / (nodes - 1), 0) for key in ("start", "end"))
    return f"{start} to {end} %"


def _contrast(test: pd.DataFrame, groups: Mapping[str, str]) -> str:
    """Return what is compared, in the words of the groups."""
    names = str(test["contrast"].iloc[0]).split(" - ")
    if len(names) == 2 and set(names) <= set(groups):
        return f" {numbers.MINUS} ".join(groups[name] or name for name in names)
    return sentence_case(str(test["contrast"].iloc[0])) or "Difference"


def _statistic(axes: Axes, test: pd.DataFrame, statistic: str) -> None:
    """Draw the statistic at each node, and the threshold that holds for the whole curve."""
    threshold = float(test["threshold"].iloc[0])
    both = bool((test["statistic"] < 0).any())
    ends = [end for end in (threshold, -threshold if both else 0.0) if isfinite(end)]
    panel.value_axis(
        axes, axis.value_scale([*test["statistic"].astype(float), *ends], through=0.0, most=4)
    )
    axes.plot(test["node"], test["statistic"], color=panel.ink(), linewidth=1.3, zorder=4)
    for height in ends:
        if height:
            axes.axhline(height, color=panel.second_ink(axes), linewidth=0.9, linestyle="--",
                         zorder=2)  # fmt: skip
    panel.label_above(axes, f"{statistic} (dashed: beyond chance anywhere on the curve)")


def _shade(axes: Axes, clusters: pd.DataFrame | None) -> None:
    """Shade the spans that are beyond chance."""
    for row in [] if clusters is None else numbers.frame_rows(clusters):
        axes.axvspan(row["start"], row["end"], facecolor=panel.marked(axes), edgecolor="none",
                     zorder=0.5)  # fmt: skip
