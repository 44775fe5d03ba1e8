"""Points that are no positions, model angles, and poses of markerless systems."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.c3d import read_c3d
from tests.loaders.motion.bodies import DEC, INTEL, MIPS, body, c3d_bytes

FRAMES = 60
BODY = 1000.0 * np.stack(list(body(FRAMES).values()), axis=1)
SINGLE = 1e-6


@pytest.fixture
def read(tmp_path):
    """Return a reader of a file of the body and of model results beside it."""

    def reader(results=None, point=None, unit="mm", **more):
        results = results or {}
        extra = np.stack([*results.values()], axis=1) if results else np.empty((FRAMES, 0, 3))
        groups = {"POINT": point or {}, **more.pop("groups", {})}
        content = c3d_bytes(
            np.concatenate([BODY, extra], axis=1), labels=[*body(), *results], unit=unit,
            groups=groups, **more,
        )  # fmt: skip
        (tmp_path / "a.c3d").write_bytes(content)
        return read_c3d(tmp_path / "a.c3d")

    return reader


def curve(seed: int, size: float = 10.0) -> np.ndarray:
    return size * np.random.default_rng(seed).normal(size=(FRAMES, 3))


@pytest.mark.parametrize(("unit", "factor"), [("deg", 1.0), ("Degrees", 1.0), ("rad", 180 / np.pi)])
def test_model_angles_are_vectors_in_degrees(unit, factor, read):
    found = read({"LHipAngles": curve(1)}, {"ANGLES": ["LHipAngles"], "ANGLE_UNITS": unit})
    assert list(found.markers) == list(body()) and found.notes == ()
    np.testing.assert_allclose(found.vectors["LHipAngles"], factor * curve(1), rtol=1e-6)


def test_an_angle_unit_that_is_not_stated_is_told(read):
    found = read({"LHipAngles": curve(1)}, {"ANGLES": ["LHipAngles"]})
    np.testing.assert_allclose(found.vectors["LHipAngles"], curve(1), rtol=1e-6)
    assert found.notes == ("the file states no unit of its model angles: taken for degrees",)


def test_a_list_of_another_name_is_what_type_groups_says(read):
    own = {"TYPE_GROUPS": ["BENDS", "ANGLE"], "BENDS": ["LHipAngles"], "ANGLE_UNITS": "deg"}
    assert list(read({"LHipAngles": curve(1)}, own).vectors) == ["LHipAngles"]


def test_angles_of_another_unit_are_left_out_with_a_note(read):
    found = read({"LHipAngles": curve(1)}, {"ANGLES": ["LHipAngles"], "ANGLE_UNITS": "grad"})
    assert not found.vectors and len(found.markers) == 5
    assert found.notes == (
        "1 model angles were left out: their unit is 'grad', neither degrees nor radians",
    )


@pytest.mark.parametrize("group", ["FORCES", "MOMENTS", "POWERS", "SCALARS"])
def test_other_results_are_no_positions(group, read):
    found = read({"LKnee": curve(1, 9e5)}, {group: ["LKnee"]})
    assert list(found.markers) == list(body()) and not found.vectors and found.notes == ()


def test_groups_of_results_go_on_and_know_a_subject(read):
    results = {f"AB01:A{k}": curve(k) for k in range(300)}
    names = [f"A{k}" for k in range(300)]
    point = {"ANGLES": names[:255], "ANGLES2": names[255:], "ANGLE_UNITS": "deg"}
    found = read(results, point)
    assert list(found.vectors) == list(results) and list(found.markers) == list(body())


def test_long_runs_of_zeros_in_angles_are_gaps_and_single_ones_are_true(read):
    angle = curve(1)
    angle[0] = angle[7:20] = 0.0
    found = read({"LHipAngles": angle}, {"ANGLES": ["LHipAngles"], "ANGLE_UNITS": "deg"})
    gone = np.isnan(found.vectors["LHipAngles"]).all(axis=1)
    assert gone.nonzero()[0].tolist() == list(range(7, 20))
    assert found.notes == ("samples at (0, 0, 0) of 1 model angles were taken for missing",)


def test_missing_samples_of_angles_are_nan(read):
    angle = curve(1)
    angle[3:5] = np.nan
    found = read({"LHipAngles": angle}, {"ANGLES": ["LHipAngles"], "ANGLE_UNITS": "deg"})
    assert np.isnan(found.vectors["LHipAngles"]).all(axis=1).nonzero()[0].tolist() == [3, 4]


def test_a_file_of_model_results_alone_needs_no_unit_of_length(tmp_path):
    content = c3d_bytes(
        curve(1)[:, None], labels=["LPelvisAngles"], unit="",
        groups={"POINT": {"ANGLES": ["LPelvisAngles"], "ANGLE_UNITS": "deg"}},
    )  # fmt: skip
    (tmp_path / "a.c3d").write_bytes(content)
    found = read_c3d(tmp_path / "a.c3d")
    assert not found.markers and found.unit == "" and list(found.vectors) == ["LPelvisAngles"]


def poses(names: int = 2, samples: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return turns (frames x samples, names, 3, 3), and the numbers that a file holds of them."""
    flat = Rotation.random(FRAMES * samples * names, rng=7).as_matrix()
    turns = flat.reshape(FRAMES * samples, names, 3, 3)
    whole = np.zeros((*turns.shape[:2], 17))
    matrices = np.tile(np.eye(4), (*turns.shape[:2], 1, 1))
    matrices[..., :3, :3], matrices[..., :3, 3] = turns, 5.0
    whole[..., :16] = np.swapaxes(matrices, -1, -2).reshape(*turns.shape[:2], 16)
    return turns, whole


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("samples", [1, 2])
def test_poses_of_segments_are_turns(processor, samples, read):
    turns, whole = poses(samples=samples)
    whole[samples * 9, 1, 16] = -1.0  # not seen
    groups = {"ROTATION": {"USED": 2, "RATIO": samples, "LABELS": ["pelvis_4X4", "thorax_4X4"]}}
    found = read(groups=groups, poses=whole, processor=processor)
    assert list(found.rotations) == ["pelvis_4X4", "thorax_4X4"]
    np.testing.assert_allclose(found.rotations["pelvis_4X4"], turns[::samples, 0], atol=SINGLE)
    assert np.isnan(found.rotations["thorax_4X4"][9]).all()
    assert np.isfinite(found.rotations["thorax_4X4"][10:]).all()
    told = ("the first of the 2 poses of each frame was taken",)
    assert found.notes == (told if samples == 2 else ())


def test_a_matrix_that_is_no_turn_is_missing_with_a_note(read):
    _, whole = poses()
    whole[4, 0, :3] *= 1.5
    whole[5, 0, :3] *= -1.0  # a reflection
    groups = {"ROTATION": {"USED": 2, "RATIO": 1, "LABELS": ["pelvis", "thorax"]}}
    found = read(groups=groups, poses=whole)
    gone = np.isnan(found.rotations["pelvis"]).all(axis=(1, 2)).nonzero()[0].tolist()
    assert gone == [4, 5]
    assert found.notes == ("2 matrices of ROTATION are no turns and were taken for missing",)


def test_poses_that_are_cut_off_are_refused(tmp_path, read):
    _, whole = poses()
    groups = {"ROTATION": {"USED": 2, "RATIO": 1, "LABELS": ["pelvis", "thorax"]}}
    read(groups=groups, poses=whole)
    path = tmp_path / "a.c3d"
    path.write_bytes(path.read_bytes()[:-1024])
    with pytest.raises(InputError, match="60 frames of ROTATION, found fewer: it is cut off"):
        read_c3d(path)
