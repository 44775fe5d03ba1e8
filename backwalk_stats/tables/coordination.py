"""Coordination of two segments: shares of patterns, arms compared, detectable change."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.labels import contrast_label, feature_label, walk_label

_SHARES = display_columns(
    ("pattern", "Pattern", "left", 1.6),
    ("mean", "% of the mean angle", "right", 1.2),
    ("steps", "% of all steps", "right", 1.2),
    ("short", "% of steps left out", "right", 1.2),
    ("n", "n", "right", 0.5),
)
_SHARE_NOTES = (
    "Means over participants. Mean angle: the circular mean over the cycles at each node is "
    "classified (Needham et al. 2014). All steps: every step of every cycle is.",
    "Left out: steps that are shorter than 1 % of the participant’s mean step have no direction.",
)
_TESTS = display_columns(
    ("feature", "Feature", "left", 2.6),
    ("contrast", "Contrast", "left", 2.4),
    ("estimate", "Difference (95% interval)", "right", 2.0),
    ("p", "p", "right", 0.7),
    ("adjusted", "p, Holm", "right", 0.7),
    ("n", "n", "right", 0.8),
)
_TEST_NOTES = (
    "p, Holm: adjusted for the features of one coupling, walk and visit.",
    "n: arm + reference.",
)
_CHANGES = display_columns(
    ("feature", "Feature", "left", 2.2),
    ("sem", "SEM", "right", 0.7),
    ("mdc", "MDC", "right", 0.7),
    ("n", "n", "right", 0.5),
    ("source", "Source, and what was measured", "left", 4.6),
)
_CHANGE_NOTES = (
    "SEM: standard error of measurement; MDC: minimal detectable change, 1.96 √2 SEM where it is "
    "computed here. A change of one person below the MDC may be error; means of arms may change by "
    "less and tell something.",
    "Strides of one recording are no repeats: they share the places of the markers and the moment.",
)


def shares_table(
    shares: pd.DataFrame, *, arms: Mapping[str, str], visits: Mapping[str, str]
) -> DisplayTable:
    """Return the shares of patterns (`tables.COUPLING_SHARES`) of one coupling, under walk and arm.

    `arms` and `visits` are name to label.
    """
    rows, groups = [], []
    for row in numbers.frame_rows(shares):
        rows.append(
            (
                str(row["pattern"]),
                numbers.number(row["share_of_mean_angle"], 1),
                numbers.number(row["share_of_steps"], 1),
                numbers.number(row["without_direction"], 1),
                numbers.count(row["n"]),
            )
        )
        walk = walk_label("", str(row["direction"]))
        visit, arm = str(row["visit"]), str(row["arm"])
        groups.append(f"{arms.get(arm) or arm}, {walk}, {visits.get(visit) or visit}")
    return DisplayTable(
        columns=_SHARES,
        rows=tuple(rows),
        caption="Coordination patterns by the mean angle and by all steps.",
        notes=_SHARE_NOTES,
        groups=tuple(groups),
    )


def coordination_tests_table(
    tests: pd.DataFrame, *, arms: Mapping[str, str], visits: Mapping[str, str]
) -> DisplayTable:
    """Return arms compared in their coordination (`tables.FEATURE_TESTS`), under walk and visit."""
    rows, groups = [], []
    for row in numbers.frame_rows(tests):
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], 1)
        rows.append(
            (
                feature_label(str(row["feature"])),
                contrast_label(str(row["contrast"]), arms),
                f"{numbers.number(row['estimate'], 1)} ({interval})",
                numbers.p_value(row["p_value"]),
                numbers.p_value(row["p_adjusted"]),
                f"{numbers.count(row['n_arm'])} + {numbers.count(row['n_reference'])}",
            )
        )
        visit = str(row["visit"])
        walk = walk_label("", str(row["direction"]))
        groups.append(f"{walk.capitalize()}, {visits.get(visit) or visit}")
    methods = (f"Method: {method}." for method in dict.fromkeys(tests["method"]))
    return DisplayTable(
        columns=_TESTS,
        rows=tuple(rows),
        caption="Arms compared in their coordination.",
        notes=(*methods, *_TEST_NOTES),
        groups=tuple(groups),
    )


def detectable_change_table(changes: pd.DataFrame) -> DisplayTable:
    """Return SEM and minimal detectable change of features (`tables.DETECTABLE_CHANGE`)."""
    rows = []
    for row in numbers.frame_rows(changes):
        walk = walk_label("", str(row["direction"]))
        label = feature_label(str(row["feature"]))
        rows.append(
            (
                f"{label}, {walk}" if walk else label,
                numbers.number(row["sem"], 1),
                numbers.number(row["mdc"], 1),
                numbers.count(row["n"]),
                str(row["source"]),
            )
        )
    return DisplayTable(
        columns=_CHANGES,
        rows=tuple(rows),
        caption="How large a change of one person must be to be more than error of measurement.",
        notes=_CHANGE_NOTES,
    )
