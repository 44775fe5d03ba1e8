"""The interval of a function that is not monotone in its printed inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from scipy.optimize import Bounds, minimize

from backwalk_stats.engine.software import computes_with
from backwalk_stats.ledger.rounding import Interval

Function = Callable[[np.ndarray], np.ndarray]
STEP = 1e-6


def searched_hull(function: Function, box: Sequence[Interval]) -> Interval:
    """Return the smallest and the largest value of a function on a box of intervals.

    Every corner is tried; from the best corner for each end, and from the middle, a bounded
    quasi-Newton search looks inside the box, because the corners alone can miss an extreme.

    Parameters
    ----------
    function : callable
        Takes points, shape (p, k), and returns p values.
    box : sequence of Interval
        k rounding intervals; at most about ten that are not points.

    Returns
    -------
    Interval
        Both ends were reached somewhere in the box.
    """
    lows = np.array([interval.low for interval in box])
    widths = np.array([interval.width for interval in box])
    free = np.flatnonzero(widths > 0)

    def at(shares: np.ndarray) -> np.ndarray:
        points = np.tile(lows, (len(shares), 1))
        points[:, free] += shares * widths[free]
        return function(points)

    corners = np.array(list(product((0.0, 1.0), repeat=len(free))))
    values = at(corners)
    if not len(free):
        return Interval(float(values[0]), float(values[0]))
    ends = []
    for sign in (1.0, -1.0):
        best = int(np.argmin(sign * values))
        starts = (corners[best], np.full(len(free), 0.5))
        inside = [_descend(at, sign, start) for start in starts]
        ends.append(min(sign * float(values[best]), *inside))
    return Interval(ends[0], -ends[1])


def _descend(at: Function, sign: float, start: np.ndarray) -> float:
    """Return the lowest value that a bounded search finds from a start."""
    steps = np.eye(len(start)) * STEP

    def value_and_slope(share: np.ndarray) -> tuple[float, np.ndarray]:
        # One call for the point and its neighbours; backwards where a step would leave the box.
        signs = np.where(share + STEP > 1.0, -1.0, 1.0)
        values = sign * at(np.vstack([share, share + signs[:, None] * steps]))
        return float(values[0]), (values[1:] - values[0]) / (signs * STEP)

    computes_with("scipy")
    found = minimize(value_and_slope, start, jac=True, method="L-BFGS-B", bounds=Bounds(0.0, 1.0))
    return float(found.fun)
