"""Movement: whole-curve tests, recordings and cycles, coordination, detectable change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_columns
from backwalk_stats.tables.labels import (
    WALKS,
    contrast_label,
    feature_label,
    signal_label,
    walk_label,
)
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
BY_F = ("repeated-measures", "arm-by-visit")
VECTORS = ("vector-paired", "vector-two-sample")
BOTH_WALKS = ("paired", "vector-paired")
PLANES = ("flexion", "side_bend", "rotation")
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
_MDC_NOTE = (
    "MDC: minimal detectable change of one person; p: published, the largest, of what the table of "
    "detectable changes names. It is no limit for a difference of means."
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
    alternative: str = "two-sided"
    covariates: tuple[str, ...] = ()
    roi: tuple[float, ...] = ()


def curve_tests_table(
    answers: Sequence[CurveAnswer], *, visits: Mapping[str, str], caption: str = ""
) -> DisplayTable:
    """Return whole-curve tests as text, under the signal; `visits` is name to label."""
    rows, groups = [], []
    for one in answers:
        walk, visit = WALKS.get(one.direction, one.direction), visits.get(one.visit, one.visit)
        when = ", ".join(part for part in (walk, visit) if part) or "both walks"
        rows.append(
            (question(one), when, numbers.count(one.n), numbers.p_value(one.p_value), regions(one))
        )
        groups.append(curve_label(one.test, one.signal))
    return DisplayTable(
        columns=_COLUMNS,
        rows=tuple(rows),
        caption=caption or "Whole-curve tests.",
        notes=_NOTES,
        groups=tuple(groups),
    )


def question(one: CurveAnswer) -> str:
    """Return what a test asks, with what was chosen beyond the usual."""
    asked = QUESTIONS.get(one.test, one.test)
    asked += f": {one.covariate}" if one.covariate else ""
    if one.covariates:
        asked += f", with {', '.join(one.covariates)} held still"
    if one.alternative != "two-sided":
        asked += f", one-sided ({one.alternative})"
    if len(one.roi):
        asked += f", from {one.roi[0]:g} to {one.roi[1]:g} % of the cycle only"
    return asked


def curve_label(test: str, signal: str) -> str:
    """Return what is compared in words: a signal, or the three planes of a joint.

    >>> curve_label("vector-paired", "lumbar"), curve_label("paired", "lumbar_flexion")
    ('Lumbar, three planes', 'Lumbar flexion')
    """
    label = signal_label(signal)
    return f"{label}, three planes" if test in VECTORS else label


def signals_of(test: str, signal: str) -> list[str]:
    """Return the signals that a test compares: one, or the planes of a joint."""
    return [f"{signal}_{plane}" for plane in PLANES] if test in VECTORS else [signal]


def statistic_name(test: str) -> str:
    """Return the letter of a test's statistic: F and T² have no direction.

    >>> [statistic_name(one) for one in ("paired", "arm-by-visit", "vector-paired")]
    ['t', 'F', 'T²']
    """
    return "T²" if test in VECTORS else "F" if test in BY_F else "t"


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
    changes: pd.DataFrame | None = None,
    caption: str = "",
) -> DisplayTable:
    """Return features as text, a row for each visit, under the feature and the walk.

    Beside them stands the minimal detectable change of one person where `changes`
    (`tables.DETECTABLE_CHANGE`) have one: of this study, else the largest published one. The
    frame has feature, direction, visit, arm, n, mean and sd; means of fewer participants than
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
                rows.append((words or visit, *cells, _change(changes, feature, direction)))
                walk = walk_label(str(feature), str(direction))
                label = feature_label(str(feature))
                groups.append(f"{label}, {walk}" if walk else label)
    told = (_MDC_NOTE,) if any(row[-1] != numbers.DASH for row in rows) else ()
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.4),
            *(
                DisplayColumn(key=f"arm{place}", label=label or name, align="right", width=2.0)
                for place, (name, label) in enumerate(arms.items())
            ),
            *(
                DisplayColumn(key="mdc", label="MDC, one person", align="right", width=1.3)
                for _ in told
            ),
        ),
        rows=tuple(rows if told else (row[:-1] for row in rows)),
        caption=caption or "Features of movement by visit and arm.",
        notes=(_NOTE, *told, *hidden_notes(rows)),
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


