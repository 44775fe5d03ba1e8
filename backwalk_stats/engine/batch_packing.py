"""Symmetric matrices as their lower triangles, many at a time.

A stack of symmetric m x m matrices is kept as rows of m (m + 1) / 2 numbers, the lower triangle row
by row. Work on a stack never depends on how many matrices it holds: each gets the same arithmetic
in the same order, so that a batch may be cut anywhere and give the same bytes.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.domain import FloatArray


def pack(full: FloatArray) -> FloatArray:
    """Return the lower triangles of symmetric matrices.

    Parameters
    ----------
    full : array, shape (..., m, m)

    Returns
    -------
    array, shape (..., m (m + 1) / 2)

    Examples
    --------
    >>> pack(np.array([[1.0, 2.0], [2.0, 3.0]])).tolist()
    [1.0, 2.0, 3.0]
    """
    rows, columns = np.tril_indices(full.shape[-1])
    return np.ascontiguousarray(full[..., rows, columns])


def unpack(packed: FloatArray, m: int) -> FloatArray:
    """Return symmetric matrices from their lower triangles.

    Parameters
    ----------
    packed : array, shape (..., m (m + 1) / 2)
    m : int
        Size of each matrix.

    Returns
    -------
    array, shape (..., m, m)

    Examples
    --------
    >>> unpack(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    rows, columns = np.tril_indices(m)
    place = np.empty((m, m), dtype=np.intp)
    place[rows, columns] = place[columns, rows] = np.arange(len(rows))
    return np.ascontiguousarray(packed[..., place])


def multiplicity(m: int) -> FloatArray:
    """Return how often each packed entry stands in its matrix: 1 on the diagonal, else 2.

    Examples
    --------
    >>> multiplicity(2).tolist()
    [1.0, 2.0, 1.0]
    """
    rows, columns = np.tril_indices(m)
    return np.asarray(np.where(rows == columns, 1.0, 2.0))


def log_determinant(lower: FloatArray) -> FloatArray:
    """Return log |L L'| of Cholesky factors.

    Parameters
    ----------
    lower : array, shape (..., m, m)

    Examples
    --------
    >>> round(float(log_determinant(np.array([[2.0, 0.0], [1.0, 0.5]]))), 12)
    0.0
    """
    pivots = np.ascontiguousarray(np.diagonal(lower, axis1=-2, axis2=-1))
    return 2.0 * summed(np.log(pivots))


def summed(values: FloatArray) -> FloatArray:
    """Return the sums over the last axis.

    `numpy.sum` orders its work by the shape and layout of the whole array; here each sum is a
    product of its own.

    Parameters
    ----------
    values : array, shape (..., k)

    Examples
    --------
    >>> summed(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [3.0, 7.0]
    """
    rows = np.ascontiguousarray(values)[..., None, :]
    return np.asarray((rows @ np.ones((values.shape[-1], 1)))[..., 0, 0])


def cholesky_where_positive(full: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """Return lower Cholesky factors, and which matrices have one.

    `numpy.linalg.cholesky` refuses a whole stack for one matrix; here the others are unharmed, and
    a matrix that is not positive definite gets a pivot of 1 and is named.

    Parameters
    ----------
    full : array, shape (..., m, m)
        Symmetric.

    Returns
    -------
    lower : array, shape (..., m, m)
    positive : array of bool, shape (...)

    Examples
    --------
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
