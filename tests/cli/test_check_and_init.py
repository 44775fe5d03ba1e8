"""`backwalk init` makes a folder that `backwalk check` accepts once its sheet is filled in."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
import typer
from typer.testing import CliRunner

from backwalk_stats.cli import check, init
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial_file.schema import TrialTables
from tests.bad_inputs.trials import good_rows, write_csv, write_trial

APP = typer.Typer()
APP.command("check")(check.command)
APP.command("init")(init.command)


def run(*arguments):
    return CliRunner().invoke(APP, [str(one) for one in arguments])


def filled(folder):
    header = (folder / "scores.csv").read_text().strip().split(",")
    rows = [row | {"kl_grade": "2"} for row in good_rows()]
    write_csv(folder / "scores.csv", [{name: row[name] for name in header} for row in rows])
    return folder / "trial.toml"


def test_init_then_check_then_fill_then_check(tmp_path):
    folder = tmp_path / "Knee Trial 1"
    made = run("init", folder)
    assert made.exit_code == 0, made.output
    assert {file.name for file in folder.iterdir()} == set(init.TEMPLATES)
    assert [file.name for file in tmp_path.iterdir()] == [folder.name]
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    empty = run("check", folder / "trial.toml")
    assert empty.exit_code == 2
    assert "trial.toml: 1 fault\n" in empty.output and "only the header" in empty.output
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    done = run("check", filled(folder))
    assert done.exit_code == 0, done.output
    assert "trial.toml: no fault" in done.output
    trial = load_trial(folder / "trial.toml")
    assert trial.study.id == "knee-trial-1"
    assert trial.study.arm_label("backward") == "Backward walking"


def test_every_line_of_the_trial_file_that_may_be_used_is_valid(tmp_path):
    text = init.contents("new")["trial.toml"].decode()
    whole = re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)
    assert whole.count("\n#") < text.count("\n#")
    tables = TrialTables.model_validate(tomllib.loads(whole))
    assert tables.multiplicity.method == "holm"
    assert tables.outcome[0].thresholds == ["mcid-childs2005-4weeks-points"]
    folder = init.write_folder(tmp_path / "new")
    keys = r"thresholds|\[(?:multiplicity|flow|labels|report)|method|order = \[\"E|assessed"
    keys += "|excluded|allocated|lost|small_cell"
    used = re.sub(rf"^#({keys})", r"\1", text, flags=re.MULTILINE)
    (folder / "trial.toml").write_text(used)
    trial = load_trial(filled(folder))
    assert trial.multiplicity == ("holm", ("E1",))
    assert trial.outcomes[0].thresholds[0].name == "mcid-childs2005-4weeks-points"
    assert trial.flow["stage"].value_counts().to_dict() == {
        "excluded": 2, "allocated": 2, "lost": 2, "assessed": 1
    }  # fmt: skip


def test_the_notebook_is_one(tmp_path):
    notebook = json.loads(init.contents("new")["trial.ipynb"])
    assert notebook["nbformat"] == 4
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), cell["id"], "exec")
            assert cell["outputs"] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn about event loops
def test_the_notebook_runs_on_the_new_folder_and_ends_in_a_report(tmp_path):
    jupytext = pytest.importorskip("jupytext")
    client = pytest.importorskip("nbclient")
    folder = init.write_folder(tmp_path / "new")
    notebook = jupytext.read(folder / "trial.ipynb")
    client.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}
    ).execute()
    assert "SIMULATED" in json.dumps(notebook.cells)
    assert {"report.html", "report.pdf"} <= {file.name for file in (folder / "report").iterdir()}


def test_init_overwrites_nothing(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "data.csv").write_text("precious")
    (tmp_path / "file").write_text("precious")
    for name in ("mine", "file"):
        with pytest.raises(UsageError):
            init.write_folder(tmp_path / name)
    assert (tmp_path / "mine" / "data.csv").read_text() == "precious"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "mine"]
    try:
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    except OSError:
        return
    with pytest.raises(UsageError, match="link"):
        init.write_folder(tmp_path / "link")


def test_init_takes_an_empty_folder_and_leaves_nothing_when_it_fails(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    init.write_folder(tmp_path / "empty")
    assert (tmp_path / "empty" / "trial.toml").exists()
    monkeypatch.setattr(init, "contents", lambda name: {"a.txt": b"", "no/where": b""})
    with pytest.raises(OSError, match="no/where"):
        init.write_folder(tmp_path / "half")
    assert [file.name for file in tmp_path.iterdir()] == ["empty"]


def test_check_prints_every_fault_and_the_log_and_writes_nothing(tmp_path):
    cells = [(line, "nprs_w0", text) for line, text in enumerate(["6,5", "11", "x"], start=3)]
    path = write_trial(tmp_path, cells=[*cells, (9, "group", "bw")])
    before = sorted(tmp_path.rglob("*"))
    outcome = run("check", path)
    assert outcome.exit_code == 2
    assert outcome.output.startswith("trial.toml: 3 faults\n  scores.csv, line 3")
    assert "labels matched without regard to case" in outcome.output
    assert sorted(tmp_path.rglob("*")) == before


def test_check_may_be_told_that_identifiers_are_known(tmp_path):
    path = write_trial(tmp_path, spoil=lambda rows: [row | {"surname": "x"} for row in rows])
    assert run("check", path).exit_code == 2
    allowed = run("check", path, "--allow-identifiers")
    assert allowed.exit_code == 0
    assert "warning" in allowed.output
