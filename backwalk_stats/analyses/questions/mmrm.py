"""The arms compared at a visit by a mixed model for repeated measures."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.model_frames import fit_answer
from backwalk_stats.analyses.questions.ancova import ancova
from backwalk_stats.analyses.results import Answer, asked, model_lines
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.summary import FitSummary
from backwalk_stats.models.mixed.mmrm import visit_model
from backwalk_stats.trial.estimand import BY_DISTANCE, Estimand
from backwalk_stats.trial.trial import Trial

DF_WORDS = {
    "kenward-roger": "Kenward-Roger (observed information)",
    "kenward-roger-linear": "Kenward-Roger (linear, observed information)",
    "satterthwaite": "Satterthwaite",
    "between-within": "between-within",
    "residual": "residual",
}


@asked("mmrm")
def mmrm(trial: Trial, estimand: Estimand) -> Answer:
    """Return the contrast at every visit, and the adjusted means.

    Of a parallel trial; all arms are in the model, with the estimand's covariance, fallback and df.
    With one visit after baseline the model is the analysis of covariance, and fitted as such.

    Rows mean_difference (each visit; arm minus reference) and adjusted_mean (each arm and visit);
    frames means, difference_curve, fit, covariance, residual_bins, residual_quantiles and, for
    individuals, points and residuals.
    """
    planned = rows.rows_by_visit(trial, estimand)
    if len(planned.visits) == 1:
        return _of_one_visit(trial, estimand, planned)
    fit, included = fit_mmrm(trial, estimand)
    found = contrasts_of(fit, estimand)
    means = fit.marginal_means("arm", by="visit", level=estimand.level)
    return fit_answer(
        trial,
        replace(included, frame=fit.frame),
        estimand,
        fit,
        lines=model_lines(found, means, rows.participants_in(fit.frame), estimand),
        means=means,
        main=found[found["visit"].astype(str) == estimand.visit].iloc[0],
        method=method_words(fit, included, estimand),
    )


def _of_one_visit(trial: Trial, estimand: Estimand, planned: rows.AnalysisRows) -> Answer:
    """Return the analysis of covariance, which the mixed model of a single visit is."""
    found = ancova(trial, estimand)
    notes = [note for note in planned.notes if note not in found.notes]
    return Answer(
        lines=found.estimates.drop(columns=["analysis", "role"]).to_dict("records"),
        method=f"One visit after baseline: the mixed model is a linear one. {found.method}",
        notes=(*notes, *found.notes),
        converged=found.converged,
        frames=found.frames,
    )


# The mixed model for repeated measures of an estimand, for its main analysis and resampling.
#
# With one visit after baseline it is the analysis of covariance.


def fit_mmrm(trial: Trial, estimand: Estimand) -> tuple[FittedModel, rows.AnalysisRows]:
    """Fit value on baseline by visit, arm by visit and covariates, to what was measured."""
    included, formula, times = mmrm_rows(trial, estimand)
    return visit_fit(formula, included.frame, estimand, times=times), included


def visit_fit(
    formula: str, frame: pd.DataFrame, estimand: Estimand, *, times: str | None = None
) -> FittedModel:
    """Fit a formula to rows by visit with the estimand's covariance, fallback and df."""
    return visit_model(
        formula,
        frame,
        participant="participant",
        visit="visit",
        least_visits=min(2, int(frame["visit"].nunique())),
        covariance=estimand.covariance,
        df=estimand.df,
        times=times,
        fallback=estimand.fallback,
    )


def mmrm_rows(trial: Trial, estimand: Estimand) -> tuple[rows.AnalysisRows, str, str | None]:
    """Return the measured rows of the model, its formula, and the column of times if it has one."""
    included = rows.rows_by_visit(trial, estimand)
    base, by_visit = rows.uses_baseline(included, estimand), " * visit" * (len(included.visits) > 1)
    included = rows.measured_rows(included, estimand, baseline=base)
    terms = [f"baseline{by_visit}"] if base else []
    terms += [f"arm{by_visit}"]
    formula = f"value ~ {' + '.join([*terms, *included.covariates])}"
    return with_times(trial, included, estimand), formula, times_of(estimand)


def times_of(estimand: Estimand) -> str | None:
    """Return the column of times, where the covariance or what it falls back on needs one."""
    if not any(name in BY_DISTANCE for name in (estimand.covariance, *estimand.fallback)):
        return None
    return "day" if estimand.times == "dates" else "week"


def with_times(trial: Trial, included: rows.AnalysisRows, estimand: Estimand) -> rows.AnalysisRows:
    """Return rows with the day of each visit where the covariance goes by dates.

    Every value needs its day, so a gap is refused.
    """
    if times_of(estimand) != "day":
        return included
    days = pd.DataFrame(columns=["participant", "visit", "day"])
    known = (days if trial.visit_days is None else trial.visit_days).set_index(
        ["participant", "visit"]
    )["day"]
    frame = included.frame
    keys = pd.MultiIndex.from_arrays([frame["participant"], frame["visit"].astype(str)])
    frame = frame.assign(day=known.reindex(keys).to_numpy(dtype=float))
    if (frame["day"].isna() & frame["value"].notna()).any():
        raise NotEstimable(
            "some values have no date of their visit, and times = 'dates' needs that of "
            "each: enter the dates, or declare times = 'weeks'"
        )
    return replace(included, frame=frame)


def method_words(fit: FittedModel, included: rows.AnalysisRows, estimand: Estimand) -> str:
    """Return the model in words, with the covariance that was fitted."""
    summary, extra = fit.stats, rows.listed_covariates(estimand)
    base = ", baseline" if rows.uses_baseline(included, estimand) else ""
    if len(included.visits) == 1:
        return (
            "One visit after baseline, so that the mixed model is the analysis of covariance: "
            f"outcome at {included.visits[0]} on arm{base}{extra}; "
            f"{included.used(summary.n_participants)}."
        )
    by_visit = " by visit" if base else ""
    return (
        f"Mixed model for repeated measures (REML) of the visits {', '.join(included.visits)}: arm "
        f"by visit{base}{by_visit}{extra} as fixed effects; {covariance_words(summary, estimand)}; "
        f"{included.used(summary.n_participants)}; "
        "adjusted means at the mean of numeric covariates, levels of others weighed equally."
    )


def covariance_words(summary: FitSummary, estimand: Estimand) -> str:
    """Return the covariance that was fitted, with the one declared beside it, and the df."""
    tried = f" ({estimand.covariance} was declared)" * (summary.covariance != estimand.covariance)
    days = ""
    if estimand.times == "dates" and summary.covariance in BY_DISTANCE:
        days = " by the days between the dates of a person's visits"
    return (
        f"covariance of the visits: {summary.covariance}{tried}{days}; degrees of freedom: "
        f"{DF_WORDS[summary.df]}"
    )


def contrasts_of(fit: FittedModel, estimand: Estimand) -> pd.DataFrame:
    """Return the estimand's contrast at each visit, with a column visit."""
    found = fit.contrasts("arm", by="visit", level=estimand.level)
    return found[found["contrast"] == estimand.contrast_name].reset_index(drop=True)
