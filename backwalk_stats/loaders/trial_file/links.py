"""What the tables of a trial file say against each other: every name must be somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from backwalk_stats.loaders.label_folding import folded, repeated
from backwalk_stats.loaders.trial_file.data_tables import DataTable
from backwalk_stats.loaders.trial_file.faults import nearest
from backwalk_stats.loaders.trial_file.folder_files import INSIDE, place_problem
from backwalk_stats.loaders.trial_file.problem import Problem, unknown
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.words import RESERVED


def structure_problems(tables: TrialTables, *, folder: Path) -> list[Problem]:
    """Return what does not fit in arms, visits and files: without them no data can be read."""
    return [
        *_arm_problems(tables),
        *_visit_problems(tables),
        *_data_problems(tables),
        *_file_problems(tables, folder=folder),
    ]


def _arm_problems(tables: TrialTables) -> Iterator[Problem]:
    arms = tables.arms
    labelled = list(arms.labels.values())
    if not labelled and not arms.names:
        action = 'Write them under [arms.labels], as in BW = "backward"'
        yield Problem("arms", "the arms", "only the reference", action)
        return
    known = labelled or list(arms.names)
    if arms.reference not in known:
        yield unknown("arms.reference", "an arm", arms.reference, known)
    for name in arms.names:
        if labelled and name not in labelled:
            yield unknown(f"arms.names.{name}", "an arm", name, labelled)
    kinds: dict[str, str] = {}
    for label, arm in arms.labels.items():
        other = kinds.setdefault(folded(label), arm)
        if other != arm:
            expected = "labels that differ by more than case and spaces"
            yield Problem(f"arms.labels.{label}", expected, f"one that also means '{other}'")
    if repeated(tables.arm_names):
        yield Problem("arms", "arms that differ by more than case", "two that do not")


def _visit_problems(tables: TrialTables) -> Iterator[Problem]:
    visits = tables.visits
    for name in repeated(visits.order):
        yield Problem("visits.order", "every visit once", f"'{name}' again")
    if visits.baseline and visits.baseline not in visits.order:
        yield unknown("visits.baseline", "one of visits.order", visits.baseline, visits.order)
    elif visits.baseline and visits.baseline != visits.order[0]:
        action = "Visits stand in order of time, the baseline first"
        yield Problem("visits.order", f"'{visits.baseline}' first", f"'{visits.order[0]}'", action)
    if not visits.baseline and tables.trial.design == "parallel":
        action = f"There are: {', '.join(visits.order)}"
        yield Problem("visits.baseline", "the visit before treatment", "nothing", action)
    if visits.weeks is not None:
        weeks, n = visits.weeks, len(visits.order)
        if len(weeks) != n:
            expected = f"{n} weeks, one for each visit"
            yield Problem("visits.weeks", expected, f"{len(weeks)}")
        elif any(a >= b for a, b in pairwise(weeks)):
            yield Problem("visits.weeks", "weeks that increase", "a week that does not")
    for name in visits.labels:
        if name not in visits.order:
            yield unknown(f"visits.labels.{name}", "one of visits.order", name, visits.order)


def _data_problems(tables: TrialTables) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for place, table in enumerate(tables.data):
        key = f"data[{place}]"
        yield from _layout_problems(table, key=key, tables=tables)
        for name in table.covariates:
            if name in RESERVED:
                action = f'Give it another name: covariates = {{ my_{name} = "..." }}'
                found = f"'{name}', which the package uses itself"
                yield Problem(f"{key}.covariates", "another name", found, action)
            elif name in seen:
                found = f"'{name}', which {seen[name]} has too"
                yield Problem(f"{key}.covariates", "every covariate in one file", found)
            seen.setdefault(name, table.file)
    if not any(table.arm for table in tables.data):
        action = 'Add the column to one of the [[data]] tables: arm = "group"'
        yield Problem("data", "a column of the arm", "none", action)
    names = [table.file for table in tables.data]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("data", "every file once", f"'{name}' {names.count(name)} times")


def _layout_problems(table: DataTable, *, key: str, tables: TrialTables) -> Iterator[Problem]:
    crossover = tables.trial.design == "crossover"
    long = table.layout == "long"
    if long and table.visit is None:
        yield Problem(f"{key}.visit", "the column of the visit", "no such key", 'visit = "visit"')
    if not long and table.visit is not None:
        action = 'Set layout = "long" where each row is one visit of a participant'
        yield Problem(f"{key}.visit", "this key only in a long layout", "a wide layout", action)
    for name, by_visit in (("arm", table.arm), ("date", table.date)):
        for visit in by_visit:
            if visit and visit not in tables.visits.order:
                yield unknown(f"{key}.{name}", "visits", visit, tables.visits.order)
    if any(table.arm) and (long or not crossover):
        expected = "one column"
        action = "Only in a wide crossover does each visit have a column of the arm"
        yield Problem(f"{key}.arm", expected, "a column for each visit", action)
    if long and any(table.date):
        yield Problem(f"{key}.date", "one column, the layout being long", "a table")
    if not long and "" in table.date:
        expected = 'a column for each visit: date = { W0 = "..." }'
        yield Problem(f"{key}.date", expected, "one column")
    if table.sequence is not None and not crossover:
        yield Problem(f"{key}.sequence", "this key only in a crossover", "a parallel design")
    if table.decimal == "," and table.separator == ",":
        yield Problem(f"{key}.separator", "another mark than the decimal", "the same")


def _file_problems(tables: TrialTables, *, folder: Path) -> Iterator[Problem]:
    named = [(f"data[{k}].file", table.file) for k, table in enumerate(tables.data)]
    named += [
        (f"data[{k}].dictionary", table.dictionary)
        for k, table in enumerate(tables.data)
        if table.dictionary is not None
    ]
    if tables.adherence is not None:
        named.append(("adherence.file", tables.adherence.file))
    if tables.motion is not None:
        named.append(("motion.file", tables.motion.file))
    for key, name in named:
        problem = place_problem(name, folder)
        if problem is not None:
            yield Problem(key, INSIDE, problem[0], problem[1])
        elif not (folder / name).exists():
            there = sorted(path.name for path in folder.iterdir() if path.is_file())
            yield Problem(key, INSIDE, f"no file '{name}'", nearest(name, there))
