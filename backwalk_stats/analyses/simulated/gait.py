"""SIMULATED walking: angles of known coordination and the markers that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

STANCE = 0.63  # share of the cycle on the ground
STEP = 0.56  # metres from heel to heel
HEIGHT = 0.95  # of the pelvis, metres
FOOT = 0.18  # from heel to toe, metres
TURN = 2.0 * np.pi


@dataclass(frozen=True, kw_only=True, slots=True)
class Walker(Shown):
    """How one invented person moves at one visit; angles in degrees.

    Attributes
    ----------
    cycle : float
        Seconds of a cycle.
    lag : float
        By how much the rotation of the lumbar segment in space is behind that of the pelvis.
    pelvis_rotation, lumbar_rotation, lumbar_flexion : float
        Half ranges; of rotation those of the segments in space.
    lordosis : float
        Mean lumbar flexion: posture, which differs between people by much more than it changes.
    bump : float
        Added lumbar flexion around 60 % of the cycle.
    wobble : float
        Relative spread of the half ranges from cycle to cycle.
    """

    cycle: float
    lag: float
    pelvis_rotation: float
    lumbar_rotation: float
    lumbar_flexion: float
    lordosis: float
    bump: float
    wobble: float


def walk_angles(
    walker: Walker, time: FloatArray, *, backward: bool, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Return the angles of a walk in degrees, by the names of signals.

    Walking backwards is the same movement with time turned round.

    Parameters
    ----------
    walker : Walker
    time : array, shape (samples,)
        Seconds.
    backward : bool
        Whether the walk is backwards.
    rng : Generator
        Draws how the half ranges vary from cycle to cycle.

    Returns
    -------
    dict of str to array, shape (samples,)
        Flexion, side bend and rotation of the pelvis in space ("pelvis"), of the lumbar segment
        against the pelvis ("lumbar") and in space ("lumbar_in_space"); flexion of hip and knee.

    Examples
    --------
    >>> walker = Walker(
    ...     cycle=1.15, lag=140.0, pelvis_rotation=6.0, lumbar_rotation=7.0, lumbar_flexion=3.0,
    ...     lordosis=-12.0, bump=0.0, wobble=0.06,
    ... )
    >>> time = np.arange(200) / 100
    >>> angles = walk_angles(walker, time, backward=False, rng=np.random.default_rng(1))
    >>> angles["lumbar_rotation"].shape
    (200,)
    """
    phase = time / walker.cycle * (-1.0 if backward else 1.0)
    turn = TURN * phase
    size = _from_cycle_to_cycle(phase, walker.wobble, rng)
    bump = walker.bump * np.exp(-0.5 * ((np.mod(phase, 1.0) - 0.6) / 0.09) ** 2)
    lag = np.radians(walker.lag)
    angles = {
        "pelvis_flexion": 8.0 + 1.5 * size * np.cos(2.0 * turn),
        "pelvis_side_bend": 3.0 * size * np.sin(turn),
        "pelvis_rotation": walker.pelvis_rotation * size * np.sin(turn),
        "lumbar_flexion": walker.lordosis
        + walker.lumbar_flexion * size * np.cos(2.0 * turn - 0.6)
        + bump,
        "lumbar_side_bend": -4.0 * size * np.sin(turn),
        "lumbar_rotation": np.zeros_like(turn),
        "hip_flexion": 12.0 + 20.0 * size * np.cos(turn),
        "knee_flexion": 30.0 - 18.0 * np.cos(turn + 0.6) - 14.0 * np.cos(2.0 * turn + 1.4),
    }
    return _in_space(angles, walker.lumbar_rotation * size * np.sin(turn - lag))


def _in_space(angles: dict[str, FloatArray], rotation: FloatArray) -> dict[str, FloatArray]:
    """Return angles with those of the lumbar segment in space, which turns there by `rotation`.

    Rotation is the last of the three turns, so what the joint has to add to it is a difference.
    """
    pelvis = _turned(angles["pelvis_flexion"], angles, "pelvis")
    bent = pelvis * _turned(angles["lumbar_flexion"], angles, "lumbar")
    flexion, side_bend, carried = bent.as_euler("ZXY", degrees=True).T
    return {
        **angles,
        "lumbar_rotation": rotation - carried,
        "lumbar_in_space_flexion": -flexion,
        "lumbar_in_space_side_bend": side_bend,
        "lumbar_in_space_rotation": rotation,
    }


