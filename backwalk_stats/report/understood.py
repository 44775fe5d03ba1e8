"""What was understood of a trial file and its data, in words and counts, before anything is run.

Swapped labels of arms, a scale turned round and a wrong visit are caught by no check: whoever wrote
the file has to read what it came to. Values are told as ranges over all arms, never of fewer people
than a small cell; no outcome is told by arm.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from backwalk_stats.analyses.dry_run import Planned, exploratory_estimands, planned
from backwalk_stats.analyses.events import event_counts
from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.loaders.trial_file.outcome_scale import Measured
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.report.headline import margin_size
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables.numbers import plain
from backwalk_stats.tables.participants import strategy_sentences
from backwalk_stats.tables.small_cells import small_event_counts
from backwalk_stats.tables.trial_labels import NO_EFFECT
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.trial import Trial

MOST_LEVELS = 8  # of a category that are named
NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
WHO = {
    "all-randomised": "everyone randomised, in the arm of randomisation",
    "per-protocol": "those marked as having kept to the protocol",
    "as-treated": "everyone, in the arm received",
}
Told = dict[str, Any]


def understood(
    trial: Trial, tables: TrialTables, measured: Sequence[Measured], *, path: str
) -> Told:
    """Return what was understood, as JSON can hold it: people, outcomes, comparisons, what is next.

    `tables` and `measured` are of the trial file that the trial was loaded from, `path` its place.
    """
    estimands = (*trial.estimands, *exploratory_estimands(trial))
    answers = planned(trial, estimands)
    return {
        "trial": {
            "id": trial.study.id,
            "title": trial.study.title,
            "design": trial.study.design,
            "participants": len(trial.participants),
        },
        "arms": _arms(trial, tables.arms.labels),
        "left_out": _left_out(trial),
        "covariates": _covariates(trial),
        "hanging": _hanging(trial),
        "motion": trial.motion is not None,
        "outcomes": [_outcome(trial, one) for one in measured],
        "comparisons": [
            _comparison(trial, one, [own for own in answers if own.estimand is one])
            for one in estimands
        ],
        "next": shlex.join(["backwalk", "analyse", path, "--out", "report"]),
    }


def _arms(trial: Trial, labels: Mapping[str, str]) -> list[Told]:
    counts = trial.participants["arm"].astype("object").value_counts()
    return [
        {
            "arm": arm.name,
            "label": arm.label,
            "in_the_data": [code for code, name in labels.items() if name == arm.name],
            "reference": arm.name == trial.study.reference,
            "participants": int(counts.get(arm.name, 0)),
        }
        for arm in trial.study.arms
    ]


def _hanging(trial: Trial) -> str:
    """Return what hangs together, and how many there are; "" where every row is its own."""
    if trial.clusters is not None:
        n = trial.clusters["cluster"].nunique()
        return f"people within {trial.cluster_name}: {n} of them, a random intercept of each"
    if trial.parts is not None:
        parts = trial.parts["part"].nunique()
        return (
            f"rows within people: {parts} parts, a random intercept of the person; what describes "
            "people is of the mean of their rows"
        )
    return ""


def _left_out(trial: Trial) -> list[Told]:
    """Return the counts of people who are not among the participants, as declared or left out."""
    rows = trial.flow[trial.flow["stage"] == "excluded"]
    return [{"why": str(row["reason"]), "n": int(row["n"])} for row in rows.to_dict("records")]


def _covariates(trial: Trial) -> list[Told]:
    found = []
    for name in map(str, trial.participants.columns):
        if name in NOT_COVARIATES:
            continue
        column = trial.participants[name]
        levels = (
            [str(one) for one in column.cat.remove_unused_categories().cat.categories]
            if isinstance(column.dtype, pd.CategoricalDtype)
            else []
        )
        told: Told = {"name": name, "kind": "category" if levels else "number"}
        told |= {"levels": len(levels)} if levels else {}
        told |= {"labels": levels} if 0 < len(levels) <= MOST_LEVELS else {}
        told |= {"missing": int(column.isna().sum())}
        told |= {"assumed": trial.assumptions[name]} if name in trial.assumptions else {}
        found.append(told)
    return found


# Outcomes: what was scored how, and how many have it at which visit.


def _outcome(trial: Trial, one: Measured) -> Told:
    return {
        "name": one.outcome.name,
        "label": one.outcome.label,
        "instrument": one.outcome.instrument,
        "version": one.outcome.version,
        "subscale": one.outcome.subscale,
        "unit": one.outcome.unit,
        "low": one.outcome.low,
        "high": one.outcome.high,
        "kind": one.outcome.kind,
        "categories": list(one.outcome.categories),
        "exposure": one.outcome.exposure,
        "exposure_unit": one.outcome.exposure_unit,
        "better": one.outcome.better,
        "scoring": _scoring(one),
        "visits": _visits(trial, one.outcome),
    }


def _scoring(one: Measured) -> str:
    table, scale = one.table, one.scale
    told = "read as it stands"
    if table.items and scale is not None:
        rule = scale.rule(table.missing_rule)
        told = f"scored from {len(scale.items)} items ({scale.formula}); rule '{rule.name}' for "
        told += f"unanswered items: {rule.text}"
    if table.combine is not None and any(len(own) > 1 for own in table.columns.values()):
        told += f"; several columns of a visit: their {table.combine}"
    turned = [f"{visit} from {unit}" for visit, unit in table.units.items()]
    return told + (f"; {', '.join(turned)}" if turned else "")


def _visits(trial: Trial, outcome: Outcome) -> list[Told]:
    own = trial.data[trial.data["outcome"] == outcome.name]
    found = []
    for visit in trial.study.visit_names:
        here = own[own["visit"] == visit]
        values = here["value"].dropna()
        if values.empty:
            continue
        by_arm = here.loc[values.index, "arm"].astype("object").value_counts()
        shown = len(values) >= trial.small_cell and outcome.has_means
        found.append(
            {
                "visit": visit,
                "n": len(values),
                "missing": len(here) - len(values),
                "low": float(values.min()) if shown else None,
                "high": float(values.max()) if shown else None,
                "by_arm": {arm: int(by_arm.get(arm, 0)) for arm in trial.study.arm_names},
            }
        )
    return found


# Comparisons: each as a sentence, and of whom each analysis of it is.


def _comparison(trial: Trial, one: Estimand, answers: Sequence[Planned]) -> Told:
    return {
        "id": one.id,
        "role": one.role,
        "declared": one in trial.estimands,
        "sentence": sentence(trial, one),
        "events": after_events(trial, one),
        "analyses": [
            {
                "analysis": answer.analysis,
                "possible": not answer.reason,
                "reason": answer.reason,
                "n": dict(answer.n),
                "notes": list(answer.notes),
            }
            for answer in answers
        ],
    }


def sentence(trial: Trial, one: Estimand) -> str:
    """Return an estimand as a sentence that says what minus what, and which way is better."""
    outcome = trial.outcome(one.outcome)
    arm, reference = one.contrast
    way = "which way is better is not said"
    if outcome.better:
        sign = "below" if outcome.better == "lower" else "above"
        ratio = NO_EFFECT.get(main_quantity(one.analysis)) == 1.0
        effect = f"ratio {sign} 1" if ratio else f"difference {sign} 0"
        way = f"{outcome.better} is better, so a {effect} favours {arm}"
    if one.margin is not None:
        way += f"; {one.framework} with a margin of {margin_size(one, outcome)}"
    names = list(one.covariates)
    adjusted = f" adjusted for {', '.join(names)}" if names else " without covariates"
    if one.analysis in ("change-score", "rank-based", "mixed-anova", "crossover"):
        adjusted = ""
    when = "over the visits after baseline" if one.analysis == "gee" else f"at {one.visit}"
    return (
        f"{one.outcome} {when}: {arm} minus {reference}; {way}; "
        f"{ANALYSES[one.analysis]} ({one.analysis}){adjusted}; {WHO[one.population]}"
    )


def after_events(trial: Trial, one: Estimand) -> list[str]:
    """Return a sentence for each kind of intercurrent event; none without a record of events."""
    if not one.events:
        none = "every value counts, whatever events there were: the comparison is not declared"
        return [] if trial.events.empty else [none]
    counts = small_event_counts(event_counts(trial, one), small_cell=trial.small_cell)
    arms = {arm: arm for arm in trial.study.arm_names}
    return strategy_sentences(one, counts, arms, small_cell=trial.small_cell)


# The same as lines of text.


def in_lines(told: Told) -> list[str]:
    """Return what was understood as lines of plain text, without what comes next."""
    trial = told["trial"]
    lines = ["What was understood"]
    lines.append(
        f"  {trial['title']} ({trial['id']}): {trial['design']} trial of "
        f"{trial['participants']} people in {len(told['arms'])} arms"
    )
    lines += [_arm_line(arm) for arm in told["arms"]]
    lines += [f"  not among them: {one['n']} {one['why']}".rstrip() for one in told["left_out"]]
    lines += [_covariate_line(one) for one in told["covariates"]]
    lines += [f"  {told['hanging']}"] * bool(told["hanging"])
    lines += ["  recordings of lumbar motion are analysed besides"] * told["motion"]
    for one in told["outcomes"]:
        lines += ["", *_outcome_lines(one)]
    lines += ["", "What will be run" if told["comparisons"] else "Nothing will be compared"]
    for one in told["comparisons"]:
        lines += _comparison_lines(one)
    return lines


def _arm_line(arm: Told) -> str:
    codes = ", ".join(arm["in_the_data"])
    plainly = arm["label"].casefold() in ("", arm["arm"].replace("_", " ").replace("-", " "))
    name = arm["arm"] if plainly else f"{arm['arm']} ({arm['label']})"
    who = f"{codes} in the data = {name}" if codes else name
    n = arm["participants"]
    return f"  {who}: {n} {'person' if n == 1 else 'people'}{', the reference' * arm['reference']}"


def _covariate_line(one: Told) -> str:
    kind = one["kind"]
    if kind == "category":
        kind = f"category of {one['levels']} levels"
        kind += f" ({', '.join(one['labels'])})" if "labels" in one else ""
    told = f"  covariate {one['name']}: {kind}, {one['missing']} missing"
    return f"{told}; {one['assumed']}" if "assumed" in one else told


def _outcome_lines(one: Told) -> list[str]:
    what = [one["label"]]
    if one["instrument"]:
        named = [one["instrument"], one["version"], one["subscale"]]
        what.append("instrument " + " ".join(dict.fromkeys(filter(None, named))))
    low, high = ("no end" if end is None else plain(end) for end in (one["low"], one["high"]))
    if one["kind"] != "continuous":
        what.append(_kind_words(one))
    else:
        what.append(f"scale {low} to {high}" + (f" {one['unit']}" if one["unit"] else ""))
    way = f"{one['better']} is better" if one["better"] else "which way is better is not said"
    lines = [f"{one['name']}: {'; '.join([*what, way, one['scoring']])}"]
    for visit in one["visits"]:
        seen = f"  {visit['visit']}: n = {visit['n']}, {visit['missing']} missing"
        ends = "range not shown of so few" if one["kind"] == "continuous" else "values not told"
        if visit["low"] is not None:
            ends = f"range {plain(visit['low'])} to {plain(visit['high'])}"
        by_arm = ", ".join(f"{arm} {n}" for arm, n in visit["by_arm"].items())
        lines.append(f"{seen}, {ends} ({by_arm})")
    return lines


def _kind_words(one: Told) -> str:
    """Return what the values of an outcome that has no means are."""
    if one["kind"] == "binary":
        return f"yes or no, the event is '{one['categories'][0]}'"
    if one["kind"] == "ordinal":
        return f"ordered categories, low to high: {', '.join(one['categories'])}"
    over = f"over {one['exposure']}" if one["exposure"] else "over the same time for everybody"
    unit = f", in units of a {one['exposure_unit']}" if one["exposure_unit"] else ""
    return f"counts {over}{unit}"


def _comparison_lines(one: Told) -> list[str]:
    role = one["role"] if one["declared"] else "not declared: exploratory, at the last visit"
    lines = [f"  {one['id']} ({role}): {one['sentence']}"]
    lines += [f"    {told}" for told in one["events"]]
    for answer in one["analyses"]:
        if not answer["possible"]:
            lines.append(f"    {answer['analysis']}: cannot be carried out: {answer['reason']}")
            continue
        of = ", ".join(f"{arm} {n}" for arm, n in answer["n"].items())
        lines.append(f"    {answer['analysis']}: {of or 'within people'}")
        lines += [f"      {note}" for note in answer["notes"]]
    return lines
