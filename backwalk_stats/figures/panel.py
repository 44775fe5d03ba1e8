"""One panel: axes in the reader's theme, labelled directly, with the looks of the arms.

What is drawn here takes its colours, sizes and grid from matplotlib's settings: under
`page.house_style` it looks as in the reports, under `seaborn.set_theme` as the reader asked.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox

from backwalk_stats.figures import marks, page
from backwalk_stats.figures.axis import ValueScale

READABLE = 4.5  # contrast of text against what is behind it (WCAG 2, level AA)
LABEL_CHARACTERS = 16
_ROOM = 0.012  # of the figure, free at its edges
_END = "end-label"
_FLEXIBLE = "panels"


# The looks of the arms: colours of the cycle, marks and dashes of their own.


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How an arm is drawn: colour for marks, `words` for text, `face` for the inside of marks."""

    colour: str
    words: str
    pale: str
    face: str
    marker: str
    line: Any


def looks(arms: Iterable[str], axes: Axes) -> dict[str, Look]:
    """Return the look of each arm on these axes, the reference first.

    Forward walking has the first colour of the cycle, backward walking the second, wherever they
    stand. Marks and dashes differ too: no picture needs colour to be read.
    """
    cycle = [to_hex(one) for one in mpl.rcParams["axes.prop_cycle"].by_key().get("color", ["k"])]
    behind = axes.get_facecolor()
    return {
        name: _look(cycle[place % len(cycle)], mark, behind)
        for name, (place, mark) in marks.arm_places(arms).items()
    }


def _look(colour: str, mark: marks.ArmMark, behind: Any) -> Look:  # noqa: ANN401
    """Return a colour of the cycle with what is made of it, on a background."""
    return Look(
        colour=to_hex(colour),
        words=readable(colour, behind),
        pale=to_hex(0.3 * np.array(to_rgb(colour)) + 0.7 * np.array(to_rgb(behind))),
        face=to_hex(colour) if mark.filled else to_hex(behind),
        marker=mark.marker,
        line=mark.line,
    )


def readable(colour: Any, behind: Any = "white") -> str:  # noqa: ANN401
    """Return a colour moved towards black, or white on a dark ground, until it can be read.

    Examples
    --------
    >>> readable("#16191d"), contrast(readable("#66c2a5"), "white") >= 4.5
    ('#16191d', True)
    """
    end = np.zeros(3) if contrast("black", behind) > contrast("white", behind) else np.ones(3)
    start = np.array(to_rgb(colour))
    for share in np.linspace(0.0, 1.0, 51):
        mixed = (1 - share) * start + share * end
        if contrast(mixed, behind) >= READABLE:
            return str(to_hex(mixed))
    return str(to_hex(end))


def contrast(one: Any, other: Any) -> float:  # noqa: ANN401
    """Return the contrast of two colours, from 1 to 21 (WCAG 2).

    >>> round(contrast("white", "black"))
    21
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:  # noqa: ANN401
    """Return the relative luminance of a colour."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def ink() -> str:
    """Return the colour of text."""
    return str(mpl.rcParams["text.color"])


def second_ink(axes: Axes) -> str:
    """Return the colour of what is said in passing: between text and ground, and readable."""
    ground = np.array(to_rgb(axes.get_facecolor()))
    return readable(0.55 * np.array(to_rgb(ink())) + 0.45 * ground, axes.get_facecolor())


# Words on the panel.


def label_above(axes: Axes, text: str, better: str = "") -> None:
    """Write what a vertical axis shows flat above its upper end, and which way is better."""
    arrow = {"lower": "↓ better", "higher": "↑ better"}.get(better, "")
    said = f"{text} ({arrow})" if arrow else text
    axes.set_ylabel(_wrapped(axes, said), rotation=0, ha="left", va="bottom")
    axes.yaxis.set_label_coords(0.0, 1.035)


def label_below(axes: Axes, text: str, better: str = "") -> None:
    """Write what a horizontal axis shows, between arrows that say which way is better."""
    ends = {"lower": "← better · {}", "higher": "{} · better →"}.get(better, "{}")
    axes.set_xlabel(_wrapped(axes, ends.format(text)))


def _wrapped(axes: Axes, text: str) -> str:
    """Return a text broken into lines that are no wider than the axes."""
    points = axes.get_window_extent().width / axes.figure.dpi * 72
    most = max(int(points / (0.5 * _points("axes.labelsize"))), 12)
    return "\n".join(textwrap.wrap(page.plain(text), most)) or ""


