"""A sheet of an .xlsx or .ods workbook as text, or every fault it has."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets import workbook_xml
from backwalk_stats.loaders.sheets.cell_formats import OPEN_DOCUMENT, struck_styles, workbook_styles
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.header_rows import plain_name
from backwalk_stats.loaders.sheets.reader_process import read_apart
from backwalk_stats.loaders.sheets.records import MAX_CELL, MAX_COLUMNS, MAX_RECORDS
from backwalk_stats.loaders.sheets.sheet import ReadOptions, Sheet, sheet_advice
from backwalk_stats.loaders.sheets.workbook_table import Grid, Place, grid_of, table_of
from backwalk_stats.loaders.sheets.workbook_xml import MAX_UNPACKED, SheetFacts

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook, SheetMetadata

MAX_CELLS = 20_000_000
CONTENT = "content.xml"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
CELLS = {"table-cell", "covered-table-cell"}
BLANKS = {"s", "tab"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parsed:
    """What a workbook's readers tell of one sheet: its cells, the XML, which sheet it is."""

    grid: Grid
    facts: SheetFacts
    sheets: tuple[str, ...]
    findings: Findings


def read_workbook(path: Path | str, options: ReadOptions) -> Sheet:
    """Return a sheet of a workbook: numbers with their fewest digits, dates as ISO text.

    An .xlsx or .ods file of 32 MB at most; when unpacked 400 MB, and 100 times its size, at most.
    Merged cells, error cells, formulas that no program has computed, macros, a document type in the
    XML, and an archive that is not sound are refused. A second header, notes and totals alone are
    in `Sheet.faults`.
    """
    path = Path(path)
    content, file = read_bytes(path), Findings(path.name).file
    parsed = read_apart(
        parsed_workbook,
        content,
        path.suffix.lower() == ".ods",
        options.sheet,
        file,
        file=file,
        what="a sound workbook",
        action="Open it in a spreadsheet and save it anew",
    )
    try:
        sheet = table_of(parsed.grid, parsed.facts, options, parsed.findings)
    except InputError as error:
        if len(parsed.sheets) < 2:
            raise
        raise _of_another_sheet(error, parsed.sheets) from error
    sha256 = hashlib.sha256(content).hexdigest()
    return replace(sheet, sha256=sha256, sheets=parsed.sheets)


def _of_another_sheet(error: InputError, sheets: Sequence[str]) -> InputError:
    """Return the faults of a sheet that nobody has asked for, with the others that there are."""
    first, *others = error.faults
    action = ". ".join(filter(None, [first.action, sheet_advice(sheets)]))
    return InputError([replace(first, action=action), *others])


def parsed_workbook(
    content: bytes, is_open_document: bool, wanted: str | int | None, file: str
) -> _Parsed:
    """Return the cells of a sheet and what the XML tells of them, in the reader's process."""
    findings = Findings(file)
    archive = workbook_xml.check_archive(content, file=file)
    workbook_xml.check_parts(
        archive, needed=CONTENT if is_open_document else workbook_xml.WORKBOOK, file=file
    )
    if is_open_document:
        refuse_what_repeats(archive, file=file)
    book = _open(content, file=file)
    names = choose_sheet(book.sheets_metadata, wanted, findings)
    facts, part = _facts(archive, names[0], is_open_document, findings)
    _cap(facts, findings)
    grid = grid_of(_values(book, names[0], file=file))
    if part and grid.large:
        written = workbook_xml.large_numbers(archive, part, grid.large, file=file)
        grid = grid.replaced({place: text for place, text in written.items() if text.isdigit()})
    _log_hidden(facts, findings)
    return _Parsed(grid=grid, facts=facts, sheets=names, findings=findings)


def _open(content: bytes, *, file: str) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        raise workbook_xml.unsound(file, "a damaged one") from error


def _values(book: CalamineWorkbook, name: str, *, file: str) -> list[list[Any]]:
    from python_calamine import CalamineError

    try:
        return list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except CalamineError as error:
        raise workbook_xml.unsound(file, "cells that cannot be read") from error


def _facts(
    archive: zipfile.ZipFile, name: str, is_open_document: bool, findings: Findings
) -> tuple[SheetFacts, str]:
    """Return what the XML tells of a sheet, and its part ("" in an .ods)."""
    file = findings.file
    try:
        if is_open_document:
            return open_document_facts(archive, name, file=file), ""
        facts = workbook_xml.book_facts(archive, file=file)
        if facts.from_1904:
            findings.warn("", "dates count from 1904 (an old Mac setting); check one of them")
        part = facts.parts[name]
        styles = workbook_styles(archive, file=file)
        told = workbook_xml.sheet_facts(
            archive,
            part,
            kinds=[style.kind for style in styles],
            struck={number for number, style in enumerate(styles) if style.struck},
            file=file,
        )
        return told, part
    except (LookupError, ValueError) as error:
        raise workbook_xml.unsound(file, "XML that a spreadsheet does not write") from error


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


# Which sheet of a workbook is read, and what is said about those that are not.


