"""Recordings of a motion file: unusable ones, events, signals, and which labels are looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.gait_events import contact_events, named_event
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.trial.motion_plan import MotionPlan
from tests.loaders.motion import exports
from tests.loaders.motion.folders import ONE_RECORDING

HEAD = ONE_RECORDING.partition("[[recording]]")[0]
SPINE = '[signals.spine_flexion]\nlabel = "LSpineAngles"\ncomponent = "x"\n'
MAKERS = {
    ".mot": exports.storage, ".trc": exports.markers_trc, ".csv": exports.nexus,
    ".mvnx": exports.mvnx, ".sto": exports.opensense,
}  # fmt: skip


def study(
    folder: Path,
    names: dict[str, str],
    *,
    body: str = "",
    texts: dict[str, str] | None = None,
    motion: str = "",
) -> Path:
    """Write recordings with the keys that each has beside its file, and return the motion file."""
    tables = []
    for place, (name, more) in enumerate(names.items()):
        suffix = Path(name).suffix
        text = (texts or {}).get(name) or MAKERS[suffix]()
        (folder / name).write_text(text)
        preset = 'format = "nexus"\n' if suffix == ".csv" and "format" not in more else ""
        tables.append(
            f'[[recording]]\nfile = "{name}"\nparticipant = "ID{place}"\narm = "a"\nvisit = "W0"\n'
            f'direction = "forward"\n{preset}{more}\n'
        )
    head = HEAD.replace('id = "one"', f'id = "one"\n{motion}')
    (folder / "motion.toml").write_text(head + "\n".join(tables) + body)
    return folder / "motion.toml"


def plan(folder: Path, *given, **more) -> MotionPlan:
    return load_motion(study(folder, *given, **more))


def faults(folder: Path, *given, **more) -> list[str]:
    path = study(folder, *given, **more)
    with pytest.raises(InputError) as told:
        load_motion(path)
    return [str(one) for one in told.value.faults]


# Recordings that cannot be used.


def test_a_recording_that_cannot_be_read_does_not_stop_the_rest(tmp_path):
    texts = {"ID1.mot": exports.storage().replace("inDegrees=yes\n", "")}
    first, second, third = plan(
        tmp_path, {"ID0.mot": "", "ID1.mot": "", "ID2.csv": ""}, texts=texts
    ).recordings
    assert not first.unusable and not third.unusable and first.angles
    assert second.unusable.startswith("expected inDegrees=yes or inDegrees=no in the header")
    assert second.participant == "ID1" and not second.angles and np.isnan(second.rate)
    assert "ID1" not in second.unusable and "mot" not in second.unusable


def test_where_no_recording_is_left_every_reason_is_told(tmp_path):
    broken = exports.storage().replace("0.1000\t", "late\t", 1)
    told = faults(
        tmp_path, {"ID0.mot": "", "ID1.mot": ""}, texts={"ID0.mot": "x", "ID1.mot": broken}
    )
    assert told[0].startswith("recording 1: expected a header that ends with 'endheader'")
    assert told[1].startswith("recording 2, line 18, column time: expected a number")
    assert len(told) == 2 and "ID" not in "".join(told)


def test_a_recording_that_is_left_out_is_not_read_and_says_why(tmp_path):
    path = study(tmp_path, {"ID0.mot": "", "ID1.mot": 'leave_out = "sensor fell off"'})
    (tmp_path / "ID1.mot").unlink()
    first, second = load_motion(path).recordings
    assert not first.unusable and second.unusable == "left out: sensor fell off"
    told = faults(tmp_path, {"ID0.mot": 'leave_out = "x"'})
    assert told == [
        "motion file, column leave_out: expected a recording that is not left out, found none"
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('format = "nexxus"', "one of nexus, visual3d, qualisys"),
        ('format = "qualisys"', "a file that ends in .csv, .tsv, .txt, as format 'qualisys' does"),
        ('inside = "walk"', "with format 'visual3d' alone"),
        ('facing = "-z"', "another axis than up, which is +z"),
        ('events = "flie"', "kinematic, file, force-plates or a sheet beside the motion file"),
        ('events = "../e.csv"', "out of the folder"),
    ],
)  # fmt: skip
def test_faults_of_the_list_stay_faults(more, said, tmp_path):
    told = faults(tmp_path, {"ID0.mot": more, "ID1.mot": ""})
    assert len(told) == 1 and said in told[0] and "recording 1" in told[0], told


def test_a_file_counts_once_for_a_walk(tmp_path):
    path = study(tmp_path, {"ID0.mot": "", "ID1.mot": ""})
    path.write_text(path.read_text().replace("ID1", "ID0"))
    with pytest.raises(InputError) as told:
        load_motion(path)
    (fault,) = told.value.faults
    assert fault.file == "recording 2" and fault.found == "the files of recording 1 again"


def test_an_arm_that_is_not_declared_stays_a_fault(tmp_path):
    path = study(tmp_path, {"ID0.mot": "", "ID1.mot": ""})
    path.write_text(path.read_text().replace('arm = "a"', 'arm = "b"', 1))
    with pytest.raises(InputError, match=r"recording 1, arm: expected one of a, found 'b'"):
        load_motion(path)


def test_a_file_and_sensor_files_are_one_of_the_two(tmp_path):
    told = faults(tmp_path, {"ID0.mot": 'sensor_files = { a = "b.txt" }'})
    assert len(told) == 1 and "one of the two" in told[0]


# Which labels are looked at.

PELVIS = '[segments.pelvis]\nright = ["RHEE"]\nleft = ["LHEE"]\nfront = ["LTOE"]\nback = ["SACR"]\n'


def moved(text: str, marker: int, offset: float) -> str:
    """Return a .trc in which a marker is moved along x, millimetres."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        cells = line.split("\t")
        if place >= 5 and cells[0].isdigit():
            cells[2 + 3 * marker] = f"{float(cells[2 + 3 * marker]) + offset:.3f}"
            lines[place] = "\t".join(cells)
    return "\n".join(lines) + "\n"


