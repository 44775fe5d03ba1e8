"""The table in a sheet: its names, its records, and what stands there that is neither."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backwalk_stats.errors import Fault, Faults, InputError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.footer_rows import (
    note_unread_above,
    row_faults,
    without_footer,
)
from backwalk_stats.loaders.sheets.header_rows import (
    check_names,
    joined_names,
    names_line,
    names_of_one_row,
    no_names,
    refuse_record_as_names,
    said,
    title_fault,
)
from backwalk_stats.loaders.sheets.records import MAX_CELL
from backwalk_stats.loaders.sheets.sheet import (
    WHOLE,
    ReadOptions,
    Rows,
    Sheet,
    date_text,
    missing_frame,
    number_text,
    text_frame,
)
from backwalk_stats.loaders.sheets.workbook_xml import SheetFacts, column_letters

Place = tuple[int, int]


def table_of(grid: Grid, facts: SheetFacts, options: ReadOptions, findings: Findings) -> Sheet:
    """Return the sheet of a grid, without its hash; `line` is the row of the sheet.

    Raises `InputError` with every fault of the table where it has others than rows that are no
    records.
    """
    header, rows, total = _parts(grid, facts, options, findings)
    top = options.names[-1]
    lost, findings.faults = findings.faults, []  # records that a footer would cut off
    others, apart = row_faults(rows, header=header, top=top, file=findings.file, total=total)
    merged = _merged_faults(facts, {line for line, _ in rows}, options, file=findings.file)
    others = [*lost, *others, *(fault for fault in merged if fault.row in apart)]
    places = check_names(header, rows, findings, row=top, called=column_letters)
    findings.extend(fault for fault in merged if fault.row not in apart)
    title = Faults(findings.file)
    if findings.faults and title_fault([(top, header), *rows], title, row=top):
        # One cause: what is found because of it is no fault of its own.
        line = names_line([(top, header), *rows]) or top
        below = [fault for fault in findings.faults if (fault.row or 0) > line]
        findings.faults = [*title.faults, *below]
        others = [fault for fault in others if (fault.row or 0) > line]
    names = {place + 1: header[place] for place in places}
    body = {line for line, _ in rows} - apart  # what else is wrong elsewhere goes with the row
    _check_cells(grid, facts, findings, within=body | {*options.names}, names=names)
    if not rows and not options.may_be_empty:
        findings.add(None, "at least one record under the header", "only the header", row=top)
    if findings.faults or (not body and not options.may_be_empty):
        raise InputError([*findings.faults, *others])
    _log_cells(grid, facts, findings, within=body, names=names)
    if skipped := len(header) - len(places):
        findings.note("", "columns without a name or a value passed over", skipped)
    records = [(line, [cells[place] for place in places]) for line, cells in rows if line in body]
    return Sheet(
        file=findings.file,
        frame=text_frame(records, [header[place] for place in places]),
        sha256="",
        log=findings.log(),
        missing=missing_frame(),
        dates=_by_column(grid.dates, within=body, names=names),
        faults=tuple(others),
        formats=_formats(grid, facts, within=body, names=names),
    )


def _formats(
    grid: Grid, facts: SheetFacts, *, within: set[int], names: dict[int, str]
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return `Sheet.formats`: only cells that hold something count."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for kind, places in facts.formats.items():
        valued = [place for place in places if place[0] in within and grid.text(*place)]
        for name, where in _by_column(valued, within=within, names=names).items():
            found.setdefault(name, {})[kind] = where
    return found


def _log_cells(
    grid: Grid, facts: SheetFacts, findings: Findings, *, within: set[int], names: dict[int, str]
) -> None:
    """Tell of cells that are read otherwise than they look, by column."""
    for name, where in _by_column(grid.dates, within=within, names=names).items():
        told = f"cells are dates, not text or numbers ({lines(where)})"
        findings.warn(name, told, len(where))
    for name, where in _by_column(grid.booleans, within=within, names=names).items():
        findings.note(name, 'TRUE and FALSE were written as "TRUE", "FALSE"', len(where))
    struck = [place for place in facts.struck if grid.text(*place)]
    for name, where in _by_column(struck, within=within, names=names).items():
        told = f"cells that are struck through were read like the others ({lines(where)})"
        findings.warn(name, told, len(where))
    computed = sum(line in within for line, _ in facts.formulas)
    if computed:
        findings.note("", "formulas: their last computed values were read", computed)


def _parts(
    grid: Grid, facts: SheetFacts, options: ReadOptions, findings: Findings
) -> tuple[list[str], Rows, int]:
    """Return the names, the records with their rows, and the last row; empty rows are left out."""
    top = options.names[-1]
    filled = [
        (line, cells) for line, cells in enumerate(grid.rows, start=1) if any(map(said, cells))
    ]
    for line in options.names:
        if not filled or filled[-1][0] < line or not any(map(said, grid.rows[line - 1])):
            raise no_names(filled, findings, row=line, place="row")
    header = _names(grid, facts, options, findings)
    refuse_record_as_names(filled, header, options=options, findings=findings, place="row")
    body = [(line, cells) for line, cells in filled if line > top]
    total = filled[-1][0]
    rows = without_footer(body, header=header, total=total, options=options, findings=findings)
    used = [bool(name) for name in header]
    for _, cells in rows:
        used = [one or bool(cell) for one, cell in zip(used, cells, strict=True)]
    width = max(column for column, one in enumerate(used, start=1) if one)
    gaps = rows[-1][0] - top - len(rows) if rows else 0
    if gaps:
        findings.repair("", "empty rows passed over", gaps)
    note_unread_above(options, findings)
    return header[:width], [(line, cells[:width]) for line, cells in rows], total


def _names(grid: Grid, facts: SheetFacts, options: ReadOptions, findings: Findings) -> list[str]:
    """Return the names of all columns, of one row or of two."""
    written = [grid.rows[line - 1] for line in options.names]
    if len(written) == 1:
        return names_of_one_row(written[0], findings)
    upper = options.names[0]
    merged = [
        (left, right)
        for first, left, last, right in facts.merged
        if first == last == upper and right > left
    ]
    findings.note("", f"names joined of rows {upper} and {options.names[1]}", 1)
    # Where nothing is merged, a name stands over the empty cells after it.
    return joined_names(written[0], written[1], merged or None)


def _merged_faults(
    facts: SheetFacts, body: set[int], options: ReadOptions, *, file: str
) -> list[Fault]:
    """Return faults of merged cells in the table; two rows of names are for them."""
    faults = Faults(file)
    within = body | {*options.names}
    action = "Unmerge them and fill every cell; a note or a title belongs outside the table"
    for first, left, last, right in facts.merged:
        if len(options.names) > 1 and {first, last} <= {*options.names}:
            continue
        if any(line in within for line in range(first, min(last, first + len(within)) + 1)):
            found = f"merged cells {column_letters(left)}{first}:{column_letters(right)}{last}"
            faults.add(None, "one cell a value", found, action, row=first)
    return faults.faults


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
