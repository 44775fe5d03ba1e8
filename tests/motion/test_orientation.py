"""Orientation: round trips through scipy, orders of quaternions, signs of the field."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.orientation import (
    ORDERS,
    joint_angles,
    quaternion_frame,
    segment_frame,
    unwrapped,
)

ANGLE = st.floats(-80, 80)


@pytest.mark.parametrize("order", ORDERS)
@given(turns=st.tuples(ANGLE, ANGLE, ANGLE), posture=st.tuples(ANGLE, ANGLE, ANGLE))
def test_all_six_orders_give_back_the_turns(order, turns, posture):
    proximal = Rotation.from_euler("ZXY", [posture], degrees=True)
    by_axis = dict(zip("ZXY", turns, strict=True))
    between = Rotation.from_euler(order, [[by_axis[axis] for axis in order]], degrees=True)
    found = joint_angles(proximal.as_matrix(), (proximal * between).as_matrix(), order=order)
    parts = (-found.flexion[0], found.side_bend[0], found.rotation[0])
    np.testing.assert_allclose(parts, turns, atol=1e-8)


@pytest.mark.parametrize("parts", ["wxyz", "xyzw"])
def test_orders_of_quaternions(parts):
    turn = Rotation.from_euler("ZXY", [[20, -5, 40], [0, 3, 1]], degrees=True)
    last = turn.as_quat()
    given_ = last if parts == "xyzw" else last[:, [3, 0, 1, 2]]
    np.testing.assert_allclose(quaternion_frame(given_, parts=parts), turn.as_matrix(), atol=1e-12)
    with pytest.raises(UsageError, match="one of wxyz, xyzw"):
        quaternion_frame(given_, parts="zyxw")


def test_missing_quaternions_stay_missing_and_others_are_checked():
    one = np.array([[1.0, 0, 0, 0], [np.nan] * 4])
    found = quaternion_frame(one, parts="wxyz")
    assert np.isfinite(found[0]).all() and np.isnan(found[1]).all()
    with pytest.raises(NotEstimable, match="not of unit length"):
        quaternion_frame(np.array([[12.0, 3.0, 0.0, 1.0]]), parts="wxyz")


# A body in the axes of the field: x forwards, y up, z to the right.
FRONT, UP, RIGHT = np.eye(3)


def turned(about: np.ndarray, degrees: float) -> np.ndarray:
    return Rotation.from_rotvec(np.radians(degrees) * about[None]).as_matrix()


def test_bending_forwards_is_positive():
    bent = turned(RIGHT, -30.0)
    assert (bent[0] @ UP)[0] > 0, "the head has moved forwards"
    assert joint_angles(np.eye(3)[None], bent).flexion[0] == pytest.approx(30.0)


def test_bending_to_the_right_is_positive():
    bent = turned(FRONT, 20.0)
    assert (bent[0] @ UP)[2] > 0, "the head has moved to the right"
    assert joint_angles(np.eye(3)[None], bent).side_bend[0] == pytest.approx(20.0)


def test_turning_to_the_left_is_positive():
    left = turned(UP, 15.0)
    assert (left[0] @ FRONT)[2] < 0, "the face looks to the left"
    assert joint_angles(np.eye(3)[None], left).rotation[0] == pytest.approx(15.0)


def test_markers_make_square_axes_that_follow_right():
    right, front = np.random.default_rng(2).normal(size=(2, 50, 3))
    frame = segment_frame(right=right, forward=front)
    square = np.swapaxes(frame, 1, 2) @ frame
    np.testing.assert_allclose(square, np.broadcast_to(np.eye(3), (50, 3, 3)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(frame), 1.0)
    np.testing.assert_allclose(
        frame[:, :, 2], right / np.linalg.norm(right, axis=1, keepdims=True), atol=1e-12
    )
    assert (np.einsum("ni,ni->n", frame[:, :, 0], front) > 0).all()


def test_markers_on_a_line_or_at_one_place():
    one = np.ones((2, 3))
    with pytest.raises(NotEstimable, match="on a line"):
        segment_frame(right=one, forward=2 * one)
    with pytest.raises(NotEstimable, match="at the same place"):
        segment_frame(right=0 * one, forward=one)


def test_missing_markers_give_missing_axes():
    right = np.array([[0.0, 0, 1], [np.nan] * 3])
    frame = segment_frame(right=right, forward=np.array([[1.0, 0, 0]] * 2))
    assert np.isfinite(frame[0]).all() and np.isnan(frame[1]).all()
    found = joint_angles(np.broadcast_to(np.eye(3), (2, 3, 3)), frame)
    assert np.isfinite(found.flexion[0]) and np.isnan(found.flexion[1])


def test_a_middle_turn_of_a_right_angle_has_no_answer():
    locked = Rotation.from_euler("ZXY", [[10, 90, 5]], degrees=True).as_matrix()
    with pytest.raises(NotEstimable, match="the order ZXY has no answer"):
        joint_angles(np.eye(3)[None], locked)
    found = joint_angles(np.eye(3)[None], locked, order="XYZ")
    assert np.isfinite(found.flexion).all()


def test_an_unknown_order_is_refused():
    with pytest.raises(UsageError, match="one of XYZ, XZY"):
        joint_angles(np.eye(3)[None], np.eye(3)[None], order="ZXZ")


@given(st.lists(st.floats(-170, 170), min_size=2, max_size=20), st.floats(-500, 500))
def test_jumps_of_a_whole_turn_are_taken_out(steps, start):
    whole = start + np.cumsum(steps)
    found = unwrapped((whole + 180.0) % 360.0 - 180.0)
    np.testing.assert_allclose(np.diff(found), np.diff(whole), atol=1e-6)
