"""Rows of estimates on axes: labels at the left, intervals, their numbers at the right.

Every forest is drawn here: its labels are those of the vertical axis, its numbers stand beside it,
and the axis comes from the intervals (`axis.axis_range`).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from backwalk_stats.figures import axis, marks, page, panel, row_room
from backwalk_stats.figures.axis import Interval
from backwalk_stats.tables import numbers

Kind = Literal["row", "main", "pool", "range", "heading", "note"]
BETWEEN, PAD = 1.3, row_room.LOOSE  # of the size of type: from line to line, and around a row
GAP = 9.0  # points between labels, axes and numbers
LABEL_SHARE, MOST_LINES = 0.34, 3
UNKNOWN = Interval(estimate=np.nan, low=np.nan, high=np.nan)
WIDE = ("pool", "note", "range", "heading")  # kinds without texts in the columns before the axes
SMALLEST = 1e-5  # numbers of intervals narrower than this get digits that count, not decimals
LARGEST = 1e7  # a number from here on is written with a power of ten
HINTED = 1.04
UNDER = 0.6  # lines of text from the middle of a row to its end, under a label
HEAD, HEAD_AT = 1.15, 0.7  # lines of text that a line above the rows takes; the first's middle


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a forest.

    Attributes
    ----------
    label : str
        What stands at the left.
    kind : str
        "row"; "main", bold and never cut, its estimate a diamond; "pool", a diamond as wide as its
        interval; "range", where a further trial may lie; "heading" and "note", words alone.
    interval : Interval
        NaN where nothing was estimated.
    text : str
        What stands at the right.
    before : tuple of str
        What stands between label and axes, a text for each of the columns.
    after : str
        What stands right of `text`.
    size : float
        Area of the mark against that of the others, 1 for the largest.
    hollow : bool
    """

    label: str
    kind: Kind = "row"
    interval: Interval = UNKNOWN
    text: str = ""
    before: tuple[str, ...] = ()
    after: str = ""
    size: float = 1.0
    hollow: bool = False

    @property
    def bold(self) -> bool:
        """Tell whether its words are bold."""
        return self.kind in ("main", "pool", "heading")

    @property
    def shows(self) -> bool:
        """Tell whether there is a mark or a number beside its words."""
        return self.kind not in ("heading", "note")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heads:
    """What stands above the columns: of the labels, of those before the axes, and after them."""

    label: str = ""
    before: tuple[str, ...] = ()
    text: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """The words to the left and to the right of no effect."""

    left: str = ""
    right: str = ""


def better_sides(better: str, pair: tuple[str, str]) -> Sides:
    """Return who is better on which side of zero; nothing where that is not known.

    >>> better_sides("lower", ("backward", "forward")).left
    '← backward better'
    """
    if better not in ("lower", "higher"):
        return Sides()
    left, right = pair if better == "lower" else reversed(pair)
    return Sides(left=f"← {left} better", right=f"{right} better →")


# The numbers of a row: rounded so that an estimate stays inside its interval.


def effect_digits(main: Interval) -> int | None:
    """Return the decimals that suit an interval; None asks for three digits that count.

    >>> effect_digits(Interval(estimate=0.01, low=-0.51, high=0.53))
    2
    """
    known = isfinite(main.width) and main.width > 0
    wide = main.width if known else abs(main.estimate) if isfinite(main.estimate) else 0.0
    return None if 0 < wide < SMALLEST else numbers.interval_digits(0.0, wide)


def effect_words(found: Interval, digits: int | None = 2) -> str:
    """Return an estimate with its interval; each number is rounded once, all in the same way.

    Examples
    --------
    >>> effect_words(Interval(estimate=-1.104, low=-2.012, high=-0.191))
    '−1.10 (−2.01 to −0.19)'
    >>> effect_words(Interval(estimate=2e-9, low=float("-inf"), high=3e-9), None)
    '2.00 × 10⁻⁹ (−∞ to 3.00 × 10⁻⁹)'
    """
    if not isfinite(found.estimate):
        return "not estimable"
    estimate = _number(found.estimate, digits)
    if isnan(found.low) and isnan(found.high):
        return f"{estimate} (no interval)"
    return f"{estimate} ({_number(found.low, digits)} to {_number(found.high, digits)})"


