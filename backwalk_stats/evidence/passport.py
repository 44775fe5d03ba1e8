"""The passport of the shipped record: what each file is, and the hash it must have."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from backwalk_stats.errors import Fault, Faults, InputError
from backwalk_stats.loaders.sheets.delimited import read_bytes

FILE = "SOURCE.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Passport:
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

    Parameters
    ----------
    passport : Passport
        What was promised.
    files : dict of str to str
        Name to sha256 of the files that were read.

    Examples
    --------
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
