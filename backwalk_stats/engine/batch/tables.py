"""The sufficient statistics of many data sets of one design.

For each replicate and pattern: the summed cross products of the slots a and b of [X y], packed in
(a, b) and in (columns of [X y]). An entry off the diagonal in (a, b) holds both orders, so that a
symmetric weight multiplies it once. Shapes: b replicates, K patterns, M slots, T = M (M + 1) / 2,
c = p + 1 columns with y last, C = c (c + 1) / 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.engine.mixed.dof import DfMethod, KenwardRoger, Satterthwaite
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.marginal import Marginal
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """Sufficient statistics of b replicates.

    Attributes
    ----------
    products : array, shape (b, K, T, C)
    size : array, shape (b, K)
        Participants of each pattern.
    n_obs : array, shape (b,)
        Rows.
    """

    products: FloatArray
    size: FloatArray
    n_obs: FloatArray

    def of(self, chosen: np.ndarray) -> Tables:
        """Return the statistics of some replicates, by number or mask."""
        return Tables(
            products=self.products[chosen], size=self.size[chosen], n_obs=self.n_obs[chosen]
        )

    def patterns_of(self, index: int, like: Patterns) -> Patterns:
        """Return one replicate as the patterns that `fit.maximise` takes."""
        slots, columns = like.mask.shape[1], like.rank + 1
        halves = self.products[index] / np.where(pack(np.eye(slots)) > 0, 1.0, 2.0)[:, None]
        full = unpack(np.moveaxis(unpack(halves, columns), 1, 3), slots)
        turned = full.transpose(0, 3, 4, 1, 2)
        return replace(
            like,
            size=self.size[index],
            products=(np.ascontiguousarray(turned).reshape(-1, columns * columns),),
            blocks=(slice(0, len(like.size)),),
            n_obs=int(self.n_obs[index]),
            n_participants=int(self.size[index].sum()),
            offset=0.0,
        )


def tables_of_responses(plan: BatchPlan, responses: FloatArray) -> Tables:
    """Return the statistics of new responses of the same rows, shape (b, N)."""
    q = plan.in_slots(plan.q)
    y = plan.in_slots(responses[..., None])
    patterns, b, p = plan.patterns, len(responses), plan.patterns.rank
    columns, slots = p + 1, patterns.mask.shape[1]
    out = np.empty((b, len(patterns.size), slots * (slots + 1) // 2, columns * (columns + 1) // 2))
    inner = p * (p + 1) // 2
    for k in range(len(patterns.size)):
        own = patterns.member == k
        out[:, k, :, :inner] = _packed(_crossed(q[own][None], q[own][None]))
        crossed = _crossed(q[own][None], y[:, own])[..., 0]
        both = np.swapaxes(crossed, 2, 3)
        out[:, k, :, inner:-1] = _both_orders(both)
        out[:, k, :, -1:] = _both_orders(np.swapaxes(_crossed(y[:, own], y[:, own])[..., 0], 2, 3))
    return Tables(
        products=out,
        size=np.repeat(patterns.size[None], b, axis=0),
        n_obs=np.full(b, float(patterns.n_obs)),
    )


def tables_of_counts(plan: BatchPlan, y: FloatArray, counts: FloatArray) -> Tables:
    """Return the statistics of data in which each participant stands so many times.

    Counts have shape (b, n); each time counts as a person of their own.
    """
    held = plan.in_slots(np.column_stack([plan.q, y]))
    patterns, kinds = plan.patterns, range(len(plan.patterns.size))
    parts, size = [], []
    for k in kinds:
        own = patterns.member == k
        weight = counts[:, own].astype(float)
        parts.append(_packed(_crossed(held[own][None] * weight[..., None, None], held[own][None])))
        size.append(weight.sum(axis=1))
    sizes = np.stack(size, axis=1)
    return Tables(
        products=np.stack(parts, axis=1), size=sizes, n_obs=sizes @ patterns.mask.sum(axis=1)
    )


def tables_without(plan: BatchPlan, y: FloatArray, left_out: np.ndarray, whole: Tables) -> Tables:
    """Return the statistics of data without one participant each: a subtraction, not a new sum.

    `left_out` holds b participants; `whole` is of all participants, one replicate.
    """
    held = plan.in_slots(np.column_stack([plan.q, y]), left_out)[:, None]
    kind, each = plan.patterns.member[left_out], np.arange(len(left_out))
    products = np.repeat(whole.products, len(each), axis=0)
    size = np.repeat(whole.size, len(each), axis=0)
    products[each, kind] -= _packed(_crossed(held, held))
    size[each, kind] -= 1.0
    # Where nobody is left the sums are zero, not what rounding leaves of them.
    products[size == 0.0] = 0.0
    return Tables(products=products, size=size, n_obs=size @ plan.patterns.mask.sum(axis=1))


def tables_of_designs(plan: BatchPlan, y: FloatArray, designs: FloatArray) -> Tables:
    """Return the statistics of y with other designs of the same columns, shape (b, N, p).

    They are given in the caller's coefficients and used in the plan's basis.
    """
    q = np.linalg.solve(plan.basis.T, np.swapaxes(designs, 1, 2))
    column = np.broadcast_to(y[None, :, None], (*designs.shape[:2], 1))
    held = plan.in_slots(np.concatenate([np.swapaxes(q, 1, 2), column], axis=2))
    patterns, b = plan.patterns, len(designs)
    own = [held[:, patterns.member == k] for k in range(len(patterns.size))]
    return Tables(
        products=np.stack([_packed(_crossed(one, one)) for one in own], axis=1),
        size=np.repeat(patterns.size[None], b, axis=0),
        n_obs=np.full(b, float(patterns.n_obs)),
    )


def tables_of_members(
    columns: FloatArray, members: Sequence[np.ndarray], mask: np.ndarray
) -> Tables:
    """Return the statistics of data in which everybody may have another pattern in each replicate.

    `columns` are [X y] in slots, zero in empty ones, shape (b, n, M, c); `members` tell of each
    pattern of the mask, shape (K, M), who has it, shape (b, n).
    """
    own = [columns * one[..., None, None] for one in members]
    size = np.stack([one.sum(axis=1).astype(float) for one in members], axis=1)
    return Tables(
        products=np.stack([_packed(_crossed(one, columns)) for one in own], axis=1),
        size=size,
        n_obs=(size[:, None] @ mask.sum(axis=1).astype(float))[:, 0],
    )


def _crossed(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return sum_i left_i[a, u] right_i[b, v] as (b, M, u, M, v) from (b, n, M, u), (b, n, M, v).

    One multiplication for each replicate, whatever the number of replicates.
    """
    flat_left = left.reshape(*left.shape[:2], -1)
    flat_right = right.reshape(*right.shape[:2], -1)
    product = np.swapaxes(flat_left, 1, 2) @ flat_right
    return np.asarray(product.reshape(len(product), *left.shape[2:], *right.shape[2:]))


