"""Values after intercurrent events as an estimand's strategies want them (ICH E9(R1)).

The values of an outcome are an array of participants by visits. A strategy says what stands from
the first visit on that an event affects: what was measured (treatment policy), nothing (a
hypothetical one, whose values are missing at random; a reference-based one, whose values are
imputed), the worst score (composite), or the last value before (while on treatment). The baseline
is before treatment and stays as it was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.trial.derive import by_visit, restricted
from backwalk_stats.trial.estimand import REFERENCE_BASED, Estimand
from backwalk_stats.trial.tables import EVENT_COUNTS, EVENTS, VALUES_BY_EVENT
from backwalk_stats.trial.trial import Trial

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
SET_ASIDE = "set aside after an intercurrent event"  # why a value is missing, in `Trial.missing`
IMPUTED = "imputed from here on"  # kind of the events that are left once strategies were applied
ASIDE = ("hypothetical", *REFERENCE_BASED)


# Of which visits an analysis needs a value of everybody it uses; of all others, at the visit.
NEEDS = {
    "mmrm": "any",
    "mixed-anova": "all",
    "constrained-longitudinal": "baseline",
    "random-slope": "baseline",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuesAfterEvents:
    """The values that an estimand is about, and what stands where.

    Attributes
    ----------
    values : array, shape (n, J)
    aside, worst, carried : array of bool, shape (n, J)
        Values that were measured and are set aside; the worst score; the last value before.
    imputed : array of bool, shape (n, J)
        From the first visit on whose values are imputed from the reference arm.
    """

    values: FloatArray
    aside: BoolArray
    worst: BoolArray
    carried: BoolArray
    imputed: BoolArray


def after_events(
    values: FloatArray,
    first: Mapping[str, IntArray],
    *,
    baseline: int,
    planned: BoolArray,
    worst: float | None,
) -> ValuesAfterEvents:
    """Return the values as the strategies want them.

    The composite wins from its own event on. Of the others the first event decides: while on
    treatment carries the value before it on, whatever comes later; what is set aside stays so.

    Parameters
    ----------
    values : array, shape (n, J)
        NaN where nothing was measured.
    first : mapping of str to array, shape (n,)
        Strategy to the place of the first visit affected by an event with it, J for none.
    baseline : int
        Place of the visit before treatment, -1 for none; nothing up to it is changed.
    planned : array of bool, shape (J,)
        Visits at which the outcome is measured; at others no worst score is put.
    worst : float or None
        None where no event has the composite strategy.

    Examples
    --------
    >>> given = np.array([[6.0, 5.0, 4.0], [7.0, 6.0, np.nan]])
    >>> place = {"composite": np.array([3, 2]), "hypothetical": np.array([2, 3])}
    >>> found = after_events(given, place, baseline=0, planned=np.ones(3, bool), worst=10.0)
    >>> found.values.tolist()
    [[6.0, 5.0, nan], [7.0, 6.0, 10.0]]
    """
    n, size = values.shape
    none = np.full(n, size)
    at = np.arange(size)
    able = planned & (at > baseline)

    def since(place: IntArray) -> BoolArray:
        return np.asarray((at >= place[:, None]) & able)

    dropped = np.minimum.reduce([first.get(how, none) for how in ASIDE])
    stopped = first.get("while-on-treatment", none)
    on_first = (stopped <= dropped)[:, None]
    there = ~np.isnan(values)
    before = there & (at < stopped[:, None])
    last = np.where(before.any(axis=1), size - 1 - before[:, ::-1].argmax(axis=1), 0)
    kept = np.where(before.any(axis=1), values[np.arange(n), last], np.nan)
    composite = since(first.get("composite", none))
    carried = since(stopped) & on_first & ~composite
    gone = since(dropped) & ~on_first & ~composite
    imputed = np.minimum.reduce([first.get(how, none) for how in REFERENCE_BASED])
    found = np.where(carried, kept[:, None], values)
    found = np.where(gone, np.nan, found)
    if worst is not None:
        found = np.where(composite, worst, found)
    nothing = carried & np.isnan(kept)[:, None]
    return ValuesAfterEvents(
        values=np.asarray(found, dtype=float),
        aside=(gone | nothing) & there,
        worst=composite,
        carried=carried & ~nothing,
        imputed=since(imputed) & gone,
    )


# From a trial to the trial that an estimand is about.


def as_planned(trial: Trial, estimand: Estimand, analysis: str = "") -> Trial:
    """Return the trial with values as the strategies of an estimand want them.

    What is set aside stands in `Trial.missing` with `SET_ASIDE`; the events that are left are
    those from which on values are imputed. A reference-based `analysis` imputes from every event
    on, but those with the composite strategy. A trial to which strategies were applied, or without
    events, comes back as it is.
    """
    if trial.events.empty or not estimand.events or (trial.events["kind"] == IMPUTED).any():
        return trial
    found, wide = _applied(trial, estimand, analysis)
    visits = list(trial.study.visit_names)
    own = (trial.data["outcome"] == estimand.outcome).to_numpy()
    rows = pd.Index(wide["participant"]).get_indexer(pd.Index(trial.data.loc[own, "participant"]))
    columns = pd.Index(visits).get_indexer(pd.Index(trial.data.loc[own, "visit"].astype("str")))
    values = trial.data["value"].to_numpy(dtype=float).copy()
    values[own] = found.values[rows, columns]
    at = np.argwhere(found.aside)
    people = wide["participant"].to_numpy()
    aside = pd.DataFrame(
        {
            "participant": people[at[:, 0]],
            "visit": [visits[place] for place in at[:, 1]],
            "outcome": estimand.outcome,
            "reason": SET_ASIDE,
        }
    ).astype("str")
    starts = [
        (one, IMPUTED, visits[int(mask.argmax())])
        for one, mask in zip(people, found.imputed, strict=True)
        if mask.any()
    ]
    return replace(
        trial,
        data=trial.data.assign(value=values),
        missing=pd.concat([trial.missing, aside], ignore_index=True),
        parts=_parts_as_planned(
            trial, estimand, lambda people: first_affected(trial, estimand, people, analysis)
        ),
        events=pd.DataFrame(starts, columns=list(EVENTS)).astype("str"),
    )


def _parts_as_planned(
    trial: Trial, estimand: Estimand, affected: Callable[[list[str]], dict[str, IntArray]]
) -> pd.DataFrame | None:
    """Return rows within people, such as their knees: each has the events of its person.

    `affected` gives, for people, what `first_affected` does.
    """
    parts = trial.parts
    if parts is None or not (parts["outcome"] == estimand.outcome).any():
        return parts
    own = parts[parts["outcome"] == estimand.outcome]
    key = ["participant", "part", "visit"]
    known = own.assign(visit=own["visit"].astype("str")).groupby(key, sort=False)["value"]
    visits = list(trial.study.visit_names)
    wide = known.mean().unstack("visit").reindex(columns=visits)
    people = wide.index.get_level_values("participant")
    unique = people.unique()
    at = unique.get_indexer(people)
    first = affected(unique.tolist())
    values = wide.to_numpy(dtype=float)
    found = after_events(
        values,
        {how: place[at] for how, place in first.items()},
        baseline=visits.index(trial.study.baseline) if trial.study.baseline else -1,
        planned=~np.isnan(values).all(axis=0),
        worst=estimand.composite,
    )
    after = pd.DataFrame(found.values, index=wide.index, columns=pd.Index(visits)).reset_index()
    told = after.melt(id_vars=key[:2], var_name="visit", value_name="value")
    told = told.assign(outcome=estimand.outcome)
    others = parts[parts["outcome"] != estimand.outcome]
    whole: pd.DataFrame = pd.concat([others, told], ignore_index=True)
    return whole[list(parts.columns)]


def _applied(
    trial: Trial, estimand: Estimand, analysis: str = ""
) -> tuple[ValuesAfterEvents, pd.DataFrame]:
    """Return the values after events, and those that were measured (a row a participant)."""
    wide = by_visit(trial, estimand.outcome)
    visits = list(trial.study.visit_names)
    values = wide[visits].to_numpy(dtype=float)
    baseline = visits.index(trial.study.baseline) if trial.study.baseline else -1
    found = after_events(
        values,
        first_affected(trial, estimand, wide["participant"].tolist(), analysis),
        baseline=baseline,
        planned=~np.isnan(values).all(axis=0),
        worst=estimand.composite,
    )
    return found, wide


def first_affected(
    trial: Trial, estimand: Estimand, people: Sequence[str], analysis: str = ""
) -> dict[str, IntArray]:
    """Return the place of the first affected visit of each participant, by strategy."""
    visits = [*trial.study.visit_names, ""]
    place = {one: row for row, one in enumerate(people)}
    how_of = dict(estimand.events)
    first: dict[str, IntArray] = {}
    for one, kind, visit in trial.events[list(EVENTS)].itertuples(index=False, name=None):
        how: str = how_of.get(kind, "treatment-policy")
        if analysis in REFERENCE_BASED and how != "composite":
            how = analysis
        if one in place:
            known = first.setdefault(how, np.full(len(people), len(visits) - 1))
            known[place[one]] = min(known[place[one]], visits.index(visit))
    return first


def is_aside(trial: Trial, outcome: str) -> bool:
    """Return whether values of an outcome were set aside in a trial of `as_planned`."""
    missing = trial.missing
    return bool(((missing["reason"] == SET_ASIDE) & (missing["outcome"] == outcome)).any())


def imputed_from(trial: Trial, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows (participant, visit) are of visits whose values are imputed after events.

    True from the first such visit of a participant on; of a trial of `as_planned`.
    """
    visits = list(trial.study.visit_names)
    first = {
        one: visits.index(visit)
        for one, kind, visit in trial.events[list(EVENTS)].itertuples(index=False, name=None)
        if kind == IMPUTED
    }
    people, at = frame["participant"].tolist(), frame["visit"].astype("str").tolist()
    pairs = zip(people, at, strict=True)
    found = [visits.index(visit) >= first.get(one, len(visits)) for one, visit in pairs]
    return np.array(found, dtype=bool)


