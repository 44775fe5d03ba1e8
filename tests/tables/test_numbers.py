"""Numbers as text, against decimal arithmetic and what papers do."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.tables.numbers import (
    DASH,
    beside,
    count,
    interval_text,
    number,
    p_text,
    p_value,
    percent,
    shortened,
    significant,
    significant_interval,
    unparted,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (2.675, 2, "2.68"),  # 2.67499... in binary; papers print 2.68
        (1.005, 2, "1.01"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (1e-300, 2, "0.00"),
        (1.5, 4, "1.5000"),
        (inf, 2, "∞"),
        (-inf, 2, "−∞"),
        (nan, 2, DASH),
        (None, 2, DASH),
        (1e22, 2, "1.00 × 10²²"),
        (9999.0, 0, "9999"),
        (10000.0, 1, "10\u202f000.0"),
        (-1234567.25, 2, "−1\u202f234\u202f567.25"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert number(value, digits) == text


@given(FINITE, st.integers(0, 8))
def test_number_is_half_up_on_the_shortest_decimal(value: float, digits: int) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert Decimal(unparted(number(value, digits)).replace("−", "-")) == exact


@given(FINITE, st.integers(1, 8))
def test_significant_digits_keep_the_value(value: float, digits: int) -> None:
    text = unparted(significant(value, digits)).replace("−", "-")
    mantissa, _, power = text.partition(" × 10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    back = float(mantissa) * 10.0 ** int(raised or 0)
    assert back == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits), abs=1e-320)


@given(FINITE)
def test_no_ascii_minus_and_no_exponent_letter(value: float) -> None:
    for text in (number(value), significant(value), count(value), percent(value)):
        assert "-" not in text
        assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.014706, "p = 0.015"),
        (0.0009999, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0, "p < 0.001"),
        (0.9999, "p > 0.999"),
        (1.0, "p > 0.999"),
        (0.05, "p = 0.050"),
        (nan, "p not known"),
    ],
)
def test_p_text(value: float, text: str) -> None:
    assert p_text(value) == text
    assert p_value(value) in (text.removeprefix("p ").removeprefix("= "), DASH)


def test_intervals() -> None:
    assert interval_text(-1.416, 0.016) == "−1.42 to 0.02"
    assert interval_text(nan, nan) == DASH
    assert interval_text(-inf, 1.0) == "−∞ to 1.00"
    assert significant_interval(0.013012, 0.016551) == "0.0130 to 0.0166"
    assert significant_interval(0.0, 4e-7, 1) == "0 to 4 × 10⁻⁷"
    assert significant_interval(nan, 4e-7, 1) == f"{DASH} to 4 × 10⁻⁷"


@given(FINITE, FINITE, st.integers(1, 5))
def test_both_ends_of_an_interval_are_written_in_one_style(a: float, b: float, digits: int) -> None:
    ends = significant_interval(a, b, digits).split(" to ")
    if a and b:
        assert len({"×" in end for end in ends}) == 1


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("4.25 (1.242176)", "4.25 (1.24)"),
        ("-0.6333 (0.0041239)", "−0.633 (0.00412)"),
        ("1.2.3456 and 12.345678", "1.2.3456 and 12.35"),
        ("not printed", "not printed"),
    ],
)
def test_a_derived_number_does_not_pose_as_a_printed_one(printed: str, text: str) -> None:
    assert shortened(printed) == text


@pytest.mark.parametrize(
    ("value", "printed", "text"),
    [
        (1.33036, "1.33", "1.330"),
        (91.304, "91", "91.3"),
        (-1.970, "t=-1.97", "−1.970"),
        (0.00012, "0.01", "0.00012"),
        (61.0, "1,63 (as printed)", "61.0"),
        (0.65, "not significant", "0.6500"),
        (nan, "1.2", DASH),
    ],
)
def test_beside(value: float, printed: str, text: str) -> None:
    assert beside(value, printed) == text
