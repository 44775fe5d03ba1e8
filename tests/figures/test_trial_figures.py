"""Every figure of an analysed trial, from ordinary, hostile and sparse frames."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from backwalk_stats.figures import effect_forest, flow_diagram, panel
from backwalk_stats.figures.marks import arm_looks
from backwalk_stats.figures.page import save_png, save_svg
from backwalk_stats.trial import tables
from tests.figures import trial_frames as frames
from tests.figures.drawn import assert_texts_fit, boxes, smallest_type
from tests.figures.trial_figures import FIGURES

ONE_CASE = frames.CASES["ordinary"]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", frames.CASES)
def test_texts_stay_on_the_page_and_apart(name, case):
    figure, alt = FIGURES[name](frames.CASES[case])
    assert_texts_fit(figure)
    assert smallest_type(figure) >= 7.5
    assert figure.get_figwidth() * 25.4 == pytest.approx(170)
    assert len(alt) > 40
    assert "nan" not in alt.lower().split()


@pytest.mark.parametrize("name", FIGURES)
def test_same_frames_give_the_same_bytes_under_any_settings(name):
    first = save_svg(FIGURES[name](ONE_CASE)[0])
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "hatch.linewidth": 5}):
        assert save_svg(FIGURES[name](ONE_CASE)[0]) == first


@pytest.mark.parametrize("name", FIGURES)
def test_arms_can_be_told_apart_in_grey(name):
    # What differs between two arms in colour alone would be lost in print.
    looks = list(arm_looks(frames.NAMES).values())
    assert len({look.marker for look in looks}) == len(looks)
    assert len({str(look.line) for look in looks}) == len(looks)
    assert len({look.hatch for look in looks}) == len(looks)
    assert save_png(FIGURES[name](ONE_CASE)[0], dpi=40).startswith(b"\x89PNG")


BETTER = ("change_raincloud", "trajectories", "model_means", "estimation_plot", "ancova_fit",
          "responder_waterfall", "effect_forest", "response_curve", "tipping_map",
          "tipping_map one shift")  # fmt: skip


@pytest.mark.parametrize("name", BETTER)
def test_figure_says_which_way_is_better(name):
    words = " ".join(text for text, _ in boxes(FIGURES[name](ONE_CASE)[0]))
    assert "better" in words.lower()


def test_points_are_drawn_only_when_they_are_given():
    plain = save_svg(FIGURES["change_raincloud"](ONE_CASE)[0])
    shown = save_svg(FIGURES["change_raincloud individuals"](ONE_CASE)[0])
    assert shown.count(b"<use") > plain.count(b"<use") + ONE_CASE.n


def test_hidden_counts_are_marked_and_explained():
    flow = pd.DataFrame(
        [("allocated", "forward", "", 30.0), ("lost", "forward", "", float("nan"))],
        columns=["stage", "arm", "reason", "n"],
    )
    figure = flow_diagram.flow_diagram(flow, arms={"forward": "Forward"})
    words = [text for text, _ in boxes(figure)]
    assert "Lost to follow-up (n = *)" in words
    assert any("Not shown" in text for text in words)


def test_swarm_keeps_points_apart_and_is_not_random():
    first, second = (FIGURES["change_raincloud individuals"](ONE_CASE)[0] for _ in range(2))
    assert save_svg(first) == save_svg(second)
    axes = first.axes[0]
    clouds = [one for one in axes.collections if isinstance(one, PathCollection)]
    assert len(clouds) == 2
    for one in clouds:
        at = axes.transData.transform(one.get_offsets()) * 72 / first.dpi
        apart = np.linalg.norm(at[:, None] - at[None], axis=2)[np.triu_indices(len(at), 1)]
        assert apart.min() >= 0.9 * one.get_sizes()[0] ** 0.5


def test_visits_stand_by_week_only_where_there_is_room():
    names = {"a": "Baseline", "b": "Week 1", "c": "Week 52"}
    _, (near,) = panel.figure(60)
    assert panel.visit_axis(near, names, {"a": 0, "b": 1, "c": 52})["b"] == pytest.approx(1.0)
    assert "not to scale" in near.get_xlabel()
    _, (far,) = panel.figure(60)
    assert panel.visit_axis(far, names, {"a": 0, "b": 26, "c": 104})["b"] == pytest.approx(26.0)
    assert not far.get_xlabel()


def test_flow_without_screening_keeps_its_words_on_the_page():
    rows = [("randomised", "", "", 60), ("allocated", "forward", "", 30)]
    flow = pd.DataFrame(rows, columns=["stage", "arm", "reason", "n"])
    assert_texts_fit(flow_diagram.flow_diagram(flow, arms={"forward": "Forward"}))


def test_forest_says_analyses_in_words():
    row = ("sensitivity", "jump-to-reference: jackknife", 30, 30, -1.0, -2.0, 0.1, 0.06)
    forest = pd.DataFrame([row], columns=list(tables.FOREST))
    words = ONE_CASE.words
    drawn = effect_forest.effect_forest(forest, words=words, contrast=("backward", "forward"))
    said = " ".join(text for text, _ in boxes(drawn))
    assert "Sensitivity analyses" in said
    assert "Imputed: jump to reference" in said
