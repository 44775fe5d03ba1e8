"""Walks pooled by person, visit and direction: facing, surface, side, sources of events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.motion.movement import Movement, movement
from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.events import plate_steps
from backwalk_stats.trial.motion_plan import (
    ForcePlate,
    GaitEvent,
    Joint,
    MotionPlan,
    Recording,
    Segment,
)

RATE = 100.0
CYCLE = 1.1
WALKER = Walker(cycle=CYCLE, lag=150.0, pelvis_rotation=6.0, lumbar_rotation=7.0,
                lumbar_flexion=3.0, lordosis=-12.0, bump=0.0, wobble=0.0)  # fmt: skip
ROLES = {"heel_left": "LHEE", "toe_left": "LTOE", "heel_right": "RHEE", "toe_right": "RTOE",
         "sacrum": "SACR"}  # fmt: skip
PELVIS = Segment(name="pelvis", right=("RASI", "RPSI"), left=("LASI", "LPSI"),
                 front=("LASI", "RASI"), back=("LPSI", "RPSI"))  # fmt: skip
PLAN = MotionPlan(
    id="m", visits=("W0",), segments=(PELVIS,),
    foot_markers=tuple((role, (marker,)) for role, marker in ROLES.items()),
    joints=(Joint(name="pelvis", proximal="space", distal="pelvis"),),
)  # fmt: skip


def walk(name: str = "a", *, seconds: float = 2.7, start: float = 0.0, way: float = 0.0,
         belt: bool = False, direction: str = "forward", **more) -> Recording:  # fmt: skip
    """Return a walk in a laboratory that is turned by `way` degrees against the person."""
    time = np.arange(round(seconds * RATE)) / RATE + start
    backward = direction == "backward"
    angles = walk_angles(WALKER, time, backward=backward, rng=np.random.default_rng(1))
    travel = (-1.0 if backward else 1.0) * belt_speed(WALKER) * (time - start) * (not belt)
    turn = np.radians(way)
    lab = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]])
    markers = {
        marker: (points + np.outer(travel, [1.0, 0.0, 0.0])) @ lab
        for marker, points in walk_markers(angles, WALKER, time, backward=backward).items()
    }
    parts: dict[str, Any] = {
        "file": f"{name}.c3d", "participant": "1", "arm": "a", "visit": "W0",
        "direction": direction, "rate": RATE, "markers": markers,
        "belt_speed": belt_speed(WALKER) if belt else 0.0,
    }  # fmt: skip
    return Recording(**parts | more)


def found_of(*recordings: Recording, **more) -> Movement:
    return movement(replace(PLAN, recordings=recordings, **more))


def value(found: Movement, feature: str) -> float:
    return float(found.features.set_index("feature")["value"][feature])


def test_two_strides_a_recording_are_enough_together():
    one, other = walk("1", start=0.9), walk("2", start=0.95)
    alone = found_of(one)
    assert set(alone.features["n_cycles"]) == {2}
    assert not [name for name in alone.features["feature"] if name.startswith("lumbopelvic")]
    assert any("2 complete cycles make a mean and no variability" in one for one in alone.notes)
    found = found_of(one, other)
    counts = found.recordings.set_index("file")["n_cycles"]
    assert counts.tolist() == [2, 2]
    assert set(found.features["n_cycles"]) == {4}
    assert value(found, "pelvis_rotation_rom") == pytest.approx(12.0, abs=0.1)
    assert set(found.cycles["recording"]) == {1, 2}


def test_every_cycle_weighs_the_same_whichever_recording_it_is_of():
    long = walk("long", seconds=9.0)
    quick = replace(WALKER, cycle=0.9, pelvis_rotation=3.0)
    time = np.arange(270) / RATE
    angles = walk_angles(quick, time, backward=False, rng=np.random.default_rng(1))
    markers = walk_markers(angles, quick, time, backward=False)
    travel = np.outer(belt_speed(quick) * time, [1.0, 0, 0])
    short = walk("short", markers={name: track + travel for name, track in markers.items()})
    found = found_of(long, short)
    n = found.recordings.query("file != ''")["n_cycles"].to_numpy()
    assert n[0] >= 7 and n[1] >= 1
    rom = (12.0 * n[0] + 6.0 * n[1]) / n.sum()
    assert value(found, "pelvis_rotation_rom") == pytest.approx(rom, abs=0.1)
    events = found.events[found.events["event"] == "contact"].groupby("file")["time"]
    steps, spans = events.count() - 1, events.max() - events.min()
    assert value(found, "cadence") == pytest.approx(60.0 * steps.sum() / spans.sum(), rel=1e-6)
    speeds = [belt_speed(WALKER), belt_speed(quick)]
    weighted = np.average(speeds, weights=spans[["long.c3d", "short.c3d"]])
    assert value(found, "speed") == pytest.approx(weighted, rel=0.02)


def test_contacts_near_the_ends_are_kept():
    """A record from 0.05 s before a contact to 0.15 s after the fourth holds three cycles."""
    found = found_of(walk(seconds=3 * CYCLE + 0.2, start=CYCLE - 0.05))
    assert set(found.features["n_cycles"]) == {3}


@pytest.mark.parametrize(("way", "axis"), [(0.0, "+x"), (180.0, "-x"), (90.0, "+y"), (270.0, "-y")])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_way_of_facing_is_found_and_makes_no_difference(way, axis, direction):
    one = walk(seconds=5.0, way=way, direction=direction)
    found = found_of(one, facing="auto")
    assert any(f"the person faces {axis}, 0 degrees off" in note for note in found.notes)
    declared = found_of(replace(one, facing=axis))
    pd.testing.assert_frame_equal(found.features, declared.features)
    first = found_of(walk(seconds=5.0, direction=direction)).features
    np.testing.assert_allclose(found.features["value"], first["value"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("belt", [True, False])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_feet_that_swing_across_the_declared_axis_are_refused(belt, direction):
    one = walk(seconds=5.0, way=90.0, belt=belt, direction=direction)
    with pytest.raises(NotEstimable, match=r"swing across the axis that the person faces \(\+x\)"):
        found_of(one)


def test_a_bend_of_markers_without_a_joint_says_what_to_declare():
    with pytest.raises(UsageError, match=r"declare \[segments\] and a \[\[joint\]\]"):
        found_of(walk(task="bend"), joints=(), couplings=())


def test_walks_to_and_fro_are_pooled_where_facing_is_found():
    found = found_of(walk("to", start=0.9), walk("fro", start=0.9, way=180.0), facing="auto")
    assert value(found, "pelvis_rotation_rom") == pytest.approx(12.0, abs=0.1)
    fixed = [walk("to", seconds=5.0), walk("fro", way=180.0)]
    assert any("fro.c3d: not used: the body travels" in note for note in found_of(*fixed).notes)


def test_who_turns_or_faces_no_axis_is_refused():
    with pytest.raises(NotEstimable, match=r"4[45] degrees from the nearest axis"):
        found_of(walk(seconds=5.0, way=45.0), facing="auto")
    straight, back = walk(seconds=4.0), walk(seconds=4.0, way=180.0)
    turning = replace(straight, markers={
        name: np.concatenate([points, back.markers[name]])
        for name, points in straight.markers.items()
    })  # fmt: skip
    with pytest.raises(NotEstimable, match=r"turns by \d+ degrees within the record"):
        found_of(turning, facing="auto")
    with pytest.raises(UsageError, match='facing = "auto" needs markers on front and back'):
        found_of(walk(seconds=5.0), facing="auto", segments=(replace(PELVIS, front=()),), joints=())


def test_belt_and_ground_are_never_pooled():
    with pytest.raises(NotEstimable, match="recordings 1, 2: walks on a belt and over ground"):
        found_of(walk("1", seconds=5.0), walk("2", seconds=5.0, belt=True))
    apart = found_of(
        walk("1", seconds=5.0), walk("2", seconds=5.0, belt=True, direction="backward")
    )
    assert apart.recordings["surface"].tolist() == ["overground", "belt"]


def test_cycles_are_those_of_the_side_that_is_asked():
    one = walk(seconds=5.0)
    left, right = (found_of(one, side=side) for side in ("left", "right"))
    affected = found_of(replace(one, affected="right"), side="affected")
    pd.testing.assert_frame_equal(affected.curves, right.curves)
    # The feet are half a cycle apart.
    curve = left.curves[left.curves["signal"] == "pelvis_rotation"]["value"].to_numpy()
    other = right.curves[right.curves["signal"] == "pelvis_rotation"]["value"].to_numpy()
    np.testing.assert_allclose(np.roll(curve[:-1], -50), other[:-1], atol=0.2)
    with pytest.raises(UsageError, match="affected side of the person is not declared"):
        found_of(one, side="affected")


def known_events(seconds: float, *, late: float = 0.0) -> tuple[GaitEvent, ...]:
    """Return contacts and offs of the generator, seconds."""
    found: list[GaitEvent] = []
    sides: tuple[tuple[Literal["left", "right"], float], ...] = (("left", 0.0), ("right", 0.5))
    kinds: tuple[tuple[Literal["contact", "off"], float], ...] = (("contact", 0.0), ("off", 0.63))
    for side, start in sides:
        for what, phase in kinds:
            times = (np.arange(0, 12) + phase - start) * CYCLE + late
            found += [GaitEvent(side=side, event=what, time=float(t))
                      for t in times if 0 <= t < seconds]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.time))


def test_given_events_cut_the_cycles_and_need_no_markers_of_feet():
    one = walk(seconds=5.0, events="contacts.csv", given=known_events(5.0, late=0.3))
    bare = {name: track for name, track in one.markers.items() if name not in ROLES.values()}
    found = found_of(replace(one, markers=bare))
    contacts = found.events[(found.events["event"] == "contact") & (found.events["side"] == "left")]
    np.testing.assert_allclose(contacts["time"], 0.3 + CYCLE * np.arange(5))
    assert set(found.events["source"]) == {"contacts.csv"}
    assert value(found, "stance_left") == pytest.approx(63.0, abs=1e-9)
    assert value(found, "cadence") == pytest.approx(120.0 / CYCLE)
    assert not {"speed", "step_length"} & set(found.features["feature"])


def test_a_missing_event_costs_its_cycles_alone():
    events = [one for one in known_events(7.0) if not (one.side == "left" and 2.0 < one.time < 2.5)]
    found = found_of(walk(seconds=7.0, events="file", given=tuple(events)))
    assert set(found.features["n_cycles"]) == {4}, "of six, two hold the missing contact"
    assert any("no whole cycle" in note for note in found.notes)


def test_events_outside_the_record_are_told():
    outside = GaitEvent(side="left", event="contact", time=60.0)
    found = found_of(walk(seconds=5.0, events="file", given=(*known_events(5.0), outside)))
    assert any("1 events lie outside the recording" in note for note in found.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"events": "file"}, "no contacts and offs came with the recording"),
        ({"events": "force-plates"}, "the file has no force plate"),
    ],
)
def test_a_source_that_is_not_there_is_named(change, said):
    with pytest.raises(NotEstimable, match=said):
        found_of(walk(seconds=5.0, **change))


def test_a_walk_without_feet_and_without_events_is_refused_naming_events():
    one = walk(seconds=5.0)
    bare = {name: track for name, track in one.markers.items() if name not in ROLES.values()}
    with pytest.raises(UsageError, match='events = "file", "force-plates" or a sheet'):
        found_of(replace(one, markers=bare))


# Force plates: a split belt, and a plate in the floor.

BELTS = {
    "left": np.array([[-1.0, 0, 0], [1, 0, 0], [1, 0.5, 0], [-1, 0.5, 0]]),
    "right": np.array([[-1.0, -0.5, 0], [1, -0.5, 0], [1, 0, 0], [-1, 0, 0]]),
}


def load(side: str, seconds: float) -> np.ndarray:
    """Return a force that rises and falls over 20 ms around the generator's stances."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = np.mod(time / CYCLE + (side == "right") * 0.5, 1.0) * CYCLE
    rise = np.clip(phase / 0.02, 0.0, 1.0)
    fall = np.clip((0.63 * CYCLE - phase) / 0.02, 0.0, 1.0)
    return 700.0 * rise * fall


