"""A separated text file as a table of text, exactly as written, or every fault it has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backwalk_stats.errors import InputError, printable
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.loaders.sheets.footer_rows import note_unread_above, row_faults
from backwalk_stats.loaders.sheets.records import separator_told, split_records
from backwalk_stats.loaders.sheets.sheet import ReadOptions, Sheet, missing_frame, text_frame

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTable:
    """A file that was read: its cells as text, its hash, and what was repaired.

    Attributes
    ----------
    frame : DataFrame
        Every column text; `line` (int) is the line at which the record starts, header = 1.
    sha256 : str
        Hash of the bytes that were read.
    notes : tuple of str
        What was repaired, or could not be told.
    """

    frame: pd.DataFrame
    sha256: str
    notes: tuple[str, ...]


def read_text_table(path: Path | str, *, encoding: str = "utf-8") -> TextTable:
    r"""Return a CSV file as text, every cell as written, with its hash and what was repaired.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "arms.csv")
    ...     _ = path.write_text("arm,mean\nbackward,4.80\nNA,\n", encoding="utf-8")
    ...     read_text_table(path).frame.to_dict("list")
    {'line': [2, 3], 'arm': ['backward', 'NA'], 'mean': ['4.80', '']}
    """
    path = Path(path)
    file, content = printable(path.name), read_bytes(path)
    text, said = decode(content, file=file, encoding=encoding)
    records = split_records(text, file=file)
    frame = text_frame(list(zip(records.starts, records.cells, strict=True)), records.header)
    digest = hashlib.sha256(content).hexdigest()
    told = (f"{file}: {action}" for action in records.findings.log()["action"])
    return TextTable(frame=frame, sha256=digest, notes=(*said, *told))


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file that is not too large; raise `InputError` otherwise."""
    found = action = ""
    if path.is_dir():
        found, action = "a folder", "Give the file itself"
    elif not path.exists():
        found = "no such file"
    elif not path.is_file():
        found = "a device or a pipe"
    if found:
        raise InputError.of(path.name, "a file", found, action)
    try:
        too_large = path.stat().st_size > most
        with path.open("rb") as stream:
            content = b"" if too_large else stream.read(most + 1)
    except OSError as error:
        found = error.strerror or "an unreadable file"
        raise InputError.of(path.name, "a file that can be read", found) from error
    if too_large or len(content) > most:
        action = "Leave out rows and columns that the trial does not use, or split the file"
        raise InputError.of(path.name, f"at most {most // 2**20} MB", "a larger file", action)
    return content


def read_delimited_sheet(path: Path | str, options: ReadOptions) -> Sheet:
    r"""Return a text file, of 32 MB at most, as a sheet in which every cell is as it was written.

    Another encoding or separator, records of another width than the header, and names missing or
    twice are refused. Notes and totals among the records are in `Sheet.faults`, unless nothing
    else is there. Cells with a decimal comma stay as they are.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "scores.csv")
    ...     _ = path.write_text("id;pain\n007;6,5\n008;NA\n", encoding="utf-8")
    ...     sheet = read_delimited_sheet(path, ReadOptions(separator=";", decimal=","))
    >>> sheet.frame.to_dict("list")
    {'line': [2, 3], 'id': ['007', '008'], 'pain': ['6,5', 'NA']}
    """
    path = Path(path)
    findings, content = Findings(path.name), read_bytes(path)
    text, said = decode(content, file=findings.file, encoding=options.encoding, declarable=True)
    told = separator_told(text, file=findings.file)
    records = split_records(
        text,
        file=findings.file,
        separator=options.separator or told or options.separator_of(path),
        declarable=True,
        options=options,
    )
    rows = list(zip(records.starts, records.cells, strict=True))
    faults, apart = row_faults(
        rows, header=records.header, top=records.top, file=findings.file, total=records.total
    )
    faults += records.findings.faults
    rows = [(line, cells) for line, cells in rows if line not in apart]
    if not rows and (faults or not options.may_be_empty):
        raise InputError(faults)
    for note in said:
        told = note.removeprefix(f"{findings.file}: ")
        (findings.note if told.endswith("as asked") else findings.repair)("", told, 1)
    note_unread_above(options, findings)
    findings.add_log(records.findings.log())
    return Sheet(
        file=findings.file,
        frame=text_frame(rows, records.header),
        sha256=hashlib.sha256(content).hexdigest(),
        log=findings.log(),
        missing=missing_frame(),
        faults=tuple(faults),
    )
