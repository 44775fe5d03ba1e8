"""Kenward and Roger's errors and df of a batch are those of each fit by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backwalk_stats.engine.batch import contrasts, likelihood
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch.tables import BatchPlan, DfRule
from backwalk_stats.engine.mixed.fit import maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.patterns import gather
from tests.engine.test_sequential import Case, case

RULES = {
    "kenward-roger": DfRule(adjusts=True),
    "linear": DfRule(adjusts=True, linear=True),
    "expected": DfRule(adjusts=True, expected=True),
}


def alone(one: Case, plan: BatchPlan, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return errors and df of the fit of one response, by the formulas for one fit."""
    who, slot = one.rows
    patterns = gather(y=y, x=plan.q, participant=who, slot=slot, slots=one.seen.shape[1])
    assert plan.start is not None
    fit = maximise(Likelihood(patterns, plan.marginal, True), plan.start)
    assert fit.converged
    method, rows = plan.rule.of(fit), plan.combinations
    return np.sqrt(np.einsum("la,ab,lb->l", rows, method.covariance, rows)), method.single(rows)


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("covariance", ["us", "toeph", "ar1"])
def test_errors_and_df_are_those_of_each_fit(covariance, rule, monotone, monkeypatch):
    one = case(3, monotone=monotone)
    plan = replace(one.plan(one.design(one.z), covariance=covariance), rule=RULES[rule])
    ys = one.y + 0.5 * np.random.default_rng(1).normal(size=(3, len(one.y)))
    small = batch.fit_responses(plan, ys)
    monkeypatch.setattr(batch, "split_of", lambda plan: None)
    whole = batch.fit_responses(plan, ys)
    for index, y in enumerate(ys):
        error, df = alone(one, plan, y)
        for found in (small, whole):
            assert found.std_error[index] == pytest.approx(error, rel=1e-8)
            assert found.df[index] == pytest.approx(df, rel=1e-8)


def test_a_replicate_that_does_not_settle_gets_the_same_rule(monkeypatch):
    one = case(2)
    plan = replace(one.plan(one.design(one.z)), rule=DfRule(adjusts=True))
    ys = one.y + 0.5 * np.random.default_rng(1).normal(size=(3, len(one.y)))
    side_by_side = batch.fit_responses(plan, ys)

    def unsettled(**given):
        found = likelihood.optima(**given)
        return replace(found, settled=found.settled & (np.arange(3) != 1))

    monkeypatch.setattr(batch, "optima", unsettled)
    found = batch.fit_responses(plan, ys)
    assert found.converged.all()
    assert found.std_error == pytest.approx(side_by_side.std_error, rel=1e-9)
    assert found.df == pytest.approx(side_by_side.df, rel=1e-8)


def test_the_adjustment_is_the_difference_to_the_model_error():
    """It is not zero, and larger where fewer are left to estimate from."""
    one = case(1)
    plan = one.plan(one.design(one.z))
    counts = np.ones((2, len(one.seen)), dtype=int)
    counts[0, : len(one.seen) // 2] = 0
    model, adjusted = (
        batch.fit_counts(replace(plan, rule=rule), one.y, counts)
        for rule in (DfRule(), DfRule(adjusts=True))
    )
    ratio = adjusted.std_error / model.std_error
    assert (ratio >= 1.0 - 1e-12).all() and ratio.max() > 1.001
    assert ratio[0].max() > ratio[1].max()
    assert contrasts.joined([model, adjusted]).df.shape == (4, len(plan.combinations))
