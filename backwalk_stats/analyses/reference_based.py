"""The arms compared, had those who stopped gone on as the reference arm: four assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.imputed import (
    contrast_row,
    difference_line,
    imputation_columns,
    imputation_notes,
    imputation_rows,
    imputed_words,
    model_words,
    with_fallback,
)
from backwalk_stats.analyses.result_rows import asked, results_frame
from backwalk_stats.analyses.seeding import seed_of
from backwalk_stats.models.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

DOOR = {
    "jump-to-reference": "jr",
    "copy-reference": "cr",
    "copy-increments": "cir",
    "last-mean-carried-forward": "lmcf",
}
ASSUMED = {
    "jr": "after drop-out everyone has the mean course of the reference arm",
    "cr": "who dropped out is like the reference arm at every visit",
    "cir": "after drop-out everyone changes as the reference arm does",
    "lmcf": "after drop-out everyone stays at their arm's mean of the last visit before it",
}


@asked("jump-to-reference")
def jump_to_reference(trial: Trial, estimand: Estimand) -> Result:
    """Return the adjusted mean difference; those who stop jump to the reference arm's means."""
    return _reference_based(trial, estimand, "jump-to-reference")


@asked("copy-reference")
def copy_reference(trial: Trial, estimand: Estimand) -> Result:
    """Return the adjusted mean difference; those who stop are as the reference arm throughout."""
    return _reference_based(trial, estimand, "copy-reference")


@asked("copy-increments")
def copy_increments(trial: Trial, estimand: Estimand) -> Result:
    """Return the adjusted mean difference; those who stop change as the reference arm does."""
    return _reference_based(trial, estimand, "copy-increments")


@asked("last-mean-carried-forward")
def last_mean_carried_forward(trial: Trial, estimand: Estimand) -> Result:
    """Return the adjusted mean difference; those who stop stay at their arm's last mean."""
    return _reference_based(trial, estimand, "last-mean-carried-forward")


def _reference_based(trial: Trial, estimand: Estimand, code: str) -> Result:
    """Return two rows mean_difference: by conditional means, and by random draws."""
    rows = imputation_rows(trial, estimand)
    columns = imputation_columns(rows, estimand)
    strategy = DOOR[code]
    found, covariance, notes = with_fallback(
        estimand,
        lambda name: conditional_mean_imputation(
            rows.frame, **columns, strategy=strategy, covariance=name
        ),
    )
    drawn = random_draw_imputation(
        rows.frame,
        **columns,
        strategy=strategy,
        covariance=covariance,
        seed=seed_of(trial, code, estimand.id),
        imputations=estimand.imputations,
    )
    row, other = contrast_row(found, estimand), contrast_row(drawn, estimand)
    how = {"note": "conditional means, jackknife"}, {"note": "random draws, Rubin's rules"}
    lines = [
        {**difference_line(row, estimand), **how[0]},
        {**difference_line(other, estimand), **how[1]},
    ]
    failed = int(other["n_failed"])
    if failed:
        notes = (*notes, f"{failed} bootstrap samples could not be fitted and were drawn again")
    return Result(
        analysis=code,
        outcome=estimand.outcome,
        estimates=results_frame(lines, analysis=code, estimand=estimand),
        method=(
            f"{_method(estimand, code, model_words(rows, estimand, covariance))} "
            f"{imputed_words(row)}."
        ),
        estimand=estimand,
        notes=(*imputation_notes(rows, row, estimand), *notes),
    )


def _method(estimand: Estimand, code: str, model: str) -> str:
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    return (
        f"Reference-based imputation, {code.replace('-', ' ')}: {ASSUMED[DOOR[code]]}; gaps "
        f"before drop-out are missing at random. Imputation model: {model}; analysis of covariance "
        f"at {estimand.visit} (arm, baseline{extra}). Conditional means with the jackknife's "
        f"standard error and the normal distribution; besides, {estimand.imputations} random "
        "draws with parameters of bootstrap samples, pooled by Rubin's rules."
    )
