"""The same question asked in other ways, to see whether the answer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import contrast_label, sentence_case, words_for
from backwalk_stats.tables.numbers import interval_name, p_value
from backwalk_stats.tables.results_table import estimate, interval, numbers_of
from backwalk_stats.tables.trial_labels import ANALYSES, effect_label, outcomes_by_name

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Outcome


def sensitivity_table(
    results: pd.DataFrame,
    *,
    outcomes: Sequence[Outcome],
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return the analyses of each comparison under each other, in the order of the rows.

    Parameters
    ----------
    results : DataFrame
        Columns of `tables.RESULTS`, the main analysis of each comparison first.
    outcomes : sequence of Outcome
        Those of the trial, for labels and units.
    arms, visits : mapping of str to str
        Name to label.
    level : float
        Confidence level of the intervals.
    caption : str
        What the table shows; a plain sentence when empty.
    """
    known, rows = outcomes_by_name(outcomes), frame_rows(results)
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
        rows=display_rows(_cells(row, known.get(str(row["outcome"]))) for row in rows),
        caption=caption or "Sensitivity analyses, the main analysis first.",
        notes=("A difference is the first arm minus the second.",),
        groups=tuple(_group(row, known.get(str(row["outcome"])), arms, visits) for row in rows),
    )


def _cells(row: Row, outcome: Outcome | None) -> tuple[str, ...]:
    """Return the cells of one analysis."""
    return (
        words_for(str(row["analysis"]), ANALYSES),
        effect_label(str(row["quantity"]), outcome.unit if outcome else ""),
        numbers_of(row),
        estimate(row),
        interval(row),
        p_value(row["p_value"]),
        sentence_case(str(row["note"] or "")),
    )


def _group(
    row: Row, outcome: Outcome | None, arms: Mapping[str, str], visits: Mapping[str, str]
) -> str:
    """Return the comparison that a row is about."""
    label = outcome.label if outcome else sentence_case(str(row["outcome"]).replace("_", " "))
    when = visits.get(str(row["visit"])) or str(row["visit"])
    words = ", ".join(part for part in (label, when) if part)
    return f"{words}: {contrast_label(str(row['contrast']), arms)}"
