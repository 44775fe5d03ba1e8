"""The baseline table: grades are counted, numbers averaged."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from backwalk_stats.analyses.descriptions import baseline
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.report.document import document
from backwalk_stats.report.sections_trial.baseline import section
from backwalk_stats.report.subject import trial_subject
from tests.analyses import trials


@pytest.mark.parametrize("name", ["kl_grade", "KL", "kl"])
def test_grades_are_counted_and_never_averaged(name):
    trial = trials.simulated()
    grades = np.where(np.arange(len(trial.participants)) % 3 == 0, 2.0, 3.0)
    people = trial.participants.assign(**{name: grades, "age": 60.0 + grades})
    table = baseline(replace(trial, participants=people)).frames["baseline"]
    mine = table[(table["variable"] == name) & (table["arm"] == "")]
    assert mine["kind"].eq("category").all()
    assert mine["mean"].isna().all()
    assert dict(zip(mine["level"], mine["count"], strict=True)) == {
        "2": (grades == 2.0).sum(),
        "3": (grades == 3.0).sum(),
    }
    age = table[(table["variable"] == "age") & (table["arm"] == "")]
    assert age["kind"].tolist() == ["number"]
    assert age["mean"].iloc[0] == pytest.approx(60.0 + grades.mean())


def test_baseline_imbalance_is_never_tested() -> None:
    """Arms were drawn by lot: a difference at baseline is by chance, whatever its p (Senn 1994)."""
    trial = trials.simulated()
    found = baseline(trial)
    assert found.estimates.empty
    told = {*found.frames["baseline"].columns}
    assert not told & {"p", "p_value", "statistic", "smd", "std_difference"}
    subject = trial_subject(TrialAnalysis(trial=trial, parts=(found,), estimates=found.estimates))
    (block,) = (b for b in section(subject).blocks if isinstance(b, document.TableBlock))
    heads = {one.label.strip().lower() for one in block.table.columns}
    assert not heads & {"p", "p-value", "smd"}, heads
    assert not re.search(r"\bp [=<>]|signific", str(section(subject)))
