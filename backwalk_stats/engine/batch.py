"""Many fits of one design: arrays in, arrays out.

New responses (imputations, simulated trials, nodes of a curve), other counts of participants
(bootstrap) or other designs (permutation), each fitted as `fit.maximise` would, side by side. What
a replicate gets does not depend on the others: a batch may be cut anywhere and gives the same
bytes.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from backwalk_stats.engine.batch_draws import bootstrap_counts
from backwalk_stats.engine.batch_fits import (
    BatchFits,
    failed,
    fits_of_fit,
    fits_of_optima,
    joined,
    replaced,
)
from backwalk_stats.engine.batch_likelihood import Evaluate, evaluate
from backwalk_stats.engine.batch_newton import optima
from backwalk_stats.engine.batch_plan import BatchPlan
from backwalk_stats.engine.batch_pool import spread
from backwalk_stats.engine.batch_start import identified, starts
from backwalk_stats.engine.batch_tables import (
    Tables,
    tables_of_counts,
    tables_of_designs,
    tables_of_responses,
    tables_without,
)
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import maximise
from backwalk_stats.engine.likelihood import Likelihood
from backwalk_stats.engine.software import computes_with
from backwalk_stats.errors import NotEstimable

TABLE_BYTES = 32_000_000
MOST_AT_ONCE = 32
UNIDENTIFIED = "a coefficient cannot be estimated from this draw"
UNCOMPUTABLE = "the likelihood cannot be computed at the start values"
UNCONVERGED = "the fit did not converge"


def fit_responses(plan: BatchPlan, responses: FloatArray, *, workers: int = 1) -> BatchFits:
    """Fit new responses of the same rows.

    Parameters
    ----------
    plan : BatchPlan
        What the fits share.
    responses : array, shape (B, N)
        One row for each replicate.
    workers : int
        See `batch_pool.spread`.

    Examples
    --------
    >>> from backwalk_stats.engine.batch_plan import batch_plan
    >>> from backwalk_stats.engine.covariance import structure
    >>> from backwalk_stats.engine.marginal import VisitCovariance
    >>> from backwalk_stats.engine.patterns import gather
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
    pieces = ((plan, own) for own in _portions(plan, np.atleast_2d(responses)))
    return joined(spread(_responses_fitted, pieces, workers=workers))


def fit_counts(
    plan: BatchPlan, y: FloatArray, counts: np.ndarray, *, workers: int = 1
) -> BatchFits:
    """Fit the data with each participant standing so many times in it.

    Parameters
    ----------
    plan : BatchPlan
        With a start.
    y : array, shape (N,)
        Outcome.
    counts : array, shape (B, n)
        Whole numbers, 0 or more, for each replicate and participant.
    workers : int
        See `batch_pool.spread`.
    """
    pieces = ((plan, y, own) for own in _portions(plan, np.atleast_2d(counts)))
    return joined(spread(_counts_fitted, pieces, workers=workers))


def fit_without_each(
    plan: BatchPlan, y: FloatArray, left_out: np.ndarray, *, workers: int = 1
) -> BatchFits:
    """Fit the data without one participant each, for the jackknife.

    Parameters
    ----------
    plan : BatchPlan
        With a start.
    y : array, shape (N,)
        Outcome.
    left_out : array of int, shape (B,)
        Numbers of the participants.
    workers : int
        See `batch_pool.spread`.
    """
    whole = tables_of_counts(plan, y, np.ones((1, plan.patterns.n_participants)))
    pieces = ((plan, y, own, whole) for own in _portions(plan, left_out))
    return joined(spread(_others_fitted, pieces, workers=workers))


def fit_designs(
    plan: BatchPlan, y: FloatArray, designs: FloatArray, *, workers: int = 1
) -> BatchFits:
    """Fit the same outcome with other designs that have the columns of the plan's.

    Parameters
    ----------
    plan : BatchPlan
        With a start.
    y : array, shape (N,)
        Outcome.
    designs : array, shape (B, N, p)
        In the caller's coefficients.
    workers : int
        See `batch_pool.spread`.
    """
    pieces = ((plan, y, own) for own in _portions(plan, designs))
    return joined(spread(_designs_fitted, pieces, workers=workers))


