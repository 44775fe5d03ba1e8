"""Printed means on the comb of means that whole-number scores allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, isfinite

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backwalk_stats.figures import marks, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import study_name, without_remarks

ROW_MM = 6.6
HEAD_MM = 7.0
AXIS_MM = 6.0
REACH = 1.6  # steps of the comb shown to either side of the printed mean
LABEL_AT = 4.8


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """Where the columns stand, in millimetres; `label` is the room for the name of a row.

    Where labels stand `above`, they take lines of their own and the numbers stand under them.
    """

    plot: tuple[float, float]
    n: float
    printed: float
    nearest: float
    label: float
    nearest_name: str
    above: bool


WIDE = _Layout(plot=(101.0, 40.0), n=86.0, printed=98.0, nearest=169.0, label=75.2,
               nearest_name="Nearest possible", above=False)  # fmt: skip
NARROW = _Layout(plot=(28.0, 30.0), n=11.5, printed=25.5, nearest=83.0, label=78.0,
                 nearest_name="Nearest", above=True)  # fmt: skip


@page.styled
def grim_panels(grim: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Draw, for each printed mean that could fail, the means possible at its number of people.

    A mean (`tables.GRIM`) can fail only where the possible means lie further apart than the printed
    decimals tell; the others are counted at the foot. Impossible means come first. The horizontal
    unit of each row is the distance between two possible means, so that rows of different size can
    be compared. `labels` is study to the name shown. On a narrow page the name of a row stands
    above its numbers.

    References
    ----------
    Brown and Heathers 2017, Social Psychological and Personality Science 8:363.
    """
    rows = sorted(
        (row for row in numbers.frame_rows(grim) if _can_fail(row)),
        key=lambda row: bool(row["possible"]),
    )
    if not rows:
        return page.empty_page("No printed mean of whole-number scores could be tested")
    layout = NARROW if page.is_narrow() else WIDE
    notes = _notes(rows, len(grim) - len(rows))
    named = [_label_lines(row, labels, layout) for row in rows]
    above = [len(lines) * page.SMALL_LINE_MM + 1.0 if layout.above else 0.0 for lines in named]
    tall = sum(above) + len(rows) * ROW_MM
    under = HEAD_MM + tall + AXIS_MM
    paper = page.new_page(under + len(notes) * page.SMALL_LINE_MM + 1.5, page.page_width())
    panel.mark_flexible(paper.figure)
    _head(paper, layout)
    left, width = layout.plot
    axes = paper.axes(left, HEAD_MM, width, tall)
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(tall, 0)
    axes.set_axis_off()
    top = 0.0
    for place, (row, lines, extra) in enumerate(zip(rows, named, above, strict=True)):
        if place % 2 == 0:
            box = (0, HEAD_MM + top), paper.width, extra + ROW_MM
            paper.sheet.add_patch(Rectangle(*box, color=page.FAINT, zorder=0))
        y = top + extra + ROW_MM / 2
        _name(paper, row, lines, HEAD_MM + (top + ROW_MM / 2 if layout.above else y), layout)
        _numbers(paper, row, HEAD_MM + y, layout)
        _strip(axes, row, y)
        top += extra + ROW_MM
    paper.write(
        left + width / 2,
        HEAD_MM + tall + 2.5,
        "ticks: means that are possible",
        align="center",
        small=True,
        colour=page.GREY,
    )
    paper.write_lines(1.0, under + 1.5, notes, small=True, colour=page.GREY)
    return paper.figure


def alt_text(grim: pd.DataFrame) -> str:
    """Return what the figure shows, with its main number, for a reader who cannot see it."""
    rows = [row for row in numbers.frame_rows(grim) if _can_fail(row)]
    wrong = sum(not row["possible"] for row in rows)
    return (
        f"Printed means of whole-number scores: {len(grim)} looked at, {len(rows)} of them could "
        f"have failed, {wrong} are impossible for the printed number of participants."
    )


def _step(row: numbers.Row) -> float:
    """Return the distance between two means that are possible."""
    items = row["items"] if isfinite(row["items"]) and row["items"] > 0 else 1.0
    return float(1.0 / (row["n"] * items))


