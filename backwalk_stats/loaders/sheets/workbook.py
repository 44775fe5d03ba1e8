"""A sheet of an .xlsx or .ods workbook as text, or every fault it has."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.open_document import CONTENT, open_document_facts
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import MAX_COLUMNS, MAX_RECORDS
from backwalk_stats.loaders.sheets.safe_xml import unsound
from backwalk_stats.loaders.sheets.sheet import Sheet, missing_frame
from backwalk_stats.loaders.sheets.sheet_choice import choose_sheet
from backwalk_stats.loaders.sheets.workbook_facts import (
    WORKBOOK,
    SheetFacts,
    book_facts,
    check_parts,
    large_numbers,
    sheet_facts,
)
from backwalk_stats.loaders.sheets.workbook_grid import grid_of
from backwalk_stats.loaders.sheets.workbook_table import table_of
from backwalk_stats.loaders.sheets.zip_safety import check_archive

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAX_CELLS = 20_000_000


def read_workbook(path: Path | str, options: ReadOptions) -> Sheet:
    """Return a sheet of a workbook: numbers with their fewest digits, dates as ISO text.

    Parameters
    ----------
    path : path
        An .xlsx or .ods file, at most 32 MB, at most 400 MB and 100 times its size when unpacked.
    options : ReadOptions
        `sheet`, `header_row` and `footer_rows` are used.

    Raises
    ------
    InputError
        With every fault: no such sheet, merged cells, error cells, formulas that no program has
        computed, macros, a document type in the XML, an archive that is not sound. A second header,
        notes and totals alone are in `Sheet.faults`.
    """
    path = Path(path)
    findings, content = Findings(path.name), read_bytes(path)
    file = findings.file
    archive = check_archive(content, file=file)
    is_open_document = path.suffix.lower() == ".ods"
    check_parts(archive, needed=CONTENT if is_open_document else WORKBOOK, file=file)
    book = _open(content, file=file)
    name = choose_sheet(book.sheets_metadata, options.sheet, findings)
    facts, part = _facts(archive, name, is_open_document, findings)
    _cap(facts, findings)
    grid = grid_of(_values(book, name, file=file))
    if part and grid.large:
        written = large_numbers(archive, part, grid.large, file=file)
        grid = grid.replaced({place: text for place, text in written.items() if text.isdigit()})
    _log_hidden(facts, findings)
    frame, dates, faults = table_of(grid, facts, options, findings)
    return Sheet(
        file=file,
        frame=frame,
        sha256=hashlib.sha256(content).hexdigest(),
        log=findings.log(),
        missing=missing_frame(),
        dates=dates,
        faults=faults,
    )


def _open(content: bytes, *, file: str) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        raise unsound(file, "a damaged one") from error


def _values(book: CalamineWorkbook, name: str, *, file: str) -> list[list[Any]]:
    from python_calamine import CalamineError

    try:
        return list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except CalamineError as error:
        raise unsound(file, "cells that cannot be read") from error


def _facts(
    archive: zipfile.ZipFile, name: str, is_open_document: bool, findings: Findings
) -> tuple[SheetFacts, str]:
    """Return what the XML tells of a sheet, and its part ("" in an .ods)."""
    file = findings.file
    try:
        if is_open_document:
            return open_document_facts(archive, name, file=file), ""
        facts = book_facts(archive, file=file)
        if facts.from_1904:
            findings.warn("", "dates count from 1904 (an old Mac setting); check one of them")
        part = facts.parts[name]
        return sheet_facts(archive, part, file=file), part
    except (KeyError, ValueError) as error:
        raise unsound(file, "XML that a spreadsheet does not write") from error


def _cap(facts: SheetFacts, findings: Findings) -> None:
    """Refuse a sheet that is too large before memory is taken for it."""
    found = ""
    if facts.columns > MAX_COLUMNS:
        expected, found = f"at most {MAX_COLUMNS} columns", f"{facts.columns} columns"
    elif facts.rows > MAX_RECORDS:
        expected, found = f"at most {MAX_RECORDS} rows", f"{facts.rows} rows"
    elif facts.rows * facts.columns > MAX_CELLS:
        expected, found = f"at most {MAX_CELLS} cells", f"{facts.rows * facts.columns} cells"
    if found:
        action = "Delete what stands far from the table, or split it"
        raise findings.error(None, expected, found, action)


def _log_hidden(facts: SheetFacts, findings: Findings) -> None:
    if facts.hidden_rows:
        findings.warn("", "hidden rows were read like the others", facts.hidden_rows)
    if facts.hidden_columns:
        findings.warn("", "hidden columns were read like the others", facts.hidden_columns)
    if facts.filtered:
        findings.warn("", "a filter is set; rows that it hides were read like the others")
