"""Cycles of a movement, brought to one length and pooled; odd ones are flagged, never lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

NODES = 101
FEWEST = 3
TO_TELL = 6  # complete cycles below which nothing is said about odd ones
FAR = 3.5  # robust standard deviations beyond which a cycle is flagged
LIKE = 0.02  # of the range of a signal, or of a duration: cycles this close are not odd
TO_SD = 1.4826  # median absolute deviation to standard deviation, for a normal distribution


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Cycles(Shown):
    """Cycles of one or more signals.

    Attributes
    ----------
    curves : array, shape (cycles, nodes, k)
        NaN throughout a cycle in which a sample is missing.
    duration : array, shape (cycles,)
        Of each cycle: samples, or seconds where the rate was given.
    complete : array of bool, shape (cycles,)
        Whether no sample is missing.
    odd : array of bool, shape (cycles,)
        Whether the cycle is far from the others in shape or duration; with fewer than `TO_TELL`
        complete cycles none is called odd.
    """

    curves: FloatArray
    duration: FloatArray
    complete: np.ndarray
    odd: np.ndarray

    def kept(self, *, leave_out_odd: bool) -> np.ndarray:
        """Return which cycles means and features are made of."""
        return np.asarray(self.complete & ~self.odd) if leave_out_odd else self.complete


def cut_cycles(signal: FloatArray, contact: np.ndarray, *, nodes: int = NODES) -> Cycles:
    """Return the cycles between contacts of one recording, each on the same number of nodes.

    Node 0 is one contact and the last node the next one, by cubic splines through the samples.

    Parameters
    ----------
    signal : array, shape (samples,) or (samples, k)
    contact : array
        Samples, with fractions or without, in order.
    nodes : int
        Nodes of a cycle, both ends included.

    Returns
    -------
    Cycles
        `.curves`, shape (cycles, nodes, k), in the unit of the signal; `.odd` marks cycles of
        unusual length.

    Raises
    ------
    NotEstimable
        If fewer than `FEWEST` complete cycles are there.

    Examples
    --------
    >>> found = cut_cycles(np.sin(np.arange(401) * np.pi / 50), np.array([0, 100, 200, 300]))
    >>> found.curves.shape, found.odd.any()
    ((3, 101, 1), np.False_)
    """
    spans = np.array(list(pairwise(contact)), dtype=float).reshape(-1, 2)
    return pooled_cycles([cycles_between(signal, spans, nodes=nodes)], fewest=FEWEST)


def cycles_between(
    signal: FloatArray, spans: FloatArray, *, nodes: int = NODES, rate: float = 1.0
) -> Cycles:
    """Return the cycles of one recording, however few; none of them is called odd yet.

    Parameters
    ----------
    signal : array, shape (samples,) or (samples, k)
    spans : array, shape (cycles, 2)
        First and last sample of each cycle, with fractions or without.
    nodes : int
    rate : float
        Samples per second; durations are then in seconds.

    Returns
    -------
    Cycles

    Examples
    --------
    >>> found = cycles_between(np.arange(50.0), np.array([[0.5, 40.5]]), nodes=3, rate=20)
    >>> found.curves[0, :, 0].round(6).tolist(), found.duration.tolist()
    ([0.5, 20.5, 40.5], [2.0])
    """
    if nodes < 2:
        raise UsageError(f"{nodes} nodes; a cycle needs at least 2")
    values = np.asarray(signal, dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    parts = [_resampled(values, start, end, nodes) for start, end in spans]
    found = np.stack(parts) if parts else np.empty((0, nodes, values.shape[1]))
    return Cycles(
        curves=found,
        duration=np.asarray((spans[:, 1] - spans[:, 0]) / rate, dtype=float),
        complete=np.asarray(np.isfinite(found).all(axis=(1, 2))),
        odd=np.zeros(len(found), dtype=bool),
    )


def pooled_cycles(parts: Sequence[Cycles], *, fewest: int = 1) -> Cycles:
    """Return the cycles of several recordings below each other, odd ones flagged among all.

    Parameters
    ----------
    parts : sequence of Cycles
        Of the same nodes and signals, durations in one unit.
    fewest : int
        Complete cycles that must be there: one gives a curve, `FEWEST` a variability.

    Returns
    -------
    Cycles

    Raises
    ------
    NotEstimable
        If fewer than `fewest` complete cycles are there in all.

    Examples
    --------
    >>> one = cycles_between(np.arange(50.0), np.array([[0.0, 20.0], [20.0, 40.0]]), nodes=3)
    >>> pooled_cycles([one, one]).curves.shape
    (4, 3, 1)
    """
    found = np.concatenate([part.curves for part in parts])
    duration = np.concatenate([part.duration for part in parts])
    complete = np.asarray(np.concatenate([part.complete for part in parts]))
    if complete.sum() < fewest:
        wanted = "a curve needs one" if fewest == 1 else f"at least {fewest} are needed"
        raise NotEstimable(f"{int(complete.sum())} complete cycles; {wanted}")
    several = complete.sum() >= TO_TELL
    odd = _odd(found, duration, complete) if several else np.zeros(len(found), dtype=bool)
    return Cycles(curves=found, duration=duration, complete=complete, odd=odd)


def _resampled(values: FloatArray, start: float, end: float, nodes: int) -> FloatArray:
    """Return one cycle on its nodes; NaN throughout where a sample is missing."""
    first, last = int(np.floor(start)), int(np.ceil(end))
    part = values[first : last + 1]
    if not np.isfinite(part).all() or first < 0 or last >= len(values):
        return np.full((nodes, values.shape[1]), np.nan)
    computes_with("scipy")
    return np.asarray(
        CubicSpline(np.arange(first, last + 1), part, axis=0)(np.linspace(start, end, nodes))
    )


def _odd(found: FloatArray, duration: FloatArray, complete: np.ndarray) -> np.ndarray:
    """Flag complete cycles that are far from the median curve, or of a far duration."""
    middle = np.median(found[complete], axis=0)
    spread = np.ptp(middle, axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    distance = np.sqrt((((found - middle) / scale) ** 2).mean(axis=(1, 2)))
    share = duration / np.median(duration[complete])
    far = _far(distance, complete, both_sides=False) | _far(share, complete, both_sides=True)
    return np.asarray(far & complete)


def _far(values: FloatArray, complete: np.ndarray, *, both_sides: bool) -> np.ndarray:
    """Tell which values are more than `FAR` robust SDs, and `LIKE`, from the median."""
    centre = np.median(values[complete])
    spread = TO_SD * np.median(np.abs(values[complete] - centre))
    gap = np.abs(values - centre) if both_sides else values - centre
    return np.asarray(gap > np.maximum(FAR * spread, LIKE))
