"""Which reader a file of a recording has: by its ending, or by the preset that is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.motion_bids import read_motion_bids
from backwalk_stats.loaders.motion.motion_file_schema import FormatTable, MotionTables
from backwalk_stats.loaders.motion.nexus import read_nexus
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc, require_orientations
from backwalk_stats.loaders.motion.qualisys import read_qualisys
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.reading import Asked
from backwalk_stats.loaders.motion.tables import TableFormat, read_motion_table
from backwalk_stats.loaders.motion.visual3d import read_visual3d
from backwalk_stats.loaders.motion.xsens import read_mvnx, read_sensor, read_sensors

TEXT = (".csv", ".tsv", ".txt")
ENDINGS = (".c3d", ".mot", ".sto", ".trc", ".mvnx", *TEXT)
TOGETHER = "Export the files from the same recording"
RATES_AGREE = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A format that needs no `[[format]]`: its reader, and the endings that it reads."""

    read: Callable[[Path, Asked | None], RawMotion]
    endings: tuple[str, ...]


def _read_xsens(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return what an .mvnx file, or the text export of one sensor, holds."""
    return (read_sensor if path.suffix.lower() in TEXT else read_mvnx)(path, asked)


def _read_opensense(path: Path, asked: Asked | None = None) -> RawMotion:
    return require_orientations(read_storage(path, asked), file=path.name)


PRESETS: Mapping[str, Preset] = {
    "nexus": Preset(read=read_nexus, endings=TEXT),
    "visual3d": Preset(read=read_visual3d, endings=TEXT),
    "qualisys": Preset(read=read_qualisys, endings=TEXT),
    "xsens-mvnx": Preset(read=_read_xsens, endings=(".mvnx", ".xml", *TEXT)),
    "motion-bids": Preset(read=read_motion_bids, endings=(".tsv",)),
    "opensense": Preset(read=_read_opensense, endings=(".sto",)),
}


def own_formats(tables: MotionTables) -> dict[str, FormatTable]:
    """Return the formats that the motion file declares, by their names."""
    return {one.name: one for one in tables.format}


def preset_of(name: str, tables: MotionTables) -> Preset | None:
    """Return the preset that a recording's format names; an own format of that name wins."""
    return None if name in own_formats(tables) else PRESETS.get(name)


def read_motion_file(path: Path, name: str, tables: MotionTables, asked: Asked) -> RawMotion:
    """Return the content of one file, by the preset that `name` is, or by its ending."""
    ending = path.suffix.lower()
    preset = preset_of(name, tables)
    if preset is not None and ending in preset.endings:
        return preset.read(path, asked)
    if ending == ".c3d":
        return read_c3d(path, unit=asked.unit)
    if ending in (".mot", ".sto"):
        return read_storage(path, asked)
    if ending == ".trc":
        return read_trc(path, asked)
    if ending == ".mvnx":
        return read_mvnx(path, asked)
    return read_motion_table(path, _layout(name, tables), asked)


def read_sensor_files(
    paths: Mapping[str, Path], name: str, tables: MotionTables, asked: Asked
) -> RawMotion:
    """Return the orientations of sensors that have a file each, by their declared names."""
    texts = all(path.suffix.lower() in TEXT for path in paths.values())
    if texts and preset_of(name, tables) is PRESETS["xsens-mvnx"]:
        return read_sensors(paths)
    parts = []
    for sensor, path in paths.items():
        raw = read_motion_file(path, name, tables, asked)
        if len(raw.quaternions) != 1:
            expected = f"the orientation of one sensor in the file of {sensor}"
            raise InputError.of(path.name, expected, f"{len(raw.quaternions)}")
        (values,) = raw.quaternions.values()
        parts.append(replace(raw, quaternions={sensor: values}, rotations={}))
    whole = parts[0]
    for part in parts[1:]:
        whole = joined(whole, part, file="")
    return whole


def joined(one: RawMotion, other: RawMotion, *, file: str) -> RawMotion:
    """Return two files of one walk together; refuse what was not recorded together."""
    lengths = {len(values) for part in (one, other) for values in _every(part)}
    same_rate = abs(one.rate - other.rate) <= RATES_AGREE * one.rate
    if len(lengths) > 1 or not same_rate:
        found = (
            f"{one.rate:g} and {other.rate:g} samples per second"
            if not same_rate
            else f"{' and '.join(map(str, sorted(lengths)))} samples"
        )
        expected = "files of the same rate and length"
        raise InputError.of(file, expected, found, TOGETHER)
    faults = Faults(file)
    parts = {}
    for kind in ("markers", "quaternions", "angles", "vectors", "rotations"):
        first, second = getattr(one, kind), getattr(other, kind)
        for name in first.keys() & second.keys():
            faults.add(name, "each name in one of the two files", "it in both")
        parts[kind] = {**first, **second}
    faults.stop()
    return RawMotion(
        rate=one.rate,
        events=one.events or other.events,
        plates=one.plates or other.plates,
        doubled=(*one.doubled, *other.doubled),
        unit=one.unit or other.unit,
        notes=(*one.notes, *other.notes),
        **parts,
    )


def samples(raw: RawMotion) -> int:
    """Return the number of samples; 0 where nothing is held."""
    return max((len(values) for values in _every(raw)), default=0)


def _every(raw: RawMotion) -> list[np.ndarray]:
    kinds = (raw.markers, raw.quaternions, raw.angles, raw.vectors, raw.rotations)
    return [values for kind in kinds for values in kind.values()]


def without_reader(file: str, name: str, tables: MotionTables) -> tuple[str, str, str] | None:
    """Return what is expected, found and advised where no reader is declared for a file."""
    ending = Path(file).suffix.lower()
    preset, formats = preset_of(name, tables), own_formats(tables)
    if preset is not None and ending in preset.endings:
        return None
    if ending not in ENDINGS:
        return f"a file that ends in {', '.join(ENDINGS)}", f"'{ending}'", ""
    if ending in TEXT and not name and len(formats) != 1:
        expected = "the name of a [[format]] of the motion file, or of a preset"
        there = f"There are: {', '.join(formats) or 'none declared'}; presets: {', '.join(PRESETS)}"
        return expected, "no format", there
    if ending in TEXT and name not in formats and name:
        expected = f"the format of a file that ends in {ending}"
        return expected, f"'{name}'", ""
    return None


def _layout(name: str, tables: MotionTables) -> TableFormat:
    """Return the declared format of a delimited file: the one that is named, or the only one."""
    formats = own_formats(tables)
    table = formats[name] if name else next(iter(formats.values()))
    return TableFormat(
        **table.model_dump(exclude={"name", "markers", "quaternions", "names"}),
        markers={key: tuple(columns) for key, columns in table.markers.items()},
        quaternions={key: tuple(columns) for key, columns in table.quaternions.items()},
        names=tuple(table.names),
    )
