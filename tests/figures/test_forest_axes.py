"""Forests at any effect and any width: nothing is cut in silence, nothing stands on anything."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf, isfinite, isnan, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from backwalk_stats import plot
from backwalk_stats.figures import (
    answer_forest,
    axis,
    effect_forest,
    estimate_rows,
    forest,
    marks,
    pooled_methods,
    reported_against_recomputed,
    row_room,
)
from backwalk_stats.figures.axis import Interval
from backwalk_stats.trial import tables
from backwalk_stats.trial.outcome import Words
from tests.figures import synthetic
from tests.figures.drawn import assert_texts_fit

WORDS = Words(
    arms={"forward": "Forward walking", "backward": "Backward walking"},
    outcome="Knee pain",
    unit="points",
    better="lower",
)
CONTRAST = ("backward", "forward")
NEAR = 1e-6
_NUMBER = re.compile(r"−?∞|−?\d+(?:\.\d+)?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@st.composite
def found(draw: st.DrawFn, unit: float) -> Interval:
    """Return an estimate in a unit, with limits that may be wide, infinite or not known."""
    estimate = draw(st.floats(-3.0, 3.0)) * draw(st.sampled_from((0.0, 1.0, 1.0, 1.0)))
    half = [draw(st.floats(0.01, 2.0)) for _ in range(2)]
    kind = draw(st.sampled_from(("usual",) * 6 + ("wide", "low", "high", "both", "none", "lost")))
    half = [one * 40 for one in half] if kind == "wide" else half
    low = -inf if kind in ("low", "both") else (estimate - half[0]) * unit
    high = inf if kind in ("high", "both") else (estimate + half[1]) * unit
    if kind in ("none", "lost"):
        low = high = nan
    return Interval(estimate=nan if kind == "lost" else estimate * unit, low=low, high=high)


@st.composite
def forests(draw: st.DrawFn, most: int = 30) -> list[Interval]:
    """Return the rows of a forest, the first the main one."""
    unit = draw(st.sampled_from((1.0, 1.0, 1e-9, 1e-3, 250.0, 1e6, 1e11)))
    rows = draw(st.lists(found(unit), min_size=1, max_size=most))
    first = rows[0]
    return [
        Interval(estimate=first.estimate, low=first.low, high=first.high, main=True),
        *rows[1:],
    ]


@st.composite
def labels(draw: st.DrawFn) -> str:
    """Return a label, short or far too long."""
    return draw(st.sampled_from((*synthetic.HOSTILE, "ANCOVA", "Site A", "jump-to-reference")))


def frame_of(rows: list[Interval], names: list[str]) -> pd.DataFrame:
    """Return a forest of intervals (`tables.FOREST`)."""
    lines = [
        ("" if row.main else "sensitivity", name, 30.0, 28.0, row.estimate, row.low, row.high, 0.5)
        for row, name in zip(rows, names, strict=True)
    ]
    return pd.DataFrame(lines, columns=list(tables.FOREST))


def drawn_ends(axes: Axes) -> list[tuple[float, float]]:
    """Return the ends of every interval that is drawn, as a line or as a diamond."""
    lines = [one for one in axes.lines if one.get_gid() == marks.INTERVAL_ID]
    spans = [tuple(np.asarray(one.get_xdata(), dtype=float)) for one in lines]
    areas: Any = [one for one in axes.patches if one.get_gid() == marks.INTERVAL_ID]
    spans += [(one.get_xy()[:, 0].min(), one.get_xy()[:, 0].max()) for one in areas]
    return [(float(low), float(high)) for low, high in spans]


def arrows(axes: Axes, marker: str) -> int:
    """Return the number of arrows at an edge of the axes."""
    edge = axes.get_xlim()[0 if marker == "<" else 1]
    heads: list[Line2D] = [one for one in axes.lines if one.get_gid() == marks.ARROW_ID]
    at = [one for one in heads if one.get_marker() == marker]
    assert all(float(np.asarray(one.get_xdata())[0]) == edge for one in at)
    return len(at)


def assert_every_limit_shown(axes: Axes, rows: list[Interval]) -> None:
    """Check that each limit is inside the axes or has an arrow, and that zero is on them."""
    low, high = axes.get_xlim()
    assert low < 0.0 < high
    known = [one for one in rows if isfinite(one.estimate)]
    assert all(low < one.estimate < high for one in known)
    for one in known:
        assert not one.main or isnan(one.low) or one.low > low or one.low == -inf
        assert not one.main or isnan(one.high) or one.high < high or one.high == inf
    told = [one for one in known if not isnan(one.low)]
    wanted = sorted((max(one.low, low), min(one.high, high)) for one in told)
    shown = sorted(drawn_ends(axes))
    assert len(shown) == len(wanted)
    assert np.allclose(shown, wanted, rtol=NEAR, atol=NEAR * (high - low))
    assert arrows(axes, "<") == sum(one.low < low for one in told)
    assert arrows(axes, ">") == sum(one.high > high for one in told)


def numbers_in(text: str) -> list[float]:
    """Return the numbers of a printed estimate: itself, then its limits."""
    parts = []
    for one in _NUMBER.findall(text.replace("\u202f", "")):
        plain = one.replace("−", "-").replace("∞", "inf").replace(" × 10", "e")
        parts.append(float(plain.translate(_LOWERED)))
    return parts


# The rule of the axis.


@given(forests())
@settings(max_examples=400, deadline=None)
def test_the_axis_holds_estimates_zero_and_all_but_wide_intervals(rows: list[Interval]) -> None:
    low, high = axis.axis_range(rows)
    known = [one for one in rows if isfinite(one.estimate)]
    usual = axis.usual_width(known)
    assert low < 0.0 < high
    assert all(low < one.estimate < high for one in known)
    for one in known:
        if one.main or one.width <= axis.WIDE * usual:
            assert not (isfinite(one.low) and one.low <= low)
            assert not (isfinite(one.high) and one.high >= high)


@given(forests(), st.sampled_from((1e-6, 0.5, 3.0, 1e5)))
@settings(max_examples=100, deadline=None)
def test_the_axis_grows_with_the_unit(rows: list[Interval], factor: float) -> None:
    once = [
        Interval(estimate=one.estimate * factor, low=one.low * factor, high=one.high * factor,
                 main=one.main)
        for one in rows
    ]  # fmt: skip
    low, high = axis.axis_range(rows)
    if any(one.estimate or isfinite(one.low) for one in rows if isfinite(one.estimate)):
        ends = np.array(axis.axis_range(once))
        assert np.allclose(ends, np.array([low, high]) * factor, rtol=1e-6)


def test_a_null_effect_does_not_cut_the_main_interval() -> None:
    # Estimates that hardly differ once made an axis narrower than the main interval.
    rows = [Interval(estimate=0.009, low=-0.51, high=0.53, main=True),
            Interval(estimate=-0.037, low=-0.58, high=0.50)]  # fmt: skip
    low, high = axis.axis_range(rows)
    assert low < -0.58
    assert high > 0.53


def test_only_what_is_wide_against_the_median_is_cut() -> None:
    usual = [Interval(estimate=0.1 * i, low=0.1 * i - 1, high=0.1 * i + 1) for i in range(5)]
    within = Interval(estimate=0.0, low=-4.9, high=4.9)
    beyond = Interval(estimate=0.0, low=-5.1, high=5.1)
    assert axis.axis_range([*usual, within])[0] < -4.9
    assert axis.axis_range([*usual, beyond])[0] > -5.1
    main = Interval(estimate=0.0, low=-5.1, high=5.1, main=True)
    assert axis.axis_range([*usual, main])[0] < -5.1


# What is drawn.


@given(forests(), st.data())
@settings(max_examples=30, deadline=None)
@example([Interval(estimate=0.0, low=-inf, high=inf, main=True)], None)
def test_a_forest_of_analyses_shows_every_limit(rows: list[Interval], data: Any) -> None:
    names = ["ANCOVA"] * len(rows) if data is None else [data.draw(labels()) for _ in rows]
    if not any(isfinite(one.estimate) for one in rows):
        return
    figure = effect_forest.effect_forest(frame_of(rows, names), words=WORDS, contrast=CONTRAST)
    assert_texts_fit(figure)
    (axes,) = figure.axes
    assert_every_limit_shown(axes, rows)


@given(forests())
@settings(max_examples=400, deadline=None)
def test_printed_estimates_lie_inside_their_printed_intervals(rows: list[Interval]) -> None:
    digits = estimate_rows.effect_digits(rows[0])
    for row in rows:
        text = estimate_rows.effect_words(row, digits)
        found = numbers_in(text)
        if isfinite(row.estimate) and not isnan(row.low):
            estimate, low, high = found
            assert low <= estimate <= high, text
        if isfinite(row.estimate) and row is rows[0] and isfinite(row.width):
            assert found[1] < found[2], text  # two limits of the main result never look the same


@given(forests(most=9), found(1.0), st.sampled_from((0.0, 1.0)))
@settings(max_examples=20, deadline=None)
def test_pools_and_predictions_are_cut_with_arrows(
    rows: list[Interval], further: Interval, tau2: float
) -> None:
    pool = rows[0]
    if not isfinite(pool.estimate):
        return
    trials = frame_of(rows[1:], [f"Trial {i}" for i in range(len(rows) - 1)])
    row = dict.fromkeys(tables.META, 1.0) | {
        "method": "reml", "ci": "hksj", "tau2": tau2, "estimate": pool.estimate,
        "conf_low": pool.low, "conf_high": pool.high,
        "pi_low": further.low, "pi_high": further.high,
    }  # fmt: skip
    figure = Figure(figsize=(7, 7))
    axes = figure.subplots()
    forest.draw_frame(axes, trials, pd.DataFrame([row]), label="label", shows="SMD")
    low, high = axes.get_xlim()
    beyond = [one for one in (pool, *rows[1:]) if isfinite(one.estimate)]
    beyond.append(Interval(estimate=pool.estimate, low=further.low, high=further.high))
    assert low < 0 < high
    assert isnan(pool.low) or pool.low == -inf or low < pool.low
    assert arrows(axes, "<") == sum(one.low < low for one in beyond)
    assert arrows(axes, ">") == sum(one.high > high for one in beyond)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("half", [0.5, 3.0, 900.0])
@pytest.mark.parametrize("pi", [(-2.0, 1.0), (-500.0, 400.0), (-inf, inf)])
def test_the_answer_cuts_no_pool(narrow: bool, half: float, pi: tuple[float, float]) -> None:
    effects, pooled = synthetic.effects(5), synthetic.pooled(5)
    pooled = pooled.assign(conf_low=-0.9 - half, conf_high=-0.9 + half, pi_low=pi[0], pi_high=pi[1])
    figure = answer_forest.answer_forest(
        effects, pooled, outcome="pain", pool="with rows in doubt", narrow=narrow
    )
    assert_texts_fit(figure)
    axes = figure.axes[1]
    low, high = axes.get_xlim()
    assert low < -0.9 - half
    assert high > half - 0.9
    assert arrows(axes, "<") == (pi[0] < low)
    assert arrows(axes, ">") == (pi[1] > high)


@pytest.mark.parametrize("wide", [1.0, 100.0])
def test_ways_of_pooling_show_every_limit(wide: float) -> None:
    pooled = synthetic.pooled(5)
    chosen = pooled["method"] == "pm"
    pooled.loc[chosen, "conf_high"] *= wide
    figure = pooled_methods.pooled_methods(pooled)
    assert_texts_fit(figure)
    for outcome, axes in zip(("pain", "function"), figure.axes[1:], strict=True):
        mine: Any = pooled[(pooled["outcome"] == outcome) & (pooled["left_out"] == "")]
        main = (mine["method"] == "reml") & (mine["ci"] == "hksj") & (mine["k"] == 5)
        assert_every_limit_shown(
            axes,
            [
                Interval(estimate=row.estimate, low=row.conf_low, high=row.conf_high, main=first)
                for row, first in zip(mine.itertuples(), main, strict=True)
            ],
        )


def test_a_recomputed_range_beyond_the_axis_has_an_arrow() -> None:
    ledger = synthetic.ledger(1).assign(
        quantity="p_value", reported="0.0000001", recomputed=1e-3, recomputed_low=1e-9,
        recomputed_high=0.01, verdict="compatible",
    )  # fmt: skip
    figure = reported_against_recomputed.reported_against_recomputed(ledger)
    axes = figure.axes[1]
    assert arrows(axes, "<") == 1
    edges = [one for one in axes.lines if one.get_marker() == "<"]
    assert len(edges) == 2  # the range, and what is printed


def test_tick_labels_of_tiny_and_huge_units_are_short() -> None:
    for unit in (1e-12, 1e-6, 1e-3, 1.0, 1e3, 1e8, 1e15):
        ticks = axis.tick_positions(-2.1 * unit, 1.3 * unit)
        assert len(set(ticks.labels)) == len(ticks.labels) > 1
        assert max(map(len, ticks.labels)) <= 12


def given_axes(count: int, high: float = 4.0, layout: str | None = None) -> Axes:
    """Return a forest of so many rows on axes of somebody's own, some labels of two lines."""
    names = ("Analysis", "Imputed: jump to reference, random draws, Rubin's rules", "Bootstrap")
    rows = pd.DataFrame(
        {
            "label": [f"{names[place % 3]} {place + 1}" for place in range(count)],
            "estimate": [-1.0 + place / 100 for place in range(count)],
            "conf_low": [-2.0] * count,
            "conf_high": [0.5] * count,
        }
    )
    figure, axes = plt.subplots(figsize=(6.4, high), layout=layout)
    plot.sensitivity(rows, ax=axes, arms=("backward", "forward"), better="lower")
    figure.draw_without_rendering()
    plt.close(figure)
    return axes


