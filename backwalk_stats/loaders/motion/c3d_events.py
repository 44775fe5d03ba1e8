"""What a C3D file says of the ground: contacts and offs of its EVENT group, and its force plates.

Source: C3D.org, *The C3D file format: user guide* (2021), "The EVENT group" and "The FORCE_PLATFORM
group".
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, cast

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import printable
from backwalk_stats.loaders.motion.c3d_file import C3DFile, unit_text
from backwalk_stats.loaders.motion.gait_events import folded_label, gait_event, of_plate
from backwalk_stats.trial.motion_plan import ForcePlate, GaitEvent

SHOWN = 5  # labels in a note
HEADER_EVENTS, MOST_HEADER_EVENTS = 12_345, 18
# Of the channels of a plate, those of the force along its normal, counted from 0.
NORMAL = {1: (2,), 2: (2,), 3: (4, 5, 6, 7), 4: (2,)}
CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
NEWTONS = {"n": 1.0, "nt": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1000.0}
LOADED = 20.0  # newtons that no empty plate shows
LARGEST_LOAD = 5000.0  # newtons that no walking person shows
SMALLEST_PLATE = 1e-3  # square metres


def c3d_events(c3d: C3DFile) -> tuple[tuple[GaitEvent, ...], list[str]]:
    """Return the contacts and offs of a file in order of time, and what of its events is left out.

    EVENT:TIMES are minutes and seconds that count from frame 1, which is not the first one of the
    file.
    """
    used = c3d.count("EVENT", "USED")
    if not used:
        return (), _events_of_header(c3d)
    pairs = c3d.all_numbers("EVENT", "TIMES")
    if c3d.rows("EVENT", "TIMES") not in (2, 2 * used):  # or all of them in one row
        return (), [f"the times of its {used} events are no minutes and seconds: none was taken"]
    labels, contexts = (c3d.all_texts("EVENT", name) for name in ("LABELS", "CONTEXTS"))
    subjects = {text for text in c3d.all_texts("EVENT", "SUBJECTS")[:used] if text}
    if len(subjects) > 1:
        return (), [f"its events are those of {len(subjects)} subjects: none of them was taken"]
    times = pairs[: len(pairs) // 2 * 2].reshape(-1, 2) @ [60.0, 1.0]
    count = min(used, len(labels), len(times))
    notes = (
        [f"{used - count} of its {used} events have no label or no time"] if count < used else []
    )
    last, other, outside = (c3d.frames - 1) / c3d.rate, Counter[str](), 0
    doubled = {event for label in labels[:count] for event in _of_feet(label)}
    found, plate = [], 0
    for place in range(count):
        context = contexts[place] if place < len(contexts) else ""
        side, event = gait_event(labels[place], context)
        time = float(times[place]) - (c3d.first - 1) / c3d.rate
        if not side or not event:
            other[printable(f"{labels[place]} {context}".strip())] += 1
        elif of_plate(labels[place]) and event in doubled:
            plate += 1
        elif not -0.5 / c3d.rate <= time <= last + 0.5 / c3d.rate:  # NaN neither
            outside += 1
        else:
            found.append(_event(side, event, time=min(max(time, 0.0), last)))
    if other:
        shown = ", ".join(f"{n} '{label}'" for label, n in list(other.items())[:SHOWN])
        more = " ..." if len(other) > SHOWN else ""
        notes.append(f"events that are no contact or off of a side were left out: {shown}{more}")
    if plate:
        notes.append(f"{plate} events of force plates were left out: those of the feet are there")
    if outside:
        notes.append(f"{outside} events outside its frames were left out")
    return tuple(sorted(found, key=lambda one: (one.time, one.side, one.event))), notes


def _of_feet(label: str) -> tuple[str, ...]:
    """Return the event that a label names of a foot itself, not of a force plate."""
    return () if of_plate(label) else tuple(filter(None, (gait_event(label, "")[1],)))


def _events_of_header(c3d: C3DFile) -> list[str]:
    """Return a note on events that stand in the header alone, as they did before EVENT was there.

    Word 150 is 12345 where word 151 counts them; a label is four letters without a context.
    """
    key, count = (c3d.word(place) for place in (150, 151))
    if key != HEADER_EVENTS or not 1 <= count <= MOST_HEADER_EVENTS:
        return []
    return [f"{count} events stand in its header; only those of its group EVENT are read"]


def _event(side: str, event: str, *, time: float) -> GaitEvent:
    return GaitEvent(
        side=cast(Literal["left", "right"], side),
        event=cast(Literal["contact", "off"], event),
        time=time,
    )


# Force plates.


def c3d_plates(c3d: C3DFile, *, metres: float | None) -> tuple[tuple[ForcePlate, ...], list[str]]:
    """Return what the force plates carried at the rate of the points, and which are left out.

    The force is that along the normal of a plate, averaged over one frame around each point's
    sample. Programs write the load or the reaction to it, with either sign; a person can only push
    a plate down, so the greater load of each plate is upwards on the person.

    Parameters
    ----------
    c3d : C3DFile
    metres : float or None
        Of a unit of the file's positions; None where it is not known.
    """
    used = min(c3d.count("FORCE_PLATFORM", "USED"), len(c3d.all_numbers("FORCE_PLATFORM", "TYPE")))
    plates: list[ForcePlate] = []
    notes: list[str] = []
    for place in range(used):
        found = _plate(c3d, place, metres=metres, notes=notes)
        if isinstance(found, ForcePlate):
            plates.append(found)
        else:
            notes.append(f"force plate {place + 1} was left out: {found}")
    return tuple(plates), notes


def _plate(c3d: C3DFile, place: int, *, metres: float | None, notes: list[str]) -> ForcePlate | str:
    """Return a force plate, or why it cannot be read."""
    kind = int(c3d.all_numbers("FORCE_PLATFORM", "TYPE")[place])
    if kind not in CHANNELS:
        return f"it is of type {kind}, which is not read (1 to 4 are)"
    corners = c3d.all_numbers("FORCE_PLATFORM", "CORNERS")[12 * place : 12 * place + 12]
    if metres is None or len(corners) < 12 or not np.isfinite(corners).all():
        return "its corners are not told"
    with np.errstate(over="ignore", invalid="ignore"):
        corners = corners.reshape(4, 3) * metres
        sides = np.cross(corners[2] - corners[0], corners[3] - corners[1])
        area = 0.5 * float(np.sqrt((sides**2).sum()))
    if not SMALLEST_PLATE <= area < np.inf:
        return "its corners are no rectangle"
    chosen = _channels(c3d, place, kind)
    if isinstance(chosen, str):
        return chosen
    with np.errstate(all="ignore"):
        force = _normal_force(c3d, place, kind, chosen)
        if isinstance(force, str):
            return force
        force = _at_frames(force, c3d.samples)
        loaded = force[np.abs(force) > LOADED]
        force = -force if loaded.sum() < 0.0 else force
    if not np.isfinite(force).all() or np.abs(force).max() > LARGEST_LOAD:
        return f"its force is not that of a person in newtons (more than {LARGEST_LOAD:g})"
    _tell_baseline(c3d, place, force, notes)
    return ForcePlate(force=force, corners=corners)


def _channels(c3d: C3DFile, place: int, kind: int) -> list[int] | str:
    """Return the analog channels of a plate, counted from 0, or why there are none."""
    rows = c3d.rows("FORCE_PLATFORM", "CHANNEL")
    numbers = c3d.all_numbers("FORCE_PLATFORM", "CHANNEL", unsigned=True)
    mine = numbers[rows * place : rows * (place + 1)][: CHANNELS[kind]]
    if len(mine) < CHANNELS[kind] or rows < CHANNELS[kind]:
        return "its channels are not told"
    used = c3d.count("ANALOG", "USED")
    if not used or c3d.analogs != used * c3d.samples:
        return "the file holds no analog channels"
    if not ((mine >= 1) & (mine <= used)).all():
        return "a channel of it is not in the file"
    return [int(channel) - 1 for channel in mine]


def _normal_force(c3d: C3DFile, place: int, kind: int, chosen: list[int]) -> FloatArray | str:
    """Return the force along the normal in newtons, shape (frames, samples), or why not."""
    if kind == 4:
        matrix = _calibration(c3d, place)
        if matrix is None:
            return "its matrix of calibration is not told"
        return np.asarray(c3d.channels(chosen) @ matrix[NORMAL[kind][0]])
    normal = [chosen[place] for place in NORMAL[kind]]
    units = c3d.all_texts("ANALOG", "UNITS")
    written = {units[channel] if channel < len(units) else "" for channel in normal}
    if len(written) > 1 or folded_label(min(written)) not in NEWTONS:
        told = printable(unit_text(sorted(written)))
        return f"the unit of its force is {told or 'not told'}, not newtons"
    return np.asarray(c3d.channels(normal).sum(axis=-1) * NEWTONS[folded_label(min(written))])


def _calibration(c3d: C3DFile, place: int) -> FloatArray | None:
    """Return the matrix of a plate, forces and moments by channels, shape (6, 6)."""
    held = c3d.groups["FORCE_PLATFORM"].get("CAL_MATRIX")
    if held is None or len(held.dimensions) < 2:
        return None
    rows, columns = held.dimensions[:2]
    numbers = c3d.all_numbers("FORCE_PLATFORM", "CAL_MATRIX")
    mine = numbers[rows * columns * place : rows * columns * (place + 1)]
    if len(mine) < rows * columns or rows < 6 or columns < 6:
        return None
    return mine.reshape(columns, rows).T[:6, :6]


def _at_frames(force: FloatArray, samples: int) -> FloatArray:
    """Return the mean over one frame around the first sample of each, which is the point's."""
    if samples == 1:
        return force.ravel()
    half = samples // 2
    around = np.pad(force.ravel(), half, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * half + 1)[::samples]
    return np.asarray(windows.mean(axis=1))


def _tell_baseline(c3d: C3DFile, place: int, force: FloatArray, notes: list[str]) -> None:
    """Tell of a load in the frames that the file names for a baseline, which is not taken off."""
    zero = c3d.numbers("FORCE_PLATFORM", "ZERO")
    if zero is None or len(zero) < 2 or not 1 <= zero[0] <= zero[1] <= c3d.frames:
        return
    load = float(np.mean(force[int(zero[0]) - 1 : int(zero[1])]))
    if abs(load) > LOADED:
        frames = f"frames {int(zero[0])} to {int(zero[1])}"
        notes.append(
            f"force plate {place + 1} carries {load:.0f} N in {frames}, which FORCE_PLATFORM:ZERO "
            "names for a baseline: nothing was taken off"
        )
