"""The score test of two proportions against a margin: by direct search, and its limits."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from backwalk_stats.engine.summary.proportions import Counts, ratio_interval, score_test
from backwalk_stats.errors import NotEstimable

# Newcombe, Stat Med 1998;17:873, table II, method 5 (Mee): events and n of both arms, limits.
NEWCOMBE = {
    (56, 70, 48, 80): (0.0533, 0.3377),
    (9, 10, 3, 10): (0.1821, 0.8370),
    (6, 7, 2, 7): (0.0544, 0.8478),
    (5, 56, 0, 29): (-0.0313, 0.1926),
    (0, 10, 0, 20): (-0.1611, 0.2775),
    (0, 10, 0, 10): (-0.2775, 0.2775),
    (10, 10, 0, 20): (0.7225, 1.0),
    (10, 10, 0, 10): (0.6777, 1.0),
}
CASES = [(36, 40, 72, 80), (56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 0, 29), (12, 31, 15, 29)]


def searched(counts: Counts, null: float, *, ratio: bool) -> float:
    """Return z with the reference's risk searched for where the difference, or ratio, is the null.

    The likelihood is maximised over one number alone; no formula of Farrington and Manning, nor of
    Koopman, is used.
    """
    one, two = counts.risks
    low, high = (1e-12, min(1.0, 1.0 / null) - 1e-12) if ratio else (
        max(0.0, -null) + 1e-12, min(1.0, 1.0 - null) - 1e-12
    )  # fmt: skip

    def minus(p2: float) -> float:
        p1 = null * p2 if ratio else p2 + null
        pairs = ((counts.events1, counts.n1, p1), (counts.events2, counts.n2, p2))
        return -sum(
            (x * log(p) if x else 0.0) + ((n - x) * log(1 - p) if n - x else 0.0)
            for x, n, p in pairs
        )

    p2 = minimize_scalar(minus, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    p1 = null * p2 if ratio else p2 + null
    scale = null if ratio else 1.0
    variance = p1 * (1 - p1) / counts.n1 + scale**2 * p2 * (1 - p2) / counts.n2
    return (one - (null * two if ratio else two + null)) / sqrt(variance)


@pytest.mark.parametrize("case", NEWCOMBE)
def test_limits_of_a_difference_are_those_that_newcombe_prints(
    case: tuple[int, int, int, int],
) -> None:
    counts = Counts(events1=case[0], n1=case[1], events2=case[2], n2=case[3])
    found = score_test(counts, null=0.05, ratio=False, greater=True)
    assert (found.low, found.high) == pytest.approx(NEWCOMBE[case], abs=5.1e-5)


def test_the_statistic_is_that_of_another_program() -> None:
    """R cicalc, stored print of ci_prop_diff_mee(delta = 0.1): 1.348 and 0.0889."""
    counts = Counts(events1=56, n1=70, events2=48, n2=80)
    found = score_test(counts, null=0.1, ratio=False, greater=True)
    assert (found.statistic, found.p_value) == pytest.approx((1.348, 0.0889), abs=5e-4)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("null", "ratio"), [(-0.1, False), (0.15, False), (0.8, True), (1.5, True)]
)
def test_it_is_the_score_at_the_most_likely_proportions(
    case: tuple[int, int, int, int], null: float, ratio: bool
) -> None:
    counts = Counts(events1=case[0], n1=case[1], events2=case[2], n2=case[3])
    z = searched(counts, null, ratio=ratio)
    for side, p in ((True, norm.sf(z)), (False, norm.cdf(z))):
        found = score_test(counts, null=null, ratio=ratio, greater=side)
        assert found.statistic == pytest.approx(z, abs=2e-5)
        assert found.p_value == pytest.approx(p, abs=1e-5)


@pytest.mark.parametrize("case", CASES[:3])
@pytest.mark.parametrize("ratio", [False, True])
def test_limits_are_what_is_not_rejected(case: tuple[int, int, int, int], ratio: bool) -> None:
    counts = Counts(events1=case[0], n1=case[1], events2=case[2], n2=case[3])
    found = score_test(counts, null=1.2 if ratio else 0.1, ratio=ratio, greater=False)
    for end, side in ((found.low, True), (found.high, False)):
        at = score_test(counts, null=end, ratio=ratio, greater=side)
        assert at.p_value == pytest.approx(0.025, abs=1e-6)
    if ratio:
        koopman = ratio_interval(counts)
        assert (found.low, found.high) == (koopman.low, koopman.high)


def test_a_zero_margin_is_pearsons_chi_square() -> None:
    """At a difference of 0 the most likely proportion is the pooled one."""
    counts = Counts(events1=12, n1=31, events2=15, n2=29)
    pooled = 27 / 60
    z = (12 / 31 - 15 / 29) / sqrt(pooled * (1 - pooled) * (1 / 31 + 1 / 29))
    found = score_test(counts, null=0.0, ratio=False, greater=False)
    assert found.statistic == pytest.approx(z, abs=1e-9)


def test_nobody_with_an_event_gives_no_ratio() -> None:
    with pytest.raises(NotEstimable, match="ratio"):
        score_test(Counts(events1=0, n1=9, events2=0, n2=9), null=1.5, ratio=True,
                   greater=False)  # fmt: skip
    found = score_test(Counts(events1=0, n1=30, events2=0, n2=30), null=0.1, ratio=False,
                       greater=False)  # fmt: skip
    assert np.isfinite(found.statistic) and found.p_value < 0.05
