"""Whose values are missing, and when: a cell for every person of an arm and visit."""

from __future__ import annotations

from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import cells, page, panel
from backwalk_stats.tables import numbers, trial_labels
from backwalk_stats.tables.small_cells import HIDDEN

ROW_MM, HEAD_MM, LABEL_CHARACTERS = 4.6, 13.0, 13
SEEN, HIDDEN_CELL, FIRST_ARM = 0, 1, 2  # codes of cells


@page.styled
def missingness(
    missingness: pd.DataFrame,
    *,
    labels: trial_labels.Labels,
    observations: pd.DataFrame | None = None,
) -> Figure:
    """Return `draw` for every outcome, two beside each other, on a page of a report."""
    shown = [name for name in labels.outcomes if (missingness["outcome"] == name).any()]
    if not shown or not len(missingness):
        return page.empty_page("No values were expected")
    columns = min(len(shown), 2)
    lines = -(-len(shown) // columns)
    visits = max(missingness[missingness["outcome"] == name]["visit"].nunique() for name in shown)
    arms = len(labels.arms)
    height = HEAD_MM + arms * (ROW_MM * visits + 1.6 * page.LINE_MM) + 6.0
    figure, panels = panel.figure(lines * height, columns=columns, rows=lines,
                                  wspace=0.46, hspace=0.42)  # fmt: skip
    for axes in panels[len(shown) :]:
        axes.remove()
    for name, axes in zip(shown, panels, strict=False):
        mine = missingness[missingness["outcome"] == name]
        seen = None if observations is None else observations[observations["outcome"] == name]
        draw(axes, mine, labels=labels, observations=seen, titled=True)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    missingness: pd.DataFrame,
    *,
    labels: trial_labels.Labels,
    observations: pd.DataFrame | None = None,
    titled: bool = False,
) -> None:
    """Draw a row for each visit of an arm, a cell for each person, filled where it is missing.

    `missingness` (`tables.MISSINGNESS`) is of one outcome; a count that is not shown is NaN, and so
    are its cells. With `observations` (`tables.TRIAL_DATA` of the outcome) a column is one person,
    those who left first at the right; without them the missing of each row stand at its right.
    `titled` writes the outcome above.
    """
    rows = numbers.frame_rows(missingness)
    visits = [name for name in labels.visits if any(row["visit"] == name for row in rows)]
    found = {(row["arm"], row["visit"]): row for row in rows}
    looks, parts = panel.looks(labels.arms, axes), []
    for place, (arm, look) in enumerate(looks.items()):
        mine = {visit: found[arm, visit] for visit in visits if (arm, visit) in found}
        if not any(row["n"] > 0 for row in mine.values()):
            continue
        filled = FIRST_ARM + place
        codes = (
            _counted(mine, filled)
            if observations is None
            else _by_person(observations, arm, list(mine), filled)
        )
        parts.append(
            cells.Block(
                title=_cut(labels.arm(arm), 40),
                colour=look.words,
                codes=codes,
                labels=tuple(_cut(labels.visit(visit), LABEL_CHARACTERS) for visit in mine),
                notes=tuple(_note(row) for row in mine.values()),
            )
        )
    if not parts:
        panel.say(axes, "No values were expected")
        return
    colours = [panel.tint(axes, 0.14), panel.tint(axes, 0.04)]
    cells.blocks(axes, parts, [*colours, *(look.colour for look in looks.values())])
    axes.set_xticks([])
    axes.set_xlabel("A cell is a person; filled: missing", color=panel.second_ink(axes))
    if titled and rows:
        panel.label_above(axes, labels.outcome(rows[0]["outcome"]))


def caption(*, individuals: bool, hidden: bool) -> str:
    """Return what the figure shows, and how it is read."""
    who = (
        "a column is one participant, those who left first at the right"
        if individuals
        else "the missing of each visit stand at the right"
    )
    unknown = f" {HIDDEN}, pale: number not shown." if hidden else ""
    start = "Values that are missing, by outcome, arm and visit: a cell is a person"
    return f"{start}, {who}.{unknown}"


def alt_text(missingness: pd.DataFrame, *, labels: trial_labels.Labels) -> str:
    """Return what is missing, in words, for who cannot see the figure."""
    said = [
        f"{labels.outcome(row['outcome'])}, {labels.arm(row['arm'])}, "
        f"{labels.visit(row['visit'])}: {_text(row)}"
        for row in numbers.frame_rows(missingness)
        if row["n_missing"] != 0
    ]
    return f"Missing values by outcome, arm and visit. {'; '.join(said) or 'Nothing is missing'}."


def _counted(rows: dict[str, numbers.Row], filled: int) -> np.ndarray:
    """Return cells of as many as each row has people, the missing at its right."""
    codes = np.full((len(rows), int(max(row["n"] for row in rows.values()))), np.nan)
    for place, row in enumerate(rows.values()):
        n = int(row["n"])
        known = isfinite(row["n_missing"])
        codes[place, :n] = SEEN if known else HIDDEN_CELL
        if known:
            codes[place, n - int(row["n_missing"]) : n] = filled
    return codes


def _by_person(observations: pd.DataFrame, arm: str, visits: list[str], filled: int) -> np.ndarray:
    """Return cells, visits down and people across, those who left first at the right."""
    mine = observations[observations["arm"].astype(str) == arm]
    named = mine.assign(visit=mine["visit"].astype(str))
    wide = named.pivot(index="participant", columns="visit", values="value").reindex(columns=visits)
    gone = wide.isna().to_numpy()
    last = np.where(gone.all(axis=1), -1, gone.shape[1] - 1 - np.argmin(gone[:, ::-1], axis=1))
    order = np.lexsort((*gone.T, gone.sum(axis=1), -last))
    return np.where(gone[order].T, float(filled), float(SEEN))


def _note(row: numbers.Row) -> str:
    """Return how many of an arm are missing at a visit."""
    if not isfinite(row["n_missing"]):
        return HIDDEN
    missing, n = numbers.count(row["n_missing"]), numbers.count(row["n"])
    return f"{missing} of {n}" if row["n_missing"] else "0"


def _text(row: numbers.Row) -> str:
    """Return the number and the percentage that are missing."""
    if not isfinite(row["n_missing"]):
        return HIDDEN
    if row["n_missing"] == 0:
        return "0"
    return f"{numbers.count(row['n_missing'])} ({numbers.percent(row['percent_missing'], 0)})"


def _cut(text: str, characters: int) -> str:
    """Return a label on one line, cut where it is very long."""
    plain = page.plain(text)
    return plain if len(plain) <= characters else plain[: characters - 1].rstrip() + page.ELLIPSIS
