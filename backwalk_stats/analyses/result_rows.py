"""Answers to questions as results: rows with every column, also where nothing was estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
Line: TypeAlias = Mapping[Any, Any]  # a row of results: the columns that are known
Named: TypeAlias = tuple[str, str, str]  # columns of an estimate and its limits
INTERVAL = ("estimate", "conf_low", "conf_high")
NUMBERS = (*ESTIMATES, "p_adjusted", "n", "n_reference")
MAIN_QUANTITY = {
    "change-score": "change_difference",
    "random-slope": "change_difference",
    "rank-based": "hodges_lehmann",
    "mixed-anova": "f_statistic",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an analysis says of its question; which analysis and whose question are known outside.

    Attributes
    ----------
    method, notes, converged, frames
        As of `Result`.
    lines : sequence of mapping
        Rows as `results_frame` takes them; none where a question only describes.
    """

    method: str
    lines: Sequence[Line] = ()
    notes: Sequence[str] = ()
    converged: bool = True
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def result(
        self, analysis: str, *, outcome: str = "", estimand: Estimand | None = None
    ) -> Result:
        """Return the result of an analysis, its estimates with every column."""
        return Result(
            analysis=analysis,
            outcome=estimand.outcome if estimand else outcome,
            estimates=results_frame(
                self.lines, analysis=analysis, outcome=outcome, estimand=estimand
            ),
            method=self.method,
            estimand=estimand,
            converged=self.converged,
            notes=tuple(self.notes),
            frames=self.frames,
        )


def main_quantity(analysis: str) -> str:
    """Return the quantity by which an analysis compares the arms."""
    return MAIN_QUANTITY.get(analysis, "mean_difference")


def results_frame(
    rows: Iterable[Line],
    *,
    analysis: str,
    outcome: str = "",
    estimand: Estimand | None = None,
) -> pd.DataFrame:
    """Return rows with the columns of `tables.RESULTS`; other keys are left out.

    Numbers that are not given are NaN, texts "". An estimand names the outcome; the row that
    answers it has its role, those of a sensitivity analysis "sensitivity", all others "supporting".
    Without one the role is "descriptive".

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


def columns_of(row: Row, named: Named | None = None) -> dict[str, Any]:
    """Return the estimate columns that a row has, or those that stand under other names."""
    if named is not None:
        return {column: row[name] for column, name in zip(INTERVAL, named, strict=True)}
    return {name: row[name] for name in ESTIMATES if name in row}


def compared(
    estimand: Estimand, quantity: str, row: Row, *, named: Named | None = None, **more: object
) -> dict[str, Any]:
    """Return the line of a quantity that compares the estimand's arms at its visit.

    Numbers of participants come from the row where a model gives them (n_arm, n_reference); what is
    given besides takes the place of what the row or the estimand say.
    """
    sizes = {"n": row["n_arm"], "n_reference": row["n_reference"]} if "n_arm" in row else {}
    about = {"visit": estimand.visit, "contrast": estimand.contrast_name, "quantity": quantity}
    return {**about, **columns_of(row, named), **sizes, **more}


def f_row(row: Row, *, df: str = "df_den", p_value: str = "p_value") -> dict[str, Any]:
    """Return the row of an F test: it has no estimate but its statistic."""
    statistic = row["statistic"]
    return {"estimate": statistic, "statistic": statistic, "df": row[df], "p_value": row[p_value]}


def sizes_of(used: Mapping[str, int], estimand: Estimand) -> dict[str, Any]:
    """Return n and n_reference of an estimand, from the participants of each arm."""
    arm, reference = estimand.contrast
    return {"n": used.get(arm, 0), "n_reference": used.get(reference, 0)}


def model_lines(
    found: pd.DataFrame, means: pd.DataFrame, used: Mapping[str, int], estimand: Estimand
) -> list[dict[str, Any]]:
    """Return the lines of a model: the difference at each visit, then the mean of each arm.

    `found` and `means` have a column visit; `used` tells the participants of each arm.
    """
    sizes = sizes_of(used, estimand)
    lines = [
        compared(estimand, "mean_difference", row, visit=str(row["visit"]), **sizes)
        for row in found.to_dict("records")
    ]
    for row in means.to_dict("records"):
        arm = str(row["arm"])
        about = {"visit": str(row["visit"]), "arm": arm, "quantity": "adjusted_mean"}
        lines.append({**about, **columns_of(row), "n": used.get(arm, 0)})
    return lines


def asked(analysis: str) -> Callable[[Callable[[Trial, Estimand], Answer]], Question]:
    """Make a question of a function that may find its numbers not estimable.

    What cannot be estimated, and data that a model refuses, become a row of NaN whose note is the
    reason: one analysis that fails does not take the report with it. `analysis` is the code of the
    result.
    """

    def around(function: Callable[[Trial, Estimand], Answer]) -> Question:
        @wraps(function)
        def answered(trial: Trial, estimand: Estimand) -> Result:
            try:
                answer = function(trial, estimand)
            except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
                why = f"not estimated: {in_own_names(str(error), estimand)}"
                answer = Answer(
                    method="Could not be carried out; the notes say why.",
                    lines=[compared(estimand, main_quantity(analysis), {}, note=why)],
                    converged=False,
                    notes=(why,),
                )
            return answer.result(analysis, estimand=estimand)

        return answered

    return around
