"""Pictures of an outcome from random frames: nothing cut, no text on another, no hidden point."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isfinite

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection

from backwalk_stats.figures import (
    change_raincloud,
    estimation_plot,
    model_means,
    page,
    panel,
    response_curve,
    trajectories,
)
from backwalk_stats.trial import tables
from tests.figures import trial_frames as frames
from tests.figures.drawn import assert_texts_fit

QUICK = (Phase.explicit, Phase.generate)  # shrinking draws a figure hundreds of times
EXAMPLES = settings(max_examples=10, deadline=None, phases=QUICK)
CASE = frames.CASES["ordinary"]
size = st.floats(-50, 50).map(lambda value: round(value, 3))
width = st.floats(0.01, 60)


def assert_limits_inside(axes) -> None:
    """Check that every interval that is drawn lies inside its axes."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for found in axes.collections:
        if isinstance(found, LineCollection):
            for x, y in np.concatenate(found.get_segments()):
                assert not isfinite(x) or left <= x <= right
                assert not isfinite(y) or low <= y <= high
    for line in axes.lines:
        if line.get_marker() not in ("", "None", None):
            assert all(low <= y <= high for y in line.get_ydata() if isfinite(y))


@st.composite
def model_frames(draw):
    """Return means and differences of a case, at random heights and widths."""
    case = replace(CASE, visits=draw(st.integers(2, 5)), arms=draw(st.integers(2, 3)))
    visits, arms = list(case.visit_labels), list(case.arm_labels)
    rows, apart = [], []
    for place, visit in enumerate(visits[1:], start=1):
        for arm in arms:
            mean, half = draw(size), draw(width)
            rows.append(("pain", visit, 3.0 * place, arm, "model", 20.0, mean, np.nan,
                         mean - half, mean + half))  # fmt: skip
        for arm in arms[1:]:
            mean, half = draw(size), draw(width)
            apart.append((visit, f"{arm} - {arms[0]}", mean, mean - half, mean + half))
    columns = ["visit", "contrast", "estimate", "conf_low", "conf_high"]
    return (
        case,
        pd.DataFrame(rows, columns=list(tables.MEANS)),
        pd.DataFrame(apart, columns=columns),
    )


@EXAMPLES
@given(model_frames(), size)
def test_means_and_differences_are_whole_and_on_one_scale(given_frames, threshold):
    case, means, apart = given_frames
    last = list(case.visit_labels)[-1]
    figure = model_means.model_means(
        means, apart, words=case.words, visits=case.visit_labels, visit=last,
        observed=frames.means(case).query("visit == 'V0'"), threshold=(threshold, "named"),
    )  # fmt: skip
    assert_texts_fit(figure)
    upper, beside = figure.axes
    for axes in figure.axes:
        assert_limits_inside(axes)
    assert np.ptp(upper.get_ylim()) == pytest.approx(np.ptp(beside.get_ylim()))
    assert upper.get_window_extent().height == pytest.approx(beside.get_window_extent().height)
    low, high = beside.get_ylim()
    assert low <= min(0.0, threshold) <= max(0.0, threshold) <= high
    assert upper.get_xticklabels()[0].get_text().startswith("Baseline")


@EXAMPLES
@given(size, width, size)
def test_zero_of_the_difference_stands_at_the_mean_of_the_reference(mean, half, difference):
    ends = (difference, difference - half, difference + half)
    rows = [
        (
            "pain",
            "V2",
            6.0,
            arm,
            "model",
            20.0,
            mean + shift,
            1.0,
            mean + shift - half,
            mean + shift + half,
        )
        for arm, shift in (("forward", 0.0), ("backward", difference))
    ]
    means = pd.DataFrame(rows, columns=list(tables.MEANS))
    figure = estimation_plot.estimation_plot(
        means, frames.difference_curve(CASE), words=CASE.words, contrast=("backward", "forward"),
        difference=ends, visit="Week 6",
    )  # fmt: skip
    assert_texts_fit(figure)
    (axes,) = figure.axes
    assert_limits_inside(axes)
    (second,) = axes.child_axes
    ours, theirs = np.array(axes.get_ylim()), np.array(second.get_ylim())
    np.testing.assert_allclose(ours - mean, theirs, atol=1e-9 * np.abs(ours).max())