def _number(value: float, digits: int | None) -> str:
    """Return a number with decimals, or with digits that count where it is large."""
    if isfinite(value) and abs(value) >= LARGEST:
        power = int(np.floor(np.log10(abs(value))))
        return axis.with_power(value, power, 2)
    return numbers.significant(value) if digits is None else numbers.number(value, digits)


# Drawing.


def height_inches(
    lines: Sequence[Line],
    *,
    width: float,
    label: str,
    sides: Sides | None = None,
    heads: Heads | None = None,
) -> float:
    """Return how high a figure of lines is that is `width` inches wide."""
    size = type_size("ytick.labelsize")
    stacked = page.is_narrow()
    sized = _stacked(lines, heads, width * 72) if stacked else _all_wrapped(lines, width * 72)
    body = sum(_height(line, stacked) for line in sized) + 0.2
    body += _top(sides, None if stacked else heads)
    return (body * size * BETWEEN + _below(label, width * 72) + 8.0) / 72


def _below(label: str, points: float) -> float:
    """Return the points that ticks and label take below the axes, in a figure so many wide."""
    lines = 2.9 + BETWEEN * (1 + _broken(label, points).count("\n"))
    return lines * type_size("axes.labelsize")


def draw(
    axes: Axes,
    lines: Sequence[Line],
    *,
    label: str,
    sides: Sides | None = None,
    heads: Heads | None = None,
    zero: float = 0.0,
    band: float | None = None,
    dashed: Sequence[float] = (),
) -> None:
    """Draw lines on axes, the first on top; `label` says what the horizontal axis shows.

    Differences smaller than `band` are shaded; `dashed` are upright lines. On a narrow page each
    label stands above its row. Axes that are too low for the rows have them closer, then in smaller
    letters; what does not fit in the smallest is left out from the end, and a row says how many.
    """
    own = type_size("ytick.labelsize")
    fit = row_room.Fitted(lines=tuple(lines), size=own, pad=PAD)
    if not page.is_narrow():
        fit = _fit(axes, lines, label, _top(sides, heads))
    if fit.size != own:
        axes.tick_params(axis="y", labelsize=fit.size)
    with mpl.rc_context({"ytick.labelsize": fit.size}):
        _draw(axes, fit, label=label, sides=sides, heads=heads, zero=zero, band=band, dashed=dashed)


def _fit(axes: Axes, lines: Sequence[Line], label: str, top: float) -> row_room.Fitted[Line]:
    """Return the lines that axes have room for, under so many lines of text."""
    points = _figure_points(axes)

    def height(some: Sequence[Line], size: float, pad: float) -> float:
        """Return the points that lines need in letters of a size."""
        with mpl.rc_context({"ytick.labelsize": size}):
            sized = _all_wrapped(some, points)
        return (0.2 + top + sum(_height(line, pad=pad) for line in sized)) * size * BETWEEN

    free = row_room.free_height(axes, _below(label, points))
    own = type_size("ytick.labelsize")
    return row_room.fitted(
        lines, free, own, height=height, note=lambda text: Line(label=text, kind="note")
    )


