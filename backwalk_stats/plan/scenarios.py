"""A scenario as the arrays of the engine or as a trial, and which estimands can be asked of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.engine.simulation.designs import Clusters, Covariate, Design, Scale
from backwalk_stats.engine.simulation.draws import Drawn
from backwalk_stats.engine.simulation.questions import SIMULATED, Answers, Question
from backwalk_stats.errors import UsageError
from backwalk_stats.trial.estimand import BY_DISTANCE, OF_KIND, Estimand, ids_of
from backwalk_stats.trial.plan import Plan, Scenario
from backwalk_stats.trial.tables import FLOW, LOAD_LOG, TRIAL_DATA
from backwalk_stats.trial.trial import Trial

ALTERNATIVE, NULL, BOUNDARY = "alternative", "null", "boundary"
_OF_OTHERS = frozenset(code for own in OF_KIND.values() for code in own) - {"rank-based"}
WITHOUT_DIFFERENCE = ("rank-based", "mixed-anova")  # what they estimate is no difference of means
_NUMBERS = tuple(one.name for one in fields(Answers)[:6])
_BY_COVARIANCE = ("mmrm", "constrained-longitudinal")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Trials of one scenario, size and hypothesis.

    Attributes
    ----------
    scenario : Scenario
    per_arm : int
    hypothesis : str
        "alternative"; "null": every arm has the means of the reference; or "boundary": the arm of
        one estimand with a margin is worse than its reference by that margin.
    estimands : tuple of Estimand
        Those that are asked of these trials.
    """

    scenario: Scenario
    per_arm: int
    hypothesis: str
    estimands: tuple[Estimand, ...]


def cells(plan: Plan, scenario: Scenario) -> tuple[Cell, ...]:
    """Return the cells of a scenario: by size, then by hypothesis.

    Raises
    ------
    UsageError
        If none of the estimands can be asked; it says of each why.
    """
    why = {one.id: refusal(plan, scenario, one) for one in plan.estimands}
    asked = tuple(one for one in plan.estimands if not why[one.id])
    if not asked:
        lines = [f"  {name}: {reason}" for name, reason in why.items()]
        raise UsageError(f"scenario {scenario.name}: no estimand can be simulated", *lines)
    plain = tuple(one for one in asked if one.margin is None)
    found = []
    for size in scenario.per_arm:
        found.append((size, ALTERNATIVE, asked))
        found += [(size, NULL, plain)] if plain else []
        found += [(size, BOUNDARY, (one,)) for one in asked if one.margin is not None]
    return tuple(
        Cell(scenario=scenario, per_arm=size, hypothesis=hypothesis, estimands=own)
        for size, hypothesis, own in found
    )


def refusal(plan: Plan, scenario: Scenario, estimand: Estimand) -> str:
    """Return why an estimand cannot be asked of a scenario's trials; "" where it can."""
    one, outcome = estimand, plan.outcome(estimand.outcome)
    undrawn = [name for name in one.other_covariates if name not in scenario.covariates]
    others = [how for _, how in one.events if how != "treatment-policy"]
    reasons = {
        f"the scenario draws '{scenario.outcome}', not '{one.outcome}'": (
            one.outcome != scenario.outcome
        ),
        f"'{one.analysis}' is not of measured scores in two parallel arms": (
            one.analysis in _OF_OTHERS or one.analysis == "crossover"
        ),
        f"covariates that the scenario does not draw: {', '.join(undrawn)}": bool(undrawn),
        f"intercurrent events, which no scenario draws: {', '.join(sorted(set(others)))}": bool(
            others
        ),
        f"population '{one.population}': who keeps to the protocol is not drawn": (
            one.population != "all-randomised"
        ),
        "several rows of a participant at a visit are not drawn": plan.within,
        f"people hang together by {plan.cluster_name}, and '{one.analysis}' does not allow it": (
            bool(plan.cluster_name) and one.analysis != "ancova"
        ),
        f"'{one.analysis}' needs the weeks of the visits, which [visits] does not have": (
            _needs_weeks(one) and any(visit.week is None for visit in plan.study.visits)
        ),
        "the dates of visits, which no scenario draws": (
            one.times == "dates" and _by_distance(one)
        ),
        f"non-inferiority of '{one.outcome}' needs better = 'lower' or 'higher'": (
            one.framework == "non-inferiority" and not outcome.better
        ),
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)


def _needs_weeks(one: Estimand) -> bool:
    return one.analysis == "random-slope" or _by_distance(one)


def _by_distance(one: Estimand) -> bool:
    """Return whether the covariance, or what it falls back on, hangs on times."""
    chain = (one.covariance, *one.fallback) if one.analysis in _BY_COVARIANCE else ()
    return any(name in BY_DISTANCE for name in chain)


def design_of(plan: Plan, cell: Cell) -> Design:
    """Return what the trials of a cell are drawn from; arms and visits are those of the plan."""
    one, outcome = cell.scenario, plan.outcome(cell.scenario.outcome)
    sd = np.array(one.sd)
    arms = plan.study.arm_names
    ends = (outcome.low, outcome.high, outcome.step)
    scale = Scale(*(float(end) for end in ends if end is not None)) if one.rounded else None
    clusters = one.clusters
    whole = Design(
        sizes=(cell.per_arm,) * len(arms),
        reference=0,
        means=np.array([one.means[arm] for arm in arms]),
        covariance=np.array(one.correlation) * np.outer(sd, sd),
        dropout=np.array([one.dropout[arm] for arm in arms]),
        mar=None if one.complete else one.mar,
        scale=scale,
        clusters=None if clusters is None else Clusters(clusters.size, clusters.icc),
        covariates=tuple(
            Covariate(own.mean, own.sd, own.correlation) for own in one.covariates.values()
        ),
    )
    if cell.hypothesis == NULL:
        return whole.under_null()
    return _at_boundary(plan, cell, whole) if cell.hypothesis == BOUNDARY else whole


