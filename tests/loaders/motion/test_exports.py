"""Exports of motion systems by their presets: what is read, what is refused and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.motion_bids import read_motion_bids
from backwalk_stats.loaders.motion.nexus import read_nexus
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from backwalk_stats.loaders.motion.qualisys import read_qualisys
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.reading import Asked
from backwalk_stats.loaders.motion.visual3d import read_visual3d
from backwalk_stats.loaders.motion.xsens import read_mvnx, read_sensor, read_sensors
from tests.loaders.motion import exports

READERS = {
    "nexus": ("a.csv", read_nexus),
    "visual3d": ("a.txt", read_visual3d),
    "qualisys": ("a.tsv", read_qualisys),
    "opensense": ("a.sto", read_storage),
    "sensor": ("a.txt", read_sensor),
    "mvnx": ("a.mvnx", read_mvnx),
    "trc": ("a.trc", read_trc),
    "mot": ("a.mot", read_storage),
}


def read(tmp_path: Path, kind: str, text: str, asked: Asked | None = None) -> RawMotion:
    name, reader = READERS[kind]
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = reader(tmp_path / name, asked)
    assert isinstance(found, RawMotion)
    return found


def refused(tmp_path: Path, kind: str, text: str, asked: Asked | None = None) -> str:
    with pytest.raises(InputError) as told:
        read(tmp_path, kind, text, asked)
    assert len(told.value.faults) == 1, "one message for one cause"
    return str(told.value.faults[0])


def same_markers(found: RawMotion, prefix: str = "", atol: float = 1e-6) -> None:
    for name, points in exports.MARKERS.items():
        np.testing.assert_allclose(found.markers[prefix + name], points, atol=atol)


# Nexus.


@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), ("\t", "."), (";", ","), (";", ".")]
)
def test_nexus_in_the_signs_of_a_country(separator, decimal, tmp_path):
    found = read(tmp_path, "nexus", exports.nexus(separator=separator, decimal=decimal))
    same_markers(found, "AB01:")
    assert list(found.vectors) == ["AB01:LSpineAngles"]
    np.testing.assert_allclose(found.vectors["AB01:LSpineAngles"], exports.ANGLES, atol=1e-4)
    told = [(one.side, one.event, round(one.time, 9)) for one in found.events]
    assert told == [("left", "contact", 0.1), ("right", "off", 0.2)]
    assert found.notes == (
        "1 model outputs are left out: their units are no angle's",
        "1 events are left out: no contact or off of a foot",
    )


def test_times_of_nexus_count_from_frame_1(tmp_path):
    found = read(tmp_path, "nexus", exports.nexus(first=5))
    assert [round(one.time, 9) for one in found.events] == [0.06, 0.16]


def test_a_doubled_name_of_nexus_is_not_read(tmp_path):
    text = exports.nexus().replace("AB01:LTOE", "AB01:LHEE")
    found = read(tmp_path, "nexus", text)
    assert "AB01:LHEE" not in found.markers and "AB01:SACR" in found.markers
    assert found.doubled == ("AB01:LHEE",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Trajectories", "Tracks", ""),
        ("Trajectories\n100", "Trajectories\n", "samples per second below the name"),
        ("Trajectories\n100", "Trajectories\n50", "the same frames"),
        ("Frame,Sub Frame", "Field,Sub Frame", "columns Frame and Sub Frame"),
        (",mm,", ",yards,", "one of m, cm, mm, found no unit"),
        ("\n7,0,", "\n8,0,", "frames that count by one"),
    ],
)
def test_what_nexus_does_not_write_is_refused(old, new, said, tmp_path):
    text = exports.nexus()
    assert old in text
    if said:
        assert said in refused(tmp_path, "nexus", text.replace(old, new))
    else:
        assert not read(tmp_path, "nexus", text.replace(old, new)).markers


def test_an_export_of_nexus_without_a_section_of_motion(tmp_path):
    assert "a section Trajectories or Model Outputs" in refused(tmp_path, "nexus", "a,b\n1,2\n")
    told = refused(tmp_path, "nexus", "Devices\n1000\n")
    assert "found sections devices" in told


# Visual3D.


def test_visual3d(tmp_path):
    found = read(tmp_path, "visual3d", exports.visual3d())
    assert found.rate == pytest.approx(100.0) and list(found.vectors) == ["Pelvis_Angles"]
    np.testing.assert_allclose(found.vectors["Pelvis_Angles"], exports.ANGLES, atol=1e-6)
    same_markers(found)
    assert [(one.side, round(one.time, 6)) for one in found.events] == [
        ("left", 0.1),
        ("left", 0.3),
    ]
    assert found.notes[0].startswith("1 signals are left out") and "metres" in found.notes[1]


def test_a_shorter_recording_inside_a_table_of_visual3d(tmp_path):
    text = exports.visual3d(("C:\\data\\one.c3d", "two.c3d"), shorter=10)
    second = read(tmp_path, "visual3d", text, Asked(inside="two.c3d"))
    assert len(second.vectors["Pelvis_Angles"]) == exports.FRAMES - 10
    np.testing.assert_allclose(second.vectors["Pelvis_Angles"], exports.ANGLES[:-10] + 1, atol=1e-6)
    first = read(tmp_path, "visual3d", text, Asked(inside="one.c3d"))  # without its folder
    assert len(first.vectors["Pelvis_Angles"]) == exports.FRAMES
    assert "found 2 recordings" in refused(tmp_path, "visual3d", text)
    told = refused(tmp_path, "visual3d", text, Asked(inside="three.c3d"))
    assert "found 0 of 2 recordings with this name" in told and "two" not in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("TIME", "CLOCK", "a column TIME"),
        ("ITEM", "items", "components after ITEM"),
        ("0.050000", "0.058000", "an uneven step"),
        ("0.050000", "", "a time in every sample"),
    ],
)
def test_what_visual3d_does_not_write_is_refused(old, new, said, tmp_path):
    text = exports.visual3d()
    assert old in text
    assert said in refused(tmp_path, "visual3d", text.replace(old, new, 1))


# Qualisys.


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("counted", [True, False])
def test_qualisys_with_and_without_names_and_counts(names, counted, tmp_path):
    found = read(tmp_path, "qualisys", exports.qualisys(names=names, counted=counted))
    assert found.rate == pytest.approx(100.0)
    same_markers(found)
    assert "millimetres" in found.notes[-1]


def test_a_declared_unit_wins_over_millimetres(tmp_path):
    found = read(tmp_path, "qualisys", exports.qualisys(), Asked(unit="cm"))
    np.testing.assert_allclose(found.markers["SACR"], 10 * exports.MARKERS["SACR"], atol=1e-5)
    assert found.notes == ()


def test_events_of_qualisys_count_by_their_frames(tmp_path):
    events = "EVENT\tLHS\t715\t7.14\nEVENT\tRTO\t720\t7.19\nEVENT\tTurn\t721\t7.2"
    found = read(tmp_path, "qualisys", exports.qualisys(events=events, first=705))
    told = [(one.side, one.event, round(one.time, 9)) for one in found.events]
    assert told == [("left", "contact", 0.1), ("right", "off", 0.15)]
    assert found.notes[0] == "1 events are left out: no contact or off of a foot"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("NO_OF_FRAMES\t40", "NO_OF_FRAMES\t41", "41 as its header says (NO_OF_FRAMES), found 40"),
        ("NO_OF_MARKERS\t5", "NO_OF_MARKERS\t6", "6 as its header says (NO_OF_MARKERS)"),
        ("FREQUENCY\t100", "FREQUENCY\t0", "column FREQUENCY: expected a number above 0"),
        ("FREQUENCY\t100", "FREQUENCY\t120", "120 samples per second (FREQUENCY), found 100"),
        ("DATA_INCLUDED\t3D", "DATA_INCLUDED\t6D", "positions of markers (3D), found '6D'"),
        ("MARKER_NAMES", "NAMES", "found no MARKER_NAMES"),
        ("SACR X", "SACR Q", "columns of the markers that the header names"),
    ],
)
def test_what_qualisys_does_not_write_is_refused(old, new, said, tmp_path):
    text = exports.qualisys()
    assert old in text
    assert said in refused(tmp_path, "qualisys", text.replace(old, new, 1))


# Xsens.


def test_a_body_of_xsens(tmp_path):
    found = read(tmp_path, "mvnx", exports.mvnx())
    assert list(found.quaternions) == ["Pelvis", "L5"] and found.rate == 100.0
    np.testing.assert_allclose(found.quaternions["L5"], exports.QUATERNIONS, atol=1e-6)
    np.testing.assert_allclose(found.vectors["jL5S1"], exports.ANGLES, atol=1e-6)
    told = [(one.side, one.event, round(one.time, 9)) for one in found.events]
    assert told == [
        ("left", "contact", 0.1), ("right", "off", 0.1),
        ("left", "off", 0.3), ("right", "contact", 0.3),
    ]  # fmt: skip


LAUGHS = '<!DOCTYPE a [<!ENTITY b "' + "ha" * 99 + '"><!ENTITY c "&b;&b;&b;&b;">]>\n'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<mvnx xmlns", LAUGHS + "<mvnx xmlns", "XML with a document type"),
        ("</mvnx>", "", "XML that is not well-formed"),
        ('encoding="UTF-8"', 'encoding="none-such"', "one that cannot be read"),
        ('frameRate="100"', 'frameRate="fast"', "frameRate of the subject"),
        ('index="7"', 'index="8"', "frames that count by one"),
        ("<jointAngle>", "<jointAngle>1 ", "3 numbers in every jointAngle, found 4 in frame 1"),
        ('type="normal"', 'type="other"', "at least 10 frames of type normal, found 0"),
        ("<orientation>1", "<orientation>one", "numbers in every orientation"),
        ("</subject>", "</subject><subject/>", "one person (subject), found 2"),
    ],
)
def test_what_xsens_does_not_write_is_refused(old, new, said, tmp_path):
    text = exports.mvnx()
    assert old in text
    text = text.replace(old, new) if "type" in old or "Angle" in old else text.replace(old, new, 1)
    if "one" in new and "orientation" in new:
        text = exports.mvnx().replace(
            'type="normal"><orientation>1.0', 'type="normal"><orientation>x'
        )
    assert said in refused(tmp_path, "mvnx", text)


@pytest.mark.parametrize("matrix", [True, False])
def test_packets_that_were_lost_are_missing_samples(matrix, tmp_path):
    found = read(tmp_path, "sensor", exports.sensor_text(lost=(7, 20, 21), matrix=matrix))
    values = found.quaternions["sensor"]
    assert np.flatnonzero(np.isnan(values).any(axis=1)).tolist() == [7, 20, 21]
    there = np.isfinite(values).all(axis=1)
    np.testing.assert_allclose(values[there], exports.QUATERNIONS[there], atol=2e-6)
    assert bool(found.rotations) == matrix
    assert found.notes == ("3 packets were lost on the way: these samples are missing",)


def test_sensors_are_put_together_by_their_packets(tmp_path):
    (tmp_path / "a.txt").write_text(exports.sensor_text(first=65_530))
    (tmp_path / "b.txt").write_text(exports.sensor_text(first=65_535))  # five packets later
    found = read_sensors({"pelvis": tmp_path / "a.txt", "lumbar": tmp_path / "b.txt"})
    np.testing.assert_allclose(found.quaternions["pelvis"], exports.QUATERNIONS[5:], atol=2e-6)
    np.testing.assert_allclose(found.quaternions["lumbar"], exports.QUATERNIONS[:-5], atol=2e-6)
    (tmp_path / "b.txt").write_text(exports.sensor_text(first=30_000))
    with pytest.raises(InputError, match="they were not recorded together"):
        read_sensors({"pelvis": tmp_path / "a.txt", "lumbar": tmp_path / "b.txt"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("// Update Rate: 100.0Hz\n", "", "found none: the file holds no rate"),
        ("100.0Hz", "fast", "an Update Rate in Hz"),
        ("Mat[1][1]", "Roll", "columns Mat[1][1] to Mat[3][3], or Quat_q0 to Quat_q3"),
        ("1.000000\t0.000000", "2.000000\t0.000000", "found matrices that do not turn"),
        ("65531\t", "65530\t", "a PacketCounter that rises"),
    ],
)
def test_what_a_sensor_does_not_write_is_refused(old, new, said, tmp_path):
    text = exports.sensor_text()
    assert old in text
    assert said in refused(tmp_path, "sensor", text.replace(old, new, 1))


# Motion-BIDS.


def bids(tmp_path: Path, name: str = "", old: str = "", new: str = "") -> RawMotion:
    for file, text in exports.bids().items():
        assert old in text or file != name
        content = text.replace(old, new, 1) if file == name else text
        (tmp_path / file).write_text(content)
    used = frozenset({"SACR", "spine", "knee"})
    return read_motion_bids(tmp_path / "a_motion.tsv", Asked(used=used))


def test_motion_bids(tmp_path):
    found = bids(tmp_path)
    same_markers(found)
    np.testing.assert_allclose(found.vectors["spine"], exports.ANGLES, atol=1e-5)
    np.testing.assert_allclose(found.angles["knee"], exports.ANGLES[:, 0], atol=1e-6)
    np.testing.assert_allclose(found.quaternions["imu"], exports.QUATERNIONS, atol=1e-6)
    assert found.rate == 100.0 and found.notes[0].startswith("1 channels are left out")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("a_motion.json", "100.0", '"fast"', "SamplingFrequency in motion.json"),
        ("a_motion.json", "{", "[" * 100_000, "JSON in motion.json"),
        ("a_motion.json", "100.0", "200", "200 samples per second (motion.json), found 100"),
        ("a_channels.tsv", "tracked_point", "point", "columns tracked_point in channels.tsv"),
        (
            "a_channels.tsv",
            "SACR\tmm",
            "SACR\tfeet",
            "units of channels.tsv: expected one of m, cm, mm",
        ),
        ("a_channels.tsv", "z\tJNTANG", "y\tJNTANG", "column spine: expected each component once"),
        (
            "a_channels.tsv",
            "gyro_x\tx\tGYRO\timu\trad/s\t100",
            "",
            "line 1: expected 23 numbers in a line, found 24 cells (40 rows",
        ),
    ],
)
def test_what_motion_bids_does_not_say_is_refused(name, old, new, said, tmp_path):
    with pytest.raises(InputError) as told:
        bids(tmp_path, name, old, new)
    assert said in str(told.value)


@pytest.mark.parametrize("name", ["a_channels.tsv", "a_motion.json"])
def test_a_table_of_motion_bids_by_itself(name, tmp_path):
    bids(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=r"beside the table, found no such file"):
        read_motion_bids(tmp_path / "a_motion.tsv")


# OpenSim.


@pytest.mark.parametrize("degrees", [True, False])
def test_units_by_column_of_opensim(degrees, tmp_path):
    found = read(tmp_path, "mot", exports.storage(degrees=degrees))
    assert list(found.angles) == ["lumbar_extension"]
    factor = 1.0 if degrees else 180 / np.pi
    values = found.angles["lumbar_extension"]
    np.testing.assert_allclose(values, factor * exports.ANGLES[:, 0], atol=1e-2)


@pytest.mark.parametrize(
    "name", ["hip_moment", "pelvis_tx_force", "hip_flexion_u", "soleus.activation", "a/speed"]
)
def test_a_table_without_angles_is_refused(name, tmp_path):
    text = "\n".join(["x", "nRows=40", "nColumns=2", "inDegrees=yes", "endheader", f"time\t{name}"])
    rows = [f"{time:.2f}\t{time}" for time in exports.TIME]
    told = refused(tmp_path, "mot", "\n".join([text, *rows]))
    assert "expected joint angles" in told and "in every column" in told


@pytest.mark.parametrize(
    ("kind", "old", "new", "note"),
    [
        ("mot", "nColumns=4", "nColumns=3", "its header says 3 (ncolumns), and there are 4"),
        ("mot", "nRows=40", "nRows=39", "its header says 39 (nrows), and there are 40"),
        ("trc", "\t40\t5\t", "\t40\t15\t", "its header says 15 (nummarkers), and there are 5"),
    ],
)
def test_counts_that_programs_write_otherwise(kind, old, new, note, tmp_path):
    text = {"mot": exports.storage, "trc": exports.markers_trc}[kind]()
    assert old in text
    assert any(note in one for one in read(tmp_path, kind, text.replace(old, new, 1)).notes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DataRate=100", "DataRate=60", "the samples per second of DataRate, found 100"),
        ("DataType=Quaternion", "DataType=double", "inDegrees=yes or inDegrees=no"),
        ("1.000000000,", "", "9 numbers in a line, found 8 cells"),
    ],
)
def test_orientations_that_do_not_fit_are_refused(old, new, said, tmp_path):
    text = exports.opensense()
    assert old in text
    assert said in refused(tmp_path, "opensense", text.replace(old, new, 1))


# Uneven times.


@pytest.mark.parametrize("kind", ["mot", "trc", "opensense", "visual3d"])
def test_uneven_times_only_as_declared(kind, tmp_path):
    texts = {"mot": exports.storage(), "trc": exports.markers_trc(),
             "opensense": exports.opensense(), "visual3d": exports.visual3d()}  # fmt: skip
    lines = texts[kind].splitlines(keepends=True)
    text = "".join([*lines[:-20], *lines[-18:]])  # two samples lost
    for count in ("nRows=40", "\t40\t"):
        text = text.replace(count, count.replace("40", "38"))
    told = refused(tmp_path, kind, text)
    assert "an uneven step after sample 20" in told and "declare resample = RATE" in told
    found = read(tmp_path, kind, text, Asked(resample=200.0))
    assert found.rate == 200.0 and "brought to 200 samples per second" in found.notes[-1]
    for held in (found.angles, found.markers, found.quaternions, found.vectors):
        for values in held.values():
            assert len(values) == 2 * (exports.FRAMES - 1) + 1 and np.isfinite(values).all()
    if kind == "opensense":
        norms = np.linalg.norm(found.quaternions["pelvis_imu"], axis=1)
        np.testing.assert_allclose(norms, 1.0, atol=1e-12)


def test_straight_lines_between_uneven_times_and_nothing_in_a_hole(tmp_path):
    time = np.array([0.0, 0.01, 0.025, 0.03, 0.05, 0.2, 0.21, 0.22, 0.23, 0.24])
    rows = "\n".join(f"{one:.3f}\t{5 * one + 1:.6f}" for one in time)
    head = "x\nnRows=10\nnColumns=2\ninDegrees=yes\nendheader\ntime\thip\n"
    found = read(tmp_path, "mot", head + rows, Asked(resample=100.0)).angles["hip"]
    grid = np.arange(25) / 100
    hole = (grid > 0.051) & (grid < 0.199)
    assert np.isnan(found[hole]).all()
    np.testing.assert_allclose(found[~hole], 5 * grid[~hole] + 1, atol=1e-9)


def test_resampling_against_numpy(tmp_path):
    rng = np.random.default_rng(12)
    time = np.round(np.cumsum(rng.uniform(0.004, 0.02, 200)), 6)
    values = np.round(rng.normal(size=200), 6)
    values[50] = np.nan
    rows = "\n".join(f"{one:.6f}\t{value:.6f}" for one, value in zip(time, values, strict=True))
    head = "x\nnRows=200\nnColumns=2\ninDegrees=yes\nendheader\ntime\thip\n"
    found = read(tmp_path, "mot", head + rows, Asked(resample=128.0))
    grid = time[0] + np.arange(len(found.angles["hip"])) / 128
    assert grid[-1] <= time[-1] < grid[-1] + 1 / 128
    # A missing sample takes the straight lines on both of its sides with it.
    expected = np.interp(grid, time, values)
    expected[(grid > time[49]) & (grid < time[51])] = np.nan
    np.testing.assert_allclose(found.angles["hip"], expected, atol=1e-9)


def test_signs_of_quaternions_do_not_matter_between_samples(tmp_path):
    lines = exports.opensense().splitlines()
    cells = lines[20].split("\t")
    flipped = [",".join(f"{-float(part)}" for part in cell.split(",")) for cell in cells[1:]]
    lines[20] = "\t".join([cells[0], *flipped])
    del lines[30]
    found = read(tmp_path, "opensense", "\n".join(lines), Asked(resample=100.0))
    values = found.quaternions["pelvis_imu"]
    same = np.abs(np.sum(values * exports.QUATERNIONS, axis=1))
    np.testing.assert_allclose(same, 1.0, atol=1e-5)


@pytest.mark.parametrize("change", [-0.2, 0.0])
def test_times_that_do_not_rise_are_refused_though_resampling_is_declared(change, tmp_path):
    lines = exports.storage().splitlines()
    cells = lines[25].split("\t")
    lines[25] = "\t".join([f"{float(lines[24].split(chr(9))[0]) + change:.4f}", *cells[1:]])
    told = refused(tmp_path, "mot", "\n".join(lines), Asked(resample=100.0))
    assert "expected times that rise" in told
