"""Options that several commands have: JSON, silence, formats, the version, examples in the help."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest

from backwalk_stats.cli.app import COMMANDS, run
from backwalk_stats.cli.terminal import formats, open_report
from backwalk_stats.errors import UsageError

DATA = Path(__file__).parents[2] / "data"
KNEE = str(DATA / "example_trial" / "trial.toml")


@pytest.mark.parametrize(
    ("arguments", "key"),
    [(["studies"], "study_id"), (["instruments"], "code"), (["instruments", "womac"], "versions")],
)
def test_lists_as_json(capsys, arguments, key):
    assert run([*arguments, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(key in row for row in rows)


def test_check_as_json(capsys, tmp_path):
    assert run(["check", KNEE, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["faults"] == []
    assert told["log"]
    (tmp_path / "trial.toml").write_text("[trial]\nid = 3\n")
    assert run(["check", str(tmp_path / "trial.toml"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["faults"][0]["file"] == "trial.toml"


@pytest.mark.parametrize(
    "arguments", [["studies"], ["instruments", "nprs"], ["check", KNEE]], ids=lambda one: one[0]
)
def test_quiet_prints_nothing_where_nothing_is_wrong(capsys, arguments):
    assert run([*arguments, "--quiet"]) == 0
    heard = capsys.readouterr()
    assert heard.out == heard.err == ""


def test_quiet_check_still_tells_the_faults(capsys, tmp_path):
    (tmp_path / "trial.toml").write_text("[trial]\nid = 3\n")
    assert run(["check", str(tmp_path / "trial.toml"), "--quiet"]) == 2
    assert "trial.toml" in capsys.readouterr().err


def test_version_in_short(capsys):
    assert run(["-V"]) == 0
    assert capsys.readouterr().out.startswith("backwalk ")


@pytest.mark.parametrize("command", [*COMMANDS, "analyze"])
def test_help_has_examples_and_nothing_is_cut(capsys, command):
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Examples:" in shown
    assert "..." not in shown.replace("[STUDY]...", "")


def test_the_list_of_commands_is_not_cut(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "..." not in shown.partition("Commands:")[2]
    assert max(map(len, shown.splitlines())) <= 80


def test_formats_that_are_not_known_are_refused(capsys):
    assert formats("pdf,html") == ("pdf", "html")
    with pytest.raises(UsageError, match="html, pdf, docx"):
        formats("odt")
    assert run(["reproduce", "--only", "docx"]) == 2
    assert "expected some of html, pdf" in capsys.readouterr().err


def test_only_the_page_is_written(tmp_path, capsys):
    out = tmp_path / "report"
    assert run(["reproduce", "alghadir2019", "--only", "html", "--out", str(out), "-q"]) == 0
    assert (out / "report.html").is_file()
    assert not (out / "report.pdf").exists()
    capsys.readouterr()


def test_the_report_is_opened(tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    (tmp_path / "report.pdf").write_bytes(b"")
    open_report(tmp_path)
    assert opened == [(tmp_path / "report.pdf").absolute().as_uri()]
