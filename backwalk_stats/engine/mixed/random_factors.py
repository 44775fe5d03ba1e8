"""Two random factors, nested or crossed: sites and their people, therapists and people.

The rows that hang together through the factors, directly or by way of others, make a cluster; rows
of different clusters are independent. The factor of more levels is the finer one. Shapes: k
clusters of one block, f and g levels of the finer and the coarser factor in each, a and b effects
of each level, s = g b, q parameters, c = p + 1 columns of A = [X y]; Z is the design of the finer
factor, U that of the coarser, all rows times the root of their weight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise, starmap

import numpy as np
from scipy import sparse

from backwalk_stats.engine.mixed.marginal import EffectsCovariance
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

LARGEST_CLUSTER = 5_000  # rows of one dense matrix
SMALL_TABLE = 200_000  # entries below which padding costs nothing
PADDED = 4


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RandomColumns(Shown):
    """The random effects of one factor, row by row.

    Attributes
    ----------
    z : array, shape (N, r)
    codes : array of int, shape (N,)
        The level of each row.
    """

    z: FloatArray
    codes: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ClusterBlock(Shown):
    """Cross products of clusters of like size, zero where a cluster has fewer levels.

    Attributes
    ----------
    fine : array, shape (k, f, a, a)
        Z'Z of each level of the finer factor.
    fine_fixed : array, shape (k, f, a, c)
        Z'A.
    across : array, shape (k, f, a, s)
        Z'U.
    coarse : array, shape (k, s, s)
        U'U.
    coarse_fixed : array, shape (k, s, c)
        U'A.
    fine_level, coarse_level : array of int, shape (k, f) and (k, g)
        The codes of the levels; -1 where there is none.
    """

    fine: FloatArray
    fine_fixed: FloatArray
    across: FloatArray
    coarse: FloatArray
    coarse_fixed: FloatArray
    fine_level: np.ndarray
    coarse_level: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Clusters(Patterns):
    """Clusters of rows, with their cross products by levels of the two factors.

    Attributes
    ----------
    parts : tuple of ClusterBlock
    square : array, shape (c, c)
        A'A.
    log_weights : float
        Sum of the logarithms of the case weights.
    finer : int
        Which of the two factors is the finer one.
    """

    parts: tuple[ClusterBlock, ...]
    square: FloatArray
    log_weights: float
    finer: int


def gather_clusters(
    *,
    y: FloatArray,
    x: FloatArray,
    cluster: np.ndarray,
    slot: np.ndarray,
    people: int,
    random: tuple[RandomColumns, RandomColumns],
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
) -> Clusters:
    """Return the rows of a data set, x of shape (N, p), by clusters (codes) and their slots.

    `people` is their number, which clusters do not tell. The variance of a row is divided by its
    weight. The offset, shape (p,), are fixed effects near the estimates.
    """
    count, slots = int(cluster.max()) + 1, int(slot.max()) + 1
    rows = np.full((count, slots), -1)
    rows[cluster, slot] = np.arange(len(y))
    scale = np.ones((count, slots))
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    scale[cluster, slot] = 1.0 / root
    table = np.column_stack([x, y if offset is None else y - x @ offset]) * root[:, None]
    scaled = [RandomColumns(z=one.z * root[:, None], codes=one.codes) for one in random]
    levels = [int(one.codes.max()) + 1 for one in random]
    finer = int(levels[1] > levels[0])
    fine, coarse = scaled[finer], scaled[1 - finer]
    return Clusters(
        size=np.ones(count),
        mask=rows >= 0,
        scale=scale,
        group=np.zeros(count, dtype=int),
        z=np.zeros((count, slots, 0)),
        products=(),
        blocks=(),
        n_obs=len(y),
        n_participants=people,
        rank=x.shape[1],
        member=np.arange(count),
        rows=rows,
        offset=0.0 if offset is None else offset,
        parts=_blocks(table, cluster, fine, coarse),
        square=table.T @ table,
        log_weights=2.0 * float(np.log(root).sum()),
        finer=finer,
    )


def _blocks(
    table: FloatArray, cluster: np.ndarray, fine: RandomColumns, coarse: RandomColumns
) -> tuple[ClusterBlock, ...]:
    """Return the clusters in one block, or in several where their sizes differ much."""
    count = int(cluster.max()) + 1
    sizes = []
    for one in (fine, coarse):
        first = np.unique(one.codes, return_index=True)[1]
        sizes.append(np.bincount(cluster[first], minlength=count))
    width = fine.z.shape[1]
    own = sizes[0] * width * (sizes[1] * coarse.z.shape[1] + table.shape[1])
    padded = len(own) * sizes[0].max() * width
    padded *= sizes[1].max() * coarse.z.shape[1] + table.shape[1]
    if padded <= max(SMALL_TABLE, PADDED * own.sum()):
        return (_block(table, cluster, fine, coarse),)
    kind = np.floor(np.log(sizes[0] * sizes[1]) / np.log(PADDED)).astype(int)
    found = []
    for value in np.unique(kind):
        own_rows = kind[cluster] == value
        held = [
            RandomColumns(z=one.z[own_rows], codes=one.codes[own_rows]) for one in (fine, coarse)
        ]
        own_cluster = np.unique(cluster[own_rows], return_inverse=True)[1].ravel()
        found.append(_block(table[own_rows], own_cluster, *held))
    return tuple(found)


def _block(
    table: FloatArray, cluster: np.ndarray, fine: RandomColumns, coarse: RandomColumns
) -> ClusterBlock:
    k, c = int(cluster.max()) + 1, table.shape[1]
    a, b = fine.z.shape[1], coarse.z.shape[1]
    fine_level, inner = _levels_within(cluster, fine.codes)
    coarse_level, outer = _levels_within(cluster, coarse.codes)
    f, g = fine_level.shape[1], coarse_level.shape[1]
    at_fine, at_coarse = cluster * f + inner, cluster * g + outer
    across = _sums(at_fine * g + outer, k * f * g, _outer(fine.z, coarse.z))
    inside = _sums(at_fine, k * f, _outer(fine.z, np.column_stack([fine.z, table])))
    outside = _sums(at_coarse, k * g, _outer(coarse.z, np.column_stack([coarse.z, table])))
    inside = inside.reshape(k, f, a, a + c)
    outside = outside.reshape(k, g, b, b + c)
    held = np.zeros((k, g, b, g, b))
    each = np.arange(g)
    held[:, each, :, each, :] = np.moveaxis(outside[..., :b], 1, 0)
    return ClusterBlock(
        fine=inside[..., :a],
        fine_fixed=inside[..., a:],
        across=across.reshape(k, f, g, a, b).swapaxes(2, 3).reshape(k, f, a, g * b),
        coarse=held.reshape(k, g * b, g * b),
        coarse_fixed=outside[..., b:].reshape(k, g * b, c),
        fine_level=fine_level,
        coarse_level=coarse_level,
    )


def _levels_within(cluster: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels of each cluster, shape (k, most), and each row's place among them."""
    levels, first, back = np.unique(codes, return_index=True, return_inverse=True)
    home = cluster[first]
    order = np.argsort(home, kind="stable")
    place = np.empty(len(levels), dtype=int)
    place[order] = np.arange(len(levels)) - np.searchsorted(home[order], home[order])
    table = np.full((int(cluster.max()) + 1, int(place.max()) + 1), -1)
    table[home, place] = levels
    return table, place[back.ravel()]


