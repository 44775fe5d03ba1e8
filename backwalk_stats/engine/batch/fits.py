"""Many fits of one design: arrays in, arrays out.

New responses (imputations, simulated trials, nodes of a curve), other counts of participants
(bootstrap) or other designs (permutation), each fitted as `fit.maximise` would, side by side. What
a replicate gets does not depend on the others: a batch may be cut anywhere and gives the same
bytes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from backwalk_stats.engine.batch.contrasts import (
    BatchFits,
    contrasts_of_fit,
    contrasts_of_optima,
    failed,
    joined,
    replaced,
)
from backwalk_stats.engine.batch.likelihood import (
    Evaluate,
    evaluate,
    even_start,
    identified,
    optima,
    starts,
)
from backwalk_stats.engine.batch.sequential import SplitPlan, SplitTables, split_of
from backwalk_stats.engine.batch.tables import (
    BatchPlan,
    Tables,
    tables_of_counts,
    tables_of_designs,
    tables_of_responses,
    tables_without,
)
from backwalk_stats.engine.mixed.fit import maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.software import computes_with

TABLE_BYTES = 32_000_000
MOST_AT_ONCE = 32
UNIDENTIFIED = "a coefficient cannot be estimated from this draw"
UNCOMPUTABLE = "the likelihood cannot be computed at the start values"
UNCONVERGED = "the fit did not converge"
Found = TypeVar("Found")


def fit_responses(plan: BatchPlan, responses: FloatArray, *, workers: int = 1) -> BatchFits:
    """Fit new responses of the same rows, shape (B, N); for `workers` see `spread`.

    >>> from backwalk_stats.engine.batch.tables import batch_plan
    >>> from backwalk_stats.engine.mixed.covariance import structure
    >>> from backwalk_stats.engine.mixed.marginal import VisitCovariance
    >>> from backwalk_stats.engine.mixed.patterns import gather
    >>> visit = np.tile([0, 1], 6)
    >>> arm = np.repeat([0.0, 1.0], 6)
    >>> x = np.column_stack([np.ones(12), visit, arm, visit * arm])
    >>> who = np.repeat(np.arange(6), 2)
    >>> y = np.array([3.0, 5.0, 4.0, 4.5, 5.0, 8.0, 3.0, 7.0, 5.0, 8.0, 4.0, 9.5])
    >>> patterns = gather(y=y, x=x, participant=who, slot=visit, slots=2)
    >>> covariance = VisitCovariance(
    ...     (structure("us", m=2),), patterns.mask, patterns.scale, patterns.group
    ... )
    >>> plan = batch_plan(
    ...     x=x, patterns=patterns, marginal=covariance, contrasts=np.array([0.0, 0.0, 0.0, 1.0])
    ... )
    >>> fits = fit_responses(plan, np.stack([y, y**2]))
    >>> fits.estimate.ravel().round(4).tolist(), fits.df.ravel().round(4).tolist()
    ([2.3333, 31.3333], [4.0, 4.0])
    """
    split = split_of(plan)
    tables_of = partial(tables_of_responses, plan) if split is None else split.of_responses
    portions = _portions(plan, split, np.atleast_2d(responses))
    pieces = ((_own(plan, split), tables_of, own) for own in portions)
    return joined(spread(_responses_fitted, pieces, workers=workers))


def fit_counts(
    plan: BatchPlan, y: FloatArray, counts: np.ndarray, *, workers: int = 1
) -> BatchFits:
    """Fit the data with each participant standing so many times in it.

    Counts are whole numbers, 0 or more, shape (B, n). The plan has a start, here and below.
    """
    split = split_of(plan)
    tables_of = partial(tables_of_counts, plan) if split is None else split.of_counts
    portions, rest = _portions(plan, split, np.atleast_2d(counts)), _rest(plan, y)
    pieces = ((_own(plan, split), tables_of, rest, own) for own in portions)
    return _put_back(plan, y, joined(spread(_fitted_from, pieces, workers=workers)))


def fit_without_each(
    plan: BatchPlan,
    y: FloatArray,
    left_out: np.ndarray,
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> BatchFits:
    """Fit the data without one participant each, by number, shape (B,); for the jackknife."""
    split, everyone = split_of(plan), np.ones((1, plan.patterns.n_participants))
    rest = _rest(plan, y)
    if split is None:
        whole = tables_of_counts(plan, rest, everyone)
        tables_of: TablesOf = partial(tables_without, plan, whole=whole)
    else:
        tables_of = partial(split.without, whole=split.of_counts(rest, everyone))
    portions = _portions(plan, split, left_out)
    pieces = ((_own(plan, split), tables_of, rest, own) for own in portions)
    found = spread(_fitted_from, pieces, workers=workers, executor=executor)
    return _put_back(plan, y, joined(found))


def fit_designs(
    plan: BatchPlan,
    y: FloatArray,
    designs: FloatArray,
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> BatchFits:
    """Fit y with other designs, shape (B, N, p), that have the columns of the plan's x."""
    split = split_of(plan)
    pieces = ((plan, split, y, own) for own in _portions(plan, split, designs))
    return joined(spread(_designs_fitted, pieces, workers=workers, executor=executor))


