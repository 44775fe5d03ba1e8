"""C3D files: units, gaps, truncation anywhere, and files that contradict themselves."""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest

from backwalk_stats.analyses.simulated.motion import c3d as simulated_c3d
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.c3d_layout import parse_c3d
from backwalk_stats.loaders.motion.raw_motion import check_size, length_unit, resolve_label
from tests.loaders.motion.bodies import (
    DEC,
    INTEL,
    MIPS,
    RATE,
    SATURATED,
    body,
    c3d_bytes,
    write_c3d,
)

SINGLE = 1e-6  # C3D holds single precision
INTEGER = 0.05e-3  # half a step of 0.1 mm


@pytest.fixture
def read(tmp_path):
    """Return a reader of the bytes of a file."""

    def reader(content: bytes, **more):
        path = tmp_path / "a.c3d"
        path.write_bytes(content)
        return read_c3d(path, **more)

    return reader


def points_of(markers) -> np.ndarray:
    return 1000.0 * np.stack(list(markers.values()), axis=1)


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("mm", 1000.0), ("cm", 100.0), ("m", 1.0), ("MM", 1000.0), ("Millimeters", 1000.0),
     ("metres", 1.0), ("Centimetre", 100.0), ("mm.", 1000.0)],
)  # fmt: skip
def test_positions_are_metres_whatever_the_unit(unit, scale, tmp_path):
    markers = body()
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers, unit=unit, scale=scale))
    assert found.rate == RATE and found.notes == ()
    assert list(found.markers) == list(markers)
    for name, points in markers.items():
        np.testing.assert_allclose(found.markers[name], points, atol=SINGLE)


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("scale", [-1.0, 0.1])
@pytest.mark.parametrize("analogs", [0, 3])
def test_every_byte_order_gives_the_same_positions(processor, scale, analogs, read):
    markers = body()
    markers["LHEE"][10:14] = np.nan
    content = c3d_bytes(
        points_of(markers), labels=list(markers), processor=processor, scale=scale,
        analog=np.ones((60, 10, analogs)),
    )  # fmt: skip
    found = read(content)
    assert found.rate == RATE and found.notes == ()
    for name, points in markers.items():
        bound = SINGLE if scale < 0.0 else INTEGER + SINGLE
        np.testing.assert_allclose(found.markers[name], points, atol=bound)


@pytest.mark.parametrize("scale", [-1.0, 0.1])
@pytest.mark.parametrize("analogs", [0, 3])
@pytest.mark.parametrize("processor", [INTEL, DEC])  # it does not read MIPS
def test_it_agrees_with_ezc3d_number_by_number(scale, analogs, processor, tmp_path, read):
    ezc3d = pytest.importorskip("ezc3d")
    rng = np.random.default_rng(int(10 * scale) + analogs + processor)
    points = rng.uniform(-900.0, 900.0, (40, 6, 3))
    points[rng.random((40, 6)) < 0.2] = np.nan
    words = rng.integers(-2000, 2000, (40, 4, analogs)).astype(float)
    names = [f"P{k}" for k in range(6)]
    more = {"SCALE": rng.uniform(0.1, 2.0, analogs), "OFFSET": np.arange(analogs, dtype=np.int16)}
    path = tmp_path / "b.c3d"
    path.write_bytes(
        c3d_bytes(
            points, labels=names, scale=scale, analog=words, processor=processor,
            groups={
                "ANALOG": {**more, "GEN_SCALE": 0.5, "DESCRIPTIONS": []},
                "POINT": {"DESCRIPTIONS": []},
            },
        )
    )  # fmt: skip
    theirs = ezc3d.c3d(str(path))
    ours = read_c3d(path)
    for place, name in enumerate(names):
        expected = theirs["data"]["points"][:3, place].T / 1000.0
        np.testing.assert_allclose(ours.markers[name], expected, rtol=1e-6, atol=1e-9)
    if analogs:
        mine = parse_c3d(path.read_bytes(), "b.c3d").channels(list(range(analogs)))
        expected = theirs["data"]["analogs"][0]
        np.testing.assert_allclose(mine.reshape(-1, analogs).T, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("unit", "scale", "apart"),
    [("m", 1000.0, "as m"), ("mm", 1.0, "as mm"), ("cm", 1000.0, "as cm"), ("mm", 100.0, "as mm")],
)
def test_a_wrong_unit_is_refused_by_the_markers_that_are_used(unit, scale, apart, tmp_path):
    markers = body() | {"*7": np.full((60, 3), 0.008)}
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers, unit=unit, scale=scale))
    faults = Faults("a.c3d")
    check_size(found.markers, faults, unit=found.unit, names=list(body()))
    with pytest.raises(InputError, match=f"markers of a body.*{apart}"):
        faults.stop()


