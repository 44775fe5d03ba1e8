"""Printed p-values: what each spelling can mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.ledger.reading.printed import parse_p
from tests.ledger.printing import Printer

NUMBERS = [
    ("p=0.014", 0.0135, 0.0145),
    ("P = .04", 0.035, 0.045),
    ("0.05", 0.045, 0.055),
    ("1.000", 0.9995, 1.0),
    ("p1=0.03", 0.025, 0.035),
    ("4.2e-5", 4.15e-5, 4.25e-5),
    ("p = 4.2 x 10^-5", 4.15e-5, 4.25e-5),
    ("0.42 (printed beside I2)", 0.415, 0.425),
]
BOUNDS = [
    ("P<.0001", 0.0, 0.0001),
    ("p<0.05.", 0.0, 0.05),
    ("p < 1 x 10^-4", 0.0, 0.0001),
    ("p ≤ 0.05", 0.0, 0.05),
    ("p>.99", 0.99, 1.0),
    ('>0.001 ("not significant")', 0.001, 1.0),
    ("0.000", 0.0, 0.0005),
    ("0.00", 0.0, 0.005),
    ("NS", 0.05, 1.0),
    ("n.s.", 0.05, 1.0),
    ("not significant", 0.05, 1.0),
    ("not statistically significant", 0.05, 1.0),
    ("non significant", 0.05, 1.0),
    ("non-significant", 0.05, 1.0),
    ("insignificant", 0.05, 1.0),
    ("no significant difference (no value)", 0.05, 1.0),
    ("no statistically significant difference", 0.05, 1.0),
    ("significant", 0.0, 0.05),
    ("statistically significant", 0.0, 0.05),
]


@pytest.mark.parametrize(("text", "low", "high"), NUMBERS)
def test_number_is_what_rounds_to_it(text: str, low: float, high: float) -> None:
    p = parse_p(text)
    assert p is not None
    assert not p.is_bound
    assert [end for one in p.intervals for end in (one.low, one.high)] == pytest.approx([low, high])


@pytest.mark.parametrize(("text", "low", "high"), BOUNDS)
def test_bound_is_a_range_and_no_number(text: str, low: float, high: float) -> None:
    p = parse_p(text)
    assert p is not None
    assert p.is_bound
    assert [(one.low, one.high) for one in p.intervals] == [(low, high)]


def test_two_printed_values_are_two_intervals() -> None:
    p = parse_p("0.180 (and 0.183)")
    assert p is not None
    assert [one.low for one in p.intervals] == pytest.approx([0.1795, 0.1825])


@pytest.mark.parametrize("text", ["NOT SEEN", "-", "", "means", "see table"])
def test_words_without_a_conclusion_say_nothing(text: str) -> None:
    assert parse_p(text) is None


@given(
    p=st.floats(0, 1),
    decimals=st.integers(2, 5),
    rounding=st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN"]),
    spelling=st.sampled_from(["{}", "p = {}", "P={}", "({})"]),
)
def test_holds_what_was_rounded(p: float, decimals: int, rounding: str, spelling: str) -> None:
    found = parse_p(spelling.format(Printer(decimals, rounding)(p)))
    assert found is not None
    assert any(one.low <= p <= one.high + 1e-15 for one in found.intervals)


@given(st.text(alphabet="p=<>.0123456789eE-x^() nsotgifca", max_size=20))
def test_no_text_stops_the_ledger(text: str) -> None:
    parse_p(text)
