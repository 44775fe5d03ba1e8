"""Frames that analyses start from, derived from a trial's long data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.trial.tables import CHANGES

if TYPE_CHECKING:
    from backwalk_stats.trial.trial import Trial


def by_visit(trial: Trial, outcome: str) -> pd.DataFrame:
    """Return one row a participant: participant, arm, and a column of values for each visit.

    Of a parallel trial, in its order; NaN where a value is missing.
    """
    rows = trial.data[trial.data["outcome"] == outcome]
    wide = rows.pivot(index="participant", columns="visit", values="value")
    wide = wide.reindex(
        index=trial.participants["participant"], columns=list(trial.study.visit_names)
    )
    people = trial.participants[["participant", "arm"]].reset_index(drop=True)
    values = pd.DataFrame(wide.to_numpy(dtype=float), columns=list(trial.study.visit_names))
    return pd.concat([people, values], axis=1)


def require_means(trial: Trial, outcome: str) -> None:
    """Refuse an outcome whose values have no means: events, categories and counts."""
    kind = trial.outcome(outcome).kind
    if kind != "continuous":
        raise UsageError(f"{outcome} is {kind}: means and changes of its values are not taken")


def changes(trial: Trial, outcome: str, visit: str) -> pd.DataFrame:
    """Return the change of each participant from baseline to a visit (`tables.CHANGES`).

    `change` is value minus baseline; `percent_change` is 100 change / baseline, NaN where the
    baseline is 0. Rows stand for every participant, NaN where either value is missing.
    """
    require_means(trial, outcome)
    wide = by_visit(trial, outcome)
    before = wide[trial.study.baseline].to_numpy()
    after = wide[visit].to_numpy()
    change = after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(before == 0.0, np.nan, 100.0 * change / before)
    columns = {
        "participant": wide["participant"],
        "arm": wide["arm"],
        "outcome": outcome,
        "visit": visit,
        "baseline": before,
        "value": after,
        "change": change,
        "percent_change": percent,
    }
    return pd.DataFrame(columns)[list(CHANGES)]


def restricted(trial: Trial, population: str) -> Trial:
    """Return the trial with the participants of an analysis population, in their arms.

    "all-randomised" is the trial itself; "per-protocol" keeps those marked so; "as-treated" puts
    everyone into the arm that was received. `UsageError` where the trial does not say who belongs.
    """
    if population == "all-randomised":
        return trial
    column = {"per-protocol": "per_protocol", "as-treated": "arm_received"}[population]
    if column not in trial.participants:
        raise UsageError(
            f"population '{population}' needs the column of {column} to be declared under [sets] "
            "in the trial file"
        )
    people = trial.participants
    if population == "per-protocol":
        kept = people[people["per_protocol"].astype(bool)].reset_index(drop=True)
        data = trial.data[trial.data["participant"].isin(kept["participant"])]
        return replace(trial, participants=kept, data=data.reset_index(drop=True))
    received = people.set_index("participant")["arm_received"]
    moved = trial.data.assign(arm=_arms(trial, trial.data["participant"].map(received)))
    people = people.assign(arm=_arms(trial, people["arm_received"]))
    keep = people["arm"].notna()
    data = moved[moved["arm"].notna()].reset_index(drop=True)
    return replace(trial, participants=people[keep].reset_index(drop=True), data=data)


def _arms(trial: Trial, values: pd.Series) -> pd.Categorical:
    """Return arms as a categorical whose first level is the reference."""
    return pd.Categorical(values.astype("object"), categories=list(trial.study.arm_names))
