"""Rates and odds that tell how few people had something to count, or were in a category."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from backwalk_stats.analyses.dry_run import OTHER_POPULATION, exploratory_estimands
from backwalk_stats.analyses.events import as_planned
from backwalk_stats.trial.derive import restricted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.trial import Trial

Pair = tuple[str, str]  # an estimand and an analysis of it


def pairs_of_few(trial: Trial, pairs: Iterable[Pair], *, limit: int) -> frozenset[Pair]:
    """Return the analyses of counts and ordered categories that would tell of few people.

    A rate with its error tells how many events an arm had, and so does a ratio of rates with both
    limits: of fewer than `limit` people with an event neither is shown. Where only two categories
    were seen, an odds ratio with its limits is the table of two by two: few people in one of them
    are then as few with an event.
    """
    known = {one.id: one for one in (*trial.estimands, *exploratory_estimands(trial))}
    found = set()
    for name, analysis in set(pairs):
        estimand = known.get(name)
        if limit > 1 and estimand is not None and _few(trial, estimand, analysis, limit):
            found.add((name, analysis))
    return frozenset(found)


def _few(trial: Trial, estimand: Estimand, analysis: str, limit: int) -> bool:
    """Tell whether an arm has few people with an event, or in one of two categories."""
    kind = trial.outcome(estimand.outcome).kind
    if kind not in ("count", "ordinal"):
        return False
    values, arms = _values(trial, estimand, analysis)
    if kind == "count":
        had = values > 0
    elif len(np.unique(values)) == 2:
        had = values == values.max()
    else:
        return False
    for arm in np.unique(arms):
        some, own = int(had[arms == arm].sum()), int((arms == arm).sum())
        if 0 < some < limit or (kind == "ordinal" and 0 < own - some < limit):
            return True
    return False


def _values(trial: Trial, estimand: Estimand, analysis: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values at the visit, and the arms, of those whom an analysis is of."""
    population = analysis if analysis in OTHER_POPULATION else estimand.population
    planned = as_planned(trial, estimand)
    people = restricted(planned, population).participants
    data = planned.data
    here = data[
        (data["outcome"] == estimand.outcome)
        & (data["visit"].astype(str) == estimand.visit)
        & data["value"].notna()
    ]
    arm_of = people.set_index("participant")["arm"].astype("object")
    arms = pd.Series(here["participant"].map(arm_of), index=here.index)
    known = arms.notna().to_numpy()
    return here["value"].to_numpy(dtype=float)[known], arms.to_numpy(dtype=object)[known].astype(
        str
    )
