"""The baseline table: grades are counted, numbers averaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backwalk_stats.analyses.descriptions import baseline
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
