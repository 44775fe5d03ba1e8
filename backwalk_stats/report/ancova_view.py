"""The lines of an analysis of covariance, as blocks of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.ancova_fit import alt_text, ancova_fit
from backwalk_stats.report.document import Block
from backwalk_stats.report.drawing import figure_block

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result


def ancova_blocks(subject: TrialSubject, estimand: Estimand, part: Result) -> list[Block]:
    """Return the figure of an ANCOVA's lines; nothing where the analysis is another."""
    lines = part.frames.get("lines")
    if lines is None or not len(lines):
        return []
    words = subject.words(estimand.outcome)
    visit = subject.visits.get(estimand.visit, estimand.visit)
    points = part.frames.get("points") if subject.individuals else None
    figure = ancova_fit(lines, **words, visit=visit, points=points, level=estimand.level)
    return [
        figure_block(
            name=f"ancova-{part.analysis}-{estimand.id}",
            figure=figure,
            caption=f"{words['outcome']} at {visit} by its baseline: the lines of the analysis of "
            "covariance; the distance between them is the adjusted difference.",
            alt=alt_text(lines, **words),
        )
    ]
