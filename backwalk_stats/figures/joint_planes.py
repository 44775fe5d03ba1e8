"""Mean curves of the three planes of a joint below each other, and one statistic of all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import mean_curves as curves
from backwalk_stats.figures import page, panel, point_labels

PANEL_MM, ALONE_MM, AROUND_MM = 44.0, 56.0, 18.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plane:
    """One plane: its signal, the words for it, and what larger and smaller values are."""

    signal: str
    label: str
    more: tuple[str, str] | None = None


@page.styled
def joint_planes(
    means: pd.DataFrame,
    test: pd.DataFrame | None = None,
    *,
    planes: Sequence[Plane],
    **told: Any,  # noqa: ANN401
) -> Figure:
    """Return `draw_planes`, which is `told` the rest, on a page of a report."""
    rows = len(planes) + (test is not None)
    each = ALONE_MM if test is None else PANEL_MM
    figure, panels = panel.figure(AROUND_MM + each * rows, rows=rows, hspace=0.5)
    draw_planes(panels, means, test, planes=planes, **told)
    panel.fit(figure)
    return figure


def draw_planes(
    panels: Sequence[Axes],
    means: pd.DataFrame,
    test: pd.DataFrame | None = None,
    *,
    clusters: pd.DataFrame | None = None,
    planes: Sequence[Plane],
    groups: Mapping[str, str],
    by: str,
    unit: str,
    statistic: str = "T²",
    toe_off: Mapping[str, float] | None = None,
    cycle: str = curves.CONTACTS,
) -> None:
    """Draw a plane on each of the axes, and on one more the statistic of all planes together.

    `means` (`tables.MEAN_CURVES`) hold the signals of all planes; `test` (`tables.CURVE_TEST`) and
    its `clusters` are of all planes together.
    """
    found = None if test is None else curves.spans(test, clusters)
    for axes, plane in zip(panels, planes, strict=False):
        curves.draw(axes, means[means["signal"] == plane.signal], clusters=found, groups=groups,
                    by=by, signal=plane.label, unit=unit, more=plane.more, toe_off=toe_off,
                    cycle=cycle)  # fmt: skip
    if test is not None:
        curves.draw_difference(panels[-1], test, clusters=found, groups=groups, unit=unit,
                               statistic=statistic, cycle=cycle)  # fmt: skip
    for upper, lower in pairwise(panels):
        curves.under(upper, lower)
    point_labels.settle(panels[-1])


def caption(
    test: pd.DataFrame | None = None, *, beyond: bool, toe_off: bool = False, bands: bool = True
) -> str:
    """Return how the figure is read; `beyond` is whether any span is beyond chance."""
    shown = curves.caption(test, beyond=beyond, statistic="T²", toe_off=toe_off, bands=bands)
    return f"{shown} Each plane has a scale of its own."


def alt_text(
    means: pd.DataFrame,
    test: pd.DataFrame | None = None,
    *,
    planes: Sequence[Plane],
    **told: Any,  # noqa: ANN401
) -> str:
    """Return what the figure shows, for a reader who cannot see it."""
    said = [
        curves.alt_text(
            means[means["signal"] == plane.signal],
            test if place + 1 == len(planes) else None,
            signal=plane.label,
            more=plane.more,
            **{"statistic": "T²", **told},
        )
        for place, plane in enumerate(planes)
    ]
    return " ".join(said)
