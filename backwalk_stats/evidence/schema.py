"""A table's promise: its columns, what their cells hold, and what a row must not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from backwalk_stats.errors import Fault, printable
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong within one row; the schema adds the file and the line."""

    column: str
    expected: str
    found: str
    action: str = ""


def no_row_problems(row: Row) -> Iterator[Problem]:
    """Yield nothing: the rule of a table whose cells are independent of each other."""
    yield from ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """What a table holds.

    Attributes
    ----------
    columns : tuple of Column
        Columns that are not essential may be missing and are then added empty. Columns that
        are not named here are kept.
    row_problems : callable
        From a row (column name to text) to what its cells say against each other.
    key : tuple of str
        Columns whose values, case and spaces aside, occur together once; empty for no key.
    reserved : tuple of str
        Columns that the file must not have, since the reader adds them.
    """

    columns: tuple[Column, ...]
    row_problems: Callable[[Row], Iterator[Problem]] = no_row_problems
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
    absent = _absent_columns(frame, schema=schema, file=file)
    whole, notes = _completed(frame, schema=schema, file=file)
    lines = [int(line) for line in whole[LINE]]
    faults = list(absent)
    for column in schema.columns:
        if column.name in frame.columns:
            for line, text in zip(lines, whole[column.name].tolist(), strict=True):
                problem = _cell_problem(column, text)
                faults += [] if problem is None else [_placed(problem, file=file, line=line)]
    rows = _rows(whole)
    for line, row in zip(lines, rows, strict=True):
        faults += [_placed(found, file=file, line=line) for found in schema.row_problems(row)]
    if schema.key and not absent:
        faults += _repeated(rows, lines=lines, key=schema.key, file=file)
    faults.sort(key=lambda fault: fault.row or 0)
    return Checked(frame=whole, faults=tuple(faults), notes=notes)


def _absent_columns(frame: pd.DataFrame, *, schema: Schema, file: str) -> list[Fault]:
    here = {str(name).lower(): printable(str(name)) for name in frame.columns if name != LINE}
    faults = []
    for name in schema.reserved:
        if name in frame.columns:
            expected, action = f"no column named '{name}'", "The reader adds it: rename yours"
            faults.append(Fault(file=file, row=1, expected=expected, found=name, action=action))
    for column in schema.columns:
        if column.essential and column.name not in frame.columns:
            near = get_close_matches(column.name, list(here), n=1)
            found = f"'{here[near[0]]}'" if near else "no such column"
            action = "Rename it" if near else f"There are: {', '.join(here.values())[:300]}"
            expected = f"a column named '{column.name}'"
            faults.append(Fault(file=file, row=1, expected=expected, found=found, action=action))
    return faults


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


def _cell_problem(column: Column, text: str) -> Problem | None:
    if not text.strip():
        if not column.filled:
            return None
        expected = column.cell.expected
        return Problem(column=column.name, expected=expected, found="an empty cell")
    action = column.cell.fault(text)
    if action is None:
        return None
    return Problem(column=column.name, expected=column.cell.expected, found=text, action=action)


def _repeated(
    rows: Sequence[Row], *, lines: Sequence[int], key: tuple[str, ...], file: str
) -> list[Fault]:
    first: dict[tuple[str, ...], int] = {}
    faults = []
    for place, row in enumerate(rows):
        values = tuple(" ".join(row[name].casefold().split()) for name in key)
        earlier = first.setdefault(values, place)
        if earlier == place or not any(values):
            continue
        same = rows[earlier] == row
        found = f"the same {'row' if same else 'key with other values'} as line {lines[earlier]}"
        action = "Delete one" if same else "Keep the right one, or tell them apart"
        expected = f"each {' + '.join(key)} once"
        problem = Problem(column=key[0], expected=expected, found=found, action=action)
        faults.append(_placed(problem, file=file, line=lines[place]))
    return faults


def _placed(problem: Problem, *, file: str, line: int) -> Fault:
    return Fault(
        file=file,
        row=line,
        column=problem.column,
        expected=problem.expected,
        found=problem.found,
        action=problem.action,
    )
