"""OpenSim's text files: .mot and .sto (tables of signals or orientations) and .trc (markers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError, printable
from backwalk_stats.loaders.motion.raw_motion import DEGREES, METRES, RawMotion, still
from backwalk_stats.loaders.motion.reading import (
    RATES_AGREE,
    Asked,
    at_even_times,
    places_of,
    unit_of_positions,
)
from backwalk_stats.loaders.motion.tables import number_table
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode

CUT_OFF = "The file looks cut off or edited; export it again"
KINEMATICS = "Give the file of joint angles, such as that of inverse kinematics"
PATH_END = "value"  # of /jointset/<joint>/<coordinate>/value
# What OpenSim's names of columns end in, where they are no angles.
ENDINGS = {
    "a position": ("_tx", "_ty", "_tz"),
    "a speed": ("_u", "/speed", "_vel", "_velocity"),
    "an acceleration": ("_dudt", "_acc", "_acceleration"),
    "a moment": ("_moment", "_torque", "_mx", "_my", "_mz"),
    "a force": ("_force", "_vx", "_vy", "_vz", "_fx", "_fy", "_fz", "/normalized_tendon_force"),
    "a point of a force": ("_px", "_py", "_pz"),
    "a power": ("_power",),
    "a state of a muscle": (
        "/activation",
        ".activation",
        "/fiber_length",
        ".fiber_length",
        "/excitation",
        ".excitation",
    ),
}
# How OpenSim entitles tables whose columns are no angles, whatever their names.
TITLES = {
    "inverse dynamics": "moments and forces",
    "static optimization": "forces or activations of muscles",
    "joint reaction": "forces and moments of joints",
    "body kinematics": "positions of bodies",
    "point kinematics": "positions of points",
}
TITLE_WORDS = ("forces", "moments", "powers", "activations", "controls", "speeds", "velocities")


def read_storage(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the signals of a .mot or .sto file, in degrees, or the orientations of its sensors.

    The header says whether angles are in degrees (`inDegrees=yes`); SIMM's older one means degrees.
    A name that is a path counts by its coordinate (`/jointset/back/lumbar/value` is `lumbar`).
    Positions, speeds, states of muscles and signals that never change are left out, and the notes
    say so; a table of moments or forces alone is refused.
    """
    asked = asked or Asked()
    file = path.name
    lines = _lines(path, file)
    end = next((k for k, line in enumerate(lines) if line.strip().lower() == "endheader"), None)
    if end is None or end + 1 >= len(lines):
        raise _refused(file, expected="a header that ends with 'endheader'", found="none")
    header = _header(lines[:end])
    if header.get("datatype", "").lower() == "quaternion":
        return _orientations(lines, end, header, asked, file=file)
    names = lines[end + 1].split()
    _refuse_forces(lines[:end], names, file=file)
    unit, notes = _angle_unit(header, lines[:end], file=file)
    table = number_table(lines[end + 2 :], names, file=file, first=end + 3)
    notes += _counted(header, rows=len(table), columns=len(names), file=file)
    if names[0].lower() != "time":
        raise _refused(file, expected="time as the first column", found=f"'{names[0]}'")
    angles, left_out, doubled = _angles(names, table, asked, file=file)
    notes += [f"signal {printable(name)} is left out: {why}" for name, why in left_out.items()]
    raw = RawMotion(
        rate=np.nan,
        angles={name: values * DEGREES[unit] for name, values in angles.items()},
        doubled=doubled,
        notes=tuple(notes),
    )
    return at_even_times(table[:, 0], raw, asked, file=file)


def coordinate_name(column: str) -> str:
    """Return what a column of OpenSim is called without its path.

    >>> coordinate_name("/jointset/ground_pelvis/pelvis_tilt/value"), coordinate_name("hip")
    ('pelvis_tilt', 'hip')
    """
    parts = [part for part in column.split("/") if part]
    if len(parts) > 1 and parts[-1] == PATH_END:
        parts.pop()
    return parts[-1] if parts else column