def end_labels(axes: Axes, labels: Sequence[tuple[str, float, str]]) -> None:
    """Write text, height and colour of each label at the right, inside the axes, none on another.

    Limits of the axes are settled before; the axes are widened by what the labels need.
    """
    labels = [one for one in labels if np.isfinite(one[1])]
    size = _points("axes.labelsize")
    blocks = ["\n".join(page_lines(text)) for text, _, _ in labels]
    needed = max((text_width(text, size) for text in blocks), default=0.0) + 16.0
    share = min(needed / (axes.get_window_extent().width / axes.figure.dpi * 72), 0.45)
    left, x = axes.get_xlim()
    axes.set_xlim(left, left + (x - left) / (1 - share))
    for (_, y, colour), text in zip(labels, blocks, strict=True):
        axes.annotate(text, (x, y), (4, 0), textcoords="offset points", color=colour, ha="left",
                      va="center", fontweight="bold", annotation_clip=False, fontsize=size,
                      gid=_END)  # fmt: skip
    settle(axes)


def settle(axes: Axes) -> None:
    """Move the labels at the ends of lines apart, as the axes are now."""
    found = [one for one in axes.texts if isinstance(one, Annotation) and one.get_gid() == _END]
    box, dots = axes.get_window_extent(), axes.figure.dpi / 72
    wanted = [float(axes.transData.transform(one.xy)[1]) for one in found]
    size = _points("axes.labelsize") * 1.25 * dots
    heights = [size * (1 + one.get_text().count("\n")) for one in found]
    placed = moved_apart(wanted, heights, box.y0, box.y1)
    for one, from_y, to_y in zip(found, wanted, placed, strict=True):
        one.set_position((4, (to_y - from_y) / dots))


def text_width(text: str, size: float) -> float:
    """Return how wide the widest line of a text is in points, bold, in the font of the session."""
    face = FontProperties(weight="bold", size=size)
    lines = [line for line in text.splitlines() if line.strip()]
    return max((float(TextPath((0, 0), line, prop=face).get_extents().width) for line in lines),
               default=0.0)  # fmt: skip


def _points(setting: str) -> float:
    """Return a size of the session's settings in points."""
    return float(FontProperties(size=mpl.rcParams[setting]).get_size_in_points())


def page_lines(text: str, characters: int = LABEL_CHARACTERS) -> list[str]:
    """Return a label in at most three lines.

    >>> page_lines("Backward walking and usual care")
    ['Backward walking', 'and usual care']
    """
    lines = textwrap.wrap(page.plain(text), characters) or [""]
    return lines if len(lines) <= 3 else [*lines[:2], lines[2][: characters - 1] + page.ELLIPSIS]


def moved_apart(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Return middles near those wanted, none nearer to the next than their heights, in the limits.

    >>> moved_apart([1.0, 1.5], [2.0, 2.0], 0.0, 10.0)
    [1.0, 3.0]
    """
    order = np.argsort(wanted, kind="stable")
    placed = marks.apart([wanted[i] for i in order], [heights[i] for i in order], low, high)
    back = dict(zip(order.tolist(), placed, strict=True))
    return [back[place] for place in range(len(wanted))]


def span(axes: Axes, at: Sequence[float], low: Sequence[float], high: Sequence[float],
         colour: str, *, across: bool = False, width: float = 1.6) -> None:  # fmt: skip
    """Draw intervals without caps, upright at `at`, or lying where they run `across`."""
    ends = zip(at, low, high, strict=True)
    lines = [[(a, x), (b, x)] if across else [(x, a), (x, b)] for x, a, b in ends]
    axes.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, zorder=4), autolim=False
    )


def arm_line(axes: Axes, x: Sequence[float], y: Sequence[float], look: Look) -> None:
    """Draw the line of an arm with its marks."""
    axes.plot(x, y, color=look.colour, linestyle=look.line, marker=look.marker,
              markerfacecolor=look.face, markeredgecolor=look.colour, zorder=5)  # fmt: skip


def say(axes: Axes, message: str) -> None:
    """Write that there is nothing to show, and why, on axes of nothing else."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, page.plain(message), ha="center", va="center", color=second_ink(axes),
              transform=axes.transAxes, wrap=True)  # fmt: skip


# Scales of a panel.


def value_axis(axes: Axes, scale: ValueScale, *, grid: bool = True) -> None:
    """Give axes a vertical scale that holds everything that is drawn."""
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks.at, labels=scale.ticks.labels)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if grid and not mpl.rcParams["axes.grid"]:
        axes.grid(axis="y", color=page.GRID, linewidth=0.8, zorder=0)
        axes.set_axisbelow(True)


