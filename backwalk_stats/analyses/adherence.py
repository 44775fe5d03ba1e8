"""Sessions attended, missed, and after withdrawal, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.analyses.result_rows import Answer
from backwalk_stats.trial.tables import SESSIONS

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

STATUSES = ("attended", "missed", "withdrawn")


def adherence(trial: Trial) -> Result:
    """Return attendance by session and arm: frame sessions (`tables.SESSIONS`).

    It is empty where the trial file declares no adherence.
    """
    arms = trial.participants.set_index("participant")["arm"].astype("object")
    recorded = trial.adherence.assign(arm=trial.adherence["participant"].map(arms))
    counts = recorded.groupby(["arm", "session", "status"]).size()
    rows = []
    for arm in trial.study.arm_names:
        for session in sorted(recorded.loc[recorded["arm"] == arm, "session"].unique()):
            found = [int(counts.get((arm, session, status), 0)) for status in STATUSES]
            rows.append((arm, int(session), *found, sum(found)))
    answer = Answer(
        method="Sessions recorded as attended, missed, or after withdrawal.",
        notes=() if rows else ("the trial file declares no record of sessions",),
        frames={"sessions": pd.DataFrame(rows, columns=list(SESSIONS))},
    )
    return answer.result("adherence")
