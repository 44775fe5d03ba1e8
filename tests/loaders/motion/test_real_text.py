"""Text files of other laboratories: what the manifest beside them says that a reader must find."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.loaders.motion.nexus import read_nexus
from backwalk_stats.loaders.motion.xsens import read_mvnx, read_sensor
from backwalk_stats.trial.motion_plan import Recording
from tests.loaders.motion.folders import ONE_RECORDING

BIDS = "sub-01_task-pullstand_tracksys-mocap_motion.tsv"
EMPTY = "sub-pp002_task-backwards_tracksys-omc_motion.tsv"
TESTED = {
    "nexus_trajectories.csv", "opensim_ik_walk.mot", "opensim_inverse_dynamics.sto",
    "opensim_states_2d_walk.sto", "opensense_orientations.sto", "xsens_mt_sit_to_stand.txt",
    "xsens_mvn.mvnx", "qualisys.tsv", "qualisys_no_header.tsv", BIDS, EMPTY,
}  # fmt: skip


@pytest.fixture(scope="module")
def real(shared) -> Path:
    folder = Path(shared, "motion", "real")
    if not folder.is_dir():
        pytest.skip("no folder ../shared/motion/real")
    return folder


@pytest.fixture(scope="module")
def manifest(real) -> dict:
    return json.loads((real / "manifest.json").read_text("utf-8"))


def recording(real: Path, tmp_path: Path, name: str, more: str = "", body: str = "") -> Recording:
    stem = name.removesuffix("_motion.tsv")
    for path in real.glob(f"{stem}*" if stem != name else name):
        shutil.copy(path, tmp_path)
    text = ONE_RECORDING.format(file=name, more=more, body=body)
    (tmp_path / "motion.toml").write_text(text)
    (one,) = load_motion(tmp_path / "motion.toml").recordings
    return one


def refused(real: Path, tmp_path: Path, name: str, more: str = "") -> str:
    with pytest.raises(InputError) as told:
        recording(real, tmp_path, name, more)
    (fault,) = told.value.faults
    return str(fault)


def test_every_text_file_of_the_manifest_has_a_test(real):
    with (real / "manifest.csv").open(encoding="utf-8", newline="") as file:
        names = {row["file"] for row in csv.DictReader(file)}
    assert {name for name in names if not name.endswith(".c3d")} == TESTED


def test_nexus_trajectories(real, manifest, tmp_path):
    body = '[markers]\nsacrum = ["PSISr", "PSISl"]'
    found = recording(real, tmp_path, "nexus_trajectories.csv", 'format = "nexus"', body)
    said = manifest["nexus_trajectories.csv"]
    assert found.rate == 100.0 and len(found.markers) == 51 == len(said["labels"])
    raw = read_nexus(real / "nexus_trajectories.csv")
    for name, first in said["first_positions"].items():
        np.testing.assert_allclose(1000 * raw.markers[name][0], first, atol=1e-4)
    first = said["first_positions"]["Daphnee:PSISr"]
    np.testing.assert_allclose(1000 * found.markers["PSISr"][0], first, atol=1e-4)
    assert len(found.markers["PSISr"]) == 300


def test_opensim_inverse_kinematics(real, manifest, tmp_path):
    found = recording(real, tmp_path, "opensim_ik_walk.mot")
    said = manifest["opensim_ik_walk.mot"]
    # Times of three decimals: 73 samples from 0.4 to 1.6 s are 60 a second.
    assert found.rate == pytest.approx(60.0, rel=1e-9)
    left_out = {"time", "pelvis_tx", "pelvis_ty", "pelvis_tz", "mtp_angle_r", "mtp_angle_l"}
    assert set(found.angles) == set(said["columns"]) - left_out
    for name, values in found.angles.items():
        assert values[0] == pytest.approx(said["first"][name], abs=1e-6)
        assert np.ptp(values) == pytest.approx(said["range"][name], abs=1e-6)
    assert "signal pelvis_tx is left out: a position, no angle" in found.notes
    assert any("degrees" in note and "SIMM" in note for note in found.notes)


def test_opensim_inverse_dynamics_is_no_angle(real, tmp_path):
    told = refused(real, tmp_path, "opensim_inverse_dynamics.sto")
    assert "moments and forces are no angles" in told
    assert "degree" not in told.lower() and "cut off" not in told


def test_opensim_states_with_paths(real, manifest, tmp_path):
    found = recording(real, tmp_path, "opensim_states_2d_walk.sto")
    said = manifest["opensim_states_2d_walk.sto"]["range_degrees"]
    assert found.rate == pytest.approx(104.2355, abs=1e-4)
    assert set(found.angles) == {path.split("/")[-2] for path in said}
    for path, ptp in said.items():
        assert np.ptp(found.angles[path.split("/")[-2]]) == pytest.approx(ptp, abs=1e-6)
    assert found.angles["pelvis_tilt"][0] == pytest.approx(-15.120423, abs=1e-6)


@pytest.mark.parametrize("more", ['format = "opensense"', ""])
def test_opensense_orientations(more, real, manifest, tmp_path):
    found = recording(real, tmp_path, "opensense_orientations.sto", more)
    assert list(found.quaternions) == manifest["opensense_orientations.sto"]["sensors"]
    assert found.rate == pytest.approx(100.0, rel=1e-9)
    first = [0.51482668454, 0.457408877939, -0.656556047162, 0.307676388764]
    np.testing.assert_allclose(found.quaternions["pelvis_imu"][0], first, atol=1e-9)
    assert len(found.quaternions["pelvis_imu"]) == 401


def test_a_sensor_of_xsens(real, tmp_path):
    found = recording(real, tmp_path, "xsens_mt_sit_to_stand.txt", 'format = "xsens-mvnx"')
    assert found.rate == 40.0
    turns = found.rotations["sensor"]
    first = [-0.099890, -0.989826, 0.101319]
    np.testing.assert_allclose(turns[0, 0], first, atol=2e-6)  # written with six decimals
    there = np.isfinite(found.quaternions["sensor"]).all(axis=1)
    assert there.sum() == 1459
    np.testing.assert_allclose(np.linalg.det(turns[there]), 1.0, atol=1e-9)
    again = Rotation.from_quat(np.roll(found.quaternions["sensor"][there], -1, axis=1))
    np.testing.assert_allclose(again.as_matrix(), turns[there], atol=1e-12)
    # The counter goes over 1527 packets; where it steps by 2, 3, 4, packets were lost.
    assert len(there) == 1527
    assert found.notes == ("68 packets were lost on the way: these samples are missing",)


def test_a_body_of_xsens(real, manifest, tmp_path):
    found = recording(real, tmp_path, "xsens_mvn.mvnx")
    said = manifest["xsens_mvn.mvnx"]
    assert found.rate == 60.0 and list(found.quaternions) == said["segments"]
    first = [0.988107, 0.008481, -0.146731, -0.045195]
    np.testing.assert_allclose(found.quaternions["Pelvis"][0], first, atol=1e-9)
    assert len(found.quaternions["Pelvis"]) == 37 + 3  # normal frames; three of calibration before
    raw = read_mvnx(real / "xsens_mvn.mvnx")
    assert set(said["joints"]) < set(raw.vectors) and raw.events == ()
    for joint, angles in said["joint_angle_of_first_frame"].items():
        np.testing.assert_allclose(raw.vectors[joint][0], angles, atol=1e-9)
    assert any("foot contacts are not read" in note for note in raw.notes)


def test_joint_angles_of_xsens_as_signals(real, manifest, tmp_path):
    body = '[signals.lumbar_flexion]\nlabel = "jL5S1"\ncomponent = "z"\nsign = -1'
    found = recording(real, tmp_path, "xsens_mvn.mvnx", 'format = "xsens-mvnx"', body)
    first = manifest["xsens_mvn.mvnx"]["joint_angle_of_first_frame"]["jL5S1"][2]
    assert found.angles["lumbar_flexion"][0] == pytest.approx(-first, abs=1e-9)


def test_qualisys(real, manifest, tmp_path):
    found = recording(real, tmp_path, "qualisys.tsv", 'format = "qualisys"')
    assert list(found.markers) == manifest["qualisys.tsv"]["labels"] and found.rate == 100.0
    first = 1000 * found.markers["New 0000"][0]
    np.testing.assert_allclose(first, [819.834, 277.770, 22.421], atol=1e-4)
    assert len(found.markers["New 0000"]) == 1000
    assert any("read as mm" in note for note in found.notes)


def test_qualisys_without_a_header(real, tmp_path):
    told = refused(real, tmp_path, "qualisys_no_header.tsv", 'format = "qualisys"')
    assert "neither names nor a rate" in told and "declare a [[format]] with names and rate" in told


def test_qualisys_without_a_header_by_declared_names(real, tmp_path):
    names = ["Frame", "Time", *(f"{place} {axis}" for place in range(15) for axis in "XYZ")]
    body = (
        f'[[format]]\nname = "bare"\nseparator = "\\t"\nlength_unit = "mm"\nnames = {names}\n'
        'rate = 100\n[format.markers]\nfirst = ["0 X", "0 Y", "0 Z"]'
    )
    found = recording(real, tmp_path, "qualisys_no_header.tsv", 'format = "bare"', body)
    first = 1000 * found.markers["first"][0]
    np.testing.assert_allclose(first, [819.834, 277.770, 22.421], atol=1e-4)
    assert len(found.markers["first"]) == 400


def test_motion_bids(real, tmp_path):
    body = '[markers]\nsacrum = "sacrum"'
    found = recording(real, tmp_path, BIDS, 'format = "motion-bids"', body)
    assert found.rate == 256.0 and list(found.markers) == ["sacrum", "head"]
    first = [89.1437, 114.9735, 112.8298]
    np.testing.assert_allclose(1000 * found.markers["sacrum"][0], first, atol=1e-4)
    plan = load_motion(tmp_path / "motion.toml")
    names = [name for name, _ in plan.sources]
    assert names == ["motion.toml", "recording 1", "recording 1, channels", "recording 1, about"]


def test_an_empty_table_of_motion_bids(real, tmp_path):
    told = refused(real, tmp_path, EMPTY, 'format = "motion-bids"')
    assert "an empty table (0 rows)" in told and "153 columns that channels.tsv declares" in told


def test_one_sensor_in_a_file_each(real, tmp_path):
    source = real / "xsens_mt_sit_to_stand.txt"
    lines = source.read_text().splitlines()
    later = lines[:6] + lines[16:]  # this sensor began ten packets later
    (tmp_path / "b.txt").write_text("\n".join(later) + "\n")
    shutil.copy(source, tmp_path / "a.txt")
    text = ONE_RECORDING.format(file="", more='format = "xsens-mvnx"', body="").replace(
        'file = ""', 'sensor_files = { pelvis = "a.txt", lumbar = "b.txt" }'
    )
    (tmp_path / "motion.toml").write_text(text)
    (found,) = load_motion(tmp_path / "motion.toml").recordings
    assert list(found.quaternions) == ["pelvis", "lumbar"]
    np.testing.assert_array_equal(found.quaternions["pelvis"], found.quaternions["lumbar"])
    alone = read_sensor(source).quaternions["sensor"]
    skipped = len(alone) - len(found.quaternions["pelvis"])
    assert skipped == int(lines[16].split("\t")[0]) - int(lines[6].split("\t")[0])
    np.testing.assert_array_equal(found.quaternions["pelvis"], alone[skipped:])
