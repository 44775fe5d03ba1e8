"""The change from baseline within each arm: no effect of treatment, but what papers print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.analysis_rows import measured_after_baseline
from backwalk_stats.analyses.observed_frames import change_box, change_density, observed_means
from backwalk_stats.analyses.result_rows import Answer, columns_of
from backwalk_stats.analyses.trial_words import in_trial_words
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.within_arm import within_arm as paired
from backwalk_stats.trial.derive import changes

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

LEVEL = 0.95
SIZES = {  # quantity: columns of the estimate and its limits
    "d_z": ("d_z", "d_z_low", "d_z_high"),
    "d_av": ("d_av", "d_av_low", "d_av_high"),
    "hodges_lehmann": ("hodges_lehmann", "hl_low", "hl_high"),
}


def within_arm(trial: Trial, outcome: str) -> Result:
    """Return the change from baseline of each arm at each visit, all participants as randomised.

    Rows by arm and visit: mean_change (paired t), d_z, d_av, hodges_lehmann (with the p of the
    signed-rank test). Frames: means (kind "observed"); box and density of the change at the visit
    of the outcome's first estimand, else at its last visit; for individuals points and
    observations. A trial without a baseline, or a crossover, has means only.
    """
    level = next((one.level for one in trial.estimands if one.outcome == outcome), LEVEL)
    own = trial.data[trial.data["outcome"] == outcome].reset_index(drop=True)
    frames = {"means": observed_means(trial, outcome, level=level), "observations": own}
    rows: list[dict[str, object]] = []
    notes: list[str] = []
    visits = measured_after_baseline(trial, outcome)
    if trial.study.design == "crossover":
        notes.append("a crossover: arms are compared within participants, not over time")
    elif not trial.study.baseline or not visits:
        notes.append("without a value at baseline and after it there is no change")
    else:
        for visit in visits:
            change = changes(trial, outcome, visit)
            for arm in trial.study.arm_names:
                found, note = _of_arm(change, arm, level=level)
                rows += [{**row, "visit": visit, "arm": arm} for row in found]
                notes += [f"{arm}, {visit}: {note}"] if note else []
        at = changes(trial, outcome, visit_of(trial, outcome))
        frames["points"] = at
        frames["box"] = change_box(at, trial.study.arm_names, level=level)
        frames["density"] = change_density(at, trial.study.arm_names)
    answer = Answer(
        lines=rows,
        method=(
            "Change from baseline within arms: paired t test; Wilcoxon's signed-rank test (changes "
            "of zero left out) with the Hodges-Lehmann pseudo-median; the mean change in standard "
            "deviations of the change (dz) with exact noncentral t limits, and in standard "
            "deviations of the scores, the mean of both visits' (dav), with approximate limits. A "
            "change within an arm is not an effect of treatment."
        ),
        notes=notes,
        frames=frames,
    )
    return answer.result("within-arm", outcome=outcome)


def visit_of(trial: Trial, outcome: str) -> str:
    """Return the visit of the outcome's first estimand, else its last visit."""
    asked = [one.visit for one in trial.estimands if one.outcome == outcome]
    return (asked or list(measured_after_baseline(trial, outcome))[-1:])[0]


def _of_arm(change: pd.DataFrame, arm: str, *, level: float) -> tuple[list[dict[str, object]], str]:
    """Return the rows of one arm, and why there is none or what is to be known."""
    own = change[change["arm"].astype("object") == arm]
    own = own.assign(arm=own["arm"].astype("str")).reset_index(drop=True)
    if own.empty:
        return [], "nobody"
    try:
        found = paired(
            own,
            outcome="value",
            baseline="baseline",
            arm="arm",
            participant="participant",
            level=level,
        ).iloc[0]
    except NotEstimable as error:
        why = in_trial_words(str(error))
        return [{"quantity": "mean_change", "note": f"not estimated: {why}"}], why
    rows = [{"quantity": "mean_change", **columns_of(found), "n": found["n"]}]
    for quantity, named in SIZES.items():
        rows.append({"quantity": quantity, "n": found["n"], **columns_of(found, named)})
    rows[-1] |= {"statistic": found["wilcoxon_statistic"], "p_value": found["wilcoxon_p"]}
    return rows, ""
