"""Bytes to text, strictly: what is not the promised encoding is named and refused."""

from __future__ import annotations

import codecs

from backwalk_stats.errors import InputError, UsageError

# Before its release 13 a Stata file begins with its number, the order of its bytes, 1 and 0.
OLD_STATA = tuple(bytes([number, order, 1, 0]) for number in range(104, 116) for order in (1, 2))
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
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
)
# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
AS_UTF8 = "Save it as UTF-8 text (in a spreadsheet: CSV UTF-8, separated by commas)"


def file_kind(content: bytes) -> str | None:
    """Return what a file is by its first bytes, or None when nothing speaks against text.

    Examples
    --------
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
    """Return a name for the encoding that bytes which are not UTF-8 look like.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    str
        "UTF-16", "UTF-32", "CP1252 (Windows)" or "Latin-1"; a likely name, not a proof.

    Examples
    --------
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


def decode(content: bytes, *, file: str, encoding: str = "utf-8") -> tuple[str, tuple[str, ...]]:
    r"""Return the text of a file, and what had to be said about how it was read.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Name of the file, for messages.
    encoding : str
        The encoding asked for; another one is never tried.

    Returns
    -------
    text : str
        The text, without a byte order mark.
    notes : tuple of str
        What was repaired or is not the default.

    Raises
    ------
    InputError
        The bytes are not text, or not in this encoding; the message names the likely one.
    UsageError
        There is no such encoding.

    Examples
    --------
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
        raise _not_utf8(content, file=file, row=None)
    if codec == "utf-8" and content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
        notes.append(f"{file}: a UTF-8 byte order mark was removed")
    try:
        return content.decode(codec), tuple(notes)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        if codec == "utf-8":
            raise _not_utf8(content, file=file, row=row) from error
        found = f"a byte that {codec} does not have"
        raise InputError.of(file, f"{codec} text", found, AS_UTF8, row=row) from error


def _codec(encoding: str) -> str:
    try:
        "a".encode(encoding)  # refuses what is a codec but no text, such as base64
        return codecs.lookup(encoding).name
    except LookupError as error:
        message = f"no encoding named '{encoding}'; common ones are: utf-8, utf-16, cp1252"
        raise UsageError(message) from error


def _not_utf8(content: bytes, *, file: str, row: int | None) -> InputError:
    found = f"bytes that look like {likely_encoding(content)}"
    return InputError.of(file, "UTF-8 text", found, AS_UTF8, row=row)