def _can_fail(row: numbers.Row) -> bool:
    """Tell whether the comb of possible means is coarser than the printed decimals."""
    known = isfinite(row["n"]) and row["n"] > 0 and isfinite(row["low"]) and isfinite(row["high"])
    return bool(known and (not row["possible"] or row["high"] - row["low"] < _step(row)))


def _head(paper: page.Page, layout: _Layout) -> None:
    """Write the headings of the columns; names above their numbers need none."""
    y = HEAD_MM / 2 - 0.5
    if not layout.above:
        paper.write(1.0, y, "Study: outcome, arm", bold=True)
    paper.write(layout.n, y, "n", bold=True, align="right")
    paper.write(layout.printed, y, "Mean", bold=True, align="right")
    paper.write(layout.nearest, y, layout.nearest_name, bold=True, align="right")


def _label_lines(row: numbers.Row, labels: Mapping[str, str] | None, layout: _Layout) -> list[str]:
    """Return the lines of a row's name."""
    about = ", ".join(part for part in (without_remarks(str(row["outcome"])), row["arm"]) if part)
    name = f"{study_name(row['study_id'], labels)}: {about}"
    return page.wrap(name, layout.label, small=True, lines=3 if layout.above else 2)


def _name(paper: page.Page, row: numbers.Row, lines: list[str], y: float, layout: _Layout) -> None:
    """Write a row's mark and name: around height `y`, or down from it where it stands above."""
    verdict = "reproduced" if row["possible"] else "inputs_inconsistent"
    marks.draw_marks(paper.sheet, verdict, [(2.3, y)], half_side=1.25)
    up = 0.0 if layout.above else (len(lines) - 1) / 2 * page.SMALL_LINE_MM
    paper.write_lines(LABEL_AT, y - up, lines, small=True)


def _numbers(paper: page.Page, row: numbers.Row, y: float, layout: _Layout) -> None:
    """Write how many people, the printed mean and the nearest possible ones at height `y`."""
    decimals = len(str(row["reported"]).partition(".")[2]) + 1
    below, above = numbers.number(row["below"], decimals), numbers.number(row["above"], decimals)
    nearest = below if below == above else f"{below} or {above}"
    room = layout.nearest - sum(layout.plot) - 2
    for at, text in (
        (layout.n, numbers.count(row["n"])),
        (layout.printed, page.shorten(row["reported"], 11, small=True)),
        (layout.nearest, page.shorten(nearest, room, small=True)),
    ):
        paper.write(at, y, text, align="right", small=True)


def _strip(axes: Axes, row: numbers.Row, y: float) -> None:
    """Draw the rounding interval of a printed mean and the possible means around it."""
    step, centre = _step(row), (row["low"] + row["high"]) / 2
    half = (row["high"] - row["low"]) / 2 / step
    colour = page.BLUE if row["possible"] else page.VERMILLION
    face = page.PALE_BLUE if row["possible"] else "white"
    axes.plot([-REACH, REACH], [y, y], color=page.GREY, linewidth=0.5, zorder=1)
    axes.add_patch(
        Rectangle(
            (-half, y - 1.5), 2 * half, 3.0, facecolor=face, edgecolor=colour, linewidth=1, zorder=2
        )
    )
    first = (row["below"] - centre) / step
    if not isfinite(first):
        return
    turns = range(ceil(-REACH - first), floor(REACH - first) + 1)
    ticks = [first + turn for turn in turns]
    axes.vlines(ticks, y - 1.9, y + 1.9, color=page.INK, linewidth=1.1, zorder=3)


def _notes(rows: list[numbers.Row], silent: int) -> list[str]:
    """Return the lines under the figure."""
    parts = ["Box: what rounds to the printed mean. A box without a tick holds no possible mean."]
    if silent:
        parts.append(
            f"Not drawn: {silent} more, which could not have failed: so many people can have any "
            "mean of that many decimals."
        )
    assumed = list(dict.fromkeys(row["assumption"] for row in rows if row["assumption"]))
    parts += [f"Assumed: {text.removeprefix('assumes ')}." for text in assumed[:4]]
    return [line for part in parts for line in page.wrap(part, page.page_width() - 2, small=True)]
