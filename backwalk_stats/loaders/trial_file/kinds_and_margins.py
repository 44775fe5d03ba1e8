"""What may be asked of an outcome of its kind, of rows that hang together, and against a margin."""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.encoding import folded, repeated
from backwalk_stats.loaders.trial_file.schema import EstimandTable, OutcomeTable, TrialTables
from backwalk_stats.trial.estimand import (
    MAIN_ANALYSES,
    MARGIN_SCALES,
    OF_KIND,
    OF_MEANS,
    REFERENCE_BASED,
    WITH_MARGIN,
)

PUT_IN = ("missing-as-failure", "best-case", "worst-case")  # for what is missing
RANKS_BESIDE = ("ordinal", "rank-based")  # ranks of categories stand beside their odds
ROBUST = "cluster-robust"
HANGING = ("ancova", "per-protocol", "as-treated", ROBUST)  # what rows that hang together have
# Keys that say what a measurement is; events, categories and counts have none of it.
_SCALE = "instrument unit low high step thresholds threshold items combine units"


def check_kind(outcome: OutcomeTable, faults: Faults, *, key: str) -> None:
    """Tell keys of another kind of outcome, and a kind that no analysis has yet."""
    needs = {"event": "binary", "order": "ordinal", "exposure": "count"}
    for name, kind in needs.items():
        given = bool(getattr(outcome, name))
        if given and outcome.kind != kind:
            found = f'kind = "{outcome.kind}"'
            faults.add(f"{key}.{name}", f'this key with kind = "{kind}"', found)
        elif outcome.kind == kind and not given and kind != "count":
            faults.add(f"{key}.{name}", f"this key, the outcome being {kind}", "no such key")
    if outcome.exposure_unit and not outcome.exposure:
        faults.add(f"{key}.exposure_unit", "exposure beside it", "no such key")
    if outcome.kind == "continuous":
        return
    for name in _SCALE.split():
        if getattr(outcome, name) not in (None, [], {}):
            found = f'kind = "{outcome.kind}"'
            faults.add(f"{key}.{name}", "this key with a continuous outcome", found)
    if outcome.order and len({folded(one) for one in outcome.order}) < 2:
        faults.add(f"{key}.order", "two categories or more", f"{len(outcome.order)}")
    if repeated(outcome.order):
        faults.add(f"{key}.order", "every category once", "one a second time")


def check_rows_of_kind(
    outcome: OutcomeTable, faults: Faults, *, key: str, tables: TrialTables
) -> None:
    """Tell means of rows or columns that would be taken of values that have none."""
    if outcome.kind == "continuous":
        return
    for place, table in enumerate(tables.data):
        if table.duplicates == "mean" and outcome.file in (None, table.file):
            found = f'"mean", and {outcome.name} is {outcome.kind}'
            faults.add(f"data[{place}].duplicates", "a row that is kept", found)
    later = [visit for visit in outcome.columns if visit != tables.visits.baseline]
    if outcome.exposure and len(later) > 1:
        action = "A row a visit (long) has the time of each; or an outcome for each visit"
        faults.add(f"{key}.exposure", "one visit with a count", f"{len(later)}", action)
    if tables.trial.design == "crossover":
        found = f"'{outcome.kind}', for which there is not yet an analysis in a crossover"
        faults.add(f"{key}.kind", "a continuous outcome", found)


Unfit = tuple[str, str, str, str]  # key within the table, expected, found, what to do


def against_margin(estimand: EstimandTable, tables: TrialTables) -> Iterator[Unfit]:
    """Yield a margin without a framework or the other way round, and what has no difference."""
    framework, main = estimand.framework, tables.analysis_of(estimand)
    if framework == "superiority":
        beside = 'framework = "non-inferiority" or "equivalence" beside it'
        for key in ("margin", "margin_scale"):
            if getattr(estimand, key) is not None:
                yield key, beside, "'superiority'", ""
        return
    if estimand.margin is None:
        yield "margin", "the margin", "no such key", "In the unit of the outcome, as planned"
    if main not in WITH_MARGIN:
        found = f"'{main}', for which there is not yet a test against a margin"
        yield "analysis", f"one of {', '.join(WITH_MARGIN)}", found, ""
    else:
        yield from _of_scale(estimand, main)
    outcome = next((one for one in tables.outcome if one.name == estimand.outcome), None)
    silent = outcome is not None and outcome.better is None and outcome.instrument is None
    if silent and framework == "non-inferiority":
        found = "no such key: which way is worse is not said"
        yield "framework", "better of the outcome", found, 'better = "lower"'


