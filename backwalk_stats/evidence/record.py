"""One published record: its tables as text, where they came from, and what was repaired."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import InputError
from backwalk_stats.evidence import article_claims, cochrane, contrasts, outcomes, studies
from backwalk_stats.evidence.folder import OPTIONAL, REQUIRED, read_folder
from backwalk_stats.evidence.passport import passport_faults, read_passport
from backwalk_stats.evidence.schema import Schema
from backwalk_stats.examples import RECORD, shipped_folder
from backwalk_stats.loaders.sheets.records import LINE


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The tables of one published record, every cell the text that was printed.

    Attributes
    ----------
    studies, outcomes, contrasts, claims, cochrane : DataFrame
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
        `article_claims.csv` and `cochrane_*.csv`. Other files in it are not read.

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
    claims = tables.get(article_claims.FILE)
    reviews = {file: tables[file] for file in tables if file not in {**REQUIRED, **OPTIONAL}}
    return Record(
        studies=tables[studies.FILE],
        outcomes=tables[outcomes.FILE],
        contrasts=tables[contrasts.FILE],
        claims=_empty(article_claims.TABLE) if claims is None else claims,
        cochrane=_stacked(reviews),
        name=name,
        files=content.files,
        notes=content.notes,
    )


def _empty(schema: Schema) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series([], dtype="str") for name in schema.names})
    frame.insert(0, LINE, pd.Series([], dtype="int64"))
    return frame


def _stacked(reviews: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if not reviews:
        return _empty(cochrane.TABLE).assign(file=pd.Series([], dtype="str"))
    parts = [frame.assign(file=file) for file, frame in reviews.items()]
    return pd.concat(parts, ignore_index=True).fillna("")
