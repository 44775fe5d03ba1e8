"""Printed numbers against recomputed ones, each with the interval that rounding allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, inf, isfinite, log10
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from backwalk_stats.figures import marks, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import QUANTITIES, study_name, without_remarks, words_for

ROW_MM = 4.6
LABEL_AT, PRINTED_MM = 4.6, 20.0
SMALLEST_EXPONENT = -5
FARTHEST = 4.0
LEGEND_MM = 7.0
HEAD_MM = 7.5
AXIS_MM = 13.5
FOOT_MM = 5.0
MOST_ROWS = 24
_LIMIT: Any = {"color": page.MID, "linewidth": 0.6, "linestyle": (0, (3, 3)), "zorder": 0}
NO_INTERVAL = ("grim", "grimmer")  # only some values can be: not an interval of rounding
SECONDARY = ("conf_low", "conf_high", "df", "interval midpoint", "weight")
WORST_FIRST = ("not_reproduced", "inputs_inconsistent", "compatible", "reproduced")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """Where the columns stand, in millimetres; `label` is the room for the name of a row.

    Where labels stand `above`, they take lines of their own and the numbers stand under them.
    """

    plot: tuple[float, float]
    printed: float
    text: float
    label: float
    above: bool


WIDE = _Layout(plot=(91.0, 38.0), printed=89.0, text=169.0, label=62.0, above=False)
NARROW = _Layout(plot=(25.5, 25.0), printed=23.0, text=83.5, label=78.0, above=True)


@page.styled
def reported_against_recomputed(
    ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None, most: int = MOST_ROWS
) -> Figure:
    """Draw every printed number that could be recomputed beside what was recomputed.

    P-values stand on their own scale; a printed bound is a shaded side of it. Other numbers have
    their own units, so each is drawn on the scale of its own recomputed interval: between -1 and 1
    the printed number is inside what rounding allows.

    Rows of `tables.LEDGER` without a printed and a recomputed number are left out, and so are means
    and SDs of whole-number scores (`grim_panels`). At `most` so many rows are drawn, the worst
    first; how many are left out stands at the foot. `split_rows` divides a long ledger, so that a
    figure for each part shows them all. `labels` is study to the name shown. On a narrow page the
    name of a row stands above its numbers.
    """
    every = comparable(ledger, labels=labels or {})
    chosen = _first(every, most)
    p_values = [row for row in chosen if row["quantity"] == "p_value"]
    others = [row for row in chosen if row["quantity"] != "p_value"]
    if not chosen:
        return page.empty_page("No printed number could be recomputed")
    panels = [rows for rows in (p_values, others) if rows]
    body = sum(_head_height() + AXIS_MM + sum(map(_height, rows)) for rows in panels)
    left_out = len(every) - len(chosen)
    head = LEGEND_MM + (2 * page.SMALL_LINE_MM if page.is_narrow() else 0.0)
    paper = page.new_page(head + body + (FOOT_MM if left_out else 0.0), page.page_width())
    panel.mark_flexible(paper.figure)
    _legend(paper, 3.0)
    y = head
    for rows in panels:
        y = _panel(paper, rows, y)
    if left_out:
        noun = "number" if left_out == 1 else "numbers"
        text = f"Not drawn: {left_out} more {noun} with the same or a better verdict."
        paper.write(1.0, y + 2.0, text, small=True, colour=page.GREY)
    return paper.figure


def alt_text(ledger: pd.DataFrame) -> str:
    """Return what the figure shows, with its counts, for a reader who cannot see it."""
    chosen = comparable(ledger, labels={})
    p_values = sum(row["quantity"] == "p_value" for row in chosen)
    wrong = sum(row["verdict"] in ("not_reproduced", "inputs_inconsistent") for row in chosen)
    return (
        f"Printed against recomputed numbers, one row each: {p_values} p-values and "
        f"{len(chosen) - p_values} other numbers. In {wrong} rows the printed number does not "
        "come out of the other printed numbers."
    )


def comparable(ledger: pd.DataFrame, *, labels: Mapping[str, str]) -> list[numbers.Row]:
    """Return the rows that have a printed and a recomputed number, p-values first, worst first."""
    kept = []
    for place, row in enumerate(numbers.frame_rows(ledger)):
        printed = marks.printed_value(str(row["reported"]))
        if (
            printed is None
            or row["verdict"] not in marks.CHECKED
            or not isfinite(row["recomputed"])
        ):
            continue
        if row["check"] in NO_INTERVAL:
            continue
        name = study_name(row["study_id"], labels)
        kept.append({**row, "place": place, "printed": printed, "study": name})
    return sorted(
        kept,
        key=lambda row: (
            row["quantity"] != "p_value",
            WORST_FIRST.index(row["verdict"]),
            row["place"],
        ),
    )


def _first(rows: list[numbers.Row], most: int) -> list[numbers.Row]:
    """Return the rows that tell most, in the order in which they stand.

    Those that do not agree come first, then p-values, then numbers that are not the ends, the
    middle or the degrees of freedom of another, one of each study before a second of any.
    """
    ranks: dict[int, tuple[int, int, int]] = {}
    seen: dict[tuple[int, str], int] = {}
    for row in rows:
        quantity = 0 if row["quantity"] == "p_value" else 1 + (row["quantity"] in SECONDARY)
        earlier = seen.get((quantity, str(row["study_id"])), 0)
        seen[quantity, str(row["study_id"])] = earlier + 1
        agrees = WORST_FIRST.index(row["verdict"]) >= WORST_FIRST.index("compatible")
        ranks[row["place"]] = (int(agrees), quantity, earlier if quantity else 0)
    kept = set(sorted(ranks, key=lambda place: ranks[place])[:most])
    return [row for row in rows if row["place"] in kept]


def _panel(paper: page.Page, rows: list[numbers.Row], top: float) -> float:
    """Draw one panel of rows; return the height below it."""
    of_p = rows[0]["quantity"] == "p_value"
    top += _head_height()
    _head(paper, top - HEAD_MM + 3.5, "P-values" if of_p else "Other numbers")
    tall = sum(_height(row) for row in rows)
    left, width = _layout().plot
    axes = paper.axes(left, top, width, tall)
    axes.set_ylim(tall, 0)
    if of_p:
        _dress_p(axes, rows)
    else:
        _dress_scaled(axes)
    y = 0.0
    for place, row in enumerate(rows):
        at = y + (_height(row) - ROW_MM / 2 if _layout().above else _height(row) / 2)
        _label(paper, row, top + y, shaded=place % 2 == 0)
        _texts(paper, row, top + at)
        if of_p:
            _mark_p(axes, row, at)
        else:
            _mark_scaled(axes, row, at)
        y += _height(row)
    under = "p-value" if of_p else "0 is the recomputed number, −1 to 1 the range around it"
    middle = paper.width / 2 if _layout().above and not of_p else left + width / 2
    y = top + tall + 7.7
    paper.write(middle, y, under, align="center", small=True, colour=page.GREY)
    return top + tall + AXIS_MM


def _layout() -> _Layout:
    """Return where the columns stand on a page as wide as it is now."""
    return NARROW if page.is_narrow() else WIDE


def _head_height() -> float:
    """Return the millimetres that the headings of a panel take."""
    return HEAD_MM + (page.LINE_MM if _layout().above else 0.0)


def _legend(paper: page.Page, y: float) -> None:
    """Explain the marks, from height `y`: in one line, on a narrow page in three."""
    step = page.SMALL_LINE_MM if page.is_narrow() else 0.0
    bound, range_ = (3.0, 3.0) if step else (20.0, 58.0)
    _printed_mark(paper.sheet, 3.0, y)
    paper.write(6.0, y, "printed", small=True)
    y += step
    paper.sheet.add_patch(
        Rectangle((bound, y - 1.5), 6.0, 3.0, facecolor=page.PALE, edgecolor="none", zorder=1)
    )
    paper.write(bound + 8, y, "printed as a bound", small=True)
    y += step
    ends = [range_, range_ + 8]
    paper.sheet.plot(ends, [y, y], color=page.PALE_BLUE, linewidth=5, solid_capstyle="butt")
    paper.sheet.plot([range_ + 4], [y], marker="o", color=page.BLUE, markersize=4)
    paper.write(range_ + 10, y, "recomputed, with the range that rounding allows", small=True)


def _head(paper: page.Page, y: float, title: str) -> None:
    """Write the headings of the columns; on a narrow page the title has a line of its own."""
    layout = _layout()
    paper.write(1.0, y - page.LINE_MM if layout.above else y, title, bold=True)
    paper.write(layout.printed, y, "Printed", bold=True, align="right")
    paper.write(layout.text, y, "Recomputed", bold=True, align="right")


def _label(paper: page.Page, row: numbers.Row, top: float, *, shaded: bool) -> None:
    """Write a row's verdict mark and label; the row begins at height `top` of the page."""
    tall, lines = _height(row), _label_lines(row)
    if shaded:
        box = (0, top), paper.width, tall
        paper.sheet.add_patch(Rectangle(*box, facecolor=page.FAINT, edgecolor="none", zorder=0))
    first = top + ROW_MM / 2
    at = first if _layout().above else top + tall / 2
    marks.draw_marks(paper.sheet, row["verdict"], [(2.2, at)], half_side=1.2)
    paper.write_lines(LABEL_AT, first, lines, small=True)


