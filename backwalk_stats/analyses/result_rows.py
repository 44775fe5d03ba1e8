"""Rows of results with every column, and what stands in them where nothing could be estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.trial.estimand import SENSITIVITY
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import ESTIMATES, RESULTS

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

Question = Callable[["Trial", "Estimand"], Result]
Row: TypeAlias = "pd.Series[Any] | Mapping[Any, Any]"
NUMBERS = (*ESTIMATES, "p_adjusted", "n", "n_reference")
MAIN_QUANTITY = {
    "change-score": "change_difference",
    "random-slope": "change_difference",
    "rank-based": "hodges_lehmann",
    "mixed-anova": "f_statistic",
}


def main_quantity(analysis: str) -> str:
    """Return the quantity by which an analysis compares the arms."""
    return MAIN_QUANTITY.get(analysis, "mean_difference")


def results_frame(
    rows: Iterable[Mapping[str, object]],
    *,
    analysis: str,
    outcome: str = "",
    estimand: Estimand | None = None,
) -> pd.DataFrame:
    """Return rows with the columns of `tables.RESULTS`.

    Parameters
    ----------
    rows : iterable of mapping
        Columns that are given; numbers that are not are NaN, texts "". Other keys are left out.
    analysis : str
        Code of the analysis.
    outcome : str
        Name of the outcome, where there is no estimand.
    estimand : Estimand, optional
        Names the outcome; the row that answers it has its role, those of a sensitivity analysis
        "sensitivity", all others "supporting". Without one the role is "descriptive".

    Examples
    --------
    >>> frame = results_frame([{"quantity": "d_z", "estimate": -1.5}], analysis="within-arm")
    >>> frame[["analysis", "quantity", "estimate", "p_value", "role"]]
         analysis quantity  estimate  p_value         role
    0  within-arm      d_z      -1.5      NaN  descriptive
    """
    filled = []
    for row in rows:
        known = {name: row[name] for name in RESULTS if name in row}
        full: dict[str, object] = {
            **dict.fromkeys(RESULTS, ""),
            **dict.fromkeys(NUMBERS, np.nan),
            "analysis": analysis,
            "estimand": estimand.id if estimand else "",
            "outcome": estimand.outcome if estimand else outcome,
            **known,
        }
        filled.append({**full, "role": full["role"] or _role(full, estimand)})
    frame = pd.DataFrame(filled, columns=list(RESULTS))
    texts = [name for name in RESULTS if name not in NUMBERS]
    return frame.astype({**dict.fromkeys(NUMBERS, "float64"), **dict.fromkeys(texts, "str")})


def _role(row: Mapping[str, object], estimand: Estimand | None) -> str:
    if estimand is None:
        return "descriptive"
    if row["analysis"] != estimand.analysis:
        return "sensitivity" if row["analysis"] in SENSITIVITY else "supporting"
    wanted = (estimand.visit, estimand.contrast_name, main_quantity(estimand.analysis))
    answers = (row["visit"], row["contrast"], row["quantity"]) == wanted
    return estimand.role if answers else "supporting"


def columns_of(row: Row) -> dict[str, Any]:
    """Return the estimate columns of a row."""
    return {name: row[name] for name in ESTIMATES}


def asked(analysis: str) -> Callable[[Question], Question]:
    """Make a question of a function that may find its numbers not estimable.

    What cannot be estimated, and data that a model refuses, become a row of NaN whose note is the
    reason: one analysis that fails does not take the report with it.

    Parameters
    ----------
    analysis : str
        Code of the analysis.
    """

    def around(function: Question) -> Question:
        @wraps(function)
        def answered(trial: Trial, estimand: Estimand) -> Result:
            try:
                return function(trial, estimand)
            except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
                return unanswered(analysis, estimand, in_own_names(str(error), estimand))

        return answered

    return around


def unanswered(analysis: str, estimand: Estimand, reason: str) -> Result:
    """Return a result without a number, and why."""
    why = f"not estimated: {reason}"
    row = {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "quantity": main_quantity(analysis),
        "note": why,
    }
    return Result(
        analysis=analysis,
        outcome=estimand.outcome,
        estimates=results_frame([row], analysis=analysis, estimand=estimand),
        method="Could not be carried out; the notes say why.",
        estimand=estimand,
        converged=False,
        notes=(why,),
    )
