"""The plan of a trial as records: study, estimands, order of testing, declared flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from backwalk_stats.loaders.trial_file.event_strategies import COMPOSITE, worst_score, worst_words
from backwalk_stats.loaders.trial_file.schema import EstimandTable, FlowTable, TrialTables
from backwalk_stats.trial.conduct import Conduct
from backwalk_stats.trial.estimand import BASELINE, MARGIN_SCALES, Estimand, Strategy
from backwalk_stats.trial.outcome import Outcome, in_words
from backwalk_stats.trial.study import Arm, Decision, Study, Visit
from backwalk_stats.trial.tables import FLOW

# What stays as the record has it where the trial file is silent.
_OF_THE_RECORD = ("fallback", "imputations", "resamples")


def study(tables: TrialTables, *, arms: Sequence[str] | None = None) -> Study:
    """Return identity and plan of a trial, with the arms that the data have, else all of them."""
    trial = tables.trial
    kept = tables.arm_names if arms is None else [arm for arm in tables.arm_names if arm in arms]
    names = tables.arms.names
    return Study(
        id=trial.id,
        title=trial.title,
        seed=trial.seed,
        design=trial.design,
        arms=tuple(Arm(name=arm, label=names.get(arm, in_words(arm))) for arm in kept),
        visits=tuple(_visits(tables)),
        baseline=tables.visits.baseline,
        registration=trial.registration,
        deviations=tuple(trial.deviations),
        strata=tuple(trial.strata),
        decisions=tuple(Decision(**dict(one)) for one in tables.decision),
        unblinded=trial.unblinded,
    )


def conduct(tables: TrialTables) -> Conduct:
    """Return what is said in prose."""
    return Conduct(interventions=tables.intervention, methods=tables.methods)


def _visits(tables: TrialTables) -> Iterator[Visit]:
    visits = tables.visits
    for place, name in enumerate(visits.order):
        week = None if visits.weeks is None else float(visits.weeks[place])
        label = name if week is None else f"Week {week:g}"
        label = "Baseline" if name == visits.baseline else label
        yield Visit(name=name, week=week, label=visits.labels.get(name, label))


def estimands(tables: TrialTables, outcomes: Sequence[Outcome]) -> tuple[Estimand, ...]:
    """Return the estimands, with what the trial file leaves out filled in.

    The id is E1, E2 ... by place; the visit is the last one at which the outcome is measured; the
    contrast of two arms is the other one against the reference; the role is that of the outcome;
    the covariate is the baseline where the trial has one.
    """
    known = {outcome.name: outcome for outcome in outcomes}
    pairs = zip(tables.estimand_ids, tables.estimand, strict=True)
    return tuple(
        _estimand(name, table, outcome=known[table.outcome], tables=tables) for name, table in pairs
    )


def _estimand(
    name: str, table: EstimandTable, *, outcome: Outcome, tables: TrialTables
) -> Estimand:
    contrast = table.contrast or tables.arm_names[:2][::-1]
    default = (BASELINE,) if tables.visits.baseline else ()
    analysis = tables.analysis_of(table)
    if analysis == "crossover":
        default = ()
    covariates = default if table.covariates is None else tuple(table.covariates)
    given = {key: getattr(table, key) for key in _OF_THE_RECORD}
    given = {key: value for key, value in given.items() if value is not None}
    if "fallback" in given:
        given["fallback"] = tuple(given["fallback"])
    return Estimand(
        id=name,
        outcome=table.outcome,
        visit=table.visit or last_visit(table.outcome, tables),
        contrast=(contrast[0], contrast[1]),
        role=table.role or outcome.role,
        population=table.population,
        events=_strategies(table),
        composite=_composite(table, outcome),
        worst=worst_words(outcome) if COMPOSITE in table.events.values() else "",
        analysis=analysis,
        covariates=covariates,
        sensitivity=tuple(table.sensitivity),
        covariance=table.covariance,
        times=table.times,
        df=table.df,
        level=table.level,
        subgroups=tuple(table.subgroups),
        framework=table.framework,
        margin=table.margin,
        margin_scale=table.margin_scale or MARGIN_SCALES.get(analysis, ("difference",))[0],
        **given,
    )


def _strategies(table: EstimandTable) -> tuple[tuple[str, Strategy], ...]:
    """Return the declared strategies; one that is refused never comes so far."""
    return tuple((kind, how) for kind, how in table.events.items() if how != "principal-stratum")


def _composite(table: EstimandTable, outcome: Outcome) -> float | None:
    """Return what stands from a composite event on: the worst score, None without such events."""
    if COMPOSITE not in table.events.values():
        return None
    worst = worst_score(outcome)
    return table.composite if worst is None else worst


def last_visit(outcome: str, tables: TrialTables) -> str:
    """Return the last visit at which an outcome is measured."""
    table = next(one for one in tables.outcome if one.name == outcome)
    measured = [name for name in tables.visits.order if name in {*table.columns, *table.items}]
    return (measured or tables.visits.order)[-1]


def covariate_labels(tables: TrialTables) -> dict[str, str]:
    """Return covariates as readers see them: as labelled, and with the unit where one is declared.

    A unit that the label names already is not said again.
    """
    labels = dict(tables.labels)
    said = {name: one for table in tables.data for name, one in table.covariates.items()}
    for name, one in said.items():
        text = labels.get(name, in_words(name))
        if one.unit is not None and one.unit not in text:
            labels[name] = f"{text} ({one.unit})"
    return labels


def flow(table: FlowTable, *, not_kept: int = 0) -> pd.DataFrame:
    """Return the declared counts of participants with the columns of `tables.FLOW`.

    Where no exclusions are declared, those whom `keep` leaves out are the excluded. The stage is
    the key of the trial file; arm or reason is "" where a count has none.

    >>> flow(FlowTable(assessed=90, excluded={"declined": 30})).to_dict("records")[1]
    {'stage': 'excluded', 'arm': '', 'reason': 'declined', 'n': 30}
    """
    excluded = table.excluded or ({"not randomised": not_kept} if not_kept else {})
    rows = [
        *_whole("assessed", table.assessed),
        *(("excluded", "", reason, n) for reason, n in excluded.items()),
        *_whole("randomised", table.randomised),
        *_by_arm("allocated", table.allocated),
        *_by_arm("received", table.received),
        *_by_arm_and_reason("not_received", table.not_received),
        *_by_arm_and_reason("lost", table.lost),
        *_by_arm_and_reason("discontinued", table.discontinued),
        *_by_arm("analysed", table.analysed),
    ]
    frame = pd.DataFrame(rows, columns=list(FLOW))
    return frame.astype({"stage": "str", "arm": "str", "reason": "str", "n": "int64"})


_Row = tuple[str, str, str, int]


def _whole(stage: str, n: int | None) -> list[_Row]:
    return [] if n is None else [(stage, "", "", n)]


def _by_arm(stage: str, counts: Mapping[str, int]) -> list[_Row]:
    return [(stage, arm, "", n) for arm, n in counts.items()]


def _by_arm_and_reason(stage: str, counts: Mapping[str, Mapping[str, int]]) -> list[_Row]:
    return [
        (stage, arm, reason, n) for arm, reasons in counts.items() for reason, n in reasons.items()
    ]
