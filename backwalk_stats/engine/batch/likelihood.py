"""The likelihood and its derivatives at one set of parameters for each of many data sets.

The formulas of `likelihood`, with a leading axis of b replicates and packed tables. Replicates
whose V or X'WX is not positive definite are named in `valid`; their numbers mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from backwalk_stats.engine.batch.sequential import (
    SplitTables,
    closed_form,
    has_closed_form,
)
from backwalk_stats.engine.batch.tables import (
    BatchPlan,
    Tables,
    cholesky_where_positive,
    log_determinant,
    multiplicity,
    pack,
    summed,
    unpack,
)
from backwalk_stats.engine.mixed.marginal import (
    Marginal,
    VisitCovariance,
    empirical_covariance,
)
from backwalk_stats.engine.numbers import FloatArray

MOST_STEPS = 40
SHORTEST = 1e-4
# Fall of -2 log L that a Newton step predicts: at `ARRIVED` the parameters are within a hundred
# millionth of a standard error; from `NEARLY` one more step brings them there.
ARRIVED = 1e-17
NEARLY = 1e-10
LEFT = 1e-12
NEAR = 0.05
# Smallest pivot of a scaled Hessian that counts as positive definite.
REGULAR = 1e-8
# Squared length that a column keeps beside the others; about 1 in the data themselves.
DEPENDENT = 1e-10


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


Evaluate = Callable[[Tables | SplitTables, Variances, np.ndarray, bool], Evaluations]


def variances_at(marginal: Marginal, mask: np.ndarray, theta: FloatArray) -> Variances:
    """Return V and its derivatives at each replicate's parameters.

    Where the parameters give no V, V is not a number, and so not positive definite. A V that is
    linear in its parameters is their sum of products with its derivatives, and 1 in empty slots.
    The mask, shape (K, M), tells which slots hold a row; theta has shape (b, q).
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


def evaluate(
    tables: Tables | SplitTables, variances: Variances, mask: np.ndarray, reml: bool
) -> Evaluations:
    """Return the likelihood of b replicates and its derivatives; mask of shape (K, M)."""
    slots, products = mask.shape[1], tables.products
    b, _, _, packed_columns = products.shape
    columns = int((np.sqrt(8 * packed_columns + 1) - 1) / 2)
    table = products.reshape(b, -1, packed_columns)
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


# Maximises the likelihood of many data sets side by side, in the natural parameters.


@dataclass(frozen=True, kw_only=True, slots=True)
class Optima:
    """Where each replicate's likelihood is largest, as far as settled.

    Attributes
    ----------
    theta : array, shape (b, q)
    at : Evaluations
    settled : array of bool, shape (b,)
        Whether the gradient vanishes and the Hessian is positive definite.
    """

    theta: FloatArray
    at: Evaluations
    settled: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moves:
    """The next step of each replicate, what it predicts, and whether it is a Newton step."""

    step: FloatArray
    fall: FloatArray
    newton: np.ndarray


def optima(
    *,
    tables: Tables | SplitTables,
    marginal: Marginal,
    mask: np.ndarray,
    reml: bool,
    start: FloatArray,
    evaluate: Evaluate,
) -> Optima:
    """Return the optimum of each replicate from natural parameters `start`, shape (b, q).

    Scoring steps while far from the optimum, Newton steps near it, each shortened until -2 log L
    falls. Every replicate goes its own way: what happens to one never changes another. Those that
    do not settle here, or settle on the boundary, are left to `fit.maximise`, which is slower and
    surer. `evaluate` is the function of that name here, or its compiled twin.
    """

    def at(chosen: np.ndarray, theta: FloatArray) -> Evaluations:
        return evaluate(tables.of(chosen), variances_at(marginal, mask, theta), mask, reml)

    everyone = np.arange(len(start))
    theta = np.array(start)
    best = at(everyone, theta)
    moves = _moves(best)
    length = np.ones(len(start))
    last = moves.newton & (moves.fall < ARRIVED)
    settled = best.valid & last
    going = np.flatnonzero(best.valid & ~settled)
    for _ in range(MOST_STEPS):
        if not len(going):
            break
        trial = theta[going] + length[going, None] * moves.step[going]
        found = at(going, trial)
        noise = 1e-11 * np.maximum(1.0, np.abs(best.deviance[going]))
        slack = np.where(moves.fall[going] < noise, noise, 0.0)
        better = found.valid & (found.deviance <= best.deviance[going] + slack)
        taken, short = going[better], going[~better]
        final = moves.newton[taken] & (moves.fall[taken] < NEARLY) & (length[taken] == 1.0)
        theta[taken] = trial[better]
        _put(best, taken, found.of(better))
        new = _moves(found.of(better))
        _put(moves, taken, new)
        settled[taken] = new.newton & ((new.fall < ARRIVED) | (final & (new.fall < LEFT)))
        length[taken] = 1.0
        length[short] *= 0.25
        going = going[~settled[going] & (length[going] > SHORTEST)]
    return Optima(theta=theta, at=best, settled=settled)


def _put(all_of: Evaluations | _Moves, places: np.ndarray, some: Evaluations | _Moves) -> None:
    """Write the arrays of some replicates into those of all."""
    for name in type(some).__slots__:
        getattr(all_of, name)[places] = getattr(some, name)


def _moves(at: Evaluations) -> _Moves:
    """Return the Newton step where it is to be trusted, else the scoring step."""
    newton, newton_fall, convex = _solved(at.hessian, at.gradient)
    scoring, scoring_fall, regular = _solved(at.expected, at.gradient)
    near = convex & ((scoring_fall < NEAR) | ~regular)
    step = np.where(near[:, None], newton, scoring)
    return _Moves(
        step=np.where((near | regular)[:, None], step, 0.0),
        fall=np.where(near, newton_fall, scoring_fall),
        newton=near,
    )


