"""Bytes to text, strictly: what is not the promised encoding is named and refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from backwalk_stats.errors import Fault, Faults, InputError, UsageError
from backwalk_stats.loaders.sheets.sheet import SEPARATORS

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
AS_UTF8 = "Save it as UTF-8 text (in a spreadsheet: CSV UTF-8, separated by commas)"
PLURALS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# A number with a comma in it, alone between two of the marks that separate columns.
DECIMAL_COMMA = re.compile(r'(?:^|[;|\t"])[-+−]?\d+,\d+(?:$|[;|\t"])', re.MULTILINE)
DECIMAL_POINT = re.compile(r'(?:^|[,;|\t"])[-+−]?\d+\.\d+(?:$|[,;|\t"])', re.MULTILINE)
LOOKED_AT = 20_000  # characters
SPACES = "\u00a0\u2007\u2009\u202f"  # no-break, figure, thin and narrow no-break space
SAME_SIGN = str.maketrans(
    {
        "\u2212": "-",  # minus sign
        "\u2010": "-",  # hyphen
        "\u2011": "-",  # no-break hyphen
        "\u2012": "-",  # figure dash
        "\u2013": "-",  # en dash
        "\ufe63": "-",  # small hyphen-minus
        "\uff0d": "-",  # fullwidth hyphen-minus
        "\uff0b": "+",
        "\uff0e": ".",
        "\u066b": ".",  # Arabic decimal separator
        **dict.fromkeys(SPACES, " "),
    }
)


# Before its release 13 a Stata file begins with its number, the order of its bytes, 1 and 0.
OLD_STATA = tuple(bytes([number, order, 1, 0]) for number in range(104, 116) for order in (1, 2))
SAS_DATA = bytes.fromhex("0000000000000000 00000000c2ea8160 b31411cfbd920800 09c7318c181f1011")
SAS_TRANSPORT = b"HEADER RECORD*******LIB"  # LIBRARY; LIBV8 since SAS 8
# What a file starts with, when it is not delimited text at all.
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive, such as an .xlsx workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, such as an .xls workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"$FL2", "an SPSS data file"),
    (b"$FL3", "a compressed SPSS data file"),
    (b"<stata_dta>", "a Stata data file"),
    *((start, "a Stata data file") for start in OLD_STATA),
    (SAS_DATA, "a SAS data set"),
    (SAS_TRANSPORT, "a SAS transport file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"RDX2\n", "an R workspace"),
    (b"RDX3\n", "an R workspace"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"ARROW1", "a Feather file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
)


# All bytes but the control characters that no table of any encoding of eight bits has.
_OF_TEXT = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\n\r\f\x1a")


def file_kind(content: bytes) -> str | None:
    """Return what a file is by its first bytes, or None when nothing speaks against text.

    >>> file_kind(b"%PDF-1.7 ...")
    'a PDF document'
    >>> file_kind(b"study_id,arm") is None
    True
    """
    start = content[:32]
    lowered = start.lower()
    for signature, kind in SIGNATURES:
        if start.startswith(signature) or lowered.startswith(signature.lower()):
            return kind
    return None


def likely_encoding(content: bytes) -> str:
    """Return a name for the encoding that bytes which are not UTF-8 look like: likely, no proof.

    >>> likely_encoding("José".encode("latin-1"))
    'Latin-1 or CP1252 (Windows)'
    >>> likely_encoding("“quoted”".encode("cp1252"))
    'CP1252 (Windows)'
    >>> likely_encoding("a,b".encode("utf-16"))
    'UTF-16'
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return name
    if content.count(0) > len(content) / 4:
        return "UTF-16 without a byte order mark"
    if any(0x80 <= byte <= 0x9F for byte in content):
        return "CP1252 (Windows)"
    return "Latin-1 or CP1252 (Windows)"


def encoding_key(content: bytes) -> str:
    """Return the encoding to declare for bytes that are not UTF-8 and that it can read, or "".

    >>> encoding_key("José".encode("latin-1")), encoding_key("a,b".encode("utf-16-le"))
    ('windows-1252', 'utf-16-le')
    """
    marked = (name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark))
    if name := next(marked, ""):
        return name.lower()
    if content.count(0) > len(content) / 4:
        return "utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    return "windows-1252"


def decode(
    content: bytes, *, file: str, encoding: str = "utf-8", declarable: bool = False
) -> tuple[str, tuple[str, ...]]:
    r"""Return the text of a file without its byte order mark, and notes on how it was read.

    No other encoding than the one asked for is tried: `InputError` names the likely one, with the
    key to declare it where that is possible (`declarable`), and `UsageError` tells that there is no
    such encoding.

    >>> decode(b"\xef\xbb\xbfarm,n", file="arms.csv")
    ('arm,n', ('arms.csv: a UTF-8 byte order mark was removed',))
    """
    kind = file_kind(content)
    if kind is not None:
        action = "Export the table as CSV; renaming a file does not convert it"
        raise InputError.of(file, "CSV text", kind, action)
    codec = _codec(encoding)
    notes = [] if codec == "utf-8" else [f"{file}: read as {codec}, as asked"]
    marked = any(content.startswith(mark) for mark, _ in BYTE_ORDER_MARKS)
    many_nul = len(content) > 3 and content.count(0) > len(content) / 4
    if codec == "utf-8" and (marked or many_nul):
        raise _not_utf8(content, file=file, row=None, declarable=declarable)
    if codec == "utf-8" and content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
        notes.append(f"{file}: a UTF-8 byte order mark was removed")
    try:
        return content.decode(codec), tuple(notes)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        if codec == "utf-8":
            raise _not_utf8(content, file=file, row=row, declarable=declarable) from error
        found = f"a byte that {codec} does not have"
        raise InputError.of(file, f"{codec} text", found, AS_UTF8, row=row) from error


