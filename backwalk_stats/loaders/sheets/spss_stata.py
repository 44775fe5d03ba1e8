"""An SPSS, Stata or SAS file as a sheet: labels, and values missing for a reason, kept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from backwalk_stats.errors import Fault, InputError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.header_rows import check_header
from backwalk_stats.loaders.sheets.reader_process import read_apart
from backwalk_stats.loaders.sheets.records import MAX_COLUMNS, MAX_RECORDS
from backwalk_stats.loaders.sheets.sheet import (
    LINE,
    NUMBER,
    Cells,
    ReadOptions,
    Sheet,
    cells_of,
    missing_frame,
)

Reader = Callable[..., tuple[Mapping[str, Any], Any]]
ENCODING = 'Set encoding, for example encoding = "windows-1252"'
UNICODE_STATA = 118  # the first format whose text is UTF-8; those before do not name an encoding
READERS = {
    ".sav": "read_sav",
    ".zsav": "read_sav",
    ".dta": "read_dta",
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
}
SAS_READERS = ("read_sas7bdat", "read_xport")
PROGRAMS = {"read_sav": "SPSS", "read_dta": "Stata"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What the library gives of a file.

    Attributes
    ----------
    columns : dict of str to list
        Values, in the order of the file.
    variable_value_labels, missing_ranges, readstat_variable_types : dict
        As the library names them, by column.
    file_encoding : str
        As the file says, "" where it does not.
    raw : dict of str to list
        Columns of text as bytes, each byte a character: they show where a text was cut.
    percent : frozenset of str
        Columns of SAS that are shown as per cent, so that 0.45 is seen as 45 %.
    broken : dict of str to str
        Columns that cannot be read as they are: "dates", where one is beyond all years, or "text".
    """

    columns: dict[str, list[Any]]
    variable_value_labels: dict[str, dict[Any, str]]
    missing_ranges: dict[str, list[dict[str, Any]]]
    readstat_variable_types: dict[str, str]
    file_encoding: str
    raw: dict[str, list[Any]] = field(default_factory=dict)
    percent: frozenset[str] = frozenset()
    broken: dict[str, str] = field(default_factory=dict)


def read_labelled(path: Path | str, options: ReadOptions) -> Sheet:
    """Return an SPSS, Stata or SAS file as text; what is missing for a reason is empty.

    Of 32 MB at most; `options.encoding` is used where it is not "utf-8": the file then names a
    wrong one. `line` counts cases from 2, as if the names stood in line 1. `labels` has the value
    labels of a column, those of its missing values too (user-missing values of SPSS, `.a` to `.z`
    of Stata, `.A` to `.Z` and `._` of SAS, written small); those of SAS stand in a catalogue,
    `options.catalogue`. A text that is cut inside a character and a date beyond all years are in
    `Sheet.broken`; a damaged file and one without a case are refused.
    """
    path = Path(path)
    findings, content = Findings(path.name), read_bytes(path)
    parsed = _parsed(path, content, options, findings)
    _check_shape(parsed.columns, findings)
    broken = {
        name: fault
        for name in parsed.columns
        if (fault := _broken(parsed, name, file=findings.file)) is not None
    }
    _log_encoding(content, parsed.columns, options, findings)
    read = {name: cells_of(values, name, parsed) for name, values in parsed.columns.items()}
    for name, cells in read.items():
        _log_column(cells, name, findings, options.missing_codes)
    for name, fault in broken.items():
        findings.warn(name, f"{fault.found}: the column cannot be used as it is")
    frame = pd.DataFrame({name: cells.texts for name, cells in read.items()}, dtype="str")
    frame.insert(0, LINE, pd.Series(range(2, len(frame) + 2), dtype="int64"))
    return Sheet(
        file=findings.file,
        frame=frame,
        sha256=hashlib.sha256(content).hexdigest(),
        log=findings.log(),
        missing=missing_frame(
            [
                (line, name, reason)
                for name, cells in read.items()
                for line, reason in cells.reasons.items()
            ]
        ),
        labels={name: cells.labels for name, cells in read.items() if cells.labels},
        dates={name: cells.dates for name, cells in read.items() if cells.dates},
        formats={name: {"percent": _filled(read[name])} for name in read if name in parsed.percent},
        broken=broken,
    )


def _filled(cells: Cells) -> tuple[int, ...]:
    return tuple(line for line, text in enumerate(cells.texts, start=2) if text)


def _parsed(path: Path, content: bytes, options: ReadOptions, findings: Findings) -> Parsed:
    reader = READERS[path.suffix.lower()]
    what = f"{'an' if reader == 'read_sav' else 'a'} {PROGRAMS.get(reader, 'SAS')} data file"
    catalogue = None
    if options.catalogue is not None:
        labels = Path(options.catalogue)
        if reader != "read_sas7bdat":
            expected = "a SAS data set (.sas7bdat) beside its catalogue"
            raise findings.error(None, expected, f"a {path.suffix} file", "Leave catalogue out")
        catalogue = read_bytes(labels)
        digest = hashlib.sha256(catalogue).hexdigest()
        findings.note("", f"catalogue of value labels, sha256 {digest}", file=labels.name)
    return read_apart(
        parsed_file,
        content,
        reader,
        options.encoding,
        catalogue,
        findings.file,
        file=findings.file,
        what=what,
        action="Save it anew",
    )


