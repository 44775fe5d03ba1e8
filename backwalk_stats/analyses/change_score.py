"""Change from baseline compared between two arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import change_points, rows_at_visit
from backwalk_stats.analyses.result_rows import asked, columns_of, results_frame
from backwalk_stats.analyses.told_counts import left_out
from backwalk_stats.analyses.uncertainty import difference_curve
from backwalk_stats.models.change_score import change_score as compared
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("change-score")
def change_score(trial: Trial, estimand: Estimand) -> Result:
    """Return the difference in mean change by Welch's t, with standardised differences.

    Parameters
    ----------
    trial : Trial
        Of parallel design, with a baseline.
    estimand : Estimand
        Its two arms and its visit; covariates play no part.

    Returns
    -------
    Result
        Rows change_difference, standardised_difference (Hedges' g of the changes) and d_ppc (over
        the pooled SD at baseline). Frames: difference_curve; for
        individuals points.
    """
    rows = rows_at_visit(trial, estimand).pair(estimand)
    rows.require_baseline("a change score")
    found = compared(
        rows.frame,
        outcome="value",
        baseline="baseline",
        arm="arm",
        reference=estimand.contrast[1],
        participant="participant",
        level=estimand.level,
    ).iloc[0]
    dropped = int(found["dropped_arm"] + found["dropped_reference"])
    return Result(
        analysis="change-score",
        outcome=estimand.outcome,
        estimates=results_frame(_rows(found, estimand), analysis="change-score", estimand=estimand),
        method=(
            f"Change from baseline to {estimand.visit} compared by Welch's t test (each arm with "
            "its own variance); Hedges' g over the pooled SD of the changes with exact factor and "
            "noncentral t interval; the difference also in standard deviations at baseline, "
            "pooled (dppc); not adjusted for covariates; "
            f"{rows.used(int(found['n_arm'] + found['n_reference']))}."
        ),
        estimand=estimand,
        notes=(*rows.notes, *left_out(dropped, "without both scores")),
        frames={
            "difference_curve": difference_curve(found),
            **change_points(trial, estimand),
        },
    )


def _rows(found: pd.Series, estimand: Estimand) -> list[dict[str, object]]:
    shared: dict[str, object] = {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "n": found["n_arm"],
        "n_reference": found["n_reference"],
    }
    sizes = [("standardised_difference", "hedges_g", "g"), ("d_ppc", "d_ppc", "d_ppc")]
    lines = [{**shared, "quantity": "change_difference", **columns_of(found)}]
    lines += [
        {
            **shared,
            "quantity": quantity,
            "estimate": found[name],
            "conf_low": found[f"{limit}_low"],
            "conf_high": found[f"{limit}_high"],
        }
        for quantity, name, limit in sizes
    ]
    return lines