def fit_bootstrap_samples(
    plan: BatchPlan,
    y: FloatArray,
    *,
    strata: np.ndarray,
    seed: int,
    replicates: int,
    workers: int = 1,
) -> BatchFits:
    """Fit samples of participants drawn with replacement, as many as there are in each stratum.

    Parameters
    ----------
    plan : BatchPlan
        With a start.
    y : array, shape (N,)
        Outcome.
    strata : array of int, shape (n,)
        Codes of the participants.
    seed : int
        Root of all replicates; replicate i is drawn from (seed, i).
    replicates : int
    workers : int
        See `batch_pool.spread`.
    """
    pieces = ((plan, y, strata, seed, own) for own in _portions(plan, np.arange(replicates)))
    return joined(spread(_samples_fitted, pieces, workers=workers))


def _responses_fitted(plan: BatchPlan, responses: FloatArray) -> BatchFits:
    return _fitted(plan, tables_of_responses(plan, responses), responses)


def _counts_fitted(plan: BatchPlan, y: FloatArray, counts: np.ndarray) -> BatchFits:
    return _fitted(plan, tables_of_counts(plan, y, counts), None)


def _others_fitted(
    plan: BatchPlan, y: FloatArray, left_out: np.ndarray, whole: Tables
) -> BatchFits:
    return _fitted(plan, tables_without(plan, y, left_out, whole), None)


def _designs_fitted(plan: BatchPlan, y: FloatArray, designs: FloatArray) -> BatchFits:
    return _fitted(plan, tables_of_designs(plan, y, designs), None)


def _samples_fitted(
    plan: BatchPlan, y: FloatArray, strata: np.ndarray, seed: int, indices: np.ndarray
) -> BatchFits:
    drawn = [bootstrap_counts(seed=seed, index=int(i), strata=strata) for i in indices]
    return _counts_fitted(plan, y, np.stack(drawn))


def evaluator() -> Evaluate:
    """Return the likelihood of a batch: compiled where numba is installed, else in numpy.

    Both give the same numbers to about 1e-12; the compiled one is faster.
    """
    if find_spec("numba") is None:
        return evaluate
    from backwalk_stats.engine.batch_compiled import evaluate as compiled

    computes_with("numba")
    return compiled


def _portions(plan: BatchPlan, replicates: np.ndarray) -> list[np.ndarray]:
    """Cut replicates so that the tables of one portion stay small."""
    kinds, slots = plan.patterns.mask.shape
    columns = plan.patterns.rank + 1
    each = 8 * kinds * slots * (slots + 1) * columns * (columns + 1) // 4
    step = int(np.clip(TABLE_BYTES // each, 1, MOST_AT_ONCE))
    return [replicates[at : at + step] for at in range(0, len(replicates), step)]


def _fitted(plan: BatchPlan, tables: Tables, responses: FloatArray | None) -> BatchFits:
    """Return the fits of one portion: side by side where that settles, else one by one."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        able = identified(plan, tables)
        start = starts(plan, tables, responses)
        found = optima(
            tables=tables,
            marginal=plan.marginal,
            mask=plan.patterns.mask,
            reml=plan.reml,
            start=start,
            evaluate=evaluator(),
        )
        fits = fits_of_optima(plan, found)
    exceptions = {}
    for index in range(len(able)):
        if not able[index]:
            exceptions[index] = failed(plan, UNIDENTIFIED)
        elif not found.settled[index] or plan.marginal.on_boundary(found.theta[index]):
            exceptions[index] = _fitted_alone(plan, tables, index, start[index])
    return replaced(fits, exceptions)


def _fitted_alone(plan: BatchPlan, tables: Tables, index: int, start: FloatArray) -> BatchFits:
    """Return the fit of one replicate by the slower and surer way."""
    patterns = tables.patterns_of(index, plan.patterns)
    likelihood = Likelihood(patterns, plan.marginal, plan.reml)
    try:
        fit = maximise(likelihood, start)
    except (NotEstimable, np.linalg.LinAlgError):
        return failed(plan, UNCOMPUTABLE)
    return fits_of_fit(plan, fit) if fit.converged else failed(plan, UNCONVERGED)