def visit_axis(
    axes: Axes, visits: Mapping[str, str], weeks: Mapping[str, float]
) -> dict[str, float]:
    """Give axes a horizontal scale of visits; return where each stands.

    Visits stand by week where every week is known and no two stand closer than a third of an even
    step; else evenly, and the label of the axis says so.
    """
    names = list(visits)
    known = [float(weeks.get(name, float("nan"))) for name in names]
    steps = [after - before for before, after in pairwise(known)]
    timed = all(step > 0 for step in steps)
    whole = known[-1] - known[0] if timed and steps else 0.0
    to_scale = bool(whole and min(steps) >= whole / len(steps) / 3)
    at = known if to_scale else [float(place) for place in range(len(names))]
    room = 0.12 * ((at[-1] - at[0]) or 1.0)
    axes.set_xlim(at[0] - room, at[-1] + room)
    axes.set_xticks(at, labels=["\n".join(page_lines(visits[name] or name, 10)) for name in names])
    axes.tick_params(axis="x", length=0)
    if timed and steps and not to_scale:
        axes.set_xlabel("visits evenly spaced, not to scale", color=second_ink(axes))
    return dict(zip(names, at, strict=True))


def counts_below(
    axes: Axes, at: Mapping[str, float], counts: Mapping[str, Mapping[str, str]]
) -> None:
    """Write the number of people of each arm, in its colour, under each visit.

    `counts` is arm to visit to text. A row for each arm: with more arms there is more to read.
    """
    size = _points("xtick.labelsize")
    lines = max((label.get_text().count("\n") for label in axes.get_xticklabels()), default=0) + 1
    found = looks(counts, axes)
    first = 6.0 + lines * size * 1.3
    if axes.get_xlabel():
        axes.xaxis.labelpad += len(counts) * size * 1.45
    for row, (arm, by_visit) in enumerate(counts.items()):
        down = -(first + row * size * 1.45)
        place: Any = {"textcoords": "offset points", "va": "top", "fontsize": size,
                      "annotation_clip": False}  # fmt: skip
        corner: Any = {"xycoords": "axes fraction"}
        if row == 0:
            axes.annotate("n", (0.0, 0.0), (-4, down), ha="right", color=second_ink(axes),
                          **corner, **place)  # fmt: skip
        for visit, x in at.items():
            axes.annotate(by_visit.get(visit, ""), (x, 0.0), (0, down), ha="center",
                          xycoords=axes.get_xaxis_transform(), color=found[arm].words,
                          **place)  # fmt: skip


# A figure around panels, for the reports.


def figure(
    height: float,
    columns: int = 1,
    rows: int = 1,
    **ratios: Any,  # noqa: ANN401
) -> tuple[Figure, list[Axes]]:
    """Return a figure as wide as a page and `height` millimetres high, and its axes in order.

    On a narrow page (`page.narrow_page`) panels that stood beside each other stand below each
    other, each as high as before.
    """
    if page.page_width() < page.WIDTH_MM and columns > 1:
        height, rows, columns = height * columns, rows * columns, 1
        ratios = {name: value for name, value in ratios.items() if name == "hspace"}
        ratios = {"hspace": 0.45, **ratios}
    size = (page.page_width() / page.MM_PER_INCH, height / page.MM_PER_INCH)
    drawn = Figure(figsize=size, label=_FLEXIBLE)
    FigureCanvasAgg(drawn)
    made = drawn.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return drawn, [axes for row in made for axes in row]


def is_flexible(drawn: Figure) -> bool:
    """Tell whether a figure would be drawn otherwise on a narrow page."""
    return bool(drawn.get_label() == _FLEXIBLE)


def fit(drawn: Figure) -> None:
    """Move the edges of the panels until every text is on the page and little is left empty."""
    for _ in range(3):
        drawn.draw_without_rendering()
        boxes = [axes.get_tightbbox() for axes in drawn.axes]
        box = Bbox.union([one for one in boxes if one is not None])
        wide, high = drawn.bbox.width, drawn.bbox.height
        now = drawn.subplotpars
        drawn.subplots_adjust(
            left=now.left - box.x0 / wide + _ROOM,
            right=now.right + 1 - box.x1 / wide - _ROOM,
            bottom=now.bottom - box.y0 / high + _ROOM,
            top=now.top + 1 - box.y1 / high - _ROOM,
        )
    for axes in drawn.axes:
        settle(axes)
