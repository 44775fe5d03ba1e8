"""From a recording to signals: gaps, filter, orientation of segments, angles of joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion import orientation
from backwalk_stats.motion.signal import fill_gaps, low_pass
from backwalk_stats.trial.motion_plan import SPACE, Joint, MotionPlan, Recording, Segment

FOOT_ROLES = ("heel_left", "toe_left", "heel_right", "toe_right", "sacrum")
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
OPPOSITE = (("right", "left"), ("front", "back"), ("up", "down"))
PELVIS = "pelvis"  # the segment whose front and back say where the person faces
OBLIQUE = 30.0  # degrees between the nearest axis and where the person faces: no axis is meant
TURNING = 45.0  # degrees from the mean: the person turns within the record


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What a recording says about movement.

    Attributes
    ----------
    angles : mapping of str to array, shape (samples,)
        Degrees, filtered.
    tracks : mapping of str to array, shape (samples, 3)
        Of the roles that have markers ("heel_left" ... "sacrum"), metres, short gaps filled, not
        filtered: forwards (as the person faces), up, to the right.
    facing : str
        Axis of the laboratory that the person faces.
    filled, left : int
        Gaps that were filled, and that are left, of all markers and signals that are used.
    notes : tuple of str
    """

    angles: Mapping[str, FloatArray]
    tracks: Mapping[str, FloatArray]
    facing: str
    filled: int
    left: int
    notes: tuple[str, ...]


def signals_of(recording: Recording, plan: MotionPlan) -> Signals:
    """Return the tracks of feet and sacrum and the filtered angles of a recording.

    Markers of segments and angles that the file gives are filtered; angles of joints come from
    filtered markers or from the sensors' quaternions, and these are filtered as angles. Markers
    that nothing names are not looked at. Refused are a segment or joint that names what the
    recording does not have, markers on a line, quaternions that are none, and a person whose way of
    facing is asked for and not known.
    """
    facing, notes = faced(recording, plan)
    turn = laboratory_axes(facing=facing, up=plan.up)
    notes = [*recording.notes, *notes]
    stood = _standing_still(recording, plan)
    if stood:
        notes.append(f"markers that never move are left out: {', '.join(stood)}")
    gaps = _Gaps()
    whole, markers = {}, {}
    for name in used_markers(recording, plan):
        if name not in stood:
            whole[name] = gaps.filled(recording.markers[name] @ turn.T, plan, f"marker {name}")
            markers[name] = _smoothed(whole[name], recording, plan)
    angles = {}
    for name, values in (dict(recording.angles) | _sensor_angles(recording, plan, turn)).items():
        straight = orientation.unwrapped(values)
        if not np.array_equal(straight, values, equal_nan=True):
            notes.append(f"signal {name}: jumps of a whole turn were taken out")
        there = gaps.filled(straight[:, None], plan, f"signal {name}")
        angles[name] = _smoothed(there, recording, plan)[:, 0]
    wanted = tuple(one for one in plan.joints if f"{one.name}_flexion" not in angles)
    frames, torn = _marker_frames(wanted, plan, markers)
    angles |= _joint_signals(wanted, frames, plan.cardan)
    absent = [one.name for one in wanted if f"{one.name}_flexion" not in angles]
    if absent:
        reason = "; ".join(torn) or "the file has no markers of their segments"
        notes.append(f"no angles of {', '.join(absent)}: {reason}")
    if torn and not angles:
        raise UsageError(f"{'; '.join(torn)}; {said_of_markers(recording, plan)}")
    return Signals(
        angles=angles,
        tracks=_tracks(whole, plan),
        facing=facing,
        filled=gaps.n_filled,
        left=gaps.n_left,
        notes=(*notes, *gaps.notes),
    )


def used_markers(recording: Recording, plan: MotionPlan) -> list[str]:
    """Return the markers of a recording that a role or a segment names, in the file's order."""
    named = {one for names in _roles(plan).values() for one in names}
    named |= {name for one in plan.segments for name in _markers_of(one)}
    return [name for name in recording.markers if name in named]


