"""The arms compared at a visit by analysis of covariance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses import rows
from backwalk_stats.analyses.model_frames import model_means
from backwalk_stats.analyses.questions.clustered import clustered, hang_together
from backwalk_stats.analyses.questions.missing import completed
from backwalk_stats.analyses.results import Answer, asked, difference_curve, model_lines
from backwalk_stats.models.arms.ancova import AncovaColumns, AncovaRows, fit_ancova
from backwalk_stats.models.fit.marginal_means import grid
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.tables import ANCOVA_LINES
from backwalk_stats.trial.trial import Trial

POINTS = 41
INNER = (0.05, 0.95)  # of the baselines: lines end where data do, and tell nobody's score


@asked("ancova")
def ancova(trial: Trial, estimand: Estimand) -> Answer:
    """Return the adjusted mean difference at the estimand's visit; the model has all arms.

    Of a parallel trial; adjusted for the baseline where the estimand lists it. Rows
    mean_difference and adjusted_mean (each arm); frames lines (with a baseline), difference_curve,
    means and, for individuals, points. Where values after an event are imputed from the reference
    arm, it is the analysis of the completed values (`missing.completed`).
    """
    if estimand.imputed_by:
        found_by = completed(trial, estimand, estimand.imputed_by)
        return replace(found_by, frames={**found_by.frames, **rows.change_points(trial, estimand)})
    if hang_together(trial, estimand.outcome):
        return clustered(trial, estimand)
    included = rows.rows_at_visit(trial, estimand)
    listed = BASELINE in estimand.covariates
    if listed:
        included.require_baseline("analysis of covariance adjusted for the baseline")
    columns = columns_of(included, baseline=listed)
    fit = fit_ancova(included.frame, columns, vcov="model", df="residual")
    found = fit.model.contrasts("arm", level=estimand.level).assign(visit=estimand.visit)
    found = found[found["contrast"] == estimand.contrast_name]
    means = fit.model.marginal_means("arm", level=estimand.level).assign(visit=estimand.visit)
    seen = pd.Series({(arm, estimand.visit): n for arm, n in fit.used.items()})
    needed = ("value", *columns.adjusted)
    adjusted = f"arm{', baseline' * listed}{rows.listed_covariates(estimand)}"
    return Answer(
        lines=model_lines(found, means, fit.used, estimand),
        method=(
            f"Analysis of covariance by least squares: outcome at {estimand.visit} on {adjusted}; "
            "residual degrees of freedom; "
            f"{included.used(sum(fit.used.values()))} with complete data; adjusted means at the "
            "mean of numeric covariates, levels of others weighed equally."
        ),
        notes=(
            *included.notes,
            *included.left_out_without(sum(fit.dropped.values()), needed, estimand),
            *rows.unused_baseline(included, estimand),
        ),
        frames={
            **_lines(fit, included, estimand, listed=listed),
            "difference_curve": difference_curve(found.iloc[0]),
            "means": model_means(trial, estimand.outcome, means, seen),
            **rows.change_points(trial, estimand),
        },
    )


def _lines(
    fit: AncovaRows, included: rows.AnalysisRows, estimand: Estimand, *, listed: bool
) -> dict[str, pd.DataFrame]:
    if not listed:
        return {}
    return {"lines": ancova_lines(fit, included.frame["baseline"], level=estimand.level)}


def columns_of(included: rows.AnalysisRows, *, baseline: bool) -> AncovaColumns:
    """Return the columns of rows of an analysis as the model calls them."""
    return AncovaColumns(
        outcome="value",
        baseline="baseline" if baseline else None,
        arm="arm",
        covariates=included.covariates,
        interactions=(),
        participant="participant",
    )


def ancova_lines(fit: AncovaRows, baseline: pd.Series, *, level: float) -> pd.DataFrame:
    """Return the adjusted mean of each arm over the inner 90 % of the baselines.

    The model's columns are named arm and baseline. Columns of `tables.ANCOVA_LINES`.
    """
    low, high = baseline.quantile(list(INNER))
    ends = [grid(fit.model.design, ("arm",), at={"baseline": float(at)}) for at in (low, high)]
    # The design is linear in the baseline: between the ends each row is a mean of theirs.
    share = np.linspace(0.0, 1.0, POINTS if high > low else 1)
    weights = share[:, None, None]
    design = (1.0 - weights) * ends[0].rows + weights * ends[1].rows
    found = fit.model.inference.test(design.reshape(-1, design.shape[-1]), level=level)
    arms = [str(arm) for arm in ends[0].labels["arm"]]
    frame = pd.DataFrame(
        {
            "arm": arms * len(share),
            "baseline": np.repeat((1.0 - share) * low + share * high, len(arms)),
            **estimate_columns(found),
        }
    )[list(ANCOVA_LINES)]
    return frame.sort_values(["arm", "baseline"], kind="stable").reset_index(drop=True)
