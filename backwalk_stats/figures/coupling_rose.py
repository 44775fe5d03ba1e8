"""How coupling angles are spread around the circle: a rose of all groups."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from backwalk_stats.figures import page, panel
from backwalk_stats.tables import numbers

HEIGHT_MM = 92.0
CORNERS = ((0.0, 1.07), (1.0, 1.07), (0.0, -0.07), (1.0, -0.07))  # of the first four groups
EDGES = np.radians(np.arange(22.5, 360.0, 45.0))


@page.styled
def coupling_rose(
    rose: pd.DataFrame,
    *,
    panels: Mapping[str, str],
    by: str,
    title: str,
    segments: tuple[str, str] = ("proximal", "distal"),
) -> Figure:
    """Return `draw` on a page of a report."""
    if not rose[by].isin(list(panels)).any():
        return page.empty_page("There is no coordination to show")
    figure, (flat,) = panel.figure(HEIGHT_MM)
    place = flat.get_subplotspec()
    flat.remove()
    assert place is not None
    axes = figure.add_subplot(place, projection="polar")
    assert isinstance(axes, PolarAxes)
    draw(axes, rose, panels=panels, by=by, segments=segments)
    panel.fit(figure)
    return figure


def draw(
    axes: PolarAxes,
    rose: pd.DataFrame,
    *,
    panels: Mapping[str, str],
    by: str,
    segments: tuple[str, str] = ("proximal", "distal"),
) -> None:
    """Draw the share of coupling angles in each direction, an outline for each group.

    `rose` (`tables.COUPLING_ROSE`) is of one coupling; the column `by` holds the groups, `panels`
    is group to label, in order; `segments` are those that move alone at 0 and at 90 degrees. The
    radius is the square root of the share, so that areas compare.
    """
    names = [name for name in panels if (rose[by] == name).any()]
    if not names:
        panel.say(axes, "There is no coordination to show")
        return
    top = sqrt(max(float(rose[rose[by].isin(names)]["percent"].max()), 1.0))
    axes.set_ylim(0.0, 1.08 * top)
    for place, name in enumerate(names):
        look = panel.looks(panels, axes)[name]
        mine = rose[rose[by] == name].sort_values("angle")
        angle, radius = _outline(mine)
        axes.fill(angle, radius, facecolor=look.colour, alpha=0.12, linewidth=0.0, zorder=2)
        axes.plot(angle, radius, color=look.colour, linestyle=look.line, linewidth=1.5, zorder=4)
        axes.text(*CORNERS[place % 4], "\n".join(panel.page_lines(panels[name] or name, 22)),
                  transform=axes.transAxes, color=look.words, ha="center", fontweight="bold",
                  va="bottom" if place % 4 < 2 else "top")  # fmt: skip
    for edge in EDGES:
        axes.plot([edge, edge], [0.0, 1.08 * top], color=panel.second_ink(axes), linewidth=0.5,
                  linestyle=":", zorder=1)  # fmt: skip
    _dress(axes, top, segments)


def caption() -> str:
    """Return what the figure shows, and how it is read."""
    return (
        "Directions of the coupling angle in all steps of all cycles, participants counted alike. "
        "The radius is the square root of the share, so that areas compare."
    )


def alt_text(
    rose: pd.DataFrame,
    *,
    panels: Mapping[str, str],
    by: str,
    title: str,
    segments: tuple[str, str] = ("proximal", "distal"),
) -> str:
    """Return where most coupling angles lie, for a reader who cannot see the figure."""
    parts = []
    for name, label in panels.items():
        mine = rose[rose[by] == name]
        if len(mine):
            most = max(numbers.frame_rows(mine), key=lambda row: float(row["percent"]))
            share, at = numbers.number(most["percent"], 0), numbers.number(most["angle"], 0)
            parts.append(f"{label}: most often around {at} degrees ({share} % of the cycle)")
    axis_words = f"0 degrees: {segments[0]} alone, 90 degrees: {segments[1]} alone"
    return f"{title}: directions of the coupling angle ({axis_words}). {'; '.join(parts)}."


def _outline(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return a closed line of steps around the circle; arcs are drawn as arcs."""
    width = 360.0 / len(rows)
    within = np.linspace(-0.5, 0.5, 7) * width
    angle = np.radians(rows["angle"].to_numpy(dtype=float)[:, None] + within)
    radius = np.repeat(np.sqrt(rows["percent"].to_numpy(dtype=float)), len(within))
    flat = angle.ravel()
    return np.append(flat, flat[0]), np.append(radius, radius[0])


def _dress(axes: PolarAxes, top: float, segments: tuple[str, str]) -> None:
    """Name the directions and the rings."""
    one, other = segments
    words = (one, "in-phase", other, "anti-phase") * 2
    axes.set_thetagrids(np.arange(0.0, 360.0, 45.0), labels=[page.plain(word) for word in words])
    rings = [top / sqrt(2), top]
    labels = [f"{numbers.number(ring**2, 0)} %" for ring in rings]
    axes.set_yticks(rings, labels=[])
    for ring, share in zip(rings, labels, strict=True):
        axes.text(np.radians(22.5), ring, share, color=panel.second_ink(axes), ha="right",
                  va="bottom", fontsize=panel.tick_size("y"))  # fmt: skip
    axes.grid(color=panel.tint(axes, 0.14), linewidth=0.5)
    axes.xaxis.grid(False)
    axes.spines["polar"].set_edgecolor(panel.tint(axes, 0.4))
    for angle, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        side = round(float(np.cos(angle)), 6)
        label.set_horizontalalignment("left" if side > 0 else "right" if side < 0 else "center")
    axes.tick_params(axis="x", pad=1)
