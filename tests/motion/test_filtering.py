"""Low-pass filter and gaps: gain at the cut-off, no lag, what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from backwalk_stats.errors import UsageError
from backwalk_stats.motion.signal import fill_gaps, low_pass

RATE = 200.0
TIME = np.arange(4000) / RATE
MIDDLE = slice(1000, 3000)


def gain(frequency: float, cutoff: float, order: int) -> float:
    """Amplitude and phase of the answer to a sine, by projection."""
    wave = np.exp(-2j * np.pi * frequency * TIME)[MIDDLE]
    found = low_pass(np.cos(2 * np.pi * frequency * TIME), rate=RATE, cutoff=cutoff, order=order)
    answer = 2 * (found[MIDDLE] * wave).mean()
    assert abs(np.angle(answer)) < 1e-3, "no lag"
    return float(abs(answer))


@pytest.mark.parametrize("order", [2, 4, 6, 8])
@pytest.mark.parametrize("cutoff", [2.0, 6.0, 20.0, 70.0])
def test_three_decibels_are_lost_at_the_cutoff(order, cutoff):
    assert 20 * np.log10(gain(cutoff, cutoff, order)) == pytest.approx(-3.0103, abs=0.002)


@pytest.mark.parametrize("order", [2, 4, 8])
def test_slow_is_kept_and_fast_is_lost(order):
    assert gain(0.5, 6.0, order) == pytest.approx(1.0, abs=2e-2 if order == 2 else 1e-4)
    # Asymptote of a Butterworth filter of this order, run as two of half of it.
    assert gain(60.0, 6.0, order) < 1.2 * 10.0**-order * 4


def test_each_run_between_gaps_is_filtered_by_itself():
    signal = np.sin(2 * np.pi * TIME)
    torn = signal.copy()
    torn[1000:1010] = np.nan
    torn[1015:1030] = np.nan  # leaves a run of five samples: too short for the filter
    found = low_pass(torn, rate=RATE, cutoff=6.0)
    assert np.flatnonzero(np.isnan(found)).tolist() == list(range(1000, 1030))
    np.testing.assert_array_equal(found[:1000], low_pass(signal[:1000], rate=RATE, cutoff=6.0))
    np.testing.assert_array_equal(found[1030:], low_pass(signal[1030:], rate=RATE, cutoff=6.0))


def test_columns_are_filtered_one_by_one():
    two = np.column_stack([np.sin(TIME), np.cos(3 * TIME)])
    found = low_pass(two, rate=RATE, cutoff=6.0)
    np.testing.assert_array_equal(found[:, 1], low_pass(two[:, 1], rate=RATE, cutoff=6.0))


@pytest.mark.parametrize("cutoff", [0.0, -1.0, 100.0, 120.0])
def test_a_cutoff_that_does_not_fit_the_rate(cutoff):
    with pytest.raises(UsageError, match="below half the rate"):
        low_pass(TIME, rate=RATE, cutoff=cutoff)


def test_an_odd_order_is_refused():
    with pytest.raises(UsageError, match="one of 2, 4, 6, 8"):
        low_pass(TIME, rate=RATE, cutoff=6.0, order=3)


def gapped(*gaps: tuple[int, int]) -> np.ndarray:
    signal = np.column_stack([np.sin(TIME[:200] * 6), TIME[:200]])
    for start, end in gaps:
        signal[start:end] = np.nan
    return signal


def test_short_gaps_are_bridged_and_long_ones_stay():
    signal = gapped((0, 3), (50, 54), (100, 106), (198, 200))
    found = fill_gaps(signal, limit=5)
    assert (found.filled, found.left, found.longest) == (1, 3, 6)
    missing = np.flatnonzero(np.isnan(found.signal).any(axis=1)).tolist()
    assert missing == [0, 1, 2, *range(100, 106), 198, 199]
    there = np.isfinite(signal).all(axis=1)
    np.testing.assert_array_equal(found.signal[there], signal[there])
    plain = PchipInterpolator(np.flatnonzero(there), signal[there, 0])(np.arange(50, 54))
    np.testing.assert_allclose(found.signal[50:54, 0], plain)
    np.testing.assert_allclose(found.signal[50:54, 1], TIME[50:54], atol=1e-12)


def test_a_sample_is_missing_where_one_coordinate_is():
    signal = gapped()
    signal[20, 0] = np.nan
    assert np.isnan(fill_gaps(np.vstack([signal, signal[:1] * np.nan]), limit=1).signal).sum() == 2
    signal[30:40, 1] = np.nan
    assert np.isnan(fill_gaps(signal, limit=1).signal[30:40]).all()


def test_nothing_there_or_nothing_missing():
    assert fill_gaps(np.full((9, 1), np.nan), limit=5).left == 1
    assert fill_gaps(gapped(), limit=5).filled == 0


def test_a_limit_below_one_is_refused():
    with pytest.raises(UsageError, match="at least 1"):
        fill_gaps(gapped(), limit=0)
