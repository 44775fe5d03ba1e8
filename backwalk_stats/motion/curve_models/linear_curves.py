"""A linear model at every node with the same columns: covariates, groups and slopes.

What is tested are columns X beside nuisance columns Z: t of one column, F of several. Relabelling
is that of Freedman and Lane (1983, J Bus Econ Stat 1:292-298; Winkler et al. 2014, NeuroImage
92:381-397): residual curves of the model without X are permuted, or flipped where X is the mean.
With Q an orthonormal basis of Z and U one of what X adds, the squares of the residual curves stay
the same, so a relabelling P needs U'PR and Q'PR alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.curve_shapes import curves, varying
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.largest_statistic import MaxNull, Summary, largest_size, ratio
from backwalk_stats.motion.permutation import flipped, shared_out, shuffled
from backwalk_stats.motion.random_field import FField, TField
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Columns(Shown):
    """What is tested, and what is held still.

    Attributes
    ----------
    nuisance : array, shape (n, k)
        Orthonormal basis of the columns that are held still; k may be 0.
    tested : array, shape (n, p)
        Orthonormal basis of what the tested columns add.
    turn : array, shape (p, p)
        Upper triangular: tested columns, less their part in the nuisance, are `tested @ turn`.
    """

    nuisance: FloatArray
    tested: FloatArray
    turn: FloatArray

    @property
    def df(self) -> float:
        """Return the residual degrees of freedom."""
        return float(len(self.tested) - self.nuisance.shape[1] - self.tested.shape[1])


def columns(tested: FloatArray, nuisance: FloatArray) -> Columns:
    """Return the bases of tested (n, p) and nuisance (n, k) columns.

    Nuisance columns that are not constant are centred: without a constant among them they are
    meant to have a mean of zero.

    Raises
    ------
    NotEstimable
        If columns determine each other, or no degree of freedom is left.

    Examples
    --------
    >>> found = columns(np.array([[1.0], [0.0], [0.0], [1.0]]), np.ones((4, 1)))
    >>> found.df, abs(found.turn.round(4).item())
    (2.0, 1.0)
    """
    q = _basis(nuisance, "a covariate does not vary, or others determine it")
    rest = tested - q @ (q.T @ tested)
    size = np.linalg.norm(rest, axis=0)
    if not (size > 1e-9 * np.maximum(np.linalg.norm(tested, axis=0), 1e-300)).all():
        raise NotEstimable("what is tested does not vary, or the covariates determine it")
    u, turn = np.linalg.qr(rest)
    u = u - q @ (q.T @ u)  # again, for the digits
    if not (np.abs(np.diag(turn)) > 1e-9 * size).all():
        raise NotEstimable("columns that are tested determine each other")
    found = Columns(nuisance=q, tested=u, turn=turn)
    if found.df < 1.0:
        raise NotEstimable(
            f"{len(tested)} curves are too few for {q.shape[1] + u.shape[1]} columns of a model: "
            "no degree of freedom is left"
        )
    return found


def _basis(given: FloatArray, told: str) -> FloatArray:
    """Return an orthonormal basis of columns of full rank."""
    if given.shape[1] == 0:
        return np.asarray(given, dtype=float)
    centred = given - np.where(np.ptp(given, axis=0) > 0.0, given.mean(axis=0), 0.0)
    size = np.linalg.norm(centred, axis=0)
    scale = np.maximum(np.linalg.norm(given, axis=0), 1e-300)
    unit = centred / np.where(size > 1e-12 * scale, size, np.inf)
    q, r = np.linalg.qr(unit)
    if not (np.abs(np.diag(r)) > 1e-9).all():
        raise NotEstimable(told)
    return np.asarray(q)


def linear_model(y: FloatArray, model: Columns) -> CurveStatistic:
    """Return t of one tested column at every node, or F of several.

    Parameters
    ----------
    y : array, shape (n, nodes)
    model : Columns

    Returns
    -------
    CurveStatistic
        `.estimate` is the coefficient of the column; NaN for several.

    Raises
    ------
    NotEstimable
        If the shapes do not fit, or a node does not vary.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 3))
    >>> x = np.arange(8.0)
    >>> from backwalk_stats.motion.curve_statistics import regression
    >>> found = linear_model(y, columns(x[:, None], np.ones((8, 1))))
    >>> bool(np.allclose(found.values, regression(y, x).values))
    True
    """
    y = curves(y, least=3)
    rest = y - model.nuisance @ (model.nuisance.T @ y)
    share = model.tested.T @ rest
    residuals = rest - model.tested @ share
    variance = varying(residuals, y) / model.df
    count = len(share)
    if count > 1:
        nothing = np.full(y.shape[1], np.nan)
        return CurveStatistic(
            values=(share**2).sum(axis=0) / count / variance,
            field=FField(float(count), model.df),
            residuals=residuals,
            estimate=nothing,
            std_error=nothing,
        )
    scale = float(model.turn[0, 0])
    estimate, error = share[0] / scale, np.sqrt(variance) / abs(scale)
    return CurveStatistic(
        values=estimate / error,
        field=TField(model.df),
        residuals=residuals,
        estimate=estimate,
        std_error=error,
    )


def linear_null(
    y: FloatArray,
    model: Columns,
    *,
    signs: bool = False,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return the largest t or F of tested columns when residual curves are exchangeable.

    Parameters
    ----------
    y : array, shape (n, nodes)
    model : Columns
    signs : bool
        Flip the residual curves in place of permuting them: for a mean against zero.
    permutations, seed, summary
        As in `permutation.sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `permutation.sign_null`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y, x, z = rng.normal(size=(6, 5)), rng.normal(size=(6, 1)), rng.normal(size=(6, 1))
    >>> model = columns(x, np.column_stack([np.ones(6), z]))
    >>> null = linear_null(y, model, permutations=999, seed=1)
    >>> null.exact, len(null.heights)
    (True, 720)
    """
    scale = float(np.sign(model.turn[0, 0]))

    def statistic(parts: list[FloatArray], variance: FloatArray) -> FloatArray:
        if len(parts) == 1:
            return summary(ratio(scale * parts[0], np.sqrt(variance)))
        return summary(ratio(np.sum([part**2 for part in parts], axis=0) / len(parts), variance))

    return _freedman_lane(y, model, statistic, signs=signs, permutations=permutations, seed=seed)


