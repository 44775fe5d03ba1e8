"""Where the fits of a batch start; with complete data, where most of them end.

When every participant has every visit, the covariance of the least-squares residuals is a start for
any structure. For `us`, and a design that is the same between-participants design at each visit, it
is the REML (or ML) estimate itself: the fit then checks its gradient and is done.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.batch_packing import cholesky_where_positive, multiplicity, unpack
from backwalk_stats.engine.batch_plan import BatchPlan
from backwalk_stats.engine.batch_tables import Tables
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.marginal import VisitCovariance

# Squared length that a column keeps beside the others; about 1 in the data themselves.
DEPENDENT = 1e-10


def starts(plan: BatchPlan, tables: Tables, responses: FloatArray | None) -> FloatArray:
    """Return natural parameters to start each replicate from, shape (b, q).

    Parameters
    ----------
    plan : BatchPlan
    tables : Tables
        Of b replicates.
    responses : array, shape (b, N), or None
        New responses, for a plan without a start.
    """
    marginal = plan.marginal
    if isinstance(marginal, VisitCovariance) and _complete(plan):
        found = np.stack([marginal.structures[0].start(one) for one in _empirical(plan, tables)])
        if np.isfinite(found).all():
            return found
    if plan.start is not None:
        return np.repeat(plan.start[None], len(tables.size), axis=0)
    if responses is None:
        raise ValueError("a batch of counts or designs needs a plan with a start")
    residuals = [y - plan.q @ (plan.q.T @ y) for y in responses]
    return np.stack([marginal.start(plan.patterns, one) for one in residuals])


def identified(plan: BatchPlan, tables: Tables) -> np.ndarray:
    """Tell which replicates have data for every coefficient, shape (b,).

    A draw may leave out an arm or a level: then a column of the design is zero or depends on
    others, whatever the covariance.
    """
    slots, columns = plan.patterns.mask.shape[1], plan.patterns.rank + 1
    kinds = tables.size.shape[1]
    diagonal = np.tile(multiplicity(slots) == 1.0, kinds).astype(float)
    square = unpack(
        diagonal @ tables.products.reshape(len(tables.size), len(diagonal), -1), columns
    )
    root, positive = cholesky_where_positive(square[:, :-1, :-1])
    least = np.diagonal(root, axis1=1, axis2=2).min(axis=1) ** 2
    return np.asarray(positive & (least > DEPENDENT))


def _complete(plan: BatchPlan) -> bool:
    """Tell whether all participants share one covariance matrix of all visits."""
    patterns = plan.patterns
    return bool(
        len(patterns.size) == 1
        and patterns.mask.all()
        and (patterns.scale == 1.0).all()
        and patterns.z.shape[2] == 0
    )


def _empirical(plan: BatchPlan, tables: Tables) -> FloatArray:
    """Return the covariance of the visits' least-squares residuals, shape (b, M, M)."""
    slots, columns = plan.patterns.mask.shape[1], plan.patterns.rank + 1
    own = tables.products[:, 0]
    diagonal = (multiplicity(slots) == 1.0).astype(float)
    square = unpack(diagonal @ own, columns)
    root, _ = cholesky_where_positive(square[:, :-1, :-1])
    inverse = np.linalg.inv(root)
    beta = np.swapaxes(inverse, 1, 2) @ (inverse @ square[:, :-1, -1:])
    residual = np.concatenate([-beta[..., 0], np.ones((len(beta), 1))], axis=1)
    full = unpack(own, columns)
    sums = (full @ residual[:, None, :, None])[..., 0] @ residual[:, :, None]
    packed = sums[..., 0] / multiplicity(slots)
    spent = plan.patterns.rank / slots if plan.reml else 0.0
    return unpack(packed / (tables.size - spent), slots)
