"""The pictures of an estimand's answer: by visit, two arms side by side, and over the baseline."""

from __future__ import annotations

from backwalk_stats.figures import ancova_fit, estimation_plot, model_means
from backwalk_stats.report.document import drawing
from backwalk_stats.report.document.document import Block
from backwalk_stats.report.headline import main_row
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.numbers import interval_name
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
    words = subject.words(estimand.outcome)
    return [
        drawing.picture(
            model_means,
            means,
            differences if len(differences) else None,
            name=f"model-means-{estimand.id}",
            caption=f"{words.outcome}: means of the model by visit with "
            f"{interval_name(estimand.level)}s, and under them the differences between the arms.",
            words=words,
            visits=subject.visits,
            shown={"level": estimand.level},
        )
    ]


def estimation_blocks(subject: TrialSubject, estimand: Estimand, part: Result) -> list[Block]:
    """Return the estimation plot of an estimand; nothing where its frames are not there."""
    means, curve = part.frames.get("means"), part.frames.get("difference_curve")
    row = main_row(subject, estimand)
    if means is None or curve is None or not len(curve) or row is None:
        return []
    here = means[(means["visit"] == estimand.visit) & means["estimate"].notna()]
    if not set(estimand.contrast) <= set(here["arm"].astype(str)):
        return []
    words, visit = subject.words(estimand.outcome), subject.visit_label(estimand.visit)
    return [
        drawing.picture(
            estimation_plot,
            here,
            name=f"estimate-{estimand.id}",
            caption=f"{words.outcome} at {visit}: both arms and, on an axis of its own, the "
            f"difference with its {interval_name(estimand.level)}.",
            words=words,
            contrast=estimand.contrast,
            difference=tuple(float(row[name]) for name in ("estimate", "conf_low", "conf_high")),
            shown={
                "difference_curve": curve,
                "points": part.frames.get("points") if subject.individuals else None,
                "visit": visit,
                "level": estimand.level,
            },
        )
    ]


def ancova_blocks(subject: TrialSubject, estimand: Estimand, part: Result) -> list[Block]:
    """Return the figure of an ANCOVA's lines; nothing where the analysis is another."""
    lines = part.frames.get("lines")
    if lines is None or not len(lines):
        return []
    words, visit = subject.words(estimand.outcome), subject.visit_label(estimand.visit)
    points = part.frames.get("points") if subject.individuals else None
    return [
        drawing.picture(
            ancova_fit,
            lines,
            name=f"ancova-{part.analysis}-{estimand.id}",
            caption=ancova_fit.caption(
                words=words, visit=visit, individuals=points is not None, level=estimand.level
            ),
            words=words,
            shown={"visit": visit, "points": points},
        )
    ]
