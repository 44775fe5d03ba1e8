"""A trial file (TOML) as typed tables, or everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from backwalk_stats.errors import InputError, printable
from backwalk_stats.loaders.outcome_scale import Measured, measured
from backwalk_stats.loaders.toml_text import read_toml
from backwalk_stats.loaders.trial_file_faults import schema_faults
from backwalk_stats.loaders.trial_file_links import link_problems
from backwalk_stats.loaders.trial_file_schema import TrialTables


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialFile:
    """A trial file that was read and checked.

    Attributes
    ----------
    path : Path
    tables : TrialTables
    measured : tuple of Measured
        The outcomes with the scales of their instruments.
    sha256 : str
        Hash of its bytes.
    lines : dict of str to int
        Dotted key to line.
    """

    path: Path
    tables: TrialTables
    measured: tuple[Measured, ...]
    sha256: str
    lines: dict[str, int]

    @property
    def name(self) -> str:
        """Return the name of the file without its folder."""
        return printable(self.path.name)

    @property
    def folder(self) -> Path:
        """Return the folder within which its data must lie."""
        return self.path.parent


def read_trial_file(path: Path | str) -> TrialFile:
    """Return the trial file.

    Parameters
    ----------
    path : path
        A TOML file of 1 MB at most.

    Raises
    ------
    InputError
        With every fault: of TOML itself, of a key or its type, of what names something that is
        not there. The column of a fault is the dotted key, such as `estimand[0].analysis`.
    """
    path = Path(path)
    found = read_toml(path, kind="trial file")
    name, lines = found.name, found.lines
    try:
        tables = TrialTables.model_validate(found.raw)
    except ValidationError as error:
        faults = schema_faults(error, root=TrialTables, file=name, lines=lines)
        raise InputError(faults) from None
    problems = link_problems(tables, folder=path.parent)
    outcomes = []
    for place, table in enumerate(tables.outcome):
        one, wrong = measured(table, place=place)
        outcomes += [] if one is None else [one]
        problems += wrong
    if problems:
        faults = [problem.fault(file=name, lines=lines) for problem in problems]
        raise InputError(sorted(faults, key=lambda fault: fault.row or 0))
    return TrialFile(
        path=path,
        tables=tables,
        measured=tuple(outcomes),
        sha256=found.sha256,
        lines=lines,
    )