def _packed(crossed: FloatArray) -> FloatArray:
    """Return crossed products of one table with itself, packed in slots and in columns."""
    slots, columns = crossed.shape[1:3]
    u, v = np.tril_indices(columns)
    a, b = (one[:, None] for one in np.tril_indices(slots))
    flat = crossed.reshape(len(crossed), -1)
    out = flat[:, ((a * columns + u) * slots + b) * columns + v]
    off = np.flatnonzero(a != b)
    out[:, off] += flat[:, ((b[off] * columns + u) * slots + a[off]) * columns + v]
    return np.ascontiguousarray(out)


def _both_orders(square: FloatArray) -> FloatArray:
    """Return (b, M, M, u) as (b, T, u): entry (a, b) plus entry (b, a), the diagonal once."""
    a, b = np.tril_indices(square.shape[1])
    first, other = square[:, a, b], square[:, b, a]
    return np.asarray(np.where((a == b)[:, None], first, first + other))


# What all fits of a batch share: design, patterns, covariance model and contrasts.


@dataclass(frozen=True, kw_only=True, slots=True)
class DfRule:
    """Which standard errors and degrees of freedom contrasts get; that of `mixed.dof`.

    Attributes
    ----------
    adjusts : bool
        Kenward and Roger's; else Satterthwaite's.
    linear : bool
        Of Kenward and Roger's, without the second derivatives of V.
    expected : bool
        Of Kenward and Roger's: takes the parameters' covariance from the expected and not from the
        observed information.
    """

    adjusts: bool = False
    linear: bool = False
    expected: bool = False

    def of(self, fit: Fit) -> DfMethod:
        """Return the method of one fit."""
        if self.adjusts:
            return KenwardRoger(fit, linear=self.linear, expected=self.expected)
        return Satterthwaite(fit)


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
    rule : DfRule
    """

    q: FloatArray
    basis: FloatArray
    patterns: Patterns
    marginal: Marginal
    reml: bool
    combinations: FloatArray
    start: FloatArray | None
    rule: DfRule = DfRule()

    def in_slots(self, values: FloatArray, people: np.ndarray | None = None) -> FloatArray:
        """Return values of rows, (..., N, k), as (..., n, M, k), zero in empty slots.

        `people`: their numbers, where not all are wanted.
        """
        rows = self.patterns.rows if people is None else self.patterns.rows[people]
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
    """Return the plan of a batch: x, patterns gathered from its rows, and their covariance model.

    x, shape (N, p), is of full rank, in the caller's coefficients; the wanted contrasts are
    combinations of them, shape (L, p). `start` holds natural covariance parameters, shape (q,).
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
    """Return the plan of a batch that repeats a fit of y on x, for contrasts as in `batch_plan`.

    The parameters of the fit are where each replicate starts; on the boundary of the parameter
    space nothing can start, and the start values of the data take their place.
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


# Symmetric m x m matrices as their lower triangles, m (m + 1) / 2 numbers row by row. Work on a
# stack never depends on how many matrices it holds: each gets the same arithmetic in the same
# order, so that a batch may be cut anywhere and give the same bytes.


def pack(full: FloatArray) -> FloatArray:
    """Return the lower triangles of symmetric matrices: (..., m, m) to (..., m (m + 1) / 2).

    >>> pack(np.array([[1.0, 2.0], [2.0, 3.0]])).tolist()
    [1.0, 2.0, 3.0]
    """
    rows, columns = np.tril_indices(full.shape[-1])
    return np.ascontiguousarray(full[..., rows, columns])


def unpack(packed: FloatArray, m: int) -> FloatArray:
    """Return symmetric m by m matrices from their lower triangles: the inverse of `pack`.

    >>> unpack(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    rows, columns = np.tril_indices(m)
    place = np.empty((m, m), dtype=np.intp)
    place[rows, columns] = place[columns, rows] = np.arange(len(rows))
    return np.ascontiguousarray(packed[..., place])


def multiplicity(m: int) -> FloatArray:
    """Return how often each packed entry stands in its matrix: 1 on the diagonal, else 2.

    >>> multiplicity(2).tolist()
    [1.0, 2.0, 1.0]
    """
    rows, columns = np.tril_indices(m)
    return np.asarray(np.where(rows == columns, 1.0, 2.0))


def log_determinant(lower: FloatArray) -> FloatArray:
    """Return log |L L'| of Cholesky factors, shape (..., m, m).

    >>> round(float(log_determinant(np.array([[2.0, 0.0], [1.0, 0.5]]))), 12)
    0.0
    """
    pivots = np.ascontiguousarray(np.diagonal(lower, axis1=-2, axis2=-1))
    return 2.0 * summed(np.log(pivots))


def summed(values: FloatArray) -> FloatArray:
    """Return the sums over the last axis.

    `numpy.sum` orders its work by the shape and layout of the whole array; here each sum is a
    product of its own.

    >>> summed(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [3.0, 7.0]
    """
    rows = np.ascontiguousarray(values)[..., None, :]
    return np.asarray((rows @ np.ones((values.shape[-1], 1)))[..., 0, 0])


def cholesky_where_positive(full: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """Return lower Cholesky factors of shape (..., m, m), and which matrices have one.

    `numpy.linalg.cholesky` refuses a whole stack for one matrix; here the others are unharmed, and
    a matrix that is not positive definite gets a pivot of 1 and is named.

    >>> lower, positive = cholesky_where_positive(np.array([[[4.0]], [[-1.0]]]))
    >>> lower.ravel().tolist(), positive.tolist()
    ([2.0, 1.0], [True, False])
    """
    positive = np.asarray(np.isfinite(full).all(axis=(-2, -1)))
    rest = np.where(positive[..., None, None], full, np.eye(full.shape[-1]))
    lower = np.zeros_like(rest)
    for at in range(full.shape[-1]):
        pivot = rest[..., at, at]
        good = pivot > 0.0
        positive &= good
        column = rest[..., at:, at] / np.sqrt(np.where(good, pivot, 1.0))[..., None]
        column[..., 0] = np.where(good, column[..., 0], 1.0)
        column[~good, 1:] = 0.0
        lower[..., at:, at] = column
        below = column[..., 1:]
        rest[..., at + 1 :, at + 1 :] -= below[..., :, None] * below[..., None, :]
    return lower, positive
