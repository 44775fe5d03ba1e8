"""The table in a sheet: its names, its records, and what stands there that is neither."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.findings import Findings, lines
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import LINE, MAX_CELL, header_faults
from backwalk_stats.loaders.sheets.sheet_rows import NUMBER, row_faults
from backwalk_stats.loaders.sheets.workbook_facts import SheetFacts, column_letters
from backwalk_stats.loaders.sheets.workbook_grid import Grid

Rows = list[tuple[int, list[str]]]


def table_of(
    grid: Grid, facts: SheetFacts, *, options: ReadOptions, file: str, findings: Findings
) -> tuple[pd.DataFrame, dict[str, tuple[int, ...]], tuple[Fault, ...]]:
    """Return the records of a sheet, the rows at which each column holds dates, and other rows.

    Parameters
    ----------
    grid : Grid
    facts : SheetFacts
        What the workbook's own XML tells.
    options : ReadOptions
        `header_row` and `footer_rows` are used.
    file, findings : str, Findings
        Name for messages, and the log.

    Returns
    -------
    frame : DataFrame
        As in `Sheet.frame`; `line` is the row of the sheet.
    dates : dict of str to tuple of int
        As in `Sheet.dates`.
    faults : tuple of Fault
        As in `Sheet.faults`.

    Raises
    ------
    InputError
        With every fault of the table, where it has others than rows that are no records.
    """
    header, rows = _parts(grid, options=options, file=file, findings=findings)
    top = options.header_row
    place = {column: name for column, name in enumerate(header, start=1)}
    within = {line for line, _ in rows} | {top}
    others, apart = row_faults(rows, header=header, top=top, file=file)
    merged = _merged_faults(facts, within=within, file=file)
    others += [fault for fault in merged if fault.row in apart]
    within -= apart  # what else is wrong there goes with the row
    faults = [
        *_name_faults(header, rows, top=top, file=file),
        *[fault for fault in merged if fault.row not in apart],
        *_cell_faults(grid, facts, within=within, names=place, file=file),
    ]
    records = [(line, cells) for line, cells in rows if line not in apart]
    if not rows:
        expected, found = "at least one record under the header", "only the header"
        faults.append(Fault(file=file, row=top, expected=expected, found=found))
    if faults or not records:
        raise InputError([*faults, *others])
    dates = _by_column(grid.dates, within=within, names=place)
    for name, where in dates.items():
        told = f"cells are dates, not text or numbers ({lines(where)})"
        findings.warn(file, name, told, len(where))
    for name, where in _by_column(grid.booleans, within=within, names=place).items():
        findings.note(file, name, 'TRUE and FALSE were written as "TRUE", "FALSE"', len(where))
    computed = sum(line in within for line, _ in facts.formulas)
    if computed:
        findings.note(file, "", "formulas: their last computed values were read", computed)
    frame = pd.DataFrame([cells for _, cells in records], columns=header, dtype="str")
    frame.insert(0, LINE, pd.Series([line for line, _ in records], dtype="int64"))
    return frame, dates, tuple(others)


def _parts(
    grid: Grid, *, options: ReadOptions, file: str, findings: Findings
) -> tuple[list[str], Rows]:
    """Return the names, and the records with their rows; empty rows and columns are left out."""
    top = options.header_row
    filled = [
        (line, cells) for line, cells in enumerate(grid.rows, start=1) if any(map(_said, cells))
    ]
    if not filled or filled[-1][0] < top or not any(map(_said, grid.rows[top - 1])):
        expected, found = f"column names in row {top}", "an empty row"
        action = "Set header_row to the row of the names" if filled else "The sheet is empty"
        raise InputError([Fault(file=file, row=top, expected=expected, found=found, action=action)])
    written = grid.rows[top - 1]
    body = [(line, cells) for line, cells in filled if line > top]
    rows = body[: len(body) - options.footer_rows]
    used = [bool(name.strip()) for name in written]
    for _, cells in rows:
        used = [one or bool(cell) for one, cell in zip(used, cells, strict=True)]
    width = max(column for column, one in enumerate(used, start=1) if one)
    header = [name.strip() for name in written[:width]]
    if header != written[:width]:
        findings.repair(file, "", "spaces around column names were removed", 1)
    gaps = rows[-1][0] - top - len(rows) if rows else 0
    if gaps:
        findings.repair(file, "", "empty rows passed over", gaps)
    if top > 1:
        findings.note(file, "", "rows above the header not read", top - 1)
    if options.footer_rows:
        findings.note(file, "", "rows under the records not read", options.footer_rows)
    return header, [(line, cells[:width]) for line, cells in rows]


def _said(cell: str) -> bool:
    return bool(cell) and not cell.isspace()


def _name_faults(header: list[str], rows: Rows, *, top: int, file: str) -> list[Fault]:
    faults = [fault for fault in header_faults(header, row=top, file=file) if fault.column]
    unnamed = [column_letters(place) for place, name in enumerate(header, start=1) if not name]
    if unnamed:
        found = f"no name over column {', '.join(unnamed[:5])}" + (" ..." if unnamed[5:] else "")
        action = "Name every column in one row"
        first, cells = next(((line, c) for line, c in rows if all(map(_said, c))), (0, []))
        if first and not any(map(NUMBER.fullmatch, cells)):
            action += f"; if the names stand in row {first}, set header_row = {first}"
        expected = "a name for every column"
        faults.append(Fault(file=file, row=top, expected=expected, found=found, action=action))
    return faults


def _merged_faults(facts: SheetFacts, *, within: set[int], file: str) -> list[Fault]:
    faults = []
    for first, left, last, right in facts.merged:
        if any(line in within for line in range(first, min(last, first + len(within)) + 1)):
            place = f"{column_letters(left)}{first}:{column_letters(right)}{last}"
            action = "Unmerge them and fill every cell; a note or a title belongs outside the table"
            found = f"merged cells {place}"
            fault = Fault(
                file=file, row=first, expected="one cell a value", found=found, action=action
            )
            faults.append(fault)
    return faults


def _cell_faults(
    grid: Grid, facts: SheetFacts, *, within: set[int], names: dict[int, str], file: str
) -> list[Fault]:
    """Return cells with an error, formulas that nobody has computed, and texts over the cap."""
    uncomputed = [
        (row, column)
        for row, column in facts.formulas
        if (row, column) not in facts.text_formulas
        and (row, column) not in facts.errors
        and (
            row > len(grid.rows) or column > len(grid.rows[0]) or not grid.rows[row - 1][column - 1]
        )
    ]
    long = [
        (row, column)
        for row in within
        for column, cell in enumerate(grid.rows[row - 1], start=1)
        if len(cell) > MAX_CELL
    ]
    kinds = (
        (
            facts.errors,
            "a value",
            "an error such as #N/A or #DIV/0!",
            "Empty the cells or mend them",
        ),
        (
            uncomputed,
            "a value",
            "a formula without its computed value",
            "Open the workbook in a spreadsheet and save it, or paste the values",
        ),
        (long, f"at most {MAX_CELL} characters", "a longer text", ""),
    )
    faults = []
    for places, expected, found, action in kinds:
        for name, where in _by_column(places, within=within, names=names).items():
            told = f"{found} ({len(where)} cells: {lines(where)})" if len(where) > 1 else found
            fault = Fault(
                file=file, row=where[0], column=name, expected=expected, found=told, action=action
            )
            faults.append(fault)
    return faults


def _by_column(
    places: Iterable[tuple[int, int]], *, within: set[int], names: dict[int, str]
) -> dict[str, tuple[int, ...]]:
    """Return the rows of places by the name of their column, in the order of the columns."""
    found: dict[int, list[int]] = {}
    for row, column in places:
        if row in within:
            found.setdefault(column, []).append(row)
    return {
        names.get(column) or f"column {column_letters(column)}": tuple(sorted(found[column]))
        for column in sorted(found)
    }
