"""The names of a sheet's columns: one row or two, blanks in them, columns without one, titles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from backwalk_stats.errors import Faults, InputError, lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.footer_rows import signs
from backwalk_stats.loaders.sheets.sheet import LINE, NUMBER, ReadOptions, Rows

LOOKED_AT = 60  # rows in which names are looked for under a title
BELOW = 20  # rows that tell whether those above them are their names
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def plain_name(text: str) -> str:
    r"""Return a column's name with blanks of every kind as one space, and without invisible signs.

    >>> plain_name(" pain\u00a0 w6\n"), plain_name("\ufeffid")
    ('pain w6', 'id')
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def names_of_one_row(written: Sequence[str], findings: Findings) -> list[str]:
    """Return the names of one row, plainly written; what was done to blanks is logged."""
    names = [plain_name(name) for name in written]
    told = _blanks_told(written, names)
    if told:
        findings.repair("", told, 1)
    return names


def _blanks_told(written: Sequence[str], names: Sequence[str]) -> str:
    """Return what was done to blanks in names, "" where nothing was."""
    if any(one.strip() != name for one, name in zip(written, names, strict=True)):
        return "blanks of every kind in column names written as one space"
    if list(written) != list(names):
        return "spaces around column names were removed"
    return ""


def joined_names(
    upper: Sequence[str],
    lower: Sequence[str],
    merged: Sequence[tuple[int, int]] | None = None,
) -> list[str]:
    """Return the names of two rows as one: the upper holds for all its columns.

    `merged` are the first and last columns, from 1, of the merged cells of the upper row; where
    it is None, an upper name holds for the empty cells after it as well. A name with nothing under
    it stands for itself alone.

    >>> joined_names(["", "", "Pain", ""], ["id", "arm", "W0", "W6"])
    ['id', 'arm', 'Pain W0', 'Pain W6']
    >>> joined_names(["id", "", "Pain", "", ""], ["", "arm", "W0", "W6", "site"], [(3, 4)])
    ['id', 'arm', 'Pain W0', 'Pain W6', 'site']
    """
    upper, lower = [plain_name(one) for one in upper], [plain_name(one) for one in lower]
    over = list(upper)
    if merged is None:
        held = ""
        for place, (name, under) in enumerate(zip(upper, lower, strict=True)):
            held = (name if under else "") if name else held
            over[place] = name or (held if under else "")
    else:
        for first, last in merged:
            over[first - 1 : last] = [upper[first - 1]] * len(over[first - 1 : last])
    return [" ".join(filter(None, pair)) for pair in zip(over, lower, strict=True)]


def check_header(header: Sequence[str], faults: Faults, *, row: int) -> None:
    """Tell what is wrong with column names: one missing, one twice, one that a reader adds."""
    for name, times in Counter(header).items():
        if not name:
            found = f"{times} column(s) without a name"
            faults.add(None, "a name for every column", found, row=row)
        elif times > 1:
            faults.add(
                name,
                "every column name once",
                f"'{name}' {times} times",
                "Rename all but one",
                row=row,
            )
        if name == LINE:
            expected = f"another name: '{LINE}' is kept for the line of the file"
            faults.add(name, expected, name, row=row)


def check_names(
    header: Sequence[str],
    rows: Rows,
    faults: Faults,
    *,
    row: int,
    called: Callable[[int], str] = str,
) -> list[int]:
    """Return the places of columns that have a name or a value; tell faults of their names.

    `called` gives a column's own name in the file, such as its letters, from its number.
    """
    filled = [False] * len(header)
    for _, cells in rows:
        for place, cell in enumerate(cells[: len(header)]):
            filled[place] = filled[place] or said(cell)
    places = [place for place, name in enumerate(header) if name or filled[place]]
    check_header([header[place] for place in places if header[place]], faults, row=row)
    unnamed = [called(place + 1) for place in places if not header[place]]
    if unnamed:
        found = f"no name over column {', '.join(unnamed[:5])}" + (" ..." if unnamed[5:] else "")
        action = "Name every column in one row"
        if _names_go_on(header, rows, row=row):
            action += f", or set header_rows = [{row}, {row + 1}] where names stand in both"
        faults.add(None, "a name for every column", found, action, row=row)
    return places


def _names_go_on(header: Sequence[str], rows: Rows, *, row: int) -> bool:
    """Return whether the row under the names has words in the columns that have no name."""
    if len(rows) < 2 or rows[0][0] != row + 1:
        return False
    (_, first), (_, second) = rows[:2]
    open_places = [place for place, name in enumerate(header) if not name and said(second[place])]
    words = all(said(first[place]) and not NUMBER.fullmatch(first[place]) for place in open_places)
    return words and any(NUMBER.fullmatch(second[place]) for place in open_places)


def said(cell: str) -> bool:
    """Return whether a cell holds more than blanks."""
    return bool(cell) and not cell.isspace()


# A record that was taken for the row of names: its cells are somebody's values and stay unsaid.


