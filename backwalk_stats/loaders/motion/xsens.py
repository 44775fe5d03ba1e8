"""Xsens: recordings of a whole body (.mvnx), and the text exports of single sensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from scipy.spatial.transform import Rotation

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.gait_events import contact_events
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.reading import Asked, places_of
from backwalk_stats.loaders.motion.tables import FEWEST, number_table, split_line
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.loaders.sheets.workbook_xml import walk
from backwalk_stats.trial.motion_plan import GaitEvent

EXPORT_AGAIN = "Export the recording again from the Xsens program"
SENSOR = "sensor"  # what the only sensor of a file is called
LARGEST = 1024**3  # bytes of an .mvnx file: a minute of a whole body is some 30 million
# What a frame holds of interest: its element, how many numbers a label, whose labels.
PARTS = {
    "orientation": (4, "segment"),
    "position": (3, "segment"),
    "jointAngle": (3, "joint"),
    "jointAngleErgo": (3, "ergonomicJointAngle"),
    "footContacts": (1, "contactDefinition"),
}
LABELLED = frozenset(kind for _, kind in PARTS.values())
FEET = {"left": ("LeftFoot_Heel", "LeftFoot_Toe"), "right": ("RightFoot_Heel", "RightFoot_Toe")}


@dataclass(kw_only=True, slots=True)
class _Body:
    """What has been met of an .mvnx file so far."""

    file: str
    rate: str = ""
    configuration: str = ""
    subjects: int = 0
    labels: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in LABELLED})
    frames: dict[str, list[FloatArray]] = field(
        default_factory=lambda: {part: [] for part in PARTS}
    )
    indices: list[str] = field(default_factory=list)
    normal: bool = False
    text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "subject":
            self.subjects += 1
            self.rate = attributes.get("frameRate", "")
            self.configuration = attributes.get("configuration", "")
        elif name == "frame":
            self.normal = attributes.get("type", "") == "normal"
            if self.normal:
                self.indices.append(attributes.get("index", ""))
        elif name in LABELLED:
            self.labels[name].append(attributes.get("label", ""))
        elif name in PARTS and self.normal:
            self.text = []

    def said(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        if name == "frame":
            self.normal = False
        if self.text is None or name not in PARTS:
            return
        words = "".join(self.text).split()
        self.text = None
        size, kind = PARTS[name]
        expected = size * len(self.labels[kind])
        if len(words) != expected:
            told = f"{len(words)} in frame {len(self.indices)}"
            raise _refused(self.file, f"{expected} numbers in every {name}", told)
        try:
            values = np.array([float(word) for word in words if "_" not in word])
        except ValueError:
            values = np.array([])
        if len(values) != expected or np.isinf(values).any():
            told = f"other text in frame {len(self.indices)}"
            raise _refused(self.file, f"numbers in every {name}", told)
        self.frames[name].append(values)


def read_mvnx(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return segments and joints of an .mvnx file.

    Frames of type "normal" count, not those of calibration. Orientations of segments are
    quaternions, scalar first; their origins are positions in metres; joint angles are model angles
    in degrees, three a joint as the file orders them. An XML document type is refused.
    """
    del asked  # an .mvnx file says its units, and times are even
    file = path.name
    body = _Body(file=file)
    if path.stat().st_size > LARGEST:
        raise InputError.of(file, f"at most {LARGEST // 2**20} MB", "a larger file")
    try:
        with path.open("rb") as stream:
            walk(stream, file=file, start=body.start, end=body.end, text=body.said)
    except InputError as error:
        fault = error.faults[0]
        if fault.action == EXPORT_AGAIN:
            raise
        raise _refused(file, "a whole .mvnx file", fault.found) from None
    except (LookupError, ValueError, OSError) as error:  # an encoding that Python does not know
        raise _refused(file, "a whole .mvnx file", "one that cannot be read") from error
    _require_whole(body)
    count = len(body.indices)
    doubled: dict[str, None] = {}
    found: dict[str, dict[str, FloatArray]] = {}
    for part, (size, kind) in PARTS.items():
        if not body.frames[part] or size == 1:
            continue
        table = np.stack(body.frames[part]).reshape(count, -1, size)
        places, twice = places_of(body.labels[kind])
        doubled |= dict.fromkeys(twice)
        found[part] = {label: table[:, place] for label, place in places.items()}
    rate = float(body.rate)
    events, notes = _feet(body, rate)
    return RawMotion(
        rate=rate,
        markers=found.get("position", {}),
        quaternions=found.get("orientation", {}),
        doubled=tuple(doubled),
        unit="m",
        vectors=found.get("jointAngle", {}) | found.get("jointAngleErgo", {}),
        events=events,
        notes=notes,
    )


