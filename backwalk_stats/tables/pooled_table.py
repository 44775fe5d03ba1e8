"""Pooled effects: one row for every way of pooling."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import (
    INTERVALS,
    METHODS,
    sentence_case,
    study_name,
    words_for,
)
from backwalk_stats.tables.numbers import (
    DASH,
    count,
    interval_text,
    number,
    p_value,
    percent,
    significant,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("method", "Method, interval", "left", 2.8),
    ("k", "Trials", "right", 0.7),
    ("estimate", "Hedges g", "right", 1.0),
    ("interval", "95% interval", "right", 1.7),
    ("p_value", "p", "right", 1.0),
    ("prediction", "95% prediction interval", "right", 1.7),
    ("tau2", "τ² (95% interval)", "right", 2.0),
    ("i2", "I²", "right", 0.8),
    ("q", "Q (df), p", "right", 1.8),
)


def pooled_table(
    pooled: pd.DataFrame, *, labels: Mapping[str, str] | None = None, caption: str = ""
) -> DisplayTable:
    """Return pooled effects (`tables.POOLED`) as text, by outcome, pool and the trial left out.

    `labels` is study to the name shown, for rows that leave a trial out.
    """
    rows = frame_rows(pooled)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(_cells(row) for row in rows),
        caption=caption or "Pooled standardised mean differences; below zero favours backward.",
        notes=(
            "Hedges g is a difference in standard deviations. Of the interval and the prediction "
            "interval, the first is about the mean effect, the second about a new trial.",
            "A dash stands where the number of trials does not allow the quantity.",
        ),
        groups=tuple(_group(row, labels) for row in rows),
    )


def _group(row: Row, labels: Mapping[str, str] | None) -> str:
    """Return the heading of a row: outcome, pool, trial left out."""
    without = f", without {study_name(row['left_out'], labels)}" if row["left_out"] else ""
    return f"{sentence_case(row['outcome'])}: {row['pool']}{without}"


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one row."""
    return (
        f"{words_for(row['method'], METHODS)}, {words_for(row['ci'], INTERVALS)}",
        count(row["k"]),
        number(row["estimate"]),
        interval_text(row["conf_low"], row["conf_high"]),
        p_value(row["p_value"]),
        interval_text(row["pi_low"], row["pi_high"]),
        _tau2(row),
        percent(row["i2"], 0),
        _q(row),
    )


def _tau2(row: Row) -> str:
    """Return the variance between trials with its interval."""
    if isnan(row["tau2"]):
        return DASH
    low, high = row["tau2_low"], row["tau2_high"]
    known = isfinite(low) and isfinite(high)
    around = f" ({number(low)} to {number(high)})" if known else ""
    return f"{significant(row['tau2'], 2)}{around}"


def _q(row: Row) -> str:
    """Return the test of heterogeneity."""
    if isnan(row["q"]) or row["q_df"] < 1:
        return DASH
    return f"{number(row['q'])} ({count(row['q_df'])}), {p_value(row['q_p'])}"
