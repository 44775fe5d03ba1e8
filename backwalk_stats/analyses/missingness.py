"""What is missing, by outcome, visit and arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.analyses.result_rows import Answer
from backwalk_stats.trial.tables import MISSINGNESS

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial


def missingness(trial: Trial) -> Result:
    """Return how many values are missing: frame missingness (`tables.MISSINGNESS`).

    A visit at which nobody has an outcome and no value is missing for a declared reason is taken as
    not planned and left out; the notes name it.
    """
    rows, unplanned = [], []
    coded = set(zip(trial.missing["outcome"], trial.missing["visit"].astype(str), strict=True))
    for outcome in trial.outcomes:
        own = trial.data[trial.data["outcome"] == outcome.name]
        for visit in trial.study.visit_names:
            here = own[own["visit"] == visit]
            if not here["value"].notna().any() and (outcome.name, visit) not in coded:
                unplanned.append(f"{outcome.name} at {visit}")
                continue
            for arm in trial.study.arm_names:
                values = here.loc[here["arm"].astype("object") == arm, "value"]
                n, seen = len(values), int(values.notna().sum())
                share = 100.0 * (n - seen) / n if n else np.nan
                rows.append((outcome.name, visit, arm, n, seen, n - seen, share))
    notes = (f"nobody has a value, so not counted: {', '.join(unplanned)}",) if unplanned else ()
    answer = Answer(
        method="Values missing of the participants of each arm, by outcome and visit.",
        notes=notes,
        frames={"missingness": pd.DataFrame(rows, columns=list(MISSINGNESS))},
    )
    return answer.result("missingness")
