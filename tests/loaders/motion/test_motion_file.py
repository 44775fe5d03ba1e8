"""The motion file: keys, links, and the recordings that it names."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.analyses.simulated.motion import mot, trc
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.motion_file import load_motion
from tests.loaders.motion.folders import BODY, HEAD, folder_of


def faults_of(path) -> list[str]:
    with pytest.raises(InputError) as told:
        load_motion(path)
    return [str(one) for one in told.value.faults]


def one_fault(path) -> str:
    (fault,) = faults_of(path)
    return fault


def test_a_whole_file_becomes_a_plan(tmp_path):
    plan = load_motion(folder_of(tmp_path))
    assert [one.participant for one in plan.recordings] == ["P0", "P1"]
    assert [arm.name for arm in plan.arms] == ["forward", "backward"]
    assert plan.visits == ("W0", "W6") and plan.cutoff == 6.0 and plan.gap_limit == 0
    first = plan.recordings[0]
    assert first.rate == pytest.approx(50.0) and first.belt_speed == 1.0
    assert "lumbar_flexion" in first.angles and "SACR" in first.markers


def test_hashes_go_by_place_so_that_no_file_name_is_told(tmp_path):
    names = [name for name, _ in load_motion(folder_of(tmp_path)).sources]
    assert names == [
        "motion.toml", "recordings.csv",
        "recording 1", "recording 1, markers", "recording 2", "recording 2, markers",
    ]  # fmt: skip


CHANGED = [
    ("cutoff", 'id = "small"', 'id = "small"\ncutof = 5.0', "line 3, key motion.cutof",
     "'cutoff'"),
    ("facing", 'id = "small"', 'id = "small"\nfacing = "x"', "key motion.facing", "'+x'"),
    ("axes", 'id = "small"', 'id = "small"\nup = "-x"', "key motion.up", "another axis"),
    ("order", 'id = "small"', 'id = "small"\norder = 3', "key motion.order", "2, 4, 6 or 8"),
    ("cardan", 'id = "small"', 'id = "small"\ncardan = "ZZX"', "key motion.cardan", "'XYZ'"),
    ("gap", 'id = "small"', 'id = "small"\ngap_limit = -1', "motion.gap_limit", "0 or more"),
    ("few", 'id = "small"', 'id = "small"\npermutations = 9', "motion.permutations", "99 or more"),
    ("visit twice", '["W0", "W6"]', '["W0", "W0"]', "visits.order", "every visit once"),
    ("baseline", 'baseline = "W0"', 'baseline = "W6"', "visits.baseline", "W0"),
    ("role", 'sacrum = "SACR"', 'sacral = "SACR"', "sacral", "one of 'heel_left'"),
    ("climbs", '"recordings.csv"', '"../recordings.csv"', "motion.recordings", "out of the folder"),
    ("absolute", '"recordings.csv"', '"/etc/passwd"', "motion.recordings", "an absolute path"),
    ("neither", 'recordings = "recordings.csv"\n', "", "motion.recordings", "neither"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "said"), [one[1:] for one in CHANGED],
                         ids=[one[0] for one in CHANGED])  # fmt: skip
def test_a_key_that_is_wrong_is_told_with_what_would_be_right(old, new, key, said, tmp_path):
    head, body = HEAD.replace(old, new), BODY.replace(old, new)
    assert (head, body) != (HEAD, BODY)
    told = "\n".join(faults_of(folder_of(tmp_path, head=head, body=body)))
    assert key in told and said in told, told


ADDED = [
    ('[[recording]]\nfile = "a.c3d"\nparticipant = "a"\narm = "forward"\nvisit = "W0"\n'
     'direction = "forward"', "motion.recordings", "both"),
    ('[[joint]]\nname = "hip"\nproximal = "pelvs"\ndistal = "pelvis"\n[segments.pelvis]\n'
     'sensor = "S1"', "joint[0].proximal", "Did you mean 'pelvis'?"),
    ('[[joint]]\nname = "hip"\nproximal = "space"\ndistal = "space"', "joint[0].distal",
     "a segment"),
    ('[segments.pelvis]\nright = ["A"]\nleft = ["B"]', "segments.pelvis", "markers on two axes"),
    (BODY[BODY.index("[[coup"):], "coupling[0].name", "every coupling once"),
    ('[[curve_test]]\ntest = "two-sample"\nsignal = "a"\ndirection = "forward"\nvisit = "W7"',
     "curve_test[0].visit", "one of visits.order: W0, W6"),
    ('[[curve_test]]\ntest = "baseline-adjusted"\nsignal = "a"\ndirection = "forward"\n'
     'visit = "W0"', "curve_test[0].visit", "a visit after baseline: W6"),
    ('[[curve_test]]\ntest = "two-sample"\nsignal = "a"\nvisit = "W6"', "curve_test[0].direction",
     "which walks are compared"),
    ('[[curve_test]]\ntest = "regression"\nsignal = "a"\nvisit = "W6"\ndirection = "forward"',
     "curve_test[0].covariate", "the sheet of participants"),
    ('[[curve_test]]\ntest = "two-smaple"\nsignal = "a"', "curve_test[0].test",
     "Did you mean 'two-sample'?"),
    ('[repositioning]\nfile = "../r.csv"\nparticipant = "i"\narm = "a"\nvisit = "v"\n'
     'target = 20.0\ntrials = ["a", "b"]', "repositioning.file", "out of the folder"),
    ('[[format]]\nname = "a"\n[[format]]\nname = "a"', "format[0].name", "every format once"),
    ('[[format]]\nname = "a"\nseparater = ";"', "format[0].separater", "Did you mean 'separator'?"),
]  # fmt: skip


@pytest.mark.parametrize(("added", "key", "said"), ADDED, ids=[one[1] for one in ADDED])
def test_a_table_that_does_not_fit_is_told(added, key, said, tmp_path):
    told = one_fault(folder_of(tmp_path, body=f"{BODY}\n{added}\n"))
    assert key in told and said in told and "line " in told, told


def changed_row(path, cells: dict[int, str]) -> str:
    file = path.parent / "recordings.csv"
    lines = file.read_text().splitlines()
    row = lines[2].split(",")
    for place, text in cells.items():
        row[place] = text
    file.write_text("\n".join([*lines[:2], ",".join(row)]) + "\n")
    return "\n".join(faults_of(path))


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({3: "sideward"}, "column arm", "one of forward, backward"),
        ({4: "W9"}, "column visit", "one of W0, W6"),
        ({5: "sideways"}, "column direction", "'forward' or 'backward'"),
        ({6: "jump"}, "column task", "'walk' or 'bend'"),
        ({7: "fast"}, "column belt_speed", "a number"),
        ({7: "-1"}, "column belt_speed", "0 or more"),
        ({0: "../w1.mot"}, "column file", "out of the folder"),
        ({1: "/w1.trc"}, "column markers_file", "an absolute path"),
        ({2: ""}, "column participant", "no such key"),
    ],
)
def test_a_row_of_the_list_is_told_by_its_line(cells, column, said, tmp_path):
    told = changed_row(folder_of(tmp_path), cells)
    assert "recordings.csv, line 3" in told and column in told and said in told, told
    assert not any(text in told for text in cells.values() if text.isalnum()), "no cell is shown"


def test_a_person_in_two_arms_is_counted_and_not_named(tmp_path):
    told = changed_row(folder_of(tmp_path), {2: "P0"})
    assert "each participant in one arm, found 1 in two" in told and "P0" not in told


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({0: "gone.mot"}, "expected a file, found no such file"),
        ({0: "w1.xlsx"}, "a file that ends in .c3d, .mot"),
        ({0: "w1.csv"}, "the name of a [[format]] of the motion file"),
    ],
)
def test_files_that_cannot_be_read_are_told_by_their_place(cells, said, tmp_path):
    path = folder_of(tmp_path)
    (tmp_path / "w1.xlsx").write_bytes(b"x")
    (tmp_path / "w1.csv").write_bytes(b"x")
    told = changed_row(path, cells)
    assert said in told and "recording 2 (recordings.csv, line 3)" in told
    assert cells[0] not in told


def test_the_faults_of_all_recordings_are_told_together(tmp_path):
    path = folder_of(tmp_path)
    for name in ("w0.mot", "w1.trc", "w1.mot"):
        file = tmp_path / name
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    told = "\n".join(faults_of(path))
    for place, line in ((1, 2), (2, 3)):
        assert f"recording {place} (recordings.csv, line {line})" in told
    assert "recording 2 (recordings.csv, line 3), markers" in told
    assert not any(name in told for name in ("w0.", "w1."))


TIME = np.arange(300) / 50.0


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (TIME / 2, "found 100 and 50 samples per second"),
        (TIME[:250], "found 250 and 300 samples"),
    ],
)
def test_angles_and_markers_that_were_not_recorded_together(time, said, tmp_path):
    path = folder_of(tmp_path)
    (tmp_path / "w0.mot").write_bytes(mot(time, {"lumbar_flexion": np.sin(time)}))
    first, second = load_motion(path).recordings
    assert said in first.unusable and not second.unusable
    assert not first.markers and not first.angles


def test_a_trc_as_the_only_file_holds_markers_alone(tmp_path):
    path = folder_of(tmp_path)
    markers = {name: np.column_stack([np.sin(TIME), TIME, TIME]) for name in ("A", "B")}
    markers["B"] = markers["B"] + 0.3
    (tmp_path / "w0.trc").write_bytes(trc(TIME, markers, rate=50.0))
    file = tmp_path / "recordings.csv"
    file.write_text(file.read_text().replace("w0.mot,w0.trc", "w0.trc,"))
    assert set(load_motion(path).recordings[0].markers) == {"A", "B"}


SHEET = "id,group,visit,t1,t2\nP0,forward,W0,19,21\nP1,backward,W0,18,23\n"
TRIALS = """
[repositioning]
file = "r.csv"
participant = "id"
arm = "group"
visit = "visit"
target = 20.0
trials = ["t1", "t2"]
"""


def test_trials_of_repositioning(tmp_path):
    path = folder_of(tmp_path, body=BODY + TRIALS)
    (tmp_path / "r.csv").write_text(SHEET)
    found = load_motion(path).repositioning
    assert [one.trials for one in found] == [(19.0, 21.0), (18.0, 23.0)]
    assert {one.target for one in found} == {20.0}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("19,21", "19,", "line 2, column t2: expected a number, found an empty cell"),
        ("19,21", "19,far", "line 2, column t2: expected a number, found other text"),
        ("backward,W0", "P1X,W0", "line 3, column group: expected one of forward, backward"),
        (",t2", ",t3", "line 1, column t2: expected this column"),
    ],
)
def test_faults_of_repositioning(old, new, said, tmp_path):
    path = folder_of(tmp_path, body=BODY + TRIALS)
    (tmp_path / "r.csv").write_text(SHEET.replace(old, new))
    told = one_fault(path)
    assert said in told and "P1X" not in told
