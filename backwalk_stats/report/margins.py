"""Whether a difference keeps within its margin, in a sentence, in each population."""

from __future__ import annotations

from math import isfinite

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome

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


def held_against(
    table: pd.DataFrame, estimand: Estimand, pair: tuple[str, str], outcome: Outcome
) -> str:
    """Say whether an arm is shown not to be worse, or arms to be alike, within the margin.

    In the population of the estimand, then of those who kept to the protocol, or that nobody asked
    for these. "" where the estimand has no margin.
    """
    if estimand.margin is None:
        return ""
    first = _told(margin_row(table, estimand, estimand.analysis), estimand, pair, outcome)
    said = f"{_WHOLE[estimand.population]}, {first}"
    if estimand.population == "per-protocol":
        return f"{said} The whole of those randomised is not this estimand."
    if "per-protocol" not in estimand.sensitivity:
        return f"{said} No analysis of those who kept to the protocol was asked for beside it."
    beside = _told(margin_row(table, estimand, "per-protocol"), estimand, pair, outcome)
    return f"{said} {_WHOLE['per-protocol']}, {beside}"


def _told(
    row: numbers.Row | None, estimand: Estimand, pair: tuple[str, str], outcome: Outcome
) -> str:
    size = f"{numbers.plain(float(estimand.margin or 0.0))}{numbers.after(outcome.unit)}"
    if row is None or not isfinite(float(row["p_value"])):
        return f"the margin of {size} could not be tested."
    shown = float(row["p_value"]) < (1.0 - estimand.level) / 2.0
    head = "it is shown" if shown else "it is not shown"
    if estimand.framework == "equivalence":
        what = f"{pair[0]} and {pair[1]} differ by less than the margin of {size}"
        kind = "equivalence, the larger of two one-sided"
    else:
        what = f"{pair[0]} is not worse than {pair[1]} by the margin of {size} or more"
        kind = "non-inferiority, one-sided"
    return f"{head} that {what} ({kind} {numbers.p_text(float(row['p_value']))})."
