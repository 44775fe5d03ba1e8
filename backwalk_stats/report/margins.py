"""Whether a difference keeps within its margin, in each population that was asked for."""

from __future__ import annotations

from math import isfinite

import pandas as pd

from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import p_told
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand

_WHOLE = {
    "all-randomised": "Of everyone randomised",
    "per-protocol": "Of those who kept to the protocol",
    "as-treated": "By the treatment received",
}


def margin_row(table: pd.DataFrame, estimand: Estimand, analysis: str) -> numbers.Row | None:
    """Return the row of an analysis that tests a difference against the margin; None without."""
    own = table[
        (table["estimand"] == estimand.id)
        & (table["analysis"] == analysis)
        & (table["quantity"] == estimand.margin_quantity)
        & (table["contrast"] == estimand.contrast_name)
        & (table["visit"] == estimand.visit)
    ]
    rows = numbers.frame_rows(own)
    return rows[-1] if rows else None


def held_against(subject: TrialSubject, estimand: Estimand) -> str:
    """Say whether an arm is shown not to be worse, or arms to be alike, within the margin.

    In the population of the estimand, then of those who kept to the protocol, or that nobody asked
    for these. "" where the estimand has no margin.
    """
    if estimand.margin is None:
        return ""
    table = subject.analysis.estimates
    first = _told(subject, estimand, margin_row(table, estimand, estimand.analysis))
    said = f"{_WHOLE[estimand.population]}, {first}"
    if estimand.population == "per-protocol":
        return f"{said} The whole of those randomised is not this estimand."
    if "per-protocol" not in estimand.sensitivity:
        return f"{said} No analysis of those who kept to the protocol was asked for beside it."
    beside = _told(subject, estimand, margin_row(table, estimand, "per-protocol"))
    return f"{said} {_WHOLE['per-protocol']}, {beside}"


def is_shown(row: numbers.Row, estimand: Estimand) -> bool:
    """Tell whether the one-sided p, adjusted where it is, is below half of one minus the level."""
    adjusted = float(row["p_adjusted"])
    p = adjusted if isfinite(adjusted) else float(row["p_value"])
    return p < (1.0 - estimand.level) / 2.0


def _told(subject: TrialSubject, estimand: Estimand, row: numbers.Row | None) -> str:
    outcome, pair = subject.outcome_of(estimand), subject.arm_pair(estimand)
    size = f"{numbers.plain(float(estimand.margin or 0.0))}{numbers.after(outcome.unit)}"
    if row is None or not isfinite(float(row["p_value"])):
        return f"the margin of {size} could not be tested."
    head = "it is shown" if is_shown(row, estimand) else "it is not shown"
    if estimand.framework == "equivalence":
        what = f"{pair[0]} and {pair[1]} differ by less than the margin of {size}"
        kind = "equivalence, the larger of two one-sided"
    else:
        what = f"{pair[0]} is not worse than {pair[1]} by the margin of {size} or more"
        kind = "non-inferiority, one-sided"
    return f"{head} that {what} ({kind} {p_told(subject.trial, estimand, row)})."
