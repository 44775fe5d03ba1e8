"""What comes out of a batch: contrasts with standard errors and df, and what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from backwalk_stats.engine.batch_newton import Optima
from backwalk_stats.engine.batch_packing import summed
from backwalk_stats.engine.batch_plan import BatchPlan
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.satterthwaite import degrees_of_freedom


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchFits:
    """The fits of B replicates and their L contrasts.

    Attributes
    ----------
    estimate, std_error, df : array, shape (B, L)
        Contrasts with their standard errors and Satterthwaite's degrees of freedom; NaN where a
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


def fits_of_optima(plan: BatchPlan, found: Optima) -> BatchFits:
    """Return the contrasts of optima that were found side by side, none of them singular."""
    rows = plan.combinations
    at = found.at
    loaded = rows @ at.phi
    variance = summed(loaded * rows)
    pushed = loaded[:, None] @ at.f
    gradient = np.swapaxes(summed(pushed * loaded[:, None]), 1, 2)
    # Half of C = 2 Hessian^-1 goes with the 2 in 2 v^2 / (g' C g).
    turned = np.swapaxes(np.linalg.solve(_regular(found), np.swapaxes(gradient, 1, 2)), 1, 2)
    settled = found.settled
    return BatchFits(
        estimate=(rows @ at.beta[..., None])[..., 0],
        std_error=np.sqrt(variance),
        df=variance**2 / summed(gradient * turned),
        theta=found.theta,
        loglik=-0.5 * at.deviance - _constant(plan),
        converged=settled.copy(),
        singular=np.zeros(len(settled), dtype=bool),
        notes=("",) * len(settled),
    )


def fits_of_fit(plan: BatchPlan, fit: Fit) -> BatchFits:
    """Return the contrasts of one converged fit, as a batch of one."""
    rows = plan.combinations
    phi = fit.point.phi
    variance = ((rows @ phi) * rows).sum(axis=1)
    return BatchFits(
        estimate=(rows @ fit.point.beta)[None],
        std_error=np.sqrt(variance)[None],
        df=degrees_of_freedom(fit, rows)[None],
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
    return float(np.log(np.abs(np.diagonal(plan.basis))).sum()) if plan.reml else 0.0


def _regular(found: Optima) -> FloatArray:
    """Return the Hessians, the identity in place of those that did not settle."""
    size = found.at.hessian.shape[1]
    return np.where(found.settled[:, None, None], found.at.hessian, np.eye(size))
