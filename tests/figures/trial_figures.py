"""Every figure of an analysed trial, drawn from the frames of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from backwalk_stats.figures import (
    adherence_grid,
    adherence_sessions,
    ancova_fit,
    change_raincloud,
    effect_forest,
    estimation_plot,
    flow_diagram,
    missingness,
    model_means,
    residual_diagnostics,
    responder_waterfall,
    response_curve,
    tipping_map,
    trajectories,
)
from tests.figures import trial_frames as frames
from tests.figures import trial_rest as rest
from tests.figures.trial_frames import Case


def _raincloud(case: Case, points: bool = False) -> tuple[Figure, str]:
    cloud, box = frames.density(case), frames.box(case)
    more: Any = {"points": frames.changes(case)} if points else {}
    mark: Any = {"threshold": -case.scale, "threshold_label": "Smallest change that matters"}
    figure = change_raincloud.change_raincloud(
        cloud, box, words=case.words, visit="Week 6", **more, **mark
    )
    return figure, change_raincloud.alt_text(cloud, box, words=case.words)


def _trajectories(case: Case, individuals: bool = False) -> tuple[Figure, str]:
    means = frames.means(case)
    words: Any = {"words": case.words, "visits": case.visit_labels}
    more: Any = {"observations": frames.observations(case)} if individuals else {}
    return trajectories.trajectories(means, **words, **more), trajectories.alt_text(means, **words)


def _model_means(case: Case, lower: bool = True) -> tuple[Figure, str]:
    two: Any = (frames.means(case, "model"), frames.differences(case) if lower else None)
    words: Any = {"words": case.words, "visits": case.visit_labels}
    return model_means.model_means(*two, **words), model_means.alt_text(*two, **words)


def _estimation(case: Case, individuals: bool = False) -> tuple[Figure, str]:
    means = frames.means(case)
    means = means[means["visit"] == list(case.visit_labels)[-1]]
    ends = tuple(value * case.scale for value in (-0.7, -1.4, 0.0))
    words: Any = {"words": case.words, "difference": ends, "contrast": ("backward", "forward")}
    more: Any = {"points": frames.changes(case)} if individuals else {}
    figure = estimation_plot.estimation_plot(
        means, frames.difference_curve(case), **words, **more, visit="Week 6"
    )
    return figure, estimation_plot.alt_text(means, **words)


def _forest(case: Case) -> tuple[Figure, str]:
    frame = frames.forest(case)
    words: Any = {"words": case.words, "contrast": ("backward", "forward")}
    return effect_forest.effect_forest(frame, **words, mcid=case.scale), effect_forest.alt_text(
        frame, **words
    )


def _flow(case: Case) -> tuple[Figure, str]:
    frame, arms = rest.flow(case), case.arm_labels
    return flow_diagram.flow_diagram(frame, arms=arms), flow_diagram.alt_text(frame, arms=arms)


def _waterfall(case: Case) -> tuple[Figure, str]:
    points = frames.changes(case)
    words: Any = {"words": case.words, "column": "change"}
    mark: Any = {"threshold": -case.scale}
    figure = responder_waterfall.responder_waterfall(points, **words, **mark)
    return figure, responder_waterfall.alt_text(points, **words)


def _response(case: Case) -> tuple[Figure, str]:
    frame, words = rest.response_curve(case), case.words
    marks = {words.outcome: case.scale, "MDC": 2.5 * case.scale, "b": 4.9 * case.scale}
    figure = response_curve.response_curve(frame, words=words, thresholds=marks)
    return figure, response_curve.alt_text(frame, words=words, thresholds=marks)


def _ancova(case: Case, individuals: bool = False) -> tuple[Figure, str]:
    frame = rest.lines(case)
    more: Any = {"points": frames.changes(case)} if individuals else {}
    figure = ancova_fit.ancova_fit(frame, words=case.words, **more, visit="Week 6")
    return figure, ancova_fit.alt_text(frame, words=case.words)


def _residuals(case: Case, individuals: bool = False) -> tuple[Figure, str]:
    bins, quantiles = rest.residual_bins(case), rest.residual_quantiles(case)
    words: Any = {"words": case.words}
    more: Any = {"residuals": rest.residuals(case)} if individuals else {}
    figure = residual_diagnostics.residual_diagnostics(bins, quantiles, **words, **more)
    return figure, residual_diagnostics.alt_text(bins, quantiles, **words)


def _tipping(case: Case, both: bool = True) -> tuple[Figure, str]:
    frame = rest.tipping(case, both=both)
    words: Any = {"words": case.words, "contrast": ("backward", "forward")}
    return tipping_map.tipping_map(frame, **words), tipping_map.alt_text(frame, **words)


def _grid(case: Case) -> tuple[Figure, str]:
    two, arms = rest.adherence(case), case.arm_labels
    figure = adherence_grid.adherence_grid(*two, arms=arms)
    return figure, adherence_grid.alt_text(*two, arms=arms)


def _sessions(case: Case) -> tuple[Figure, str]:
    frame, arms = rest.sessions(case), case.arm_labels
    figure = adherence_sessions.adherence_sessions(frame, arms=arms)
    return figure, adherence_sessions.alt_text(frame, arms=arms)


def _missing(case: Case, individuals: bool = False) -> tuple[Figure, str]:
    frame = rest.missingness(case)
    labels = case.labels
    seen = frames.observations(case) if individuals else None
    frame = frame[frame["outcome"] == "pain"] if individuals else frame
    figure = missingness.missingness(frame, labels=labels, observations=seen)
    return figure, missingness.alt_text(frame, labels=labels)


FIGURES: dict[str, Callable[[Case], tuple[Figure, str]]] = {
    "change_raincloud": _raincloud,
    "change_raincloud individuals": lambda case: _raincloud(case, points=True),
    "trajectories": _trajectories,
    "trajectories individuals": lambda case: _trajectories(case, individuals=True),
    "model_means": _model_means,
    "model_means alone": lambda case: _model_means(case, lower=False),
    "estimation_plot": _estimation,
    "estimation_plot individuals": lambda case: _estimation(case, individuals=True),
    "effect_forest": _forest,
    "flow_diagram": _flow,
    "responder_waterfall": _waterfall,
    "response_curve": _response,
    "ancova_fit": _ancova,
    "ancova_fit individuals": lambda case: _ancova(case, individuals=True),
    "residual_diagnostics": _residuals,
    "residual_diagnostics individuals": lambda case: _residuals(case, individuals=True),
    "tipping_map": _tipping,
    "tipping_map one shift": lambda case: _tipping(case, both=False),
    "adherence_grid": _grid,
    "adherence_sessions": _sessions,
    "missingness": _missing,
    "missingness individuals": lambda case: _missing(case, individuals=True),
}
