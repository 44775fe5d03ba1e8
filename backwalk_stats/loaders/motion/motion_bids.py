"""Motion-BIDS: a table without names, whose columns and rate are in two files beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.raw_motion import (
    DEGREES,
    METRES,
    RawMotion,
    bare_label,
    length_unit,
)
from backwalk_stats.loaders.motion.reading import RATES_AGREE, Asked
from backwalk_stats.loaders.motion.tables import number_table
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode

TABLE, CHANNELS, ABOUT = "_motion.tsv", "_channels.tsv", "_motion.json"
AS_BIDS = "Keep the three files of a recording together, as BIDS names them"
POSITION, ORIENTATION, JOINT = "POS", "ORNT", "JNTANG"
QUATERNION = ("quat_w", "quat_x", "quat_y", "quat_z")
XYZ = ("x", "y", "z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A column: what it measures, of which point, in which unit."""

    point: str
    component: str
    kind: str
    unit: str
    rate: float


def sidecars(path: Path) -> dict[str, Path]:
    """Return the files beside a table of Motion-BIDS, by what they are."""
    stem = path.name.removesuffix(TABLE)
    return {"channels": path.with_name(stem + CHANNELS), "about": path.with_name(stem + ABOUT)}


def read_motion_bids(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return the recording of a `..._motion.tsv`, by `..._channels.tsv` and `..._motion.json`.

    Positions (POS) are metres, orientations (ORNT) quaternions, scalar first, or model angles as
    joint angles (JNTANG) are; other channels are left out. Units are those of the channels.
    """
    asked = asked or Asked()
    file = path.name
    if not file.endswith(TABLE):
        raise InputError.of(file, f"a name that ends in {TABLE}", "another", AS_BIDS)
    beside = sidecars(path)
    channels = _channels(beside["channels"], file=file)
    rate = _rate(beside["about"], channels, file=file)
    text, _ = decode(read_bytes(path), file=file)
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        expected = f"samples of the {len(channels)} columns that channels.tsv declares"
        raise InputError.of(file, expected, "an empty table (0 rows)", "Get the whole data set")
    names = [f"column {place + 1}" for place in range(len(channels))]
    used = {place for place, one in enumerate(channels) if _is_used(one)}
    table = number_table(lines, names, file=file, first=1, separator="\t", needed=used)
    raw = _sorted(channels, table, asked, file=file)
    others = len(channels) - len(used)
    note = f"{others} channels are left out: neither positions, orientations nor joint angles"
    return RawMotion(
        rate=rate,
        markers=raw.markers,
        quaternions=raw.quaternions,
        angles=raw.angles,
        vectors=raw.vectors,
        unit="m" if raw.markers else "",
        notes=(*raw.notes, note) if others else raw.notes,
    )


def _is_used(one: Channel) -> bool:
    return one.kind in (POSITION, ORIENTATION, JOINT)


def _channels(path: Path, *, file: str) -> list[Channel]:
    """Return what channels.tsv says of each column."""
    lines = _text(path, "channels.tsv", file=file).splitlines()
    header = [name.strip() for name in lines[0].split("\t")] if lines else []
    absent = [
        name for name in ("component", "type", "tracked_point", "units") if name not in header
    ]
    if absent:
        expected = f"columns {', '.join(absent)} in channels.tsv"
        raise InputError.of(file, expected, "no such column", AS_BIDS)
    found = []
    for row, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < len(header):
            expected = f"{len(header)} cells in line {row} of channels.tsv"
            raise InputError.of(file, expected, f"{len(cells)}", AS_BIDS)
        at = dict(zip(header, cells, strict=False))
        channel = Channel(
            point=at["tracked_point"],
            component=at["component"].lower(),
            kind=at["type"].upper(),
            unit=at["units"],
            rate=_number(at.get("sampling_frequency", "")),
        )
        found.append(channel)
    if not found:
        raise InputError.of(file, "a line a column in channels.tsv", "none", AS_BIDS)
    return found


def _rate(path: Path, channels: Sequence[Channel], *, file: str) -> float:
    """Return SamplingFrequency; channels that say another rate are refused."""
    try:
        about = json.loads(_text(path, "motion.json", file=file))
    except (ValueError, RecursionError):
        raise InputError.of(file, "JSON in motion.json", "other text", AS_BIDS) from None
    said = about.get("SamplingFrequency") if isinstance(about, dict) else None
    usable = isinstance(said, int | float) and not isinstance(said, bool)
    if not usable or said is None or not 0.0 < said <= 100_000.0:
        expected = "SamplingFrequency in motion.json, a number above 0"
        raise InputError.of(file, expected, "none", AS_BIDS)
    for one in channels:
        if _is_used(one) and abs(one.rate - said) > RATES_AGREE * said:
            expected = f"{said:g} samples per second (motion.json)"
            raise InputError.of(file, expected, f"{one.rate:g} in channels.tsv", AS_BIDS)
    return float(said)


def _sorted(
    channels: Sequence[Channel], table: FloatArray, asked: Asked, *, file: str
) -> RawMotion:
    """Return the columns as positions, quaternions and angles of their points."""
    faults = Faults(file)
    at: dict[tuple[str, str], dict[str, int]] = {}
    for place, one in enumerate(channels):
        parts = at.setdefault((one.kind, one.point), {})
        if _is_used(one) and one.component in parts and _names(one.point, asked):
            faults.add(bare_label(one.point), "each component once", f"{one.component} twice")
        parts[one.component] = place
    markers, quaternions, angles, vectors = {}, {}, {}, {}
    for (kind, point), parts in at.items():
        if kind == POSITION and all(part in parts for part in XYZ):
            places = [parts[part] for part in XYZ]
            factor = _factor(channels, places, METRES, asked.unit, point, asked, faults)
            markers[point] = table[:, places] * factor
        elif kind == ORIENTATION and all(part in parts for part in QUATERNION):
            quaternions[point] = table[:, [parts[part] for part in QUATERNION]]
        elif kind in (ORIENTATION, JOINT) and all(part in parts for part in XYZ):
            places = [parts[part] for part in XYZ]
            factor = _factor(channels, places, DEGREES, "", point, asked, faults)
            vectors[point] = table[:, places] * factor
        elif kind == JOINT and len(parts) == 1:
            places = list(parts.values())
            factor = _factor(channels, places, DEGREES, "", point, asked, faults)
            angles[point] = table[:, places[0]] * factor
    faults.stop()
    return RawMotion(
        rate=np.nan, markers=markers, quaternions=quaternions, angles=angles, vectors=vectors
    )


def _factor(
    channels: Sequence[Channel],
    places: Sequence[int],
    known: Mapping[str, float],
    declared: str,
    point: str,
    asked: Asked,
    faults: Faults,
) -> float:
    """Return what turns the unit of columns into ours; an unknown one that is used is told."""
    units = {declared or channels[place].unit for place in places}
    unit = units.pop()
    unit = (length_unit(unit)[0] or unit) if known is METRES else unit
    if not units and unit in known:
        return known[unit]
    found = "several of one point" if units else f"'{unit}'"
    if _names(point, asked) and all(one.found != found for one in faults.faults):
        expected = f"one of {', '.join(known)}"
        faults.add("units of channels.tsv", expected, found, AS_BIDS)
    return float("nan")


def _names(point: str, asked: Asked) -> bool:
    return point in asked.used or bare_label(point) in asked.used


def _text(path: Path, what: str, *, file: str) -> str:
    """Return the text of a file beside the table; its name is not told, it may hold an id."""
    if not path.is_file():
        raise InputError.of(file, f"{what} beside the table", "no such file", AS_BIDS)
    text, _ = decode(read_bytes(path), file=file)
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
