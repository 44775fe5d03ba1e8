"""What a motion file uses of a recording: markers and sensors by its names, angles as signals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from backwalk_stats.errors import Faults, printable
from backwalk_stats.loaders.motion.motion_file_schema import MotionTables, SignalTable
from backwalk_stats.loaders.motion.opensim import coordinate_name
from backwalk_stats.loaders.motion.raw_motion import (
    SMALLEST,
    SMALLEST_PART,
    RawMotion,
    bare_label,
    check_size,
    resolve_label,
    still,
)

COMPONENTS = ("x", "y", "z")
NOT_THERE = "no such name"  # as `resolve_label` says it
WITH_SUBJECT = "Write it with its subject, as the file does"


def used_markers(tables: MotionTables) -> list[str]:
    """Return the markers that feet and segments of a motion file name, each once."""
    roles = ([one] if isinstance(one, str) else one for one in tables.markers.values())
    groups = (
        group
        for one in tables.segments.values()
        for group in (one.right, one.left, one.front, one.back, one.up, one.down)
    )
    return list(dict.fromkeys(name for names in (*roles, *groups) for name in names))


def used_sensors(tables: MotionTables) -> list[str]:
    """Return the sensors that segments name, each once."""
    return list(dict.fromkeys(one.sensor for one in tables.segments.values() if one.sensor))


def used_labels(tables: MotionTables) -> frozenset[str]:
    """Return every label of files that a motion file uses."""
    signals = {one.label for one in tables.signals.values()}
    labels = signals | {coordinate_name(label) for label in signals}
    return frozenset({*used_markers(tables), *used_sensors(tables), *labels})


def with_used_names(raw: RawMotion, tables: MotionTables, *, file: str) -> RawMotion:
    """Return markers and sensors under the names that the motion file has for them.

    Positions at exactly (0, 0, 0) are missing ones, and noted. Only markers that are used are
    looked at: they must be as far apart as those of a person.
    """
    faults = Faults(file)
    markers = _named(raw.markers, used_markers(tables), raw.doubled, faults)
    sensors = _named(raw.quaternions, used_sensors(tables), raw.doubled, faults)
    rotations = _named(raw.rotations, used_sensors(tables), raw.doubled, faults)
    faults.stop()
    notes = list(raw.notes)
    used = [name for name in used_markers(tables) if name in markers]
    for name in used:
        zero = (markers[name] == 0.0).all(axis=1)
        if zero.any():
            markers[name] = np.where(zero[:, None], np.nan, markers[name])
            told = f"marker {printable(bare_label(name))}: {int(zero.sum())} samples at (0, 0, 0)"
            notes.append(f"{told} are taken as missing")
    whole = {"sacrum"} < tables.markers.keys()
    smallest = SMALLEST if whole else SMALLEST_PART
    unit = raw.unit or "their unit says"
    check_size(markers, faults, unit=unit, names=used, smallest=smallest)
    faults.stop()
    return replace(
        raw, markers=markers, quaternions=sensors, rotations=rotations, notes=tuple(notes)
    )


def _named(
    held: Mapping[str, np.ndarray],
    names: Iterable[str],
    doubled: Collection[str],
    faults: Faults,
) -> dict[str, np.ndarray]:
    """Return what a file holds, under the names that are used where it has them with a subject."""
    found = dict(held)
    for name in names:
        label = _label(name, held, doubled, faults)
        if label is not None and label != name:
            found[name] = found.pop(label)
    return found


def _label(name: str, held: Iterable[str], doubled: Collection[str], faults: Faults) -> str | None:
    """Return the label that a name means; None where there is none, or several, which is told."""
    label, why = resolve_label(name, held, doubled)
    if label:
        return label
    if why != NOT_THERE and all(fault.column != name for fault in faults.faults):
        action = WITH_SUBJECT if "subjects" in why else ""
        faults.add(name, "this name once, where it is used", why, action)
    return None


def with_signals(
    raw: RawMotion, signals: Mapping[str, SignalTable], *, file: str
) -> tuple[RawMotion, tuple[str, ...]]:
    """Return declared angles under the names of signals, and the signals whose label is not there.

    A label of three components needs one of them, a column has none. A column that becomes a signal
    is no longer there under its own name.
    """
    faults = Faults(file)
    found: dict[str, np.ndarray] = {}
    absent, taken = [], set()
    for name, one in signals.items():
        as_written = one.label in raw.angles or one.label in raw.vectors
        name_in_file = one.label if as_written else coordinate_name(one.label)
        vector = _label(name_in_file, raw.vectors, raw.doubled, faults)
        column = _label(name_in_file, raw.angles, raw.doubled, faults)
        if vector is None and column is None:
            absent.append(name)
            continue
        if vector is not None and not one.component:
            expected = f"component = 'x', 'y' or 'z' in [signals.{name}]"
            faults.add(one.label, expected, "an angle of three components")
        elif vector is not None:
            found[name] = raw.vectors[vector][:, COMPONENTS.index(one.component)] * one.sign
        elif one.component:
            expected = f"no component in [signals.{name}]"
            faults.add(one.label, expected, "a column, which has none")
        elif column is not None:
            found[name] = raw.angles[column] * one.sign
            taken.add(column)
    for name, why in still(found).items():
        faults.add(signals[name].label, "an angle that moves", why)
    kept = {name: values for name, values in raw.angles.items() if name not in taken}
    for name in sorted(found.keys() & kept.keys()):
        expected = f"another name than [signals.{name}]"
        faults.add(name, expected, "a column of this name in the file, which is another angle")
    faults.stop()
    return replace(raw, angles=kept | found), tuple(absent)
