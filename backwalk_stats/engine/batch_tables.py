"""The sufficient statistics of many data sets of one design.

For each replicate and pattern: the summed cross products of the slots a and b of [X y], packed in
(a, b) and in (columns of [X y]). An entry off the diagonal in (a, b) holds both orders, so that a
symmetric weight multiplies it once. Shapes: b replicates, K patterns, M slots, T = M (M + 1) / 2,
c = p + 1 columns with y last, C = c (c + 1) / 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.engine.batch_packing import pack, unpack
from backwalk_stats.engine.batch_plan import BatchPlan
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.patterns import Patterns


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
    """Return the statistics of new responses of the same rows.

    Parameters
    ----------
    plan : BatchPlan
    responses : array, shape (b, N)
    """
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

    Parameters
    ----------
    plan : BatchPlan
    y : array, shape (N,)
    counts : array, shape (b, n)
        How often each participant is drawn; each time counts as a person of their own.
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

    Parameters
    ----------
    plan : BatchPlan
    y : array, shape (N,)
    left_out : array of int, shape (b,)
        Participants.
    whole : Tables
        Of all participants, one replicate.
    """
    held = plan.in_slots(np.column_stack([plan.q, y]))[left_out][:, None]
    kind, each = plan.patterns.member[left_out], np.arange(len(left_out))
    products = np.repeat(whole.products, len(each), axis=0)
    size = np.repeat(whole.size, len(each), axis=0)
    products[each, kind] -= _packed(_crossed(held, held))
    size[each, kind] -= 1.0
    # Where nobody is left the sums are zero, not what rounding leaves of them.
    products[size == 0.0] = 0.0
    return Tables(products=products, size=size, n_obs=size @ plan.patterns.mask.sum(axis=1))


def tables_of_designs(plan: BatchPlan, y: FloatArray, designs: FloatArray) -> Tables:
    """Return the statistics of the same outcome with other designs of the same columns.

    Parameters
    ----------
    plan : BatchPlan
    y : array, shape (N,)
    designs : array, shape (b, N, p)
        In the caller's coefficients; used in the plan's basis.
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
