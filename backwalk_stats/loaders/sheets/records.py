"""The records of a separated text, the line each starts at, and every fault of shape."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.encoding import check_separator
from backwalk_stats.loaders.sheets.sheet import LINE, SEPARATORS, reads_as_note

MAX_COLUMNS = 1_000
MAX_RECORDS = 500_000
MAX_CELL = 32_767  # what a spreadsheet cell can hold


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

    What stands above line `header_row`, and the last `footer_rows` records, are not read. Where
    other separators and rows of notes could be declared, messages advise it, and a note without
    separators is as wide as the header, its other cells empty. Raises `InputError` with every
    fault: another separator, a name missing or twice, a record that is not as wide as the header,
    an open quotation mark, NUL bytes, cells or headers over the cap.

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
