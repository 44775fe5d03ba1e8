"""The answer of the record as a small forest plot: trials, their pool, where a further one may lie.

It is drawn twice: for a page, and as a figure of its own for the width of a telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, sqrt

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.figures.marks import diamond, span
from backwalk_stats.tables import numbers
from backwalk_stats.tables.record_counts import in_words

ROW_MM = 5.9
HEAD_MM = 5.0
AXIS_MM = 11.0
SIDES = {"pain": ("less pain", "more pain"), "function": ("better function", "worse function")}
OTHER_SIDES = ("favours backward", "favours comparison")
LARGEST_SQUARE_MM, SMALLEST_SQUARE_MM = 2.9, 1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """Where the columns stand, in millimetres."""

    width: float
    name: float
    people: float
    left: float
    right: float
    whole: bool  # whether the interval of each trial is written out


@dataclass(frozen=True, kw_only=True, slots=True)
class _Canvas:
    """The page, the axes on it, and where the columns stand."""

    paper: page.Page
    axes: Axes
    layout: _Layout

    def write_right(self, height: float, text: str, *, bold: bool = False) -> None:
        """Write numbers at the right edge."""
        self.paper.write(self.layout.width, height, text, align="right", bold=bold)

    def write_people(self, height: float, people: float, *, bold: bool = False) -> None:
        """Write a number of people in its column."""
        colour = page.INK if bold else page.GREY
        at, text = self.layout.people, numbers.count(people)
        self.paper.write(at, height, text, align="right", small=True, bold=bold, colour=colour)


WIDE = _Layout(width=140.0, name=38.0, people=44.0, left=49.0, right=98.0, whole=True)
NARROW = _Layout(width=76.0, name=30.5, people=36.5, left=39.0, right=64.5, whole=False)


@page.styled
def answer_forest(
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    outcome: str,
    pool: str,
    narrow: bool = False,
) -> Figure:
    """Draw the trials of a pool in order of estimate, squares by people, and REML with its ends.

    `effects` (`tables.EFFECTS`) hold the trials of the pool alone; of `pooled` (`tables.POOLED`)
    the Hartung-Knapp interval of this outcome and pool is the diamond, its prediction interval the
    dotted line below. A trial in doubt has an asterisk.
    """
    trials, whole = _rows(effects, pooled, outcome, pool)
    if not trials or whole is None:
        return page.empty_page(f"{outcome}: no trial could be pooled")
    layout = NARROW if narrow else WIDE
    body = (len(trials) + 2) * ROW_MM + 2.5
    paper = page.new_page(HEAD_MM + body + AXIS_MM, layout.width)
    axes = paper.axes(layout.left, HEAD_MM, layout.right - layout.left, body)
    shown = [*axis.intervals(trials), *axis.intervals([whole], main=True), _further_trial(whole)]
    ends = axis.effect_axis(axes, shown, body)
    ticks = axis.tick_positions(*ends, 7 if layout.whole else 5)
    axes.set_xticks(ticks.at, labels=ticks.labels)
    axes.axvline(0.0, color=page.INK, linewidth=1.0, zorder=0)
    paper.write(0.0, HEAD_MM / 2, "Trial (people)", small=True, colour=page.GREY)
    head = "SMD (95% interval)" if layout.whole else "SMD"
    paper.write(layout.width, HEAD_MM / 2, head, align="right", small=True, colour=page.GREY)
    canvas = _Canvas(paper=paper, axes=axes, layout=layout)
    most = max(_people(row) for row in trials)
    for place, row in enumerate(trials):
        _draw_trial(canvas, row, y=(place + 0.5) * ROW_MM, most=most)
    y = len(trials) * ROW_MM + 1.0
    paper.rule(HEAD_MM + y, color=page.PALE, linewidth=0.6)
    people = sum(_people(row) for row in trials)
    _draw_pool(canvas, whole, y=y + 0.5 * ROW_MM + 0.5, people=people)
    _sides(canvas, outcome, under=HEAD_MM + body)
    return paper.figure


def alt_text(effects: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str, pool: str) -> str:
    """Return the numbers of the picture for a reader who cannot see it."""
    trials, whole = _rows(effects, pooled, outcome, pool)
    if not trials or whole is None:
        return f"Forest plot, {outcome}: no trial could be pooled."
    each = "; ".join(f"{row['label']} {numbers.effect_text(row)}" for row in trials)
    text = f"Forest plot of {outcome}, standardised mean differences: {each}. "
    text += f"All {in_words(len(trials))}: {numbers.effect_text(whole)}."
    if isfinite(whole["pi_low"]):
        ends = numbers.interval_text(whole["pi_low"], whole["pi_high"])
        text += f" A further trial could lie anywhere from {ends}."
    return text


def _rows(
    effects: pd.DataFrame, pooled: pd.DataFrame, outcome: str, pool: str
) -> tuple[list[numbers.Row], numbers.Row | None]:
    """Return the trials in order of estimate and the pooled row."""
    chosen = pooled[
        (pooled["outcome"] == outcome)
        & (pooled["pool"] == pool)
        & (pooled["method"] == "reml")
        & (pooled["ci"] == "hksj")
        & (pooled["left_out"] == "")
    ]
    trials = effects[effects["outcome"] == outcome].sort_values("estimate", kind="stable")
    return numbers.frame_rows(trials), next(iter(numbers.frame_rows(chosen)), None)


def _people(row: numbers.Row) -> float:
    """Return the number of people in both arms of a trial."""
    sizes = [float(row["n_backward"]), float(row["n_control"])]
    return sum(size for size in sizes if isfinite(size))


def _draw_trial(canvas: _Canvas, row: numbers.Row, *, y: float, most: float) -> None:
    """Draw one trial: name, people, interval, square, numbers."""
    at, people, axes = HEAD_MM + y, _people(row), canvas.axes
    name = page.shorten(str(row["label"]), canvas.layout.name - 1.5)
    canvas.paper.write(0.0, at, name + ("*" if row["doubt"] else ""))
    canvas.write_people(at, people)
    span(axes, row["conf_low"], row["conf_high"], y, colour=page.BLUE, width=1.4)
    side = max(SMALLEST_SQUARE_MM, LARGEST_SQUARE_MM * sqrt(people / most if most else 1.0))
    axes.plot(
        [row["estimate"]],
        [y],
        marker="s",
        markersize=side * 72 / page.MM_PER_INCH,
        color=page.BLUE,
        markeredgewidth=0.0,
        zorder=3,
    )
    canvas.write_right(at, _numbers(row, canvas.layout))


def _draw_pool(canvas: _Canvas, row: numbers.Row, *, y: float, people: float) -> None:
    """Draw the pool as a diamond, and below it where a further trial may lie."""
    at, paper, axes = HEAD_MM + y, canvas.paper, canvas.axes
    trials = int(row["k"])
    paper.write(0.0, at, f"All {in_words(trials)}", bold=True)
    canvas.write_people(at, people, bold=True)
    (found,) = axis.intervals([row])
    diamond(axes, found, y, half=1.8)
    canvas.write_right(at, _numbers(row, canvas.layout), bold=True)
    if isnan(row["pi_low"]):
        return
    below = y + ROW_MM
    left, right = axes.get_xlim()
    span(axes, row["pi_low"], row["pi_high"], below, width=1.4, dots=True)
    for end in (row["pi_low"], row["pi_high"]):
        if left <= end <= right:
            axes.plot([end, end], [below - 1.1, below + 1.1], color=page.INK, linewidth=1.1)
    text = numbers.interval_text(row["pi_low"], row["pi_high"])
    if canvas.layout.whole:
        paper.write(0.0, HEAD_MM + below, f"{_further(trials)} could lie", colour=page.GREY)
        canvas.write_right(HEAD_MM + below, text)
    else:
        line = f"{_further(trials)}: {text}"
        paper.write(0.0, HEAD_MM + below, line, small=True, colour=page.GREY)


def _further_trial(whole: numbers.Row) -> axis.Interval:
    """Return where a further trial may lie."""
    return axis.Interval(
        estimate=whole["estimate"], low=whole["pi_low"], high=whole["pi_high"], usual=False
    )


def _numbers(row: numbers.Row, layout: _Layout) -> str:
    """Return the numbers of a row: the estimate, and its interval where there is room."""
    estimate = numbers.number(row["estimate"])
    ends = numbers.interval_text(row["conf_low"], row["conf_high"])
    return f"{estimate} ({ends})" if layout.whole else estimate


def _further(trials: int) -> str:
    """Return what the next trial is called: "A sixth" after five."""
    ordinals = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    name = ordinals[trials - 2] if 2 <= trials < len(ordinals) + 2 else "further"
    return f"{'An' if name == 'eighth' else 'A'} {name}"


def _sides(canvas: _Canvas, outcome: str, *, under: float) -> None:
    """Write beside zero which side is which."""
    layout, paper = canvas.layout, canvas.paper
    low, high = canvas.axes.get_xlim()
    zero = layout.left + (layout.right - layout.left) * (0.0 - low) / (high - low)
    lower, higher = SIDES.get(outcome, OTHER_SIDES)
    y = under + 8.2
    left, right = f"← {lower}", f"{higher} →"
    room = layout.width - zero - 1.5
    if page.width_mm(right, small=True) > room:
        zero = layout.width - 1.5 - page.width_mm(right, small=True)
    zero = max(zero, page.width_mm(left, small=True) + 1.5)
    paper.write(zero - 1.5, y, left, align="right", small=True, colour=page.GREY)
    paper.write(zero + 1.5, y, right, small=True, colour=page.GREY)
