"""Mixed analysis of variance of arm and visit, for comparison with published work."""

from __future__ import annotations

from backwalk_stats.analyses.results import Answer, asked, compared, f_row
from backwalk_stats.analyses.rows import left_out, rows_by_visit
from backwalk_stats.models.arms.mixed_anova import mixed_anova as tested
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial


@asked("mixed-anova")
def mixed_anova(trial: Trial, estimand: Estimand) -> Answer:
    """Return the F test of arm by visit, corrected as Greenhouse and Geisser.

    Of the estimand's two arms in a parallel trial, at all visits, baseline included; covariates
    play no part. One row f_statistic: the interaction, its df that of the denominator after
    correction. The frame anova has all effects (sums of squares of type III).
    """
    rows = rows_by_visit(trial, estimand, baseline_as_visit=True).pair(estimand)
    found = tested(
        rows.frame, value="value", participant="participant", visit="visit", arm="arm", ss="III"
    )
    row = found[found["term"] == "arm:visit"].iloc[0]
    whole = rows.frame.groupby("participant")["value"].apply(lambda own: own.notna().all())
    arms = rows.frame.drop_duplicates("participant").set_index("participant")["arm"]
    counts = arms[whole.reindex(arms.index)].value_counts()
    line = compared(
        estimand,
        "f_statistic",
        f_row(row, df="df_den_gg", p_value="p_value_gg"),
        n=counts[estimand.contrast[0]],
        n_reference=counts[estimand.contrast[1]],
        note=(
            f"interaction of arm and visit: F({row['df_num_gg']:.2f}, {row['df_den_gg']:.2f}) "
            f"after correction, epsilon {row['epsilon']:.3f}"
        ),
    )
    return Answer(
        lines=[line],
        method=(
            f"Mixed analysis of variance, arm between and visit within participants, type III "
            f"sums of squares, Greenhouse-Geisser correction; {rows.used(int(row['n']))} with "
            "every visit."
        ),
        notes=(*rows.notes, *left_out(int(row["n_dropped"]), f"who miss a visit{rows.or_aside}")),
        frames={"anova": found},
    )
