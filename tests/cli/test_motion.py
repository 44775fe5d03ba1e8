"""`backwalk motion`: outputs, exit codes, and silence where nobody looks."""

from __future__ import annotations

import json

import pytest

from backwalk_stats.cli.app import run
from tests.report.motion_folders import CANARY, motion_folder


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return motion_folder(tmp_path_factory.mktemp("motion"), participants=10, permutations=99)


def test_features_are_written_and_the_pipe_stays_clean(file, tmp_path, capsys):
    assert run(["motion", "features", str(file), "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert all(line.startswith("backwalk: ") for line in err.splitlines())
    assert out.splitlines()[0].startswith("60 recordings; ")
    names = {path.name for path in (tmp_path / "out").iterdir() if path.is_file()}
    data = {"features.csv", "features_by_visit.csv", "curves.csv", "events.csv", "notes.csv"}
    assert names == {*data, "provenance.json"}
    assert CANARY not in out.lower()


def test_curves_are_compared_and_told(file, tmp_path, capsys):
    assert run(["motion", "curves", str(file), "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert all(line.startswith("backwalk: ") for line in err.splitlines())
    assert "baseline-adjusted  Lumbar flexion" in out and "p = " in out
    assert {"report.html", "report.pdf", "report.docx", "curve_tests.csv"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert not list((tmp_path / "out").rglob("cycles_*"))


def test_quiet_prints_nothing(file, tmp_path, capsys):
    arguments = ["motion", "features", str(file), "--out", str(tmp_path / "o"), "--quiet"]
    assert run(arguments) == 0
    assert capsys.readouterr() == ("", "")


def test_by_default_it_is_written_under_the_id_of_the_study(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["motion", "features", str(file), "--quiet"]) == 0
    assert (tmp_path / "reports" / "simulated-motion" / "features.csv").exists()


def spoiled(tmp_path, name: str, change) -> str:
    """Return a fresh study with one file changed."""
    path = motion_folder(tmp_path / "study", participants=6, permutations=99)
    target = path.parent / name
    target.write_bytes(change(target.read_bytes()))
    return str(path)


WALK = f"{CANARY}05_w0_forward.csv"
SPOILED = {
    "missing marker": (
        "motion.toml",
        lambda old: old.replace(b'sacrum = "SACR"', b'sacrum = "SACRUM"'),
        "events need markers for sacrum",
    ),
    "unknown key": (
        "motion.toml",
        lambda old: old.replace(b"gap_limit", b"gap_limt"),
        "Did you mean 'gap_limit'?",
    ),
    "no such signal": (
        "motion.toml",
        lambda old: old.replace(b'signal = "lumbar_flexion"', b'signal = "elbow"'),
        "no curve of elbow",
    ),
}


LEFT_OUT = {
    "cut C3D": (f"{CANARY}01_w0_forward.c3d", lambda old: old[: len(old) // 2], "it is cut off"),
    "constant column": (
        WALK,
        lambda old: b"\n".join(
            line if k < 2 else b",".join([*line.split(b",")[:1], b"1.00", *line.split(b",")[2:]])
            for k, line in enumerate(old.splitlines())
        ),
        "the same number in every sample",
    ),
    "wrong direction": (
        "recordings.csv",
        lambda old: old.replace(b"W0,backward,walk", b"W0,forward,walk", 1),
        "check the direction of walking",
    ),
    "too few cycles": (WALK, lambda old: b"\n".join(old.splitlines()[:110]), "complete cycles"),
    "no cycle": (WALK, lambda old: b"\n".join(old.splitlines()[:40]), "no whole cycle"),
}


OF_A_FORMAT = {
    "wrong unit": (
        "motion.toml",
        lambda old: old.replace(b'length_unit = "m"', b'length_unit = "mm"'),
        "unit of positions",
    ),
    "rates that differ": (
        "motion.toml",
        lambda old: old.replace(b'time = "time"', b'time = "time"\nrate = 100.0', 1),
        "expected 100 samples per second",
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_one_bad_recording_is_listed_with_its_reason_and_does_not_stop_the_rest(
    case, tmp_path, capsys
):
    name, change, said = LEFT_OUT[case]
    out = tmp_path / "out"
    file = spoiled(tmp_path, name, change)
    assert run(["motion", "features", file, "--out", str(out)]) == 0
    printed, err = capsys.readouterr()
    assert "1 left out or without a result" in printed and CANARY not in (printed + err).lower()
    listed = [row for row in (out / "notes.csv").read_text().splitlines() if "not used: " in row]
    assert len(listed) == 1 and said in listed[0]


@pytest.mark.parametrize("case", OF_A_FORMAT)
def test_what_is_wrong_with_a_format_leaves_its_recordings_out_and_no_other(case, tmp_path, capsys):
    name, change, said = OF_A_FORMAT[case]
    out = tmp_path / "out"
    file = spoiled(tmp_path, name, change)
    assert run(["motion", "features", file, "--out", str(out)]) == 0
    printed, err = capsys.readouterr()
    assert "left out or without a result" in printed and CANARY not in (printed + err).lower()
    listed = [row for row in (out / "notes.csv").read_text().splitlines() if "not used: " in row]
    assert listed and all(said in row and ".csv" in row for row in listed)


@pytest.mark.parametrize("case", SPOILED)
def test_bad_input_ends_with_two_and_one_message(case, tmp_path, capsys):
    name, change, said = SPOILED[case]
    out = tmp_path / "out"
    file = spoiled(tmp_path, name, change)
    assert run(["motion", "curves", file, "--out", str(out)]) == 2
    printed, err = capsys.readouterr()
    assert printed == "" and said in err and "Traceback" not in err
    assert "CANARY" not in err, "an id; a name of a file is in lower case"
    assert not out.exists() or not list(out.rglob("*.*")), "nothing half written"


def test_a_file_that_is_not_there_ends_with_two(tmp_path, capsys):
    assert run(["motion", "features", str(tmp_path / "no.toml")]) == 2
    assert "no.toml" in capsys.readouterr().err


def test_an_old_report_stays_whole_when_the_new_one_fails(file, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["motion", "features", str(file), "--out", str(out), "--quiet"]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    bad = spoiled(tmp_path, "motion.toml", lambda old: old.replace(b"W6", b"W7"))
    assert run(["motion", "features", bad, "--out", str(out)]) == 2
    capsys.readouterr()
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_features_enter_a_trial_as_a_data_file(file, tmp_path):
    """features_by_visit.csv is a `[[data]] layout = "long"` file as it stands."""
    import backwalk_stats as bw

    out = tmp_path / "trial"
    assert run(["motion", "features", str(file), "--out", str(out), "--quiet"]) == 0
    (out / "trial.toml").write_text(
        """
[trial]
id = "motion-trial"
title = "Movement as an outcome"
seed = 1
design = "parallel"

[arms]
reference = "forward"
labels = { forward = "forward", backward = "backward" }

[visits]
baseline = "W0"
order = ["W0", "W6"]

[[data]]
file = "features_by_visit.csv"
layout = "long"
participant = "participant"
arm = "arm"
visit = "visit"

[[outcome]]
name = "marp"
label = "Mean absolute relative phase, walking backwards"
unit = "degrees"
better = "lower"
low = 0.0
high = 180.0
column = "lumbopelvic_marp_backward"

[[estimand]]
id = "E1"
outcome = "marp"
visit = "W6"
role = "primary"
analysis = "ancova"
"""
    )
    found = bw.analyse(bw.load_trial(out / "trial.toml"))
    results = found.results
    assert (results["outcome"] == "marp").all() and results["estimate"].notna().any()
    stamp = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert "features_by_visit.csv" in stamp["outputs"]