# In the reader's process.


def parsed_file(
    content: bytes, name: str, encoding: str, catalogue: bytes | None, file: str
) -> Parsed:
    """Return the values of each column, in order, and what the file says of them."""
    import pyreadstat

    reader: Reader = getattr(pyreadstat, name)
    asked: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    asked |= {} if name == "read_xport" else {"user_missing": True}
    values, meta, broken = _all_columns(content, reader, asked, file=file)
    # Numbers come as an array, texts as a list; the array's own list has plain floats.
    columns = {
        column: list(getattr(values[column], "tolist", values[column].copy)())
        for column in meta.column_names
    }
    types = dict(meta.readstat_variable_types)
    unicode = meta.file_encoding == "UTF-8" or _stata_release(content) >= UNICODE_STATA
    unicode |= "text" in broken.values()  # it was not taken for anything else
    texts = [column for column in columns if types[column] == "string"]
    raw: dict[str, list[Any]] = {}
    if unicode and texts and encoding == "utf-8":
        bytewise = {**asked, "encoding": "latin1"}
        found, _ = _tried(content, reader, bytewise, file=file, usecols=texts)
        raw = {column: list(found[column]) for column in texts}
    labels = dict(meta.variable_value_labels)
    if catalogue is not None:
        labels = _of_catalogue(catalogue, meta.original_variable_types, file=file)
    return Parsed(
        columns=columns,
        variable_value_labels=labels,
        missing_ranges=dict(meta.missing_ranges),
        readstat_variable_types=types,
        file_encoding=meta.file_encoding or "",
        raw=raw,
        percent=frozenset(
            column
            for column, kind in meta.original_variable_types.items()
            if name in SAS_READERS and str(kind or "").upper().startswith("PERCENT")
        ),
        broken=broken,
    )


def _all_columns(
    content: bytes, reader: Reader, asked: Mapping[str, Any], *, file: str
) -> tuple[dict[str, Any], Any, dict[str, str]]:
    """Return the values of all columns, what is said of them, and which are not as they were.

    One text or one date that cannot be made would refuse the file: so what is wrong is looked for,
    by halves, and the rest is read.
    """
    try:
        found, meta = _tried(content, reader, asked, file=file)
        return dict(found), meta, {}
    except (OverflowError, InputError) as error:
        refused = error
        if isinstance(error, InputError) and (
            "encoding" in asked or "encoding" not in error.faults[0].found
        ):
            raise
    bytewise = {**asked, "encoding": "latin1"}
    raw, meta = _tried(content, reader, bytewise, file=file, disable_datetime_conversion=True)
    values: dict[str, Any] = {}
    broken: dict[str, str] = {}
    waiting = [list(meta.column_names)]
    while waiting:
        columns = waiting.pop()
        try:
            values |= _tried(content, reader, asked, file=file, usecols=columns)[0]
        except (OverflowError, InputError) as error:
            if len(columns) > 1:
                half = len(columns) // 2
                waiting += [columns[:half], columns[half:]]
                continue
            is_date = isinstance(error, OverflowError)
            (name,) = columns
            broken[name] = "dates" if is_date else "text"
            values[name] = [None if is_date else _decoded(cell) for cell in raw[name]]
    if len(broken) == len(meta.column_names) > 1:  # not the cells: names or labels
        raise refused
    return values, meta, broken


def _decoded(cell: object) -> object:
    """Return a text that was read byte by byte, with a sign in place of what is no UTF-8."""
    return cell.encode("latin1").decode("utf-8", "replace") if isinstance(cell, str) else cell


def _of_catalogue(
    content: bytes, formats: Mapping[str, str | None], *, file: str
) -> dict[str, dict[Any, str]]:
    """Return the labels of each column whose format is in a catalogue of SAS."""
    from pyreadstat import read_sas7bcat

    try:
        _, meta = read_sas7bcat(io.BytesIO(content), output_format="dict")
    except Exception as error:
        expected = "a catalogue of SAS (.sas7bcat)"
        raise InputError.of(file, expected, "another file, or a damaged one") from error
    known = {name.upper(): labels for name, labels in meta.value_labels.items()}
    named = {
        column: str(kind or "").rstrip("0123456789.").upper() for column, kind in formats.items()
    }
    return {column: dict(known[kind]) for column, kind in named.items() if kind in known}


