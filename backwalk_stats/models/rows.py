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
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.design import Design
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.variables import Factor, as_factor, as_number, is_categorical

DEPENDENT = 1e-9
WELL_CONDITIONED = 1e-6
LISTED = 5
FLAT = 1e-13
SMALLEST = 1e-60


@dataclass(frozen=True, kw_only=True, slots=True)
class Participants:
    """Who each row belongs to: a code for each row, and the ids in order of first appearance."""

    codes: np.ndarray
    ids: tuple[object, ...]


def complete_rows(
    frame: pd.DataFrame, columns: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows in which no needed column is missing, and a note on those left out.

    Raises
    ------
    UsageError
        If a column does not exist, stands twice, or no row is complete.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"the data are a pandas DataFrame, not a {type(frame).__name__}")
    wanted = list(dict.fromkeys(columns))
    missing = [printable(str(name)) for name in wanted if name not in frame.columns]
    if missing:
        known = ", ".join(map(str, frame.columns[:20]))
        raise UsageError(f"no column named {', '.join(missing)}; there are: {known}")
    taken = frame[wanted]
    if len(taken.columns) > len(wanted):
        twice = ", ".join(sorted(set(taken.columns[taken.columns.duplicated()])))
        raise UsageError(f"two columns are named {twice}")
    gaps = {name: taken[name].isna().to_numpy() for name in wanted}
    held = ~np.logical_or.reduce(list(gaps.values()))
    if not held.any():
        raise UsageError(f"no row has all of {', '.join(map(str, wanted))}")
    if held.all():
        return taken, ()
    where = ", ".join(f"{name} {int(gap.sum())}" for name, gap in gaps.items() if gap.any())
    note = f"{int((~held).sum())} of {len(held)} rows left out; missing values: {where}"
    return taken[held], (note,)


def outcome_of(formula: Formula, frame: pd.DataFrame) -> FloatArray:
    """Return the outcome as finite numbers, shape (N,).

    Raises
    ------
    UsageError
        If it is not numeric, not finite, the same in every row, or of extreme size.
    """
    column = frame[formula.response.column]
    if is_categorical(column):
        raise UsageError(f"the outcome {formula.response.column} is not numeric")
    y = as_number(column, formula.response).values
    size = float(np.abs(y).max())
    if np.ptp(y) <= FLAT * size:
        raise UsageError(
            f"the outcome {formula.response.name} is the same in every row: it has no variance"
        )
    if not SMALLEST < size < 1.0 / SMALLEST:
        raise UsageError(
            f"the outcome {formula.response.name} reaches {size:g}: give it in another unit"
        )
    return y


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


def refuse_empty_cells(design: Design, formula: Formula) -> None:
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
    if not x.shape[1]:
        raise UsageError("the formula has no fixed effects: keep at least the intercept")
    if len(x) < x.shape[1]:
        raise UsageError(f"{x.shape[1]} coefficients need at least as many rows, found {len(x)}")
    zero = [names[int(i)] for i in np.flatnonzero(size == 0)]
    if zero:
        raise UsageError(f"{', '.join(zero)}: zero in every row, so there is nothing to estimate")
    q, r = _factors(x / size)
    left = np.abs(np.diagonal(r))
    dependent = np.flatnonzero(left < DEPENDENT)
    if len(dependent):
        raise UsageError(
            "; ".join(_dependence(x / size, int(i), names) for i in dependent[:LISTED])
        )
    return q, r * size


def _factors(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Q and R, by two Cholesky steps where columns are far from dependent.

    As exact as Householder's there, and a few large products instead of many small steps
    (Yamamoto et al., Electron Trans Numer Anal 2015;44:306).
    """
    gram = x.T @ x
    if float(np.linalg.eigvalsh(gram)[0]) < WELL_CONDITIONED:
        q, r = np.linalg.qr(x)
        return q, r
    first = np.linalg.cholesky(gram).T
    q = x @ np.linalg.inv(first)
    second = np.linalg.cholesky(q.T @ q).T
    return q @ np.linalg.inv(second), second @ first


def _dependence(x: FloatArray, index: int, names: Sequence[str]) -> str:
    weights = np.linalg.lstsq(x[:, :index], x[:, index], rcond=None)[0]
    others = [names[int(i)] for i in np.flatnonzero(np.abs(weights) > 1e-6)]
    return f"{names[index]} is collinear with {', '.join(others[:8])}: leave out one of them"
