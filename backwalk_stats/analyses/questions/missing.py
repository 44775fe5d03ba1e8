"""The arms compared after imputation: missing at random, or those who stopped as the reference arm.

All imputations of an estimand share their rows, their columns and a covariance that converges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.analyses.events import imputed_from
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.missing.imputation import multiple_imputation as imputed
from backwalk_stats.models.missing.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

STRATEGIES = {  # code of a trial file: what the door calls it, what it assumes
    "jump-to-reference": ("jr", "after drop-out everyone has the mean course of the reference arm"),
    "copy-reference": ("cr", "who dropped out is like the reference arm at every visit"),
    "copy-increments": ("cir", "after drop-out everyone changes as the reference arm does"),
    "last-mean-carried-forward": (
        "lmcf",
        "after drop-out everyone stays at their arm's mean of the last visit before it",
    ),
}


@results.asked("multiple-imputation")
def multiple_imputation(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the adjusted mean difference of imputed data sets, pooled by Rubin's rules.

    Of a parallel trial with a baseline; all arms are imputed. One row mean_difference.
    """
    included = imputation_rows(trial, estimand)
    found = imputed(
        included.frame,
        **imputation_columns(included, estimand),
        seed=results.seed_of(trial, "multiple-imputation", estimand.id),
        imputations=estimand.imputations,
    )
    row = contrast_row(found, estimand)
    how = {
        "complete": "nothing was missing",
        "monotone": "in one pass, drop-out being the only pattern",
        "general": "in cycles, as gaps are not only drop-out",
    }[str(row["pattern"])]
    extra = rows.listed_covariates(estimand)
    return results.Answer(
        lines=[results.compared(estimand, "mean_difference", row)],
        method=(
            f"{estimand.imputations} imputations by normal linear regressions of baseline and "
            f"visits on each other, arm{extra} ({how}), missing at random; each analysed by "
            f"analysis of covariance at {estimand.visit} (arm, baseline{extra}) and pooled by "
            f"Rubin's rules with Barnard and Rubin's degrees of freedom; fraction of missing "
            f"information {float(row['fraction_missing']):.2f}; {imputed_words(row)}."
        ),
        notes=imputation_notes(included, row, estimand, baseline_imputed=True),
    )


def reference_based(code: str) -> results.Question:
    """Return the question what the difference were, had those who stopped gone on as declared.

    Two rows mean_difference: by conditional means, and by random draws. `code` is one of
    `STRATEGIES`.
    """

    @results.asked(code)
    def question(trial: Trial, estimand: Estimand) -> results.Answer:
        return completed(trial, estimand, code)

    return question


def completed(trial: Trial, estimand: Estimand, code: str) -> results.Answer:
    """Return the analysis of covariance of values that are imputed from the reference arm.

    With a record of events the values from an event on are imputed so, and gaps without one are
    missing at random; without a record drop-out is the event. Where this is the main analysis of
    an estimand, its answer is the last row, the one by conditional means.
    """
    strategy, assumed = STRATEGIES[code]
    included = imputation_rows(trial, estimand)
    columns = imputation_columns(included, estimand)
    marks = "event" if "event" in included.frame else None
    found, covariance, notes = with_fallback(
        estimand,
        lambda name: conditional_mean_imputation(
            included.frame, **columns, event=marks, strategy=strategy, covariance=name
        ),
    )
    drawn = random_draw_imputation(
        included.frame,
        **columns,
        event=marks,
        strategy=strategy,
        covariance=covariance,
        seed=results.seed_of(trial, code, estimand.id),
        imputations=estimand.imputations,
    )
    row, other = contrast_row(found, estimand), contrast_row(drawn, estimand)
    if failed := int(other["n_failed"]):
        notes = (*notes, f"{failed} bootstrap samples could not be fitted and were drawn again")
    how = [("conditional means, jackknife", row), ("random draws, Rubin's rules", other)]
    lines = [results.compared(estimand, "mean_difference", one, note=note) for note, one in how]
    main = estimand.imputed_by == code
    if main:
        lines = [{**lines[1], "role": "sensitivity"}, lines[0]]
    if marks:
        assumed = assumed.replace("drop-out", "the event").replace("dropped out", "had the event")
    return results.Answer(
        lines=lines,
        method=_completed_words(code, assumed, included, estimand, covariance, row),
        notes=(*imputation_notes(included, row, estimand), *notes),
        frames={"difference_curve": results.difference_curve(row)} if main else {},
    )


