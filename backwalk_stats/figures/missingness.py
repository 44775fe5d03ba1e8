"""How much is missing: a bar for every outcome, arm and visit."""

from __future__ import annotations

from math import isfinite

import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import marks, page
from backwalk_stats.tables import numbers, trial_labels
from backwalk_stats.tables.small_cells import HIDDEN

LABEL_MM, ROW_MM, GAP_MM, NUMBER_MM = 44.0, 5.6, 2.5, 21.0


@page.styled
def missingness(missingness: pd.DataFrame, *, labels: trial_labels.Labels) -> Figure:
    """Draw the share of missing values by visit, a row for each outcome and arm.

    In `tables.MISSINGNESS` a count that is not shown is NaN; a full bar is everyone of the arm.
    """
    rows, arms = numbers.frame_rows(missingness), labels.arms
    cells = {(row["outcome"], row["arm"], row["visit"]): row for row in rows}
    there = [{key[place] for key in cells} for place in (0, 2)]
    shown = {name: labels.outcome(name) for name in labels.outcomes if name in there[0]}
    across = {name: label for name, label in labels.visits.items() if name in there[1]}
    if not shown or not across:
        return page.empty_page("No values were expected")
    width = (page.WIDTH_MM - LABEL_MM - 1.0) / len(across)
    heads = {n: page.wrap(label or n, width - 2, bold=True, lines=3) for n, label in across.items()}
    titles = {
        n: page.wrap(label or n, page.WIDTH_MM - 4, bold=True, lines=2)
        for n, label in shown.items()
    }
    step = page.LINE_MM
    top = 3.0 + max(map(len, heads.values())) * step
    body = sum(len(t) * step + len(arms) * ROW_MM + GAP_MM for t in titles.values())
    paper = page.new_page(top + body + 5.0)
    for place, lines in enumerate(heads.values()):
        paper.write_lines(LABEL_MM + place * width + 1.0, 3.0, lines, bold=True)
    y = top
    for outcome, lines in titles.items():
        y = paper.write_lines(1.0, y + 1.5, lines, bold=True) - 1.0
        for arm, look in marks.arm_looks(arms).items():
            label = page.shorten(arms[arm] or arm, LABEL_MM - 6)
            paper.write(4.0, y + ROW_MM / 2, label, colour=look.colour)
            for place, visit in enumerate(across):
                row = cells.get((outcome, arm, visit))
                _cell(paper, row, look, (LABEL_MM + place * width, y, width - 2.0))
            y += ROW_MM
        y += GAP_MM - 0.5
    note = "Missing values, number and per cent of the arm; a full bar is the whole arm."
    paper.write(1.0, paper.height - 2.5, note, small=True, colour=page.GREY)
    return paper.figure


def alt_text(missingness: pd.DataFrame, *, labels: trial_labels.Labels) -> str:
    """Return what is missing, in words, for who cannot see the figure."""
    said = [
        f"{labels.outcome(row['outcome'])}, {labels.arm(row['arm'])}, "
        f"{labels.visit(row['visit'])}: {_text(row)}"
        for row in numbers.frame_rows(missingness)
        if row["n_missing"] != 0
    ]
    return f"Missing values by outcome, arm and visit. {'; '.join(said) or 'Nothing is missing'}."


def _cell(
    paper: page.Page,
    row: numbers.Row | None,
    look: marks.ArmLook,
    place: tuple[float, float, float],
) -> None:
    """Draw one bar and write its number; narrow cells have the number alone."""
    x, y, width = place
    if row is None:
        return
    text, bar = _text(row), width - NUMBER_MM
    middle = y + ROW_MM / 2
    if bar >= 8.0:
        share = row["percent_missing"] / 100 if isfinite(row["percent_missing"]) else 0.0
        for part, face, hatch in ((1.0, page.FAINT, ""), (share, look.colour, look.hatch)):
            if part > 0:
                ends = [x + 1.0, x + 1.0 + part * bar]
                paper.sheet.fill(
                    [ends[0], ends[1], ends[1], ends[0]],
                    [y + 1.2, y + 1.2, y + ROW_MM - 1.2, y + ROW_MM - 1.2],
                    facecolor=face,
                    edgecolor="white" if hatch else face,
                    hatch=hatch,
                    linewidth=0.0,
                )
        paper.write(x + width, middle, text, small=True, align="right")
    else:
        paper.write(x + 1.0, middle, page.shorten(text, width, small=True), small=True)


def _text(row: numbers.Row) -> str:
    """Return the number and the percentage that are missing."""
    if not isfinite(row["n_missing"]):
        return HIDDEN
    if row["n_missing"] == 0:
        return "0"
    return f"{numbers.count(row['n_missing'])} ({numbers.percent(row['percent_missing'], 0)})"
