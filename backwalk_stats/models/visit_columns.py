"""The columns of `mmrm` beside its formula: visits, covariance groups, weights and times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula import Variable
from backwalk_stats.models.rows import LISTED, Participants
from backwalk_stats.models.variables import Factor, as_factor, as_number, is_categorical


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """Who has which covariance matrix: a code for each participant, and the levels."""

    codes: np.ndarray
    levels: tuple[object, ...]


def refuse_few_visits(visits: Factor, *, least: int) -> None:
    """Refuse data with fewer visits than a model is about; with one, nothing is repeated."""
    if len(visits.levels) < least:
        raise UsageError(
            f"{visits.name} has one level in the rows used; a model of repeated visits needs two "
            "(for one visit use an analysis of covariance)"
        )


def refuse_flat_visits(y: FloatArray, visits: Factor) -> None:
    """Refuse a visit at which the outcome is one number, as a change from baseline is at baseline.

    Raises
    ------
    UsageError
        Naming each such visit.
    """
    size = len(visits.levels)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, visits.codes, y)
    np.maximum.at(high, visits.codes, y)
    count = np.bincount(visits.codes, minlength=size)
    flat = [visits.labels[i] for i in np.flatnonzero((high == low) & (count > 1))]
    if flat:
        raise UsageError(
            f"the outcome is the same number in every row of {visits.name} "
            f"{', '.join(flat[:LISTED])}: it has no variance there; leave these rows out"
        )


def groups_of(column: pd.Series, people: Participants) -> Groups:
    """Return the covariance group of each participant.

    Raises
    ------
    UsageError
        If a participant is in two groups.
    """
    found = as_factor(column, str(column.name))
    codes = np.full(len(people.ids), -1)
    codes[people.codes] = found.codes
    mixed = len(np.unique(people.codes[codes[people.codes] != found.codes]))
    if mixed:
        raise UsageError(
            f"group {found.name}: {mixed} participants have more than one level; "
            "a covariance group stays the same over all visits of a participant"
        )
    return Groups(codes=codes, levels=found.levels)


def weights_of(column: pd.Series) -> FloatArray:
    """Return case weights, shape (N,): finite and above 0; a row's variance is divided by its own.

    Raises
    ------
    UsageError
        If the column is not numeric, or a weight is not above 0.
    """
    values = _numbers(column, "weights")
    wrong = int((values <= 0).sum())
    if wrong:
        raise UsageError(f"weights {column.name}: {wrong} of {len(values)} are not above 0")
    return values


def times_of(column: pd.Series, visits: Factor) -> tuple[float, ...]:
    """Return the time of each visit, in the order of the visits.

    Raises
    ------
    UsageError
        If a visit has two times, or two visits have one.
    """
    values = _numbers(column, "times")
    at = np.zeros(len(visits.levels))
    at[visits.codes] = values
    mixed = np.unique(visits.codes[at[visits.codes] != values])
    if len(mixed):
        named = ", ".join(visits.labels[int(i)] for i in mixed[:LISTED])
        raise UsageError(
            f"times {column.name}: {visits.name} {named} has more than one time; "
            "declare one time for each visit"
        )
    if len(set(at.tolist())) < len(at):
        raise UsageError(f"times {column.name}: two visits have the same time")
    return tuple(at.tolist())


def _numbers(column: pd.Series, use: str) -> FloatArray:
    if is_categorical(column):
        raise UsageError(f"{use} {column.name}: not a numeric column")
    return as_number(column, Variable(str(column.name))).values


def named(columns: Sequence[str | None]) -> list[str]:
    """Return the columns that were given."""
    return [name for name in columns if name is not None]
