"""What the XML of a workbook says and its reader does not: errors, formulas, what is hidden."""

from __future__ import annotations

import zipfile
from collections.abc import Set
from dataclasses import dataclass, field

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets.safe_xml import refuse_document_type, walk

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


@dataclass(kw_only=True, slots=True)
class SheetFacts:
    """What was counted in a sheet; places are (row, column), both from 1.

    Attributes
    ----------
    rows, columns : int
        Last row and last column that have a cell.
    errors, formulas : list of (int, int)
        Cells that hold an error such as #N/A; cells that are computed.
    text_formulas : set of (int, int)
        Formulas that yielded a text, which may be empty.
    merged : list of (int, int, int, int)
        First row, first column, last row, last column.
    hidden_rows, hidden_columns : int
        How many.
    filtered : bool
        Whether a filter hides or can hide rows.
    """

    rows: int = 0
    columns: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    text_formulas: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0
    filtered: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BookFacts:
    """What a workbook says of itself: the part that holds each sheet, and its date system."""

    parts: dict[str, str]
    from_1904: bool


def check_parts(archive: zipfile.ZipFile, *, needed: str, file: str) -> None:
    """Raise where a needed part is missing, a part has a document type, or there are macros."""
    if needed not in archive.namelist():
        found = "an archive of another kind"
        action = "Renaming a file does not convert it; save it anew in the program it comes from"
        raise InputError.of(file, "a workbook", found, action)
    for name in archive.namelist():
        if name.lower().endswith("vbaproject.bin") or name.startswith("Basic/"):
            action = "Save it as .xlsx, which has none"
            raise InputError.of(file, "a workbook", "a workbook with macros", action)
        if name.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(name) as stream:
                refuse_document_type(stream, file=file)


def book_facts(archive: zipfile.ZipFile, *, file: str) -> BookFacts:
    """Return what an .xlsx says of itself."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}
    from_1904 = []

    def in_workbook(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = [value for key, value in attributes.items() if key.endswith(" id")]
            sheets[attributes.get("name", "")] = "".join(relation)
        elif name == "workbookPr" and attributes.get("date1904") in {"1", "true", "on"}:
            from_1904.append(name)

    def in_relations(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = inside

    with archive.open(WORKBOOK) as stream:
        walk(stream, file=file, start=in_workbook)
    with archive.open(RELATIONS) as stream:
        walk(stream, file=file, start=in_relations)
    parts = {name: targets.get(identity, "") for name, identity in sheets.items()}
    return BookFacts(parts=parts, from_1904=bool(from_1904))


def sheet_facts(archive: zipfile.ZipFile, part: str, *, file: str) -> SheetFacts:
    """Return what the XML of one sheet of an .xlsx tells."""
    facts = SheetFacts()
    columns: dict[str, int] = {}
    row = column = 0
    kind = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind
        if name == "v":  # every second element of a sheet
            return
        if name == "c":
            row, column = _place(attributes.get("r"), row, column, columns)
            facts.rows = max(facts.rows, row)
            facts.columns = max(facts.columns, column)
            kind = attributes.get("t", "n")
            if kind == "e":
                facts.errors.append((row, column))
        elif name == "f":
            facts.formulas.append((row, column))
            if kind == "str":
                facts.text_formulas.add((row, column))
        elif name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
            facts.hidden_rows += attributes.get("hidden") in {"1", "true"}
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            facts.hidden_columns += int(attributes["max"]) - int(attributes["min"]) + 1
        elif name == "mergeCell":
            facts.merged.append(_range(attributes.get("ref", "")))
        elif name == "filterColumn":
            facts.filtered = True

    with archive.open(part) as stream:
        walk(stream, file=file, start=start)
    return facts


def large_numbers(
    archive: zipfile.ZipFile, part: str, wanted: Set[tuple[int, int]], *, file: str
) -> dict[tuple[int, int], str]:
    """Return the numbers at some places of an .xlsx sheet as they are written there."""
    found: dict[tuple[int, int], str] = {}
    columns: dict[str, int] = {}
    row = column = 0
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, inside
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            row, column = _place(attributes.get("r"), row, column, columns)
        inside = name == "v" and (row, column) in wanted

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def text(piece: str) -> None:
        if inside:
            found[row, column] = found.get((row, column), "") + piece

    with archive.open(part) as stream:
        walk(stream, file=file, start=start, end=end, text=text)
    return found


def _place(
    reference: str | None, row: int, column: int, columns: dict[str, int]
) -> tuple[int, int]:
    """Return row and column of a cell: as it says, else beside the one before."""
    if reference is None:
        return row, column + 1
    letters = reference.rstrip("0123456789")
    if letters not in columns:
        columns[letters] = column_number(letters)
    return int(reference[len(letters) :]), columns[letters]


def column_number(letters: str) -> int:
    """Return the number of a column from its letters.

    Examples
    --------
    >>> [column_number(letters) for letters in ("A", "Z", "AA", "XFD")]
    [1, 26, 27, 16384]
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column from its number.

    Examples
    --------
    >>> [column_letters(number) for number in (1, 26, 27, 16384)]
    ['A', 'Z', 'AA', 'XFD']
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _range(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    begin = _place(first, 0, 0, {})
    return (*begin, *_place(last or first, 0, 0, {}))
