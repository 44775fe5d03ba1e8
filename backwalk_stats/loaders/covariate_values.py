"""One covariate: numbers where every value is one, else labels; one value a participant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.loaders.cell_number import number
from backwalk_stats.loaders.column_numbers import missing_code, numbers
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.label_folding import KEPT, TAKEN_FOR_MISSING, folded
from backwalk_stats.loaders.outcome_cells import column_cells
from backwalk_stats.loaders.plain_signs import plain_signs
from backwalk_stats.loaders.trial_sources import Source

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

    Examples
    --------
    >>> is_site("site"), is_site("site_id"), is_site("website")
    (True, True, False)
    """
    return bool(SITES & set(re.split(r"[\W_]+", name.casefold())))


def covariate(source: Source, name: str, column: str, *, findings: Findings) -> pd.Series:
    """Return a covariate for the participants of a file: float, or object of labels and None.

    A column that is mostly numbers is a column of numbers with faults in it, and never becomes one
    of labels because of a single wrong cell. Sites are labels, whatever they look like, and only
    the empty cell is missing in them.

    Returns
    -------
    Series
        Index: participants, each once.
    """
    texts = source.texts(column)
    site = is_site(name) or is_site(column)
    codes = {} if site else source.table.missing_codes
    filled = [text for text in texts if missing_code(text, codes, source.table.decimal) is None]
    labels = source.sheet.labels.get(column, {})
    if labels and any(text in labels for text in filled):
        return _one_each(_by_label(source, column, filled, findings), source, column, findings)
    share = np.mean([_is_number(text, source) for text in filled]) if filled else 1.0
    if not site and share >= 0.5:
        read = numbers(column_cells(source, column), findings=findings)
        _check_bounds(read.values, name, column, source, findings)
        return _one_each(list(read.values), source, column, findings)
    values = [
        None if missing_code(text, codes, source.table.decimal) is not None else text.strip()
        for text in texts
    ]
    kept = sum(folded(text) in TAKEN_FOR_MISSING for text in filled)
    if kept:
        findings.repair(source.sheet.file, column, KEPT, kept)
    values = _spelt_once(values, source, column, findings)
    _tell_rare(values, source, column, findings)
    return _one_each(values, source, column, findings)


def _is_number(text: str, source: Source) -> bool:
    return number(plain_signs(text), source.table.decimal) is not None


def _by_label(
    source: Source, column: str, filled: Sequence[str], findings: Findings
) -> list[str | None]:
    """Return value labels for codes; a code without a label is a fault."""
    labels = source.sheet.labels[column]
    texts, lines = source.texts(column), source.lines
    known = set(filled)
    rows = [
        line
        for text, line in zip(texts, lines, strict=True)
        if text in known and text not in labels
    ]
    if rows:
        action = "Give the code a label, or declare it under missing_codes"
        expected, found = "a code that has a value label", "a code without one"
        findings.fault(source.sheet.file, column, expected, found, rows=rows, action=action)
    else:
        findings.repair(source.sheet.file, column, "codes read by their value labels", len(filled))
    return [labels.get(text) if text in known else None for text in texts]


def _spelt_once(
    values: Sequence[str | None], source: Source, column: str, findings: Findings
) -> list[str | None]:
    """Return labels with one spelling each: the commonest of those that fold to the same."""
    counts = Counter(value for value in values if value is not None)
    chosen: dict[str, str] = {}
    for label, _ in counts.most_common():
        chosen.setdefault(folded(label), label)
    changed = sum(value is not None and chosen[folded(value)] != value for value in values)
    if changed:
        action = "labels that differed by case or spaces written as the commonest spelling"
        findings.repair(source.sheet.file, column, action, changed)
    return [None if value is None else chosen[folded(value)] for value in values]


def _tell_rare(
    values: Sequence[str | None], source: Source, column: str, findings: Findings
) -> None:
    """Warn of labels that occur once beside others that occur often: slips of the hand."""
    counts = Counter(value for value in values if value is not None)
    rare = sum(n == 1 for n in counts.values())
    if rare and len(counts) - rare >= 2 and sum(counts.values()) >= RARE_BELOW * rare:
        action = "labels that occur once: are they spelt as the others?"
        findings.warn(source.sheet.file, column, action, rare)


def _one_each(
    values: Sequence[float | str | None], source: Source, column: str, findings: Findings
) -> pd.Series:
    """Return one value for each participant; rows of a long file must agree."""
    found: dict[str, float | str | None] = {}
    clash = []
    for one, value, line in zip(source.participants, values, source.lines, strict=True):
        empty = value is None or (isinstance(value, float) and np.isnan(value))
        known = found.get(one)
        if empty or known is None:
            found[one] = None if empty and known is None else value if not empty else known
        elif known != value:
            clash.append(line)
    if clash:
        action = "A covariate is measured once, before treatment; a visit's value is an outcome"
        expected, found_text = "one value for each participant", "another one at a later row"
        findings.fault(source.sheet.file, column, expected, found_text, rows=clash, action=action)
    dtype = "object" if any(isinstance(value, str) for value in found.values()) else "float64"
    return pd.Series(found, dtype=dtype)


def _check_bounds(
    values: np.ndarray, name: str, column: str, source: Source, findings: Findings
) -> None:
    """Refuse what no person is: an age of -3, a BMI of 250, a height of 17."""
    words = set(re.split(r"[\W_\d]+", f"{name} {column}".casefold()))
    word = next((word for word in BOUNDS if word in words), None)
    there = values[~np.isnan(values)]
    if word is None or not len(there):
        return
    # The unit that the middle of the values fits; the first one where none does.
    middle = float(np.median(there))
    fitting = [one for one in BOUNDS[word] if one.low <= middle <= one.high]
    bounds = (fitting or list(BOUNDS[word]))[0]
    rows = [
        line
        for value, line in zip(values, source.lines, strict=True)
        if value < bounds.low or value > bounds.high
    ]
    expected = f"{word} from {bounds.low:g} to {bounds.high:g} {bounds.unit}"
    file = source.sheet.file
    if rows:
        action = "Put it right, or declare the code under missing_codes if it means missing"
        findings.fault(file, column, expected, "a value outside", rows=rows, action=action)
    elif not bounds.usual[0] <= middle <= bounds.usual[1]:
        found = f"a median outside {bounds.usual[0]:g} to {bounds.usual[1]:g}"
        findings.fault(file, column, expected, found, action=f"Is the unit {bounds.unit}?")
