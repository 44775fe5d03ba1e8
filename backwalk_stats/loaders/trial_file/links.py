"""What the tables of a trial file say against each other: every name must be somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath, PureWindowsPath

from backwalk_stats.errors import Faults, nearest
from backwalk_stats.loaders.sheets.encoding import folded, repeated
from backwalk_stats.loaders.trial_file.conduct_schema import check_conduct
from backwalk_stats.loaders.trial_file.data_schema import CovariateTable, DataTable
from backwalk_stats.loaders.trial_file.event_strategies import (
    check_event_tables,
    check_strategies,
)
from backwalk_stats.loaders.trial_file.families import check_multiplicity
from backwalk_stats.loaders.trial_file.kinds_and_margins import (
    against_margin,
    check_clusters,
    check_kind,
    check_rows_of_kind,
    unfit_for_kind,
)
from backwalk_stats.loaders.trial_file.schema import (
    RESERVED,
    EstimandTable,
    OutcomeTable,
    TrialTables,
)
from backwalk_stats.trial.estimand import BASELINE, BY_DISTANCE, REFERENCE_BASED

INSIDE = "a file beside or below the trial file"
BY_MATRIX = (  # analyses that take one covariance matrix of visits from the main model
    *REFERENCE_BASED,
    "last-mean-carried-forward",
    "multiple-imputation",
    "tipping-point",
    "bootstrap",
    "permutation",
)
COPY = "Copy the file into the trial's folder and name it from there"


def check_place(
    name: str, faults: Faults, *, folder: Path, key: str, row: int | None = None
) -> bool:
    """Return whether a file is beside or below the file that names it; tell where it is not.

    >>> faults = Faults("trial.toml")
    >>> check_place("data/scores.csv", faults, folder=Path("trial"), key="data[0].file")
    True
    >>> check_place("../scores.csv", faults, folder=Path("trial"), key="data[0].file")
    False
    >>> faults.faults[0].found
    'a path that leads out of the folder'
    """
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    found, action = "", COPY
    if posix.is_absolute() or windows.anchor:
        found = "an absolute path"
    elif "\\" in name:
        found, action = "a backslash", "Write folders with /"
    elif ".." in posix.parts:
        found = "a path that leads out of the folder"
    elif not (folder / posix).resolve().is_relative_to(folder.resolve()):
        found = "a link that leads out of the folder"
    if found:
        faults.add(key, INSIDE, found, action, row=row)
    return not found


def check_structure(
    tables: TrialTables, faults: Faults, *, folder: Path, exist: bool = True
) -> None:
    """Tell what does not fit in arms, visits and files: without them no data can be read.

    `exist` is false before there are data: then the files that are named need not be there.
    """
    _check_arms(tables, faults)
    _check_visits(tables, faults)
    _check_data(tables, faults)
    _check_files(tables, faults, folder=folder, exist=exist)


def _check_arms(tables: TrialTables, faults: Faults) -> None:
    arms = tables.arms
    labelled = list(arms.labels.values())
    if not labelled and not arms.names:
        action = 'Write them under [arms], as in labels = { BW = "backward" }'
        faults.add("arms", "the arms", "only the reference", action)
        return
    known = labelled or list(arms.names)
    if arms.reference not in known:
        faults.unknown("arms.reference", "an arm", arms.reference, known)
    for name in arms.names:
        if labelled and name not in labelled:
            faults.unknown(f"arms.names.{name}", "an arm", name, labelled)
    kinds: dict[str, str] = {}
    for label, arm in arms.labels.items():
        other = kinds.setdefault(folded(label), arm)
        if other != arm:
            expected = "labels that differ by more than case and spaces"
            faults.add(f"arms.labels.{label}", expected, f"one that also means '{other}'")
    if repeated(tables.arm_names):
        faults.add("arms", "arms that differ by more than case", "two that do not")


def _check_visits(tables: TrialTables, faults: Faults) -> None:
    visits = tables.visits
    for name in repeated(visits.order):
        faults.add("visits.order", "every visit once", f"'{name}' again")
    if visits.baseline and visits.baseline not in visits.order:
        faults.unknown("visits.baseline", "one of visits.order", visits.baseline, visits.order)
    elif visits.baseline and visits.baseline != visits.order[0]:
        action = "Visits stand in order of time, the baseline first"
        faults.add("visits.order", f"'{visits.baseline}' first", f"'{visits.order[0]}'", action)
    if not visits.baseline and tables.trial.design == "parallel":
        action = f"There are: {', '.join(visits.order)}"
        faults.add("visits.baseline", "the visit before treatment", "nothing", action)
    if visits.weeks is not None:
        weeks, n = visits.weeks, len(visits.order)
        if len(weeks) != n:
            expected = f"{n} weeks, one for each visit"
            faults.add("visits.weeks", expected, f"{len(weeks)}")
        elif any(a >= b for a, b in pairwise(weeks)):
            faults.add("visits.weeks", "weeks that increase", "a week that does not")
    _check_windows(tables, faults)
    for name in visits.labels:
        if name not in visits.order:
            faults.unknown(f"visits.labels.{name}", "one of visits.order", name, visits.order)


def _check_windows(tables: TrialTables, faults: Faults) -> None:
    """Tell windows of visits that are not there, of no width, or without dates to hold."""
    visits = tables.visits
    for name, (low, high) in visits.windows.items():
        key = f"visits.windows.{name}"
        if name not in visits.order:
            faults.unknown(key, "one of visits.order", name, visits.order)
        if low > high:
            faults.add(key, "the first day, then the last", f"{low:g} and {high:g}")
    if visits.windows and not any(table.date for table in tables.data):
        action = 'date = { W6 = "date_w6" }, or date = "date" in a long file'
        faults.add("visits.windows", "dates of the visits under [[data]]", "none", action)


def _check_data(tables: TrialTables, faults: Faults) -> None:
    seen: dict[str, str] = {}
    for place, table in enumerate(tables.data):
        key = f"data[{place}]"
        _check_layouts(table, faults, key=key, tables=tables)
        _check_ids(table, faults, key=key, tables=tables)
        _check_visit_labels(table, faults, key=key, tables=tables)
        for name, one in table.covariates.items():
            _check_covariate_table(one, faults, key=f"{key}.covariates.{name}")
            if [one.column] == table.participant:
                expected = "a covariate that is no id"
                found = "the column of the ids, which would be shown as categories"
                faults.add(f"{key}.covariates.{name}", expected, found, "Take it out")
            if name in RESERVED:
                action = f'Give it another name: covariates = {{ my_{name} = "..." }}'
                found = f"'{name}', which the package uses itself"
                faults.add(f"{key}.covariates", "another name", found, action)
            elif name in seen:
                found = f"'{name}', which {seen[name]} has too"
                faults.add(f"{key}.covariates", "every covariate in one file", found)
            seen.setdefault(name, table.file)
    if not any(table.arm or table.arm_from_event for table in tables.data):
        action = 'Add the column to one of the [[data]] tables: arm = "group"'
        faults.add("data", "a column of the arm", "none", action)
    names = [table.file for table in tables.data]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add("data", "every file once", f"'{name}' {names.count(name)} times")


def _check_covariate_table(said: CovariateTable, faults: Faults, *, key: str) -> None:
    """Tell keys of a number beside a category, and one code with two labels."""
    category = said.kind == "category" or (said.kind is None and bool(said.labels))
    if said.kind == "number" and said.labels:
        faults.add(f"{key}.labels", 'kind = "category" beside labels', 'kind = "number"')
    if category and said.unit is not None:
        faults.add(f"{key}.unit", 'kind = "number" beside a unit', "a category")
    kinds: dict[str, str] = {}
    for code, level in said.labels.items():
        other = kinds.setdefault(folded(code), level)
        if folded(other) != folded(level):
            expected = "codes that differ by more than case and spaces"
            faults.add(f"{key}.labels.{code}", expected, f"one that also means '{other}'")


def _check_layouts(table: DataTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    crossover = tables.trial.design == "crossover"
    long = table.layout == "long"
    if long and table.visit is None:
        faults.add(f"{key}.visit", "the column of the visit", "no such key", 'visit = "visit"')
    if not long and table.visit is not None:
        action = 'Set layout = "long" where each row is one visit of a participant'
        faults.add(f"{key}.visit", "this key only in a long layout", "a wide layout", action)
    for name, by_visit in (("arm", table.arm), ("date", table.date)):
        for visit in by_visit:
            if visit and visit not in tables.visits.order:
                faults.unknown(f"{key}.{name}", "visits", visit, tables.visits.order)
    if any(table.arm) and (long or not crossover):
        expected = "one column"
        action = "Only in a wide crossover does each visit have a column of the arm"
        faults.add(f"{key}.arm", expected, "a column for each visit", action)
    if long and any(table.date):
        faults.add(f"{key}.date", "one column, the layout being long", "a table")
    if not long and "" in table.date:
        expected = 'a column for each visit: date = { W0 = "..." }'
        faults.add(f"{key}.date", expected, "one column")
    if table.sequence is not None and not crossover:
        faults.add(f"{key}.sequence", "this key only in a crossover", "a parallel design")
    if table.decimal == "," and table.separator == ",":
        faults.add(f"{key}.separator", "another mark than the decimal", "the same")


def _check_ids(table: DataTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    """Tell an id that is not declared, or twice; rows without ids cannot be joined to others."""
    if not table.participant and not table.row_id:
        action = 'participant = "id"; or row_id = true where rows have no id'
        faults.add(f"{key}.participant", "the column of the ids", "no such key", action)
    elif table.participant and table.row_id:
        faults.add(f"{key}.row_id", "participant or row_id", "both")
    if table.row_id and (len(tables.data) > 1 or table.layout == "long"):
        expected = "one wide file: a row without an id is joined to nothing"
        faults.add(f"{key}.row_id", expected, "several files or a long one")
    if repeated(table.participant):
        faults.add(f"{key}.participant", "every column once", "one a second time")


def _check_visit_labels(table: DataTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    for label, visit in table.visit_labels.items():
        if visit not in tables.visits.order:
            there = tables.visits.order
            faults.unknown(f"{key}.visit_labels.{label}", "visits", visit, there)
    if table.arm and table.arm_from_event:
        faults.add(f"{key}.arm_from_event", "one place of the arm", "arm beside it")
    if table.instrument is not None and table.layout != "long":
        action = 'Rows of an instrument are visits: layout = "long"'
        faults.add(f"{key}.instrument", "this key in a long layout", "a wide layout", action)
    labels = [*tables.arms.labels, *tables.arm_names]
    for number, arm in table.arm_from_event.items():
        if folded(arm) not in map(folded, labels):
            faults.unknown(f"{key}.arm_from_event.{number}", "labels of arms", arm, labels)


def _check_files(tables: TrialTables, faults: Faults, *, folder: Path, exist: bool) -> None:
    named = [(f"data[{k}].file", table.file) for k, table in enumerate(tables.data)]
    named += [
        (f"data[{k}].dictionary", table.dictionary)
        for k, table in enumerate(tables.data)
        if table.dictionary is not None
    ]
    named += [(f"events[{k}].file", table.file) for k, table in enumerate(tables.events)]
    if tables.adherence is not None:
        named.append(("adherence.file", tables.adherence.file))
    if tables.harms is not None:
        named.append(("harms.file", tables.harms.file))
    if tables.motion is not None:
        named.append(("motion.file", tables.motion.file))
    for key, name in named:
        inside = check_place(name, faults, folder=folder, key=key)
        if inside and exist and not (folder / name).exists():
            there = sorted(path.name for path in folder.iterdir() if path.is_file())
            faults.add(key, INSIDE, f"no file '{name}'", nearest(name, there))


# What outcomes, estimands and the rest of the plan name, held against what there is.


def check_plan(tables: TrialTables, faults: Faults) -> None:
    """Tell what does not fit in outcomes, estimands, multiplicity, flow and adherence."""
    names = [one.name for one in tables.outcome]
    for place, outcome in enumerate(tables.outcome):
        key = f"outcome[{place}]"
        if names.index(outcome.name) < place:
            faults.add(f"{key}.name", "every outcome once", f"'{outcome.name}' again")
        if outcome.name in RESERVED:
            found = f"'{outcome.name}', which the package uses itself"
            action = (
                f'Call it more exactly, as in name = "pain_{outcome.name}"; its columns may stay'
            )
            faults.add(f"{key}.name", "another name", found, action)
        _check_outcome(outcome, faults, key=key, tables=tables)
    ids = tables.estimand_ids
    for place, estimand in enumerate(tables.estimand):
        key = f"estimand[{place}]"
        if ids.index(ids[place]) < place:
            faults.add(f"{key}.id", "every id once", f"'{ids[place]}' again")
        _check_estimand(estimand, faults, key=key, tables=tables)
        _check_analysis(estimand, faults, key=key, tables=tables)
    for name in tables.labels:
        if name not in tables.covariate_names:
            expected = "covariates of [[data]]; outcomes have a label of their own"
            faults.unknown(f"labels.{name}", expected, name, tables.covariate_names)
    for place, name in enumerate(tables.trial.strata):
        if name not in tables.covariate_names:
            known = tables.covariate_names
            faults.unknown(f"trial.strata[{place}]", "covariates of [[data]]", name, known)
    check_clusters(tables, faults)
    check_multiplicity(tables, faults)
    _check_flow(tables, faults)
    _check_adherence(tables, faults)
    check_event_tables(tables, faults)
    check_strategies(tables, faults)
    check_conduct(
        tables.harms,
        tables.intervention,
        faults,
        arms=tables.arm_names,
        crossover=tables.trial.design == "crossover",
    )


def _check_outcome(outcome: OutcomeTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    given = [
        name for name in ("columns", "column", "items") if getattr(outcome, name) not in ({}, None)
    ]
    check_kind(outcome, faults, key=key)
    check_rows_of_kind(outcome, faults, key=key, tables=tables)
    _check_places(outcome, faults, key=key, tables=tables)
    if len(given) != 1:
        expected = "one of columns (wide), column (long) and items"
        faults.add(key, expected, " and ".join(given) or "none of them")
    for name, by_visit in (("columns", outcome.columns), ("items", outcome.items)):
        for visit in by_visit:
            if visit and visit not in tables.visits.order:
                faults.unknown(f"{key}.{name}", "visits", visit, tables.visits.order)
    if outcome.is_long and len(outcome.items) > 1:
        faults.add(f"{key}.items", "a list, or a list for each visit", "both")
    if given and not any(table.layout == outcome.layout for table in tables.data):
        action = "columns and items by visit need a wide file; one column needs a long one"
        faults.add(f"{key}.{given[0]}", f"a {outcome.layout} file", "none", action)
    if outcome.items and outcome.instrument is None:
        faults.add(f"{key}.items", "an instrument that scores them", "none")
    files = [table.file for table in tables.data]
    if outcome.file is not None and outcome.file not in files:
        faults.unknown(f"{key}.file", "a file of [[data]]", outcome.file, files)


def _check_places(outcome: OutcomeTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    """Tell what does not fit in units, baselines and columns that are combined."""
    visits = tables.visits
    for visit in outcome.units:
        if visit not in visits.order:
            faults.unknown(f"{key}.units", "visits", visit, visits.order)
    several = [visit for visit, columns in outcome.columns.items() if len(columns) > 1]
    if several and outcome.combine is None:
        action = 'combine = "mean" takes the mean of those that are filled'
        faults.add(f"{key}.combine", "what becomes of several columns", "no such key", action)
    if outcome.combine is not None and not several:
        faults.add(f"{key}.combine", "several columns at a visit", "one at each")
    if outcome.baseline_column is None:
        return
    if not visits.baseline:
        faults.add(f"{key}.baseline_column", "no baseline, the trial having none", "this key")
    elif visits.baseline in {*outcome.columns, *outcome.items}:
        found = f"columns of '{visits.baseline}' beside it"
        faults.add(f"{key}.baseline_column", "one place of the baseline", found)


def _check_estimand(
    estimand: EstimandTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    outcome = next((one for one in tables.outcome if one.name == estimand.outcome), None)
    if outcome is None:
        names = [one.name for one in tables.outcome]
        faults.unknown(f"{key}.outcome", "an outcome", estimand.outcome, names)
    later = [name for name in tables.visits.order if name != tables.visits.baseline]
    if outcome is not None and not outcome.is_long:
        measured = [*outcome.columns, *outcome.items]
        later = [name for name in later if name in measured]
    if estimand.visit is not None and estimand.visit not in later:
        faults.unknown(f"{key}.visit", "a visit after baseline", estimand.visit, later)
    elif not later:
        faults.add(f"{key}.visit", "a visit after baseline", "none where it is measured")
    _check_contrast(estimand, faults, key=key, arms=tables.arm_names)
    _check_covariate(estimand, faults, key=key, tables=tables)


def _check_contrast(estimand: EstimandTable, faults: Faults, *, key: str, arms: list[str]) -> None:
    for arm in estimand.contrast or ():
        if arm not in arms:
            faults.unknown(f"{key}.contrast", "arms", arm, arms)
    if estimand.contrast is None and len(arms) != 2:
        action = 'Write contrast = ["arm", "reference"]'
        faults.add(f"{key}.contrast", "the two arms compared", "no such key", action)
    if estimand.contrast is not None and estimand.contrast[0] == estimand.contrast[1]:
        faults.add(f"{key}.contrast", "two arms", "the same arm twice")


def _check_covariate(
    estimand: EstimandTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    known = tables.covariate_names
    for found in _measured_later(estimand, tables):
        expected, action = "covariates measured before treatment", "Take it out of the covariates"
        faults.add(f"{key}.covariates", expected, found, action)
    for name in estimand.covariates or ():
        if name != BASELINE and name not in known:
            faults.unknown(f"{key}.covariates", "covariates of [[data]]", name, [BASELINE, *known])
    if BASELINE in (estimand.covariates or ()) and not tables.visits.baseline:
        faults.add(f"{key}.covariates", "no baseline, the trial having none", "'baseline'")
    for name in estimand.subgroups:
        if name not in known:
            faults.unknown(f"{key}.subgroups", "covariates of [[data]]", name, known)
    _check_without_baseline(estimand, faults, key=key, tables=tables)


def _measured_later(estimand: EstimandTable, tables: TrialTables) -> list[str]:
    """Return covariates that are the compared outcome itself, at a visit after baseline."""
    columns = {name: one.column for table in tables.data for name, one in table.covariates.items()}
    names = dict.fromkeys([*(estimand.covariates or ()), *estimand.subgroups])
    return [
        f"{name}, which is {estimand.outcome} at {visit}"
        for one in tables.outcome
        if one.name == estimand.outcome
        for visit, own in one.columns.items()
        for name in names
        if visit != tables.visits.baseline and columns.get(name) in own
    ]


def _check_without_baseline(
    estimand: EstimandTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    """Tell an estimand that needs the baseline of an outcome that is not measured then."""
    outcome = next((one for one in tables.outcome if one.name == estimand.outcome), None)
    before = tables.visits.baseline
    if outcome is None or not before or outcome.is_long or outcome.baseline_column is not None:
        return
    if before in {*outcome.columns, *outcome.items} or tables.trial.design == "crossover":
        return
    name = outcome.name
    main = tables.analysis_of(estimand)
    needing: list[str] = [main, *estimand.sensitivity]
    needing = [word for word in needing if word in ("change-score", "constrained-longitudinal")]
    for word in needing:
        found = f"'{word}', and {name} has none at {before}"
        action = 'analysis = "ancova" or "mmrm" with covariates that do not list it'
        under = "analysis" if word == main else "sensitivity"
        faults.add(f"{key}.{under}", "an analysis without a baseline", found, action)
    listed = estimand.covariates
    if listed is None or BASELINE in listed:
        found = "'baseline'" if listed else f"no such key, so that {name} at {before} is meant"
        others = [name for name in listed or () if name != BASELINE]
        choice = ", ".join(f'"{one}"' for one in others or tables.covariate_names[:1])
        action = "Write covariates = []"
        action += f" or covariates = [{choice}]" if choice else ""
        action += f"; or give the baseline: baseline_column, or columns with {before}"
        faults.add(
            f"{key}.covariates", f"covariates without baseline, as {name} has none", found, action
        )


def _check_analysis(
    estimand: EstimandTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    crossover, main = tables.trial.design == "crossover", tables.analysis_of(estimand)
    if crossover != (main == "crossover"):
        expected = "'crossover', the design being so" if crossover else "another analysis"
        action = "The design stands under [trial]"
        faults.add(f"{key}.analysis", expected, f"'{main}'", action)
    for under, *told in (*unfit_for_kind(estimand, tables), *against_margin(estimand, tables)):
        faults.add(f"{key}.{under}", *told)
    for listed in ("sensitivity", "covariates", "subgroups", "fallback"):
        words = getattr(estimand, listed) or []
        if len(set(words)) < len(words):
            faults.add(f"{key}.{listed}", "every one once", "one a second time")
    if main in estimand.sensitivity:
        found = f"'{main}', the main analysis"
        faults.add(f"{key}.sensitivity", "other analyses than the main one", found)
    spatial = [
        one for one in (estimand.covariance, *(estimand.fallback or ())) if one in BY_DISTANCE
    ]
    if spatial and estimand.times == "weeks" and not tables.visits.weeks:
        faults.add("visits.weeks", f"weeks, which {spatial[0]} needs", "no such key")
    for under, *told in _times_of(estimand, tables):
        faults.add(f"{key}.{under}", *told)
    needs = {"per-protocol": "per_protocol", "as-treated": "received"}
    for word in (estimand.population, *estimand.sensitivity):
        column = needs.get(word)
        if column is not None and getattr(tables.sets, column) is None:
            expected = f"the column that says who, for '{word}'"
            asking = faults.in_words(key) or key
            faults.add(f"sets.{column}", expected, "no such key", f"{asking} asks for it")


def _times_of(estimand: EstimandTable, tables: TrialTables) -> Iterator[tuple[str, str, str, str]]:
    """Yield times by date where nothing takes them: key, expected, found, what to do."""
    if estimand.times == "weeks":
        return
    if not {estimand.covariance, *(estimand.fallback or ())} & {*BY_DISTANCE}:
        expected = f"a covariance by distance ({', '.join(BY_DISTANCE)}), as times = 'dates'"
        yield "covariance", expected, f"'{estimand.covariance}'", ""
    if tables.analysis_of(estimand) != "mmrm":
        yield "times", "'weeks', or analysis = 'mmrm'", "'dates'", ""
    if not any(table.date for table in tables.data):
        action = 'date = { W6 = "date_w6" }, or date = "date" in a long file'
        yield "times", "dates of the visits under [[data]]", "none", action
    refused = [one for one in estimand.sensitivity if one in BY_MATRIX]
    if refused:
        expected = "analyses that do without one covariance matrix of visits, as times = 'dates'"
        action = "Leave them out, or declare times = 'weeks'"
        yield "sensitivity", expected, ", ".join(refused), action
    imputed = sorted({how for how in estimand.events.values() if how in REFERENCE_BASED})
    if imputed:
        expected = "strategies that impute nothing, as times = 'dates'"
        yield "events", expected, ", ".join(imputed), ""


def _check_flow(tables: TrialTables, faults: Faults) -> None:
    stages = ("allocated", "received", "not_received", "lost", "discontinued", "analysed")
    for stage in stages:
        for arm in getattr(tables.flow, stage):
            if arm not in tables.arm_names:
                faults.unknown(f"flow.{stage}", "arms", arm, tables.arm_names)
    _check_flow_sums(tables, faults)


def _check_flow_sums(tables: TrialTables, faults: Faults) -> None:
    """Tell declared counts that do not add up: a flow diagram would show them all."""
    flow = tables.flow
    put_right = "Put right which of them is wrong, or leave out what is not known"
    left = None if flow.assessed is None else flow.assessed - _total(flow.excluded)
    if left is not None and flow.excluded and flow.randomised not in (None, left):
        expected = f"assessed less excluded: {left}"
        faults.add("flow.randomised", expected, f"{flow.randomised}", put_right)
    if flow.randomised is not None and set(flow.allocated) == set(tables.arm_names):
        allocated = sum(flow.allocated.values())
        if allocated != flow.randomised:
            expected = f"as many as randomised: {flow.randomised}"
            faults.add("flow.allocated", expected, f"{allocated} in all arms", put_right)
    for arm in set(flow.allocated) & set(flow.received) & set(flow.not_received):
        treated = flow.received[arm] + _total(flow.not_received[arm])
        if treated != flow.allocated[arm]:
            expected = f"received and not received as allocated to {arm}: {flow.allocated[arm]}"
            faults.add("flow.received", expected, f"{treated}", put_right)


def _total(count: int | dict[str, int]) -> int:
    """Return a count, or the sum of those by reason."""
    return count if isinstance(count, int) else sum(count.values())


def _check_adherence(tables: TrialTables, faults: Faults) -> None:
    table = tables.adherence
    if table is None:
        return
    long = table.session is not None and table.status is not None
    partly = (table.session is None) != (table.status is None)
    if partly or long == bool(table.columns):
        expected = "either columns (one a session), or session and status (one row a session)"
        faults.add("adherence", expected, "both, or not all of one")
    if len(set(table.columns)) < len(table.columns):
        faults.add("adherence.columns", "every column once", "one a second time")
