"""One panel: axes in the reader's theme, labelled directly, with the looks of the arms.

What is drawn here takes its colours, sizes and grid from matplotlib's settings: under
`page.house_style` it looks as in the reports, under `seaborn.set_theme` as the reader asked.
"""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import SubplotSpec
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, ScaledTranslation

from backwalk_stats.figures import marks, page, point_labels
from backwalk_stats.figures.axis import TICKS, ValueScale
from backwalk_stats.figures.contrast import contrast, mixed, readable
from backwalk_stats.tables import numbers

LABEL_CHARACTERS = 17
DOTTED = (0, (1, 2))  # of a threshold that is named
_ROOM = 0.012  # of the figure, free at its edges
_STILL = 2e-4  # of the figure: an edge that moves by less stands where it was
_LEAST = 0.34  # of a narrow page, for the panels
_END = "end-label"
_LEAST_SHOWN = 0.2  # of a part of a figure, free of words
_COUNT = re.compile(r"\(n = [^)]*\)")
_WORDS = {to_hex(page.BLUE): page.BLUE_WORDS}  # the house has a colour for words of its own


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
        words=readable(_WORDS.get(to_hex(colour), colour), behind),
        pale=mixed(colour, behind, 0.3),
        face=to_hex(colour) if mark.filled else to_hex(behind),
        marker=mark.marker,
        line=mark.line,
    )


def ink() -> str:
    """Return the colour of text."""
    return str(mpl.rcParams["text.color"])


def second_ink(axes: Axes) -> str:
    """Return the colour of what is said in passing: between text and ground, and readable."""
    return readable(mixed(ink(), axes.get_facecolor(), 0.55), axes.get_facecolor())


# Words on the panel.


def label_above(axes: Axes, text: str, better: str = "", *, over: float = 0.0) -> None:
    """Write what a vertical axis shows flat above its upper end, and which way is better.

    The words stand so many points higher where something else is `over` the axes.
    """
    arrow = {"lower": "↓\u00a0better", "higher": "↑\u00a0better"}.get(better, "")
    said = f"{text} ({arrow})" if arrow else text
    axes.set_ylabel(_wrapped(axes, said), rotation=0, ha="left", va="bottom")
    up = ScaledTranslation(0.0, (5.0 + over) / 72, axes.figure.dpi_scale_trans)
    axes.yaxis.set_label_coords(0.0, 1.0, transform=axes.transAxes + up)
    # A layout engine takes no notice of the height of this label, but of that of a text.
    axes.text(0.0, 1.0, "\n".join(" " for _ in axes.get_ylabel().splitlines()), va="bottom",
              transform=axes.transAxes + up)  # fmt: skip


def label_below(axes: Axes, text: str, better: str = "") -> None:
    """Write what a horizontal axis shows, between arrows that say which way is better."""
    ends = {"lower": "← better · {}", "higher": "{} · better →"}.get(better, "{}")
    axes.set_xlabel(_wrapped(axes, ends.format(text)))


def _wrapped(axes: Axes, text: str) -> str:
    """Return a text broken into lines that are no wider than the axes."""
    most = max(int(width_in_points(axes) / (0.5 * points("axes.labelsize"))), 12)
    return "\n".join(textwrap.wrap(_kept(text), most, max_lines=3, placeholder=page.ELLIPSIS))


def width_in_points(axes: Axes) -> float:
    """Return the width of axes in points."""
    return float(axes.get_window_extent().width / axes.figure.dpi * 72)


def end_labels(axes: Axes, labels: Sequence[tuple[str, float, str]], *, bold: bool = True) -> None:
    """Write text, height and colour of each label at the right, inside the axes, none on another.

    Limits of the axes are settled before; the axes are widened by what the labels need.
    """
    right = axes.get_xlim()[1]
    for text, y, colour in labels:
        if np.isfinite(y):
            axes.annotate("\n".join(page_lines(text)), (right, y), (4, 0), color=colour, ha="left",
                          textcoords="offset points", va="center", annotation_clip=False,
                          fontsize=points("axes.labelsize"), gid=_END, bbox=ground(axes),
                          fontweight="bold" if bold else "normal")  # fmt: skip
    settle(axes)


def settle(axes: Axes) -> None:
    """Give the labels at the ends of lines the room that they need, and move them apart."""
    found = [one for one in axes.texts if isinstance(one, Annotation) and one.get_gid() == _END]
    if not found:
        return
    boxes, dots = [one.get_window_extent() for one in found], axes.figure.dpi / 72
    room = (max(box.width for box in boxes) + 8 * dots) / axes.get_window_extent().width
    left, right = axes.get_xlim()[0], float(found[0].xy[0])
    axes.set_xlim(left, left + (right - left) / (1 - min(room, 0.5)))
    wanted = [float(axes.transData.transform(one.xy)[1]) for one in found]
    ends = axes.get_window_extent()
    placed = moved_apart(wanted, [float(box.height) + dots for box in boxes], ends.y0, ends.y1)
    for one, from_y, to_y in zip(found, wanted, placed, strict=True):
        one.set_position((4, (to_y - from_y) / dots))


