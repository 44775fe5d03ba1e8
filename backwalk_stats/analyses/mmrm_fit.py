"""The mixed model for repeated measures of an estimand, for its main analysis and resampling.

With one visit after baseline it is the analysis of covariance, which always has the baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import (
    AnalysisRows,
    listed_covariates,
    rows_by_visit,
    uses_baseline,
)
from backwalk_stats.analyses.measured_rows import measured_rows
from backwalk_stats.models.visit_model import visit_model

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.models.fitted import FittedModel
    from backwalk_stats.models.summary import FitSummary
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

DF_WORDS = {
    "kenward-roger": "Kenward-Roger (observed information)",
    "kenward-roger-linear": "Kenward-Roger (linear, observed information)",
    "satterthwaite": "Satterthwaite",
    "between-within": "between-within",
    "residual": "residual",
}


def fit_mmrm(trial: Trial, estimand: Estimand) -> tuple[FittedModel, AnalysisRows]:
    """Fit value on baseline by visit, arm by visit and covariates, to what was measured."""
    rows = rows_by_visit(trial, estimand)
    base, by_visit = has_baseline_term(rows, estimand), " * visit" * (len(rows.visits) > 1)
    rows = measured_rows(rows, estimand, baseline=base)
    terms = [f"baseline{by_visit}"] if base else []
    terms += [f"arm{by_visit}"]
    times = "week" if "sp_exp" in (estimand.covariance, *estimand.fallback) else None
    fit = visit_model(
        f"value ~ {' + '.join([*terms, *rows.covariates])}",
        rows.frame,
        participant="participant",
        visit="visit",
        least_visits=min(2, len(rows.visits)),
        covariance=estimand.covariance,
        df=estimand.df,
        times=times,
        fallback=estimand.fallback,
    )
    return fit, rows


def method_words(fit: FittedModel, rows: AnalysisRows, estimand: Estimand) -> str:
    """Return the model in words, with the covariance that was fitted."""
    summary, extra = fit.summary, listed_covariates(estimand)
    base = ", baseline" if has_baseline_term(rows, estimand) else ""
    if len(rows.visits) == 1:
        return (
            "One visit after baseline, so that the mixed model is the analysis of covariance: "
            f"outcome at {rows.visits[0]} on arm{base}{extra}; "
            f"{rows.used(summary.n_participants)}."
        )
    by_visit = " by visit" if base else ""
    return (
        f"Mixed model for repeated measures (REML) of the visits {', '.join(rows.visits)}: arm by "
        f"visit{base}{by_visit}{extra} as fixed effects; {covariance_words(summary, estimand)}; "
        f"{rows.used(summary.n_participants)}; "
        "adjusted means at the mean of numeric covariates, levels of others weighed equally."
    )


def covariance_words(summary: FitSummary, estimand: Estimand) -> str:
    """Return the covariance that was fitted, with the one declared beside it, and the df."""
    tried = f" ({estimand.covariance} was declared)" * (summary.covariance != estimand.covariance)
    return (
        f"covariance of the visits: {summary.covariance}{tried}; degrees of freedom: "
        f"{DF_WORDS[summary.df]}"
    )


def has_baseline_term(rows: AnalysisRows, estimand: Estimand) -> bool:
    """Return whether the model has the baseline among its covariates."""
    return rows.has_baseline if len(rows.visits) == 1 else uses_baseline(rows, estimand)


def contrasts_of(fit: FittedModel, estimand: Estimand) -> pd.DataFrame:
    """Return the estimand's contrast at each visit, with a column visit."""
    found = fit.contrasts("arm", by="visit", level=estimand.level)
    return found[found["contrast"] == estimand.contrast_name].reset_index(drop=True)
