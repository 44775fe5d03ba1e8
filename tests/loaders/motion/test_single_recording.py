"""One recording without a motion file: what it holds, and what does not go with its ending."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import backwalk_stats as bw

FOLDER = bw.example("motion")
LAYOUT = bw.motion.TableFormat(skip_rows=1, time="time", angles={"rotation": "pelvis_rotation"})


@pytest.mark.parametrize(
    ("name", "kind", "held", "options"),
    [
        ("sim-03_w0_forward.mot", "angles", "lumbar_in_space_rotation", {}),
        ("sim-03_w0_forward.trc", "markers", "SACR", {}),
        ("sim-07_w0_forward.csv", "angles", "rotation", {"layout": LAYOUT}),
    ],
)
def test_a_file_is_read_by_its_ending(name, kind, held, options):
    for path in (FOLDER / name, str(FOLDER / name)):
        found = bw.motion.read(path, **options)
        signal = getattr(found, kind)[held]
        assert found.rate == pytest.approx(50.0, rel=1e-3)
        assert len(signal) == 350 and np.isfinite(signal).all()


def test_a_c3d_file_is_read_with_its_unit_or_a_declared_one():
    pytest.importorskip("ezc3d")
    path = FOLDER / "sim-01_w0_forward.c3d"
    found = bw.motion.read(path)
    assert found.markers["SACR"].shape == (350, 3) and 0.8 < found.markers["SACR"][0, 2] < 1.1
    with pytest.raises(bw.InputError, match="markers of a body"):
        bw.motion.read(path, unit="m")


@pytest.mark.parametrize(
    ("path", "options", "words"),
    [
        ("walk.xlsx", {}, r"ends in \.c3d, \.mot, .*; found '\.xlsx'"),
        ("walk", {}, "found ''"),
        (None, {}, "path is the name of a file"),
        ("walk.trc", {"unit": "mm"}, "unit is of the positions of a C3D file"),
        ("walk.c3d", {"unit": "inch"}, "one of m, cm, mm"),
        ("walk.csv", {}, "give it"),
        ("walk.mot", {"layout": LAYOUT}, r"leave it out for \.mot"),
    ],
)
def test_what_does_not_go_together_is_one_clear_error(path, options, words):
    with pytest.raises(bw.UsageError, match=words):
        bw.motion.read(path, **options)


def test_a_file_that_is_not_there_or_is_another_kind(tmp_path: Path):
    with pytest.raises(bw.InputError):
        bw.motion.read(tmp_path / "none.mot")
    (tmp_path / "other.trc").write_text("time,angle\n0,1\n")
    with pytest.raises(bw.InputError, match="PathFileType"):
        bw.motion.read(tmp_path / "other.trc")


def test_a_recording_shows_sizes_and_no_numbers():
    found = bw.motion.read(FOLDER / "sim-03_w0_forward.mot")
    assert len(repr(found)) < 400 and "items" in repr(found)


def test_from_a_file_to_coordination_without_a_motion_file():
    """Read, find contacts, cut cycles, couple: the lag that was put in is found (60 +- 10)."""
    angles = bw.motion.read(FOLDER / "sim-03_w0_forward.mot").angles
    tracks = bw.motion.read(FOLDER / "sim-03_w0_forward.trc").markers
    feet = {name: tracks[marker][:, 0] for name, marker in
            (("heel", "LHEE"), ("toe", "LTOE"), ("sacrum", "SACR"))}  # fmt: skip
    contact = bw.motion.events(rate=50.0, direction="forward", **feet).contact
    names = ("pelvis_rotation", "lumbar_in_space_rotation")
    cut = bw.motion.cut_cycles(np.stack([angles[name] for name in names], axis=1), contact)
    whole = cut.curves[cut.complete]
    found = bw.coordination(whole[:, :, 0], whole[:, :, 1])
    assert 30.0 < found.marp < 95.0
    assert any("fewer than 8" in note for note in found.notes)
