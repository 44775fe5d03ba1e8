"""Designs whose effects go by visit: small tables give what tables of all columns give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
import pytest

from backwalk_stats.engine.batch import compiled as batch_compiled
from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch import likelihood as batch_likelihood
from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.sequential import (
    SplitPlan,
    closed_form,
    has_closed_form,
    split_of,
)
from backwalk_stats.engine.batch.tables import BatchPlan, batch_plan, tables_of_counts
from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.fit import maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import VisitCovariance
from backwalk_stats.engine.mixed.patterns import gather


@dataclass(frozen=True, kw_only=True)
class Case:
    """A random trial: who was seen when, and columns z of each participant."""

    seen: np.ndarray
    z: np.ndarray
    y: np.ndarray

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        who, slot = np.nonzero(self.seen)
        return who, slot

    def design(self, z: np.ndarray) -> np.ndarray:
        """Return z by visit: intercepts of visits, then each column's effect beside the first."""
        who, slot = self.rows
        at = (slot[:, None] == np.arange(self.seen.shape[1])).astype(float)
        at[:, 0] = 1.0
        return (at[:, :, None] * z[who][:, None]).reshape(len(who), -1)

    def plan(
        self,
        x: np.ndarray,
        *,
        covariance: str = "us",
        reml: bool = True,
        weights: np.ndarray | None = None,
        group: np.ndarray | None = None,
    ) -> BatchPlan:
        who, slot = self.rows
        visits = self.seen.shape[1]
        q = np.linalg.qr(x)[0]
        patterns = gather(
            y=self.y, x=q, participant=who, slot=slot, slots=visits, weights=weights, group=group
        )
        one = structure(covariance, m=visits)
        shapes = (one,) * (1 if group is None else int(group.max()) + 1)
        marginal = VisitCovariance(shapes, patterns.mask, patterns.scale, patterns.group)
        start = marginal.start(patterns, self.y - q @ (q.T @ self.y))
        fit = maximise(Likelihood(patterns, marginal, reml), start)
        assert fit.converged
        return batch_plan(
            x=x, patterns=patterns, marginal=marginal, contrasts=np.eye(x.shape[1]), reml=reml,
            start=fit.point.theta,
        )  # fmt: skip


def case(seed: int, *, monotone: bool = True) -> Case:
    rng = np.random.default_rng(seed)
    visits, extra = int(rng.integers(2, 6)), int(rng.integers(0, 3))
    n = int(rng.integers(12, 30)) * visits
    last = np.where(rng.random(n) < 0.4, rng.integers(1, visits + 1, n), visits)
    seen = np.arange(visits) < last[:, None]
    if not monotone:
        seen &= (rng.random(seen.shape) > 0.15) | (np.arange(visits) == rng.integers(visits))
        seen[~seen.any(axis=1), -1] = True
    arms = np.eye(3)[:, 1:][np.arange(n) % 3]
    others = rng.normal(rng.normal(0, 5), rng.uniform(0.5, 20), size=(n, extra))
    z = np.column_stack([np.ones(n), arms, others])
    root = 0.4 * rng.normal(size=(visits, visits)) + 1.5 * np.eye(visits)
    y = (
        rng.normal()
        + rng.normal(size=(n, visits)) @ root
        + z @ rng.normal(size=(3 + extra, visits))
    )
    return Case(seen=seen, z=z, y=y[seen])


def split_plan(plan: BatchPlan) -> SplitPlan:
    found = split_of(plan)
    assert found is not None
    return found


def both_ways(monkeypatch, run) -> tuple[BatchFits, BatchFits]:
    """Return the fits by small tables and by tables of all columns."""
    small = run()
    with monkeypatch.context() as held:
        held.setattr(batch, "split_of", lambda plan: None)
        return small, run()


def assert_equal(small: BatchFits, whole: BatchFits) -> None:
    assert small.notes == whole.notes
    assert small.converged.tolist() == whole.converged.tolist()
    kept = whole.converged
    away = np.abs(small.estimate - whole.estimate) / whole.std_error
    assert away[kept].max() < 1e-8
    assert small.std_error[kept] == pytest.approx(whole.std_error[kept], rel=1e-8)
    assert small.df[kept] == pytest.approx(whole.df[kept], rel=1e-8)
    assert small.loglik[kept] == pytest.approx(whole.loglik[kept], abs=1e-8)
    scale = np.abs(whole.theta[kept]).max(axis=1, keepdims=True)
    assert (np.abs(small.theta[kept] - whole.theta[kept]) / scale).max() < 1e-8


