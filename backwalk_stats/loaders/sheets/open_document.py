"""What the content of an OpenDocument sheet (.ods) says and its reader does not."""

from __future__ import annotations

import zipfile

from backwalk_stats.loaders.sheets.safe_xml import walk
from backwalk_stats.loaders.sheets.workbook_facts import SheetFacts

CONTENT = "content.xml"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
CELLS = {"table-cell", "covered-table-cell"}


def open_document_facts(archive: zipfile.ZipFile, sheet: str, *, file: str) -> SheetFacts:
    """Return what the XML of one sheet of an .ods tells.

    A run of equal rows or columns is written once, with a number of repeats: only runs that hold a
    value count as rows and columns that have a cell.
    """
    facts = SheetFacts()
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
            column += times

    def end(name: str) -> None:
        nonlocal inside, row
        if name == "table-row" and inside:
            row += repeats
        inside = inside and name != "table"

    with archive.open(CONTENT) as stream:
        walk(stream, file=file, start=start, end=end)
    return facts


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
