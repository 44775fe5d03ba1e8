"""A comma-separated file as a table of text, exactly as written, or every fault it has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import Fault, InputError, printable
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.loaders.sheets.records import LINE, split_records

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


def read_delimited(path: Path | str, *, encoding: str = "utf-8") -> pd.DataFrame:
    r"""Return a CSV file as a frame in which every cell is the text that was written.

    Only the empty cell is missing: `NA`, `-` and `0` stay what they are. No type, separator,
    encoding or header is guessed.

    Parameters
    ----------
    path : path
        A file: UTF-8, separated by commas, one header row.
    encoding : str
        Another encoding, when the file is known to have it.

    Returns
    -------
    DataFrame
        The columns of the file, all text, after `line` (int): the line of the file at which
        the record starts, the header being line 1.

    Raises
    ------
    InputError
        With every fault of the file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "arms.csv")
    ...     _ = path.write_text("arm,mean\nbackward,4.80\nNA,\n", encoding="utf-8")
    ...     read_delimited(path).to_dict("list")
    {'line': [2, 3], 'arm': ['backward', 'NA'], 'mean': ['4.80', '']}
    """
    return read_text_table(path, encoding=encoding).frame


def read_text_table(path: Path | str, *, encoding: str = "utf-8") -> TextTable:
    """Return a CSV file as `read_delimited` does, with its hash and what was repaired."""
    path = Path(path)
    content = read_bytes(path)
    text, said = decode(content, file=printable(path.name), encoding=encoding)
    records = split_records(text, file=printable(path.name))
    frame = pd.DataFrame(list(records.cells), columns=list(records.header), dtype="str")
    frame.insert(0, LINE, pd.Series(records.starts, dtype="int64"))
    digest = hashlib.sha256(content).hexdigest()
    return TextTable(frame=frame, sha256=digest, notes=(*said, *records.notes, *records.warnings))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file that is not too large; raise `InputError` otherwise."""
    found = action = ""
    if path.is_dir():
        found, action = "a folder", "Give the file itself"
    elif not path.exists():
        found = "no such file"
    elif not path.is_file():
        found = "a device or a pipe"
    if found:
        raise InputError(
            [Fault(file=printable(path.name), expected="a file", found=found, action=action)]
        )
    try:
        too_large = path.stat().st_size > MAX_BYTES
        with path.open("rb") as stream:
            content = b"" if too_large else stream.read(MAX_BYTES + 1)
    except OSError as error:
        found = error.strerror or "an unreadable file"
        fault = Fault(file=printable(path.name), expected="a file that can be read", found=found)
        raise InputError([fault]) from error
    if too_large or len(content) > MAX_BYTES:
        expected = f"at most {MAX_BYTES // 2**20} MB"
        raise InputError(
            [Fault(file=printable(path.name), expected=expected, found="a larger file")]
        )
    return content
