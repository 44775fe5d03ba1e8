"""Rows of a sheet that are no records: notes, totals, a second row of names, a declared footer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwalk_stats.errors import Fault, Faults, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.sheet import NO_VALUE, NUMBER, ReadOptions, Rows

# The first word of a row under the records that summarises them. Only the first group tells a
# summary by itself: SE may be the code of a site.
SUMMARY = re.compile(
    r"(?:mean|average|median|total|mittelwert|durchschnitt|mediana?|moyenne|médiane|media|promedio|"
    r"média|ortalama|平均値?|合計)(?:\s*[:=]|\s+[^\d]*|\s*\([^\d]*)?",
    re.IGNORECASE,
)
SUMMARY_BESIDE = re.compile(
    r"(?:sd|std\.? ?dev\.?|se|sem|sum|count|min|max|n|standardabweichung|écart[- ]type|"
    r"desviación estándar|desvio[- ]padrão)\s*[:=]?",
    re.IGNORECASE,
)
NOTE_BEGINS = re.compile(
    r"(?:notes?|source|legend|abbreviations?|key|comments?)\b|[*†‡§#]", re.IGNORECASE
)
MOST = 0.9  # of the records, from which on a column counts as filled in each


def note_unread_above(options: ReadOptions, findings: Findings) -> None:
    """Log how many rows above the header are not read, as declared."""
    if options.names[0] > 1:
        findings.note("", "rows above the header not read", options.names[0] - 1)


# What is declared as a footer: rows under the last record.


def without_footer(
    rows: Rows, *, header: Sequence[str], total: int, options: ReadOptions, findings: Findings
) -> Rows:
    """Return the rows (line, cells) above the declared footer, of a file of `total` lines.

    A record in the footer is a fault and stays, and so do the rows above it: cut off, a participant
    would be lost and nobody told.

    >>> rows = [(2, ["P1", "BW", "5"]), (3, ["P2", "FW", ""]), (5, ["Diary pain", "", ""])]
    >>> findings = Findings("scores.csv")
    >>> kept = without_footer(rows, header=["id", "arm", "w0"], total=5, findings=findings,
    ...                       options=ReadOptions(footer_rows=3, record_columns=("id", "arm")))
    >>> len(kept), findings.faults[0].found, findings.faults[0].action
    (2, 'a record (line 3)', 'A participant would be cut off: set footer_rows = 2')
    """
    if not options.footer_rows:
        return rows
    last = total - options.footer_rows
    kept = [row for row in rows if row[0] <= last]
    cut = [row for row in rows if row[0] > last]
    lost = _records_in(cut, kept or rows, header=header, keys=options.record_columns)
    if lost:
        last = lost[-1]
        found = "a record" if len(lost) == 1 else f"{len(lost)} records"
        mend = f"set footer_rows = {total - last}" if total > last else "leave footer_rows out"
        findings.add(
            None,
            f"no record in the last {options.footer_rows} rows, which footer_rows leaves out",
            f"{found} ({lines(lost)})",
            f"A participant would be cut off: {mend}",
            row=lost[0],
        )
        kept = [row for row in rows if row[0] <= last]
    left = range(last + 1, total + 1)
    if left:
        findings.note("", f"rows under the records not read ({lines(left)})", len(left))
    return kept


def _records_in(cut: Rows, kept: Rows, *, header: Sequence[str], keys: Sequence[str]) -> list[int]:
    """Return the lines of rows in a footer that are records by what they fill.

    A record fills the columns that are named as filled in every record, or those that the records
    above it all fill, and in one of them has what stands there above, or the like of it; or all
    that it fills is such. So a legend ("BW", "backward") is none.
    """
    width = len(header)
    above = [_padded(cells, width) for _, cells in kept]
    filled = [sum(bool(cells[place]) for cells in above) for place in range(width)]
    named = [header.index(name) for name in keys if name in header]
    always = [place for place in range(width) if filled[place] >= MOST * len(above) > 0]
    ways = [way for way in (named, always) if len(way) > 1 or (way and width == 1)]
    known = [
        {sign for cells in above if cells[place] for sign in signs(cells[place])}
        for place in range(width)
    ]

    def is_record(written: Sequence[str]) -> bool:
        cells = _padded(written, width)
        first = next(filter(None, cells), "")
        if SUMMARY.fullmatch(first) or SUMMARY_BESIDE.fullmatch(first) or reads_as_note(first):
            return False
        has = [place for place, cell in enumerate(cells) if cell]
        fits = {place for place in has if signs(cells[place]) & known[place]}
        whole = any(set(way) <= set(has) and fits.intersection(way) for way in ways)
        return whole or (len(has) > 1 and len(fits) == len(has))

    return [line for line, cells in cut if is_record(cells)]


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*(cell.strip().casefold() for cell in cells[:width]), *[""] * (width - len(cells))]


def signs(text: str) -> set[str]:
    """Return a text and, if it has a digit, the kinds of its signs: ids resemble each other.

    >>> sorted(signs("p01") & signs("k7")), signs("p01") & signs("jd"), sorted(signs("6.5"))
    (['a9'], set(), ['6.5', '9.9'])
    """
    kinds = "".join(
        "9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in text[:40]
    )
    return {text, re.sub(r"9+", "9", kinds)} if "9" in kinds else {text}


# What stands among the records and is none.


def row_faults(
    rows: Sequence[tuple[int, Sequence[str]]],
    *,
    header: Sequence[str],
    top: int,
    file: str,
    total: int | None = None,
) -> tuple[list[Fault], frozenset[int]]:
    """Return faults for rows (line, cells) that are no records, one a kind; and every such line.

    Column names stand in line `top`; the file has `total` lines, by default as many as the rows.

    >>> rows = [(2, ["P1", "5", "3"]), (3, ["P2", "6", "2"]), (5, ["Note: diary pain", "", ""])]
    >>> faults, where = row_faults(rows, header=["id", "w0", "w3"], top=1, file="scores.xlsx")
    >>> print(*faults)  # doctest: +NORMALIZE_WHITESPACE
    scores.xlsx, line 5: expected records, found a note under the table (line 5). Delete it, or
    set footer_rows = 2
    >>> sorted(where)
    [5]
    """
    notes = _notes(rows, width=len(header))
    totals = _summaries([row for row in rows if row[0] not in notes])  # a note may follow them
    first = rows[0][0] if rows else top
    names = [first] if _second_header(rows) else []
    apart = frozenset([*notes, *totals, *names])
    last = max((line for line, _ in rows if line not in apart), default=top)
    end = total or (rows[-1][0] if rows else top)
    faults = Faults(file)
    for where, found, it in (
        (notes, "a note under the table", "it"),
        (totals, "rows that summarise, such as a mean", "them"),
    ):
        if where:
            # One among the records cannot be declared as a footer.
            footer = f", or set footer_rows = {end - last}" if where[0] > last else ""
            told = f"{found} ({lines(where)})"
            faults.add(None, "records", told, f"Delete {it}{footer}", row=where[0])
    if names:
        found = f"what looks like a second row of names under line {top}"
        action = (
            f"Keep one row of names: set header_row = {first}, or header_rows = [{top}, {first}]"
        )
        faults.add(None, "a record", found, action, row=first)
    return faults.faults, apart


def reads_as_note(text: str) -> bool:
    """Return whether a text that stands alone in its row reads as a note, not as an id."""
    return len(text.split()) >= 3 or NOTE_BEGINS.match(text.strip()) is not None


def _notes(rows: Sequence[tuple[int, Sequence[str]]], *, width: int) -> list[int]:
    """Return lines with one text alone that reads as a note, or that follows a gap at the end."""
    found: list[int] = []
    if width < 2:
        return found
    last_full = max(
        (place for place, (_, cells) in enumerate(rows) if _filled(cells) > 1), default=-1
    )
    for place, (line, cells) in enumerate(rows):
        alone = [cell.strip() for cell in cells if cell.strip()]
        if len(alone) != 1 or NUMBER.fullmatch(alone[0]):
            continue
        gap = place > last_full and line - rows[place - 1][0] > 1
        after_note = bool(found) and place > last_full
        if gap or after_note or reads_as_note(alone[0]):
            found.append(line)
    return found


def _summaries(rows: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
    """Return lines at the end whose first cell names a statistic."""
    found: list[int] = []
    words: set[str] = set()
    for line, cells in reversed(rows):
        word = cells[0].strip().casefold()
        if word in words or not (SUMMARY.fullmatch(word) or SUMMARY_BESIDE.fullmatch(word)):
            break
        words.add(word)
        found.insert(0, line)
    return found if any(SUMMARY.fullmatch(word) for word in words) else []


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _second_header(rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Return whether the first record has words in two columns that hold numbers from there on."""
    if len(rows) < 3 or any(NUMBER.fullmatch(cell) for cell in rows[0][1]):
        return False
    wordy = 0
    for column, cell in enumerate(rows[0][1]):
        if cell.strip().casefold() in NO_VALUE:
            continue
        others = [cells[column] for _, cells in rows[1:]]
        values = [other for other in others if other.strip().casefold() not in NO_VALUE]
        wordy += bool(values) and all(NUMBER.fullmatch(value) for value in values)
    return wordy >= 2