def _roles(plan: MotionPlan) -> dict[str, tuple[str, ...]]:
    return {role: (role,) for role in FOOT_ROLES} | dict(plan.foot_markers)


def _tracks(markers: Mapping[str, FloatArray], plan: MotionPlan) -> dict[str, FloatArray]:
    """Return the mean of the markers of each role that the recording has all markers of."""
    return {
        role: np.asarray(np.mean([markers[one] for one in names], axis=0))
        for role, names in _roles(plan).items()
        if all(one in markers for one in names)
    }


@dataclass(slots=True)
class _Gaps:
    """What is missing in a recording, counted while its markers and signals are read."""

    n_filled: int = 0
    n_left: int = 0
    notes: tuple[str, ...] = ()

    def filled(self, values: FloatArray, plan: MotionPlan, what: str) -> FloatArray:
        """Return values with short gaps filled, where asked; count and tell all gaps."""
        if np.isfinite(values).all():
            return values
        found = fill_gaps(values, limit=max(plan.gap_limit, 1))
        if not plan.gap_limit:
            self.n_left += found.filled + found.left
            self.notes = (*self.notes, f"{what}: samples are missing; no gap was filled")
            return values
        self.n_filled, self.n_left = self.n_filled + found.filled, self.n_left + found.left
        told = f"{what}: {found.filled} gaps filled, {found.left} left missing"
        self.notes = (*self.notes, told)
        return found.signal


# Where the person faces.


def faced(recording: Recording, plan: MotionPlan) -> tuple[str, list[str]]:
    """Return the axis of the laboratory that the person faces, and what is to be said of it.

    "auto" takes the axis nearest to the mean horizontal direction from back to front of the segment
    `pelvis`: an axis, not the mean itself, so that angles are those of a declared axis, and a
    pelvis that is turned to one side all the time stays turned. Refused are a direction more than
    `OBLIQUE` degrees from every axis, and a person who turns by more than `TURNING` degrees;
    with a declared axis turning is noted.
    """
    asked = recording.facing or plan.facing
    way = _pelvis_way(recording, plan)
    if asked != "auto":
        turned = _turned(way) if way is not None and recording.task == "walk" else 0.0
        told = f"the person turns by {turned:.0f} degrees within the record"
        return asked, [told] if turned > TURNING else []
    if way is None:
        raise UsageError(
            'facing = "auto" needs markers on front and back of the segment pelvis; name them '
            f"under [segments.pelvis], or declare the axis; {said_of_markers(recording, plan)}"
        )
    if recording.task == "walk" and _turned(way) > TURNING:
        raise NotEstimable(
            f"the person turns by {_turned(way):.0f} degrees within the record: cut it into "
            "straight walks, or leave it out"
        )
    mean = way.mean(axis=0)
    axes = [f"{sense}{name}" for name in AXES if name != plan.up[1] for sense in "+-"]
    along = [float(mean @ _axis(one)) / float(np.linalg.norm(mean)) for one in axes]
    off = float(np.degrees(np.arccos(min(1.0, max(along)))))
    if off > OBLIQUE:
        raise NotEstimable(
            f"the person faces {off:.0f} degrees from the nearest axis of the laboratory: export "
            "the recording with an axis along the walk"
        )
    found = axes[int(np.argmax(along))]
    return found, [f"the person faces {found}, {off:.0f} degrees off, by the markers of the pelvis"]


def _pelvis_way(recording: Recording, plan: MotionPlan) -> FloatArray | None:
    """Return unit vectors from back to front of the pelvis, level, where both are seen."""
    pelvis = next((one for one in plan.segments if one.name == PELVIS), None)
    names = (*pelvis.front, *pelvis.back) if pelvis is not None else ()
    if pelvis is None or not (pelvis.front and pelvis.back):
        return None
    if any(name not in recording.markers for name in names):
        return None
    front, back = (
        np.mean([recording.markers[name] for name in group], axis=0)
        for group in (pelvis.front, pelvis.back)
    )
    level = (front - back) * (1.0 - np.abs(_axis(plan.up)))
    length = np.linalg.norm(level, axis=1)
    there = np.isfinite(length) & (length > 0.0)
    return np.asarray(level[there] / length[there, None]) if there.any() else None


