"""Printed statistics and degrees of freedom."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.printed import parse_df, parse_statistic


@pytest.mark.parametrize(
    ("statistic", "df", "family", "text", "freedom"),
    [
        ("t=-1.971", "44", "t", "-1.971", (44,)),
        ("t(28) = 2.1", "28 (implied)", "t", "2.1", (28,)),
        ("t = \N{MINUS SIGN}2.10", "27.43", "t", "-2.10", (27.43,)),
        ("F=4.31", "1, 63 (as printed)", "F", "4.31", (1, 63)),
        ("F(1.53, 42.9)=4.31", "1.53,42.9", "F", "4.31", (1.53, 42.9)),
        ("Q=16.45", "4", "chi2", "16.45", (4,)),
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


@pytest.mark.parametrize("text", ["", "U=33", "2.589", "t", "t = high", "W=120"])
def test_other_statistics_say_no_family(text: str) -> None:
    assert parse_statistic(text, "30") is None


@pytest.mark.parametrize(("text", "df"), [("", ()), ("not read", ()), ("28 (of 30)", (28,))])
def test_what_stands_in_brackets_is_a_remark(text: str, df: tuple[float, ...]) -> None:
    assert parse_df(text) == df