def _require_whole(body: _Body) -> None:
    """Refuse a file of several people, without a rate or frames, or in which a frame is missing."""
    if body.subjects != 1:
        found = "none" if not body.subjects else f"{body.subjects}"
        raise _refused(body.file, "an .mvnx file of one person (subject)", found)
    if not 0.0 < _number(body.rate) <= 100_000.0:
        raise _refused(body.file, "frameRate of the subject", "none")
    count = len(body.indices)
    if count < FEWEST:
        raise _refused(body.file, f"at least {FEWEST} frames of type normal", f"{count}")
    for part, frames in body.frames.items():
        if frames and len(frames) != count:
            raise _refused(body.file, f"{part} in every frame", f"it in {len(frames)} of {count}")
    if not body.frames["orientation"] and not body.frames["jointAngle"]:
        raise _refused(body.file, "orientations or joint angles in its frames", "neither")
    if all(body.indices):
        places = np.array([_number(index) for index in body.indices])
        if not np.array_equal(np.diff(places), np.ones(count - 1)):
            raise _refused(body.file, "frames that count by one", "frames that are missing")


def _feet(body: _Body, rate: float) -> tuple[tuple[GaitEvent, ...], tuple[str, ...]]:
    """Return contacts and offs: a foot is on the ground while its heel or its toe is."""
    if not body.frames["footContacts"]:
        return (), ()
    if body.configuration.lower() == "upperbody":
        return (), ("its foot contacts are not read: nobody's feet were measured (UpperBody)",)
    labels = body.labels["contactDefinition"]
    table = np.stack(body.frames["footContacts"])
    feet = {}
    for side, parts in FEET.items():
        columns = [labels.index(part) for part in parts if part in labels]
        if columns:
            feet[side] = (table[:, columns] > 0.0).any(axis=1).astype(float)
    return contact_events(feet, np.arange(len(table)) / rate), ()


# Text exports of sensors (MT Manager): a header of comments, then a packet a line.

MATRIX = [f"Mat[{row}][{column}]" for row in (1, 2, 3) for column in (1, 2, 3)]
QUATERNION = ["Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3"]
COUNTER, WRAP = "PacketCounter", 65_536
RATE_LINE = "update rate:"
MOST_LOST = 20  # packets a packet: beyond it the counter is none
ORTHONORMAL = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Packets:
    """The orientations of a sensor, shape (samples, 4), scalar first, on a grid without gaps.

    Lost packets are missing. `first` is the number of the first packet, None without a counter;
    `lost` counts those that are missing.
    """

    quaternions: FloatArray
    rate: float
    first: int | None
    lost: int
    matrix: bool


