"""Mean curves over the cycle, and under them the statistic with what is beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures.axis import (
    UNDER_MM,
    ValueScale,
    dress_cycle,
    dress_left,
    name_cycle,
    value_scale,
)
from backwalk_stats.figures.marks import arm_looks
from backwalk_stats.figures.page import (
    GREY,
    INK,
    MID,
    PALE,
    SMALL_PT,
    WIDTH_MM,
    Page,
    empty_page,
    line_height,
    new_page,
    shorten,
    styled,
    width_mm,
    wrap,
)
from backwalk_stats.tables.numbers import frame_rows, number, p_text

if TYPE_CHECKING:
    import pandas as pd

UPPER_MM, LOWER_MM, KEY_MM, KEY_WORD_MM = 62.0, 34.0, 5.0, 34.0


@styled
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
        return empty_page(f"{signal}: there is no curve")
    nodes = int(rows["node"].max()) + 1
    scale = value_scale([*rows["estimate"], *rows["conf_low"], *rows["conf_high"]])
    lower = None if test is None else _lower_scale(test)
    left = max(scale.label_room, lower.label_room if lower else 0.0) + 2.0
    width = WIDTH_MM - left - 6.0
    words = wrap(f"{signal}, {unit} (mean; band: 95 % interval at one node)", WIDTH_MM - 2,
                 size=SMALL_PT)  # fmt: skip
    top = len(words) * line_height(SMALL_PT) + 3.0 + KEY_MM
    middle = top + UPPER_MM + (9.0 if lower else 0.0)
    bottom = middle + (LOWER_MM if lower else 0.0)
    page = new_page(bottom + UNDER_MM)
    page.write_lines(1.0, 3.0, words, size=SMALL_PT)
    upper = page.axes(left, top, width, UPPER_MM)
    dress_left(upper, scale)
    dress_cycle(upper, nodes, labels=lower is None)
    _curves(upper, rows, by, groups)
    _key(page, left, top - KEY_MM / 2 - 0.5, groups)
    if lower is not None and test is not None:
        head = f"{statistic} at each node; dashed: beyond chance anywhere on the curve"
        page.write(1.0, middle - 4.0, head, size=SMALL_PT)
        panel = page.axes(left, middle, width, LOWER_MM)
        dress_left(panel, lower)
        dress_cycle(panel, nodes)
        _statistic(panel, test)
        for axes in (upper, panel):
            _shade(axes, clusters)
    name_cycle(page, left, width, bottom)
    return page.figure


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
            low, high = number(mine["estimate"].min(), 1), number(mine["estimate"].max(), 1)
            parts.append(f"{label}: mean curve from {low} to {high} {unit}")
    found = _regions(clusters, nodes=int(means["node"].max()) + 1 if len(means) else 1)
    said = f" Beyond chance: {found}." if found else ""
    if test is not None and not found:
        said = f" The {statistic} curve is nowhere beyond chance."
    return f"{signal} over the cycle. {'; '.join(parts)}.{said}"


def _regions(clusters: pd.DataFrame | None, *, nodes: int) -> str:
    rows = [] if clusters is None else frame_rows(clusters)
    return "; ".join(
        f"{number(100 * row['start'] / (nodes - 1), 0)} to "
        f"{number(100 * row['end'] / (nodes - 1), 0)} % of the cycle ({p_text(row['p_value'])})"
        for row in rows
    )


def _lower_scale(test: pd.DataFrame) -> ValueScale:
    threshold = float(test["threshold"].iloc[0])
    ends = [threshold, -threshold if (test["statistic"] < 0).any() else 0.0]
    return value_scale([*test["statistic"], *(e for e in ends if isfinite(e))], through=0.0, most=5)


def _curves(axes: Axes, rows: pd.DataFrame, by: str, groups: Mapping[str, str]) -> None:
    for name, look in arm_looks(groups).items():
        mine = rows[rows[by] == name].sort_values("node")
        axes.fill_between(
            mine["node"], mine["conf_low"], mine["conf_high"],
            facecolor=look.pale, edgecolor="none", alpha=0.65, zorder=2,
        )  # fmt: skip
        axes.plot(
            mine["node"], mine["estimate"], color=look.colour, linestyle=look.line,
            linewidth=1.7, zorder=4,
        )  # fmt: skip


def _key(page: Page, left: float, y: float, groups: Mapping[str, str]) -> None:
    """Write the names of the groups beside a piece of their line."""
    x = left
    for name, look in arm_looks(groups).items():
        page.sheet.plot([x, x + 9.0], [y, y], color=look.colour, linestyle=look.line, linewidth=1.7)
        words = shorten(groups[name], KEY_WORD_MM, size=SMALL_PT, bold=True)
        page.write(x + 11.0, y, words, size=SMALL_PT, bold=True, colour=look.colour)
        x += 18.0 + width_mm(words, size=SMALL_PT, bold=True)


def _statistic(axes: Axes, test: pd.DataFrame) -> None:
    axes.plot(test["node"], test["statistic"], color=INK, linewidth=1.3, zorder=4)
    axes.axhline(0.0, color=MID, linewidth=0.6, zorder=1)
    threshold = float(test["threshold"].iloc[0])
    if isfinite(threshold):
        for height in [threshold, -threshold] if (test["statistic"] < 0).any() else [threshold]:
            axes.axhline(height, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)


def _shade(axes: Axes, clusters: pd.DataFrame | None) -> None:
    """Shade the runs of nodes that are beyond chance."""
    for row in [] if clusters is None else frame_rows(clusters):
        axes.axvspan(row["start"], row["end"], facecolor=PALE,
                     edgecolor="none", alpha=0.55, zorder=1)  # fmt: skip
