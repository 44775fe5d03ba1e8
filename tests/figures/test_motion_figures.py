"""Every figure of movement, from ordinary, hostile and sparse frames."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from backwalk_stats.figures import coupling_area, coupling_rose, individual_cycles, mean_curves
from backwalk_stats.figures.coupling_area import PATTERN_LOOK
from backwalk_stats.figures.page import save_png, save_svg
from tests.figures import motion_figures as drawn
from tests.figures.drawn import assert_texts_fit, boxes, smallest_type
from tests.figures.motion_figures import CASES, FIGURES

ORDINARY = CASES["ordinary"]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_texts_stay_on_the_page_and_apart(name, case):
    figure, alt = FIGURES[name](CASES[case])
    assert_texts_fit(figure)
    assert smallest_type(figure) >= 7.5
    assert figure.get_figwidth() * 25.4 == pytest.approx(170)
    assert len(alt) > 40
    assert "nan" not in alt.lower().split()


@pytest.mark.parametrize("name", FIGURES)
def test_same_frames_give_the_same_bytes_under_any_settings(name):
    first = save_svg(FIGURES[name](ORDINARY)[0])
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "hatch.linewidth": 5}):
        assert save_svg(FIGURES[name](ORDINARY)[0]) == first
    assert save_png(FIGURES[name](ORDINARY)[0], dpi=40).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", FIGURES)
def test_every_group_is_named_in_the_picture_and_in_words(name):
    figure, alt = FIGURES[name](ORDINARY)
    words = " ".join(text for text, _ in boxes(figure))
    for label in ORDINARY.labels.values():
        assert label in words and label in alt


def test_a_test_says_where_it_is_beyond_chance():
    _, alt = FIGURES["mean_curves"](ORDINARY)
    assert "11 to 39 % of the cycle (p = 0.01" in alt and "61 to 89 %" in alt
    _, none = FIGURES["mean_curves"](CASES["single participants"])
    assert "at no point leaves chance" in none


def test_a_cluster_over_the_end_is_drawn_twice_and_told_once():
    test = drawn.statistics(ORDINARY)
    over = drawn.clusters(ORDINARY).iloc[:1].assign(start=93.0, end=14.0)
    parts = mean_curves.spans(test, over)
    assert parts[["start", "end"]].to_numpy().tolist() == [[0.0, 14.0], [93.0, 100.0]]
    words: Any = {"groups": ORDINARY.labels, "by": "arm", "signal": "Lumbar flexion", "unit": "°"}
    alt = mean_curves.alt_text(drawn.means(ORDINARY), test, clusters=over, **words)
    assert alt.count("% of the cycle") == 1 and "93 to 14 % (over its end) of the cycle" in alt


def test_toe_off_stands_at_its_per_cent_and_near_ones_have_one_name():
    figure, alt = FIGURES["mean_curves full"](CASES["three arms"])
    upper = figure.axes[0]
    at = [float(np.asarray(line.get_xdata())[0]) for line in upper.lines[-3:]]
    assert at == [62.0, 63.4, 98.0]
    assert sum(text == "toe-off" for text, _ in boxes(figure)) == 2
    assert "Mean toe-off: Forward walking 62 %, Backward walking 63 %, Usual care 98 %" in alt


def test_signs_and_baseline_are_named_on_the_axis():
    figure, alt = FIGURES["mean_curves full"](ORDINARY)
    words = " ".join(text.replace("\n", " ") for text, _ in boxes(figure))
    assert "(+ rotation to the left, − rotation to the right) (dotted: baseline)" in words
    assert "above 0 more rotation to the left" in words
    assert "Positive is rotation to the left" in alt and "Dotted: mean curves at baseline" in alt


def test_three_planes_share_one_cycle_and_one_statistic():
    figure, alt = drawn.planes(ORDINARY)
    assert len(figure.axes) == 4 and len({axes.get_xlim() for axes in figure.axes}) == 1
    assert figure.axes[-1].get_ylabel().startswith("T²") and alt.count("Beyond chance") == 1


def test_neighbouring_patterns_are_told_apart_without_colour():
    for (share, hatch), (other, next_hatch) in pairwise(PATTERN_LOOK.values()):
        assert hatch != next_hatch and other - share > 0.2


def test_odd_cycles_are_drawn_in_another_colour():
    frame = drawn.cycles(ORDINARY)
    words: Any = {"groups": ORDINARY.labels, "signal": "Lumbar flexion", "unit": "°"}
    plain = save_svg(individual_cycles.individual_cycles(frame.assign(odd=False), **words))
    assert save_svg(individual_cycles.individual_cycles(frame, **words)) != plain


def test_without_data_the_page_says_so():
    case, nobody = ORDINARY, {"nobody": "Nobody"}
    empty = [
        mean_curves.mean_curves(drawn.means(case), groups=nobody, by="arm", signal="A", unit="°"),
        individual_cycles.individual_cycles(
            drawn.cycles(case), groups=nobody, signal="A", unit="°"
        ),
        coupling_area.coupling_area(drawn.shares(case), panels=nobody, by="arm", title="A"),
        coupling_rose.coupling_rose(drawn.rose(case), panels=nobody, by="arm", title="A"),
    ]
    for figure in empty:
        assert any("here is no" in text for text, _ in boxes(figure))


def test_a_rose_has_the_square_root_of_the_share_so_that_areas_compare():
    frame = drawn.rose(ORDINARY)
    figure, _ = FIGURES["coupling_rose"](ORDINARY)
    (axes,) = figure.axes
    furthest = max(float(np.max(line.get_ydata())) for line in axes.lines[: ORDINARY.groups])
    assert furthest == pytest.approx(np.sqrt(frame["percent"].max()))


def test_a_span_where_the_band_leaves_zero_is_found_where_it_crosses():
    test = drawn.statistics(ORDINARY)
    band = test.assign(conf_low=np.arange(101) - 40.5, conf_high=200.0)
    assert mean_curves.spans(band).to_numpy().tolist() == [[40.5, 100.0]]
    assert mean_curves.spans(band.assign(conf_low=-1.0)).empty
    below = band.assign(conf_low=-200.0, conf_high=np.abs(np.arange(101) - 50.0) - 9.5)
    assert mean_curves.spans(below).to_numpy().tolist() == [[40.5, 59.5]]
