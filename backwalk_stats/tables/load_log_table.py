"""What was put right, or looked odd, when the files were read."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, count

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("file", "File", "left", 1.6),
    ("column", "Column", "left", 1.6),
    ("level", "Kind", "left", 1.0),
    ("action", "What was done", "left", 5.0),
    ("count", "Cells or rows", "right", 1.0),
)


def load_log_table(load_log: pd.DataFrame, *, caption: str = "") -> DisplayTable:
    """Return the load log (`tables.LOAD_LOG`) as text, in its order.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"file": "a.csv", "column": "vas", "level": "repair", "action": "trimmed", "count": 3}
    >>> load_log_table(pd.DataFrame([row])).rows
    (('a.csv', 'vas', 'Repair', 'Trimmed', '3'),)
    """
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                str(row["file"]),
                str(row["column"]) or DASH,
                sentence_case(str(row["level"])),
                sentence_case(str(row["action"])),
                _count(row),
            )
            for row in frame_rows(load_log)
        ),
        caption=caption or "Repairs and warnings on reading the data.",
    )


def _count(row: Row) -> str:
    """Return how many cells or rows were touched."""
    return DASH if row["count"] is None or isnan(row["count"]) else count(row["count"])
