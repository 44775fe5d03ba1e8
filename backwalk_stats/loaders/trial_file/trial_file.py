"""A trial file (TOML) as typed tables, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backwalk_stats.errors import Fault, Faults
from backwalk_stats.loaders.trial_file.event_strategies import check_worst_scores
from backwalk_stats.loaders.trial_file.faults import checked_tables, read_toml
from backwalk_stats.loaders.trial_file.links import check_plan, check_structure
from backwalk_stats.loaders.trial_file.outcome_scale import Measured, measured
from backwalk_stats.loaders.trial_file.plan_schema import check_scenarios
from backwalk_stats.loaders.trial_file.schema import TrialTables


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialFile:
    """A trial file that was read and checked.

    Attributes
    ----------
    path : Path
    tables : TrialTables
    measured : tuple of Measured
        The outcomes with the scales of their instruments.
    faults : tuple of Fault
        Of the plan. Tables with faults are left out of `tables` and `measured`, so that the data
        can be checked for the rest of it; nothing is analysed with them.
    sha256 : str
        Hash of its bytes.
    lines : dict of str to int
        Dotted key to line.
    names : dict of str to str
        Dotted key of a table that stands in a list to what it calls itself.
    """

    path: Path
    tables: TrialTables
    measured: tuple[Measured, ...]
    faults: tuple[Fault, ...]
    sha256: str
    lines: dict[str, int]
    names: dict[str, str]

    @property
    def name(self) -> str:
        """Return the name of the file without its folder."""
        return Faults(self.path.name).file

    @property
    def folder(self) -> Path:
        """Return the folder within which its data must lie."""
        return self.path.parent


TRIAL_FILE = "trial.toml"


def trial_file_at(path: Path | str) -> Path:
    """Return the trial file that is meant: a file, or the one of a folder."""
    given = Path(path)
    return given / TRIAL_FILE if given.is_dir() else given


def read_trial_file(path: Path | str, *, data: bool = True) -> TrialFile:
    """Return a trial file of 1 MB at most, or that of a folder.

    With `data` false the files that it names need not exist.

    Raises `InputError` with every fault of TOML itself, of keys and their types, of arms, visits
    and files: without these no data can be read. Other faults are in `TrialFile.faults`. The column
    of a fault is the dotted key, such as `estimand[0].analysis`.
    """
    path = trial_file_at(path)
    found = read_toml(path, kind="trial file")
    tables, faults = checked_tables(found, TrialTables)
    check_plan(tables, faults)
    planned = len(faults.faults)
    check_structure(tables, faults, folder=path.parent, exist=data)
    broken = len(faults.faults) > planned
    read = [measured(table, faults, place=place) for place, table in enumerate(tables.outcome)]
    outcomes = [one for one in read if one is not None]
    check_worst_scores(tables, [one.outcome for one in outcomes], faults)
    if not broken:
        check_scenarios(tables, [one.outcome for one in outcomes], faults)
    faults.sort()
    if broken:
        faults.stop()
    wrong = [fault.column or "" for fault in faults.faults]
    return TrialFile(
        path=path,
        tables=_sound(tables, outcomes=outcomes, wrong=wrong),
        measured=tuple(one for one in outcomes if not _under(one.key, wrong)),
        faults=tuple(faults.faults),
        sha256=found.sha256,
        lines=found.lines,
        names=found.names,
    )


def read_trial_plan(path: Path | str) -> TrialTables:
    """Return what a trial file says, before there are data: its files need not exist.

    Raises `InputError` with every fault of TOML, of keys and their types, and of the plan.
    """
    found = read_toml(trial_file_at(path), kind="trial file")
    tables, faults = checked_tables(found, TrialTables)
    check_plan(tables, faults)
    faults.sort()
    faults.stop()
    return tables


def _sound(
    tables: TrialTables, *, outcomes: Sequence[Measured], wrong: Sequence[str]
) -> TrialTables:
    """Return the tables without the estimands, sessions and harms that have faults."""
    names = {one.outcome.name for one in outcomes if not _under(one.key, wrong)}
    estimands = [
        table
        for place, table in enumerate(tables.estimand)
        if not _under(f"estimand[{place}]", wrong) and table.outcome in names
    ]
    adherence = None if _under("adherence", wrong) else tables.adherence
    harms = None if _under("harms", wrong) else tables.harms
    kept = {"estimand": estimands, "adherence": adherence, "harms": harms}
    return tables.model_copy(update=kept)


def _under(key: str, wrong: Sequence[str]) -> bool:
    return any(one == key or one.startswith(f"{key}.") for one in wrong)
