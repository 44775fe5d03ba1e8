"""The files of one folder as checked tables; what is wrong in one does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import Fault, Faults, InputError
from backwalk_stats.evidence import article_claims, cochrane, contrasts, outcomes, studies
from backwalk_stats.evidence.links import link_faults
from backwalk_stats.evidence.schema import Schema, check_table
from backwalk_stats.loaders.sheets.delimited import read_text_table

REQUIRED = {
    studies.FILE: studies.TABLE,
    outcomes.FILE: outcomes.TABLE,
    contrasts.FILE: contrasts.TABLE,
}
OPTIONAL = {article_claims.FILE: article_claims.TABLE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """What a folder holds: its tables and their hashes by file name, faults, repairs."""

    tables: dict[str, pd.DataFrame]
    files: dict[str, str]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def read_folder(folder: Path) -> Folder:
    """Return the tables of a folder with everything that is wrong in them.

    Only files with the names of the tables are read, and none that lies outside the folder.

    Parameters
    ----------
    folder : path
        An existing folder, without links in its path.
    """
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    faults = Faults()
    notes: list[str] = []
    for file, schema in _expected(folder):
        path = folder / file
        if not path.resolve().is_relative_to(folder):
            found, action = "a link that leads out of it", "Copy the file into the folder"
            faults.add(None, "a file in the folder", found, action, file=file)
            continue
        try:
            read = read_text_table(path)
        except InputError as error:
            faults.extend(error.faults)
            continue
        checked = check_table(read.frame, schema=schema, file=file)
        tables[file], files[file] = checked.frame, read.sha256
        faults.extend(checked.faults)
        notes += [*read.notes, *checked.notes]
    faults.extend(link_faults(tables))
    return Folder(tables=tables, files=files, faults=tuple(faults.faults), notes=tuple(notes))


def _expected(folder: Path) -> Iterator[tuple[str, Schema]]:
    yield from REQUIRED.items()
    yield from ((file, table) for file, table in OPTIONAL.items() if (folder / file).exists())
    yield from ((path.name, cochrane.TABLE) for path in sorted(folder.glob(cochrane.FILES)))
