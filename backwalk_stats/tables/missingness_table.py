"""How many values are missing, by outcome, visit and arm."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, count, percent
from backwalk_stats.tables.small_cells import HIDDEN, HIDDEN_NOTE

if TYPE_CHECKING:
    import pandas as pd


def missingness_table(
    missingness: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    outcomes: Mapping[str, str],
    caption: str = "",
) -> DisplayTable:
    """Return the missing values as text, a row for each outcome and visit.

    Parameters
    ----------
    missingness : DataFrame
        Columns of `tables.MISSINGNESS`; NaN counts are marked as not shown.
    arms, visits, outcomes : mapping of str to str
        Name to label, in order.
    caption : str
        What the table shows; a plain sentence when empty.
    """
    found = {(row["outcome"], row["visit"], row["arm"]): row for row in frame_rows(missingness)}
    rows, groups = [], []
    for outcome, label in outcomes.items():
        for visit, words in visits.items():
            mine = [found.get((outcome, visit, arm)) for arm in arms]
            if any(mine):
                rows.append((words or visit, *(_cell(row) for row in mine)))
                groups.append(sentence_case(label or outcome))
    hidden = any(text == HIDDEN for row in rows for text in row)
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.6),
            *(
                DisplayColumn(key=f"arm{place}", label=f"{label or name}, missing / n (%)",
                              align="right", width=2.0)
                for place, (name, label) in enumerate(arms.items())
            ),
        ),
        rows=tuple(rows),
        caption=caption or "Missing values by outcome, visit and arm.",
        notes=(HIDDEN_NOTE,) if hidden else (),
        groups=tuple(groups),
    )  # fmt: skip


def _cell(row: Row | None) -> str:
    """Return missing, expected and per cent."""
    if row is None:
        return DASH
    if isnan(row["n_missing"]):
        return HIDDEN
    share = f" ({percent(row['percent_missing'], 0)})" if row["n_missing"] else ""
    return f"{count(row['n_missing'])} / {count(row['n'])}{share}"
