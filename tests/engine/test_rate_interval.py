"""Exact Poisson limits against the printed table, and against their definition by tail sums."""

from __future__ import annotations

import pytest
from scipy.stats import poisson

from backwalk_stats.engine.summary.proportions import rate_interval
from backwalk_stats.errors import NotEstimable


# Garwood, Biometrika 1936;28:437, as reprinted in Breslow and Day 1987, IARC 82, table 2.10.
@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (4, 1.09, 10.24), (10, 4.80, 18.39)],
)
def test_limits_are_those_of_the_table(events: int, low: float, high: float) -> None:
    found = rate_interval(events=events, time=1.0)
    assert found.low == pytest.approx(low, rel=2e-3)
    assert found.high == pytest.approx(high, rel=2e-3)


@pytest.mark.parametrize("events", [1, 3, 37, 400])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_each_limit_leaves_its_tail(events: int, level: float) -> None:
    found, tail = rate_interval(events=events, time=2.5, level=level), (1.0 - level) / 2.0
    assert poisson.sf(events - 1, 2.5 * found.low) == pytest.approx(tail, rel=1e-9)
    assert poisson.cdf(events, 2.5 * found.high) == pytest.approx(tail, rel=1e-9)


def test_no_time_is_no_rate() -> None:
    with pytest.raises(NotEstimable):
        rate_interval(events=1, time=0.0)
