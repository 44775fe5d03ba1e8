"""Rows of a REDCap export as people and visits: repeating instruments, events, arms of events."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from backwalk_stats.errors import nearest
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.redcap import EVENT, REPEATS
from backwalk_stats.loaders.trial.sources import Source

INSTRUMENT, INSTANCE = REPEATS
ARM_OF_EVENT = "arm of redcap_event_name"
_ARM = re.compile(r"_arm_(\d{1,3})$", re.ASCII)


def event_without_arm(text: str) -> str:
    """Return the name of an event without the number of its arm.

    >>> event_without_arm("week_6_arm_2"), event_without_arm("baseline")
    ('week_6', 'baseline')
    """
    return _ARM.sub("", text.strip())


def with_arm_of_event(source: Source) -> Source:
    """Return a source with a column of the arm where the trial file says which event has which."""
    known = source.table.arm_from_event
    if not known:
        return source
    if EVENT not in source.columns:
        found, action = f"no column '{EVENT}'", "arm_from_event reads it in an export of REDCap"
        source.findings.add(EVENT, f"the column {EVENT}", found, action, file=source.file)
        return source
    column = source.column(EVENT)
    found_arms = [_ARM.search(text.strip()) for text in column.texts]
    arms = ["" if one is None else one[1] for one in found_arms]
    rows = column.where([bool(arm) and arm not in known for arm in arms])
    there = ", ".join(sorted({arm for arm in arms if arm and arm not in known}, key=int))
    action = "Name each number under arm_from_event, or leave these people out with keep"
    column.fault(f"events of arms {', '.join(known)}", f"arms {there}", action, rows=rows)
    if not any(arms):
        action = 'Events are told by names such as "baseline_arm_1"; export raw data'
        column.fault("events with the number of an arm", "none", action)
    name = source.free_name(ARM_OF_EVENT)
    table = source.table.model_copy(update={"arm": {"": name}})
    texts = [known.get(arm, "") for arm in arms]
    return replace(source, table=table).adding(name, texts)


def people_and_visits(source: Source) -> list[Source]:
    """Return an export in two parts where an instrument repeats: people, and their visits.

    Rows of the declared instrument are the visits, rows without an instrument have what is known of
    the person (arm, covariates and the like), and rows of other instruments are passed over.
    """
    if source.table.instrument is None:
        _check_one_instrument(source)
        return [_without_repeats(source)]
    if INSTRUMENT not in source.columns:
        found = f"no column '{INSTRUMENT}'"
        action = "instrument chooses rows of an export of REDCap; leave it out elsewhere"
        source.findings.add(INSTRUMENT, f"the column {INSTRUMENT}", found, action, file=source.file)
        return [source]
    cells = [folded(text) for text in source.texts(INSTRUMENT)]
    wanted = folded(source.table.instrument)
    visits = [place for place, cell in enumerate(cells) if cell == wanted]
    empty = [place for place, cell in enumerate(cells) if not cell]
    if not visits:
        names = list(dict.fromkeys(filter(None, map(str.strip, source.texts(INSTRUMENT)))))
        action = nearest(source.table.instrument, names, otherwise=True)
        expected = f"rows of the instrument '{source.table.instrument}'"
        source.findings.add(INSTRUMENT, expected, "none", action, file=source.file)
        return [source]
    others = len(cells) - len(visits) - len(empty)
    if others:
        told = "rows of other instruments passed over"
        source.findings.note(INSTRUMENT, told, others, file=source.file)
    if not empty:
        return [source.at(visits)]
    people = source.at(empty)
    known = [name for name in _of_people(source) if any(t.strip() for t in people.texts(name))]
    return [_people(people, known), _visits(source.at(visits), known)]


def _check_one_instrument(source: Source) -> None:
    """Ask which rows are visits where the instance is the visit and several instruments repeat."""
    if source.table.visit != INSTANCE or INSTRUMENT not in source.columns:
        return
    names = list(dict.fromkeys(text.strip() for text in source.texts(INSTRUMENT)))
    if len(names) > 1:
        choose = " or ".join(f'instrument = "{name}"' for name in names if name)
        expected, found = "the instrument whose rows are the visits", "no such key, and several"
        source.findings.add(INSTRUMENT, expected, found, f"Write {choose}", file=source.file)


def _without_repeats(source: Source) -> Source:
    """Return a source without rows of repeating instruments that are not declared; tell of them.

    Where other rows are the visits, nobody has said what theirs are.
    """
    if source.table.visit in (None, INSTANCE) or INSTRUMENT not in source.columns:
        return source
    cells = [text.strip() for text in source.texts(INSTRUMENT)]
    names = list(dict.fromkeys(filter(None, cells)))
    if not names or all(cells):
        return source
    rows = source.column(INSTRUMENT).where([bool(cell) for cell in cells])
    choose = " or ".join(f'instrument = "{name}"' for name in names)
    source.column(INSTRUMENT).fault(
        "the instrument whose rows are the visits",
        "rows of a repeating instrument, and no such key",
        f"Write {choose} where its rows are the visits; else export without them",
        rows=rows,
    )
    return source.at([place for place, cell in enumerate(cells) if not cell])


def _of_people(source: Source) -> list[str]:
    """Return the declared columns that say something of a person and not of a visit."""
    table = source.table
    single = (table.randomised, table.dropout_reason, table.dropout_date, table.sequence)
    names = [*table.arm.values(), *(one.column for one in table.covariates.values()), *table.keep]
    return list(dict.fromkeys([*names, *filter(None, single)]))


def _visits(source: Source, known: Sequence[str]) -> Source:
    """Return the rows that are visits, without what the rows of people have."""
    table = source.table
    left: dict[str, object] = {
        "arm": {at: name for at, name in table.arm.items() if name not in known},
        "covariates": {k: v for k, v in table.covariates.items() if v.column not in known},
        "keep": {name: values for name, values in table.keep.items() if name not in known},
    }
    for key in ("randomised", "dropout_reason", "dropout_date", "sequence"):
        if getattr(table, key) in known:
            left[key] = None
    return replace(source, table=table.model_copy(update=left))


def _people(source: Source, known: Sequence[str]) -> Source:
    """Return one row a person, of all rows without an instrument: such as those of several events.

    Two different values of what is said of a person are a fault.
    """
    table = source.table
    kept = {
        "layout": "wide",
        "visit": None,
        "date": {},
        "instrument": None,
        "arm": {at: name for at, name in table.arm.items() if name in known},
        "covariates": {k: v for k, v in table.covariates.items() if v.column in known},
        "keep": {name: values for name, values in table.keep.items() if name in known},
        "duplicates": "reject",
    }
    first = {one: place for place, one in reversed(list(enumerate(source.participants)))}
    rows = sorted(first.values())
    told = {name: _one_value(source, name) for name in known}
    found = source.at(rows)
    for name, by_person in told.items():
        found = found.adding(name, [by_person.get(one, "") for one in found.participants])
    return replace(found, key=f"{source.key}/people", table=table.model_copy(update=kept))


def _one_value(source: Source, name: str) -> Mapping[str, str]:
    """Return what is said of each person in a column: the first cell that is filled."""
    column = source.column(name)
    found: dict[str, str] = {}
    clash = []
    for one, text, line in zip(column.participants, column.texts, column.lines, strict=True):
        if text.strip() and folded(found.setdefault(one, text)) != folded(text):
            clash.append(line)
    expected = "one value for each participant in the rows without an instrument"
    column.fault(expected, "another one at a later row", rows=clash)
    return found