def _texts(paper: page.Page, row: numbers.Row, y: float) -> None:
    """Write the printed and the recomputed number of a row at height `y` of the page."""
    layout = _layout()
    paper.write(layout.printed, y, _printed_text(row["reported"]), align="right", small=True)
    paper.write(layout.text, y, _numbers(row), align="right", small=True)


def _height(row: numbers.Row) -> float:
    """Return the millimetres that a row takes: the lines of its label, and of numbers below it."""
    return ROW_MM + (len(_label_lines(row)) - (not _layout().above)) * page.SMALL_LINE_MM


def _dress_p(axes: Axes, panel: list[numbers.Row]) -> None:
    """Give the axes a logarithmic scale of p-values, drawn in powers of ten."""
    shown = [row["printed"].value for row in panel]
    shown += [row["recomputed"] for row in panel]
    positive = [value for value in shown if value > 0]
    lowest = min(floor(log10(min(positive, default=0.001))), -3)
    axes.set_xlim(max(lowest, SMALLEST_EXPONENT) - 0.15, 0.05)
    left = axes.get_xlim()[0]
    powers = [power for power in range(SMALLEST_EXPONENT, 1) if power >= left]
    if len(powers) > 4:
        powers = [power for power in powers if power % 2 == 0]
    labels = [numbers.number(10.0**power, max(-power, 0)) for power in powers]
    axes.set_xticks(powers, labels=labels)
    if not _layout().above:  # there labels stand where it would run
        axes.axvline(log10(0.05), **_LIMIT)
    _bare(axes)


