"""Strategies for intercurrent events (ICH E9(R1)) held against the rest of the trial file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.encoding import folded, repeated
from backwalk_stats.loaders.trial_file.schema import EstimandTable, EventsTable, TrialTables
from backwalk_stats.trial.estimand import REFERENCE_BASED
from backwalk_stats.trial.outcome import Outcome

POLICY, STRATUM, COMPOSITE = "treatment-policy", "principal-stratum", "composite"
# Beside a reference-based strategy: analyses that begin at the event too, or are of other people.
_BESIDE_REFERENCE = frozenset([*REFERENCE_BASED, "per-protocol", "as-treated"])
_DEATH = (
    "death/dead/died/deceased/fatal/tod/todesfall/gestorben/verstorben/décès/deces/décédé/mort/"
    "muerte/fallecido/fallecimiento/morte/óbito/obito/decesso/deceduto/overleden/overlijden/død/"
    "dödsfall/zgon/ölüm/死亡"
)
_DEATHS = frozenset(folded(word) for word in _DEATH.split("/"))
ADD_EVENTS = (
    'Add [[events]] with file = "events.csv", participant, kind, and visit (the first that the '
    "event affects) or date"
)
WRITE = 'Write events = {{ {kind} = "..." }} with one strategy for each kind'


def is_death(kind: str) -> bool:
    """Tell whether a kind of event is a death, by its word.

    >>> is_death("Death"), is_death("died of another cause"), is_death("deadline missed")
    (True, True, False)
    """
    words = folded(kind.replace("_", " ").replace("-", " ")).split()
    return folded(kind) in _DEATHS or any(word in _DEATHS for word in words)


def check_event_tables(tables: TrialTables, faults: Faults) -> None:
    """Tell what does not fit in the tables that say who had which event."""
    for place, table in enumerate(tables.events):
        key = f"events[{place}]"
        given = [name for name in ("visit", "date") if getattr(table, name) is not None]
        if len(given) != 1:
            expected = "either visit (the first that the event affects) or date"
            faults.add(key, expected, " and ".join(given) or "neither of them")
        if table.date is not None and not any(one.date for one in tables.data):
            action = 'date = { W6 = "date_w6" }, or date = "date" in a long file'
            faults.add(f"{key}.date", "dates of the visits under [[data]]", "none", action)
        if table.visit_labels and table.visit is None:
            faults.add(f"{key}.visit_labels", "a column of visits", "no such key")
        for visit in table.visit_labels.values():
            if visit not in tables.visits.order:
                faults.unknown(f"{key}.visit_labels", "visits", visit, tables.visits.order)
        _check_joining(table, faults, key=key, tables=tables)


def _check_joining(table: EventsTable, faults: Faults, *, key: str, tables: TrialTables) -> None:
    if any(one.row_id for one in tables.data):
        action = "Give the people of [[data]] a column of ids"
        faults.add(f"{key}.participant", "ids in [[data]]", "rows without ids", action)
    if tables.trial.design == "crossover":
        found = "events of a crossover, for which there is not yet an analysis"
        faults.add(key, "a parallel trial", found, "Take [[events]] out")


def check_strategies(
    estimand: EstimandTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    """Tell strategies without events, events without strategies, and what cannot be estimated."""
    both = bool(estimand.events) and estimand.intercurrent is not None
    if both:
        found = "intercurrent and events"
        faults.add(f"{key}.intercurrent", "one of them", found, "events says it for each kind")
    for kind in repeated(list(estimand.events)):
        expected = "every kind once, whatever its case and spaces"
        faults.add(f"{key}.events", expected, f"'{kind}' again")
    under = "events" if estimand.events else "intercurrent"
    named = dict(estimand.events)
    if not named and estimand.intercurrent is not None:
        named = {"": estimand.intercurrent}
    _check_without_events(named, faults, key=f"{key}.{under}", tables=tables)
    if tables.events and not named:
        found = "no such key, beside [[events]]"
        action = f"{WRITE.format(kind='stopped')}; {POLICY} uses all values"
        faults.add(f"{key}.events", "a strategy for each kind of event", found, action)
    _check_each(named, faults, key=f"{key}.{under}")
    _check_reference_based(estimand, named, faults, key=key)
    if estimand.composite is not None and COMPOSITE not in named.values():
        found = "no kind of event with it"
        faults.add(f"{key}.composite", f"events with the strategy {COMPOSITE}", found)


def _check_without_events(
    named: Mapping[str, str], faults: Faults, *, key: str, tables: TrialTables
) -> None:
    others = [how for how in named.values() if how not in (POLICY, STRATUM)]
    if others and not tables.events:
        expected = f"[[events]]: who had which event, as '{others[0]}' changes values after it"
        faults.add(key, expected, "no such table", ADD_EVENTS)


def _check_each(named: Mapping[str, str], faults: Faults, *, key: str) -> None:
    """Tell strategies that nothing can be estimated by."""
    for kind, how in named.items():
        told = f"{key}.{kind}" if kind else key
        if how == STRATUM:
            expected = "a strategy that the data of a trial can estimate"
            found = "'principal-stratum'"
            action = (
                "Who would have the event in both arms is known of nobody, as each was in one: a "
                "principal stratum needs a causal model with assumptions that no key declares"
            )
            faults.add(told, expected, found, action)
        if how == POLICY and is_death(kind):
            expected = "another strategy for a death"
            action = (
                "Treatment policy uses the values after an event, and after a death there are "
                f'none: write "{COMPOSITE}" (the worst score) or "while-on-treatment" (the last '
                "value while alive)"
            )
            faults.add(told, expected, f"'{POLICY}'", action)


def _check_reference_based(
    estimand: EstimandTable, named: Mapping[str, str], faults: Faults, *, key: str
) -> None:
    """Tell what does not go together with values that are imputed from the event on."""
    imputed = [how for how in dict.fromkeys(named.values()) if how in REFERENCE_BASED]
    if not imputed:
        return
    if len(imputed) > 1:
        action = "Write an estimand for each of them"
        found = ", ".join(f"'{how}'" for how in imputed)
        faults.add(f"{key}.events", "one way of imputing after events", found, action)
    if estimand.analysis != "ancova":
        expected = f"'ancova', as '{imputed[0]}' completes the values that it analyses"
        faults.add(f"{key}.analysis", expected, f"'{estimand.analysis}'", 'Write "ancova"')
    strange = [one for one in estimand.sensitivity if one not in _BESIDE_REFERENCE]
    for word in [*strange, *(one for one in estimand.sensitivity if one == imputed[0])]:
        expected = f"analyses that impute after events, as '{imputed[0]}' does, in another way"
        action = "Write an estimand of its own, with the strategy that it estimates"
        faults.add(f"{key}.sensitivity", expected, f"'{word}'", action)


def check_worst_scores(tables: TrialTables, outcomes: Sequence[Outcome], faults: Faults) -> None:
    """Tell composite strategies whose worst score nobody has said, or said differently."""
    known = {one.name: one for one in outcomes}
    for place, estimand in enumerate(tables.estimand):
        outcome, key = known.get(estimand.outcome), f"estimand[{place}].composite"
        if outcome is None or COMPOSITE not in estimand.events.values():
            continue
        worst, said = worst_score(outcome), estimand.composite
        if worst is None and said is None:
            found = f"no such key, and {outcome.name} has no worst score"
            action = "Declare better with low and high of the outcome, or composite = 10 here"
            faults.add(key, "the worst score", found, action)
        elif worst is not None and said is not None and said != worst:
            found = f"{said:g}"
            faults.add(key, f"{worst:g}, the worst score of {outcome.name}", found)


def worst_score(outcome: Outcome) -> float | None:
    """Return the worst score of an outcome's scale, None where it has none.

    >>> worst_score(Outcome(name="pain", label="Pain", better="lower", low=0.0, high=10.0))
    10.0
    """
    ends = {"lower": outcome.high, "higher": outcome.low}
    return ends.get(outcome.better)
