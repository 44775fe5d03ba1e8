"""The change within each arm: mean, test, effect sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, interval_name, p_value
from backwalk_stats.tables.results_table import estimate, interval, numbers_of
from backwalk_stats.tables.small_cells import HIDDEN, WITHHELD, hidden_notes
from backwalk_stats.tables.trial_labels import Labels

if TYPE_CHECKING:
    import pandas as pd

QUANTITIES = ("mean_change", "d_av", "d_z", "hodges_lehmann")


def within_arm_table(
    results: pd.DataFrame,
    *,
    labels: Labels,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return the changes from baseline (`tables.RESULTS`) as text, by outcome and visit.

    The rows of an arm of the quantities "mean_change", "d_av", "d_z" and "hodges_lehmann" are
    brought together.
    """
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in frame_rows(results):
        if row["quantity"] in QUANTITIES:
            key = (str(row["outcome"]), str(row["visit"]), str(row["arm"]))
            found.setdefault(key, {})[str(row["quantity"])] = row
    groups = []
    for outcome, visit, _ in found:
        when = f"change to {labels.visit(visit)}" if labels.visit(visit) else ""
        parts = (sentence_case(labels.outcome(outcome)), when, labels.unit(outcome))
        groups.append(", ".join(part for part in parts if part))
    name = interval_name(level)
    cells = tuple((labels.arm(arm) or DASH, *_cells(rows)) for (_, _, arm), rows in found.items())
    return DisplayTable(
        columns=display_columns(
            ("arm", "Arm", "left", 1.8),
            ("n", "n", "right", 0.6),
            ("change", f"Mean change ({name})", "right", 2.2),
            ("p_value", "p, paired t", "right", 0.9),
            ("d_av", f"dav ({name})", "right", 2.0),
            ("d_z", f"dz ({name})", "right", 2.0),
            ("shift", f"Hodges–Lehmann ({name})", "right", 2.2),
            ("p_rank", "p, Wilcoxon", "right", 0.9),
        ),
        rows=cells,
        caption=caption or "Change from baseline within each arm.",
        notes=(
            "A change within an arm is no effect of the treatment: time and regression to the "
            "mean are in it. dav is the change in standard deviations of the scores (mean of both "
            "visits), dz in standard deviations of the change.",
            *hidden_notes(cells),
        ),
        groups=tuple(groups),
    )


def _cells(rows: Mapping[str, Row]) -> tuple[str, ...]:
    """Return the cells of one arm; a dash where a quantity was not estimated."""
    change, shift = rows.get("mean_change"), rows.get("hodges_lehmann")
    return (
        numbers_of({**change, "n_reference": None}) if change else DASH,
        _with_interval(change),
        p_value(change["p_value"]) if change else DASH,
        _with_interval(rows.get("d_av")),
        _with_interval(rows.get("d_z")),
        _with_interval(shift),
        p_value(shift["p_value"]) if shift else DASH,
    )


def _with_interval(row: Row | None) -> str:
    """Return an estimate with its interval in brackets."""
    if row is None:
        return DASH
    if estimate(row) == DASH:
        return HIDDEN if WITHHELD in str(row["note"] or "") else DASH
    around = interval(row)
    return estimate(row) if around == DASH else f"{estimate(row)} ({around})"
