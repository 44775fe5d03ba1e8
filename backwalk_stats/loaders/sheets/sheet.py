"""One table of a file, whatever the file was: every cell text, and what reading it has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwalk_stats.errors import Fault

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
