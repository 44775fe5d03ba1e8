"""One covariate: numbers where every value is one, else labels; one value a participant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.loaders.sheets.encoding import folded, plain_signs
from backwalk_stats.loaders.trial.labels import KEPT, TAKEN_FOR_MISSING
from backwalk_stats.loaders.trial.numbers import Column, number, numbers

RARE_BELOW = 8
SITES = frozenset(["site", "centre", "center", "clinic", "hospital"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Where values of a covariate can lie, and its median in any group of patients."""

    low: float
    high: float
    usual: tuple[float, float]
    unit: str


# By a word of the column's or the covariate's name. Wide on purpose, and our own judgement.
BOUNDS: Mapping[str, tuple[Bounds, ...]] = {
    "age": (Bounds(low=1, high=115, usual=(5, 100), unit="years"),),
    "bmi": (Bounds(low=10, high=100, usual=(15, 60), unit="kg/m²"),),
    "weight": (Bounds(low=15, high=350, usual=(25, 140), unit="kg"),),
    "height": (
        Bounds(low=80, high=250, usual=(110, 210), unit="cm"),
        Bounds(low=0.8, high=2.5, usual=(1.1, 2.1), unit="m"),
    ),
}


def is_site(name: str) -> bool:
    """Return whether a covariate is the place of treatment, by its name.

    >>> is_site("site"), is_site("site_id"), is_site("website")
    (True, True, False)
    """
    return bool(SITES & set(re.split(r"[\W_]+", name.casefold())))


def covariate(name: str, column: Column) -> pd.Series:
    """Return a covariate by participant, each once: float, or object of labels and None.

    A column that is mostly numbers is a column of numbers with faults in it, and never becomes one
    of labels because of a single wrong cell. Sites are labels, whatever they look like, and only
    the empty cell is missing in them.
    """
    site = is_site(name) or is_site(column.name)
    there = column.without({} if site else column.codes)
    filled = [text for text, one in zip(column.texts, there, strict=True) if one]
    if column.labels and any(text in column.labels for text in filled):
        return _one_each(_by_label(column, there), column)
    share = np.mean([_is_number(text, column) for text in filled]) if filled else 1.0
    if not site and share >= 0.5:
        values = numbers(column).values
        _check_bounds(values, name, column)
        return _one_each(list(values), column)
    column.repair(KEPT, sum(folded(text) in TAKEN_FOR_MISSING for text in filled))
    texts = [text.strip() if one else None for text, one in zip(column.texts, there, strict=True)]
    return _one_each(_spelt_once(texts, column), column)


def _is_number(text: str, column: Column) -> bool:
    return number(plain_signs(text), column.decimal) is not None


def _by_label(column: Column, there: Sequence[bool]) -> list[str | None]:
    """Return value labels for codes; a code without a label is a fault."""
    labels = column.labels
    pairs = list(zip(column.texts, there, strict=True))
    rows = column.where([one and text not in labels for text, one in pairs])
    action = "Give the code a label, or declare it under missing_codes"
    column.fault("a code that has a value label", "a code without one", action, rows=rows)
    if not rows:
        column.repair("codes read by their value labels", sum(there))
    return [labels.get(text) if one else None for text, one in pairs]


def _spelt_once(values: Sequence[str | None], column: Column) -> list[str | None]:
    """Return labels with one spelling each: the commonest of those that fold to the same.

    Labels that occur once beside others that occur often are warned of: slips of the hand.
    """
    chosen: dict[str, str] = {}
    for label, _ in Counter(value for value in values if value is not None).most_common():
        chosen.setdefault(folded(label), label)
    spelt = [None if value is None else chosen[folded(value)] for value in values]
    action = "labels that differed by case or spaces written as the commonest spelling"
    column.repair(action, sum(new != old for new, old in zip(spelt, values, strict=True)))
    counts = Counter(value for value in spelt if value is not None)
    rare = sum(n == 1 for n in counts.values())
    if rare and len(counts) - rare >= 2 and sum(counts.values()) >= RARE_BELOW * rare:
        column.warn("labels that occur once: are they spelt as the others?", rare)
    return spelt


def _one_each(values: Sequence[float | str | None], column: Column) -> pd.Series:
    """Return one value for each participant; rows of a long file must agree."""
    found: dict[str, float | str | None] = {}
    clash = []
    for one, value, line in zip(column.participants, values, column.lines, strict=True):
        empty = value is None or (isinstance(value, float) and np.isnan(value))
        known = found.get(one)
        if empty or known is None:
            found[one] = known if empty else value
        elif known != value:
            clash.append(line)
    action = "A covariate is measured once, before treatment; a visit's value is an outcome"
    expected, told = "one value for each participant", "another one at a later row"
    column.fault(expected, told, action, rows=clash)
    dtype = "object" if any(isinstance(value, str) for value in found.values()) else "float64"
    return pd.Series(found, dtype=dtype)


def _check_bounds(values: np.ndarray, name: str, column: Column) -> None:
    """Refuse what no person is: an age of -3, a BMI of 250, a height of 17."""
    words = set(re.split(r"[\W_\d]+", f"{name} {column.name}".casefold()))
    word = next((word for word in BOUNDS if word in words), None)
    there = values[~np.isnan(values)]
    if word is None or not len(there):
        return
    # The unit that the middle of the values fits; the first one where none does.
    middle = float(np.median(there))
    fitting = [one for one in BOUNDS[word] if one.low <= middle <= one.high]
    bounds = (fitting or list(BOUNDS[word]))[0]
    rows = column.where([value < bounds.low or value > bounds.high for value in values])
    expected = f"{word} from {bounds.low:g} to {bounds.high:g} {bounds.unit}"
    action = "Put it right, or declare the code under missing_codes if it means missing"
    column.fault(expected, "a value outside", action, rows=rows)
    if not rows and not bounds.usual[0] <= middle <= bounds.usual[1]:
        found = f"a median outside {bounds.usual[0]:g} to {bounds.usual[1]:g}"
        column.fault(expected, found, f"Is the unit {bounds.unit}?")
