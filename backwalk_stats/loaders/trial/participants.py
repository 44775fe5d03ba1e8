"""Participants: their ids, rows, arms, covariates, analysis sets and order of treatments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backwalk_stats.errors import lines, nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.redcap import EVENT
from backwalk_stats.loaders.sheets.sheet import LINE
from backwalk_stats.loaders.trial.categories import RESPELT, respelt
from backwalk_stats.loaders.trial.covariate_values import covariate, is_site
from backwalk_stats.loaders.trial.labels import matched_labels
from backwalk_stats.loaders.trial.numbers import Column
from backwalk_stats.loaders.trial.sources import Source, long_advice
from backwalk_stats.loaders.trial_file.schema import TrialTables

CLUSTERS = ("participant", "cluster")
PARTS = ("participant", "visit", "outcome", "part", "value")
YES_NO = {
    **dict.fromkeys(("1", "yes", "y", "true", "ja", "oui", "si", "sí"), "yes"),
    **dict.fromkeys(("0", "no", "n", "false", "nein", "non"), "no"),
}
# What a reader that guesses types would have changed: 001, 12E3, more digits than a number keeps.
_CHANGED_ELSEWHERE = re.compile(r"0\d+|\d+[eE]\d+|\d{16,}|nan|na|null|none", re.IGNORECASE)


def check_ids(sources: Sequence[Source]) -> None:
    """Refuse empty ids, and ids of all files that are nearly the same; no id is ever changed."""
    for source in sources:
        ids = source.ids
        empty = ids.where([not one.strip() for one in ids.texts])
        action = "Give every participant an id, or delete the row"
        ids.fault("an id", "an empty cell", action, rows=empty)
        kept = sum(_CHANGED_ELSEWHERE.fullmatch(one) is not None for one in ids.texts)
        ids.repair("ids that look like numbers or missing values kept as the text they are", kept)
    spellings: dict[str, dict[str, tuple[Column, int]]] = defaultdict(dict)
    for ids in [source.ids for source in sources]:
        for one, row in zip(ids.texts, ids.lines, strict=True):
            if one.strip():
                spellings[folded(one)].setdefault(one, (ids, row))
    for group in spellings.values():
        if len(group) > 1:
            (ids, row), *others = group.values()
            told = "; ".join(f"{other.file} {lines([line])}" for other, line in others[:3])
            found = f"another spelling of it, by case or spaces only ({told})"
            action = "Write it the same way everywhere, or tell the two people apart"
            ids.fault("one spelling of an id", found, action, rows=[row])
    zeros: dict[str, set[str]] = defaultdict(set)
    for key in spellings:
        zeros[key.lstrip("0")].add(key)
    close = sum(len(keys) > 1 for keys in zeros.values())
    if close:
        sources[0].ids.warn("ids that differ by leading zeros only are different people", close)


def kept_rows(
    source: Source,
    row_visits: Sequence[str | None],
    *,
    visits: Sequence[str],
    measured: Collection[str] = (),
) -> list[int]:
    """Return the rows that are read, by position, after the declared policy on repeated ones.

    "first" and "last" keep one, "mean" keeps all: their values are averaged later. "reject" makes a
    fault of them, and keeps one, so that nothing else is said of the others. In a wide file the
    visit of each row is one empty text throughout. Rows of one person that `within` tells apart are
    no repeated ones. `measured` are the columns of outcomes, which tell nobody apart.
    """
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    inner = source.table.within
    parts = [""] * len(row_visits) if inner is None else list(map(folded, source.texts(inner)))
    for place, (one, visit) in enumerate(zip(source.participants, row_visits, strict=True)):
        if one.strip() and visit is not None:
            places[one, visit, parts[place]].append(place)
    again = [group for group in places.values() if len(group) > 1]
    everything = list(range(len(source.sheet.frame)))
    if not again:
        return everything
    policy = source.table.duplicates
    if policy == "reject":
        _refuse_repeated(source, again, visits=visits, measured=measured)
    else:
        action = {"first": "the first kept", "last": "the last kept", "mean": "averaged"}[policy]
        count = sum(len(group) - 1 for group in again)
        source.ids.repair(f"rows that occur again: {action}", count)
    if policy == "mean":
        return everything
    left = {place for group in again for place in (group[:-1] if policy == "last" else group[1:])}
    return [place for place in everything if place not in left]


def _refuse_repeated(
    source: Source,
    again: Sequence[Sequence[int]],
    *,
    visits: Sequence[str],
    measured: Collection[str],
) -> None:
    ids, wide = source.ids, source.table.layout == "wide"
    expected = "each participant once" if wide else "each visit of a participant once"
    advice = long_advice(source, visits=visits) if wide else ""
    records = source.sheet.frame.drop(columns=LINE).to_numpy().tolist()
    for same in (True, False):
        groups = [
            group
            for group in again
            if all(records[place] == records[group[0]] for place in group) is same
        ]
        rows = sorted(ids.lines[place] for group in groups for place in group)
        found = "rows that are the same" if same else "rows with other values"
        apart = "" if same or not groups else _tells_apart(source, groups, measured=measured)
        action = (
            advice
            or apart
            or (
                f"{'Delete all but one' if same else 'Keep the right one of them'}"
                '; or declare duplicates = "first", "last" or "mean"'
            )
        )
        ids.fault(expected, found, action, rows=rows)


def _tells_apart(
    source: Source, groups: Sequence[Sequence[int]], *, measured: Collection[str]
) -> str:
    """Return advice where a column tells the rows of one id apart: a centre, or a side.

    Such a column has few values in many rows, another one in each row of an id; where several do,
    places come first, then those with fewest values.
    """
    table = source.table
    taken = {*table.participant, source.id_column, *table.arm.values(), *measured}
    taken |= {*table.date.values(), *filter(None, (table.visit, table.randomised))}
    found: list[tuple[bool, int, str]] = []
    for name in source.columns:
        cells = [folded(text) for text in source.texts(name)]
        levels = len(set(cells))
        if name in taken or levels > max(2, len(cells) // 3):
            continue
        if all(len({cells[place] for place in group} - {""}) == len(group) for group in groups):
            found.append((not is_site(name), levels, name))
    if not found:
        return ""
    elsewhere, _, name = min(found)
    ids = ", ".join(f'"{one}"' for one in (name, *table.participant))
    people = f"if ids repeat between people, participant = [{ids}]"
    sides = f'if they are rows of one person, such as knees or sides, within = "{name}"'
    first, second = (sides, people) if elsewhere else (people, sides)
    return f"'{name}' tells the rows of an id apart: {first}; {second}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """Who is in which arm.

    Attributes
    ----------
    arms : dict of str to str
        Participant to arm; in a crossover, to the arm of the first period.
    by_visit : dict of (str, str) to str
        Participant and visit to arm; empty in a parallel design.
    """

    arms: dict[str, str]
    by_visit: dict[tuple[str, str], str]


def parallel_arms(tables: TrialTables, sources: Sequence[Source]) -> Allocation:
    """Return the arm of each participant; one who is in two arms is a fault."""
    arms: dict[str, str] = {}
    first: dict[str, tuple[str, int]] = {}
    for source in sources:
        name = source.table.arm.get("")
        if name is None:
            continue
        column = source.column(name)
        both = []
        arms_here = matched_arms(column, tables)
        for one, arm, line in zip(column.participants, arms_here, column.lines, strict=True):
            if arm is not None and one.strip() and arms.setdefault(one, arm) != arm:
                both.append((line, first[one]))
            first.setdefault(one, (source.file, line))
        if both and not _ids_repeat_within(source, measured=tables.outcome_columns):
            file, line = both[0][1]
            found = f"another arm than in {file}, line {line}"
            action = "Find out which arm is right; nobody is in two arms of a parallel trial"
            rows = [row for row, _ in both]
            column.fault("one arm for each participant", found, action, rows=rows)
    _check_without(tables, sources, arms)
    return Allocation(arms=arms, by_visit={})


def _ids_repeat_within(source: Source, *, measured: Collection[str]) -> bool:
    """Return whether rows of one id of a wide file are told apart, as by a centre: that is told."""
    table = source.table
    if table.layout != "wide" or table.duplicates != "reject" or table.within is not None:
        return False
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(source.participants):
        places[one].append(place)
    again = [group for group in places.values() if len(group) > 1]
    return bool(again and _tells_apart(source, again, measured=measured))


def crossover_arms(
    tables: TrialTables, sources: Sequence[Source], visits: Mapping[str, Sequence[str | None]]
) -> Allocation:
    """Return the arm of each participant in each period; a long file has the visit of each row."""
    by_visit: dict[tuple[str, str], str] = {}
    for source in sources:
        for at, name in source.table.arm.items():
            column = source.column(name)
            labels = matched_arms(column, tables)
            rows = [at] * len(labels) if at else visits.get(source.key, ())
            cells = zip(column.participants, rows, labels, column.lines, strict=False)
            clash = [
                line
                for one, visit, arm, line in cells
                if not (visit is None or arm is None)
                and by_visit.setdefault((one, visit), arm) != arm
            ]
            column.fault("one arm in each period", "another arm at the same visit", rows=clash)
    periods = [name for name in tables.visits.order if name != tables.visits.baseline]
    people = list(dict.fromkeys(one for one, _ in by_visit))
    arms: dict[str, str] = {}
    for one in people:
        _complete(one, periods=periods, names=tables.arm_names, by_visit=by_visit)
        walked = [by_visit[one, period] for period in periods if (one, period) in by_visit]
        if walked:
            arms[one] = walked[0]
            by_visit.setdefault((one, tables.visits.baseline), walked[0])
    _check_without(tables, sources, arms)
    return Allocation(arms=arms, by_visit=by_visit)


def _complete(
    one: str, *, periods: Sequence[str], names: Sequence[str], by_visit: dict[tuple[str, str], str]
) -> None:
    """Give the only period without an arm the only arm without a period."""
    open_periods = [period for period in periods if (one, period) not in by_visit]
    walked = {by_visit[one, period] for period in periods if (one, period) in by_visit}
    open_arms = [arm for arm in names if arm not in walked]
    if len(open_periods) == 1 and len(open_arms) == 1:
        by_visit[one, open_periods[0]] = open_arms[0]


def matched_arms(column: Column, tables: TrialTables) -> list[str | None]:
    """Return the arm of each row: a declared label, or the arm's own name."""
    known = {**{arm: arm for arm in tables.arm_names}, **tables.arms.labels}
    advice = "Add it to labels under [arms], or put it right in the data"
    return matched_labels(column, known=known, what="a label of an arm", advice=advice)


