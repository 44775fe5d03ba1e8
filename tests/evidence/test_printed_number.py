"""What counts as a printed number, held against the standard library's decimals."""

from __future__ import annotations

import math
import time
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.evidence import schema as cells
from backwalk_stats.evidence.printed_values import (
    advice,
    as_number,
    is_number,
    p_value_fault,
    p_values,
)
from backwalk_stats.evidence.schema import Cell
from backwalk_stats.loaders.sheets.encoding import plain_signs

KINDS = {name: kind for name, kind in vars(cells).items() if isinstance(kind, Cell)}
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**6)
NEARLY_NUMBERS = st.text("0123456789.,-+eE_ −٣infa%<", max_size=8)


def is_plain_decimal(text: str) -> bool:
    """Judge with `Decimal`, and by hand where it accepts more than a plain spelling."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return False
    plain = text.isascii() and not set(text.lower()) & set("e_ \n\t")
    return value.is_finite() and plain and not text.endswith(".")


@given(NEARLY_NUMBERS)
def test_is_number_agrees_with_decimal(text):
    assert is_number(text) == is_plain_decimal(text)


@given(DECIMALS.filter(lambda value: abs(value) < 10**6))
def test_a_decimal_keeps_its_value_whatever_its_minus_sign(value):
    text = f"{value:f}"
    assert as_number(text) == float(value)
    assert plain_signs(text.replace("-", "−")) == text
    assert plain_signs(f"\u00a0{text} ") == text


@given(st.text(max_size=40))
def test_plain_signs_is_stable_and_leaves_ascii_alone(text):
    once = plain_signs(text)
    assert plain_signs(once) == once
    if text.isascii():
        assert once == text.strip()


@given(st.integers(0, 10**6), st.sampled_from(["", "p=", "P < ", "p = ", ">", "p-value ", "p: "]))
def test_a_p_value_from_0_to_1_is_fine_and_above_is_not(millionths, before):
    value = Decimal(millionths) / 10**6
    assert list(p_values(f"{before}{value:f}")) == [float(value)]
    assert p_value_fault(f"{before}{value:f}") is None
    above = value + Decimal("1.000001")
    assert p_value_fault(f"{before}{above:f}") is not None


@pytest.mark.parametrize("name", sorted(KINDS))
@given(text=st.one_of(st.text(min_size=1, max_size=60), NEARLY_NUMBERS.filter(bool)))
def test_every_kind_judges_every_text(name, text):
    judged = KINDS[name].fault(text)
    assert judged is None or judged


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("piece", ["(", "1", "1,", "a(", " ", "p=1 ", "<", "-", "1 ", ";a"])
def test_no_text_makes_a_kind_slow(name, piece):
    text = (piece * 32_767)[:32_767]
    start = time.perf_counter()
    KINDS[name].fault(text)
    assert time.perf_counter() - start < 1.0


@given(st.text(max_size=40))
def test_there_is_always_an_advice(text):
    assert advice(text)


@given(NEARLY_NUMBERS)
def test_what_the_number_kind_accepts_is_finite(text):
    if cells.NUMBER.fault(text) is None:
        value = as_number(text)
        assert value is not None
        assert math.isfinite(value)
