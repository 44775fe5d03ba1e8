"""OpenSim's .mot, .sto and .trc: units said or refused, counts held, time even."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.analyses.simulated.motion import mot, trc
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from tests.loaders.motion.bodies import body

TIME = np.arange(60) / 100.0
ANGLES = {"lumbar_flexion": 10.0 * np.sin(7 * TIME), "hip": 20.0 * np.cos(7 * TIME)}


def written(tmp_path, content: bytes, name: str = "a.mot"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_degrees_are_read_as_they_are(tmp_path):
    found = read_storage(written(tmp_path, mot(TIME, ANGLES)))
    assert found.rate == pytest.approx(100.0, rel=1e-9) and found.notes == ()
    for name, values in ANGLES.items():
        np.testing.assert_allclose(found.angles[name], values, atol=5e-5)


def test_radians_become_degrees_and_it_is_said(tmp_path):
    turned = {name: np.radians(values) for name, values in ANGLES.items()}
    content = mot(TIME, turned).replace(b"inDegrees=yes", b"inDegrees=no")
    found = read_storage(written(tmp_path, content, "a.sto"))
    np.testing.assert_allclose(found.angles["hip"], ANGLES["hip"], atol=0.003)
    assert found.notes == ("angles turned from radians to degrees",)


def test_positions_and_still_columns_are_left_out_and_it_is_said(tmp_path):
    more = ANGLES | {"pelvis_tx": 0.3 * TIME, "mtp_angle": np.zeros(60)}
    found = read_storage(written(tmp_path, mot(TIME, more)))
    assert list(found.angles) == list(ANGLES)
    assert found.notes == (
        "signal pelvis_tx is left out: a position, no angle",
        "signal mtp_angle is left out: the same number in every sample",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"inDegrees=yes\n", b"", "inDegrees=yes or inDegrees=no"),
        (b"inDegrees=yes", b"inDegrees=maybe", "inDegrees=yes or inDegrees=no"),
        (b"nRows=60", b"nRows=90", r"expected 90 as its header says \(nrows\), found 60"),
        (b"nColumns=3", b"nColumns=4", r"expected 4 as its header says \(ncolumns\), found 3"),
        (b"endheader\n", b"", "a header that ends with 'endheader'"),
        (b"time\t", b"zeit\t", "time as the first column"),
        (b"0.3000\t", b"0.3081\t", "an uneven step after sample"),
        (b"0.0500\t", b"five\t", r"line 13, column time: expected a number"),
    ],
)
def test_what_does_not_fit_is_refused(old, new, message, tmp_path):
    content = mot(TIME, ANGLES)
    assert content.count(old) >= 1
    with pytest.raises(InputError, match=message):
        read_storage(written(tmp_path, content.replace(old, new, 1)))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(share, tmp_path):
    for content, read, name in (
        (mot(TIME, ANGLES), read_storage, "a.mot"),
        (trc(TIME, body(), rate=100.0), read_trc, "a.trc"),
    ):
        lines = content.splitlines(keepends=True)
        part = b"".join(lines[: int(share * len(lines))])
        with pytest.raises(InputError, match=name):
            read(written(tmp_path, part, name))


def test_a_lost_sample_is_refused(tmp_path):
    kept = np.delete(np.arange(60), 30)
    content = mot(TIME[kept], {name: values[kept] for name, values in ANGLES.items()})
    with pytest.raises(InputError, match="an uneven step after sample 30"):
        read_storage(written(tmp_path, content))


@pytest.mark.parametrize("rate", [100.0, 119.88, 120.0, 250.0])
def test_times_of_three_digits_are_even_enough(rate, tmp_path):
    time = np.round(np.arange(600) / rate, 3)
    angles = {"hip": np.sin(time)}
    found = read_storage(written(tmp_path, mot(time, angles)))
    assert found.rate == pytest.approx(rate, rel=1e-3)


def test_markers_of_a_trc_are_metres(tmp_path):
    markers = body()
    found = read_trc(written(tmp_path, trc(TIME, markers, rate=100.0), "a.trc"))
    assert found.rate == pytest.approx(100.0) and list(found.markers) == list(markers)
    for name, points in markers.items():
        np.testing.assert_allclose(found.markers[name], points, atol=6e-7)


def test_empty_cells_of_a_trc_are_missing(tmp_path):
    lines = trc(TIME, body(), rate=100.0).decode().splitlines()
    cells = lines[10].split("\t")
    cells[5:8] = ["", "", ""]
    lines[10] = "\t".join(cells)
    found = read_trc(written(tmp_path, "\n".join(lines).encode(), "a.trc"))
    assert np.isnan(found.markers["LHEE"][4]).all()
    assert np.isnan(found.markers["LHEE"]).sum() == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\tmm\n", b"\tparsec\n", "column Units: expected one of m, cm, mm"),
        (b"\t60\t5\t", b"\t61\t5\t", r"61 as its header says \(numframes\), found 60"),
        (b"\t60\t5\t", b"\t60\t6\t", r"6 as its header says \(nummarkers\), found 5"),
        (b"PathFileType", b"Path", "a TRC file that begins"),
    ],
)
def test_a_trc_that_contradicts_itself_is_refused(old, new, message, tmp_path):
    content = trc(TIME, body(), rate=100.0)
    assert old in content
    with pytest.raises(InputError, match=message):
        read_trc(written(tmp_path, content.replace(old, new, 1), "a.trc"))
