"""The arms compared by their slopes over the weeks, each participant with a line of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.analysis_rows import (
    AnalysisRows,
    change_points,
    participants_in,
    rows_by_visit,
)
from backwalk_stats.analyses.measured_rows import measured_rows, visits_in_words
from backwalk_stats.analyses.mmrm_fit import DF_WORDS
from backwalk_stats.analyses.model_frames import fit_frames, model_means
from backwalk_stats.analyses.result_rows import asked, columns_of, results_frame
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.analyses.uncertainty import difference_curve
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.lmm import lmm
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.models.fitted import FittedModel
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

SCALED = ("estimate", "std_error", "conf_low", "conf_high")


@asked("random-slope")
def random_slope(trial: Trial, estimand: Estimand) -> Result:
    """Return the difference in slope a week, and what it comes to at the estimand's visit.

    Parameters
    ----------
    trial : Trial
        Of parallel design, with the weeks of its visits; three visits at least.
    estimand : Estimand
        The model has all arms and visits, baseline included.

    Returns
    -------
    Result
        Rows slope_difference (a week) and change_difference (the slope times the weeks from the
        first visit to the estimand's). Frames as of `mmrm`; "covariance" is that of intercept and
        slope.
    """
    rows = rows_by_visit(trial, estimand, baseline_as_visit=True)
    _require_weeks(rows)
    rows = measured_rows(rows, estimand, baseline=False, when=visits_in_words(rows))
    terms = ["week * arm", *rows.covariates, "(week | participant)"]
    fit = lmm(f"value ~ {' + '.join(terms)}", rows.frame, df=estimand.df)
    slope = _slope(fit, estimand)
    weeks = rows.frame["week"]
    span = float(weeks[rows.frame["visit"] == estimand.visit].iloc[0] - weeks.min())
    change = {**slope, **{name: span * float(slope[name]) for name in SCALED}}
    used = participants_in(fit.frame)
    shared = {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "n": used.get(estimand.contrast[0], 0),
        "n_reference": used.get(estimand.contrast[1], 0),
    }
    lines = [
        {**shared, "quantity": "change_difference", **change},
        {**shared, "quantity": "slope_difference", **slope},
    ]
    return Result(
        analysis="random-slope",
        outcome=estimand.outcome,
        estimates=results_frame(lines, analysis="random-slope", estimand=estimand),
        method=_method(fit, rows, estimand, span),
        estimand=estimand,
        converged=fit.summary.converged,
        notes=tuple(in_own_names(note, estimand) for note in (*rows.notes, *fit.summary.notes)),
        frames={
            "means": _means(trial, fit, rows, estimand),
            "difference_curve": difference_curve(change),
            **change_points(trial, estimand),
            **fit_frames(fit, rows.frame),
        },
    )


def _require_weeks(rows: AnalysisRows) -> None:
    """Refuse visits that do not give each participant a line with a remainder."""
    if len(rows.visits) + rows.has_baseline < 3:
        raise NotEstimable(
            "a slope of each participant needs three visits, baseline included, and the outcome "
            "has fewer"
        )
    if rows.frame["week"].isna().any():
        raise NotEstimable("a slope needs the week of every visit: declare weeks under [visits]")


def _slope(fit: FittedModel, estimand: Estimand) -> dict[str, float]:
    """Return the coefficient of week by arm: the reference comes first in the arms."""
    found = fit.coefficients(level=estimand.level)
    arm = f"arm{estimand.contrast[0]}"
    row = found[found["term"].isin([f"week:{arm}", f"{arm}:week"])].iloc[0]
    return {name: float(value) for name, value in columns_of(row).items()}


def _means(trial: Trial, fit: FittedModel, rows: AnalysisRows, estimand: Estimand) -> pd.DataFrame:
    visits = rows.frame.drop_duplicates("visit")[["visit", "week"]]
    parts = [
        fit.marginal_means("arm", at={"week": week}, level=estimand.level).assign(visit=visit)
        for visit, week in zip(visits["visit"].astype(str), visits["week"], strict=True)
    ]
    seen = rows.frame.groupby(["arm", "visit"], observed=True)["participant"].nunique()
    return model_means(trial, estimand.outcome, pd.concat(parts, ignore_index=True), seen)


def _method(fit: FittedModel, rows: AnalysisRows, estimand: Estimand, span: float) -> str:
    summary = fit.summary
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    return (
        f"Linear mixed model (REML): outcome at all visits on week by arm{extra}, random intercept "
        "and slope of each participant with any covariance; the baseline is an outcome, so its "
        "means may differ between arms; degrees of freedom: "
        f"{DF_WORDS[summary.df]}; {rows.used(summary.n_participants)}; "
        f"the difference in change is the difference in slope times {span:g} weeks."
    )
