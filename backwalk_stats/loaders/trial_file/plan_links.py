"""What outcomes, estimands and the rest of the plan name, held against what there is."""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.loaders.trial_file.plan_tables import EstimandTable, OutcomeTable
from backwalk_stats.loaders.trial_file.problem import Problem, unknown
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.words import RESERVED
from backwalk_stats.trial.estimand import BASELINE


def plan_problems(tables: TrialTables) -> Iterator[Problem]:
    """Yield what does not fit in outcomes, estimands, multiplicity, flow and adherence."""
    names = [one.name for one in tables.outcome]
    for place, outcome in enumerate(tables.outcome):
        key = f"outcome[{place}]"
        if names.index(outcome.name) < place:
            yield Problem(f"{key}.name", "every outcome once", f"'{outcome.name}' again")
        if outcome.name in RESERVED:
            found = f"'{outcome.name}', which the package uses itself"
            yield Problem(f"{key}.name", "another name", found)
        yield from _outcome_problems(outcome, key=key, tables=tables)
    ids = tables.estimand_ids
    for place, estimand in enumerate(tables.estimand):
        key = f"estimand[{place}]"
        if ids.index(ids[place]) < place:
            yield Problem(f"{key}.id", "every id once", f"'{ids[place]}' again")
        yield from _estimand_problems(estimand, key=key, tables=tables)
        yield from _analysis_problems(estimand, key=key, tables=tables)
    for name in tables.labels:
        if name not in tables.covariate_names:
            expected = "covariates of [[data]]; outcomes have a label of their own"
            yield unknown(f"labels.{name}", expected, name, tables.covariate_names)
    yield from _order_problems(tables)
    yield from _flow_problems(tables)
    yield from _adherence_problems(tables)


def _outcome_problems(outcome: OutcomeTable, *, key: str, tables: TrialTables) -> Iterator[Problem]:
    given = [
        name for name in ("columns", "column", "items") if getattr(outcome, name) not in ({}, None)
    ]
    if len(given) != 1:
        expected = "one of columns (wide), column (long) and items"
        yield Problem(key, expected, " and ".join(given) or "none of them")
    for name, by_visit in (("columns", outcome.columns), ("items", outcome.items)):
        for visit in by_visit:
            if visit and visit not in tables.visits.order:
                yield unknown(f"{key}.{name}", "visits", visit, tables.visits.order)
    if outcome.is_long and len(outcome.items) > 1:
        yield Problem(f"{key}.items", "a list, or a list for each visit", "both")
    if given and not any(table.layout == outcome.layout for table in tables.data):
        action = "columns and items by visit need a wide file; one column needs a long one"
        yield Problem(f"{key}.{given[0]}", f"a {outcome.layout} file", "none", action)
    if outcome.items and outcome.instrument is None:
        yield Problem(f"{key}.items", "an instrument that scores them", "none")
    files = [table.file for table in tables.data]
    if outcome.file is not None and outcome.file not in files:
        yield unknown(f"{key}.file", "a file of [[data]]", outcome.file, files)


def _estimand_problems(
    estimand: EstimandTable, *, key: str, tables: TrialTables
) -> Iterator[Problem]:
    outcome = next((one for one in tables.outcome if one.name == estimand.outcome), None)
    if outcome is None:
        names = [one.name for one in tables.outcome]
        yield unknown(f"{key}.outcome", "an outcome", estimand.outcome, names)
    later = [name for name in tables.visits.order if name != tables.visits.baseline]
    if outcome is not None and not outcome.is_long:
        measured = [*outcome.columns, *outcome.items]
        later = [name for name in later if name in measured]
    if estimand.visit is not None and estimand.visit not in later:
        yield unknown(f"{key}.visit", "a visit after baseline", estimand.visit, later)
    elif not later:
        yield Problem(f"{key}.visit", "a visit after baseline", "none where it is measured")
    yield from _contrast_problems(estimand, key=key, arms=tables.arm_names)
    yield from _covariate_problems(estimand, key=key, tables=tables)


