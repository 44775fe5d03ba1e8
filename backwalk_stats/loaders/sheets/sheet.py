"""One table of a file, whatever the file was: every cell text, and what reading it has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwalk_stats.errors import Fault
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import LINE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A table as it was read. Types, units and meanings come later, from the trial file.

    Attributes
    ----------
    file : str
        Name of the file without its folder.
    frame : DataFrame
        `line` (int: the line or row of the file, header = 1), then every column as text; an empty
        cell is "". Numbers of a workbook or an SPSS file are written with the fewest digits that
        read back as the same number, whole ones without a decimal point.
    sha256 : str
        Hash of the bytes that were read.
    log : DataFrame
        Columns of `tables.LOAD_LOG`: what was repaired (level "repair"), looks odd ("warning"), or
        how the file was read ("note").
    missing : DataFrame
        line, column, reason: cells that the file itself marks as missing for a reason (user-missing
        values of SPSS, .a to .z of Stata); the cell itself is "".
    labels : mapping of str to mapping of str to str
        Column to code to label, where the file has value labels.
    dates : mapping of str to tuple of int
        Column to the lines at which the file itself holds a date or a time; the cells are ISO text
        such as "2026-03-04". A spreadsheet may have made them from a score such as 1-2.
    faults : tuple of Fault
        Rows that are no records (notes, totals, a second header). They are not in `frame`, so that
        everything else can be checked as well; a sheet that has any must not be analysed.
    """

    file: str
    frame: pd.DataFrame
    sha256: str
    log: pd.DataFrame
    missing: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def missing_frame(rows: Sequence[tuple[int, str, str]] = ()) -> pd.DataFrame:
    """Return cells that a file marks as missing: (line, column, reason) as `Sheet.missing`."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=["line", "column", "reason"])
    return frame.astype({"line": "int64", "column": "str", "reason": "str"})


def text_frame(rows: Sequence[tuple[int, Sequence[str]]], names: Sequence[str]) -> pd.DataFrame:
    """Return records with their lines as a frame of text: `line` (int), then the columns."""
    import pandas as pd

    frame = pd.DataFrame([cells for _, cells in rows], columns=list(names), dtype="str")
    frame.insert(0, LINE, pd.Series([line for line, _ in rows], dtype="int64"))
    return frame


def note_unread(options: ReadOptions, findings: Findings) -> None:
    """Log how many rows above the header and under the records are not read, as declared."""
    if options.header_row > 1:
        findings.note("", "rows above the header not read", options.header_row - 1)
    if options.footer_rows:
        findings.note("", "rows under the records not read", options.footer_rows)
