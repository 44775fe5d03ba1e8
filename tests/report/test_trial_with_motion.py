"""A trial with a motion file: its report tells the curves, and nobody's own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.analyses.motion.movement import movement
from backwalk_stats.analyses.simulated.motion import simulated_motion
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.subject import trial_subject
from backwalk_stats.report.writers.outputs import trial_document, trial_folder_outputs

PEOPLE = 12
TRIAL = """
[trial]
id = "walks"
title = "SIMULATED: walks"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
names = { backward = "Trained backwards", forward = "Trained forwards" }
[visits]
baseline = "W0"
order = ["W0", "W6"]
weeks = [0, 6]
[[data]]
file = "scores.csv"
participant = "id"
arm = "group"
[[outcome]]
name = "pain"
instrument = "nprs"
columns = { W0 = "pain_w0", W6 = "pain_w6" }
[[estimand]]
outcome = "pain"
analysis = "ancova"
[motion]
file = "motion/motion.toml"
"""


def scores(ids=None, groups=("FW", "BW")) -> str:
    ids = ids or [f"SIM-{place:02d}" for place in range(1, PEOPLE + 1)]
    rows = [f"{one},{groups[k % 2]},{6 + k % 3},{3 + k % 4}" for k, one in enumerate(ids)]
    return "\n".join(["id,group,pain_w0,pain_w6", *rows]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("trial")
    (root / "motion").mkdir()
    for name, content in simulated_motion(participants=PEOPLE).items():
        (root / "motion" / name).write_bytes(content)
    text = (root / "motion" / "motion.toml").read_text()
    short = text.replace("permutations = 10000", "permutations = 199")
    (root / "motion" / "motion.toml").write_text(short)
    (root / "scores.csv").write_text(scores())
    (root / "trial.toml").write_text(TRIAL)
    return root


@pytest.fixture(scope="module")
def analysis(folder):
    return analyse_trial(load_trial(folder / "trial.toml"))


@pytest.fixture(scope="module")
def outputs(analysis):
    return trial_folder_outputs(trial_subject(analysis), lambda done, total, what: None)


def faults(folder, tmp_path, *, trial=TRIAL, sheet=None, change=("", "")) -> str:
    """Return the faults of a trial whose files were changed."""
    (tmp_path / "trial.toml").write_text(trial)
    (tmp_path / "scores.csv").write_text(sheet or scores())
    place = tmp_path / "motion"
    place.mkdir()
    for file in (folder / "motion").iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    for name in ("motion.toml", "recordings.csv", "repositioning.csv"):
        text = (place / name).read_text()
        (place / name).write_text(text.replace(*change))
    with pytest.raises(InputError) as caught:
        load_trial(tmp_path / "trial.toml")
    told = str(caught.value)
    assert "SIM-" not in told
    return told


def test_the_trial_holds_its_recordings_under_names_that_tell_no_one(folder):
    trial = load_trial(folder / "trial.toml")
    assert trial.motion is not None
    assert len(trial.motion.recordings) == PEOPLE * 6
    assert [arm.label for arm in trial.motion.arms] == ["Trained forwards", "Trained backwards"]
    assert not [name for name in trial.sources if "sim-" in name.lower()]
    assert any(name.endswith("files named by motion.toml") for name in trial.sources)


def test_the_study_is_computed_with_the_trial(analysis):
    assert analysis.motion is not None
    asked = [one.plan.test for one in analysis.motion.results]
    assert asked == ["baseline-adjusted", "paired", "arm-by-visit", "pointwise-model"]


def test_the_report_tells_curves_coordination_and_features(outputs):
    page = outputs["report.html"].decode()
    section = page[page.index('id="motion"') :]
    for words in ("Lumbar motion", "Curves over the cycle", "Coordination", "Features", "week 6"):
        assert words.lower() in section.lower()
    assert "backward walking had " in section and " % of the cycle" in section
    assert {"curve_tests.csv", "clusters.csv", "mean_curves.csv"} <= set(outputs)
    assert "tables/curve_tests.csv" in outputs
    assert [name for name in outputs if name.startswith("figures/curve_1_lumbar_flexion")]


def test_no_anchor_occurs_twice(outputs):
    anchors = re.findall(r'\bid="([^"]+)"', outputs["report.html"].decode())
    assert len(anchors) == len(set(anchors))


def test_nobody_is_in_the_outputs(outputs, analysis):
    for name, content in outputs.items():
        if not name.endswith((".pdf", ".png", ".docx")):
            assert "sim-0" not in content.decode().lower(), name
    subject = trial_subject(analysis)
    assert subject.analysis.motion is None
    assert subject.analysis.trial.motion is None
    assert subject.motion is not None
    moved = subject.motion.study.movement
    assert all(frame.empty for frame in (moved.features, moved.curves, moved.cycles))


def test_individuals_are_drawn_on_request_only(analysis, outputs):
    assert not [name for name in outputs if "figures/cycles_" in name]
    shown = trial_subject(analysis, individuals=True)
    assert shown.motion is not None
    assert len(shown.motion.study.movement.cycles)


def test_curves_of_few_are_not_shown(analysis):
    few = replace(analysis, trial=replace(analysis.trial, small_cell=7))
    subject = trial_subject(few)
    assert subject.motion is not None
    assert subject.motion.study.means.empty
    assert subject.motion.study.results, "comparisons describe nobody"


def test_a_trial_without_a_motion_file_has_no_such_section(analysis):
    plain = replace(analysis, motion=None)
    found = trial_folder_outputs(trial_subject(plain), lambda done, total, what: None)
    assert "Lumbar motion" not in found["report.html"].decode()


def test_the_same_curves_as_by_the_motion_command(analysis, folder):
    from backwalk_stats.report.motion_analysis import analyse_motion

    alone = analyse_motion(folder / "motion" / "motion.toml")
    pd.testing.assert_frame_equal(alone.curve_tests, analysis.motion.nodes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"change": ("permutations = 199", "permutations = 2")}, "motion.permutations"),
        ({"change": ("W6", "W9")}, "found 'W9'"),
        ({"change": (",forward,W", ",sideways,W")}, "column arm: expected one of"),
        ({"sheet": scores(groups=("BW", "FW"))}, "12 of 12 participants in another arm"),
        ({"sheet": scores(ids=[f"P{k}" for k in range(12)])}, "12 of 12 that the trial's data"),
        ({"trial": TRIAL.replace("motion/motion", "motion/none")}, "motion.file"),
        ({"trial": TRIAL.replace("motion/motion", "../motion")}, "leads out of the folder"),
        ({"trial": TRIAL.replace('reference = "forward"', 'reference = "backward"')},
         "the trial's reference"),
        ({"trial": TRIAL + 'cutoff = 3\n'}, "motion.cutoff"),
    ],
)  # fmt: skip
def test_what_contradicts_the_trial_is_a_fault(folder, tmp_path, changes, told):
    assert told in faults(folder, tmp_path, **changes)


def test_faults_of_recordings_and_of_scores_are_told_together(folder, tmp_path):
    told = faults(
        folder, tmp_path, sheet=scores().replace(",6,3", ",six,3", 1),
        change=("sim-05_w0_bend.csv", "gone.csv"),
    )  # fmt: skip
    assert "scores.csv" in told
    assert "recording 27 (recordings.csv, line 28): expected a file" in told
    assert "gone.csv" not in told, "a file may be named for a person"


def test_a_walk_in_the_other_direction_is_left_out_and_told(folder, tmp_path):
    (tmp_path / "trial.toml").write_text(TRIAL)
    (tmp_path / "scores.csv").write_text(scores())
    (tmp_path / "motion").mkdir()
    for file in (folder / "motion").iterdir():
        text = file.read_bytes()
        if file.name == "recordings.csv":
            text = text.replace(b"backward,walk", b"forward,walk", 1)
        (tmp_path / "motion" / file.name).write_bytes(text)
    trial = load_trial(tmp_path / "trial.toml")
    assert trial.motion is not None
    found = movement(trial.motion)
    left = found.recordings[found.recordings["note"].str.startswith("not used")]
    assert len(left) == 1 and len(found.recordings) == PEOPLE * 6
    assert "direction of walking (declared: forward)" in left["note"].iloc[0]


def test_what_compares_curves_is_in_the_main_part_and_the_rest_in_the_appendix(analysis):
    document = trial_document(trial_subject(analysis), lambda done, total, what: None)
    held = {one.id: one for one in document.sections}
    main, detail = held["motion"], held["motion-in-detail"]
    assert not main.appendix and detail.appendix
    ids = {part.id: {getattr(block, "id", "") for block in part.blocks} for part in (main, detail)}
    assert "curve-tests" in ids["motion"] and "feature-means" in ids["motion-in-detail"]
    assert {"motion-coordination", "motion-features", "motion-methods"} <= ids["motion-in-detail"]
    assert not ids["motion"] & ids["motion-in-detail"] - {""}
