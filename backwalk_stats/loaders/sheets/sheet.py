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

from backwalk_stats.errors import Fault, Faults, UsageError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

LINE = "line"  # the column that a reader adds
NUMBER = re.compile(r"\s*[-+−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
NO_VALUE = frozenset(
    ["", ".", "-", "--", "?", "n/a", "na", "nan", "nd", "nr", "none", "null", "missing", "unk"]
)
# The first word of a row under the records that summarises them. Only the first group tells a
# summary by itself: SE may be the code of a site.
SUMMARY = re.compile(r"(?:mean|average|median|total)\s*[:=]?", re.IGNORECASE)
SUMMARY_BESIDE = re.compile(
    r"(?:sd|std\.? ?dev\.?|se|sem|sum|count|min|max|n)\s*[:=]?", re.IGNORECASE
)
NOTE_BEGINS = re.compile(
    r"(?:notes?|source|legend|abbreviations?|key|comments?)\b|[*†‡§#]", re.IGNORECASE
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


# Rows of a spreadsheet that are no records: notes, totals, a second header.


def row_faults(
    rows: Sequence[tuple[int, Sequence[str]]], *, header: Sequence[str], top: int, file: str
) -> tuple[list[Fault], frozenset[int]]:
    """Return faults for rows (line, cells) that are no records, one a kind; and every such line.

    Column names stand in line `top`.

    >>> rows = [(2, ["P1", "5", "3"]), (3, ["P2", "6", "2"]), (5, ["Note: diary pain", "", ""])]
    >>> faults, where = row_faults(rows, header=["id", "w0", "w3"], top=1, file="scores.xlsx")
    >>> print(*faults)  # doctest: +NORMALIZE_WHITESPACE
    scores.xlsx, line 5: expected records, found a note under the table (line 5). Delete it, or
    set footer_rows to the number of rows after the last record
    >>> sorted(where)
    [5]
    """
    notes = _notes(rows, width=len(header))
    totals = _summaries([row for row in rows if row[0] not in notes])  # a note may follow them
    first = rows[0][0] if rows else top
    names = [first] if _second_header(rows) else []
    footer = "or set footer_rows to the number of rows after the last record"
    faults = Faults(file)
    if notes:
        found = f"a note under the table ({lines(notes)})"
        faults.add(None, "records", found, f"Delete it, {footer}", row=notes[0])
    if totals:
        found = f"rows that summarise, such as a mean ({lines(totals)})"
        faults.add(None, "records", found, f"Delete them, {footer}", row=totals[0])
    if names:
        found = f"what looks like a second row of names under line {top}"
        action = f"Keep one row of names: delete the others, or set header_row = {first}"
        faults.add(None, "a record", found, action, row=first)
    return faults.faults, frozenset([*notes, *totals, *names])


def reads_as_note(text: str) -> bool:
    """Return whether a text that stands alone in its row reads as a note, not as an id."""
    return len(text.split()) >= 3 or NOTE_BEGINS.match(text.strip()) is not None


def _notes(rows: Sequence[tuple[int, Sequence[str]]], *, width: int) -> list[int]:
    """Return lines with one text alone that reads as a note, or that follows a gap at the end."""
    found: list[int] = []
    if width < 2:
        return found
    last_full = max(
        (place for place, (_, cells) in enumerate(rows) if _filled(cells) > 1), default=-1
    )
    for place, (line, cells) in enumerate(rows):
        alone = [cell.strip() for cell in cells if cell.strip()]
        if len(alone) != 1 or NUMBER.fullmatch(alone[0]):
            continue
        gap = place > last_full and line - rows[place - 1][0] > 1
        after_note = bool(found) and place > last_full
        if gap or after_note or reads_as_note(alone[0]):
            found.append(line)
    return found


def _summaries(rows: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
    """Return lines at the end whose first cell names a statistic."""
    found: list[int] = []
    words: set[str] = set()
    for line, cells in reversed(rows):
        word = cells[0].strip().casefold()
        if word in words or not (SUMMARY.fullmatch(word) or SUMMARY_BESIDE.fullmatch(word)):
            break
        words.add(word)
        found.insert(0, line)
    return found if any(SUMMARY.fullmatch(word) for word in words) else []


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _second_header(rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Return whether the first record has words in two columns that hold numbers from there on."""
    if len(rows) < 3 or any(NUMBER.fullmatch(cell) for cell in rows[0][1]):
        return False
    wordy = 0
    for column, cell in enumerate(rows[0][1]):
        if cell.strip().casefold() in NO_VALUE:
            continue
        others = [cells[column] for _, cells in rows[1:]]
        values = [other for other in others if other.strip().casefold() not in NO_VALUE]
        wordy += bool(values) and all(NUMBER.fullmatch(value) for value in values)
    return wordy >= 2


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
    letters = set(string.ascii_lowercase) if kind != "string" else set()
    labels = {
        f".{code}" if code in letters else _text(code, kind): label
        for code, label in written.items()
    }
    ranges = meta.missing_ranges.get(name, [])
    texts, reasons, dates, large = [], {}, [], []
    for line, value in enumerate(values, start=2):
        text = _text(value, kind)
        if isinstance(value, TIMES):
            dates.append(line)
        elif text and (value in letters or _in_ranges(value, ranges)):
            code = f".{text}" if value in letters else text
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
    header_row : int
        Row of the column names, from 1; the rows above it are not read.
    footer_rows : int
        How many of the last rows that are not empty are notes; they are not read.
    missing_codes : tuple of str
        Texts that mean missing. They stay as they are; a reader only knows that they are no fault.
    repeats : bool
        Whether rows of repeating instruments of a REDCap export are read, with the columns of
        instrument and instance.

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
    header_row: int = 1
    footer_rows: int = 0
    missing_codes: tuple[str, ...] = ()
    repeats: bool = False

    def __post_init__(self) -> None:
        if self.separator is not None and self.separator not in SEPARATORS:
            raise UsageError(f"no such separator; there are: {', '.join(SEPARATORS.values())}")
        if self.decimal not in DECIMALS:
            raise UsageError(f"no such decimal mark; there are: {', '.join(DECIMALS.values())}")
        if self.separator == self.decimal == ",":
            raise UsageError("separator and decimal mark cannot both be a comma")
        if self.header_row < 1 or self.footer_rows < 0:
            raise UsageError("header_row is 1 or more, footer_rows 0 or more")

    def separator_of(self, path: Path) -> str:
        """Return the separator of a text file, by its ending where none is declared."""
        if self.separator is not None:
            return self.separator
        return "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