def test_a_marker_far_away_counts_only_where_it_is_used(tmp_path):
    far = moved(exports.markers_trc(), list(exports.MARKERS).index("RTOE"), 9000.0)
    (one,) = plan(tmp_path, {"ID0.trc": ""}, texts={"ID0.trc": far}, body=PELVIS).recordings
    assert not one.unusable
    body = PELVIS.replace('"RHEE"', '"RHEE", "RTOE"')
    (told,) = faults(tmp_path, {"ID0.trc": ""}, texts={"ID0.trc": far}, body=body)
    assert "markers of a body" in told and "Declare the unit" in told


def test_millimetres_that_are_called_metres_are_refused(tmp_path):
    wrong = exports.markers_trc().replace("\tmm\n", "\tm\n").replace("\tmm\t", "\tm\t")
    assert wrong != exports.markers_trc()
    (told,) = faults(tmp_path, {"ID0.trc": ""}, texts={"ID0.trc": wrong}, body=PELVIS)
    assert "markers of a body" in told
    (one,) = plan(
        tmp_path, {"ID0.trc": 'unit = "mm"'}, texts={"ID0.trc": wrong}, body=PELVIS
    ).recordings
    np.testing.assert_allclose(one.markers["SACR"], exports.MARKERS["SACR"], atol=1e-6)
    assert one.notes[0] == "positions read as mm, as declared; the file says 'm'"


def test_the_origin_is_a_gap_of_a_marker_that_is_used(tmp_path):
    lines = exports.markers_trc().splitlines()
    rows = [
        place for place, line in enumerate(lines) if line.split("\t")[0].isdigit() and place > 4
    ]
    for place in rows[3:7]:
        cells = lines[place].split("\t")
        cells[2:5] = ["0.0", "0.000", "0"]  # the first marker
        cells[5:7] = ["0", "0"]  # two coordinates of the second: a position
        lines[place] = "\t".join(cells)
    (one,) = plan(
        tmp_path, {"ID0.trc": ""}, texts={"ID0.trc": "\n".join(lines)}, body=PELVIS
    ).recordings
    first, second = list(exports.MARKERS)[:2]
    assert np.flatnonzero(np.isnan(one.markers[first]).all(axis=1)).tolist() == [3, 4, 5, 6]
    assert np.isfinite(one.markers[second]).all()
    assert one.notes == (f"marker {first}: 4 samples at (0, 0, 0) are taken as missing",)


