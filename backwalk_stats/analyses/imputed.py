"""What every imputation of an estimand needs: rows, columns, a covariance that converges."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backwalk_stats.analyses.analysis_rows import AnalysisRows, rows_by_visit
from backwalk_stats.analyses.result_rows import Row, columns_of
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.errors import NotEstimable
from backwalk_stats.trial.estimand import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


def imputation_rows(trial: Trial, estimand: Estimand) -> AnalysisRows:
    """Return one row for each participant and visit after baseline.

    Raises
    ------
    NotEstimable
        If the trial has no baseline.
    """
    rows = rows_by_visit(trial, estimand)
    rows.require_baseline("imputation")
    return rows


def imputation_columns(rows: AnalysisRows, estimand: Estimand) -> dict[str, Any]:
    """Return the arguments that every door of imputation takes."""
    return {
        "value": "value",
        "participant": "participant",
        "visit": "visit",
        "arm": "arm",
        "baseline": "baseline",
        "at": estimand.visit,
        "reference": estimand.contrast[1],
        "covariates": rows.covariates,
        "level": estimand.level,
    }


def with_fallback(
    estimand: Estimand, run: Callable[[str], pd.DataFrame]
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Return what the first covariance of the declared chain yields, its name, and what failed.

    Parameters
    ----------
    estimand : Estimand
        Its covariance, then its fallback.
    run : callable
        From the name of a covariance to the answer.

    Raises
    ------
    NotEstimable
        If none of them converges: that of the last.
    """
    chain = (estimand.covariance, *estimand.fallback)
    notes: list[str] = []
    for place, name in enumerate(chain):
        try:
            return run(name), name, tuple(notes)
        except NotEstimable as error:
            if place + 1 == len(chain):
                raise
            why = in_own_names(str(error), estimand)
            notes.append(f"covariance {name}: {why}; {chain[place + 1]} was tried, as declared")
    raise AssertionError("a chain has one covariance at least")


def contrast_row(found: pd.DataFrame, estimand: Estimand) -> pd.Series:
    """Return the row of the estimand's contrast."""
    return found[found["contrast"] == estimand.contrast_name].iloc[0]


def difference_line(row: Row, estimand: Estimand) -> dict[str, object]:
    """Return a row of results: the mean difference at the estimand's visit."""
    return {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "quantity": "mean_difference",
        **columns_of(row),
        "n": row["n_arm"],
        "n_reference": row["n_reference"],
    }


def model_words(rows: AnalysisRows, estimand: Estimand, covariance: str) -> str:
    """Return the model that values are imputed from."""
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    if len(rows.visits) == 1:
        return f"a linear model of {estimand.visit} on arm, baseline{extra}"
    return f"visits on arm by visit, baseline{extra} by visit, covariance {covariance}"


def imputed_words(row: Row) -> str:
    """Return how many values of the two arms were imputed at the visit."""
    n = int(row["n_imputed"])
    return f"{n} value{'' if n == 1 else 's'} imputed at the visit"


def imputation_notes(
    rows: AnalysisRows, row: Row, estimand: Estimand, *, baseline_imputed: bool = False
) -> tuple[str, ...]:
    """Return what a reader must know: who is left out, and a baseline that is not listed."""
    dropped = int(row["dropped_arm"] + row["dropped_reference"])
    needed = [*(() if baseline_imputed else ("baseline",)), *rows.covariates]
    notes = [*rows.notes, *rows.left_out_without(dropped, needed, estimand)]
    if BASELINE not in estimand.covariates:
        notes.append("adjusted for the baseline, which the estimand does not list")
    return tuple(notes)
