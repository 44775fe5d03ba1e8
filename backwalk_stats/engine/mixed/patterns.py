"""Participants with one covariance matrix, gathered: all that the likelihood needs of the data.

A participant's rows stand in slots (visits, or rows in order). Participants with the same slots,
weights, covariance group and random-effects design share V and so enter the likelihood only through
the sum of their cross products. Shapes: K patterns, M slots, p columns of X, c = p + 1 with y last.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

IntArray = np.ndarray
LARGEST_TABLE = 40_000_000


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Patterns(Shown):
    """Sufficient statistics of the data.

    Attributes
    ----------
    size : array, shape (K,)
        Participants of each pattern.
    mask : array of bool, shape (K, M)
        Which slots hold a row.
    scale : array, shape (K, M)
        1 / sqrt(case weight) of each slot, 1 where there are no weights.
    group : array of int, shape (K,)
        Covariance group.
    z : array, shape (K, M, r)
        Random-effects design; r = 0 without random effects.
    products : tuple of array
        Sums of cross products, one table of shape (k M M, c c) for each block of patterns.
    blocks : tuple of slice
        The patterns of each table.
    n_obs, n_participants, rank : int
        Rows, participants, and p.
    member : array of int, shape (n,)
        Pattern of each participant.
    rows : array of int, shape (n, M)
        Row of the data in each slot, -1 for none.
    offset : array, shape (p,), or 0
        Fixed effects taken off the outcome before the cross products were formed: a large mean
        would drown the residuals in rounding.
    """

    size: FloatArray
    mask: np.ndarray
    scale: FloatArray
    group: IntArray
    z: FloatArray
    products: tuple[FloatArray, ...]
    blocks: tuple[slice, ...]
    n_obs: int
    n_participants: int
    rank: int
    member: IntArray
    rows: IntArray
    offset: FloatArray | float = 0.0

    def contract(self, weights: FloatArray) -> FloatArray:
        """Return sum A' w A over participants, A = [X y], from (..., K, M, M) to (..., c, c)."""
        lead, c = weights.shape[:-3], self.rank + 1
        total = np.zeros((*lead, c * c))
        for table, block in zip(self.products, self.blocks, strict=True):
            total += weights[..., block, :, :].reshape(*lead, -1) @ table
        return total.reshape(*lead, c, c)

    def expand(self, square: FloatArray) -> FloatArray:
        """Return sum A q A' over the participants of each pattern, from (c, c) to (K, M, M)."""
        slots = self.mask.shape[1]
        parts = [(table @ square.ravel()).reshape(-1, slots, slots) for table in self.products]
        return np.concatenate(parts)


def gather(
    *,
    y: FloatArray,
    x: FloatArray,
    participant: IntArray,
    slot: IntArray,
    slots: int,
    group: IntArray | None = None,
    weights: FloatArray | None = None,
    z: FloatArray | None = None,
    offset: FloatArray | None = None,
) -> Patterns:
    """Return the sufficient statistics of a data set of N rows and n participants.

    x has shape (N, p) and z, the random-effects design, (N, r). Participants are codes 0 to n - 1.
    The slot of a row is its visit, or its number within the participant, below `slots`, M; no two
    rows of one participant share one. Groups of participants have a covariance each. The variance
    of a row is divided by its weight. The offset, shape (p,), are fixed effects near the estimates,
    such as those of least squares.
    """
    n, width = int(participant.max()) + 1, 0 if z is None else z.shape[1]
    rows = np.full((n, slots), -1)
    rows[participant, slot] = np.arange(len(y))
    mask = rows >= 0
    scale = np.ones((n, slots))
    if weights is not None:
        scale[participant, slot] = 1.0 / np.sqrt(weights)
    design = np.zeros((n, slots, width))
    if z is not None:
        design[participant, slot] = z
    kind = np.zeros(n, dtype=int) if group is None else np.asarray(group, dtype=int)
    first, member = _unique(mask, scale if weights is not None else None, design, kind)
    table = np.zeros((n, slots, x.shape[1] + 1))
    table[participant, slot, :-1] = x
    table[participant, slot, -1] = y if offset is None else y - x @ offset
    size = np.bincount(member, minlength=len(first)).astype(float)
    blocks = _blocks(len(first), slots, table.shape[2])
    return Patterns(
        size=size,
        mask=mask[first],
        scale=scale[first],
        group=kind[first],
        z=design[first],
        products=tuple(_products(table, member, block) for block in blocks),
        blocks=blocks,
        n_obs=len(y),
        n_participants=n,
        rank=x.shape[1],
        member=member,
        rows=rows,
        offset=0.0 if offset is None else offset,
    )


def _unique(
    mask: np.ndarray, scale: FloatArray | None, z: FloatArray, group: IntArray
) -> tuple[IntArray, IntArray]:
    """Return a first participant of each pattern, and the pattern of each participant."""
    n = len(mask)
    parts = [group[:, None].astype(float), mask.astype(float)]
    parts += [] if scale is None else [scale]
    parts += [z.reshape(n, -1)] if z.shape[2] else []
    keys = np.ascontiguousarray(np.concatenate(parts, axis=1))
    packed = keys.view(np.dtype((np.void, keys.dtype.itemsize * keys.shape[1]))).ravel()
    _, first, member = np.unique(packed, return_index=True, return_inverse=True)
    return first, member.ravel()


def _blocks(patterns: int, slots: int, columns: int) -> tuple[slice, ...]:
    step = max(1, LARGEST_TABLE // (slots * slots * columns * columns))
    return tuple(slice(at, min(at + step, patterns)) for at in range(0, patterns, step))


def _products(table: FloatArray, member: IntArray, block: slice) -> FloatArray:
    """Return the summed cross products of the patterns of a block, shape (k M M, c c)."""
    slots, columns = table.shape[1:]
    out = np.empty((block.stop - block.start, slots, slots, columns, columns))
    order = np.argsort(member, kind="stable")
    ends = np.searchsorted(member[order], np.arange(block.start, block.stop + 1))
    sorted_rows = table[order[ends[0] : ends[-1]]].reshape(-1, slots * columns)
    for at, (first, last) in enumerate(pairwise((ends - ends[0]).tolist())):
        own = sorted_rows[first:last]
        square = (own.T @ own).reshape(slots, columns, slots, columns)
        out[at] = square.transpose(0, 2, 1, 3)
    return out.reshape(-1, columns * columns)
