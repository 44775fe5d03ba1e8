"""Which printed means are possible for whole-number scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case, study_name
from backwalk_stats.tables.numbers import DASH, count, number

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("outcome", "Outcome, arm", "left", 3.4),
    ("n", "n", "right", 0.6),
    ("reported", "Printed mean", "right", 1.2),
    ("nearest", "Nearest means possible", "right", 2.0),
    ("possible", "Mean possible", "left", 1.2),
    ("sd_possible", "SD possible", "left", 1.2),
    ("assumption", "What this assumes", "left", 3.4),
)
_ANSWERS = {"yes": "Yes", "no": "No", "": "Not tested"}


def grim_table(grim: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> DisplayTable:
    """Return the printed means (`tables.GRIM`) beside the nearest that whole-number scores allow.

    `labels` is study to the name shown.

    References
    ----------
    Brown and Heathers 2017, Social Psychological and Personality Science 8:363 (GRIM).
    """
    rows = frame_rows(grim)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(_cells(row) for row in rows),
        caption="Means of whole-number scores: what the number of participants allows.",
        groups=tuple(study_name(row["study_id"], labels) for row in rows),
    )


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    decimals = len(str(row["reported"]).partition(".")[2]) + 1
    below, above = number(row["below"], decimals), number(row["above"], decimals)
    nearest = below if below == above else f"{below} or {above}"
    return (
        ", ".join(part for part in (row["outcome"], row["arm"]) if part) or DASH,
        count(row["n"]),
        row["reported"],
        nearest,
        "Yes" if row["possible"] else "No",
        _ANSWERS.get(row["sd_possible"], str(row["sd_possible"])),
        sentence_case(row["assumption"]),
    )
