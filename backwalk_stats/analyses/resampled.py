"""The mixed model's contrast by resampling: bootstrap of participants, permutation of the arm.

With one visit after baseline what is resampled is the analysis of covariance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.analysis_rows import AnalysisRows, participants_in
from backwalk_stats.analyses.mmrm_fit import fit_mmrm, has_baseline_term, method_words
from backwalk_stats.analyses.result_rows import asked, results_frame
from backwalk_stats.analyses.seeding import seed_of
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.permutation import permutation_test
from backwalk_stats.models.resampling import bootstrap as resampled
from backwalk_stats.trial.estimand import BASELINE
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.models.fitted import FittedModel
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("bootstrap")
def bootstrap(trial: Trial, estimand: Estimand) -> Result:
    """Return the bootstrap interval (BCa) of the mixed model's contrast at the estimand's visit.

    Parameters
    ----------
    trial : Trial
        Of parallel design.
    estimand : Estimand
        Its `resamples` and level; the model is that of `mmrm`, whatever the main analysis.

    Returns
    -------
    Result
        One row mean_difference, without p-value.
    """
    fit, rows = _fitted(trial, estimand)
    found = resampled(
        fit,
        "arm",
        by=_by(rows),
        replicates=estimand.resamples,
        seed=seed_of(trial, "bootstrap", estimand.id),
        within="arm",
        method="bca",
        level=estimand.level,
    )
    words = (
        f"{estimand.resamples} bootstrap samples of participants within arms, each with the model "
        "fitted anew; bias-corrected and accelerated interval. The model: "
    )
    return _result(found, fit, rows, estimand, code="bootstrap", words=words)


@asked("permutation")
def permutation(trial: Trial, estimand: Estimand) -> Result:
    """Return the permutation p-value of the mixed model's contrast at the estimand's visit.

    Parameters
    ----------
    trial : Trial
        Of parallel design.
    estimand : Estimand
        Its `resamples`; the model is that of `mmrm`, whatever the main analysis.

    Returns
    -------
    Result
        One row mean_difference with statistic and p-value, without an interval.
    """
    fit, rows = _fitted(trial, estimand)
    found = permutation_test(
        fit,
        "arm",
        by=_by(rows),
        replicates=estimand.resamples,
        seed=seed_of(trial, "permutation", estimand.id),
    )
    words = (
        f"{estimand.resamples} deals of the arms among participants, each with the model fitted "
        "anew; two-sided p = (b + 1) / (m + 1) of the studentised estimate (Phipson and Smyth "
        "2010). The model: "
    )
    return _result(found, fit, rows, estimand, code="permutation", words=words)


def _fitted(trial: Trial, estimand: Estimand) -> tuple[FittedModel, AnalysisRows]:
    fit, rows = fit_mmrm(trial, estimand)
    if not fit.summary.converged:
        raise NotEstimable(f"the model did not converge: {'; '.join(fit.summary.notes)}")
    return fit, rows


def _by(rows: AnalysisRows) -> str | None:
    """Return the factor within whose levels arms are compared, where visits are several."""
    return "visit" if len(rows.visits) > 1 else None


def _result(
    found: pd.DataFrame,
    fit: FittedModel,
    rows: AnalysisRows,
    estimand: Estimand,
    *,
    code: str,
    words: str,
) -> Result:
    mine = found["contrast"] == estimand.contrast_name
    if _by(rows):
        mine &= found["visit"].astype(str) == estimand.visit
    row = found[mine].iloc[0]
    given = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
    used = participants_in(fit.frame)
    line = {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "quantity": "mean_difference",
        **{name: row[name] for name in given if name in row.index},
        "n": used.get(estimand.contrast[0], 0),
        "n_reference": used.get(estimand.contrast[1], 0),
    }
    notes = [in_own_names(note, estimand) for note in (*rows.notes, *fit.summary.notes)]
    if int(row["n_failed"]):
        notes.append(
            f"the model could not be fitted to {int(row['n_failed'])} of {estimand.resamples} "
            "resampled trials"
        )
    same = {"mmrm"} if _by(rows) else {"mmrm", "ancova"}
    if estimand.analysis not in same:
        model = "the mixed model" if _by(rows) else "the analysis of covariance"
        notes.append(f"what is resampled is {model}; the main analysis is {estimand.analysis}")
    if has_baseline_term(rows, estimand) and BASELINE not in estimand.covariates:
        notes.append("adjusted for the baseline, which the estimand does not list")
    return Result(
        analysis=code,
        outcome=estimand.outcome,
        estimates=results_frame([line], analysis=code, estimand=estimand),
        method=words + method_words(fit, rows, estimand),
        estimand=estimand,
        notes=tuple(notes),
    )
