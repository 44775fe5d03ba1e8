"""Low-pass filtering without lag: a Butterworth filter run forwards and backwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, sosfiltfilt

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.motion.curve_tests import runs
from backwalk_stats.registry import Shown

ORDER = 4


def low_pass(signal: FloatArray, *, rate: float, cutoff: float, order: int = ORDER) -> FloatArray:
    """Return a signal without what is faster than the cut-off.

    The filter of half the order runs forwards and backwards, so the phase does not move; its
    corner is raised so that the two runs together lose 3 dB at `cutoff` (Winter 2009,
    Biomechanics and Motor Control of Human Movement, section 2.2), in the frequencies of the
    analogue filter, tan(pi f / rate), so that it holds near half the rate too.

    Parameters
    ----------
    signal : array, shape (samples,) or (samples, k)
        Missing samples stay missing: each run of samples between them is filtered by itself, and a
        run too short for the filter becomes missing too.
    rate, cutoff : float
        Hertz.
    order : int
        Of the two runs together: 2, 4, 6 or 8.

    Returns
    -------
    array, shape of `signal`
        In its unit.

    Raises
    ------
    UsageError
        If the cut-off is not between 0 and half the rate.

    Examples
    --------
    >>> t = np.arange(200) / 100
    >>> slow = np.sin(2 * np.pi * t)
    >>> quiet = low_pass(slow + 0.2 * np.sin(2 * np.pi * 30 * t), rate=100, cutoff=6)
    >>> bool(np.abs(quiet - slow)[20:-20].max() < 0.01)
    True
    """
    if order not in (2, 4, 6, 8):
        raise UsageError(f"filter order is {order}; it is one of 2, 4, 6, 8")
    each = order // 2
    if not 0.0 < cutoff < rate / 2.0:
        raise UsageError(
            f"a cut-off of {cutoff:g} Hz does not fit a rate of {rate:g} Hz: it must be below "
            "half the rate"
        )
    # Two runs of an order-m Butterworth lose 3 dB where one of them loses 1.5 dB.
    analogue = np.tan(np.pi * cutoff / rate) / (np.sqrt(2.0) - 1.0) ** (1.0 / (2.0 * each))
    raised = np.arctan(analogue) * rate / np.pi
    sections = butter(each, raised, fs=rate, output="sos")
    pad = 3 * (2 * len(sections) + 1)
    columns = np.asarray(signal, dtype=float)
    flat = columns[:, None] if columns.ndim == 1 else columns
    found = np.full(flat.shape, np.nan)
    for place in range(flat.shape[1]):
        for first, last in runs(np.isfinite(flat[:, place])):
            if last - first > pad:
                part = flat[first:last, place]
                found[first:last, place] = sosfiltfilt(sections, part, padlen=pad)
    return np.asarray(found.reshape(columns.shape))


# Missing samples: counted always, filled only when asked, and only where the gap is short.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Filled(Shown):
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
