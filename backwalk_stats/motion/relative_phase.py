"""Continuous relative phase: how far one segment is ahead of another within the cycle.

Lamb and Stoeckl 2014 (Clin Biomech 29:484-493): angles are centred by their mid-range, the
analytic signal gives the phase, and phases are compared sample by sample.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import hilbert

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable


def phase(cycles: FloatArray) -> FloatArray:
    """Return the phase of each cycle in degrees, from -180 to 180.

    Parameters
    ----------
    cycles : array, shape (cycles, nodes)
        Whole cycles whose last node repeats the first. That node is dropped: with it the cycle
        is not periodic, and the transform is off by degrees.

    Returns
    -------
    array, shape (cycles, nodes - 1)

    Raises
    ------
    NotEstimable
        If a segment does not move in a cycle.

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> phase(np.cos(turn)[None]).shape
    (1, 100)
    """
    open_ended = np.asarray(cycles, dtype=float)[:, :-1]
    high, low = open_ended.max(axis=1, keepdims=True), open_ended.min(axis=1, keepdims=True)
    if not (high > low).all():
        raise NotEstimable("a segment does not move in a cycle, or samples are missing: no phase")
    return np.asarray(np.degrees(np.angle(hilbert(open_ended - (high + low) / 2.0, axis=1))))


def relative_phase(proximal: FloatArray, distal: FloatArray) -> FloatArray:
    """Return the phase of the distal segment minus that of the proximal one, -180 to 180 degrees.

    Parameters
    ----------
    proximal, distal : array, shape (cycles, nodes)

    Returns
    -------
    array, shape (cycles, nodes - 1)
        Degrees, -180 to 180; negative where the distal segment lags.

    Raises
    ------
    NotEstimable
        If a segment does not move in a cycle.

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> found = relative_phase(np.sin(turn)[None], np.sin(turn - np.pi / 4)[None])
    >>> float(np.abs(found + 45.0).max().round(9))
    0.0
    """
    return wrapped(phase(distal) - phase(proximal))


def mean_absolute_relative_phase(relative: FloatArray) -> float:
    """Return MARP: the mean over the cycle of the absolute mean over cycles, in degrees.

    0 is in-phase and 180 anti-phase.

    Parameters
    ----------
    relative : array, shape (cycles, nodes)

    Returns
    -------
    float
        Degrees, 0 to 180.

    Examples
    --------
    >>> lags = np.repeat(np.array([[39.0], [42.0], [45.0], [48.0], [51.0]]), 100, axis=1)
    >>> round(mean_absolute_relative_phase(lags), 4)
    45.0
    """
    return float(np.abs(_circular_mean(relative)).mean())


def deviation_phase(relative: FloatArray) -> float:
    """Return DP: the mean over the cycle of the standard deviation ACROSS cycles, in degrees.

    Deviations are taken from the circular mean, so the cut at 180 plays no part; n - 1 is the
    divisor. Lower is more stable.

    Parameters
    ----------
    relative : array, shape (cycles, nodes)
        Relative phase in degrees, as `relative_phase` gives it.

    Returns
    -------
    float
        Degrees.

    Raises
    ------
    NotEstimable
        If there are fewer than two cycles.

    Examples
    --------
    >>> lags = np.repeat(np.array([[39.0], [42.0], [45.0], [48.0], [51.0]]), 100, axis=1)
    >>> round(mean_absolute_relative_phase(lags), 4), round(deviation_phase(lags), 4)
    (45.0, 4.7434)
    """
    if len(relative) < 2:
        raise NotEstimable("one cycle: deviation phase is a spread across cycles")
    gap = wrapped(relative - _circular_mean(relative))
    return float(np.sqrt((gap**2).sum(axis=0) / (len(relative) - 1)).mean())


def wrapped(angle: FloatArray) -> FloatArray:
    """Return angles as the same directions from -180 (excluded) to 180."""
    return np.asarray(180.0 - (180.0 - angle) % 360.0)


def _circular_mean(relative: FloatArray) -> FloatArray:
    turn = np.radians(relative)
    mean = np.arctan2(np.sin(turn).mean(axis=0), np.cos(turn).mean(axis=0))
    return np.asarray(np.degrees(mean))
