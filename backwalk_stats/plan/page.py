"""A plan on one page, in the order in which AsPredicted asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backwalk_stats.errors import printable
from backwalk_stats.loaders.plan_lock.canonical import (
    PlannedTrial,
    canonical,
    plan_hash,
    power_hash,
    value_in_words,
)
from backwalk_stats.loaders.plan_lock.lock_file import read_locks
from backwalk_stats.loaders.planned import whole_plan
from backwalk_stats.plan.data_there import data_there
from backwalk_stats.plan.lock import power_found
from backwalk_stats.trial.locked_plan import DATA_SEEN
from backwalk_stats.trial.outcome import in_words

if TYPE_CHECKING:
    from backwalk_stats.loaders.trial_file.schema import TrialTables
    from backwalk_stats.loaders.trial_file.trial_file import TrialFile

UNSAID = "The trial file does not say."
_BETTER = {"lower": "lower is better", "higher": "higher is better"}


def page_of(path: Path, *, folder: Path | None = None) -> str:
    """Return the plan of a trial file as one page of plain text, to be pasted into a registration.

    `folder` is where `plan power` has written; by default plans/<id of the trial>. Raises
    `InputError` with every fault of the plan.
    """
    file = whole_plan(path)
    plan = canonical(PlannedTrial.of(file))
    folder = folder or Path("plans") / file.tables.trial.id
    asked = (
        ("Data", _data(file)),
        ("Question", _question(file.tables)),
        ("Outcomes", _outcomes(file, plan)),
        ("Arms", _arms(file.tables)),
        ("Analyses", _analyses(file, plan)),
        ("Exclusions, outliers and missing data", _exclusions(file, plan)),
        ("Sample size", _sample_size(file.tables, folder, plan)),
        ("Anything else", _else(file.tables, plan)),
    )
    parts = [file.tables.trial.title, f"Hash of this plan: {plan_hash(plan)}"]
    for number, (head, lines) in enumerate(asked, start=1):
        told = [f"   {printable(line, limit=2000)}" for line in lines] or [f"   {UNSAID}"]
        parts.append("\n".join([f"{number}. {head}", *told]))
    return "\n\n".join(parts)


def _data(file: TrialFile) -> Iterator[str]:
    """Say what had been seen when the plan was locked, or what is there where it was not."""
    locks = read_locks(file.path)
    if locks:
        last = locks[-1]
        yield f"Locked on {last.named}; {DATA_SEEN[last.data_seen]}. {last.found}".rstrip()
        same = last.hash == plan_hash(canonical(PlannedTrial.of(file)))
        yield from () if same else ("This page is of the trial file as it is now, which differs.",)
        return
    yield f"No plan was locked yet. {data_there(file).in_words()}"


def _question(tables: TrialTables) -> Iterator[str]:
    said = tables.methods.get("objectives")
    yield from [said] if said else []
    for name, one in zip(tables.estimand_ids, tables.estimand, strict=True):
        framework = "" if one.framework == "superiority" else f", {one.framework}"
        margin = "" if one.margin is None else f", margin {one.margin:g}"
        yield f"{name}: {in_words(one.outcome)}{framework}{margin}."


def _outcomes(file: TrialFile, plan: dict[str, Any]) -> Iterator[str]:
    for measured in file.measured:
        one = measured.outcome
        scale = f", {one.low:g} to {one.high:g}" if None not in (one.low, one.high) else ""
        unit = f" {one.unit}" if one.unit else ""
        way = f"; {_BETTER[one.better]}" if one.better else ""
        rule = plan.get(f"outcome.{one.name}.missing_rule")
        scored = f"; unanswered items by the rule '{rule}'" if rule else ""
        yield f"{one.label} ({one.role}, {one.kind}{scale}{unit}{way}{scored})."


def _arms(tables: TrialTables) -> Iterator[str]:
    names = [tables.arms.names.get(arm, in_words(arm)) for arm in tables.arm_names]
    yield f"{in_words(tables.trial.design)}: {', '.join(names)}; the first is the reference."
    weeks = tables.visits.weeks
    said = [f"{name} (week {weeks[k]:g})" if weeks else name
            for k, name in enumerate(tables.visits.order)]  # fmt: skip
    yield f"Visits: {', '.join(said)}."


def _analyses(file: TrialFile, plan: dict[str, Any]) -> Iterator[str]:
    """Say each analysis with every choice that it has."""
    for name in file.tables.estimand_ids:
        own = {
            key.removeprefix(f"estimand.{name}."): value
            for key, value in plan.items()
            if key.startswith(f"estimand.{name}.")
        }
        first = ("role", "analysis", "contrast", "visit", "outcome")
        told = f"{name} ({own['role']}): {own['analysis']} of {own['outcome']} at {own['visit']}, "
        told += " minus ".join(own["contrast"])
        rest = [f"{key}: {value_in_words(value)}" for key, value in own.items() if key not in first]
        yield f"{told}; {'; '.join(rest)}."


def _exclusions(file: TrialFile, plan: dict[str, Any]) -> Iterator[str]:
    populations = dict.fromkeys(one.population for one in file.tables.estimand)
    yield f"People analysed: {', '.join(populations) or 'not said'}."
    for place, table in enumerate(file.tables.data, start=1):
        codes = plan.get(f"data.{place}.missing_codes", [])
        yield (
            f"{table.file}: missing is the empty cell{''.join(f', {code}' for code in codes)}; "
            f"rows that occur twice: {table.duplicates}."
        )
    yield "No value is left out for being far from the others: no key does that."


def _sample_size(tables: TrialTables, folder: Path, plan: dict[str, Any]) -> Iterator[str]:
    said = tables.methods.get("sample_size")
    yield from [said] if said else []
    found, told = power_found(folder, power_hash(plan))
    for row in (found or {}).get("needed", []):
        yield "; ".join(f"{key}: {value_in_words(value)}" for key, value in row.items()) + "."
    if found is None:
        yield told


def _else(tables: TrialTables, plan: dict[str, Any]) -> Iterator[str]:
    method, order = plan["multiplicity.method"], plan.get("multiplicity.order")
    yield f"Multiplicity: {method}{f', in the order {value_in_words(order)}' if order else ''}."
    interim = tables.methods.get("interim")
    yield f"Interim analyses: {interim or 'none is declared'}."
    yield f"Seed of all random numbers: {plan['trial.seed']}."
    yield f"Registration: {tables.trial.registration or 'none is declared'}."
