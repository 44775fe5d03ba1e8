"""The arms compared at a visit by a mixed model for repeated measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import (
    change_points,
    measured_after_baseline,
    participants_in,
)
from backwalk_stats.analyses.ancova import ancova
from backwalk_stats.analyses.mmrm_fit import contrasts_of, fit_mmrm, method_words
from backwalk_stats.analyses.model_frames import fit_frames, model_means
from backwalk_stats.analyses.result_rows import asked, columns_of, results_frame
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.analyses.uncertainty import difference_curve
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.models.fitted import FittedModel
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("mmrm")
def mmrm(trial: Trial, estimand: Estimand) -> Result:
    """Return the contrast at every visit, and the adjusted means.

    Parameters
    ----------
    trial : Trial
        Of parallel design.
    estimand : Estimand
        With its covariance, fallback and df; the model has all arms. With one visit after
        baseline the model is the analysis of covariance, and fitted as such.

    Returns
    -------
    Result
        Rows mean_difference (each visit; arm minus reference) and adjusted_mean (each arm and
        visit). Frames: means, difference_curve, fit, covariance, residual_bins,
        residual_quantiles; for individuals points and residuals.
    """
    if len(measured_after_baseline(trial, estimand.outcome)) == 1:
        return _of_one_visit(trial, estimand)
    fit, rows = fit_mmrm(trial, estimand)
    found = contrasts_of(fit, estimand)
    means = fit.marginal_means("arm", by="visit", level=estimand.level)
    seen = fit.frame.groupby(["arm", "visit"], observed=True)["participant"].nunique()
    main = found[found["visit"].astype(str) == estimand.visit].iloc[0]
    frames = {
        "means": model_means(trial, estimand.outcome, means, seen),
        "difference_curve": difference_curve(main),
        **change_points(trial, estimand),
        **fit_frames(fit),
    }
    return Result(
        analysis="mmrm",
        outcome=estimand.outcome,
        estimates=results_frame(_rows(fit, found, means, estimand), analysis="mmrm",
                                estimand=estimand),
        method=method_words(fit, rows, estimand),
        estimand=estimand,
        converged=fit.summary.converged,
        notes=tuple(in_own_names(note, estimand) for note in (*rows.notes, *fit.summary.notes)),
        frames=frames,
    )  # fmt: skip


def _of_one_visit(trial: Trial, estimand: Estimand) -> Result:
    """Return the analysis of covariance, which the mixed model of a single visit is."""
    found = ancova(trial, estimand)
    plain = found.estimates.drop(columns=["analysis", "role"])
    rows = [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
    return replace(
        found,
        analysis="mmrm",
        estimates=results_frame(rows, analysis="mmrm", estimand=estimand),
        method=f"One visit after baseline: the mixed model is a linear one. {found.method}",
    )


def _rows(
    fit: FittedModel, found: pd.DataFrame, means: pd.DataFrame, estimand: Estimand
) -> list[dict[str, object]]:
    used = participants_in(fit.frame)
    arm, reference = estimand.contrast
    out: list[dict[str, object]] = [
        {
            "visit": str(row["visit"]),
            "contrast": estimand.contrast_name,
            "quantity": "mean_difference",
            **columns_of(row),
            "n": used.get(arm, 0),
            "n_reference": used.get(reference, 0),
        }
        for row in found.to_dict("records")
    ]
    out += [
        {
            "visit": str(row["visit"]),
            "arm": str(row["arm"]),
            "quantity": "adjusted_mean",
            **columns_of(row),
            "n": used.get(str(row["arm"]), 0),
        }
        for row in means.to_dict("records")
    ]
    return out
