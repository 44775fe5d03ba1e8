"""Printed statistics and degrees of freedom."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.reading.printed import parse_df, parse_statistic


@pytest.mark.parametrize(
    ("statistic", "df", "family", "text", "freedom"),
    [
        ("t=-1.971", "44", "t", "-1.971", (44,)),
        ("t(28) = 2.1", "28 (implied)", "t", "2.1", (28,)),
        ("t = \N{MINUS SIGN}2.10", "27.43", "t", "-2.10", (27.43,)),
        ("F=4.31", "1, 63 (as printed)", "F", "4.31", (1, 63)),
        ("F(1.53, 42.9)=4.31", "1.53,42.9", "F", "4.31", (1.53, 42.9)),
        ("Q=16.45", "4", "Q", "16.45", (4,)),
        ("Q(4) = 16.45", "", "Q", "16.45", (4,)),
        ("chi2(1, N = 60) = 3.84", "", "chi2", "3.84", (1,)),
        ("χ²(2) = 5.1", "", "chi2", "5.1", (2,)),
        ("Chi-squared=5.1", "2", "chi2", "5.1", (2,)),
        ("X2 = 5.1", "2", "chi2", "5.1", (2,)),
        ("r(25) = .54", "", "r", ".54", (25,)),
        ("r=−0.54", "25", "r", "-0.54", (25,)),
        ("rs = 0.30", "", "rho", "0.30", ()),
        ("ρ = 0.30", "", "rho", "0.30", ()),
        ("Spearman's rho = 0.30", "", "rho", "0.30", ()),
        ("tau-b = 0.21", "", "tau", "0.21", ()),
        ("H(2)=12.31", "", "H", "12.31", (2,)),
        ("Kruskal-Wallis H = 12.31", "2", "H", "12.31", (2,)),
        ("U=307", "", "U", "307", ()),
        ("Mann-Whitney U = 72.5", "", "U", "72.5", ()),
        ("W=120", "", "W", "120", ()),
        ("Z = -2.31", "", "z", "-2.31", ()),
        ("χ2(1)=3.84", "1", "chi2", "3.84", (1,)),
        ("chi-square = 3.84", "1", "chi2", "3.84", (1,)),
        ("z=-2.1", "", "z", "-2.1", ()),
    ],
)
def test_family_number_and_df(
    statistic: str, df: str, family: str, text: str, freedom: tuple[float, ...]
) -> None:
    found = parse_statistic(statistic, df)
    assert found is not None
    assert (found.family, found.text, found.df) == (family, text, freedom)


@pytest.mark.parametrize("text", ["", "V=33", "2.589", "t", "t = high", "OR=1.2", "R2 = 0.3"])
def test_other_statistics_say_no_family(text: str) -> None:
    assert parse_statistic(text, "30") is None


@pytest.mark.parametrize(("text", "df"), [("", ()), ("not read", ()), ("28 (of 30)", (28,))])
def test_what_stands_in_brackets_is_a_remark(text: str, df: tuple[float, ...]) -> None:
    assert parse_df(text) == df
