"""Change within an arm and the error of one score: raw data, R and published examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.summary.change import (
    ArmChange,
    correlation_from_sds,
    d_av,
    d_ppc,
    d_z,
    paired,
    sd_change_from_correlation,
    sd_change_from_p,
)
from backwalk_stats.engine.summary.power import minimal_detectable_change, sem_from_icc
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

# Student 1908 (Biometrika 6:1): extra hours of sleep with two drugs, ten patients.
SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_students_sleep_data():
    change = SLEEP_1 - SLEEP_2
    result = paired(ArmChange(10, change.mean(), change.std(ddof=1)))
    # R's t.test(paired = TRUE) prints t = -4.0621, df = 9, p = 0.002833, -2.4598858 to -0.7001142.
    assert round(float(result.statistic), 4) == -4.0621
    assert round(float(result.p_value), 6) == 0.002833
    assert round(float(result.conf_low), 7) == -2.4598858
    assert round(float(result.conf_high), 7) == -0.7001142


@pytest.mark.parametrize("case", stored("effect_size")["cases"])
def test_paired_t_is_rs(case):
    arms = case["input"]
    result = paired(ArmChange(arms["n1"], case["paired_mean"], arms["sd1"]))
    for field in ("statistic", "df", "p_value", "conf_low", "conf_high", "std_error"):
        assert getattr(result, field) == pytest.approx(case["paired"][field], rel=1e-10)


@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
def test_raw_pairs_agree(seed, n):
    rng = np.random.default_rng(seed)
    pre = rng.normal(6, 1.5, n)
    post = 0.5 * pre + rng.normal(0, 1, n)
    sd_pre, sd_post = float(pre.std(ddof=1)), float(post.std(ddof=1))
    sd_change = float((post - pre).std(ddof=1))
    r = correlation_from_sds(sd_pre=sd_pre, sd_post=sd_post, sd_change=sd_change)
    assert r == pytest.approx(np.corrcoef(pre, post)[0, 1], abs=1e-9)
    back = sd_change_from_correlation(sd_pre=sd_pre, sd_post=sd_post, correlation=r)
    assert back == pytest.approx(sd_change, rel=1e-9)
    test = stats.ttest_rel(post, pre)
    mean = float((post - pre).mean())
    change = ArmChange(n, mean, sd_change, sd_pre, sd_post)
    assert paired(change).p_value == pytest.approx(test.pvalue, rel=1e-8)
    if 1e-12 < test.pvalue < 1 - 1e-6:
        from_p = sd_change_from_p(n=n, mean_change=mean, p_value=test.pvalue)
        assert from_p == pytest.approx(sd_change, rel=1e-6)
    assert d_z(change) == pytest.approx(test.statistic / n**0.5)
    average = (sd_pre + sd_post) / 2
    assert d_av(change) == pytest.approx(mean / average)


def test_handbook_correlation_example():
    # Cochrane Handbook 6.5.2.8: SDs 6.4 and 7.1 at the visits and 4.5 of the change give 0.78.
    assert round(float(correlation_from_sds(sd_pre=6.4, sd_post=7.1, sd_change=4.5)), 2) == 0.78


def test_sds_that_cannot_all_be_right_give_a_correlation_beyond_one():
    assert float(correlation_from_sds(sd_pre=1.0, sd_post=1.0, sd_change=3.0)) < -1.0
    assert float(correlation_from_sds(sd_pre=1.0, sd_post=3.0, sd_change=0.5)) > 1.0


def test_perfect_correlation_leaves_the_difference_of_the_sds():
    assert sd_change_from_correlation(sd_pre=2.0, sd_post=1.5, correlation=1.0) == 0.5


@pytest.mark.parametrize("p_value", [0.0, 1.0, -0.5])
def test_a_bound_is_not_a_p_value(p_value):
    with pytest.raises(NotEstimable):
        sd_change_from_p(n=20, mean_change=-1.0, p_value=p_value)


def test_impossible_inputs_are_refused():
    for n, sd in ((1, 1.0), (10, 0.0), (10, -1.0)):
        with pytest.raises(NotEstimable):
            paired(ArmChange(n, 1.0, sd))
    with pytest.raises(NotEstimable):
        sd_change_from_correlation(sd_pre=1, sd_post=1, correlation=1.01)
    with pytest.raises(NotEstimable):
        correlation_from_sds(sd_pre=0, sd_post=1, sd_change=1)
    with pytest.raises(NotEstimable):
        d_z(ArmChange(10, 1, 0))
    with pytest.raises(NotEstimable):
        d_av(ArmChange(10, 1, 1, sd_pre=0, sd_post=0))


def test_an_sd_that_is_not_known_is_asked_for():
    change = ArmChange(10, 1.0, 1.0)
    with pytest.raises(NotEstimable, match="d_av needs"):
        d_av(change)
    with pytest.raises(NotEstimable, match="d_ppc needs"):
        d_ppc(change, change._replace(sd_pre=1.0))


def test_minimal_detectable_change():
    # alghadir2018_mdc: SEM 0.48 for a numeric rating scale, printed MDC 1.33.
    assert round(float(minimal_detectable_change(sem=0.48)), 2) == 1.33
    assert float(minimal_detectable_change(sem=1.0, level=0.90)) == pytest.approx(2.3262, abs=1e-4)
    assert sem_from_icc(sd=2.0, icc=0.75) == 1.0
    with pytest.raises(NotEstimable):
        minimal_detectable_change(sem=-0.1)
    with pytest.raises(NotEstimable):
        sem_from_icc(sd=1.0, icc=1.2)
