"""A batch gives what single fits give, and the same bytes however it is cut."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.batch import fits as batch
from backwalk_stats.engine.batch import fits as batch_pool
from backwalk_stats.engine.batch import likelihood as batch_likelihood
from backwalk_stats.engine.batch.compiled import compiled
from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.fits import bootstrap_counts
from backwalk_stats.engine.batch.likelihood import starts
from backwalk_stats.engine.batch.tables import batch_plan, plan_like, tables_of_responses
from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.dof import degrees_of_freedom
from backwalk_stats.engine.mixed.fit import Fit, maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import Marginal, RandomEffects, VisitCovariance
from backwalk_stats.engine.mixed.patterns import gather
from backwalk_stats.engine.resampling import bca_interval, percentile_interval
from backwalk_stats.errors import NotEstimable, UsageError

VISITS = 4
TIMES = np.array([2.0, 4.0, 8.0, 12.0])
WANTED = np.eye(8)[4:]
MODELS = ["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp"]
MODELS += ["intercept", "slope", "independent", "us by arm", "us weighted"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Rows of a simulated trial, and what is fitted to them."""

    model: str
    who: np.ndarray
    slot: np.ndarray
    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def covariance(self, y: np.ndarray, x: np.ndarray, who: np.ndarray, rows: np.ndarray):
        slot, weights, group, z = self.slot[rows], None, None, None
        arm = self.x[:, 4:].sum(axis=1).astype(int)[rows]
        if self.model == "intercept":
            z = np.ones((len(y), 1))
        elif self.model in ("slope", "independent"):
            z = np.column_stack([np.ones(len(y)), TIMES[slot]])
        elif self.model == "us by arm":
            group = np.zeros(who.max() + 1, dtype=int)
            group[who] = arm
        elif self.model == "us weighted":
            weights = self.weights[rows]
        patterns = gather(
            y=y, x=x, participant=who, slot=slot, slots=VISITS, group=group, weights=weights, z=z
        )
        return patterns, self.marginal(patterns)

    def marginal(self, patterns) -> Marginal:
        if self.model in ("intercept", "slope", "independent"):
            correlated = self.model != "independent"
            return RandomEffects(patterns.z, patterns.mask, patterns.scale, correlated)
        times = TIMES.tolist() if self.model == "sp_exp" else []
        one = structure(self.model.split()[0], m=VISITS, times=times)
        shapes = (one,) * (2 if self.model == "us by arm" else 1)
        return VisitCovariance(shapes, patterns.mask, patterns.scale, patterns.group)

    def fit(self, *, reml: bool = True, y=None, x=None, rows=None, who=None, start=None) -> Fit:
        """Fit alone, in the columns given, to rows that may stand more than once."""
        rows = np.arange(len(self.y)) if rows is None else rows
        y = (self.y if y is None else y)[rows]
        q = (np.linalg.qr(self.x)[0] if x is None else x)[rows]
        who = self.who if who is None else who
        patterns, marginal = self.covariance(y, q, who, rows)
        if start is None:
            start = marginal.start(patterns, y - q @ np.linalg.lstsq(q, y, rcond=None)[0])
        return maximise(Likelihood(patterns, marginal, reml), start)


def trial(model: str, *, n: int = 40, missing: float = 0.15, seed: int = 1) -> Trial:
    rng = np.random.default_rng(seed)
    who, slot = np.divmod(np.arange(n * VISITS), VISITS)
    kept = (rng.random(len(who)) > missing) | (slot == 0)
    who, slot = who[kept], slot[kept]
    arm = (np.arange(n) % 2)[who]
    at = [slot == visit for visit in range(VISITS)]
    x = np.column_stack([*at, *[one * arm for one in at]]).astype(float)
    y = (
        5.0
        + rng.normal(size=n)[who]
        + 0.15 * rng.normal(size=n)[who] * TIMES[slot]
        + 0.7 * rng.normal(size=len(who)) * (1.0 + 0.1 * slot)
        - 0.3 * slot * (1 + arm)
    )
    weights = rng.choice([0.5, 1.0, 2.0], size=n)[who]
    return Trial(model=model, who=who, slot=slot, x=x, y=y, weights=weights)


def same_as_alone(found: BatchFits, index: int, fit: Fit, x: np.ndarray) -> None:
    """Hold one replicate against a fit of its own, at 1e-8."""
    basis = np.linalg.qr(x)[1]
    rows = np.linalg.solve(basis.T, WANTED.T).T
    error = np.sqrt(np.einsum("la,ab,lb->l", rows, fit.point.phi, rows))
    reml = fit.likelihood.reml
    constant = np.log(np.abs(np.diagonal(basis))).sum() if reml else 0.0
    assert fit.converged and found.converged[index]
    assert found.estimate[index] == pytest.approx(rows @ fit.point.beta, rel=1e-8, abs=1e-8)
    assert found.std_error[index] == pytest.approx(error, rel=1e-8)
    assert found.df[index] == pytest.approx(degrees_of_freedom(fit, rows), rel=1e-7)
    assert found.loglik[index] == pytest.approx(-0.5 * fit.point.deviance - constant, abs=1e-8)
    assert found.singular[index] == fit.singular


