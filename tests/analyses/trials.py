"""Trials of invented numbers as records: no file is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Threshold
from backwalk_stats.trial.study import Arm, Study, Visit
from backwalk_stats.trial.tables import FLOW, LOAD_LOG
from backwalk_stats.trial.trial import Trial

PAIN = Outcome(
    name="pain",
    label="Pain (0 to 10)",
    role="primary",
    unit="points",
    better="lower",
    low=0.0,
    high=10.0,
    thresholds=(
        Threshold(
            name="two", kind="mcid", value=2.0, unit="points", population="anybody", source="here"
        ),
    ),
)
ONE = Estimand(
    id="E1",
    outcome="pain",
    visit="W6",
    contrast=("backward", "forward"),
    covariates=("baseline", "age", "sex"),
    imputations=5,
    resamples=400,
    subgroups=("sex", "age"),
)


def arms_of(codes: np.ndarray, names: list[str]) -> pd.Categorical:
    """Arms from their places among the names; the first name is the reference."""
    return pd.Categorical(np.array(names, dtype=object)[codes], categories=names)


def simulated(
    *,
    arms: tuple[str, ...] = ("forward", "backward"),
    weeks: tuple[int, ...] = (0, 3, 6),
    n: int = 48,
    seed: int = 1,
    lost: float = 0.15,
) -> Trial:
    """Return a parallel trial; from the second visit after baseline on some are lost for good."""
    rng = np.random.default_rng(seed)
    size = len(weeks)
    arm = np.arange(n) % len(arms)
    own = rng.normal(size=n)
    values = 6.0 + own[:, None] + rng.normal(scale=0.9, size=(n, size))
    values -= np.outer(0.8 + 0.6 * arm, np.linspace(0.0, 1.0, size))
    goes = rng.random(n) < lost
    if size > 2:
        values[goes, 2:] = np.nan
    ids = [f"CANARY{place:03d}" for place in range(n)]
    visits = [f"W{week}" for week in weeks]
    named = arms_of(arm, list(arms))
    people = pd.DataFrame(
        {
            "participant": ids,
            "arm": named,
            "age": rng.integers(50, 80, n).astype(float),
            "sex": pd.Categorical(np.where(rng.random(n) < 0.5, "F", "M")),
            "per_protocol": rng.random(n) < 0.8,
            "arm_received": named,
        }
    )
    who = np.repeat(np.arange(n), size)
    data = pd.DataFrame(
        {
            "participant": np.array(ids, dtype=object)[who],
            "arm": named[who],
            "visit": pd.Categorical(visits * n, categories=visits, ordered=True),
            "outcome": "pain",
            "value": values.round(1).ravel(),
        }
    )
    return record(people, data, arms=arms, weeks=weeks)


def record(
    people: pd.DataFrame,
    data: pd.DataFrame,
    *,
    arms: tuple[str, ...],
    weeks: tuple[int, ...],
    baseline: str | None = None,
) -> Trial:
    """Return a trial of one outcome with one estimand at the last visit."""
    visits = tuple(Visit(name=f"W{week}", week=float(week), label=f"Week {week}") for week in weeks)
    study = Study(
        id="invented",
        title="Invented",
        seed=7,
        arms=tuple(Arm(name=arm, label=arm.capitalize()) for arm in arms),
        visits=visits,
        baseline=visits[0].name if baseline is None else baseline,
    )
    return Trial(
        study=study,
        outcomes=(PAIN,),
        estimands=(replace(ONE, visit=visits[-1].name),),
        data=data,
        participants=people,
        missing=pd.DataFrame(columns=["participant", "visit", "outcome", "reason"]),
        flow=pd.DataFrame(columns=list(FLOW)),
        adherence=pd.DataFrame(columns=["participant", "session", "status"]),
        load_log=pd.DataFrame(columns=list(LOAD_LOG)),
    )


def without_baseline_visit() -> Trial:
    """Return a trial whose first visit is after treatment began."""
    trial = simulated()
    study = replace(trial.study, baseline="")
    return replace(trial, study=study, estimands=(replace(ONE, covariates=("age",)),))


def with_values(trial: Trial, hidden: pd.Series) -> Trial:
    """Return a trial whose marked rows of data have no value."""
    return replace(trial, data=trial.data.assign(value=trial.data["value"].mask(hidden)))


def some_lost_before_the_only_visit() -> Trial:
    """Return a trial of a baseline and one visit, which every fifth participant misses."""
    trial = simulated(weeks=(0, 6))
    some = list(trial.participants["participant"][::5])
    return with_values(trial, trial.data["participant"].isin(some) & (trial.data["visit"] == "W6"))


def arm_unseen_at_the_end() -> Trial:
    """Return a trial in which nobody of one arm has the last visit."""
    trial = simulated()
    return with_values(trial, (trial.data["arm"] == "backward") & (trial.data["visit"] == "W6"))


def some_baselines_missing() -> Trial:
    """Return a trial in which every fifth participant has no baseline score."""
    trial = simulated()
    some = set(trial.participants["participant"][::5])
    return with_values(
        trial, trial.data["participant"].isin(list(some)) & (trial.data["visit"] == "W0")
    )


def crossover(n: int = 20, seed: int = 2) -> Trial:
    """Return a 2 x 2 crossover without baseline: one period walks backward 1 point lower."""
    rng = np.random.default_rng(seed)
    first = np.arange(n) % 2
    ids = [f"CANARY{place:03d}" for place in range(n)]
    arms = np.column_stack([first, 1 - first]).ravel()
    people = pd.DataFrame(
        {
            "participant": ids,
            "arm": arms_of(first, ["forward", "backward"]),
            "sequence": pd.Categorical(
                np.where(first == 1, "backward-forward", "forward-backward")
            ),
        }
    )
    value = 5.0 + np.repeat(rng.normal(size=n), 2) - arms + rng.normal(scale=0.5, size=2 * n)
    data = pd.DataFrame(
        {
            "participant": np.repeat(np.array(ids, dtype=object), 2),
            "arm": arms_of(arms, ["forward", "backward"]),
            "visit": pd.Categorical(["W1", "W2"] * n, categories=["W1", "W2"], ordered=True),
            "outcome": "pain",
            "value": value.round(1),
        }
    )
    trial = record(people, data, arms=("forward", "backward"), weeks=(1, 2), baseline="")
    asked = replace(ONE, visit="W2", analysis="crossover", covariates=(), subgroups=())
    return replace(trial, study=replace(trial.study, design="crossover"), estimands=(asked,))
