"""Curves of vectors, such as a joint's three planes at once: Hotelling's T2 at every node.

T2 = (n - k) q / (1 - q), q being the share of the squares about zero (paired) or about the mean of
all curves (two samples) that the difference takes, measured by the inverse of their matrix. Signs
and labels leave that matrix as it is: curves are whitened by it once, and a relabelling then costs
one product of matrices.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.curve_shapes import ROUNDING, vectors
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.largest_statistic import MaxNull, Summary, largest_size, ratio
from backwalk_stats.motion.permutation import dealt, flipped
from backwalk_stats.motion.random_field import T2Field


def hotelling_one_sample(y: FloatArray) -> CurveStatistic:
    """Return T2 of the mean vector curve against zero; paired curves by their differences.

    Parameters
    ----------
    y : array, shape (n, nodes, components)

    Returns
    -------
    CurveStatistic
        `.values` by node; `.estimate` and `.std_error` of each component, (nodes, components).

    Raises
    ------
    NotEstimable
        If there are too few curves, or components determine each other at a node.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(1.0, 1.0, (8, 3, 1))
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> bool(np.allclose(hotelling_one_sample(y).values, one_sample(y[:, :, 0]).values ** 2))
    True
    """
    y = vectors(y)
    df = len(y) - 1.0
    mean = y.mean(axis=0)
    return _t2(mean, [y - mean], df=df, per_curve=1.0 / len(y), like=y)


def hotelling_two_sample(y: FloatArray, reference: FloatArray) -> CurveStatistic:
    """Return T2 of the difference of two mean vector curves, the covariance pooled.

    Parameters
    ----------
    y, reference : array, shape (n, nodes, components)

    Returns
    -------
    CurveStatistic
        As `hotelling_one_sample`.

    Raises
    ------
    NotEstimable
        As `hotelling_one_sample`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(1.0, 1.0, (8, 3, 1))
    >>> from backwalk_stats.motion.curve_statistics import two_sample
    >>> plain = two_sample(y[:4, :, 0], y[4:, :, 0]).values
    >>> bool(np.allclose(hotelling_two_sample(y[:4], y[4:]).values, plain**2))
    True
    """
    one, other = vectors(y), vectors(reference, like=y)
    rest = [one - one.mean(axis=0), other - other.mean(axis=0)]
    df = len(one) + len(other) - 2.0
    scale = 1.0 / len(one) + 1.0 / len(other)
    difference = one.mean(axis=0) - other.mean(axis=0)
    return _t2(difference, rest, df=df, per_curve=scale, like=np.concatenate([one, other]))


def hotelling_sign_null(
    y: FloatArray, *, permutations: int, seed: int, summary: Summary = largest_size
) -> MaxNull:
    """Return max T2 of the mean when the sign of each curve of difference vectors is chance.

    One sign serves all components of a person.

    Parameters
    ----------
    y : array, shape (n, nodes, components)
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
    >>> y = np.random.default_rng(1).normal(size=(8, 5, 2))
    >>> null = hotelling_sign_null(y, permutations=999, seed=1)
    >>> null.exact, len(null.heights)
    (True, 256)
    """
    y = vectors(y)
    n = len(y)
    white = _whitened(y, y)

    def heights(signs: FloatArray) -> FloatArray:
        share = _squared(signs @ white, y.shape) / n
        return summary(_from_share(share, n - 1.0))

    return flipped(heights, n, permutations=permutations, seed=seed)


def hotelling_two_sample_null(
    y: FloatArray,
    reference: FloatArray,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max T2 of the difference of two mean vector curves when the labels are chance.

    Parameters
    ----------
    y, reference : array, shape (n, nodes, components)
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
    >>> y = np.random.default_rng(1).normal(size=(8, 5, 2))
    >>> null = hotelling_two_sample_null(y[:4], y[4:], permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (True, 70)
    """
    one, other = vectors(y), vectors(reference, like=y)
    n, n1 = len(one) + len(other), len(one)
    pooled = np.concatenate([one, other])
    centred = pooled - pooled.mean(axis=0)
    white = _whitened(centred, pooled)
    scale = 1.0 / n1 + 1.0 / (n - n1)

    def heights(labels: FloatArray) -> FloatArray:
        share = _squared(labels @ white, pooled.shape) * scale
        return summary(_from_share(share, n - 2.0))

    return dealt(heights, n, n1, permutations=permutations, seed=seed)


def _t2(
    difference: FloatArray,
    rest: list[FloatArray],
    *,
    df: float,
    per_curve: float,
    like: FloatArray,
) -> CurveStatistic:
    """Return T2 from a difference of shape (nodes, components) and the residuals around it."""
    components = difference.shape[1]
    if df < components:
        raise NotEstimable(
            f"{components} components need at least {components} degrees of freedom, and the "
            f"curves leave {df:g}"
        )
    residuals = np.concatenate(rest)
    root = _root(residuals, like)
    turned = np.linalg.solve(root, difference[:, :, None])[:, :, 0]
    variance = (residuals**2).sum(axis=0) / df
    return CurveStatistic(
        values=(turned**2).sum(axis=1) * df / per_curve,
        field=T2Field(float(components), df),
        residuals=residuals,
        estimate=difference,
        std_error=np.sqrt(variance * per_curve),
    )


def _root(y: FloatArray, like: FloatArray) -> FloatArray:
    """Return the lower root of the cross products of components at each node, (nodes, p, p)."""
    power = np.sqrt((y**2).sum(axis=0))
    least = np.sqrt(len(y)) * ROUNDING * np.abs(like).max(axis=0)
    unit = y / np.where(power > least, power, np.inf)
    correlation = np.einsum("nqi,nqj->qij", unit, unit)
    smallest = np.linalg.eigvalsh(correlation)[:, 0]
    tied = np.flatnonzero(smallest <= 1e-10)
    if len(tied):
        raise NotEstimable(
            f"at {len(tied)} of {y.shape[1]} nodes (the first is node {tied[0]}) a component does "
            "not vary, or components determine each other: T2 needs components of their own"
        )
    root = np.linalg.cholesky(correlation)
    return np.asarray(power[:, :, None] * root)


def _whitened(y: FloatArray, like: FloatArray) -> FloatArray:
    """Return curves whose cross products are one at each node, shape (n, nodes x components)."""
    root = _root(y, like)
    turned = np.linalg.solve(root, np.moveaxis(y, 0, 2))  # (nodes, components, n)
    return np.ascontiguousarray(np.moveaxis(turned, 2, 0).reshape(len(y), -1))


def _squared(sums: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return the squared length of each node's vector, (b, nodes), from (b, nodes x components)."""
    parts = sums.reshape(len(sums), *shape[1:])
    return np.asarray(np.einsum("bqi,bqi->bq", parts, parts))


def _from_share(share: FloatArray, df: float) -> FloatArray:
    """Return T2 from the share of the squares that a difference takes."""
    return ratio(df * share, np.maximum(1.0 - share, 0.0))