def responses(one: Trial, count: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    people = one.who.max() + 1
    moved = [rng.normal(size=people)[one.who] + rng.normal(size=len(one.y)) for _ in range(count)]
    return one.y + 0.5 * np.stack(moved)


def assert_same_bytes(left: BatchFits, right: BatchFits) -> None:
    for one in fields(BatchFits):
        a, b = getattr(left, one.name), getattr(right, one.name)
        assert a == b if one.name == "notes" else a.tobytes() == b.tobytes(), one.name


@pytest.fixture(params=["numpy", "compiled"])
def way(request, monkeypatch) -> str:
    if request.param == "compiled" and find_spec("numba") is None:
        pytest.skip("numba is not installed")
    if request.param == "numpy":
        monkeypatch.setattr(batch, "evaluator", lambda: batch_likelihood.evaluate)
        # These designs split; test_sequential has the compiled loops on all columns.
        monkeypatch.setattr(batch, "split_of", lambda plan: None)
    return str(request.param)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("reml", [True, False])
def test_new_responses_are_fitted_as_alone(model, reml, way):
    one = trial(model)
    fit = one.fit(reml=reml)
    ys = responses(one, 3)
    found = batch.fit_responses(plan_like(fit, x=one.x, y=one.y, contrasts=WANTED), ys)
    for index, y in enumerate(ys):
        same_as_alone(found, index, one.fit(reml=reml, y=y), one.x)


@pytest.mark.parametrize("model", MODELS)
def test_counts_are_fitted_as_rows_repeated(model, way):
    one = trial(model)
    people = int(one.who.max()) + 1
    strata = (np.arange(people) % 2).astype(int)
    counts = np.stack([bootstrap_counts(seed=3, index=i, strata=strata) for i in range(3)])
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    found = batch.fit_counts(plan, one.y, counts)
    for index, count in enumerate(counts):
        own = [np.flatnonzero(one.who == person) for person in np.repeat(np.arange(people), count)]
        who = np.repeat(np.arange(len(own)), [len(rows) for rows in own])
        fit = one.fit(rows=np.concatenate(own), who=who)
        same_as_alone(found, index, fit, one.x)


@pytest.mark.parametrize("model", MODELS)
def test_leaving_one_out_is_counting_them_never(model, way):
    one = trial(model)
    people = int(one.who.max()) + 1
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    left = np.array([0, people - 1, 3])
    found = batch.fit_without_each(plan, one.y, left)
    counts = (np.arange(people) != left[:, None]).astype(int)
    expected = batch.fit_counts(plan, one.y, counts)
    for name in ("estimate", "std_error", "df", "theta", "loglik"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-7)
    assert found.converged.all()
    cut = batch.fit_without_each(plan, one.y, left[1:2])
    assert (cut.estimate == found.estimate[1:2]).all()


@pytest.mark.parametrize("model", ["us", "ar1", "intercept"])
def test_other_designs_are_fitted_as_alone(model, way):
    one = trial(model)
    rng = np.random.default_rng(0)
    deals = [rng.permutation(np.arange(one.who.max() + 1) % 2)[one.who] for _ in range(3)]
    visits = one.x[:, :4]
    designs = np.stack([np.column_stack([visits, visits * deal[:, None]]) for deal in deals])
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    found = batch.fit_designs(plan, one.y, designs)
    # Alone in its own orthonormal basis; the batch stays in that of the plan.
    for index, design in enumerate(designs):
        q, r = np.linalg.qr(design)
        fit = one.fit(x=q)
        rows = np.linalg.solve(r.T, WANTED.T).T
        error = np.sqrt(np.einsum("la,ab,lb->l", rows, fit.point.phi, rows))
        own = -0.5 * fit.point.deviance - np.log(np.abs(np.diagonal(r))).sum()
        assert found.estimate[index] == pytest.approx(rows @ fit.point.beta, rel=1e-8, abs=1e-8)
        assert found.std_error[index] == pytest.approx(error, rel=1e-8)
        assert found.df[index] == pytest.approx(degrees_of_freedom(fit, rows), rel=1e-7)
        assert found.loglik[index] == pytest.approx(own, abs=1e-8)


@pytest.mark.parametrize("model", ["us", "csh", "slope", "us by arm"])
def test_compiled_and_numpy_agree(model, monkeypatch):
    if find_spec("numba") is None:
        pytest.skip("numba is not installed")
    one = trial(model)
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    compiled = batch.fit_responses(plan, responses(one, 5))
    monkeypatch.setattr(batch, "evaluator", lambda: batch_likelihood.evaluate)
    plain = batch.fit_responses(plan, responses(one, 5))
    for name in ("estimate", "std_error", "df", "theta", "loglik"):
        assert getattr(compiled, name) == pytest.approx(getattr(plain, name), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("portion", [1, 7, 64])
def test_bytes_do_not_depend_on_workers_or_portions(portion, workers, way, monkeypatch):
    one = trial("us")
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    strata = np.zeros(one.who.max() + 1, dtype=int)
    whole = batch.fit_bootstrap_samples(plan, one.y, strata=strata, seed=5, replicates=20)
    monkeypatch.setattr(batch, "MOST_AT_ONCE", portion)
    again = batch.fit_bootstrap_samples(
        plan, one.y, strata=strata, seed=5, replicates=20, workers=workers
    )
    assert_same_bytes(whole, again)


def test_bytes_do_not_depend_on_the_kind_of_worker(monkeypatch):
    one = trial("us")
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    ys = responses(one, 12)
    here = batch.fit_responses(plan, ys)
    monkeypatch.setattr(batch, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(batch_pool, "find_spec", lambda name: None)
    assert_same_bytes(here, batch.fit_responses(plan, ys, workers=2))


def test_a_replicate_does_not_depend_on_how_many_there_are():
    one = trial("ar1h")
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    many = batch.fit_responses(plan, responses(one, 9))
    few = batch.fit_responses(plan, responses(one, 9)[3:5])
    assert few.estimate.tobytes() == many.estimate[3:5].tobytes()
    assert few.df.tobytes() == many.df[3:5].tobytes()


def test_workers_are_at_least_one():
    with pytest.raises(UsageError, match="workers is 0"):
        batch_pool.spread(pow, [(2, 3)], workers=0)


@pytest.mark.parametrize("reml", [True, False])
def test_complete_data_have_a_closed_form(reml, way, monkeypatch):
    one = trial("us", missing=0.0)
    q = np.linalg.qr(one.x)[0]
    patterns, marginal = one.covariance(one.y, q, one.who, np.arange(len(one.y)))
    plan = batch_plan(
        x=one.x, patterns=patterns, marginal=marginal, contrasts=WANTED, reml=reml, start=None
    )
    calls: list[int] = []
    chosen = batch.evaluator()

    def counted(*given):
        calls.append(1)
        return chosen(*given)

    monkeypatch.setattr(batch, "evaluator", lambda: counted)
    ys = responses(one, 4)
    found = batch.fit_responses(plan, ys)
    assert found.converged.all() and len(calls) == 1
    residual = (ys - (ys @ q) @ q.T).reshape(4, 40, VISITS)
    cross = np.swapaxes(residual, 1, 2) @ residual / (38 if reml else 40)
    assert found.theta == pytest.approx(cross[:, *np.tril_indices(VISITS)], rel=1e-10)
    if reml:
        assert found.df == pytest.approx(np.full((4, 4), 38.0), rel=1e-9)


def test_without_a_start_each_response_finds_its_own(way):
    one = trial("us")
    fit = one.fit()
    warm = plan_like(fit, x=one.x, y=one.y, contrasts=WANTED)
    cold = batch_plan(
        x=one.x,
        patterns=warm.patterns,
        marginal=warm.marginal,
        contrasts=WANTED,
    )
    ys = responses(one, 4)
    assert not np.allclose(
        starts(cold, tables_of_responses(cold, ys), ys)[0], fit.point.theta, rtol=1e-3
    )
    left, right = batch.fit_responses(cold, ys), batch.fit_responses(warm, ys)
    assert left.estimate == pytest.approx(right.estimate, rel=1e-8)
    assert left.df == pytest.approx(right.df, rel=1e-8)


def test_a_draw_without_an_arm_fails_and_says_so(way):
    one = trial("us")
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    people = one.who.max() + 1
    counts = np.ones((3, people), dtype=int)
    counts[1] = 2 * (np.arange(people) % 2 == 0)
    found = batch.fit_counts(plan, one.y, counts)
    assert found.converged.tolist() == [True, False, True]
    assert found.notes == ("", "a coefficient cannot be estimated from this draw", "")
    assert np.isnan(found.estimate[1]).all() and np.isnan(found.loglik[1])
    assert np.isfinite(found.df[[0, 2]]).all()


def test_an_outcome_without_a_remainder_fails_and_says_so(way):
    one = trial("us")
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    found = batch.fit_responses(plan, np.stack([one.y, one.x @ np.arange(8.0)]))
    assert found.converged.tolist() == [True, False]
    assert found.notes[1] and np.isnan(found.std_error[1]).all()


def test_a_zero_variance_is_reached(way):
    one = trial("intercept")
    rng = np.random.default_rng(5)
    ys = rng.normal(size=(12, len(one.y)))
    found = batch.fit_responses(plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED), ys)
    assert found.converged.all() and 2 <= found.singular.sum() <= 10
    for index in np.flatnonzero(found.singular)[:2]:
        same_as_alone(found, index, one.fit(y=ys[index]), one.x)
        assert found.theta[index, 0] == pytest.approx(0.0, abs=1e-8)


def test_a_batch_of_a_singular_fit_starts_inside():
    one = trial("intercept")
    ys = np.random.default_rng(5).normal(size=(12, len(one.y)))
    fits = [one.fit(y=y) for y in ys]
    fit, y = next((fit, y) for fit, y in zip(fits, ys, strict=True) if fit.singular)
    found = batch.fit_responses(plan_like(fit, x=one.x, y=y, contrasts=WANTED), ys)
    assert found.converged.all()


@settings(max_examples=15)
@given(
    unit=st.floats(1e-3, 1e3),
    shift=st.lists(st.floats(-10.0, 10.0), min_size=8, max_size=8),
)
def test_unit_and_fixed_effects_of_the_outcome(unit, shift):
    one = trial("us", n=24)
    plan = plan_like(one.fit(), x=one.x, y=one.y, contrasts=WANTED)
    moved = unit * one.y + unit * one.x @ np.array(shift)
    found = batch.fit_responses(plan, np.stack([one.y, moved]))
    expected = unit * (found.estimate[0] + WANTED @ np.array(shift))
    assert found.estimate[1] == pytest.approx(expected, rel=1e-7, abs=1e-7 * unit)
    assert found.std_error[1] == pytest.approx(unit * found.std_error[0], rel=1e-7)
    assert found.df[1] == pytest.approx(found.df[0], rel=1e-6)


def test_bad_shapes_are_refused():
    one = trial("us")
    fit = one.fit()
    with pytest.raises(NotEstimable, match="the design has shape"):
        plan_like(fit, x=one.x[:-1], y=one.y, contrasts=WANTED)
    with pytest.raises(NotEstimable, match="contrasts have shape"):
        plan_like(fit, x=one.x, y=one.y, contrasts=np.ones(3))


def test_each_replicate_has_a_stream_of_its_own():
    strata = np.zeros(30, dtype=int)
    first = bootstrap_counts(seed=11, index=4, strata=strata)
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(11, spawn_key=(4,))))
    assert first.tolist() == np.bincount(rng.integers(0, 30, 30), minlength=30).tolist()
    assert first.tolist() != bootstrap_counts(seed=11, index=5, strata=strata).tolist()


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_agree_with_scipy(level):
    data = np.random.default_rng(2).lognormal(size=25)
    kwargs = {"n_resamples": 1999, "confidence_level": level, "rng": np.random.default_rng(3)}
    bca = stats.bootstrap((data,), np.mean, method="BCa", **kwargs)
    drawn = bca.bootstrap_distribution[:, None]
    jackknife = ((data.sum() - data) / (len(data) - 1))[:, None]
    low, high = bca_interval(
        replicates=drawn, estimate=np.array([data.mean()]), jackknife=jackknife, level=level
    )
    assert (low[0], high[0]) == pytest.approx(tuple(bca.confidence_interval), rel=1e-12)
    plain = stats.bootstrap(
        (data,), np.mean, method="percentile", n_resamples=0, bootstrap_result=bca,
        confidence_level=level,
    )  # fmt: skip
    low, high = percentile_interval(replicates=drawn, level=level)
    assert (low[0], high[0]) == pytest.approx(tuple(plain.confidence_interval), rel=1e-12)


def test_bca_refuses_what_the_replicates_do_not_determine():
    even = np.array([[-1.0], [0.0], [1.0]])
    with pytest.raises(NotEstimable, match="one side"):
        bca_interval(replicates=np.ones((9, 1)), estimate=np.zeros(1), jackknife=even)
    few = np.linspace(-1.0, 1.0, 21)[:, None]
    with pytest.raises(NotEstimable, match="take more"):
        bca_interval(replicates=few, estimate=np.zeros(1), jackknife=even)


def test_loops_run_where_nothing_can_be_kept(monkeypatch):
    numba = pytest.importorskip("numba", reason="the extra `fast` is not installed")
    njit = numba.njit

    def without_folder(*given, cache=False, **how):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*given, **how)

    monkeypatch.setattr(numba, "njit", without_folder)

    def twice(x):
        return 2 * x

    assert compiled(twice)(3) == 6
