"""Marks of arms and of verdicts, the size of points, and labels beside the ends of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from backwalk_stats.figures import page
from backwalk_stats.figures.axis import Interval

INTERVAL_ID, ARROW_ID, ESTIMATE_ID = "interval", "cut", "estimate"
Points = Sequence[tuple[float, float]]
_SQUARE = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
_HALF = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)]
_CROSS = [[(-0.55, -0.55), (0.55, 0.55)], [(-0.55, 0.55), (0.55, -0.55)]]
_UNEQUAL = [[(-0.6, -0.3), (0.6, -0.3)], [(-0.6, 0.3), (0.6, 0.3)], [(-0.35, 0.75), (0.35, -0.75)]]
_DASH = [[(-0.7, 0.0), (0.7, 0.0)]]
CHECKED = ("reproduced", "compatible", "not_reproduced", "inputs_inconsistent")
_PRINTED = re.compile(
    r"^\s*(?:[A-Za-z]{1,2}\s*)?(?P<sign>[=<>≤≥]?)\s*(?P<number>[+\-−]?(?:\d+\.?\d*|\.\d+))\s*%?"
    r"(?:\s*[\(\[].*)?$"
)


def swarm_size(count: int, *, largest: float = 1.5, smallest: float = 0.5) -> float:
    """Return the diameter of the points of a swarm in millimetres, less when there are many.

    Examples
    --------
    >>> swarm_size(20), round(swarm_size(400), 2), swarm_size(5000)
    (1.5, 0.58, 0.5)
    """
    return float(np.clip(largest * (60 / max(count, 1)) ** 0.5, smallest, largest))


def apart(
    wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float
) -> list[float]:
    """Return middles in the same order, no nearer than their heights, inside the limits."""
    middles: list[float] = []
    floor = top
    for y, height in zip(wanted, heights, strict=True):
        middles.append(max(y, floor + height / 2))
        floor = middles[-1] + height / 2
    ceiling = bottom
    for place in range(len(middles) - 1, -1, -1):
        middles[place] = min(middles[place], ceiling - heights[place] / 2)
        ceiling = middles[place] - heights[place] / 2
    return middles


# How an arm looks in every figure: told apart in colour, in grey, and by shape alone.


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmLook:
    """Colour, marker, line and hatch of one arm.

    Attributes
    ----------
    colour, pale : str
        For lines and marks; for areas behind them.
    marker : str
        Of matplotlib.
    line : str or tuple
        Line style of matplotlib.
    hatch : str
        Hatch of matplotlib, "" for none.
    """

    colour: str
    pale: str
    marker: str
    line: Any
    hatch: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmMark:
    """What tells an arm apart without colour: its marker, filled or open, and its dashes."""

    marker: str
    line: Any
    filled: bool


_FORWARD = ArmMark(marker="s", line=(0, (4.5, 1.8)), filled=False)
_BACKWARD = ArmMark(marker="o", line="-", filled=True)
_CONTROL = ArmMark(marker="^", line=(0, (1.4, 1.4)), filled=True)
_FURTHER = ArmMark(marker="D", line=(0, (5, 1.5, 1.2, 1.5)), filled=True)
MARKS = (_FORWARD, _BACKWARD, _CONTROL, _FURTHER)
_KNOWN = {"forward": 0, "backward": 1, "control": 2}
_PALE = ("#BAD5EA", "#EBC4B2", "#DEDEDE", "#C4C4C4")
_HATCHES = ("", "//////", "....", "xxxx")
_COLOURS = (page.BLUE, page.VERMILLION, page.GREY, page.INK)


def arm_places(names: Iterable[str]) -> dict[str, tuple[int, ArmMark]]:
    """Return the place of each arm in a cycle of colours, and its mark; the reference is first.

    Forward walking is the first, backward walking the second and a control the third, wherever they
    stand; other arms get the places that are left, in order. From the fifth arm on marks repeat.

    Examples
    --------
    >>> {name: place for name, (place, _) in arm_places(["control", "hill"]).items()}
    {'control': 2, 'hill': 0}
    """
    arms = list(dict.fromkeys(names))
    places = {name: _KNOWN[name] for name in arms if name in _KNOWN}
    free = [place for place in range(len(MARKS)) if place not in places.values()] or [0, 1, 2, 3]
    others = [name for name in arms if name not in places]
    places |= {name: free[at % len(free)] for at, name in enumerate(others)}
    return {name: (places[name], MARKS[places[name]]) for name in arms}


def arm_looks(names: Iterable[str]) -> dict[str, ArmLook]:
    """Return the look of each arm in the house's style, the reference first.

    Forward walking is blue, backward walking rust and a control grey, wherever they stand.

    Examples
    --------
    >>> looks = arm_looks(["control", "hill"])
    >>> looks["control"].marker, looks["hill"].marker
    ('^', 's')
    """
    return {
        name: ArmLook(
            colour=_COLOURS[place],
            pale=_PALE[place],
            marker=mark.marker,
            line=mark.line,
            hatch=_HATCHES[place],
        )
        for name, (place, mark) in arm_places(names).items()
    }


# One small square for each verdict, told apart by shape and fill as well as by colour.


def draw_marks(axes: Axes, verdict: str, at: Points, *, half_side: float = 1.45) -> None:
    """Draw the mark of a verdict at each point of axes whose unit is a millimetre, y running down.

    Reproduced is a filled square, compatible a half-filled one, not reproduced a filled square with
    a cross, inconsistent inputs an outlined square with an unequal sign, not derivable a small
    empty square, no results (and an unknown verdict) a dash.
    """
    if not at:
        return
    if verdict == "reproduced":
        _areas(axes, _SQUARE, at, half_side, page.BLUE, page.BLUE)
    elif verdict == "compatible":
        _areas(axes, _SQUARE, at, half_side, "white", page.BLUE)
        _areas(axes, _HALF, at, half_side, page.BLUE, page.BLUE)
    elif verdict == "not_reproduced":
        _areas(axes, _SQUARE, at, half_side, page.VERMILLION, page.VERMILLION)
        _strokes(axes, _CROSS, at, half_side, "white", 1.3)
    elif verdict == "inputs_inconsistent":
        _areas(axes, _SQUARE, at, half_side, "white", page.VERMILLION)
        _strokes(axes, _UNEQUAL, at, half_side, page.INK, 0.9)
    elif verdict == "not_derivable":
        _areas(axes, _SQUARE, at, half_side * 0.55, "white", page.MID)
    else:
        _strokes(axes, _DASH, at, half_side, page.MID, 0.9)


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


# Where a printed number is drawn: a point, or a bound with a side.


def span(
    axes: Axes,
    low: float,
    high: float,
    y: float,
    *,
    colour: str = page.INK,
    width: float = 0.9,
    dots: bool = False,
) -> None:
    """Draw an interval; an end that lies beyond the axis becomes an arrow head."""
    left, right = axes.get_xlim()
    if isnan(low) or isnan(high):
        return
    ends = [min(max(end, left), right) for end in (low, high)]
    style: Any = (0, (1, 1.4)) if dots else "-"
    axes.plot(ends, [y, y], color=colour, linewidth=width, linestyle=style, zorder=4,
              solid_capstyle="butt", gid=INTERVAL_ID)  # fmt: skip
    arrows(axes, low, high, y, colour=colour, size=3.2 + 1.2 * width)


def arrows(
    axes: Axes, low: float, high: float, y: float, *, colour: str, size: float = 6.0
) -> None:
    """Draw an arrow at the edge of the axes for each limit beyond it."""
    left, right = axes.get_xlim()
    for beyond, x, marker in ((low < left, left, "<"), (high > right, right, ">")):
        if beyond:
            axes.plot([x], [y], marker=marker, color=colour, markersize=size, clip_on=False,
                      linestyle="none", zorder=5, gid=ARROW_ID)  # fmt: skip


def diamond(
    axes: Axes,
    found: Interval,
    y: float,
    *,
    half: float,
    colour: str = page.INK,
    face: str = "",
) -> None:
    """Draw a diamond as wide as its interval; beyond the axes it is cut, and has arrows.

    A limit that is not known stands at the estimate. `face` is the colour inside, `colour` itself
    where it is "".
    """
    ends = [found.estimate if isnan(end) else end for end in (found.low, found.high)]
    left, right = axes.get_xlim()
    low, middle, high = (min(max(x, left), right) for x in (ends[0], found.estimate, ends[1]))
    axes.fill([low, middle, high, middle], [y, y - half, y, y + half],
              facecolor=face or colour, edgecolor=colour, linewidth=0.8, zorder=4,
              gid=INTERVAL_ID)  # fmt: skip
    arrows(axes, ends[0], ends[1], y, colour=colour)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedValue:
    """A printed number that can be drawn.

    Attributes
    ----------
    value : float
        The number.
    bound : {"", "<", ">"}
        On which side of the number the printed value lies; empty where it is the number itself.
    decimals : int
        Decimals printed.
    """

    value: float
    bound: str
    decimals: int


def printed_value(text: str) -> PrintedValue | None:
    """Return the number that a printed text holds, or None where it is not one plain number.

    Examples
    --------
    >>> printed_value("P < .04")
    PrintedValue(value=0.04, bound='<', decimals=2)
    >>> printed_value("t=-1.628").value
    -1.628
    >>> printed_value("2,65") is None, printed_value("11.7% slower") is None
    (True, True)
    """
    found = _PRINTED.match(text)
    if found is None:
        return None
    number = found["number"].replace("−", "-")
    bound = {"≤": "<", "≥": ">", "=": ""}.get(found["sign"], found["sign"])
    return PrintedValue(value=float(number), bound=bound, decimals=len(number.partition(".")[2]))
