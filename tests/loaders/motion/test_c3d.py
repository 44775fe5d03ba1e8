"""C3D files: units, gaps, truncation anywhere, and files that contradict themselves."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.motion.c3d import parsed_c3d, read_c3d
from tests.loaders.motion.bodies import RATE, body, write_c3d

pytest.importorskip("ezc3d")
SINGLE = 1e-6  # C3D holds single precision


@pytest.mark.parametrize(("unit", "scale"), [("mm", 1000.0), ("cm", 100.0), ("m", 1.0)])
def test_positions_are_metres_whatever_the_unit(unit, scale, tmp_path):
    markers = body()
    found = read_c3d(write_c3d(tmp_path / "a.c3d", markers, unit=unit, scale=scale))
    assert found.rate == RATE
    assert list(found.markers) == list(markers)
    for name, points in markers.items():
        np.testing.assert_allclose(found.markers[name], points, atol=SINGLE)


@pytest.mark.parametrize(
    ("unit", "scale", "apart"),
    [("m", 1000.0, "as m"), ("mm", 1.0, "as mm"), ("cm", 1000.0, "as cm"), ("mm", 100.0, "as mm")],
)
def test_a_wrong_unit_is_refused(unit, scale, apart, tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body(), unit=unit, scale=scale)
    with pytest.raises(InputError, match=f"markers of a body.*{apart}"):
        read_c3d(path)


def test_a_wrong_unit_is_told_also_where_a_marker_is_never_there(tmp_path):
    markers = body() | {"GONE": np.full((60, 3), np.nan)}
    with pytest.raises(InputError, match="markers of a body"):
        read_c3d(write_c3d(tmp_path / "a.c3d", markers, unit="m"))


def test_a_declared_unit_wins_and_is_noted(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body(), unit="m", scale=1000.0)
    found = read_c3d(path, unit="mm")
    assert found.notes == ("positions read as mm, as declared; the file says 'm'",)
    np.testing.assert_allclose(found.markers["SACR"], body()["SACR"], atol=SINGLE)


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


def test_a_repeated_label_is_refused(tmp_path):
    labels = ["SACR", "LHEE", "LHEE", "LTOE", "RTOE"]
    with pytest.raises(InputError, match=r"column LHEE: expected each marker once"):
        read_c3d(write_c3d(tmp_path / "a.c3d", body(), labels=labels))


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
    frame = 5 * 4 * 4
    (tmp_path / "a.c3d").write_bytes(whole[: len(whole) // 512 * 512 - 20 * frame])
    with pytest.raises(InputError, match=r"60 frames, as its header says, found \d+ frames"):
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


def test_without_the_library_the_message_says_what_to_install(tmp_path, monkeypatch):
    path = write_c3d(tmp_path / "a.c3d", body())
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(UsageError, match=r"pip install 'backwalk-stats\[motion\]'"):
        parsed_c3d(path, "")


def after(content: bytes | bytearray, name: bytes, more: int) -> int:
    """Return the place of a byte after the name of a parameter of the points (group 1)."""
    return content.index(b"\x01" + name) + 1 + len(name) + more


@pytest.mark.parametrize(
    ("name", "more", "value"),
    [
        (b"SCALE", 0, 200),  # the way to the next record
        (b"SCALE", 1, 100),  # leads out of the file
        (b"SCALE", 1, 200),  # leads back
        (b"SCALE", 2, 3),  # no such type
        (b"SCALE", 3, 9),  # too many dimensions
        (b"SCALE", 8, 255),  # a description longer than the record
        (b"SCALE", -2, ord("X")),  # no scale of points
        (b"USED", 4, 99),  # other points than in the header
        (b"DATA_START", 5, 127),  # data behind the end
        (b"LABELS", 4, 255),  # labels longer than the record
        (b"FRAMES", -7, 0),  # a record of no group
    ],
)
def test_damaged_parameters_are_refused_before_a_library_follows_them(name, more, value, tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body())
    content = bytearray(path.read_bytes())
    place = after(content, name, more)
    assert content[place] != value
    content[place] = value
    path.write_bytes(content)
    with pytest.raises(InputError, match="expected a whole C3D file, found damaged parameters"):
        read_c3d(path)


def test_parameters_that_begin_behind_the_end_are_refused(tmp_path):
    path = write_c3d(tmp_path / "a.c3d", body())
    for first in (0, 1, 200):
        path.write_bytes(bytes([first]) + path.read_bytes()[1:])
        with pytest.raises(InputError, match="damaged parameters"):
            read_c3d(path)
