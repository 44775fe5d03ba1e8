"""Columns of outcomes that are no measurements: events, ordered categories, counts with time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.categories import code_of
from backwalk_stats.loaders.trial.numbers import Column, Numbers, missing_code, numbers

if TYPE_CHECKING:
    from backwalk_stats.loaders.trial.outcome_cells import Located
    from backwalk_stats.trial.outcome import Outcome

EXPOSURES = ("participant", "visit", "outcome", "exposure")


def answers(column: Column, outcome: Outcome) -> Numbers:
    """Return a column of an outcome that is no measurement as numbers.

    Binary: 1 with the event, 0 without. Ordinal: the place of the category, from 1. Count: the
    count. Cells that are none of these are faults of the column, by line.

    Examples
    --------
    >>> from backwalk_stats.loaders.findings import Findings
    >>> from backwalk_stats.trial.outcome import Outcome
    >>> cells = Column(name="well", texts=["yes", "no", ""], lines=[2, 3, 4], file="a.csv",
    ...                findings=Findings("a.csv"))
    >>> well = Outcome(name="well", label="Well", kind="binary", categories=("Yes",))
    >>> answers(cells, well).values.tolist()
    [1.0, 0.0, nan]
    """
    if outcome.kind == "count":
        return _counts(column)
    places = _places(column, outcome.categories)
    if outcome.kind == "binary":
        return _events(column, places, outcome.categories[0])
    wrong = column.where([place == 0.0 for place in places])
    listed = ", ".join(outcome.categories)
    action = "Add what is missing to order, or to missing_codes if it means missing"
    column.fault(f"one of order: {listed}", "another value", action, rows=wrong)
    return _as_numbers(column, places)


def _places(column: Column, categories: Sequence[str]) -> list[float]:
    """Return the place of each cell among categories from 1; 0 for another value, NaN for none.

    A category is meant by its code, by its label in the file, or by its text.
    """
    place_of: dict[str, float] = {}
    for place, category in enumerate(categories, start=1):
        place_of |= {folded(category): float(place), code_of(category): float(place)}
    known: dict[str, float] = {}
    for text in dict.fromkeys(column.texts):
        if missing_code(text, column.codes, column.decimal) is not None:
            known[text] = np.nan
            continue
        label = column.labels.get(text.strip(), column.labels.get(code_of(text), ""))
        called = (folded(text), code_of(text), folded(label))
        known[text] = next((place_of[one] for one in called if one in place_of), 0.0)
    return [known[text] for text in column.texts]


def _events(column: Column, places: list[float], event: str) -> Numbers:
    """Return who has the event; more than one other value leaves open what each of them means."""
    others = {
        code_of(text) for text, place in zip(column.texts, places, strict=True) if place == 0.0
    }
    if len(others) > 1:
        action = "Declare what means missing under missing_codes; or make two values of it"
        expected = f"the event '{event}' and one other value"
        column.fault(expected, f"{len(others)} other values", action)
    return _as_numbers(column, places)


def _as_numbers(column: Column, places: list[float]) -> Numbers:
    reasons = []
    for text, line in zip(column.texts, column.lines, strict=True):
        code = missing_code(text, column.codes, column.decimal)
        reasons.append(column.codes.get(code or "", "") or column.marked.get(line, ""))
    return Numbers(values=np.array(places, dtype=np.float64), reasons=reasons)


def _counts(column: Column) -> Numbers:
    read = numbers(column)
    values = read.values
    wrong = ~np.isnan(values) & ((values < 0) | (values != np.round(values)))
    column.fault("a count: 0, 1, 2 ...", "another number", rows=column.where(list(wrong)))
    return read


def check_events(located: Sequence[Located], cells: pd.DataFrame) -> None:
    """Tell an event that no cell of its outcome holds: it is spelt otherwise, or nobody had it."""
    told: set[str] = set()
    for one in located:
        outcome = one.measured.outcome
        if outcome.kind != "binary" or outcome.name in told:
            continue
        told.add(outcome.name)
        values = cells.loc[cells["outcome"] == outcome.name, "value"]
        if values.notna().any() and not (values == 1.0).any():
            action = "Write event as the data have it; where nobody had it there are no risks"
            column = one.source.column(one.columns[0])
            column.fault(f"the event '{outcome.categories[0]}' in some row", "it in none", action)


# The time over which counts were counted.


def exposures(
    located: Sequence[Located],
    row_visits: Mapping[str, Sequence[str | None]],
    cells: pd.DataFrame,
) -> pd.DataFrame:
    """Return the time of every count that has one (`EXPOSURES`); it must be above 0.

    The column stands in the file of the counts.
    """
    counted = {
        (str(who), str(visit), str(outcome))
        for who, visit, outcome in cells.loc[
            cells["value"].notna(), ["participant", "visit", "outcome"]
        ].itertuples(index=False)
    }
    parts = [
        _times(one, row_visits[one.source.key], counted)
        for one in located
        if one.measured.outcome.exposure and not one.once
    ]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EXPOSURES))
    return whole.drop_duplicates(list(EXPOSURES[:3])).reset_index(drop=True)


def _times(
    one: Located, visits: Sequence[str | None], counted: Collection[tuple[str, str, str]]
) -> pd.DataFrame:
    outcome, source = one.measured.outcome, one.source
    if outcome.exposure not in source.columns:
        key = f"{one.measured.key}.exposure"
        expected = f"the column of the time in {source.file}, beside the counts"
        source.findings.add(key, expected, f"no column '{outcome.exposure}'")
        return pd.DataFrame(columns=list(EXPOSURES))
    column = source.column(outcome.exposure)
    values = numbers(column).values
    column.fault("a time above 0", "0 or less", rows=column.where(list(values <= 0)))
    frame = pd.DataFrame(
        {
            "participant": source.participants,
            "visit": [one.visit] * len(values) if one.visit else list(visits),
            "outcome": outcome.name,
            "exposure": values,
        }
    )
    keys = zip(frame["participant"], frame["visit"], frame["outcome"], strict=True)
    lacking = [key in counted for key in keys] & frame["exposure"].isna().to_numpy()
    if lacking.any():
        said = f"{outcome.name}: counts without a time over which they were counted: not compared"
        source.findings.warn(column.name, said, int(lacking.sum()), file=source.file)
    return frame[frame["visit"].notna()]
