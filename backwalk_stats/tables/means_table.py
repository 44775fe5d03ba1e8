"""Means by visit and arm: observed with their standard deviation, or of a model."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Literal

from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import (
    DASH,
    count,
    decimals_for,
    interval_name,
    interval_text,
    number,
)
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import Labels

if TYPE_CHECKING:
    import pandas as pd


def means_table(
    means: pd.DataFrame,
    *,
    kind: Literal["observed", "model"],
    labels: Labels,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return means (`tables.MEANS`) as text, a row for each visit, two columns for each arm.

    Observed means stand with their SD, those of a model with their interval.
    """
    rows = [row for row in frame_rows(means) if row["kind"] == kind]
    cells = {(row["outcome"], row["visit"], row["arm"]): row for row in rows}
    digits = {name: _digits([r for r in rows if r["outcome"] == name]) for name in labels.outcomes}
    head = "mean (SD)" if kind == "observed" else f"mean ({interval_name(level)})"
    columns = [DisplayColumn(key="visit", label="Visit", width=1.4)]
    for place, (name, label) in enumerate(labels.arms.items()):
        columns += [
            DisplayColumn(key=f"n{place}", label="n", align="right", width=0.6),
            DisplayColumn(
                key=f"arm{place}", label=f"{label or name}, {head}", align="right", width=2.0
            ),
        ]
    shown, groups = [], []
    for outcome in labels.outcomes:
        for visit in labels.visits:
            mine = [cells.get((outcome, visit, arm)) for arm in labels.arms]
            if any(mine):
                told = [text for row in mine for text in _cells(row, digits[outcome])]
                shown.append((labels.visit(visit), *told))
                groups.append(sentence_case(labels.outcome(outcome) or outcome))
    return DisplayTable(
        columns=tuple(columns),
        rows=tuple(shown),
        caption=caption
        or f"{'Observed means' if kind == 'observed' else 'Means of the model'} by visit and arm.",
        notes=hidden_notes(shown),
        groups=tuple(groups),
    )


def _digits(rows: list[Row]) -> int:
    """Return the decimals that suit the means of one outcome."""
    spreads = [float(row["sd"]) for row in rows if not isnan(row["sd"])]
    wide = [abs(float(r["conf_high"] - r["conf_low"])) for r in rows if not isnan(r["conf_low"])]
    return decimals_for(6 * max(spreads) if spreads else 4 * max(wide, default=0.0))


def _cells(row: Row | None, digits: int) -> tuple[str, str]:
    """Return the number of participants and the mean of one arm at one visit."""
    if row is None:
        return DASH, DASH
    n = HIDDEN if isnan(row["n"]) else count(row["n"])
    if isnan(row["estimate"]):
        return n, DASH if row["n"] == 0 else HIDDEN
    spread = (
        number(row["sd"], digits)
        if row["kind"] == "observed"
        else interval_text(row["conf_low"], row["conf_high"], digits)
    )
    return n, f"{number(row['estimate'], digits)} ({spread})"
