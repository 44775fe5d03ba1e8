"""Intervals: what a printed number can have been, and the arithmetic that keeps it."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backwalk_stats.ledger.reading.printed import (
    Interval,
    first_order,
    monotone,
    number_in,
    rounding_interval,
    unit_of,
)
from tests.ledger.printing import Printer

NUMBERS = st.floats(-1e4, 1e4)
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("4.80", 4.795, 4.805), ("4.8", 4.75, 4.85), ("17", 16.5, 17.5), ("-0.0", -0.05, 0.05)],
)
def test_trailing_zeros_count(text: str, low: float, high: float) -> None:
    assert rounding_interval(text) == Interval(low, high)


def test_minus_sign_of_typesetters() -> None:
    assert rounding_interval("\N{MINUS SIGN}1.5") == Interval(-1.55, -1.45)
    assert number_in("d = \N{MINUS SIGN}1.5 points") == "-1.5"


@pytest.mark.parametrize(("text", "unit"), [("4.80", 0.01), ("17", 1.0), ("4.2e-5", 1e-6)])
def test_unit_of_the_last_decimal(text: str, unit: float) -> None:
    assert unit_of(text) == pytest.approx(unit)


@given(NUMBERS, st.integers(0, 6), st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN"]))
def test_interval_holds_what_was_rounded(value: float, decimals: int, rounding: str) -> None:
    interval = rounding_interval(Printer(decimals, rounding)(value))
    slack = 1e-12 * max(1.0, abs(value))
    assert interval.low - slack <= value <= interval.high + slack


@st.composite
def interval_and_point(draw: st.DrawFn) -> tuple[Interval, float]:
    low, width = draw(NUMBERS), draw(st.floats(0, 100))
    interval = Interval(low, low + width)
    return interval, min(interval.low + draw(SHARES) * interval.width, interval.high)


@given(interval_and_point(), interval_and_point())
def test_arithmetic_loses_nothing(one: tuple[Interval, float], two: tuple[Interval, float]) -> None:
    (a, x), (b, y) = one, two
    point = {"+": (a + b, x + y), "-": (a - b, x - y), "*": (a * b, x * y)}
    if b.low > 0:
        point["/"] = (a / b, x / y)
    point["abs"] = (a.magnitude(), abs(x))
    for name, (interval, value) in point.items():
        assert interval.holds(Interval(value, value)), name


def test_quotient_by_what_may_be_zero_is_unbounded() -> None:
    assert Interval(1, 2) / Interval(0, 1) == Interval(1, math.inf)
    assert Interval(-1, 2) / Interval(0, 1) == Interval(-math.inf, math.inf)


@given(interval_and_point(), interval_and_point())
def test_intervals_meet_when_they_share_a_point(
    one: tuple[Interval, float], two: tuple[Interval, float]
) -> None:
    (a, x), (b, _) = one, two
    if b.low <= x <= b.high:
        assert a.meets(b)
    assert a.meets(b) == b.meets(a)
    gap = max(a.low - b.high, b.low - a.high)
    assume(gap > 1e-3)
    assert not a.meets(b)


def test_monotone_takes_the_ends() -> None:
    assert monotone(lambda x: -(x**3), Interval(-1, 2)) == Interval(-8, 1)


def test_first_order_is_exact_for_sums() -> None:
    found = first_order(lambda values: values[0] + 2 * values[1], ["1.0", "2.00"])
    assert [found.low, found.high] == pytest.approx([4.94, 5.06])
