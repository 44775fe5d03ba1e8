"""C3D files of laboratories against what other readers say of them, and minimal cases.

The values stand in `../shared/motion/real` (an own parser, ezc3d 1.7.2 and the package c3d 0.6.0;
its README says which agree); the tests are skipped without that folder.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.c3d_layout import parse_c3d
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, length_unit, resolve_label

POSITION = 1e-4  # of the file's unit
ANGLE = 1e-6  # degrees, of numbers of single precision
TIME = 1e-6  # seconds
RANGE = 0.05  # degrees, of cycles
FILES = (
    "treadmill_events", "c3dorg_sample01_int", "c3dorg_sample02_dec_real",
    "c3dorg_sample02_sgi_real", "overground_faces_minus_y", "overground_labels2",
    "qualisys_events", "rotation_group_no_points", "doubled_labels", "model_outputs_only",
    "subject_prefix", "analog_words_in_header_only", "unit_mete",
)  # fmt: skip
POINTS = tuple(name for name in FILES if name != "rotation_group_no_points")
SHIFTED_BY_EZC3D = {"analog_words_in_header_only"}
NO_RESULTS = ("FORCES", "MOMENTS", "POWERS", "SCALARS")


@pytest.fixture(scope="module")
def real(shared):
    return shared / "motion" / "real"


@cache
def manifest(folder: Path) -> dict:
    held: dict = json.loads((folder / "manifest.json").read_text())
    return held


@cache
def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "manifest.csv").open(newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


@cache
def recording(path: Path) -> RawMotion:
    return read_c3d(path)


def series(found: RawMotion) -> dict[str, np.ndarray]:
    return {**found.markers, **found.vectors}


def test_every_c3d_row_of_the_manifest_is_tested(real):
    assert {name.removesuffix(".c3d") for name in rows(real) if name.endswith(".c3d")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_labels_frames_and_rate(name, real):
    said, row = manifest(real)[f"{name}.c3d"], rows(real)[f"{name}.c3d"]
    path = real / f"{name}.c3d"
    held, found = parse_c3d(path.read_bytes(), path.name), recording(path)
    assert held.frames == int(row["frames"]) and held.first == said["first_frame"]
    assert found.rate == pytest.approx(float(row["rate_hz"]), rel=1e-6)
    types = said["types"]
    other = {label for group in NO_RESULTS for label in types.get(group, [])}
    angles = [label for label in said["labels"] if label in types.get("ANGLES", [])]
    assert list(found.vectors) == angles == row["angle_labels"].split()
    doubled = {label for label in said["labels"] if said["labels"].count(label) > 1}
    assert set(found.doubled) == doubled
    once = [label for label in said["labels"] if label not in doubled | other | set(angles)]
    assert list(found.markers) == once
    assert len(once) + sum(said["labels"].count(one) for one in doubled) == int(row["markers"])
    assert {len(values) for values in series(found).values()} <= {held.frames}


@pytest.mark.parametrize("name", POINTS)
def test_first_valid_positions_and_missing_samples(name, real):
    said, found = manifest(real)[f"{name}.c3d"], recording(real / f"{name}.c3d")
    metres = METRES[length_unit(said["unit"])[0]]
    for label, first in said["first_positions"].items():
        values = series(found).get(label)
        if values is None:
            assert label in found.doubled or label not in rows(real)[f"{name}.c3d"]["angle_labels"]
            continue
        place = first["frame"] - 1
        assert np.isnan(values[:place]).all()
        scale, bound = (1.0, ANGLE) if label in found.vectors else (metres, POSITION * metres)
        expected = scale * np.array(first["value"])
        np.testing.assert_allclose(values[place], expected, rtol=1e-7, atol=bound)
    missing = {label: int(np.isnan(one).any(axis=1).sum()) for label, one in series(found).items()}
    assert missing == {label: said["missing_samples"].get(label, 0) for label in series(found)}


@pytest.mark.parametrize("name", FILES)
def test_events_are_those_that_the_laboratory_annotated(name, real):
    with (real / "annotated_events.csv").open(newline="") as stream:
        said = [row for row in csv.DictReader(stream) if row["file"] == f"{name}.c3d"]
    found = recording(real / f"{name}.c3d")
    assert len(found.events) == len(said)
    expected = sorted((float(one["sample"]), one["side"], one["event"]) for one in said)
    given = sorted((one.time * found.rate, one.side, one.event) for one in found.events)
    for (sample, *what), (told, *other) in zip(given, expected, strict=True):
        assert what == other and sample == pytest.approx(told, abs=1e-3)
    first = manifest(real)[f"{name}.c3d"]["first_frame"]
    for one, row in zip(
        found.events, sorted(said, key=lambda row: float(row["time_s"])), strict=True
    ):
        assert one.time + (first - 1) / found.rate == pytest.approx(float(row["time_s"]), abs=TIME)


def test_seventy_three_events_are_annotated_and_found(real):
    assert sum(len(recording(real / f"{name}.c3d").events) for name in FILES) == 73


CYCLES = (
    "treadmill_events",
    "overground_faces_minus_y",
    "overground_labels2",
    "model_outputs_only",
)


@pytest.mark.parametrize("name", CYCLES)
def test_ranges_of_the_model_angles(name, real):
    said, found = manifest(real)[f"{name}.c3d"], recording(real / f"{name}.c3d")
    samples = np.arange(len(next(iter(found.vectors.values()))))
    contacts = [
        one.time * found.rate for one in found.events
        if (one.side, one.event) == ("left", "contact")
    ]  # fmt: skip
    for label, values in said["model_outputs_degrees"].items():
        angle = found.vectors[label]
        np.testing.assert_allclose(angle[0], values["first_frame"], rtol=1e-6, atol=ANGLE)
        span = np.nanmax(angle, axis=0) - np.nanmin(angle, axis=0)
        np.testing.assert_allclose(span, values["range_all_frames_xyz"], rtol=1e-6, atol=1e-5)
        cycles = np.stack([
            CubicSpline(samples, angle)(np.linspace(start, end, 101))
            for start, end in pairwise(contacts)
        ])  # fmt: skip
        assert len(cycles) == values["cycles"]
        ranges = np.ptp(cycles, axis=1).mean(axis=0)
        np.testing.assert_allclose(ranges, values["mean_of_ranges_xyz"], atol=RANGE)
        mean = np.ptp(cycles.mean(axis=0), axis=0)
        np.testing.assert_allclose(mean, values["range_of_mean_cycle_xyz"], atol=RANGE)


def test_poses_of_a_markerless_system(real):
    said = manifest(real)["rotation_group_no_points.c3d"]
    found = recording(real / "rotation_group_no_points.c3d")
    assert list(found.rotations) == said["rotation_labels"] and found.rate == said["rotation_rate"]
    for label, pose in said["first_pose"].items():
        expected = np.array(pose, dtype=float)[:3, :3]
        np.testing.assert_allclose(found.rotations[label][0], expected, atol=1e-6)
    ezc3d = pytest.importorskip("ezc3d")
    theirs = ezc3d.c3d(str(real / "rotation_group_no_points.c3d"))["data"]["rotations"]
    for place, turns in enumerate(found.rotations.values()):
        np.testing.assert_allclose(turns, theirs[:3, :3, place].transpose(2, 0, 1), atol=1e-12)


def test_the_file_of_another_byte_order_holds_the_same_numbers(real):
    dec, mips = (recording(real / f"c3dorg_sample02_{one}_real.c3d") for one in ("dec", "sgi"))
    assert list(dec.markers) == list(mips.markers)
    for label, points in dec.markers.items():
        np.testing.assert_allclose(points, mips.markers[label], atol=POSITION / 1000.0)
    for one, other in zip(dec.plates, mips.plates, strict=True):
        np.testing.assert_allclose(one.force, other.force, atol=1e-3)


def test_names_are_found_without_the_subject_and_doubled_ones_are_refused(real):
    found = recording(real / "subject_prefix.c3d")
    assert resolve_label("LASI", found.markers, found.doubled) == ("AbcdeFghijk:LASI", "")
    found = recording(real / "doubled_labels.c3d")
    for name in ("RASI", "LASI", "VSAC", "C7", "RHEE", "RTOE"):
        assert resolve_label(name, found.markers, found.doubled) == (name, "")
    for name in ("RKNE", "RANK", "LKNE", "LANK", "RFOO", "LFOO"):
        assert resolve_label(name, found.markers, found.doubled) == ("", "it more than once")


def test_a_unit_that_is_cut_short_is_noted(real):
    found = recording(real / "unit_mete.c3d")
    assert found.unit == "m"
    assert found.notes == (
        "the unit 'mete' was taken for m, cut short",
        "4 events stand in its header; only those of its group EVENT are read",
    )


@pytest.mark.parametrize("name", [name for name in POINTS if name not in SHIFTED_BY_EZC3D])
def test_it_agrees_with_ezc3d_in_every_sample(name, real):
    ezc3d = pytest.importorskip("ezc3d")
    path = real / f"{name}.c3d"
    held = parse_c3d(path.read_bytes(), path.name)
    try:
        theirs = ezc3d.c3d(str(path))
    except RuntimeError:
        assert held.processor == 86, "it reads no MIPS"
        return
    places, _ = held.positions()
    np.testing.assert_array_equal(places, theirs["data"]["points"][:3].transpose(2, 1, 0))


def test_a_file_that_ezc3d_shifts_is_read_in_place(real):
    path = real / "analog_words_in_header_only.c3d"
    held = parse_c3d(path.read_bytes(), path.name)
    frame = 4 * (4 * held.points + held.analogs)
    assert 0 <= len(held.content) - held.start - held.frames * frame < 512
    for points in recording(path).markers.values():  # a shift jumps by metres
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        assert np.nanmax(steps) < 0.2
    ezc3d = pytest.importorskip("ezc3d")
    theirs = ezc3d.c3d(str(path))["data"]["points"][:3].transpose(2, 1, 0)
    ours, _ = held.positions()
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert not np.array_equal(ours[1:], theirs[1:], equal_nan=True)


def test_vertical_forces_are_those_of_walking_people(real):
    for name, number in (("overground_faces_minus_y", 2), ("c3dorg_sample01_int", 2),
                         ("doubled_labels", 2), ("unit_mete", 1)):  # fmt: skip
        plates = recording(real / f"{name}.c3d").plates
        assert len(plates) == number
        for plate in plates:
            assert 250.0 < plate.force.max() < 1500.0 and plate.force.min() > -35.0
            sides = np.linalg.norm(np.diff(plate.corners, axis=0), axis=1)
            assert ((sides > 0.3) & (sides < 1.0)).all()


# Minimal cases: what reading alone has to say of them.


@pytest.mark.parametrize(
    "name", ["plain", "more_labels_than_points", "labels2", "model_moments", "ghost_points",
             "twice_unlabelled", "events", "model_angles", "prefix_a", "prefix_b"]
)  # fmt: skip
def test_cases_hold_the_same_markers(name, shared):
    folder = shared / "motion" / "cases"
    plain, found = (recording(folder / f"{one}.c3d") for one in ("plain", name))
    missing = set()
    for label, points in plain.markers.items():
        here, _ = resolve_label(label, found.markers, found.doubled)
        if here:
            # One case is shorter, and its feet were smoothed after they were cut.
            frames = len(points) if len(found.markers[here]) == len(points) else 390
            np.testing.assert_allclose(found.markers[here][:frames], points[:frames], atol=1e-6)
        else:
            missing.add(label)
    assert len(missing) <= (name == "more_labels_than_points")


def test_cases_say_what_was_changed(shared):
    folder = shared / "motion" / "cases"
    zero = recording(folder / "zero_for_missing.c3d")
    gone = {
        label: int(np.isnan(points).any(axis=1).sum()) for label, points in zero.markers.items()
    }
    assert {label: n for label, n in gone.items() if n} == {"LPSI": 25, "C7": 25, "T10": 25}
    assert len(zero.notes) == 1 and "25 of LPSI" in zero.notes[0]
    angles = recording(folder / "model_angles.c3d")
    rom = np.ptp(angles.vectors["LPelvisAngles"], axis=0)
    np.testing.assert_allclose(rom, [6.0, 8.0, 10.0], atol=0.01)
    assert set(angles.vectors) == {"LPelvisAngles", "LSpineAngles"}
    assert recording(folder / "twice_unlabelled.c3d").doubled == ("*1",)
    assert recording(folder / "plain.c3d").notes == ()


def test_the_case_of_events(shared):
    found = recording(shared / "motion" / "cases" / "events.c3d")
    left = {
        kind: [one.time for one in found.events if (one.side, one.event) == ("left", kind)]
        for kind in ("contact", "off")
    }
    np.testing.assert_allclose(left["contact"], [0.30, 1.40, 2.50, 3.60], atol=1e-5)
    np.testing.assert_allclose(left["off"], [1.00, 2.10, 3.20], atol=1e-5)
