"""Vector coding: how two segments move together, from the angle of their angle-angle diagram.

Chang et al. 2008 (J Biomech 41:3101-3105); Needham et al. 2014 (J Biomech 47:1020-1026). The
proximal segment (the pelvis) is on the x axis and the distal one (the lumbar spine) on the y axis.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import hilbert

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable

PATTERNS = ("proximal", "in-phase", "distal", "anti-phase")
_EDGES = np.arange(22.5, 360.0, 45.0)


def coupling_angle(proximal: FloatArray, distal: FloatArray) -> FloatArray:
    """Return the angle of the step from each sample to the next, in degrees from 0 to below 360.

    Parameters
    ----------
    proximal, distal : array, shape (..., samples)
        Angles of the segments.

    Returns
    -------
    array, shape (..., samples - 1)
        atan2(step of distal, step of proximal); NaN where neither moves, or a sample is missing.

    Examples
    --------
    >>> coupling_angle(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 2.0, 1.0])).tolist()
    [45.0, 90.0, 225.0]
    """
    across, up = np.diff(proximal, axis=-1), np.diff(distal, axis=-1)
    angle = np.degrees(np.arctan2(up, across)) % 360.0
    angle = np.where(angle >= 360.0, 0.0, angle)  # -1e-15 % 360 is 360
    return np.asarray(np.where((across == 0.0) & (up == 0.0), np.nan, angle))


def pattern(angle: FloatArray) -> np.ndarray:
    """Return the coordination pattern of coupling angles: a place in `PATTERNS`, -1 for NaN.

    Proximal [0, 22.5), [157.5, 202.5), [337.5, 360); in-phase [22.5, 67.5), [202.5, 247.5); distal
    [67.5, 112.5), [247.5, 292.5); anti-phase [112.5, 157.5), [292.5, 337.5).

    Parameters
    ----------
    angle : array
        Coupling angles in degrees, as `coupling_angle` gives them.

    Returns
    -------
    array of int, shape of `angle`
        Places in `PATTERNS`; -1 where the angle is undefined.

    Examples
    --------
    >>> [PATTERNS[k] for k in pattern(np.array([0.0, 45.0, 90.0, 315.0, 350.0]))]
    ['proximal', 'in-phase', 'distal', 'anti-phase', 'proximal']
    """
    known = np.isfinite(angle)
    place = np.digitize(np.where(known, angle, 0.0), _EDGES) % len(PATTERNS)
    return np.asarray(np.where(known, place, -1))


def pattern_shares(angle: FloatArray) -> FloatArray:
    """Return the per cent of the movement in each pattern, in the order of `PATTERNS`.

    Undefined angles are left out; NaN where every angle is undefined.

    Parameters
    ----------
    angle : array
        Coupling angles in degrees, all of one movement.

    Returns
    -------
    array, shape (4,)
        Per cent; they add up to 100.

    Examples
    --------
    >>> pattern_shares(np.array([0.0, 45.0, 45.0, 90.0])).tolist()
    [25.0, 50.0, 25.0, 0.0]
    """
    found = pattern(angle)
    counts = np.array([(found == place).sum() for place in range(len(PATTERNS))], dtype=float)
    total = counts.sum()
    return np.asarray(100.0 * counts / total) if total else np.full(len(PATTERNS), np.nan)


def mean_angle(angle: FloatArray, axis: int = 0) -> FloatArray:
    """Return the circular mean in degrees, from 0 to below 360; NaN where angles cancel out.

    Parameters
    ----------
    angle : array
        Degrees.
    axis : int
        Along which the mean is taken.

    Returns
    -------
    array
        Degrees, without the axis.

    Examples
    --------
    >>> float(mean_angle(np.array([350.0, 10.0])).round(9)) % 360
    0.0
    """
    east, north = _resultant(angle, axis)
    mean = np.degrees(np.arctan2(north, east)) % 360.0
    mean = np.where(mean >= 360.0, 0.0, mean)
    return np.asarray(np.where(np.hypot(east, north) < 1e-12, np.nan, mean))


def coupling_variability(angle: FloatArray, axis: int = 0) -> FloatArray:
    """Return the coupling angle variability in degrees: sqrt(2 (1 - R)), R the mean resultant.

    It is 0 where all angles are equal and at most 81.03; it is not the circular standard deviation.

    Parameters
    ----------
    angle : array
        Coupling angles in degrees; cycles along `axis`.
    axis : int

    Returns
    -------
    array
        Degrees, 0 to 81.03, without the axis; smaller is more alike. NaN where an angle is
        undefined.

    Examples
    --------
    >>> round(float(coupling_variability(np.array([0.0, 90.0, 180.0, 270.0]))), 2)
    81.03
    """
    length = np.hypot(*_resultant(angle, axis))
    return np.asarray(np.degrees(np.sqrt(np.maximum(2.0 * (1.0 - length), 0.0))))


def _resultant(angle: FloatArray, axis: int) -> tuple[FloatArray, FloatArray]:
    """Return the mean of the unit vectors; undefined angles are left out."""
    known = np.isfinite(angle)
    turn = np.radians(np.where(known, angle, 0.0))
    count = known.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        east = np.where(known, np.cos(turn), 0.0).sum(axis=axis) / count
        north = np.where(known, np.sin(turn), 0.0).sum(axis=axis) / count
    return np.asarray(east), np.asarray(north)


# Continuous relative phase: how far one segment is ahead of another within the cycle.
# Lamb and Stoeckl 2014 (Clin Biomech 29:484-493): angles are centred by their mid-range, the
# analytic signal gives the phase, and phases are compared sample by sample.


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
