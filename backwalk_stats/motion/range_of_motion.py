"""Range of motion: how far a joint or segment moves in a cycle or a bend."""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.domain import FloatArray


def range_of_motion(cycles: FloatArray) -> FloatArray:
    """Return largest minus smallest angle of each cycle.

    Parameters
    ----------
    cycles : array, shape (cycles, nodes) or (cycles, nodes, k)

    Returns
    -------
    array, shape (cycles,) or (cycles, k)
        In the unit of the angles; NaN for a cycle in which a node is missing.

    Examples
    --------
    >>> range_of_motion(np.array([[0.0, 10.0, -5.0], [1.0, np.nan, 2.0]])).tolist()
    [15.0, nan]
    """
    return np.asarray(cycles.max(axis=1) - cycles.min(axis=1))