def test_one_table_of_markers_serves_two_subjects(tmp_path):
    texts = {"a.csv": exports.nexus(subject="AB01:"), "b.csv": exports.nexus(subject="AB02:")}
    found = plan(tmp_path, {"a.csv": "", "b.csv": ""}, texts=texts, body=PELVIS).recordings
    for one in found:
        np.testing.assert_allclose(one.markers["SACR"], exports.MARKERS["SACR"], atol=1e-6)


def test_a_name_of_two_subjects_in_one_file_is_asked_for(tmp_path):
    both = exports.nexus().replace("AB01:LTOE", "CD02:SACR")
    (told,) = faults(
        tmp_path, {"a.csv": ""}, texts={"a.csv": both}, body=PELVIS.replace("LTOE", "RTOE")
    )
    assert "column SACR: expected this name once, where it is used, found it for 2 subjects" in told
    body = PELVIS.replace("SACR", "AB01:SACR").replace("LTOE", "RTOE")
    assert (
        "AB01:SACR"
        in plan(tmp_path, {"a.csv": ""}, texts={"a.csv": both}, body=body).recordings[0].markers
    )


@pytest.mark.parametrize("name", ["a.csv", "a.trc", "a.mvnx", "a.sto"])
def test_a_doubled_name_counts_only_where_it_is_used(name, tmp_path):
    pairs = {"a.csv": ("AB01:LTOE", "AB01:LHEE"), "a.trc": ("LTOE", "LHEE"),
             "a.mvnx": ('"L5"', '"Pelvis"'), "a.sto": ("torso_imu", "pelvis_imu")}  # fmt: skip
    text = MAKERS[Path(name).suffix]().replace(*pairs[name])
    sensor = {"a.mvnx": "Pelvis", "a.sto": "pelvis_imu"}.get(name)
    body = '[markers]\nheel_left = "LHEE"\n'
    if sensor is not None:
        body = f'[segments.pelvis]\nsensor = "{sensor}"\n'
    (told,) = faults(tmp_path, {name: ""}, texts={name: text}, body=body)
    assert "expected this name once, where it is used, found it more than once" in told
    assert "AB01" not in told
    unused = body.replace("LHEE", "RHEE").replace(f'"{sensor}"', '"other"')
    (one,) = plan(tmp_path, {name: ""}, texts={name: text}, body=unused).recordings
    assert not one.unusable


# Signals.


def test_a_signal_takes_its_component_and_its_sign(tmp_path):
    body = SPINE.replace('"x"', '"z"') + "sign = -1\n"
    (one,) = plan(tmp_path, {"a.csv": ""}, body=body).recordings
    np.testing.assert_allclose(one.angles["spine_flexion"], -exports.ANGLES[:, 2], atol=1e-4)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SPINE.replace('component = "x"', ""), "component = 'x', 'y' or 'z' in [signals.spine_fl"),
        (SPINE.replace("LSpine", "LSpin"), "Did you mean 'LSpineAngles'?"),
        (SPINE.replace("LSpineAngles", "LHipMoment"), "a label of the recordings"),
        (SPINE.replace('"x"', '"q"'), "'x', 'y' or 'z'"),
        (SPINE + "sign = 2\n", "1 or -1"),
    ],
)  # fmt: skip
def test_a_signal_that_does_not_fit_is_told(body, said, tmp_path):
    (told,) = faults(tmp_path, {"a.csv": ""}, body=body)
    assert said in told and "AB01" not in told, told


