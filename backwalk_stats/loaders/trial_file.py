"""A trial file (TOML) as typed tables, or everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backwalk_stats.errors import Fault, InputError, printable
from backwalk_stats.loaders.delimited import read_bytes
from backwalk_stats.loaders.outcome_scale import Measured, measured
from backwalk_stats.loaders.trial_file_faults import schema_faults
from backwalk_stats.loaders.trial_file_lines import key_lines
from backwalk_stats.loaders.trial_file_links import link_problems
from backwalk_stats.loaders.trial_file_schema import TrialTables

MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r" \(at line (\d+), column \d+\)")
_REPEATED = ("Cannot overwrite a value", "Cannot declare", "Cannot mutate")


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
    name = printable(path.name)
    content, text = _text(path, name=name)
    raw = _toml(text, name=name)
    lines = key_lines(text)
    try:
        tables = TrialTables.model_validate(raw)
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
    digest = hashlib.sha256(content).hexdigest()
    return TrialFile(path=path, tables=tables, measured=tuple(outcomes), sha256=digest, lines=lines)


def _text(path: Path, *, name: str) -> tuple[bytes, str]:
    expected = "a trial file in TOML"
    if path.suffix.lower() != ".toml" and not path.is_dir():
        found = f"a file that ends in '{path.suffix}'"
        action = "A trial file is TOML and its name ends in .toml; `backwalk init` writes one"
        raise InputError([Fault(file=name, expected=expected, found=found, action=action)])
    content = read_bytes(path)
    if len(content) > MAX_BYTES:
        expected = f"at most {MAX_BYTES // 1024} kB"
        raise InputError([Fault(file=name, expected=expected, found="a larger file")])
    try:
        return content, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        fault = Fault(file=name, row=row, expected="UTF-8 text", found="another encoding")
        raise InputError([fault]) from None


def _toml(text: str, *, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        row = int(place.group(1)) if place else None
        problem = _PLACE.sub("", message)
        if problem.startswith(_REPEATED):
            expected, found = "every key and every table once", "one a second time"
            action = "Delete one of them"
        else:
            expected, found = "TOML", f"what cannot be read: {problem}"
            action = 'Text stands in quotation marks, as in id = "bw-knee-01"'
        fault = Fault(file=name, row=row, expected=expected, found=found, action=action)
        raise InputError([fault]) from None
    except RecursionError:
        fault = Fault(file=name, expected="TOML", found="lists or tables nested too deeply")
        raise InputError([fault]) from None
