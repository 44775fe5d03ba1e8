"""Loops over small matrices, compiled where numba is installed.

Each sums in one fixed order, so that the same matrices give the same bytes wherever they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import numpy as np

from backwalk_stats.engine.domain import FloatArray

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Return a function that is compiled at its first use, or as it is without numba."""
    if find_spec("numba") is None:
        return loop
    from numba import njit

    return cast(Loop, njit(cache=True, nogil=True, error_model="numpy")(loop))


@compiled
def inverse_of(full: FloatArray, inverse: FloatArray) -> float:
    """Write the inverse of a positive definite matrix; return log |matrix|, or NaN."""
    m, log_det = full.shape[0], 0.0
    lower, half = np.zeros((m, m)), np.zeros((m, m))
    for a in range(m):
        for b in range(a + 1):
            rest = full[a, b]
            for c in range(b):
                rest -= lower[a, c] * lower[b, c]
            if a > b:
                lower[a, b] = rest / lower[b, b]
            elif rest > 0.0 and rest < np.inf:
                lower[a, a] = np.sqrt(rest)
                log_det += np.log(rest)
            else:
                return float(np.nan)
    for a in range(m):
        half[a, a] = 1.0 / lower[a, a]
        for c in range(a):
            add(-lower[a, c] * half[a, a], half[c, : c + 1], half[a, : c + 1])
    inverse[:] = 0.0
    for c in range(m):
        for a in range(c + 1):
            add(half[c, a], half[c, : c + 1], inverse[a, : c + 1])
    return log_det


@compiled
def product(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """Write left @ right; zeros of left cost nothing."""
    columns = right.shape[1]
    for a in range(left.shape[0]):
        for b in range(columns):
            out[a, b] = 0.0
        for c in range(left.shape[1]):
            weight = left[a, c]
            if weight != 0.0:
                for b in range(columns):
                    out[a, b] += weight * right[c, b]


@compiled
def add(weight: float, row: FloatArray, out: FloatArray) -> None:
    """Add a multiple of a row to another."""
    if weight != 0.0:
        for at in range(row.shape[0]):
            out[at] += weight * row[at]


@compiled
def dot(left: FloatArray, right: FloatArray) -> float:
    """Return a sum of products, as four sums side by side."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = left.shape[0] - left.shape[0] % 4
    for at in range(0, whole, 4):
        one += left[at] * right[at]
        two += left[at + 1] * right[at + 1]
        three += left[at + 2] * right[at + 2]
        four += left[at + 3] * right[at + 3]
    for at in range(whole, left.shape[0]):
        one += left[at] * right[at]
    return (one + two) + (three + four)


@compiled
def unpacked(packed: FloatArray, out: FloatArray) -> None:
    """Write a symmetric matrix from its lower triangle."""
    row = 0
    for a in range(out.shape[0]):
        for b in range(a + 1):
            out[a, b] = packed[row]
            out[b, a] = packed[row]
            row += 1
