"""Rows of a spreadsheet that are no records: notes, totals, a second header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwalk_stats.errors import Fault, Faults, lines

NUMBER = re.compile(r"\s*[-+−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
NO_VALUE = frozenset(
    ["", ".", "-", "--", "?", "n/a", "na", "nan", "nd", "nr", "none", "null", "missing", "unk"]
)
# The first word of a row under the records that summarises them. Only the first group tells a
# summary by itself: SE may be the code of a site.
SUMMARY = re.compile(r"(?:mean|average|median|total)\s*[:=]?", re.IGNORECASE)
SUMMARY_BESIDE = re.compile(
    r"(?:sd|std\.? ?dev\.?|se|sem|sum|count|min|max|n)\s*[:=]?", re.IGNORECASE
)
NOTE_BEGINS = re.compile(
    r"(?:notes?|source|legend|abbreviations?|key|comments?)\b|[*†‡§#]", re.IGNORECASE
)


def row_faults(
    rows: Sequence[tuple[int, Sequence[str]]], *, header: Sequence[str], top: int, file: str
) -> tuple[list[Fault], frozenset[int]]:
    """Return the rows that stand in a table but are no records of it.

    Parameters
    ----------
    rows : sequence of (int, sequence of str)
        Line and cells of each record.
    header : sequence of str
        Column names.
    top : int
        Line of the header.
    file : str
        For messages.

    Returns
    -------
    faults : list of Fault
        One a kind of row.
    lines : frozenset of int
        Every line at which such a row stands.

    Examples
    --------
    >>> rows = [(2, ["P1", "5", "3"]), (3, ["P2", "6", "2"]), (5, ["Note: diary pain", "", ""])]
    >>> faults, where = row_faults(rows, header=["id", "w0", "w3"], top=1, file="scores.xlsx")
    >>> print(*faults)  # doctest: +NORMALIZE_WHITESPACE
    scores.xlsx, line 5: expected records, found a note under the table (line 5). Delete it, or
    set footer_rows to the number of rows after the last record
    >>> sorted(where)
    [5]
    """
    notes = _notes(rows, width=len(header))
    totals = _summaries([row for row in rows if row[0] not in notes])  # a note may follow them
    first = rows[0][0] if rows else top
    names = [first] if _second_header(rows) else []
    footer = "or set footer_rows to the number of rows after the last record"
    faults = Faults(file)
    if notes:
        found = f"a note under the table ({lines(notes)})"
        faults.add(None, "records", found, f"Delete it, {footer}", row=notes[0])
    if totals:
        found = f"rows that summarise, such as a mean ({lines(totals)})"
        faults.add(None, "records", found, f"Delete them, {footer}", row=totals[0])
    if names:
        found = f"what looks like a second row of names under line {top}"
        action = f"Keep one row of names: delete the others, or set header_row = {first}"
        faults.add(None, "a record", found, action, row=first)
    return faults.faults, frozenset([*notes, *totals, *names])


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