def text_width(text: str, size: float) -> float:
    """Return how wide the widest line of a text is in points, bold, in the font of the session."""
    face = FontProperties(weight="bold", size=size)
    lines = [line for line in text.splitlines() if line.strip()]
    wide = (text_to_path.get_text_width_height_descent(one, face, ismath=False) for one in lines)
    return max((float(width) for width, _, _ in wide), default=0.0)


def points(setting: str) -> float:
    """Return a size of the session's settings in points."""
    settings: Any = mpl.rcParams
    return float(FontProperties(size=settings[setting]).get_size_in_points())


def page_lines(text: str, characters: int = LABEL_CHARACTERS, lines: int = 3) -> list[str]:
    """Return a label in at most so many lines.

    >>> page_lines("Backward walking and usual care")
    ['Backward walking', 'and usual care']
    """
    parts = textwrap.wrap(_kept(text), characters) or [""]
    last = parts[min(lines, len(parts)) - 1][: characters - 1] + page.ELLIPSIS
    return parts if len(parts) <= lines else [*parts[: lines - 1], last]


def tick_words(names: Iterable[str], slot: float) -> list[str]:
    """Return names under ticks, broken into lines for a slot of so many points."""
    characters = int(np.clip(slot / (0.55 * points("xtick.labelsize")), 3, LABEL_CHARACTERS))
    told = []
    for name in names:
        longest = max(map(len, name.split()), default=0)
        whole = longest if longest <= 1.6 * characters else 0
        told.append("\n".join(page_lines(name, max(characters, whole))))
    return told


def halo(axes: Axes) -> list[Any]:
    """Return what keeps words readable where lines pass behind them."""
    return [withStroke(linewidth=2.5, foreground=axes.get_facecolor())]


def ground(axes: Axes) -> dict[str, Any]:
    """Return the patch behind words that ends the lines of a grid before them."""
    return {"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 1.0}


def _kept(text: str) -> str:
    """Return text that can be drawn, in which a number of people is never torn apart."""
    return _COUNT.sub(lambda found: found[0].replace(" ", "\u00a0"), page.plain(text))


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


def level(axes: Axes, y: float, **line: Any) -> None:  # noqa: ANN401
    """Draw a line across the axes as they are now: labels come to stand right of its end."""
    axes.plot(axes.get_xlim(), [y, y], **{"color": ink(), "linewidth": 1.0, "zorder": 2, **line})


def span(axes: Axes, at: Sequence[float], low: Sequence[float], high: Sequence[float],
         colour: str, *, across: bool = False, width: float = 1.6) -> None:  # fmt: skip
    """Draw intervals without caps, upright at `at`, or lying where they run `across`."""
    ends = zip(at, low, high, strict=True)
    lines = [[(a, x), (b, x)] if across else [(x, a), (x, b)] for x, a, b in ends]
    axes.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, zorder=4), autolim=False
    )


def name_lines(axes: Axes, lines: Sequence[tuple[float, str]]) -> float:
    """Draw a dotted line up at each value, its name over the axes; return the points they take.

    Each name has a line of its own, towards the middle: none stands on another.
    """
    size, wide = points("xtick.labelsize"), width_in_points(axes)
    left, right = axes.get_xlim()
    for place, (x, text) in enumerate(sorted(lines, reverse=True)):
        axes.axvline(x, color=ink(), linewidth=1.0, linestyle=DOTTED, zorder=2)
        aside = (x - left) / (right - left)
        axes.annotate(_cut(text, size, wide * max(aside, 1 - aside)), (x, 1.0),
                      (0, 3 + place * size * 1.4), xycoords=axes.get_xaxis_transform(),
                      textcoords="offset points", ha="right" if aside > 0.5 else "left",
                      va="bottom", fontsize=size, color=second_ink(axes),
                      annotation_clip=False)  # fmt: skip
    return len(lines) * size * 1.4


def plain_number(value: float) -> str:
    """Return a number that somebody named with the decimals that it was named with.

    >>> plain_number(2.0), plain_number(-1.5), plain_number(0.0001)
    ('2', '−1.5', '0.0001')
    """
    digits = next((d for d in range(9) if round(value, d) == value), 9)
    return numbers.number(value, digits)


