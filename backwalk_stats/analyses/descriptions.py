"""The way of the participants through the trial: as declared, and as the data say."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from backwalk_stats.analyses.dry_run import analysed, exploratory_estimands
from backwalk_stats.analyses.events import (
    SET_ASIDE,
    event_counts,
    left_by_events,
    values_by_event,
)
from backwalk_stats.analyses.results import Answer
from backwalk_stats.instruments.kellgren_lawrence import INSTRUMENT as KELLGREN_LAWRENCE
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import BASELINE, FLOW, MISSINGNESS, SESSIONS
from backwalk_stats.trial.trial import Trial

ORDER = (
    "assessed",
    "excluded",
    "randomised",
    "allocated",
    "received",
    "not_received",
    "lost",
    "discontinued",
    "analysed",
    "excluded_from_analysis",
)
LEFT_OUT = "excluded_from_analysis"
OTHERWISE = "not measured, or without baseline or covariate"
WITH_REASONS = ("excluded", "not_received", "lost", "discontinued")
STATUSES = ("attended", "missed", "withdrawn")
NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
ALL = ""  # arm of the rows about all participants


def flow(trial: Trial) -> Result:
    """Return the counts of the flow diagram.

    Declared counts stand as they are. What is not declared comes from the data where they tell:
    randomised and allocated are the participants of the data, lost those without any outcome at the
    last visit, analysed those whom the main analysis of the first primary estimand uses, in its two
    arms; in another arm those of the first estimand that compares it. Where strategies for events
    leave people out of it, they are counted apart from those who were not measured.

    Frame flow (`tables.FLOW`): a row without a reason is the total of its stage. Notes tell where
    declared counts and data disagree, and what comes from the data.
    """
    declared = _with_totals(trial.flow)
    found, reason = _from_data(trial)
    known = set(zip(declared["stage"], declared["arm"], strict=True))
    added = [row for row in found if (row["stage"], row["arm"]) not in known]
    frame = pd.concat([declared, pd.DataFrame(added, columns=list(FLOW))], ignore_index=True)
    place = {stage: index for index, stage in enumerate(ORDER)}
    frame = frame.sort_values("stage", key=lambda column: column.map(place), kind="stable")
    frame = frame.reset_index(drop=True).astype({"n": "int64"})
    stages = list(dict.fromkeys(str(row["stage"]) for row in added))
    notes = [f"counted in the data, not declared: {', '.join(stages)}"] if stages else []
    if reason and "analysed" in stages:
        notes.append(f"nobody is analysed: the main analysis cannot be carried out: {reason}")
    answer = Answer(
        method="Counts as the trial file declares them; those that it does not are of the data.",
        notes=(*notes, *_disagreements(declared, found)),
        frames={"flow": frame},
    )
    return answer.result("flow")


def _with_totals(declared: pd.DataFrame) -> pd.DataFrame:
    """Return declared counts with a total for each stage that has reasons only."""
    totals = []
    for (stage, arm), part in declared.groupby(["stage", "arm"], sort=False):
        if stage in WITH_REASONS and (part["reason"] != "").all():
            totals.append({"stage": stage, "arm": arm, "reason": "", "n": int(part["n"].sum())})
    return pd.concat([pd.DataFrame(totals, columns=list(FLOW)), declared], ignore_index=True)


def _from_data(trial: Trial) -> tuple[list[dict[str, object]], str]:
    """Return what the data tell, and why the main analysis cannot be carried out."""
    people = trial.participants
    rows: list[dict[str, object]] = [_row("randomised", "", len(people))]
    if trial.study.design == "crossover":
        return rows, ""
    last = trial.data[trial.data["visit"] == trial.study.visit_names[-1]]
    came = set(last.loc[last["value"].notna(), "participant"])
    used, reason = analysed(trial, trial.estimands or exploratory_estimands(trial))
    for arm in trial.study.arm_names:
        own = set(people.loc[people["arm"].astype("object") == arm, "participant"])
        rows += [
            _row("allocated", arm, len(own)),
            _row("lost", arm, len(own - came)),
            _row("analysed", arm, used.get(arm, 0)),
        ]
    return [*rows, *_left_by_events(trial, used)], reason


def _left_by_events(trial: Trial, used: Mapping[str, int]) -> list[dict[str, object]]:
    """Return who is not analysed, where values were set aside, apart from all others.

    Of the first primary estimand, and its arms; nothing where nobody is left out for it.
    """
    primary = next((one for one in trial.estimands if one.role == "primary"), None)
    gone = {} if primary is None else left_by_events(trial, primary)
    if primary is None or not any(gone.values()) or primary.population == "as-treated":
        return []
    arms = trial.participants["arm"].astype("object").value_counts()
    rows: list[dict[str, object]] = []
    for arm in primary.contrast:
        total = int(arms.get(arm, 0)) - used.get(arm, 0)
        aside = min(gone.get(arm, 0), total)
        rows.append(_row(LEFT_OUT, arm, total))
        reasons = {SET_ASIDE: aside, OTHERWISE: total - aside}
        rows += [_row(LEFT_OUT, arm, n, reason) for reason, n in reasons.items() if n]
    return rows


def _row(stage: str, arm: str, n: int, reason: str = "") -> dict[str, object]:
    return {"stage": stage, "arm": arm, "reason": reason, "n": n}


def _disagreements(declared: pd.DataFrame, found: list[dict[str, object]]) -> list[str]:
    """Say where a declared count of people is not that of the data."""
    notes = []
    for row in found:
        if row["stage"] not in ("randomised", "allocated"):
            continue
        same = (declared["stage"] == row["stage"]) & (declared["arm"] == row["arm"])
        same &= declared["reason"] == ""
        for n in declared.loc[same, "n"]:
            if int(n) != row["n"]:
                of = f" to {row['arm']}" if row["arm"] else ""
                notes.append(f"{row['stage']}{of}: {n} are declared, {row['n']} are in the data")
    return notes


# What is missing, by outcome, visit and arm.


def missingness(trial: Trial) -> Result:
    """Return how many values are missing: frame missingness (`tables.MISSINGNESS`).

    A visit at which nobody has an outcome and no value is missing for a declared reason is taken as
    not planned and left out; the notes name it.
    """
    rows = []
    unplanned: dict[str, list[str]] = {}
    coded = set(zip(trial.missing["outcome"], trial.missing["visit"].astype(str), strict=True))
    for outcome in trial.outcomes:
        own = trial.data[trial.data["outcome"] == outcome.name]
        for visit in trial.study.visit_names:
            here = own[own["visit"] == visit]
            if not here["value"].notna().any() and (outcome.name, visit) not in coded:
                unplanned.setdefault(outcome.label, []).append(visit)
                continue
            for arm in trial.study.arm_names:
                values = here.loc[here["arm"].astype("object") == arm, "value"]
                n, seen = len(values), int(values.notna().sum())
                share = 100.0 * (n - seen) / n if n else np.nan
                rows.append((outcome.name, visit, arm, n, seen, n - seen, share))
    told = "; ".join(f"{label} at {', '.join(visits)}" for label, visits in unplanned.items())
    notes = (f"nobody has a value, so not counted: {told}",) if unplanned else ()
    answer = Answer(
        method=(
            "Values missing of the participants of each arm, by outcome and visit"
            f"{', as they were measured, before any is set aside' * bool(len(trial.events))}."
        ),
        notes=notes,
        frames={"missingness": pd.DataFrame(rows, columns=list(MISSINGNESS))},
    )
    return answer.result("missingness")


# Sessions attended, missed, and after withdrawal, by arm.


def adherence(trial: Trial) -> Result:
    """Return attendance by session and arm: frame sessions (`tables.SESSIONS`).

    It is empty where the trial file declares no adherence.
    """
    arms = trial.participants.set_index("participant")["arm"].astype("object")
    recorded = trial.adherence.assign(arm=trial.adherence["participant"].map(arms))
    counts = recorded.groupby(["arm", "session", "status"]).size()
    rows = []
    for arm in trial.study.arm_names:
        for session in sorted(recorded.loc[recorded["arm"] == arm, "session"].unique()):
            found = [int(counts.get((arm, session, status), 0)) for status in STATUSES]
            rows.append((arm, int(session), *found, sum(found)))
    answer = Answer(
        method="Sessions recorded as attended, missed, or after withdrawal.",
        notes=() if rows else ("the trial file declares no record of sessions",),
        frames={"sessions": pd.DataFrame(rows, columns=list(SESSIONS))},
    )
    return answer.result("adherence")


# Who takes part: covariates and outcomes before treatment, by arm, without a test.


# Grades are counted and never averaged.
GRADES = (KELLGREN_LAWRENCE.code, *(alias for alias, _ in KELLGREN_LAWRENCE.aliases))


def baseline(trial: Trial) -> Result:
    """Return the table of participants at baseline.

    Arms of a randomised trial differ at baseline by chance alone, so nothing is tested (CONSORT
    2025, item 20). Frame baseline (`tables.BASELINE`): a row for each variable and arm, or level
    and arm; kind is "number" or "category"; arm "" is everyone. n counts those with a value, and
    per cent is of these. In a crossover everyone is in the rows of arm "" only.
    """
    people = trial.participants
    covariates = [str(name) for name in people.columns if name not in NOT_COVARIATES]
    columns = {name: _graded(name, people[name]) for name in covariates}
    columns |= _outcomes(trial)
    crossover = trial.study.design == "crossover"
    arms: dict[str, np.ndarray] = {}
    for name in () if crossover else trial.study.arm_names:
        arms[name] = (people["arm"].astype("object") == name).to_numpy()
    arms[ALL] = np.ones(len(people), dtype=bool)
    rows = [
        row
        for variable, column in columns.items()
        for arm, own in arms.items()
        for row in _rows(variable, column.reset_index(drop=True), arm, own)
    ]
    answer = Answer(
        method=(
            "Numbers: mean, SD, median and quartiles; categories: count and per cent of those with "
            "a value. No significance test: arms of a randomised trial differ by chance."
        ),
        frames={"baseline": pd.DataFrame(rows, columns=list(BASELINE))},
    )
    return answer.result("baseline")


def _graded(name: str, column: pd.Series) -> pd.Series:
    """Return a covariate, as labels where its numbers are grades."""
    is_grade = name.lower().replace("_", "-") in GRADES
    if not is_grade or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    levels = sorted(column.dropna().unique())
    return column.astype(pd.CategoricalDtype(levels)).cat.rename_categories(
        [f"{level:g}" for level in levels]
    )


def _outcomes(trial: Trial) -> dict[str, pd.Series]:
    """Return the outcomes at baseline, in the order of the participants."""
    visit = trial.study.baseline
    found: dict[str, pd.Series] = {}
    if not visit:
        return found
    here = trial.data[trial.data["visit"] == visit]
    for outcome in trial.outcomes:
        own = here[here["outcome"] == outcome.name].set_index("participant")["value"]
        values = own.reindex(trial.participants["participant"])
        if values.notna().any():
            found[outcome.name] = _as_answered(values, outcome)
    return found


def _as_answered(values: pd.Series, outcome: Outcome) -> pd.Series:
    """Return events and categories by their names: they are counted and never averaged."""
    if outcome.kind not in ("binary", "ordinal"):
        return values
    names = pd.Index(outcome.categories)
    codes = values.fillna(-1.0).astype(int).to_numpy()
    if outcome.kind == "binary":
        two = pd.Index([f"not {names[0]}", names[0]])
        return pd.Series(pd.Categorical.from_codes(codes, two), index=values.index)
    codes = np.where(codes < 0, codes, codes - 1)
    return pd.Series(pd.Categorical.from_codes(codes, names, ordered=True), index=values.index)


def _rows(variable: str, column: pd.Series, arm: str, own: np.ndarray) -> list[dict[str, object]]:
    given = column[own]
    n = int(given.notna().sum())
    shared: dict[str, object] = {"variable": variable, "arm": arm, "n": n}
    shared |= {"n_missing": int(own.sum()) - n, "level": ""}
    if isinstance(column.dtype, pd.CategoricalDtype):
        counts = given.value_counts()
        return [
            {
                **shared,
                "kind": "category",
                "level": str(level),
                "count": int(counts.get(level, 0)),
                "percent": 100.0 * int(counts.get(level, 0)) / n if n else np.nan,
            }
            for level in column.cat.remove_unused_categories().cat.categories
        ]
    values = given.dropna().to_numpy(dtype=float)
    quartiles = np.quantile(values, [0.25, 0.5, 0.75]) if n else [np.nan] * 3
    numbers = {
        "mean": values.mean() if n else np.nan,
        "sd": values.std(ddof=1) if n > 1 else np.nan,
        "q1": quartiles[0],
        "median": quartiles[1],
        "q3": quartiles[2],
    }
    return [{**shared, "kind": "number", **numbers}]


# Intercurrent events, and what the strategies of an estimand make of the values after them.


def events(trial: Trial, estimand: Estimand) -> Result:
    """Return the events of an estimand as counts: frames event_counts and values_by_event."""
    answer = Answer(
        method=(
            "Intercurrent events by kind and arm, and what stands at each visit after the "
            "strategies: the values as measured, values set aside, the worst score, the last value "
            "before an event, or nothing, as nothing was measured."
        ),
        frames={
            "event_counts": event_counts(trial, estimand),
            "values_by_event": values_by_event(trial, estimand),
        },
    )
    return answer.result("events", estimand=estimand)