def _draw(
    axes: Axes,
    fit: row_room.Fitted[Line],
    *,
    label: str,
    sides: Sides | None,
    heads: Heads | None,
    zero: float,
    band: float | None,
    dashed: Sequence[float],
) -> None:
    """Draw lines in letters of the size that is set."""
    stacked = page.is_narrow()
    lines = (_stacked(fit.lines, heads, _figure_points(axes)) if stacked
             else _all_wrapped(fit.lines, _figure_points(axes)))  # fmt: skip
    heads = None if stacked else heads
    columns = _columns(axes, lines, heads)
    if stacked:
        columns = replace(columns, label=0.0)
    inner = min(_width_points(axes), max(_figure_points(axes) - sum(columns.room) - 12, 60.0))
    low, high = axis.axis_range([line.interval for line in lines], through=zero)
    low, high = axis.held(low, high, dashed)
    known = sides is not None and bool(sides.left)
    share = (zero - low) / (high - low)
    beside = known and not columns.headed and _short(axes, sides, share * inner)
    top = _top(sides, None if beside else heads)
    heights = [_height(line, stacked, pad=fit.pad) for line in lines]
    ends = np.cumsum([top, *heights])
    labels_at = [float(end - high / 2) for end, high in zip(ends[1:], heights, strict=True)]
    at = [float(end) - UNDER for end in ends[1:]] if stacked else labels_at
    axes.set_xlim(low, high)
    axes.set_ylim(float(ends[-1]) + 0.2, 0.0)
    _bare(axes)
    if band is not None:
        _shade(axes, zero - band, zero + band)
    crossed = [y for y, line in zip(at, lines, strict=True) if line.shows] if stacked else []
    _zero_line(axes, zero, [top - 1.0 if known else 0.1, float(ends[-1]) + 0.2], crossed)
    for x in dashed:
        axes.plot([x, x], [top, ends[-1] + 0.2], "--", color=panel.second_ink(axes), zorder=1.4)
    for line, y in zip(lines, at, strict=True):
        _mark(axes, line, y + 0.08)  # the middle of small letters
    if stacked:
        _write_above(axes, lines, [float(end) for end in ends[:-1]])
    else:
        _write_labels(axes, lines, at, columns)
    _write_numbers(axes, lines, at, columns)
    _ticks(axes, low, high, inner)
    axes.set_xlabel(_broken(label, _figure_points(axes)))
    if sides is not None and known:
        room = (0.0 if beside and heads else columns.room[0], columns.room[1])
        _write_sides(axes, sides, _Place(zero=zero, y=top - 0.5, room=room, inner=inner))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """Widths of the columns in points, and what stands above them."""

    before: tuple[float, ...]
    label: float
    text: float
    after: float
    heads: Heads

    @property
    def room(self) -> tuple[float, float]:
        """Return the points that are taken left and right of the axes."""
        left = sum(width + GAP for width in self.before) + GAP + self.label
        return left, sum(width + GAP for width in (self.text, self.after) if width) + GAP

    @property
    def headed(self) -> bool:
        """Tell whether numbers right of the axes have a head."""
        return bool(self.heads.text or self.heads.after)


def _columns(axes: Axes, lines: Sequence[Line], heads: Heads | None) -> _Columns:
    """Return how wide the columns are."""
    above = heads or Heads()

    def widest(texts: Sequence[str], head: str, *, bold: bool = True) -> float:
        """Return the width of a column in points."""
        return max(text_points(axes, text, bold=bold) for text in (*texts, head))

    many = max((len(line.before) for line in lines), default=0)
    return _Columns(
        before=tuple(
            widest(
                [line.before[place] for line in lines if place < len(line.before)],
                above.before[place] if place < len(above.before) else "",
                bold=False,
            )
            for place in range(many)
        ),
        label=widest(
            [line.label for line in lines if many < 2 or line.kind not in WIDE], above.label
        ),
        text=widest([line.text for line in lines], above.text),
        after=widest([line.after for line in lines], above.after),
        heads=above,
    )


def _short(axes: Axes, sides: Sides | None, points: float) -> bool:
    """Tell whether the words left of zero are shorter than what the axes have there."""
    return sides is not None and points > text_points(axes, sides.left) + 6


def _broken(text: str, points: float) -> str:
    """Return a label of the horizontal axis in at most three lines, in a figure so wide."""
    most = max(int(points / type_size("axes.labelsize")), 20)
    kept = page.plain(text).replace("% interval", "%\u00a0interval")
    lines = textwrap.wrap(kept, most)
    return "\n".join(lines[:MOST_LINES]) + page.ELLIPSIS * (len(lines) > MOST_LINES)


