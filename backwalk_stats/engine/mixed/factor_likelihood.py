"""The likelihood of two random factors, by Woodbury's identity on their levels and not on rows.

With V = V_1 + U G U', V_1 the residual and the finer factor, U the design of the coarser one, all
that the likelihood, its derivatives and the small-sample methods need follows from a small matrix
for each level of the finer factor and one of the size of the coarser factor's effects for each
cluster. A step costs rows times columns once, then the finer factor's levels times the square of
the coarser factor's that hang together, and the cube of those. Shapes as in `random_factors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from backwalk_stats.engine.mixed.contrasts import Predicted
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.likelihood import Likelihood, Point, Slopes
from backwalk_stats.engine.mixed.random_factors import ClusterBlock, Clusters, RandomFactors
from backwalk_stats.engine.numbers import FloatArray, array
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class BlockState(Shown):
    """A block at one set of parameters.

    With i a level of the finer factor: Z_i'W A is `fine_fixed`, U'W A `coarse_fixed`, U'W U
    `coarse`, Z_i'W U is `loads` J with J = I - G U'W U (`turn`), and Z_i'W Z_j is `own` where
    i = j, less `loads`_i Y `loads`_j' (`middle` is Y).
    """

    fine_fixed: FloatArray
    coarse_fixed: FloatArray
    coarse: FloatArray
    loads: FloatArray
    own: FloatArray
    turn: FloatArray
    middle: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FactorPoint(Point):
    """The likelihood at one set of parameters, with the state of each block; `w` is empty.

    Attributes
    ----------
    states : tuple of BlockState
    square : array, shape (c, c)
        A'W A.
    """

    states: tuple[BlockState, ...]
    square: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moments:
    """Sums over all rows, V_j the derivatives of V.

    tr(W V_j), A'W V_j W A, tr(W V_j W V_l), A'W V_j W V_l W A, shapes (q,), (q, c, c), (q, q) and
    (q, q, c, c).
    """

    trace: FloatArray
    once: FloatArray
    traces: FloatArray
    twice: FloatArray


@dataclass(frozen=True, slots=True, repr=False)
class FactorLikelihood(Likelihood):
    """The likelihood of two random factors, worked out on their levels and not on rows."""

    patterns: Clusters
    marginal: RandomFactors

    def at(self, theta: FloatArray) -> FactorPoint | None:
        """Return the likelihood at a point; None where V or X'WX is not positive definite."""
        sigma2, data = float(theta[-1]), self.patterns
        fine_g, coarse_g = self._in_order(self.marginal.g(theta))
        if not sigma2 > 0.0 or not np.isfinite(theta).all():
            return None
        square, log_det, states = data.square / sigma2, data.n_obs * np.log(sigma2), []
        try:
            for block in data.parts:
                own = _solved(block, fine_g, coarse_g, sigma2)
                if own is None:
                    return None
                states.append(own[0])
                square, log_det = square - own[1], log_det + own[2]
            root = np.linalg.cholesky(square[:-1, :-1])
        except np.linalg.LinAlgError:
            return None
        inverse = np.linalg.inv(root)
        phi = inverse.T @ inverse
        beta = phi @ square[:-1, -1]
        rest = square[-1, -1] - square[:-1, -1] @ beta
        count = data.n_obs - (data.rank if self.reml else 0)
        deviance = float(log_det - data.log_weights + rest + count * np.log(2.0 * np.pi))
        if self.reml:
            deviance += float(2.0 * np.log(np.diagonal(root)).sum())
        if not np.isfinite(deviance):
            return None
        return FactorPoint(
            deviance=deviance,
            beta=beta + data.offset,
            phi=phi,
            w=np.empty((0, 0, 0)),
            theta=theta,
            states=tuple(states),
            square=square,
        )

    def slopes(self, point: Point) -> Slopes:
        """Return the derivatives at a point."""
        phi, p = point.phi, self.patterns.rank
        resid = np.append(self.patterns.offset - point.beta, 1.0)
        found = self._moments(point)
        fx, fr = found.once[:, :p, :p], found.once[:, :p, :] @ resid
        expected, gradient = found.traces, found.trace - found.once @ resid @ resid
        if self.reml:
            loaded = phi @ fx
            gradient = gradient - np.einsum("jaa->j", loaded)
            expected = expected - 2.0 * np.einsum("ab,jlba->jl", phi, found.twice[..., :p, :p])
            expected = expected + np.einsum("jab,lba->jl", loaded, loaded)
        pull = found.twice @ resid @ resid - fr @ phi @ fr.T
        hessian = 2.0 * pull - expected
        return Slopes(
            gradient=gradient,
            hessian=0.5 * (hessian + hessian.T),
            expected=0.5 * (expected + expected.T),
            f=fx,
        )

    def spread_of_weights(
        self, point: Point, theta_covariance: FloatArray, *, with_curvature: bool
    ) -> FloatArray:
        """Return sum_jl C_jl X'W V_j W V_l W X, shape (p, p); V is linear, so nothing bends."""
        p = self.patterns.rank
        found = np.tensordot(theta_covariance, self._moments(point).twice, axes=2)
        return np.asarray(found[:p, :p])

    def alike(self) -> FloatArray:
        """Return the cosines of the derivatives of V, shape (q, q): 1 where two are the same."""
        unit = np.zeros(self.marginal.count)
        unit[-1] = 1.0
        point = self.at(unit)
        if point is None:
            raise NotEstimable("the fixed effects are not determined by the rows")
        cross = self._moments(point).traces
        size = np.sqrt(np.diagonal(cross))
        return np.asarray(cross / np.outer(size, size))

    def _in_order(self, both: tuple[T, ...]) -> tuple[T, ...]:
        """Return what belongs to the finer factor, then to the coarser one."""
        return both if self.patterns.finer == 0 else both[::-1]

    def _moments(self, point: Point) -> _Moments:
        """Return the sums over blocks, in the order of the parameters.

        Those of the residual follow from V = sum theta_j V_j, which gives
        W = sum theta_j W V_j W.
        """
        if not isinstance(point, FactorPoint):
            raise TypeError("a point of another likelihood")
        entries = [one.directions for one in self._in_order(self.marginal.parts)]
        found = [_block_moments(one, *entries) for one in point.states]
        sums = found[0] if len(found) == 1 else [sum(own) for own in zip(*found, strict=True)]
        if self.patterns.finer == 1:
            first, every = len(entries[0]), sum(map(len, entries))
            order = np.array([*range(first, every), *range(first)])
            grid = (order[:, None], order)
            sums = [sums[0][order], sums[1][order], sums[2][grid], sums[3][grid]]
        return _with_residual(*sums, point=point, n=float(self.patterns.n_obs))


