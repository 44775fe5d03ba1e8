"""Midranks: ranks in which tied values share the mean of their places."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import FloatArray, array

SAME = 1e-12


def snapped(values: ArrayLike, *, scale: float) -> FloatArray:
    """Return values in which those that rounding alone keeps apart are equal.

    5.1 - 4.8 and 0.3 differ in the last digit and are one change; a rank test has to see the tie.
    Sorted values no further apart than 1e-12 of the scale become the lowest of them.

    Parameters
    ----------
    values : array-like, shape (n,)
    scale : float
        The largest absolute score behind the values.

    Examples
    --------
    >>> changes = np.array([5.1 - 4.8, 0.3])
    >>> bool(changes[0] == changes[1]), len(set(snapped(changes, scale=5.1)))
    (False, 1)
    """
    given = array(values)
    order = np.argsort(given, kind="stable")
    ordered = given[order]
    starts = np.diff(ordered, prepend=-np.inf) > SAME * scale
    out = np.empty_like(given)
    out[order] = ordered[starts][np.cumsum(starts) - 1] if len(ordered) else ordered
    out[np.abs(out) <= SAME * scale] = 0.0
    return out


def doubled_midranks(values: ArrayLike) -> np.ndarray:
    """Return twice the midranks: whole numbers, whatever the ties.

    Parameters
    ----------
    values : array-like, shape (n,)

    Examples
    --------
    >>> doubled_midranks([7.0, 5.0, 7.0]).tolist()
    [5, 2, 5]
    """
    given = array(values)
    ordered = np.sort(given)
    below = np.searchsorted(ordered, given, side="left")
    upto = np.searchsorted(ordered, given, side="right")
    return np.asarray(below + upto + 1)
