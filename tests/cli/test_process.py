"""The command as a process: real evidence, real files, pipes and signals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BACKWALK = [sys.executable, "-c", "from backwalk_stats.cli.app import main; main()"]


def backwalk(*arguments: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, **more}
    return subprocess.run(
        [*BACKWALK, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One study, recomputed in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    return folder, backwalk("reproduce", "chen2021", "--strict", folder=folder)


def test_an_empty_folder_gets_a_report(done):
    folder, outcome = done
    assert outcome.returncode in (0, 1), outcome.stderr
    assert all(line.startswith("backwalk: ") for line in outcome.stderr.splitlines())
    report = folder / "reports" / "published_record"
    names = {file.name for file in report.iterdir()}
    assert {"report.html", "report.pdf", "ledger.csv", "ledger.json", "pooled.csv"} <= names
    assert {"figures", "provenance.json"} <= names
    assert outcome.stdout.splitlines()[-1] == "Report: reports/published_record/report.html"


def test_strict_agrees_with_the_ledger(done):
    folder, outcome = done
    ledger = (folder / "reports" / "published_record" / "ledger.csv").read_text(encoding="utf-8")
    fails = "not_reproduced" in ledger or "inputs_inconsistent" in ledger
    assert outcome.returncode == int(fails)


def test_an_unknown_study_is_answered_with_the_nearest(tmp_path):
    outcome = backwalk("reproduce", "chen2012", folder=tmp_path)
    assert outcome.returncode == 2
    assert "chen2012" in outcome.stderr and "chen2021" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["reproduce", "studies"])
def test_a_folder_that_is_not_there_says_what_was_expected(command, tmp_path):
    outcome = backwalk(command, "--evidence", "nowhere", folder=tmp_path)
    assert outcome.returncode == 2
    assert "nowhere" in outcome.stderr and "studies.csv" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "taken").write_text("mine")
    outcome = backwalk("reproduce", "chen2021", "--out", "taken", folder=tmp_path)
    assert outcome.returncode == 2
    assert "taken" in outcome.stderr and "Traceback" not in outcome.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_studies_lists_the_shipped_record_and_a_copy_of_it(tmp_path, evidence_folder):
    shutil.copytree(evidence_folder, tmp_path / "mine")
    shipped = backwalk("studies", folder=tmp_path)
    copied = backwalk("studies", "--evidence", "mine", folder=tmp_path)
    assert shipped.returncode == copied.returncode == 0
    assert shipped.stdout == copied.stdout
    assert "chen2021" in shipped.stdout and shipped.stderr == ""


def test_a_pipe_that_cannot_show_a_character_is_no_trouble(tmp_path):
    outcome = backwalk("studies", folder=tmp_path, PYTHONIOENCODING="latin-1")
    assert outcome.returncode == 0, outcome.stderr
    assert "appl?" in outcome.stdout, "the ellipsis of a long cell"


@pytest.mark.skipif(os.name != "posix", reason="pipes close otherwise elsewhere")
def test_a_closed_pipe_is_not_a_finding(tmp_path):
    shell = '"$@" 2>err; echo $? >code'
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        ["sh", "-c", shell, "sh", *BACKWALK, "studies"], cwd=tmp_path, stdout=write, check=False
    )
    os.close(write)
    assert process.returncode == 0
    assert (tmp_path / "code").read_text().strip() == "141"
    assert (tmp_path / "err").read_text() == ""


INTERRUPTED = """
import os, signal, threading
from backwalk_stats.cli.app import main
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
main(["reproduce"])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals differ elsewhere")
def test_ctrl_c_ends_quietly_and_leaves_nothing_half_written(tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert outcome.returncode == 130, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not list(tmp_path.rglob("report.*"))
