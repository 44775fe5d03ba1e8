"""Mixed analysis of variance of arm and visit, for comparison with published work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_rows import rows_by_visit
from backwalk_stats.analyses.result_rows import asked, results_frame
from backwalk_stats.analyses.told_counts import left_out
from backwalk_stats.models.mixed_anova import mixed_anova as tested
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial


@asked("mixed-anova")
def mixed_anova(trial: Trial, estimand: Estimand) -> Result:
    """Return the F test of arm by visit, corrected as Greenhouse and Geisser.

    Parameters
    ----------
    trial : Trial
        Of parallel design.
    estimand : Estimand
        Its two arms; all visits, baseline included. Covariates play no part.

    Returns
    -------
    Result
        One row f_statistic: the interaction; df is that of the denominator after correction. The
        frame anova has all effects (sums of squares of type III).
    """
    rows = rows_by_visit(trial, estimand, baseline_as_visit=True).pair(estimand)
    found = tested(
        rows.frame, value="value", participant="participant", visit="visit", arm="arm", ss="III"
    )
    row = found[found["term"] == "arm:visit"].iloc[0]
    whole = rows.frame.groupby("participant")["value"].apply(lambda own: own.notna().all())
    arms = rows.frame.drop_duplicates("participant").set_index("participant")["arm"]
    counts = arms[whole.reindex(arms.index)].value_counts()
    line = {
        "visit": estimand.visit,
        "contrast": estimand.contrast_name,
        "quantity": "f_statistic",
        "estimate": row["statistic"],
        "statistic": row["statistic"],
        "df": row["df_den_gg"],
        "p_value": row["p_value_gg"],
        "n": counts[estimand.contrast[0]],
        "n_reference": counts[estimand.contrast[1]],
        "note": (
            f"interaction of arm and visit: F({row['df_num_gg']:.2f}, {row['df_den_gg']:.2f}) "
            f"after correction, epsilon {row['epsilon']:.3f}"
        ),
    }
    dropped = int(row["n_dropped"])
    return Result(
        analysis="mixed-anova",
        outcome=estimand.outcome,
        estimates=results_frame([line], analysis="mixed-anova", estimand=estimand),
        method=(
            f"Mixed analysis of variance, arm between and visit within participants, type III "
            f"sums of squares, Greenhouse-Geisser correction; {rows.used(int(row['n']))} with "
            "every visit."
        ),
        estimand=estimand,
        notes=(*rows.notes, *left_out(dropped, "who miss a visit")),
        frames={"anova": found},
    )
