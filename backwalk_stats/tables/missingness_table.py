"""How many values are missing, by outcome, visit and arm."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, count, percent
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import Labels

if TYPE_CHECKING:
    import pandas as pd


def missingness_table(
    missingness: pd.DataFrame, *, labels: Labels, caption: str = ""
) -> DisplayTable:
    """Return the missing values (`tables.MISSINGNESS`) as text, a row for each outcome and visit.

    NaN counts are marked as not shown.
    """
    found = {(row["outcome"], row["visit"], row["arm"]): row for row in frame_rows(missingness)}
    rows, groups = [], []
    for outcome in labels.outcomes:
        for visit in labels.visits:
            mine = [found.get((outcome, visit, arm)) for arm in labels.arms]
            if any(mine):
                rows.append((labels.visit(visit), *map(_cell, mine)))
                groups.append(sentence_case(labels.outcome(outcome) or outcome))
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.6),
            *(
                DisplayColumn(
                    key=f"arm{place}",
                    label=f"{labels.arm(arm)}, missing / n (%)",
                    align="right",
                    width=2.0,
                )
                for place, arm in enumerate(labels.arms)
            ),
        ),
        rows=tuple(rows),
        caption=caption or "Missing values by outcome, visit and arm.",
        notes=hidden_notes(row[1:] for row in rows),
        groups=tuple(groups),
    )


def _cell(row: Row | None) -> str:
    """Return missing, expected and per cent."""
    if row is None:
        return DASH
    if isnan(row["n_missing"]):
        return HIDDEN
    share = f" ({percent(row['percent_missing'], 0)})" if row["n_missing"] else ""
    return f"{count(row['n_missing'])} / {count(row['n'])}{share}"
