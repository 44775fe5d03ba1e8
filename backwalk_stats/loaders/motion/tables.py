"""A delimited export of a motion system, by one declared format instead of a parser a maker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf
from pathlib import Path

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.raw_motion import DEGREES, METRES, RawMotion, check_size, still
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.registry import Shown

RATES_AGREE = 0.01
MISSING = frozenset({"", "nan", "NaN", "NAN", "NA"})
# Times are printed with few digits, so steps differ a little: at 120 Hz and three decimals by 12 %.
UNEVEN = 0.25  # of a step, between two samples; a lost sample makes it 1
DRIFT = 0.5  # of a step, from the straight line through the first and the last time
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


def read_motion_table(path: Path, layout: TableFormat) -> RawMotion:
    """Return the signals of a delimited file.

    Refuses text in place of a number, a column that is not there, a signal that never changes, and
    a declared rate that is not that of the time column.
    """
    faults = Faults(path.name)
    at, notes = _columns(path, layout, faults)
    angles = {
        signal: at[column] * DEGREES[layout.angle_unit] for signal, column in layout.angles.items()
    }
    markers = {
        name: points * METRES[layout.length_unit]
        for name, points in _grouped(at, layout.markers).items()
    }
    sensors = _grouped(at, layout.quaternions)
    for name, found in still({**angles, **markers, **sensors}).items():
        action = "A sensor that stood still or was not connected? Leave the column out"
        faults.add(name, "a movement", found, action)
    check_size(markers, faults, unit=layout.length_unit)
    faults.stop()
    return RawMotion(
        rate=_rate(at, layout, file=faults.file),
        angles=angles,
        markers=markers,
        quaternions=sensors,
        notes=notes,
    )


def _columns(
    path: Path, layout: TableFormat, faults: Faults
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the columns of a file by name, and what decoding has changed."""
    text, notes = decode(read_bytes(path), file=faults.file, encoding=layout.encoding)
    lines = text.splitlines()
    if len(lines) <= layout.skip_rows:
        raise faults.error(None, "a line of column names", "no line")
    names = [name.strip().strip('"') for name in lines[layout.skip_rows].split(layout.separator)]
    _check_columns(names, layout, faults, row=layout.skip_rows + 1)
    start = layout.skip_rows + 1 + int(layout.units_row)
    table = number_table(
        lines[start:],
        names,
        file=faults.file,
        first=start + 1,
        separator=layout.separator,
        decimal=layout.decimal,
    )
    return {name: table[:, place] for place, name in enumerate(names)}, tuple(notes)


def _grouped(
    at: Mapping[str, FloatArray], groups: Mapping[str, tuple[str, ...]]
) -> dict[str, FloatArray]:
    """Return the columns of each marker or sensor side by side, shape (samples, k)."""
    return {
        name: np.stack([at[column] for column in columns], axis=1)
        for name, columns in groups.items()
    }


def _check_columns(names: list[str], layout: TableFormat, faults: Faults, *, row: int) -> None:
    groups = [*layout.markers.values(), *layout.quaternions.values()]
    wanted = [*layout.angles.values(), *(one for group in groups for one in group)]
    wanted += [layout.time] if layout.time else []
    for name in dict.fromkeys(wanted):
        if name not in names:
            action = "Name the column as the file writes it"
            faults.add(name, "this column once", "no such column", action, row=row)
        elif names.count(name) > 1:
            faults.add(name, "this column once", "it twice", row=row)
    faults.stop()


def _rate(at: Mapping[str, FloatArray], layout: TableFormat, *, file: str) -> float:
    """Return the samples per second; a declared rate must be that of the time column."""
    if not layout.time:
        if layout.rate is None:
            expected = "a rate, or a column of times, declared under [format]"
            raise InputError.of(file, expected, "neither")
        return layout.rate
    found = steady_rate(at[layout.time], file=file)
    if layout.rate is not None and abs(found - layout.rate) > RATES_AGREE * found:
        expected = f"{layout.rate:g} samples per second, as declared"
        action = "Correct the rate under [format], or leave it out"
        told = f"{found:.4g} by the time column"
        raise InputError.of(file, expected, told, action, column=layout.time)
    return found


# Lines of numbers as an array, and the rate that a column of times stands for.


def number_table(
    lines: Sequence[str],
    columns: Sequence[str],
    *,
    file: str,
    first: int,
    separator: str | None = None,
    decimal: str = ".",
) -> FloatArray:
    """Return lines of numbers as an array, shape (lines, columns); missing ones are NaN.

    The first is line `first` of the file; blank ones are passed over. Without a separator it is
    white space for a table without missing cells, else a tab. Every cell that is no number and
    every line of another width is a fault, by the names in `columns`.
    """
    rows: list[list[float]] = []
    faults = Faults(file)
    for row, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        cells = line.split(separator) if separator else _cells(line, len(columns))
        if len(cells) != len(columns):
            faults.add(None, f"{len(columns)} numbers in a line", f"{len(cells)} cells", row=row)
            continue
        rows.append([_number(cell.strip().strip('"'), decimal) for cell in cells])
        for column, value in zip(columns, rows[-1], strict=True):
            if isinf(value):
                faults.add(column, "a number", "other text", row=row)
    if len(rows) < FEWEST:
        faults.add(None, f"at least {FEWEST} samples", f"{len(rows)}")
    faults.stop()
    return np.array(rows)


def steady_rate(time: FloatArray, *, file: str) -> float:
    """Return the samples per second of a column of times in seconds.

    Uneven steps are refused: samples were lost, or two recordings stand in one file.
    """
    step = (time[-1] - time[0]) / (len(time) - 1)
    uneven = ~(np.abs(np.diff(time) - step) <= UNEVEN * step)
    away = ~(np.abs(time - time[0] - step * np.arange(len(time))) <= DRIFT * step)
    if not step > 0.0 or uneven.any() or away.any():
        place = int(np.argmax(uneven)) if uneven.any() else int(np.argmax(away))
        expected, found = "even steps from sample to sample", "an uneven step after sample"
        action = "Samples were lost, or two recordings stand in one file; export again"
        raise InputError.of(file, expected, f"{found} {place + 1}", action, column="time")
    return float(1.0 / step)


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
