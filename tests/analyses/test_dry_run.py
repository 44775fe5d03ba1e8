"""What is told of planned analyses before they are carried out is what then comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.descriptions import flow
from backwalk_stats.analyses.dry_run import analysed, planned, tried, without_outcomes
from backwalk_stats.analyses.menu import MAIN, MENU
from tests.analyses.trials import ONE, simulated

PARALLEL = [code for code in MENU if code not in ("crossover", "bootstrap")]
SLOW = ("jump-to-reference", "copy-reference", "copy-increments", "last-mean-carried-forward",
        "tipping-point", "permutation")  # fmt: skip
OF_THE_PEOPLE = ("constrained-longitudinal", "random-slope", "multiple-imputation")
QUICK = [code for code in PARALLEL if code not in SLOW]


def asked(code):
    one = replace(ONE, resamples=50, imputations=3, subgroups=())
    return replace(one, analysis=code) if code in MAIN else one


def carried_out(trial, code):
    """Return n by arm of an analysis that was carried out, and its reason where it was not."""
    one = asked(code)
    found = MENU[code](trial, one)
    rows = found.estimates[found.estimates["contrast"] == one.contrast_name]
    row = rows[rows["visit"] == one.visit].iloc[-1]
    reason = next((note for note in found.notes if note.startswith("not estimated")), "")
    n = {} if reason else dict(zip(one.contrast, (int(row["n"]), int(row["n_reference"])),
                                   strict=True))  # fmt: skip
    return n, reason.removeprefix("not estimated: ")


def with_gaps(seed, n=40):
    trial = simulated(seed=seed, n=n, lost=0.3)
    rng = np.random.default_rng(seed)
    data, people = trial.data.copy(), trial.participants.copy()
    data.loc[(data["visit"] == "W0") & (rng.random(len(data)) < 0.1), "value"] = np.nan
    data.loc[(data["visit"] == "W3") & (rng.random(len(data)) < 0.1), "value"] = np.nan
    people.loc[rng.integers(0, n, 2), "age"] = np.nan
    return replace(trial, data=data, participants=people)


@pytest.mark.parametrize(
    "code", [*QUICK, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)]
)
def test_the_people_are_those_of_the_analysis(code):
    for seed in (1, 2):
        trial = with_gaps(seed)
        got = tried(without_outcomes(trial), asked(code), code)
        assert (dict(got.n), got.reason) == carried_out(trial, code)


def collinear(trial):
    people = trial.participants
    return replace(trial, participants=people.assign(age=(people["sex"] == "F").astype(float)))


def one_visit_lacks_an_arm(trial):
    data = trial.data.copy()
    data.loc[(data["visit"] == "W6") & (data["arm"] == "backward"), "value"] = np.nan
    return replace(trial, data=data)


def no_baseline(trial):
    data = trial.data.copy()
    data.loc[data["visit"] == "W0", "value"] = np.nan
    return replace(trial, data=data)


def one_person_in_an_arm(trial):
    data = trial.data.copy()
    backward = trial.participants.loc[trial.participants["arm"] == "backward", "participant"]
    data.loc[data["participant"].isin(backward[1:]), "value"] = np.nan
    return replace(trial, data=data)


def nobody_with_covariates(trial):
    return replace(trial, participants=trial.participants.assign(age=np.nan))


@pytest.mark.parametrize("code", QUICK)
@pytest.mark.parametrize(
    "spoil",
    [collinear, one_visit_lacks_an_arm, no_baseline, one_person_in_an_arm, nobody_with_covariates],
    ids=lambda one: one.__name__,
)
def test_what_cannot_be_carried_out_is_told_with_the_reason_of_the_report(spoil, code):
    trial = spoil(simulated(seed=4, n=30))
    got = tried(without_outcomes(trial), asked(code), code)
    n, reason = carried_out(trial, code)
    if spoil is collinear and code in OF_THE_PEOPLE:
        # Their own designs name the intercept or the visits besides; the columns are the same.
        assert "sex is collinear with" in got.reason and "sex is collinear with" in reason
    else:
        assert got.reason == reason
    assert dict(got.n) == n


def test_nothing_is_learnt_of_the_outcomes():
    trial = with_gaps(3)
    rng = np.random.default_rng(0)
    later = trial.data["visit"].astype(str) != "W0"
    other = trial.data["value"].where(~later, trial.data["value"] * 3 + rng.normal(size=len(later)))
    moved = replace(trial, data=trial.data.assign(value=other))
    one = replace(ONE, sensitivity=tuple(QUICK))  # type: ignore[arg-type]
    assert planned(trial, (one,)) == planned(moved, (one,))


@pytest.mark.parametrize("code", ["ancova", "change-score", "mmrm", "mixed-anova", "rank-based"])
def test_the_flow_has_the_people_of_the_main_analysis(code):
    trial = replace(with_gaps(5), estimands=(asked(code),))
    n, _ = carried_out(trial, code)
    frame = flow(trial).frames["flow"]
    told = frame[frame["stage"] == "analysed"].set_index("arm")["n"]
    assert told.to_dict() == n == analysed(trial, trial.estimands)[0]


def test_visits_that_too_few_have_together_are_told():
    trial = simulated(seed=6, n=40, weeks=(0, 3, 6, 9))
    data = trial.data.copy()
    odd = pd.to_numeric(data["participant"].str.extract(r"(\d+)")[0]) // 2 % 2 == 1
    data.loc[(data["visit"] == "W3") & odd, "value"] = np.nan
    data.loc[(data["visit"] == "W9") & ~odd, "value"] = np.nan
    thin = replace(trial, data=data)
    got = tried(without_outcomes(thin), asked("mmrm"), "mmrm")
    assert any("may not converge" in note for note in got.notes)
