"""A delimited export of a motion system, by one declared format instead of a parser a maker."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isinf, nan
from pathlib import Path

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.gait_events import contact_events
from backwalk_stats.loaders.motion.raw_motion import DEGREES, METRES, RawMotion, bare_label, still
from backwalk_stats.loaders.motion.reading import RATES_AGREE, Asked, at_even_times
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import PLURALS, decode, likely_separator
from backwalk_stats.loaders.sheets.sheet import SEPARATORS
from backwalk_stats.registry import Shown

MISSING = frozenset({"", "nan", "NaN", "NAN", "NA", "n/a"})
FEWEST = 10


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TableFormat(Shown):
    """How a delimited export is laid out.

    Attributes
    ----------
    separator, decimal, encoding : str
    skip_rows : int
        Lines before the line of column names.
    units_row : bool
        Whether a line of units follows the names; it is passed over, the units are declared here.
    rate : float or None
        Samples per second; None takes the time column.
    time : str
        Name of the column of seconds; "" where there is none.
    angle_unit, length_unit : str
        "deg" or "rad"; "m", "cm" or "mm".
    angles : mapping of str to str
        Signal to column.
    markers, quaternions : mapping of str to tuple of str
        Marker to its three columns, sensor to its four.
    contacts : mapping of str to str
        Side to the column that tells whether its foot is on the ground: 0, or one other number.
    names : tuple of str
        Of the columns, for a file without a line of them; empty takes the file's.
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    skip_rows: int = 0
    units_row: bool = False
    rate: float | None = None
    time: str = ""
    angle_unit: str = "deg"
    length_unit: str = "m"
    angles: Mapping[str, str] = field(default_factory=dict)
    markers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quaternions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return every column that the format names."""
        groups = [*self.markers.values(), *self.quaternions.values()]
        found = [*self.angles.values(), *(one for group in groups for one in group)]
        return [*found, *self.contacts.values(), *([self.time] if self.time else [])]


def read_motion_table(path: Path, layout: TableFormat, asked: Asked | None = None) -> RawMotion:
    """Return the signals of a delimited file.

    A column that `asked.used` names and the format does not is an angle. Refuses text in place of a
    number, a column that is not there, a signal that never changes, and a declared rate that is not
    that of the time column.
    """
    asked = asked or Asked()
    faults = Faults(path.name)
    at, notes = _columns(path, layout, asked, faults)
    angles = {
        signal: at[column] * DEGREES[layout.angle_unit] for signal, column in layout.angles.items()
    }
    others = {name: name for name in at if name not in layout.columns and name not in angles}
    angles |= {name: at[name] * DEGREES[layout.angle_unit] for name in others}
    unit = asked.unit or layout.length_unit
    markers = {name: points * METRES[unit] for name, points in _grouped(at, layout.markers).items()}
    sensors = _grouped(at, layout.quaternions)
    for name, found in still({**angles, **markers, **sensors}).items():
        action = "A sensor that stood still or was not connected? Leave the column out"
        faults.add(name, "a movement", found, action)
    faults.stop()
    raw = RawMotion(
        rate=np.nan,
        angles=angles,
        markers=markers,
        quaternions=sensors,
        unit=unit if markers else "",
        notes=notes,
    )
    raw = _timed(raw, at, layout, asked, file=faults.file)
    times = at[layout.time] if layout.time else np.arange(len(next(iter(at.values())))) / raw.rate
    return replace(raw, events=contact_events(_contacts(at, layout, faults), times))


def _columns(
    path: Path, layout: TableFormat, asked: Asked, faults: Faults
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the columns of a file that are used, by name, and what decoding has changed."""
    text, notes = decode(read_bytes(path), file=faults.file, encoding=layout.encoding)
    lines = text.splitlines()
    if len(lines) <= layout.skip_rows:
        raise faults.error(None, "a line of column names", "no line")
    start = layout.skip_rows
    names = list(layout.names)
    if not names:
        names = split_line(lines[start], layout.separator)
        start += 1
    declared = _check_columns(names, layout, asked, faults, row=layout.skip_rows + 1)
    start += int(layout.units_row)
    table = number_table(
        lines[start:],
        names,
        file=faults.file,
        first=start + 1,
        separator=layout.separator,
        decimal=layout.decimal,
        needed={names.index(name) for name in declared},
    )
    told = tuple(note.removeprefix(f"{faults.file}: ") for note in notes)
    return {name: table[:, names.index(name)] for name in declared}, told


