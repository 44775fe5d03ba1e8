"""Vector coding: how two segments move together, from the angle of their angle-angle diagram.

Chang et al. 2008 (J Biomech 41:3101-3105); Needham et al. 2014 (J Biomech 47:1020-1026). The
proximal segment (the pelvis) is on the x axis and the distal one (the lumbar spine) on the y axis.
Both are angles of segments in space: an angle between them turns against the proximal segment by
being built from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import hilbert

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

PATTERNS = ("proximal", "in-phase", "distal", "anti-phase")
STEP_FLOOR = 0.01  # of the mean step: a shorter step has no direction
STILL = 1e-12  # of the largest angle: a smaller range is rounding
LEAST_STRIDES = 8  # for a spread over strides (Wyatt et al. 2020, ISBS 38(1):233)
_EDGES = np.arange(22.5, 360.0, 45.0)


def coupling_angle(proximal: FloatArray, distal: FloatArray, *, floor: float = 0.0) -> FloatArray:
    """Return the angle of the step from each sample to the next, in degrees from 0 to below 360.

    Parameters
    ----------
    proximal, distal : array, shape (..., samples)
        Angles of the segments in space.
    floor : float
        In the unit of the angles: a step that is not longer has no direction. 0 leaves out only
        those of no length; `step_floor` gives one that fits a movement.

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
    return np.asarray(np.where(np.hypot(across, up) <= floor, np.nan, angle))


