"""Whole-curve tests: the question, its p-value, and where along the cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_columns
from backwalk_stats.tables.labels import WALKS, feature_label, signal_label, walk_label
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes

QUESTIONS = {
    "baseline-adjusted": "Between arms, adjusted for the baseline curve",
    "two-sample": "Between arms",
    "paired": "Backward against forward walking, within participants",
    "regression": "Slope on a covariate",
    "repeated-measures": "Between visits, within participants",
    "arm-by-visit": "Arms change differently (arm by visit)",
    "pointwise-model": "Between arms, mixed model at each node",
    "welch": "Between arms, each with its own variance",
    "paired-visits": "Against baseline, within participants",
    "vector-paired": "Backward against forward walking, three planes together",
    "vector-two-sample": "Between arms, three planes together",
}
_COLUMNS = display_columns(
    ("question", "Question", "left", 3.0),
    ("when", "Walk and visit", "left", 2.0),
    ("n", "n", "right", 0.6),
    ("p", "p, whole curve", "right", 1.0),
    ("where", "Beyond chance at", "left", 2.6),
)
_NOTES = (
    "p, whole curve: probability that a curve of chance alone has a statistic as large anywhere.",
    "Beyond chance at: per cent of the cycle, with the p-value of the largest statistic there.",
)
_NOTE = "Mean (standard deviation), n participants."


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveAnswer:
    """One whole-curve test as a table needs it."""

    test: str
    signal: str
    direction: str
    visit: str
    covariate: str
    n: int
    p_value: float
    clusters: pd.DataFrame
    nodes: int


def curve_tests_table(
    answers: Sequence[CurveAnswer], *, visits: Mapping[str, str], caption: str = ""
) -> DisplayTable:
    """Return whole-curve tests as text, under the signal; `visits` is name to label."""
    rows, groups = [], []
    for one in answers:
        walk, visit = WALKS.get(one.direction, one.direction), visits.get(one.visit, one.visit)
        question = QUESTIONS.get(one.test, one.test)
        asked = f"{question}: {one.covariate}" if one.covariate else question
        when = ", ".join(part for part in (walk, visit) if part) or "both walks"
        rows.append((asked, when, numbers.count(one.n), numbers.p_value(one.p_value), regions(one)))
        groups.append(signal_label(one.signal))
    return DisplayTable(
        columns=_COLUMNS,
        rows=tuple(rows),
        caption=caption or "Whole-curve tests.",
        notes=_NOTES,
        groups=tuple(groups),
    )


def regions(one: CurveAnswer, method: str = "permutation") -> str:
    """Return where a curve is beyond chance by one method, "nowhere" where it is not."""
    if one.test == "pointwise-model":
        return numbers.DASH
    told = []
    methods = (method, "cluster-mass") if method == "permutation" else (method,)
    for row in numbers.frame_rows(one.clusters[one.clusters["method"].isin(methods)]):
        start, end = (
            numbers.number(100 * row[key] / (one.nodes - 1), 0) for key in ("start", "end")
        )
        told.append(f"{start}–{end} % ({numbers.p_text(row['p_value'])})")
    return "; ".join(told) or "nowhere"


# Features of movement by visit and arm: mean and standard deviation.


def features_table(
    features: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    small_cell: int,
    caption: str = "",
) -> DisplayTable:
    """Return features as text, a row for each visit, under the feature and the walk.

    The frame has feature, direction, visit, arm, n, mean and sd; means of fewer participants than
    `small_cell` are not shown. `arms` and `visits` are name to label, in order.
    """
    known = {
        (row.feature, row.direction, row.visit, row.arm): row
        for row in features.itertuples(index=False)
    }
    rows, groups = [], []
    for feature, direction in features[["feature", "direction"]].drop_duplicates().to_numpy():
        for visit, words in visits.items():
            cells = [_cell(known.get((feature, direction, visit, arm)), small_cell) for arm in arms]
            if any(cell != numbers.DASH for cell in cells):
                rows.append((words or visit, *cells))
                walk = walk_label(str(feature), str(direction))
                label = feature_label(str(feature))
                groups.append(f"{label}, {walk}" if walk else label)
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.4),
            *(
                DisplayColumn(key=f"arm{place}", label=label or name, align="right", width=2.0)
                for place, (name, label) in enumerate(arms.items())
            ),
        ),
        rows=tuple(rows),
        caption=caption or "Features of movement by visit and arm.",
        notes=(_NOTE, *hidden_notes(rows)),
        groups=tuple(groups),
    )


def _cell(row: object, small_cell: int) -> str:
    """Return mean, SD and n."""
    if row is None:
        return numbers.DASH
    n, mean, sd = (float(getattr(row, name)) for name in ("n", "mean", "sd"))
    if n < small_cell:
        return HIDDEN
    return f"{numbers.significant(mean)} ({numbers.significant(sd)}), {numbers.count(n)}"