def _completed_words(
    code: str,
    assumed: str,
    included: rows.AnalysisRows,
    estimand: Estimand,
    covariance: str,
    row: results.Row,
) -> str:
    """Return how values were imputed from the reference arm, and analysed."""
    gaps = "gaps without an event are" if estimand.events else "gaps before drop-out are"
    return (
        f"Reference-based imputation, {code.replace('-', ' ')}: {assumed}; {gaps} "
        "missing at random. Imputation model: "
        f"{model_words(included, estimand, covariance)}; analysis of covariance at "
        f"{estimand.visit} (arm, baseline{rows.listed_covariates(estimand)}). Conditional "
        "means with the jackknife's standard error and the normal distribution; besides, "
        f"{estimand.imputations} random draws with parameters of bootstrap samples, pooled "
        f"by Rubin's rules. {imputed_words(row)}."
    )


def imputation_rows(trial: Trial, estimand: Estimand) -> rows.AnalysisRows:
    """Return one row for each participant and visit after baseline, which the trial must have.

    Where the trial has a record of events, `event` is true from the first visit on whose value is
    imputed as after an event.
    """
    included = rows.rows_by_visit(trial, estimand)
    included.require_baseline("imputation")
    if not estimand.events:
        return included
    event = imputed_from(trial, included.frame)
    return replace(included, frame=included.frame.assign(event=event))


def imputation_columns(included: rows.AnalysisRows, estimand: Estimand) -> dict[str, Any]:
    """Return the arguments that every door of imputation takes."""
    return {
        "value": "value",
        "participant": "participant",
        "visit": "visit",
        "arm": "arm",
        "baseline": "baseline",
        "at": estimand.visit,
        "reference": estimand.contrast[1],
        "covariates": included.covariates,
        "level": estimand.level,
    }


def with_fallback(
    estimand: Estimand, run: Callable[[str], pd.DataFrame]
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Return what the first covariance of the declared chain yields, its name, and what failed.

    `run` takes the name of a covariance. If none converges, what the last has raised is raised.
    """
    chain = (estimand.covariance, *estimand.fallback)
    notes: list[str] = []
    for place, name in enumerate(chain):
        try:
            return run(name), name, tuple(notes)
        except NotEstimable as error:
            if place + 1 == len(chain):
                raise
            why = results.in_own_names(str(error), estimand)
            notes.append(f"covariance {name}: {why}; {chain[place + 1]} was tried, as declared")
    raise AssertionError("a chain has one covariance at least")


def contrast_row(found: pd.DataFrame, estimand: Estimand) -> pd.Series:
    """Return the row of the estimand's contrast."""
    return found[found["contrast"] == estimand.contrast_name].iloc[0]


def model_words(included: rows.AnalysisRows, estimand: Estimand, covariance: str) -> str:
    """Return the model that values are imputed from."""
    extra = rows.listed_covariates(estimand)
    if len(included.visits) == 1:
        return f"a linear model of {estimand.visit} on arm, baseline{extra}"
    return f"visits on arm by visit, baseline{extra} by visit, covariance {covariance}"


def imputed_words(row: results.Row) -> str:
    """Return how many values of the two arms were imputed at the visit."""
    n = int(row["n_imputed"])
    return f"{n} value{'' if n == 1 else 's'} imputed at the visit"


def imputation_notes(
    included: rows.AnalysisRows,
    row: results.Row,
    estimand: Estimand,
    *,
    baseline_imputed: bool = False,
) -> tuple[str, ...]:
    """Return what a reader must know: who is left out, and a baseline that is not listed."""
    dropped = int(row["dropped_arm"] + row["dropped_reference"])
    needed = [*(() if baseline_imputed else ("baseline",)), *included.covariates]
    gaps = included.left_out_without(dropped, needed, estimand)
    return (*included.notes, *gaps, *rows.unlisted_baseline(estimand))