def _turned(way: FloatArray) -> float:
    """Return how far a direction goes from its mean, degrees; 5 % of the samples go further."""
    mean = way.mean(axis=0)
    along = way @ mean / np.linalg.norm(mean)
    return float(np.quantile(np.degrees(np.arccos(np.clip(along, -1.0, 1.0))), 0.95))


def said_of_markers(recording: Recording, plan: MotionPlan) -> str:
    """Return which markers a recording has, and which of them are not used, for messages."""
    stood = _standing_still(recording, plan)
    there = sorted(name for name in recording.markers if name not in stood)
    left = f" ({', '.join(stood)} never move and are left out)" if stood else ""
    return f"the file has: {', '.join(there) or 'none'}{left}"


def _standing_still(recording: Recording, plan: MotionPlan) -> list[str]:
    """Return the used markers that stay at one place, or are never there: no part of a person."""
    found = []
    for name in used_markers(recording, plan):
        points = recording.markers[name]
        there = points[np.isfinite(points).all(axis=1)]
        if not len(there) or not np.ptp(there, axis=0).any():
            found.append(name)
    return found


def _marker_frames(
    joints: tuple[Joint, ...], plan: MotionPlan, markers: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], list[str]]:
    """Return the axes of the segments of these joints, and which segments lack which markers.

    Of a segment that the file has no marker of nothing is said here: it may be in another file.
    """
    needed = {name for one in joints for name in (one.proximal, one.distal)}
    frames: dict[str, FloatArray] = {}
    torn = []
    for one in plan.segments:
        names = _markers_of(one)
        there = [name for name in names if name in markers]
        if one.name not in needed or one.sensor or not there:
            continue
        absent = [name for name in dict.fromkeys(names) if name not in markers]
        if absent:
            torn.append(f"segment {one.name} needs marker {', '.join(absent)}")
        else:
            frames[one.name] = _marker_frame(one, markers)
    return frames, torn


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


def _smoothed(values: FloatArray, recording: Recording, plan: MotionPlan) -> FloatArray:
    if plan.cutoff is None:
        return values
    return low_pass(values, rate=recording.rate, cutoff=plan.cutoff, order=plan.order)


def _marker_frame(segment: Segment, markers: Mapping[str, FloatArray]) -> FloatArray:
    """Return the axes of a segment from two of its directions; its markers are all there."""

    def middle(names: tuple[str, ...]) -> FloatArray:
        return np.asarray(np.mean([markers[name] for name in names], axis=0))

    pairs = [
        (ahead, getattr(segment, ahead), getattr(segment, behind)) for ahead, behind in OPPOSITE
    ]
    found = {name: middle(one) - middle(other) for name, one, other in pairs if one and other}
    if len(found) < 2:
        raise UsageError(
            f"segment {segment.name} needs markers on two of its axes: right and left, front and "
            "back, up and down"
        )
    if "right" not in found:
        found["right"] = np.cross(found["front"], found["up"])
    if "front" not in found:
        found["front"] = np.cross(found["up"], found["right"])
    return orientation.segment_frame(right=found["right"], forward=found["front"])


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
            frame = orientation.quaternion_frame(recording.quaternions[one.sensor], parts=one.parts)
            frames[one.name] = turn @ frame @ turn.T
    return _joint_signals(plan.joints, frames, plan.cardan)


def _named(
    joint: Joint, proximal: FloatArray, distal: FloatArray, order: str
) -> dict[str, FloatArray]:
    """Return the three angles of a joint under their names."""
    found = orientation.joint_angles(proximal, distal, order=order)
    flexion = -found.flexion if joint.kind == "hip" else found.flexion
    if not np.isfinite(flexion).any():
        raise NotEstimable(f"{joint.name}: a marker of its segments is missing at every sample")
    return {
        f"{joint.name}_flexion": orientation.unwrapped(flexion),
        f"{joint.name}_side_bend": orientation.unwrapped(found.side_bend),
        f"{joint.name}_rotation": orientation.unwrapped(found.rotation),
    }
