"""Lumbopelvic rhythm: how lumbar spine and hip share a bend, by quarters of the movement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable

QUARTERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
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
