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


def read_text_table(path: Path | str, *, encoding: str = "utf-8") -> TextTable:
    r"""Return a CSV file as text, every cell as written, with its hash and what was repaired.

    Parameters
    ----------
    path : Path or str
        Comma-separated; the first record is the header.
    encoding : str
        Any that Python knows; what was needed to read the file is told in `notes`.

    Raises
    ------
    InputError
        With every fault of the file.
    UsageError
        If there is no such encoding.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "arms.csv")
    ...     _ = path.write_text("arm,mean\nbackward,4.80\nNA,\n", encoding="utf-8")
    ...     read_text_table(path).frame.to_dict("list")
    {'line': [2, 3], 'arm': ['backward', 'NA'], 'mean': ['4.80', '']}
    """
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
