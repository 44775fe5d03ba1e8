"""A raw CSV export of REDCap with its data dictionary, as a sheet with codes and their labels."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import Faults, InputError, UsageError, lines, printable
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import TextTable, read_delimited_sheet, read_text_table
from backwalk_stats.loaders.sheets.sheet import LINE, ReadOptions, Sheet

EVENT, GROUP = "redcap_event_name", "redcap_data_access_group"
REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance")
RAW = 'In REDCap: Data Exports, "CSV / Microsoft Excel (raw data)"'
# As the dictionary that is downloaded names a column, and as the API names it.
NAMES = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "select_choices_or_calculations",
    ),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "low": ("Text Validation Min", "text_validation_min"),
    "high": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
}
NEEDED = ("name", "form", "kind", "choices", "validation")
CODED = {"radio", "dropdown"}
YES_NO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
TICKED = {"1": "Checked", "0": "Unchecked"}
WITHOUT_COLUMN = {"descriptive"}
NOT_DATA = {"file", "signature"}
KINDS = CODED | YES_NO.keys() | WITHOUT_COLUMN | NOT_DATA
INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[-+]?(?:\d+(?:,\d*)?|,\d+)", re.ASCII)
ANYTHING = re.compile(r".*", re.DOTALL)
EXPORT_RAW = "Export raw data, not labels"


def read_redcap(path: Path | str, options: ReadOptions) -> Sheet:
    """Return a raw export: every cell a code, with its label in `Sheet.labels`.

    `options.dictionary` is the project's data dictionary as CSV; its missing data codes
    (`missing_codes`) stay in their cells and are no faults. `redcap_event_name` and
    `redcap_data_access_group` stay as columns, for visits and sites. A checkbox is a column for
    each box, `field___code`, with 1 and 0. Columns of form status, time stamps and uploaded files
    are left out and logged. Labels in place of codes, columns and codes that the dictionary does
    not have, numbers and dates that are none, and rows of repeating instruments, unless
    `options.repeats`, are refused.
    """
    if options.dictionary is None:
        raise UsageError("a REDCap export is read with its data dictionary: give dictionary")
    fields, table = read_dictionary(options.dictionary)
    sheet = read_delimited_sheet(path, options)
    names = [str(name) for name in sheet.frame.columns if name != LINE]
    findings = Findings(sheet.file)
    _check_columns(names, fields, options, findings)
    if not options.repeats:
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
    kept = REPEATS if options.repeats else ()
    left_out = _left_out([name for name in names if name not in kept], fields, findings)
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
            action = (
                'Say which rows are visits: layout = "long", instrument = "..." and visit = '
                f'"{REPEATS[1]}", with visit_labels = {{ 1 = "..." }}'
            )
            forms = dict.fromkeys(filter(None, frame[REPEATS[0]])) if REPEATS[0] in frame else {}
            action += f". Instruments that repeat: {', '.join(forms)}" if forms else ""
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


# The data dictionary of a REDCap project: fields, their choices, the columns they export.


KINDS |= {"text", "notes", "calc", "checkbox", "slider", "sql"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of the dictionary.

    Attributes
    ----------
    name, form : str
        Field and form, as columns of the export name them.
    kind : str
        REDCap's field type, such as "radio".
    choices : dict of str to str
        Code to label; empty where the field has none.
    validation : str
        Such as "integer" or "date_dmy"; "" where there is none.
    low, high : str
        Ends that data entry warns at; "" where there are none.
    identifier : bool
        Whether the project marks it as identifying a person.
    """

    name: str
    form: str
    kind: str
    choices: Mapping[str, str]
    validation: str
    low: str
    high: str
    identifier: bool

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of a raw export, each with the label of its box ("" for none)."""
        if self.kind == "checkbox":
            return {checkbox_column(self.name, code): label for code, label in self.choices.items()}
        return {} if self.kind in WITHOUT_COLUMN else {self.name: ""}


def checkbox_column(field: str, code: str) -> str:
    """Return the column of one box: three underscores, the code in lower case, "_" for a minus.

    >>> checkbox_column("pain_site", "2"), checkbox_column("pain_site", "-9")
    ('pain_site___2', 'pain_site____9')
    """
    return f"{field}___{code.lower().replace('-', '_')}"


def parsed_choices(text: str) -> dict[str, str]:
    """Return code to label of choices such as "1, None | 2, Some, but mild".

    >>> parsed_choices("1, None | 2, Some, but mild")
    {'1': 'None', '2': 'Some, but mild'}
    """
    pairs = [choice.partition(",") for choice in text.split("|") if choice.strip()]
    return {code.strip(): label.strip() for code, _, label in pairs}


def read_dictionary(path: Path | str, *, encoding: str = "utf-8") -> tuple[list[Field], TextTable]:
    """Return the fields of a data dictionary, and the table that they were read from.

    Missing columns, and types of fields that REDCap does not have, are refused.
    """
    table = read_text_table(path, encoding=encoding)
    faults, frame = Faults(Path(path).name), table.frame
    column = {key: next((n for n in both if n in frame), "") for key, both in NAMES.items()}
    for key in NEEDED:
        if not column[key]:
            action = "Download the data dictionary of the project as CSV"
            faults.add(None, f"a column named '{NAMES[key][0]}'", "none", action, row=1)
    faults.stop()
    cells = {
        key: [text.strip() for text in frame[name]] if name else [""] * len(frame)
        for key, name in column.items()
    }
    for line, kind in zip(frame["line"], cells["kind"], strict=True):
        if kind not in KINDS:
            expected = f"a field type: {', '.join(sorted(KINDS))}"
            faults.add(column["kind"], expected, kind, row=int(line))
    faults.stop()
    return [_field({key: cells[key][row] for key in cells}) for row in range(len(frame))], table


def _field(cells: Mapping[str, str]) -> Field:
    kind = cells["kind"]
    coded = parsed_choices(cells["choices"]) if kind in CODED | {"checkbox"} else {}
    return Field(
        name=cells["name"],
        form=cells["form"],
        kind=kind,
        choices=YES_NO.get(kind, coded),
        validation=cells["validation"] if kind == "text" else "",
        low=cells["low"],
        high=cells["high"],
        identifier=cells["identifier"].lower() in {"y", "yes"},
    )


# What a cell of a raw REDCap export may hold, by what the data dictionary says of its field.


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
            wrong, found, action = worded, "a label in place of its code", EXPORT_RAW
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
    """Return the lines of cells that are neither empty nor a missing code, and fulfil a test.

    A blank before or after the text is none of it: REDCap has negative numbers as " -0.119".
    """
    apart = {"", *(code.strip() for code in missing_codes)}
    cells = (str(cell).strip() for cell in frame[column])
    return [
        int(line)
        for line, cell in zip(frame[LINE], cells, strict=True)
        if cell not in apart and holds(cell)
    ]