def _contrast_problems(estimand: EstimandTable, *, key: str, arms: list[str]) -> Iterator[Problem]:
    for arm in estimand.contrast or ():
        if arm not in arms:
            yield unknown(f"{key}.contrast", "arms", arm, arms)
    if estimand.contrast is None and len(arms) != 2:
        action = 'Write contrast = ["arm", "reference"]'
        yield Problem(f"{key}.contrast", "the two arms compared", "no such key", action)
    if estimand.contrast is not None and estimand.contrast[0] == estimand.contrast[1]:
        yield Problem(f"{key}.contrast", "two arms", "the same arm twice")


def _covariate_problems(
    estimand: EstimandTable, *, key: str, tables: TrialTables
) -> Iterator[Problem]:
    known = tables.covariate_names
    for name in estimand.covariates or ():
        if name != BASELINE and name not in known:
            yield unknown(f"{key}.covariates", "covariates of [[data]]", name, [BASELINE, *known])
    if BASELINE in (estimand.covariates or ()) and not tables.visits.baseline:
        yield Problem(f"{key}.covariates", "no baseline, the trial having none", "'baseline'")
    for name in estimand.subgroups:
        if name not in known:
            yield unknown(f"{key}.subgroups", "covariates of [[data]]", name, known)


def _analysis_problems(
    estimand: EstimandTable, *, key: str, tables: TrialTables
) -> Iterator[Problem]:
    crossover = tables.trial.design == "crossover"
    if crossover != (estimand.analysis == "crossover"):
        expected = "'crossover', the design being so" if crossover else "another analysis"
        action = "The design stands under [trial]"
        yield Problem(f"{key}.analysis", expected, f"'{estimand.analysis}'", action)
    for listed in ("sensitivity", "covariates", "subgroups", "fallback"):
        words = getattr(estimand, listed) or []
        if len(set(words)) < len(words):
            yield Problem(f"{key}.{listed}", "every one once", "one a second time")
    if estimand.analysis in estimand.sensitivity:
        found = f"'{estimand.analysis}', the main analysis"
        yield Problem(f"{key}.sensitivity", "other analyses than the main one", found)
    if "sp_exp" in (estimand.covariance, *(estimand.fallback or ())) and not tables.visits.weeks:
        yield Problem("visits.weeks", "weeks, which sp_exp needs", "no such key")
    needs = {"per-protocol": "per_protocol", "as-treated": "received"}
    for word in (estimand.population, *estimand.sensitivity):
        column = needs.get(word)
        if column is not None and getattr(tables.sets, column) is None:
            expected = f"the column that says who, for '{word}'"
            yield Problem(f"sets.{column}", expected, "no such key", f"{key} asks for it")


def _order_problems(tables: TrialTables) -> Iterator[Problem]:
    table, ids = tables.multiplicity, tables.estimand_ids
    seen: list[str] = []
    for entry in table.order or ():
        family = entry.split("+")
        if len(family) > 1 and table.method != "gatekeeping":
            expected = "one id an entry; families are for gatekeeping"
            yield Problem("multiplicity.order", expected, f"'{entry}'")
        for name in map(str.strip, family):
            if name not in ids:
                yield unknown("multiplicity.order", "ids of estimands", name, ids)
            if name in seen:
                yield Problem("multiplicity.order", "every estimand once", f"'{name}' again")
            seen.append(name)


def _flow_problems(tables: TrialTables) -> Iterator[Problem]:
    stages = ("allocated", "received", "not_received", "lost", "discontinued", "analysed")
    for stage in stages:
        for arm in getattr(tables.flow, stage):
            if arm not in tables.arm_names:
                yield unknown(f"flow.{stage}", "arms", arm, tables.arm_names)


def _adherence_problems(tables: TrialTables) -> Iterator[Problem]:
    table = tables.adherence
    if table is None:
        return
    long = table.session is not None and table.status is not None
    partly = (table.session is None) != (table.status is None)
    if partly or long == bool(table.columns):
        expected = "either columns (one a session), or session and status (one row a session)"
        yield Problem("adherence", expected, "both, or not all of one")
    if len(set(table.columns)) < len(table.columns):
        yield Problem("adherence.columns", "every column once", "one a second time")