def _at_boundary(plan: Plan, cell: Cell, design: Design) -> Design:
    """Return the design in which an arm is worse than its reference by the margin."""
    (one,) = cell.estimands
    arms = plan.study.arm_names
    arm, reference = (arms.index(name) for name in one.contrast)
    means = design.means.copy()
    worse = -plan.outcome(one.outcome).sign
    means[arm, 1:] = means[reference, 1:] + worse * float(one.margin or 0.0)
    return replace(design, means=means)


def place_of(scenario: Scenario, estimand: Estimand) -> int:
    """Return the place of an estimand's visit among those of its outcome, the baseline being 0."""
    return scenario.visits.index(estimand.visit)


def question_of(plan: Plan, scenario: Scenario, estimand: Estimand) -> Question | None:
    """Return what the engine is asked; None where only the analysis itself can answer."""
    clustered = bool(plan.cluster_name)
    if estimand.analysis not in SIMULATED:
        return None
    arms, weeks = plan.study.arm_names, [plan.study.week(one) for one in scenario.visits]
    return Question(
        analysis=estimand.analysis,
        visit=place_of(scenario, estimand),
        arm=arms.index(estimand.contrast[0]),
        reference=arms.index(estimand.contrast[1]),
        baseline="baseline" in estimand.covariates,
        covariance=estimand.covariance,
        fallback=estimand.fallback,
        df=estimand.df,
        level=estimand.level,
        weeks=tuple(one for one in weeks if one is not None) if _needs_weeks(estimand) else (),
        covariates=tuple(list(scenario.covariates).index(one) for one in estimand.other_covariates),
        clustered=clustered,
    )


# A drawn trial analysed by the trial's own analysis: slow, true, and the test of the fast way.


def trial_of(
    plan: Plan, cell: Cell, y: np.ndarray, arm: np.ndarray, x: np.ndarray | None = None
) -> Trial:
    """Return drawn scores, shape (n, M), of people in arms, shape (n,), as a trial that was held.

    Their covariates x, shape (n, r), are those of the scenario. Participants are numbered. Where
    the trial has clusters, people of an arm come in them in turn, as they were drawn.
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
    if x is not None:
        for place, name in enumerate(cell.scenario.covariates):
            participants[name] = x[:, place]
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
    from backwalk_stats.analyses.menu import MAIN
    from backwalk_stats.analyses.results import main_quantity

    count = len(drawn.y)
    told: dict[str, np.ndarray] = {name: np.full(count, np.nan) for name in _NUMBERS}
    reason = np.full(count, "", dtype=object)
    fitted = np.full(count, -1)
    chain = (estimand.covariance, *estimand.fallback)
    for place, y in enumerate(drawn.y):
        own = None if drawn.x is None else drawn.x[place]
        trial = trial_of(plan, cell, y, drawn.arm, own)
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


# What decides the numbers of a cell, as one text, and its hash.


def digest(told: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a mapping as JSON with sorted keys.

    >>> digest({"a": 1, "b": 2.0}) == digest({"b": 2.0, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def scenario_hash(plan: Plan, cell: Cell) -> str:
    """Return the hash of all that decides which trials of a cell are drawn: no name, no title."""
    design = design_of(plan, cell)
    told = {
        "seed": plan.study.seed,
        "hypothesis": cell.hypothesis,
        "sizes": list(design.sizes),
        "means": design.means.tolist(),
        "covariance": design.covariance.tolist(),
        "dropout": design.dropout.tolist(),
        "mar": design.mar,
        "scale": None if design.scale is None else list(design.scale),
        "clusters": None if design.clusters is None else list(design.clusters),
        "covariates": [list(one) for one in design.covariates],
    }
    return digest(told)


def estimands_hash(plan: Plan, cell: Cell) -> str:
    """Return the hash of all that decides how trials of a cell are analysed."""
    scenario = cell.scenario
    asked = {}
    for one in cell.estimands:
        kept = asdict(one)
        for name in ("role", "sensitivity", "subgroups", "imputations", "resamples", "events"):
            kept.pop(name)
        kept["by"] = "engine" if question_of(plan, scenario, one) is not None else "analysis"
        asked[one.id] = kept
    weeks = [plan.study.week(one) for one in scenario.visits]
    outcome = plan.outcome(scenario.outcome)
    told = {
        "estimands": asked,
        "arms": list(plan.study.arm_names),
        "visits": list(scenario.visits),
        "weeks": weeks,
        "better": outcome.better,
        "alpha": plan.alpha,
        "multiplicity": list(map(list, [[plan.multiplicity[0]], plan.multiplicity[1]])),
        "clusters": plan.cluster_name,
        "graph": plan.graph and [list(plan.graph.weights), list(plan.graph.transitions)],
    }
    return digest(told)


def family_is_whole(plan: Plan, cell: Cell) -> bool:
    """Return whether every estimand whose p-value is adjusted together is asked of these trials."""
    method, order = plan.multiplicity
    wanted = set(ids_of(order))
    return method != "none" and bool(wanted) and wanted <= {one.id for one in cell.estimands}
