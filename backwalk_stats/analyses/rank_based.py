"""The arms compared by ranks of the change from baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.analysis_rows import AnalysisRows, change_points, rows_at_visit
from backwalk_stats.analyses.result_rows import asked, columns_of, results_frame
from backwalk_stats.analyses.told_counts import left_out
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.rank_based import rank_based as compared
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("rank-based")
def rank_based(trial: Trial, estimand: Estimand) -> Result:
    """Return the Hodges-Lehmann shift and the probability of superiority of two arms.

    Parameters
    ----------
    trial : Trial
        Of parallel design; without a baseline the outcome itself is ranked.
    estimand : Estimand
        Its two arms and its visit. Where it has covariates that are no numbers, van Elteren's test
        within their levels is given besides.

    Returns
    -------
    Result
        Rows hodges_lehmann (arm minus reference) and probability_of_superiority (that a participant
        of the arm is higher, ties counting half); with strata a further hodges_lehmann before
        these. For individuals the frame points.
    """
    rows = rows_at_visit(trial, estimand).pair(estimand)
    outcome = "change" if rows.has_baseline else "value"
    found = _compared(rows.frame, estimand, outcome=outcome).iloc[0]
    strata = _strata(rows)
    lines = _stratified(rows, estimand, strata, outcome=outcome)
    shared = _shared(found, estimand)
    lines += [
        {
            **shared,
            "quantity": "hodges_lehmann",
            **columns_of(found),
            "note": f"p {found['method']}",
        },
        {
            **shared,
            "quantity": "probability_of_superiority",
            "estimate": found["probability"],
            "conf_low": found["prob_low"],
            "conf_high": found["prob_high"],
        },
    ]
    dropped = int(found["dropped_arm"] + found["dropped_reference"])
    what = "change from baseline" if rows.has_baseline else "outcome"
    notes = [*rows.notes, *([found["notes"]] if found["notes"] else [])]
    notes += left_out(dropped, f"without the {what}")
    return Result(
        analysis="rank-based",
        outcome=estimand.outcome,
        estimates=results_frame(lines, analysis="rank-based", estimand=estimand),
        method=_method(rows, estimand, found, bool(strata)),
        estimand=estimand,
        notes=tuple(notes),
        frames=change_points(trial, estimand),
    )


def _compared(
    frame: pd.DataFrame, estimand: Estimand, *, outcome: str, strata: str | None = None
) -> pd.DataFrame:
    return compared(
        frame,
        outcome=outcome,
        arm="arm",
        reference=estimand.contrast[1],
        strata=strata,
        participant="participant",
        level=estimand.level,
    )


def _shared(found: pd.Series, estimand: Estimand) -> dict[str, object]:
    return {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "n": found["n_arm"],
        "n_reference": found["n_reference"],
    }


def _strata(rows: AnalysisRows) -> list[str]:
    """Return the covariates that are no numbers."""
    return [
        name for name in rows.covariates if isinstance(rows.frame[name].dtype, pd.CategoricalDtype)
    ]


def _stratified(
    rows: AnalysisRows, estimand: Estimand, strata: list[str], *, outcome: str
) -> list[dict[str, object]]:
    if not strata:
        return []
    crossed = rows.frame[strata[0]].astype("object")
    for name in strata[1:]:
        # A gap in one of them is a gap in the stratum.
        crossed = crossed + " × " + rows.frame[name].astype("object")
    frame = rows.frame.assign(stratum=crossed)
    shared: dict[str, object] = {"quantity": "hodges_lehmann", "role": "sensitivity"}
    shared |= {"visit": estimand.visit, "contrast": estimand.contrast_name}
    names = [estimand.other_covariates[int(name[1:]) - 1] for name in strata]
    note = f"van Elteren within {' × '.join(names)}"
    try:
        found = _compared(frame, estimand, outcome=outcome, strata="stratum").iloc[0]
    except NotEstimable as error:
        return [{**shared, "note": f"{note}: not estimated: {in_own_names(str(error), estimand)}"}]
    kept = {**_shared(found, estimand), **columns_of(found)}
    return [{**shared, **kept, "note": f"{note}, p {found['method']}"}]


def _method(rows: AnalysisRows, estimand: Estimand, found: pd.Series, stratified: bool) -> str:
    what = (
        f"the change from baseline to {estimand.visit}"
        if rows.has_baseline
        else f"the outcome at {estimand.visit}"
    )
    exact = "exact given the ties" if found["method"] == "exact" else "normal approximation"
    strata = "; van Elteren's test within strata besides" if stratified else ""
    strata += (
        "; not adjusted for other covariates" if stratified else "; not adjusted for covariates"
    )
    return (
        f"Wilcoxon-Mann-Whitney test of {what} ({exact}), Hodges-Lehmann shift with its interval, "
        f"probability of superiority with Newcombe's interval (method 5){strata}; "
        f"{rows.used(int(found['n_arm'] + found['n_reference']))}."
    )
