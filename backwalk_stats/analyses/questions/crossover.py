"""Arms compared within participants who walked in all of them, one after the other."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses.results import Answer, asked, compared, difference_curve
from backwalk_stats.analyses.rows import left_out, told_of
from backwalk_stats.errors import UsageError
from backwalk_stats.models.arms.crossover import crossover as adjusted
from backwalk_stats.trial.derive import restricted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

METHOD = (
    "Linear model with an intercept for each participant, arm and period (in the 2 x 2 design the "
    "t test of Hills and Armitage)"
)


@asked("crossover")
def crossover(trial: Trial, estimand: Estimand) -> Answer:
    """Return the mean difference within participants, adjusted for period.

    The visits of the trial, but for a baseline, are the periods; the estimand's visit plays no
    part, since every period counts. Rows mean_difference, period_effect and, in the 2 x 2 design,
    carry_over; frame difference_curve.
    """
    if trial.study.design != "crossover":
        raise UsageError("the trial is no crossover: each participant walked in one arm")
    found = adjusted(
        _rows(trial, estimand),
        value="value",
        participant="participant",
        period="visit",
        arm="arm",
        reference=estimand.contrast[1],
        level=estimand.level,
    )
    wanted = (found["quantity"] != "mean_difference") | (
        found["contrast"] == estimand.contrast_name
    )
    kept = found[wanted].to_dict("records")
    n, dropped = int(found["n_participants"].iloc[0]), int(found["n_dropped"].iloc[0])
    used = told_of(n, n + dropped)
    lines = []
    for row in kept:
        about = {"contrast": row["contrast"], "n": n, "note": row["notes"]}
        about |= {} if row["quantity"] == "mean_difference" else {"visit": ""}
        lines.append(compared(estimand, row["quantity"], row, **about))
    return Answer(
        lines=lines,
        method=f"{METHOD}; {used} participants with two periods or more.",
        notes=_notes(dropped, estimand),
        frames={"difference_curve": difference_curve(kept[0])},
    )


def _rows(trial: Trial, estimand: Estimand) -> pd.DataFrame:
    if estimand.population == "as-treated":
        raise UsageError("in a crossover the arm of each period is the one that counts")
    trial = restricted(trial, estimand.population)
    data = trial.data[
        (trial.data["outcome"] == estimand.outcome)
        & trial.data["visit"].isin(list(trial.study.later_visits))
        & trial.data["arm"].notna()
    ]
    return data.assign(
        visit=data["visit"].cat.remove_unused_categories(),
        arm=pd.Categorical(data["arm"].astype("str"), categories=_arms(data, estimand)),
    ).reset_index(drop=True)


def _notes(dropped: int, estimand: Estimand) -> tuple[str, ...]:
    notes = [*left_out(dropped, "with fewer than two periods")]
    if estimand.covariates:
        notes.append("covariates play no part: each participant is compared with themselves")
    return tuple(notes)


def _arms(data: pd.DataFrame, estimand: Estimand) -> list[str]:
    there = [str(arm) for arm in data["arm"].cat.remove_unused_categories().cat.categories]
    arm, base = estimand.contrast
    return [one for one in (base, arm) if one in there] + [
        one for one in there if one not in (arm, base)
    ]
