"""Intercurrent events from files of their own: who had which, and the first visit that it affects.

A value is after an event where it was measured at the named visit or a later one; by dates, where
the date of its visit is later. Dates are compared and then left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import lines, nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.labels import SHOWN, matched_labels
from backwalk_stats.loaders.trial.numbers import Column
from backwalk_stats.loaders.trial.personal_columns import check_identifiers
from backwalk_stats.loaders.trial.shaping import with_ids
from backwalk_stats.loaders.trial.sources import Source, TrialView, has_columns, read_declared
from backwalk_stats.loaders.trial.visit_dates import days_of
from backwalk_stats.loaders.trial_file.data_schema import CovariateTable, DataTable, EventsTable
from backwalk_stats.loaders.trial_file.event_strategies import POLICY, is_death
from backwalk_stats.loaders.trial_file.schema import TrialTables, VisitsTable
from backwalk_stats.trial.estimand import REFERENCE_BASED, Estimand
from backwalk_stats.trial.tables import EVENTS

Days = Mapping[str, Mapping[str, date]]
LONGEST = 40  # letters of a kind that is shown; longer ones are remarks on a person
_BEFORE = (
    "events that affect {visit} already, before treatment: are they intercurrent events? {visit} "
    "stays as it was measured, and all later values count as after them"
)
_NO_PLAN = (
    "the date of an event lies before visits without a date, which count as after it: weeks under "
    "[visits] would say when they were planned"
)
_UNDATED = (
    "values without the date of their visit, of people with an event by date: the planned day of "
    "the visit decides whether they are after it; give the dates"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of the people when their events are read.

    Attributes
    ----------
    people : collection of str
        The participants of the trial.
    left : collection of str
        Ids of people whom `keep` leaves out.
    days : mapping
        Participant to visit to the date of the visit.
    measured : frozenset of (str, str)
        Participants and visits at which some outcome is there.
    complete : bool
        Whether all files of data were read; if not, a stranger may be no stranger.
    """

    people: Collection[str]
    left: Collection[str]
    days: Days
    measured: frozenset[tuple[str, str]]
    complete: bool = True

    @classmethod
    def of(cls, view: TrialView, *, left: Collection[str], days: Days, complete: bool) -> Known:
        """Return what is known of the people of a trial that was read."""
        there = view.cells.loc[view.cells["value"].notna(), ["participant", "visit"]]
        return cls(
            people=frozenset(view.participants["participant"]),
            left=left,
            days=days,
            measured=frozenset(there.astype("str").itertuples(index=False, name=None)),
            complete=complete,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """The events of a trial, and its estimands with a strategy for each kind of them.

    Attributes
    ----------
    frame : DataFrame
        Columns of `tables.EVENTS`.
    estimands : tuple of Estimand
    sources : mapping of str to str
        Name of each file that was read to its sha256.
    """

    frame: pd.DataFrame
    estimands: tuple[Estimand, ...]
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Event:
    """One row of a file of events; `first` is the place of the first affected visit."""

    participant: str
    kind: str
    first: int
    line: int
    column: Column


def read_events(
    tables: TrialTables,
    estimands: Sequence[Estimand],
    known: Known,
    *,
    folder: Path,
    allow_identifiers: bool,
    today: date,
    findings: Findings,
) -> Events:
    """Return the events of all files; tell people, visits and kinds that the trial does not have.

    Kinds match the keys of the estimands without regard to case and spaces. Of several events of
    one kind and person the first counts.
    """
    rows: list[_Event] = []
    sources: dict[str, str] = {}
    for place, table in enumerate(tables.events):
        if (table.visit is None) == (table.date is None):  # told where the trial file is read
            continue
        source = _source(table, key=f"events[{place}]", folder=folder, findings=findings)
        if source is None:
            continue
        sources[source.file] = source.sheet.sha256
        check_identifiers(source, allowed=allow_identifiers)
        rows += _of_file(with_ids(source), table, known, visits=tables.visits, today=today)
    spelt = _spelling(estimands, rows)
    asked = zip(estimands, tables.estimand, strict=True)
    planned = tuple(
        _with_strategies(one, table.intercurrent, spelt, rows, known) for one, table in asked
    )
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        pair = row.participant, spelt[folded(row.kind)]
        first[pair] = min(row.first, first.get(pair, row.first))
    names = [*tables.visits.order, ""]
    frame = pd.DataFrame(
        [(one, kind, names[at]) for (one, kind), at in first.items()], columns=list(EVENTS)
    ).astype("str")
    _tell(first, known, tables.visits, findings)
    return Events(frame=frame, estimands=planned, sources=sources)


def _as_data(table: EventsTable) -> DataTable:
    """Return a file of events as one of a row a visit, so that it is read as those are."""
    shared = table.model_dump(exclude={"kind", "date"})
    kind = CovariateTable(column=table.kind, kind="category")
    dates = {"": table.date} if table.date else {}
    return DataTable(**shared, layout="long", covariates={"kind": kind}, date=dates)


def _source(table: EventsTable, *, key: str, folder: Path, findings: Findings) -> Source | None:
    """Return a file of events as one of data; None where it cannot be read or lacks a column."""
    data = _as_data(table)
    sheet = read_declared(data, key=key, folder=folder, findings=findings, may_be_empty=True)
    if sheet is None:
        return None
    source = Source(key=key, table=data, sheet=sheet, findings=findings)
    if table.kind not in source.columns:
        found, action = f"no column '{table.kind}'", nearest(table.kind, source.columns)
        expected = "the column that kind names"
        findings.add(table.kind, expected, found, action, file=source.file)
        return None
    return source if has_columns(source, visits=()) else None


def _of_file(
    source: Source, table: EventsTable, known: Known, *, visits: VisitsTable, today: date
) -> Iterator[_Event]:
    """Yield the events of a file; tell rows that say none, and people who are nobody's."""
    kinds = source.column(table.kind)
    there = kinds.without(kinds.codes)
    when = source.column(table.visit or table.date or "")
    filled = when.without(when.codes)
    told = zip(there, filled, strict=True)
    empty = sum(not kind and not time for kind, time in told)
    if empty:
        kinds.findings.note(kinds.name, "rows without an event", empty, file=kinds.file)
    read = "intercurrent events read"
    kinds.findings.note(kinds.name, read, len(filled) - empty, file=kinds.file)
    halves = zip(there, filled, kinds.lines, strict=True)
    half = [(kind, line) for kind, time, line in halves if kind != time]
    kinds.fault("a kind of event", "an empty cell", rows=[line for kind, line in half if not kind])
    expected = "the first visit that the event affects" if table.visit else "the date of the event"
    action = "Leave out events after the last visit" if table.visit else ""
    when.fault(expected, "an empty cell", action, rows=[line for kind, line in half if kind])
    _tell_strangers(source, known, [kind or time for kind, time in zip(there, filled, strict=True)])
    places = (
        _by_visit(when, filled, table, visits)
        if table.visit
        else _by_date(when, table, known, visits=visits, today=today)
    )
    cells = zip(source.participants, kinds.texts, there, places, kinds.lines, strict=True)
    for one, kind, said, first, line in cells:
        if said and first is not None and one in known.people:
            text = " ".join(kinds.labels.get(kind, kind).split())
            yield _Event(participant=one, kind=text, first=first, line=line, column=kinds)


def _tell_strangers(source: Source, known: Known, event: Sequence[bool]) -> None:
    """Refuse events of people who are not in the trial; those who are not kept are counted.

    `event` says which rows hold one: a list of people may have rows of others without any.
    """
    ids = source.ids
    rows = zip(ids.texts, event, strict=True)
    strangers = [had and not (one in known.people or one in known.left) for one, had in rows]
    if known.complete:
        near = {folded(one) for one in known.people}
        alike = all(folded(one) in near for one in _at(ids.texts, strangers))
        found = "an empty id" if not any(one.strip() for one in _at(ids.texts, strangers)) else (
            "an id that no file of [[data]] has")  # fmt: skip
        action = "Ids are the same text in all files: case, spaces and zeros count" * alike
        ids.fault("participants of the trial, each event of one", found, action,
                  rows=ids.where(strangers))  # fmt: skip
    left = sum(one in known.left and one not in known.people for one in _at(ids.texts, event))
    if left:
        told = "events of people who are not kept"
        source.findings.note(ids.name, told, left, file=source.file)


def _at(texts: Sequence[str], chosen: Sequence[bool]) -> list[str]:
    return [text for text, one in zip(texts, chosen, strict=True) if one]


def _by_visit(
    when: Column, filled: Sequence[bool], table: EventsTable, visits: VisitsTable
) -> list[int | None]:
    """Return the place of the visit of each row among the visits of the trial."""
    texts = [text if there else "" for text, there in zip(when.texts, filled, strict=True)]
    names = matched_labels(
        replace(when, texts=texts),
        known=table.visit_labels or {name: name for name in visits.order},
        what="a visit of the trial, the first that the event affects",
        advice="Write visits.order's names, or name them in visit_labels of [[events]]",
    )
    return [None if name is None else visits.order.index(name) for name in names]


# The first visit after a date, where some visits have none.


def _by_date(
    when: Column, table: EventsTable, known: Known, *, visits: VisitsTable, today: date
) -> list[int | None]:
    """Return the place of the first visit that was held after the date of each row."""
    found: list[int | None] = []
    dateless, open_ended, undated = [], [], []
    days = days_of(when, table.date_format, today=today)
    partly = when.where(
        [day is None and there for day, there in zip(days, when.without(when.codes), strict=True)]
    )
    rows = zip(when.participants, days, when.lines, strict=True)
    for one, day, line in rows:
        seen = {name: on for name, on in known.days.get(one, {}).items() if name}
        if day is None or one not in known.people:
            found.append(None)
            continue
        first = first_after(day, seen, visits)
        found.append(first)
        if first is None:
            dateless.append(line)
            continue
        between = _undated_around(day, seen, visits)
        if between and visits.weeks is None:
            open_ended.append(line)
        elif any((one, name) in known.measured for name in between):
            undated.append(line)
    if not when.findings.faults:
        told = "a whole date: without its day nobody knows which values are after it"
        when.fault(told, "a date known in part", rows=partly)
    expected = "the date of a visit at least of everybody with an event by date"
    if any(known.days.values()):  # where no visit has dates that is told as one fault
        when.fault(expected, "somebody without any", 'Give dates, or visit = "..."', rows=dateless)
    for told, at in ((_NO_PLAN, open_ended), (_UNDATED, undated)):
        if at:
            when.findings.ask(when.name, f"{told} ({lines(at)})", len(at), file=when.file)
    return found


def first_after(day: date, seen: Mapping[str, date], visits: VisitsTable) -> int | None:
    """Return the place of the first visit after a day; the number of visits where none is.

    Visits without a date stand where they were planned: by weeks from the baseline, else from the
    first visit with a date; without weeks they are after the day. None where no visit has a date.

    >>> three = VisitsTable(baseline="W0", order=["W0", "W3", "W6"], weeks=[0, 3, 6])
    >>> seen = {"W0": date(2026, 3, 2), "W3": date(2026, 3, 23)}
    >>> [first_after(date(2026, 3, d), seen, three) for d in (1, 2, 22, 23)]
    [0, 1, 1, 2]
    >>> first_after(date(2026, 4, 13), seen, three)  # the day planned for W6
    3
    """
    if not seen:
        return None
    order = visits.order
    between = _undated_around(day, seen, visits)
    later = [place for place, name in enumerate(order) if name in seen and seen[name] > day]
    after = min(later, default=len(order))
    if not between:
        return after
    if visits.weeks is None:
        return order.index(between[0])
    week = dict(zip(order, visits.weeks, strict=True))
    anchor = next(name for name in order if name in seen)
    for name in between:
        if seen[anchor] + timedelta(days=7 * (week[name] - week[anchor])) > day:
            return order.index(name)
    return after


def _undated_around(day: date, seen: Mapping[str, date], visits: VisitsTable) -> list[str]:
    """Return the visits without a date that may be before a day or after it."""
    order = visits.order
    before = [place for place, name in enumerate(order) if name in seen and seen[name] <= day]
    after = [place for place, name in enumerate(order) if name in seen and seen[name] > day]
    return order[max(before, default=-1) + 1 : min(after, default=len(order))]


# Kinds of events and their strategies.


def _spelling(estimands: Sequence[Estimand], rows: Sequence[_Event]) -> dict[str, str]:
    """Return the kinds, folded, with how they are written: as an estimand has them first."""
    spelt: dict[str, str] = {}
    declared = (kind for one in estimands for kind, _ in one.events)
    for kind in (*declared, *(row.kind for row in rows)):
        spelt.setdefault(folded(kind), kind)
    return spelt


def _with_strategies(
    estimand: Estimand,
    of_all: str | None,
    spelt: Mapping[str, str],
    rows: Sequence[_Event],
    known: Known,
) -> Estimand:
    """Return an estimand with a strategy for every kind of event; tell kinds that have none."""
    named = {folded(kind): how for kind, how in estimand.events}
    if not named and of_all is not None:
        named = dict.fromkeys((folded(row.kind) for row in rows), of_all)  # type: ignore[arg-type]
    without: dict[str, dict[str, list[_Event]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        unnamed = bool(named) and folded(row.kind) not in named
        dead = not estimand.events and of_all == POLICY and is_death(row.kind)
        if unnamed or dead:
            without[row.column.file][spelt[folded(row.kind)]].append(row)
    for kinds in without.values():
        _tell_without(estimand, kinds, list(named), known)
    given = {spelt[kind]: how for kind, how in named.items()}
    return replace(estimand, events=tuple(given.items()))


def _tell_without(
    estimand: Estimand,
    kinds: Mapping[str, Sequence[_Event]],
    named: Sequence[str],
    known: Known,
) -> None:
    """Tell kinds of one file that an estimand has no strategy for, by their words."""
    people = {folded(one) for one in known.people}
    shown = [kind for kind in kinds if len(kind) <= LONGEST and folded(kind) not in people]
    column = next(iter(kinds.values()))[0].column
    found = ", ".join(f"'{kind}'" for kind in kinds)
    if len(kinds) > SHOWN or len(shown) < len(kinds):
        found = f"{len(kinds)} other texts"
    near = nearest(shown[0], named) if len(kinds) == 1 and shown else ""
    write = f'events = {{ {shown[0] if shown else "..."} = "..." }}'
    deaths = any(is_death(kind) for kind in kinds)
    reason = "treatment policy has no value after a death; " * deaths
    at = sorted(row.line for rows in kinds.values() for row in rows)
    expected = f"kinds of events with a strategy in estimand {estimand.id}"
    column.fault(expected, found, f"{near} {reason}Write {write}".strip(), rows=at)


def _tell(
    first: Mapping[tuple[str, str], int], known: Known, visits: VisitsTable, findings: Findings
) -> None:
    """Ask about events before treatment, and about people who have values after their death."""
    if visits.baseline:
        early = {one for (one, _), at in first.items() if at == 0}
        if early:
            told = _BEFORE.format(visit=visits.baseline)
            findings.ask("events", told, len(early), file="")
    after = {
        one
        for (one, kind), at in first.items()
        if is_death(kind) and any((one, name) in known.measured for name in visits.order[at:])
    }
    if after:
        told = "people with values at or after the visit that their death is said to come before"
        findings.ask("events", f"{told}: which of the two is right?", len(after), file="")


def ask_of_deaths(events: Events, findings: Findings) -> None:
    """Ask where an estimand is of what would have been, had nobody died."""
    for one in events.estimands:
        kinds = [kind for kind, how in one.events
                 if is_death(kind) and how in ("hypothetical", *REFERENCE_BASED)]  # fmt: skip
        if kinds:
            told = (
                f"estimand {one.id} is of what would have been had nobody died: is that meant, and "
                'not "composite" or "while-on-treatment"?'
            )
            findings.ask("events", told, int((events.frame["kind"].isin(kinds)).sum()), file="")