def pairs_null(
    y: FloatArray,
    model: Columns,
    contrasts: FloatArray,
    *,
    permutations: int,
    seed: int,
    groups: np.ndarray | None = None,
) -> tuple[FloatArray, MaxNull]:
    """Return |t| of contrasts of the tested columns, and the largest over contrasts and nodes.

    The single step of Westfall and Young (1993): one null for all contrasts.

    Parameters
    ----------
    y : array, shape (n, nodes)
    model : Columns
    contrasts : array, shape (pairs, p)
        Weights of the tested columns.
    permutations, seed : int
        As in `permutation.sign_null`.
    groups : array, shape (n,), optional
        Code of the group of each curve, from 0, where groups alone are in the model: then ways to
        share the curves out between the groups are relabellings, else orders of the curves.

    Returns
    -------
    tuple
        t of each contrast, shape (pairs, nodes), and the `MaxNull` of max |t|.

    Raises
    ------
    UsageError, NotEstimable
        As `permutation.sign_null`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(6, 5))
    >>> groups = np.repeat(np.eye(3), 2, axis=0)[:, 1:]
    >>> model = columns(groups, np.ones((6, 1)))
    >>> t, null = pairs_null(y, model, np.array([[1.0, -1.0]]), permutations=999, seed=1)
    >>> t.shape, len(null.heights)
    ((1, 5), 720)
    """
    weights = np.linalg.solve(model.turn.T, contrasts.T).T
    weights = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    found = linear_model(y, model)
    variance = (found.residuals**2).sum(axis=0) / model.df
    t = weights @ (model.tested.T @ y) / np.sqrt(variance)

    def statistic(parts: list[FloatArray], variance: FloatArray) -> FloatArray:
        largest = np.zeros(len(variance))
        for weight in weights:
            effect = np.tensordot(weight, np.array(parts), axes=1)
            np.maximum(largest, largest_size(ratio(effect, np.sqrt(variance))), out=largest)
        return largest

    null = _freedman_lane(y, model, statistic, groups=groups, permutations=permutations, seed=seed)
    return np.asarray(t), null


def _freedman_lane(
    y: FloatArray,
    model: Columns,
    statistic: Callable[[list[FloatArray], FloatArray], FloatArray],
    *,
    signs: bool = False,
    groups: np.ndarray | None = None,
    permutations: int,
    seed: int,
) -> MaxNull:
    """Return the null of a statistic of U'PR, a list of (b, nodes), and the residual variance."""
    y = curves(y, least=3)
    rest = y - model.nuisance @ (model.nuisance.T @ y)
    total = varying(rest, y)

    def seen(rows: FloatArray, basis: FloatArray) -> list[FloatArray]:
        if signs:
            return [(rows * column) @ rest for column in basis.T]
        own = basis if groups is None else basis[np.unique(groups, return_index=True)[1]]
        places = rows.astype(np.intp)
        return [column[places] @ rest for column in own.T]

    def heights(rows: FloatArray) -> FloatArray:
        parts = seen(rows, model.tested)
        left = np.broadcast_to(total, parts[0].shape).copy()
        for part in [*parts, *seen(rows, model.nuisance)]:
            left -= part**2
        return statistic(parts, np.maximum(left, 0.0) / model.df)

    if groups is not None:
        return shared_out(heights, groups, permutations=permutations, seed=seed)
    relabel = flipped if signs else shuffled
    return relabel(heights, len(y), permutations=permutations, seed=seed)
