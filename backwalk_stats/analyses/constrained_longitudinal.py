"""The arms compared at a visit by the constrained longitudinal model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import change_points, participants_in, rows_by_visit
from backwalk_stats.analyses.measured_rows import measured_rows, visits_in_words
from backwalk_stats.analyses.mmrm_fit import DF_WORDS
from backwalk_stats.analyses.model_frames import fit_frames, model_means
from backwalk_stats.analyses.result_rows import asked, columns_of, results_frame
from backwalk_stats.analyses.trial_words import in_own_names
from backwalk_stats.analyses.uncertainty import difference_curve
from backwalk_stats.models.constrained_longitudinal import constrained_longitudinal as fitted
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.analyses.analysis_rows import AnalysisRows
    from backwalk_stats.models.constrained_longitudinal import ConstrainedLongitudinal
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

CODE = "constrained-longitudinal"


@asked(CODE)
def constrained_longitudinal(trial: Trial, estimand: Estimand) -> Result:
    """Return the contrast at every visit, the baseline being an outcome with one mean for all arms.

    Parameters
    ----------
    trial : Trial
        Of parallel design, with a baseline.
    estimand : Estimand
        With its covariance, fallback and df; the model has all arms.

    Returns
    -------
    Result
        Rows and frames as of `mmrm`, the means also at baseline.
    """
    rows = rows_by_visit(trial, estimand, baseline_as_visit=True)
    rows.require_baseline("the constrained longitudinal model")
    rows = measured_rows(rows, estimand, baseline=False, when=visits_in_words(rows))
    fit = _fitted(trial, rows, estimand)
    found = fit.contrasts(level=estimand.level)
    found = found[found["contrast"] == estimand.contrast_name]
    means = fit.marginal_means(level=estimand.level)
    seen = rows.frame.groupby(["arm", "visit"], observed=True)["participant"].nunique()
    main = found[found["visit"] == estimand.visit].iloc[0]
    return Result(
        analysis=CODE,
        outcome=estimand.outcome,
        estimates=results_frame(
            _rows(found, means, participants_in(rows.frame), estimand),
            analysis=CODE,
            estimand=estimand,
        ),
        method=_method(fit, rows, estimand),
        estimand=estimand,
        converged=fit.summary.converged,
        notes=tuple(in_own_names(note, estimand) for note in (*rows.notes, *fit.summary.notes)),
        frames={
            "means": model_means(trial, estimand.outcome, means, seen),
            "difference_curve": difference_curve(main),
            **change_points(trial, estimand),
            **fit_frames(fit.model, rows.frame),
        },
    )


def _fitted(trial: Trial, rows: AnalysisRows, estimand: Estimand) -> ConstrainedLongitudinal:
    return fitted(
        rows.frame,
        value="value",
        participant="participant",
        visit="visit",
        arm="arm",
        baseline_visit=trial.study.baseline,
        covariates=rows.covariates,
        covariance=estimand.covariance,
        df=estimand.df,
        fallback=estimand.fallback,
        reference=estimand.contrast[1],
    )


def _rows(
    found: pd.DataFrame, means: pd.DataFrame, used: dict[str, int], estimand: Estimand
) -> list[dict[str, object]]:
    arm, reference = estimand.contrast
    out: list[dict[str, object]] = [
        {
            "visit": str(row["visit"]),
            "contrast": estimand.contrast_name,
            "quantity": "mean_difference",
            **columns_of(row),
            "n": used[arm],
            "n_reference": used[reference],
        }
        for row in found.to_dict("records")
    ]
    out += [
        {
            "visit": str(row["visit"]),
            "arm": str(row["arm"]),
            "quantity": "adjusted_mean",
            **columns_of(row),
            "n": used[str(row["arm"])],
        }
        for row in means.to_dict("records")
    ]
    return out


def _method(fit: ConstrainedLongitudinal, rows: AnalysisRows, estimand: Estimand) -> str:
    summary = fit.summary
    tried = f" ({estimand.covariance} was declared)" * (summary.covariance != estimand.covariance)
    extra = "".join(f", {name} by visit" for name in estimand.other_covariates)
    return (
        f"Constrained longitudinal model (REML): the outcome at {', '.join(fit.visits)}, one mean "
        f"of all arms at baseline, arm by visit after it{extra}; covariance of the visits: "
        f"{summary.covariance}{tried}; degrees of freedom: {DF_WORDS[summary.df]}; "
        f"{rows.used(summary.n_participants)}."
    )
