"""The mixed model's contrast by resampling: bootstrap of participants, permutation of the arm.

With one visit after baseline what is resampled is the analysis of covariance.
"""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses import results
from backwalk_stats.analyses.questions.mmrm import fit_mmrm, method_words
from backwalk_stats.analyses.rows import AnalysisRows, participants_in, unused_baseline
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.resampling.fits import bootstrap as resampled
from backwalk_stats.models.resampling.permutation import permutation_test
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial


@results.asked("bootstrap")
def bootstrap(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the bootstrap interval (BCa) of the mixed model's contrast at the estimand's visit.

    Of a parallel trial; the model is that of `mmrm`, whatever the main analysis. One row
    mean_difference, without p-value.
    """
    fit, rows = _fitted(trial, estimand)
    found = resampled(
        fit,
        "arm",
        by=_by(rows),
        replicates=estimand.resamples,
        seed=results.seed_of(trial, "bootstrap", estimand.id),
        within="arm",
        method="bca",
        level=estimand.level,
    )
    words = (
        f"{estimand.resamples} bootstrap samples of participants within arms, each with the model "
        "fitted anew; bias-corrected and accelerated interval. The model: "
    )
    return _answer(found, fit, rows, estimand, words)


@results.asked("permutation")
def permutation(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the permutation p-value of the mixed model's contrast at the estimand's visit.

    Of a parallel trial; the model is that of `mmrm`, whatever the main analysis. One row
    mean_difference with statistic and p-value, without an interval.
    """
    fit, rows = _fitted(trial, estimand)
    found = permutation_test(
        fit,
        "arm",
        by=_by(rows),
        replicates=estimand.resamples,
        seed=results.seed_of(trial, "permutation", estimand.id),
    )
    taken = f"{estimand.resamples}"
    if found["method"].iloc[0] == "exact":
        taken = f"all {int(found['replicates'].iloc[0])} different"
    words = (
        f"{taken} deals of the arms among participants, each with the model fitted "
        "anew; two-sided p = (b + 1) / (m + 1) of the studentised estimate (Phipson and Smyth "
        "2010). The model: "
    )
    return _answer(found, fit, rows, estimand, words)


def _fitted(trial: Trial, estimand: Estimand) -> tuple[FittedModel, AnalysisRows]:
    fit, rows = fit_mmrm(trial, estimand)
    if not fit.stats.converged:
        raise NotEstimable(f"the model did not converge: {'; '.join(fit.stats.notes)}")
    return fit, rows


def _by(rows: AnalysisRows) -> str | None:
    """Return the factor within whose levels arms are compared, where visits are several."""
    return "visit" if len(rows.visits) > 1 else None


def _answer(
    found: pd.DataFrame, fit: FittedModel, rows: AnalysisRows, estimand: Estimand, words: str
) -> results.Answer:
    mine = found["contrast"] == estimand.contrast_name
    if _by(rows):
        mine &= found["visit"].astype(str) == estimand.visit
    row = found[mine].iloc[0]
    sizes = results.sizes_of(participants_in(fit.frame), estimand)
    notes = [results.in_own_names(note, estimand) for note in (*rows.notes, *fit.stats.notes)]
    if int(row["n_failed"]):
        notes.append(
            f"the model could not be fitted to {int(row['n_failed'])} of {estimand.resamples} "
            "resampled trials"
        )
    same = {"mmrm"} if _by(rows) else {"mmrm", "ancova"}
    if estimand.analysis not in same:
        model = "the mixed model" if _by(rows) else "the analysis of covariance"
        notes.append(f"what is resampled is {model}; the main analysis is {estimand.analysis}")
    notes += () if _by(rows) else unused_baseline(rows, estimand)
    return results.Answer(
        lines=[results.compared(estimand, "mean_difference", row, **sizes)],
        method=words + method_words(fit, rows, estimand),
        notes=notes,
    )
