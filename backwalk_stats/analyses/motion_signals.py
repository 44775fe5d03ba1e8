"""From a recording to signals: gaps, filter, orientation of segments, angles of joints, feet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.filtering import low_pass
from backwalk_stats.motion.gaps import fill_gaps
from backwalk_stats.motion.orientation import (
    joint_angles,
    quaternion_frame,
    segment_frame,
    unwrapped,
)
from backwalk_stats.trial.motion_plan import SPACE, Joint, MotionPlan, Segment
from backwalk_stats.trial.recording import Recording

AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
OPPOSITE = (("right", "left"), ("front", "back"), ("up", "down"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What a recording says about movement.

    Attributes
    ----------
    angles : mapping of str to array, shape (samples,)
        Degrees, filtered.
    markers : mapping of str to array, shape (samples, 3)
        Metres, filtered: forwards (as the person faces), up, to the right.
    notes : tuple of str
        Gaps that were filled or left.
    """

    angles: Mapping[str, FloatArray]
    markers: Mapping[str, FloatArray]
    notes: tuple[str, ...]


def signals_of(recording: Recording, plan: MotionPlan) -> Signals:
    """Return the filtered markers and angles of a recording.

    Markers and angles that the file gives are filtered; angles of joints come from filtered markers
    or from the sensors' quaternions, and these are filtered as angles. Refused are a segment or
    joint that names what the recording does not have, markers on a line, and quaternions that are
    none.
    """
    turn = laboratory_axes(facing=plan.facing, up=plan.up)
    notes = list(recording.notes)
    markers = {}
    stood = _standing_still(recording)
    if stood:
        notes.append(f"markers that never move are left out: {', '.join(stood)}")
    for name, points in recording.markers.items():
        if name in stood:
            continue
        smooth, said = _smoothed(points @ turn.T, recording, plan, what=f"marker {name}")
        markers[name], notes = smooth, [*notes, *said]
    given = dict(recording.angles) | _sensor_angles(recording, plan, turn)
    angles = {}
    for name, values in given.items():
        whole = unwrapped(values)
        if not np.array_equal(whole, values, equal_nan=True):
            notes.append(f"signal {name}: jumps of a whole turn were taken out")
        smooth, said = _smoothed(whole[:, None], recording, plan, what=f"signal {name}")
        angles[name], notes = smooth[:, 0], [*notes, *said]
    wanted = tuple(one for one in plan.joints if f"{one.name}_flexion" not in angles)
    frames = _marker_frames(wanted, plan, markers, recording)
    angles |= _joint_signals(wanted, frames, plan.cardan)
    absent = [one.name for one in wanted if f"{one.name}_flexion" not in angles]
    if absent:
        notes.append(f"no angles of {', '.join(absent)}: the file has no markers of their segments")
    return Signals(angles=angles, markers=markers, notes=tuple(notes))


def said_of_markers(there: Mapping[str, FloatArray], recording: Recording) -> str:
    """Return which markers a recording has, and which of them are not used, for messages."""
    stood = _standing_still(recording)
    left = f" ({', '.join(stood)} never move and are left out)" if stood else ""
    return f"the file has: {', '.join(sorted(there)) or 'none'}{left}"


def _standing_still(recording: Recording) -> list[str]:
    """Return the markers that stay at one place, or are never there: no part of a person does."""
    found = []
    for name, points in recording.markers.items():
        there = points[np.isfinite(points).all(axis=1)]
        if not len(there) or not np.ptp(there, axis=0).any():
            found.append(name)
    return found


def _marker_frames(
    joints: tuple[Joint, ...],
    plan: MotionPlan,
    markers: Mapping[str, FloatArray],
    recording: Recording,
) -> dict[str, FloatArray]:
    """Return the axes of the segments of these joints that the file has markers of."""
    needed = {name for one in joints for name in (one.proximal, one.distal)}
    return {
        one.name: _marker_frame(one, markers, recording)
        for one in plan.segments
        if one.name in needed and not one.sensor and any(n in markers for n in _markers_of(one))
    }


def _markers_of(segment: Segment) -> tuple[str, ...]:
    return tuple(name for pair in OPPOSITE for side in pair for name in getattr(segment, side))


