"""A drawn trial analysed by the trial's own analysis: slow, true, and the test of the fast way."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses.menu import MAIN
from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.engine.simulation.draws import Drawn
from backwalk_stats.engine.simulation.questions import Answers
from backwalk_stats.plan.scenarios import Cell
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.plan import Plan
from backwalk_stats.trial.tables import FLOW, LOAD_LOG, TRIAL_DATA
from backwalk_stats.trial.trial import Trial

_NUMBERS = tuple(one.name for one in fields(Answers)[:6])


def trial_of(plan: Plan, cell: Cell, y: np.ndarray, arm: np.ndarray) -> Trial:
    """Return drawn scores, shape (n, M), of people in arms, shape (n,), as a trial that was held.

    Participants are numbered. Where the trial has clusters, people of an arm come in them in turn,
    as they were drawn.
    """
    arms, visits = list(plan.study.arm_names), list(plan.study.visit_names)
    own = list(cell.scenario.visits)
    people = [f"{place:06d}" for place in range(1, len(y) + 1)]
    values = np.full((len(y), len(visits)), np.nan)
    values[:, [visits.index(visit) for visit in own]] = y
    every = np.repeat(np.arange(len(y)), len(visits))
    data = pd.DataFrame(
        {
            "participant": np.array(people, dtype=object)[every],
            "arm": pd.Categorical(np.array(arms)[arm[every]], categories=arms),
            "visit": pd.Categorical(np.tile(visits, len(y)), categories=visits, ordered=True),
            "outcome": cell.scenario.outcome,
            "value": values.ravel(),
        }
    )[list(TRIAL_DATA)]
    participants = pd.DataFrame(
        {"participant": people, "arm": pd.Categorical(np.array(arms)[arm], categories=arms)}
    )
    text = {"participant": "str", "outcome": "str"}
    hang: dict[str, Any] = {}
    if plan.cluster_name:
        hang["clusters"] = _clusters(cell, people, arm)
        hang["cluster_name"] = plan.cluster_name
    return Trial(
        study=plan.study,
        outcomes=plan.outcomes,
        estimands=cell.estimands,
        data=data.astype(text),
        participants=participants.astype({"participant": "str"}),
        missing=pd.DataFrame(columns=["participant", "visit", "outcome", "reason"], dtype="str"),
        flow=pd.DataFrame(columns=list(FLOW)),
        adherence=pd.DataFrame(columns=["participant", "session", "status"]),
        load_log=pd.DataFrame(columns=list(LOAD_LOG)),
        **hang,
    )


def _clusters(cell: Cell, people: list[str], arm: np.ndarray) -> pd.DataFrame:
    """Return who is in which cluster: the first people of an arm in its first, and so on."""
    said = cell.scenario.clusters
    size = 1 if said is None else said.size
    within = np.concatenate([np.arange(count) for count in np.bincount(arm)])
    names = [f"{a}-{place // size}" for a, place in zip(arm, within, strict=True)]
    return pd.DataFrame({"participant": people, "cluster": names}, dtype="str")


@on_one_thread
def answers_of_analysis(plan: Plan, cell: Cell, estimand: Estimand, drawn: Drawn) -> Answers:
    """Return what the trial's own main analysis of an estimand says of each drawn trial.

    As `engine.simulation.answers.answers`; `fitted` is the place of the covariance in the chain.
    """
    count = len(drawn.y)
    told: dict[str, np.ndarray] = {name: np.full(count, np.nan) for name in _NUMBERS}
    reason = np.full(count, "", dtype=object)
    fitted = np.full(count, -1)
    chain = (estimand.covariance, *estimand.fallback)
    for place, y in enumerate(drawn.y):
        trial = trial_of(plan, cell, y, drawn.arm)
        found = MAIN[estimand.analysis](trial, estimand)
        rows = found.estimates
        wanted = (
            (rows["quantity"] == main_quantity(estimand.analysis))
            & (rows["contrast"] == estimand.contrast_name)
            & (rows["visit"] == estimand.visit)
            & (rows["role"] == estimand.role)
        )
        row = rows[wanted].iloc[-1]
        if not found.converged or not np.isfinite(float(row["p_value"])):
            reason[place] = str(row["note"]) or "; ".join(found.notes) or "no p-value"
            continue
        for name in _NUMBERS:
            told[name][place] = float(row[name])
        fit = found.frames.get("fit")
        if fit is not None and "covariance" in fit and fit["covariance"].iloc[0] in chain:
            fitted[place] = chain.index(fit["covariance"].iloc[0])
    return Answers(**told, converged=reason == "", fitted=fitted, reason=reason)