def split_line(line: str, separator: str) -> list[str]:
    """Return the cells of a line, without blanks and quotation marks around them.

    >>> split_line('"time (s)", "a,b"', ",")
    ['time (s)', 'a,b']
    """
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        cells = line.split(separator)
    return [" ".join(cell.strip().strip('"').split()) for cell in cells]


def _grouped(
    at: Mapping[str, FloatArray], groups: Mapping[str, tuple[str, ...]]
) -> dict[str, FloatArray]:
    """Return the columns of each marker or sensor side by side, shape (samples, k)."""
    return {
        name: np.stack([at[column] for column in columns], axis=1)
        for name, columns in groups.items()
    }


def _contacts(
    at: Mapping[str, FloatArray], layout: TableFormat, faults: Faults
) -> dict[str, FloatArray]:
    """Return the columns of contacts by side; refuse what is not a column of two numbers."""
    found = {side: at[column] for side, column in layout.contacts.items()}
    for side, values in found.items():
        levels = np.unique(values)
        if len(levels) > 2 or not np.isfinite(levels).all() or (levels == 0.0).sum() != 1:
            expected = "0, and one other number where the foot is on the ground"
            told = "a missing cell" if np.isnan(levels).any() else f"{len(levels)} numbers"
            faults.add(layout.contacts[side], expected, told)
    faults.stop()
    return found


def _check_columns(
    names: list[str], layout: TableFormat, asked: Asked, faults: Faults, *, row: int
) -> list[str]:
    """Return the columns that are used: the format's, and those of signals; tell absent ones."""
    wanted = list(dict.fromkeys(layout.columns))
    twice = [name for name in wanted if names.count(name) > 1]
    under_names = {"X", "Y", "Z"} & set(twice)
    if under_names:
        action = "Names of markers stand above X, Y, Z? Take the preset nexus or visual3d as format"
        told = f"{', '.join(twice)} several times"
        faults.add(None, "each column once", told, action, row=row)
    absent = [name for name in wanted if name not in names]
    mark = likely_separator(names, layout.separator)
    if mark is not None and len(absent) == len(wanted):
        written = mark.replace("\t", r"\t")
        action = f'Declare separator = "{written}" of the [[format]]'
        found = f"what looks like {SEPARATORS[mark]} between the columns"
        raise faults.error(None, f"{PLURALS[layout.separator]} between the columns", found, action)
    for name in wanted:
        if name in absent:
            action = "Name the column as the file writes it"
            faults.add(name, "this column once", "no such column", action, row=row)
        elif name in twice and not under_names:
            faults.add(name, "this column once", "it twice", row=row)
    for name in sorted(asked.used - set(wanted) - set(layout.angles)):
        if names.count(name) == 1:
            wanted.append(name)
        elif name in names:
            faults.add(name, "this column once", "it twice", row=row)
    faults.stop()
    return wanted


def _timed(
    raw: RawMotion, at: Mapping[str, FloatArray], layout: TableFormat, asked: Asked, *, file: str
) -> RawMotion:
    """Return signals with their rate; a declared one must be that of the time column."""
    if not layout.time:
        if layout.rate is None:
            expected = "a rate, or a column of times, declared under [format]"
            raise InputError.of(file, expected, "neither")
        return replace(raw, rate=layout.rate)
    timed = at_even_times(at[layout.time], raw, asked, file=file)
    if layout.rate is not None and abs(timed.rate - layout.rate) > RATES_AGREE * timed.rate:
        expected = f"{layout.rate:g} samples per second, as declared"
        action = "Correct the rate under [format], or leave it out"
        told = f"{timed.rate:.4g} by the time column"
        raise InputError.of(file, expected, told, action, column=layout.time)
    return timed