def _codec(encoding: str) -> str:
    try:
        "a".encode(encoding)  # refuses what is a codec but no text, such as base64
        return codecs.lookup(encoding).name
    except LookupError as error:
        message = f"no encoding named '{encoding}'; common ones are: utf-8, utf-16, cp1252"
        raise UsageError(message) from error


def _not_utf8(content: bytes, *, file: str, row: int | None, declarable: bool) -> InputError:
    likely = likely_encoding(content)
    controls = len(content.translate(None, _OF_TEXT))
    if not likely.startswith("UTF-") and controls > len(content) / 100:
        action = "Export the table as CSV; renaming a file does not convert it"
        return InputError.of(file, "CSV text", "bytes that no text has", action)
    found = f"bytes that look like {likely}"
    key = encoding_key(content) if declarable else ""
    action = f'Set encoding = "{key}" for the file, or save it as UTF-8 text' if key else AS_UTF8
    return InputError.of(file, "UTF-8 text", found, action, row=row)


# Text that is separated by something else than was promised: what it looks like, what to do.


def likely_separator(header: list[str], separator: str) -> str | None:
    """Return what seems to stand between the columns of a header that was split by another mark.

    >>> likely_separator(["id;pain_w0;pain_w3"], ",")
    ';'
    >>> likely_separator(["id", "pain"], ",") is None
    True
    """
    for mark in SEPARATORS:
        times = sum(cell.count(mark) for cell in header)
        if mark != separator and times and times >= len(header) - 1:
            return mark
    return None


def check_separator(
    header: list[str], text: str, faults: Faults, *, separator: str, declarable: bool, row: int
) -> None:
    r"""Tell where a header that was split by `separator` promises another one.

    The beginning of the text tells the decimal mark. The message advises to declare both, or,
    where its reader cannot (`declarable`), to change the file.

    >>> faults = Faults("scores.csv")
    >>> check_separator(["id;pain"], "id;pain\n1;6,5\n", faults, separator=",", declarable=True,
    ...                 row=1)
    >>> print(*faults.faults)  # doctest: +NORMALIZE_WHITESPACE
    scores.csv, line 1: expected commas between the columns, found what looks like a semicolon
    between the columns and a decimal comma. Set separator = ";" and decimal = ","
    """
    mark = likely_separator(header, separator)
    if mark is None:
        return
    found = f"what looks like {SEPARATORS[mark]} between the columns"
    start = text[:LOOKED_AT]
    comma = DECIMAL_COMMA.search(start) is not None
    found += " and a decimal comma" if comma else ""
    written = r"\t" if mark == "\t" else mark
    decimal = "," if comma else "." if DECIMAL_POINT.search(start) else ""
    action = f'Set separator = "{written}"'
    action += f' and decimal = "{decimal}"' if decimal and mark != decimal else ""
    expected = f"{PLURALS[separator]} between the columns"
    if not declarable:
        expected = PLURALS[separator]
        action = "Save it with commas between the columns and a point as decimal mark"
    faults.add(None, expected, found, action, row=row)


def without_keys(fault: Fault) -> Fault:
    """Return a fault with advice for a sheet of which no key declares separator or encoding.

    >>> found = Fault(file="a.csv", expected="commas", found="others", action='Set separator = ";"')
    >>> without_keys(found).action
    'Save it as UTF-8 text with commas between the columns and a point as decimal mark'
    """
    if not fault.action.startswith(("Set separator", "Set encoding")):
        return fault
    told = "Save it as UTF-8 text with commas between the columns and a point as decimal mark"
    return replace(fault, action=told)


# Characters that look alike: labels that differ by them alone, typographic signs and digits.


def folded(label: str) -> str:
    r"""Return what a label is compared by: no case, single spaces, compatible characters as one.

    >>> folded(" Backward\u00a0 Walking ") == folded("backward walking")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def repeated(labels: Iterable[str]) -> list[str]:
    """Return labels that fold to one that came before.

    >>> repeated(["W0", "W3", "w0 "])
    ['w0 ']
    """
    seen: set[str] = set()
    again = []
    for label in labels:
        if folded(label) in seen:
            again.append(label)
        seen.add(folded(label))
    return again


def plain_signs(text: str) -> str:
    """Return a text with typographic minus signs, digits and spaces written plainly.

    Only characters that mean the same are replaced; decimals and their zeros stay.

    >>> plain_signs("−1.50\u00a0"), plain_signs("４.２")
    ('-1.50', '4.2')
    """
    if text.isascii():
        return text.strip()
    digits = (
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text.translate(SAME_SIGN)
    )
    return "".join(digits).strip()