def runs(one: Case, plan: BatchPlan, seed: int) -> dict[str, Callable[[], BatchFits]]:
    rng = np.random.default_rng([seed, 1])
    n = len(one.seen)
    ys = one.y + rng.normal(size=(4, len(one.y)))
    counts = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(4)])
    deals = [
        np.column_stack([one.z[:, :1], one.z[rng.permutation(n), 1:3], one.z[:, 3:]])
        for _ in range(4)
    ]
    designs = np.stack([one.design(z) for z in deals])
    return {
        "responses": lambda: batch.fit_responses(plan, ys),
        "counts": lambda: batch.fit_counts(plan, one.y, counts),
        "without": lambda: batch.fit_without_each(plan, one.y, np.arange(4)),
        "designs": lambda: batch.fit_designs(plan, one.y, designs),
        "samples": lambda: batch.fit_bootstrap_samples(
            plan, one.y, strata=np.arange(n) % 3, seed=seed, replicates=4
        ),
    }


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_every_batch_gives_the_same_by_small_tables(seed, monotone, monkeypatch):
    one = case(seed, monotone=monotone)
    plan = one.plan(one.design(one.z), reml=seed % 4 != 3)
    assert split_of(plan) is not None
    for run in runs(one, plan, seed).values():
        assert_equal(*both_ways(monkeypatch, run))


@pytest.mark.parametrize("monotone", [True, False])
def test_every_batch_gives_the_same_in_numpy(monotone, monkeypatch):
    one = case(3, monotone=monotone)
    plan = one.plan(one.design(one.z))
    monkeypatch.setattr(batch, "evaluator", lambda: batch_likelihood.evaluate)
    for run in runs(one, plan, 3).values():
        assert_equal(*both_ways(monkeypatch, run))


@pytest.mark.parametrize("covariance", ["cs", "ar1h", "toep"])
def test_other_structures_take_the_small_tables_too(covariance, monkeypatch):
    one = case(5)
    plan = one.plan(one.design(one.z), covariance=covariance)
    assert split_of(plan) is not None and not has_closed_form(plan.marginal)
    for run in runs(one, plan, 5).values():
        assert_equal(*both_ways(monkeypatch, run))


@pytest.mark.parametrize("seed", range(6))
def test_the_closed_form_is_the_optimum(seed, monkeypatch):
    """One evaluation is made, to see that the gradient vanishes: no step is taken."""
    one = case(seed)
    plan = one.plan(one.design(one.z))
    calls: list[int] = []
    chosen = batch.evaluator()

    def counted(*given):
        calls.append(1)
        return chosen(*given)

    monkeypatch.setattr(batch, "evaluator", lambda: counted)
    for run in runs(one, plan, seed).values():
        calls.clear()
        assert run().converged.all() and len(calls) == 1


def test_the_closed_form_is_least_squares_visit_by_visit():
    one = case(1)
    plan = one.plan(one.design(one.z))
    split = split_plan(plan)
    tables = split.of_counts(one.y, np.ones((1, len(one.seen))))
    found = closed_form(tables, reml=True)[0]
    visits = one.seen.shape[1]
    y = np.full(one.seen.shape, np.nan)
    y[one.seen] = one.y
    sigma = np.zeros((visits, visits))
    for s in range(visits):
        own = one.seen[:, s]
        x = np.column_stack([one.z[own], y[own, :s]])
        slope, rest, *_ = np.linalg.lstsq(x, y[own, s], rcond=None)
        slope = slope[one.z.shape[1] :]
        sigma[s, :s] = sigma[:s, s] = sigma[:s, :s] @ slope
        sigma[s, s] = rest[0] / (own.sum() - one.z.shape[1]) + slope @ sigma[:s, s]
    assert found == pytest.approx(sigma[np.tril_indices(visits)], rel=1e-9)


def test_a_large_mean_costs_no_digits():
    one = case(3)
    plan = one.plan(one.design(one.z))
    moved = one.y + 2.0**20
    for run in (
        lambda y: batch.fit_without_each(plan, y, np.arange(4)),
        lambda y: batch.fit_counts(plan, y, np.ones((1, len(one.seen)))),
    ):
        near, far = run(one.y), run(moved)
        assert far.std_error == pytest.approx(near.std_error, rel=1e-8)
        assert far.df == pytest.approx(near.df, rel=1e-8)


def test_the_tables_are_those_of_all_columns():
    one = case(2, monotone=False)
    plan = one.plan(one.design(one.z))
    split = split_plan(plan)
    counts = np.random.default_rng(1).integers(0, 3, (3, len(one.seen))).astype(float)
    small = split.of_counts(one.y, counts)
    q = np.linalg.solve(split.plan.basis.T, one.design(one.z).T).T
    whole = tables_of_counts(replace(split.plan, q=q), one.y, counts)
    assert small.products == pytest.approx(whole.products, rel=1e-9, abs=1e-9)
    assert small.n_obs.tolist() == whole.n_obs.tolist()


def refused() -> dict[str, tuple[Case, np.ndarray]]:
    """Return designs that do not split, each with why."""
    one = case(7)
    x, (who, slot) = one.design(one.z), one.rows
    rng = np.random.default_rng(7)
    everywhere = rng.normal(size=len(one.seen))[who]
    changing = rng.normal(size=len(who))
    by_visit = changing[:, None] * (slot[:, None] == np.arange(one.seen.shape[1]))
    return {
        "a covariate whose effect is common to all visits": (one, np.column_stack([x, everywhere])),
        "an effect of the arm common to all visits": (one, np.delete(x, x.shape[1] - 1, axis=1)),
        "a covariate that changes from visit to visit": (one, np.column_stack([x, by_visit])),
        "a column of one visit alone": (one, np.column_stack([x, everywhere * (slot == 0)])),
    }


