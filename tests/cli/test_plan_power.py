"""`backwalk plan power`: what it writes, says and refuses."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from backwalk_stats.cli.app import run
from tests.plan.plans import planned

FILES = {"power.csv", "power.json", "report.html"}
SMALL = ("--replicates", "250", "--workers", "1")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_results_lie_under_the_id_of_the_trial(tmp_path, capsys):
    path = planned(tmp_path)
    assert run(["plan", "power", str(path), *SMALL]) == 0
    folder = tmp_path / "plans" / "small"
    assert {one.name for one in folder.iterdir()} == FILES | {"blocks"}
    frame = pd.read_csv(folder / "power.csv")
    assert list(frame.columns)[:6] == ["scenario", "per_arm", "estimand", "analysis", "quantity",
                                       "value"]  # fmt: skip
    told = json.loads((folder / "power.json").read_text())
    assert told["replicates"] == 250 and len(told["results"]) == len(frame)
    said = capsys.readouterr().out
    assert "expected" in said and "an arm for a power of 80%" in said and "plans/small" in said


def test_a_second_call_goes_on_and_gives_the_same_bytes(tmp_path, capsys):
    path = planned(tmp_path)
    assert run(["plan", "power", str(path), *SMALL, "--out", "a", "--quiet"]) == 0
    first = {name: (tmp_path / "a" / name).read_bytes() for name in FILES}
    assert run(["plan", "power", str(path), *SMALL, "--out", "a", "--resume"]) == 0
    assert "4 of 4 blocks were there already" in capsys.readouterr().out
    assert first == {name: (tmp_path / "a" / name).read_bytes() for name in FILES}


def test_nothing_to_resume_is_said(tmp_path, capsys):
    assert run(["plan", "power", str(planned(tmp_path)), *SMALL, "--resume"]) == 0
    assert "nothing to resume" in capsys.readouterr().err


def test_a_plan_that_cannot_be_ends_with_key_and_line(tmp_path, capsys):
    path = planned(tmp_path, ("forward = [0, 0.05, 0.15]", "forward = [0, 0.15, 0.05]"))
    assert run(["plan", "power", str(path), *SMALL]) == 2
    said = capsys.readouterr().err
    assert "line 57, scenario expected, dropout.forward" in said and "Traceback" not in said
    assert not (tmp_path / "plans").exists()


def test_an_unknown_scenario_is_refused(tmp_path, capsys):
    path = planned(tmp_path)
    assert run(["plan", "power", str(path), *SMALL, "--scenario", "expectd"]) == 2
    assert "Did you mean 'expected'?" in capsys.readouterr().err


def test_without_the_library_a_scheduler_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    path = planned(tmp_path)
    assert run(["plan", "power", str(path), "--scheduler", "tcp://h:1", "--quiet"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0 and 'pip install "backwalk-stats[cluster]"' in said


def test_workers_and_a_scheduler_are_one_too_many(tmp_path, capsys):
    path = planned(tmp_path)
    assert run(["plan", "power", str(path), *SMALL, "--scheduler", "env"]) == 2
    assert "one of both" in capsys.readouterr().err


def test_quiet_says_nothing(tmp_path, capsys):
    assert run(["plan", "power", str(planned(tmp_path)), *SMALL, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
