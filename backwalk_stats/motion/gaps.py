"""Missing samples: counted always, filled only when asked, and only where the gap is short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.motion.runs import runs


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A signal after filling.

    Attributes
    ----------
    signal : array, shape (samples, k)
    filled, left : int
        Gaps that were filled, and gaps that were too long, or at an end, and stay missing.
    longest : int
        Samples of the longest gap, filled or not.
    """

    signal: FloatArray
    filled: int
    left: int
    longest: int


def fill_gaps(signal: FloatArray, *, limit: int) -> Filled:
    """Return a signal whose short gaps are bridged by monotone cubic interpolation.

    Parameters
    ----------
    signal : array, shape (samples, k)
        A sample is missing where any of its k coordinates is.
    limit : int
        Longest gap that is filled, in samples; gaps at either end are never filled.

    Returns
    -------
    Filled
        `.signal`, and how many gaps were `.filled` and `.left`.

    Raises
    ------
    UsageError
        If the limit is not at least 1.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [np.nan], [3.0], [np.nan], [np.nan], [6.0], [np.nan]])
    >>> found = fill_gaps(x, limit=1)
    >>> found.signal.ravel().tolist(), found.filled, found.left
    ([0.0, 1.0, 2.0, 3.0, nan, nan, 6.0, nan], 1, 2)
    """
    if limit < 1:
        raise UsageError(f"the longest gap to fill is {limit} samples; it is at least 1")
    there = np.asarray(np.isfinite(signal).all(axis=1))
    gaps = runs(~there)
    inside = [(a, b) for a, b in gaps if a > 0 and b < len(signal) and b - a <= limit]
    found = np.where(there[:, None], signal, np.nan)
    if inside:
        curve = PchipInterpolator(np.flatnonzero(there), signal[there], axis=0)
        for start, end in inside:
            found[start:end] = curve(np.arange(start, end))
    longest = max((end - start for start, end in gaps), default=0)
    return Filled(signal=found, filled=len(inside), left=len(gaps) - len(inside), longest=longest)