def _solved(matrix: FloatArray, gradient: FloatArray) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Return -matrix^-1 gradient, the fall it predicts, and whether the matrix is positive."""
    diagonal = np.diagonal(matrix, axis1=1, axis2=2)
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    root, positive = cholesky_where_positive(matrix / (scale[:, :, None] * scale[:, None, :]))
    clear = np.diagonal(root, axis1=1, axis2=2).min(axis=1) ** 2 > REGULAR
    inverse = np.linalg.inv(root)
    half = inverse @ (gradient / scale)[..., None]
    step = -(np.swapaxes(inverse, 1, 2) @ half)[..., 0] / scale
    return step, 0.5 * summed(half[..., 0] ** 2), positive & clear


# Where the fits of a batch start; with complete data, where most of them end.


def starts(
    plan: BatchPlan,
    tables: Tables | SplitTables,
    responses: FloatArray | None,
    known: FloatArray | None = None,
) -> FloatArray:
    """Return natural parameters to start each of b replicates from, shape (b, q).

    Where `sequential.closed_form` has the optimum, it is the start; `known` are those that the
    caller has found so, NaN where there are none.

    When every participant has every visit, the covariance of the least-squares residuals is a start
    for any structure; for `us`, and a design that is the same between-participants design at each
    visit, it is the REML (or ML) estimate itself: the fit then checks its gradient and is done. A
    plan without a start takes that of the residuals: of the new responses, shape (b, N), or, where
    there are no rows behind the tables, of the tables.
    """
    found = known
    if found is None and isinstance(tables, SplitTables) and has_closed_form(plan.marginal):
        found = closed_form(tables, plan.reml)
    if found is not None:
        good = np.asarray(np.isfinite(found).all(axis=1))
        rest = None if good.all() else _searched(plan, tables, responses)
        return found if rest is None else np.where(good[:, None], found, rest)
    return _searched(plan, tables, responses)


def _searched(
    plan: BatchPlan, tables: Tables | SplitTables, responses: FloatArray | None
) -> FloatArray:
    """Return where a search starts that has the optimum to find."""
    marginal = plan.marginal
    if isinstance(marginal, VisitCovariance) and _complete(plan):
        spent = plan.patterns.rank / plan.patterns.mask.shape[1] if plan.reml else 0.0
        sums = _residual_sums(plan, tables)
        whole = sums / (tables.size - spent)[:, :, None]
        found = np.stack([marginal.structures[0].start(one) for one in whole])
        if np.isfinite(found).all():
            return found
    if plan.start is not None:
        return np.repeat(plan.start[None], len(tables.size), axis=0)
    if responses is not None:
        residuals = [y - plan.q @ (plan.q.T @ y) for y in responses]
        return np.stack([marginal.start(plan.patterns, one) for one in residuals])
    if not isinstance(marginal, VisitCovariance) or len(marginal.structures) > 1:
        raise ValueError("a batch of counts or designs needs a plan with a start")
    held = plan.patterns.mask.astype(float)
    pairs = np.swapaxes(held[None] * tables.size[:, :, None], 1, 2) @ held
    each = []
    for sums, both in zip(_residual_sums(plan, tables), pairs, strict=True):
        overall = float(np.trace(sums) / max(np.trace(both), 1.0))
        each.append(marginal.structures[0].start(empirical_covariance(sums, both, overall)))
    return np.stack(each)


def even_start(plan: BatchPlan, tables: Tables | SplitTables, index: int) -> FloatArray | None:
    """Return one variance and a correlation of a half at all visits, for a second attempt.

    None where the model is of another kind, or least squares leave nothing.
    """
    if not isinstance(plan.marginal, VisitCovariance):
        return None
    one = tables.of(np.array([index]))
    slots = plan.patterns.mask.shape[1]
    variance = np.trace(_residual_sums(plan, one)[0]) / one.n_obs[0]
    if not variance > 0.0:
        return None
    even = variance * (0.5 * np.eye(slots) + 0.5)
    return np.concatenate([own.start(even) for own in plan.marginal.structures])


def identified(plan: BatchPlan, tables: Tables | SplitTables) -> np.ndarray:
    """Tell which replicates have data for every coefficient, shape (b,).

    A draw may leave out an arm or a level: then a column of the design is zero or depends on
    others, whatever the covariance.
    """
    if isinstance(tables, SplitTables):
        own = tables.seen()[:, :, : tables.columns, : tables.columns]
        root, positive = cholesky_where_positive(own)
        pivots = np.diagonal(root, axis1=2, axis2=3).min(axis=(1, 2)) ** 2
        return np.asarray(positive.all(axis=1) & (pivots > DEPENDENT))
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


def _residual_sums(plan: BatchPlan, tables: Tables | SplitTables) -> FloatArray:
    """Return the sums of products of least-squares residuals of two visits, shape (b, M, M)."""
    slots, columns = plan.patterns.mask.shape[1], plan.patterns.rank + 1
    own = tables.products.sum(axis=1)
    diagonal = (multiplicity(slots) == 1.0).astype(float)
    square = unpack(diagonal @ own, columns)
    root, _ = cholesky_where_positive(square[:, :-1, :-1])
    inverse = np.linalg.inv(root)
    beta = np.swapaxes(inverse, 1, 2) @ (inverse @ square[:, :-1, -1:])
    residual = np.concatenate([-beta[..., 0], np.ones((len(beta), 1))], axis=1)
    full = unpack(own, columns)
    sums = (full @ residual[:, None, :, None])[..., 0] @ residual[:, :, None]
    return unpack(sums[..., 0] / multiplicity(slots), slots)