def test_a_reflection_far_away_is_a_fault_only_where_it_is_used(tmp_path):
    markers = body() | {"*156": np.full((60, 3), 8.0)}
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers))
    for names, wrong in ((list(body()), 0), (["SACR", "*156"], 1), (None, 1), (["SACR"], 0)):
        faults = Faults("a.c3d")
        check_size(found.markers, faults, unit=found.unit, names=names)
        assert len(faults.faults) == wrong


def test_a_wrong_unit_is_told_also_where_a_marker_is_never_there():
    markers = {name: 1000.0 * points for name, points in body().items()}
    faults = Faults("a.c3d")
    check_size(markers | {"GONE": np.full((60, 3), np.nan)}, faults, unit="m")
    assert [fault.column for fault in faults.faults] == ["unit of positions"]


def test_a_declared_unit_wins_and_is_noted(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body(), unit="m", scale=1000.0)
    found = read_c3d(path, unit="mm")
    assert found.notes == ("positions read as mm, as declared; the file says 'm'",)
    assert found.unit == "mm"
    np.testing.assert_allclose(found.markers["SACR"], body()["SACR"], atol=SINGLE)


def test_a_declared_unit_that_the_file_says_in_other_letters_is_no_note(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body(), unit="Millimeters")
    assert read_c3d(path, unit="mm").notes == ()


def test_a_unit_that_is_cut_short_is_read_and_noted(tmp_path):
    found = read_c3d(write_c3d(tmp_path / "a.c3d", body(), unit="mete", scale=1.0))
    np.testing.assert_allclose(found.markers["SACR"], body()["SACR"], atol=SINGLE)
    assert found.notes == ("the unit 'mete' was taken for m, cut short",)


@pytest.mark.parametrize(
    ("written", "unit", "short"),
    [("m", "m", False), (" M ", "m", False), ("metr", "m", True), ("milli", "mm", True),
     ("cent", "cm", True), ("me", "", False), ("", "", False), ("inch", "", False),
     ("meterstick", "", False), ("dm", "", False), ("mmm", "", False)],
)  # fmt: skip
def test_units_of_all_spellings(written, unit, short):
    assert length_unit(written) == (unit, short)


@pytest.mark.parametrize(("unit", "said"), [("", "no unit"), ("inch", "inch")])
def test_a_file_without_a_usable_unit_is_refused(unit, said, tmp_path):
    with pytest.raises(InputError, match=rf"POINT:UNITS.*{said}.*Declare it"):
        read_c3d(write_c3d(tmp_path / "a.c3d", body(), unit=unit))


def test_missing_samples_stay_missing(tmp_path):
    markers = body()
    markers["LHEE"][10:14] = np.nan
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers))
    assert np.flatnonzero(np.isnan(found.markers["LHEE"]).any(axis=1)).tolist() == [10, 11, 12, 13]
    assert np.isfinite(found.markers["SACR"]).all()


@pytest.mark.parametrize("mark", [-1.0, 65_535.0, 40_000.0, np.inf, 1e9])
def test_a_fourth_word_that_is_negative_in_16_bits_marks_a_missing_sample(mark, read):
    points = points_of(body())
    marks = np.full(points.shape[:2], 1031.0)  # four cameras and a residual
    marks[5, 1] = mark
    found = read(c3d_bytes(points, labels=list(body()), marks=marks))
    gone = {
        name: np.isnan(track).any(axis=1).nonzero()[0].tolist()
        for name, track in found.markers.items()
    }
    assert gone == {"SACR": [], "LHEE": [5], "RHEE": [], "LTOE": [], "RTOE": []}


