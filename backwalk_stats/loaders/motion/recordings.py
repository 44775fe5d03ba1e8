"""Recordings read from their files, by the ending of each, or every fault that they have."""

from __future__ import annotations

import hashlib
from pathlib import Path

from backwalk_stats.errors import Fault, InputError, printable
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.motion_file_schema import (
    FormatTable,
    MotionTables,
    RecordingTable,
)
from backwalk_stats.loaders.motion.motion_table import TableFormat, read_motion_table
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.trial.recording import Recording

RATES_AGREE = 1e-3
ENDINGS = (".c3d", ".mot", ".sto", ".trc", ".csv", ".tsv", ".txt")


def read_recordings(
    listed: list[RecordingTable],
    tables: MotionTables,
    folder: Path,
    sources: list[tuple[str, str]],
    faults: list[Fault],
) -> tuple[Recording, ...]:
    """Return the recordings; every fault of every file is added to `faults`.

    Parameters
    ----------
    listed : list of RecordingTable
    tables : MotionTables
    folder : Path
    sources : list
        Place in the list and hash of every file that is read are added; names of files of people
        often hold their ids, and the same name may lie in several folders.
    faults : list
    """
    found = []
    for place, one in enumerate(listed, start=1):
        try:
            raw = _content(one, tables, folder, place, sources)
            found.append(_recording(one, raw))
        except InputError as error:
            faults += error.faults
    return tuple(found)


def _content(
    one: RecordingTable,
    tables: MotionTables,
    folder: Path,
    place: int,
    sources: list[tuple[str, str]],
) -> RawMotion:
    """Return what the one or two files of a recording hold."""
    parts: list[RawMotion] = []
    faults: list[Fault] = []
    for name, what in ((one.file, ""), (one.markers_file, ", markers")):
        if name:
            try:
                parts.append(_read(folder / name, one, tables))
            except InputError as error:
                faults += error.faults
            else:
                digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                sources.append((f"recording {place}{what}", digest))
    if faults:
        raise InputError(faults)
    return parts[0] if len(parts) == 1 else _joined(*parts, file=printable(Path(one.file).name))


def _recording(one: RecordingTable, whole: RawMotion) -> Recording:
    return Recording(
        file=printable(Path(one.file).name),
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
        notes=whole.notes,
    )


def _read(path: Path, one: RecordingTable, tables: MotionTables) -> RawMotion:
    """Return the content of one file, by its ending."""
    ending = path.suffix.lower()
    if ending == ".c3d":
        raw = read_c3d(path, unit=one.unit)
    elif ending in (".mot", ".sto"):
        raw = read_storage(path)
    elif ending == ".trc":
        raw = read_trc(path)
    elif ending in ENDINGS:
        raw = read_motion_table(path, _layout(one, tables, path))
    else:
        file, expected = printable(path.name), f"a file that ends in {', '.join(ENDINGS)}"
        raise InputError([Fault(file=file, expected=expected, found=f"'{ending}'")])
    return raw


def _layout(one: RecordingTable, tables: MotionTables, path: Path) -> TableFormat:
    """Return the declared format of a delimited file."""
    formats = {layout.name: layout for layout in tables.format}
    if not one.format and len(formats) != 1:
        raise InputError(
            [
                Fault(
                    file=printable(path.name),
                    column="format",
                    expected="the name of a [[format]] of the motion file",
                    found="none",
                    action=f"There are: {', '.join(formats) or 'none; declare one'}",
                )
            ]
        )
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
        raise InputError([Fault(file=file, expected=expected, found=found, action=action)])
    return RawMotion(
        rate=angles.rate,
        angles={**angles.angles, **markers.angles},
        markers={**angles.markers, **markers.markers},
        quaternions={**angles.quaternions, **markers.quaternions},
        notes=(*angles.notes, *markers.notes),
    )