@pytest.mark.parametrize("way", [0.0, 180.0])
def test_force_plates_tell_contacts_and_sides(way):
    turn = np.diag([-1.0, -1.0, 1.0]) if way else np.eye(3)
    plates = tuple(ForcePlate(force=load(side, 7.0), corners=corners @ turn)
                   for side, corners in BELTS.items())  # fmt: skip
    one = walk(seconds=7.0, belt=True, way=way, events="force-plates", plates=plates)
    found = found_of(one, facing="auto")
    for side, start in (("left", 0.0), ("right", 0.5)):
        mine = found.events[(found.events["side"] == side) & (found.events["event"] == "contact")]
        cycles = (mine["time"] / CYCLE + start).to_numpy()
        assert len(mine) >= 5 and np.abs(cycles - np.round(cycles)).max() * CYCLE < 0.01
    assert set(found.events["source"]) == {"force-plates"}
    assert value(found, "stance_left") == pytest.approx(63.0, abs=1.0)


def test_partial_hits_are_told_and_not_used():
    force = load("left", 2.6)
    beside, far = np.tile([0.0, 0.6, 0.0], (260, 1)), np.tile([3.0, 0.0, 0.0], (260, 1))
    within = np.tile([0.0, 0.3, 0.0], (260, 1))
    parts: dict[str, Any] = {"force": force, "corners": BELTS["left"], "rate": RATE}
    assert plate_steps(**parts, left=beside, right=far).partial == 3
    assert plate_steps(**parts, left=within, right=within).partial == 3, "both feet on it"
    found = plate_steps(**parts, left=within, right=far)
    assert found.partial == 0 and found.side == ("left",) * 3
    assert np.isnan(found.contact[0]) == (force[0] > 20.0)
    assert np.isnan(found.off[-1]), "the record ends on the plate"
