"""Who improved by a threshold that was named: by points of the scale, or by per cent of baseline.

A tie counts: a change that equals the threshold is enough, also where binary arithmetic
puts it a hair below (7 to 4.9 is 30 %).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.instrument import FloatArray
from backwalk_stats.trial.outcome import Threshold

TIE = 1e-9


def improved_by_points(
    baseline: ArrayLike, value: ArrayLike, *, points: float, better: Literal["lower", "higher"]
) -> FloatArray:
    """Return 1 where a score improved by so many points, 0 where it did not.

    Parameters
    ----------
    baseline, value : array-like, shape (n,)
        Scores before and after.
    points : float
        At least 0, in the unit of the scale.
    better : str
        "lower" or "higher".

    Returns
    -------
    array of float, shape (n,)
        NaN where either score is missing.

    Raises
    ------
    UsageError
        If `points` is negative or `better` is neither word.

    Examples
    --------
    >>> improved_by_points([7.0, 7.0], [5.0, 5.1], points=2, better="lower")
    array([1., 0.])
    """
    before, gain = _gain(baseline, value, better)
    return _reached(gain, np.full_like(before, _threshold(points)), before)


def improved_by_percent(
    baseline: ArrayLike, value: ArrayLike, *, percent: float, better: Literal["lower", "higher"]
) -> FloatArray:
    """Return 1 where a score improved by so many per cent of its baseline, 0 where it did not.

    Parameters
    ----------
    baseline, value : array-like, shape (n,)
        Scores before and after.
    percent : float
        At least 0, such as 30.
    better : str
        "lower" or "higher".

    Returns
    -------
    array of float, shape (n,)
        NaN where either score is missing, and where the baseline is 0 or below: no share of it
        can be told.

    Raises
    ------
    UsageError
        If `percent` is negative or `better` is neither word.

    Examples
    --------
    >>> improved_by_percent([7.0, 7.0, 0.0], [4.9, 5.0, 0.0], percent=30, better="lower")
    array([ 1.,  0., nan])
    """
    before, gain = _gain(baseline, value, better)
    positive = np.where(before > 0.0, before, np.nan)
    return _reached(gain, _threshold(percent) / 100.0 * positive, positive)


def improved(
    baseline: ArrayLike,
    value: ArrayLike,
    *,
    threshold: Threshold,
    better: Literal["lower", "higher"],
) -> FloatArray:
    """Return 1 where a threshold that was named is reached, 0 where it is not.

    Parameters
    ----------
    baseline, value : array-like, shape (n,)
        Scores before and after.
    threshold : Threshold
        A change (kind "mcid" or "mdc", in points or per cent) or a score ("pass"), for which the
        baseline makes no difference.
    better : str
        "lower" or "higher".

    Returns
    -------
    array of float, shape (n,)
        NaN where it cannot be told.

    Examples
    --------
    >>> from backwalk_stats.instruments.registry import instrument
    >>> named = instrument("nprs").version().scale().threshold("mcid-ostelo2008-percent")
    >>> improved([7.0], [4.9], threshold=named, better="lower")
    array([1.])
    """
    if threshold.kind == "pass":
        after, sign = np.asarray(value, dtype=np.float64), _sign(better)
        return _reached(sign * after, np.full_like(after, sign * threshold.value), after)
    if threshold.unit == "percent":
        return improved_by_percent(baseline, value, percent=threshold.value, better=better)
    return improved_by_points(baseline, value, points=threshold.value, better=better)


def _gain(baseline: ArrayLike, value: ArrayLike, better: str) -> tuple[FloatArray, FloatArray]:
    """Return the baseline and the improvement, positive where things got better."""
    before, after = np.broadcast_arrays(
        np.asarray(baseline, dtype=np.float64), np.asarray(value, dtype=np.float64)
    )
    return before, _sign(better) * (after - before)


def _sign(better: str) -> float:
    if better not in {"lower", "higher"}:
        raise UsageError(f"expected better 'lower' or 'higher', found '{better}'")
    return -1.0 if better == "lower" else 1.0


def _threshold(value: float) -> float:
    if not value >= 0.0:
        raise UsageError(f"expected a threshold of 0 or more, found {value:g}")
    return value


def _reached(gain: FloatArray, wanted: FloatArray, scale: FloatArray) -> FloatArray:
    """Return 1, 0 or NaN, a tie counting as reached."""
    slack = TIE * np.maximum(1.0, np.abs(scale))
    known = ~(np.isnan(gain) | np.isnan(wanted))
    with np.errstate(invalid="ignore"):
        return np.where(known, (gain >= wanted - slack).astype(np.float64), np.nan)