@pytest.mark.parametrize("why", list(refused()))
def test_other_designs_decline_and_are_fitted_as_before(why, monkeypatch):
    one, x = refused()[why]
    plan = one.plan(x)
    assert split_of(plan) is None
    ys = one.y + np.random.default_rng(1).normal(size=(2, len(one.y)))
    small, whole = both_ways(monkeypatch, lambda: batch.fit_responses(plan, ys))
    assert small.converged.all() and small.df.tobytes() == whole.df.tobytes()


def test_no_closed_form_with_weights_groups_or_visits_missed_in_between(monkeypatch):
    one = case(8)
    who, _ = one.rows
    x = one.design(one.z)
    weights = np.random.default_rng(1).choice([0.5, 2.0], len(one.seen))[who]
    weighted = one.plan(x, weights=weights)
    grouped = one.plan(x, group=(one.z[:, 1]).astype(int))
    for plan in (weighted, grouped):
        assert split_of(plan) is not None and not has_closed_form(plan.marginal)
        for name, run in runs(one, plan, 8).items():
            if name != "designs" or plan is weighted:
                assert_equal(*both_ways(monkeypatch, run))
    gaps = case(8, monotone=False)
    plan = gaps.plan(gaps.design(gaps.z))
    tables = split_plan(plan).of_counts(gaps.y, np.ones((1, len(gaps.seen))))
    assert has_closed_form(plan.marginal) and np.isnan(closed_form(tables, reml=True)).all()


def test_too_few_people_at_a_visit_have_no_closed_form():
    one = case(9)
    plan = one.plan(one.design(one.z))
    split, (n, visits), c = split_plan(plan), one.seen.shape, one.z.shape[1]
    last = np.flatnonzero(one.seen[:, -1])
    for kept, exists in ((c + visits, True), (c + visits - 1, False)):
        counts = np.ones((1, n), dtype=int)
        counts[0, last[kept:]] = 0
        found = closed_form(split.of_counts(one.y, counts), reml=True)
        assert np.isfinite(found).all() == exists


def test_a_design_that_stops_splitting_is_fitted_by_all_its_columns(monkeypatch):
    one = case(4)
    plan = one.plan(one.design(one.z))
    designs = np.repeat(one.design(one.z)[None], 3, axis=0)
    designs[1, :, -1] *= np.random.default_rng(2).uniform(0.5, 1.5, designs.shape[1])
    assert split_plan(plan).columns_of(designs)[1].tolist() == [True, False, True]
    assert_equal(*both_ways(monkeypatch, lambda: batch.fit_designs(plan, one.y, designs)))


def test_a_draw_without_an_arm_fails_by_either_tables(monkeypatch):
    one = case(6)
    plan = one.plan(one.design(one.z))
    counts = np.ones((2, len(one.seen)), dtype=int)
    counts[1, one.z[:, 2] == 1] = 0
    assert_equal(*both_ways(monkeypatch, lambda: batch.fit_counts(plan, one.y, counts)))


@pytest.mark.parametrize("monotone", [True, False])
def test_bytes_do_not_depend_on_the_cut(monotone, monkeypatch):
    one = case(10, monotone=monotone)
    plan = one.plan(one.design(one.z))
    whole = {name: run() for name, run in runs(one, plan, 10).items()}
    monkeypatch.setattr(batch, "TABLE_BYTES", 1)
    for name, run in runs(one, plan, 10).items():
        for field in ("estimate", "std_error", "df", "theta", "loglik"):
            left, right = (getattr(found, field) for found in (whole[name], run()))
            assert left.tobytes() == right.tobytes(), (name, field)


def test_the_compiled_loops_know_small_tables():
    if find_spec("numba") is None:
        pytest.skip("numba is not installed")
    one = case(11, monotone=False)
    plan = one.plan(one.design(one.z))
    split, start = split_plan(plan), plan.start
    assert start is not None
    tables = split.of_counts(one.y, np.ones((2, len(one.seen))))
    mask = split.plan.patterns.mask
    variances = batch_likelihood.variances_at(
        plan.marginal, mask, np.repeat(start[None], 2, axis=0)
    )
    left = batch_compiled.evaluate(tables, variances, mask, True)
    right = batch_likelihood.evaluate(tables, variances, mask, True)
    for name in ("deviance", "beta", "phi", "hessian", "expected", "f"):
        a, b = getattr(left, name), getattr(right, name)
        assert a == pytest.approx(b, rel=1e-9, abs=1e-9 * np.abs(b).max())
    scale = np.sqrt(np.abs(np.diagonal(right.hessian, axis1=1, axis2=2)))
    assert (left.gradient / scale) == pytest.approx(right.gradient / scale, abs=1e-9)
