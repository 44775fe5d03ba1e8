"""Whether the settled rows of a model can answer: variation, filled cells, independent columns.

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
from backwalk_stats.models.variables import Factor, as_number

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


def outcome_of(formula: Formula, frame: pd.DataFrame) -> FloatArray:
    """Return the outcome as finite numbers, shape (N,).

    Raises
    ------
    UsageError
        If its function has no value somewhere, or it is the same in every row, or of extreme size.
    """
    y = as_number(frame[formula.response.column], formula.response).values
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
