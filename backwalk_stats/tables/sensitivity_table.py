"""The same question asked in other ways, to see whether the answer stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import contrast_label, sentence_case, words_for
from backwalk_stats.tables.numbers import interval_name, p_value
from backwalk_stats.tables.results_table import estimate, interval, numbers_of
from backwalk_stats.tables.trial_labels import ANALYSES, Labels, effect_label

if TYPE_CHECKING:
    import pandas as pd


def sensitivity_table(
    results: pd.DataFrame,
    *,
    labels: Labels,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return the analyses (`tables.RESULTS`) of each comparison under each other.

    They keep their order: the main analysis of each comparison comes first.
    """
    rows = frame_rows(results)
    return DisplayTable(
        columns=display_columns(
            ("analysis", "Analysis", "left", 2.6),
            ("quantity", "What is estimated", "left", 2.4),
            ("n", "n", "right", 1.0),
            ("estimate", "Estimate", "right", 1.1),
            ("interval", sentence_case(interval_name(level)), "right", 1.8),
            ("p_value", "p", "right", 0.9),
            ("note", "Note", "left", 2.4),
        ),
        rows=display_rows(_cells(row, labels) for row in rows),
        caption=caption or "Sensitivity analyses, the main analysis first.",
        notes=("A difference is the first arm minus the second.",),
        groups=tuple(_group(row, labels) for row in rows),
    )


def _cells(row: Row, labels: Labels) -> tuple[str, ...]:
    """Return the cells of one analysis."""
    return (
        words_for(str(row["analysis"]), ANALYSES),
        effect_label(str(row["quantity"]), labels.unit(row["outcome"])),
        numbers_of(row),
        estimate(row),
        interval(row),
        p_value(row["p_value"]),
        sentence_case(str(row["note"] or "")),
    )


def _group(row: Row, labels: Labels) -> str:
    """Return the comparison that a row is about."""
    parts = (labels.outcome(row["outcome"]), labels.visit(row["visit"]))
    pair = contrast_label(str(row["contrast"]), labels.arms)
    return f"{', '.join(part for part in parts if part)}: {pair}"
