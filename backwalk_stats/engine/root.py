"""The root of an increasing function, for whole arrays at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable

WIDENINGS = 60
HALVINGS = 200


def increasing_root(
    *, function: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return x with f(x) = 0 by bisection, element by element, to the last bit.

    The bracket is widened where it does not hold the root. Bisection is slow and cannot fail.

    Parameters
    ----------
    function : callable
        Increasing in every element; array in, array of the same shape out.
    low, high : ndarray
        A first guess at a bracket, low < high.

    Raises
    ------
    NotEstimable
        If no bracket is found.

    Examples
    --------
    >>> root = increasing_root(function=lambda x: x**3 - 8, low=np.array(0.0), high=np.array(1.0))
    >>> round(float(root), 12)
    2.0
    """
    left, right = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
    for _ in range(WIDENINGS):
        too_high, too_low = function(left) > 0.0, function(right) < 0.0
        if not (np.any(too_high) or np.any(too_low)):
            break
        width = right - left
        left = np.where(too_high, left - 2.0 * width, left)
        right = np.where(too_low, right + 2.0 * width, right)
    else:
        raise NotEstimable("no value solves the equation")
    for _ in range(HALVINGS):
        middle = left + (right - left) / 2.0
        if np.all((middle == left) | (middle == right)):
            break
        below = function(middle) < 0.0
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return left + (right - left) / 2.0
