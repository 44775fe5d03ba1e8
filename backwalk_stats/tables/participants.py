"""Who took part: the arms at baseline, described and not tested; and intercurrent events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite, isnan

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import in_words, plain_words
from backwalk_stats.trial.study import Decision, timing

ALL = ""  # arm of the column of all participants
NOTE = "Arms are not compared by tests here: differences at baseline are due to chance."
_Line = tuple[str, str, list[str]]  # variable, what is told of it, a text for each arm
COLUMNS = display_columns(
    ("file", "File", "left", 1.6),
    ("column", "Column", "left", 1.6),
    ("level", "Kind", "left", 1.0),
    ("action", "What was done", "left", 5.0),
    ("count", "Cells or rows", "right", 1.0),
)


def baseline_table(
    baseline: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    sizes: Mapping[str, int],
    variables: Mapping[str, str] | None = None,
    caption: str = "",
) -> DisplayTable:
    """Return the baseline table ("Table 1"): no significance tests.

    In `tables.BASELINE` a level has a `count`, a number a `mean`; NaN counts are marked as not
    shown, and rows of arm "" are all participants. `arms` and `variables` are name to label; a
    variable without a label is shown in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from backwalk_stats.trial.tables import BASELINE
    >>> row = ("age", "", "number", "f", 30, 0, 58.31, 9.04, 58.0, 51.0, 65.2, None, None)
    >>> frame = pd.DataFrame([row], columns=list(BASELINE))
    >>> baseline_table(frame, arms={"f": "Forward"}, sizes={"f": 30}).rows
    (('Mean (SD)', '58.3 (9.0)'), ('Median [Q1, Q3]', '58.0 [51.0, 65.2]'))
    """
    shown = dict(arms)
    everyone = (baseline["arm"] == ALL).any()
    heads = [
        f"{label or name} (n = {numbers.count(sizes.get(name))})" for name, label in shown.items()
    ]
    if everyone:
        shown[ALL] = "All"
        heads.append(f"All (n = {numbers.count(sum(sizes.values()))})")
    names = variables or {}
    lines: list[_Line] = []
    for variable, part in baseline.groupby("variable", sort=False, observed=True):
        label = names.get(str(variable)) or in_words(str(variable))
        lines += _lines(label, numbers.frame_rows(part), list(shown))
    return DisplayTable(
        columns=(
            DisplayColumn(key="characteristic", label="Characteristic", width=2.6),
            *(
                DisplayColumn(key=f"arm{place}", label=head, align="right", width=2.0)
                for place, head in enumerate(heads)
            ),
        ),
        rows=tuple((what, *cells) for _, what, cells in lines),
        caption=caption or "Participants at baseline, by arm.",
        notes=(NOTE, *hidden_notes(cells for _, _, cells in lines)),
        groups=tuple(variable for variable, _, _ in lines),
    )


def _lines(label: str, rows: list[numbers.Row], arms: list[str]) -> list[_Line]:
    """Return the lines of one variable."""
    shown = [row for row in rows if isinstance(row["level"], str) and row["level"] == ""]
    levels = list(dict.fromkeys(str(row["level"]) for row in rows if row["level"] != ""))
    lines: list[_Line] = []
    if shown and not levels:
        digits = _digits(shown)
        by_arm = {str(row["arm"]): row for row in shown}
        for what, tell in (("Mean (SD)", _mean), ("Median [Q1, Q3]", _median)):
            cells = [tell(by_arm[arm], digits) if arm in by_arm else numbers.DASH for arm in arms]
            lines.append((label, what, cells))
    for level in levels:
        by_arm = {str(row["arm"]): row for row in rows if str(row["level"]) == level}
        cells = [_share(by_arm[arm]) if arm in by_arm else numbers.DASH for arm in arms]
        lines.append((label, f"{sentence_case(level)}, n (%)", cells))
    missing = {str(row["arm"]): row["n_missing"] for row in rows}
    if any(value != 0 for value in missing.values()):
        cells = [_shown(missing[arm]) if arm in missing else numbers.DASH for arm in arms]
        lines.append((label, "Missing, n", cells))
    return lines


def _digits(rows: list[numbers.Row]) -> int:
    """Return the decimals that suit a variable: of about six of its SDs, or of its size."""
    spreads = [float(row["sd"]) for row in rows if row["sd"] is not None and isfinite(row["sd"])]
    wide = max(spreads, default=0.0)
    known = [row["mean"] for row in rows]
    digits = numbers.decimals_for(6 * wide) if wide > 0 else numbers.decimals_of(known)
    told = (float(row[name]) for row in rows for name in ("mean", "sd"))
    return numbers.held_decimals(told, digits)


def _mean(row: numbers.Row, digits: int) -> str:
    """Return mean and standard deviation."""
    if isnan(row["mean"]):
        return _absent(row)
    return f"{numbers.number(row['mean'], digits)} ({numbers.number(row['sd'], digits)})"


def _median(row: numbers.Row, digits: int) -> str:
    """Return median and quartiles."""
    if isnan(row["median"]):
        return _absent(row)
    ends = f"{numbers.number(row['q1'], digits)}, {numbers.number(row['q3'], digits)}"
    return f"{numbers.number(row['median'], digits)} [{ends}]"


def _absent(row: numbers.Row) -> str:
    """Return why a statistic is not there: no values, or too few to be shown."""
    return numbers.DASH if row["n"] == 0 else HIDDEN


def _share(row: numbers.Row) -> str:
    """Return the number and the percentage of a level."""
    if isnan(row["count"]):
        return HIDDEN
    if row["count"] == 0:
        return "0"
    share = HIDDEN if isnan(row["percent"]) else numbers.percent(row["percent"], 0)
    return f"{numbers.count(row['count'])} ({share})"


def _shown(n: float) -> str:
    """Return a count, or the mark of one that is not shown."""
    return HIDDEN if isnan(n) else numbers.count(n)


# How many values are missing, by outcome, visit and arm.


def missingness_table(
    missingness: pd.DataFrame, *, labels: Labels, caption: str = ""
) -> DisplayTable:
    """Return the missing values (`tables.MISSINGNESS`) as text, a row for each outcome and visit.

    NaN counts are marked as not shown.
    """
    found = {
        (row["outcome"], row["visit"], row["arm"]): row for row in numbers.frame_rows(missingness)
    }
    rows, groups = [], []
    for outcome in labels.outcomes:
        for visit in labels.visits:
            mine = [found.get((outcome, visit, arm)) for arm in labels.arms]
            if any(mine):
                rows.append((labels.visit(visit), *map(_cell, mine)))
                groups.append(sentence_case(labels.outcome(outcome) or outcome))
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.6),
            *(
                DisplayColumn(
                    key=f"arm{place}",
                    label=f"{labels.arm(arm)}, missing / n (%)",
                    align="right",
                    width=2.0,
                )
                for place, arm in enumerate(labels.arms)
            ),
        ),
        rows=tuple(rows),
        caption=caption or "Missing values by outcome, visit and arm.",
        notes=hidden_notes(row[1:] for row in rows),
        groups=tuple(groups),
    )


def _cell(row: numbers.Row | None) -> str:
    """Return missing, expected and per cent."""
    if row is None:
        return numbers.DASH
    if isnan(row["n_missing"]):
        return HIDDEN
    share = f" ({numbers.percent(row['percent_missing'], 0)})" if row["n_missing"] else ""
    return f"{numbers.count(row['n_missing'])} / {numbers.count(row['n'])}{share}"


# How many took part at each stage (CONSORT), and why others did not.

STAGES = {
    "assessed": "Assessed for eligibility",
    "excluded": "Excluded",
    "randomised": "Randomised",
    "allocated": "Allocated",
    "received": "Received the intervention",
    "not_received": "Did not receive it",
    "lost": "Lost to follow-up",
    "discontinued": "Discontinued the intervention",
    "analysed": "Analysed",
    "excluded_from_analysis": "Left out of the analysis",
}


def flow_table(flow: pd.DataFrame, *, labels: Labels, caption: str = "") -> DisplayTable:
    """Return the flow of participants (`tables.FLOW`) as text, a row for each stage and reason.

    NaN counts are marked as not shown.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("randomised", "", "", 60.0), ("allocated", "f", "", 30.0)]
    >>> flow = pd.DataFrame(rows, columns=["stage", "arm", "reason", "n"])
    >>> flow_table(flow, labels=Labels(arms={"f": "Forward"}, visits={}, outcomes={})).rows
    (('Randomised', '60', ''), ('Allocated', '', '30'))
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in numbers.frame_rows(flow):
        line = found.setdefault((str(row["stage"]), str(row["reason"])), {})
        line[str(row["arm"])] = HIDDEN if isnan(row["n"]) else numbers.count(row["n"])
    order = {stage: place for place, stage in enumerate(STAGES)}
    lines = sorted(found.items(), key=lambda one: order.get(one[0][0], len(order)))
    rows = display_rows(
        (
            f"{STAGES.get(stage, sentence_case(stage))}{f': {reason}' if reason else ''}",
            counts.get("", ""),
            *(counts.get(arm, "") for arm in labels.arms),
        )
        for (stage, reason), counts in lines
    )
    heads = [("all", "All")]
    heads += [(f"arm{at}", labels.arm(arm)) for at, arm in enumerate(labels.arms)]
    return DisplayTable(
        columns=(
            DisplayColumn(key="stage", label="Stage", width=3.0),
            *(DisplayColumn(key=key, label=text, align="right", width=1.2) for key, text in heads),
        ),
        rows=rows,
        caption=caption or "Flow of participants.",
        notes=hidden_notes(row[1:] for row in rows),
    )


