"""One estimate a row: subgroups, or the same question asked in other ways."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import labels, numbers, trial_labels
from backwalk_stats.trial.outcome import Words

LABEL_MM, N_AT, PLOT_LEFT, PLOT_MM = 45.0, 64.0, 68.0, 50.0
Contrast = tuple[str, str]
EFFECT_AT, P_AT = 156.5, 169.0
PAD_MM, HEAD_MM = 2.2, 10.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of the plot and its height: a heading, or an estimate."""

    words: tuple[str, ...]
    row: numbers.Row | None
    indent: float
    whole: bool

    @property
    def height(self) -> float:
        """Return millimetres."""
        return len(self.words) * page.LINE_MM + PAD_MM


@page.styled
def effect_forest(
    forest: pd.DataFrame,
    *,
    words: Words,
    contrast: Contrast,
    mcid: float | None = None,
    level: float = 0.95,
) -> Figure:
    """Draw estimates of one difference, arm minus reference of the contrast, a row each.

    The rows (`tables.FOREST`) stand in their order under the heading `group`; those of group "" are
    the main result and become a diamond. A label can be the code of an analysis, alone or before a
    colon; it is shown in words. Differences smaller than `mcid`, which is positive, are shaded.
    """
    lines = _lines(numbers.frame_rows(forest))
    if not any(line.row is not None and isfinite(line.row["estimate"]) for line in lines):
        return page.empty_page(f"{words.outcome}: nothing could be estimated")
    body = sum(line.height for line in lines) + 1.0
    arm, reference = words.pair(contrast)
    sides = _sides(words, contrast)
    about = f"{words.measure}: {arm} − {reference}"
    told = page.wrap(about, PLOT_MM + 60, small=True, lines=3)
    notes = [] if mcid is None else [_shading(mcid, words.unit)]
    end = HEAD_MM + body + 6.5 + page.SMALL_LINE_MM * len(max(sides, key=len))
    paper = page.new_page(end + page.SMALL_LINE_MM * (len(told) + len(notes)) + 1.0)
    axes = paper.axes(PLOT_LEFT, HEAD_MM, PLOT_MM, body)
    digits = _dress(axes, lines, body, mcid)
    _head(paper, level)
    y = 0.5
    for line in lines:
        _draw(paper, axes, line, y, digits)
        y += line.height
    middle = PLOT_LEFT + PLOT_MM / 2
    for text, x, align in ((sides[0], middle - 3, "right"), (sides[1], middle + 3, "left")):
        paper.write_lines(x, HEAD_MM + body + 7.0, text, small=True, align=align, colour=page.GREY)
    below = paper.write_lines(middle, end + 1.0, told, small=True, align="center")
    paper.write_lines(middle, below, notes, small=True, align="center", colour=page.GREY)
    return paper.figure


def alt_text(forest: pd.DataFrame, *, words: Words, contrast: Contrast) -> str:
    """Return what the forest plot shows, row by row, for who cannot see it."""
    rows = [row for row in numbers.frame_rows(forest) if isfinite(row["estimate"])]
    digits = _digits(rows)
    said = [
        f"{', '.join(part for part in (_heading(row), _label(row)) if part)}: "
        f"{numbers.effect_text(row, digits)}"
        for row in rows
    ]
    arm, reference = (words.arms[name] for name in contrast)
    return (
        f"Forest plot, {words.measure}{words.aside}, {arm} minus {reference}. "
        f"{'; '.join(said) or 'Nothing could be estimated'}."
    )


def _lines(rows: list[numbers.Row]) -> list[_Line]:
    """Return the lines in order: a heading before the first row of each group."""
    lines: list[_Line] = []
    group = ""
    for row in rows:
        if row["group"] != group and row["group"]:
            words = page.wrap(_heading(row), PLOT_LEFT - 4, bold=True, lines=2)
            lines.append(_Line(words=tuple(words), row=None, indent=1.0, whole=False))
        group = row["group"]
        indent = 4.0 if group else 1.0
        words = page.wrap(_label(row), LABEL_MM - indent, bold=not group, lines=3)
        lines.append(_Line(words=tuple(words), row=row, indent=indent, whole=not group))
    return lines


def _heading(row: numbers.Row) -> str:
    """Return the heading of a group in words."""
    groups = {
        "sensitivity": "sensitivity analyses",
        "supplementary": "supplementary analyses (another estimand)",
    }
    return labels.sentence_case(labels.words_for(str(row["group"]), groups))


def _label(row: numbers.Row) -> str:
    """Return what a row is in words."""
    code, colon, note = str(row["label"]).partition(": ")
    return f"{trial_labels.ANALYSES.get(code, code)}{colon}{note}"


