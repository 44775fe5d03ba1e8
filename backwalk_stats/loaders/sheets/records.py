"""The records of a separated text, the line each starts at, and every fault of shape."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backwalk_stats.errors import Fault, Faults, lines
from backwalk_stats.loaders.sheets.read_options import SEPARATORS, check_separator

MAX_COLUMNS = 1_000
MAX_RECORDS = 500_000
MAX_CELL = 32_767  # what a spreadsheet cell can hold
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """The header and the records of a text, all as wide as the header.

    Attributes
    ----------
    header : tuple of str
        Column names.
    starts : tuple of int
        Line of the text at which each record starts; the first line is 1.
    cells : tuple of list of str
        The records, cell by cell as written.
    notes : tuple of str
        What was repaired or not read.
    warnings : tuple of str
        What could not be told.
    """

    header: tuple[str, ...]
    starts: tuple[int, ...]
    cells: tuple[list[str], ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def split_records(
    text: str,
    *,
    file: str,
    separator: str = ",",
    declarable: bool = False,
    header_row: int = 1,
    footer_rows: int = 0,
) -> Records:
    r"""Return the records of a text; quotes as in RFC 4180, and records may span lines.

    Parameters
    ----------
    text : str
        A header line and records.
    file : str
        Name of the file, for messages.
    separator : str
        Between the cells.
    declarable : bool
        Whether another separator, and rows of notes, could be declared; decides what a message
        advises. A note without separators is then as wide as the header, its other cells empty.
    header_row : int
        Line of the header, from 1; what stands above is not read.
    footer_rows : int
        How many of the last records are notes; they are not read.

    Raises
    ------
    InputError
        With every fault: another separator, a name missing or twice, a record that is not as
        wide as the header, an open quotation mark, NUL bytes, cells or headers over the cap.

    Examples
    --------
    >>> records = split_records('arm,note\nbackward,"two\nlines"\nforward,\n', file="arms.csv")
    >>> records.starts, records.cells
    ((2, 4), (['backward', 'two\nlines'], ['forward', '']))
    """
    faults, stopped = Faults(file), Faults(file)
    if not text.strip():
        raise faults.error(None, "a header line and at least one record", "an empty file")
    parsed, blank = _parse(text, stopped, separator=separator)
    rows = [(start, record) for start, record in parsed if start >= header_row]
    if not rows:
        stopped.stop()
        raise faults.error(None, f"a header in line {header_row}", "fewer lines")
    (top, written), body = rows[0], rows[1 : len(rows) - footer_rows]
    header = [name.strip() for name in written]
    check_separator(header, text, faults, separator=separator, declarable=declarable, row=top)
    if declarable:
        body = [(start, _whole_note(record, len(header))) for start, record in body]
    if len(header) > MAX_COLUMNS:
        faults.add(None, f"at most {MAX_COLUMNS} columns", f"{len(header)} columns", row=top)
    faults.stop()
    check_header(header, faults, row=top)
    if body:
        _check_shape(body, faults, width=len(header), mark=SEPARATORS[separator])
    elif not stopped.faults:
        faults.add(None, "at least one record under the header", "only the header", row=top)
    _check_cells([rows[0], *body], faults, header=header)
    faults.extend(stopped.faults)
    faults.stop()
    notes = [f"{file}: spaces around column names were removed"] if header != written else []
    notes += [f"{file}: {blank} blank line(s) passed over"] if blank else []
    warnings = []
    if not text.endswith(("\n", "\r")):
        warnings.append(f"{file}: no line break at the end, so the last value may be cut short")
    return Records(
        header=tuple(header),
        starts=tuple(start for start, _ in body),
        cells=tuple(record for _, record in body),
        notes=tuple(notes),
        warnings=tuple(warnings),
    )


def _whole_note(record: list[str], width: int) -> list[str]:
    """Return a record, made as wide as the header where it is a note: one text without cells."""
    is_note = len(record) == 1 and reads_as_note(record[0])
    return record + [""] * (width - 1) if is_note else record


def _parse(text: str, faults: Faults, *, separator: str) -> tuple[list[tuple[int, list[str]]], int]:
    """Return the records with their lines, and the number of blank lines; tell an early end."""
    rows: list[tuple[int, list[str]]] = []
    blank = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return rows, blank
        except csv.Error as error:
            faults.add(None, *_quoting(error), row=start)
            return rows, blank
        if len(rows) > MAX_RECORDS:
            faults.add(None, f"at most {MAX_RECORDS} records", "more", row=start)
            return rows, blank
        if record:
            rows.append((start, record))
        else:
            blank += 1


def _quoting(error: csv.Error) -> tuple[str, str, str]:
    """Return what was expected and found, and what to do, where quotation marks are wrong."""
    if "unexpected end of data" in str(error):
        expected, found = "a closing quotation mark", "the end of the file inside quotes"
        action = "The file looks truncated, or a quotation mark is not doubled"
    elif "field larger" in str(error):
        expected, found = f"at most {MAX_CELL} characters in a cell", "a longer cell"
        action = "A quotation mark may be missing; the lines after it were not read"
    else:
        expected, found = "a separator or a new line after a closing quotation mark", "more text"
        action = "Double the quotation marks inside a cell; the lines after it were not read"
    return expected, found, action


def check_header(header: list[str], faults: Faults, *, row: int) -> None:
    """Tell what is wrong with column names: one missing, one twice, one that a reader adds."""
    for name, times in Counter(header).items():
        if not name:
            found = f"{times} column(s) without a name"
            faults.add(None, "a name for every column", found, row=row)
        elif times > 1:
            faults.add(name, "every column name once", f"'{name}' {times} times", row=row)
        if name == LINE:
            expected = f"another name: '{LINE}' is kept for the line of the file"
            faults.add(name, expected, name, row=row)


def _check_shape(
    body: list[tuple[int, list[str]]], faults: Faults, *, width: int, mark: str
) -> None:
    for place, (row, record) in enumerate(body):
        expected, found, action = f"{width} values, as the header has", f"{len(record)} values", ""
        if len(record) > width:
            action = f"A cell with {mark} in it needs quotation marks around it"
        elif len(record) < width:
            action = "The file looks truncated" if place == len(body) - 1 else ""
        elif not any(cell.strip() for cell in record):
            expected, found, action = "a record", "only empty cells", "Delete the row"
        else:
            continue
        faults.add(None, expected, found, action, row=row)


def _check_cells(rows: list[tuple[int, list[str]]], faults: Faults, *, header: list[str]) -> None:
    for row, record in rows:
        for place, cell in enumerate(record):
            column = header[place] if place < len(header) else f"number {place + 1}"
            if "\0" in cell:
                found = f"a NUL byte as character {cell.index(chr(0)) + 1}"
                faults.add(column, "text", found, row=row)
            elif len(cell) > MAX_CELL:
                expected = f"at most {MAX_CELL} characters"
                faults.add(column, expected, f"{len(cell)} characters", row=row)


# Rows of a spreadsheet that are no records: notes, totals, a second header.


def row_faults(
    rows: Sequence[tuple[int, Sequence[str]]], *, header: Sequence[str], top: int, file: str
) -> tuple[list[Fault], frozenset[int]]:
    """Return the rows that stand in a table but are no records of it.

    Parameters
    ----------
    rows : sequence of (int, sequence of str)
        Line and cells of each record.
    header : sequence of str
        Column names.
    top : int
        Line of the header.
    file : str
        For messages.

    Returns
    -------
    faults : list of Fault
        One a kind of row.
    lines : frozenset of int
        Every line at which such a row stands.

    Examples
    --------
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
