"""Numbers worked by hand, and properties, for coordination, phase, rhythm and repositioning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.coordination import (
    PATTERNS,
    coupling_angle,
    coupling_variability,
    deviation_phase,
    mean_absolute_relative_phase,
    mean_angle,
    pattern,
    pattern_shares,
    relative_phase,
    wrapped,
)
from backwalk_stats.motion.features import lumbopelvic_rhythm

STEPS = [
    ((1, 0), 0.0, "proximal"),
    ((0, 1), 90.0, "distal"),
    ((1, 1), 45.0, "in-phase"),
    ((-1, -1), 225.0, "in-phase"),
    ((1, -1), 315.0, "anti-phase"),
    ((2, 1), 26.565051177, "in-phase"),
    ((-1, 0), 180.0, "proximal"),
    ((0, -1), 270.0, "distal"),
    ((-1, 1), 135.0, "anti-phase"),
]


@pytest.mark.parametrize(("step", "angle", "name"), STEPS)
def test_coupling_angle_of_one_step(step, angle, name):
    across, up = step
    found = coupling_angle(np.array([0.0, across]), np.array([0.0, up]))
    assert found[0] == pytest.approx(angle, abs=1e-8)
    assert PATTERNS[pattern(found)[0]] == name


def test_no_step_has_no_angle():
    assert np.isnan(coupling_angle(np.zeros(2), np.zeros(2))[0])
    assert np.isnan(pattern_shares(np.array([np.nan]))).all()


@pytest.mark.parametrize("edge", np.arange(22.5, 360, 45))
def test_an_edge_belongs_to_the_pattern_above_it(edge):
    below, above = pattern(np.array([np.nextafter(edge, 0), edge]))
    assert below != above
    assert above == pattern(np.array([edge + 1.0]))[0]


def test_angles_stay_below_360():
    tiny = coupling_angle(np.array([0.0, 1.0]), np.array([0.0, -1e-18]))
    assert 0.0 <= tiny[0] < 360.0
    assert 0.0 <= mean_angle(np.array([360.0 - 1e-14, 360.0 - 1e-14])) < 360.0


def test_circular_mean_and_spread():
    mean = float(mean_angle(np.array([350.0, 10.0])))
    assert min(mean, 360.0 - mean) < 1e-9
    assert coupling_variability(np.full(7, 200.0)) == pytest.approx(0.0, abs=1e-6)
    # R = 0: sqrt(2) radians
    assert coupling_variability(np.array([0.0, 90, 180, 270])) == pytest.approx(
        81.0284685, abs=1e-6
    )


def slow_variability(angles):
    """Mean resultant by a plain loop."""
    east = sum(np.cos(np.radians(a)) for a in angles) / len(angles)
    north = sum(np.sin(np.radians(a)) for a in angles) / len(angles)
    return np.degrees(np.sqrt(max(0.0, 2 * (1 - np.hypot(east, north)))))


@given(arrays(float, 6, elements=st.floats(0, 359.9)))
def test_variability_is_that_of_a_plain_loop(angles):
    assert coupling_variability(angles) == pytest.approx(slow_variability(angles), abs=1e-5)


@given(arrays(float, 6, elements=st.floats(0, 359.9)), st.floats(0, 360))
def test_variability_does_not_depend_on_where_zero_is(angles, turn):
    moved = coupling_variability((angles + turn) % 360.0)
    assert moved == pytest.approx(float(coupling_variability(angles)), abs=1e-4)


def lagged(lags):
    turn = np.radians(np.arange(101) * 3.6)
    return np.stack([np.sin(turn - np.radians(lag)) for lag in lags])


def test_relative_phase_of_known_lags():
    lags = np.array([39.0, 42, 45, 48, 51])
    found = relative_phase(lagged(np.zeros(5)), lagged(lags))
    np.testing.assert_allclose(found, np.repeat(-lags[:, None], 100, axis=1), atol=1e-9)
    assert mean_absolute_relative_phase(found) == pytest.approx(45.0, abs=1e-9)
    assert deviation_phase(found) == pytest.approx(4.74341649, abs=1e-6)


def test_relative_phase_ignores_offset_and_size():
    plain = relative_phase(lagged([0.0, 5]), lagged([30.0, 35]))
    moved = relative_phase(7.0 + 3.0 * lagged([0.0, 5]), -2.0 + 0.1 * lagged([30.0, 35]))
    np.testing.assert_allclose(moved, plain, atol=1e-9)


def test_the_repeated_end_point_would_bias_the_phase():
    from scipy.signal import hilbert

    turn = np.radians(np.arange(101) * 3.6)
    a, b = (np.degrees(np.angle(hilbert(np.sin(turn - lag)))) for lag in (0, np.pi / 4))
    biased = np.abs(wrapped(b - a))
    # worked out with all 101 samples: 45.29 on average, at most 48.04, for a true 45
    assert biased.mean() == pytest.approx(45.29, abs=0.005)
    assert biased.max() == pytest.approx(48.04, abs=0.005)


@given(st.floats(-720, 720))
def test_wrapping_keeps_the_direction(angle):
    found = float(wrapped(np.array(angle)))
    assert -180.0 < found <= 180.0
    assert (found - angle) / 360.0 == pytest.approx(round((found - angle) / 360.0), abs=1e-9)


def test_a_still_segment_has_no_phase():
    with pytest.raises(NotEstimable, match="does not move"):
        relative_phase(np.ones((3, 101)), lagged([0.0, 1, 2]))


def test_rhythm_of_a_straight_line_is_its_slope():
    lumbar = np.linspace(0, 40, 50)
    found = lumbopelvic_rhythm(lumbar, lumbar / 2)
    np.testing.assert_allclose(found.ratio, 2.0)
    np.testing.assert_allclose(found.contribution, 200 / 3)
    assert found.total_contribution == pytest.approx(200 / 3)


def test_rhythm_needs_a_bend():
    with pytest.raises(NotEstimable, match="no bend"):
        lumbopelvic_rhythm(np.zeros(5), np.zeros(5))
