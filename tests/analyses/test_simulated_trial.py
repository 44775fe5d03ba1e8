"""The simulated trial: the shipped files are what the generator writes, and say what they are."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from backwalk_stats.analyses.simulated.back import simulated_back
from backwalk_stats.analyses.simulated.knees import simulated_knees
from backwalk_stats.analyses.simulated.trial import SimulatedPlan, simulated_trial
from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.load import load_trial

DATA = Path(__file__).parents[2] / "data"
FOLDER, BACK = DATA / "example_trial", DATA / "example_back"
KNEES = DATA / "example_knees"


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


def test_the_shipped_knees_trial_is_what_the_generator_writes() -> None:
    files = simulated_knees()
    assert {path.name for path in KNEES.iterdir()} == set(files)
    for name, text in files.items():
        assert (KNEES / name).read_bytes() == text.encode(), name


def test_the_knees_trial_has_three_arms_and_an_outcome_of_every_kind() -> None:
    trial = load_trial(KNEES)
    assert trial.study.arm_names == ("usual", "backward", "forward")
    assert {one.kind for one in trial.outcomes} == {"continuous", "binary", "ordinal", "count"}
    assert trial.parts is not None
    each = trial.parts.groupby("participant")["part"].nunique()
    assert set(each) == {1, 2} and len(trial.participants) == 120
    arms = trial.participants.groupby("therapist", observed=True)["arm"].nunique()
    assert (arms == 3).all()  # a therapist tells nobody's arm
    assert trial.load_log["level"].isin(["note", "repair"]).all()
    assert trial.harms is not None and trial.harms.weeks is not None
    falls = trial.harms.events["term"].eq("Fall").sum()
    counted = trial.data[trial.data["outcome"] == "falls"]["value"].sum()
    assert falls == counted


def test_no_score_depends_on_events_harms_and_prose() -> None:
    whole, bare = simulated_trial(), simulated_trial(SimulatedPlan(conduct=False))
    assert set(whole) - set(bare) == {"events.csv", "harms.csv"}
    for name in ("scores.csv", "adherence.csv"):
        assert whole[name] == bare[name]


def test_who_left_had_stopped() -> None:
    trial = load_trial(FOLDER)
    events = trial.events[trial.events["kind"] == "stopped"]
    last = trial.data[(trial.data["outcome"] == "knee_pain") & (trial.data["visit"] == "W6")]
    gone = set(last.loc[last["value"].isna(), "participant"])
    once = trial.missing[trial.missing["reason"] == "visit missed"]["participant"]
    assert gone - set(once) <= set(events["participant"])


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
