"""Pictures on subplots without a layout engine keep their words to themselves."""

from __future__ import annotations

import pytest
from matplotlib import pyplot

import backwalk_stats as bw
from tests.plot.golden import THEMES, theme


@pytest.fixture(scope="module")
def trial():
    return bw.load_trial(bw.example("knee"))


@pytest.fixture(autouse=True)
def _no_window():
    """Draw without a screen."""
    pyplot.switch_backend("Agg")


@pytest.mark.parametrize("name", THEMES)
def test_small_multiples_are_neither_cut_nor_on_each_other(trial, name):
    with theme(name):
        figure, panels = pyplot.subplots(2, 2, figsize=(10, 7))
        bw.plot.trajectories(trial, "knee_pain", ax=panels[0, 0])
        bw.plot.raincloud(trial, "womac_function", ax=panels[0, 1])
        bw.plot.responders(trial, "knee_pain", ax=panels[1, 0])
        bw.plot.missingness(trial, "knee_pain", ax=panels[1, 1])
        figure.draw_without_rendering()
        boxes = [axes.get_tightbbox() for axes in panels.flat]
    page = figure.bbox
    for place, box in enumerate(boxes):
        assert box.x0 > page.x0 and box.y0 > page.y0 and box.x1 < page.x1 and box.y1 < page.y1
        assert not [other for other in boxes[:place] if box.overlaps(other)]


def test_a_layout_engine_is_left_alone(trial):
    _, axes = pyplot.subplots(layout="constrained")
    before = axes.get_position(original=True).bounds
    bw.plot.trajectories(trial, "knee_pain", ax=axes)
    assert axes.get_position(original=True).bounds == before


def test_axes_that_were_placed_by_hand_stay(trial):
    figure = pyplot.figure()
    axes = figure.add_axes((0.3, 0.3, 0.4, 0.4))
    bw.plot.trajectories(trial, "knee_pain", ax=axes)
    assert axes.get_position().bounds == pytest.approx((0.3, 0.3, 0.4, 0.4))
