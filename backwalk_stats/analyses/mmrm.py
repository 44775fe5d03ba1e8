"""The arms compared at a visit by a mixed model for repeated measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import measured_after_baseline, participants_in
from backwalk_stats.analyses.ancova import ancova
from backwalk_stats.analyses.mmrm_fit import contrasts_of, fit_mmrm, method_words
from backwalk_stats.analyses.model_frames import fit_answer
from backwalk_stats.analyses.result_rows import Answer, asked, model_lines

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("mmrm")
def mmrm(trial: Trial, estimand: Estimand) -> Answer:
    """Return the contrast at every visit, and the adjusted means.

    Of a parallel trial; all arms are in the model, with the estimand's covariance, fallback and df.
    With one visit after baseline the model is the analysis of covariance, and fitted as such.

    Rows mean_difference (each visit; arm minus reference) and adjusted_mean (each arm and visit);
    frames means, difference_curve, fit, covariance, residual_bins, residual_quantiles and, for
    individuals, points and residuals.
    """
    if len(measured_after_baseline(trial, estimand.outcome)) == 1:
        return _of_one_visit(trial, estimand)
    fit, rows = fit_mmrm(trial, estimand)
    found = contrasts_of(fit, estimand)
    means = fit.marginal_means("arm", by="visit", level=estimand.level)
    return fit_answer(
        trial,
        replace(rows, frame=fit.frame),
        estimand,
        fit,
        lines=model_lines(found, means, participants_in(fit.frame), estimand),
        means=means,
        main=found[found["visit"].astype(str) == estimand.visit].iloc[0],
        method=method_words(fit, rows, estimand),
    )


def _of_one_visit(trial: Trial, estimand: Estimand) -> Answer:
    """Return the analysis of covariance, which the mixed model of a single visit is."""
    found = ancova(trial, estimand)
    return Answer(
        lines=found.estimates.drop(columns=["analysis", "role"]).to_dict("records"),
        method=f"One visit after baseline: the mixed model is a linear one. {found.method}",
        notes=found.notes,
        converged=found.converged,
        frames=found.frames,
    )