def _check_without(tables: TrialTables, sources: Sequence[Source], arms: Mapping[str, str]) -> None:
    """Tell participants whom no file puts into an arm, unless labels are the reason.

    Where a file could not be read, which is told, the arms may stand in it.
    """
    unread = len(sources) < len(tables.data)
    for source in sources:
        columns = [source.column(name) for name in source.table.arm.values()]
        if unread and not columns and source.findings.faults:
            continue
        if source.table.arm_from_event and _tells(source, EVENT):
            continue  # events without an arm are told
        lacking = [
            bool(one.strip())
            and one not in arms
            and not any(column.texts[place].strip() for column in columns)
            for place, one in enumerate(source.participants)
        ]
        rows = source.ids.where(lacking)
        action = "Fill in the arm that was allocated, or delete the participant's rows"
        found = "an empty cell" if columns else "a participant whom no file gives an arm"
        (columns[0] if columns else source.ids).fault("an arm", found, action, rows=rows)


def _tells(source: Source, column: str) -> bool:
    """Return whether a column of the file is refused already."""
    return any(one.column == column and one.file == source.file for one in source.findings.faults)


def participant_table(
    tables: TrialTables,
    sources: Sequence[Source],
    allocation: Allocation,
    findings: Findings,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return `Trial.participants`, in the order in which the files name people first.

    Beside it, covariate to what was taken for granted of it (`Covariate.assumption`).
    """
    order = dict.fromkeys(one for source in sources for one in source.participants)
    people = [one for one in order if one in allocation.arms]
    index = pd.Index(people, dtype="str")
    arms = [allocation.arms[one] for one in people]
    used = [arm for arm in tables.arm_names if arm in set(arms)]
    columns: dict[str, object] = {
        "participant": pd.Series(people, dtype="str"),
        "arm": pd.Categorical(arms, categories=used),
    }
    assumed: dict[str, str] = {}
    for source in sources:
        for name, said in source.table.covariates.items():
            own = source.table.missing_codes_by_column.get(said.column)
            column, models = source.column(said.column), tables.models_with(name)
            found = covariate(name, column, said, own_codes=own, models=models)
            columns[name] = found.of(index)
            if found.assumption:
                assumed[name] = found.assumption
    columns |= _sets(tables, sources, index, findings)
    if tables.trial.design == "crossover":
        columns["sequence"] = _sequences(tables, sources, allocation, people)
    return pd.DataFrame(columns), assumed


def _sets(
    tables: TrialTables, sources: Sequence[Source], index: pd.Index, findings: Findings
) -> dict[str, object]:
    """Return who belongs to which analysis set."""
    columns: dict[str, object] = {}
    sets = tables.sets
    for key, name in (("per_protocol", sets.per_protocol), ("received", sets.received)):
        if name is None:
            continue
        source = next((one for one in sources if name in one.columns), None)
        if source is None:
            there = [column for one in sources for column in one.columns]
            found, action = f"no column '{name}'", nearest(name, there)
            findings.add(f"sets.{key}", "a column of the data", found, action)
        elif key == "received":
            columns["arm_received"] = _received(source.column(name), index, tables)
        else:
            columns["per_protocol"] = _per_protocol(source.column(name), index)
    return columns


def _received(column: Column, index: pd.Index, tables: TrialTables) -> object:
    labels = matched_arms(column, tables)
    by_id = {one: arm for one, arm in zip(column.participants, labels, strict=True) if arm}
    arms = [by_id.get(one) for one in index]
    return pd.Categorical(arms, categories=[arm for arm in tables.arm_names if arm in arms])


def _per_protocol(column: Column, index: pd.Index) -> list[bool]:
    answers = matched_labels(column, known=YES_NO, what="yes or no", advice="")
    pairs = list(zip(column.participants, answers, strict=True))
    by_id = {one: answer for one, answer in pairs if answer}
    cells = zip(column.participants, column.texts, strict=True)
    rows = column.where([not text.strip() and one not in by_id for one, text in cells])
    action = "Say of every participant whether the protocol was kept"
    column.fault("yes or no", "an empty cell", action, rows=rows)
    return [by_id.get(one) == "yes" for one in index]


def _sequences(
    tables: TrialTables, sources: Sequence[Source], allocation: Allocation, people: Sequence[str]
) -> object:
    """Return the declared order of treatments, else the arms in the order of the periods."""
    declared: dict[str, str] = {}
    for source in sources:
        if source.table.sequence is not None:
            pairs = zip(source.participants, source.texts(source.table.sequence), strict=True)
            declared |= {one: text.strip() for one, text in pairs if text.strip()}
    periods = [name for name in tables.visits.order if name != tables.visits.baseline]
    walked = {
        one: "-".join(
            allocation.by_visit[one, period]
            for period in periods
            if (one, period) in allocation.by_visit
        )
        for one in people
    }
    texts = [declared.get(one, walked[one]) for one in people]
    return pd.Categorical(list(texts), categories=sorted(set(texts)))


# Who hangs together in a cluster, and which rows of a file are of one person.


def clusters(
    name: str, column: str, sources: Sequence[Source], people: Collection[str]
) -> pd.DataFrame | None:
    """Return the cluster of each person (`CLUSTERS`); None where that cannot be told.

    Each person is in one; someone without, or in two, is a fault, as is a column that is nowhere.
    """
    having = [source for source in sources if column in source.columns]
    if not having:
        for source in sources[:1]:
            source.findings.add(
                f"clusters.{name}", f"a column '{column}' of the data", "no such column"
            )
        return None
    of: dict[str, str] = {}
    for source in having:
        cells = source.column(column)
        known = set(people)
        both, empty = [], []
        for who, text, line in zip(source.participants, cells.texts, cells.lines, strict=True):
            if who not in known:
                continue
            if not text.strip() or text.strip() in cells.codes:
                empty.append(line)
            elif of.setdefault(who, folded(text)) != folded(text):
                both.append(line)
        cells.repair(RESPELT, respelt(cells.texts))
        cells.fault(f"a {name} for each participant", "an empty cell", rows=empty)
        cells.fault(f"one {name} for each participant", "another one", rows=both)
    return pd.DataFrame(sorted(of.items()), columns=list(CLUSTERS))


def parts(cells: pd.DataFrame, sources: Sequence[Source]) -> pd.DataFrame | None:
    """Return the values of rows that a column tells apart within a person (`PARTS`).

    None where no file has such rows. `cells` are those of all outcomes.
    """
    told: dict[tuple[str, int], str] = {}
    for source in sources:
        if source.table.within is None:
            continue
        column = source.column(source.table.within)
        empty = column.where([not text.strip() for text in column.texts])
        column.fault("a part of the person, such as the side", "an empty cell", rows=empty)
        for text, line in zip(column.texts, source.lines, strict=True):
            told[source.file, line] = folded(text)
    if not told:
        return None
    places = zip(cells["file"], cells["line"], strict=True)
    found = [told.get((str(file), int(line)), "") for file, line in places]
    own = cells.assign(part=found)
    own = own[own["part"] != ""]
    return own[list(PARTS)].reset_index(drop=True)
