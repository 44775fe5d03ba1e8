"""A delimited export of a motion system, by one declared format instead of a parser a maker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import Fault, InputError, printable
from backwalk_stats.loaders.motion.number_table import number_table, steady_rate
from backwalk_stats.loaders.motion.raw_motion import (
    DEGREES,
    METRES,
    RawMotion,
    size_faults,
    still_faults,
)
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode

RATES_AGREE = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFormat:
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

    Raises
    ------
    InputError
        With every fault: a column that is not there, text in place of a number, a signal that never
        changes, a declared rate that is not that of the time column.
    """
    file = printable(path.name)
    at, notes = _columns(path, layout, file=file)
    angles = {
        signal: at[column] * DEGREES[layout.angle_unit] for signal, column in layout.angles.items()
    }
    markers = {
        name: points * METRES[layout.length_unit]
        for name, points in _grouped(at, layout.markers).items()
    }
    sensors = _grouped(at, layout.quaternions)
    faults = [
        *still_faults({**angles, **markers, **sensors}, file=file),
        *size_faults(markers, file=file, unit=layout.length_unit),
    ]
    if faults:
        raise InputError(faults)
    return RawMotion(
        rate=_rate(at, layout, file=file),
        angles=angles,
        markers=markers,
        quaternions=sensors,
        notes=notes,
    )


def _columns(
    path: Path, layout: TableFormat, *, file: str
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the columns of a file by name, and what decoding has changed."""
    text, notes = decode(read_bytes(path), file=file, encoding=layout.encoding)
    lines = text.splitlines()
    if len(lines) <= layout.skip_rows:
        raise InputError([Fault(file=file, expected="a line of column names", found="no line")])
    names = [name.strip().strip('"') for name in lines[layout.skip_rows].split(layout.separator)]
    _require_columns(names, layout, file=file, row=layout.skip_rows + 1)
    start = layout.skip_rows + 1 + int(layout.units_row)
    table = number_table(
        lines[start:],
        names,
        file=file,
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


def _require_columns(names: list[str], layout: TableFormat, *, file: str, row: int) -> None:
    groups = [*layout.markers.values(), *layout.quaternions.values()]
    wanted = [*layout.angles.values(), *(one for group in groups for one in group)]
    wanted += [layout.time] if layout.time else []
    faults = [
        Fault(
            file=file,
            row=row,
            column=name,
            expected="this column once",
            found="no such column" if name not in names else "it twice",
            action="" if name in names else "Name the column as the file writes it",
        )
        for name in dict.fromkeys(wanted)
        if names.count(name) != 1
    ]
    if faults:
        raise InputError(faults)


def _rate(at: Mapping[str, FloatArray], layout: TableFormat, *, file: str) -> float:
    """Return the samples per second; a declared rate must be that of the time column."""
    if not layout.time:
        if layout.rate is None:
            expected = "a rate, or a column of times, declared under [format]"
            raise InputError([Fault(file=file, expected=expected, found="neither")])
        return layout.rate
    found = steady_rate(at[layout.time], file=file)
    if layout.rate is not None and abs(found - layout.rate) > RATES_AGREE * found:
        fault = Fault(
            file=file,
            column=layout.time,
            expected=f"{layout.rate:g} samples per second, as declared",
            found=f"{found:.4g} by the time column",
            action="Correct the rate under [format], or leave it out",
        )
        raise InputError([fault])
    return found