def step_floor(proximal: FloatArray, distal: FloatArray) -> float:
    """Return the length below which a step of this movement has no direction.

    A step that is hundreds of times shorter than the others is rounding and error of measurement,
    whose direction is chance: `STEP_FLOOR` times the mean length of all steps.

    Parameters
    ----------
    proximal, distal : array, shape (..., samples)
        Angles of the segments; missing samples are left out.

    Returns
    -------
    float
        In the unit of the angles; 0 where there is no step.

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> round(step_floor(10.0 * np.sin(turn), 0.0 * turn), 6)
    0.004
    """
    length = np.hypot(np.diff(proximal, axis=-1), np.diff(distal, axis=-1))
    known = length[np.isfinite(length)]
    return float(STEP_FLOOR * known.mean()) if known.size else 0.0


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

    Undefined angles are left out; NaN where every angle is undefined. Of all steps of all cycles
    these are shares of steps; of `mean_angle` they are shares of the mean angle, Needham's.

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
        Degrees, 0 to 81.03, without the axis; smaller is more alike. Undefined angles are left
        out; NaN where fewer than two are known.

    Examples
    --------
    >>> round(float(coupling_variability(np.array([0.0, 90.0, 180.0, 270.0]))), 2)
    81.03
    """
    length = np.hypot(*_resultant(angle, axis))
    spread = np.degrees(np.sqrt(np.maximum(2.0 * (1.0 - length), 0.0)))
    return np.asarray(np.where(np.isfinite(angle).sum(axis=axis) < 2, np.nan, spread))


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
    return np.asarray(np.degrees(np.angle(_analytic(cycles))))


def _analytic(cycles: FloatArray) -> np.ndarray:
    """Return the analytic signal of cycles that are centred by their mid-range."""
    open_ended = np.asarray(cycles, dtype=float)[:, :-1]
    high, low = open_ended.max(axis=1, keepdims=True), open_ended.min(axis=1, keepdims=True)
    if not (high > low).all():
        raise NotEstimable("a segment does not move in a cycle, or samples are missing: no phase")
    return np.asarray(hilbert(open_ended - (high + low) / 2.0, axis=1))


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


def error_floor(proximal: FloatArray, distal: FloatArray, *, error: float = 1.0) -> float:
    """Return the deviation phase that errors of measurement alone give.

    An error of standard deviation s in an angle turns the phase of a segment whose analytic signal
    has the amplitude A by s / A radians, so that a coordination which is the same in every cycle
    has a deviation phase of the mean over the cycle of sqrt((s / A_proximal)^2 + (s / A_distal)^2).

    Parameters
    ----------
    proximal, distal : array, shape (cycles, nodes)
        Angles in degrees.
    error : float
        Standard deviation of independent errors of both angles, degrees. The answer is in
        proportion to it, so `deviation_phase` divided by that of 1 degree is the error that would
        be enough for it.

    Returns
    -------
    float
        Degrees. It holds for errors that are small against the amplitudes.

    Raises
    ------
    NotEstimable
        If a segment does not move in a cycle.

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> round(error_floor(5.0 * np.sin(turn)[None], 5.0 * np.cos(turn)[None], error=0.5), 3)
    8.103
    """
    inverse = [1.0 / np.maximum(np.abs(_analytic(one)), 1e-12) for one in (proximal, distal)]
    return float(np.degrees(error * np.hypot(*inverse)).mean())


def wrapped(angle: FloatArray) -> FloatArray:
    """Return angles as the same directions from -180 (excluded) to 180."""
    return np.asarray(180.0 - (180.0 - angle) % 360.0)


def _circular_mean(relative: FloatArray) -> FloatArray:
    turn = np.radians(relative)
    mean = np.arctan2(np.sin(turn).mean(axis=0), np.cos(turn).mean(axis=0))
    return np.asarray(np.degrees(mean))


# Both of them for one pair of segments: what a feature, a picture and a reader are told.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Coupled(Shown):
    """How two segments move together, over the cycles of one person and walk.

    Attributes
    ----------
    angle : array, shape (cycles, nodes - 1)
        Coupling angles in degrees; NaN where the step is not longer than `floor`.
    mean : array, shape (nodes - 1,)
        Their circular mean over cycles, degrees.
    variability : array, shape (nodes - 1,)
        Their spread over cycles, degrees; NaN of one cycle.
    step_shares, mean_shares : array, shape (4,)
        Per cent of all steps, and of the mean angle, in each of `PATTERNS`.
    steps, short_steps : int
        Of all cycles; how many of them have no direction.
    floor : float
        In the unit of the angles.
    marp, deviation_phase : float
        Degrees; NaN where a segment does not move, `deviation_phase` of one cycle too.
    sufficient_error : float
        Standard deviation of errors of both angles that alone would give this deviation phase
        (`error_floor`), in the unit of the angles.
    notes : tuple of str
        What is missing and why, and what is not to be relied on.
    """

    angle: FloatArray
    mean: FloatArray
    variability: FloatArray
    step_shares: FloatArray
    mean_shares: FloatArray
    steps: int
    short_steps: int
    floor: float
    marp: float
    deviation_phase: float
    sufficient_error: float
    notes: tuple[str, ...]


def coupled(proximal: FloatArray, distal: FloatArray, *, floor: float | None = None) -> Coupled:
    """Return the coordination of two segments by vector coding and by relative phase.

    Parameters
    ----------
    proximal, distal : array, shape (cycles, nodes)
        Angles of segments in space, without missing samples.
    floor : float, optional
        As in `coupling_angle`; left out, that of `step_floor`.

    Returns
    -------
    Coupled

    Examples
    --------
    >>> turn = np.radians(np.arange(101) * 3.6)
    >>> found = coupled(np.sin([turn, turn]), np.sin([turn - 0.7, turn - 0.8]))
    >>> round(found.marp, 1), found.notes
    (43.0, ('2 cycles: a spread over fewer than 8 is not to be relied on (Wyatt et al. 2020)',))
    """
    lowest = step_floor(proximal, distal) if floor is None else floor
    angle = coupling_angle(proximal, distal, floor=lowest)
    short, mean = int(np.isnan(angle).sum()), mean_angle(angle)
    marp, deviation, error, notes = _phases(proximal, distal)
    if short:
        notes.append(
            f"{short} of {angle.size} steps are not longer than {lowest:.2g} and have no direction"
        )
    return Coupled(
        angle=angle,
        mean=mean,
        variability=coupling_variability(angle),
        step_shares=pattern_shares(angle),
        mean_shares=pattern_shares(mean),
        steps=angle.size,
        short_steps=short,
        floor=lowest,
        marp=marp,
        deviation_phase=deviation,
        sufficient_error=error,
        notes=(*notes, *_few_strides(len(angle))),
    )


def _phases(proximal: FloatArray, distal: FloatArray) -> tuple[float, float, float, list[str]]:
    """Return MARP, deviation phase, the error that is enough for it, and why one is missing."""
    still = [
        f"a segment does not move (the {name} one, in {int(rest.sum())} of {len(rest)} cycles): no "
        "relative phase"
        for name, cycles in (("proximal", proximal), ("distal", distal))
        if (rest := np.ptp(cycles[:, :-1], axis=1) <= STILL * np.abs(cycles).max()).any()
    ]
    if still:
        return np.nan, np.nan, np.nan, still
    phases = relative_phase(proximal, distal)
    marp = mean_absolute_relative_phase(phases)
    if len(phases) < 2:
        return marp, np.nan, np.nan, []
    deviation = deviation_phase(phases)
    return marp, deviation, deviation / error_floor(proximal, distal), []


def _few_strides(cycles: int) -> list[str]:
    """Return what is to be said of a spread over so many cycles."""
    if cycles < 2:
        return ["one cycle: no variability and no deviation phase, which are spreads over cycles"]
    if cycles < LEAST_STRIDES:
        return [
            f"{cycles} cycles: a spread over fewer than {LEAST_STRIDES} is not to be relied on "
            "(Wyatt et al. 2020)"
        ]
    return []
