"""Means of a model by visit with the differences under them, as blocks of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.model_means import alt_text, model_means
from backwalk_stats.report.document import Block
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.headline import main_row
from backwalk_stats.tables.numbers import interval_name

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result


def model_blocks(subject: TrialSubject, estimand: Estimand, part: Result) -> list[Block]:
    """Return the figure of a model's means by visit; nothing where the model has none."""
    means = part.frames.get("means")
    if means is None or means["estimate"].notna().sum() == 0 or means["visit"].nunique() < 2:
        return []
    rows, main = part.estimates, main_row(subject, estimand)
    quantity = "" if main is None else main["quantity"]
    differences = rows[(rows["quantity"] == quantity) & rows["estimate"].notna()]
    lower = differences if len(differences) else None
    words = subject.words(estimand.outcome) | {"visits": subject.visits}
    level = interval_name(estimand.level)
    return [
        figure_block(
            name=f"model-means-{estimand.id}",
            figure=model_means(means, lower, **words, level=estimand.level),
            caption=f"{words['outcome']}: means of the model by visit with {level}s, and under "
            "them the differences between the arms.",
            alt=alt_text(means, lower, **words),
        )
    ]