def _of_scale(estimand: EstimandTable, main: str) -> Iterator[Unfit]:
    """Yield a scale that the analysis does not have, and a margin that cannot be on its scale."""
    scales, margin = MARGIN_SCALES[main], estimand.margin
    scale = estimand.margin_scale or scales[0]
    if scale not in scales:
        found = f"'{scale}', and '{main}' compares by a {scales[0]}"
        yield "margin_scale", f"'{scales[0]}'", found, ""
    elif margin is None:
        return
    elif scale == "ratio" and margin <= 1.0:
        action = "margin = 1.25: worse by that factor, whichever way is worse"
        yield "margin", "a ratio above 1", f"{margin:g}", action
    elif main == "adjusted-risk" and scale == "difference" and margin >= 1.0:
        action = "margin = 0.1 is 10 of 100 people"
        yield "margin", "a difference of shares, below 1", f"{margin:g}", action


def unfit_for_kind(estimand: EstimandTable, tables: TrialTables) -> Iterator[Unfit]:
    """Yield analyses of means of an outcome that has none, and the other way round."""
    kind = tables.kind_of(estimand.outcome)
    fitting = OF_KIND.get(kind, OF_MEANS)
    main = [one for one in fitting if one in MAIN_ANALYSES and (kind, one) != RANKS_BESIDE]
    asked: list[tuple[str, str, list[str]]] = [("analysis", tables.analysis_of(estimand), main)]
    asked += [("sensitivity", word, list(fitting)) for word in estimand.sensitivity]
    for under, word, choice in asked:
        if word in choice:
            continue
        why = "which compares means" if word in OF_MEANS else "which is of another kind of outcome"
        found = f"'{word}', {why}, and {estimand.outcome} is {kind}"
        action = "Means of codes are not compared" if word in OF_MEANS else ""
        yield under, f"one of {', '.join(choice)}", found, action
    if tables.analysis_of(estimand) == "gee" and estimand.visit:
        found = f"'{estimand.visit}', and gee compares over all visits after baseline"
        action = "Take the key out; adjusted-risk compares at one visit"
        yield "visit", "no such key", found, action
    if kind != "continuous" and estimand.subgroups:
        found = f"subgroups of an outcome that is {kind}, for which there is not yet an analysis"
        yield "subgroups", "a continuous outcome", found, ""
    outcome = next((one for one in tables.outcome if one.name == estimand.outcome), None)
    if {*PUT_IN} & {*estimand.sensitivity} and outcome and outcome.better is None:
        found = "no such key: whether the event is the failure is not said"
        yield "sensitivity", "better of the outcome", found, 'better = "lower"'


def check_clusters(tables: TrialTables, faults: Faults) -> None:
    """Tell analyses that would take rows within people, or people of a cluster, for their own."""
    inner = [f"data[{k}].within" for k, one in enumerate(tables.data) if one.within]
    keys = [*inner, *(f"clusters.{name}" for name in tables.clusters)]
    for key in keys[1:]:
        found = "a second one, for which there is not yet an analysis"
        faults.add(key, "one key that says what hangs together", found)
    if not keys:
        for place, estimand in enumerate(tables.estimand):
            if ROBUST in estimand.sensitivity:
                found = f"'{ROBUST}', and no key says what hangs together"
                faults.add(f"estimand[{place}].sensitivity", "analyses of rows on their own", found)
        return
    if tables.trial.design == "crossover":
        faults.add(keys[0], "a parallel trial", "a crossover: there is not yet an analysis")
    hanging = {one.name for one in tables.outcome if _hangs(one, tables)}
    for place, outcome in enumerate(tables.outcome):
        if outcome.kind != "continuous" and outcome.name in hanging:
            found = f"'{outcome.kind}' within {keys[0]}, for which there is not yet an analysis"
            action = "Where a file without within holds it, name the file: file = ..." * bool(inner)
            faults.add(f"outcome[{place}].kind", "a continuous outcome", found, action)
    for place, estimand in enumerate(tables.estimand):
        told_of_kind = tables.kind_of(estimand.outcome) != "continuous"
        if told_of_kind or estimand.outcome not in hanging:
            continue
        asked = [("analysis", str(tables.analysis_of(estimand)))]
        asked += [("sensitivity", word) for word in estimand.sensitivity]
        asked += [("subgroups", name) for name in estimand.subgroups]
        asked += [("events", how) for how in estimand.events.values() if how in REFERENCE_BASED]
        for under, word in dict.fromkeys(asked):
            if under in ("subgroups", "events") or word not in HANGING:
                found = f"'{word}', which takes rows that hang together for independent"
                expected = f"one of {', '.join(HANGING)}"
                if under == "events":
                    expected = "a strategy that imputes nothing"
                faults.add(f"estimand[{place}].{under}", expected, found)


def _hangs(outcome: OutcomeTable, tables: TrialTables) -> bool:
    """Tell whether rows of an outcome hang together: all do with clusters.

    Rows within people are those of a file with `within`; an outcome that names no file may be of
    any of them.
    """
    files = [one for one in tables.data if outcome.file in (None, one.file)]
    return bool(tables.clusters) or any(one.within for one in files)
