"""The likelihood and its derivatives at one set of parameters for each of many data sets.

The formulas of `likelihood`, with a leading axis of b replicates and packed tables. Replicates
whose V or X'WX is not positive definite are named in `valid`; their numbers mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from backwalk_stats.engine.batch_packing import (
    cholesky_where_positive,
    log_determinant,
    multiplicity,
    pack,
    summed,
    unpack,
)
from backwalk_stats.engine.batch_tables import Tables
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.marginal import Marginal


@dataclass(frozen=True, kw_only=True, slots=True)
class Variances:
    """V and its derivatives at the parameters of each replicate.

    Attributes
    ----------
    v : array, shape (b, K, M, M)
    first : array, shape (b or 1, q, K, M, M)
        One for all where V is linear in its parameters.
    second : array, shape (b, q, q, K, M, M), or None
        None where V is linear.
    """

    v: FloatArray
    first: FloatArray
    second: FloatArray | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluations:
    """The likelihood of each replicate: -2 log L and its derivatives in the natural parameters.

    Attributes
    ----------
    deviance : array, shape (b,)
    valid : array of bool, shape (b,)
    beta : array, shape (b, p)
    phi : array, shape (b, p, p)
    gradient : array, shape (b, q)
    hessian, expected : array, shape (b, q, q)
    f : array, shape (b, q, p, p)
        X'W V_j W X.
    """

    deviance: FloatArray
    valid: np.ndarray
    beta: FloatArray
    phi: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    expected: FloatArray
    f: FloatArray

    def of(self, chosen: np.ndarray) -> Evaluations:
        """Return some of the replicates."""
        return Evaluations(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})


Evaluate = Callable[[Tables, Variances, np.ndarray, bool], Evaluations]


def variances_at(marginal: Marginal, mask: np.ndarray, theta: FloatArray) -> Variances:
    """Return V and its derivatives at each replicate's parameters.

    Where the parameters give no V, V is not a number, and so not positive definite. A V that is
    linear in its parameters is their sum of products with its derivatives, and 1 in empty slots.

    Parameters
    ----------
    marginal : Marginal
    mask : array of bool, shape (K, M)
        Which slots hold a row.
    theta : array, shape (b, q)
    """
    with np.errstate(all="ignore"):
        if marginal.second(theta[0]) is None:
            first = marginal.first(theta[0])
            empty = np.eye(mask.shape[1]) * ~mask[:, None, :]
            sums = (theta[:, None] @ first.reshape(len(first), -1)).reshape(-1, *empty.shape)
            return Variances(v=sums + empty, first=first[None], second=None)
        v = np.stack([marginal.v(one) for one in theta])
        first = np.stack([marginal.first(one) for one in theta])
        second = np.stack([np.asarray(marginal.second(one)) for one in theta])
    return Variances(v=v, first=first, second=second)


def evaluate(tables: Tables, variances: Variances, mask: np.ndarray, reml: bool) -> Evaluations:
    """Return the likelihood of each replicate and its derivatives.

    Parameters
    ----------
    tables : Tables
        Sufficient statistics of b replicates.
    variances : Variances
        At the parameters of each.
    mask : array of bool, shape (K, M)
        Which slots hold a row.
    reml : bool
    """
    slots = mask.shape[1]
    b, _, _, packed_columns = tables.products.shape
    columns = int((np.sqrt(8 * packed_columns + 1) - 1) / 2)
    table = tables.products.reshape(b, -1, packed_columns)
    lower, positive = cholesky_where_positive(variances.v)
    half = np.linalg.inv(lower)
    w = (np.swapaxes(half, -1, -2) @ half) * (mask[:, :, None] & mask[:, None, :])
    square = unpack(_contracted(pack(w)[:, None], table)[:, 0], columns)
    root, informed = cholesky_where_positive(square[:, :-1, :-1])
    inverse = np.linalg.inv(root)
    phi = np.swapaxes(inverse, -1, -2) @ inverse
    beta = (phi @ square[:, :-1, -1:])[..., 0]
    rest = square[:, -1, -1] - (square[:, -1:, :-1] @ beta[..., None])[:, 0, 0]
    log_det = log_determinant(lower)
    count = tables.n_obs - (columns - 1 if reml else 0)
    deviance = summed(tables.size * log_det) + rest + count * np.log(2.0 * np.pi)
    if reml:
        deviance += log_determinant(root)
    slopes = _slopes(table, tables.size, w, variances, phi, beta, reml, slots)
    return Evaluations(
        deviance=deviance,
        valid=positive.all(axis=1) & informed & np.isfinite(deviance),
        beta=beta,
        phi=phi,
        **slopes,
    )


def _contracted(weights: FloatArray, table: FloatArray) -> FloatArray:
    """Return the sum of A' w A, packed: weights (b, r, K, T) with table (b, K T, C)."""
    return np.asarray(weights.reshape(*weights.shape[:2], -1) @ table)


