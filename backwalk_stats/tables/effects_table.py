"""What each trial contributes to the pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, count, interval_text, number, shortened

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("label", "Trial", "left", 2.0),
    ("backward", "Backward: mean (SD)", "right", 1.6),
    ("n_backward", "n", "right", 0.6),
    ("control", "Control: mean (SD)", "right", 1.6),
    ("n_control", "n", "right", 0.6),
    ("estimate", "Hedges g", "right", 0.9),
    ("interval", "95% interval", "right", 1.6),
    ("doubt", "In doubt because", "left", 3.0),
)


def effects_table(effects: pd.DataFrame, *, caption: str = "") -> DisplayTable:
    """Return the standardised differences of the trials (`tables.EFFECTS`), grouped by outcome."""
    rows = frame_rows(effects)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                row["label"],
                shortened(row["backward"]) or DASH,
                count(row["n_backward"]),
                shortened(row["control"]) or DASH,
                count(row["n_control"]),
                number(row["estimate"]),
                interval_text(row["conf_low"], row["conf_high"]),
                row["doubt"],
            )
            for row in rows
        ),
        caption=caption or "Trials in the pools; below zero favours backward walking.",
        groups=tuple(sentence_case(str(row["outcome"])) for row in rows),
        keys=tuple(f"{row['outcome']}-{row['study_id']}" for row in rows),
    )