def test_exact_zeros_are_gaps_with_a_note(tmp_path):
    markers = body() | {"*1": np.zeros((60, 3))}
    markers["LHEE"][20:45] = 0.0
    markers["RHEE"][3, :2] = 0.0  # two of three: a position
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers))
    assert found.notes == ("samples at (0, 0, 0) were taken for missing: 25 of LHEE",)
    assert np.isnan(found.markers["LHEE"]).all(axis=1).sum() == 25
    assert np.isfinite(found.markers["RHEE"]).all() and np.isnan(found.markers["*1"]).all()


def test_a_repeated_label_is_kept_apart(tmp_path):
    labels = ["SACR", "LHEE", "LHEE", "LTOE", "RTOE"]
    found = read_c3d(write_c3d(tmp_path / "a.c3d", body(), labels=labels))
    assert list(found.markers) == ["SACR", "LTOE", "RTOE"] and found.doubled == ("LHEE",)
    assert resolve_label("SACR", found.markers, found.doubled) == ("SACR", "")
    assert resolve_label("LHEE", found.markers, found.doubled) == ("", "it more than once")


@pytest.mark.parametrize(
    ("name", "known", "doubled", "expected"),
    [
        ("LASI", ["LASI", "AB01:LASI"], [], ("LASI", "")),
        ("LASI", ["AB01:LASI", "C7"], [], ("AB01:LASI", "")),
        ("AB01:LASI", ["AB01:LASI", "AB02:LASI"], [], ("AB01:LASI", "")),
        ("LASI", ["AB01:LASI", "AB02:LASI"], [], ("", "it for 2 subjects")),
        ("LASI", ["AB01:LASI"], ["AB02:LASI"], ("", "it for 2 subjects")),
        ("LASI", ["C7"], ["AB02:LASI"], ("", "it more than once")),
        ("LASI", ["C7", "XLASI", "LASI:C7"], [], ("", "no such name")),
        ("AB01:LASI", ["LASI"], [], ("", "no such name")),
        ("LASI", ["lab:AB01:LASI"], [], ("lab:AB01:LASI", "")),
    ],
)
def test_a_name_means_a_label_without_its_prefix_where_that_is_unique(
    name, known, doubled, expected
):
    assert resolve_label(name, known, doubled) == expected
    assert "AB01" not in expected[1]


def test_only_the_first_labels_that_are_used_count_and_they_go_on(read):
    points = points_of(body())
    spare = [*body(), "CENTREOFMASS", "SACR"]
    assert list(read(c3d_bytes(points, labels=spare)).markers) == list(body())
    rng = np.random.default_rng(4)
    many = rng.uniform(1.0, 900.0, (4, 600, 3))
    names = [f"M{k}" for k in range(600)]
    found = read(c3d_bytes(many, labels=names))
    assert list(found.markers) == names and found.notes == ()
    np.testing.assert_allclose(found.markers["M599"], many[:, 599] / 1000.0, atol=SINGLE)


def test_points_without_a_label_are_told(read):
    found = read(c3d_bytes(points_of(body()), labels=list(body())[:3]))
    assert list(found.markers) == list(body())[:3]
    assert found.notes == ("2 points without a label were not read",)


@pytest.mark.parametrize("analogs", [0, 6])
def test_a_file_that_is_cut_anywhere_is_refused(analogs, tmp_path):
    whole = write_c3d(tmp_path / "whole.c3d", body(), analogs=analogs).read_bytes()
    read_c3d(tmp_path / "whole.c3d")
    cut = tmp_path / "cut.c3d"
    for size in [0, 1, 100, 511, 512, 600, 1024, *range(1500, len(whole) - 513, 977)]:
        cut.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"cut\.c3d"):
            read_c3d(cut)


