"""The mixed model for repeated measures of an estimand, for its main analysis and resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import (
    AnalysisRows,
    rows_by_visit,
    uses_baseline,
)
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

    With one visit after baseline the model is that of the analysis of covariance.

    Raises
    ------
    UsageError, NotEstimable
        If the data cannot answer.
    """
    rows = rows_by_visit(trial, estimand)
    several = len(rows.visits) > 1
    terms = ["baseline"] if uses_baseline(rows, estimand) else []
    terms += ["arm"]
    if several:
        terms = [f"{term} * visit" for term in terms]
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
    visits = ", ".join(rows.visits)
    several = len(rows.visits) > 1
    crossed = " by visit" if several else ""
    base = f", baseline{crossed}" if uses_baseline(rows, estimand) else ""
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    kind = (
        f"Mixed model for repeated measures (REML) of the visits {visits}"
        if several
        else f"Linear model of the one visit {visits}"
    )
    tried = f" ({estimand.covariance} was declared)" * (summary.covariance != estimand.covariance)
    covariance = f"; covariance of the visits: {summary.covariance}{tried}" if several else ""
    return (
        f"{kind}: arm{crossed}{base}{extra} as fixed effects{covariance}; degrees of freedom: "
        f"{DF_WORDS[summary.df]}; {summary.n_participants} participants, {summary.n_obs} values; "
        "adjusted means at the mean of numeric covariates, levels of others weighed equally."
    )


def contrasts_of(fit: FittedModel, rows: AnalysisRows, estimand: Estimand) -> pd.DataFrame:
    """Return the estimand's contrast at each visit, with a column visit."""
    by = "visit" if len(rows.visits) > 1 else None
    found = fit.contrasts("arm", by=by, level=estimand.level)
    if by is None:
        found = found.assign(visit=rows.visits[0])
    return found[found["contrast"] == estimand.contrast_name].reset_index(drop=True)
