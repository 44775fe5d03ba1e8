"""What comes out of a batch: contrasts with standard errors and df, and what failed.

Satterthwaite's df, and Kenward and Roger's adjusted errors and df, of every replicate side by side:
the formulas of `mixed.dof` with a leading axis of b replicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from backwalk_stats.engine.batch.likelihood import Optima, variances_at
from backwalk_stats.engine.batch.sequential import SplitTables
from backwalk_stats.engine.batch.tables import (
    BatchPlan,
    Tables,
    cholesky_where_positive,
    pack,
    summed,
    unpack,
)
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.numbers import FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchFits:
    """The fits of B replicates and their L contrasts.

    Attributes
    ----------
    estimate, std_error, df : array, shape (B, L)
        Contrasts with the standard errors and degrees of freedom of the plan's rule; NaN where a
        replicate failed.
    theta : array, shape (B, q)
        Natural covariance parameters.
    loglik : array, shape (B,)
        REML or ML, in the caller's coefficients.
    converged : array of bool, shape (B,)
        Whether a fit passed the checks of `fit.maximise`.
    singular : array of bool, shape (B,)
        Whether a variance is estimated as zero.
    notes : tuple of str, length B
        Why a replicate failed; empty where it did not.
    """

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    theta: FloatArray
    loglik: FloatArray
    converged: np.ndarray
    singular: np.ndarray
    notes: tuple[str, ...]


def contrasts_of_optima(plan: BatchPlan, tables: Tables | SplitTables, found: Optima) -> BatchFits:
    """Return the contrasts of optima that were found side by side, none of them singular."""
    rows, at, settled = plan.combinations, found.at, found.settled
    loaded = rows @ at.phi
    variance = summed(loaded * rows)
    pushed = loaded[:, None] @ at.f
    gradient = np.swapaxes(summed(pushed * loaded[:, None]), 1, 2)
    # Half of C = 2 Hessian^-1 goes with the 2 in 2 v^2 / (g' C g).
    expected = plan.rule.adjusts and plan.rule.expected
    information = _regular(at.expected if expected else at.hessian, settled)
    turned = np.swapaxes(np.linalg.solve(information, np.swapaxes(gradient, 1, 2)), 1, 2)
    error: FloatArray = variance
    if plan.rule.adjusts:
        spread: FloatArray = 2.0 * np.linalg.inv(information).astype(float)
        error = variance + _adjustment(plan, tables, found, loaded, pushed, spread)
    return BatchFits(
        estimate=(rows @ at.beta[..., None])[..., 0],
        std_error=np.sqrt(np.where(settled[:, None] & (error > 0.0), error, np.nan)),
        df=variance**2 / summed(gradient * turned),
        theta=found.theta,
        loglik=-0.5 * at.deviance - _constant(plan),
        converged=settled.copy(),
        singular=np.zeros(len(settled), dtype=bool),
        notes=("",) * len(settled),
    )


def _adjustment(
    plan: BatchPlan,
    tables: Tables | SplitTables,
    found: Optima,
    loaded: FloatArray,
    pushed: FloatArray,
    spread: FloatArray,
) -> FloatArray:
    """Return what Kenward and Roger add to the variance of each contrast, shape (b, L).

    2 a' [sum_jm C_jm (Q_jm - F_j Phi F_m - R_jm / 4)] a with a = Phi l, F_j = X'W V_j W X,
    Q_jm = X'W V_j W V_m W X and R_jm = X'W V_jm W X (see `mixed.dof`). `loaded` holds a', shape (b,
    L, p), `pushed` a'F_j, (b, q, L, p), and C has shape (b, q, q).
    """
    mask = plan.patterns.mask
    given = variances_at(plan.marginal, mask, _inside(found))
    lower, _ = cholesky_where_positive(given.v)
    half = np.linalg.inv(lower)
    w = (np.swapaxes(half, -1, -2) @ half) * (mask[:, :, None] & mask[:, None, :])
    first = given.first
    mixed = spread @ first.reshape(*first.shape[:2], -1)
    mixed = mixed.reshape(len(mixed), *first.shape[1:])
    inner = ((first @ w[:, None]) @ mixed).sum(axis=1)
    if given.second is not None and not plan.rule.linear:
        b, q = spread.shape[:2]
        bent = spread.reshape(b, 1, -1) @ given.second.reshape(b, q * q, -1)
        inner = inner - 0.25 * bent.reshape(inner.shape)
    twice = summed((loaded @ _between(tables, w @ inner @ w)) * loaded)
    b, q = pushed.shape[:2]
    other = (spread @ pushed.reshape(b, q, -1)).reshape(pushed.shape)
    minus = summed((pushed @ found.at.phi[:, None]) * other).sum(axis=1)
    return np.asarray(2.0 * (twice - minus))


def _between(tables: Tables | SplitTables, weights: FloatArray) -> FloatArray:
    """Return the sums of X'w X over patterns, symmetric, from w of shape (b, K, M, M)."""
    b, kinds, slots = weights.shape[:3]
    if isinstance(tables, SplitTables):
        c = tables.columns
        own = unpack(tables.held, c + slots)[..., :c, :c].reshape(b, kinds, -1)
        turned = np.swapaxes(weights.reshape(b, kinds, -1), 1, 2)
        full = (turned @ own).reshape(b, slots, slots, c, c)
        return np.asarray(np.swapaxes(full, 2, 3).reshape(b, slots * c, slots * c))
    even = 0.5 * (weights + np.swapaxes(weights, -1, -2))
    packed = pack(even).reshape(b, 1, -1) @ tables.products.reshape(b, -1, tables.products.shape[3])
    columns = int((np.sqrt(8 * packed.shape[2] + 1) - 1) / 2)
    return unpack(packed[:, 0], columns)[:, :-1, :-1]