def _dress(axes: Axes, lines: list[_Line], body: float, mcid: float | None) -> int:
    """Give the axes a millimetre per unit downwards; return the decimals of the numbers."""
    rows = [line.row for line in lines if line.row is not None]
    low, high = axis.effect_axis(axes, rows, body)
    if mcid is not None:
        axes.axvspan(max(-mcid, low), min(mcid, high), color=page.FAINT, linewidth=0.0, zorder=0)
        for edge in (-mcid, mcid):
            if low < edge < high:
                axes.axvline(edge, color=page.PALE, linewidth=0.8, zorder=0)
    axes.axvline(0.0, color=page.INK, linewidth=0.7, zorder=1)
    main = next((line.row for line in lines if line.whole), None)
    if main is not None and isfinite(main["estimate"]):
        dashes = (0, (3, 3))
        axes.axvline(main["estimate"], color=page.MID, linewidth=0.7, linestyle=dashes, zorder=1)
    return _digits(rows)


def _digits(rows: list[numbers.Row]) -> int:
    """Return the decimals for all rows: those that suit the main result, which comes first."""
    known = [row for row in rows if isfinite(row["conf_low"]) and isfinite(row["conf_high"])]
    for row in known or rows:
        return numbers.interval_digits(row["conf_low"], row["conf_high"], row["estimate"])
    return 2


def _head(paper: page.Page, level: float) -> None:
    """Write the headings of the columns."""
    upper, lower = HEAD_MM / 2 - 2.2, HEAD_MM / 2 + 1.3
    paper.write(N_AT, upper, "n", align="right", bold=True)
    paper.write(N_AT, lower, "arm / ref.", align="right", small=True, colour=page.GREY)
    paper.write(EFFECT_AT, upper, "Difference", align="right", bold=True)
    paper.write(
        EFFECT_AT, lower, numbers.interval_name(level), align="right", small=True, colour=page.GREY
    )
    paper.write(P_AT, upper, "p", align="right", bold=True)
    paper.rule(HEAD_MM - 1.4)


def _draw(paper: page.Page, axes: Axes, line: _Line, top: float, digits: int) -> None:
    """Draw one line: its words, its estimate and its numbers."""
    y = top + line.height / 2
    first = HEAD_MM + y - (len(line.words) - 1) * page.LINE_MM / 2
    bold = line.whole or line.row is None
    paper.write_lines(line.indent, first, line.words, bold=bold)
    row, at = line.row, HEAD_MM + y
    if row is None:
        return
    shown = f"{numbers.count(row['n'])} / {numbers.count(row['n_reference'])}"
    paper.write(N_AT, at, shown, align="right", small=True)
    if not isfinite(row["estimate"]):
        paper.write(EFFECT_AT, at, "not estimable", align="right", small=True, colour=page.GREY)
        return
    text = numbers.effect_text(row, digits)
    paper.write(EFFECT_AT, at, text, align="right", small=True, bold=line.whole)
    paper.write(
        P_AT, at, numbers.p_value(row["p_value"]).replace(" ", ""), align="right", small=True
    )
    if line.whole:
        across = [row["conf_low"], row["estimate"], row["conf_high"], row["estimate"]]
        axes.fill(
            across, [y, y - 1.7, y, y + 1.7], facecolor=page.INK, edgecolor=page.INK, zorder=3
        )
        return
    marks.span(axes, row["conf_low"], row["conf_high"], y, width=1.1)
    axes.plot([row["estimate"]], [y], marker="s", markersize=5.0, color=page.BLUE, zorder=3)


def _sides(words: Words, contrast: Contrast) -> tuple[list[str], list[str]]:
    """Return the words under the two halves of the axis: which arm is better there."""
    if words.better not in ("lower", "higher"):
        return [""], [""]
    pair = words.pair(contrast)
    left, right = pair if words.better == "lower" else reversed(pair)
    room = 55.0
    first = page.wrap(f"← better: {left}", room, small=True, lines=2)
    second = page.wrap(f"better: {right} →", room, small=True, lines=2)
    if page.width_mm(second[-1], small=True) > room or not second[-1].endswith("→"):
        second[-1] = second[-1].rstrip("…") + " →"
    return first, second


def _shading(mcid: float, unit: str) -> str:
    """Return what the shaded band is."""
    size = numbers.number(mcid, 0 if float(mcid).is_integer() else numbers.decimals_for(mcid))
    return f"Shaded: differences within ±{size}{f' ({unit})' if unit else ''}, too small to matter"
