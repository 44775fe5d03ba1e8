"""Mean curves over the cycle, and under them the statistic with what is beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers

UPPER_MM, LOWER_MM, KEY_MM, KEY_WORD_MM = 62.0, 34.0, 5.0, 34.0


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
) -> Figure:
    """Draw mean curves with pointwise intervals, and the whole-curve test below them.

    `means` (`tables.MEAN_CURVES`) are of one signal and visit; their column `by`, "arm" or
    "direction", holds the groups, `groups` is group to label, in order. `test`
    (`tables.CURVE_TEST`) and `clusters` (`tables.CLUSTERS`, of one method) are of one question;
    `statistic` is "t" or "F".
    """
    rows = means[means[by].isin(list(groups))]
    if rows.empty:
        return page.empty_page(f"{signal}: there is no curve")
    nodes = int(rows["node"].max()) + 1
    scale = axis.value_scale([*rows["estimate"], *rows["conf_low"], *rows["conf_high"]])
    lower = None if test is None else _lower_scale(test)
    left = max(scale.label_room, lower.label_room if lower else 0.0) + 2.0
    width = page.WIDTH_MM - left - 6.0
    words = page.wrap(
        f"{signal}, {unit} (mean; band: 95 % interval at one node)", page.WIDTH_MM - 2, small=True
    )
    top = len(words) * page.SMALL_LINE_MM + 3.0 + KEY_MM
    middle = top + UPPER_MM + (9.0 if lower else 0.0)
    bottom = middle + (LOWER_MM if lower else 0.0)
    paper = page.new_page(bottom + axis.UNDER_MM)
    paper.write_lines(1.0, 3.0, words, small=True)
    upper = paper.axes(left, top, width, UPPER_MM)
    axis.dress_left(upper, scale)
    axis.dress_cycle(upper, nodes, labels=lower is None)
    _curves(upper, rows, by, groups)
    _key(paper, left, top - KEY_MM / 2 - 0.5, groups)
    if lower is not None and test is not None:
        head = f"{statistic} at each node; dashed: beyond chance anywhere on the curve"
        paper.write(1.0, middle - 4.0, head, small=True)
        panel = paper.axes(left, middle, width, LOWER_MM)
        axis.dress_left(panel, lower)
        axis.dress_cycle(panel, nodes)
        _statistic(panel, test)
        for axes in (upper, panel):
            _shade(axes, clusters)
    axis.name_cycle(paper, left, width, bottom)
    return paper.figure


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
    found = _regions(clusters, nodes=int(means["node"].max()) + 1 if len(means) else 1)
    said = f" Beyond chance: {found}." if found else ""
    if test is not None and not found:
        said = f" The {statistic} curve is nowhere beyond chance."
    return f"{signal} over the cycle. {'; '.join(parts)}.{said}"


def _regions(clusters: pd.DataFrame | None, *, nodes: int) -> str:
    rows = [] if clusters is None else numbers.frame_rows(clusters)
    return "; ".join(
        f"{numbers.number(100 * row['start'] / (nodes - 1), 0)} to "
        f"{numbers.number(100 * row['end'] / (nodes - 1), 0)} % of the cycle "
        f"({numbers.p_text(row['p_value'])})"
        for row in rows
    )


def _lower_scale(test: pd.DataFrame) -> axis.ValueScale:
    threshold = float(test["threshold"].iloc[0])
    ends = [threshold, -threshold if (test["statistic"] < 0).any() else 0.0]
    return axis.value_scale(
        [*test["statistic"], *(e for e in ends if isfinite(e))], through=0.0, most=5
    )


def _curves(axes: Axes, rows: pd.DataFrame, by: str, groups: Mapping[str, str]) -> None:
    for name, look in marks.arm_looks(groups).items():
        mine = rows[rows[by] == name].sort_values("node")
        axes.fill_between(
            mine["node"], mine["conf_low"], mine["conf_high"],
            facecolor=look.pale, edgecolor="none", alpha=0.65, zorder=2,
        )  # fmt: skip
        axes.plot(
            mine["node"], mine["estimate"], color=look.colour, linestyle=look.line,
            linewidth=1.7, zorder=4,
        )  # fmt: skip


def _key(paper: page.Page, left: float, y: float, groups: Mapping[str, str]) -> None:
    """Write the names of the groups beside a piece of their line."""
    x = left
    for name, look in marks.arm_looks(groups).items():
        paper.sheet.plot(
            [x, x + 9.0], [y, y], color=look.colour, linestyle=look.line, linewidth=1.7
        )
        words = page.shorten(groups[name], KEY_WORD_MM, small=True, bold=True)
        paper.write(x + 11.0, y, words, small=True, bold=True, colour=look.colour)
        x += 18.0 + page.width_mm(words, small=True, bold=True)


def _statistic(axes: Axes, test: pd.DataFrame) -> None:
    axes.plot(test["node"], test["statistic"], color=page.INK, linewidth=1.3, zorder=4)
    axes.axhline(0.0, color=page.MID, linewidth=0.6, zorder=1)
    threshold = float(test["threshold"].iloc[0])
    if isfinite(threshold):
        for height in [threshold, -threshold] if (test["statistic"] < 0).any() else [threshold]:
            axes.axhline(height, color=page.GREY, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)


def _shade(axes: Axes, clusters: pd.DataFrame | None) -> None:
    """Shade the runs of nodes that are beyond chance."""
    for row in [] if clusters is None else numbers.frame_rows(clusters):
        axes.axvspan(
            row["start"], row["end"], facecolor=page.PALE, edgecolor="none", alpha=0.55, zorder=1
        )
