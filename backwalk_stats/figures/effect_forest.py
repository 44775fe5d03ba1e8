"""One estimate a row: subgroups, or the same question asked in other ways."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures.axis import effect_axis
from backwalk_stats.figures.marks import span
from backwalk_stats.figures.page import (
    BLUE,
    BODY_PT,
    FAINT,
    GREY,
    INK,
    MID,
    PALE,
    SMALL_PT,
    Page,
    empty_page,
    line_height,
    new_page,
    styled,
    width_mm,
    wrap,
)
from backwalk_stats.tables.labels import sentence_case, words_for
from backwalk_stats.tables.numbers import (
    Row,
    count,
    decimals_for,
    effect_text,
    frame_rows,
    interval_digits,
    interval_name,
    number,
    p_value,
)
from backwalk_stats.tables.trial_labels import ANALYSES

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Words

LABEL_MM, N_AT, PLOT_LEFT, PLOT_MM = 45.0, 64.0, 68.0, 50.0
Contrast = tuple[str, str]
EFFECT_AT, P_AT = 156.5, 169.0
PAD_MM, HEAD_MM = 2.2, 10.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of the plot and its height: a heading, or an estimate."""

    words: tuple[str, ...]
    row: Row | None
    indent: float
    whole: bool

    @property
    def height(self) -> float:
        """Return millimetres."""
        return len(self.words) * line_height(BODY_PT) + PAD_MM


@styled
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
    lines = _lines(frame_rows(forest))
    if not any(line.row is not None and isfinite(line.row["estimate"]) for line in lines):
        return empty_page(f"{words.outcome}: nothing could be estimated")
    body = sum(line.height for line in lines) + 1.0
    arm, reference = words.pair(contrast)
    sides = _sides(words, contrast)
    about = f"{words.measure}: {arm} − {reference}"
    told = wrap(about, PLOT_MM + 60, size=SMALL_PT, lines=3)
    notes = [] if mcid is None else [_shading(mcid, words.unit)]
    end = HEAD_MM + body + 6.5 + line_height(SMALL_PT) * len(max(sides, key=len))
    page = new_page(end + line_height(SMALL_PT) * (len(told) + len(notes)) + 1.0)
    axes = page.axes(PLOT_LEFT, HEAD_MM, PLOT_MM, body)
    digits = _dress(axes, lines, body, mcid)
    _head(page, level)
    y = 0.5
    for line in lines:
        _draw(page, axes, line, y, digits)
        y += line.height
    middle = PLOT_LEFT + PLOT_MM / 2
    for text, x, align in ((sides[0], middle - 3, "right"), (sides[1], middle + 3, "left")):
        page.write_lines(x, HEAD_MM + body + 7.0, text, size=SMALL_PT, align=align, colour=GREY)
    below = page.write_lines(middle, end + 1.0, told, size=SMALL_PT, align="center")
    page.write_lines(middle, below, notes, size=SMALL_PT, align="center", colour=GREY)
    return page.figure


def alt_text(forest: pd.DataFrame, *, words: Words, contrast: Contrast) -> str:
    """Return what the forest plot shows, row by row, for who cannot see it."""
    rows = [row for row in frame_rows(forest) if isfinite(row["estimate"])]
    digits = _digits(rows)
    said = [
        f"{', '.join(part for part in (_heading(row), _label(row)) if part)}: "
        f"{effect_text(row, digits)}"
        for row in rows
    ]
    arm, reference = (words.arms[name] for name in contrast)
    return (
        f"Forest plot, {words.measure}{words.aside}, {arm} minus {reference}. "
        f"{'; '.join(said) or 'Nothing could be estimated'}."
    )


def _lines(rows: list[Row]) -> list[_Line]:
    """Return the lines in order: a heading before the first row of each group."""
    lines: list[_Line] = []
    group = ""
    for row in rows:
        if row["group"] != group and row["group"]:
            words = wrap(_heading(row), PLOT_LEFT - 4, bold=True, lines=2)
            lines.append(_Line(words=tuple(words), row=None, indent=1.0, whole=False))
        group = row["group"]
        indent = 4.0 if group else 1.0
        words = wrap(_label(row), LABEL_MM - indent, bold=not group, lines=3)
        lines.append(_Line(words=tuple(words), row=row, indent=indent, whole=not group))
    return lines


def _heading(row: Row) -> str:
    """Return the heading of a group in words."""
    return sentence_case(words_for(str(row["group"]), {"sensitivity": "sensitivity analyses"}))


