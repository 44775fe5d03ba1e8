"""Stretches of a signal or curve in which something holds without a break."""

from __future__ import annotations

import numpy as np


def runs(holds: np.ndarray) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of True.

    Parameters
    ----------
    holds : array of bool, shape (samples,)

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
