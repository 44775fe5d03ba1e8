"""Whether the settled rows of a model can answer: variation, filled cells, independent columns.

Everything that would make a fit meaningless is refused here, by name: what is wrong, how much of
it, and what to do. No value of a participant is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear.least_squares import refuse_constant
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.formula.design import Design, Factor, as_number, design_of
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import FUNCTIONS

DEPENDENT = 1e-9
WELL_CONDITIONED = 1e-6
LISTED = 5
FLAT = 1e-13
SMALLEST = 1e-60
TAKEN = ("value", "who", "visit", "arm", "baseline", "after", *FUNCTIONS)


def outcome_of(formula: Formula, frame: pd.DataFrame) -> FloatArray:
    """Return the outcome as finite numbers, shape (N,).

    Raises UsageError if its function has no value somewhere, or it is the same in every row, or of
    extreme size.
    """
    y = as_number(frame[formula.response.column], formula.response).values
    refuse_unusable_outcome(y, formula.response.name)
    return y


def refuse_unusable_outcome(y: FloatArray, name: str) -> None:
    """Refuse an outcome that is the same in every row, but for rounding, or of extreme size."""
    size = float(np.abs(y).max())
    if np.ptp(y) <= FLAT * size:
        raise UsageError(f"the outcome {name} is the same in every row: it has no variance")
    if not SMALLEST < size < 1.0 / SMALLEST:
        raise UsageError(f"the outcome {name} has values of extreme size; give it in another unit")


def refuse_few_visits(visits: Factor, *, least: int) -> None:
    """Refuse data with fewer visits than a model is about; with one, nothing is repeated."""
    if len(visits.levels) < least:
        raise UsageError(
            f"{visits.name} has one level in the rows used; a model of repeated visits needs two "
            "(for one visit use an analysis of covariance)"
        )


def refuse_flat_visits(y: FloatArray, visits: Factor) -> None:
    """Refuse a visit at which the outcome is one number, as a change from baseline is at baseline.

    Raises UsageError, naming each such visit.
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


def refuse_single_levels(factors: Mapping[str, Factor]) -> None:
    """Refuse factors that cannot be compared, by column: one level in the rows used."""
    single = [name for name, one in factors.items() if len(one.levels) < 2]
    if single:
        raise UsageError(
            f"{', '.join(single)}: one level in the rows used, so there is nothing to compare; "
            "leave it out"
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
                f"leave out the interaction or the level{_nested(held, counts)}"
            )


def _nested(held: Sequence[Factor], counts: np.ndarray) -> str:
    """Return what can be done where each level of a factor is in one of another alone."""
    if len(held) != 2:
        return ""
    one, two = held
    for own, other, table in ((one, two, counts), (two, one, counts.T)):
        if len(own.levels) > len(other.levels) and ((table > 0).sum(axis=1) == 1).all():
            return (
                f". Each {own.name} has one {other.name} only, and cannot be told from it as a "
                f"fixed effect; as a random one, (1 | {own.name}), it can stand"
            )
    return ""


