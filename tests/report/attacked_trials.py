"""Small random trials, legal in every way, and what an attacker must not learn of them.

No model is fitted: the tables that counts and raw means stand in are enough, and a trial takes a
tenth of a second.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses.descriptions import baseline, flow, missingness
from backwalk_stats.analyses.harms import harms
from backwalk_stats.analyses.menu import as_treated, per_protocol
from backwalk_stats.analyses.questions.change_score import change_score
from backwalk_stats.analyses.questions.responder import responder
from backwalk_stats.analyses.questions.subgroups import subgroups
from backwalk_stats.analyses.questions.within_arm import within_arm
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.harms import EVENTS, Harms
from backwalk_stats.trial.outcome import Outcome, Threshold
from backwalk_stats.trial.study import Arm, Study, Visit
from backwalk_stats.trial.tables import FLOW, LOAD_LOG
from backwalk_stats.trial.trial import Trial

REASONS = ("moved", "ill", "died of a stroke", "no time")


def rule(value: float, unit: str = "points") -> Threshold:
    """Return a threshold of response."""
    named: Any = unit
    return Threshold(name=f"by-{value:g}", kind="mcid", value=value, unit=named,
                     population="any", source="invented")  # fmt: skip


def pain(*thresholds: Threshold) -> Outcome:
    """Return a score of whole numbers from 0 to 10."""
    return Outcome(name="pain", label="Pain", instrument="nprs", role="primary", unit="points",
                   better="lower", low=0.0, high=10.0, step=1.0, thresholds=thresholds)  # fmt: skip


def random_trial(seed: int, **more: Any) -> Trial:
    """Return a trial: two to four arms, two to four visits, dropouts, rare levels, populations."""
    rng = np.random.default_rng(seed)
    arms = ("forward", "backward", "usual", "wait")[: rng.integers(2, 5)]
    weeks = range(0, 3 * int(rng.integers(2, 5)), 3)
    sizes = rng.integers(6, 34, len(arms))
    arm = np.repeat(np.arange(len(arms)), sizes)
    n = len(arm)
    value = np.clip(np.rint(6 + rng.normal(0, 1.5, n)[:, None]
                            - 0.4 * np.arange(len(weeks)) + rng.normal(0, 1, (n, len(weeks)))),
                    0, 10)  # fmt: skip
    leaves = rng.random(n) < rng.choice([0.0, 0.05, 0.15])
    for person in np.flatnonzero(leaves):
        value[person, rng.integers(1, len(weeks)) :] = np.nan
    holes = (rng.random(value.shape) < rng.choice([0.0, 0.03])) & (np.arange(len(weeks)) > 0)
    value[holes] = np.nan
    grade = rng.choice(["1", "2", "3", "4"], n, p=[0.05, 0.35, 0.4, 0.2]).astype(object)
    grade[rng.random(n) < rng.choice([0.0, 0.06])] = None
    named = pd.Categorical([arms[one] for one in arm], categories=list(arms))
    received = np.where(rng.random(n) < 0.04, (arm + 1) % len(arms), arm)
    people = pd.DataFrame({
        "participant": [f"CANARY{place:03d}" for place in range(n)],
        "arm": named,
        "age": rng.integers(45, 80, n).astype(float),
        "sex": pd.Categorical(np.where(rng.random(n) < rng.choice([0.1, 0.5]), "man", "woman")),
        "grade": pd.Categorical(grade),
        "per_protocol": rng.random(n) < rng.choice([0.8, 0.97]),
        "arm_received": pd.Categorical([arms[one] for one in received], categories=list(arms)),
    })  # fmt: skip
    return trial_of(people, value, list(weeks), _declared(rng, arms, value, arm), **more)


def _declared(
    rng: np.random.Generator, arms: tuple[str, ...], value: np.ndarray, arm: np.ndarray
) -> pd.DataFrame:
    """Return the reasons of those who were lost, as a trial file declares them."""
    rows = []
    for place, name in enumerate(arms):
        lost = int(np.isnan(value[arm == place, -1]).sum())
        drawn = pd.Series(rng.choice(REASONS, lost)).value_counts()
        rows += [("lost", name, str(reason), int(count)) for reason, count in drawn.items()]
    return pd.DataFrame(rows, columns=list(FLOW)).astype({"n": "int64"})


def trial_of(
    people: pd.DataFrame, value: np.ndarray, weeks: list[int], declared: pd.DataFrame, **more: Any
) -> Trial:
    """Return a trial of one outcome from its people and their values."""
    visits = [f"W{week}" for week in weeks]
    n, arms = len(people), [*people["arm"].cat.categories]
    who = np.repeat(np.arange(n), len(visits))
    data = pd.DataFrame({
        "participant": people["participant"].to_numpy()[who],
        "arm": people["arm"].array[who],
        "visit": pd.Categorical(visits * n, categories=visits, ordered=True),
        "outcome": "pain",
        "value": value.ravel(),
    })  # fmt: skip
    study = Study(
        id="attacked", title="Attacked", seed=7, baseline=visits[0],
        arms=tuple(Arm(name=one, label=one.capitalize()) for one in arms),
        visits=tuple(Visit(name=f"W{week}", week=float(week), label=f"Week {week}")
                     for week in weeks),
    )  # fmt: skip
    asked = Estimand(id="E1", outcome="pain", visit=visits[-1], contrast=(arms[1], arms[0]),
                     covariates=("baseline", "age"), analysis="change-score",
                     sensitivity=("per-protocol", "as-treated"),
                     subgroups=("sex", "grade"))  # fmt: skip
    kept = replace(asked, id="E2", population="per-protocol", role="secondary")
    rng = np.random.default_rng(len(people) + 1000 * len(visits))
    known: dict[str, Any] = {
        "harms": random_harms(people, rng),
        "study": study, "outcomes": (pain(rule(2.0), rule(3.0), rule(50.0, "percent")),),
        "estimands": (asked, kept), "data": data, "participants": people, "flow": declared,
        "missing": pd.DataFrame(columns=["participant", "visit", "outcome", "reason"]),
        "adherence": pd.DataFrame(columns=["participant", "session", "status"]),
        "load_log": pd.DataFrame(columns=list(LOAD_LOG)),
    }  # fmt: skip
    return Trial(**(known | more))


def random_harms(people: pd.DataFrame, rng: np.random.Generator) -> Harms:
    """Return harms of one to five terms, some of them rare, one person with several at times."""
    terms = ("Fall", "Slipped and fell", "Soreness", "Pain flare", "Dizziness")
    rows = []
    for term in terms[: rng.integers(1, 6)]:
        often = rng.choice([0.02, 0.1, 0.4, 0.9])
        for who in people["participant"]:
            times = int(rng.random() < often) * int(rng.integers(1, 3))
            rows += [(who, term, *rng.choice([0.0, 1.0], 3))] * times
    ids = people["participant"].astype(str)
    return Harms(
        asked="systematic",
        events=pd.DataFrame(rows, columns=list(EVENTS)),
        flags=("serious", "related"),
        weeks=pd.DataFrame({"participant": ids, "weeks": 12.0}),
        falls=("Fall", "Slipped and fell"),
    )


def analysed(trial: Trial) -> TrialAnalysis:
    """Return everything that counts people or averages scores, without models."""
    parts = [baseline(trial), flow(trial), missingness(trial), within_arm(trial, "pain")]
    parts += [harms(trial)] if trial.harms is not None else []
    for asked in trial.estimands:
        parts += [question(trial, asked) for question in
                  (change_score, per_protocol, as_treated, responder, subgroups)]  # fmt: skip
    estimates = pd.concat([part.estimates for part in parts], ignore_index=True)
    return TrialAnalysis(trial=trial, parts=tuple(parts), estimates=estimates)
