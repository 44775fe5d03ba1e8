"""Qualisys' TSV export: a header of keys, then a table of marker positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.gait_events import in_time, named_event
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion
from backwalk_stats.loaders.motion.reading import Asked, at_even_times, places_of
from backwalk_stats.loaders.motion.tables import number_table
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.trial.motion_plan import GaitEvent

KEYS = ("NO_OF_FRAMES", "FREQUENCY", "MARKER_NAMES")
COUNTING = ["Frame", "Time"]
EXPORT_AGAIN = "Export again from Qualisys Track Manager with 'Include TSV header'"
MILLIMETRES = "positions read as mm: Qualisys writes millimetres, and the file does not say"


def read_qualisys(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the markers of a TSV export of Qualisys, in metres.

    Names and rate are those of its header. Blank cells are missing samples. The file does not write
    its unit: it is Qualisys' millimetres where `asked.unit` declares none, and the notes say so.
    """
    asked = asked or Asked()
    file = path.name
    text, _ = decode(read_bytes(path), file=file)
    lines = text.splitlines()
    header, start = _header(lines)
    _require_header(header, lines, file=file)
    rate = _positive(header, "FREQUENCY", file=file)
    labels = [label.strip() for label in header["MARKER_NAMES"][1]]
    while labels and not labels[-1]:
        labels.pop()
    columns, first = _names(lines, start, labels, file=file)
    table = number_table(lines[first:], columns, file=file, first=first + 1, separator="\t")
    _require_counts(header, frames=len(table), markers=len(labels), file=file)
    places, doubled = places_of(labels)
    unit = asked.unit or "mm"
    skipped = len(columns) - 3 * len(labels)
    markers = {
        label: table[:, skipped + 3 * place : skipped + 3 * place + 3] * METRES[unit]
        for label, place in places.items()
    }
    frame = int(table[0, 0]) if skipped and np.isfinite(table[0, 0]) else 1
    events, notes = _events(header, rate=rate, first_frame=frame, file=file)
    notes += () if asked.unit else (MILLIMETRES,)
    raw = RawMotion(
        rate=rate, markers=markers, events=events, doubled=doubled, unit=unit, notes=notes
    )
    if not skipped:
        return raw
    timed = at_even_times(table[:, 1], raw, asked, file=file)
    if not abs(timed.rate - rate) <= 0.01 * rate and asked.resample is None:
        found = f"{timed.rate:.4g} by the column Time"
        raise InputError.of(file, f"{rate:g} samples per second (FREQUENCY)", found, EXPORT_AGAIN)
    return timed


Header = dict[str, tuple[int, list[str]]]  # key to its line and its cells


def _header(lines: Sequence[str]) -> tuple[Header, int]:
    """Return the keys of the header, and the place of the first line behind it."""
    header: Header = {}
    for place, line in enumerate(lines):
        key, *cells = line.split("\t")
        if not key or not key.replace("_", "").isalpha() or key != key.upper():
            return header, place
        if key == "EVENT":
            header[f"EVENT {place}"] = (place + 1, cells)
        else:
            header.setdefault(key, (place + 1, cells))
    return header, len(lines)


def _require_header(header: Header, lines: Sequence[str], *, file: str) -> None:
    """Refuse a file whose header does not hold names and rate, or that holds no positions."""
    absent = [key for key in KEYS if key not in header]
    if absent and not header:
        first = lines[0].split("\t") if lines else []
        numbers = all(_is_number(cell) for cell in first if cell.strip()) and bool(first)
        found = "numbers from the first line: neither names nor a rate" if numbers else "none"
        action = f"{EXPORT_AGAIN}, or declare a [[format]] with names and rate"
        raise InputError.of(file, "a header with names of markers and FREQUENCY", found, action)
    if absent:
        expected = f"{', '.join(KEYS)} in the header"
        raise InputError.of(file, expected, f"no {', '.join(absent)}", EXPORT_AGAIN)
    said = (header.get("DATA_INCLUDED", (0, ["3D"]))[1] or [""])[0].strip()
    if said != "3D":
        row = header["DATA_INCLUDED"][0]
        expected, action = "positions of markers (3D)", "Export 3D data from Qualisys"
        raise InputError.of(file, expected, f"'{said}'", action, column="DATA_INCLUDED", row=row)


def _names(
    lines: Sequence[str], start: int, labels: Sequence[str], *, file: str
) -> tuple[list[str], int]:
    """Return the names of the columns, and the place of the first line of numbers.

    The line of names, and the columns of frames and times, are there or not, as it was exported.
    """
    positions = [f"{label} {axis}" for label in labels for axis in "XYZ"]
    cells = lines[start].rstrip("\t").split("\t") if start < len(lines) else []
    if cells and not _is_number(cells[0]):
        if [cell.strip() for cell in cells] not in (positions, [*COUNTING, *positions]):
            expected = "columns of the markers that the header names, X, Y and Z of each"
            raise InputError.of(file, expected, "others", EXPORT_AGAIN, row=start + 1)
        return [cell.strip() for cell in cells], start + 1
    width = len(lines[start].split("\t")) if start < len(lines) else 0
    counted = width == len(positions) + len(COUNTING)
    return [*COUNTING, *positions] if counted else positions, start


def _require_counts(header: Header, *, frames: int, markers: int, file: str) -> None:
    for key, found in (("NO_OF_FRAMES", frames), ("NO_OF_MARKERS", markers)):
        said = "".join(header.get(key, (0, [str(found)]))[1]).strip()
        if said != str(found):
            expected = f"{said} as its header says ({key})"
            raise InputError.of(file, expected, f"{found}: cut off or edited", EXPORT_AGAIN)


def _events(
    header: Header, *, rate: float, first_frame: int, file: str
) -> tuple[tuple[GaitEvent, ...], tuple[str, ...]]:
    """Return contacts and offs of the header: EVENT, name, frame, time."""
    found, others = [], 0
    faults = Faults(file)
    for key, (row, cells) in header.items():
        if not key.startswith("EVENT "):
            continue
        what = named_event(cells[0]) if cells else None
        if what is None:
            others += 1
        elif len(cells) < 2 or not _is_number(cells[1]):
            faults.add("EVENT", "a name, a frame and a time", "another line", row=row)
        else:
            time = (float(cells[1]) - first_frame) / rate
            found.append(GaitEvent(side=what[0], event=what[1], time=time))
    faults.stop()
    note = f"{others} events are left out: no contact or off of a foot"
    return in_time(found), (note,) if others else ()


def _positive(header: Mapping[str, tuple[int, list[str]]], key: str, *, file: str) -> float:
    row, cells = header[key]
    value = float(cells[0]) if cells and _is_number(cells[0]) else np.nan
    if not 0.0 < value <= 100_000.0:
        raise InputError.of(file, "a number above 0", "none", EXPORT_AGAIN, column=key, row=row)
    return float(value)


def _is_number(cell: str) -> bool:
    try:
        return "_" not in cell and bool(np.isfinite(float(cell)))
    except ValueError:
        return False