def _dress_scaled(axes: Axes) -> None:
    """Give the axes a scale on which the recomputed range lies between -1 and 1."""
    axes.set_xlim(-FARTHEST * 1.08, FARTHEST * 1.08)
    at = (-4, -2, 0, 2, 4)
    axes.set_xticks(at, labels=[numbers.number(value, 0) for value in at])
    _bare(axes)


def _mark_p(axes: Axes, row: numbers.Row, y: float) -> None:
    """Draw a printed and a recomputed p-value at height `y` of the axes."""
    left, right = axes.get_xlim()

    def place(p: float) -> float:
        """Return where a p-value stands; beyond the axis it stands at the edge."""
        return min(max(log10(p), left), right) if p > 0 else left

    if _layout().above:
        axes.plot([log10(0.05)] * 2, [y - ROW_MM / 2, y + ROW_MM / 2], **_LIMIT)
    printed = row["printed"]
    at = place(printed.value)
    if printed.bound:
        ends = (left, at) if printed.bound == "<" else (at, right)
        axes.add_patch(
            Rectangle(
                (ends[0], y - 1.5), ends[1] - ends[0], 3.0, facecolor=page.PALE, edgecolor="none"
            )
        )
        axes.plot([at, at], [y - 1.5, y + 1.5], color=page.INK, linewidth=1.0)
    lowest = row["recomputed_low"]
    _recomputed(
        axes,
        (place(lowest), place(row["recomputed_high"])),
        place(row["recomputed"]),
        y,
        beyond=row["recomputed"] < 10.0**left,
    )
    if lowest < 10.0**left:
        marks.arrows(axes, -inf, right, y, colour=page.BLUE, size=4.5)
    if not printed.bound:
        _printed_mark(axes, at, y, beyond=printed.value < 10.0**left)


