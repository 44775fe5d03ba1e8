"""Minimal inputs that are no C3D files, each with what should come out of reading it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.trial.motion_plan import MotionPlan, Recording
from tests.loaders.motion.folders import ONE_RECORDING


@pytest.fixture(scope="module")
def cases(shared) -> Path:
    folder = Path(shared, "motion", "cases")
    if not folder.is_dir():
        pytest.skip("no folder ../shared/motion/cases")
    return folder


def only(plan: MotionPlan) -> Recording:
    (one,) = plan.recordings
    assert not one.unusable
    return one


def declared(cases: Path, tmp_path: Path, name: str, more: str, body: str) -> Recording:
    shutil.copy(cases / name, tmp_path)
    text = ONE_RECORDING.format(file=name, more=more, body=body)
    (tmp_path / "motion.toml").write_text(text)
    return only(load_motion(tmp_path / "motion.toml"))


def test_orientations_of_sensors(cases):
    found = only(load_motion(cases / "imu_orientations.toml"))
    assert list(found.quaternions) == ["pelvis_imu", "torso_imu"] and found.rate == 100.0
    norms = np.linalg.norm(found.quaternions["torso_imu"], axis=1)
    np.testing.assert_allclose(norms, 1.0, atol=1e-7)


def test_moments_are_no_angles(cases):
    with pytest.raises(InputError, match="moments and forces are no angles") as told:
        load_motion(cases / "inverse_dynamics.toml")
    assert len(told.value.faults) == 1


def test_names_above_components_need_the_preset(cases):
    with pytest.raises(InputError, match="X, Y, Z several times") as told:
        load_motion(cases / "nexus_trajectories.toml")
    assert len(told.value.faults) == 1, "an own format of the name nexus wins over the preset"
    assert "Take the preset nexus" in str(told.value)


def test_nexus_by_names_without_the_subject(cases, tmp_path):
    body = '[markers]\nheel_left = "LHEE"\nsacrum = ["LPSI", "RPSI"]'
    found = declared(cases, tmp_path, "nexus_trajectories.csv", 'format = "nexus"', body)
    assert found.rate == 100.0
    np.testing.assert_allclose(found.markers["LHEE"][0], [0.384, 0.1, 0.07], atol=1e-9)
    assert {"LPSI", "RPSI"} <= set(found.markers) and "AB01:LHEE" not in found.markers


def test_opensim_names(cases):
    found = only(load_motion(cases / "opensim_bend.toml"))
    assert list(found.angles) == [
        "pelvis_tilt", "pelvis_list", "lumbar_extension", "lumbar_bending"
    ]  # fmt: skip


def test_opensim_names_as_signals_with_a_sign(cases):
    plain = only(load_motion(cases / "opensim_bend.toml")).angles
    found = only(load_motion(cases / "opensim_bend_signals.toml")).angles
    assert set(found) == {"pelvis_list", "lumbar_bending", "pelvis_flexion", "lumbar_flexion"}
    np.testing.assert_array_equal(found["pelvis_flexion"], -plain["pelvis_tilt"])
    np.testing.assert_array_equal(found["lumbar_flexion"], -plain["lumbar_extension"])
    lumbar, pelvis = (found[name].max() for name in ("lumbar_flexion", "pelvis_flexion"))
    assert (lumbar, pelvis) == (pytest.approx(30.0, abs=0.01), pytest.approx(40.0, abs=0.01))
    assert 100 * lumbar / (lumbar + pelvis) == pytest.approx(42.9, abs=0.05)


def test_states_by_their_paths(cases):
    found = only(load_motion(cases / "state_paths.toml"))
    assert list(found.angles) == ["pelvis_tilt"]
    assert np.ptp(found.angles["pelvis_tilt"]) == pytest.approx(11.5, abs=0.05)
    assert found.notes == (
        "angles turned from radians to degrees",
        "signal pelvis_tx is left out: a position, no angle",
        "signal pelvis_tilt/speed is left out: a speed, no angle",
    )


VISUAL3D = "".join(
    f'[signals.{part}_{name}]\nlabel = "{part.capitalize()}_Angles"\ncomponent = "{axis}"\n'
    for part in ("pelvis", "lumbar")
    for name, axis in (("flexion", "x"), ("side_bend", "y"), ("rotation", "z"))
)


@pytest.mark.parametrize(("inside", "count"), [("walk1.c3d", 111), ("walk2.c3d", None)])
def test_a_recording_inside_a_table_of_visual3d(inside, count, cases, tmp_path):
    more = f'format = "visual3d"\ninside = "{inside}"'
    found = declared(cases, tmp_path, "visual3d_ascii.txt", more, VISUAL3D)
    assert found.rate == pytest.approx(100.0, rel=1e-9)
    lengths = {len(values) for values in found.angles.values()}
    if count is None:
        assert lengths.pop() < 111
        return
    assert lengths == {count}
    roms = {name: round(float(np.ptp(values)), 1) for name, values in found.angles.items()}
    assert roms == {
        "pelvis_flexion": 4.0, "pelvis_side_bend": 7.0, "pelvis_rotation": 10.0,
        "lumbar_flexion": 3.0, "lumbar_side_bend": 8.0, "lumbar_rotation": 11.0,
    }  # fmt: skip


def test_which_recording_of_a_table_is_asked_for(cases, tmp_path):
    with pytest.raises(InputError, match=r"found 2 recordings\. Declare inside") as told:
        declared(cases, tmp_path, "visual3d_ascii.txt", 'format = "visual3d"', VISUAL3D)
    assert "walk1" not in str(told.value), "names of files may hold an id"


NORAXON = """
[[format]]
name = "noraxon"
time = "time"
contacts = { left = "Noraxon MyoMotion-Segments-Foot LT-Contact" }

[signals.pelvis_flexion]
label = "Noraxon MyoMotion-Segments-Pelvis-Pitch (deg)"
[signals.lumbar_flexion]
label = "Lumbar Flexion (deg)"
"""


def test_contacts_of_columns_that_go_to_1000(cases, tmp_path):
    found = declared(cases, tmp_path, "noraxon_like.csv", 'events = "file"', NORAXON)
    assert found.rate == pytest.approx(200.0)
    assert np.ptp(found.angles["pelvis_flexion"]) == pytest.approx(4.2, abs=0.05)
    assert np.ptp(found.angles["lumbar_flexion"]) == pytest.approx(6.4, abs=0.05)
    contacts = [one.time for one in found.given if one.event == "contact"]
    # The first samples at 1000; the sheet says 1.41, where the column is still 0.
    np.testing.assert_allclose(contacts, [0.30, 1.415, 2.52, 3.63], atol=1e-9)
    assert {one.side for one in found.given} == {"left"}
