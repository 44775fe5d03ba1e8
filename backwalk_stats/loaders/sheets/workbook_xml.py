"""What the XML of a workbook says and its reader does not: errors, formulas, what is hidden."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from backwalk_stats.errors import InputError

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
CHUNK = 1024 * 1024
PROLOG = 4096
Start = Callable[[str, dict[str, str]], None]
MAX_MEMBERS = 2_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 100
SMALL = 1024 * 1024  # below this a high ratio does no harm: an empty styles part has one
LOCAL_HEADER = 30  # bytes before the name in a member's own header
LEADS_OUT = re.compile(r"(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:|\0")


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
    formats : dict of str to list of (int, int)
        Kind of format ("percent", "currency", "date", "time") to the cells that are shown so.
    struck : list of (int, int)
        Cells that are struck through.
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
    formats: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    struck: list[tuple[int, int]] = field(default_factory=list)


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


def sheet_facts(
    archive: zipfile.ZipFile, part: str, *, kinds: Sequence[str], struck: Set[int], file: str
) -> SheetFacts:
    """Return what the XML of one sheet of an .xlsx tells.

    `kinds` are those of the formats of its styles, by number, and `struck` the styles that strike
    through.
    """
    facts = SheetFacts()
    shown = {str(number): kind for number, kind in enumerate(kinds) if kind}
    lined = {str(number) for number in struck}
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
            style = attributes.get("s", "0")
            if style in shown:
                facts.formats.setdefault(shown[style], []).append((row, column))
            if style in lined:
                facts.struck.append((row, column))
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

    >>> [column_number(letters) for letters in ("A", "Z", "AA", "XFD")]
    [1, 26, 27, 16384]
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column from its number.

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


# XML of an untrusted file, element by element: what could expand or fetch anything is refused.


def walk(
    stream: IO[bytes],
    *,
    file: str,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    r"""Call functions for each element of an XML document, in its order.

    They are given (name, attributes), (name), and the text between. Names come without their
    namespace; an attribute that has one comes as "namespace name". A document type, or an entity
    of its own, is refused: those can expand without end or read other files, and no spreadsheet
    writes them.

    >>> import io
    >>> walk(io.BytesIO(b"<x:a xmlns:x='u' k='1'/>"), file="a.xlsx", start=print)
    a {'k': '1'}
    """
    parser = _parser(file)
    local = _LocalNames()
    parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local[name])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise unsound(file, "XML that is not well-formed") from error


class _LocalNames(dict[str, str]):
    """Name with namespace to name without; each is cut once, for there are millions."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(" ")[2]
        return self[name]


def refuse_document_type(stream: IO[bytes], *, file: str) -> None:
    """Raise as `walk` does where an XML document has a document type; read no further than that."""
    parser = _parser(file)
    begun = []
    parser.StartElementHandler = lambda name, _: begun.append(name)
    try:
        while not begun and (chunk := stream.read(PROLOG)):
            parser.Parse(chunk, False)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # Not expat alone: Python raises its own errors at an encoding that it does not know.
        raise unsound(file, "XML that is not well-formed") from error


def _parser(file: str) -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise unsound(file, "XML with a document type (DTD)")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def unsound(
    file: str, found: str, action: str = "Open it in a spreadsheet and save it anew"
) -> InputError:
    """Return the error of a workbook that is not as a spreadsheet writes it."""
    return InputError.of(file, "a sound workbook", found, action)


# Archives that are safe to unpack: sizes measured and capped, no name that leads out.


def check_archive(content: bytes, *, file: str) -> zipfile.ZipFile:
    """Return an archive whose members have been measured.

    Each member is unpacked once, in pieces that are thrown away: a size that the archive declares
    is not believed. A damaged or encrypted archive, a name that leads out of it or occurs twice, a
    member that is not of its declared size, and more than the caps allow are refused.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise unsound(file, "a damaged archive", "Save the workbook anew") from error
    found = _listing_fault(members, size=len(content))
    if found:
        raise unsound(file, found, "Open it in a spreadsheet and save it anew as .xlsx")
    room = MAX_UNPACKED
    for member in members:
        room -= _measured(content, member, room=room, file=file)
        try:
            archive.open(member).close()  # compares the member's own header with the listing
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise unsound(file, "a damaged archive", "Save the workbook anew") from error
    return archive


def _listing_fault(members: list[zipfile.ZipInfo], *, size: int) -> str:
    """Return what is wrong with what the archive says of itself, "" where nothing is."""
    names = [member.filename for member in members]
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    # ZipInfo has replaced what follows a NUL and the system's separator: ask the name as stored.
    stored = [member.orig_filename for member in members]
    faults = (
        (len(members) > MAX_MEMBERS, f"an archive of more than {MAX_MEMBERS} parts"),
        (any(map(LEADS_OUT.search, stored)), "an archive with a name that leads out of it"),
        (len(set(names)) < len(names), "an archive with two parts of one name"),
        (any(member.flag_bits & 1 for member in members), "an encrypted archive"),
        (any(member.compress_type not in known for member in members), "an unusual compression"),
        (packed > size, "an archive whose parts overlap"),
        (unpacked > MAX_UNPACKED, f"more than {MAX_UNPACKED // 2**20} MB when unpacked"),
        (
            unpacked > max(SMALL, MAX_RATIO * packed),
            f"an archive that unpacks to more than {MAX_RATIO} times its size",
        ),
    )
    return next((found for wrong, found in faults if wrong), "")


def _measured(content: bytes, member: zipfile.ZipInfo, *, room: int, file: str) -> int:
    """Return the size of a member as unpacked; raise where it is not the declared one."""
    start = member.header_offset
    lengths = content[start + 26 : start + LOCAL_HEADER]
    begin = start + LOCAL_HEADER
    begin += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = content[begin : begin + member.compress_size]
    total, check = len(packed), zlib.crc32(packed)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        total = check = 0
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        while packed and not unpacker.eof and total <= min(member.file_size, room):
            try:
                piece = unpacker.decompress(packed, CHUNK)
            except zlib.error as error:
                raise unsound(file, "a damaged archive", "Save the workbook anew") from error
            total, check = total + len(piece), zlib.crc32(piece, check)
            packed = unpacker.unconsumed_tail
    if total != member.file_size or total > room:
        found = "an archive with a part that is not of the size it declares"
        raise unsound(file, found, "Open it in a spreadsheet and save it anew as .xlsx")
    if check != member.CRC:
        raise unsound(file, "a damaged archive", "Save the workbook anew")
    return total
