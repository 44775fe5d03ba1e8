"""The cases of ../shared/motion/cases on events and pooling; its README says what comes out."""

from __future__ import annotations

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.loaders.motion.motion_file import load_motion

pytest.importorskip("ezc3d")


@pytest.fixture(scope="module")
def cases(shared):
    return shared / "motion" / "cases"


def values(found: bw.Motion) -> dict[str, float]:
    return dict(zip(found.features["feature"], found.features["value"], strict=True))


def test_plain(cases):
    found = values(bw.analyse_motion(cases / "plain.toml", curve_tests=False))
    assert found["pelvis_rotation_rom"] == pytest.approx(12.0, abs=0.02)
    assert found["lumbar_rotation_rom"] == pytest.approx(8.6, abs=0.02)
    for name in ("pelvis_flexion", "pelvis_side_bend", "lumbar_flexion", "lumbar_side_bend"):
        assert found[f"{name}_rom"] == pytest.approx(0.0, abs=1e-4)
    assert found["speed"] == pytest.approx(1.2, abs=0.005)
    assert found["cadence"] == pytest.approx(2 * 60 / 1.1, rel=0.001)


def test_plain_contacts_are_the_furthest_points_where_the_landing_does_not_show(cases):
    """The README counts stance (63.6 %) from them; the heel is braked 50 ms longer."""
    found = bw.analyse_motion(cases / "plain.toml", curve_tests=False)
    heel = load_motion(cases / "plain.toml").recordings[0].markers["LHEE"][:, 0]
    left = found.events[(found.events["side"] == "left") & (found.events["event"] == "contact")]
    for time in left["time"]:
        place = round(time * 100)
        assert heel[place] >= heel[place - 3 : place + 4].max() - 0.002
    assert values(found)["stance_left"] == pytest.approx(63.6, abs=0.7)


def test_labels_beyond_255_and_a_spare_label(cases):
    found = bw.analyse_motion(cases / "labels2.toml", curve_tests=False)
    assert values(found)["pelvis_rotation_rom"] == pytest.approx(12.0, abs=0.02)
    assert values(found)["lumbar_rotation_rom"] == pytest.approx(8.6, abs=0.05)
    spare = bw.analyse_motion(cases / "more_labels_than_points.toml", curve_tests=False)
    assert values(spare)["pelvis_rotation_rom"] == pytest.approx(12.0, abs=0.02)
    assert any("segment trunk needs marker RSHO" in note for note in spare.notes)


def test_overground_walks_of_two_strides_are_pooled(cases):
    found = bw.analyse_motion(cases / "overground_facing.toml", curve_tests=False)
    assert 4 <= found.features["n_cycles"].iloc[0] <= 6
    assert values(found)["pelvis_rotation_rom"] == pytest.approx(12.0, abs=0.02)
    assert found.recordings["surface"].unique().tolist() == ["overground"]


def test_overground_with_one_way_of_facing_names_the_walks_that_go_the_other_way(cases):
    found = bw.analyse_motion(cases / "overground.toml", curve_tests=False)
    left_out = found.recordings.loc[found.recordings["note"].str.startswith("not used"), "file"]
    assert left_out.tolist() == ["overground_2.c3d", "overground_4.c3d"]
    assert set(found.features["n_cycles"]) == {2}


def test_overground_found_by_the_pelvis_is_overground_declared(cases, tmp_path):
    for file in cases.glob("overground_*.c3d"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (cases / "overground.toml").read_text()
    (tmp_path / "motion.toml").write_text(text.replace("[motion]\n", '[motion]\nfacing = "auto"\n'))
    found = bw.analyse_motion(tmp_path / "motion.toml", curve_tests=False)
    declared = bw.analyse_motion(cases / "overground_facing.toml", curve_tests=False)
    assert found.features.equals(declared.features)


def test_events_of_the_file(cases):
    if not load_motion(cases / "events_file.toml").recordings[0].given:
        pytest.skip("the reader of C3D does not give events")
    found = bw.analyse_motion(cases / "events_file.toml", curve_tests=False)
    left = found.events[found.events["side"] == "left"]
    by = {kind: left.loc[left["event"] == kind, "time"].tolist() for kind in ("contact", "off")}
    assert by["contact"] == pytest.approx([0.30, 1.40, 2.50, 3.60], abs=1e-4)
    assert [time for time in by["off"] if 0.3 < time < 3.6] == pytest.approx(
        [1.00, 2.10, 3.20], abs=1e-4
    )
    assert values(found)["stance_left"] == pytest.approx(63.6, abs=0.1)
    assert set(found.features["n_cycles"]) == {3} and set(found.events["source"]) == {"file"}


def test_zero_for_missing(cases):
    plan = load_motion(cases / "zero_for_missing.toml")
    if all(np.isfinite(track).all() for track in plan.recordings[0].markers.values()):
        pytest.skip("the reader of C3D does not take (0, 0, 0) for missing")
    found = bw.analyse_motion(cases / "zero_for_missing.toml", curve_tests=False)
    assert values(found)["pelvis_flexion_rom"] == pytest.approx(0.0, abs=0.01)
    assert values(found)["pelvis_rotation_rom"] == pytest.approx(12.0, abs=0.1)
    assert int(found.recordings["gaps_left"].sum()) >= 3
    assert any("samples are missing" in note for note in found.notes)