def _inside(found: Optima) -> FloatArray:
    """Return parameters at which V can be computed; of replicates that did not settle, others'."""
    if found.settled.all() or not found.settled.any():
        return found.theta
    return np.where(found.settled[:, None], found.theta, found.theta[found.settled][:1])


def contrasts_of_fit(plan: BatchPlan, fit: Fit) -> BatchFits:
    """Return the contrasts of one converged fit, as a batch of one."""
    rows = plan.combinations
    method = plan.rule.of(fit)
    variance = ((rows @ method.covariance) * rows).sum(axis=1)
    return BatchFits(
        estimate=(rows @ fit.point.beta)[None],
        std_error=np.sqrt(np.where(variance > 0.0, variance, np.nan))[None],
        df=method.single(rows)[None],
        theta=fit.point.theta[None],
        loglik=np.array([-0.5 * fit.point.deviance - _constant(plan)]),
        converged=np.array([fit.converged]),
        singular=np.array([fit.singular]),
        notes=("",),
    )


def failed(plan: BatchPlan, note: str) -> BatchFits:
    """Return a batch of one replicate that has no fit, and the reason."""
    nothing = np.full((1, len(plan.combinations)), np.nan)
    return BatchFits(
        estimate=nothing,
        std_error=nothing,
        df=nothing,
        theta=np.full((1, plan.marginal.count), np.nan),
        loglik=np.array([np.nan]),
        converged=np.array([False]),
        singular=np.array([False]),
        notes=(note,),
    )


def joined(parts: Sequence[BatchFits]) -> BatchFits:
    """Return the fits of several batches of one plan as one."""
    arrays = {
        one.name: np.concatenate([getattr(part, one.name) for part in parts])
        for one in fields(BatchFits)
        if one.name != "notes"
    }
    return BatchFits(**arrays, notes=tuple(note for part in parts for note in part.notes))


def replaced(fits: BatchFits, exceptions: Mapping[int, BatchFits]) -> BatchFits:
    """Return fits with some replicates replaced by batches of one."""
    if not exceptions:
        return fits
    places = list(exceptions)
    found = joined(list(exceptions.values()))
    arrays, notes = {}, list(fits.notes)
    for one in fields(BatchFits):
        if one.name != "notes":
            arrays[one.name] = getattr(fits, one.name).copy()
            arrays[one.name][places] = getattr(found, one.name)
    for place, note in zip(places, found.notes, strict=True):
        notes[place] = note
    return BatchFits(**arrays, notes=tuple(notes))


def _constant(plan: BatchPlan) -> float:
    """Return log |det R| of x = q R, which REML owes to the caller's coefficients."""
    return float(np.linalg.slogdet(plan.basis)[1]) if plan.reml else 0.0


def _regular(information: FloatArray, settled: np.ndarray) -> FloatArray:
    """Return information matrices, the identity in place of those that did not settle."""
    return np.where(settled[:, None, None], information, np.eye(information.shape[1]))