def detectable(changes: pd.DataFrame, feature: str, direction: str = "") -> numbers.Row | None:
    """Return the row of a feature in `tables.DETECTABLE_CHANGE`: this study's, else the largest.

    `direction` is a walk; "" is either.
    """
    rows = changes[changes["feature"] == feature]
    if direction:
        rows = rows[rows["direction"].isin((direction, ""))]
    own = rows[rows["df"].notna()]
    shown = own if len(own) else rows
    if shown.empty:
        return None
    return max(numbers.frame_rows(shown), key=lambda row: float(row["mdc"]))


def _change(changes: pd.DataFrame | None, feature: str, direction: str) -> str:
    """Return the minimal detectable change of a feature, marked where it is a published one."""
    row = None if changes is None else detectable(changes, feature, direction)
    if row is None:
        return numbers.DASH
    return f"{numbers.number(row['mdc'], 1)}{'' if math.isfinite(row['df']) else ' p'}"


# What recordings were worth.

_QUALITY = display_columns(
    ("walk", "Walk and visit", "left", 2.0),
    ("recordings", "Recordings used", "right", 1.1),
    ("cycles", "Cycles used", "right", 0.9),
    ("left_out", "Cycles left out", "right", 0.9),
    ("filled", "Samples filled", "right", 0.9),
    ("left", "Samples missing", "right", 1.0),
    ("events", "Events from", "left", 1.4),
)
_QUALITY_NOTES = (
    "All arms together. Of forward bends a cycle is one bend.",
    "Samples filled, and still missing, are of markers and angles that the motion file names.",
    "Why a recording is not used, and what was noticed in others, stands in notes.csv, which "
    "backwalk motion features writes.",
)
BEND = "bend"  # stands for a direction of walking
EVENTS = {"kinematic": "markers", "file": "file or sheet", "force-plates": "force plates"}


def quality_table(
    quality: pd.DataFrame, *, visits: Mapping[str, str], small_cell: int
) -> DisplayTable:
    """Return counts of recordings, cycles and gaps (`MotionSubject.quality`), a row a walk.

    A row of fewer people than `small_cell` is hidden.
    """
    rows = []
    for row in numbers.frame_rows(quality):
        walk = (
            walk_label("", str(row["direction"])) if row["direction"] != BEND else "forward bends"
        )
        when = f"{walk.capitalize()}, {visits.get(str(row['visit'])) or row['visit']}"
        names = ("cycles", "cycles_left_out", "gaps_filled", "gaps_left")
        cells = [f"{numbers.count(row['used'])} of {numbers.count(row['recordings'])}"]
        cells += [numbers.count(row[name]) for name in names]
        cells.append(", ".join(EVENTS.get(one, one) for one in str(row["events"]).split(", ")))
        few = row["people"] < small_cell
        rows.append((when, *(HIDDEN if few else cell or numbers.DASH for cell in cells)))
    return DisplayTable(
        columns=_QUALITY,
        rows=tuple(rows),
        caption="What was recorded, and what was used.",
        notes=(*_QUALITY_NOTES, *hidden_notes(rows)),
    )


def cycles_table(
    cycles: pd.DataFrame, *, arms: Mapping[str, str], visits: Mapping[str, str], small_cell: int
) -> DisplayTable:
    """Return cycles a person (`MotionSubject.cycles`): median and range by walk, visit and arm."""
    known = {
        (row["direction"], row["visit"], row["arm"]): row for row in numbers.frame_rows(cycles)
    }
    rows = []
    for direction, visit in dict.fromkeys((walk, visit) for walk, visit, _ in known):
        walk = walk_label("", str(direction)).capitalize()
        cells = [_person(known.get((direction, visit, arm)), small_cell) for arm in arms]
        rows.append((f"{walk}, {visits.get(str(visit)) or visit}", *cells))
    return DisplayTable(
        columns=(
            DisplayColumn(key="walk", label="Walk and visit", width=2.0),
            *(
                DisplayColumn(key=f"arm{place}", label=label or name, align="right", width=2.0)
                for place, (name, label) in enumerate(arms.items())
            ),
        ),
        rows=tuple(rows),
        caption="Cycles of each person in the means.",
        notes=("Median (smallest to largest), n participants.", *hidden_notes(rows)),
    )


def _person(row: numbers.Row | None, small_cell: int) -> str:
    """Return median, range and n."""
    if row is None:
        return numbers.DASH
    if row["n"] < small_cell:
        return HIDDEN
    low, high, n = (numbers.count(row[name]) for name in ("low", "high", "n"))
    return f"{float(row['median']):g} ({low} to {high}), {n}"


# Coordination of two segments: shares of patterns, arms compared, detectable change.

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
