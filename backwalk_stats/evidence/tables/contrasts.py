"""The table of contrasts: one row is a printed test, effect or pooled estimate."""

from __future__ import annotations

import re

from backwalk_stats.evidence import schema
from backwalk_stats.evidence.schema import Column, Row, RowFaults, Schema, check_interval

FILE = "contrasts.csv"
TWO_DEGREES = re.compile(r"\d+(?:\.\d+)?\s*[,;]\s*\d")


def check_row(row: Row, faults: RowFaults) -> None:
    """Tell what the cells of one contrast row say against each other.

    An interval with one end or with its ends exchanged, and two degrees of freedom for a t.
    """
    check_interval(row, faults, low="ci_low", high="ci_high")
    is_t = re.match(r"\s*t\b", row["statistic"], re.IGNORECASE) is not None
    if is_t and TWO_DEGREES.match(row["df"]):
        expected = "one number, since the statistic is a t"
        faults("df", expected, row["df"], "Is it a decimal comma?")


TABLE = Schema(
    columns=(
        Column(name="study_id", cell=schema.STUDY, essential=True, filled=True),
        Column(name="outcome", essential=True, filled=True),
        Column(name="arm_a", essential=True),
        Column(name="arm_b", essential=True),
        Column(name="contrast_type", essential=True),
        Column(name="estimate", cell=schema.ESTIMATE),
        Column(name="ci_low", cell=schema.NUMBER),
        Column(name="ci_high", cell=schema.NUMBER),
        Column(name="ci_level", cell=schema.PERCENT),
        Column(name="se", cell=schema.SPREAD),
        Column(name="statistic", cell=schema.STATISTIC),
        Column(name="df", cell=schema.DEGREES),
        Column(name="p_value_as_printed", cell=schema.P_VALUE, essential=True),
        Column(name="sided"),
        Column(name="p_role"),
        Column(name="scale"),
        Column(name="null", cell=schema.NUMBER),
        Column(name="method"),
        Column(name="model"),
        Column(name="k", cell=schema.COUNT),
        Column(name="i2", cell=schema.PERCENT),
        Column(name="q", cell=schema.SPREAD),
        Column(name="tau2", cell=schema.SPREAD),
        Column(name="source_location"),
        Column(name="origin", cell=schema.ORIGIN),
        Column(name="same_as"),
        Column(name="inputs"),
        Column(name="note"),
    ),
    check_row=check_row,
)