def read_sensor(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the orientation of the only sensor of a text export, called `SENSOR`."""
    del asked  # a text export of a sensor holds nothing to choose from
    return _sensors({SENSOR: read_packets(path)}, file=path.name)


def read_sensors(paths: Mapping[str, Path]) -> RawMotion:
    """Return the orientations of sensors that have a file each, by the names that they are given.

    Packets of one number belong together; only those that all sensors have a place for are kept.
    """
    return _sensors({name: read_packets(path) for name, path in paths.items()}, file="")


def _sensors(packets: Mapping[str, Packets], *, file: str) -> RawMotion:
    first = next(iter(packets.values()))
    if any(abs(one.rate - first.rate) > 1e-9 * first.rate for one in packets.values()):
        raise _refused(file, "sensors of one rate", "several")
    counted = {one.first is not None for one in packets.values()}
    starts = {name: 0 for name in packets}
    if counted == {True} and first.first is not None:
        half = WRAP // 2
        starts = {
            name: (cast(int, one.first) - first.first + half) % WRAP - half
            for name, one in packets.items()
        }
    elif len(packets) > 1 and (
        len(counted) > 1 or len({len(one.quaternions) for one in packets.values()}) > 1
    ):
        raise _refused(file, "sensors of one length, or with a PacketCounter", "other lengths")
    begin = max(starts.values())
    end = min(starts[name] + len(one.quaternions) for name, one in packets.items())
    if end - begin < FEWEST:
        found = "fewer: they were not recorded together"
        raise _refused(file, f"at least {FEWEST} packets that all sensors have", found)
    kept = {
        name: one.quaternions[begin - starts[name] : end - starts[name]]
        for name, one in packets.items()
    }
    lost = sum(one.lost for one in packets.values())
    note = f"{lost} packets were lost on the way: these samples are missing"
    return RawMotion(
        rate=first.rate,
        quaternions=kept,
        rotations={name: _matrices(kept[name]) for name, one in packets.items() if one.matrix},
        notes=(note,) if lost else (),
    )


def read_packets(path: Path) -> Packets:
    """Return the orientations of a sensor from its text export: a matrix or a quaternion a line."""
    file = path.name
    text, _ = decode(read_bytes(path), file=file)
    lines = text.splitlines()
    start = next((k for k, line in enumerate(lines) if not line.startswith("//")), len(lines))
    rate = _update_rate(lines[:start], file=file)
    head = lines[start] if start < len(lines) else ""
    separator = next((one for one in ("\t", ";", ",") if one in head), "\t")
    names = split_line(head, separator)
    kind = next((kind for kind in (MATRIX, QUATERNION) if set(kind) <= set(names)), None)
    if kind is None:
        expected = f"columns {MATRIX[0]} to {MATRIX[-1]}, or {QUATERNION[0]} to {QUATERNION[-1]}"
        raise InputError.of(file, expected, "others", EXPORT_AGAIN, row=start + 1)
    wanted = [*kind, *([COUNTER] if COUNTER in names else [])]
    needed = {names.index(name) for name in wanted}
    table = number_table(
        lines[start + 1 :],
        names,
        file=file,
        first=start + 2,
        separator=separator,
        needed=needed,
    )
    values = table[:, [names.index(name) for name in kind]]
    found = values if kind is QUATERNION else _quaternions(values.reshape(-1, 3, 3), file=file)
    places, first = np.arange(len(found)), None
    if COUNTER in names:
        places, first = _places(table[:, names.index(COUNTER)], file=file)
    grid = np.full((int(places[-1]) + 1, 4), np.nan)
    grid[places] = found
    return Packets(
        quaternions=grid,
        rate=rate,
        first=first,
        lost=len(grid) - len(found),
        matrix=kind is MATRIX,
    )


def _update_rate(comments: Sequence[str], *, file: str) -> float:
    for row, line in enumerate(comments, start=1):
        words = line.lstrip("/ ").lower()
        if words.startswith(RATE_LINE):
            rate = _number(words.removeprefix(RATE_LINE).strip().removesuffix("hz").strip())
            if 0.0 < rate <= 100_000.0:
                return rate
            raise InputError.of(file, "an Update Rate in Hz", "none", EXPORT_AGAIN, row=row)
    raise _refused(file, "a line of comment with the Update Rate", "none: the file holds no rate")


def _places(counter: FloatArray, *, file: str) -> tuple[np.ndarray, int]:
    """Return the place of each packet by its number, which begins anew after 65535."""
    whole = np.isfinite(counter).all() and (counter == np.floor(counter)).all()
    if not whole or counter.min() < 0 or counter.max() >= WRAP:
        raise _refused(file, f"whole numbers below {WRAP} in {COUNTER}", "others")
    numbers = counter.astype(int)
    steps = np.diff(numbers) % WRAP
    if (steps == 0).any() or steps.sum() > MOST_LOST * len(numbers):
        raise _refused(file, f"a {COUNTER} that rises", "one that does not")
    return np.concatenate([[0], np.cumsum(steps)]), int(numbers[0])


def _quaternions(matrices: FloatArray, *, file: str) -> FloatArray:
    """Return rotation matrices, [row][column], as quaternions, scalar first."""
    there = np.isfinite(matrices).all(axis=(1, 2))
    kept = matrices[there]
    found = np.full((len(matrices), 4), np.nan)
    away = np.abs(kept @ np.swapaxes(kept, 1, 2) - np.eye(3)).max(initial=0.0)
    if away > ORTHONORMAL or (np.linalg.det(kept) < 0.0).any():
        raise _refused(file, "rotation matrices", "matrices that do not turn")
    if len(kept):
        found[there] = np.roll(Rotation.from_matrix(kept).as_quat(), 1, axis=1)
    return found


def _matrices(quaternions: FloatArray) -> FloatArray:
    there = np.isfinite(quaternions).all(axis=1)
    found = np.full((len(quaternions), 3, 3), np.nan)
    if there.any():
        turned = Rotation.from_quat(np.roll(quaternions[there], -1, axis=1))
        found[there] = turned.as_matrix()
    return found


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else float("nan")
    except ValueError:
        return float("nan")


def _refused(file: str, expected: str, found: str) -> InputError:
    return InputError.of(file, expected, found, EXPORT_AGAIN)
