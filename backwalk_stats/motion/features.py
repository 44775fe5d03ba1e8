"""Range of motion: how far a joint or segment moves in a cycle or a bend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

QUARTERS = 4


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


# Lumbopelvic rhythm: how lumbar spine and hip share a bend, by quarters of the movement.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Rhythm(Shown):
    """The share of lumbar spine and hip in a bend.

    Attributes
    ----------
    ratio : array, shape (4,)
        Lumbar change over hip change in each quarter of the total bend; NaN where the hip stays.
    contribution : array, shape (4,)
        Per cent of each quarter that is lumbar.
    total_contribution : float
        100 lumbar range / total range.
    """

    ratio: FloatArray
    contribution: FloatArray
    total_contribution: float


def lumbopelvic_rhythm(lumbar: FloatArray, hip: FloatArray) -> Rhythm:
    """Return the rhythm of one bend from upright to its end.

    The quarters are those of the total bend (lumbar and hip together), from the first sample to the
    one of the largest total; where it crosses a quarter is interpolated.

    Parameters
    ----------
    lumbar, hip : array, shape (samples,)
        Flexion in degrees, of the lumbar spine against the pelvis and of the pelvis against the
        thigh.

    Returns
    -------
    Rhythm
        Ratio of lumbar to hip motion in each quarter, and the lumbar contribution in per cent.

    Raises
    ------
    NotEstimable
        If samples are missing, or there is no bend.

    Examples
    --------
    >>> found = lumbopelvic_rhythm(np.array([0.0, 20.0, 30.0]), np.array([0.0, 10.0, 30.0]))
    >>> found.ratio.round(3).tolist(), found.total_contribution
    ([2.0, 2.0, 0.5, 0.5], 50.0)
    """
    lumbar, hip = np.asarray(lumbar, dtype=float), np.asarray(hip, dtype=float)
    if not (np.isfinite(lumbar).all() and np.isfinite(hip).all()):
        raise NotEstimable("samples of the bend are missing: fill short gaps, or leave it out")
    total = lumbar + hip
    end = int(np.argmax(total))
    bend = float(total[end] - total[0])
    if end == 0 or bend <= 0.0:
        raise NotEstimable("there is no bend forwards from the first sample")
    rising = np.maximum.accumulate(total[: end + 1])
    marks = total[0] + bend * np.arange(QUARTERS + 1) / QUARTERS
    at = np.array([_first_at(rising, mark) for mark in marks])
    samples = np.arange(end + 1)
    lumbar_step = np.diff(np.interp(at, samples, lumbar[: end + 1]))
    hip_step = np.diff(np.interp(at, samples, hip[: end + 1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(hip_step == 0.0, np.nan, lumbar_step / hip_step)
    return Rhythm(
        ratio=ratio,
        contribution=100.0 * lumbar_step / (bend / QUARTERS),
        total_contribution=100.0 * float(lumbar[end] - lumbar[0]) / bend,
    )


def _first_at(rising: FloatArray, mark: float) -> float:
    """Return the sample, interpolated, at which a curve that never falls first meets a mark."""
    place = min(int(np.searchsorted(rising, mark - 1e-12 * abs(mark))), len(rising) - 1)
    if place == 0:
        return 0.0
    step = rising[place] - rising[place - 1]
    return float(place if step <= 0.0 else place - 1 + min(1.0, (mark - rising[place - 1]) / step))


# Repositioning error: how well a person finds a position again.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RepositioningError(Shown):
    """Errors in the unit of the positions; lower is better, 0 best.

    Attributes
    ----------
    constant : float
        Mean of trial minus target: overshoot is positive.
    absolute : float
        Mean size of the error.
    variable : float
        Standard deviation of the trials with divisor n, so that RMSE^2 = constant^2 + variable^2.
    rmse : float
        Root of the mean squared error.
    """

    constant: float
    absolute: float
    variable: float
    rmse: float


def repositioning_error(trials: FloatArray, *, target: float) -> RepositioningError:
    """Return the errors of a series of trials.

    Parameters
    ----------
    trials : array, shape (trials,)
        What was reached, in degrees.
    target : float
        What was to be reached, in degrees.

    Returns
    -------
    RepositioningError
        constant (too far is positive), absolute, variable and rmse, in degrees.

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or one is missing.

    Examples
    --------
    >>> found = repositioning_error(np.array([22.0, 19, 23, 21, 18]), target=20.0)
    >>> round(found.constant, 4), round(found.absolute, 4), round(found.variable, 4)
    (0.6, 1.8, 1.8547)
    >>> round(found.rmse, 4)
    1.9494
    """
    error = np.asarray(trials, dtype=float) - target
    if len(error) < 2 or not np.isfinite(error).all():
        raise NotEstimable("repositioning error needs at least two trials, none missing")
    return RepositioningError(
        constant=float(error.mean()),
        absolute=float(np.abs(error).mean()),
        variable=float(error.std()),
        rmse=float(np.sqrt((error**2).mean())),
    )