def test_a_column_has_no_component_and_its_name_is_taken(tmp_path):
    body = '[signals.b]\nlabel = "lumbar_extension"\ncomponent = "x"\n'
    (told,) = faults(tmp_path, {"a.mot": ""}, body=body)
    assert "expected no component in [signals.b]" in told
    path = '[signals.b]\nlabel = "/jointset/b/lumbar_extension/value"\n'
    (one,) = plan(tmp_path, {"a.mot": ""}, body=path).recordings
    assert list(one.angles) == ["b"]


def test_a_column_that_others_of_the_kind_have_is_missed(tmp_path):
    body = '[signals.b]\nlabel = "lumbar_extension"\n'
    texts = {"b.mot": exports.storage().replace("lumbar_extension", "hip_flexion")}
    first, second, third = plan(
        tmp_path, {"a.mot": "", "b.mot": "", "c.trc": ""}, texts=texts, body=body
    ).recordings
    assert list(first.angles) == ["b"]
    assert "column lumbar_extension: expected this column, as other recordings" in second.unusable
    assert third.notes == ("no signal b: this file has no lumbar_extension",)


def test_a_used_angle_that_never_moves_is_refused(tmp_path):
    lines = exports.storage().splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("time")) + 1
    for place in range(start, len(lines)):
        cells = lines[place].split("\t")
        lines[place] = "\t".join([cells[0], "3.0", *cells[2:]])
    text = {"a.mot": "\n".join(lines)}
    body = '[signals.b]\nlabel = "lumbar_extension"\n'
    (told,) = faults(tmp_path, {"a.mot": ""}, texts=text, body=body)
    assert "expected an angle that moves, found the same number in every sample" in told


def test_the_declared_order_of_a_quaternion_must_be_the_formats(tmp_path):
    body = '[segments.pelvis]\nsensor = "Pelvis"\nparts = "xyzw"\n'
    (told,) = faults(tmp_path, {"a.mvnx": ""}, body=body)
    assert "segments.pelvis.parts: expected parts = 'wxyz'" in told


# Events.


def test_events_of_the_file_are_given_where_they_are_asked_for(tmp_path):
    one, other = plan(tmp_path, {"a.csv": 'events = "file"', "b.csv": ""}).recordings
    assert [(event.side, event.event) for event in one.given] == [
        ("left", "contact"),
        ("right", "off"),
    ]
    assert other.given == () and other.events == "kinematic"
    assert any("its 2 contacts and offs are not used" in note for note in other.notes)
    assert not any("not used" in note for note in one.notes)


@pytest.mark.parametrize("source", ["file", "force-plates"])
def test_a_source_of_events_that_the_file_does_not_hold(source, tmp_path):
    (told,) = faults(tmp_path, {"a.trc": f'events = "{source}"'})
    assert f"in the file, as events = '{source}' declares, found none" in told


SHEET = "side,event,time\nright,off,0.25\nleft,contact,0.1\nleft,off,0.30\n"


def test_events_of_a_sheet(tmp_path):
    (tmp_path / "e.csv").write_text(SHEET)
    path = study(tmp_path, {"ID7.trc": 'events = "e.csv"'})
    found = load_motion(path)
    told = [(one.side, one.event, one.time) for one in found.recordings[0].given]
    assert told == [("left", "contact", 0.1), ("right", "off", 0.25), ("left", "off", 0.3)]
    assert [name for name, _ in found.sources] == [
        "motion.toml",
        "recording 1",
        "recording 1, events",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("left,contact", "links,contact", "line 3, column side: expected 'left' or 'right'"),
        ("right,off", "right,lift", "line 2, column event: expected 'contact' or 'off'"),
        ("0.25", "soon", "from the first sample, found other"),
        ("0.25", "-0.1", "from the first sample, found a time bef"),
        ("0.25", "", "from the first sample, found an empty"),
        ("0.25", "nan", "line 2, column time"),
        ("0.30", "9.0", "line 4, column time: expected seconds from the first sample, at most"),
        ("right,off,0.25", "left,contact,0.1", "line 3, column time: expected each event once"),
        (",time", ",seconds", "line 1, column time: expected this column"),
        (SHEET[16:], "", "expected"),
    ],
)  # fmt: skip
def test_faults_of_a_sheet_of_events(old, new, said, tmp_path):
    assert old in SHEET
    (tmp_path / "ID9.csv").write_text(SHEET.replace(old, new, 1))
    (told,) = faults(tmp_path, {"ID8.trc": 'events = "ID9.csv"', "b.mot": ""})
    assert said in told and told.startswith("recording 1, events") and "ID" not in told, told


