"""The stamp and the methods text name what took part in a run, and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.cli.app import run
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.provenance import Run, commanded, commit, provenance
from backwalk_stats.report.sections_trial import methods
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.software import computes_with, libraries_that_compute
from tests.bad_inputs.trials import write_trial

BARE = {  # a record of which nothing can be recomputed but what one mean of 20 whole numbers can be
    "studies.csv": "study_id,citation,design,arms,n_randomised\n"
    "plan,Author A. plan,2-arm RCT,backward walking; control,\n",
    "outcomes.csv": "study_id,arm,outcome,instrument,timepoint,n,mean,sd\n"
    "plan,control,pain,NRS,week 6,20,3.10,\n",
    "contrasts.csv": "study_id,outcome,arm_a,arm_b,contrast_type,method,estimate,"
    "p_value_as_printed\n"
    "plan,pain,backward,control,post-score mean difference,,,\n",
}
HOCHBERG = '\n[multiplicity]\nmethod = "hochberg"\norder = ["E1"]\n'
AGE = 'covariates = ["baseline", "age"]\n'
BOOTSTRAP = (AGE, f'{AGE}sensitivity = ["bootstrap"]\nresamples = 100\n')


class Seen:
    """Stands for something of a library, and notes when it is called."""

    def __init__(self, library: str, real: Any, called: set[str]) -> None:
        self.kept = (library, real, called)

    def __call__(self, *arguments, **named):
        library, real, called = self.kept
        called.add(library)
        return real(*arguments, **named)

    def __getattr__(self, name: str) -> object:
        library, real, called = self.kept
        return Seen(library, getattr(real, name), called)


def is_of_scipy(value: object) -> bool:
    """Tell whether a global of ours is a module, function, class or distribution of scipy."""
    import scipy.special

    if isinstance(value, np.ufunc):
        return getattr(scipy.special, value.__name__, None) is value
    home = getattr(value, "__name__", "") if isinstance(value, type(sys)) else ""
    return (home or str(getattr(value, "__module__", ""))).startswith("scipy.")


@pytest.fixture
def called(monkeypatch) -> set[str]:
    """The libraries that a run really calls: an oracle of what it says."""
    import statsmodels.stats.multitest

    from backwalk_stats.engine.batch import compiled as batch_compiled

    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("backwalk_stats."):
            for key, value in list(vars(module).items()):
                if is_of_scipy(value):
                    monkeypatch.setattr(module, key, Seen("scipy", value, found))
    tests = statsmodels.stats.multitest
    seen = Seen("statsmodels", tests.multipletests, found)
    monkeypatch.setattr(tests, "multipletests", seen)
    monkeypatch.setattr(batch_compiled, "evaluate", Seen("numba", batch_compiled.evaluate, found))
    return found


def words(analysis) -> str:
    """Return the methods section as one text."""
    return repr(methods.section(trial_subject(analysis)))


def stamp_of(folder: Path) -> dict:
    return json.loads((folder / "provenance.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def resampled(tmp_path_factory):
    """A trial whose p-values are adjusted by Hochberg, with a bootstrap of its mixed model."""
    folder = tmp_path_factory.mktemp("resampled")
    return load_trial(write_trial(folder, toml=[BOOTSTRAP], more=HOCHBERG))


def test_a_trial_without_adjustment_and_resampling_names_neither(tmp_path, called):
    analysis = analyse_trial(load_trial(write_trial(tmp_path)))
    assert set(analysis.libraries) == called == {"scipy"}
    assert "scipy" in words(analysis)
    assert not re.search("statsmodels|numba|matplotlib|SAS|pingouin|seaborn", words(analysis))


def test_what_adjusted_and_resampled_is_named_in_text_and_stamp(resampled, called, tmp_path):
    analysis = Analysis(analysis=analyse_trial(resampled))
    assert set(analysis.analysis.libraries) == called == {"scipy", "statsmodels", "numba"}
    assert re.search(r"\(numba [\d.]+, numpy [\d.]+, pandas [\d.]+, scipy [\d.]+, statsmodels",
                     words(analysis.analysis))  # fmt: skip
    stamp = stamp_of(analysis.report(tmp_path / "report"))
    assert set(stamp["dependencies"]) == {
        "jinja2", "matplotlib", "numba", "numpy", "pandas", "pydantic", "python-docx", "scipy",
        "statsmodels", "typst",
    }  # fmt: skip
    assert stamp["extras"]["fast"]["took_part"] == ["numba"]
    assert stamp["extras"]["paper"]["took_part"] == []
    assert stamp["options"] == {"individuals": False, "small_cell": 5}
    assert stamp["seeds"] == {"trial": 20261122}
    assert stamp["command"] is None


def test_without_numba_nobody_says_that_it_computed(resampled, monkeypatch):
    monkeypatch.setattr(batch, "find_spec", lambda name: None)
    found = analyse_trial(resampled)
    assert found.libraries == ("scipy", "statsmodels")
    assert "numba" not in words(found)


def test_a_record_without_numbers_computes_with_nothing(tmp_path, called):
    for name, text in BARE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = bw.reproduce(evidence=tmp_path).reproduction
    assert set(found.libraries) == called == set()


def test_the_shipped_record_computes_with_scipy_alone(called):
    found = bw.reproduce(["chen2021"]).reproduction
    assert set(found.libraries) == called == {"scipy"}


def test_the_same_input_names_the_same_twice(tmp_path):
    trial = load_trial(write_trial(tmp_path))
    assert analyse_trial(trial).libraries == analyse_trial(trial).libraries
    told = replace(analyse_trial(trial), libraries=("statsmodels",))
    assert "statsmodels" in words(told), "the text follows the run, not the environment"


def test_a_run_within_a_run_is_heard_by_both_and_others_by_neither():
    computes_with("nobody listens")
    with libraries_that_compute() as outer:
        computes_with("one")
        with libraries_that_compute() as inner:
            computes_with("two")
        assert inner == {"two"}
    computes_with("nobody listens")
    assert outer == {"one", "two"}


def test_readers_and_writers_are_told_by_what_was_read_and_written():
    def named(files: list[str], outputs: list[str]) -> set[str]:
        made = provenance(
            sources={}, outputs=dict.fromkeys(outputs, b""), record="r",
            run=Run(options={}, files=files),
        )  # fmt: skip
        return set(json.loads(made)["dependencies"]) - {"numpy", "pandas"}

    assert named([], ["results.csv", "ledger.json"]) == set()
    assert named(["a.csv", "b.XLSX"], []) == {"python-calamine"}
    assert named(["a.dta"], ["report.html"]) == {"pyreadstat", "jinja2"}
    assert named(["p1.C3D", "motion.toml"], ["report.pdf"]) == {"pydantic", "typst"}
    assert named([], ["report.docx", "figures/a.png"]) == {"python-docx", "matplotlib"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["reproduce", "chen2021"], "backwalk reproduce chen2021"),
        (["analyse", "/home/Dr Canary/t.toml", "--out", "../b/"],
         "backwalk analyse t.toml --out b"),
        (["analyse", "C:\\Canary\\t.toml", "--out=/Canary/my report"],
         "backwalk analyse t.toml '--out=my report'"),
        (["verify", "/"], "backwalk verify /"),
        (["paper", "a\x1b[31m\n"], "backwalk paper 'a?[31m?'"),
    ],
)  # fmt: skip
def test_the_command_stands_in_the_stamp_without_folders(typed, kept):
    with commanded(typed):
        made = provenance(sources={}, outputs={}, record="r", run=Run(options={}))
    assert json.loads(made)["command"] == kept
    assert "Canary" not in made.decode()
    after = provenance(sources={}, outputs={}, record="r", run=Run(options={}))
    assert json.loads(after)["command"] is None


def test_motion_features_from_the_command(root, tmp_path):
    file = root / "data" / "example_motion" / "motion.toml"
    out = tmp_path / "features"
    assert run(["motion", "features", str(file), "--out", str(out), "--quiet"]) == 0
    stamp = stamp_of(out)
    assert set(stamp["dependencies"]) == {"numpy", "pandas", "pydantic", "scipy"}
    assert stamp["command"] == "backwalk motion features motion.toml --out features --quiet"
    assert stamp["seeds"] == {}, "nothing is drawn"


@pytest.fixture
def checkout(root, tmp_path) -> Path:
    """A small checkout of the project, with one commit."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "checkout"
    (folder / "backwalk_stats").mkdir(parents=True)
    shutil.copy(root / "pyproject.toml", folder)
    (folder / "backwalk_stats" / "one.py").write_text("1\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false")
    git(folder, *who, "commit", "--quiet", "-m", "One")
    return folder


