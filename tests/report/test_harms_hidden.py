"""Harms of few people: nothing hidden follows from the table, and what is safe is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.harms import harms
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.errors import InputError
from backwalk_stats.report.privacy import disclosed
from backwalk_stats.trial.harms import EVENTS, Harms
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial
from tests.report.attacked_trials import random_trial

KEY = ["term", "arm"]


def trial_with(rows: list[tuple[str, str, int, int]], **more: Any) -> Trial:
    """Return a trial of two arms of 20; rows are term, arm, people with it, events of each."""
    trial = random_trial(1)
    ids = [f"CANARY{place:03d}" for place in range(40)]
    arm = pd.Categorical(["forward"] * 20 + ["backward"] * 20, categories=["forward", "backward"])
    people = pd.DataFrame({"participant": ids, "arm": arm})
    start = {"forward": 0, "backward": 20}
    events = [
        (ids[start[where] + who], term, 0.0, np.nan, np.nan)
        for term, where, n, times in rows
        for who in range(n)
        for _ in range(times)
    ]
    recorded = Harms(
        asked="both",
        events=pd.DataFrame(events, columns=list(EVENTS)),
        weeks=pd.DataFrame({"participant": ids, "weeks": 6.0}),
        **more,
    )
    arms = tuple(one for one in trial.study.arms if one.name in start)
    study = replace(trial.study, arms=arms)
    return replace(trial, study=study, participants=people, harms=recorded, estimands=())


def shown(trial: Trial) -> tuple[Result, Result]:
    """Return harms as they are, and as a report has them."""
    part = harms(trial)
    whole = TrialAnalysis(trial=trial, parts=(part,), estimates=part.estimates)
    return part, disclosed(whole).parts[0]


def people(part: Result) -> dict[tuple[str, str], float]:
    frame = part.frames["harms"]
    return {(row["term"], row["arm"]): row["people"] for row in frame.to_dict("records")}


def test_one_hidden_term_takes_the_total_with_it():
    """Events of any harm, less those of soreness, are the two of the hidden fall."""
    rows = [
        ("Fall", "backward", 2, 1),
        ("Soreness", "backward", 9, 1),
        ("Soreness", "forward", 8, 1),
    ]
    told = people(shown(trial_with(rows))[1])
    assert np.isnan(told["Fall", "backward"]) and np.isnan(told["any harm", "backward"])
    assert told["Soreness", "backward"] == 9 and told["Fall", "forward"] == 0


def test_all_but_few_is_few():
    told = people(
        shown(trial_with([("Soreness", "backward", 18, 1), ("Soreness", "forward", 8, 1)]))[1]
    )
    assert np.isnan(told["Soreness", "backward"]) and np.isnan(told["any harm", "backward"])


def test_a_report_that_may_show_all_shows_all():
    trial = replace(trial_with([("Fall", "backward", 2, 1)]), small_cell=0)
    whole, told = shown(trial)
    pd.testing.assert_frame_equal(whole.frames["harms"], told.frames["harms"])


def test_a_term_that_names_a_participant_is_refused():
    with pytest.raises(InputError, match="harms"):
        shown(trial_with([("fell over CANARY004", "backward", 6, 1)]))


@pytest.mark.parametrize("seed", range(12))
def test_results_hide_what_the_table_hides(seed: int):
    part, told = shown(random_trial(seed))
    frame = told.frames["harms"]
    gone = {(row["term"], row["arm"]) for row in frame[frame["people"].isna()].to_dict("records")}
    there = frame[frame["people"].notna()]
    whole = part.frames["harms"].loc[there.index]
    pd.testing.assert_frame_equal(there, whole, check_dtype=False)
    assert frame.loc[frame["people"].isna(), ["events", "percent", "rate"]].isna().all().all()
    for row in told.estimates.to_dict("records"):
        name = row["note"].partition("; not shown")[0]
        arms = {row["arm"], *row["contrast"].split(" - ")} - {""}
        if any((name, arm) in gone for arm in arms):
            assert np.isnan([row["estimate"], row["conf_low"], row["conf_high"]]).all(), row
        else:
            assert not np.isnan(row["estimate"]), row


def test_terms_that_overlap_are_counted_once_a_person():
    """People with any harm are not the sum of the terms: the same five have both."""
    rows = [("Fall", "forward", 5, 2), ("Soreness", "forward", 5, 1)]
    part, _ = shown(trial_with(rows, falls=("Fall",)))
    frame = part.frames["harms"].set_index(KEY)
    total = frame[frame.index == ("any harm", "forward")][["people", "events", "weeks"]]
    assert total.to_numpy().tolist() == [[5, 15, 120.0]]
    assert part.frames["harms"]["kind"].iloc[0] == "fall"
