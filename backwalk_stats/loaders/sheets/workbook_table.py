"""The table in a sheet: its names, its records, and what stands there that is neither."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from backwalk_stats.errors import Fault, Faults, InputError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.records import MAX_CELL, check_header
from backwalk_stats.loaders.sheets.sheet import (
    NUMBER,
    WHOLE,
    ReadOptions,
    date_text,
    note_unread,
    number_text,
    row_faults,
    text_frame,
)
from backwalk_stats.loaders.sheets.workbook_xml import SheetFacts, column_letters

Rows = list[tuple[int, list[str]]]
Place = tuple[int, int]


def table_of(
    grid: Grid, facts: SheetFacts, options: ReadOptions, findings: Findings
) -> tuple[pd.DataFrame, dict[str, tuple[int, ...]], tuple[Fault, ...]]:
    """Return `Sheet.frame`, `.dates` and `.faults` of a sheet; `line` is the row of the sheet.

    Raises `InputError` with every fault of the table where it has others than rows that are no
    records.
    """
    header, rows = _parts(grid, options, findings)
    top = options.header_row
    place = {column: name for column, name in enumerate(header, start=1)}
    within = {line for line, _ in rows} | {top}
    others, apart = row_faults(rows, header=header, top=top, file=findings.file)
    merged = Faults(findings.file)
    _check_merged(facts, merged, within=within)
    others += [fault for fault in merged.faults if fault.row in apart]
    within -= apart  # what else is wrong there goes with the row
    _check_names(header, rows, findings, top=top)
    findings.extend(fault for fault in merged.faults if fault.row not in apart)
    _check_cells(grid, facts, findings, within=within, names=place)
    records = [(line, cells) for line, cells in rows if line not in apart]
    if not rows:
        findings.add(None, "at least one record under the header", "only the header", row=top)
    if findings.faults or not records:
        raise InputError([*findings.faults, *others])
    dates = _by_column(grid.dates, within=within, names=place)
    for name, where in dates.items():
        told = f"cells are dates, not text or numbers ({lines(where)})"
        findings.warn(name, told, len(where))
    for name, where in _by_column(grid.booleans, within=within, names=place).items():
        findings.note(name, 'TRUE and FALSE were written as "TRUE", "FALSE"', len(where))
    computed = sum(line in within for line, _ in facts.formulas)
    if computed:
        findings.note("", "formulas: their last computed values were read", computed)
    return text_frame(records, header), dates, tuple(others)


def _parts(grid: Grid, options: ReadOptions, findings: Findings) -> tuple[list[str], Rows]:
    """Return the names, and the records with their rows; empty rows and columns are left out."""
    top = options.header_row
    filled = [
        (line, cells) for line, cells in enumerate(grid.rows, start=1) if any(map(_said, cells))
    ]
    if not filled or filled[-1][0] < top or not any(map(_said, grid.rows[top - 1])):
        expected, found = f"column names in row {top}", "an empty row"
        action = "Set header_row to the row of the names" if filled else "The sheet is empty"
        raise findings.error(None, expected, found, action, row=top)
    written = grid.rows[top - 1]
    body = [(line, cells) for line, cells in filled if line > top]
    rows = body[: len(body) - options.footer_rows]
    used = [bool(name.strip()) for name in written]
    for _, cells in rows:
        used = [one or bool(cell) for one, cell in zip(used, cells, strict=True)]
    width = max(column for column, one in enumerate(used, start=1) if one)
    header = [name.strip() for name in written[:width]]
    if header != written[:width]:
        findings.repair("", "spaces around column names were removed", 1)
    gaps = rows[-1][0] - top - len(rows) if rows else 0
    if gaps:
        findings.repair("", "empty rows passed over", gaps)
    note_unread(options, findings)
    return header, [(line, cells[:width]) for line, cells in rows]


def _said(cell: str) -> bool:
    return bool(cell) and not cell.isspace()


def _check_names(header: list[str], rows: Rows, findings: Findings, *, top: int) -> None:
    named = Faults(findings.file)
    check_header(header, named, row=top)
    findings.extend(fault for fault in named.faults if fault.column)
    unnamed = [column_letters(place) for place, name in enumerate(header, start=1) if not name]
    if unnamed:
        found = f"no name over column {', '.join(unnamed[:5])}" + (" ..." if unnamed[5:] else "")
        action = "Name every column in one row"
        first, cells = next(((line, c) for line, c in rows if all(map(_said, c))), (0, []))
        if first and not any(map(NUMBER.fullmatch, cells)):
            action += f"; if the names stand in row {first}, set header_row = {first}"
        findings.add(None, "a name for every column", found, action, row=top)


def _check_merged(facts: SheetFacts, faults: Faults, *, within: set[int]) -> None:
    action = "Unmerge them and fill every cell; a note or a title belongs outside the table"
    for first, left, last, right in facts.merged:
        if any(line in within for line in range(first, min(last, first + len(within)) + 1)):
            found = f"merged cells {column_letters(left)}{first}:{column_letters(right)}{last}"
            faults.add(None, "one cell a value", found, action, row=first)


def _check_cells(
    grid: Grid, facts: SheetFacts, findings: Findings, *, within: set[int], names: dict[int, str]
) -> None:
    """Tell cells with an error, formulas that nobody has computed, and texts over the cap."""
    known = {*facts.text_formulas, *facts.errors}
    uncomputed = [place for place in facts.formulas if place not in known and not grid.text(*place)]
    long = [
        (row, column)
        for row in within
        for column, cell in enumerate(grid.rows[row - 1], start=1)
        if len(cell) > MAX_CELL
    ]
    mend = "Empty the cells or mend them"
    save = "Open the workbook in a spreadsheet and save it, or paste the values"
    for places, expected, found, action in (
        (facts.errors, "a value", "an error such as #N/A or #DIV/0!", mend),
        (uncomputed, "a value", "a formula without its computed value", save),
        (long, f"at most {MAX_CELL} characters", "a longer text", ""),
    ):
        for name, where in _by_column(places, within=within, names=names).items():
            told = f"{found} ({len(where)} cells: {lines(where)})" if len(where) > 1 else found
            findings.add(name, expected, told, action, row=where[0])


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


# The cells of a sheet as text, and where they were something else.


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A sheet from its first row and column on; places are (row, column), both from 1.

    Attributes
    ----------
    rows : list of list of str
        An empty cell is "".
    dates, booleans, large : frozenset of (int, int)
        Cells that were a date or a time; TRUE or FALSE; a number that a float may have rounded.
    """

    rows: list[list[str]]
    dates: frozenset[Place]
    booleans: frozenset[Place]
    large: frozenset[Place]

    def text(self, row: int, column: int) -> str:
        """Return the text at a place, "" where the sheet has no cell."""
        inside = row <= len(self.rows) and column <= len(self.rows[0])
        return self.rows[row - 1][column - 1] if inside else ""

    def replaced(self, texts: Mapping[Place, str]) -> Grid:
        """Return the grid with other texts at some places."""
        rows = list(self.rows)
        for (row, column), text in texts.items():
            cells = list(rows[row - 1])
            cells[column - 1] = text
            rows[row - 1] = cells
        return replace(self, rows=rows)


def grid_of(values: Sequence[Sequence[Any]]) -> Grid:
    """Return rows of values, as a workbook's reader gives them, as a grid of text.

    >>> grid = grid_of([["id", "pain"], [1.0, 6.5], [2.0, datetime.date(2026, 2, 1)]])
    >>> grid.rows
    [['id', 'pain'], ['1', '6.5'], ['2', '2026-02-01']]
    >>> grid.dates
    frozenset({(3, 2)})
    """
    dates: list[Place] = []
    booleans: list[Place] = []
    large: list[Place] = []
    rows = []
    for row, cells in enumerate(values, start=1):
        texts = []
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                text = cell
            elif isinstance(cell, bool):
                text = "TRUE" if cell else "FALSE"
                booleans.append((row, column))
            elif isinstance(cell, float | int):
                text = number_text(cell)
                if abs(cell) >= WHOLE:
                    large.append((row, column))
            elif isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
                text = date_text(cell)
                dates.append((row, column))
            else:
                raise TypeError(f"a workbook's reader gave a {type(cell).__name__}")
            texts.append(text)
        rows.append(texts)
    return Grid(
        rows=rows, dates=frozenset(dates), booleans=frozenset(booleans), large=frozenset(large)
    )