def _cut(text: str, size: float, width: float) -> str:
    """Return a text on one line that is no wider than so many points."""
    line = " ".join(page.plain(text).split())
    if text_width(line, size) <= width:
        return line

    def shown(letters: int) -> str:
        return line[:letters].rstrip() + page.ELLIPSIS

    too_many = range(9, len(line))
    fits = bisect_left(too_many, x=True, key=lambda many: text_width(shown(many), size) > width)
    return shown(min(8 + fits, len(line)))


def arm_line(axes: Axes, x: Sequence[float], y: Sequence[float], look: Look,
             **line: Any) -> None:  # noqa: ANN401  # fmt: skip
    """Draw the line of an arm with its marks."""
    axes.plot(x, y, **{"color": look.colour, "linestyle": look.line, "marker": look.marker,
                       "markerfacecolor": look.face, "markeredgecolor": look.colour, "zorder": 5,
                       **line})  # fmt: skip


def swarm(axes: Axes, at: float, values: Sequence[float], look: Look, *,
          across: bool = False) -> None:  # fmt: skip
    """Draw a point for each value, equal ones beside each other; upright at `at`, or `across`.

    They reach 0.4 units to both sides of `at`. Nothing is random.
    """
    from seaborn import swarmplot

    size = marks.swarm_size(len(values), largest=1.6) / page.POINT_MM
    own = [at] * len(values)
    x, y = (values, own) if across else (own, values)
    swarmplot(x=x, y=y, ax=axes, orient="y" if across else "x", native_scale=True, size=size,
              marker=look.marker, color=look.colour, warn_thresh=1.01, zorder=3)  # fmt: skip
    axes.collections[-1].set(facecolor=look.face, edgecolor=look.colour, linewidth=0.2 * size)
    axes.set(xlabel="", ylabel="")


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
        faint = mixed(ink(), axes.get_facecolor(), 0.1)
        axes.grid(axis="y", color=faint, linewidth=0.8, zorder=0)
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
    words = [visits[name] or name for name in names]
    step = min((after - before for before, after in pairwise(at)), default=room) / (9 * room)
    axes.set_xticks(at, labels=tick_words(words, step * 0.6 * width_in_points(axes)))
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
    size = points("xtick.labelsize")
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
    if page.is_narrow() and columns > 1:
        height, rows, columns = height * columns, rows * columns, 1
        ratios = {name: value for name, value in ratios.items() if name == "hspace"}
        ratios = {"hspace": 0.45, **ratios}
    size = (page.page_width() / page.MM_PER_INCH, height / page.MM_PER_INCH)
    drawn = Figure(figsize=size, label=page.FLEXIBLE)
    FigureCanvasAgg(drawn)
    made = drawn.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return drawn, [axes for row in made for axes in row]


def is_flexible(drawn: Figure) -> bool:
    """Tell whether a figure would be drawn otherwise on a narrow page."""
    return bool(drawn.get_label() == page.FLEXIBLE)


def mark_flexible(drawn: Figure) -> None:
    """Say of a figure without panels that it is drawn otherwise on a narrow page."""
    drawn.set_label(page.FLEXIBLE)


class TooNarrowError(ValueError):
    """The words beside a panel leave no room on a narrow page for what it shows."""


def fit(drawn: Figure) -> None:
    """Move the edges of the panels until every text is on the page and little is left empty.

    Raises
    ------
    TooNarrowError
        On a narrow page of which words leave less than a third to the panels.
    """
    for _ in range(4):
        boxes = [axes.get_tightbbox() for axes in drawn.axes]
        box = Bbox.union([one for one in boxes if one is not None])
        wide, high = drawn.bbox.width, drawn.bbox.height
        now = drawn.subplotpars
        left, right = now.left - box.x0 / wide + _ROOM, now.right + 1 - box.x1 / wide - _ROOM
        if page.is_narrow() and right - left < _LEAST:
            raise TooNarrowError("the words beside the panels take the page")
        if left >= right:  # the words alone are wider than the page: the panels stay as they are
            break
        bottom = now.bottom - box.y0 / high + _ROOM
        top = now.top + 1 - box.y1 / high - _ROOM
        moves = (left - now.left, right - now.right, bottom - now.bottom, top - now.top)
        if max(map(abs, moves)) < _STILL:
            break
        drawn.subplots_adjust(left=left, right=right, bottom=bottom, top=top)
    page.part_panels(drawn, _ROOM)
    drawn.draw_without_rendering()  # axes of equal scales take their place when they are drawn
    for axes in drawn.axes:
        settle(axes)
        point_labels.settle(axes)


