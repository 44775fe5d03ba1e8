"""Products and sums of doubles, computed in twice their precision and rounded once.

Error-free transformations: Knuth's sum of two and Dekker's product of two (Ogita, Rump and Oishi,
SIAM J Sci Comput 2005;26:1955). They need no long double, which not every machine has.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.domain import FloatArray

SPLIT = 134217729.0  # 2**27 + 1: halves the 53 bits of a double


def _halves(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    high = SPLIT * values
    high = high - (high - values)
    return high, values - high


def _product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a b rounded, and what the rounding left out."""
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    rounded = a * b
    left = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low
    return rounded, left


def _sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a + b rounded, and what the rounding left out."""
    rounded = a + b
    moved = rounded - a
    return rounded, (a - (rounded - moved)) + (b - moved)


def accurate_sum(terms: FloatArray) -> FloatArray:
    """Return the sum over the last axis, in twice the precision of a double, rounded once.

    Parameters
    ----------
    terms : array, shape (..., k)

    Examples
    --------
    >>> float(accurate_sum(np.array([1.0, 1e100, 1.0, -1e100])))
    2.0
    """
    high, low = terms, np.zeros_like(terms)
    while high.shape[-1] > 1:
        half = (high.shape[-1] + 1) // 2
        left, right = high[..., :half], high[..., half:]
        tail, end = low[..., :half].copy(), low[..., half:]
        pairs = right.shape[-1]
        together, error = _sum(left[..., :pairs], right)
        tail[..., :pairs] += end + error
        high, low = np.concatenate([together, left[..., pairs:]], axis=-1), tail
    return np.asarray((high + low)[..., 0])


def accurate_product(matrix: FloatArray, vector: FloatArray, *added: FloatArray) -> FloatArray:
    """Return matrix @ vector + the sum of what is added, rounded once.

    Parameters
    ----------
    matrix : array, shape (a, b)
    vector : array, shape (b,)
    *added : array, shape (a,)

    Examples
    --------
    >>> accurate_product(np.array([[1e8, 1.0]]), np.array([1e8, 1.0]), np.array([-1e16]))
    array([1.])
    """
    rounded, left = _product(matrix, np.broadcast_to(vector, matrix.shape))
    return accurate_sum(np.concatenate([rounded, left, *(one[:, None] for one in added)], axis=1))
