"""The table of outcomes: one row is an arm, an outcome and a time point, as printed."""

from __future__ import annotations

import re

from backwalk_stats.evidence import schema
from backwalk_stats.evidence.printed_values import as_number
from backwalk_stats.evidence.schema import Column, Row, RowFaults, Schema, check_interval

FILE = "outcomes.csv"
CHANGE = re.compile(r"\b(?:change|difference|reduction|decrease|increase|gain|improvement)", re.I)
SPAN = re.compile(r"\bto\b|\bpost\s*[-\N{EN DASH}\N{MINUS SIGN}]\s*pre\b", re.I)
PERCENT_UNITS = ("%", "percent")
COUNT_OUTCOMES = ("withdrawals", "adverse events", "dropouts")


def is_change(row: Row) -> bool:
    """Return whether a row is a change between two visits, which no scale's range bounds.

    >>> is_change({"outcome": "pain change", "direction_better": "", "timepoint": "week 6"})
    True
    >>> is_change({"outcome": "pain", "direction_better": "lower", "timepoint": "week 6"})
    False
    """
    words = f"{row['outcome']} {row['direction_better']}"
    return CHANGE.search(words) is not None or SPAN.search(row["timepoint"]) is not None


def is_count(row: Row) -> bool:
    """Return whether `mean` holds a number of participants, such as withdrawals.

    >>> is_count({"outcome": "withdrawals", "instrument": "count", "unit": "events"})
    True
    """
    return (
        row["unit"].strip().casefold() == "events"
        or row["instrument"].strip().casefold() == "count"
        or row["outcome"].strip().casefold() in COUNT_OUTCOMES
    )


def check_row(row: Row, faults: RowFaults) -> None:
    """Tell what the cells of one outcome row say against each other.

    A mean outside its scale, a scale without width, more events than people, and an interval
    with one end or with its ends exchanged. A mean is never moved onto its scale.
    """
    _check_scale(row, faults)
    _check_count(row, faults)
    check_interval(row, faults, low="ci_low", high="ci_high")


def _check_scale(row: Row, faults: RowFaults) -> None:
    low, high = as_number(row["scale_min"]), as_number(row["scale_max"])
    if low is not None and high is not None and low >= high:
        faults("scale_max", f"more than scale_min ({row['scale_min']})", row["scale_max"])
        return
    mean = as_number(row["mean"])
    if mean is None or is_change(row) or is_count(row):
        return
    text = f"{row['scale_min']} to {row['scale_max']}"
    action = "Check the mean, the scale and the unit; it may be a code for missing"
    if low is None and high is None and row["unit"].strip().casefold() in PERCENT_UNITS:
        low, high, text = 0.0, 100.0, "0 to 100, being a percentage"
        action = "If it can pass 100, give scale_min and scale_max"
    if (low is not None and mean < low) or (high is not None and mean > high):
        faults("mean", f"a mean on its scale, {text}", row["mean"], action)


def _check_count(row: Row, faults: RowFaults) -> None:
    count, n = as_number(row["mean"]), as_number(row["n"])
    if count is None or not is_count(row):
        return
    if count < 0 or count != int(count) or "." in row["mean"]:
        faults("mean", "a whole number of participants, 0 or more", row["mean"])
    elif n is not None and count > n:
        faults("mean", f"at most n ({row['n']})", row["mean"], "Count participants, not events")


TABLE = Schema(
    columns=(
        Column(name="study_id", cell=schema.STUDY, essential=True, filled=True),
        Column(name="arm", essential=True, filled=True),
        Column(name="outcome", essential=True, filled=True),
        Column(name="instrument"),
        Column(name="scale_min", cell=schema.NUMBER),
        Column(name="scale_max", cell=schema.NUMBER),
        Column(name="unit"),
        Column(name="direction_better"),
        Column(name="timepoint", essential=True),
        Column(name="n", cell=schema.COUNT, essential=True),
        Column(name="mean", cell=schema.NUMBER, essential=True),
        Column(name="sd", cell=schema.SPREAD, essential=True),
        Column(name="se", cell=schema.SPREAD),
        Column(name="ci_low", cell=schema.NUMBER),
        Column(name="ci_high", cell=schema.NUMBER),
        Column(name="ci_level", cell=schema.PERCENT),
        Column(name="median", cell=schema.NUMBER),
        Column(name="q1", cell=schema.NUMBER),
        Column(name="q3", cell=schema.NUMBER),
        Column(name="minimum", cell=schema.NUMBER),
        Column(name="maximum", cell=schema.NUMBER),
        Column(name="score_step", cell=schema.STEP),
        Column(name="items", cell=schema.COUNT),
        Column(name="source_location"),
        Column(name="confidence"),
        Column(name="origin", cell=schema.ORIGIN),
        Column(name="note"),
    ),
    check_row=check_row,
    key=("study_id", "arm", "outcome", "instrument", "timepoint", "source_location"),
)
