"""How a data file is to be read: what the trial file declares, because no reader guesses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from backwalk_stats.errors import Faults, UsageError

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
DECIMALS = {".": "a point", ",": "a comma"}
PLURALS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# A number with a comma in it, alone between two of the marks that separate columns.
DECIMAL_COMMA = re.compile(r'(?:^|[;|\t"])[-+−]?\d+,\d+(?:$|[;|\t"])', re.MULTILINE)
DECIMAL_POINT = re.compile(r'(?:^|[,;|\t"])[-+−]?\d+\.\d+(?:$|[,;|\t"])', re.MULTILINE)
LOOKED_AT = 20_000  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOptions:
    r"""What is declared of a file.

    Parameters
    ----------
    encoding : str
        Of a text file; of an SPSS or Stata file it replaces the one that the file names.
    separator : str, optional
        Between the columns of a text file. By default a comma, in a .tsv file a tab.
    decimal : str
        Decimal mark of the numbers in a text file, "." or ",". Readers keep cells as they are; who
        makes numbers of them applies it.
    sheet : str or int, optional
        Sheet of a workbook by name, or by number from 1. By default the first visible one.
    dictionary : path, optional
        Data dictionary of a REDCap project; the file is then read as a raw REDCap export.
    header_row : int
        Row of the column names, from 1; the rows above it are not read.
    footer_rows : int
        How many of the last rows that are not empty are notes; they are not read.
    missing_codes : tuple of str
        Texts that mean missing. They stay as they are; a reader only knows that they are no fault.

    Raises
    ------
    UsageError
        If a choice does not exist, or two do not go together.

    Examples
    --------
    >>> ReadOptions(separator=";", decimal=",").decimal
    ','
    >>> ReadOptions(separator=",", decimal=",")
    Traceback (most recent call last):
    backwalk_stats.errors.UsageError: separator and decimal mark cannot both be a comma
    """

    encoding: str = "utf-8"
    separator: str | None = None
    decimal: str = "."
    sheet: str | int | None = None
    dictionary: Path | str | None = None
    header_row: int = 1
    footer_rows: int = 0
    missing_codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.separator is not None and self.separator not in SEPARATORS:
            raise UsageError(f"no such separator; there are: {', '.join(SEPARATORS.values())}")
        if self.decimal not in DECIMALS:
            raise UsageError(f"no such decimal mark; there are: {', '.join(DECIMALS.values())}")
        if self.separator == self.decimal == ",":
            raise UsageError("separator and decimal mark cannot both be a comma")
        if self.header_row < 1 or self.footer_rows < 0:
            raise UsageError("header_row is 1 or more, footer_rows 0 or more")

    def separator_of(self, path: Path) -> str:
        """Return the separator of a text file, by its ending where none is declared."""
        if self.separator is not None:
            return self.separator
        return "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","


# Text that is separated by something else than was promised: what it looks like, what to do.


def likely_separator(header: list[str], separator: str) -> str | None:
    """Return what seems to stand between the columns of a header that was split by another mark.

    Examples
    --------
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
    r"""Tell where another separator than the promised one was used.

    Parameters
    ----------
    header : list of str
        First record, as split by `separator`.
    text : str
        The whole text: its beginning tells the decimal mark.
    faults : Faults
    separator : str
        The promised one.
    declarable : bool
        Whether the reader of the message can declare another separator; else it is to be changed.
    row : int
        Line of the header.

    Examples
    --------
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
