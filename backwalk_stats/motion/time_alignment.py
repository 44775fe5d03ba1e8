"""The time of a cycle: turned round, and stretched so that events of all curves come to lie alike.

Joint angles of backward walking are much like those of forward walking in reversed time (Winter,
Pluck and Yang 1989, J Mot Behav 21:291-305; Lee et al. 2013, Gait Posture 38:674-678): which time
two walks are compared in is a choice that decides what a comparison finds.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.numbers import FloatArray


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
