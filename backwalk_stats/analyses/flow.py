"""The way of the participants through the trial: as declared, and as the data say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.result_rows import Answer
from backwalk_stats.trial.derive import by_visit
from backwalk_stats.trial.tables import FLOW

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

ORDER = (
    "assessed",
    "excluded",
    "randomised",
    "allocated",
    "received",
    "not_received",
    "lost",
    "discontinued",
    "analysed",
    "excluded_from_analysis",
)
WITH_REASONS = ("excluded", "not_received", "lost", "discontinued")


def flow(trial: Trial) -> Result:
    """Return the counts of the flow diagram.

    Declared counts stand as they are. What is not declared comes from the data where they tell:
    randomised and allocated are the participants of the data, lost those without any outcome at the
    last visit, analysed those with the first estimand's outcome after baseline (and, where the
    trial has one, at baseline).

    Frame flow (`tables.FLOW`): a row without a reason is the total of its stage. Notes tell where
    declared counts and data disagree, and what comes from the data.
    """
    declared = _with_totals(trial.flow)
    found = _from_data(trial)
    known = set(zip(declared["stage"], declared["arm"], strict=True))
    added = [row for row in found if (row["stage"], row["arm"]) not in known]
    frame = pd.concat([declared, pd.DataFrame(added, columns=list(FLOW))], ignore_index=True)
    place = {stage: index for index, stage in enumerate(ORDER)}
    frame = frame.sort_values("stage", key=lambda column: column.map(place), kind="stable")
    frame = frame.reset_index(drop=True).astype({"n": "int64"})
    stages = list(dict.fromkeys(str(row["stage"]) for row in added))
    notes = [f"counted in the data, not declared: {', '.join(stages)}"] if stages else []
    answer = Answer(
        method="Counts as the trial file declares them; those that it does not are of the data.",
        notes=(*notes, *_disagreements(declared, found)),
        frames={"flow": frame},
    )
    return answer.result("flow")


def _with_totals(declared: pd.DataFrame) -> pd.DataFrame:
    """Return declared counts with a total for each stage that has reasons only."""
    totals = []
    for (stage, arm), part in declared.groupby(["stage", "arm"], sort=False):
        if stage in WITH_REASONS and (part["reason"] != "").all():
            totals.append({"stage": stage, "arm": arm, "reason": "", "n": int(part["n"].sum())})
    return pd.concat([pd.DataFrame(totals, columns=list(FLOW)), declared], ignore_index=True)


def _from_data(trial: Trial) -> list[dict[str, object]]:
    """Return what the data tell."""
    people = trial.participants
    rows: list[dict[str, object]] = [_row("randomised", "", len(people))]
    if trial.study.design == "crossover":
        return rows
    last = trial.data[trial.data["visit"] == trial.study.visit_names[-1]]
    came = set(last.loc[last["value"].notna(), "participant"])
    analysed = _analysed(trial)
    for arm in trial.study.arm_names:
        own = set(people.loc[people["arm"].astype("object") == arm, "participant"])
        rows += [
            _row("allocated", arm, len(own)),
            _row("lost", arm, len(own - came)),
            _row("analysed", arm, len(own & analysed)),
        ]
    return rows


def _row(stage: str, arm: str, n: int) -> dict[str, object]:
    return {"stage": stage, "arm": arm, "reason": "", "n": n}


def _analysed(trial: Trial) -> set[str]:
    """Return who has the headline outcome after baseline, and at baseline where there is one."""
    if not (trial.estimands or trial.outcomes):
        return set()
    primary = [one for one in trial.estimands if one.role == "primary"] or [*trial.estimands]
    outcome = primary[0].outcome if primary else trial.outcomes[0].name
    wide = by_visit(trial, outcome)
    study = trial.study
    kept = wide[list(study.later_visits)].notna().any(axis=1)
    if study.baseline:
        kept &= wide[study.baseline].notna()
    return set(wide.loc[kept, "participant"])


def _disagreements(declared: pd.DataFrame, found: list[dict[str, object]]) -> list[str]:
    """Say where a declared count of people is not that of the data."""
    notes = []
    for row in found:
        if row["stage"] not in ("randomised", "allocated"):
            continue
        same = (declared["stage"] == row["stage"]) & (declared["arm"] == row["arm"])
        same &= declared["reason"] == ""
        for n in declared.loc[same, "n"]:
            if int(n) != row["n"]:
                of = f" to {row['arm']}" if row["arm"] else ""
                notes.append(f"{row['stage']}{of}: {n} are declared, {row['n']} are in the data")
    return notes