def _no_angle_name(column: str) -> str:
    """Return the last part of a path, with the coordinate before it for a speed or a state."""
    last = column.rstrip("/").split("/")[-2:]
    return coordinate_name(column) if last[-1] == PATH_END else "/".join(last)


def no_angle(column: str) -> str:
    """Return what a column is, by its name, where it is no angle; else "".

    >>> no_angle("pelvis_tx"), no_angle("hip_flexion_r"), no_angle("hip_flexion_r_moment")
    ('a position', '', 'a moment')
    """
    name = column.lower().removesuffix(f"/{PATH_END}")
    if name.startswith("/forceset/"):
        return "a state of a muscle"
    return next((what for what, ends in ENDINGS.items() if name.endswith(ends)), "")


def _angles(
    names: Sequence[str], table: FloatArray, asked: Asked, *, file: str
) -> tuple[dict[str, FloatArray], dict[str, str], tuple[str, ...]]:
    """Return the columns that are angles, why others are left out, and names that stand twice.

    One that is used and left out is refused.
    """
    faults = Faults(file)
    what = {name: no_angle(name) for name in names[1:]}
    left_out = {_no_angle_name(name): f"{why}, no angle" for name, why in what.items() if why}
    short = ["", *("" if what[name] else coordinate_name(name) for name in names[1:])]
    places, doubled = places_of(short)
    signals = {name: table[:, place] for name, place in places.items()}
    left_out = {name: why for name, why in left_out.items() if name not in signals}
    left_out |= still(signals)
    for name in sorted(asked.used & left_out.keys() - set(doubled)):
        faults.add(name, "an angle that moves", left_out[name])
    faults.stop()
    angles = {name: values for name, values in signals.items() if name not in left_out}
    return angles, left_out, doubled


def _refuse_forces(header: Sequence[str], names: Sequence[str], *, file: str) -> None:
    """Refuse a table whose title or columns say that nothing in it is an angle."""
    title = next((line.strip().lower() for line in header if line.strip()), "")
    found = next((what for start, what in TITLES.items() if title.startswith(start)), "")
    found = found or (title if title in (*TITLE_WORDS, "accelerations") else "")
    kinds = [no_angle(name) for name in names[1:]]
    if not found and kinds and all(kinds):
        found = ", ".join(dict.fromkeys(f"{kind}" for kind in kinds)) + " in every column"
    if found:
        told = "moments and forces are no angles" if "moment" in found else "they are no angles"
        expected = "joint angles"
        raise InputError.of(file, expected, f"{found}: {told}", KINEMATICS)


def _angle_unit(
    header: Mapping[str, str], lines: Sequence[str], *, file: str
) -> tuple[str, list[str]]:
    said = header.get("indegrees", "").lower()
    if said in ("yes", "no"):
        unit = "deg" if said == "yes" else "rad"
        return unit, ["angles turned from radians to degrees"] if unit == "rad" else []
    if not said and any("simm motion file header" in line.lower() for line in lines):
        return "deg", ["angles read as degrees: a SIMM motion file that does not say otherwise"]
    expected = "inDegrees=yes or inDegrees=no in the header"
    raise _refused(file, expected=expected, found="neither")


def _counted(header: Mapping[str, str], *, rows: int, columns: int, file: str) -> list[str]:
    """Return notes on counts of the header that programs write otherwise; refuse other counts.

    Columns are counted without the time by some, and rows without the last one where OpenSim
    resampled what it wrote. Fewer rows than said are a file that is cut off.
    """
    notes = []
    for key, found, known in (("nrows", rows, rows - 1), ("ncolumns", columns, columns - 1)):
        said = header.get(key, "")
        if said == str(known):
            notes.append(f"its header says {said} ({key}), and there are {found}: all were read")
        elif said and said != str(found):
            raise _refused(file, expected=f"{said} as its header says ({key})", found=str(found))
    return notes


