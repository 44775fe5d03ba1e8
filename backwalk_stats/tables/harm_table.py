"""Harms by arm: people, events, differences of risks, rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isnan

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.labels import contrast_label, sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes

_GROUPS = {"fall": "Falls", "falls": "Falls", "term": "By term"}
_ALL = "All harms"
_EXPLAINED = (
    "People are those with at least one, of everybody in the arm; one person can have several "
    "events. Differences are of the shares of people, in percentage points, with Newcombe’s "
    "{interval}; nothing is tested, and an interval that includes no difference does not show that "
    "the arms harm alike."
)
_EVENTS = "Events and rates of harms by arm."
_OF_EVENTS = ("events", "rate")  # how the keys of such columns begin
MOST_COLUMNS = 9  # beside each other on a page
_RATES = "Rates are events per 100 person-weeks, with exact Poisson limits ({interval})."


def harm_table(
    harms: pd.DataFrame,
    results: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return harms (`tables.HARMS`) as text, a row for each kind; NaN people are not shown.

    `results` (`tables.RESULTS`) has the risk differences, whose `note` is the kind.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"kind": "any", "term": "any harm", "n": 30.0, "percent": 20.0, "weeks": float("nan"),
    ...        "rate": float("nan"), "rate_low": float("nan"), "rate_high": float("nan")}
    >>> rows = [row | {"arm": "f", "people": 6.0, "events": 9.0}]
    >>> none = pd.DataFrame(columns=["quantity", "contrast", "note", "estimate"])
    >>> harm_table(pd.DataFrame(rows), none, arms={"f": "Forward"}).rows
    (('Any harm', '6 (20%)', '9'),)
    """
    there = [arm for arm in arms if (harms["arm"].astype(str) == arm).any()]
    sizes = {str(row["arm"]): row["n"] for row in numbers.frame_rows(harms)}
    pairs = _differences(results)
    contrasts = list(dict.fromkeys(contrast for _, contrast in pairs))
    timed = [arm for arm in there if harms.loc[harms["arm"] == arm, "weeks"].gt(0).any()]
    rows, groups = [], []
    for (kind, term), own in harms.groupby(["kind", "term"], sort=False, observed=True):
        cells = {str(row["arm"]): row for row in numbers.frame_rows(own)}
        rows.append((
            sentence_case(str(term)),
            *(_people(cells[arm]) for arm in there),
            *(_shown(cells[arm]["events"]) for arm in there),
            *(_difference(pairs.get((str(term), contrast))) for contrast in contrasts),
            *(_rate(cells[arm]) for arm in timed),
        ))  # fmt: skip
        groups.append(_GROUPS.get(str(kind), _ALL))
    interval = numbers.interval_name(level)
    notes = [_EXPLAINED.format(interval=interval)] if contrasts else []
    notes += [_RATES.format(interval=interval)] if timed else []
    name = f"Difference, {{pair}} ({interval})"
    heads = [(f"people{k}", f"{arms[arm]}, people (n = {numbers.count(sizes[arm])})", 1.6)
             for k, arm in enumerate(there)]  # fmt: skip
    heads += [(f"events{k}", f"{arms[arm]}, events", 1.1) for k, arm in enumerate(there)]
    heads += [(f"difference{k}", name.format(pair=contrast_label(one, arms)), 2.2)
              for k, one in enumerate(contrasts)]  # fmt: skip
    heads += [(f"rate{k}", f"{arms[arm]}, rate ({interval})", 1.9) for k, arm in enumerate(timed)]
    return DisplayTable(
        columns=(
            DisplayColumn(key="term", label="Harm", width=2.6),
            *(DisplayColumn(key=key, label=head, align="right", width=width)
              for key, head, width in heads),
        ),
        rows=tuple(rows),
        caption=caption or "Harms by arm.",
        notes=(*notes, *hidden_notes(rows)),
        groups=tuple(groups),
    )  # fmt: skip


def harms_in_parts(table: DisplayTable) -> tuple[DisplayTable, ...]:
    """Return a table of harms as it is, or one of people and one of events where it is too wide."""
    if len(table.columns) <= MOST_COLUMNS:
        return (table,)
    of_events = [column.key.startswith(_OF_EVENTS) for column in table.columns]

    def kept(chosen: list[bool]) -> DisplayTable:
        columns = tuple(one for one, keep in zip(table.columns, chosen, strict=True) if keep)
        rows = tuple(
            tuple(cell for cell, keep in zip(row, chosen, strict=True) if keep)
            for row in table.rows
        )
        return replace(table, columns=columns, rows=rows, notes=hidden_notes(rows))

    people = kept([not one for one in of_events])
    events = kept([True, *of_events[1:]])
    (explained, *rates) = [note for note in table.notes if not note.startswith(HIDDEN)]
    return (
        replace(people, notes=(explained, *people.notes)),
        replace(events, caption=_EVENTS, notes=(*rates, *events.notes)),
    )


def _differences(results: pd.DataFrame) -> dict[tuple[str, str], numbers.Row]:
    """Return kind and contrast to the row of its difference; a hidden one has a longer note."""
    rows = numbers.frame_rows(results[results["quantity"] == "risk_difference"])
    return {
        (str(row["note"]).partition("; not shown")[0], str(row["contrast"])): row for row in rows
    }


def _people(row: numbers.Row) -> str:
    """Return people and their share."""
    if isnan(row["people"]):
        return HIDDEN
    share = f" ({numbers.percent(row['percent'], 0)})" if row["people"] else ""
    return f"{numbers.count(row['people'])}{share}"


def _shown(value: float) -> str:
    return HIDDEN if isnan(value) else numbers.count(value)


def _difference(row: numbers.Row | None) -> str:
    """Return a difference in percentage points with its limits."""
    if row is None:
        return numbers.DASH
    if isnan(row["estimate"]):
        return HIDDEN
    low, high = 100 * row["conf_low"], 100 * row["conf_high"]
    return f"{numbers.number(100 * row['estimate'], 1)} ({numbers.interval_text(low, high, 1)})"


def _rate(row: numbers.Row) -> str:
    """Return a rate with its limits."""
    if isnan(row["people"]):
        return HIDDEN
    if isnan(row["rate"]):
        return numbers.DASH
    around = numbers.interval_text(row["rate_low"], row["rate_high"])
    return f"{numbers.number(row['rate'])} ({around})"