def keep_in_slot(axes: Axes) -> None:
    """Make axes smaller until their words stand in their own part of a figure.

    Only where they are one of the subplots of a figure without a layout engine: no words are cut
    at the edge, none stand on a neighbour. A fifth of the part at least is left to what is shown.
    """
    place, drawn = axes.get_subplotspec(), axes.figure
    if place is None or not isinstance(drawn, Figure) or drawn.get_layout_engine() is not None:
        return
    slot = _slot(drawn, place)
    for _ in range(3):
        _rewrap(axes)
        box = axes.get_tightbbox()
        if box is None:
            return
        words, now = box.transformed(drawn.transFigure.inverted()), axes.get_position(original=True)
        left, right = _held((now.x0, now.x1), (words.x0, words.x1), slot.intervalx)
        bottom, top = _held((now.y0, now.y1), (words.y0, words.y1), slot.intervaly)
        axes.set_position((left, bottom, right - left, top - bottom))
        axes.set_in_layout(True)  # who saves a tight picture keeps these axes
        axes.apply_aspect()
        settle(axes)
        point_labels.settle(axes)


def slot_height(axes: Axes) -> float | None:
    """Return how many pixels high the part of a figure is that axes have; None without a part."""
    place, drawn = axes.get_subplotspec(), axes.figure
    if place is None or not isinstance(drawn, Figure):
        return None
    return float(_slot(drawn, place).height * drawn.bbox.height)


def is_laid_out(axes: Axes) -> bool:
    """Tell whether an engine moves axes when their figure is drawn."""
    drawn = axes.figure
    return isinstance(drawn, Figure) and drawn.get_layout_engine() is not None


def _slot(drawn: Figure, place: SubplotSpec) -> Bbox:
    """Return the part of a figure that a subplot has: to its edges, or halfway to a neighbour."""
    bottoms, tops, lefts, rights = place.get_gridspec().get_grid_positions(drawn)
    rows, columns = place.rowspan, place.colspan
    low, high, apart = _ROOM, 1 - _ROOM, _ROOM / 2
    return Bbox.from_extents(
        (rights[columns.start - 1] + lefts[columns.start]) / 2 + apart if columns.start else low,
        (bottoms[rows.stop - 1] + tops[rows.stop]) / 2 + apart if rows.stop < len(tops) else low,
        (rights[columns.stop - 1] + lefts[columns.stop]) / 2 - apart
        if columns.stop < len(lefts)
        else high,
        (bottoms[rows.start - 1] + tops[rows.start]) / 2 - apart if rows.start else high,
    )


def _held(
    now: tuple[float, float], words: tuple[float, float], slot: Sequence[float]
) -> tuple[float, float]:
    """Return the ends of axes whose words shall not pass those of the slot, along one direction."""
    low = now[0] + max(slot[0] - words[0], 0.0)
    high = now[1] - max(words[1] - slot[1], 0.0)
    least = _LEAST_SHOWN * (slot[1] - slot[0])
    if high - low >= min(least, now[1] - now[0]):
        return low, high
    middle = float(np.clip((low + high) / 2, slot[0] + least / 2, slot[1] - least / 2))
    return middle - least / 2, middle + least / 2


def _rewrap(axes: Axes) -> None:
    """Break the labels of axes anew for their width."""
    for label in (axes.xaxis.label, axes.yaxis.label):
        if label.get_rotation() == 0:
            label.set_text(_wrapped(axes, " ".join(label.get_text().split())))


# Scales across, and colours between ink and ground.


def across_axis(axes: Axes, scale: ValueScale) -> None:
    """Give axes a horizontal scale of values."""
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(scale.ticks.at, labels=scale.ticks.labels)


def cycle_axis(axes: Axes, nodes: int, label: str = "% of the cycle, contact to contact") -> None:
    """Give axes a scale of a movement cycle in per cent; data stand at nodes from 0."""
    last = max(nodes - 1, 1)
    axes.set_xlim(0, last)
    axes.set_xticks([tick / 100 * last for tick in TICKS], labels=[str(tick) for tick in TICKS])
    axes.set_xlabel(label)


def tint(axes: Axes, share: float) -> str:
    """Return a share of ink on the ground of the axes: for areas that carry no arm's colour."""
    return mixed(ink(), axes.get_facecolor(), share)


def tick_size(side: str) -> float:
    """Return the size of the tick labels of the axis "x" or "y" in points."""
    return points(f"{side}tick.labelsize")


def marked(axes: Axes) -> str:
    """Return the colour of a marked span: a warm one that leaves lines and texts readable."""
    ground = axes.get_facecolor()
    light = contrast("black", ground) > contrast("white", ground)
    return mixed(page.FAINT if light else "#5B4A22", ground, 0.8)
