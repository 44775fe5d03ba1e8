"""The arms compared by ranks of the change from baseline."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.rank_based import rank_based as ranked
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

PROBABILITY = ("probability", "prob_low", "prob_high")


@results.asked("rank-based")
def rank_based(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the Hodges-Lehmann shift and the probability of superiority of two arms.

    Of a parallel trial; without a baseline the outcome itself is ranked. Where the estimand has
    covariates that are no numbers, van Elteren's test within their levels is given besides.

    Rows hodges_lehmann (arm minus reference) and probability_of_superiority (that a participant of
    the arm is higher, ties counting half); with strata a further hodges_lehmann before these. For
    individuals the frame points.
    """
    included = rows.rows_at_visit(trial, estimand).pair(estimand)
    if trial.outcome(estimand.outcome).kind == "ordinal":
        return _of_categories(included, estimand)
    outcome = "change" if included.has_baseline else "value"
    found = _ranked(included.frame, estimand, outcome=outcome).iloc[0]
    strata = _strata(included)
    lines = [
        *_stratified(included, estimand, strata, outcome=outcome),
        results.compared(estimand, "hodges_lehmann", found, note=f"p {found['method']}"),
        results.compared(estimand, "probability_of_superiority", found, named=PROBABILITY),
    ]
    dropped = int(found["dropped_arm"] + found["dropped_reference"])
    what = "change from baseline" if included.has_baseline else "outcome"
    notes = [*included.notes, *([found["notes"]] if found["notes"] else [])]
    notes += rows.left_out(dropped, f"without the {what}{included.or_aside}")
    return results.Answer(
        lines=lines,
        method=_method(included, estimand, found, bool(strata)),
        notes=notes,
        frames=rows.change_points(trial, estimand),
    )


def _of_categories(included: rows.AnalysisRows, estimand: Estimand) -> results.Answer:
    """Return the probability of a higher category; categories have neither changes nor shifts."""
    found = _ranked(included.frame, estimand, outcome="value").iloc[0]
    dropped = int(found["dropped_arm"] + found["dropped_reference"])
    how = "exact given the ties" if found["method"] == "exact" else "normal approximation"
    line = results.compared(
        estimand,
        "probability_of_superiority",
        found,
        named=PROBABILITY,
        p_value=found["p_value"],
        note=f"p {found['method']}",
    )
    return results.Answer(
        lines=[line],
        method=(
            f"Wilcoxon-Mann-Whitney test of the categories at {estimand.visit} ({how}), "
            "probability of superiority with Newcombe's interval (method 5); not adjusted for "
            f"covariates; {included.used(int(found['n_arm'] + found['n_reference']))}."
        ),
        notes=(*included.notes, *rows.left_out(dropped, f"without the outcome{included.or_aside}")),
    )


def _ranked(
    frame: pd.DataFrame, estimand: Estimand, *, outcome: str, strata: str | None = None
) -> pd.DataFrame:
    return ranked(
        frame,
        outcome=outcome,
        arm="arm",
        reference=estimand.contrast[1],
        strata=strata,
        participant="participant",
        level=estimand.level,
    )


def _strata(included: rows.AnalysisRows) -> list[str]:
    """Return the covariates that are no numbers."""
    return [
        name
        for name in included.covariates
        if isinstance(included.frame[name].dtype, pd.CategoricalDtype)
    ]


def _stratified(
    included: rows.AnalysisRows, estimand: Estimand, strata: list[str], *, outcome: str
) -> list[results.Line]:
    if not strata:
        return []
    crossed = included.frame[strata[0]].astype("object")
    for name in strata[1:]:
        # A gap in one of them is a gap in the stratum.
        crossed = crossed + " × " + included.frame[name].astype("object")
    frame = included.frame.assign(stratum=crossed)
    names = [estimand.other_covariates[int(name[1:]) - 1] for name in strata]
    note = f"van Elteren within {' × '.join(names)}"
    found: results.Row = {}
    try:
        found = _ranked(frame, estimand, outcome=outcome, strata="stratum").iloc[0]
        note = f"{note}, p {found['method']}"
    except NotEstimable as error:
        note = f"{note}: not estimated: {results.in_own_names(str(error), estimand)}"
    role = estimand.role_of("rank-based")
    return [results.compared(estimand, "hodges_lehmann", found, role=role, note=note)]


def _method(
    included: rows.AnalysisRows, estimand: Estimand, found: pd.Series, stratified: bool
) -> str:
    what = "the change from baseline to" if included.has_baseline else "the outcome at"
    exact = "exact given the ties" if found["method"] == "exact" else "normal approximation"
    strata = "; van Elteren's test within strata besides" if stratified else ""
    strata += f"; not adjusted for {'other ' * stratified}covariates"
    return (
        f"Wilcoxon-Mann-Whitney test of {what} {estimand.visit} ({exact}), Hodges-Lehmann shift "
        "with its interval, probability of superiority with Newcombe's interval (method 5)"
        f"{strata}; {included.used(int(found['n_arm'] + found['n_reference']))}."
    )
