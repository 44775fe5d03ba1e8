"""The pictures of an estimand: by visit, both arms, over the baseline, and its forests."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from backwalk_stats.analyses.margins import margin_lines
from backwalk_stats.figures import (
    ancova_fit,
    arm_levels,
    category_shares,
    effect_forest,
    estimation_plot,
    model_means,
)
from backwalk_stats.figures.panel import plain_number
from backwalk_stats.report.document import drawing
from backwalk_stats.report.document.document import Block
from backwalk_stats.report.document.planned import suffix
from backwalk_stats.report.headline import main_row, margin_size
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import ANALYSES as NAMES
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, in_words, plain_words
from backwalk_stats.trial.result import Result

KINDS = {"mcid": "named important change", "mdc": "named measurement error"}


def _model_blocks(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return the figure of a model's means by visit; nothing where the model has none."""
    part = subject.main_part(estimand)
    if part is None or not has_model_means(subject, estimand):
        return []
    means = part.frames["means"]
    rows, main = part.estimates, main_row(subject, estimand)
    quantity = "" if main is None else main["quantity"]
    differences = rows[(rows["quantity"] == quantity) & rows["estimate"].notna()]
    words = subject.words(estimand.outcome)
    baseline, at = observed_at_baseline(subject, estimand, means), str(subject.trial.study.baseline)
    return [
        drawing.picture(
            model_means,
            means,
            differences if len(differences) else None,
            name=f"model-means-{estimand.id}",
            caption=model_means.caption(
                words=words,
                level=estimand.level,
                visit=subject.visit_label(estimand.visit),
                observed="" if baseline is None else subject.visit_label(at),
                differences=len(differences) > 0,
                margin=_margin_told(subject, estimand),
            ),
            words=words,
            visits=subject.visits,
            shown={
                "visit": estimand.visit,
                "observed": baseline,
                "threshold": named_difference(subject.trial.outcome(estimand.outcome)),
                "margins": _margins(subject, estimand),
            },
        )
    ]


def observed_at_baseline(
    subject: TrialSubject, estimand: Estimand, means: pd.DataFrame
) -> pd.DataFrame | None:
    """Return the observed means at baseline where they are known and the model has none."""
    at = subject.trial.study.baseline
    if not at or at in set(means.loc[means["estimate"].notna(), "visit"].astype(str)):
        return None
    for part in subject.parts("within-arm"):
        seen = part.frames.get("means")
        if part.outcome == estimand.outcome and seen is not None:
            known = seen[(seen["visit"] == at) & seen["estimate"].notna()]
            return known if len(known) else None
    return None


