"""The table of contrasts: one row is a printed test, effect or pooled estimate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwalk_stats.evidence.cells import (
    DEGREES,
    ESTIMATE,
    NUMBER,
    P_VALUE,
    STATISTIC,
    STUDY,
    one_of,
)
from backwalk_stats.evidence.interval import interval_problems
from backwalk_stats.evidence.schema import Column, Problem, Row, Schema

FILE = "contrasts.csv"
PRINTED, RECOMPUTED_HERE = "printed", "recomputed-here"
TWO_DEGREES = re.compile(r"\d+(?:\.\d+)?\s*[,;]\s*\d")


def contrast_problems(row: Row) -> Iterator[Problem]:
    """Yield what the cells of one contrast row say against each other.

    An interval with one end or with its ends exchanged, and two degrees of freedom for a t.
    """
    yield from interval_problems(row, low="ci_low", high="ci_high")
    is_t = re.match(r"\s*t\b", row["statistic"], re.IGNORECASE) is not None
    if is_t and TWO_DEGREES.match(row["df"]):
        expected, action = "one number, since the statistic is a t", "Is it a decimal comma?"
        yield Problem(column="df", expected=expected, found=row["df"], action=action)


TABLE = Schema(
    columns=(
        Column(name="study_id", cell=STUDY, essential=True, filled=True),
        Column(name="outcome", essential=True, filled=True),
        Column(name="arm_a", essential=True),
        Column(name="arm_b", essential=True),
        Column(name="contrast_type", essential=True),
        Column(name="estimate", cell=ESTIMATE),
        Column(name="ci_low", cell=NUMBER),
        Column(name="ci_high", cell=NUMBER),
        Column(name="statistic", cell=STATISTIC),
        Column(name="df", cell=DEGREES),
        Column(name="p_value_as_printed", cell=P_VALUE, essential=True),
        Column(name="method"),
        Column(name="source_location"),
        Column(name="origin", cell=one_of(PRINTED, RECOMPUTED_HERE)),
        Column(name="note"),
        Column(name="inputs"),
    ),
    row_problems=contrast_problems,
)
