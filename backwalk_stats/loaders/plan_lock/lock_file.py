"""The lock file beside a trial file: read, checked, and held against the trial file of today."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Faults, InputError, nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.plan_lock.canonical import (
    PlannedTrial,
    canonical,
    plan_hash,
    table_in_words,
    table_of,
    tables_in,
    value_in_words,
)
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.trial_file.conduct_schema import DeviationTable
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.trial_file import TrialFile
from backwalk_stats.trial.locked_plan import (
    DATA_SEEN,
    NOT_PLANNED,
    NOT_THERE,
    Difference,
    Lock,
    PlanComparison,
    in_words,
)

LOCK_FILE = "plan.lock.json"
FORM = 1  # of the file; a later one is not read
MAX_BYTES = 4 * 1024 * 1024
_KEYS = ("hash", "locked", "data_seen", "plan")
_OF_PLACES = (".keep",)  # values that may be names of sites: told by their number
_AGAIN = "Take it from where it was kept, or lock the plan anew with backwalk plan lock"


def lock_path(trial_file: Path) -> Path:
    """Return where the lock of a trial file lies."""
    return trial_file.parent / LOCK_FILE


def read_locks(trial_file: Path) -> tuple[Lock, ...]:
    """Return the lock of a trial file and those that it amends, oldest first; none without one.

    Raises `InputError` where it is no lock file. Whether a hash fits its plan is not looked at.
    """
    path = lock_path(trial_file)
    if not path.exists():
        return ()
    content = read_bytes(path)
    if len(content) > MAX_BYTES:
        raise InputError.of(path.name, f"at most {MAX_BYTES // 1024} kB", "a larger file")
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        found = "what cannot be read"
        raise InputError.of(path.name, "a lock file (JSON)", found, _AGAIN, row=row) from None
    faults = Faults(path.name)
    form = said.get("form", FORM) if isinstance(said, dict) else FORM
    if isinstance(form, int) and form > FORM:
        action = "Use the version of backwalk that wrote it, or a later one"
        faults.add("form", f"{FORM} at most", f"{form}, of a later version", action)
        faults.stop()
    earlier = said.get("previous", []) if isinstance(said, dict) else []
    entries = [*(earlier if isinstance(earlier, list) else [None]), said]
    for place, one in enumerate(entries):
        _check(one, faults, key="" if place == len(entries) - 1 else f"previous[{place}].")
    faults.stop()
    return tuple(_lock(one) for one in entries)


def _check(said: object, faults: Faults, *, key: str) -> None:
    """Tell what in an entry is not what a lock holds."""
    if not isinstance(said, dict):
        faults.add(key.rstrip(".") or None, "a lock: a table of keys", "something else", _AGAIN)
        return
    for name in _KEYS:
        if name not in said:
            faults.add(f"{key}{name}", "this key", "no such key", _AGAIN)
    day = said.get("locked", "2000-01-01")
    if not isinstance(day, str) or not _is_day(day):
        faults.add(f"{key}locked", "a day, such as 2026-11-30", "something else", _AGAIN)
    if not isinstance(said.get("plan", {}), dict):
        faults.add(f"{key}plan", "a table of keys", "something else", _AGAIN)
    if said.get("data_seen", "none") not in DATA_SEEN:
        faults.add(f"{key}data_seen", f"one of {', '.join(DATA_SEEN)}", "another word", _AGAIN)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _lock(said: Mapping[str, Any]) -> Lock:
    versions = said.get("versions")
    told = versions if isinstance(versions, dict) else {}
    return Lock(
        hash=str(said["hash"]),
        locked=date.fromisoformat(said["locked"]),
        data_seen=str(said["data_seen"]),
        found=str(said.get("data_found") or ""),
        reason=str(said.get("reason") or ""),
        plan=said["plan"],
        versions={str(name): str(one) for name, one in told.items()},
    )


def edited(lock: Lock) -> bool:
    """Tell whether a lock was changed by hand: its hash is not that of the plan it holds."""
    try:
        return plan_hash(lock.plan) != lock.hash
    except ValueError:  # a number that JSON does not have
        return True


# The trial file of today against the plan.


def compared(file: TrialFile, findings: Findings | None = None) -> PlanComparison:
    """Return a trial file held against the lock beside it; what is wrong goes to the findings."""
    told = findings if findings is not None else Findings(file.name, keys=file.lines)
    tables = file.tables
    locks, read = read_locks(file.path), {}
    if locks:
        read = {LOCK_FILE: sha256(read_bytes(lock_path(file.path))).hexdigest()}
    opened = tables.trial.unblinded
    if any(map(edited, locks)):
        if tables.deviation:
            told.note("deviation", "the lock was changed by hand: nothing is held against it")
        return PlanComparison(locks=locks, edited=True, unblinded=opened, sources=read)
    done = canonical(PlannedTrial.of(file))
    held = held_lock(locks, opened)
    plan = {} if held is None else held.plan
    found = () if held is None else tuple(differences(plan, done))
    _check_deviations(tables, found, told, locked=held is not None, keys={*plan, *done})
    return PlanComparison(
        locks=locks,
        held=held,
        unblinded=opened,
        differences=tuple(explained(one, tables.deviation, opened) for one in found),
        covers=_covered(plan),
        outcomes=tuple(_names(plan, "outcome")),
        sources=read,
    )


def held_lock(locks: Sequence[Lock], unblinded: date | None) -> Lock | None:
    """Return the last lock that is not younger than unblinding, else the first; None without any.

    An amendment after unblinding changes no plan: what it allows is still post hoc.
    """
    if not locks:
        return None
    before = [one for one in locks if unblinded is None or one.locked <= unblinded]
    return before[-1] if before else locks[0]


def differences(planned: Mapping[str, Any], done: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield what differs between two plans, in the order of keys.

    A table that only one of them has, such as an estimand, is one difference.
    """
    first, second = set(tables_in(planned)), set(tables_in(done))
    lone = {name: table_in_words(planned, name) for name in first - second}
    new = {name: table_in_words(done, name) for name in second - first}
    rows = [Difference(key=key, planned=text, done=NOT_THERE) for key, text in lone.items()]
    rows += [Difference(key=key, planned=NOT_PLANNED, done=text) for key, text in new.items()]
    for key in {*planned, *done}:
        if table_of(key) in (*lone, *new) or planned.get(key) == done.get(key):
            continue
        before, now = _apart(planned.get(key), done.get(key))
        if key.endswith(_OF_PLACES):
            before, now = (_counted(one) for one in (before, now))
        rows.append(Difference(key=key, planned=value_in_words(before), done=value_in_words(now)))
    yield from sorted(rows, key=lambda one: one.key)


