"""A raw CSV export of REDCap with its data dictionary, as a sheet with codes and their labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import InputError, UsageError, lines, printable
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import read_delimited_sheet
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import LINE
from backwalk_stats.loaders.sheets.redcap_dictionary import NOT_DATA, TICKED, Field, read_dictionary
from backwalk_stats.loaders.sheets.redcap_values import (
    check_column,
    date_lines,
    outside_limits,
)
from backwalk_stats.loaders.sheets.sheet import Sheet

EVENT, GROUP = "redcap_event_name", "redcap_data_access_group"
REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance")
RAW = 'In REDCap: Data Exports, "CSV / Microsoft Excel (raw data)"'


def read_redcap(path: Path | str, options: ReadOptions) -> Sheet:
    """Return a raw export: every cell a code, with its label in `Sheet.labels`.

    Parameters
    ----------
    path : path
        The CSV file of "raw data": names of variables over codes, not labels.
    options : ReadOptions
        `dictionary` is the project's data dictionary as CSV. `missing_codes` are the missing data
        codes of the project: they stay in their cells and are no faults.

    Returns
    -------
    Sheet
        `redcap_event_name` and `redcap_data_access_group` stay as columns, for visits and sites.
        A checkbox is a column for each box, `field___code`, with 1 and 0. Columns of form status,
        time stamps and uploaded files are left out and logged.

    Raises
    ------
    UsageError
        If no dictionary is given.
    InputError
        With every fault: labels in place of codes, columns and codes that the dictionary does not
        have, numbers and dates that are none, rows of repeating instruments.
    """
    if options.dictionary is None:
        raise UsageError("a REDCap export is read with its data dictionary: give dictionary")
    fields, table = read_dictionary(options.dictionary)
    sheet = read_delimited_sheet(path, options)
    names = [str(name) for name in sheet.frame.columns if name != LINE]
    findings = Findings(sheet.file)
    _check_columns(names, fields, options, findings)
    _check_repeats(sheet.frame, findings)
    for field in fields:
        for column in field.columns:
            if column in sheet.frame:
                check_column(sheet.frame, column, field, findings, options.missing_codes)
    if findings.faults:
        raise InputError([*sheet.faults, *findings.faults])
    findings.add_log(sheet.log)
    told = f"data dictionary, sha256 {table.sha256}"
    findings.note("", told, file=Path(options.dictionary).name)
    left_out = _left_out(names, fields, findings)
    frame = sheet.frame.drop(columns=left_out)
    labels: dict[str, dict[str, str]] = {}
    dates: dict[str, tuple[int, ...]] = {}
    for field in fields:
        for column in field.columns:
            if column not in frame:
                continue
            if field.choices:
                labels[column] = TICKED if field.kind == "checkbox" else dict(field.choices)
            where = date_lines(frame, column, field, options.missing_codes)
            if where:
                dates[column] = where
        _log_field(frame, field, options, findings)
    frame = _with_points(frame, fields, options, findings)
    return replace(sheet, frame=frame, log=findings.log(), labels=labels, dates=dates)


def _service(fields: list[Field]) -> set[str]:
    """Return the columns that REDCap adds to an export and no analysis needs."""
    forms = {field.form for field in fields}
    added = {f"{form}_{kind}" for form in forms for kind in ("complete", "timestamp")}
    return added | {"redcap_survey_identifier", *REPEATS}


def _check_columns(
    names: list[str], fields: list[Field], options: ReadOptions, findings: Findings
) -> None:
    known = {column for field in fields for column in field.columns}
    known |= _service(fields) | {EVENT, GROUP}
    boxes = tuple(f"{field.name}___" for field in fields if field.kind == "checkbox")
    codes = {code.lower().replace("-", "_") for code in options.missing_codes}
    strange = [
        name
        for name in names
        if name not in known and not (name.startswith(boxes) and name.partition("___")[2] in codes)
    ]
    if strange:
        shown = ", ".join(printable(name, 30) for name in strange[:5])
        found = f"{len(strange)} others: {shown}" + (" ..." if strange[5:] else "")
        action = (
            f"Headings in words are an export of labels. {RAW}; and download the dictionary anew"
        )
        findings.add(None, "columns that the data dictionary has", found, action, row=1)


def _check_repeats(frame: pd.DataFrame, findings: Findings) -> None:
    for name in REPEATS:
        where = [int(line) for line in frame[LINE][frame[name] != ""]] if name in frame else []
        if where:
            action = "Export the instruments that repeat apart, and the others without them"
            found = f"{len(where)} rows of repeats ({lines(where)})"
            expected = "one row for each participant and event"
            findings.add(name, expected, found, action, row=where[0])
            break


def _left_out(names: list[str], fields: list[Field], findings: Findings) -> list[str]:
    service = [name for name in names if name in _service(fields)]
    files = [field.name for field in fields if field.kind in NOT_DATA and field.name in names]
    for name in service:
        findings.note(name, "left out: a column that REDCap adds")
    for name in files:
        findings.note(name, "left out: an uploaded file")
    return service + files


def _log_field(frame: pd.DataFrame, field: Field, options: ReadOptions, findings: Findings) -> None:
    here = [column for column in field.columns if column in frame]
    if field.identifier and here:
        told = "marked in the data dictionary as identifying a person; leave it out of the export"
        findings.warn(field.name, told)
    outside = outside_limits(frame, field, options.missing_codes) if here else []
    if outside:
        limits = f"{field.low or '-'} to {field.high or '-'}"
        told = f"outside the limits of data entry, {limits} ({lines(outside)})"
        findings.warn(field.name, told, len(outside))


def _with_points(
    frame: pd.DataFrame,
    fields: list[Field],
    options: ReadOptions,
    findings: Findings,
) -> pd.DataFrame:
    """Return the frame with the decimal mark that the other columns have."""
    if options.decimal == ",":
        return frame
    changed = {}
    for field in fields:
        if field.validation.endswith("comma_decimal") and field.name in frame:
            cells = [str(cell).replace(",", ".") for cell in frame[field.name]]
            count = sum(old != new for old, new in zip(frame[field.name], cells, strict=True))
            if count:
                findings.repair(field.name, "decimal commas written as points", count)
                changed[field.name] = pd.Series(cells, index=frame.index, dtype="str")
    return frame.assign(**changed)
