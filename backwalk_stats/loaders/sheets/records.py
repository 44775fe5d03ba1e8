"""The records of a separated text, the line each starts at, and every fault of shape."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from backwalk_stats.errors import Fault, Faults
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import DECIMAL_COMMA, LOOKED_AT, check_separator
from backwalk_stats.loaders.sheets.footer_rows import reads_as_note, without_footer
from backwalk_stats.loaders.sheets.header_rows import (
    check_header,
    check_names,
    joined_names,
    names_of_one_row,
    no_names,
    refuse_record_as_names,
    said,
    title_fault,
)
from backwalk_stats.loaders.sheets.sheet import SEPARATORS, ReadOptions, Rows

MAX_COLUMNS = 1_000
MAX_RECORDS = 500_000
MAX_CELL = 32_767  # what a spreadsheet cell can hold
TITLES = 60  # lines among which names are looked for
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """The header and the records of a text, all as wide as the header.

    Attributes
    ----------
    header : tuple of str
        Column names.
    starts : tuple of int
        Line of the text at which each record starts; the first line is 1.
    cells : tuple of list of str
        The records, cell by cell as written.
    top, total : int
        Line of the names, and how many lines the text has.
    findings : Findings
        What was repaired, not read, or could not be told; and records that a footer would cut off.
    """

    header: tuple[str, ...]
    starts: tuple[int, ...]
    cells: tuple[list[str], ...]
    top: int
    total: int
    findings: Findings


def split_records(
    text: str,
    *,
    file: str,
    separator: str = ",",
    declarable: bool = False,
    options: ReadOptions | None = None,
) -> Records:
    r"""Return the records of a text; quotes as in RFC 4180, and records may span lines.

    Where other separators, rows of names and footers could be declared (`declarable`), messages
    advise it, and what spreadsheets leave behind is passed over: columns without a name or a value,
    rows of separators alone. Raises `InputError` with every fault: another separator, a title over
    the names, a name missing or twice, records that are not as wide as the header, an open
    quotation mark, NUL bytes, cells or headers over the cap.

    >>> records = split_records('arm,note\nbackward,"two\nlines"\nforward,\n', file="arms.csv")
    >>> records.starts, records.cells
    ((2, 4), (['backward', 'two\nlines'], ['forward', '']))
    """
    options, findings, stopped = options or ReadOptions(), Findings(file), Faults(file)
    if not text.strip():
        raise findings.error(None, "a header line and at least one record", "an empty file")
    lines = io.StringIO(text, newline="").readlines()
    written = _without_sep_line(lines) if declarable else lines
    parsed, blank = _parse(written, stopped, separator=separator, first=options.names[0])
    header, body = _parted(parsed, findings, stopped, options=options)
    top = options.names[-1] if options.names[-1] > 1 else parsed[0][0]
    if declarable and sum(map(said, header)) == 1:
        _refuse_title(written, parsed, separator=separator, row=top, file=file)
    check_separator(
        dict(parsed)[top], text, findings, separator=separator, declarable=declarable, row=top
    )
    findings.stop()
    total, places = len(lines), [*range(len(header))]
    if declarable:
        _refuse_record(_above(written, separator, options) + parsed, header, options, findings)
        header, body = _without_gaps(header, body, findings)
        body = without_footer(body, header=header, total=total, options=options, findings=findings)
        whole = [row for row in body if len(row[1]) == len(header)]
        places = check_names(header, whole, findings, row=top)
    else:
        check_header(header, findings, row=top)
    _check_shape(body, findings, width=len(header), mark=SEPARATORS[separator])
    broken = [one for one in stopped.faults if (one.row or 0) <= total - options.footer_rows]
    if not body and not broken and not options.may_be_empty:
        findings.add(None, "at least one record under the header", "only the header", row=top)
    if declarable and findings.faults:
        _refuse_title(written, parsed, separator=separator, row=top, file=file)
    _check_cells([(top, list(header)), *body], findings, header=header)
    _stop(findings, broken)
    _log(findings, lines=lines, written=written, blank=blank, unnamed=len(header) - len(places))
    return Records(
        header=tuple(header[place] for place in places),
        starts=tuple(start for start, _ in body),
        cells=tuple([cells[place] for place in places] for _, cells in body),
        top=top,
        total=total,
        findings=findings,
    )


def separator_told(text: str, *, file: str) -> str | None:
    r"""Return the separator that a first line such as "sep=;" tells a spreadsheet, if any does.

    >>> separator_told("sep=;\nid;pain\n", file="a.csv")
    ';'
    """
    line = _SEP_LINE.fullmatch(text[:20].partition("\n")[0].partition("\r")[0])
    if line is None:
        return None
    if line.group(1) not in SEPARATORS:
        expected = f"sep= and one of {', '.join(SEPARATORS.values())}"
        raise Faults(file).error(None, expected, "another sign after sep=", "Delete line 1", row=1)
    return line.group(1)


def _without_sep_line(lines: list[str]) -> list[str]:
    return ["\n", *lines[1:]] if _SEP_LINE.fullmatch(lines[0]) else lines


def _log(
    findings: Findings, *, lines: Sequence[str], written: Sequence[str], blank: int, unnamed: int
) -> None:
    has_sep = written is not lines and written[0] != lines[0]
    if has_sep:
        findings.note("", "line 1, sep=, names the separator: it is no record")
    if unnamed:
        findings.note("", "columns without a name or a value passed over", unnamed)
    if blank - has_sep > 0:
        findings.repair("", f"{blank - has_sep} blank line(s) passed over", 1)
    if not lines[-1].endswith(("\n", "\r")):
        findings.warn("", "no line break at the end, so the last value may be cut short")


def _parted(
    rows: Rows, findings: Findings, stopped: Faults, *, options: ReadOptions
) -> tuple[list[str], Rows]:
    """Return the names and the records under them; the names stand exactly where it is declared.

    Where nothing is declared they stand in the first line that is not empty.
    """
    wanted = options.names
    if not rows:
        stopped.stop()
        raise findings.error(None, f"a header in line {wanted[0]}", "fewer lines")
    by_line = {line: cells for line, cells in rows if any(map(said, cells))}
    for line in wanted:
        if line not in by_line and wanted != (1,):
            raise no_names(rows, findings, row=line, place="line")
    top = rows[0][0] if wanted == (1,) else wanted[-1]
    body = [(line, cells) for line, cells in rows if line > top]
    written = next(cells for line, cells in rows if line == top)
    if len(written) > MAX_COLUMNS:
        expected, found = f"at most {MAX_COLUMNS} columns", f"{len(written)} columns"
        action = "Leave out columns that the trial does not use, or split the file"
        raise findings.error(None, expected, found, action, row=top)
    if len(wanted) == 1:
        return names_of_one_row(written, findings), body
    upper, lower = (by_line[line] for line in wanted)
    width = max(len(upper), len(lower))
    both = [cells + [""] * (width - len(cells)) for cells in (upper, lower)]
    findings.note("", f"names joined of lines {wanted[0]} and {wanted[1]}", 1)
    return joined_names(both[0], both[1]), body


def _without_gaps(header: list[str], body: Rows, findings: Findings) -> tuple[list[str], Rows]:
    """Return names and records without empty cells at the end, and without rows of separators.

    A note without separators is as wide as the header, its other cells empty.
    """
    width = max(
        [place for place, name in enumerate(header, start=1) if name]
        + [
            place
            for _, cells in body
            if len(cells) <= len(header)
            for place, cell in enumerate(cells, start=1)
            if said(cell)
        ],
        default=len(header),
    )
    if len(header) > width:
        told = "columns without a name or a value passed over"
        findings.note("", told, len(header) - width)
    rows, empty, wider = [], 0, 0
    for line, cells in body:
        if not any(map(said, cells)):
            empty += 1
        elif len(cells) > width and not any(map(said, cells[width:])):
            rows.append((line, cells[:width]))
            wider += len(cells) > len(header)
        elif len(cells) == 1 and reads_as_note(cells[0]) and "\t" not in cells[0]:
            rows.append((line, cells + [""] * (width - 1)))
        else:
            rows.append((line, cells))
    if wider:
        findings.note("", "separators after the last column passed over", wider)
    if empty:
        findings.note("", "rows of separators alone passed over", empty)
    return header[:width] + [""] * (width - len(header)), rows


def _stop(findings: Findings, broken: Sequence[Fault]) -> None:
    """Raise where there are faults, unless all of them are of a footer: its rows were kept."""
    findings.extend(broken)
    if any("footer_rows" not in fault.expected for fault in findings.faults):
        findings.stop()


def _refuse_title(lines: Sequence[str], rows: Rows, *, separator: str, row: int, file: str) -> None:
    """Raise where the names seem to stand under a title, be it with another separator."""
    findings = Faults(file)
    if not title_fault(rows, findings, row=row):
        for mark in SEPARATORS:
            start = csv.reader(lines[row - 1 : row - 1 + TITLES], delimiter=mark)
            told = r"\t" if mark == "\t" else mark
            besides = f' and separator = "{told}"'
            comma = mark != "," and DECIMAL_COMMA.search("".join(lines)[:LOOKED_AT])
            besides += ' and decimal = ","' if comma else ""
            try:
                seen = [(line, cells) for line, cells in enumerate(start, start=row) if cells]
            except csv.Error:
                continue
            if mark != separator and title_fault(seen, findings, row=row, besides=besides):
                break
    findings.stop()


def _parse(lines: Sequence[str], faults: Faults, *, separator: str, first: int) -> tuple[Rows, int]:
    """Return the records from a line on, and the number of blank lines; tell an early end."""
    rows: Rows = []
    blank = 0
    reader = csv.reader(lines[first - 1 :], delimiter=separator, strict=True)
    while True:
        start = reader.line_num + first
        try:
            record = next(reader)
        except StopIteration:
            return rows, blank
        except csv.Error as error:
            faults.add(None, *_quoting(error), row=start)
            return rows, blank
        if len(rows) > MAX_RECORDS:
            faults.add(None, f"at most {MAX_RECORDS} records", "more", row=start)
            return rows, blank
        if record:
            rows.append((start, record))
        else:
            blank += 1


def _refuse_record(
    rows: Rows, header: Sequence[str], options: ReadOptions, findings: Findings
) -> None:
    """Raise where a record was declared as the row of names."""
    refuse_record_as_names(rows, header, options=options, findings=findings, place="line")


def _above(lines: Sequence[str], separator: str, options: ReadOptions) -> Rows:
    """Return the lines above the declared names, each as a row of its own."""
    return [
        (line, next(csv.reader([text], delimiter=separator), []))
        for line, text in enumerate(lines[: min(options.names[0] - 1, TITLES)], start=1)
    ]


def _quoting(error: csv.Error) -> tuple[str, str, str]:
    """Return what was expected and found, and what to do, where quotation marks are wrong."""
    if "unexpected end of data" in str(error):
        expected, found = "a closing quotation mark", "the end of the file inside quotes"
        action = "The file looks truncated, or a quotation mark is not doubled"
    elif "field larger" in str(error):
        expected, found = f"at most {MAX_CELL} characters in a cell", "a longer cell"
        action = "A quotation mark may be missing; the lines after it were not read"
    else:
        expected, found = "a separator or a new line after a closing quotation mark", "more text"
        action = "Double the quotation marks inside a cell; the lines after it were not read"
    return expected, found, action


def _check_shape(body: Rows, faults: Faults, *, width: int, mark: str) -> None:
    """Tell records that are not as wide as the header, together those of one width."""
    by_width: dict[int, list[int]] = defaultdict(list)
    empty = []
    for line, record in body:
        if len(record) != width:
            by_width[len(record)].append(line)
        elif not any(cell.strip() for cell in record):
            empty.append(line)
    expected = f"{width} values, as the header has"
    for found, rows in by_width.items():
        action = ""
        if found > width:
            action = f"A cell with {mark} in it needs quotation marks around it"
        elif rows == [body[-1][0]]:
            action = "The file looks truncated"
        faults.add(None, expected, f"{found} values", action, row=rows)
    if empty:
        faults.add(None, "a record", "only empty cells", "Delete the row", row=empty)


def _check_cells(rows: Rows, faults: Faults, *, header: Sequence[str]) -> None:
    nul: dict[str, list[int]] = defaultdict(list)
    first: dict[str, int] = {}
    long: dict[str, list[int]] = defaultdict(list)
    most: dict[str, int] = {}
    for row, record in rows:
        for place, cell in enumerate(record):
            if "\0" in cell or len(cell) > MAX_CELL:
                column = header[place] if place < len(header) else f"number {place + 1}"
                if "\0" in cell:
                    nul[column].append(row)
                    first.setdefault(column, cell.index("\0") + 1)
                else:
                    long[column].append(row)
                    most[column] = max(len(cell), most.get(column, 0))
    for column, where in nul.items():
        found = f"a NUL byte as character {first[column]}"
        faults.add(column, "text", found, row=where)
    for column, where in long.items():
        expected = f"at most {MAX_CELL} characters"
        faults.add(column, expected, f"{most[column]} characters", row=where)
