"""The arms compared at a visit by the constrained longitudinal model."""

from __future__ import annotations

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.model_frames import fit_answer
from backwalk_stats.analyses.questions.mmrm import covariance_words
from backwalk_stats.analyses.results import Answer, asked, model_lines
from backwalk_stats.models.mixed.longitudinal import constrained_longitudinal as fitted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial


@asked("constrained-longitudinal")
def constrained_longitudinal(trial: Trial, estimand: Estimand) -> Answer:
    """Return the contrast at every visit, the baseline being an outcome with one mean for all arms.

    Of a parallel trial with a baseline; all arms are in the model, with the estimand's covariance,
    fallback and df. Rows and frames as of `mmrm`, the means also at baseline.
    """
    included = rows.rows_by_visit(trial, estimand, baseline_as_visit=True)
    included.require_baseline("the constrained longitudinal model")
    included = rows.measured_rows(
        included, estimand, baseline=False, when=rows.visits_in_words(included)
    )
    fit = fitted(
        included.frame,
        value="value",
        participant="participant",
        visit="visit",
        arm="arm",
        baseline_visit=trial.study.baseline,
        covariates=included.covariates,
        covariance=estimand.covariance,
        df=estimand.df,
        fallback=estimand.fallback,
        reference=estimand.contrast[1],
    )
    found = fit.contrasts(level=estimand.level)
    found = found[found["contrast"] == estimand.contrast_name]
    means = fit.marginal_means(level=estimand.level)
    return fit_answer(
        trial,
        included,
        estimand,
        fit.model,
        lines=model_lines(found, means, rows.participants_in(included.frame), estimand),
        means=means,
        main=found[found["visit"] == estimand.visit].iloc[0],
        method=(
            f"Constrained longitudinal model (REML): the outcome at {', '.join(fit.visits)}, one "
            "mean of all arms at baseline, arm by visit after it"
            f"{rows.listed_covariates(estimand, ' by visit')}; "
            f"{covariance_words(fit.stats, estimand)}; "
            f"{included.used(fit.stats.n_participants)}."
        ),
    )
