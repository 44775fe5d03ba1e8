"""Visual3D's ASCII export: one table, in which each column is a component of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.gait_events import in_time, named_event
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion
from backwalk_stats.loaders.motion.reading import Asked, at_even_times, places_of
from backwalk_stats.loaders.motion.tables import number_table, split_line
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.trial.motion_plan import GaitEvent

HEAD = 5  # lines: recording, name, type, folder, component
COMPONENTS = (["X", "Y", "Z"], ["0", "1", "2"])
NO_ANGLES = ("moment", "force", "power", "velocit", "acceler", "position", "cop", "distance")
EXPORT_AGAIN = "Export ASCII from Visual3D with its five lines of header and the signal TIME"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """What stands above a column."""

    recording: str
    name: str
    kind: str
    component: str
    place: int


def read_visual3d(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the signals of one recording of an ASCII export of Visual3D.

    LINK_MODEL_BASED signals become model angles in degrees, for the motion file to declare, unless
    their names say that they are moments, forces, powers or speeds; TARGET ones are positions in
    metres, Visual3D's unit; EVENT_LABEL ones are contacts and offs. The rate is that of TIME. Which
    recording of several is meant is `asked.inside`.
    """
    asked = asked or Asked()
    file = path.name
    text, _ = decode(read_bytes(path), file=file)
    lines = text.splitlines()
    columns = _of_recording(_columns(lines, file=file), asked, file=file)
    time = [one for one in columns if one.name.upper() == "TIME"]
    if not time:
        expected = "a column TIME of the recording: the file holds no rate"
        raise InputError.of(file, expected, "none", EXPORT_AGAIN, row=2)
    table = number_table(
        lines[HEAD:],
        [one.name for one in _columns(lines, file=file, every=True)],
        file=file,
        first=HEAD + 1,
        separator="\t",
        needed={one.place for one in columns},
    )
    times = table[:, time[0].place]
    count = _length(times, file=file)
    events, notes = _events(columns, table, start=float(times[0]))
    groups, doubled = _groups([one for one in columns if one.kind != "EVENT_LABEL"])
    values = {one: table[:count, places] for one, places in groups.items()}
    angles, markers = _kinds(columns, values)
    others = len(values) - len(angles) - len(markers)
    if others:
        notes += (f"{others} signals are left out: no angles or positions by type and name",)
    if markers and not asked.unit:
        notes += ("positions read as metres: Visual3D's unit, which the file does not write",)
    raw = RawMotion(
        rate=np.nan,
        markers={name: METRES[asked.unit or "m"] * one for name, one in markers.items()},
        vectors=angles,
        events=events,
        doubled=doubled,
        unit=(asked.unit or "m") if markers else "",
        notes=notes,
    )
    return at_even_times(times[:count], raw, asked, file=file)


def _columns(lines: Sequence[str], *, file: str, every: bool = False) -> list[Column]:
    """Return what stands above each column; the first one, which counts, only with `every`."""
    if len(lines) <= HEAD:
        expected = "five lines of header, then samples"
        raise InputError.of(file, expected, f"{len(lines)} lines", EXPORT_AGAIN)
    head = [split_line(line, "\t") for line in lines[:HEAD]]
    width = len(head[4])
    if head[4][0].upper() != "ITEM" or any(len(row) != width for row in head):
        expected = "lines of recordings, names, types, folders, and components after ITEM"
        raise InputError.of(file, expected, "others", EXPORT_AGAIN)
    recordings, names, kinds, _, components = head
    return [
        Column(
            recording=recordings[place],
            name=names[place],
            kind=kinds[place].upper(),
            component=components[place].upper(),
            place=place,
        )
        for place in range(0 if every else 1, width)
    ]


def _of_recording(columns: Sequence[Column], asked: Asked, *, file: str) -> list[Column]:
    """Return the columns of the recording that is meant; names of recordings are not told."""
    held = list(dict.fromkeys(one.recording for one in columns))
    if not asked.inside and len(held) == 1:
        return list(columns)
    action = "Declare inside = NAME of the recording: one of the names in the first line"
    if not asked.inside:
        expected = "one recording, or the name of the one that is meant"
        raise InputError.of(file, expected, f"{len(held)} recordings", action, row=1)
    meant = [name for name in held if asked.inside in (name, PureWindowsPath(name).name)]
    if len(meant) != 1:
        expected = "the recording that inside names, once"
        found = f"{len(meant)} of {len(held)} recordings with this name"
        raise InputError.of(file, expected, found, action, row=1)
    return [one for one in columns if one.recording == meant[0]]


def _length(times: FloatArray, *, file: str) -> int:
    """Return the number of samples: a shorter recording than others ends in blanks."""
    there = np.isfinite(times)
    count = int(there.sum())
    if count < 2 or not there[:count].all():
        raise InputError.of(file, "a time in every sample", "missing ones", EXPORT_AGAIN)
    return count


def _groups(columns: Sequence[Column]) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """Return the columns of each name with components X, Y and Z, and names that stand twice."""
    found: list[tuple[str, list[int]]] = []
    for place, one in enumerate(columns):
        three = columns[place : place + 3]
        same = len({other.name for other in three}) == 1
        if same and [other.component for other in three] in COMPONENTS:
            found.append((one.name, [other.place for other in three]))
    places, doubled = places_of([name for name, _ in found])
    return {name: found[place][1] for name, place in places.items()}, doubled


def _kinds(
    columns: Sequence[Column], values: dict[str, FloatArray]
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return model angles and positions."""
    kinds = {one.name: one.kind for one in columns}
    angles = {
        name: one
        for name, one in values.items()
        if kinds[name] == "LINK_MODEL_BASED" and not any(w in name.lower() for w in NO_ANGLES)
    }
    return angles, {name: one for name, one in values.items() if kinds[name] == "TARGET"}


def _events(
    columns: Sequence[Column], table: FloatArray, *, start: float
) -> tuple[tuple[GaitEvent, ...], tuple[str, ...]]:
    """Return contacts and offs, and how many columns of events are none."""
    found, others = [], 0
    for one in columns:
        if one.kind != "EVENT_LABEL":
            continue
        what = named_event(one.name)
        others += what is None
        for time in table[:, one.place] if what is not None else ():
            if what is not None and np.isfinite(time):
                found.append(GaitEvent(side=what[0], event=what[1], time=float(time) - start))
    note = f"{others} kinds of events are left out: no contact or off of a foot"
    return in_time(found), (note,) if others else ()
