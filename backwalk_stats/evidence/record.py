"""One published record: its tables as text, where they came from, and what was repaired."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import SHOWN_FAULTS, Fault, Faults, InputError, nearest
from backwalk_stats.evidence.schema import OLDER_ORIGINS, STUDY, Schema, check_table
from backwalk_stats.evidence.tables import (
    article_claims,
    cochrane,
    contrasts,
    outcomes,
    searches,
    studies,
)
from backwalk_stats.examples import RECORD, shipped_folder
from backwalk_stats.loaders.sheets.delimited import read_bytes, read_text_table
from backwalk_stats.loaders.sheets.sheet import LINE
from backwalk_stats.registry import Shown

REQUIRED = {
    studies.FILE: studies.TABLE,
    outcomes.FILE: outcomes.TABLE,
    contrasts.FILE: contrasts.TABLE,
}
OPTIONAL = {article_claims.FILE: article_claims.TABLE, searches.FILE: searches.TABLE}
FILE = "SOURCE.toml"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Record(Shown):
    """The tables of one published record, every cell the text that was printed.

    Attributes
    ----------
    studies, outcomes, contrasts, claims, searches, cochrane : DataFrame
        All columns of the room's schemas and any others of the file, as text; `line` (int) is
        the line of the file. An optional file that is absent is a frame without rows.
        `cochrane` holds all such files, with the column `file`.
    name : str
        Name of the record, for titles.
    files : dict of str to str
        File name to sha256 of every table that was read.
    notes : tuple of str
        What was repaired or passed over in reading.
    """

    studies: pd.DataFrame
    outcomes: pd.DataFrame
    contrasts: pd.DataFrame
    claims: pd.DataFrame
    searches: pd.DataFrame
    cochrane: pd.DataFrame
    name: str
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_record(folder: Path | str | None = None) -> Record:
    """Return a published record, checked: `None` is the one that travels with the package.

    Parameters
    ----------
    folder : path, optional
        A folder with `studies.csv`, `outcomes.csv`, `contrasts.csv`, and perhaps
        `article_claims.csv`, `searches.csv` and `cochrane_*.csv`. Other files in it are not read.

    Returns
    -------
    Record
        Every table as text.

    Raises
    ------
    InputError
        With every fault of every file. The shipped record must also have the hashes of its
        passport; a folder of your own needs none.

    Examples
    --------
    >>> record = read_record()
    >>> sway = record.outcomes[record.outcomes["outcome"] == "sway area"].iloc[0]
    >>> sway["mean"], sway["sd"], int(sway["line"])
    ('610.50', '464.26', 25)
    """
    where = (shipped_folder(RECORD) if folder is None else Path(folder)).resolve()
    if not where.is_dir():
        expected = f"a folder with {', '.join(REQUIRED)}"
        found = "a file" if where.exists() else "no such folder"
        raise InputError.of(str(folder or where), expected, found)
    content = read_folder(where)
    name, faults = where.name, list(content.faults)
    if folder is None:
        passport = read_passport(where)
        name = passport.name
        faults += passport_faults(passport=passport, files=content.files)
    if faults:
        raise InputError(faults)
    tables = content.tables
    reviews = {file: tables[file] for file in tables if file not in {**REQUIRED, **OPTIONAL}}
    return Record(
        studies=tables[studies.FILE],
        outcomes=tables[outcomes.FILE],
        contrasts=tables[contrasts.FILE],
        claims=_optional(tables, article_claims.FILE),
        searches=_optional(tables, searches.FILE),
        cochrane=_stacked(reviews),
        name=name,
        files=content.files,
        notes=content.notes,
    )


def _optional(tables: Mapping[str, pd.DataFrame], file: str) -> pd.DataFrame:
    return tables[file] if file in tables else _empty(OPTIONAL[file])


def _empty(schema: Schema) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series([], dtype="str") for name in schema.names})
    frame.insert(0, LINE, pd.Series([], dtype="int64"))
    return frame


def _stacked(reviews: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if not reviews:
        return _empty(cochrane.TABLE).assign(file=pd.Series([], dtype="str"))
    parts = [frame.assign(file=file) for file, frame in reviews.items()]
    return pd.concat(parts, ignore_index=True).fillna("")


# The files of one folder as checked tables; what is wrong in one does not hide the others.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Folder(Shown):
    """What a folder holds: its tables and their hashes by file name, faults, repairs."""

    tables: dict[str, pd.DataFrame]
    files: dict[str, str]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def read_folder(folder: Path) -> Folder:
    """Return the tables of a folder, whose path has no links, with all that is wrong in them.

    Only files with the names of the tables are read, and none that lies outside the folder.
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


