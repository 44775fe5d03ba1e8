"""Text that is separated by something else than was promised: what it looks like, what to do."""

from __future__ import annotations

import re

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.read_options import SEPARATORS

PLURALS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# A number with a comma in it, alone between two of the marks that separate columns.
DECIMAL_COMMA = re.compile(r'(?:^|[;|\t"])[-+−]?\d+,\d+(?:$|[;|\t"])', re.MULTILINE)
DECIMAL_POINT = re.compile(r'(?:^|[,;|\t"])[-+−]?\d+\.\d+(?:$|[,;|\t"])', re.MULTILINE)
LOOKED_AT = 20_000  # characters


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