# What was put right, or looked odd, when the files were read.


def load_log_table(load_log: pd.DataFrame, *, caption: str = "") -> DisplayTable:
    """Return the load log (`tables.LOAD_LOG`) as text, in its order.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"file": "a.csv", "column": "vas", "level": "repair", "action": "trimmed", "count": 3}
    >>> load_log_table(pd.DataFrame([row])).rows
    (('a.csv', 'vas', 'Repair', 'Trimmed', '3'),)
    """
    rows = display_rows(
        (
            str(row["file"]),
            str(row["column"]) or numbers.DASH,
            sentence_case(str(row["level"])),
            sentence_case(str(row["action"])),
            _count(row),
        )
        for row in numbers.frame_rows(load_log)
    )
    return DisplayTable(
        columns=COLUMNS,
        rows=rows,
        caption=caption or "Repairs and warnings on reading the data.",
        notes=hidden_notes(row[-1:] for row in rows),
    )


def decisions_table(decisions: Sequence[Decision], unblinded: date | None) -> DisplayTable:
    """Return decisions of a blind review in order of their days, and whether each was blind.

    Examples
    --------
    >>> one = Decision(key="pain", what="ranks", when=date(2026, 11, 30), reason="a floor")
    >>> decisions_table([one], date(2026, 12, 1)).rows
    (('pain', 'Ranks', '2026-11-30', 'Before unblinding', 'A floor'),)
    """
    return DisplayTable(
        columns=display_columns(
            ("key", "About", "left", 1.5),
            ("what", "Decided", "left", 2.4),
            ("when", "On", "left", 1.1),
            ("timing", "Before unblinding?", "left", 1.3),
            ("reason", "Reason", "left", 2.4),
        ),
        rows=display_rows(
            (
                one.key,
                sentence_case(one.what),
                one.when.isoformat(),
                sentence_case(timing(one.when, unblinded)),
                sentence_case(one.reason),
            )
            for one in sorted(decisions, key=lambda one: one.when)
        ),
        caption="Decisions of the blind review, as the trial file has them.",
    )