def strategies_in_words(estimand: Estimand, analysis: str = "") -> str:
    """Return a sentence on what an analysis does with values after events; "" without events.

    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"), composite=10.0,
    ...                events=(("rescue", "hypothetical"), ("surgery", "composite")))
    >>> strategies_in_words(one)[:88]
    'Intercurrent events: rescue, hypothetical (values from the event on are set aside and mi'
    """
    kinds: dict[str, list[str]] = {}
    for kind, how in estimand.events:
        imputes = analysis in REFERENCE_BASED and how != "composite"
        kinds.setdefault(analysis if imputes else how, []).append(kind)
    told = [f"{', '.join(own)}, {how.replace('-', ' ')} ({estimand.in_words(how)})"
            for how, own in kinds.items()]  # fmt: skip
    return f"Intercurrent events: {'; '.join(told)}." if told else ""


# How many had which event, and what became of how many values: for words and tables.


def event_counts(trial: Trial, estimand: Estimand) -> pd.DataFrame:
    """Return how many people of each arm had which event (`tables.EVENT_COUNTS`).

    `n_affected` are those whose value at the estimand's visit comes after the event.
    """
    people = restricted(trial, estimand.population).participants
    arms = people.set_index("participant")["arm"].astype("object")
    visits = [*trial.study.visit_names, ""]
    at = visits.index(estimand.visit)
    own = trial.events[trial.events["participant"].isin(list(arms.index))]
    rows = []
    for kind, how in estimand.events:
        here = own[own["kind"] == kind]
        affected = here.loc[here["visit"].map(visits.index) <= at]
        for arm in trial.study.arm_names:
            n, m = (int((arms[part["participant"]] == arm).sum()) for part in (here, affected))
            rows.append((kind, how, arm, n, m))
    return pd.DataFrame(rows, columns=list(EVENT_COUNTS))


