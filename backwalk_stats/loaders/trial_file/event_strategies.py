"""Strategies for intercurrent events (ICH E9(R1)) held against the rest of the trial file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.encoding import folded, repeated
from backwalk_stats.loaders.trial_file.schema import EstimandTable, TrialTables
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
_ENDS = dict.fromkeys(
    ("binary", "ordinal"), "Declare better of the outcome: it says which is the worst"
)
_NUMBERS = {
    "continuous": "Declare better with low and high of the outcome, or composite = 10 here",
    "count": "Declare composite = 10 here: the count that stands from the event on",
}
ADD_EVENTS = (
    'Add [[events]] with file = "events.csv", participant, kind, and visit (the first that the '
    "event affects) or date"
)


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
        if given == ["date"] and not any(one.date for one in tables.data):
            action = 'date = { W6 = "date_w6" }, or date = "date" in a long file'
            faults.add(f"{key}.date", "dates of the visits under [[data]]", "none", action)
        if table.visit_labels and table.visit is None:
            faults.add(f"{key}.visit_labels", "a column of visits", "no such key")
        for visit in table.visit_labels.values():
            if visit not in tables.visits.order:
                faults.unknown(f"{key}.visit_labels", "visits", visit, tables.visits.order)
        _check_joining(faults, key=key, tables=tables)


def _check_joining(faults: Faults, *, key: str, tables: TrialTables) -> None:
    if any(one.row_id for one in tables.data):
        action = "Give the people of [[data]] a column of ids"
        faults.add(f"{key}.participant", "ids in [[data]]", "rows without ids", action)
    if tables.trial.design == "crossover":
        found = "events of a crossover, for which there is not yet an analysis"
        faults.add(key, "a parallel trial", found, "Take [[events]] out")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """An estimand of the trial file, its strategies, and where its faults go.

    Attributes
    ----------
    table : EstimandTable
    key : str
        Dotted key of its table.
    named : mapping of str to str
        Kind to strategy; "" is every kind.
    faults : Faults
    """

    table: EstimandTable
    key: str
    named: Mapping[str, str]
    faults: Faults

    @property
    def under(self) -> str:
        """Return the key that says the strategies."""
        return "intercurrent" if "" in self.named else "events"

    def tell(self, under: str, expected: str, found: str, action: str = "") -> None:
        """Add a fault at one of its keys."""
        self.faults.add(f"{self.key}.{under}", expected, found, action)


def check_strategies(tables: TrialTables, faults: Faults) -> None:
    """Tell strategies without events, events without strategies, and what cannot be estimated."""
    for place, table in enumerate(tables.estimand):
        of_all = {} if table.intercurrent is None else {"": str(table.intercurrent)}
        named = dict(table.events) or of_all
        asked = _Asked(table=table, key=f"estimand[{place}]", named=named, faults=faults)
        _check_said_once(asked)
        _check_beside_events(asked, there=bool(tables.events))
        _check_each(asked)
        kind = tables.kind_of(table.outcome)
        _check_reference_based(asked, kind=kind, analysis=tables.analysis_of(table))


def _check_said_once(asked: _Asked) -> None:
    table = asked.table
    if table.events and table.intercurrent is not None:
        action = "events says it for each kind"
        asked.tell("intercurrent", "one of them", "intercurrent and events", action)
    for kind in repeated(list(table.events)):
        expected = "every kind once, whatever its case and spaces"
        asked.tell("events", expected, f"'{kind}' again")
    if table.composite is not None and COMPOSITE not in asked.named.values():
        found = "no kind of event with it"
        asked.tell("composite", f"events with the strategy {COMPOSITE}", found)


def _check_beside_events(asked: _Asked, *, there: bool) -> None:
    """Tell strategies where nobody says who had an event, and events without a strategy."""
    others = [how for how in asked.named.values() if how not in (POLICY, STRATUM)]
    if others and not there:
        expected = f"[[events]]: who had which event, as '{others[0]}' changes values after it"
        asked.tell(asked.under, expected, "no such table", ADD_EVENTS)
    if there and not asked.named:
        found = "no such key, beside [[events]]"
        action = f'Write events = {{ stopped = "..." }}; {POLICY} uses all values'
        asked.tell("events", "a strategy for each kind of event", found, action)


def _check_each(asked: _Asked) -> None:
    """Tell strategies that nothing can be estimated by."""
    for kind, how in asked.named.items():
        under = f"{asked.under}.{kind}" if kind else asked.under
        if how == STRATUM:
            expected = "a strategy that the data of a trial can estimate"
            action = (
                "Who would have the event in both arms is known of nobody, as each was in one: a "
                "principal stratum needs a causal model with assumptions that no key declares"
            )
            asked.tell(under, expected, "'principal-stratum'", action)
        if how == POLICY and is_death(kind):
            action = (
                "Treatment policy uses the values after an event, and after a death there are "
                f'none: write "{COMPOSITE}" (the worst score) or "while-on-treatment" (the last '
                "value while alive)"
            )
            asked.tell(under, "another strategy for a death", f"'{POLICY}'", action)


def _check_reference_based(asked: _Asked, *, kind: str, analysis: str) -> None:
    """Tell what does not go together with values that are imputed from the event on."""
    imputed = [how for how in dict.fromkeys(asked.named.values()) if how in REFERENCE_BASED]
    if not imputed:
        return
    if kind != "continuous":
        expected = f"a strategy that imputes no values, as {asked.table.outcome} is {kind}"
        action = "Values that are no measurements are not drawn from a normal distribution"
        asked.tell(asked.under, expected, f"'{imputed[0]}'", action)
        return
    if len(imputed) > 1:
        found = ", ".join(f"'{how}'" for how in imputed)
        action = "Write an estimand for each of them"
        asked.tell("events", "one way of imputing after events", found, action)
    if analysis != "ancova":
        expected = f"'ancova', as '{imputed[0]}' completes the values that it analyses"
        unsaid = f"no such key, so that '{analysis}' is meant"
        found = unsaid if asked.table.analysis is None else f"'{analysis}'"
        asked.tell("analysis", expected, found, 'Write "ancova"')
    for word in asked.table.sensitivity:
        if word not in _BESIDE_REFERENCE or word == imputed[0]:
            expected = f"analyses that impute after events, as '{imputed[0]}' does, in another way"
            action = "Write an estimand of its own, with the strategy that it estimates"
            asked.tell("sensitivity", expected, f"'{word}'", action)


def check_worst_scores(tables: TrialTables, outcomes: Sequence[Outcome], faults: Faults) -> None:
    """Tell composite strategies whose worst score nobody has said, or said differently."""
    known = {one.name: one for one in outcomes}
    for place, estimand in enumerate(tables.estimand):
        outcome, key = known.get(estimand.outcome), f"estimand[{place}].composite"
        if outcome is None or COMPOSITE not in estimand.events.values():
            continue
        worst, said = worst_score(outcome), estimand.composite
        if worst is None and (said is None or outcome.kind in _ENDS):
            found = f"no such key, and {outcome.name} has no worst score"
            action = (_ENDS | _NUMBERS)[outcome.kind]
            faults.add(key, "the worst score", found if said is None else f"{said:g}", action)
        elif said is not None and outcome.kind in _ENDS:
            expected = f"no such key: the worst of {outcome.name} is {worst_words(outcome)}"
            faults.add(key, expected, f"{said:g}")
        elif worst is not None and said is not None and said != worst:
            found = f"{said:g}"
            faults.add(key, f"{worst:g}, the worst score of {outcome.name}", found)


def worst_score(outcome: Outcome) -> float | None:
    """Return the worst score of an outcome's scale, None where it has none.

    Of an event it is to have it or not, of ordered categories the first or the last, as `better`
    says; a count has no highest one.

    >>> worst_score(Outcome(name="pain", label="Pain", better="lower", low=0.0, high=10.0))
    10.0
    >>> worst_score(Outcome(name="walks", label="Walks", better="higher", kind="binary"))
    0.0
    """
    low, high = outcome.low, outcome.high
    if outcome.kind == "binary":
        low, high = 0.0, 1.0
    elif outcome.kind == "ordinal":
        low, high = 1.0, float(len(outcome.categories))
    elif outcome.kind == "count":
        low = 0.0
    return {"lower": high, "higher": low}.get(outcome.better)


def worst_words(outcome: Outcome) -> str:
    """Return the worst of an outcome whose values are no numbers to readers; "" of any other.

    >>> worst_words(Outcome(name="fell", label="Fell", better="lower", kind="binary",
    ...                     categories=("yes",)))
    "the event 'yes'"
    """
    worst = worst_score(outcome)
    if worst is None or outcome.kind not in _ENDS:
        return ""
    if outcome.kind == "ordinal":
        return f"'{outcome.categories[int(worst) - 1]}'"
    return f"{'the event' if worst else 'not to have'} '{outcome.categories[0]}'"
