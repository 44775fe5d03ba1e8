"""The rows that a model uses: complete, one for each participant and visit, and able to answer.

Everything that would make a fit meaningless is refused here, by name: what is wrong, how much of
it, and what to do. No value of a participant is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.design import Design
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.variables import Factor, as_factor, as_number, is_categorical

DEPENDENT = 1e-9
LISTED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Participants:
    """Who each row belongs to: a code for each row, and the ids in order of first appearance."""

    codes: np.ndarray
    ids: tuple[object, ...]


def complete_rows(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows in which no needed column is missing.

    Raises
    ------
    UsageError
        If a column does not exist, stands twice, or no row is complete.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        known = ", ".join(map(str, frame.columns[:20]))
        raise UsageError(f"no column named {', '.join(missing)}; there are: {known}")
    wanted = frame[list(dict.fromkeys(columns))]
    if wanted.columns.duplicated().any():
        twice = ", ".join(sorted(set(wanted.columns[wanted.columns.duplicated()])))
        raise UsageError(f"two columns are named {twice}")
    kept = wanted[wanted.notna().all(axis=1)]
    if kept.empty:
        raise UsageError(f"no row has all of {', '.join(wanted.columns)}")
    return kept


def outcome_of(formula: Formula, frame: pd.DataFrame) -> FloatArray:
    """Return the outcome as finite numbers, shape (N,)."""
    column = frame[formula.response.column]
    if is_categorical(column):
        raise UsageError(f"the outcome {formula.response.column} is not numeric")
    return as_number(column, formula.response).values


def participants_of(column: pd.Series) -> Participants:
    """Return participants coded in the order in which they appear."""
    codes, ids = pd.factorize(column)
    return Participants(codes=codes, ids=tuple(ids))


def visits_of(column: pd.Series) -> Factor:
    """Return visits as a factor: in the order of a categorical, else sorted."""
    return as_factor(column, str(column.name))


def refuse_duplicates(people: Participants, visits: Factor) -> None:
    """Refuse two rows of one participant at one visit."""
    keys = people.codes.astype(np.int64) * len(visits.levels) + visits.codes
    _, counts = np.unique(keys, return_counts=True)
    extra = int((counts > 1).sum())
    if extra:
        raise UsageError(
            f"{extra} pairs of participant and {visits.name} have more than one row; keep one each"
        )


def refuse_empty_cells(design: Design, visits: Factor, formula: Formula) -> None:
    """Refuse a combination of factor levels that the model has a mean for and the data have not."""
    for term in formula.terms:
        factors = [design.variables[v] for v in term]
        if len(term) < 2 or not all(isinstance(one, Factor) for one in factors):
            continue
        held = [one for one in factors if isinstance(one, Factor)]
        counts = np.zeros([len(one.levels) for one in held], dtype=int)
        np.add.at(counts, tuple(one.codes for one in held), 1)
        empty = np.argwhere(counts == 0)
        if len(empty):
            cells = [
                " and ".join(
                    f"{one.name} = {one.labels[i]}" for one, i in zip(held, cell, strict=True)
                )
                for cell in empty[:LISTED]
            ]
            name = ":".join(one.name for one in held)
            raise UsageError(
                f"no row has {'; '.join(cells)}, but {name} needs it; "
                "leave out the interaction or the level"
            )


def orthonormal(x: FloatArray, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return Q and R of the design; refuses columns that depend on others, by name.

    Columns are scaled to one length first, so that units do not decide what counts as dependent.

    Raises
    ------
    UsageError
        Naming each dependent column and those that it depends on.
    """
    size = np.sqrt((x**2).sum(axis=0))
    if len(x) < x.shape[1]:
        raise UsageError(f"{x.shape[1]} coefficients need at least as many rows, found {len(x)}")
    zero = [names[i] for i in np.flatnonzero(size == 0)]
    if zero:
        raise UsageError(f"{', '.join(zero)}: zero in every row, so there is nothing to estimate")
    q, r = np.linalg.qr(x / size)
    left = np.abs(np.diagonal(r))
    dependent = np.flatnonzero(left < DEPENDENT)
    if len(dependent):
        raise UsageError(
            "; ".join(_dependence(x / size, int(i), names) for i in dependent[:LISTED])
        )
    return q, r * size


def _dependence(x: FloatArray, index: int, names: Sequence[str]) -> str:
    weights = np.linalg.lstsq(x[:, :index], x[:, index], rcond=None)[0]
    others = [names[i] for i in np.flatnonzero(np.abs(weights) > 1e-6)]
    return f"{names[index]} is collinear with {', '.join(others[:8])}: leave out one of them"
