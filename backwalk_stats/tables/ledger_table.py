"""The ledger for a reader: each printed number, what it recomputes to, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import (
    QUANTITIES,
    VERDICTS,
    WHOLE_STUDY,
    sentence_case,
    study_name,
    words_for,
)
from backwalk_stats.tables.numbers import DASH, beside, count, significant, significant_interval

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("finding", "Finding", "left", 4.0),
    ("reported", "Printed", "right", 1.6),
    ("recomputed", "Recomputed", "right", 1.6),
    ("range", "Range that rounding allows", "right", 2.2),
    ("verdict", "Verdict", "left", 1.8),
    ("reason", "Reason", "left", 5.0),
)
# Checks in which only some values can occur: their two ends are the nearest of these.
NEAREST = ("grim", "grimmer", "percentage")
COUNTS = ("df", "n")


def ledger_table(
    ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None, caption: str = ""
) -> DisplayTable:
    """Return the ledger (`tables.LEDGER`) as text, the findings of a study under each other.

    `labels` is study to the name shown. Of the table `groups` holds the study of each row, `keys`
    its finding.
    """
    rows = frame_rows(ledger)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(_cells(row) for row in rows),
        caption=caption or "Printed numbers, recomputed from the other printed numbers.",
        notes=(
            "The range is what the recomputed number can be when every printed input may have "
            "been any number that rounds to it. Where only some values can occur, because people "
            "are counted, it is the two nearest of them.",
        ),
        groups=tuple(study_name(row["study_id"], labels) for row in rows),
        keys=tuple(str(row["finding_id"]) for row in rows),
    )


def finding_text(row: Row) -> str:
    """Return what a finding is about: outcome, contrast and quantity.

    Examples
    --------
    >>> finding_text({"outcome": "NRS", "contrast": "BG v CG", "quantity": "p_value"})
    'NRS, BG v CG: p-value'
    """
    about = about_text(row)
    quantity = words_for(row["quantity"], QUANTITIES)
    return f"{about}: {quantity}" if about else sentence_case(quantity)


def about_text(row: Row) -> str:
    """Return outcome and contrast of a finding; "" where it is about the study as a whole.

    Examples
    --------
    >>> about_text({"outcome": "all", "contrast": ""})
    ''
    """
    outcome, contrast = str(row["outcome"]), str(row["contrast"])
    if outcome == WHOLE_STUDY and not contrast:
        return ""
    return ", ".join(part for part in (outcome, contrast) if part)


def recomputed_text(row: Row) -> str:
    """Return the recomputed number with a digit more than the printed one.

    Examples
    --------
    >>> recomputed_text({"quantity": "p_value", "reported": "<0.05", "recomputed": 0.0147})
    '0.015'
    >>> recomputed_text({"quantity": "mdc", "reported": "1.33", "recomputed": 1.33036})
    '1.330'
    """
    return _value(row, "recomputed")


def range_text(row: Row) -> str:
    """Return the interval that rounding of the printed inputs allows, or the values that can be.

    Examples
    --------
    >>> row = {"quantity": "p_value", "reported": "<0.05"}
    >>> range_text({**row, "recomputed_low": 0.01313, "recomputed_high": 0.01644})
    '0.013 to 0.016'
    >>> row = {"quantity": "mean", "reported": "20.79", "check": "grim"}
    >>> range_text({**row, "recomputed_low": 20.7619, "recomputed_high": 20.8095})
    'nearest possible 20.762 and 20.810'
    """
    low, high = _value(row, "recomputed_low"), _value(row, "recomputed_high")
    if low == high == DASH:
        return DASH
    if row.get("check") in NEAREST:
        return f"nearest possible {low}" + ("" if low == high else f" and {high}")
    if row["quantity"] == "p_value":
        return significant_interval(row["recomputed_low"], row["recomputed_high"], 2)
    return low if low == high else f"{low} to {high}"


def _value(row: Row, column: str) -> str:
    """Return one recomputed number as text."""
    value = row[column]
    if value is None or isnan(value):
        return DASH
    if row["quantity"] == "p_value":
        return significant(value, 2)
    if row["quantity"] in COUNTS:
        return count(value)
    return beside(value, row["reported"])


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    return (
        finding_text(row),
        row["reported"] or DASH,
        recomputed_text(row),
        range_text(row),
        words_for(row["verdict"], VERDICTS),
        row["reason"],
    )
