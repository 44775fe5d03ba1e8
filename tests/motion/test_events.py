"""Contacts and offs of simulated walks, whose contacts are known, and refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.simulated.gait import (
    STANCE,
    STEP,
    Walker,
    belt_speed,
    walk_angles,
    walk_markers,
)
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.events import events
from backwalk_stats.motion.signal import low_pass
from backwalk_stats.motion.spatiotemporal import gait

RATE = 100.0
TIME = np.arange(1000) / RATE
WALKER = Walker(cycle=1.12, lag=140.0, pelvis_rotation=6.0, lumbar_rotation=7.0,
                lumbar_flexion=3.0, lordosis=-12.0, bump=0.0, wobble=0.05)  # fmt: skip


def walk(*, backward: bool, walker: Walker = WALKER, over_ground: bool = False):
    rng = np.random.default_rng(1)
    angles = walk_angles(walker, TIME, backward=backward, rng=rng)
    markers = walk_markers(angles, walker, TIME, backward=backward)
    travel = (-1.0 if backward else 1.0) * belt_speed(walker) * TIME if over_ground else 0.0 * TIME
    return {
        name: low_pass(points[:, 0] + travel, rate=RATE, cutoff=10.0)
        for name, points in markers.items()
    }


def found_in(tracks, direction: str, side: str = "L"):
    return events(heel=tracks[f"{side}HEE"], toe=tracks[f"{side}TOE"], sacrum=tracks["SACR"],
                  rate=RATE, direction=direction)  # fmt: skip


def known(*, backward: bool, off: bool, start: float) -> np.ndarray:
    """Samples at which the generator's foot meets or leaves the ground.

    Its path runs from contact (0) to off (STANCE); walked backwards it runs the other way.
    """
    phase = -STANCE * (not off) if backward else STANCE * off
    return (np.arange(-2, 14) + phase - start) * WALKER.cycle * RATE


@pytest.mark.parametrize("over_ground", [False, True])
@pytest.mark.parametrize(("side", "start"), [("L", 0.0), ("R", 0.5)])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_events_are_where_the_generator_put_them(direction, side, start, over_ground):
    backward = direction == "backward"
    found = found_in(walk(backward=backward, over_ground=over_ground), direction, side)
    assert len(found.contact) >= 7
    for samples, off in ((found.contact, False), (found.off, True)):
        truth = known(backward=backward, off=off, start=start)
        gaps = np.abs(samples[:, None] - truth[None]).min(axis=1)
        assert gaps.max() <= 2.0, (off, gaps)
    assert found.stance == pytest.approx(STANCE, abs=4.0 / (WALKER.cycle * RATE))


@pytest.mark.parametrize(("walked", "declared"), [("backward", "forward"), ("forward", "backward")])
def test_the_wrong_rule_is_refused_on_a_treadmill(walked, declared):
    with pytest.raises(NotEstimable, match=r"on the ground for 3\d % .*declared: " + declared):
        found_in(walk(backward=walked == "backward"), declared)


@pytest.mark.parametrize(("walked", "declared"), [("backward", "forward"), ("forward", "backward")])
def test_the_wrong_direction_is_refused_over_ground(walked, declared):
    with pytest.raises(NotEstimable, match=f"the body travels {walked} .* declared as {declared}"):
        found_in(walk(backward=walked == "backward", over_ground=True), declared)


def test_published_check_forward_rules_on_backward_data():
    """A foot that stands for 0.625 of the cycle seems to stand for 0.375 by the wrong rule."""
    cycle = np.mod(TIME, 1.0)
    ahead = np.where(cycle < 0.625, 1 - 2 * cycle / 0.625, -np.cos(np.pi * (cycle - 0.625) / 0.375))
    foot = 0.3 * ahead[::-1]
    tracks = {"LHEE": foot, "LTOE": foot + 0.2, "SACR": 0 * foot}
    assert found_in(tracks, "backward").stance == pytest.approx(0.625, abs=0.01)
    with pytest.raises(NotEstimable, match=r"on the ground for 3[4-8] %"):
        found_in(tracks, "forward")


def test_gaps_standing_still_and_too_little_are_refused():
    tracks = walk(backward=False)
    torn = tracks | {"LTOE": np.where(np.arange(1000) == 400, np.nan, tracks["LTOE"])}
    with pytest.raises(NotEstimable, match="the toe marker has gaps"):
        found_in(torn, "forward")
    still = {name: 0.0 * track for name, track in tracks.items()}
    with pytest.raises(NotEstimable, match="does not move"):
        found_in(still, "forward")
    short = {name: track[:130] for name, track in tracks.items()}
    with pytest.raises(NotEstimable, match=r"fewer than two cycles|contacts of a foot"):
        found_in(short, "forward")
    with pytest.raises(UsageError, match="one of forward, backward"):
        found_in(tracks, "sideways")


GOOD: dict[str, Any] = {"heel": [0.0, 1.0] * 200, "toe": [0.0] * 400, "pelvis": [0.0] * 400,
                        "rate": 100}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"heel": np.zeros((400, 3))}, UsageError, r"heel is one number a sample.*\(400, 3\)"),
        ({"toe": []}, UsageError, r"toe is one number a sample, shape \(samples,\); found \(0,\)"),
        ({"toe": 3.0}, UsageError, r"toe is one number a sample"),
        ({"pelvis": [0.0] * 399}, UsageError, "found heel 400, toe 400, pelvis 399"),
        ({"heel": ["a"] * 400}, UsageError, "heel holds what is no number"),
        ({"heel": [None] * 400}, NotEstimable, "the heel marker has gaps"),
        ({"heel": [{}] * 400}, UsageError, "heel holds what is no number"),
        ({"heel": [True] * 400}, UsageError, "heel holds what is no number"),
        ({"heel": [1j] * 400}, UsageError, "heel holds what is no number"),
        ({"heel": [np.nan] + [0.0] * 399}, NotEstimable, "the heel marker has gaps"),
        ({"pelvis": [np.inf] + [0.0] * 399}, NotEstimable, "the pelvis marker has gaps"),
        ({"rate": 0}, UsageError, "positive number of samples per second, found 0"),
        ({"rate": np.nan}, UsageError, "positive number"),
        ({"rate": "100"}, UsageError, "the rate is a number of samples per second, found str"),
        ({"rate": True}, UsageError, "found bool"),
        ({"direction": "sideways"}, UsageError, "one of forward, backward"),
        ({"heel": [0.0] * 400}, NotEstimable, "does not move"),
        ({"heel": [0.0] * 8, "toe": [0.0] * 8, "pelvis": [0.0] * 8}, NotEstimable, "seen together"),
    ],
)
def test_the_public_door_says_what_is_wrong(change, error, said):
    with pytest.raises(error, match=said):
        bw.gait_events(**GOOD | change)


def test_the_public_door_takes_lists_and_whole_numbers():
    tracks = walk(backward=False)
    plain = bw.gait_events(tracks["LHEE"], tracks["LTOE"], tracks["SACR"], RATE)
    listed = bw.gait_events(list(tracks["LHEE"]), list(tracks["LTOE"]), [0] * 1000, 100, "forward")
    assert len(listed.contact) == len(plain.contact) and 0.5 < plain.stance < 0.7
    assert len(repr(plain)) < 2000


def test_noise_is_no_walk():
    rng = np.random.default_rng(3)
    tracks = {name: low_pass(rng.normal(size=1000), rate=RATE, cutoff=6.0)
              for name in ("LHEE", "LTOE", "SACR")}  # fmt: skip
    with pytest.raises(NotEstimable):
        found_in(tracks, "forward")


@pytest.mark.parametrize("over_ground", [False, True])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_speed_is_cadence_times_step_length(direction, over_ground):
    backward = direction == "backward"
    tracks = walk(backward=backward, over_ground=over_ground)
    sign, first = (-1.0, "TOE") if backward else (1.0, "HEE")
    found = gait(
        left=found_in(tracks, direction, "L").contact,
        right=found_in(tracks, direction, "R").contact,
        left_foot=sign * tracks[f"L{first}"],
        right_foot=sign * tracks[f"R{first}"],
        sacrum=sign * tracks["SACR"],
        rate=RATE,
        belt_speed=0.0 if over_ground else belt_speed(WALKER),
    )
    assert found.cadence == pytest.approx(120.0 / WALKER.cycle, rel=0.005)
    assert found.step_length == pytest.approx(STEP, rel=0.03)
    assert found.speed == pytest.approx(belt_speed(WALKER), rel=0.03)
    assert found.identity_gap < 0.03


CONTACTS, TRACK = np.array([0, 100, 200, 300]), np.linspace(0.0, 4.0, 400)
PLAIN: dict[str, Any] = {
    "left": CONTACTS, "right": CONTACTS[:-1] + 50, "left_foot": TRACK, "right_foot": TRACK,
    "sacrum": TRACK, "rate": 100.0,
}  # fmt: skip


def test_a_body_that_does_not_move_with_its_feet_shows_in_the_identity():
    assert gait(**PLAIN).identity_gap < 1e-6
    assert gait(**PLAIN | {"sacrum": 1.3 * TRACK}).identity_gap > 0.2


def test_feet_that_do_not_alternate_and_bodies_that_do_not_move():
    with pytest.raises(NotEstimable, match="do not alternate"):
        gait(**PLAIN | {"right": np.array([50, 60, 250])})
    with pytest.raises(NotEstimable, match="does not travel"):
        gait(**PLAIN | {"sacrum": -TRACK})


def test_a_faster_walker_has_more_contacts():
    quick = walk(backward=False, walker=replace(WALKER, cycle=0.9))
    assert np.diff(found_in(quick, "forward").contact).mean() == pytest.approx(90.0, abs=0.5)
