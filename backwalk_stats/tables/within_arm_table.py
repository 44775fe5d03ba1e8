"""The change within each arm: mean, test, effect sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import DASH, interval_name, p_value
from backwalk_stats.tables.results_table import estimate, interval, numbers_of
from backwalk_stats.tables.small_cells import HIDDEN, HIDDEN_NOTE, WITHHELD
from backwalk_stats.tables.trial_labels import outcomes_by_name

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Outcome

QUANTITIES = ("mean_change", "d_av", "d_z", "hodges_lehmann")


def within_arm_table(
    results: pd.DataFrame,
    *,
    outcomes: Sequence[Outcome],
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return the changes from baseline as text, grouped by outcome and visit.

    Parameters
    ----------
    results : DataFrame
        Columns of `tables.RESULTS`; the rows of an arm of the quantities "mean_change", "d_av",
        "d_z" and "hodges_lehmann" are brought together.
    outcomes : sequence of Outcome
        Those of the trial, for labels and units.
    arms, visits : mapping of str to str
        Name to label.
    level : float
        Confidence level of the intervals.
    caption : str
        What the table shows; a plain sentence when empty.
    """
    known = outcomes_by_name(outcomes)
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in frame_rows(results):
        if row["quantity"] in QUANTITIES:
            key = (str(row["outcome"]), str(row["visit"]), str(row["arm"]))
            found.setdefault(key, {})[str(row["quantity"])] = row
    groups = []
    for outcome, visit, _ in found:
        label = known[outcome].label if outcome in known else outcome.replace("_", " ")
        unit = known[outcome].unit if outcome in known else ""
        when = visits.get(visit) or visit
        parts = (sentence_case(label), f"change to {when}" if when else "", unit)
        groups.append(", ".join(part for part in parts if part))
    name = interval_name(level)
    cells = tuple(
        (arms.get(arm) or arm or DASH, *_cells(rows)) for (_, _, arm), rows in found.items()
    )
    hidden = any(HIDDEN in text for row in cells for text in row)
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
            *((HIDDEN_NOTE,) if hidden else ()),
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
