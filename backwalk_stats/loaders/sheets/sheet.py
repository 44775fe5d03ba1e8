"""One table of a file, whatever the file was: every cell text, and what reading it has changed."""

from __future__ import annotations

import datetime
import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backwalk_stats.errors import Fault, UsageError
from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

Rows = list[tuple[int, list[str]]]  # the line of each, and its cells
LINE = "line"  # the column that a reader adds
NUMBER = re.compile(r"\s*[-+−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
NO_VALUE = frozenset(
    ["", ".", "-", "--", "?", "n/a", "na", "nan", "nd", "nr", "none", "null", "missing", "unk"]
)
WHOLE = 2.0**53  # beyond it not every whole number is a float
TIMES = (datetime.date, datetime.time, datetime.timedelta)
SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
DECIMALS = {".": "a point", ",": "a comma"}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Sheet(Shown):
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
    formats : mapping of str to mapping of str to tuple of int
        Column to kind of format ("percent", "currency", "date", "time") to the lines of values that
        the file shows so: 0.45 in a cell of per cent is seen as 45 %.
    broken : mapping of str to Fault
        Column to what is wrong with cells of it that could not be read as they are: a text that is
        cut inside a character, a date beyond all years. Such cells hold what could be read, or "";
        who uses the column refuses it.
    sheets : tuple of str
        Of a workbook with several sheets, where none was asked for: the one that was read, then the
        others.
    """

    file: str
    frame: pd.DataFrame
    sha256: str
    log: pd.DataFrame
    missing: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    formats: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    broken: Mapping[str, Fault] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()


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


def sheet_advice(sheets: Sequence[str]) -> str:
    r"""Return the advice to name a sheet, where the first of several was read.

    >>> sheet_advice(("Codebook", "Data"))
    'Sheet \'Codebook\' was read; there is \'Data\' too: set sheet = "Data" to read it'
    """
    first, *others = sheets
    listed = ", ".join(f"'{name}'" for name in others)
    verb = "is" if len(others) == 1 else "are"
    told = f"Sheet '{first}' was read; there {verb} {listed} too"
    return f'{told}: set sheet = "{others[0]}" to read {"it" if verb == "is" else "that one"}'


# The value of a cell in a binary file as text that reads back as the same value.


def number_text(value: float | int | np.generic) -> str:
    """Return a number with the fewest digits that read back as it; a whole one without a point.

    A numpy float of 32 bits gets the digits that 32 bits need. NaN gives "".

    >>> [number_text(value) for value in (1.0, 0.1, -2.5, 9007199254740993, float("nan"), 1e22)]
    ['1', '0.1', '-2.5', '9007199254740993', '', '10000000000000000000000']
    >>> import numpy as np
    >>> number_text(np.float32(0.1)), number_text(1e-7)
    ('0.1', '0.0000001')
    """
    if not isinstance(value, float) and isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if math.isnan(number):
        return ""
    text = str(value) if isinstance(value, np.float32) else repr(number)
    if "e" in text:
        narrow = value if isinstance(value, np.float32) else np.float64(number)
        return np.format_float_positional(narrow, unique=True, trim="-")
    return text.removesuffix(".0")


def date_text(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    """Return a date or time in ISO 8601; a length of time as hours, minutes and seconds.

    >>> date_text(datetime.datetime(2026, 3, 4)), date_text(datetime.time(9, 30))
    ('2026-03-04', '09:30:00')
    >>> date_text(datetime.datetime(2026, 3, 4, 9, 30)), date_text(datetime.timedelta(hours=30))
    ('2026-03-04T09:30:00', '30:00:00')
    """
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return value.isoformat()


# One column of an SPSS or Stata file as text, with what the file says of its values.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Cells(Shown):
    """A column as text; lines count from 2.

    Attributes
    ----------
    texts : list of str
        "" where a value is missing, for a reason or not.
    reasons : dict of int to str
        Line to why a value is missing: the code, and its label where it has one.
    labels : dict of str to str
        Code to label.
    unlabelled : tuple of int
        Lines with a value that has no label though others of the column have one.
    dates : tuple of int
        Lines that hold a date or a time.
    large : tuple of int
        Lines with a number beyond which not every whole number is a float.
    dated_missing : bool
        Whether missing values are declared for a column of dates, where they cannot be found.
    """

    texts: list[str]
    reasons: dict[int, str]
    labels: dict[str, str]
    unlabelled: tuple[int, ...]
    dates: tuple[int, ...]
    large: tuple[int, ...]
    dated_missing: bool


def cells_of(values: Sequence[Any], name: str, meta: Any) -> Cells:  # noqa: ANN401
    """Return a column as text, from what pyreadstat gives with `user_missing=True`.

    `meta` is what it tells of the file: labels, ranges of missing values, types.
    """
    kind = meta.readstat_variable_types[name]
    written = {code: str(label) for code, label in meta.variable_value_labels.get(name, {}).items()}
    # A letter among numbers says why one is missing: .a of Stata, .A of SAS.
    letters = {*string.ascii_letters, "_"} if kind != "string" else set()
    labels = {
        f".{code.lower()}" if code in letters else _text(code, kind): label
        for code, label in written.items()
    }
    ranges = meta.missing_ranges.get(name, [])
    texts, reasons, dates, large = [], {}, [], []
    for line, value in enumerate(values, start=2):
        text = _text(value, kind)
        if isinstance(value, TIMES):
            dates.append(line)
        elif text and (value in letters or _in_ranges(value, ranges)):
            code = f".{text.lower()}" if value in letters else text
            label = labels.get(code)
            reasons[line] = f"{code}: {label}" if label else code
            text = ""
        elif isinstance(value, float) and abs(value) >= WHOLE:
            large.append(line)
        texts.append(text)
    plain = [line for line, text in enumerate(texts, start=2) if text and text not in labels]
    used = any(text in labels for text in texts if text)
    return Cells(
        texts=texts,
        reasons=reasons,
        labels=labels,
        unlabelled=tuple(plain) if used else (),
        dates=tuple(dates),
        large=tuple(large),
        dated_missing=bool(dates and ranges),
    )


def _text(value: Any, kind: str) -> str:  # noqa: ANN401
    """Return one value as text; None, NaN and NaT are empty."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, str):
        return value.rstrip(" \0")
    if isinstance(value, TIMES):
        return date_text(value)
    return number_text(np.float32(value) if kind == "float" else value)


def _in_ranges(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:  # noqa: ANN401
    """Return whether a value lies in a declared range of missing values; a text equals one end."""
    for one in ranges:
        low, high = one["lo"], one["hi"]
        if isinstance(value, str) or isinstance(low, str):
            if str(value).rstrip() in {str(low).rstrip(), str(high).rstrip()}:
                return True
        elif low <= value <= high:
            return True
    return False


# How a data file is to be read: what the trial file declares, because no reader guesses it.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReadOptions(Shown):
    r"""What is declared of a file.

    Parameters
    ----------
    encoding : str
        Of a text file; of an SPSS or Stata file it replaces the one that the file names.
    separator : str, optional
        Between the columns of a text file. By default a comma, in a .tsv file a tab.
    decimal : str
        Decimal mark of the numbers in a text file, "." or ",". Readers keep cells as they are; who
        makes numbers of them applies it.
    sheet : str or int, optional
        Sheet of a workbook by name, or by number from 1. By default the first visible one.
    dictionary : path, optional
        Data dictionary of a REDCap project; the file is then read as a raw REDCap export.
    catalogue : path, optional
        Catalogue (.sas7bcat) with the value labels of a SAS data set.
    header_row : int
        Line of the file (row of the sheet) with the column names, from 1, empty ones counted; those
        above it are not read.
    header_rows : tuple of int, optional
        Two lines of names in place of one. A name of the upper one holds for all the columns that
        it is merged over, and for empty cells after it; it is joined to the lower one by a space.
    footer_rows : int
        How many lines of the file (rows of the sheet) stand after the last record, empty ones
        counted; they are not read. Where one of them is a record it is a fault.
    missing_codes : tuple of str
        Texts that mean missing. They stay as they are; a reader only knows that they are no fault.
    record_columns : tuple of str
        Columns that every record fills, such as those of id and arm: a row that fills them is never
        cut off as a footer.
    repeats : bool
        Whether rows of repeating instruments of a REDCap export are read, with the columns of
        instrument and instance.
    may_be_empty : bool
        Whether a file may hold no record: nobody had an event.

    Raises
    ------
    UsageError
        If a choice does not exist, or two do not go together.

    Examples
    --------
    >>> ReadOptions(separator=";", decimal=",").decimal
    ','
    >>> ReadOptions(separator=",", decimal=",")
    Traceback (most recent call last):
    backwalk_stats.errors.UsageError: separator and decimal mark cannot both be a comma
    """

    encoding: str = "utf-8"
    separator: str | None = None
    decimal: str = "."
    sheet: str | int | None = None
    dictionary: Path | str | None = None
    catalogue: Path | str | None = None
    header_row: int = 1
    header_rows: tuple[int, int] | None = None
    footer_rows: int = 0
    missing_codes: tuple[str, ...] = ()
    record_columns: tuple[str, ...] = ()
    repeats: bool = False
    may_be_empty: bool = False

    def __post_init__(self) -> None:
        if self.separator is not None and self.separator not in SEPARATORS:
            raise UsageError(f"no such separator; there are: {', '.join(SEPARATORS.values())}")
        if self.decimal not in DECIMALS:
            raise UsageError(f"no such decimal mark; there are: {', '.join(DECIMALS.values())}")
        if self.separator == self.decimal == ",":
            raise UsageError("separator and decimal mark cannot both be a comma")
        if self.header_row < 1 or self.footer_rows < 0:
            raise UsageError("header_row is 1 or more, footer_rows 0 or more")
        if self.header_rows is not None and not 1 <= self.header_rows[0] < self.header_rows[1]:
            raise UsageError("header_rows are two rows, the upper one first, as in [2, 3]")
        if self.header_rows is not None and self.header_row not in (1, self.header_rows[0]):
            raise UsageError("header_row and header_rows are two ways to say one thing: give one")

    @property
    def names(self) -> tuple[int, ...]:
        """Return the line of the column names, or both."""
        return (self.header_row,) if self.header_rows is None else self.header_rows

    def separator_of(self, path: Path) -> str:
        """Return the separator of a text file, by its ending where none is declared."""
        if self.separator is not None:
            return self.separator
        return "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