def _mark_scaled(axes: Axes, row: numbers.Row, y: float) -> None:
    """Draw a printed number on the scale of its recomputed range, at height `y` of the axes."""
    low, high, middle = row["recomputed_low"], row["recomputed_high"], row["recomputed"]
    unit = 0.5 * 10.0 ** -row["printed"].decimals
    below = max(middle - low, 0.0) if isfinite(low) else 0.0
    above = max(high - middle, 0.0) if isfinite(high) else 0.0
    half = max(below, above, unit)
    at = (row["printed"].value - middle) / half
    _recomputed(axes, (-below / half, above / half), 0.0, y)
    _printed_mark(axes, min(max(at, -FARTHEST), FARTHEST), y, beyond=abs(at) > FARTHEST)


def _label_lines(row: numbers.Row) -> list[str]:
    """Return what a row is about: study, quantity, outcome and contrast."""
    layout = _layout()
    what = "" if row["quantity"] == "p_value" else words_for(row["quantity"], QUANTITIES)
    about = ", ".join(
        part for part in (what, without_remarks(str(row["outcome"])), row["contrast"]) if part
    )
    return page.wrap(f"{row['study']}: {about}", layout.label, small=True, lines=2 + layout.above)


def _printed_text(text: str) -> str:
    """Return a printed text that fits its column; a remark in brackets goes first."""
    if page.width_mm(page.plain(text), small=True) > PRINTED_MM and " (" in text:
        text = f"{text.partition(' (')[0]} …"
    return page.shorten(text, PRINTED_MM, small=True)


def _numbers(row: numbers.Row) -> str:
    """Return the recomputed number with its range, as text that fits its column."""
    values = [row[name] for name in ("recomputed", "recomputed_low", "recomputed_high")]
    if row["quantity"] == "p_value":
        best, low, high = (_short_p(value) for value in values)
    else:
        best, low, high = (numbers.significant(value, 3) for value in values)
    known = isfinite(values[1]) and isfinite(values[2]) and low != high
    room = _layout().text - sum(_layout().plot) - 2
    whole = f"{best} ({low} to {high})" if known else best
    if known and page.width_mm(whole, small=True) > room:
        whole = f"{low} to {high}"
    return page.shorten(whole, room, small=True)


def _short_p(value: float) -> str:
    """Return a p-value with few digits."""
    if value < 0.0001:
        return "<0.0001"
    return numbers.significant(value, 2 if value >= 0.001 else 1)


def _recomputed(
    axes: Axes, ends: tuple[float, float], at: float, y: float, *, beyond: bool = False
) -> None:
    """Draw a recomputed number with its range; one left of the axis becomes an arrow head."""
    if isfinite(ends[0]) and isfinite(ends[1]):
        axes.plot(
            ends, [y, y], color=page.PALE_BLUE, linewidth=5, solid_capstyle="butt", zorder=1.5
        )
    marker, size = ("<", 4.5) if beyond else ("o", 3.6)
    axes.plot([at], [y], marker=marker, color=page.BLUE, markersize=size, zorder=3, clip_on=False)


def _printed_mark(axes: Axes, x: float, y: float, *, beyond: bool = False) -> None:
    """Draw a printed number: an upright bar, or an arrow head where it is off the axis."""
    middle = sum(axes.get_xlim()) / 2
    marker = (">" if x > middle else "<") if beyond else "|"
    colour = page.VERMILLION if beyond else page.INK
    axes.add_line(
        Line2D(
            [x],
            [y],
            marker=marker,
            color=colour,
            markersize=7 if marker == "|" else 5,
            markeredgewidth=1.4,
            linestyle="none",
            zorder=4,
            clip_on=False,
        )
    )


def _bare(axes: Axes) -> None:
    """Leave only the lower axis."""
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.patch.set_alpha(0.0)