def _count(row: numbers.Row) -> str:
    """Return how many cells or rows were touched."""
    if row["count"] is None:
        return numbers.DASH
    return _shown(row["count"])


# What was done with values after intercurrent events, and for how many, in words and a table.

_NO_RECORD = (  # of an estimand without a record of events
    "Treatment policy: values count whatever happened after randomisation; the trial file names no "
    "record of intercurrent events."
)
_STANDS = {
    "n_measured": "As measured",
    "n_set_aside": "Set aside",
    "n_worst": "Worst score",
    "n_carried": "Last value before",
    "n_missing": "Not measured",
}


def strategy_sentences(
    estimand: Estimand, counts: pd.DataFrame | None, arms: Mapping[str, str], *, small_cell: int
) -> list[str]:
    """Return a sentence for each strategy: its kinds of events, what was done, and for how many.

    `counts` are `tables.EVENT_COUNTS`, NaN where a count is not shown; `arms` is name to label.
    Without a record of events the one sentence says that every value counts.

    Examples
    --------
    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                events=(("rescue", "hypothetical"),))
    >>> rows = [("rescue", "hypothetical", "f", 7, 7), ("rescue", "hypothetical", "b", float("nan"),
    ...         float("nan"))]
    >>> frame = pd.DataFrame(rows, columns=["kind", "strategy", "arm", "n", "n_affected"])
    >>> strategy_sentences(one, frame, {"f": "Forward", "b": "Backward"}, small_cell=5)
    ['Rescue: hypothetical (values from the event on are set aside and missing at random); had by \
7 of Forward and fewer than 5 of Backward.']
    """
    if not estimand.events:
        return [_NO_RECORD]
    told = []
    for how, kinds in kinds_of(estimand).items():
        who = ""
        if counts is not None:
            numbers_of = counts.set_index(["kind", "arm"])["n"]
            each = [
                _listed([_people(float(numbers_of[kind, arm]), small_cell) for kind in kinds])
                for arm in arms
            ]
            parts = [f"{n} of {label}" for n, label in zip(each, arms.values(), strict=True)]
            between = " and " if len(kinds) == 1 else ", and "
            who = f"; had by {', '.join(parts[:-1])}{between}{parts[-1]}"
        names = _listed([plain_words(kind) for kind in kinds])
        strategy = how.replace("-", " ")
        told.append(f"{sentence_case(names)}: {strategy} ({estimand.in_words(how)}){who}.")
    return told