def git(folder: Path, *arguments: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], env=clean, check=True, capture_output=True,
        text=True,
    ).stdout.strip()  # fmt: skip


def test_the_stamp_looks_for_the_commit_where_the_package_lies(root, monkeypatch):
    asked: list[Path] = []

    def commit(folder: Path) -> str:
        asked.append(folder)
        return "a commit"

    monkeypatch.setitem(provenance.__globals__, "commit", commit)
    made = provenance(sources={}, outputs={}, record="r", run=Run(options={}))
    assert json.loads(made)["package"]["commit"] == "a commit"
    assert asked == [root.resolve()]


def test_the_commit_of_a_checkout_and_whether_it_is_modified(checkout, monkeypatch):
    head = git(checkout, "rev-parse", "HEAD")
    assert commit(checkout) == head
    (checkout / "notes.txt").write_text("of the user: changes no number")
    assert commit(checkout) == head
    new = checkout / "backwalk_stats" / "new.py"
    new.write_text("2\n")
    assert commit(checkout) == f"{head} modified"
    new.unlink()
    (checkout / "backwalk_stats" / "one.py").write_text("3\n")
    assert commit(checkout) == f"{head} modified"
    monkeypatch.setenv("GIT_DIR", str(checkout / "nowhere"))
    assert commit(checkout) == f"{head} modified", "as in a hook of another repository"
    monkeypatch.setenv("PATH", "")
    assert commit(checkout) == "unknown"


def test_an_installed_package_and_a_foreign_repository_have_no_commit(checkout, tmp_path):
    assert commit(tmp_path / "site-packages") == "unknown"
    project = (checkout / "pyproject.toml").read_text()
    for text in (project.replace('"backwalk-stats"', '"other"', 1), "not [toml", "project = 3"):
        (checkout / "pyproject.toml").write_text(text)
        assert commit(checkout) == "unknown"
    (checkout / "pyproject.toml").unlink()
    assert commit(checkout) == "unknown"
