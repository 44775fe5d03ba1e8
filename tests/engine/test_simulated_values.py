"""Power, error of the first kind, bias, coverage, empirical errors and df of reference scenarios.

../shared/plan/values.json: 40,000 trials a value (ranks 8,000) by another program, not of this
project. Agreement: within 4 standard errors of both simulations together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from backwalk_stats.engine.simulation.answers import answers
from backwalk_stats.engine.simulation.designs import Design, expected_scores
from backwalk_stats.engine.simulation.draws import calibrated
from backwalk_stats.engine.simulation.questions import Answers, Question
from tests.engine.simulated_designs import reference, reference_design

BLOCK = 250
CASES = [
    ("complete", 13),
    ("complete", 30),
    ("expected", 13),
    ("expected", 20),
    ("expected", 30),
    ("worse_leave", 20),
    ("worse_leave", 60),
    ("uneven", 30),
]


class Simulated(NamedTuple):
    """A value and its standard error."""

    value: float
    error: float


def share(hits: np.ndarray) -> Simulated:
    """Return a share, its error with two trials more of each kind: none is taken as certain."""
    p = (hits.sum() + 2.0) / (len(hits) + 4.0)
    return Simulated(float(hits.mean()), float(np.sqrt(p * (1.0 - p) / len(hits))))


def mean(values: np.ndarray) -> Simulated:
    return Simulated(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def blocks(asked: Question, own: Design, count: int, seed: int) -> Answers:
    """Return the answers of trials in blocks, each with its own generator."""
    sampler, parts = calibrated(own), []
    for block in range(count // BLOCK):
        rng = np.random.default_rng([seed, block])
        parts.append(answers(asked, sampler.draw(BLOCK, rng), sampler))
    names = Answers.__slots__
    return Answers(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def quantities(asked: Question, own: Design, count: int) -> dict[str, Simulated]:
    means = expected_scores(own)[:, asked.visit]
    truth = means[asked.arm] - means[asked.reference]
    found, null = blocks(asked, own, count, 1), blocks(asked, own.under_null(), count, 2)
    kept = found.converged
    away = found.estimate[kept] - truth
    spread = float(away.std(ddof=1))
    covered = (found.conf_low[kept] <= truth) & (truth <= found.conf_high[kept])
    return {
        "power": share(found.p_value < 0.05),
        "type_one_error": share(null.p_value < 0.05),
        "not_converged": share(~kept),
        "bias": mean(away),
        "coverage": share(covered),
        "empirical_se": Simulated(spread, spread / np.sqrt(2.0 * (len(away) - 1))),
        "mean_df": mean(found.df[kept]),
    }


def check(shared, name: str, per_arm: int, count: int, analyses: tuple[str, ...]) -> None:
    scenario = next(one for one in reference(shared, "scenarios") if one["name"] == name)
    own = reference_design(scenario, per_arm)
    rows = [
        row
        for row in reference(shared, "values")["values"]
        if (row["scenario"], row["per_arm"]) == (name, per_arm) and row["analysis"] in analyses
    ]
    assert {row["analysis"] for row in rows} == set(scenario["analyses"]) & set(analyses)
    for analysis in dict.fromkeys(row["analysis"] for row in rows):
        asked = Question(analysis=analysis, visit=len(scenario["visits"]) - 1, arm=1, reference=0)
        found = quantities(asked, own, count)
        for row in rows:
            if row["analysis"] == analysis:
                value, error = found[row["quantity"]]
                allowed = 4.0 * np.hypot(error, row["mc_se"]) + 1e-9
                assert abs(value - row["value"]) <= allowed, (analysis, row["quantity"])


@pytest.mark.parametrize(("name", "per_arm"), CASES)
def test_few_trials_agree_with_the_reference(shared, name, per_arm):
    check(shared, name, per_arm, 500, ("mmrm", "ancova", "change-score"))


def test_few_ranked_trials_agree_with_the_reference(shared):
    check(shared, "expected", 13, 500, ("rank-based",))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "per_arm"), CASES)
def test_many_trials_agree_with_the_reference(shared, name, per_arm):
    check(shared, name, per_arm, 20_000, ("mmrm", "ancova", "change-score", "rank-based"))
