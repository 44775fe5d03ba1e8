"""GRIM and GRIMMER against enumeration, published cases and honest samples."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import combinations_with_replacement
from statistics import variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.printed.grid import score_grid
from backwalk_stats.engine.printed.integer_samples import grim, grimmer
from backwalk_stats.engine.printed.sd_bounds import nearest_sds
from backwalk_stats.errors import NotEstimable, UsageError

# Example data of the R package scrutiny (`pigs5`), with what its GRIMMER says of them.
PIGS5 = [
    ("7.22", "5.30", 38, False),
    ("4.74", "6.55", 31, True),
    ("5.23", "2.55", 35, False),
    ("2.57", "2.57", 30, True),
    ("6.77", "2.18", 33, False),
    ("2.68", "2.59", 34, True),
    ("7.01", "6.68", 35, False),
    ("7.38", "3.65", 32, True),
    ("3.14", "5.32", 33, False),
    ("6.89", "4.18", 37, True),
    ("5.00", "2.18", 31, True),
    ("0.24", "6.43", 34, True),
]


def printed(square, decimals, rounding):
    """Return the root of an exact fraction as text, rounded from 60 digits."""
    with localcontext(prec=60):
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
        return str(root.quantize(Decimal(1).scaleb(-decimals), rounding=rounding))


def printed_mean(mean, decimals, rounding):
    with localcontext(prec=60):
        value = Decimal(mean.numerator) / Decimal(mean.denominator)
        return str(value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding))


@pytest.mark.parametrize(("mean", "sd", "n", "possible"), PIGS5)
def test_examples_of_scrutiny(mean, sd, n, possible):
    assert grimmer(mean_text=mean, sd_text=sd, n=n, grid=score_grid()).possible is possible


def test_cases_of_rsprite2():
    # tests of the R package rsprite2: GRIMMER_test(5.21, 1.6, 28), GRIMMER_test(3.44, 2.47, 18)
    assert grimmer(mean_text="5.21", sd_text="1.60", n=28, grid=score_grid()).possible
    assert not grimmer(mean_text="3.44", sd_text="2.47", n=18, grid=score_grid()).possible


def test_a_genuine_sample_that_the_parity_rule_of_heuristic_grimmer_flags():
    # scrutiny issue 80: the mean 5.9 may stand for 88/15 or 89/15, and only one has the parity.
    check = grimmer(mean_text="5.9", sd_text="0.3", n=15, grid=score_grid(low=0, high=10))
    assert check.possible
    assert check.sample is not None
    mean = Fraction(sum(check.sample), 15)
    assert Fraction("5.85") <= mean <= Fraction("5.95")
    assert Fraction("0.25") ** 2 <= variance(check.sample) <= Fraction("0.35") ** 2


@pytest.mark.parametrize(
    ("mean", "n", "possible"),
    # 5.19 at n = 28: the example of Brown & Heathers 2017. The others: one arm of a trial,
    # impossible at the 21 people printed, two of them possible at 19.
    [
        ("5.19", 28, False),
        ("5.18", 28, True),
        ("2.85", 21, False),
        ("20.79", 21, False),
        ("31.79", 21, False),
        ("20.79", 19, True),
        ("31.79", 19, True),
    ],
)
def test_known_means(mean, n, possible):
    assert grim(mean_text=mean, n=n, grid=score_grid()).possible is possible


@pytest.mark.parametrize(("n", "width", "items"), [(2, 5, 1), (3, 6, 1), (5, 4, 1), (4, 6, 3)])
@pytest.mark.parametrize("decimals", [1, 2])
def test_every_printable_pair_agrees_with_enumeration(n, width, items, decimals):
    grid = score_grid(items=items, low=0, high=width // items)
    samples = [
        [Fraction(value, items) for value in one]
        for one in combinations_with_replacement(range(width + 1), n)
    ]
    truth = {(Fraction(sum(one), n), variance(one)) for one in samples}
    half = Fraction(1, 2 * 10**decimals)
    step = Fraction(1, 10**decimals) if decimals == 1 else Fraction(7, 100)
    for i in range(int(grid.score(Fraction(width)) / step) + 1):
        mean = i * step
        near = [v for m, v in truth if abs(m - mean) <= half]
        for j in range(int(Fraction(width, items) / step) + 1):
            sd = j * step
            expected = any(max(Fraction(0), sd - half) ** 2 <= v <= (sd + half) ** 2 for v in near)
            texts = (f"{float(mean):.{decimals}f}", f"{float(sd):.{decimals}f}")
            check = grimmer(mean_text=texts[0], sd_text=texts[1], n=n, grid=grid)
            assert check.possible is expected, texts
            assert check.mean_possible is (len(near) > 0)


@settings(deadline=None, max_examples=200)
@given(
    scale=st.sampled_from([(1, 0, 10), (1, 1, 5), (1, 0, 96), (24, 0, 4), (10, 0, 10)]),
    rounding=st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_HALF_DOWN]),
    decimals=st.integers(0, 4),
    data=st.data(),
)
def test_an_honest_sample_is_never_flagged(scale, rounding, decimals, data):
    items, low, high = scale
    steps = st.integers(low * items, high * items)
    sample = [
        Fraction(value, items) for value in data.draw(st.lists(steps, min_size=2, max_size=80))
    ]
    n = len(sample)
    mean_text = printed_mean(Fraction(sum(sample), n), decimals, rounding)
    sd_text = printed(variance(sample), decimals, rounding)
    for grid in (score_grid(items=items, low=low, high=high), score_grid(items=items)):
        assert grim(mean_text=mean_text, n=n, grid=grid).possible
        check = grimmer(mean_text=mean_text, sd_text=sd_text, n=n, grid=grid)
        assert check.possible
        assert check.sample is not None
        assert len(check.sample) == n


def test_the_nearest_possible_means_stop_at_the_ends_of_the_scale():
    check = grim(mean_text="10.3", n=4, grid=score_grid(low=0, high=10))
    assert (check.possible, check.below, check.above) == (False, Fraction(10), None)
    check = grim(mean_text="-0.3", n=4, grid=score_grid(low=0, high=10))
    assert (check.possible, check.below, check.above) == (False, None, Fraction(0))
    check = grim(mean_text="2.30", n=4, grid=score_grid(items=2, low=0, high=10))
    assert (check.below, check.above) == (Fraction("2.25"), Fraction("2.375"))


def test_a_scale_that_does_not_start_at_zero():
    grid = score_grid(low=1, high=5)
    assert grimmer(mean_text="1.00", sd_text="0.00", n=9, grid=grid).sample == (Fraction(1),) * 9
    assert not grimmer(mean_text="0.89", sd_text="0.33", n=9, grid=grid).possible
    assert grimmer(mean_text="5.0", sd_text="0.0", n=9, grid=score_grid(high=5)).possible
    assert not grimmer(mean_text="5.2", sd_text="0.4", n=9, grid=score_grid(high=5)).possible


def test_nearest_sds_agree_with_enumeration():
    grid = score_grid(low=0, high=6)
    samples = [one for one in combinations_with_replacement(range(7), 5) if sum(one) == 14]
    roots = sorted({float(variance([Fraction(v) for v in one])) ** 0.5 for one in samples})
    for text in ("0.10", "0.95", "1.60", "2.20", "3.40"):
        near = nearest_sds(mean_text="2.80", sd_text=text, n=5, grid=grid)
        below = [root for root in roots if root <= float(text)]
        above = [root for root in roots if root >= float(text)]
        assert near.below == (pytest.approx(max(below)) if below else None)
        assert near.above == (pytest.approx(min(above)) if above else None)


def test_very_wide_intervals_do_not_hang():
    for n in (2, 50):
        assert grimmer(mean_text="5000000", sd_text="3000000", n=n, grid=score_grid()).possible
    with pytest.raises(NotEstimable, match="not searched"):
        grimmer(mean_text="5000000", sd_text="3000000", n=3, grid=score_grid())


@pytest.mark.parametrize("text", ["<0.05", "1e400", "inf", "6,5", "", "4.5.1", "9" * 60])
def test_what_is_not_a_printed_number_is_refused(text):
    with pytest.raises(UsageError, match="plain decimal number"):
        grim(mean_text=text, n=10, grid=score_grid())


def test_what_has_no_sd_is_refused():
    with pytest.raises(NotEstimable):
        grimmer(mean_text="1", sd_text="0", n=1, grid=score_grid())
    with pytest.raises(UsageError):
        grimmer(mean_text="1.0", sd_text="-0.5", n=5, grid=score_grid())
    with pytest.raises(UsageError):
        grim(mean_text="1", n=0, grid=score_grid())


@pytest.mark.parametrize(
    "ends",
    [
        {"low": 5, "high": 5},
        {"low": 5, "high": 1},
        {"low": 0, "high": "4.3"},
        {"items": 0},
        {"low": "1e9"},
    ],
)
def test_a_scale_that_is_none_is_refused(ends):
    with pytest.raises(UsageError):
        score_grid(**ends)
