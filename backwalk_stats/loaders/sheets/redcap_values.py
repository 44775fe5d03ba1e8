"""What a cell of a raw REDCap export may hold, by what the data dictionary says of its field."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Mapping

import pandas as pd

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.records import LINE
from backwalk_stats.loaders.sheets.redcap_dictionary import TICKED, Field

INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[-+]?(?:\d+,?\d*|,\d+)", re.ASCII)
ANYTHING = re.compile(r".*", re.DOTALL)
RAW = "Export raw data, not labels"


def check_column(
    frame: pd.DataFrame, column: str, field: Field, faults: Faults, missing_codes: Collection[str]
) -> None:
    """Tell cells of a column that hold none of the field's codes, or not what it promises."""
    expected, found, action, holds = _promise(field)
    wrong = _lines_where(frame, column, lambda cell: not holds(cell), missing_codes)
    if field.choices:
        labels = {label.casefold() for label in _codes(field).values()}
        worded = _lines_where(
            frame, column, lambda cell: not holds(cell) and cell.casefold() in labels, missing_codes
        )
        if worded:
            wrong, found, action = worded, "a label in place of its code", RAW
    if wrong:
        faults.add(column, expected, found, action, row=wrong)


def _codes(field: Field) -> Mapping[str, str]:
    return TICKED if field.kind == "checkbox" else field.choices


def date_lines(
    frame: pd.DataFrame, column: str, field: Field, missing_codes: Collection[str]
) -> tuple[int, ...]:
    """Return the lines at which a field holds a date or a time."""
    if not field.validation.startswith(("date", "time")):
        return ()
    return tuple(_lines_where(frame, column, lambda _: True, missing_codes))


def outside_limits(frame: pd.DataFrame, field: Field, missing_codes: Collection[str]) -> list[int]:
    """Return the lines at which a number is outside the limits that data entry warns at."""
    limits = [text for text in (field.low, field.high) if text]
    if not limits or not all(map(NUMBER.fullmatch, limits)) or field.name not in frame:
        return []
    low = float(field.low) if field.low else float("-inf")
    high = float(field.high) if field.high else float("inf")
    return _lines_where(
        frame,
        field.name,
        lambda cell: bool(NUMBER.fullmatch(cell)) and not low <= float(cell) <= high,
        missing_codes,
    )


def _promise(field: Field) -> tuple[str, str, str, Callable[[str], object]]:
    """Return what a cell of a field is, what another one is, what to do, and the test."""
    if field.choices:
        codes = _codes(field)
        found = "a code that the data dictionary does not have"
        action = (
            "Download the dictionary anew; add the project's missing data codes to missing_codes"
        )
        return f"one of the codes {', '.join(codes)}", found, action, codes.__contains__
    kind, expected, holds = field.validation, "", ANYTHING.fullmatch
    if kind == "integer":
        expected, holds = "a whole number", INTEGER.fullmatch
    elif kind.startswith("number") and kind.endswith("comma_decimal"):
        expected, holds = "a number with a decimal comma", COMMA_NUMBER.fullmatch
    elif kind.startswith("number") or field.kind == "slider":
        expected, holds = "a number", NUMBER.fullmatch
    action = "Export raw data; a missing data code of the project: add it to missing_codes"
    if kind.startswith("date"):
        return "a date such as 2026-03-04", "another text", action, _is_iso
    return expected, "another text", action, holds


def _is_iso(cell: str) -> bool:
    try:
        datetime.datetime.fromisoformat(cell)
    except ValueError:
        return False
    return cell[4:5] == "-"


def _lines_where(
    frame: pd.DataFrame,
    column: str,
    holds: Callable[[str], object],
    missing_codes: Collection[str],
) -> list[int]:
    """Return the lines of cells that are neither empty nor a missing code, and fulfil a test."""
    apart = {"", *missing_codes}
    return [
        int(line)
        for line, cell in zip(frame[LINE], frame[column], strict=True)
        if cell not in apart and holds(cell)
    ]