@EXAMPLES
@given(st.lists(st.tuples(size, width), min_size=2, max_size=3), st.booleans())
def test_raincloud_shows_every_limit(told, points):
    case = replace(CASE, arms=len(told))
    rows = [
        (arm, 30.0, *(mean + half * step for step in (-2, -1, 0, 1, 2)), mean, mean - half,
         mean + half) for arm, (mean, half) in zip(case.arm_labels, told, strict=True)
    ]  # fmt: skip
    box = pd.DataFrame(rows, columns=list(tables.BOX))
    figure = change_raincloud.change_raincloud(
        frames.density(case), box, words=case.words, visit="Week 6",
        points=frames.changes(case) if points else None,
    )  # fmt: skip
    assert_texts_fit(figure)
    assert_limits_inside(figure.axes[0])


@EXAMPLES
@given(model_frames())
def test_observed_means_are_whole(given_frames):
    case, means, _ = given_frames
    seen = means.assign(kind="observed", sd=1.0)
    figure = trajectories.trajectories(seen, words=case.words, visits=case.visit_labels)
    assert_texts_fit(figure)
    assert_limits_inside(figure.axes[0])


@st.composite
def curves(draw):
    """Return percentages that fall, some of them hidden."""
    count = draw(st.integers(2, 14))
    one = st.floats(0, 100)
    percent = sorted(draw(st.lists(one, min_size=count, max_size=count)), reverse=True)
    hidden = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    zero = draw(st.booleans())
    values = [0.0 if zero and k == count - 1 else p for k, p in enumerate(percent)]
    return [np.nan if gone else p for gone, p in zip(hidden, values, strict=True)]


def curve_frame(*arms: list[float]) -> pd.DataFrame:
    rows = [(name, float(at), percent, 30.0)
            for name, own in zip(CASE.arm_labels, arms, strict=False)
            for at, percent in enumerate(own)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.RESPONSE_CURVE))


@settings(max_examples=30, deadline=None, phases=QUICK)
@given(curves(), curves())
def test_response_curves_stop_at_hidden_points(one, other):
    frame = curve_frame(one, other)
    with page.house_style():
        _, (axes,) = panel.figure(80)
        response_curve.draw(axes, frame, words=CASE.words, thresholds={"named": 2.0})
    drawn = [line for line in axes.lines if line.get_drawstyle() == "steps-pre"]
    seen = 0
    for own in (one, other):
        hidden = {float(at) for at, percent in enumerate(own) if np.isnan(percent)}
        pieces = response_curve.runs(np.arange(float(len(own))), np.array(own))
        for x, y, (before, after) in pieces:
            line = drawn[seen]
            seen += 1
            np.testing.assert_array_equal(np.asarray(line.get_xdata())[-len(x) :], x)
            np.testing.assert_array_equal(np.asarray(line.get_ydata())[-len(y) :], y)
            assert before or np.asarray(line.get_ydata())[0] == y[0]
            assert not any(a < gone < b for a, b in pairwise(x) for gone in hidden)
            assert before == (x[0] - 1 in hidden) and after == (x[-1] + 1 in hidden)
            assert not (before and y.max() == 0.0), "no step to 0 beyond hidden points"
    assert seen == len(drawn)
    stops = [line for line in axes.lines if line.get_gid() == "stopped"]
    told = response_curve.caption(frame, words=CASE.words, thresholds={})
    assert len(stops) == 0 or response_curve.STOPPED in told
    if frame["percent"].notna().all():
        assert not stops and response_curve.STOPPED not in told


@EXAMPLES
@given(curves(), curves())
def test_response_curves_keep_their_texts_apart(one, other):
    figure = response_curve.response_curve(
        curve_frame(one, other), words=CASE.words, thresholds={"named": 1.0, "further": 1.2}
    )
    assert_texts_fit(figure)


def test_a_share_is_written_only_where_it_is_known():
    frame = curve_frame([80.0, 40.0, np.nan], [90.0, 50.0, 20.0])
    assert response_curve.at_threshold(frame, 2.0, CASE.words) == {"backward": 20.0}
    assert response_curve.at_threshold(frame, 1.5, CASE.words) == {}


def test_words_of_forward_walking_have_the_colour_of_the_house():
    with page.house_style():
        _, (axes,) = panel.figure(60)
        assert panel.looks(["forward"], axes)["forward"].words == "#1d6599"
