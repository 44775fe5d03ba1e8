"""The mixed model for repeated measures of an estimand, for its main analysis and resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import (
    AnalysisRows,
    rows_by_visit,
    uses_baseline,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.mmrm import mmrm

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.models.fitted import FittedModel
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
    """Fit value on baseline by visit, arm by visit and covariates.

    Raises
    ------
    UsageError, NotEstimable
        If the data cannot answer; if the outcome has one visit after baseline.
    """
    rows = rows_by_visit(trial, estimand)
    if len(rows.visits) < 2:
        raise NotEstimable("one visit after baseline leaves nothing repeated: ask for ancova")
    terms = ["baseline * visit"] if uses_baseline(rows, estimand) else []
    terms += ["arm * visit"]
    times = "week" if "sp_exp" in (estimand.covariance, *estimand.fallback) else None
    fit = mmrm(
        f"value ~ {' + '.join([*terms, *rows.covariates])}",
        rows.frame,
        participant="participant",
        visit="visit",
        covariance=estimand.covariance,
        df=estimand.df,
        times=times,
        fallback=estimand.fallback,
    )
    return fit, rows


def method_words(fit: FittedModel, rows: AnalysisRows, estimand: Estimand) -> str:
    """Return the model in words, with the covariance that was fitted."""
    summary = fit.summary
    base = ", baseline by visit" if uses_baseline(rows, estimand) else ""
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    tried = f" ({estimand.covariance} was declared)" * (summary.covariance != estimand.covariance)
    return (
        f"Mixed model for repeated measures (REML) of the visits {', '.join(rows.visits)}: arm by "
        f"visit{base}{extra} as fixed effects; covariance of the visits: {summary.covariance}"
        f"{tried}; degrees of freedom: "
        f"{DF_WORDS[summary.df]}; {summary.n_participants} participants, {summary.n_obs} values; "
        "adjusted means at the mean of numeric covariates, levels of others weighed equally."
    )


def contrasts_of(fit: FittedModel, estimand: Estimand) -> pd.DataFrame:
    """Return the estimand's contrast at each visit, with a column visit."""
    found = fit.contrasts("arm", by="visit", level=estimand.level)
    return found[found["contrast"] == estimand.contrast_name].reset_index(drop=True)