def _top(sides: Sides | None, heads: Heads | None) -> float:
    """Return the height of what stands above the rows, in lines of text."""
    return 0.2 + HEAD * bool(heads) + HEAD * bool(sides and sides.left)


def _wrapped(line: Line, characters: int) -> Line:
    """Return a line with its label broken into lines, the last cut where there are too many."""
    parts = textwrap.wrap(page.plain(line.label), characters) or [""]
    if len(parts) > MOST_LINES:
        last = parts[MOST_LINES - 1][: characters - 1].rstrip()
        parts = [*parts[: MOST_LINES - 1], last + page.ELLIPSIS]
    cells = tuple(page.plain(cell) for cell in line.before)
    return replace(line, label="\n".join(parts), before=cells, text=page.plain(line.text))


def _all_wrapped(lines: Sequence[Line], points: float) -> list[Line]:
    """Return lines with their labels broken, in a figure so many points wide.

    Where columns stand before the axes, the lines that are empty there run on below them.
    """
    columns = max((len(line.before) for line in lines), default=0)
    most = max(int(LABEL_SHARE * points / (0.5 * type_size("ytick.labelsize"))), 12)
    if columns < 2:
        return [_wrapped(line, most) for line in lines]
    return [_wrapped(line, most * 3 // 2 if line.kind in WIDE else most * 2 // 3) for line in lines]


def _height(line: Line, stacked: bool = False, *, pad: float = PAD) -> float:
    """Return the height of a line in lines of text."""
    if stacked:
        return 1 + line.label.count("\n") + (UNDER + 0.75 if line.shows else 0.25)
    pad = 0.1 if line.kind in ("note", "range") else pad
    return 1 + line.label.count("\n") + pad


# On a narrow page: the label above its row, what stood in columns with it, numbers at the right.


def _stacked(lines: Sequence[Line], heads: Heads | None, points: float) -> list[Line]:
    """Return lines whose labels take the whole width and say what stood in columns, too."""
    most = max(int(0.94 * points / (0.47 * type_size("ytick.labelsize"))), 12)
    above = heads or Heads()
    found = []
    for line in lines:
        cells = [*zip(above.before, line.before, strict=False), (above.after, line.after)]
        told = [f"{head} {cell}".strip() for head, cell in cells if cell]
        label = page.plain(", ".join([line.label, *told[:1]]) if len(told) == 1 else line.label)
        rows = textwrap.wrap(_unbroken(label), most) or [""]
        rows += textwrap.wrap(page.plain("; ".join(told)), most) if len(told) > 1 else []
        plain = replace(line, label="\n".join(rows), text=page.plain(line.text))
        found.append(replace(plain, before=(), after=""))
    return found


def _unbroken(text: str) -> str:
    """Return a text in which a number stays with what it is the number of."""
    for pair in (" / ", " = ", " < "):
        text = text.replace(pair, pair.replace(" ", "\u00a0"))
    return text.replace(", n ", ", n\u00a0")


def _write_above(axes: Axes, lines: Sequence[Line], tops: Sequence[float]) -> None:
    """Write labels from the left edge, each line of text over the row it belongs to."""
    axes.set_yticks([])
    for line, top in zip(lines, tops, strict=True):
        for place, text in enumerate(line.label.split("\n")):
            axes.annotate(text, (0.0, top + place + 0.55), xycoords=axes.get_yaxis_transform(),
                          va="center_baseline", ha="left", annotation_clip=False,
                          fontsize=type_size("ytick.labelsize"),
                          fontweight="bold" if line.bold else "normal",
                          color=panel.ink() if (line.shows and line.kind != "range")
                          or line.bold else panel.second_ink(axes))  # fmt: skip


def _zero_line(axes: Axes, zero: float, ends: Sequence[float], rows: Sequence[float]) -> None:
    """Draw the line of no effect: whole, or beside each of the rows, clear of words above them."""
    parts = [(y - UNDER / 2 - 0.2, y + UNDER) for y in rows] or [(ends[0], ends[1])]
    width = mpl.rcParams["axes.linewidth"] * 1.5
    for low, high in parts:
        axes.plot([zero, zero], [low, high], color=panel.ink(), linewidth=width, zorder=1.5)


def _bare(axes: Axes) -> None:
    """Leave of the axes what a forest needs: no line at the left, a grid along it alone."""
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set_axisbelow(True)


def _shade(axes: Axes, low: float, high: float) -> None:
    """Shade the differences that are too small to matter."""
    left, right = axes.get_xlim()
    axes.axvspan(max(low, left), min(high, right), color=panel.ink(), alpha=0.08, linewidth=0.0,
                 zorder=0.5)  # fmt: skip


def _mark(axes: Axes, line: Line, y: float) -> None:
    """Draw the interval and the estimate of one line at height `y`."""
    found = line.interval
    if line.kind == "range":
        quiet = panel.second_ink(axes)
        marks.span(axes, found.low, found.high, y, colour=quiet, width=1.4, dots=True)
        return
    if not isfinite(found.estimate):
        return
    if line.kind == "pool":
        face = "" if not line.hollow else to_hex(axes.get_facecolor())
        marks.diamond(axes, found, y, half=0.36, colour=panel.ink(), face=face)
        return
    main = line.kind == "main"
    cycle = mpl.rcParams["axes.prop_cycle"].by_key().get("color", ["k"])
    colour = panel.ink() if main else str(to_hex(cycle[0]))
    marks.span(axes, found.low, found.high, y, colour=colour, width=2.4 if main else 1.6)
    size = type_size("ytick.labelsize")
    largest = 0.78 if main else 0.62
    face = to_hex(axes.get_facecolor()) if line.hollow else colour
    axes.plot([found.estimate], [y], marker="D" if main else "s" if line.size < 1 else "o",
              markersize=max(largest * size * line.size**0.5, 2.5), color=colour,
              markerfacecolor=face, linestyle="none", zorder=5, gid=marks.ESTIMATE_ID)  # fmt: skip


# Words beside the axes.


def _write_labels(
    axes: Axes, lines: Sequence[Line], at: Sequence[float], columns: _Columns
) -> None:
    """Write labels, and the columns between them and the axes."""
    taken, heads = GAP, columns.heads
    for place in reversed(range(len(columns.before))):
        for line, y in zip(lines, at, strict=True):
            _beside(axes, line.before[place] if place < len(line.before) else "", y, -taken)
        if place < len(heads.before):
            _beside(axes, heads.before[place], HEAD_AT, -taken, quiet=True)
        taken += columns.before[place] + GAP
    axes.set_yticks(list(at), labels=[line.label for line in lines])
    to_left = bool(columns.before) or any(line.kind in ("heading", "note") for line in lines)
    axes.tick_params(axis="y", pad=taken + (columns.label if to_left else 0.0))
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_horizontalalignment("left" if to_left else "right")
        label.set_fontweight("bold" if line.bold else "normal")
        label.set_color(panel.second_ink(axes) if line.kind in ("note", "range") else panel.ink())
    if heads.label:
        _beside(axes, heads.label, HEAD_AT, -(taken + columns.label), quiet=True, ha="left")


def _write_numbers(
    axes: Axes, lines: Sequence[Line], at: Sequence[float], columns: _Columns
) -> None:
    """Write the numbers right of the axes."""
    taken, heads = GAP, columns.heads
    for width, head, cells in (
        (columns.text, heads.text, [line.text for line in lines]),
        (columns.after, heads.after, [line.after for line in lines]),
    ):
        taken += width
        for cell, y, line in zip(cells, at, lines, strict=True):
            quiet = line.kind in ("note", "range") or cell == "not estimable"
            _beside(axes, cell, y, taken, bold=line.bold, quiet=quiet)
        _beside(axes, head, HEAD_AT, taken, quiet=True)
        taken += GAP


def _beside(axes: Axes, text: str, y: float, aside: float, *, bold: bool = False,
            quiet: bool = False, ha: str = "right") -> None:  # fmt: skip
    """Write a text at a height of the axes, so many points beside their right or left edge."""
    if text:
        edge = 1.0 if aside > 0 else 0.0
        axes.annotate(page.plain(text), (edge, y), (aside, 0), annotation_clip=False, ha=ha,
                      xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                      va="center_baseline", fontsize=type_size("ytick.labelsize"),
                      fontweight="bold" if bold else "normal",
                      color=panel.second_ink(axes) if quiet else panel.ink())  # fmt: skip


def text_points(axes: Axes, text: str, *, bold: bool = False) -> float:
    """Return how wide the widest line of a text is on axes, in points, in the theme's font.

    Some more is returned, for letters that are drawn at another resolution.
    """
    if not text.strip():
        return 0.0
    made = Text(0, 0, text, fontsize=type_size("ytick.labelsize"),
                fontweight="bold" if bold else "normal")  # fmt: skip
    made.set_figure(axes.figure)
    return float(made.get_window_extent().width / axes.figure.dpi * 72 * HINTED)


def type_size(setting: str) -> float:
    """Return a size of the session's settings in points."""
    settings: Any = mpl.rcParams
    return float(FontProperties(size=settings[setting]).get_size_in_points())


def _width_points(axes: Axes) -> float:
    """Return how wide axes are, in points."""
    return float(axes.get_window_extent().width / axes.figure.dpi * 72)


def _figure_points(axes: Axes) -> float:
    """Return how wide the part of the figure is that axes stand in, in points."""
    spec = axes.get_subplotspec()
    shares = 1 if spec is None else spec.get_topmost_subplotspec().get_gridspec().ncols
    return float(axes.figure.bbox.width / axes.figure.dpi * 72 / shares)


def _ticks(axes: Axes, low: float, high: float, points: float) -> None:
    """Set ticks, fewer where their labels would touch."""
    for most in (5, 3, 2, 1):
        ticks = axis.tick_positions(low, high, most)
        widths = [text_points(axes, label) for label in ticks.labels]
        steps = np.diff(ticks.at) / (high - low) * points
        if all(step > width + 4 for step, width in zip(steps, widths[1:], strict=True)):
            break
    axes.set_xticks(ticks.at, labels=ticks.labels)


# What is better on which side stands beside zero, wherever the layout moves it.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where words beside zero shall stand, and how much room there is, in points."""

    zero: float
    y: float
    room: tuple[float, float]
    inner: float


def _write_sides(axes: Axes, sides: Sides, place: _Place) -> None:
    """Write which side is which beside zero, above the first row."""
    half = (place.inner + sum(place.room)) / 2
    both = [_fitted(axes, page.plain(text), half - 12) for text in (sides.left, sides.right)]
    widths = (text_points(axes, both[0]), text_points(axes, both[1]))
    at = row_room.BesideZero(axes=axes, zero=place.zero, y=place.y, widths=widths, room=place.room)
    for text, aside, ha in ((both[0], -6, "right"), (both[1], 6, "left")):
        moved: Any = {"xytext": (aside, 0), "textcoords": at}
        axes.annotate(text, (place.zero, place.y), ha=ha, va="center_baseline",
                      annotation_clip=False, fontsize=type_size("ytick.labelsize"),
                      color=panel.second_ink(axes), **moved)  # fmt: skip


def _fitted(axes: Axes, text: str, width: float) -> str:
    """Return a text cut in its middle to a width in points: both its ends are kept."""
    if text_points(axes, text) <= width:
        return text
    for kept in range(len(text), 8, -1):
        start = text[: kept * 2 // 3].rstrip()
        cut = start + page.ELLIPSIS + text[len(text) - kept // 3 :]
        if text_points(axes, cut) <= width:
            return cut
    return text[:1] if text.startswith("←") else text[-1:]
