"""GRIM, GRIMMER and DEBIT at the door: published examples, enumeration, and what is refused."""

from __future__ import annotations

from itertools import combinations_with_replacement
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backwalk_stats as bw


@pytest.mark.parametrize(
    ("printed", "n", "items", "possible"),
    # Brown and Heathers 2017: 5.19 of 28 is the paper's example of an impossible mean; with
    # several items averaged the grid is as fine as n times the items.
    [("5.19", 28, 1, False), ("5.18", 28, 1, True), ("5.19", 28, 2, False), ("5.20", 28, 2, True)],
)
def test_grim_on_published_examples(printed, n, items, possible):
    assert bw.grim(printed, n, items).possible is possible


@pytest.mark.parametrize("n", [2, 3, 4])
def test_grimmer_is_what_enumeration_finds(n):
    samples = list(combinations_with_replacement(range(7), n))
    told = {(f"{mean(one):.1f}", f"{stdev(one):.1f}") for one in samples}
    for low, high in told:
        assert bw.grimmer(low, high, n).possible
    odd = bw.grimmer("3.0", "0.1", n)
    assert not odd.possible and odd.nearest and odd.notes


@given(st.integers(2, 60), st.data())
def test_debit_flags_no_honest_answers(n, data):
    yes = data.draw(st.integers(0, n))
    spread = stdev([1.0] * yes + [0.0] * (n - yes))
    assert bw.debit(f"{yes / n:.2f}", f"{spread:.2f}", n).possible


def test_an_answer_shows_itself_and_says_what_it_takes_for_granted():
    found = bw.grim("20.79", 21)
    assert found.nearest == pytest.approx((436 / 21, 437 / 21))
    assert "impossible at n = 21" in repr(found) and "if scores are whole numbers" in repr(found)
    assert "<pre>" in found._repr_html_() and len(repr(found)) < 2000
    assert "24 whole-number items" in repr(bw.grim("2.51", 15, 24))
    assert "so the test is weak" in repr(bw.grim("20.8", 210))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bw.grim(20.79, 21), "as printed, as text"),  # type: ignore[arg-type]
        (lambda: bw.grim("1,234", 21), "plain decimal number"),
        (lambda: bw.grim("20.79", 21.0), "n as a whole number"),  # type: ignore[arg-type]
        (lambda: bw.grim("20.79", True), "n as a whole number"),
        (lambda: bw.grim("20.79", 21, 0), "items as a whole number"),
        (lambda: bw.grimmer("3.1", "-1.0", 9), "SD of at least 0"),
        (lambda: bw.debit("35", "49", 20), "divide a percentage"),
    ],
)
def test_what_is_not_as_printed_is_refused(call, said):
    with pytest.raises(bw.UsageError, match=said):
        call()


def test_one_person_has_no_sd():
    with pytest.raises(bw.NotEstimable):
        bw.grimmer("3.0", "1.0", 1)
    assert bw.grim("3.0", np.int64(1)).possible  # type: ignore[arg-type]