def orthonormal(x: FloatArray, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return Q and R of the design; refuses columns that depend on others, by name.

    Columns are scaled to one length first, so that units do not decide what counts as dependent.
    Raises UsageError, naming each dependent column and those that it depends on.
    """
    size = np.sqrt((x**2).sum(axis=0))
    if not x.shape[1]:
        raise UsageError("the formula has no fixed effects: keep at least the intercept")
    if len(x) < x.shape[1]:
        raise UsageError(f"{x.shape[1]} coefficients need at least as many rows, found {len(x)}")
    zero = [names[int(i)] for i in np.flatnonzero(size == 0)]
    if zero:
        raise UsageError(f"{', '.join(zero)}: zero in every row, so there is nothing to estimate")
    if "(Intercept)" in names:
        flat = np.ptp(x, axis=0) <= FLAT * np.abs(x).max(axis=0)
        alone = [name for name, one in zip(names, flat, strict=True) if one]
        refuse_constant([name for name in alone if name != "(Intercept)"])
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


# A formula and its complete rows as arrays: outcome, design, and an orthonormal basis of it.


@dataclass(frozen=True, kw_only=True, slots=True)
class Coded:
    """The fixed-effects side of a model.

    Attributes
    ----------
    formula : Formula
    frame : DataFrame
        The rows used.
    design : Design
    y : array, shape (N,)
        Outcome, less the offset.
    x : array, shape (N, p)
        Design.
    q, r : array, shapes (N, p) and (p, p)
        x = q r with orthonormal columns of q: the basis in which the engine works.
    offset : array, shape (N,), or None
        Where the formula has one.
    """

    formula: Formula
    frame: pd.DataFrame
    design: Design
    y: FloatArray
    x: FloatArray
    q: FloatArray
    r: FloatArray
    offset: FloatArray | None = None

    @property
    def least_squares(self) -> FloatArray:
        """Return the least-squares coefficients in the basis q, shape (p,)."""
        return self.q.T @ self.y


def coded(
    formula: Formula,
    frame: pd.DataFrame,
    *,
    design: Design | None = None,
    outcome: FloatArray | None = None,
) -> Coded:
    """Return the arrays of a formula for complete rows; design and outcome where made already.

    Refuses an outcome that cannot be analysed, factors of one level, combinations of levels that
    no row has, and collinear columns of the design.
    """
    own = design_of(formula, frame) if design is None else design
    given = outcome_of(formula, frame) if outcome is None else outcome
    refuse_single_levels(own.factors)
    refuse_empty_cells(own, formula)
    y, offset = outcome_less_offset(formula, given, own)
    x = own.own(len(y))
    q, r = orthonormal(x, own.names)
    return Coded(formula=formula, frame=frame, design=own, y=y, x=x, q=q, r=r, offset=offset)


def coding_notes(formula: Formula, design: Design, *, dropped: int) -> tuple[str, ...]:
    """Return what is to be known of a formula and its coding, where rows were left out too."""
    knots = [one.name for one in design.variables if one.function == "ns"] if dropped else []
    moved = (
        f"knots of {', '.join(knots)} stand at the quantiles of the rows used; R's lm takes those "
        "of every row that has the covariate, also where another column is missing"
    )
    return (*formula.notes, *design.notes, *([moved] if knots else []))


def outcome_less_offset(
    formula: Formula, y: FloatArray, design: Design
) -> tuple[FloatArray, FloatArray | None]:
    """Return the outcome that a model is fitted to, and what was subtracted, shapes (N,).

    Refuses an offset that is all of the outcome.
    """
    offset = design.own_offset()
    if offset is None:
        return y, None
    less = y - offset
    if np.ptp(less) <= FLAT * max(np.abs(y).max(), np.abs(offset).max()):
        raise UsageError(
            f"the outcome {formula.response.name} less its offset is the same in every row: "
            "it has no variance"
        )
    return less, offset


# Covariates within the frames that imputation and longitudinal models make, by their own names.


def inner_names(covariates: Sequence[str]) -> dict[str, str]:
    """Return the name of each covariate within a model, so that messages speak of it.

    Its own name where a formula can hold it and nothing else has it, else covariate_1, ...
    `covariates`: columns of the data.

    Examples
    --------
    >>> inner_names(["age", "KL grade", "visit"])
    {'age': 'age', 'KL grade': 'covariate_2', 'visit': 'covariate_3'}
    """
    return {
        name: str(name) if _fits(name) else f"covariate_{place}"
        for place, name in enumerate(covariates, start=1)
    }


@contextmanager
def in_words_of(names: Mapping[str, str]) -> Iterator[None]:
    """Let what is refused within speak of the columns of the caller.

    `names`: for each name within a model the caller's: columns, coefficients, "outcome value".

    Examples
    --------
    >>> with in_words_of({"covariate_1": "KL grade"}):
    ...     raise UsageError("covariate_1: the same in every row")
    Traceback (most recent call last):
        ...
    backwalk_stats.errors.UsageError: KL grade: the same in every row
    """
    try:
        yield
    except (UsageError, NotEstimable) as error:
        raise type(error)(in_own_words(str(error), names)) from None


def in_own_words(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names within a model replaced by those of the caller.

    Examples
    --------
    >>> in_own_words("effect_1_1 and covariate_1", {"effect_1_1": "armB:weekW6"})
    'armB:weekW6 and covariate_1'
    """
    own = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?<!one )(?:{own})(?!\w)")  # "for one visit" names no column
    return pattern.sub(lambda found: names[found[0]], text)


def coefficients_of(inner: str, name: str, labels: Sequence[str]) -> dict[str, str]:
    """Return a factor and its coefficients by their names within a model, for `in_words_of`."""
    return {inner: name, **{f"{inner}{label}": f"{name}{label}" for label in labels}}


def _fits(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.isascii()
        and name.isidentifier()
        and name not in TAKEN
        and not name.startswith(("effect_", "covariate_"))
    )
