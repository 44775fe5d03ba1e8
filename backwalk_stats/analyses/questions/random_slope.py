"""The arms compared by their slopes over the weeks, each participant with a line of their own."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.analyses.model_frames import fit_answer
from backwalk_stats.analyses.questions.mmrm import DF_WORDS
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.mixed.lmm import lmm
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

SCALED = ("estimate", "std_error", "conf_low", "conf_high")


@results.asked("random-slope")
def random_slope(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the difference in slope a week, and what it comes to at the estimand's visit.

    Of a parallel trial of three visits at least, whose weeks are known; the model has all arms and
    visits, baseline included. Rows slope_difference (a week) and change_difference (the slope times
    the weeks from the first visit to the estimand's); frames as of `mmrm`, "covariance" being that
    of intercept and slope.
    """
    included = rows.rows_by_visit(trial, estimand, baseline_as_visit=True, by_arm=False)
    require_weeks(included)
    included = rows.measured_rows(
        included, estimand, baseline=False, when=rows.visits_in_words(included)
    )
    terms = ["week * arm", *included.covariates, "(week | participant)"]
    fit = lmm(f"value ~ {' + '.join(terms)}", included.frame, df=estimand.df)
    slope = _slope(fit, estimand)
    weeks = included.frame["week"]
    span = float(weeks[included.frame["visit"] == estimand.visit].iloc[0] - weeks.min())
    change = {**slope, **{name: span * float(slope[name]) for name in SCALED}}
    sizes = results.sizes_of(rows.participants_in(fit.frame), estimand)
    return fit_answer(
        trial,
        included,
        estimand,
        fit,
        lines=[
            results.compared(estimand, "change_difference", change, **sizes),
            results.compared(estimand, "slope_difference", slope, **sizes),
        ],
        means=_means(fit, included, estimand),
        main=change,
        method=_method(fit, included, estimand, span),
    )


def require_weeks(included: rows.AnalysisRows) -> None:
    """Refuse visits that do not give each participant a line with a remainder."""
    if len(included.visits) + included.has_baseline < 3:
        raise NotEstimable(
            "a slope of each participant needs three visits, baseline included, and the outcome "
            "has fewer"
        )
    if included.frame["week"].isna().any():
        raise NotEstimable("a slope needs the week of every visit: declare weeks under [visits]")


def _slope(fit: FittedModel, estimand: Estimand) -> dict[str, float]:
    """Return the coefficient of week by arm: the reference comes first in the arms."""
    found = fit.coefficients(level=estimand.level)
    arm = f"arm{estimand.contrast[0]}"
    row = found[found["term"].isin([f"week:{arm}", f"{arm}:week"])].iloc[0]
    return {name: float(value) for name, value in results.columns_of(row).items()}


def _means(fit: FittedModel, included: rows.AnalysisRows, estimand: Estimand) -> pd.DataFrame:
    visits = included.frame.drop_duplicates("visit")[["visit", "week"]]
    parts = [
        fit.marginal_means("arm", at={"week": week}, level=estimand.level).assign(visit=visit)
        for visit, week in zip(visits["visit"].astype(str), visits["week"], strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _method(fit: FittedModel, included: rows.AnalysisRows, estimand: Estimand, span: float) -> str:
    summary = fit.stats
    return (
        "Linear mixed model (REML): outcome at all visits on week by arm"
        f"{rows.listed_covariates(estimand)}, random intercept and slope of each participant with "
        "any covariance; the baseline is an outcome, so its means may differ between arms; degrees "
        "of freedom: "
        f"{DF_WORDS[summary.df]}; {included.used(summary.n_participants)}; "
        f"the difference in change is the difference in slope times {span:g} weeks."
    )