def laboratory_axes(*, facing: str, up: str) -> FloatArray:
    """Return the rotation from laboratory axes to forwards, up and right, shape (3, 3).

    Examples
    --------
    >>> laboratory_axes(facing="+x", up="+z") @ [1.0, 2.0, 3.0]
    array([ 1.,  3., -2.])
    """
    forwards, upwards = _axis(facing), _axis(up)
    if abs(float(forwards @ upwards)) > 0.0:
        raise UsageError(f"the person faces {facing} and up is {up}: these are along one line")
    return np.stack([forwards, upwards, np.cross(forwards, upwards)])


def _axis(name: str) -> FloatArray:
    if len(name) != 2 or name[0] not in "+-" or name[1] not in AXES:
        raise UsageError(f"axis {name!r}; it is one of +x -x +y -y +z -z")
    return np.array(AXES[name[1]]) * (1.0 if name[0] == "+" else -1.0)


def _smoothed(
    values: FloatArray, recording: Recording, plan: MotionPlan, *, what: str
) -> tuple[FloatArray, list[str]]:
    """Return values with short gaps filled, where asked, and filtered."""
    notes = []
    if not np.isfinite(values).all():
        if plan.gap_limit:
            found = fill_gaps(values, limit=plan.gap_limit)
            values = found.signal
            notes = [f"{what}: {found.filled} gaps filled, {found.left} left missing"]
        else:
            notes = [f"{what}: samples are missing; no gap was filled"]
    if plan.cutoff is not None:
        values = low_pass(values, rate=recording.rate, cutoff=plan.cutoff, order=plan.order)
    return values, notes


def _marker_frame(
    segment: Segment, markers: Mapping[str, FloatArray], recording: Recording
) -> FloatArray:
    """Return the axes of a segment from two of its directions."""
    found = {}
    for ahead, behind in OPPOSITE:
        one, other = getattr(segment, ahead), getattr(segment, behind)
        if one and other:
            found[ahead] = _middle(one, markers, segment, recording) - _middle(
                other, markers, segment, recording
            )
    if len(found) < 2:
        raise UsageError(
            f"segment {segment.name} needs markers on two of its axes: right and left, front and "
            "back, up and down"
        )
    if "right" not in found:
        found["right"] = np.cross(found["front"], found["up"])
    if "front" not in found:
        found["front"] = np.cross(found["up"], found["right"])
    return segment_frame(right=found["right"], forward=found["front"])


def _middle(
    names: tuple[str, ...],
    markers: Mapping[str, FloatArray],
    segment: Segment,
    recording: Recording,
) -> FloatArray:
    absent = [name for name in names if name not in markers]
    if absent:
        raise UsageError(
            f"segment {segment.name} needs marker {', '.join(absent)}; "
            f"{said_of_markers(markers, recording)}"
        )
    return np.asarray(np.mean([markers[name] for name in names], axis=0))


def _joint_signals(
    joints: tuple[Joint, ...], frames: Mapping[str, FloatArray], order: str
) -> dict[str, FloatArray]:
    """Return the angles of the joints whose segments have frames."""
    found: dict[str, FloatArray] = {}
    for joint in joints:
        if joint.distal in frames and (joint.proximal == SPACE or joint.proximal in frames):
            distal = frames[joint.distal]
            space = np.broadcast_to(np.eye(3), distal.shape)
            proximal = space if joint.proximal == SPACE else frames[joint.proximal]
            found |= _named(joint, proximal, distal, order)
    return found


def _sensor_angles(
    recording: Recording, plan: MotionPlan, turn: FloatArray
) -> dict[str, FloatArray]:
    """Return the angles of the joints between sensors, before filtering."""
    frames = {}
    for one in plan.segments:
        if one.sensor:
            if one.sensor not in recording.quaternions:
                raise UsageError(
                    f"segment {one.name} needs the sensor {one.sensor}; it is not in the file"
                )
            frame = quaternion_frame(recording.quaternions[one.sensor], parts=one.parts)
            frames[one.name] = turn @ frame @ turn.T
    return _joint_signals(plan.joints, frames, plan.cardan)


def _named(
    joint: Joint, proximal: FloatArray, distal: FloatArray, order: str
) -> dict[str, FloatArray]:
    """Return the three angles of a joint under their names."""
    found = joint_angles(proximal, distal, order=order)
    flexion = -found.flexion if joint.kind == "hip" else found.flexion
    if not np.isfinite(flexion).any():
        raise NotEstimable(f"{joint.name}: a marker of its segments is missing at every sample")
    return {
        f"{joint.name}_flexion": unwrapped(flexion),
        f"{joint.name}_side_bend": unwrapped(found.side_bend),
        f"{joint.name}_rotation": unwrapped(found.rotation),
    }