# Orientations of sensors (OpenSense): a quaternion a cell, its parts joined by commas.


def _orientations(
    lines: Sequence[str], end: int, header: Mapping[str, str], asked: Asked, *, file: str
) -> RawMotion:
    """Return the quaternions of an OpenSense table, scalar first."""
    sensors = lines[end + 1].split()
    if sensors[:1] != ["time"] or len(sensors) < 2:
        raise _refused(file, expected="time as the first column, then sensors", found="others")
    names = ["time", *(f"{sensor} {part}" for sensor in sensors[1:] for part in "wxyz")]
    spread = [",".join(line.split()) for line in lines[end + 2 :]]
    table = number_table(spread, names, file=file, first=end + 3, separator=",")
    places, doubled = places_of(sensors[1:])
    found = {name: table[:, 1 + 4 * place : 5 + 4 * place] for name, place in places.items()}
    raw = RawMotion(rate=np.nan, quaternions=found, doubled=doubled)
    raw = at_even_times(table[:, 0], raw, asked, file=file)
    said = header.get("datarate", "")
    try:
        differs = bool(said) and not abs(float(said) - raw.rate) <= RATES_AGREE * raw.rate
    except ValueError:
        differs = True
    if differs and asked.resample is None:
        told = f"{raw.rate:.4g} by the times"
        raise _refused(file, expected="the samples per second of DataRate", found=told)
    return raw


def require_orientations(raw: RawMotion, *, file: str) -> RawMotion:
    """Return what holds quaternions; refuse what does not."""
    if not raw.quaternions:
        expected = "orientations of sensors (DataType=Quaternion in the header)"
        action = "Leave out the format: joint angles need none"
        raise InputError.of(file, expected, "none", action)
    return raw


# Markers.


def read_trc(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the markers of a .trc file, in metres."""
    asked = asked or Asked()
    file = path.name
    lines = _lines(path, file)
    if len(lines) < 6 or not lines[0].startswith("PathFileType"):
        raise _refused(file, expected="a TRC file that begins with 'PathFileType'", found="none")
    header = {
        name.lower(): value for name, value in zip(lines[1].split(), lines[2].split(), strict=False)
    }
    unit, said = unit_of_positions(header.get("units", ""), asked, file=file, where="Units")
    notes = list(said)
    labels = [label.strip() for label in lines[3].rstrip().split("\t")[2:] if label.strip()]
    columns = ["frame", "time", *(f"{bare} {axis}" for bare in labels for axis in "XYZ")]
    start = 5 if lines[5].strip() else 6
    table = number_table(lines[start:], columns, file=file, first=start + 1)
    for key, found, known in (
        ("numframes", len(table), len(table) - 1),
        ("nummarkers", len(labels), 3 * len(labels)),  # OpenSim 4.0 counts their columns
    ):
        told = header.get(key, "")
        if told == str(known):
            notes.append(f"its header says {told} ({key}), and there are {found}: all were read")
        elif told and told != str(found):
            raise _refused(file, expected=f"{told} as its header says ({key})", found=str(found))
    places, doubled = places_of(labels)
    markers = {
        label: table[:, 2 + 3 * place : 5 + 3 * place] * METRES[unit]
        for label, place in places.items()
    }
    raw = RawMotion(rate=np.nan, markers=markers, doubled=doubled, unit=unit, notes=tuple(notes))
    return at_even_times(table[:, 1], raw, asked, file=file)


def _lines(path: Path, file: str) -> list[str]:
    text, _ = decode(read_bytes(path), file=file)
    return text.splitlines()


def _header(lines: Sequence[str]) -> dict[str, str]:
    """Return the "key=value" lines of a header, keys in lower case."""
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}


def _refused(file: str, *, expected: str, found: str) -> InputError:
    return InputError.of(file, expected, found, CUT_OFF)