def named_difference(outcome: Outcome) -> tuple[float, str] | None:
    """Return the smallest named important change in points, with the sign of a better outcome.

    None where the trial file names none, or does not say which way is better.
    """
    named = [one for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points")]
    if not named or not outcome.better:
        return None
    least = min(named, key=lambda one: one.value)
    size = f"{plain_number(least.value)}{numbers.after(outcome.unit)}"
    return outcome.sign * least.value, f"{size}: {KINDS['mcid']}"


def named_thresholds(outcome: Outcome) -> dict[str, float]:
    """Return the named changes in points by what a reader calls them."""
    found: dict[str, float] = {}
    for one in outcome.thresholds:
        if one.unit == "points" and one.kind != "pass":
            called = KINDS[one.kind]
            found[in_words(one.name) if called in found else called] = one.value
    return found


def has_model_means(subject: TrialSubject, estimand: Estimand) -> bool:
    """Tell whether the main analysis of an estimand has means by visit that can be drawn."""
    part = subject.main_part(estimand)
    means = part.frames.get("means") if part is not None else None
    return (
        means is not None and bool(means["estimate"].notna().any()) and means["visit"].nunique() > 1
    )


def main_picture(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return the picture of an estimand's answer: by visit, else both arms and difference.

    Of an event the risks of all arms, of a count their rates, of categories who is in which.
    """
    return (
        _model_blocks(subject, estimand)
        or _estimation_blocks(subject, estimand)
        or _level_blocks(subject, estimand)
        or _category_blocks(subject, estimand)
    )


LEVELS: dict[str, tuple[arm_levels.Kind, float, str]] = {
    "percent": ("risk", 1.0, "as observed"),
    "risk": ("risk", 100.0, "of the model, for all people with an outcome"),
    "rate": ("rate", 1.0, "of the model"),
}


def levels_of(table: pd.DataFrame, visit: str) -> tuple[pd.DataFrame, arm_levels.Kind, str] | None:
    """Return the risk (in per cent) or rate of each arm, which it is, and where it comes from.

    Of rows of results (`tables.RESULTS`); None where there is none of an arm that is shown.
    """
    own = table[table["quantity"].isin(list(LEVELS)) & (table["visit"] == visit)]
    own = own[own["contrast"].astype(str) == ""]
    if not len(own) or not own["estimate"].notna().any():
        return None
    kind, times, source = LEVELS[str(own["quantity"].iloc[0])]
    names = ["estimate", "conf_low", "conf_high"]
    shown = own[list(arm_levels.COLUMNS)].reset_index(drop=True)
    return shown.assign(**{name: times * shown[name] for name in names}), kind, source


def _level_blocks(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return the risks or rates of the arms; nothing where the analysis has none."""
    part = subject.main_part(estimand)
    found = None if part is None else levels_of(part.estimates, estimand.visit)
    if found is None:
        return []
    levels, kind, source = found
    words = subject.words(estimand.outcome)
    return [
        drawing.picture(
            arm_levels,
            levels,
            name=f"{kind}s-{estimand.id}",
            caption=arm_levels.caption(
                words=words,
                kind=kind,
                visit=subject.visit_label(estimand.visit),
                level=estimand.level,
                source=source,
            ),
            words=words,
            kind=kind,
            level=estimand.level,
            per=plain_words(subject.outcome_of(estimand).exposure or ""),
        )
    ]


def _category_blocks(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return who is in which category; nothing where none can be shown."""
    part = subject.main_part(estimand)
    frame = None if part is None else part.frames.get("categories")
    if frame is None or not len(frame):
        return []
    words = subject.words(estimand.outcome)
    joined = {*frame["category"].astype(str)} != {*subject.outcome_of(estimand).categories}
    return [
        drawing.picture(
            category_shares,
            frame,
            name=f"categories-{estimand.id}",
            caption=category_shares.caption(
                words=words, visit=subject.visit_label(estimand.visit), joined=joined
            ),
            words=words,
        )
    ]


def _estimation_blocks(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return the estimation plot of an estimand; nothing where its frames are not there."""
    part = subject.main_part(estimand)
    if part is None:
        return []
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
            caption=estimation_plot.caption(
                words=words,
                visit=visit,
                level=estimand.level,
                individuals=subject.individuals and part.frames.get("points") is not None,
                margin=_margin_told(subject, estimand),
            ),
            words=words,
            contrast=estimand.contrast,
            difference=tuple(float(row[name]) for name in ("estimate", "conf_low", "conf_high")),
            shown={
                "difference_curve": curve,
                "points": part.frames.get("points") if subject.individuals else None,
                "visit": visit,
                "margins": _margins(subject, estimand),
            },
        )
    ]


def _margins(subject: TrialSubject, estimand: Estimand) -> tuple[float, ...]:
    """Return the differences at the margin; nothing of ratios, which no picture here shows."""
    if estimand.margin_scale == "ratio":
        return ()
    return margin_lines(estimand, subject.outcome_of(estimand))


def _margin_told(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the size of the margin with its unit; "" where none is drawn."""
    if not _margins(subject, estimand):
        return ""
    return margin_size(estimand, subject.outcome_of(estimand))


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


# Forests of the analyses beside a main one: those of its estimand, and those of another.


_SAID = {
    "sensitivity": "the main analysis and the sensitivity analyses, of the same estimand under "
    "other assumptions",
    "supplementary": "the main analysis and the supplementary ones, each of another estimand",
}


def forest_of(
    subject: TrialSubject, estimand: Estimand, role: Literal["sensitivity", "supplementary"]
) -> list[Block]:
    """Return the forest of the main analysis and those of a role; nothing where none has a row."""
    part = next(
        (p for p in subject.analysis.parts_of(estimand.id) if p.analysis == "sensitivity"), None
    )
    whole = part.frames.get("forest") if part is not None else None
    if whole is None:
        return []
    shown = whole[whole["group"].isin(("", role))]
    if not (shown["group"] == role).any() or not shown["estimate"].notna().any():
        return []
    words = subject.words(estimand.outcome)
    return [
        drawing.picture(
            effect_forest,
            _in_words(shown, _marks(subject, estimand)),
            name=f"{role}-{estimand.id}",
            caption=effect_forest.caption(
                f"{words.outcome}: {_SAID[role]}.",
                level=estimand.level,
                counts=True,
                margin=_margin_told(subject, estimand),
            ),
            words=words,
            contrast=estimand.contrast,
            shown={"level": estimand.level, "margins": _margins(subject, estimand)},
        )
    ]


def _marks(subject: TrialSubject, estimand: Estimand) -> dict[str, str]:
    """Return what follows the name of each analysis that is not as planned."""
    rows = subject.analysis.estimates[subject.analysis.estimates["estimand"] == estimand.id]
    return {str(row["analysis"]): suffix(row) for row in numbers.frame_rows(rows)}


def _in_words(forest: pd.DataFrame, marks: dict[str, str]) -> pd.DataFrame:
    """Return a forest whose labels, "code" or "code: which", are in words."""
    told = []
    for label in map(str, forest["label"]):
        code, colon, which = label.partition(":")
        told.append(f"{NAMES.get(code, code)}{colon}{which}{marks.get(code, '')}")
    return forest.assign(label=told).reset_index(drop=True)