@pytest.mark.parametrize("layout", [None, "constrained"])
@pytest.mark.parametrize("count", [4, 8, 16, 24])
def test_rows_on_given_axes_stand_apart(count: int, layout: str | None) -> None:
    axes = given_axes(count, layout=layout)
    labels = [label for label in axes.get_yticklabels() if label.get_text()]
    boxes = sorted((one.get_window_extent() for one in labels), key=lambda box: -box.y1)
    assert all(upper.y0 >= lower.y1 - 0.5 for upper, lower in pairwise(boxes))
    assert min(float(label.get_fontsize()) for label in labels) >= row_room.SMALLEST_PT - NEAR
    said = "\n".join(label.get_text() for label in labels).replace("\n", " ")
    shown = [place for place in range(1, count + 1) if re.search(rf"\b{place}\b(?! more)", said)]
    left_out = re.search(r"(\d+) more rows? do(?:es)? not fit here", said)
    assert len(shown) + (int(left_out[1]) if left_out else 0) == count
    assert shown[0] == 1


def test_letters_stay_as_they_are_where_there_is_room() -> None:
    size = given_axes(8).get_yticklabels()[0].get_fontsize()
    assert size == estimate_rows.type_size("ytick.labelsize")


def test_what_carries_the_result_is_never_left_out() -> None:
    kinds: tuple[estimate_rows.Kind, ...] = ("main", "heading", "row", "row", "heading", "pool")
    lines = [estimate_rows.Line(label=kind, kind=kind) for kind in kinds]
    fit = row_room.fitted(
        lines, 1.0, 10.0, height=lambda some, size, pad: len(some) * size * (1 + pad),
        note=lambda text: estimate_rows.Line(label=text, kind="note"),
    )  # fmt: skip
    assert [line.kind for line in fit.lines] == ["main", "note", "pool"]
    assert fit.lines[1].label == "2 more rows do not fit here"
