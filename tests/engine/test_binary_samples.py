"""DEBIT against enumeration and published examples."""

from __future__ import annotations

from fractions import Fraction
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.printed.grid import score_grid
from backwalk_stats.engine.printed.integer_samples import debit, grimmer
from backwalk_stats.errors import NotEstimable, UsageError


@pytest.mark.parametrize(
    ("mean", "sd", "possible"),
    # Example data of the R package scrutiny (`pigs3`, all n = 1683) with what its DEBIT says.
    [
        ("0.53", "0.50", True),
        ("0.44", "0.50", True),
        ("0.77", "0.42", True),
        ("0.19", "0.35", False),
        ("0.34", "0.47", True),
        ("0.93", "0.25", True),
        ("0.12", "0.33", True),
    ],
)
def test_examples_of_scrutiny(mean, sd, possible):
    assert debit(mean_text=mean, sd_text=sd, n=1683).possible is possible


@given(st.integers(2, 300), st.data(), st.integers(1, 4))
def test_honest_answers_are_never_flagged(n, data, decimals):
    k = data.draw(st.integers(0, n))
    sd = stdev([1.0] * k + [0.0] * (n - k))
    check = debit(mean_text=f"{k / n:.{decimals}f}", sd_text=f"{sd:.{decimals}f}", n=n)
    assert k in check.counts
    assert check.sd_low - 1e-12 <= sd <= check.sd_high + 1e-12


@given(st.integers(2, 40), st.integers(0, 100), st.integers(0, 60))
def test_debit_is_grimmer_on_a_scale_of_two_scores(n, mean, sd):
    mean_text, sd_text = f"{mean / 100:.2f}", f"{sd / 100:.2f}"
    both = grimmer(mean_text=mean_text, sd_text=sd_text, n=n, grid=score_grid(low=0, high=1))
    assert debit(mean_text=mean_text, sd_text=sd_text, n=n).possible is both.possible


def test_a_percentage_with_its_sd():
    assert debit(mean_text="35", sd_text="49", n=20, yes=100).counts == (7,)
    assert debit(mean_text="35.0", sd_text="48.9", n=20, yes=100).counts == (7,)
    assert debit(mean_text="35.0", sd_text="48.9", n=20, yes=100).sd_high == pytest.approx(
        float(Fraction(20, 19) * Fraction("35.05") * Fraction("64.95")) ** 0.5
    )


def test_nonsense_is_refused():
    with pytest.raises(NotEstimable):
        debit(mean_text="0.5", sd_text="0.5", n=1)
    with pytest.raises(UsageError):
        debit(mean_text="0.5", sd_text="-0.5", n=9)
    with pytest.raises(UsageError):
        debit(mean_text="0.5 %", sd_text="0.5", n=9)