def test_one_sheet_of_events_for_each_recording(tmp_path):
    (tmp_path / "e.csv").write_text(SHEET)
    (told,) = faults(tmp_path, {"a.trc": 'events = "e.csv"', "b.trc": 'events = "e.csv"'})
    assert "recording 2, events: expected a sheet of events for each recording" in told


@pytest.mark.parametrize(
    ("name", "context", "meant"),
    [
        ("Foot Strike", "Left", ("left", "contact")), ("Foot Off", "Right", ("right", "off")),
        ("LHS", "", ("left", "contact")), ("RTO", "", ("right", "off")),
        ("Right Foot_Strike", "", ("right", "contact")), ("Left Toe-Off", "", ("left", "off")),
        ("Foot Strike", "General", None), ("Foot Strike", "", None), ("Event", "Left", None),
        ("", "", None), ("L", "", None), ("RON", "", None),
    ],
)  # fmt: skip
def test_names_of_events(name, context, meant):
    assert named_event(name, context=context) == meant


def test_contacts_of_a_column_against_a_plain_loop():
    rng = np.random.default_rng(4)
    steps = np.repeat(rng.integers(0, 2, 60), rng.integers(1, 5, 60))
    column = np.asarray(1000 * steps, dtype=np.float64)
    times = 3 + np.cumsum(rng.uniform(0.005, 0.02, len(column)))
    expected = []
    for place in range(1, len(column)):
        if column[place] != column[place - 1]:
            change = "contact" if column[place] > 0 else "off"
            expected.append(("right", change, times[place] - times[0]))
    found = contact_events({"right": column}, times)
    assert [(one.side, one.event, one.time) for one in found] == expected