def fit_bootstrap_samples(
    plan: BatchPlan,
    y: FloatArray,
    *,
    strata: np.ndarray,
    seed: int,
    replicates: int,
    workers: int = 1,
    executor: Executor | None = None,
) -> BatchFits:
    """Fit samples of participants drawn with replacement, as many as there are in each stratum.

    Strata are codes of the participants, shape (n,); replicate i is drawn from (seed, i).
    """
    split = split_of(plan)
    tables_of = partial(tables_of_counts, plan) if split is None else split.of_counts
    own = (_own(plan, split), tables_of, _rest(plan, y), strata, seed)
    pieces = ((*own, some) for some in _portions(plan, split, np.arange(replicates)))
    found = spread(_samples_fitted, pieces, workers=workers, executor=executor)
    return _put_back(plan, y, joined(found))


# A batch goes one of two ways, by its design: tables of all columns, or those of a split plan.
TablesOf = Callable[..., Tables | SplitTables]


def _own(plan: BatchPlan, split: SplitPlan | None) -> BatchPlan:
    """Return the plan in whose basis the tables are."""
    return plan if split is None else split.plan


def _rest(plan: BatchPlan, y: FloatArray) -> FloatArray:
    """Return y less its least-squares fit: a large mean would cost the cross products digits."""
    return np.asarray(y - plan.q @ (plan.q.T @ y))


def _put_back(plan: BatchPlan, y: FloatArray, fits: BatchFits) -> BatchFits:
    """Return the fits of y from those of its rest."""
    return replace(fits, estimate=fits.estimate + plan.combinations @ (plan.q.T @ y))


def _responses_fitted(plan: BatchPlan, tables_of: TablesOf, responses: FloatArray) -> BatchFits:
    return fit_tables(plan, tables_of(responses), responses=responses)


def _fitted_from(plan: BatchPlan, tables_of: TablesOf, *data: object) -> BatchFits:
    return fit_tables(plan, tables_of(*data))


def _samples_fitted(
    plan: BatchPlan,
    tables_of: TablesOf,
    y: FloatArray,
    strata: np.ndarray,
    seed: int,
    indices: np.ndarray,
) -> BatchFits:
    drawn = [bootstrap_counts(seed=seed, index=int(i), strata=strata) for i in indices]
    return fit_tables(plan, tables_of(y, np.stack(drawn)))


def _designs_fitted(
    plan: BatchPlan, split: SplitPlan | None, y: FloatArray, designs: FloatArray
) -> BatchFits:
    """Return the fits of other designs; each that does not split as the plan does goes alone."""
    if split is None:
        return fit_tables(plan, tables_of_designs(plan, y, designs))
    z, splits = split.columns_of(designs)
    fits = fit_tables(split.plan, split.of_designs(y, z))
    alone = {
        int(at): fit_tables(plan, tables_of_designs(plan, y, designs[at : at + 1]))
        for at in np.flatnonzero(~splits)
    }
    return replaced(fits, alone)


def evaluator() -> Evaluate:
    """Return the likelihood of a batch: compiled where numba is installed, else in numpy.

    Both give the same numbers to about 1e-12; the compiled one is faster.
    """
    if find_spec("numba") is None:
        return evaluate
    from backwalk_stats.engine.batch.compiled import evaluate as compiled

    computes_with("numba")
    return compiled


