"""Two random factors, nested or crossed, in marginal form: sites and their people, therapists.

The rows that hang together through the factors, directly or by way of others, make a cluster; rows
of different clusters are independent. Of nested factors a cluster is a level of the outer one; of
crossed ones it is often all rows, and the cost of a step grows with the cube of its rows. Shapes:
K clusters, M slots, q parameters, c = p + 1 columns of [X y].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise, starmap

import numpy as np

from backwalk_stats.engine.mixed.contrasts import Predicted
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Clusters(Patterns):
    """Clusters of rows, each a pattern of its own, with their rows instead of cross products.

    Attributes
    ----------
    table : array, shape (K, M, c)
        [X y] in slots, zero in empty ones.
    """

    table: FloatArray

    def contract(self, weights: FloatArray) -> FloatArray:
        """Return sum A' w A over clusters, A = [X y], from (..., K, M, M) to (..., c, c)."""
        c = self.table.shape[2]
        half = (weights @ self.table).reshape(*weights.shape[:-3], -1, c)
        return np.asarray(self.table.reshape(-1, c).T @ half)

    def expand(self, square: FloatArray) -> FloatArray:
        """Return A q A' of each cluster, from (c, c) to (K, M, M)."""
        return np.asarray(self.table @ square @ np.swapaxes(self.table, 1, 2))


def gather_clusters(
    *,
    y: FloatArray,
    x: FloatArray,
    cluster: np.ndarray,
    slot: np.ndarray,
    people: int,
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
) -> Clusters:
    """Return the rows of a data set, x of shape (N, p), by clusters (codes) and their slots.

    `people` is their number, which clusters do not tell. The variance of a row is divided by its
    weight. The offset, shape (p,), are fixed effects near
    the estimates.
    """
    count, slots = int(cluster.max()) + 1, int(slot.max()) + 1
    rows = np.full((count, slots), -1)
    rows[cluster, slot] = np.arange(len(y))
    scale = np.ones((count, slots))
    if weights is not None:
        scale[cluster, slot] = 1.0 / np.sqrt(weights)
    table = np.zeros((count, slots, x.shape[1] + 1))
    table[cluster, slot, :-1] = x
    table[cluster, slot, -1] = y if offset is None else y - x @ offset
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
        table=table,
    )


@dataclass(frozen=True, slots=True, repr=False)
class RandomFactors(Shown):
    """Random effects of several factors and a residual: V = sum Z_c (I x G_c) Z_c' + sigma2 / w.

    Natural parameters: the free entries of each G_c, one factor after the other, then sigma2; V is
    linear in them. Free numbers are those of `RandomEffects`, with one sigma2 for all. A variance
    of zero is a point like any other.

    Attributes
    ----------
    parts : tuple of RandomEffects
        The effects of each factor, as though all rows of a cluster were of one level.
    level : array of int, shape (factors, K, M)
        The level of each row; -1 in empty slots.
    own : tuple of slice
        The parameters of each factor.
    constant : array, shape (q, K, M, M)
        The derivatives of V.
    """

    parts: tuple[RandomEffects, ...]
    level: np.ndarray
    own: tuple[slice, ...] = field(init=False)
    constant: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Find once what every step of the search asks for."""
        ends = list(accumulate((one.count - 1 for one in self.parts), initial=0))
        object.__setattr__(self, "own", tuple(starmap(slice, pairwise(ends))))
        same = self.level[:, :, :, None] == self.level[:, :, None, :]
        held = [part.constant[:-1] * alike for part, alike in zip(self.parts, same, strict=True)]
        constant = np.concatenate([*held, self.parts[0].constant[-1:]])
        object.__setattr__(self, "constant", constant)

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
        """Return V of each cluster."""
        return np.asarray(np.tensordot(theta, self.constant, axes=1) + self.parts[0].filler)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the constant derivatives."""
        return self.constant

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
        found = [part.start(patterns, residual) for part in self.parts]
        shares = [one[:-1] / len(self.parts) for one in found]
        return np.concatenate([*shares, found[0][-1:]])


def predicted_levels(
    fit: Fit, marginal: RandomFactors, *, y: FloatArray, x: FloatArray
) -> tuple[Predicted, ...]:
    """Return the random effects of each factor's levels, in the order of their codes.

    The formulas are those of `predicted_effects`, with the rows of a level in place of those of a
    participant: u = G Z'W r, its variance given beta G - G Z'W Z G, and that of u - u^ with P in
    place of W. x is the design in the basis of the fit, shape (N, p).
    """
    patterns = fit.likelihood.patterns
    held = patterns.rows >= 0
    residual = np.where(held, (y - x @ fit.point.beta)[patterns.rows], 0.0)
    design = np.where(held[:, :, None], x[patterns.rows], 0.0)
    found = []
    each = zip(marginal.parts, marginal.g(fit.point.theta), marginal.level, strict=True)
    for part, g, level in each:
        count = int(level.max()) + 1
        effects = np.empty((count, part.width))
        conditional = np.empty((count, part.width, part.width))
        prediction = np.empty_like(conditional)
        for at in range(count):
            cluster = int(np.flatnonzero((level == at).any(axis=1))[0])
            own = level[cluster] == at
            z = part.z[cluster] * own[:, None]
            load = g @ z.T @ fit.point.w[cluster]
            through = load @ design[cluster]
            effects[at] = load @ residual[cluster]
            conditional[at] = g - load @ z @ g
            prediction[at] = conditional[at] + through @ fit.point.phi @ through.T
        found.append(Predicted(effects=effects, conditional=conditional, prediction=prediction))
    return tuple(found)