def choose_sheet(
    sheets: Sequence[SheetMetadata], wanted: str | int | None, findings: Findings
) -> tuple[str, ...]:
    """Return the name of the sheet to read: the one wanted, else the first that is visible.

    The other visible ones follow where none was wanted. A number counts from 1; as text it is one
    where no sheet has that name. Hidden sheets, and a choice among several, are logged as warnings.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [one for one in sheets if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in tables]
    hidden = [one.name for one in tables if one.visible != SheetVisibleEnum.Visible]
    listed = ", ".join(f"'{name}'" for name in names)
    visible = [name for name in names if name not in hidden]
    place = _place(wanted, names)
    if wanted is None and visible:
        chosen = visible[0]
    elif place is not None:
        chosen = names[place]
    else:
        expected = f"a sheet {wanted!r}" if wanted is not None else "a sheet that is not hidden"
        action = f'Its sheets: {listed}. Set sheet = "..."' if names else ""
        raise findings.error(None, expected, "no such sheet", action)
    others = [name for name in visible if name != chosen and wanted is None]
    if others:
        listed = ", ".join(f"'{name}'" for name in others)
        told = f"sheet '{chosen}' was read, not {listed}; set sheet to choose"
        findings.warn("", told, len(others))
    elif wanted is not None:
        findings.note("", f"sheet '{chosen}' was read, as asked")
    if chosen in hidden:
        findings.warn("", f"sheet '{chosen}' is hidden")
    unread = [f"'{name}'" for name in hidden if name != chosen]
    if unread:
        findings.warn("", f"hidden sheets were not read: {', '.join(unread)}", len(unread))
    return (chosen, *others)


def _place(wanted: str | int | None, names: list[str]) -> int | None:
    """Return the index of the sheet that is meant, None where there is none."""
    if wanted in names:
        return names.index(str(wanted))
    plain = [plain_name(name) for name in names]
    if plain.count(plain_name(str(wanted))) == 1:
        return plain.index(plain_name(str(wanted)))
    number = int(wanted) if str(wanted).isdecimal() and wanted is not None else 0
    return number - 1 if 1 <= number <= len(names) else None


# What the content of an OpenDocument sheet (.ods) says and its reader does not.


def refuse_what_repeats(archive: zipfile.ZipFile, *, file: str) -> None:
    """Raise where runs of blanks, cells or rows, each written once, would make a huge sheet.

    Its reader writes out what is repeated in every sheet, whatever is asked for.
    """
    most = {"characters": MAX_UNPACKED, "cells": MAX_CELLS}
    total = dict.fromkeys(most, 0)
    rows = times = 1
    inside = False

    def count(what: str, number: int) -> None:
        total[what] += number * rows * times
        if total[what] > most[what] or (what == "characters" and number > MAX_CELL):
            raise workbook_xml.unsound(file, f"a run of repeats that makes too many {what}")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal rows, times, inside
        if name == "table-row":
            rows, times = int(attributes.get(TABLE + "number-rows-repeated", 1)), 1
        elif name in CELLS:
            times = int(attributes.get(TABLE + "number-columns-repeated", 1))
            inside = OFFICE + "value-type" in attributes or TABLE + "formula" in attributes
            if inside:
                count("cells", 1)
        elif name in BLANKS:
            count("characters", int(attributes.get(TEXT + "c", 1)))

    def text(piece: str) -> None:
        if inside and times * rows > 1:
            count("characters", len(piece))

    with archive.open(CONTENT) as stream:
        workbook_xml.walk(stream, file=file, start=start, text=text)


def open_document_facts(archive: zipfile.ZipFile, sheet: str, *, file: str) -> SheetFacts:
    """Return what the XML of one sheet of an .ods tells.

    A run of equal rows or columns is written once, with a number of repeats: only runs that hold a
    value count as rows and columns that have a cell.
    """
    facts, struck = SheetFacts(), struck_styles(archive, file=file)
    inside = False
    row, repeats, column = 1, 1, 1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, row, repeats, column
        if name == "table":
            inside, row, repeats, column = attributes.get(TABLE + "name") == sheet, 1, 1, 1
        elif not inside:
            return
        elif name == "table-row":
            repeats, column = int(attributes.get(TABLE + "number-rows-repeated", 1)), 1
            hidden = attributes.get(TABLE + "visibility", "visible")
            # The empty rest of a sheet may be hidden as one run: only rows before it count.
            facts.hidden_rows += repeats if hidden != "visible" and repeats < 10_000 else 0
            facts.filtered |= hidden == "filter"
        elif name in CELLS:
            times = int(attributes.get(TABLE + "number-columns-repeated", 1))
            _cell(facts, attributes, row=row, repeats=repeats, column=column, times=times)
            _shown(
                facts,
                OPEN_DOCUMENT.get(attributes.get(OFFICE + "value-type", ""), ""),
                attributes.get(TABLE + "style-name", "") in struck,
                places=product(range(row, row + repeats), range(column, column + times)),
            )
            column += times

    def end(name: str) -> None:
        nonlocal inside, row
        if name == "table-row" and inside:
            row += repeats
        inside = inside and name != "table"

    with archive.open(CONTENT) as stream:
        workbook_xml.walk(stream, file=file, start=start, end=end)
    return facts


def _shown(facts: SheetFacts, kind: str, struck: bool, *, places: Iterable[Place]) -> None:
    if not (kind or struck):
        return
    where = list(islice(places, MAX_CELLS))
    if kind:
        facts.formats.setdefault(kind, []).extend(where)
    if struck:
        facts.struck.extend(where)


def _cell(
    facts: SheetFacts,
    attributes: dict[str, str],
    *,
    row: int,
    repeats: int,
    column: int,
    times: int,
) -> None:
    spanned = [
        int(attributes.get(f"{TABLE}number-{kind}-spanned", 1)) for kind in ("rows", "columns")
    ]
    if max(spanned) > 1:
        facts.merged.append((row, column, row + spanned[0] - 1, column + spanned[1] - 1))
    valued, computed = OFFICE + "value-type" in attributes, TABLE + "formula" in attributes
    if not (valued or computed):
        return
    facts.rows = max(facts.rows, row + repeats - 1)
    facts.columns = max(facts.columns, column + times - 1)
    if attributes.get(CALC + "value-type") == "error":
        facts.errors.append((row, column))
    if computed:
        facts.formulas.append((row, column))
        if valued:
            facts.text_formulas.add((row, column))
