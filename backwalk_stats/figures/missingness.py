"""How much is missing: a bar for every outcome, arm and visit."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from backwalk_stats.figures.marks import ArmLook, arm_looks
from backwalk_stats.figures.page import (
    BODY_PT,
    FAINT,
    GREY,
    SMALL_PT,
    WIDTH_MM,
    Page,
    empty_page,
    line_height,
    new_page,
    shorten,
    styled,
    wrap,
)
from backwalk_stats.tables.numbers import Row, count, frame_rows, percent
from backwalk_stats.tables.small_cells import HIDDEN

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.tables.trial_labels import Labels

LABEL_MM, ROW_MM, GAP_MM, NUMBER_MM = 44.0, 5.6, 2.5, 21.0


@styled
def missingness(missingness: pd.DataFrame, *, labels: Labels) -> Figure:
    """Draw the share of missing values by visit, a row for each outcome and arm.

    In `tables.MISSINGNESS` a count that is not shown is NaN; a full bar is everyone of the arm.
    """
    rows, arms = frame_rows(missingness), labels.arms
    cells = {(row["outcome"], row["arm"], row["visit"]): row for row in rows}
    there = [{key[place] for key in cells} for place in (0, 2)]
    shown = {name: labels.outcome(name) for name in labels.outcomes if name in there[0]}
    across = {name: label for name, label in labels.visits.items() if name in there[1]}
    if not shown or not across:
        return empty_page("No values were expected")
    width = (WIDTH_MM - LABEL_MM - 1.0) / len(across)
    heads = {n: wrap(label or n, width - 2, bold=True, lines=3) for n, label in across.items()}
    titles = {n: wrap(label or n, WIDTH_MM - 4, bold=True, lines=2) for n, label in shown.items()}
    step = line_height(BODY_PT)
    top = 3.0 + max(map(len, heads.values())) * step
    body = sum(len(t) * step + len(arms) * ROW_MM + GAP_MM for t in titles.values())
    page = new_page(top + body + 5.0)
    for place, lines in enumerate(heads.values()):
        page.write_lines(LABEL_MM + place * width + 1.0, 3.0, lines, bold=True)
    y = top
    for outcome, lines in titles.items():
        y = page.write_lines(1.0, y + 1.5, lines, bold=True) - 1.0
        for arm, look in arm_looks(arms).items():
            label = shorten(arms[arm] or arm, LABEL_MM - 6)
            page.write(4.0, y + ROW_MM / 2, label, colour=look.colour)
            for place, visit in enumerate(across):
                row = cells.get((outcome, arm, visit))
                _cell(page, row, look, (LABEL_MM + place * width, y, width - 2.0))
            y += ROW_MM
        y += GAP_MM - 0.5
    note = "Missing values, number and per cent of the arm; a full bar is the whole arm."
    page.write(1.0, page.height - 2.5, note, size=SMALL_PT, colour=GREY)
    return page.figure


def alt_text(missingness: pd.DataFrame, *, labels: Labels) -> str:
    """Return what is missing, in words, for who cannot see the figure."""
    said = [
        f"{labels.outcome(row['outcome'])}, {labels.arm(row['arm'])}, "
        f"{labels.visit(row['visit'])}: {_text(row)}"
        for row in frame_rows(missingness)
        if row["n_missing"] != 0
    ]
    return f"Missing values by outcome, arm and visit. {'; '.join(said) or 'Nothing is missing'}."


def _cell(page: Page, row: Row | None, look: ArmLook, place: tuple[float, float, float]) -> None:
    """Draw one bar and write its number; narrow cells have the number alone."""
    x, y, width = place
    if row is None:
        return
    text, bar = _text(row), width - NUMBER_MM
    middle = y + ROW_MM / 2
    if bar >= 8.0:
        share = row["percent_missing"] / 100 if isfinite(row["percent_missing"]) else 0.0
        for part, face, hatch in ((1.0, FAINT, ""), (share, look.colour, look.hatch)):
            if part > 0:
                ends = [x + 1.0, x + 1.0 + part * bar]
                page.sheet.fill(
                    [ends[0], ends[1], ends[1], ends[0]],
                    [y + 1.2, y + 1.2, y + ROW_MM - 1.2, y + ROW_MM - 1.2],
                    facecolor=face,
                    edgecolor="white" if hatch else face,
                    hatch=hatch,
                    linewidth=0.0,
                )
        page.write(x + width, middle, text, size=SMALL_PT, align="right")
    else:
        page.write(x + 1.0, middle, shorten(text, width, size=SMALL_PT), size=SMALL_PT)


def _text(row: Row) -> str:
    """Return the number and the percentage that are missing."""
    if not isfinite(row["n_missing"]):
        return HIDDEN
    if row["n_missing"] == 0:
        return "0"
    return f"{count(row['n_missing'])} ({percent(row['percent_missing'], 0)})"
