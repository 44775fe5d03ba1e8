"""Two arms side by side with the difference between them, as blocks of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backwalk_stats.figures.estimation_plot import alt_text, estimation_plot
from backwalk_stats.report.document import Block
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.headline import main_row
from backwalk_stats.tables.numbers import interval_name

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result


def estimation_blocks(subject: TrialSubject, estimand: Estimand, part: Result) -> list[Block]:
    """Return the estimation plot of an estimand; nothing where its frames are not there."""
    means, curve = part.frames.get("means"), part.frames.get("difference_curve")
    row = main_row(subject, estimand)
    if means is None or curve is None or not len(curve) or row is None:
        return []
    here = means[(means["visit"] == estimand.visit) & means["estimate"].notna()]
    if not set(estimand.contrast) <= set(here["arm"].astype(str)):
        return []
    words: dict[str, Any] = subject.words(estimand.outcome) | {
        name: float(row[name]) for name in ("estimate", "conf_low", "conf_high")
    }
    words["contrast"] = estimand.contrast
    points = part.frames.get("points") if subject.individuals else None
    visit = subject.visits.get(estimand.visit, estimand.visit)
    return [
        figure_block(
            name=f"estimate-{estimand.id}",
            figure=estimation_plot(
                here, curve, **words, points=points, visit=visit, level=estimand.level
            ),
            caption=f"{words['outcome']} at {visit}: both arms and, on an axis of its own, the "
            f"difference with its {interval_name(estimand.level)}.",
            alt=alt_text(here, **words),
        )
    ]