def walk_markers(
    angles: Mapping[str, FloatArray], walker: Walker, time: FloatArray, *, backward: bool
) -> dict[str, FloatArray]:
    """Return markers of a walk on a treadmill in metres, x forwards, y to the left, z up.

    The markers of pelvis, lumbar spine, left thigh and left shank are rigid; they show the angles
    exactly.

    Parameters
    ----------
    angles : mapping of str to array
        As `walk_angles` returns them.
    walker : Walker
    time : array, shape (samples,)
        Seconds.
    backward : bool
        Whether the walk is backwards.

    Returns
    -------
    dict of str to array, shape (samples, 3)
        By the name of the marker.

    Examples
    --------
    >>> walker = Walker(
    ...     cycle=1.15, lag=140.0, pelvis_rotation=6.0, lumbar_rotation=7.0, lumbar_flexion=3.0,
    ...     lordosis=-12.0, bump=0.0, wobble=0.06,
    ... )
    >>> time = np.arange(200) / 100
    >>> angles = walk_angles(walker, time, backward=False, rng=np.random.default_rng(1))
    >>> walk_markers(angles, walker, time, backward=False)["SACR"].shape
    (200, 3)
    """
    pelvis = _turned(angles["pelvis_flexion"], angles, "pelvis")
    lumbar = pelvis * _turned(angles["lumbar_flexion"], angles, "lumbar")
    thigh = pelvis * _sagittal(angles["hip_flexion"])
    shank = thigh * _sagittal(-angles["knee_flexion"])
    hips = np.column_stack(
        [np.zeros_like(time), HEIGHT + 0.02 * np.cos(2 * TURN * time / walker.cycle), 0.0 * time]
    )
    left_hip = hips + pelvis.apply([0.0, -0.08, -0.09])
    knee = left_hip + thigh.apply([0.0, -0.4, 0.0])
    rigid = {
        "SACR": hips + pelvis.apply([-0.11, 0.02, 0.0]),
        "LASI": hips + pelvis.apply([0.09, 0.0, -0.12]),
        "RASI": hips + pelvis.apply([0.09, 0.0, 0.12]),
        "LPSI": hips + pelvis.apply([-0.1, 0.0, -0.05]),
        "RPSI": hips + pelvis.apply([-0.1, 0.0, 0.05]),
        "LUML": hips + pelvis.apply([-0.1, 0.1, 0.0]) + lumbar.apply([0.0, 0.0, -0.04]),
        "LUMR": hips + pelvis.apply([-0.1, 0.1, 0.0]) + lumbar.apply([0.0, 0.0, 0.04]),
        "LUMU": hips + pelvis.apply([-0.1, 0.1, 0.0]) + lumbar.apply([0.0, 0.06, 0.0]),
        "LUMD": hips + pelvis.apply([-0.1, 0.1, 0.0]) + lumbar.apply([0.0, -0.02, 0.0]),
        "LHIP": left_hip,
        "LKNL": knee + thigh.apply([0.0, 0.0, -0.05]),
        "LKNM": knee + thigh.apply([0.0, 0.0, 0.05]),
        "LSHL": knee + shank.apply([0.0, -0.35, -0.04]),
        "LSHM": knee + shank.apply([0.0, -0.35, 0.04]),
        "LSHU": knee + shank.apply([0.0, -0.05, 0.0]),
    }
    feet = _feet(walker, time, backward=backward)
    body = {**rigid, **feet}
    # From the body's axes (forwards, up, right) to the laboratory's (forwards, left, up).
    return {name: points[:, [0, 2, 1]] * [1.0, -1.0, 1.0] for name, points in body.items()}


def belt_speed(walker: Walker) -> float:
    """Return the speed of the treadmill, metres per second."""
    return 2.0 * STEP / walker.cycle


def _turned(flexion: FloatArray, angles: Mapping[str, FloatArray], name: str) -> Rotation:
    """Return the rotation of a segment; flexion lowers its front, a negative turn about z."""
    parts = [-flexion, angles[f"{name}_side_bend"], angles[f"{name}_rotation"]]
    return Rotation.from_euler("ZXY", np.column_stack(parts), degrees=True)


def _sagittal(angle: FloatArray) -> Rotation:
    """Return turns about z: a positive one lifts what is in front."""
    return Rotation.from_euler("Z", angle[:, None], degrees=True)


def _from_cycle_to_cycle(phase: FloatArray, wobble: float, rng: np.random.Generator) -> FloatArray:
    """Return a size near 1 that drifts from one cycle to the next."""
    first, last = int(np.floor(phase.min())) - 1, int(np.ceil(phase.max())) + 1
    marks = np.arange(first, last + 1)
    return np.asarray(np.interp(phase, marks, 1.0 + wobble * rng.normal(size=len(marks))))


def _feet(walker: Walker, time: FloatArray, *, backward: bool) -> dict[str, FloatArray]:
    found = {}
    for side, start, across in (("L", 0.0, -0.09), ("R", 0.5, 0.09)):
        phase = time / walker.cycle + start
        ahead, lifted = _foot_path(np.mod(-phase if backward else phase, 1.0))
        for name, along in (("HEE", 0.0), ("TOE", FOOT)):
            found[f"{side}{name}"] = np.column_stack(
                [ahead + along, 0.04 + lifted, np.full_like(time, across)]
            )
    return found


def _foot_path(phase: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far in front of the body a foot is, and how high, along a cycle from contact.

    On the ground it goes back with the belt; in the air it comes forwards.
    """
    reach = STANCE * STEP  # half of what the belt carries it in stance
    swing = (phase - STANCE) / (1.0 - STANCE)
    in_air = phase >= STANCE
    ahead = np.where(in_air, -reach * np.cos(np.pi * swing), reach * (1.0 - 2.0 * phase / STANCE))
    lifted = np.where(in_air, 0.06 * np.sin(np.pi * np.clip(swing, 0.0, 1.0)), 0.0)
    return np.asarray(ahead), np.asarray(lifted)