def _with_residual(
    trace: FloatArray,
    once: FloatArray,
    traces: FloatArray,
    twice: FloatArray,
    *,
    point: FactorPoint,
    n: float,
) -> _Moments:
    """Return the moments of the entries of every G, and those of sigma2."""
    theta, sigma2, q, c = point.theta[:-1], point.theta[-1], len(point.theta), len(point.square)
    table, every = np.empty((q, q)), np.empty((q, q, c, c))
    last = (point.square - (theta @ once.reshape(q - 1, -1)).reshape(c, c)) / sigma2
    middle = (once - (theta @ twice.reshape(q - 1, -1)).reshape(q - 1, c, c)) / sigma2
    across, whole = (trace - traces @ theta) / sigma2, (n - theta @ trace) / sigma2
    # of theta_j V_j V_l summed over j: the transpose of V_l V_j
    every[:-1, :-1], every[-1, :-1], every[:-1, -1] = twice, middle, middle.swapaxes(1, 2)
    every[-1, -1] = (last - (theta @ middle.reshape(q - 1, -1)).reshape(c, c)) / sigma2
    table[:-1, :-1], table[:-1, -1], table[-1, :-1] = traces, across, across
    table[-1, -1] = (whole - theta @ across) / sigma2
    return _Moments(
        trace=np.append(trace, whole),
        once=np.concatenate([once, last[None]]),
        traces=table,
        twice=every,
    )


def _solved(
    block: ClusterBlock, fine_g: FloatArray, coarse_g: FloatArray, sigma2: float
) -> tuple[BlockState, FloatArray, float] | None:
    """Return a block's state, what A'W A is less than A'A / sigma2, and log|V| over sigma2^N.

    None where V is not positive definite.
    """
    k, f, a, c = block.fine_fixed.shape
    s = block.coarse.shape[1]
    inner = np.eye(a) + block.fine @ fine_g / sigma2
    turned = array(np.linalg.inv(inner))
    fixed, loads = (_each(turned, one) / sigma2 for one in (block.fine_fixed, block.across))
    left = np.swapaxes(_each(fine_g, block.across).reshape(k, f * a, s), 1, 2) / sigma2
    base = block.coarse / sigma2 - left @ loads.reshape(k, f * a, s)
    base_fixed = block.coarse_fixed / sigma2 - left @ fixed.reshape(k, f * a, c)
    outer = np.eye(s) + np.swapaxes(_by_level(coarse_g, base.swapaxes(1, 2)), 1, 2)
    dets = [np.linalg.slogdet(one) for one in (inner, outer)]
    if any((sign <= 0.0).any() for sign, _ in dets):
        return None
    back = array(np.linalg.inv(outer))
    coarse = back @ base
    coarse_fixed = back @ base_fixed
    less = _each(fine_g, block.fine_fixed).reshape(-1, c).T @ fixed.reshape(-1, c) / sigma2
    pulled = _by_level(coarse_g, coarse_fixed)
    less = less + base_fixed.reshape(-1, c).T @ pulled.reshape(-1, c)
    through = (loads.reshape(k, f * a, s) @ pulled).reshape(k, f, a, c)
    middle = _by_level(coarse_g, back)
    state = BlockState(
        fine_fixed=fixed - through,
        coarse_fixed=coarse_fixed,
        coarse=0.5 * (coarse + coarse.swapaxes(1, 2)),
        loads=loads,
        own=turned @ block.fine / sigma2,
        turn=back.swapaxes(1, 2),
        middle=0.5 * (middle + middle.swapaxes(1, 2)),
    )
    return state, less, float(sum(log.sum() for _, log in dets))


