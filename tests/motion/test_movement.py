"""Recordings that are not what they are declared to be: a clear error or a note, never a number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.motion.movement import by_visit, movement
from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.trial.motion_plan import Coupling, Joint, MotionPlan, Recording, Segment

RATE = 50.0
TIME = np.arange(400) / RATE
WALKER = Walker(cycle=1.1, lag=150.0, pelvis_rotation=6.0, lumbar_rotation=7.0, lumbar_flexion=3.0,
                lordosis=-12.0, bump=0.0, wobble=0.05)  # fmt: skip
FEET = (("heel_left", ("LHEE",)), ("toe_left", ("LTOE",)), ("heel_right", ("RHEE",)),
        ("toe_right", ("RTOE",)), ("sacrum", ("SACR",)))  # fmt: skip
PLAN = MotionPlan(
    id="m", visits=("W0", "W6"), foot_markers=FEET,
    couplings=(Coupling(name="lumbopelvic", proximal="pelvis_rotation", distal="lumbar_rotation"),),
)  # fmt: skip
CANARY = "CANARY7"


def walk(name: str = "a", *, direction: str = "forward", time=TIME, **more) -> Recording:
    backward = direction == "backward"
    angles = walk_angles(WALKER, time, backward=backward, rng=np.random.default_rng(1))
    parts: dict[str, Any] = {
        "file": f"{name}.csv", "participant": CANARY, "arm": "forward", "visit": "W0",
        "direction": direction, "rate": RATE, "angles": angles,
        "markers": walk_markers(angles, WALKER, time, backward=backward),
        "belt_speed": belt_speed(WALKER),
    }  # fmt: skip
    return Recording(**parts | more)


def plan_with(*recordings: Recording, **more) -> MotionPlan:
    return replace(PLAN, recordings=recordings, **more)


def without(recording: Recording, marker: str) -> Recording:
    kept = {name: points for name, points in recording.markers.items() if name != marker}
    return replace(recording, markers=kept)


def with_gap(recording: Recording, marker: str, start: int, end: int) -> Recording:
    points = recording.markers[marker].copy()
    points[start:end] = np.nan
    return replace(recording, markers={**recording.markers, marker: points})


BAD = {
    "wrong direction": (replace(walk(), direction="backward"), "check the direction of walking"),
    "missing marker": (without(walk(), "LHEE"), "events need markers for heel_left"),
    "too few cycles": (walk(time=TIME[:50]), "no whole cycle"),
    "only gaps": (with_gap(walk(), "LTOE", 4, 396), "seen together for 4 samples at most"),
    "still marker": (
        replace(walk(), markers={**walk().markers, "SACR": np.ones((400, 3))}),
        r"events need markers for sacrum.*\(SACR never move and are left out\)",
    ),
    "rate too low": (walk(rate=10.0), "does not fit a rate of 10 Hz"),
    "no signal": (replace(walk(), angles={"knee_flexion": TIME}), "needs the signal pelvis_rot"),
    "still signal": (
        replace(walk(), angles={**walk().angles, "lumbar_rotation": 0.0 * TIME}),
        "a segment does not move",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_used_is_left_out_with_its_reason(bad):
    recording, message = BAD[bad]
    found = movement(plan_with(walk("good"), replace(recording, file="bad.csv")))
    assert [bool(re.search(message, note)) for note in found.notes if "bad.csv" in note] == [True]
    row = found.recordings.set_index("file").loc["bad.csv"]
    assert (row["n_cycles"], row["events"]) == (0, "")
    note = str(row["note"])
    assert re.search(message, note) and note.startswith("not used: ")
    alone = movement(plan_with(walk("good")))
    pd.testing.assert_frame_equal(found.features, alone.features)
    pd.testing.assert_frame_equal(found.curves, alone.curves)


@pytest.mark.parametrize("bad", BAD)
def test_where_nothing_is_left_the_reason_names_the_place_and_no_id(bad):
    recording, message = BAD[bad]
    left = replace(recording, unusable="as declared", file="left.csv")
    with pytest.raises((NotEstimable, UsageError), match=message) as told:
        movement(plan_with(left, recording))
    assert "2 recordings cannot be used" in str(told.value) and "recording 2: " in str(told.value)
    assert ".csv" not in str(told.value) and CANARY not in str(told.value)


def test_all_of_them_are_told_at_once():
    faulty = [replace(recording, file=f"{k}.c3d") for k, (recording, _) in enumerate(BAD.values())]
    with pytest.raises(NotEstimable, match=f"{len(BAD)} recordings cannot be used") as told:
        movement(plan_with(*faulty))
    lines = str(told.value).splitlines()
    places = [f"recording {place}" for place in range(1, len(faulty) + 1)]
    assert [line.split(":")[0].strip() for line in lines[1:]] == places
    assert ".c3d" not in str(told.value)
    assert CANARY not in str(told.value)


def test_what_a_plan_names_and_no_file_has_is_a_fault_of_the_plan():
    with pytest.raises(UsageError, match="needs the signal pelvis_rotation"):
        movement(plan_with(replace(walk(), angles={"knee_flexion": TIME})))


def test_a_short_gap_is_filled_on_request_and_noted():
    torn = with_gap(walk(), "LTOE", 100, 104)
    left = movement(plan_with(torn))
    assert any("marker LTOE: samples are missing; no gap was filled" in n for n in left.notes)
    assert any("no events in the gaps of toe_left" in note for note in left.notes)
    found = movement(plan_with(torn, gap_limit=5))
    assert any("marker LTOE: 1 gaps filled, 0 left missing" in note for note in found.notes)
    whole = movement(plan_with(walk())).features.set_index("feature")["value"]
    filled = found.features.set_index("feature")["value"]
    np.testing.assert_allclose(filled, whole[filled.index], rtol=0.01)


def test_missing_samples_of_an_angle_cost_their_cycles_and_are_noted():
    angles = walk().angles
    torn = np.where((np.arange(400) > 120) & (np.arange(400) < 150), np.nan, angles["hip_flexion"])
    found = movement(plan_with(replace(walk(), angles={**angles, "hip_flexion": torn})))
    assert any("hip_flexion: samples are missing; no gap was filled" in n for n in found.notes)
    assert any("cycles have missing samples" in note for note in found.notes)
    assert found.features["value"].notna().all() and found.curves["value"].notna().all()


def test_an_odd_cycle_is_flagged_kept_and_left_out_on_request():
    angles = dict(walk().angles)
    stumble = (TIME > 3.3) & (TIME < 4.4)
    angles["lumbar_flexion"] = angles["lumbar_flexion"] + 25.0 * stumble * np.sin(9 * TIME)
    kept = movement(plan_with(replace(walk(), angles=angles)))
    left = movement(plan_with(replace(walk(), angles=angles), leave_out_odd=True))
    assert kept.cycles["odd"].any()
    assert any("far from the others; they were kept" in note for note in kept.notes)
    assert any("far from the others; they were left out" in note for note in left.notes)
    rom = [one.features.set_index("feature")["value"]["lumbar_flexion_rom"] for one in (kept, left)]
    assert rom[0] > rom[1] + 1.0


def test_a_heading_that_passes_half_a_turn_is_no_movement_of_a_whole_turn():
    angles = dict(walk().angles)
    heading = angles["pelvis_rotation"] + 178.0
    angles["pelvis_rotation"] = (heading + 180.0) % 360.0 - 180.0
    found = movement(plan_with(replace(walk(), angles=angles)))
    plain = movement(plan_with(walk())).features.set_index("feature")["value"]
    rom = found.features.set_index("feature")["value"]["pelvis_rotation_rom"]
    assert rom == pytest.approx(plain["pelvis_rotation_rom"], abs=1e-6)
    assert any("jumps of a whole turn" in note for note in found.notes)


def test_a_contradiction_of_speed_and_steps_is_noted():
    found = movement(plan_with(walk(belt_speed=0.3)))
    assert not any("speed differs" in note for note in found.notes), "both move with the belt"
    slow = replace(walk(belt_speed=0.3), markers={
        name: points + np.outer(TIME, [0.03 * (name == "SACR"), 0, 0])
        for name, points in walk().markers.items()
    })  # fmt: skip
    assert any("speed differs by" in note for note in movement(plan_with(slow)).notes)


def test_sensors_give_the_angles_of_their_joints():
    from scipy.spatial.transform import Rotation

    bend = walk().angles["lumbar_flexion"]
    # From the body's axes (forwards, up, right) to the laboratory's (forwards, left, up).
    turn = Rotation.from_matrix(np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]))
    pelvis = Rotation.from_euler("Z", np.zeros((400, 1)), degrees=True)
    lumbar = Rotation.from_euler("Z", -bend[:, None], degrees=True)
    quaternions = {
        name: (turn * one * turn.inv()).as_quat() for name, one in (("S1", pelvis), ("S2", lumbar))
    }
    segments = (Segment(name="pelvis", sensor="S1", parts="xyzw"),
                Segment(name="lumbar", sensor="S2", parts="xyzw"))  # fmt: skip
    joints = (Joint(name="lumbar", proximal="pelvis", distal="lumbar"),)
    alone = replace(walk(), quaternions=quaternions, angles={})
    sensed = plan_with(alone, segments=segments, joints=joints, couplings=())
    rom = movement(sensed).features.set_index("feature")["value"]["lumbar_flexion_rom"]
    plain = movement(plan_with(walk())).features.set_index("feature")["value"]
    assert rom == pytest.approx(plain["lumbar_flexion_rom"], abs=1e-6)
    with pytest.raises(UsageError, match="needs the sensor S1"):
        movement(plan_with(walk(), segments=segments, joints=joints))


def test_two_recordings_of_one_visit_are_averaged_and_a_sheet_has_one_row_a_visit():
    other = walk("b", direction="backward")
    found = movement(plan_with(walk(), walk("c"), other, replace(walk("d"), visit="W6")))
    wide = by_visit(found.features)
    assert wide[["participant", "visit"]].to_numpy().tolist() == [[CANARY, "W0"], [CANARY, "W6"]]
    assert {"speed_forward", "speed_backward", "lumbopelvic_marp_forward"} <= set(wide.columns)
    rows = found.features[found.features["visit"] == "W0"]
    assert not rows.duplicated(["participant", "visit", "direction", "feature"]).any()
    twice = rows[rows["direction"] == "forward"]["n_cycles"].iloc[0]
    assert twice == 2 * rows[rows["direction"] == "backward"]["n_cycles"].iloc[0]
