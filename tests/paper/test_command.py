"""`backwalk paper`: a line a number, exit codes, and a folder that `reproduce` reads again."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

import pandas as pd
import pytest

from backwalk_stats.cli.app import BAD_INPUT, RAN, run

TEXT = """Pain fell, t(65) = 2.20, p = .031; the rest did not, t(65) = 2.20, p = .31.

Table 2. Scores at week 6, mean ± SD; independent t-test.
Outcome\tBackward (n = 34)\tForward (n = 33)\tp
TUG (s)\t8.67 ± 1.64\t10.26 ± 2.01\t0.001
Falls\t12 (3)\t14 (4)\t0.7
"""


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "Smith 2024.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_line_a_number(paper, capsys):
    assert run(["paper", str(paper)]) == RAN
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0].split() == ["printed", "comes", "out", "verdict", "why"]
    assert len([line for line in lines if " not_reproduced " in line]) == 1
    assert "12 printed numbers" in out
    assert "an SD, a standard error or a percentage" in out


def test_strict_ends_with_one(paper, tmp_path):
    assert run(["paper", str(paper), "--strict", "--quiet"]) == 1
    honest = tmp_path / "honest.txt"
    honest.write_text("Pain fell, t(65) = 2.20, p = .031.")
    assert run(["paper", str(honest), "--strict", "--quiet"]) == RAN


def test_nothing_found_is_said(tmp_path, capsys):
    path = tmp_path / "words.txt"
    path.write_text("Only words.")
    assert run(["paper", str(path)]) == RAN
    assert "no statistic and no table was found" in capsys.readouterr().out


def test_bad_input_is_one_message(tmp_path, capsys):
    assert run(["paper", str(tmp_path / "none.pdf")]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 2


def test_the_folder_is_evidence_that_reproduce_reads(paper, tmp_path, capsys):
    out = tmp_path / "checked"
    assert run(["paper", str(paper), "--out", str(out)]) == RAN
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "studies.csv", "outcomes.csv", "contrasts.csv", "paper.toml", "report.html", "report.pdf",
        "ledger.csv", "statistics.csv", "table_cells.csv", "provenance.json",
    }  # fmt: skip
    outcomes = pd.read_csv(out / "outcomes.csv", dtype=str)
    assert outcomes["mean"].tolist() == ["8.67", "10.26"]
    assert outcomes["sd"].tolist() == ["1.64", "2.01"]
    contrasts = pd.read_csv(out / "contrasts.csv", dtype=str, keep_default_na=False)
    assert contrasts["statistic"].tolist()[:2] == ["t=2.20", "t=2.20"]
    asked = tomllib.loads((out / "paper.toml").read_text(encoding="utf-8"))["ask"]
    assert {one["outcome"] for one in asked} == {"Falls"}
    ledger = pd.read_csv(out / "ledger.csv", dtype=str)
    assert "not_reproduced" in set(ledger["verdict"])
    capsys.readouterr()
    assert (
        run(["reproduce", "--evidence", str(out), "--out", str(tmp_path / "again"), "--quiet"])
        == RAN
    )
    assert capsys.readouterr().err == ""


def test_what_was_confirmed_is_not_overwritten(paper, tmp_path, capsys):
    out = tmp_path / "checked"
    out.mkdir()
    (out / "outcomes.csv").write_text("confirmed by a person\n")
    assert run(["paper", str(paper), "--out", str(out), "--quiet"]) == BAD_INPUT
    assert "not overwritten" in capsys.readouterr().err
    assert (out / "outcomes.csv").read_text() == "confirmed by a person\n"


def test_two_pages_take_less_than_three_seconds(tmp_path, root):
    resource = pytest.importorskip("resource", reason="no such clock here")
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join([TEXT] * 8), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    code = "from backwalk_stats.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "paper", str(path)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.returncode == RAN, done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 3
