"""What one recording yields: features of its cycles, and the cycles themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backwalk_stats.analyses.motion.coordination import coupling_values
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion import orientation
from backwalk_stats.motion.coordination import coupled
from backwalk_stats.motion.cycles import Cycles, cut_cycles
from backwalk_stats.motion.events import FootEvents, events
from backwalk_stats.motion.features import lumbopelvic_rhythm, range_of_motion
from backwalk_stats.motion.signal import fill_gaps, low_pass
from backwalk_stats.motion.spatiotemporal import AGREEMENT, gait
from backwalk_stats.trial.motion_plan import SPACE, Coupling, Joint, MotionPlan, Recording, Segment

FOOT_ROLES = ("heel_left", "toe_left", "heel_right", "toe_right", "sacrum")
FORWARDS = 0  # the first axis of a marker is where the person faces
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
OPPOSITE = (("right", "left"), ("front", "back"), ("up", "down"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one recording yields.

    Attributes
    ----------
    features : dict of str to float
        By name, in the unit of each: degrees, per cent, metres per second, steps per minute.
    signals : tuple of str
        Names of the angles in `cycles`; empty for a bend.
    cycles : Cycles or None
        None for a bend.
    notes : tuple of str
    """

    features: dict[str, float]
    signals: tuple[str, ...]
    cycles: Cycles | None
    notes: tuple[str, ...]


def features_of(recording: Recording, plan: MotionPlan) -> Found:
    """Return the features of a recording.

    A plan that names what the recording does not have is refused, and so is a recording that is not
    what is declared: the wrong direction of walking, too few cycles.
    """
    return _walk(recording, plan) if recording.task == "walk" else _bend(recording, plan)


def _walk(recording: Recording, plan: MotionPlan) -> Found:
    """Return what a walk yields: cycles of the left foot, from contact to contact."""
    signals = signals_of(recording, plan)
    feet = _feet(signals, recording, plan)
    names = list(signals.angles)
    angles = np.stack([signals.angles[name] for name in names], axis=1)
    cut = cut_cycles(angles, feet["left"].contact, nodes=plan.nodes)
    notes = [*signals.notes, *_cycle_notes(cut, plan)]
    values = _gait_features(signals, feet, recording, plan, notes)
    curves = cut.curves[cut.kept(leave_out_odd=plan.leave_out_odd)]
    for place, name in enumerate(names):
        values[f"{name}_rom"] = float(range_of_motion(curves[:, :, place]).mean())
    for one in plan.couplings:
        values |= _coupling_features(one, names, curves)
    return Found(features=values, signals=tuple(names), cycles=cut, notes=tuple(notes))


def _feet(signals: Signals, recording: Recording, plan: MotionPlan) -> dict[str, FootEvents]:
    """Return the events of both feet."""
    tracks = _tracks(signals, recording, plan)
    return {
        side: events(
            heel=tracks[f"heel_{side}"][:, FORWARDS],
            toe=tracks[f"toe_{side}"][:, FORWARDS],
            sacrum=tracks["sacrum"][:, FORWARDS],
            rate=recording.rate,
            direction=recording.direction,
        )
        for side in ("left", "right")
    }


def _tracks(signals: Signals, recording: Recording, plan: MotionPlan) -> dict[str, FloatArray]:
    roles = {role: (role,) for role in FOOT_ROLES} | dict(plan.foot_markers)
    absent = [role for role in FOOT_ROLES if any(one not in signals.markers for one in roles[role])]
    if absent:
        raise UsageError(
            f"events need markers for {', '.join(absent)}; name them under [markers]; "
            f"{said_of_markers(signals.markers, recording)}"
        )
    return {
        role: np.asarray(np.mean([signals.markers[one] for one in roles[role]], axis=0))
        for role in FOOT_ROLES
    }