def kinds_of(estimand: Estimand) -> dict[str, list[str]]:
    """Return strategy to the kinds of events that have it, in the order of the trial file.

    >>> kinds_of(Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                   events=(("rescue", "hypothetical"), ("fever", "hypothetical"))))
    {'hypothetical': ['rescue', 'fever']}
    """
    kinds: dict[str, list[str]] = {}
    for kind, how in estimand.events:
        kinds.setdefault(how, []).append(kind)
    return kinds


def _listed(words: Sequence[str]) -> str:
    """Return words as a list of a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _people(n: float, small_cell: int) -> str:
    if isnan(n):
        return f"fewer than {small_cell}"
    return numbers.count(n)


def strategies_briefly(estimand: Estimand) -> str:
    """Return the strategies with their kinds, as part of a sentence.

    >>> strategies_briefly(Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"),
    ...                             events=(("rescue", "hypothetical"), ("death", "composite"))))
    'hypothetical for rescue, composite for death'
    """
    told = [
        f"{how.replace('-', ' ')} for {_listed([plain_words(kind) for kind in kinds])}"
        for how, kinds in kinds_of(estimand).items()
    ]
    return ", ".join(told) or "treatment policy"


def values_table(values: pd.DataFrame, *, labels: Labels, title: str) -> DisplayTable:
    """Return what stands at each visit (`tables.VALUES_BY_EVENT`) as text, a row a visit and arm.

    Columns of what stands nowhere are left out; NaN counts are marked as not shown.
    """
    shown = [name for name in _STANDS if name == "n_measured" or (values[name] != 0).any()]
    rows = display_rows(
        (
            labels.visit(str(row["visit"])),
            labels.arm(str(row["arm"])),
            *(HIDDEN if isnan(row[name]) else numbers.count(row[name]) for name in shown),
        )
        for row in numbers.frame_rows(values)
    )
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.4),
            DisplayColumn(key="arm", label="Arm", width=1.6),
            *(
                DisplayColumn(key=name, label=_STANDS[name], align="right", width=1.2)
                for name in shown
            ),
        ),
        rows=rows,
        caption=f"What stands in how many people after intercurrent events: {title}.",
        notes=hidden_notes(row[2:] for row in rows),
    )
