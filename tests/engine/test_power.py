"""Power of two arms against R, and the distributions under it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from backwalk_stats.engine.summary.power import (
    detectable_effect,
    participants_needed,
    two_sample_power,
)
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

VALUES = stored("power")


@pytest.mark.parametrize("case", VALUES["power"])
def test_power_is_rs(case):
    power = two_sample_power(
        n1=case["n"], n2=case["n"], effect_size=case["effect_size"], level=case["level"]
    )
    # R's pt() is good to about 1e-11 absolute with a noncentrality.
    assert power == pytest.approx(case["power"], abs=1e-9)


@pytest.mark.parametrize("case", VALUES["effect"])
def test_detectable_effect_is_rs(case):
    effect = detectable_effect(n1=case["n"], n2=case["n"], power=case["power"])
    assert effect == pytest.approx(case["effect_size"], rel=1e-7)


@pytest.mark.parametrize("case", VALUES["needed"])
def test_participants_needed_is_rs(case):
    assert participants_needed(effect_size=case["effect_size"], power=0.8) == case["n"]
    assert participants_needed(effect_size=-case["effect_size"], power=0.8) == case["n"]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 80), st.integers(2, 80), st.floats(0.0, 2.0))
def test_unequal_arms_agree_with_statsmodels(n1, n2, effect):
    expected = TTestIndPower().power(effect, n1, 0.05, ratio=n2 / n1)
    power = two_sample_power(n1=n1, n2=n2, effect_size=effect)
    # statsmodels returns NaN where the far tail underflows; there the power is all but 1.
    assert power > 0.999 if np.isnan(expected) else power == pytest.approx(expected, abs=1e-7)
    assert two_sample_power(n1=n2, n2=n1, effect_size=-effect) == pytest.approx(power, rel=1e-12)


def test_power_of_no_effect_is_the_level_and_grows_to_one():
    assert two_sample_power(n1=13, n2=13, effect_size=0.0) == pytest.approx(0.05, abs=1e-12)
    curve = np.asarray(two_sample_power(n1=13, n2=13, effect_size=np.linspace(0, 6, 200)))
    assert np.all(np.diff(curve) > -1e-12)
    # Far out, where some programs return NaN for the other tail.
    assert curve[-1] == pytest.approx(1.0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 200), st.integers(2, 200), st.floats(0.1, 0.99))
def test_effect_and_power_are_inverse(n1, n2, power):
    effect = detectable_effect(n1=n1, n2=n2, power=power)
    assert two_sample_power(n1=n1, n2=n2, effect_size=effect) == pytest.approx(power, abs=1e-10)


def test_needed_is_the_smallest():
    for effect in (0.25, 0.6, 1.1, 3.0, 20.0):
        n = participants_needed(effect_size=effect, power=0.9)
        assert two_sample_power(n1=n, n2=n, effect_size=effect) >= 0.9
        assert n == 2 or two_sample_power(n1=n - 1, n2=n - 1, effect_size=effect) < 0.9


def test_power_is_one_where_scipy_has_no_number():
    # From a noncentrality of about 35 SciPy's noncentral F is NaN where the miss is below 1e-200.
    effect = np.geomspace(1.0, 1e4, 400)
    for n in (2, 13, 200, 5000):
        power = np.asarray(two_sample_power(n1=n, n2=n, effect_size=effect))
        assert np.all(np.diff(power) >= -1e-12)
        assert power[-1] == 1.0
    assert np.isnan(two_sample_power(n1=13, n2=13, effect_size=np.nan))


def test_designs_that_cannot_be_are_refused():
    with pytest.raises(NotEstimable):
        two_sample_power(n1=1, n2=10, effect_size=0.5)
    with pytest.raises(NotEstimable):
        detectable_effect(n1=10, n2=10, power=0.05)
    with pytest.raises(NotEstimable):
        participants_needed(effect_size=0.0)
    with pytest.raises(NotEstimable):
        detectable_effect(n1=[10, 1], n2=10)