OWN = """
[[format]]
name = "own"
time = "t"
contacts = { left = "left" }
[format.angles]
bend = "bend (deg)"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",1000\n", ",400\n", "0, and one other number where the foot is on the ground, found 3"),
        (",0\n", ",\n", "found a missing cell"),
        (",left\n", ",right\n", "line 1, column left: expected this column once, found no such"),
    ],
)
def test_contacts_that_are_none_are_refused(old, new, said, tmp_path):
    text = exports.table()
    assert old in text
    names = {"a.csv": 'format = "own"'}
    (told,) = faults(tmp_path, names, texts={"a.csv": text.replace(old, new, 1)}, body=OWN)
    assert said in told


def test_cells_of_columns_that_are_not_used_may_hold_text(tmp_path):
    lines = exports.table().splitlines()
    lines = [
        f"{line},{'note' if place % 3 else 'Marker, set'!r}" for place, line in enumerate(lines)
    ]
    text = "\n".join(line.replace("'", '"') for line in lines)
    names = {"a.csv": 'format = "own"\nevents = "file"'}
    (one,) = plan(tmp_path, names, texts={"a.csv": text}, body=OWN).recordings
    assert [round(event.time, 9) for event in one.given] == [0.1, 0.3]


def test_a_stroke_in_the_name_of_a_column_is_no_path(tmp_path):
    text = exports.table().replace("bend (deg)", "bend (deg/s)")
    body = OWN.partition("[format.angles]")[0] + '[signals.b]\nlabel = "bend (deg/s)"\n'
    names = {"a.csv": 'format = "own"'}
    (one,) = plan(tmp_path, names, texts={"a.csv": text}, body=body).recordings
    assert list(one.angles) == ["b"]


def test_an_own_format_wins_over_the_preset_of_its_name(tmp_path):
    body = OWN.replace('"own"', '"nexus"')
    (one,) = plan(
        tmp_path, {"a.csv": 'format = "nexus"'}, texts={"a.csv": exports.table()}, body=body
    ).recordings
    assert list(one.angles) == ["bend"]


def test_resampling_of_a_recording_wins_over_that_of_the_study(tmp_path):
    lines = exports.storage().replace("nRows=40", "nRows=39").splitlines()
    text = "\n".join([*lines[:-9], *lines[-8:]])
    texts = {"a.mot": text, "b.mot": text}
    names = {"a.mot": "resample = 50", "b.mot": "", "c.mot": ""}
    found = plan(tmp_path, names, texts=texts, motion="resample = 200").recordings
    assert [one.rate for one in found] == [50.0, 200.0, pytest.approx(100.0)]
    assert found[2].notes == found[0].notes[:-1], "an even recording stays as it is"


def test_a_list_may_name_a_file_for_each_sensor(tmp_path):
    for name in ("p.txt", "l.txt"):
        (tmp_path / name).write_text(exports.sensor_text())
    (tmp_path / "list.csv").write_text(
        "sensor_files.pelvis,sensor_files.trunk,format,participant,arm,visit,direction\n"
        "p.txt,l.txt,xsens-mvnx,ID0,a,W0,forward\n"
    )
    head = HEAD.replace('id = "one"', 'id = "one"\nrecordings = "list.csv"')
    (tmp_path / "motion.toml").write_text(head)
    (one,) = load_motion(tmp_path / "motion.toml").recordings
    assert list(one.quaternions) == ["pelvis", "trunk"]


def test_an_encoding_that_does_not_exist_is_a_fault_of_the_motion_file(tmp_path):
    body = OWN.replace('time = "t"', 'time = "t"\nencoding = "utf-99"')
    (told,) = faults(
        tmp_path, {"a.csv": 'format = "own"'}, texts={"a.csv": exports.table()}, body=body
    )
    assert "format[0].encoding" in told or "format own" in told


def test_a_label_of_a_recording_that_is_damaged_stops_nothing(tmp_path):
    body = '[signals.b]\nlabel = "lumbar_extension"\n'
    texts = {"a.mot": "x"}
    first, second = plan(tmp_path, {"a.mot": "", "b.trc": ""}, texts=texts, body=body).recordings
    assert "endheader" in first.unusable and not second.unusable
    assert second.notes == ("no signal b: this file has no lumbar_extension",)


QUATERNION = """
[[format]]
name = "imu"
rate = 100
[format.quaternions]
any = ["w", "x", "y", "z"]
"""


@pytest.mark.parametrize("rows", [exports.FRAMES, exports.FRAMES - 1])
def test_a_sensor_in_a_table_each_by_a_format_of_ones_own(rows, tmp_path):
    for name, count in (("p.csv", exports.FRAMES), ("t.csv", rows)):
        lines = [",".join(f"{value:.6f}" for value in row) for row in exports.QUATERNIONS[:count]]
        (tmp_path / name).write_text("\n".join(["w,x,y,z", *lines]))
    text = ONE_RECORDING.format(file="", more='format = "imu"', body=QUATERNION).replace(
        'file = ""', 'sensor_files = { pelvis = "p.csv", trunk = "t.csv" }'
    )
    (tmp_path / "motion.toml").write_text(text)
    if rows < exports.FRAMES:
        with pytest.raises(InputError, match="found 39 and 40 samples"):
            load_motion(tmp_path / "motion.toml")
        return
    found = load_motion(tmp_path / "motion.toml")
    (one,) = found.recordings
    assert list(one.quaternions) == ["pelvis", "trunk"] and one.file == "p.csv"
    names = [name for name, _ in found.sources]
    assert names[1:] == ["recording 1, sensor_files.pelvis", "recording 1, sensor_files.trunk"]