def _outer(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray((left[:, :, None] * right[:, None, :]).reshape(len(left), -1))


def _sums(codes: np.ndarray, count: int, table: FloatArray) -> FloatArray:
    """Return the sums of rows of a table by code, shape (count, columns)."""
    computes_with("scipy")
    n = len(codes)
    each = np.arange(n + 1)
    chosen = sparse.csc_array((np.ones(n), codes, each), shape=(count, n))
    return np.asarray(chosen @ table)


@dataclass(frozen=True, slots=True, repr=False)
class RandomFactors(Shown):
    """Random effects of several factors and a residual: V = sum Z_c (I x G_c) Z_c' + sigma2 / w.

    Natural parameters: the free entries of each G_c, one factor after the other, then sigma2; V is
    linear in them. Free numbers are those of `EffectsCovariance`, with one sigma2 for all. A
    variance of zero is a point like any other.

    Attributes
    ----------
    parts : tuple of EffectsCovariance
    random : tuple of RandomColumns
    rows : array of int, shape (K, M)
        The rows of each cluster; -1 in empty slots.
    scale : array, shape (K, M)
        1 / sqrt(case weight).
    own : tuple of slice
        The parameters of each factor.
    """

    parts: tuple[EffectsCovariance, ...]
    random: tuple[RandomColumns, ...]
    rows: np.ndarray
    scale: FloatArray
    own: tuple[slice, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Find once which parameters are whose."""
        ends = list(accumulate((one.count - 1 for one in self.parts), initial=0))
        object.__setattr__(self, "own", tuple(starmap(slice, pairwise(ends))))

    @property
    def count(self) -> int:
        """Return the entries of every G, and sigma2."""
        return int(self.own[-1].stop) + 1

    def of_part(self, numbers: FloatArray, index: int) -> FloatArray:
        """Return the numbers of one factor, shape (..., q_c + 1): its own and the last one."""
        return np.concatenate([numbers[..., self.own[index]], numbers[..., -1:]], axis=-1)

    def g(self, theta: FloatArray) -> tuple[FloatArray, ...]:
        """Return G of each factor."""
        return tuple(part.g(self.of_part(theta, at)) for at, part in enumerate(self.parts))

    def v(self, theta: FloatArray) -> FloatArray:
        """Return V of each cluster, shape (K, M, M): for what needs its root, never for a fit."""
        empty = np.zeros((*self.rows.shape, self.rows.shape[1]))
        index = np.arange(self.rows.shape[1])
        empty[:, index, index] = self.rows < 0
        return np.asarray(np.tensordot(theta, self.first(theta), axes=1) + empty)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the constant derivatives, shape (q, K, M, M)."""
        held, slots = self.rows >= 0, self.rows.shape[1]
        if slots > LARGEST_CLUSTER:
            raise NotEstimable(
                f"{slots} rows hang together through the random factors: robust errors and "
                f"standardised residuals are worked out for {LARGEST_CLUSTER} at most"
            )
        found = []
        for part, one in zip(self.parts, self.random, strict=True):
            z = np.where(held[:, :, None], one.z[self.rows], 0.0)
            level = np.where(held, one.codes[self.rows], -1)
            alike = level[:, :, None] == level[:, None, :]
            found += [z @ e @ np.swapaxes(z, 1, 2) * alike for e in part.directions]
        residual = np.zeros((*held.shape, slots))
        index = np.arange(slots)
        residual[:, index, index] = held * self.scale**2
        return np.array([*found, residual])

    def second(self, theta: FloatArray) -> None:
        """Return None: V is linear."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return every G and sigma2 from the factors of G and log sigma2."""
        found = [part.from_free(self.of_part(free, at)) for at, part in enumerate(self.parts)]
        return np.concatenate([*(one[..., :-1] for one in found), found[0][..., -1:]], axis=-1)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the factors of every G, and log sigma2; each G must be positive definite."""
        found = [part.to_free(self.of_part(theta, at)) for at, part in enumerate(self.parts)]
        return np.concatenate([*(one[:-1] for one in found), found[0][-1:]])

    @property
    def needs_curvature(self) -> bool:
        """Return True: at a variance of zero the map is flat and the term is all there is."""
        return True

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether a variance of some factor, or of a combination of its effects, is zero."""
        return any(part.on_boundary(self.of_part(theta, at)) for at, part in enumerate(self.parts))

    def start(self, patterns: Patterns, residual: FloatArray) -> FloatArray:
        """Return half of the residual variance as sigma2, the rest shared by all effects."""
        total = float(np.mean(residual**2))
        each = zip(self.parts, self.random, strict=True)
        found = [part.start(total, (one.z**2).mean(axis=0)) for part, one in each]
        shares = [one[:-1] / len(self.parts) for one in found]
        return np.concatenate([*shares, found[0][-1:]])
