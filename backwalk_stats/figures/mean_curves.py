"""Mean curves over the cycle, and under them their difference with what is beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel, point_labels
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import sentence_case

ALONE_MM, BOTH_MM = 76.0, 116.0
CONTACTS = "% of the cycle, contact to contact"
_LATE = 0.7  # of the cycle
_TOGETHER = 0.22  # of the cycle: toe-offs that are no further apart have one label


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
    more: tuple[str, str] | None = None,
    toe_off: Mapping[str, float] | None = None,
    baseline: pd.DataFrame | None = None,
    cycle: str = CONTACTS,
) -> Figure:
    """Return `draw`, and under it `draw_difference` of a test, on a page of a report."""
    rows = means[means[by].isin(list(groups))]
    if rows.empty:
        return page.empty_page(f"{signal}: there is no curve")
    shown: Any = {"groups": groups, "by": by, "signal": signal, "unit": unit, "more": more}
    shown |= {"toe_off": toe_off, "baseline": baseline, "cycle": cycle}
    if test is None:
        figure, (upper,) = panel.figure(ALONE_MM)
        draw(upper, means, **shown)
    else:
        figure, (upper, lower) = panel.figure(BOTH_MM, rows=2, height_ratios=(3, 2), hspace=0.42)
        found = spans(test, clusters)
        draw(upper, means, clusters=found, **shown)
        draw_difference(lower, test, clusters=found, groups=groups, unit=unit, more=more,
                        statistic=statistic, level=level, cycle=cycle)  # fmt: skip
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
    more: tuple[str, str] | None = None,
    toe_off: Mapping[str, float] | None = None,
    baseline: pd.DataFrame | None = None,
    cycle: str = CONTACTS,
) -> None:
    """Draw mean curves with intervals that hold at one node each, where a test is beyond chance.

    `means` (`tables.MEAN_CURVES`) are of one signal and visit; their column `by`, "arm" or
    "direction", holds the groups, `groups` is group to label, in order. `clusters`
    (`tables.CLUSTERS`, of one method) are shaded. `more` names what larger and smaller values are;
    `toe_off` is per cent of the cycle by group; `baseline` (`tables.MEAN_CURVES`) are thin lines.
    """
    rows = means[means[by].isin(list(groups))]
    if rows.empty:
        panel.say(axes, f"{signal}: there is no curve")
        return
    before = rows.iloc[:0] if baseline is None else baseline[baseline[by].isin(list(groups))]
    values = rows[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float).ravel().tolist()
    panel.value_axis(axes, axis.value_scale([*values, *before["estimate"].astype(float)]))
    last = int(rows["node"].max())
    panel.cycle_axis(axes, last + 1, cycle)
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
        thin = before[before[by] == name].sort_values("node")
        axes.plot(thin["node"], thin["estimate"], color=look.colour, linestyle=panel.DOTTED,
                  linewidth=1.1, zorder=3)  # fmt: skip
        ends.append((groups[name] or name, float(mine["estimate"].iloc[-1]), look.words))
    named = named_axis(signal, unit, more)
    panel.label_above(axes, f"{named} (dotted: baseline)" if len(before) else named)
    panel.end_labels(axes, ends)
    _mark_toe_off(axes, toe_off or {}, groups, last)


def named_axis(signal: str, unit: str, more: tuple[str, str] | None = None) -> str:
    """Return the name of an axis: the signal, its unit, and what is positive.

    >>> named_axis("Lumbar flexion", "degrees", ("flexion", "extension"))
    'Lumbar flexion, degrees (+ flexion, − extension)'
    """
    named = f"{signal}, {unit}" if unit else signal
    return named if more is None else f"{named} (+ {more[0]}, {numbers.MINUS} {more[1]})"


def _mark_toe_off(
    axes: Axes, toe_off: Mapping[str, float], groups: Mapping[str, str], last: int
) -> None:
    """Draw a line at the toe-off (per cent of the cycle) of each group; near ones have one name."""
    looks = panel.looks(groups, axes)
    places = sorted((at / 100 * last, name) for name, at in toe_off.items() if name in groups)
    floor = axes.get_ylim()[0]
    near: list[float] = []
    for at, name in places:
        axes.axvline(at, color=looks[name].colour, linestyle=looks[name].line, linewidth=0.9,
                     zorder=1.5)  # fmt: skip
    for place, (at, _) in enumerate(places):
        near.append(at)
        if place + 1 == len(places) or places[place + 1][0] - near[0] > _TOGETHER * last:
            late = at > _LATE * last  # there the words would stand under the names of the groups
            axes.annotate("toe-off", (near[0] if late else at, floor), (-3 if late else 3, 3),
                          textcoords="offset points", va="bottom", ha="right" if late else "left",
                          color=panel.second_ink(axes), fontsize=panel.tick_size("x"),
                          path_effects=panel.halo(axes), zorder=6)  # fmt: skip
            near = []


def draw_difference(
    axes: Axes,
    test: pd.DataFrame,
    *,
    clusters: pd.DataFrame | None = None,
    groups: Mapping[str, str],
    unit: str,
    statistic: str = "t",
    level: float = 0.95,
    more: tuple[str, str] | None = None,
    cycle: str = CONTACTS,
) -> None:
    """Draw the difference (`tables.CURVE_TEST`) with a band that holds for the whole curve.

    Where the test has no difference (`statistic` "F" or "T²") the statistic is drawn with its
    threshold. The ends of `clusters` are written, in per cent of the cycle.
    """
    nodes = int(test["node"].max()) + 1
    columns = ["estimate", "conf_low", "conf_high"]
    # A statistic of several differences, and one without limits, cannot be read as a difference.
    if statistic != "t" or not np.isfinite(test["estimate"].to_numpy(dtype=float)).any():
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
        named = named_axis(_contrast(test, groups), unit)
        named += f", above 0 more {more[0]}" if more else ""
        band = numbers.interval_name(level).replace("interval", "band")
        panel.label_above(axes, f"{named} ({band} of the whole curve)")
    axes.axhline(0.0, color=panel.ink(), linewidth=0.9, zorder=3)
    panel.cycle_axis(axes, nodes, cycle)
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


def caption(
    test: pd.DataFrame | None = None,
    *,
    beyond: bool,
    statistic: str = "t",
    baseline: str = "",
    toe_off: bool = False,
    bands: bool = True,
) -> str:
    """Return how the figure is read; `beyond` is whether any span is beyond chance.

    `baseline` names the visit of the dotted lines; `toe_off` is whether it is marked, `bands`
    whether the means have any: those of all arms together have none.
    """
    start = "Bands of the means hold at one point of the cycle" if bands else "Means without bands"
    cycle = "The cycle runs from one contact of the same foot to the next"
    cycle += "; upright lines: mean toe-off, the end of stance." if toe_off else "."
    if test is None:
        return f"{start}. {cycle}"
    lower = f"{'that' if bands else 'the band'} of the difference for the whole curve"
    if statistic != "t":
        lower = "below, dashed: beyond chance anywhere on the curve"
    found = "Shaded: beyond chance." if beyond else "No part is beyond chance."
    dotted = f" Dotted: means at baseline ({baseline})." if baseline else ""
    return f"{start}, {lower}. {found}{dotted} {cycle}"


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
    more: tuple[str, str] | None = None,
    toe_off: Mapping[str, float] | None = None,
    baseline: pd.DataFrame | None = None,
    cycle: str = CONTACTS,
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
    runs = [] if test is None else numbers.frame_rows(_whole(test, clusters))
    found = "; ".join(
        f"{_ends(row, nodes)} of the cycle"
        + (f" ({numbers.p_text(row['p_value'])})" if "p_value" in row else "")
        for row in runs
    )
    said = f" Beyond chance: {found}." if found else ""
    if test is not None and not found:
        what = "band of the difference at" if statistic == "t" else f"{statistic} curve at"
        said = f" The {numbers.percent(100 * level, 0)} {what} no point leaves chance."
    signs = f" Positive is {more[0]}, negative {more[1]}." if more else ""
    marked = [f"{groups[name]} {numbers.number(at, 0)} %" for name, at in (toe_off or {}).items()
              if name in groups]  # fmt: skip
    off = f" Mean toe-off: {', '.join(marked)} of the cycle." if marked else ""
    dotted = " Dotted: mean curves at baseline." if baseline is not None and len(baseline) else ""
    return f"{signal} over {cycle}. {'; '.join(parts)}.{signs}{off}{dotted}{said}"


def _whole(test: pd.DataFrame, clusters: pd.DataFrame | None) -> pd.DataFrame:
    """Return `spans`, a cluster over the end of the cycle as one."""
    return spans(test) if clusters is None or clusters.empty else clusters


def _ends(row: numbers.Row, nodes: int) -> str:
    """Return where a span begins and ends, in per cent of the cycle."""
    start, end = (numbers.number(100 * row[key] / (nodes - 1), 0) for key in ("start", "end"))
    return f"{start} to {end} %{' (over its end)' if row['start'] > row['end'] else ''}"


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