# The passport of the shipped record: what each file is, and the hash it must have.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Passport(Shown):
    """The name of a record and the sha256 of each of its files."""

    name: str
    files: dict[str, str]


def read_passport(folder: Path) -> Passport:
    """Return the passport of a folder; raise `InputError` when it cannot be read."""
    text = read_bytes(folder / FILE).decode("utf-8", errors="replace")
    try:
        content = tomllib.loads(text)
        files = {str(entry["name"]): str(entry["sha256"]) for entry in content["file"]}
        return Passport(name=str(content["name"]), files=files)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        expected = "a name, and for every file its name and sha256"
        raise InputError.of(FILE, expected, f"{type(error).__name__}: {error}") from error


def passport_faults(*, passport: Passport, files: dict[str, str]) -> list[Fault]:
    """Return a fault for each file that is not as the passport says, is missing or is extra.

    >>> passport = Passport(name="a record", files={"studies.csv": "aa", "outcomes.csv": "bb"})
    >>> for fault in passport_faults(passport=passport, files={"studies.csv": "ab"}):
    ...     print(fault)
    studies.csv: expected the file that SOURCE.toml describes (sha256 aa), found sha256 ab. \
The shipped record is not edited in place: copy the folder and read the copy
    outcomes.csv: expected the file that SOURCE.toml describes (sha256 bb), found no such file
    """
    faults = Faults()
    for name in sorted({*passport.files, *files}, key=list({**files, **passport.files}).index):
        promised, found, action = passport.files.get(name), files.get(name), ""
        if promised == found:
            continue
        expected = f"the file that {FILE} describes (sha256 {(promised or '')[:12]})"
        if promised is None:
            expected, found = f"only files that {FILE} describes", "a file it does not name"
        elif found is None:
            found = "no such file"
        else:
            found = f"sha256 {found[:12]}"
            action = "The shipped record is not edited in place: copy the folder and read the copy"
        faults.add(None, expected, found or "", action, file=name)
    return faults.faults


# The links between the tables of a record: every study_id that is used is a known study.


def link_faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Return a fault for each study_id that `studies.csv` does not have.

    A contrast that was recomputed here, such as a pool, needs no study; nothing is said where
    there is no table of studies.
    """
    register = tables.get(studies.FILE)
    if register is None or "study_id" not in register.columns:
        return []
    known = set(register["study_id"])
    used = []
    for file in (outcomes.FILE, contrasts.FILE):
        for line, study, origin in _uses(tables.get(file)):
            if OLDER_ORIGINS.get(origin, origin) != "collector":
                used.append((file, line, "study_id", study))
    claims = tables.get(article_claims.FILE)
    column = "evidence_study_ids"
    if claims is not None and column in claims.columns:
        for line, ids in zip(claims[LINE], claims[column], strict=True):
            used += [(article_claims.FILE, line, column, part.strip()) for part in ids.split(";")]
    unknown = [use for use in used if use[3] not in known and STUDY.fault(use[3]) is None]
    ids = sorted(name for name in known if STUDY.fault(name) is None)
    told = list(dict.fromkeys(study for *_, study in unknown))[:SHOWN_FAULTS]
    advice = {study: nearest(study, ids) for study in told}
    faults = Faults()
    for file, line, column, study in unknown:
        action = advice.get(study) or "Add the study, or correct the id"
        faults.add(column, f"a study_id of {studies.FILE}", study, action, row=int(line), file=file)
    return faults.faults


def _uses(table: pd.DataFrame | None) -> list[tuple[int, str, str]]:
    if table is None or "study_id" not in table.columns:
        return []
    origins = table["origin"].tolist() if "origin" in table.columns else [""] * len(table)
    return list(zip(table[LINE].tolist(), table["study_id"].tolist(), origins, strict=True))
