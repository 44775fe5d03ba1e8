"""Who responded: by rule and arm, and how the arms compare."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.labels import contrast_label, sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import EFFECTS

COMPARED = ("risk_difference", "risk_ratio", "nnt")


def responder_table(
    responders: pd.DataFrame,
    results: pd.DataFrame | None = None,
    *,
    arms: Mapping[str, str],
    rules: Mapping[str, str] | None = None,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return responders as text: for each rule the arms, then their comparisons.

    In `tables.RESPONDERS` NaN events are marked as not shown. Rows of "risk_difference",
    "risk_ratio" and "nnt" of `results` (`tables.RESULTS`) belong to the rule with which their
    `note` begins; they are left out where the events of an arm are not shown, since they would
    reveal them. A rule without words in `rules` is shown as it is.
    """
    words = rules or {}
    rows, groups = [], []
    compared = [] if results is None else numbers.frame_rows(results)
    for rule, part in responders.groupby("rule", sort=False, observed=True):
        arm_rows = {str(row["arm"]): row for row in numbers.frame_rows(part)}
        told = [(label or arm, *_arm(arm_rows[arm])) for arm, label in arms.items()
                if arm in arm_rows]  # fmt: skip
        if not part["events"].isna().any():
            told += [
                _comparison(row, arms)
                for row in compared
                if row["quantity"] in COMPARED and str(row["note"]).startswith(str(rule))
            ]
        rows += told
        groups += [sentence_case(words.get(str(rule)) or str(rule))] * len(told)
    return DisplayTable(
        columns=display_columns(
            ("arm", "Arm or comparison", "left", 3.0),
            ("events", "Responders / n", "right", 1.4),
            ("estimate", "Per cent or effect", "right", 1.6),
            ("interval", sentence_case(numbers.interval_name(level)), "right", 1.8),
            ("p_value", "p", "right", 0.9),
        ),
        rows=tuple(rows),
        caption=caption or "Responders by rule and arm.",
        notes=hidden_notes(rows),
        groups=tuple(groups),
    )


def _arm(row: numbers.Row) -> tuple[str, str, str, str]:
    """Return responders, percentage and interval of one arm."""
    if isnan(row["events"]):
        return (f"{HIDDEN} / {numbers.count(row['n'])}", HIDDEN, HIDDEN, numbers.DASH)
    ends = numbers.interval_text(row["conf_low"], row["conf_high"], 1)
    told = ends if ends == numbers.DASH else f"{ends}%"
    return (
        f"{numbers.count(row['events'])} / {numbers.count(row['n'])}",
        numbers.percent(row["percent"]),
        told,
        numbers.DASH,
    )


def _comparison(row: numbers.Row, arms: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    """Return the cells of one comparison of two arms."""
    pair = contrast_label(str(row["contrast"]), arms)
    if row["quantity"] != "risk_difference":  # nothing is subtracted in a ratio
        first, _, second = str(row["contrast"]).partition(" - ")
        pair = f"{arms.get(first) or first} against {arms.get(second) or second}"
    name = f"{EFFECTS[str(row['quantity'])]}: {pair}"
    ends = (row["conf_low"], row["conf_high"])
    if row["quantity"] == "risk_difference":  # a share of 1; the arms stand in per cent
        value = numbers.percent(100 * row["estimate"])
        around = numbers.interval_text(100 * ends[0], 100 * ends[1], 1)
        around = around if around == numbers.DASH else f"{around}%"
    else:
        digits = 1 if row["quantity"] == "nnt" else 2
        value, around = (
            numbers.number(row["estimate"], digits),
            numbers.interval_text(ends[0], ends[1], digits),
        )
    return (name, "", value, around, numbers.p_value(row["p_value"]))
