"""Recordings that a motion file names: their list, and the content of each by its file's ending."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backwalk_stats.errors import Fault, Faults, InputError
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.motion_file_schema import (
    FormatTable,
    NamedFiles,
    RecordingTable,
    arm_names,
)
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.tables import TableFormat, read_motion_table
from backwalk_stats.loaders.trial_file.faults import add_schema_faults
from backwalk_stats.loaders.trial_file.links import check_place
from backwalk_stats.trial.motion_plan import Recording

RATES_AGREE = 1e-3
ENDINGS = (".c3d", ".mot", ".sto", ".trc", ".csv", ".tsv", ".txt")
NUMBERS = ("belt_speed",)
Listed = list[tuple[int | None, RecordingTable]]  # with the line of a sheet


def read_recordings(named: NamedFiles) -> tuple[Recording, ...]:
    """Return the recordings that a motion file lists; faults of the list and of each go to `named`.

    Sources are told by their place in the list: names of files of people often hold their ids, and
    the same name may lie in several folders.
    """
    listed, name = _listed(named)
    found = []
    arms: dict[str, set[str]] = {}
    for place, (line, one) in enumerate(listed, start=1):
        arms.setdefault(one.participant, set()).add(one.arm)
        if not _has_links(one, named, Faults(name), place=place, line=line):
            continue
        try:
            found.append(_recording(one, _content(one, named, place, name, line)))
        except InputError as error:
            named.faults.extend(error.faults)
    both = sum(len(found) > 1 for found in arms.values())
    if both:
        named.faults.add("arm", "each participant in one arm", f"{both} in two", file=name)
    return tuple(found)


def _listed(named: NamedFiles) -> tuple[Listed, str]:
    """Return the recordings, tables of the motion file or rows of a sheet, and its name."""
    name = named.tables.motion.recordings
    if name is None:
        return [(None, one) for one in named.tables.recording], "motion file"
    sheet = named.sheet(name)
    found: Listed = []
    faults = Faults("" if sheet is None else sheet.file)
    for row in [] if sheet is None else sheet.frame.to_dict("records"):
        line = int(row.pop("line"))
        cells: dict[str, Any] = {str(key): cell for key, cell in row.items() if cell != ""}
        cells |= {key: _number(cells[key]) for key in NUMBERS if key in cells}
        try:
            found.append((line, RecordingTable.model_validate(cells)))
        except ValidationError as error:
            wrong = Faults()
            add_schema_faults(error, wrong, root=RecordingTable)
            for one in wrong.faults:
                faults.add(one.column, one.expected, _without_cell(one), one.action, row=line)
    named.faults.extend(faults.faults)
    return [] if faults.faults else found, name


def _without_cell(fault: Fault) -> str:
    """Return what was found; a cell of text may hold anything, so it is not shown."""
    about_column = fault.expected == "a key of this table"
    return fault.found if about_column or not fault.found.startswith("'") else "another text"


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _has_links(
    one: RecordingTable, named: NamedFiles, faults: Faults, *, place: int, line: int | None
) -> bool:
    """Return whether the files of a recording can be read; tell what it names that is not there."""
    known = {
        "format": (one.format, ["", *(layout.name for layout in named.tables.format)]),
        "arm": (one.arm, arm_names(named.tables)),
        "visit": (one.visit, named.tables.visits.order),
    }
    head = "" if line is not None else f"recording {place}, "
    readable = one.format in known["format"][1]
    for key in ("arm", "visit", "format"):
        value, choices = known[key]
        if value not in choices:
            declared = ", ".join(choice for choice in choices if choice)
            expected = f"one of {declared}" if declared else f"no {key}, since none is declared"
            found = "another text" if line is not None else f"'{value}'"
            faults.add(f"{head}{key}", expected, found, row=line)
    for key, file in (("file", one.file), ("markers_file", one.markers_file)):
        if file:
            where = f"{head}{key}"
            readable &= check_place(file, faults, folder=named.folder, key=where, row=line)
    named.faults.extend(faults.faults)
    return readable


def _content(
    one: RecordingTable, named: NamedFiles, place: int, sheet: str, line: int | None
) -> RawMotion:
    """Return what the one or two files of a recording hold.

    Faults tell of a file by its place in the list and its line in the sheet: its name may hold an
    id.
    """
    where = f"recording {place}" + ("" if line is None else f" ({sheet}, line {line})")
    parts: list[RawMotion] = []
    faults = Faults()
    for name, what in ((one.file, ""), (one.markers_file, ", markers")):
        if name:
            path = named.folder / name
            try:
                parts.append(_read(path, one, named))
            except InputError as error:
                faults.extend(replace(fault, file=f"{where}{what}") for fault in error.faults)
            else:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                named.sources.append((f"recording {place}{what}", digest))
    faults.stop()
    return parts[0] if len(parts) == 1 else _joined(*parts, file=where)


def _recording(one: RecordingTable, whole: RawMotion) -> Recording:
    return Recording(
        file=Faults(Path(one.file).name).file,
        participant=one.participant,
        arm=one.arm,
        visit=one.visit,
        direction=one.direction,
        task=one.task,
        rate=whole.rate,
        markers=whole.markers,
        quaternions=whole.quaternions,
        angles=whole.angles,
        belt_speed=one.belt_speed,
        facing=one.facing,
        events=one.events,
        given=whole.events if one.events == "file" else (),
        plates=whole.plates,
        rotations=whole.rotations,
        affected=one.affected,
        notes=whole.notes,
    )


def _read(path: Path, one: RecordingTable, named: NamedFiles) -> RawMotion:
    """Return the content of one file, by its ending."""
    ending = path.suffix.lower()
    if ending == ".c3d":
        return read_c3d(path, unit=one.unit)
    if ending in (".mot", ".sto"):
        return read_storage(path)
    if ending == ".trc":
        return read_trc(path)
    if ending in ENDINGS:
        return read_motion_table(path, _layout(one, named, path))
    raise InputError.of(path.name, f"a file that ends in {', '.join(ENDINGS)}", f"'{ending}'")


def _layout(one: RecordingTable, named: NamedFiles, path: Path) -> TableFormat:
    """Return the declared format of a delimited file."""
    formats = {layout.name: layout for layout in named.tables.format}
    if not one.format and len(formats) != 1:
        expected = "the name of a [[format]] of the motion file"
        action = f"There are: {', '.join(formats) or 'none; declare one'}"
        raise InputError.of(path.name, expected, "none", action, column="format")
    table: FormatTable = formats[one.format] if one.format else next(iter(formats.values()))
    return TableFormat(
        **table.model_dump(exclude={"name", "markers", "quaternions"}),
        markers={name: tuple(columns) for name, columns in table.markers.items()},
        quaternions={name: tuple(columns) for name, columns in table.quaternions.items()},
    )


def _joined(angles: RawMotion, markers: RawMotion, *, file: str) -> RawMotion:
    """Return angles and markers of one walk; refuse files that were not recorded together."""
    lengths = {len(part) for part in (*angles.angles.values(), *markers.markers.values())}
    same_rate = abs(angles.rate - markers.rate) <= RATES_AGREE * angles.rate
    if len(lengths) > 1 or not same_rate:
        found = (
            f"{angles.rate:g} and {markers.rate:g} samples per second"
            if not same_rate
            else f"{' and '.join(map(str, sorted(lengths)))} samples"
        )
        expected = "angles and markers of the same rate and length"
        action = "Export both files from the same recording"
        raise InputError.of(file, expected, found, action)
    return RawMotion(
        rate=angles.rate,
        angles={**angles.angles, **markers.angles},
        markers={**angles.markers, **markers.markers},
        quaternions={**angles.quaternions, **markers.quaternions},
        notes=(*angles.notes, *markers.notes),
    )
