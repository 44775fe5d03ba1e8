"""A text file of records as a sheet: encoding, separator and header as the trial file declares."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import InputError, printable
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.records import LINE, split_records
from backwalk_stats.loaders.sheets.sheet import Sheet, missing_frame
from backwalk_stats.loaders.sheets.sheet_rows import row_faults


def read_delimited_sheet(path: Path | str, options: ReadOptions) -> Sheet:
    r"""Return a text file as a sheet in which every cell is the text that was written.

    Parameters
    ----------
    path : path
        A text file, at most 32 MB.
    options : ReadOptions
        `encoding`, `separator`, `header_row` and `footer_rows` are used. Cells with a decimal comma
        stay as they are.

    Raises
    ------
    InputError
        With every fault of the file: another encoding or separator, records of another width than
        the header, names missing or twice. Notes and totals among the records are in
        `Sheet.faults`, unless nothing else is there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "scores.csv")
    ...     _ = path.write_text("id;pain\n007;6,5\n008;NA\n", encoding="utf-8")
    ...     sheet = read_delimited_sheet(path, ReadOptions(separator=";", decimal=","))
    >>> sheet.frame.to_dict("list")
    {'line': [2, 3], 'id': ['007', '008'], 'pain': ['6,5', 'NA']}
    """
    path = Path(path)
    file = printable(path.name)
    content = read_bytes(path)
    text, said = decode(content, file=file, encoding=options.encoding)
    records = split_records(
        text,
        file=file,
        separator=options.separator_of(path),
        declarable=True,
        header_row=options.header_row,
        footer_rows=options.footer_rows,
    )
    rows = list(zip(records.starts, records.cells, strict=True))
    faults, apart = row_faults(rows, header=records.header, top=options.header_row, file=file)
    rows = [(line, cells) for line, cells in rows if line not in apart]
    if not rows:
        raise InputError(faults)
    findings = Findings()
    for note in (*said, *records.notes):
        told = note.removeprefix(f"{file}: ")
        (findings.note if told.endswith("as asked") else findings.repair)(file, "", told, 1)
    for warning in records.warnings:
        findings.warn(file, "", warning.removeprefix(f"{file}: "))
    if options.header_row > 1:
        findings.note(file, "", "rows above the header not read", options.header_row - 1)
    if options.footer_rows:
        findings.note(file, "", "rows under the records not read", options.footer_rows)
    frame = pd.DataFrame([cells for _, cells in rows], columns=list(records.header), dtype="str")
    frame.insert(0, LINE, pd.Series([line for line, _ in rows], dtype="int64"))
    return Sheet(
        file=file,
        frame=frame,
        sha256=hashlib.sha256(content).hexdigest(),
        log=findings.log(),
        missing=missing_frame(),
        faults=tuple(faults),
    )