def left_by_events(trial: Trial, estimand: Estimand) -> dict[str, int]:
    """Return how many of each arm the main analysis leaves out as their values are set aside.

    They have what it needs of the outcome as measured, and lack it once strategies were applied.
    """
    needed = NEEDS.get(estimand.analysis, "visit")
    if not estimand.events or estimand.imputed_by or needed == "baseline":
        return {}
    found, wide = _applied(trial, estimand)
    visits = list(trial.study.visit_names)
    given = wide[visits].to_numpy(dtype=float)
    later = np.array([name != trial.study.baseline for name in visits]) & ~np.isnan(given).all(0)

    def enough(values: FloatArray) -> BoolArray:
        there = ~np.isnan(values)
        if needed == "visit":
            return np.asarray(there[:, visits.index(estimand.visit)])
        return np.asarray((there | ~later).all(1) if needed == "all" else (there & later).any(1))

    gone = enough(given) & ~enough(found.values)
    chosen = restricted(trial, estimand.population).participants
    arms = chosen.set_index("participant")["arm"].astype("object").reindex(wide["participant"])
    return {arm: int((gone & (arms == arm).to_numpy()).sum()) for arm in trial.study.arm_names}


def values_by_event(trial: Trial, estimand: Estimand) -> pd.DataFrame:
    """Return what stands at each visit in how many people of each arm (`tables.VALUES_BY_EVENT`).

    Every participant is counted once: with the value that was measured and is used, one that was
    measured and is set aside, the worst score, the last value before an event, or with none.
    """
    found, wide = _applied(trial, estimand)
    chosen = restricted(trial, estimand.population).participants
    arms = chosen.set_index("participant")["arm"].astype("object").reindex(wide["participant"])
    rows = []
    for place, visit in enumerate(trial.study.visit_names):
        there = ~np.isnan(found.values[:, place])
        other = found.worst[:, place] | found.carried[:, place]
        if visit == trial.study.baseline or np.isnan(wide[visit].to_numpy(dtype=float)).all():
            continue
        for arm in trial.study.arm_names:
            own = (arms == arm).to_numpy()
            masks = (
                there & ~other,
                found.aside[:, place],
                found.worst[:, place],
                found.carried[:, place],
            )
            counts = [int((own & mask).sum()) for mask in masks]
            n = int(own.sum())
            rows.append((visit, arm, n, *counts, n - sum(counts)))
    return pd.DataFrame(rows, columns=list(VALUES_BY_EVENT))
