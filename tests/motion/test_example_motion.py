"""The simulated motion study: its bytes, its angles, and what was put in is found again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from backwalk_stats.analyses.motion.signals import signals_of
from backwalk_stats.analyses.motion.study import motion_study
from backwalk_stats.analyses.simulated.gait import belt_speed, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion import (
    EFFECT_BUMP,
    EFFECT_LAG,
    RATE,
    SECONDS,
    simulated_motion,
    simulated_walkers,
)
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.trial.motion_plan import Recording

SEED, PEOPLE = 20261122, 20
TIME = np.arange(int(RATE * SECONDS)) / RATE


@pytest.fixture(scope="module")
def folder(root):
    return root / "data" / "example_motion"


@pytest.fixture(scope="module")
def plan(folder):
    return load_motion(folder / "motion.toml")


@pytest.fixture(scope="module")
def study(plan):
    return motion_study(replace(plan, permutations=999))


@pytest.fixture(scope="module")
def people():
    return simulated_walkers(participants=PEOPLE, seed=SEED)


def test_the_same_seed_gives_the_same_bytes(folder):
    made = simulated_motion(participants=PEOPLE, seed=SEED)
    assert set(made) == {path.name for path in folder.iterdir()}
    for name, content in made.items():
        if name.endswith(".c3d") or name == "SOURCE.toml":
            continue  # the writer of C3D signs its files: their content is compared below
        assert content == (folder / name).read_bytes(), name


def test_the_folder_is_what_its_source_file_says(folder):
    source = tomllib.loads((folder / "SOURCE.toml").read_text())
    assert source["seed"] == SEED
    said = {one["name"]: one["sha256"] for one in source["file"]}
    held = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    held.pop("SOURCE.toml")
    assert said == held


@pytest.mark.parametrize("backward", [False, True])
def test_markers_show_the_angles_exactly(backward, plan, people):
    walker = people[0].visits["W0"]
    angles = walk_angles(walker, TIME, backward=backward, rng=np.random.default_rng(1))
    recording = Recording(
        file="a.c3d", participant="a", arm="forward", visit="W0",
        direction="backward" if backward else "forward", rate=RATE,
        markers=walk_markers(angles, walker, TIME, backward=backward),
    )  # fmt: skip
    found = signals_of(recording, replace(plan, cutoff=None)).angles
    for name, truth in angles.items():
        np.testing.assert_allclose(found[name], truth, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("facing", ["-x", "+y", "-y"])
def test_the_axis_that_people_face_changes_nothing(facing, plan, people):
    walker = people[0].visits["W0"]
    angles = walk_angles(walker, TIME, backward=False, rng=np.random.default_rng(1))
    turn = {"-x": (-1, 0), "+y": (0, 1), "-y": (0, -1)}[facing]
    rotation = np.array([[turn[0], -turn[1], 0], [turn[1], turn[0], 0], [0, 0, 1.0]])
    markers = walk_markers(angles, walker, TIME, backward=False)
    recording = Recording(
        file="a.c3d", participant="a", arm="forward", visit="W0", direction="forward", rate=RATE,
        markers={name: points @ rotation.T for name, points in markers.items()},
    )  # fmt: skip
    found = signals_of(recording, replace(plan, cutoff=None, facing=facing)).angles
    for name, truth in angles.items():
        np.testing.assert_allclose(found[name], truth, atol=1e-9, err_msg=name)


def written(plan, people, k):
    """Return a recording of person k, and the angles that the generator put into it."""
    one = next(
        one for one in plan.recordings
        if one.participant == people[k].id and one.visit == "W6" and one.direction == "backward"
    )  # fmt: skip
    rng = replicate_generator(seed=people[k].seed, index=3)
    return one, walk_angles(people[k].visits["W6"], TIME, backward=True, rng=rng)


@pytest.mark.parametrize(("k", "kind", "tolerance"), [(0, ".c3d", 2e-3), (2, ".mot", 1e-4),
                                                      (6, ".csv", 6e-3)])  # fmt: skip
def test_every_format_holds_the_generators_angles(k, kind, tolerance, plan, people):
    recording, angles = written(plan, people, k)
    assert recording.file.endswith(kind)
    found = signals_of(recording, replace(plan, cutoff=None)).angles
    for name, truth in angles.items():
        np.testing.assert_allclose(found[name], truth, atol=tolerance, err_msg=name)


def features(study, name: str, visit: str):
    rows = study.movement.features
    mine = rows[(rows["feature"] == name) & (rows["visit"] == visit)]
    return mine.set_index(["participant", "direction"])["value"]


@pytest.mark.parametrize("visit", ["W0", "W6"])
def test_the_lag_of_every_person_is_found_again(visit, study, people):
    """MARP of two sines with a lag is that lag; drift from cycle to cycle moves it a bit."""
    found = features(study, "lumbopelvic_marp", visit)
    gaps = [abs(found[one.id, walk] - one.visits[visit].lag) for one in people
            for walk in ("forward", "backward")]  # fmt: skip
    assert max(gaps) < 2.5 and np.mean(gaps) < 1.0


def test_the_effects_are_found_again(study, people):
    after, before = (features(study, "lumbopelvic_marp", visit) for visit in ("W6", "W0"))
    change = (after - before).groupby("participant").mean()
    arms = {one.id: one.arm for one in people}
    by = change.groupby(arms).mean()
    assert by["backward"] - by["forward"] == pytest.approx(EFFECT_LAG, abs=4.0)
    nodes = study.nodes[study.nodes["test"] == "baseline-adjusted"].set_index("node")
    peak = nodes["estimate"].idxmax()
    assert nodes.loc[peak, "estimate"] == pytest.approx(EFFECT_BUMP, abs=0.8)
    clusters = study.clusters
    mine = clusters[(clusters["test"] == "baseline-adjusted")
                    & (clusters["method"] == "permutation")]  # fmt: skip
    after, before = mine["start"] <= peak, peak <= mine["end"]
    over_end = mine["start"] > mine["end"]
    inside = (after & before).where(~over_end, after | before)
    assert (inside & (mine["p_value"] < 0.05)).any()


def test_the_posture_of_every_person_is_found_again(study, people):
    curves = study.movement.curves
    mine = curves[(curves["signal"] == "lumbar_flexion") & (curves["direction"] == "forward")]
    means = mine.groupby(["participant", "visit"])["value"].mean()
    for one in people:
        for visit, walker in one.visits.items():
            bump = walker.bump * 0.09 * np.sqrt(2 * np.pi)  # mean over the cycle
            assert means[one.id, visit] == pytest.approx(walker.lordosis + bump, abs=0.25)


def test_gait_is_found_again(study, people):
    speed, cadence = features(study, "speed", "W0"), features(study, "cadence", "W0")
    for one in people:
        walker = one.visits["W0"]
        for walk in ("forward", "backward"):
            assert speed[one.id, walk] == pytest.approx(belt_speed(walker), rel=0.02)
            assert cadence[one.id, walk] == pytest.approx(120 / walker.cycle, rel=0.01)


def test_the_ranges_are_found_again(study, people):
    found = features(study, "pelvis_rotation_rom", "W0")
    for one in people:
        assert found[one.id, "forward"] == pytest.approx(
            2 * one.visits["W0"].pelvis_rotation, rel=0.08
        )
