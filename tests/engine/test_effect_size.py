"""Standardised differences and risks: R, Cochrane's printed rows, and the noncentral t."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from backwalk_stats.engine.summary.proportions import Counts, risk_difference, risk_ratio
from backwalk_stats.engine.summary.two_arms import (
    Arm,
    cochrane_smd,
    cohen_d,
    cohen_d_from_t,
    hedges_correction,
    hedges_correction_approximate,
    hedges_g,
    noncentral_interval,
)
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

VALUES = stored("effect_size")


def counts_of(events1, n1, events2, n2):
    """Return the counts of two arms, events and participants of each."""
    return Counts(events1=events1, n1=n1, events2=events2, n2=n2)


@pytest.mark.parametrize("case", VALUES["cases"])
def test_d_and_g_are_rs(case):
    given = case["input"]
    arms = [Arm(given[f"n{k}"], given[f"mean{k}"], given[f"sd{k}"]) for k in (1, 2)]
    assert cohen_d(*arms) == pytest.approx(case["cohen_d"], rel=1e-10)
    assert hedges_g(*arms) == pytest.approx(case["metafor_g"], rel=1e-10)
    assert hedges_g(*arms) == pytest.approx(case["hedges_g"], rel=1e-10)


@pytest.mark.parametrize("case", VALUES["cases"])
def test_noncentral_interval_is_effectsizes(case):
    arms = case["input"]
    low, high = noncentral_interval(n1=arms["n1"], n2=arms["n2"], d=case["cohen_d"])
    # effectsize finds the noncentrality with optim(), good to about 1e-4 of it.
    scale = (1 / arms["n1"] + 1 / arms["n2"]) ** 0.5
    assert low == pytest.approx(case["d_low"], abs=2e-3 * scale + 1e-4 * abs(case["d_low"]))
    assert high == pytest.approx(case["d_high"], abs=2e-3 * scale + 1e-4 * abs(case["d_high"]))


def noncentral_t_below(t, df, delta):
    """P(T <= t) as its definition says: Phi(t S - delta) averaged over S = sqrt(chi2(df) / df)."""
    chance = np.asarray(stats.chi2.isf([1 - 1e-15, 0.999, 0.9, 0.5, 0.1, 1e-3, 1e-15], df))
    total, _ = integrate.quad(
        lambda x: stats.chi2.pdf(x, df) * special.ndtr(t * (x / df) ** 0.5 - delta),
        chance[0],
        chance[-1],
        points=chance[1:-1],
        epsabs=1e-14,
        epsrel=1e-12,
        limit=400,
    )
    return total


@pytest.mark.parametrize("case", stored("power")["noncentral"])
def test_noncentral_limits_are_where_r_puts_them(case):
    # R's pt() gives the tail of a noncentrality; the interval with that tail must end at it.
    below, delta, df = case["below"], case["noncentrality"], case["df"]
    n1, n2 = df // 2 + 1, df - df // 2 + 1
    scale = (1 / n1 + 1 / n2) ** 0.5
    level = abs(1 - 2 * below)
    limits = noncentral_interval(n1=n1, n2=n2, d=case["statistic"] * scale, level=level)
    assert limits[below < 0.5] / scale == pytest.approx(delta, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 150), st.integers(2, 150), st.floats(-3, 3))
def test_noncentral_limits_put_t_at_the_tails(n1, n2, d):
    low, high = noncentral_interval(n1=n1, n2=n2, d=d)
    scale = (1 / n1 + 1 / n2) ** 0.5
    t, df = d / scale, n1 + n2 - 2
    assert low < high
    assert noncentral_t_below(-t, df, -low / scale) == pytest.approx(0.025, rel=1e-6)
    assert noncentral_t_below(t, df, high / scale) == pytest.approx(0.025, rel=1e-6)


def test_noncentral_interval_broadcasts():
    low, high = noncentral_interval(n1=16, n2=[16, 20], d=np.array([-0.9, 0.3]))
    one = noncentral_interval(n1=16, n2=20, d=0.3)
    assert np.asarray(low)[1] == pytest.approx(one[0], rel=1e-10)
    assert np.asarray(high)[1] == pytest.approx(one[1], rel=1e-10)


def test_noncentral_limits_by_another_distribution_function():
    # t = 2.5 with 20 + 20, by quadrature of the definition.
    low, high = noncentral_interval(n1=20, n2=20, d=2.5 * (2 / 20) ** 0.5)
    assert noncentral_t_below(2.5, 38, low / 0.1**0.5) == pytest.approx(0.975, rel=1e-8)
    assert noncentral_t_below(2.5, 38, high / 0.1**0.5) == pytest.approx(0.025, rel=1e-8)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_noncentral_limits_turn_with_the_sign(level):
    d = np.array([0.0, 1e-8, 0.4, 3.0, 40.0, 1e3])
    low, high = noncentral_interval(n1=4, n2=30, d=d, level=level)
    turned = noncentral_interval(n1=4, n2=30, d=-d, level=level)
    assert np.allclose(low, -np.asarray(turned[1]), rtol=1e-12, atol=1e-12)
    assert np.all(np.diff(low) > 0)
    assert np.all(np.diff(high) > 0)


@pytest.mark.parametrize(("n", "d"), [(5, np.inf), (5, np.nan), (1, 0.5), (5, 1e7)])
def test_no_noncentral_interval_is_refused(n, d):
    with pytest.raises(NotEstimable):
        noncentral_interval(n1=n, n2=n, d=d)


@pytest.mark.parametrize("df", [2, 3, 10, 28, 66, 500])
def test_hedges_correction_makes_d_unbiased(df):
    # J = 1 / E(1/S) for S = sqrt(chi2/df), integrated numerically.
    mean, _ = integrate.quad(
        lambda s: stats.chi2.pdf(df * s**2, df) * 2 * df * s / s, 0, np.inf, limit=200
    )
    assert hedges_correction(df) == pytest.approx(1 / mean, rel=1e-7)
    assert hedges_correction_approximate(df) == pytest.approx(hedges_correction(df), abs=0.01)


def test_known_answers():
    chen = (Arm(16, 1.56, 0.63), Arm(16, 2.25, 0.86))
    assert round(hedges_g(*chen), 3) == -0.892
    assert cohen_d_from_t(n1=16, n2=16, statistic=-2.588937) == pytest.approx(
        cohen_d(*chen), rel=1e-5
    )
    other = cochrane_smd(*chen, level=0.9)
    assert other.conf_low > cochrane_smd(*chen).conf_low


@pytest.mark.parametrize("case", VALUES["risk"])
def test_risk_ratio_is_metafors(case):
    result = risk_ratio(counts_of(*case["input"]))
    for field in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert getattr(result, field) == pytest.approx(case[field], rel=1e-10)


def test_risk_ratios_that_cochrane_printed():
    # Cochrane CD004376.pub4, analyses 1.6 and 1.5, alghadir2019.
    adverse = risk_ratio(counts_of(3, 46, 0, 22))
    assert (adverse.estimate, adverse.conf_low, adverse.conf_high) == pytest.approx(
        (3.425532, 0.184583, 63.571693), abs=1e-6
    )
    withdrawn = risk_ratio(counts_of(5, 46, 4, 22))
    assert (withdrawn.estimate, withdrawn.conf_low, withdrawn.conf_high) == pytest.approx(
        (0.597826, 0.177797, 2.010133), abs=1e-6
    )


def test_risk_difference_counts_and_corrects():
    plain = risk_difference(counts_of(5, 46, 4, 22))
    a, c = 5 / 46, 4 / 22
    assert plain.estimate == pytest.approx(a - c, rel=1e-14)
    assert plain.std_error == pytest.approx((a * (1 - a) / 46 + c * (1 - c) / 22) ** 0.5, rel=1e-12)
    # 0 of 20 against 0 of 20: 0.5 in each cell, 0.00 [-0.09, 0.09].
    empty = risk_difference(counts_of(0, 20, 0, 20))
    assert empty.estimate == 0.0
    assert round(empty.conf_high, 2) == 0.09
    # The correction does not move the difference.
    assert risk_difference(counts_of(3, 46, 0, 22)).estimate == pytest.approx(3 / 46)


@pytest.mark.parametrize(
    "counts", [(-1, 10, 1, 10), (11, 10, 1, 10), (1, 0, 1, 10), (1, 10, 2.5, 2)]
)
def test_impossible_counts_are_refused(counts):
    with pytest.raises(NotEstimable, match="events lie between"):
        counts_of(*counts)


@pytest.mark.parametrize("counts", [(0, 16, 0, 16), (16, 16, 16, 16)])
def test_no_ratio_without_a_contrast(counts):
    with pytest.raises(NotEstimable, match="someone with and someone without"):
        risk_ratio(counts_of(*counts))
