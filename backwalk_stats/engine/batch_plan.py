"""What all fits of a batch share: design, patterns, covariance model and contrasts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.marginal import Marginal
from backwalk_stats.engine.patterns import Patterns
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchPlan:
    """What all fits of a batch share; `batch_plan` makes it.

    Attributes
    ----------
    q, basis : array, shape (N, p) and (p, p)
        Orthonormal columns and R of the design x = q R; the fits work in q.
    patterns : Patterns
        Who has which rows, without cross products.
    marginal : Marginal
        Covariance model of these patterns.
    reml : bool
    combinations : array, shape (L, p)
        The contrasts that are wanted, in the basis q.
    start : array, shape (q,), or None
        Covariance parameters to start from; without them each response finds its own.
    """

    q: FloatArray
    basis: FloatArray
    patterns: Patterns
    marginal: Marginal
    reml: bool
    combinations: FloatArray
    start: FloatArray | None

    def in_slots(self, values: FloatArray) -> FloatArray:
        """Return values of rows by participant and slot, zero in empty slots.

        Parameters
        ----------
        values : array, shape (..., N, k)

        Returns
        -------
        array, shape (..., n, M, k)
        """
        rows = self.patterns.rows
        return np.asarray(values[..., rows, :] * (rows >= 0)[:, :, None])


def batch_plan(
    *,
    x: FloatArray,
    patterns: Patterns,
    marginal: Marginal,
    contrasts: FloatArray,
    reml: bool = True,
    start: FloatArray | None = None,
) -> BatchPlan:
    """Return the plan of a batch.

    Parameters
    ----------
    x : array, shape (N, p)
        Design, in the caller's coefficients, of full rank.
    patterns : Patterns
        Gathered from these rows.
    marginal : Marginal
        Covariance model of these patterns.
    contrasts : array, shape (L, p)
        Combinations of the coefficients that are wanted.
    reml : bool
        REML or maximum likelihood.
    start : array, shape (q,), optional
        Natural covariance parameters to start from.

    Raises
    ------
    NotEstimable
        If the shapes do not belong together.
    """
    contrasts = np.atleast_2d(contrasts)
    if x.shape != (patterns.n_obs, patterns.rank):
        raise NotEstimable(
            f"the design has shape {x.shape}, the patterns hold "
            f"{patterns.n_obs} rows of {patterns.rank} coefficients"
        )
    if contrasts.shape[1] != x.shape[1]:
        raise NotEstimable(f"contrasts have shape {contrasts.shape}; expected (L, {x.shape[1]})")
    q, basis = np.linalg.qr(x)
    return BatchPlan(
        q=q,
        basis=basis,
        # Cross products are made anew for each replicate; workers need not carry these.
        patterns=replace(patterns, products=(), blocks=()),
        marginal=marginal,
        reml=reml,
        combinations=np.linalg.solve(basis.T, contrasts.T).T,
        start=start,
    )


def plan_like(fit: Fit, *, x: FloatArray, y: FloatArray, contrasts: FloatArray) -> BatchPlan:
    """Return the plan of a batch that repeats a fit.

    Parameters
    ----------
    fit : Fit
        A maximised likelihood. Its parameters are where each replicate starts; on the boundary of
        the parameter space nothing can start, and the start values of the data take their place.
    x : array, shape (N, p)
        Its design, in the caller's coefficients.
    y : array, shape (N,)
        Its outcome.
    contrasts : array, shape (L, p)
        Combinations of the coefficients that are wanted.
    """
    likelihood = fit.likelihood
    plan = batch_plan(
        x=x,
        patterns=likelihood.patterns,
        marginal=likelihood.marginal,
        reml=likelihood.reml,
        contrasts=contrasts,
        start=fit.point.theta,
    )
    if not fit.singular:
        return plan
    residual = y - plan.q @ (plan.q.T @ y)
    return replace(plan, start=plan.marginal.start(plan.patterns, residual))