def test_the_frames_of_a_cut_file_are_counted(tmp_path):
    whole = write_c3d(tmp_path / "a.c3d", body()).read_bytes()
    data = len(whole) - -(-60 * 5 * 16 // 512) * 512
    (tmp_path / "a.c3d").write_bytes(whole[: data + 40 * 5 * 16 + 7])
    with pytest.raises(InputError, match=r"60 frames, as its header says, found 40 frames"):
        read_c3d(tmp_path / "a.c3d")


def test_rates_that_differ_are_refused(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body())
    content = bytearray(path.read_bytes())
    assert struct.unpack_from("<f", content, 20) == (RATE,)  # word 11 of the header
    struct.pack_into("<f", content, 20, 120.0)
    path.write_bytes(content)
    with pytest.raises(InputError, match="120 Hz in the header and 100 Hz in POINT:RATE"):
        read_c3d(path)


@pytest.mark.parametrize("content", [b"", b"time,a\n1,2\n" * 100, b"PK\x03\x04" * 300])
def test_another_kind_of_file_is_refused(content, tmp_path):
    (tmp_path / "a.c3d").write_bytes(content)
    with pytest.raises(InputError, match="expected a C3D file"):
        read_c3d(tmp_path / "a.c3d")


def after(content: bytes | bytearray, name: bytes, more: int) -> int:
    """Return the place of a byte after the name of a parameter of the points (group 1)."""
    return content.index(b"\x01" + name) + 1 + len(name) + more


@pytest.mark.parametrize(
    ("name", "more", "value", "said"),
    [
        (b"SCALE", 1, 100, "damaged parameters"),  # the way to the next record leads out
        (b"SCALE", 2, 3, "a damaged parameter, POINT:SCALE"),  # no such type
        (b"SCALE", 3, 9, "a damaged parameter, POINT:SCALE"),  # too many dimensions
        (b"USED", 4, 99, "5 in the header and 99 in POINT:USED"),
        (b"LABELS", 4, 255, "a damaged parameter, POINT:LABELS"),  # longer than the record
        (b"POINT", -5, ord("J"), "no group POINT"),
    ],
)
def test_damaged_parameters_are_refused_with_their_reason(name, more, value, said, read):
    content = bytearray(c3d_bytes(points_of(body()), labels=list(body())))
    place = content.index(b"POINT") + 5 + more if name == b"POINT" else after(content, name, more)
    assert content[place] != value
    content[place] = value
    with pytest.raises(InputError, match=said) as refusal:
        read(bytes(content))
    assert len(refusal.value.faults) == 1


def test_parameters_that_begin_behind_the_end_are_refused(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body())
    for first in (0, 1, 200):
        path.write_bytes(bytes([first]) + path.read_bytes()[1:])
        with pytest.raises(InputError, match="no parameters where its header says"):
            read_c3d(path)


def test_an_unknown_byte_order_is_told_as_that(read):
    content = bytearray(c3d_bytes(points_of(body()), labels=list(body())))
    content[512 + 3] = 90
    with pytest.raises(InputError, match=r"byte order of Intel.*found processor 90"):
        read(bytes(content))


# Header and parameters tell the same counts twice.


def test_analog_words_that_stand_in_the_header_only_are_stepped_over(read):
    words = np.random.default_rng(1).normal(size=(60, 1, 6))
    made = c3d_bytes(
        points_of(body()), labels=list(body()), analog=words, groups={"ANALOG": {"RATE": None}}
    )
    found = read(made)
    assert found.notes == ()
    np.testing.assert_allclose(found.markers["RTOE"], body()["RTOE"], atol=SINGLE)
    nothing = c3d_bytes(
        points_of(body()), labels=list(body()), analog=words,
        groups={"ANALOG": dict.fromkeys(["USED", "RATE"])},
    )  # fmt: skip
    found = read(nothing)
    np.testing.assert_allclose(found.markers["RTOE"], body()["RTOE"], atol=SINGLE)
    assert found.notes == (
        "header and parameters disagree on how the data lie; the size of the file decided",
    )


def test_where_no_count_fills_the_file_it_is_refused(read):
    made = c3d_bytes(
        points_of(body()), labels=list(body()), analog=np.ones((60, 1, 6)),
        groups={"ANALOG": {"USED": 40}}, header={3: 77},
    )  # fmt: skip
    with pytest.raises(InputError, match="77 in the header and 40 in ANALOG, and neither fills"):
        read(made)


def test_where_the_data_begin_is_held_against_the_size(read):
    content = bytearray(c3d_bytes(points_of(body()), labels=list(body())))
    content[after(content, b"DATA_START", 5)] = 127
    found = read(bytes(content))
    np.testing.assert_allclose(found.markers["RTOE"], body()["RTOE"], atol=SINGLE)
    assert len(found.notes) == 1 and "the size of the file decided" in found.notes[0]
    with pytest.raises(InputError, match="block 3 in the header and 32515 in POINT:DATA_START"):
        read(bytes(content) + bytes(2048))


@pytest.mark.parametrize(
    ("scale", "said"), [(0.5, r"-1 in the header and 0\.5 in POINT:SCALE"), (0.0, "and 0 in")]
)
def test_scales_that_differ_are_refused(scale, said, read):
    made = c3d_bytes(points_of(body()), labels=list(body()), groups={"POINT": {"SCALE": scale}})
    with pytest.raises(InputError, match=said):
        read(made)


def test_frame_counts_that_differ_are_told(read):
    made = c3d_bytes(points_of(body()), labels=list(body()), groups={"POINT": {"FRAMES": 61}})
    found = read(made)
    assert len(found.markers["SACR"]) == 60
    assert found.notes == ("60 frames in its header, which were taken; 61 in POINT:FRAMES",)


LONG = 70_000


@pytest.mark.parametrize("first", [1, 66_000])
def test_recordings_longer_than_a_word_counts_are_whole(first, read):
    points = np.random.default_rng(2).uniform(1.0, 900.0, (LONG, 1, 3))
    content = c3d_bytes(points, labels=["SACR"], first=first)
    held = parse_c3d(content, "a.c3d")
    assert (held.frames, held.first) == (LONG, first)
    found = read(content).markers["SACR"]
    np.testing.assert_allclose(found[-1], points[-1, 0] / 1000.0, atol=SINGLE)


def test_long_frames_count_where_trial_does_not(read):
    points = np.random.default_rng(2).uniform(1.0, 900.0, (LONG, 1, 3))
    content = c3d_bytes(
        points, labels=["SACR"],
        groups={
            "POINT": {"LONG_FRAMES": float(LONG)},
            "TRIAL": dict.fromkeys(["ACTUAL_START_FIELD", "ACTUAL_END_FIELD"]),
        },
    )  # fmt: skip
    assert len(read(content).markers["SACR"]) == LONG
    assert parse_c3d(content, "a.c3d").notes == ()


def test_exactly_as_many_frames_as_a_word_counts():
    points = np.ones((SATURATED, 1, 3))
    held = parse_c3d(c3d_bytes(points, labels=["SACR"]), "a.c3d")
    assert held.frames == SATURATED


def test_bytes_behind_the_last_frame_are_told(read):
    found = read(c3d_bytes(points_of(body()), labels=list(body())) + bytes(4096))
    (note,) = found.notes
    assert note.endswith("bytes behind the last frame were not read")


def test_a_file_of_analog_channels_alone_is_refused(read):
    made = c3d_bytes(np.ones((9, 0, 3)), labels=[], analog=np.ones((9, 2, 3)))
    with pytest.raises(InputError, match="positions, model angles or poses, found none"):
        read(made)


def test_the_simulated_files_are_sound(tmp_path, read):
    ezc3d = pytest.importorskip("ezc3d")
    content = simulated_c3d(body(), rate=50.0)
    found = read(content)
    assert found.rate == 50.0 and found.notes == ()
    theirs = ezc3d.c3d(str(tmp_path / "a.c3d"))
    assert theirs["parameters"]["POINT"]["LABELS"]["value"] == list(body())
    for place, (name, points) in enumerate(body().items()):
        np.testing.assert_allclose(found.markers[name], points, atol=SINGLE)
        expected = theirs["data"]["points"][:3, place].T / 1000.0
        np.testing.assert_allclose(found.markers[name], expected, rtol=1e-7)


def test_a_minute_of_sixty_markers_is_read_in_a_fraction_of_a_second(read):
    frames = 6_000
    points = np.random.default_rng(3).uniform(1.0, 900.0, (frames, 60, 3))
    plate = {
        "USED": 1, "TYPE": np.array([2], np.int16),
        "CHANNEL": np.arange(1, 7, dtype=np.int16)[None],
        "CORNERS": np.array([[[500.0, 500, 0], [0, 500, 0], [0, 0, 0], [500, 0, 0]]]),
    }  # fmt: skip
    content = c3d_bytes(
        points, labels=[f"M{k}" for k in range(60)], analog=np.ones((frames, 10, 24)),
        groups={"FORCE_PLATFORM": plate},
    )  # fmt: skip
    read(content)
    start = time.perf_counter()
    found = read(content)
    assert time.perf_counter() - start < 1.0
    assert len(found.markers) == 60 and len(found.plates) == 1
