"""The records of a separated text, the line each starts at, and every fault of shape."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.sheets.read_options import SEPARATORS
from backwalk_stats.loaders.sheets.separators import separator_fault
from backwalk_stats.loaders.sheets.sheet_rows import reads_as_note

MAX_COLUMNS = 1_000
MAX_RECORDS = 500_000
MAX_CELL = 32_767  # what a spreadsheet cell can hold
LINE = "line"  # the column that a reader adds


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
    if not text.strip():
        expected = "a header line and at least one record"
        raise InputError([Fault(file=file, expected=expected, found="an empty file")])
    parsed, blank, stopped = _parse(text, separator=separator, file=file)
    rows = [(start, record) for start, record in parsed if start >= header_row]
    if not rows:
        expected = f"a header in line {header_row}"
        raise InputError(stopped or [Fault(file=file, expected=expected, found="fewer lines")])
    (top, written), body = rows[0], rows[1 : len(rows) - footer_rows]
    header = [name.strip() for name in written]
    other = separator_fault(
        header, text, separator=separator, declarable=declarable, file=file, row=top
    )
    if declarable:
        body = [(start, _whole_note(record, len(header))) for start, record in body]
    stop = [*([other] if other else []), *_width_faults(header, row=top, file=file)]
    if stop:
        raise InputError(stop)
    faults = [
        *header_faults(header, row=top, file=file),
        *_shape_faults(body, header=(top, header), file=file, cut=bool(stopped), mark=separator),
        *_cell_faults([rows[0], *body], header=header, file=file),
        *stopped,
    ]
    if faults:
        raise InputError(faults)
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


def _parse(
    text: str, *, separator: str, file: str
) -> tuple[list[tuple[int, list[str]]], int, list[Fault]]:
    rows: list[tuple[int, list[str]]] = []
    blank = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return rows, blank, []
        except csv.Error as error:
            return rows, blank, [_quoting_fault(error, file=file, row=start)]
        if len(rows) > MAX_RECORDS:
            expected = f"at most {MAX_RECORDS} records"
            return rows, blank, [Fault(file=file, row=start, expected=expected, found="more")]
        if record:
            rows.append((start, record))
        else:
            blank += 1


def _quoting_fault(error: csv.Error, *, file: str, row: int) -> Fault:
    if "unexpected end of data" in str(error):
        expected, found = "a closing quotation mark", "the end of the file inside quotes"
        action = "The file looks truncated, or a quotation mark is not doubled"
    elif "field larger" in str(error):
        expected, found = f"at most {MAX_CELL} characters in a cell", "a longer cell"
        action = "A quotation mark may be missing; the lines after it were not read"
    else:
        expected, found = "a separator or a new line after a closing quotation mark", "more text"
        action = "Double the quotation marks inside a cell; the lines after it were not read"
    return Fault(file=file, row=row, expected=expected, found=found, action=action)


def _width_faults(header: list[str], *, row: int, file: str) -> list[Fault]:
    if len(header) <= MAX_COLUMNS:
        return []
    expected, found = f"at most {MAX_COLUMNS} columns", f"{len(header)} columns"
    return [Fault(file=file, row=row, expected=expected, found=found)]


def header_faults(header: list[str], *, row: int, file: str) -> list[Fault]:
    """Return what is wrong with column names: one missing, one twice, one that a reader adds."""
    faults = []
    for name, times in Counter(header).items():
        if not name:
            expected, found = "a name for every column", f"{times} column(s) without a name"
            faults.append(Fault(file=file, row=row, expected=expected, found=found))
        elif times > 1:
            expected, found = "every column name once", f"'{name}' {times} times"
            faults.append(Fault(file=file, row=row, column=name, expected=expected, found=found))
        if name == LINE:
            expected = f"another name: '{LINE}' is kept for the line of the file"
            faults.append(Fault(file=file, row=row, column=name, expected=expected, found=name))
    return faults


def _shape_faults(
    body: list[tuple[int, list[str]]],
    *,
    header: tuple[int, list[str]],
    file: str,
    cut: bool,
    mark: str,
) -> list[Fault]:
    top, width = header[0], len(header[1])
    if not body and not cut:
        expected, found = "at least one record under the header", "only the header"
        return [Fault(file=file, row=top, expected=expected, found=found)]
    faults = []
    for place, (row, record) in enumerate(body):
        expected, found, action = f"{width} values, as the header has", f"{len(record)} values", ""
        if len(record) > width:
            action = f"A cell with {SEPARATORS[mark]} in it needs quotation marks around it"
        elif len(record) < width:
            action = "The file looks truncated" if place == len(body) - 1 else ""
        elif not any(cell.strip() for cell in record):
            expected, found, action = "a record", "only empty cells", "Delete the row"
        else:
            continue
        faults.append(Fault(file=file, row=row, expected=expected, found=found, action=action))
    return faults


def _cell_faults(rows: list[tuple[int, list[str]]], *, header: list[str], file: str) -> list[Fault]:
    faults = []
    for row, record in rows:
        for place, cell in enumerate(record):
            if "\0" in cell:
                expected, found = "text", f"a NUL byte as character {cell.index(chr(0)) + 1}"
            elif len(cell) > MAX_CELL:
                expected, found = f"at most {MAX_CELL} characters", f"{len(cell)} characters"
            else:
                continue
            column = header[place] if place < len(header) else f"number {place + 1}"
            fault = Fault(file=file, row=row, column=column, expected=expected, found=found)
            faults.append(fault)
    return faults
