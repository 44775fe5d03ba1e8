"""What a cell of a raw REDCap export may hold, by what the data dictionary says of its field."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection

import pandas as pd

from backwalk_stats.errors import Fault
from backwalk_stats.loaders.findings import lines
from backwalk_stats.loaders.sheets.records import LINE
from backwalk_stats.loaders.sheets.redcap_dictionary import TICKED, Field

INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[-+]?(?:\d+,?\d*|,\d+)", re.ASCII)
RAW = "Export raw data, not labels"


def code_faults(
    frame: pd.DataFrame,
    column: str,
    field: Field,
    *,
    missing_codes: Collection[str],
    file: str,
) -> list[Fault]:
    """Return cells of a field with choices that hold none of its codes."""
    codes = TICKED if field.kind == "checkbox" else field.choices
    labels = {label.casefold() for label in codes.values()}
    wrong = _lines_where(frame, column, lambda cell: cell not in codes, missing_codes=missing_codes)
    if not wrong:
        return []
    worded = _lines_where(
        frame,
        column,
        lambda cell: cell not in codes and cell.casefold() in labels,
        missing_codes=missing_codes,
    )
    found = "a code that the data dictionary does not have"
    action = "Download the dictionary anew; add the project's missing data codes to missing_codes"
    if worded:
        wrong, found, action = worded, "a label in place of its code", RAW
    expected = f"one of the codes {', '.join(codes)}"
    return [_fault(file, column, wrong, expected=expected, found=found, action=action)]


def value_fault(
    frame: pd.DataFrame,
    column: str,
    field: Field,
    *,
    missing_codes: Collection[str],
    file: str,
) -> list[Fault]:
    """Return cells of a field without choices that are not what its validation promises."""
    expected, holds = _promise(field)
    if holds is None:
        return []
    wrong = _lines_where(frame, column, lambda cell: not holds(cell), missing_codes=missing_codes)
    if not wrong:
        return []
    action = "Export raw data; a missing data code of the project: add it to missing_codes"
    return [_fault(file, column, wrong, expected=expected, found="another text", action=action)]


def date_lines(
    frame: pd.DataFrame, column: str, field: Field, missing_codes: Collection[str]
) -> tuple[int, ...]:
    """Return the lines at which a field holds a date or a time."""
    if not field.validation.startswith(("date", "time")):
        return ()
    return tuple(_lines_where(frame, column, lambda _: True, missing_codes=missing_codes))


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
        missing_codes=missing_codes,
    )


def _promise(field: Field) -> tuple[str, Callable[[str], bool] | None]:
    """Return what a cell of a field is, in words and as a test; None where it may be any text."""
    kind = field.validation
    if kind == "integer":
        return "a whole number", lambda cell: bool(INTEGER.fullmatch(cell))
    if kind.startswith("number") and kind.endswith("comma_decimal"):
        return "a number with a decimal comma", lambda cell: bool(COMMA_NUMBER.fullmatch(cell))
    if kind.startswith("number") or field.kind == "slider":
        return "a number", lambda cell: bool(NUMBER.fullmatch(cell))
    if kind.startswith("date"):
        return "a date such as 2026-03-04", _is_iso
    return "", None


def _is_iso(cell: str) -> bool:
    try:
        datetime.datetime.fromisoformat(cell)
    except ValueError:
        return False
    return cell[4:5] == "-"


def _lines_where(
    frame: pd.DataFrame,
    column: str,
    holds: Callable[[str], bool],
    *,
    missing_codes: Collection[str],
) -> list[int]:
    """Return the lines of cells that are neither empty nor a missing code, and fulfil a test."""
    apart = {"", *missing_codes}
    return [
        int(line)
        for line, cell in zip(frame[LINE], frame[column], strict=True)
        if cell not in apart and holds(cell)
    ]


def _fault(
    file: str, column: str, wrong: list[int], *, expected: str, found: str, action: str
) -> Fault:
    if len(wrong) > 1:
        found = f"{found} ({len(wrong)} rows: {lines(wrong)})"
    return Fault(
        file=file, row=wrong[0], column=column, expected=expected, found=found, action=action
    )
