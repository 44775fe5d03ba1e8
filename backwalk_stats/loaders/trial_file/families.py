"""`[multiplicity]`: which estimands are tested together, by which procedure, and what is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial_file.schema import MultiplicityTable, TrialTables
from backwalk_stats.trial.estimand import (
    OF_FAMILIES,
    Estimand,
    MultiplicityGraph,
    ids_of,
    never_tested,
    not_adjusted,
)

GRAPH = "graph"
MOST = 1.0 + 1e-9  # shares such as 1/3 that are written with few digits
KEY = "multiplicity"
_UNITS = ("hour", "day", "week", "month", "year")
TIMES = frozenset([*_UNITS, *(f"{unit}s" for unit in _UNITS)])  # a column so named says its unit
MARGIN = "margin"
WIDE_RATIO = 3.0
WIDE_SHARE = 0.5


def multiplicity(tables: TrialTables) -> tuple[str, tuple[str, ...]]:
    """Return the method, and ids of estimands in their order; families are joined by "+"."""
    table = tables.multiplicity
    if table.method in (None, "none"):
        return "none", ()
    if table.method == GRAPH:
        graph = multiplicity_graph(table)
        return GRAPH, tuple(name for name in tables.estimand_ids if name in graph.ids)
    written = table.order if table.order is not None else tables.estimand_ids
    return str(table.method), tuple(
        "+".join(part.strip() for part in entry.split("+")) for entry in written
    )


def declared_graph(tables: TrialTables) -> MultiplicityGraph | None:
    """Return the graph of a trial file, None where none is declared."""
    table = tables.multiplicity
    return multiplicity_graph(table) if table.weights else None


def multiplicity_graph(table: MultiplicityTable) -> MultiplicityGraph:
    """Return the graph that is written; without weights or transitions it is empty."""
    return MultiplicityGraph(
        weights=tuple((table.weights or {}).items()),
        transitions=tuple(
            (one, other, part)
            for one, row in (table.transitions or {}).items()
            for other, part in row.items()
        ),
    )


def check_multiplicity(tables: TrialTables, faults: Faults) -> None:
    """Tell an order and a graph that do not fit the estimands, and keys of another method."""
    table, ids = tables.multiplicity, tables.estimand_ids
    told = f'"{table.method or "none"}"'
    for name in ("weights", "transitions"):
        if getattr(table, name) is not None and table.method != GRAPH:
            faults.add(f"{KEY}.{name}", f'method = "{GRAPH}" beside this key', told)
    if table.reason is not None and table.method != "none":
        faults.add(f"{KEY}.reason", 'method = "none" beside a reason', told)
    if table.order is not None and table.method in (None, GRAPH):
        expected = "no order: the weights and transitions have it" if table.method else "a method"
        faults.add(f"{KEY}.order" if table.method else f"{KEY}.method", expected, "an order")
    if table.method == GRAPH:
        _check_graph(table, ids, faults)
    else:
        _check_order(table, ids, faults)
    _check_levels(tables, faults)


def _check_order(table: MultiplicityTable, ids: Sequence[str], faults: Faults) -> None:
    seen: list[str] = []
    for entry in table.order or ():
        family = entry.split("+")
        if len(family) > 1 and table.method not in OF_FAMILIES:
            expected = f"one id an entry; families are for {' and '.join(OF_FAMILIES)}"
            faults.add(f"{KEY}.order", expected, f"'{entry}'")
        for name in map(str.strip, family):
            if name not in ids:
                faults.unknown(f"{KEY}.order", "ids of estimands", name, ids)
            if name in seen:
                faults.add(f"{KEY}.order", "every estimand once", f"'{name}' again")
            seen.append(name)
    if table.method not in OF_FAMILIES:
        return
    action = 'order = ["E1+E2", "E3"]: the gatekeepers, then what stands behind the gate'
    if table.order is None:
        faults.add(f"{KEY}.order", "the families, in their order", "no such key", action)
    elif table.method == "parallel-gatekeeping" and len(table.order) < 2:
        faults.add(f"{KEY}.order", "two families or more", f"{len(table.order)}", action)


def _check_graph(table: MultiplicityTable, ids: Sequence[str], faults: Faults) -> None:
    """Tell weights and rows beyond 1, unknown ids, loops, and what is never tested."""
    if not table.weights:
        action = "weights = { E1 = 0.5, E2 = 0.5 }: the share of the level that each has"
        faults.add(f"{KEY}.weights", "this key with a graph", "no weights", action)
        return
    keys = [(f"{KEY}.weights", name) for name in table.weights]
    for one, row in (table.transitions or {}).items():
        keys += [(f"{KEY}.transitions", one)]
        keys += [(f"{KEY}.transitions.{one}", other) for other in row]
        if one in row:
            action = "What a rejected hypothesis passes on goes to others"
            key = f"{KEY}.transitions.{one}"
            faults.add(key, f"no part of {one} to itself", f"{row[one]:g}", action)
        if sum(row.values()) > MOST:
            found = f"{sum(row.values()):.6g}"
            faults.add(f"{KEY}.transitions.{one}", "parts that sum to 1 at most", found)
    for key, name in keys:
        if name not in ids:
            faults.unknown(key, "ids of estimands", name, ids)
    if sum(table.weights.values()) > MOST:
        found = f"{sum(table.weights.values()):.6g}"
        faults.add(f"{KEY}.weights", "weights that sum to 1 at most", found)
    for name in never_tested(multiplicity_graph(table)):
        found = "no weight, and no transition that leads to it"
        action = "Give it a weight or a transition, or leave it out of the graph"
        faults.add(f"{KEY}.weights", f"a share of the level for {name}", found, action)


def _check_levels(tables: TrialTables, faults: Faults) -> None:
    """Tell levels that differ where a margin is tested together with others.

    A one-sided p is doubled to stand beside two-sided ones, which needs one level for all.
    """
    method, order = multiplicity(tables)
    covered = ids_of(order)
    pairs = zip(tables.estimand_ids, tables.estimand, strict=True)
    asked = [one for name, one in pairs if name in covered]
    levels = sorted({one.level for one in asked})
    if method != "none" and len(levels) > 1 and any(one.margin is not None for one in asked):
        found = " and ".join(f"{one:g}" for one in levels)
        action = "One-sided and two-sided tests are adjusted together at one level"
        faults.add(f"{KEY}.method", "one level of all that are adjusted", found, action)


def ask_of_plan(
    tables: TrialTables,
    estimands: Sequence[Estimand],
    findings: Findings,
    *,
    wide: Mapping[str, tuple[float, str]],
) -> None:
    """Ask what the plan leaves open: the unit of times, how several primary estimands go together.

    They are asked of a trial without a fault. `wide` is, by
    outcome, a size from which on a margin looks too wide, and what that size is.
    """
    _ask_of_time(tables, findings)
    _ask_of_margins(tables, estimands, findings, wide=wide)
    table, (_, order) = tables.multiplicity, multiplicity(tables)
    left = not_adjusted(estimands, order)
    if not left or (table.method == "none" and table.reason):
        return
    listed = ", ".join(left)
    verb = "is" if len(left) == 1 else "are"
    if table.method not in (None, "none"):
        told = f"{listed} {verb} primary and not among the estimands that are adjusted together"
    elif table.method == "none":
        told = f"{listed} are all primary, and their p-values are not adjusted, without a reason"
    else:
        told = f"{listed} are all primary, and how their p-values are adjusted is not said"
    findings.ask(
        KEY,
        f"{told}: name a method ([multiplicity] method, with all of them), give one of them "
        'another role, or write method = "none" with reason = "..."',
        0,  # no cells: it is a question on the plan
    )


def _ask_of_margins(
    tables: TrialTables,
    estimands: Sequence[Estimand],
    findings: Findings,
    *,
    wide: Mapping[str, tuple[float, str]],
) -> None:
    """Ask whether a margin that nearly everything would keep is in the unit that is meant."""
    for place, (table, one) in enumerate(zip(tables.estimand, estimands, strict=True)):
        told = wide_margin(one, tables.kind_of(one.outcome), wide.get(one.outcome))
        if told and MARGIN not in table.confirmed:
            findings.ask(
                f"estimand[{place}].margin",
                f'{told}; put it right, or write confirmed = ["{MARGIN}"] under the estimand',
                0,
            )


def wide_margin(one: Estimand, kind: str, wide: tuple[float, str] | None) -> str:
    """Return what makes a margin look too wide, "" where nothing does.

    Of risks a half, of ratios a factor of 3; of means `wide`, a size and what it is.

    Examples
    --------
    >>> asked = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"), margin=25.0,
    ...                  framework="non-inferiority")
    >>> wide_margin(asked, "continuous", (5.0, "half of the scale, 0 to 10"))
    'the margin of 25 is not below half of the scale, 0 to 10'
    >>> wide_margin(asked, "continuous", (50.0, "half of the scale, 0 to 100"))
    ''
    """
    if one.margin is None:
        return ""
    if one.margin_scale == "ratio":
        told = f"the margin is a ratio of {one.margin:g}: worse by nearly that factor still passes"
        return told if one.margin >= WIDE_RATIO else ""
    if kind == "binary":
        told = f"the margin is {100.0 * one.margin:g} of 100 people"
        return told if one.margin >= WIDE_SHARE else ""
    if wide is None or one.margin < wide[0]:
        return ""
    return f"the margin of {one.margin:g} is not below {wide[1]}"


def _ask_of_time(tables: TrialTables, findings: Findings) -> None:
    """Ask for the unit of the time over which something was counted: a rate is per that unit."""
    for place, outcome in enumerate(tables.outcome):
        named = set(re.findall("[a-z]+", (outcome.exposure or "").lower())) & TIMES
        if outcome.exposure and not outcome.exposure_unit and not named:
            findings.ask(
                f"outcome[{place}].exposure",
                f"the unit of time of '{outcome.exposure}' is not said, and a rate is per that "
                'unit: exposure_unit = "month"',
                0,
            )