def refuse_record_as_names(
    rows: Rows, header: Sequence[str], *, options: ReadOptions, findings: Findings, place: str
) -> None:
    """Raise where the declared row of names holds none of those that every record fills.

    It looks like a record where most of its cells resemble those under them. `rows` are all rows of
    the file that can be read, those above the names too; a `place` is a line or a row.

    >>> rows = [(1, ["id", "arm"]), (2, ["P1", "BW"]), (3, ["P2", "FW"]), (4, ["P3", "BW"])]
    >>> options = ReadOptions(header_row=2, record_columns=("id", "arm"))
    >>> try:
    ...     refuse_record_as_names(rows, rows[1][1], options=options, findings=Findings("a.csv"),
    ...                            place="line")
    ... except InputError as error:
    ...     print(error.faults[0].found, "-", error.faults[0].action)
    what looks like a record - Set header_row = 1
    """
    keys, row = {*options.record_columns}, options.names[-1]
    if options.names == (1,):
        row = next((line for line, cells in rows if any(map(said, cells))), 1)
    cells = dict(rows)
    if not keys or keys & {*header} or not _is_like(cells.get(row, ()), rows, row):
        return
    there = next((one for one, own in rows if keys <= {plain_name(cell) for cell in own}), None)
    action = f"Set header_row to the {place} of the names; where none has them, write one"
    if there is not None:
        action = f"Set header_row = {there}"
        under = cells.get(there + 1, ())
        if (
            len(options.names) > 1
            and any(map(said, under))
            and not _is_like(under, rows, there + 1)
        ):
            action = f"Set header_rows = [{there}, {there + 1}]"
    found = "what looks like a record"
    raise findings.error(None, f"column names in {place} {row}", found, action, row=row)


def _is_like(cells: Sequence[str], rows: Rows, row: int) -> bool:
    """Return whether at least half of a row's cells resemble those of rows under it."""
    below = [under for line, under in rows if line > row][:BELOW]
    filled = [place for place, cell in enumerate(cells) if said(cell)]
    alike = sum(
        any(
            signs(cells[place].strip().casefold()) & signs(under[place].strip().casefold())
            for under in below
            if place < len(under) and said(under[place])
        )
        for place in filled
    )
    return len(below) > 1 and alike > 0 and 2 * alike >= len(filled)


# A title above the names: rows that are no names, and under them one that is.


def names_line(rows: Rows) -> int | None:
    """Return the line of the first row that looks like names: words, all over columns of numbers.

    >>> names_line([(1, ["Trial of walking", "", ""]), (3, ["id", "arm", "pain"]),
    ...             (4, ["P1", "BW", "6"]), (5, ["P2", "FW", "5"])])
    3
    """
    for place, (line, cells) in enumerate(rows[:LOOKED_AT]):
        below = [under for _, under in rows[place + 1 : place + 1 + BELOW]]
        if below and _are_names(cells, below):
            return line
    return None


def _are_names(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    named = [place for place, cell in enumerate(cells) if said(cell)]
    if len(named) < 2 or any(NUMBER.fullmatch(cells[place]) for place in named):
        return False
    counts: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    for under in below:
        filled = [place for place, cell in enumerate(under) if said(cell)]
        counts.update(filled)
        numbers.update(place for place in filled if NUMBER.fullmatch(under[place]))
    # Half of the rows: a note or two may stand among them.
    used = {place for place, count in counts.items() if 2 * count >= len(below)}
    over_numbers = any(2 * numbers[place] > counts[place] > 0 for place in named)
    return len(used) > 1 and used <= set(named) and over_numbers


def no_names(rows: Rows, findings: Findings, *, row: int, place: str) -> InputError:
    """Return the error of an empty `row` where names are declared; a `place` is a line or a row."""
    there = names_line(rows)
    action = f"Set header_row = {there}" if there else f"Set header_row to their {place}"
    action = action if rows else "The sheet is empty"
    found = f"an empty {place}"
    return findings.error(None, f"column names in {place} {row}", found, action, row=row)


def title_fault(rows: Rows, faults: Faults, *, row: int, besides: str = "") -> bool:
    """Tell that names stand further down than in `row`, where they seem to; return whether so.

    `besides` is what else is to be declared, such as a separator.
    """
    line = names_line(rows)
    if line is None or line == row:
        return False
    above = [one for one, _ in rows if row <= one < line]
    cells = dict(rows)
    names, upper = cells[line], cells.get(line - 1, [])
    double = len(set(map(folded, filter(said, names)))) < sum(map(said, names))
    found = f"what looks like a title ({lines(above)})"
    action, both = f"Set header_row = {line}", f"header_rows = [{line - 1}, {line}]"
    if any(map(said, upper[1:])) and len(upper) == len(names):
        found = f"what looks like a title or an upper row of names ({lines(above)})"
        action = f"Set {both}" if double else f"{action}, or {both} if both are names"
    faults.add(None, "column names", found, action + besides, row=row)
    return True
