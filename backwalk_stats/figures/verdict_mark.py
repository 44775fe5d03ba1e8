"""One small square for each verdict, told apart by shape and fill as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from backwalk_stats.figures.style import BLUE, INK, MID, VERMILLION

Points = Sequence[tuple[float, float]]
_SQUARE = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
_HALF = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)]
_CROSS = [[(-0.55, -0.55), (0.55, 0.55)], [(-0.55, 0.55), (0.55, -0.55)]]
_UNEQUAL = [[(-0.6, -0.3), (0.6, -0.3)], [(-0.6, 0.3), (0.6, 0.3)], [(-0.35, 0.75), (0.35, -0.75)]]
_DASH = [[(-0.7, 0.0), (0.7, 0.0)]]
CHECKED = ("reproduced", "compatible", "not_reproduced", "inputs_inconsistent")


def draw_marks(axes: Axes, verdict: str, at: Points, *, half_side: float = 1.45) -> None:
    """Draw the mark of a verdict at each point of axes whose unit is a millimetre, y running down.

    Reproduced is a filled square, compatible a half-filled one, not reproduced a filled square with
    a cross, inconsistent inputs an outlined square with an unequal sign, not derivable a small
    empty square, no results (and an unknown verdict) a dash.
    """
    if not at:
        return
    if verdict == "reproduced":
        _areas(axes, _SQUARE, at, half_side, BLUE, BLUE)
    elif verdict == "compatible":
        _areas(axes, _SQUARE, at, half_side, "white", BLUE)
        _areas(axes, _HALF, at, half_side, BLUE, BLUE)
    elif verdict == "not_reproduced":
        _areas(axes, _SQUARE, at, half_side, VERMILLION, VERMILLION)
        _strokes(axes, _CROSS, at, half_side, "white", 1.3)
    elif verdict == "inputs_inconsistent":
        _areas(axes, _SQUARE, at, half_side, "white", VERMILLION)
        _strokes(axes, _UNEQUAL, at, half_side, INK, 0.9)
    elif verdict == "not_derivable":
        _areas(axes, _SQUARE, at, half_side * 0.55, "white", MID)
    else:
        _strokes(axes, _DASH, at, half_side, MID, 0.9)


def _areas(axes: Axes, shape: Points, at: Points, scale: float, face: str, edge: str) -> None:
    """Draw a filled shape at each point."""
    corners = [np.asarray(shape) * scale + np.asarray(centre) for centre in at]
    axes.add_collection(
        PolyCollection(corners, facecolors=face, edgecolors=edge, linewidths=0.8, zorder=2),
        autolim=False,
    )


def _strokes(
    axes: Axes, strokes: Sequence[Points], at: Points, scale: float, colour: str, width: float
) -> None:
    """Draw lines at each point."""
    lines = [np.asarray(one) * scale + np.asarray(centre) for centre in at for one in strokes]
    axes.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, zorder=3), autolim=False
    )
