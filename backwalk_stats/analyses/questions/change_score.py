"""Change from baseline compared between two arms."""

from __future__ import annotations

from backwalk_stats.analyses.results import Answer, asked, compared, difference_curve
from backwalk_stats.analyses.rows import change_points, left_out, rows_at_visit
from backwalk_stats.models.arms.change import change_score as welch
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

SIZES = {
    "standardised_difference": ("hedges_g", "g_low", "g_high"),
    "d_ppc": ("d_ppc", "d_ppc_low", "d_ppc_high"),
}


@asked("change-score")
def change_score(trial: Trial, estimand: Estimand) -> Answer:
    """Return the difference in mean change by Welch's t, with standardised differences.

    Of a parallel trial with a baseline; covariates play no part. Rows change_difference,
    standardised_difference (Hedges' g of the changes) and d_ppc (over the pooled SD at baseline);
    frames difference_curve and, for individuals, points.
    """
    rows = rows_at_visit(trial, estimand).pair(estimand)
    rows.require_baseline("a change score")
    found = welch(
        rows.frame,
        outcome="value",
        baseline="baseline",
        arm="arm",
        reference=estimand.contrast[1],
        participant="participant",
        level=estimand.level,
    ).iloc[0]
    dropped = int(found["dropped_arm"] + found["dropped_reference"])
    lines = [compared(estimand, "change_difference", found)]
    lines += [compared(estimand, name, found, named=named) for name, named in SIZES.items()]
    return Answer(
        lines=lines,
        method=(
            f"Change from baseline to {estimand.visit} compared by Welch's t test (each arm with "
            "its own variance); Hedges' g over the pooled SD of the changes with exact factor and "
            "noncentral t interval; the difference also in standard deviations at baseline, "
            "pooled (dppc); not adjusted for covariates; "
            f"{rows.used(int(found['n_arm'] + found['n_reference']))}."
        ),
        notes=(*rows.notes, *left_out(dropped, f"without both scores{rows.or_aside}")),
        frames={"difference_curve": difference_curve(found), **change_points(trial, estimand)},
    )
