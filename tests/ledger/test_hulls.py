"""The interval of a recomputation holds what any numbers that round to the printed ones give."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.summary.many_arms import Arms, one_way
from backwalk_stats.engine.summary.six_numbers import ancova_from_summaries
from backwalk_stats.engine.summary.two_arms import (
    Arm,
    cochrane_smd,
    hedges_g,
    noncentral_interval,
    pooled,
    welch,
)
from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.checks import ancova, interval_to_p
from backwalk_stats.ledger.checks import one_way as one_way_check
from backwalk_stats.ledger.hulls import smd_candidates, student_box, welch_box
from backwalk_stats.ledger.reading.printed import Interval

STUDY = Study(
    study_id="trial", label="", design="", arms=(), arm_sizes=(), n_total=None, n_text="",
    numbers="", note="", line=2,
)  # fmt: skip
BARE = Contrast(
    study=STUDY, outcome="", arm_a="", arm_b="", kind="between", contrast_type="", method="",
    printed={}, source="", line=2,
)  # fmt: skip
QUANTITIES = ("estimate", "statistic", "p_value", "conf_low", "conf_high")


@st.composite
def printed_numbers(draw: st.DrawFn, low: int, high: int, decimals: int = 1) -> tuple[str, float]:
    """Return a printed number and one that rounds to it."""
    text = str(Decimal(draw(st.integers(low, high))).scaleb(-decimals))
    share = draw(st.floats(-0.499, 0.499))
    return text, float(text) + share * 10.0**-decimals


@st.composite
def arms(draw: st.DrawFn) -> tuple[Cell, float, float]:
    """Return a printed arm, and a mean and SD that it can have been rounded from."""
    mean, sd = draw(printed_numbers(0, 90)), draw(printed_numbers(2, 40))
    cell = Cell(
        study_id="trial", arm=str(draw(st.integers())), outcome="", instrument="", unit="",
        scale_min="", scale_max="", timepoint="", n=draw(st.integers(3, 40)), mean=mean[0],
        sd=sd[0],
    )  # fmt: skip
    return cell, mean[1], sd[1]


def true_arms(*drawn: tuple[Cell, float, float]) -> list[Arm]:
    """Return the arms as they were before they were rounded."""
    return [Arm(cell.n or 0, mean, sd) for cell, mean, sd in drawn]


def holds(interval: Interval, value: float) -> bool:
    return interval.holds(Interval(value, value))


@given(arms(), arms())
def test_two_samples(one: tuple[Cell, float, float], two: tuple[Cell, float, float]) -> None:
    (a, _, _), (b, _, _), true = one, two, true_arms(one, two)
    for box, test in ((student_box(a, b), pooled(*true)), (welch_box(a, b), welch(*true))):
        for quantity, interval in box.intervals().items():
            assert holds(interval, float(getattr(test, quantity))), quantity
            assert holds(interval, float(getattr(box.centre, quantity))), quantity


@settings(max_examples=40)
@given(arms(), arms())
def test_standardised_difference(
    one: tuple[Cell, float, float], two: tuple[Cell, float, float]
) -> None:
    (a, mean1, sd1), (b, mean2, sd2) = one, two
    true = true_arms(one, two)
    review, exact = cochrane_smd(*true), float(hedges_g(*true))
    d = (mean1 - mean2) / np.sqrt(
        ((a.n or 0) - 1) * sd1**2 + ((b.n or 0) - 1) * sd2**2
    ) * np.sqrt((a.n or 0) + (b.n or 0) - 2)  # fmt: skip
    low, high = (float(end) for end in noncentral_interval(n1=a.n or 0, n2=b.n or 0, d=d))
    expected = {
        "cochrane": (review.estimate, review.conf_low, review.conf_high),
        "noncentral": (exact, low * exact / d, high * exact / d) if d else (exact,),
        "cohen": (d, low, high),
    }
    for way, values in expected.items():
        found = {one.quantity: one.interval for one in smd_candidates(way, a, b)}
        for quantity, value in zip(("estimate", "conf_low", "conf_high"), values, strict=False):
            assert holds(found[quantity], float(value)), (way, quantity)


@given(st.lists(arms(), min_size=3, max_size=5))
def test_one_way(drawn: list[tuple[Cell, float, float]]) -> None:
    cells = [cell for cell, _, _ in drawn]
    contrast = replace(
        BARE, kind="anova", first=(cells[0],), second=(cells[1],), others=(tuple(cells[2:]),)
    )
    table = one_way(Arms(*map(list, zip(*true_arms(*drawn), strict=True))))
    found = {one.quantity: one.interval for one in one_way_check.run(contrast)}
    assert holds(found["statistic"], float(table.statistic))
    assert holds(found["p_value"], float(table.p_value))


@given(st.lists(arms(), min_size=3, max_size=4))
def test_pairs_of_arms(drawn: list[tuple[Cell, float, float]]) -> None:
    cells = [cell for cell, _, _ in drawn]
    contrast = replace(BARE, first=(cells[0],), second=(cells[1],), others=(tuple(cells[2:]),))
    n = np.array([cell.n for cell in cells], dtype=float)
    df, k = int(n.sum()) - len(n), len(n)
    within = sum((size - 1) * s**2 for size, (_, _, s) in zip(n, drawn, strict=True)) / df
    t = abs(drawn[0][1] - drawn[1][1]) / np.sqrt(within * (1 / n[0] + 1 / n[1]))
    alone = 2 * stats.t.sf(t, df)
    expected = {"lsd": alone, "bonferroni": min(1.0, alone * k * (k - 1) / 2)}
    for one in one_way_check.run(contrast):
        if one.test in expected:
            assert holds(one.interval, float(expected[one.test])), one.test


@st.composite
def six_numbers(draw: st.DrawFn) -> tuple[tuple[Cell, float, float], ...]:
    """Return an arm before and after, and its change, that people can have had."""
    before, after, size = draw(arms()), draw(arms()), draw(st.integers(4, 40))
    x, y, r = before[2], after[2], draw(st.floats(-0.9, 0.95))
    d = float(np.sqrt(x**2 + y**2 - 2 * r * x * y))
    change = (replace(before[0], mean="0.0", sd=f"{d:.1f}"), 0.0, d)
    return tuple((replace(cell, n=size), m, s) for cell, m, s in (before, after, change))


@settings(max_examples=15)
@given(six_numbers(), six_numbers())
def test_ancova(
    one: tuple[tuple[Cell, float, float], ...], two: tuple[tuple[Cell, float, float], ...]
) -> None:
    (x1, y1, d1), (x2, y2, d2) = one, two
    contrast = replace(
        BARE, method="ANCOVA adjusted for baseline", first=(y1[0],), second=(y2[0],),
        before_first=x1[0], before_second=x2[0], change_first=d1[0], change_second=d2[0],
        printed=dict.fromkeys(QUANTITIES, "1"), others=((),),
    )  # fmt: skip
    correlation = [
        (x[2] ** 2 + y[2] ** 2 - d[2] ** 2) / (2 * x[2] * y[2]) for x, y, d in (one, two)
    ]
    true = ancova_from_summaries(
        n=[y1[0].n or 0, y2[0].n or 0], mean_pre=[x1[1], x2[1]], mean_post=[y1[1], y2[1]],
        sd_pre=[x1[2], x2[2]], sd_post=[y1[2], y2[2]], correlation=correlation,
    )  # fmt: skip
    for found in ancova.run(contrast):
        # The search is numerical: a hundredth of the interval is its honesty.
        slack = 0.01 * found.interval.width
        wider = Interval(found.interval.low - slack, found.interval.high + slack)
        assert holds(wider, float(getattr(true, found.quantity))), found.quantity


@given(printed_numbers(-30, 30), printed_numbers(5, 60), st.integers(3, 60))
def test_interval_to_p(centre: tuple[str, float], half: tuple[str, float], df: int) -> None:
    estimate, reach = centre[1], half[1]
    ends = {"conf_low": estimate - reach, "conf_high": estimate + reach}
    printed = {name: f"{value:.2f}" for name, value in ends.items()} | {
        "estimate": f"{estimate:.2f}", "df": str(df), "p_value": "0.05"
    }  # fmt: skip
    true = 2 * stats.t.sf(abs(estimate) / reach * stats.t.ppf(0.975, df), df)
    found = list(interval_to_p.run(replace(BARE, printed=printed)))
    assert len(found) == 1
    assert holds(found[0].interval, float(true))
    unknown = {name: text for name, text in printed.items() if name != "df"}
    found = list(interval_to_p.run(replace(BARE, printed=unknown)))
    assert holds(found[0].interval, float(true)), "whatever the df were"


def test_an_sd_of_zero_leaves_the_hull_open() -> None:
    cell = Cell(
        study_id="trial", arm="a", outcome="", instrument="", unit="", scale_min="", scale_max="",
        timepoint="", n=10, mean="1.0", sd="0.0",
    )  # fmt: skip
    box = welch_box(cell, replace(cell, mean="2.0", sd="0.1"))
    assert box.df.low == pytest.approx(9)
    assert box.intervals()["statistic"].low < -10