def _each(matrix: FloatArray, table: FloatArray) -> FloatArray:
    """Return the products of matrices (..., a, a) with tables (..., a, n), level by level."""
    if matrix.shape[-1] == 1:  # thousands of products of single numbers
        return matrix * table
    return np.asarray(matrix @ table)


def _row_products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return left right' of each level, shapes (k, f, a, s) to (k, f, a, a)."""
    return np.asarray(np.einsum("kfas,kfbs->kfab", left, right))


def _by_level(matrix: FloatArray, table: FloatArray) -> FloatArray:
    """Return (I x matrix) table, shape (k, s, n), level by level."""
    k, s, n = table.shape
    b = len(matrix)
    if b == 1:
        return np.asarray(matrix[0, 0] * table)
    return np.asarray((matrix @ table.reshape(k, s // b, b, n)).reshape(k, s, n))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sides:
    """What each derivative E_j of the finer factor's G, or F_j of the coarser one's, makes.

    Attributes
    ----------
    fixed, outer : array, shape (m, k, f a, c) and (l, k, s, c)
        E_j Z'W A, F_j U'W A.
    pulled : array, shape (m, k, s, c)
        loads' E_j Z'W A.
    own, shared : array, shape (m, k, f, a, a)
        E_j `own`; E_j loads_i Y loads_i'.
    within : array, shape (m, k, s, s)
        loads' E_j loads.
    seen : array, shape (l, k, s, s)
        F_j U'W U.
    """

    fixed: FloatArray
    outer: FloatArray
    pulled: FloatArray
    own: FloatArray
    shared: FloatArray
    within: FloatArray
    seen: FloatArray


def _sides(state: BlockState, fine: FloatArray, coarse: FloatArray) -> _Sides:
    k, f, a, c = state.fine_fixed.shape
    s, m = state.coarse.shape[1], len(fine)
    loads = state.loads.reshape(k, f * a, s)
    back = loads.swapaxes(1, 2)
    each = fine[:, None, None]
    fixed = (_each(each, state.fine_fixed)).reshape(m, k, f * a, c)
    shared = _row_products((loads @ state.middle).reshape(k, f, a, s), state.loads)
    return _Sides(
        fixed=fixed,
        outer=np.array([_by_level(one, state.coarse_fixed) for one in coarse]),
        pulled=back @ fixed,
        own=each @ state.own,
        shared=each @ shared,
        within=np.array([back @ _each(one, state.loads).reshape(k, f * a, s) for one in fine]),
        seen=np.array([_by_level(one, state.coarse) for one in coarse]),
    )


def _block_moments(
    state: BlockState, fine: FloatArray, coarse: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the moments of a block for the entries of both G, the finer factor's first.

    `fine` (shape (m, a, a)) and `coarse` (shape (l, b, b)) are the derivatives of G.
    """
    c, sides = state.fine_fixed.shape[3], _sides(state, fine, coarse)
    m, n = len(fine), len(fine) + len(coarse)
    trace, once = np.empty(n), np.empty((n, c, c))
    traces, twice = np.empty((n, n)), np.empty((n, n, c, c))
    trace[:m] = (sides.own - sides.shared).trace(axis1=3, axis2=4).sum(axis=(1, 2))
    trace[m:] = sides.seen.trace(axis1=2, axis2=3).sum(axis=1)
    once[:m] = [_product(state.fine_fixed, one, c) for one in sides.fixed]
    once[m:] = [_product(state.coarse_fixed, one, c) for one in sides.outer]
    traces[:m, :m], twice[:m, :m] = _fine_pairs(state, sides, c)
    traces[:m, m:], twice[:m, m:] = _mixed_pairs(state, sides, coarse, c)
    traces[m:, m:], twice[m:, m:] = _coarse_pairs(state, sides, c)
    traces[m:, :m] = traces[:m, m:].T
    twice[m:, :m] = twice[:m, m:].swapaxes(0, 1).swapaxes(2, 3)
    return trace, once, traces, twice


Pairs = tuple[FloatArray, FloatArray]  # tr(W V_j W V_l), and A'W V_j W V_l W A


def _fine_pairs(state: BlockState, sides: _Sides, c: int) -> Pairs:
    """Return the moments of two entries of the finer factor."""
    k, f, a, _ = state.fine_fixed.shape
    rest = sides.own - sides.shared
    spread = sides.within @ state.middle
    own = [(state.own @ one.reshape(k, f, a, c)).reshape(k, f * a, c) for one in sides.fixed]
    far = [state.middle @ one for one in sides.pulled]
    each = range(len(rest))
    traces = [
        [
            _trace(rest[j], rest[i])
            - _trace(sides.shared[j], sides.shared[i])
            + _trace(spread[j], spread[i])
            for i in each
        ]
        for j in each
    ]
    twice = [
        [_product(sides.fixed[j], own[i], c) - _product(sides.pulled[j], far[i], c) for i in each]
        for j in each
    ]
    return np.array(traces), np.array(twice)


def _mixed_pairs(state: BlockState, sides: _Sides, coarse: FloatArray, c: int) -> Pairs:
    """Return the moments of an entry of the finer factor with one of the coarser."""
    back = state.turn.swapaxes(1, 2)
    within = [back @ one @ state.turn for one in sides.within]
    carried = [state.turn @ one for one in sides.outer]
    traces = [
        [float(np.einsum("kaa->", _by_level(entry, one))) for entry in coarse] for one in within
    ]
    twice = [[_product(one, other, c) for other in carried] for one in sides.pulled]
    return np.array(traces), np.array(twice)


def _coarse_pairs(state: BlockState, sides: _Sides, c: int) -> Pairs:
    """Return the moments of two entries of the coarser factor."""
    carried = [state.coarse @ one for one in sides.outer]
    traces = [[_trace(one, other) for other in sides.seen] for one in sides.seen]
    twice = [[_product(one, other, c) for other in carried] for one in sides.outer]
    return np.array(traces), np.array(twice)


def _trace(left: FloatArray, right: FloatArray) -> float:
    """Return the sum of tr(left right) over matrices."""
    return float((left * right.swapaxes(-1, -2)).sum())


def _product(left: FloatArray, right: FloatArray, c: int) -> FloatArray:
    """Return the sum of left' right over levels, shape (c, c)."""
    return np.asarray(left.reshape(-1, c).T @ right.reshape(-1, c))


def predicted_levels(fit: Fit) -> tuple[Predicted, ...]:
    """Return the random effects of each factor's levels, in the order of their codes.

    The formulas are those of `predicted_effects`, with the rows of a level in place of those of a
    participant: u = G Z'W r, its variance given beta G - G Z'W Z G, and that of u - u^ with P in
    place of W.
    """
    likelihood, point = fit.likelihood, fit.point
    if not isinstance(likelihood, FactorLikelihood) or not isinstance(point, FactorPoint):
        raise TypeError("a fit of one random factor")
    data, marginal = likelihood.patterns, likelihood.marginal
    resid = np.append(data.offset - point.beta, 1.0)
    found = []
    for which, g in enumerate(marginal.g(point.theta)):
        finer, width = which == data.finer, len(g)
        count = int(marginal.random[which].codes.max()) + 1
        seen, own = np.empty((count, width, data.rank + 1)), np.empty((count, width, width))
        for block, state in zip(data.parts, point.states, strict=True):
            level = block.fine_level if finer else block.coarse_level
            fixed, square = _of_levels(state, width, finer=finer)
            seen[level[level >= 0]] = fixed[level >= 0]
            own[level[level >= 0]] = square[level >= 0]
        conditional = g - g @ own @ g
        through = g @ seen[:, :, :-1]
        found.append(
            Predicted(
                effects=(seen @ resid) @ g,
                conditional=conditional,
                prediction=conditional + through @ point.phi @ through.swapaxes(1, 2),
            )
        )
    return tuple(found)


def _of_levels(state: BlockState, width: int, *, finer: bool) -> tuple[FloatArray, FloatArray]:
    """Return Z_i'W A and Z_i'W Z_i, shapes (k, levels, r, c) and (k, levels, r, r)."""
    k, f, a, c = state.fine_fixed.shape
    if finer:
        s = state.loads.shape[3]
        carried = (state.loads.reshape(k, f * a, s) @ state.middle).reshape(k, f, a, s)
        return state.fine_fixed, state.own - _row_products(carried, state.loads)
    levels = state.coarse.shape[1] // width
    each = np.arange(levels)
    square = state.coarse.reshape(k, levels, width, levels, width)[:, each, :, each, :]
    return state.coarse_fixed.reshape(k, levels, width, c), np.moveaxis(square, 0, 1)
