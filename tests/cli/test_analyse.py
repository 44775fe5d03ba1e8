"""`backwalk analyse` from a lab's files to a report: what is written, printed, refused."""

from __future__ import annotations

import csv
import io
import json

import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.report.writers.folder import reserved
from backwalk_stats.trial import tables
from tests.bad_inputs.trials import write_trial

OUTPUTS = {"report.html", "report.pdf", "report.docx", "results.csv", "results.json"}


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    return write_trial(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def folder(trial, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "report"
    assert run(["analyse", str(trial), "--out", str(out), "--quiet"]) == 0
    return out


def test_a_report_in_three_formats_with_every_number_in_a_table(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {*OUTPUTS, "figures", "tables", "provenance.json"}
    rows = list(csv.reader(io.StringIO((folder / "results.csv").read_text(encoding="utf-8"))))
    assert tuple(rows[0]) == tables.RESULTS
    kept = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert len(kept) == len(rows) - 1
    stamp = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert set(stamp["inputs"]) == {"trial.toml", "scores.csv"}


def test_the_default_folder_and_what_is_printed(trial, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert run(["analyse", str(trial)]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert all(line.startswith("backwalk: ") for line in err.splitlines())
    assert lines[0].endswith("40 participants, 2 outcomes")
    assert "At week 6, knee pain" in lines[1]
    assert "95% CI" in lines[1]
    assert lines[-1] == "Report: reports/bw-knee-01/report.html"
    assert (tmp_path / "reports" / "bw-knee-01" / "report.docx").is_file()


def test_a_second_run_stops_before_it_begins(trial, tmp_path, capfd):
    with reserved(tmp_path / "report"):
        assert run(["analyse", str(trial), "--out", str(tmp_path / "report")]) == 2
    said = capfd.readouterr().err
    assert "another run" in said
    assert "Traceback" not in said
    assert not (tmp_path / "report").exists()


def test_bad_data_leave_no_folder(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    path = write_trial(tmp_path, cells=((3, "nprs_w6", "77"),))
    assert run(["analyse", str(path)]) == 2
    assert "Traceback" not in capfd.readouterr().err
    assert not (tmp_path / "reports").exists()
