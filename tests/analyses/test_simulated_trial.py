"""The simulated trial: the shipped files are what the generator writes, and say what they are."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from backwalk_stats.analyses.simulated.back import simulated_back
from backwalk_stats.analyses.simulated.trial import SimulatedPlan, simulated_trial
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.load import load_trial

DATA = Path(__file__).parents[2] / "data"
FOLDER, BACK = DATA / "example_trial", DATA / "example_back"


def written(folder: Path, plan: SimulatedPlan) -> Path:
    for name, text in simulated_trial(plan).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "trial.toml"


def test_the_shipped_files_are_what_the_generator_writes() -> None:
    files = simulated_trial()
    assert {path.name for path in FOLDER.iterdir()} == set(files)
    for name, text in files.items():
        assert (FOLDER / name).read_bytes() == text.encode(), name


def test_the_shipped_back_trial_is_what_the_generator_writes() -> None:
    files = simulated_back()
    there = {path.relative_to(BACK).as_posix() for path in BACK.rglob("*") if path.is_file()}
    assert there == set(files)
    for name, content in files.items():
        assert (BACK / name).read_bytes() == content, name


def test_the_back_trial_loads_with_its_recordings() -> None:
    trial = load_trial(BACK / "trial.toml")
    assert len(trial.participants) == 48
    assert [one.name for one in trial.outcomes] == ["back_pain", "disability", "lumbar_flexion"]
    assert trial.motion is not None
    assert len({one.participant for one in trial.motion.recordings}) == 24


def test_the_hashes_are_those_of_the_files() -> None:
    source = tomllib.loads((FOLDER / "SOURCE.toml").read_text(encoding="utf-8"))
    for file in source["file"]:
        assert sha256((FOLDER / file["name"]).read_bytes()).hexdigest() == file["sha256"]


def test_every_file_says_that_it_is_simulated() -> None:
    for name, text in simulated_trial().items():
        assert "SIM" in text.splitlines()[1] or "SIMULATED" in text, name


def test_it_loads_as_planned() -> None:
    trial = load_trial(FOLDER / "trial.toml")
    assert len(trial.participants) == 60
    assert trial.study.visit_names == ("W0", "W3", "W6")
    assert "SIMULATED" in trial.study.title
    pain = trial.data[trial.data["outcome"] == "knee_pain"]["value"].dropna()
    assert ((pain >= 0) & (pain <= 10) & (pain == pain.round())).all()
    assert (trial.missing["reason"] == "visit missed").sum() >= 2
    assert trial.load_log["level"].isin(["note", "repair"]).all()


def test_other_sizes_load(tmp_path: Path) -> None:
    plan = SimulatedPlan(participants=40, weeks=(0, 2, 4, 8, 12), outcomes=6, seed=3)
    trial = load_trial(written(tmp_path, plan))
    assert (len(trial.participants), len(trial.study.visits), len(trial.outcomes)) == (40, 5, 6)


def test_a_plan_without_a_trial_is_refused() -> None:
    with pytest.raises(UsageError, match="12 participants"):
        SimulatedPlan(participants=4)
    with pytest.raises(UsageError, match="rising weeks"):
        SimulatedPlan(weeks=(0, 0, 3))