def _label(row: Row) -> str:
    """Return what a row is in words."""
    code, colon, note = str(row["label"]).partition(": ")
    return f"{ANALYSES.get(code, code)}{colon}{note}"


def _dress(axes: Axes, lines: list[_Line], body: float, mcid: float | None) -> int:
    """Give the axes a millimetre per unit downwards; return the decimals of the numbers."""
    rows = [line.row for line in lines if line.row is not None]
    low, high = effect_axis(axes, rows, body)
    if mcid is not None:
        axes.axvspan(max(-mcid, low), min(mcid, high), color=FAINT, linewidth=0.0, zorder=0)
        for edge in (-mcid, mcid):
            if low < edge < high:
                axes.axvline(edge, color=PALE, linewidth=0.8, zorder=0)
    axes.axvline(0.0, color=INK, linewidth=0.7, zorder=1)
    main = next((line.row for line in lines if line.whole), None)
    if main is not None and isfinite(main["estimate"]):
        dashes = (0, (3, 3))
        axes.axvline(main["estimate"], color=MID, linewidth=0.7, linestyle=dashes, zorder=1)
    return _digits(rows)


def _digits(rows: list[Row]) -> int:
    """Return the decimals for all rows: those that suit the main result, which comes first."""
    known = [row for row in rows if isfinite(row["conf_low"]) and isfinite(row["conf_high"])]
    return interval_digits(known[0]["conf_low"], known[0]["conf_high"]) if known else 2


def _head(page: Page, level: float) -> None:
    """Write the headings of the columns."""
    upper, lower = HEAD_MM / 2 - 2.2, HEAD_MM / 2 + 1.3
    page.write(N_AT, upper, "n", align="right", bold=True)
    page.write(N_AT, lower, "arm / ref.", align="right", size=SMALL_PT, colour=GREY)
    page.write(EFFECT_AT, upper, "Difference", align="right", bold=True)
    page.write(EFFECT_AT, lower, interval_name(level), align="right", size=SMALL_PT, colour=GREY)
    page.write(P_AT, upper, "p", align="right", bold=True)
    page.rule(HEAD_MM - 1.4)


def _draw(page: Page, axes: Axes, line: _Line, top: float, digits: int) -> None:
    """Draw one line: its words, its estimate and its numbers."""
    y = top + line.height / 2
    first = HEAD_MM + y - (len(line.words) - 1) * line_height(BODY_PT) / 2
    bold = line.whole or line.row is None
    page.write_lines(line.indent, first, line.words, bold=bold)
    row, at = line.row, HEAD_MM + y
    if row is None:
        return
    numbers = f"{count(row['n'])} / {count(row['n_reference'])}"
    page.write(N_AT, at, numbers, align="right", size=SMALL_PT)
    if not isfinite(row["estimate"]):
        page.write(EFFECT_AT, at, "not estimable", align="right", size=SMALL_PT, colour=GREY)
        return
    text = effect_text(row, digits)
    page.write(EFFECT_AT, at, text, align="right", size=SMALL_PT, bold=line.whole)
    page.write(P_AT, at, p_value(row["p_value"]).replace(" ", ""), align="right", size=SMALL_PT)
    if line.whole:
        across = [row["conf_low"], row["estimate"], row["conf_high"], row["estimate"]]
        axes.fill(across, [y, y - 1.7, y, y + 1.7], facecolor=INK, edgecolor=INK, zorder=3)
        return
    span(axes, row["conf_low"], row["conf_high"], y, width=1.1)
    axes.plot([row["estimate"]], [y], marker="s", markersize=5.0, color=BLUE, zorder=3)


def _sides(words: Words, contrast: Contrast) -> tuple[list[str], list[str]]:
    """Return the words under the two halves of the axis: which arm is better there."""
    if words.better not in ("lower", "higher"):
        return [""], [""]
    pair = words.pair(contrast)
    left, right = pair if words.better == "lower" else reversed(pair)
    room = 55.0
    first = wrap(f"← better: {left}", room, size=SMALL_PT, lines=2)
    second = wrap(f"better: {right} →", room, size=SMALL_PT, lines=2)
    if width_mm(second[-1], size=SMALL_PT) > room or not second[-1].endswith("→"):
        second[-1] = second[-1].rstrip("…") + " →"
    return first, second


def _shading(mcid: float, unit: str) -> str:
    """Return what the shaded band is."""
    size = number(mcid, 0 if float(mcid).is_integer() else decimals_for(mcid))
    return f"Shaded: differences within ±{size}{f' ({unit})' if unit else ''}, too small to matter"