def _slopes(
    table: FloatArray,
    size: FloatArray,
    w: FloatArray,
    variances: Variances,
    phi: FloatArray,
    beta: FloatArray,
    reml: bool,
    slots: int,
) -> dict[str, FloatArray]:
    """Return gradient, Hessian, its expectation, and f; see `likelihood.Likelihood.slopes`."""
    (b, kinds), p, first = w.shape[:2], beta.shape[1], variances.first
    residual = np.concatenate([-beta, np.ones((b, 1))], axis=1)
    squares = np.zeros((b, 2, p + 1, p + 1))
    squares[:, 0, :p, :p] = phi
    squares[:, 1] = residual[:, :, None] * residual[:, None, :]
    held = np.swapaxes(pack(squares) * multiplicity(p + 1), 1, 2)
    spread = np.swapaxes(table @ held, 1, 2).reshape(b, 2, kinds, -1) / multiplicity(slots)
    g, h = np.moveaxis(w[:, None] @ unpack(spread, slots) @ w[:, None], 1, 0)
    share = g if reml else np.zeros_like(g)
    nw = size[:, :, None, None] * w
    vw = first @ w[:, None]
    f = unpack(_contracted(pack(w[:, None] @ vw), table), p + 1)
    fx, fr = f[..., :p, :p], (f[..., :p, :] @ residual[:, None, :, None])[..., 0]
    loaded = phi[:, None] @ fx
    extra = _traced(loaded, loaded) if reml else np.zeros((b, *fr.shape[1:2] * 2))
    pull = fr @ phi @ np.swapaxes(fr, 1, 2)
    excess = nw - share - h
    gradient = (first.reshape(*first.shape[:2], -1) @ excess.reshape(b, -1, 1))[..., 0]
    expected = _traced(vw, first @ (nw - 2.0 * share)[:, None]) + extra
    hessian = _traced(vw, first @ (2.0 * share + 2.0 * h - nw)[:, None]) - extra - 2.0 * pull
    if variances.second is not None:
        second = variances.second
        bent = second.reshape(*second.shape[:3], -1) @ excess.reshape(b, 1, -1, 1)
        hessian = hessian + bent[..., 0]
    return {
        "gradient": gradient,
        "hessian": 0.5 * (hessian + np.swapaxes(hessian, 1, 2)),
        "expected": 0.5 * (expected + np.swapaxes(expected, 1, 2)),
        "f": fx,
    }


def _traced(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return sum over patterns of tr(left_j right_l), shape (b, q, q)."""
    shape = np.broadcast_shapes(left.shape, right.shape)
    turned = np.swapaxes(np.broadcast_to(right, shape), -1, -2).reshape(*shape[:2], -1)
    flat = np.broadcast_to(left, shape).reshape(*shape[:2], -1)
    return np.asarray(flat @ np.swapaxes(turned, 1, 2))
