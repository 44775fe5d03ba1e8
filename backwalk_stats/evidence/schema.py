"""A table's promise: its columns, what their cells hold, and what a row must not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Protocol

import pandas as pd

from backwalk_stats.errors import Fault, Faults, printable
from backwalk_stats.evidence import printed_values
from backwalk_stats.loaders.sheets.encoding import plain_signs
from backwalk_stats.loaders.sheets.sheet import LINE

# Who printed or computed a number; two older words are still read, as what they mean.
ORIGINS = ("paper", "review", "collector", "derived")
OLDER_ORIGINS = {"printed": "paper", "recomputed-here": "collector", "": "paper"}
LONGEST_PRINTED = 300  # characters in a cell that holds a printed number
STUDY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
CLAIM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
Row = Mapping[str, str]


# What one cell of the record may hold: each kind says what it expects and judges a text.


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A kind of cell.

    Attributes
    ----------
    expected : str
        What a cell that is not empty holds, for messages.
    fault : callable
        From the text of such a cell to what to do about it; None when nothing is wrong.
    printed_number : bool
        Whether typographic minus signs, digits and spaces are first written plainly.

    Examples
    --------
    >>> NUMBER.fault("4.80"), NUMBER.fault("45 mm")
    (None, 'Put the unit in the column for units, the number alone here')
    """

    expected: str
    fault: Callable[[str], str | None]
    printed_number: bool = False


def _text(text: str) -> str | None:
    return None


def _number(text: str) -> str | None:
    return None if printed_values.is_number(text) else printed_values.advice(text)


def _spread(text: str) -> str | None:
    value = printed_values.as_number(text)
    if value is None:
        return printed_values.advice(text)
    return "A spread cannot be negative; is it a code for missing?" if value < 0 else None


def _count(text: str) -> str | None:
    if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII):
        return None
    return (
        printed_values.advice(text)
        if printed_values.as_number(text) is None
        else "Count people: 1, 2, 3, ..."
    )


def _percent(text: str) -> str | None:
    value = printed_values.as_number(text)
    if value is None:
        return printed_values.advice(text)
    return None if 0 <= value <= 100 else "A share cannot be outside 0 to 100"


def _step(text: str) -> str | None:
    value = printed_values.as_number(text)
    if value is None:
        return printed_values.advice(text)
    return None if value > 0 else "The distance between two possible scores is above zero"


def _participants(text: str) -> str | None:
    return _count(text) if re.fullmatch(r"[-+\d.,]+", text, re.ASCII) else None


def _study_id(text: str) -> str | None:
    if STUDY_ID.fullmatch(text):
        return None
    return "It becomes part of links and names: no spaces, capitals, points or slashes"


def _claim_id(text: str) -> str | None:
    return None if CLAIM_ID.fullmatch(text) else "It becomes part of links: no spaces or slashes"


def _study_ids(text: str) -> str | None:
    wrong = [part for part in text.split(";") if not STUDY_ID.fullmatch(part.strip())]
    return "One study_id after another, with ';' between" if wrong else None


def _link(text: str) -> str | None:
    if re.fullmatch(r"https?://[^\s<>\"'`\\]+", text):
        return None
    return "Begin with https:// and encode spaces; other text belongs into the note"


def one_of(*choices: str) -> Cell:
    """Return a kind of cell that holds one of a few words.

    >>> one_of("yes", "no").expected
    "'yes' or 'no'"
    """

    def fault(text: str) -> str | None:
        return None if text in choices else "Write it exactly so, or leave the cell empty"

    return Cell(expected=" or ".join(f"'{choice}'" for choice in choices), fault=fault)


def _printed(expected: str, judge: Callable[[str], str | None]) -> Cell:
    def fault(text: str) -> str | None:
        if len(text) > LONGEST_PRINTED:
            return f"At most {LONGEST_PRINTED} characters; the rest belongs into the note"
        return judge(text)

    return Cell(expected=expected, fault=fault, printed_number=True)


TEXT = Cell(expected="text", fault=_text)
NUMBER = _printed("a plain decimal number", _number)
SPREAD = _printed("a number that is zero or more", _spread)
COUNT = _printed("a whole number of 1 or more", _count)
PERCENT = _printed("a number from 0 to 100", _percent)
ESTIMATE = _printed("a plain decimal number, or words", printed_values.estimate_fault)
STATISTIC = _printed("a statistic such as t=-1.97", printed_values.statistic_fault)
DEGREES = _printed("degrees of freedom such as 44 or 2,65", printed_values.degrees_fault)
P_VALUE = _printed("a p value from 0 to 1, as printed", printed_values.p_value_fault)
STEP = _printed("a number above zero", _step)
ORIGIN = one_of(*ORIGINS, *filter(None, OLDER_ORIGINS))
PARTICIPANTS = Cell(expected="a whole number of 1 or more, or words", fault=_participants)
STUDY = Cell(expected="1 to 64 of a-z 0-9 _ -, a letter or digit first", fault=_study_id)
STUDIES = Cell(expected="study_ids with ';' between", fault=_study_ids)
CLAIM = Cell(expected="1 to 64 letters, digits, _ or -", fault=_claim_id)
LINK = Cell(expected="an address that begins with http:// or https://", fault=_link)


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


def check_interval(row: Row, faults: RowFaults, *, low: str, high: str) -> None:
    """Tell what is wrong with the interval in the columns `low` and `high` of a row.

    Whether it holds its estimate is not asked here: that is a finding about the source.

    >>> check_interval({"a": "2", "b": "1"}, print, low="a", high="b")
    b at least a (2) 1 The lower end comes first
    >>> check_interval({"a": "2", "b": ""}, print, low="a", high="b")
    b a number, since a has one an empty cell Give both ends or none
    """
    ends = row[low], row[high]
    if bool(ends[0]) != bool(ends[1]):
        empty, full = (low, high) if not ends[0] else (high, low)
        wanted = f"a number, since {full} has one"
        faults(empty, wanted, "an empty cell", "Give both ends or none")
        return
    first, last = printed_values.as_number(ends[0]), printed_values.as_number(ends[1])
    if first is not None and last is not None and first > last:
        faults(high, f"at least {low} ({ends[0]})", ends[1], "The lower end comes first")


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

    Numbers are written plainly and missing columns added empty, each repair with a note.

    >>> from backwalk_stats.evidence.schema import NUMBER
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