# Lines of numbers as an array.

DECIMAL = 'Declare decimal = "," in [[format]], or export with a decimal point where there is none'


def number_table(
    lines: Sequence[str],
    columns: Sequence[str],
    *,
    file: str,
    first: int,
    separator: str | None = None,
    decimal: str = ".",
    needed: Collection[int] | None = None,
) -> FloatArray:
    """Return lines of numbers as an array, shape (lines, columns); missing ones are NaN.

    The first is line `first` of the file; blank ones are passed over. Without a separator it is
    white space for a table without missing cells, else a tab. Every cell that is no number and
    every line of another width is a fault, by the names in `columns`. Columns that are not `needed`
    are not looked at, and missing throughout.
    """
    looked = range(len(columns)) if needed is None else sorted(needed)
    rows: list[list[float]] = []
    widths: dict[int, list[int]] = {}
    texts: dict[int, list[int]] = {}
    commas = decimal == "."
    for row, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        cells = _parted(line, separator) if separator else _cells(line, len(columns))
        if len(cells) > len(columns) and not "".join(cells[len(columns) :]).strip():
            cells = cells[: len(columns)]
        if len(cells) != len(columns):
            widths.setdefault(len(cells), []).append(row)
            continue
        numbers = [nan] * len(columns)
        for place in looked:
            numbers[place] = _number(cells[place].strip().strip('"'), decimal)
            if isinf(numbers[place]):
                texts.setdefault(place, []).append(row)
                commas = commas and isfinite(_number(cells[place].strip().strip('"'), ","))
        rows.append(numbers)
    _tell_cells(columns, widths, texts, file=file, commas=commas)
    if len(rows) < FEWEST:
        raise InputError.of(file, f"at least {FEWEST} samples", f"{len(rows)}")
    return np.array(rows)


def _tell_cells(
    columns: Sequence[str],
    widths: Mapping[int, list[int]],
    texts: Mapping[int, list[int]],
    *,
    file: str,
    commas: bool,
) -> None:
    """Refuse lines of another width, and text in place of numbers, once a width and a column.

    What all columns have in common is told once: a decimal comma (`commas`), lines that are text.
    """
    faults = Faults(file)
    for width, at in widths.items():
        expected = f"{len(columns)} numbers in a line"
        faults.add(None, expected, f"{width} cells", row=at)
    every = sorted({row for at in texts.values() for row in at})
    if every and commas:
        faults.add(None, "a decimal point", "a decimal comma", DECIMAL, row=every)
    elif len(texts) > 1 and all(at == every for at in texts.values()):
        found = f"other text in {len(texts)} columns"
        action = "A line of units under the names? Declare units_row or skip_rows in [[format]]"
        faults.add(None, "numbers", found, action, row=every)
    else:
        for place, at in texts.items():
            faults.add(bare_label(columns[place]), "a number", "other text", row=at)
    faults.sort()
    faults.stop()


def _parted(line: str, separator: str) -> list[str]:
    return split_line(line, separator) if '"' in line else line.split(separator)


def _cells(line: str, width: int) -> list[str]:
    by_tab = line.rstrip("\r\n").split("\t")
    if len(by_tab) >= width:
        return by_tab[:width] if not "".join(by_tab[width:]).strip() else by_tab
    return line.split()


def _number(cell: str, decimal: str) -> float:
    if cell in MISSING:
        return float("nan")
    if "_" in cell or (decimal != "." and "." in cell):  # Python's 1_000, or a mark of thousands
        return float("inf")
    try:
        return float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return float("inf")  # told apart from missing; a fault is made of it