def _gait_features(
    signals: Signals,
    feet: dict[str, FootEvents],
    recording: Recording,
    plan: MotionPlan,
    notes: list[str],
) -> dict[str, float]:
    """Return speed, cadence, step length and stance; say so where they contradict each other."""
    tracks = _tracks(signals, recording, plan)
    sign = 1.0 if recording.direction == "forward" else -1.0
    first = "heel" if recording.direction == "forward" else "toe"  # what meets the ground
    found = gait(
        left=feet["left"].contact,
        right=feet["right"].contact,
        left_foot=sign * tracks[f"{first}_left"][:, FORWARDS],
        right_foot=sign * tracks[f"{first}_right"][:, FORWARDS],
        sacrum=sign * tracks["sacrum"][:, FORWARDS],
        rate=recording.rate,
        belt_speed=recording.belt_speed,
    )
    if found.identity_gap > AGREEMENT:
        notes.append(
            f"speed differs by {100 * found.identity_gap:.0f} % from cadence times step length: "
            "check rate, units, belt speed and events"
        )
    return {
        "speed": found.speed,
        "cadence": found.cadence,
        "step_length": found.step_length,
        "stance_left": 100.0 * feet["left"].stance,
        "stance_right": 100.0 * feet["right"].stance,
    }


def _coupling_features(
    coupling: Coupling, names: list[str], curves: FloatArray
) -> dict[str, float]:
    """Return the coordination of two signals: vector coding and continuous relative phase."""
    absent = [one for one in (coupling.proximal, coupling.distal) if one not in names]
    if absent:
        raise UsageError(
            f"coupling {coupling.name} needs the signal {', '.join(absent)}; there are: "
            f"{', '.join(names)}"
        )
    proximal = curves[:, :, names.index(coupling.proximal)]
    distal = curves[:, :, names.index(coupling.distal)]
    found = coupled(proximal, distal)
    if not np.isfinite(found.marp):
        raise NotEstimable(found.notes[0])
    return {f"{coupling.name}_{name}": value for name, value in coupling_values(found).items()}


def _bend(recording: Recording, plan: MotionPlan) -> Found:
    """Return what a forward bend yields: ranges, and the rhythm of lumbar spine and hip."""
    signals = signals_of(recording, plan)
    values = {
        f"bend_{name}_rom": float(np.nanmax(angle) - np.nanmin(angle))
        for name, angle in signals.angles.items()
    }
    lumbar, hip = signals.angles.get("lumbar_flexion"), signals.angles.get("pelvis_flexion")
    notes = list(signals.notes)
    if lumbar is None or hip is None:
        notes.append("no lumbopelvic rhythm: it needs lumbar_flexion and pelvis_flexion")
    else:
        rhythm = lumbopelvic_rhythm(lumbar, hip)
        values["lumbar_contribution"] = rhythm.total_contribution
        for quarter in range(len(rhythm.ratio)):
            values[f"rhythm_ratio_q{quarter + 1}"] = float(rhythm.ratio[quarter])
            values[f"lumbar_contribution_q{quarter + 1}"] = float(rhythm.contribution[quarter])
    return Found(features=values, signals=(), cycles=None, notes=tuple(notes))


def _cycle_notes(cut: Cycles, plan: MotionPlan) -> list[str]:
    """Say which cycles are missing in part, and so left out, and which are odd."""
    numbers = [str(k + 1) for k in np.flatnonzero(cut.odd)]
    torn = int((~cut.complete).sum())
    said = [f"{torn} of {len(cut.odd)} cycles have missing samples"] if torn else []
    if numbers:
        done = "were left out" if plan.leave_out_odd else "were kept"
        said.append(
            f"cycles {', '.join(numbers)} of {len(cut.odd)} are far from the others; they {done}"
        )
    return said


# From a recording to signals: gaps, filter, orientation of segments, angles of joints, feet.


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
        whole = orientation.unwrapped(values)
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
    return orientation.segment_frame(right=found["right"], forward=found["front"])


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
