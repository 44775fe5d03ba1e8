"""Cycles on nodes: exact on polynomials, torn ones missing, odd ones flagged and kept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.cycles import cut_cycles

CONTACT = np.array([0, 90, 200, 303, 395, 500, 610, 708])
LENGTH = CONTACT[-1] + 5


def wave(seed: int = 1, noise: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    phase = np.interp(np.arange(LENGTH), CONTACT, np.arange(len(CONTACT)))
    return 10 * np.sin(2 * np.pi * phase) + noise * rng.normal(size=LENGTH)


@pytest.mark.parametrize("nodes", [2, 11, 101, 1001])
def test_cubic_polynomials_are_exact(nodes):
    """A cubic spline with not-a-knot ends reproduces cubics, whatever the length of the cycle."""
    t = np.arange(LENGTH) / 100.0
    signal = 1.0 - 2.0 * t + 0.5 * t**2 - 0.25 * t**3
    found = cut_cycles(signal, CONTACT, nodes=nodes)
    assert found.curves.shape == (7, nodes, 1)
    for place, (first, last) in enumerate(pairwise(CONTACT)):
        at = np.linspace(first, last, nodes) / 100.0
        truth = 1.0 - 2.0 * at + 0.5 * at**2 - 0.25 * at**3
        np.testing.assert_allclose(found.curves[place, :, 0], truth, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.duration, np.diff(CONTACT))


def test_ends_are_the_contacts_themselves():
    signal = wave()
    found = cut_cycles(signal, CONTACT)
    np.testing.assert_allclose(found.curves[:, 0, 0], signal[CONTACT[:-1]], atol=1e-12)
    np.testing.assert_allclose(found.curves[:, -1, 0], signal[CONTACT[1:]], atol=1e-12)


def test_ordinary_cycles_are_not_odd():
    assert not any(cut_cycles(wave(seed), CONTACT).odd.any() for seed in range(20))


def test_a_cycle_of_another_shape_is_flagged_kept_and_left_out_on_request():
    signal = wave()
    signal[200:303] += 15.0 * np.sin(np.linspace(0, 3 * np.pi, 103))
    found = cut_cycles(signal, CONTACT)
    assert found.odd.tolist() == [False, False, True, False, False, False, False]
    assert found.kept(leave_out_odd=False).all()
    assert found.kept(leave_out_odd=True).tolist() == [True, True, False, True, True, True, True]


def test_a_cycle_of_another_duration_is_flagged():
    contact = np.array([0, 100, 201, 300, 401, 500, 560, 661])
    phase = np.interp(np.arange(670), contact, np.arange(len(contact)))
    assert cut_cycles(10 * np.sin(2 * np.pi * phase), contact).odd.tolist() == [
        False, False, False, False, False, True, False,
    ]  # fmt: skip


def test_a_cycle_with_a_missing_sample_is_missing_and_not_odd():
    signal = np.column_stack([wave(1), wave(2)])
    signal[150, 1] = np.nan
    found = cut_cycles(signal, CONTACT)
    assert found.complete.tolist() == [True, False, True, True, True, True, True]
    assert np.isnan(found.curves[1, :, 1]).all() and not found.odd[1]
    assert np.isfinite(found.curves[[0, 2, 3, 4, 5, 6]]).all()


def test_with_few_cycles_none_is_called_odd():
    signal = wave()
    signal[200:303] += 50.0
    assert not cut_cycles(signal, CONTACT[:5]).odd.any()


@pytest.mark.parametrize("contacts", [0, 1, 3])
def test_too_few_cycles_are_refused(contacts):
    with pytest.raises(NotEstimable, match=r"complete cycles; at least 3"):
        cut_cycles(wave(), CONTACT[:contacts])


def test_too_few_nodes_are_refused():
    with pytest.raises(UsageError, match="at least 2"):
        cut_cycles(wave(), CONTACT, nodes=1)