def _tried(
    content: bytes,
    reader: Reader,
    asked: Mapping[str, Any],
    *,
    file: str,
    **how: Any,  # noqa: ANN401
) -> tuple[Mapping[str, Any], Any]:
    from pyreadstat import PyreadstatError, ReadstatError

    try:
        return reader(
            io.BytesIO(content),
            output_format="dict",
            row_limit=MAX_RECORDS + 1,
            **asked,
            **how,
        )
    except (ReadstatError, PyreadstatError, UnicodeDecodeError) as error:
        wrong = any(word in str(error) for word in ("convert", "encod", "codec", "character set"))
        found, action = "a damaged file", "Save it anew"
        if wrong:
            found, action = "text in another encoding", ENCODING
        raise InputError.of(file, "an SPSS, Stata or SAS data file", found, action) from error


# What the file holds, checked and told.


def _broken(parsed: Parsed, name: str, *, file: str) -> Fault | None:
    """Return what is wrong with a column that could not be read as it is, None where nothing is."""
    if parsed.broken.get(name) == "dates":
        expected, found = "dates", "a date beyond all years"
        action = "Mend it in the program that the file comes from, or save the dates as text"
        return Fault(file=file, column=name, expected=expected, found=found, action=action)
    cut = [
        line
        for line, (text, whole) in enumerate(
            zip(parsed.columns[name], parsed.raw.get(name, ()), strict=False), start=2
        )
        if (text or "").encode() != (whole or "").encode("latin1")
    ]
    if not cut:
        return None
    found = f"text that is cut, or in another encoding ({lines(cut)})"
    action = f"{ENCODING}, or make the column wider and save the file anew"
    return Fault(
        file=file, row=cut[0], column=name, expected="UTF-8 text", found=found, action=action
    )


def _check_shape(columns: Mapping[str, list[Any]], findings: Findings) -> None:
    cases = max((len(values) for values in columns.values()), default=0)
    check_header(list(columns), findings, row=1)
    if not cases:
        findings.add(None, "at least one case", "none")
    if cases > MAX_RECORDS:
        findings.add(None, f"at most {MAX_RECORDS} cases", "more")
    if len(columns) > MAX_COLUMNS:
        findings.add(None, f"at most {MAX_COLUMNS} variables", f"{len(columns)} variables")
    findings.stop()


def _log_encoding(
    content: bytes,
    columns: Mapping[str, list[Any]],
    options: ReadOptions,
    findings: Findings,
) -> None:
    if options.encoding != "utf-8":
        findings.note("", f"text read as {options.encoding}, as asked")
    elif 0 < _stata_release(content) < UNICODE_STATA:
        foreign = [
            name
            for name, values in columns.items()
            if any(isinstance(value, str) and not value.isascii() for value in values)
        ]
        for name in foreign:
            told = "text read as Windows-1252: this release of Stata does not name its encoding"
            findings.warn(name, told)


def _stata_release(content: bytes) -> int:
    """Return the release of a Stata format; 0 for a file of SPSS."""
    if content.startswith(b"<stata_dta>"):
        return int(content.partition(b"<release>")[2][:3])
    return 0 if content.startswith(b"$FL") else content[0]


def _log_column(cells: Cells, name: str, findings: Findings, missing_codes: Sequence[str]) -> None:
    for reason in dict.fromkeys(cells.reasons.values()):
        count = sum(one == reason for one in cells.reasons.values())
        findings.note(name, f"missing for the reason {reason}", count)
    far = [code for code in _labelled_far_out(cells) if code not in missing_codes]
    if far:
        code, count = far[0], sum(text in far for text in cells.texts)
        told = (
            f"{code} alone has a label, '{cells.labels[code]}', and stands far from the numbers: "
            f'if it means missing, set missing_codes_by_column = {{ "{name}" = ["{code}"] }}'
        )
        findings.warn(name, told, count)
    elif cells.unlabelled and not _labelled_far_out(cells):
        told = f"values without a label beside values with one ({lines(cells.unlabelled)})"
        findings.warn(name, told, len(cells.unlabelled))
    if cells.dates:
        findings.note(name, "dates or times, written as ISO 8601", len(cells.dates))
    if cells.large:
        told = f"numbers so large that the file may hold them rounded ({lines(cells.large)})"
        findings.warn(name, told, len(cells.large))
    if cells.dated_missing:
        told = "user-missing values of a date cannot be told from dates"
        findings.warn(name, told)


def _labelled_far_out(cells: Cells) -> list[str]:
    """Return the codes with a label where all others are numbers, and these stand apart from them.

    Apart is as far again as the others reach: 99 beside 18 to 35, but not 5 beside 1 to 4.
    """
    used = set(cells.texts) - {""}
    labelled = sorted(used & cells.labels.keys())
    plain = used - cells.labels.keys()
    if not labelled or len(plain) < 3 or not all(map(NUMBER.fullmatch, used)):
        return []
    values = [float(text) for text in plain]
    low, high = min(values), max(values)
    reach = high - low
    codes = [float(code) for code in labelled]
    return labelled if all(one < low - reach or one > high + reach for one in codes) else []
