"""Pictures with a margin, and the graph of a graphical procedure: texts fit, lines are there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from backwalk_stats.figures import effect_forest, model_means, page, rejection_graph, tipping_map
from backwalk_stats.trial.estimand import MultiplicityGraph
from tests.figures import trial_frames as frames
from tests.figures.drawn import assert_texts_fit, smallest_type
from tests.figures.test_plot_of_models import shifts
from tests.figures.trial_frames import Case


def holm(n: int, long: bool = False) -> MultiplicityGraph:
    """Return Holm's procedure of n hypotheses as a graph."""
    ids = [f"pain-at-week-{k}-of-the-trial" if long else f"E{k}" for k in range(1, n + 1)]
    return MultiplicityGraph(
        weights=tuple((one, 1 / n) for one in ids),
        transitions=tuple((a, b, 1 / (n - 1)) for a in ids for b in ids if a != b),
    )


SUCCESSIVE = MultiplicityGraph(
    weights=(("E1", 0.5), ("E2", 0.3)),
    transitions=(("E1", "E3", 1.0), ("E2", "E4", 1.0), ("E3", "E2", 1.0), ("E4", "E1", 0.9995)),
)
GRAPHS = {
    "two": holm(2),
    "three": holm(3),
    "long": holm(3, long=True),
    "successive": SUCCESSIVE,
    "alone": MultiplicityGraph(weights=(("E1", 1.0),)),
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("narrow", [False, True])
def test_a_graph_has_every_share_and_every_arrow(name: str, narrow: bool) -> None:
    graph = GRAPHS[name]
    if narrow:
        with page.narrow_page():
            figure = rejection_graph.rejection_graph(graph, rejected=graph.ids[:1])
    else:
        figure = rejection_graph.rejection_graph(graph, rejected=graph.ids[:1])
    assert_texts_fit(figure)
    assert smallest_type(figure) >= 7.5
    texts = [one.get_text() for one in figure.axes[0].texts]
    arrows = [one for one in figure.axes[0].patches if type(one).__name__ == "FancyArrowPatch"]
    assert len(arrows) == len(graph.transitions)
    assert len(texts) >= 2 * len(graph.ids) + len(graph.transitions)
    said = rejection_graph.alt_text(graph, rejected=graph.ids[:1])
    assert all(one in said for one in graph.ids) and "Rejected: " in said


def test_a_share_that_is_given_to_none_is_said() -> None:
    assert "0.2 of the level is given to none" in rejection_graph.caption(SUCCESSIVE)
    assert "given to none" not in rejection_graph.caption(holm(3))


def dashed(figure: Figure) -> list[Any]:
    return [
        line for axes in figure.axes for line in axes.get_lines() if line.get_linestyle() == "--"
    ]


@pytest.mark.parametrize("margins", [(0.7,), (-0.7, 0.7)])
def test_margins_are_dashed_lines_in_the_pictures_of_a_mixed_model(margins: Any) -> None:
    case = Case()
    at = tuple(one * case.scale for one in margins)
    figure = model_means.model_means(
        frames.means(case, "model"), frames.differences(case), words=case.words,
        visits=case.visit_labels, margins=at,
    )  # fmt: skip
    assert_texts_fit(figure)
    heights = {float(line.get_ydata()[0]) for line in dashed(figure)}
    assert set(at) <= heights
    lower = figure.axes[1].get_ylim()
    assert lower[0] < min(at) and max(at) < lower[1]


def test_margins_are_dashed_lines_in_a_forest_and_inside_its_axis() -> None:
    case = Case()
    far = 9.0 * case.scale
    figure = effect_forest.effect_forest(
        frames.forest(case), words=case.words, contrast=("backward", "forward"), margins=(far,)
    )
    assert_texts_fit(figure)
    assert [float(line.get_xdata()[0]) for line in dashed(figure)] == [far]
    assert figure.axes[0].get_xlim()[1] > far


@pytest.mark.parametrize("both", [False, True])
def test_the_map_is_hatched_where_the_margin_is_reached(both: bool) -> None:
    """Not where p is large: an arm that is shown to be worse has lost the margin as well."""
    case = Case()
    frame = shifts(3, both)
    within = (-np.inf, float(frame["conf_high"].median()))
    lost = tipping_map.tipped(frame, 0.95, within)
    assert lost.tolist() == (frame["conf_high"] >= within[1]).tolist()
    words: Any = {"words": case.words, "contrast": ("backward", "forward"), "within": within}
    figure = tipping_map.tipping_map(frame, **words)
    assert_texts_fit(figure)
    said = tipping_map.alt_text(frame, **words)
    assert f"with {int(lost.sum())} of them the margin is not kept" in said
    assert "no longer kept" in tipping_map.caption(frame, margin="1 point")
