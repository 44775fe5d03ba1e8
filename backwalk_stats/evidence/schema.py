"""A table's promise: its columns, what their cells hold, and what a row must not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Protocol

import pandas as pd

from backwalk_stats.errors import Fault, Faults, printable
from backwalk_stats.evidence.cells import TEXT, Cell
from backwalk_stats.loaders.plain_signs import plain_signs
from backwalk_stats.loaders.sheets.records import LINE

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column: its name, the kind of its cells, whether it must be there and be filled."""

    name: str
    cell: Cell = TEXT
    essential: bool = False
    filled: bool = False


class RowFaults(Protocol):
    """Takes what is wrong within one row; it knows the file and the line."""

    def __call__(self, column: str, expected: str, found: str, action: str = "", /) -> None:
        """Take a fault: the column, what was expected, what was found, what to do."""


def no_check(row: Row, faults: RowFaults) -> None:
    """Tell nothing: the rule of a table whose cells are independent of each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """What a table holds.

    Attributes
    ----------
    columns : tuple of Column
        Columns that are not essential may be missing and are then added empty. Columns that
        are not named here are kept.
    check_row : callable
        Given a row (column name to text), tells what its cells say against each other.
    key : tuple of str
        Columns whose values, case and spaces aside, occur together once; empty for no key.
    reserved : tuple of str
        Columns that the file must not have, since the reader adds them.
    """

    columns: tuple[Column, ...]
    check_row: Callable[[Row, RowFaults], None] = no_check
    key: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A table after its check: the frame with every column, the faults, what was repaired."""

    frame: pd.DataFrame
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def check_table(frame: pd.DataFrame, *, schema: Schema, file: str) -> Checked:
    """Return a table of text with what is wrong in it, every fault at once.

    Parameters
    ----------
    frame : DataFrame
        All text, with the integer column `line`, as `read_text_table` returns it.
    schema : Schema
        What the table promises.
    file : str
        Name of the file, for messages.

    Returns
    -------
    Checked
        The frame with numbers written plainly and missing columns added empty, the faults,
        and a note for each repair.

    Examples
    --------
    >>> from backwalk_stats.evidence.cells import NUMBER
    >>> schema = Schema(columns=(Column(name="mean", cell=NUMBER, essential=True),))
    >>> frame = pd.DataFrame({"line": [2, 3], "mean": ["4.8", "4,8"]})
    >>> print(*check_table(frame, schema=schema, file="outcomes.csv").faults)
    outcomes.csv, line 3, column mean: expected a plain decimal number, found 4,8. \
It looks like a decimal comma: write a point
    """
    faults = Faults(file)
    _check_columns(frame, schema, faults)
    absent = bool(faults.faults)
    whole, notes = _completed(frame, schema=schema, file=file)
    lines = [int(line) for line in whole[LINE]]
    for column in schema.columns:
        if column.name in frame.columns:
            for line, text in zip(lines, whole[column.name].tolist(), strict=True):
                _check_cell(column, text, line, faults)
    rows = _rows(whole)
    for line, row in zip(lines, rows, strict=True):
        schema.check_row(row, partial(faults.add, row=line))
    if schema.key and not absent:
        _check_key(rows, lines, schema.key, faults)
    faults.sort()
    return Checked(frame=whole, faults=tuple(faults.faults), notes=notes)


def _check_columns(frame: pd.DataFrame, schema: Schema, faults: Faults) -> None:
    """Refuse columns that a reader adds, and the lack of those that are essential."""
    here = {str(name).lower(): str(name) for name in frame.columns if name != LINE}
    for name in schema.reserved:
        if name in frame.columns:
            action = "The reader adds it: rename yours"
            faults.add(None, f"no column named '{name}'", name, action, row=1)
    for column in schema.columns:
        if column.essential and column.name not in frame.columns:
            near = get_close_matches(column.name, list(here), n=1)
            found = f"'{here[near[0]]}'" if near else "no such column"
            action = "Rename it" if near else f"There are: {', '.join(here.values())[:300]}"
            faults.add(None, f"a column named '{column.name}'", found, action, row=1)


def _completed(
    frame: pd.DataFrame, *, schema: Schema, file: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    whole = frame.copy()
    notes = []
    for column in schema.columns:
        if column.name not in whole.columns:
            whole[column.name] = pd.Series([""] * len(whole), index=whole.index, dtype="str")
        elif column.cell.printed_number:
            before = whole[column.name].tolist()
            after = [plain_signs(text) for text in before]
            pairs = zip(whole[LINE], before, after, strict=True)
            changed = [str(line) for line, old, new in pairs if old != new]
            if changed:
                whole[column.name] = pd.Series(after, index=whole.index, dtype="str")
                notes.append(
                    f"{file}, column {column.name}: {len(changed)} cell(s) with typographic signs,"
                    f" digits or spaces were written plainly (line {', '.join(changed[:20])})"
                )
    unknown = [printable(str(name)) for name in frame.columns if name not in (LINE, *schema.names)]
    if unknown:
        notes.append(f"{file}: columns kept but not used: {', '.join(unknown)[:300]}")
    return whole, tuple(notes)


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    names = [str(name) for name in frame.columns if name != LINE]
    columns = [frame[name].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _check_cell(column: Column, text: str, line: int, faults: Faults) -> None:
    empty = not text.strip()
    if empty and not column.filled:
        return
    action = "" if empty else column.cell.fault(text)
    if action is not None:
        found = "an empty cell" if empty else text
        faults.add(column.name, column.cell.expected, found, action, row=line)


def _check_key(
    rows: Sequence[Row], lines: Sequence[int], key: tuple[str, ...], faults: Faults
) -> None:
    """Refuse rows whose key stands in an earlier one too."""
    first: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(rows):
        values = tuple(" ".join(row[name].casefold().split()) for name in key)
        earlier = first.setdefault(values, place)
        if earlier == place or not any(values):
            continue
        same = rows[earlier] == row
        found = f"the same {'row' if same else 'key with other values'} as line {lines[earlier]}"
        action = "Delete one" if same else "Keep the right one, or tell them apart"
        faults.add(key[0], f"each {' + '.join(key)} once", found, action, row=lines[place])
