"""What curves must look like before they are tested: complete, varying, and alike in time."""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable

ROUNDING = 1e-14  # of a value, in the mean of equal values


def curves(y: FloatArray, *, least: int) -> FloatArray:
    """Return curves as floats; refuse missing samples and too few curves."""
    y = np.asarray(y, dtype=float)
    if y.ndim != 2 or y.shape[1] < 1:
        raise NotEstimable("expected curves of shape (n, nodes)")
    if len(y) < least:
        raise NotEstimable(f"{len(y)} curves; this test needs at least {least}")
    _finite(y)
    return y


def visits_of(y: FloatArray, *, least: int) -> FloatArray:
    """Return curves by participant and visit; refuse missing samples and too few of either."""
    y = np.asarray(y, dtype=float)
    if y.ndim != 3 or y.shape[1] < 2:
        raise NotEstimable("expected curves of shape (n, visits, nodes), at least two visits")
    if len(y) < least:
        raise NotEstimable(f"{len(y)} participants; this test needs at least {least}")
    _finite(y)
    return y


def vectors(y: FloatArray, *, like: FloatArray | None = None) -> FloatArray:
    """Return curves of vectors as floats; refuse missing samples, and other nodes than `like`."""
    y = np.asarray(y, dtype=float)
    if y.ndim != 3 or y.shape[1] < 1 or y.shape[2] < 1:
        raise NotEstimable("expected curves of vectors, of shape (n, nodes, components)")
    if len(y) < 2:
        raise NotEstimable(f"{len(y)} curves; this test needs at least 2")
    if like is not None and np.shape(like)[1:] != y.shape[1:]:
        raise NotEstimable("curves of other nodes or components; cut them alike")
    _finite(y)
    return y


def same_nodes(one: FloatArray, other: FloatArray) -> None:
    """Refuse curves of different length."""
    if one.shape[1] != other.shape[1]:
        raise NotEstimable(
            f"curves of {one.shape[1]} and of {other.shape[1]} nodes; cut them alike"
        )


def two_arms(arm: np.ndarray, n: int) -> FloatArray:
    """Return the arm as 0 and 1; refuse one that is empty."""
    treated = np.asarray(arm, dtype=bool).astype(float)
    if treated.shape != (n,) or not 0 < treated.sum() < n:
        raise NotEstimable("each curve belongs to one of two arms, and neither arm is empty")
    return treated


def varying(residuals: FloatArray, like: FloatArray | None = None) -> FloatArray:
    """Return the sum of squares at each node; refuse nodes that do not vary.

    `like` holds the values, shape (n, nodes), that the residuals were taken from: what is left of
    equal values by rounding is no variation.
    """
    total = np.asarray((residuals**2).sum(axis=0))
    least = np.zeros(total.shape)
    if like is not None:
        least = len(residuals) * (ROUNDING * np.abs(like).max(axis=0)) ** 2
    still = np.flatnonzero(~(total > least))
    if len(still):
        raise NotEstimable(
            f"the curves do not vary at {len(still)} of {len(total)} nodes "
            f"(the first is node {still[0]}): a sensor that stood still, or a constant column?"
        )
    return total


def _finite(y: FloatArray) -> None:
    missing = int((~np.isfinite(y)).sum())
    if missing:
        raise NotEstimable(f"{missing} samples are missing: fill short gaps or leave the curve out")


# The time of a cycle: turned round, and stretched so that events of all curves come to lie alike.
# Joint angles of backward walking are much like those of forward walking in reversed time (Winter,
# Pluck and Yang 1989, J Mot Behav 21:291-305; Lee et al. 2013, Gait Posture 38:674-678): which time
# two walks are compared in is a choice that decides what a comparison finds.


def reversed_time(curves: FloatArray) -> FloatArray:
    """Return curves, shape (..., nodes), with time turned round: node k becomes last - k."""
    return np.asarray(curves[..., ::-1])


def aligned_at(curves: FloatArray, off: FloatArray, to: FloatArray) -> FloatArray:
    """Return curves in piecewise linear time, so that a node of each comes to lie at another.

    [0, off] becomes [0, to] and [off, last] becomes [to, last]; values between nodes are
    interpolated linearly.

    Parameters
    ----------
    curves : array, shape (n, nodes)
    off, to : array, shape (n,)
        In nodes, between 0 and the last node, both excluded.

    Returns
    -------
    array, shape (n, nodes)

    Examples
    --------
    >>> aligned_at(np.array([[0.0, 1.0, 2.0, 3.0, 4.0]]), np.array([1.0]), np.array([2.0])).round(3)
    array([[0. , 0.5, 1. , 2.5, 4. ]])
    """
    last = curves.shape[1] - 1.0
    node = np.arange(curves.shape[1], dtype=float)
    found = np.empty(curves.shape)
    for place, curve in enumerate(curves):
        knots = ([0.0, float(to[place]), last], [0.0, float(off[place]), last])
        found[place] = np.interp(np.interp(node, *knots), node, curve)
    return found
