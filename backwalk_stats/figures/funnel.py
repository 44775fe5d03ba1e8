"""A funnel plot: estimates against their standard errors, and where chance alone puts them."""

from __future__ import annotations

from math import isfinite

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from backwalk_stats.figures import axis, estimate_rows, page, panel
from backwalk_stats.tables import numbers

NORMAL = 1.959964  # the triangle holds 95 % of trials of one effect
_PLACES = (("left", 7, 0.0), ("right", -7, 0.0), ("center", 0, 1.2), ("center", 0, -1.2))


def draw(axes: Axes, found: pd.DataFrame, *, label: str, pooled: float | None, shows: str) -> None:
    """Draw `estimate` against `std_error` on axes, the smallest error on top.

    A triangle around the pooled estimate holds 95 % of trials of the same effect. Zero is on
    the axis.
    """
    known = found[np.isfinite(found["estimate"]) & np.isfinite(found["std_error"])]
    known = known.assign(**{label: known[label].map(page.plain)}).reset_index(drop=True)
    if known.empty:
        panel.say(axes, "No estimate with a standard error")
        return
    lowest = float(known["std_error"].max()) * 1.12
    ends = [float(value) for value in known["estimate"]] + [0.0]
    if pooled is not None and isfinite(pooled):
        half = NORMAL * lowest
        ends += [pooled - half, pooled + half]
        axes.fill([pooled - half, pooled, pooled + half], [lowest, 0.0, lowest],
                  color=panel.ink(), alpha=0.07, linewidth=0.0, zorder=0.5)  # fmt: skip
        axes.plot([pooled, pooled], [0.0, lowest], color=panel.ink(), linestyle=(0, (3, 3)),
                  linewidth=1.0, zorder=1)  # fmt: skip
    low, high = axis.axis_range([axis.Interval(estimate=end, low=end, high=end) for end in ends])
    axes.set_xlim(low, high)
    axes.set_ylim(lowest, 0.0)
    axes.plot([0.0, 0.0], [0.0, lowest], color=panel.ink(), linewidth=1.0, zorder=1)
    size = float(mpl.rcParams["lines.markersize"]) ** 2
    sns.scatterplot(known, x="estimate", y="std_error", ax=axes, s=size, zorder=4, clip_on=False)
    _names(axes, known, label, pooled if pooled is not None else float(known["estimate"].median()))
    ticks = axis.tick_positions(low, high)
    axes.set_xticks(ticks.at, labels=ticks.labels)
    axes.set_xlabel(page.plain(shows))
    panel.label_above(axes, "Standard error")


def _names(axes: Axes, known: pd.DataFrame, label: str, middle: float) -> None:
    """Write the names of trials beside them, those first that lie furthest from the middle.

    A name for which there is no room, beside points and other names, is left out.
    """
    far = (known["estimate"] - middle).abs() / known["std_error"]
    rows = numbers.frame_rows(known.loc[far.sort_values(ascending=False, kind="stable").index])
    dots, size = axes.figure.dpi / 72, estimate_rows.type_size("xtick.labelsize")
    points = [axes.transData.transform((row["estimate"], row["std_error"])) for row in rows]
    taken = [Bbox.from_bounds(x - 4 * dots, y - 4 * dots, 8 * dots, 8 * dots) for x, y in points]
    inside, tall = axes.get_window_extent(), size * 1.3 * dots
    for row, (x, y) in zip(rows, points, strict=True):
        wide = estimate_rows.text_points(axes, str(row[label])) * dots
        for ha, aside, up in _PLACES:
            left = x + aside * dots - {"left": 0.0, "right": wide, "center": wide / 2}[ha]
            box = Bbox.from_bounds(left, y + up * size * dots - tall / 2, wide, tall)
            within = inside.x0 < box.x0 and box.x1 < inside.x1 and inside.y0 < box.y0
            if within and not any(box.overlaps(one) for one in taken):
                taken.append(box)
                axes.annotate(row[label], (row["estimate"], row["std_error"]),
                              (aside, up * size), textcoords="offset points", ha=ha, va="center",
                              fontsize=size, color=panel.second_ink(axes), zorder=5,
                              path_effects=panel.halo(axes))  # fmt: skip
                break
