"""An SPSS (.sav) or Stata (.dta) file as a sheet: labels, and values missing for a reason, kept."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from backwalk_stats.errors import InputError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.records import MAX_COLUMNS, MAX_RECORDS, check_header
from backwalk_stats.loaders.sheets.sheet import (
    LINE,
    Cells,
    ReadOptions,
    Sheet,
    cells_of,
    missing_frame,
)

if TYPE_CHECKING:
    Reader = Callable[..., tuple[Mapping[str, Any], Any]]

ENCODING = 'Set encoding, for example "cp1252"'
UNICODE_STATA = 118  # the first format whose text is UTF-8; those before do not name an encoding
PATIENCE = 120  # seconds
READING = """
import io, sys, pyreadstat
content = io.BytesIO(sys.stdin.buffer.read())
pyreadstat.{reader}(content, user_missing=True, output_format="dict", row_limit={rows})
"""


def read_spss(path: Path | str, options: ReadOptions) -> Sheet:
    """Return an SPSS file as text; user-missing values are empty, with the reason in `missing`.

    Of 32 MB at most; `options.encoding` is used where it is not "utf-8": the file then names a
    wrong one. `line` counts cases from 2, as if the names stood in line 1. `labels` has the value
    labels of a column, those of its missing values too. A damaged file, one that is cut short or
    in another encoding than it says, and one without a case are refused.
    """
    from pyreadstat import read_sav

    return _read(Path(path), options, read_sav)


def read_stata(path: Path | str, options: ReadOptions) -> Sheet:
    """Return a Stata file as `read_spss` does; `.a` to `.z` are values missing for a reason."""
    from pyreadstat import read_dta

    return _read(Path(path), options, read_dta)


def _read(path: Path, options: ReadOptions, reader: Reader) -> Sheet:
    findings, content = Findings(path.name), read_bytes(path)
    columns, meta = _columns(content, options, reader, findings)
    _check_shape(columns, findings)
    _log_encoding(content, columns, options, findings)
    texts: dict[str, list[str]] = {}
    missing: list[tuple[int, str, str]] = []
    labels: dict[str, dict[str, str]] = {}
    dates: dict[str, tuple[int, ...]] = {}
    for name, values in columns.items():
        cells = cells_of(values, name, meta)
        texts[name] = cells.texts
        missing += [(line, name, reason) for line, reason in cells.reasons.items()]
        if cells.labels:
            labels[name] = cells.labels
        if cells.dates:
            dates[name] = cells.dates
        _log_column(cells, name, findings)
    frame = pd.DataFrame(texts, dtype="str")
    frame.insert(0, LINE, pd.Series(range(2, len(frame) + 2), dtype="int64"))
    return Sheet(
        file=findings.file,
        frame=frame,
        sha256=hashlib.sha256(content).hexdigest(),
        log=findings.log(),
        missing=missing_frame(missing),
        labels=labels,
        dates=dates,
    )


def _columns(
    content: bytes, options: ReadOptions, reader: Reader, findings: Findings
) -> tuple[dict[str, list[Any]], Any]:
    """Return the values of each column, in order, and what the file says of them."""
    file = findings.file
    refuse_what_crashes(content, reader=reader.__name__, rows=MAX_RECORDS + 1, file=file)
    asked = {} if options.encoding == "utf-8" else {"encoding": options.encoding}
    values, meta = _tried(content, reader, file=file, **asked)
    # Numbers come as an array, texts as a list; the array's own list has plain floats.
    columns = {
        name: list(getattr(values[name], "tolist", values[name].copy)())
        for name in meta.column_names
    }
    unicode = meta.file_encoding == "UTF-8" or _stata_release(content) >= UNICODE_STATA
    texts = [name for name in columns if meta.readstat_variable_types[name] == "string"]
    if unicode and texts and not asked:
        raw, _ = _tried(content, reader, file=file, usecols=texts, encoding="latin1")
        for name in texts:
            _check_cut(columns[name], raw[name], name, findings)
        findings.stop()
    return columns, meta


def _tried(
    content: bytes,
    reader: Reader,
    *,
    file: str,
    **how: Any,  # noqa: ANN401
) -> tuple[Mapping[str, Any], Any]:
    from pyreadstat import PyreadstatError, ReadstatError

    try:
        return reader(
            io.BytesIO(content),
            user_missing=True,
            output_format="dict",
            row_limit=MAX_RECORDS + 1,
            **how,
        )
    except (ReadstatError, PyreadstatError, OverflowError, UnicodeDecodeError) as error:
        wrong = any(word in str(error) for word in ("convert", "encod", "codec", "character set"))
        found, action = "a damaged file", "Save it anew"
        if wrong:
            found, action = "text in another encoding", ENCODING
        raise InputError.of(file, "an SPSS or Stata data file", found, action) from error


def _check_cut(texts: Sequence[str], raw: Sequence[str], name: str, findings: Findings) -> None:
    """Tell where texts, read as UTF-8, lost what is no UTF-8 at their end."""
    cut = [
        line
        for line, (text, whole) in enumerate(zip(texts, raw, strict=True), start=2)
        if (text or "").encode() != (whole or "").encode("latin1")
    ]
    if cut:
        found = f"text in another encoding ({lines(cut)})"
        findings.add(name, "UTF-8 text", found, ENCODING, row=cut[0])


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


def _log_column(cells: Cells, name: str, findings: Findings) -> None:
    for reason in dict.fromkeys(cells.reasons.values()):
        count = sum(one == reason for one in cells.reasons.values())
        findings.note(name, f"missing for the reason {reason}", count)
    if cells.unlabelled:
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


# A first reading of an SPSS or Stata file in a process of its own, which may crash for us.


def refuse_what_crashes(content: bytes, *, reader: str, rows: int, file: str) -> None:
    """Raise where pyreadstat's `reader` ("read_sav", "read_dta") does not survive the file.

    The library is written in C: bytes that are damaged in an unlucky place end the whole process,
    and no exception can be caught. So another process reads the file first, at most so many rows.
    """
    code = READING.format(reader=reader, rows=rows)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        # 0: it was read; 1: an exception, which the next reading meets again and explains.
        survived = done.returncode in (0, 1)
    except subprocess.TimeoutExpired:
        survived = False
    if not survived:
        raise InputError.of(file, "an SPSS or Stata data file", "a damaged file", "Save it anew")
