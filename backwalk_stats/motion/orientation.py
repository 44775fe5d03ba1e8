"""Orientation of body segments, from markers or quaternions, and the angles between them.

Axes follow the International Society of Biomechanics (Wu et al. 2002, J Biomech 35:543-548): x
forwards, y upwards, z to the right of the body. A positive turn about z lifts the front: flexion
of the trunk is a negative turn, and `joint_angles` turns its sign so that flexion is positive.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import permutations
from typing import Any, cast

import numpy as np
from scipy.spatial.transform import Rotation

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

ORDERS = tuple("".join(order) for order in permutations("XYZ"))
QUATERNIONS = ("wxyz", "xyzw")
LOCKED = 0.1  # degrees from 90 of the middle turn, where the other two cannot be told apart


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Angles(Shown):
    """Angles of a segment against another, in degrees, shape (samples,).

    Attributes
    ----------
    flexion : array
        Forward bending is positive.
    side_bend : array
        To the right is positive.
    rotation : array
        To the left is positive.
    """

    flexion: FloatArray
    side_bend: FloatArray
    rotation: FloatArray


def segment_frame(*, right: FloatArray, forward: FloatArray) -> FloatArray:
    """Return the axes of a segment at every sample, shape (samples, 3, 3), columns x, y, z.

    Parameters
    ----------
    right, forward : array, shape (samples, 3)
        Vectors in the laboratory, from the left markers to the right ones, and from those behind
        to those in front; z follows `right` exactly, x is `forward` made square to it.

    Returns
    -------
    array, shape (samples, 3, 3)
        Axes x (forwards), y (up), z (right) in columns.

    Raises
    ------
    NotEstimable
        If the two are parallel at some sample: the markers lie on a line.

    Examples
    --------
    >>> segment_frame(right=np.array([[0.0, 0.0, 2.0]]), forward=np.array([[3.0, 0.0, 1.0]]))[0]
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    z = _unit(right)
    across = np.cross(z, _unit(forward))
    size = np.linalg.norm(across, axis=1)
    if (size[np.isfinite(size)] < 1e-6).any():
        raise NotEstimable("the markers of a segment lie on a line: its orientation is not known")
    y = across / size[:, None]
    return np.stack([np.cross(y, z), y, z], axis=2)


def quaternion_frame(quaternions: FloatArray, *, parts: str) -> FloatArray:
    """Return the axes of a segment from the quaternions of a sensor, shape (samples, 3, 3).

    Parameters
    ----------
    quaternions : array, shape (samples, 4)
        From sensor to laboratory.
    parts : str
        "wxyz" or "xyzw": where the scalar stands; makers of sensors differ, so it is declared.

    Returns
    -------
    array, shape (samples, 3, 3)
        Axes x, y, z in columns.

    Raises
    ------
    NotEstimable
        If a quaternion is far from unit length: these are not quaternions.

    Examples
    --------
    >>> quaternion_frame(np.array([[1.0, 0.0, 0.0, 0.0]]), parts="wxyz")[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if parts not in QUATERNIONS:
        raise UsageError(
            f"quaternion parts are {parts!r}; they are one of {', '.join(QUATERNIONS)}"
        )
    values = np.asarray(quaternions, dtype=float)
    there = np.isfinite(values).all(axis=1)
    length = np.linalg.norm(values[there], axis=1)
    if (np.abs(length - 1.0) > 0.05).any():
        raise NotEstimable("a quaternion is not of unit length; are these the right four columns?")
    found = np.full((len(values), 3, 3), np.nan)
    if there.any():
        last = values[there] if parts == "xyzw" else values[there][:, [1, 2, 3, 0]]
        found[there] = Rotation.from_quat(last).as_matrix()
    return found


def joint_angles(proximal: FloatArray, distal: FloatArray, *, order: str = "ZXY") -> Angles:
    """Return the angles of one segment against another.

    Parameters
    ----------
    proximal, distal : array, shape (samples, 3, 3)
        Axes of the segments; the laboratory's own (identity) for an angle in space.
    order : str
        Order of the turns about the moving axes. "ZXY" (flexion, side bend, rotation) is usual
        for the trunk.

    Returns
    -------
    Angles
        `.flexion`, `.side_bend`, `.rotation` in degrees, shape (samples,).

    Raises
    ------
    NotEstimable
        If the middle turn is 90 degrees at some sample: the outer two are then one and the same.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.spatial.transform import Rotation
    >>> bent = Rotation.from_euler("ZXY", [[-30, 10, 5]], degrees=True).as_matrix()
    >>> found = joint_angles(np.eye(3)[None], bent)
    >>> [round(float(part[0]), 6) for part in (found.flexion, found.side_bend, found.rotation)]
    [30.0, 10.0, 5.0]
    """
    if order not in ORDERS:
        raise UsageError(f"order of the turns is {order!r}; it is one of {', '.join(ORDERS)}")
    between = np.einsum("...ji,...jk->...ik", proximal, distal)
    there = np.isfinite(between).all(axis=(1, 2))
    found = np.full((len(between), 3), np.nan)
    if there.any():
        turns = Rotation.from_matrix(between[there])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Gimbal lock")  # told below, as an error
            found[there] = turns.as_euler(cast(Any, order), degrees=True)
        if (np.abs(np.abs(found[there, 1]) - 90.0) < LOCKED).any():
            raise NotEstimable(
                f"a middle turn of 90 degrees, where the order {order} has no answer: declare "
                "another order of turns, or check how sensors and markers lie on the segments"
            )
    by_axis = {axis: found[:, place] for place, axis in enumerate(order)}
    return Angles(flexion=-by_axis["Z"], side_bend=by_axis["X"], rotation=by_axis["Y"])


def unwrapped(angle: FloatArray) -> FloatArray:
    """Return angles without jumps of a whole turn from one sample to the next; NaN stays NaN.

    Parameters
    ----------
    angle : array, shape (samples,)
        Degrees.

    Returns
    -------
    array, shape (samples,)
        Degrees; the first angle stays.

    Examples
    --------
    >>> unwrapped(np.array([178.0, np.nan, -179.0, 179.0])).tolist()
    [178.0, nan, 181.0, 179.0]
    """
    found = np.array(angle, dtype=float)
    there = np.isfinite(found)
    turns = np.round(np.diff(found[there], prepend=found[there][:1]) / 360.0)
    found[there] -= 360.0 * np.cumsum(turns)
    return found


def _unit(vectors: FloatArray) -> FloatArray:
    """Return vectors of length 1; a missing one stays missing."""
    size = np.linalg.norm(vectors, axis=1, keepdims=True)
    if (size[np.isfinite(size)] <= 0.0).any():
        raise NotEstimable("two markers of a segment are at the same place")
    return np.asarray(vectors / size)