def _portions(plan: BatchPlan, split: SplitPlan | None, replicates: np.ndarray) -> list[np.ndarray]:
    """Cut replicates so that the tables of one portion stay small."""
    kinds, slots = plan.patterns.mask.shape
    columns = plan.patterns.rank + 1
    each, most = 8 * kinds * slots * (slots + 1) * columns * (columns + 1) // 4, MOST_AT_ONCE
    if split is not None:
        # Its tables are small; what takes room are new columns of every person.
        each, most = 8 * (split.z.size + plan.patterns.rows.size), 4 * MOST_AT_ONCE
    step = int(np.clip(TABLE_BYTES // each, 1, most))
    return [replicates[at : at + step] for at in range(0, len(replicates), step)]


def fit_tables(
    plan: BatchPlan,
    tables: Tables | SplitTables,
    known: FloatArray | None = None,
    *,
    responses: FloatArray | None = None,
) -> BatchFits:
    """Return the fits of one portion: side by side where that settles, else one by one.

    `known` are parameters of each replicate to start from, NaN where they are not known.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        able = identified(plan, tables)
        start = starts(plan, tables, responses, known)
        found = optima(
            tables=tables,
            marginal=plan.marginal,
            mask=plan.patterns.mask,
            reml=plan.reml,
            start=start,
            evaluate=evaluator(),
        )
        fits = contrasts_of_optima(plan, tables, found)
    exceptions = {}
    for index in range(len(able)):
        if not able[index]:
            exceptions[index] = failed(plan, UNIDENTIFIED)
        elif not found.settled[index] or plan.marginal.on_boundary(found.theta[index]):
            exceptions[index] = _fitted_alone(plan, tables, index, start[index])
    return replaced(fits, exceptions)


def _fitted_alone(
    plan: BatchPlan, tables: Tables | SplitTables, index: int, start: FloatArray
) -> BatchFits:
    """Return the fit of one replicate by the slower and surer way.

    A plan without a start of its own has a second attempt, as the fit of one data set has.
    """
    likelihood = Likelihood(tables.patterns_of(index, plan.patterns), plan.marginal, plan.reml)
    second = even_start(plan, tables, index) if plan.start is None else None
    note = UNCOMPUTABLE
    for one in (start, second):
        if one is None:
            continue
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                fit = maximise(likelihood, one)
                if fit.converged:
                    return contrasts_of_fit(plan, fit)
        except (NotEstimable, np.linalg.LinAlgError):
            continue
        note = UNCONVERGED
    return failed(plan, note)


# Spreads the pieces of a batch over workers; the result is the same, byte for byte, for any.


def spread(
    function: Callable[..., Found],
    pieces: Iterable[tuple[Any, ...]],
    *,
    workers: int,
    executor: Executor | None = None,
) -> list[Found]:
    """Return function(*piece) of each piece, in order.

    Each piece runs with one thread of linear algebra: on matrices this small more threads only wait
    for each other, and the order of a sum would depend on their number. One worker stays in this
    process. More are threads where numba is installed, as compiled code leaves the interpreter
    free, else new processes: then the function stands at the top level of a module, and a script
    needs its `if __name__ == "__main__":` around the call. An executor computes in their place.

    >>> spread(pow, [(2, 3), (3, 2)], workers=1)
    [8, 9]
    """
    if workers < 1:
        raise UsageError(f"workers is {workers}; expected 1 or more")
    if executor is not None:
        return _elsewhere(executor, function, pieces)
    if workers == 1:
        return _alone(function, pieces)
    if find_spec("numba") is not None:
        with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as threads:
            return _all(threads, function, pieces)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as processes:
        return _elsewhere(processes, function, pieces)


def _elsewhere(
    executor: Executor, function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]]
) -> list[Found]:
    """Return function(*piece) of each piece, one thread of linear algebra each."""
    parts = _all(executor, _alone, ((function, [piece]) for piece in pieces))
    return [one for part in parts for one in part]


def _alone(function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]]) -> list[Found]:
    """Return function(*piece) of each piece with one thread of linear algebra."""
    with threadpool_limits(limits=1, user_api="blas"):
        return [function(*piece) for piece in pieces]


def _all(
    executor: Executor, function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]]
) -> list[Found]:
    futures = [executor.submit(function, *piece) for piece in pieces]
    return [future.result() for future in futures]


# The random draws of resampling: who is in a bootstrap sample, who gets which arm.


def bootstrap_counts(*, seed: int, index: int, strata: np.ndarray) -> np.ndarray:
    """Return how often each participant is drawn, with replacement, in bootstrap sample `index`.

    As many are drawn from each stratum (codes, shape (n,)) as it has.

    >>> drawn = bootstrap_counts(seed=1, index=0, strata=np.array([0, 0, 0, 1, 1]))
    >>> int(drawn[:3].sum()), int(drawn[3:].sum())
    (3, 2)
    """
    rng = replicate_generator(seed=seed, index=index)
    counts = np.zeros(len(strata), dtype=int)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        drawn = rng.integers(0, len(members), len(members))
        counts[members] = np.bincount(drawn, minlength=len(members))
    return counts


def permuted(*, labels: np.ndarray, seed: int, index: int, strata: np.ndarray) -> np.ndarray:
    """Return labels, shape (n,), dealt out anew among the participants of each stratum (codes).

    >>> dealt = permuted(labels=np.arange(6), seed=1, index=0, strata=np.array([0] * 3 + [1] * 3))
    >>> sorted(dealt[:3].tolist()), sorted(dealt[3:].tolist())
    ([0, 1, 2], [3, 4, 5])
    """
    rng = replicate_generator(seed=seed, index=index)
    out = np.array(labels)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        out[members] = labels[rng.permutation(members)]
    return out
