"""A value that may stand for missing: where nobody was, heaped up at the end, or 999 far away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from json import dumps
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.numbers import far_codes
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

FEWEST = 3  # people with the value
NEARLY = 0.8  # of whom the other outcomes are empty
CHANCE, CHANCE_INSIDE = 1e-3, 1e-6  # at an end of what was observed, and anywhere else
# Heaped up at the end of follow-up, where no other outcome tells who was there.
HEAP, HEAP_SHARE, HEAP_PEOPLE = 6, 0.1, 20
NEIGHBOURS = 0.25  # a floor has neighbours: of those at the value, so many half an SD from it
EARLIER = 0.25  # of its share at the end, so much of the value is usual before treatment
UNRELATED = 0.4  # mean place (0 to 1) before treatment of those at the value, from its end
# A zero far below all others, where the scale has no lower end.
ABOVE_ZERO, FAR = 8, 3.0  # others, and their standard deviations
Floats = NDArray[np.float64]


def check(view: TrialView, findings: Findings) -> None:
    """Ask of values that stand where nothing seems to have been measured, unless confirmed.

    Either (nearly) only at people all whose other outcomes of the visit are empty, more than chance
    makes; or, where no other outcome tells who was there, at an end of what was observed, heaped
    up, without neighbours, rare before treatment and at people who were anywhere then. Codes such
    as 999 are asked about in every design where they lie far from all other values of the outcome.
    """
    asked = _ask_of_people(view, findings) if view.study.design == "parallel" else {}
    for one in view.measured:
        if not ({"codes", "zeros"} & {*one.table.confirmed} or one.table.items):
            _ask_far(view, one, asked.get(one.outcome.name, ()), findings)


def _ask_of_people(view: TrialView, findings: Findings) -> dict[str, set[float]]:
    """Ask of values by who has them; return those that were asked about, by outcome."""
    asked: dict[str, set[float]] = defaultdict(set)
    people = pd.Index(view.participants["participant"])
    tables = {
        one.outcome.name: view.wide[one.outcome.name].reindex(people) for one in view.measured
    }
    heaps = {name: _heaps(table) for name, table in tables.items()}
    for one in view.measured:
        name = one.outcome.name
        if "zeros" in one.table.confirmed or one.table.items:
            continue
        for visit in tables[name].columns:
            values = tables[name][visit].to_numpy(dtype=float)
            others = {
                other: table[visit].to_numpy(dtype=float)
                for other, table in tables.items()
                if other != name and visit in table
            }
            found = dict.fromkeys(_only_where_empty(values, list(others.values())))
            heap = heaps[name].get(visit)
            if (
                heap is not None
                and not found
                and _nobody_there(values == heap, others, heaps, visit)
            ):
                _ask(view, one, visit, heap, "is heaped up, away from all other values", findings)
                asked[name].add(heap)
            for value in found:
                why = "stands nearly only at people whose other outcomes of that visit are empty"
                _ask(view, one, visit, value, why, findings, others=list(others))
                asked[name].add(value)
    return asked


# Codes far away from all other values.


def _ask_far(view: TrialView, one: Measured, asked: Collection[float], findings: Findings) -> None:
    """Ask of codes within the scale: outside it they are a fault already.

    Visits in a unit of their own are left.
    """
    cells = view.of(one.outcome.name)
    cells = cells[cells["value"].notna() & ~cells["visit"].isin(list(one.conversions))]
    values = cells["value"].to_numpy(dtype=float)
    low, high = one.outcome.low, one.outcome.high
    codes = [
        code
        for code in far_codes(values)
        if (low is None or code >= low) and (high is None or code <= high)
    ]
    if low is None and _zero_is_far(values[~np.isin(values, codes)]):
        codes.append(0.0)
    for code in codes:
        own = cells[cells["value"] == code]
        for (file, column), rows in own.groupby(["file", "column"], sort=False):
            action = (
                f"{one.outcome.name}: {code:g} lies far from all other values. Does it mean "
                "missing? If so, write missing_codes_by_column = "
                f'{{ {dumps(str(column), ensure_ascii=False)} = ["{code:g}"] }} under [[data]]; if '
                'not, confirmed = ["codes"] under the outcome'
            )
            if code not in asked:
                findings.ask(str(column), action, len(rows), file=str(file))


def _only_there(
    view: TrialView, visit: str, file: str, key: str, value: float, others: Collection[str]
) -> str:
    """Return how to say that the value means missing only where the others are empty."""
    rows = view.cells[(view.cells["visit"] == visit) & view.cells["outcome"].isin(list(others))]
    columns = [str(name) for name in rows.loc[rows["file"] == file, "column"].unique()]
    if not columns:
        return ""
    empty = ", ".join(dumps(name, ensure_ascii=False) for name in columns)
    rule = f'{key} = {{ codes = ["{value:g}"], empty = [{empty}] }}'
    return f", or only where the others are empty: missing_codes_where_empty = {{ {rule} }}"


def _zero_is_far(values: np.ndarray) -> bool:
    """Return whether zeros stand apart: the others are far above it, in their own spread.

    >>> _zero_is_far(np.array([0, 7.1, 8.2, 9.9, 6.4, 8.8, 7.7, 9.1, 8.0]))
    True
    >>> _zero_is_far(np.array([0.0, 1, 2, 1, 4, 3, 2, 1, 2]))
    False
    """
    rest = values[values != 0.0]
    if len(rest) == len(values) or len(rest) < ABOVE_ZERO or rest.min() <= 0.0:
        return False
    spread = float(rest.std(ddof=1))
    return bool(spread > 0 and rest.mean() > FAR * spread and rest.min() > spread)


def _only_where_empty(values: Floats, others: list[Floats]) -> Iterator[float]:
    """Yield values that stand nearly only at people of whom all others are empty."""
    there = ~np.isnan(values)
    if not others or not there.any():
        return
    absent: NDArray[np.bool_] = np.all(np.isnan(np.column_stack(others)), axis=1)
    absent = absent[there]
    seen = values[there]
    n, empty = len(seen), int(absent.sum())
    if empty < FEWEST or empty == n:
        return
    ends = (seen.min(), seen.max())
    for value, times in zip(*np.unique(seen, return_counts=True), strict=True):
        both = int(np.sum(absent & (seen == value)))
        if both < FEWEST or both < NEARLY * times:
            continue
        limit = CHANCE if value in ends else CHANCE_INSIDE
        if _so_many_or_more(both, n=n, marked=empty, drawn=int(times)) < limit:
            yield float(value)


def _so_many_or_more(both: int, *, n: int, marked: int, drawn: int) -> float:
    """Return the chance that a draw without replacement holds so many marked ones or more."""
    ways = sum(
        comb(marked, k) * comb(n - marked, drawn - k) for k in range(both, min(marked, drawn) + 1)
    )
    return ways / comb(n, drawn)


def _heaps(table: pd.DataFrame) -> dict[str, float]:
    """Return the value that is heaped up at an end, by visit after the first."""
    found = {}
    for visit in table.columns[1:]:
        first, here = (table[name].to_numpy(dtype=float) for name in (table.columns[0], visit))
        known = ~np.isnan(here)
        seen = here[known]
        if len(seen) < HEAP_PEOPLE:
            continue
        for value, sign in ((seen.min(), 1.0), (seen.max(), -1.0)):
            if _is_heap(sign * seen, sign * value, sign * first[known], sign * first):
                found[str(visit)] = float(value)
    return found


def _is_heap(seen: Floats, value: float, before: Floats, first: Floats) -> bool:
    """Return whether the lowest value is heaped up, alone, new, and at people who were anywhere."""
    at = seen == value
    rest = seen[~at]
    if at.sum() < HEAP or at.mean() < HEAP_SHARE or len(rest) < HEAP:
        return False
    near = np.sum(rest <= value + 0.5 * rest.std(ddof=1))
    usual = first[~np.isnan(first)]
    if near > NEIGHBOURS * at.sum() or not len(usual):
        return False
    if np.mean(usual == value) > EARLIER * at.mean():
        return False
    known = ~np.isnan(before)
    if (at & known).sum() < HEAP:
        return False
    places = pd.Series(before[known]).rank(pct=True).to_numpy()
    return bool(places[at[known]].mean() > UNRELATED)


def _nobody_there(
    at: NDArray[np.bool_],
    others: dict[str, Floats],
    heaps: dict[str, dict[str, float]],
    visit: str,
) -> bool:
    """Return whether nearly nobody at the value has another outcome that says they were there.

    An outcome that is heaped up itself says nothing.
    """
    told = np.zeros(len(at), dtype=bool)
    for name, values in others.items():
        told |= ~np.isnan(values) & (values != heaps[name].get(visit, np.nan))
    return bool(told[at].mean() <= 1.0 - NEARLY)


def _ask(
    view: TrialView,
    one: Measured,
    visit: str,
    value: float,
    why: str,
    findings: Findings,
    *,
    others: Collection[str] = (),
) -> None:
    name = one.outcome.name
    cells = view.of(name)
    cells = cells[(cells["visit"] == visit) & (cells["value"] == value)]
    for (file, column), rows in cells.groupby(["file", "column"], sort=False):
        own = str(column)
        key = own if own.isascii() and own.replace("_", "").isalnum() else dumps(own)
        action = (
            f"{name} at {visit}: {value:g} {why}. Does {value:g} mean missing? If so, write "
            f'missing_codes_by_column = {{ {key} = ["{value:g}"] }} under [[data]]'
            f"{_only_there(view, visit, str(file), key, value, others)}; if not, "
            'confirmed = ["zeros"] under the outcome'
        )
        findings.ask(own, action, len(rows), file=str(file))