def _counted(value: object) -> object:
    """Return of a table of lists how long each is; other values as they are."""
    if not isinstance(value, Mapping):
        return value
    return {name: f"{len(one)} values" for name, one in value.items()}


def _apart(planned: object, done: object) -> tuple[object, object]:
    """Return of two tables of names only the entries that differ; other values as they are."""
    if not isinstance(planned, Mapping) or not isinstance(done, Mapping):
        first, second = (
            _only(one, list(one)) if isinstance(one, Mapping) else one for one in (planned, done)
        )
        return first, second
    apart = [name for name in (*planned, *done) if planned.get(name) != done.get(name)]
    kept = list(dict.fromkeys(apart))
    return _only(planned, kept), _only(done, kept)


def _only(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return some entries of a table; labels, which may name places, by their number."""
    found = {name: value[name] for name in names if name in value}
    if isinstance(found.get("labels"), Mapping):
        found["labels"] = f"{len(found['labels'])} of them"
    return found


def explained(
    one: Difference, said: Sequence[DeviationTable], unblinded: date | None
) -> Difference:
    """Return a difference with what the trial file says of it.

    What is dated after unblinding was decided after it, whatever is said.
    """
    found = next((each for each in said if each.key == one.key), None)
    if found is None:
        return one
    before = found.before_unblinding
    if unblinded is not None and found.when > unblinded:
        before = False
    elif before is None and unblinded is not None and found.when < unblinded:
        before = True
    return replace(one, when=found.when, reason=found.reason, before_unblinding=before)


def _check_deviations(
    tables: TrialTables,
    found: Sequence[Difference],
    told: Findings,
    *,
    locked: bool,
    keys: set[str],
) -> None:
    """Tell deviations of keys that are not there, of nothing that differs, or of no plan."""
    differ = [one.key for one in found]
    known = sorted({*keys, *filter(None, map(table_of, keys))})
    seen: set[str] = set()
    for place, said in enumerate(tables.deviation):
        at = f"deviation[{place}].key"
        if said.key in seen:
            told.add(at, "every difference explained once", f"'{said.key}' again")
        elif not locked:
            told.note(at, f"no plan was locked: {said.key} differs from nothing")
        elif said.key not in known:
            action = nearest(said.key, differ) or (
                f"What differs: {', '.join(differ)}" if differ else "Nothing differs"
            )
            told.add(at, "a key that decides a number", f"'{said.key}'", action)
        elif said.key not in differ:
            told.note(at, f"{said.key} does not differ from the plan: nothing is to be explained")
        seen.add(said.key)
        opened = tables.trial.unblinded
        if said.before_unblinding and opened is not None and said.when > opened:
            action = f"{said.key} is told as decided after unblinding, on {in_words(said.when)}"
            told.note(f"deviation[{place}].before_unblinding", action)


def _covered(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the analyses of every estimand of a plan, the main one first."""
    return {
        name: (
            str(plan.get(f"estimand.{name}.analysis", "")),
            *map(str, plan.get(f"estimand.{name}.sensitivity", ())),
        )
        for name in _names(plan, "estimand")
    }


def _names(plan: Mapping[str, Any], kind: str) -> list[str]:
    return [name.partition(".")[2] for name in tables_in(plan) if name.startswith(f"{kind}.")]
