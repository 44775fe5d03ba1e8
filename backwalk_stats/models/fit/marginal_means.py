"""Marginal means: other factors weighed equally, covariates at their mean.

As R's emmeans does (Searle, Speed and Milliken, Am Stat 1980;34:216): the mean of an asked level
averages over the levels of every other factor with equal weights, whatever their numbers in the
data, and puts numeric covariates at the mean of their column over the rows used; a covariate that
enters through a function or the basis of a curve is its function at that mean. An offset is held at
its own mean, whatever covariates are held at, and the value stands beside the means. (emmeans keeps
a number that has only two values at both of them, with equal weights; here it is a number: make it
a factor for that.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula.design import (
    DEPENDENT,
    Column,
    Design,
    Factor,
    Margin,
    Number,
    indicators,
)
from backwalk_stats.models.formula.reader import Variable

OFFSET = "offset"


def refuse_taken(names: Iterable[object], results: Iterable[str]) -> None:
    """Refuse columns of labels that are named as a result beside them: one would be lost."""
    own = set(results)
    taken = [name for name in names if isinstance(name, str) and name in own]
    if taken:
        raise UsageError(
            f"{', '.join(taken)}: the result has a column of this name; rename yours, as in "
            f"data.rename(columns={{{taken[0]!r}: '{taken[0]}_1'}})"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """The marginal means of every combination of levels of some factors.

    Attributes
    ----------
    factors : tuple of str
        Columns of the data; the last varies slowest.
    cells : tuple of tuple of int
        The level of each factor, as a code, of each mean.
    rows : array, shape (cells, p)
        The combination of coefficients of each mean.
    labels : dict of str to list
        The levels of each factor, as they stand in the data, one for each mean; and what the offset
        is held at, where the model has one.
    offset : float
        Added to each mean.
    """

    factors: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    rows: FloatArray
    labels: dict[str, list[object]]
    offset: float = 0.0


def names_of(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return names from one, several or none; refuses what is no list of them."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    many: object = given
    if not isinstance(many, Iterable) or isinstance(many, Mapping):
        raise UsageError(f"expected a name or a list of names, found {type(many).__name__}")
    names: tuple[object, ...] = tuple(many)
    strange = {type(one).__name__ for one in names if not isinstance(one, str)}
    if strange:
        raise UsageError(f"expected a name or a list of names, found {', '.join(sorted(strange))}")
    return tuple(str(one) for one in names)


def factor_named(design: Design, name: str) -> Factor:
    """Return a factor of the model by its column.

    Raises UsageError if the model has no such factor; the message lists those it has.
    """
    factors = design.factors
    if name not in factors and name in design.numbers:
        raise UsageError(
            f"the model has no factor named {name!r}: it is a number there; write factor({name})"
        )
    if name not in factors:
        known = ", ".join(factors) or "none"
        raise UsageError(f"the model has no factor named {name!r}; there are: {known}")
    return factors[name]


def grid(design: Design, factors: Sequence[str], *, at: Mapping[str, float] | None = None) -> Grid:
    """Return the marginal means of all combinations of levels; the first factor varies fastest.

    `design`: of the fitted model. `factors`: columns of factors of the model. `at`: numeric
    covariates to hold at a value of their own, instead of at their mean. Raises UsageError if a
    factor or a covariate is not in the model, or one is asked twice.
    """
    asked = tuple(factors)
    if not asked or len(set(asked)) < len(asked):
        raise UsageError(f"name each factor once, found: {', '.join(asked) or 'none'}")
    found = [factor_named(design, name) for name in asked]
    values = _covariates(design, at or {})
    sizes = [range(len(one.levels)) for one in reversed(found)]
    cells = tuple(tuple(reversed(cell)) for cell in product(*sizes))
    rows = [_mean(design, dict(zip(asked, cell, strict=True)), values) for cell in cells]
    labels = {
        name: [one.levels[cell[index]] for cell in cells]
        for index, (name, one) in enumerate(zip(asked, found, strict=True))
    }
    own = design.own_offset()
    offset = 0.0 if own is None else float(own.mean())
    if own is not None:
        labels[OFFSET] = [offset] * len(cells)
    return Grid(factors=asked, cells=cells, rows=np.array(rows), labels=labels, offset=offset)


def _covariates(design: Design, at: Mapping[str, float]) -> dict[Variable, FloatArray]:
    """Return the value at which each numeric variable is held, shape (1,), of a basis (k,)."""
    unknown = [name for name in at if name not in design.numbers]
    if unknown:
        known = ", ".join(design.numbers) or "none"
        raise UsageError(f"no numeric covariate named {', '.join(unknown)}; there are: {known}")
    both = sorted(set(design.numbers) & set(design.factors))
    if both:
        raise UsageError(f"{', '.join(both)}: both a factor and a number in the model")
    found = design.variables.items()
    return {variable: _held(one, at) for variable, one in found if isinstance(one, Number)}


def _held(one: Number, at: Mapping[str, float]) -> FloatArray:
    """Return a numeric variable at the mean of its columns, or where they are asked for."""
    raw = {name: np.array([at.get(name, mean)], dtype=float) for name, mean in one.means.items()}
    values = one.at(raw).reshape(-1)
    if not np.isfinite(values).all():
        told = " and ".join(f"{value[0]:g}" for value in raw.values())
        raise UsageError(f"{one.name} has no value at {told}")
    return values


def _mean(
    design: Design, levels: Mapping[str, int], values: Mapping[Variable, FloatArray]
) -> FloatArray:
    shares = {
        variable: 1.0 / len(one.levels)
        for variable, one in design.variables.items()
        if isinstance(one, Factor)
    }
    return np.array([_entry(column, levels, values, shares) for column in design.columns])


def _entry(
    column: Column,
    levels: Mapping[str, int],
    values: Mapping[Variable, FloatArray],
    shares: Mapping[Variable, float],
) -> float:
    """Return a column's value: its covariates, times each level asked for or its equal share."""
    out = 1.0
    for variable, part in column.numbers:
        out *= float(values[variable][part])
    for variable, level in column.levels:
        asked = levels.get(variable.column)
        out *= shares[variable] if asked is None else float(asked == level)
    return out


# Type III hypotheses: all marginal effects of a term are zero, at equal weights over the levels of
# the factors that it meets in other terms and at the value zero of covariates, as in SAS and R's
# lmerTest where no cell is empty (Goodnight, SAS Technical Report R-101, 1978). Where a main effect
# is left out (a + a:b), lmerTest takes `a` at the first level of b; here, as emmeans, at all alike.


def hypothesis(design: Design, term: str) -> FloatArray:
    """Return the combinations of coefficients that a term's test sets to zero, shape (l, p).

    `design`: of the fitted model. `term`: one of `design.terms`.
    """
    own = [column for column in design.columns if column.term == term]
    sizes = {
        variable: len(one.levels)
        for variable, one in design.variables.items()
        if isinstance(one, Factor)
    }
    full = {variable for column in own for variable, level in column.levels if level == 0}
    coded = {
        variable: range(0 if variable in full else 1, sizes[variable])
        for variable, _ in own[0].levels
    }
    cells = list(product(*coded.values()))
    blocks = []
    for numbers in dict.fromkeys(column.numbers for column in own):
        rows = []
        for cell in cells:
            weights = {
                variable: _weights(size=sizes[variable], level=level, full=variable in full)
                for (variable, level) in zip(coded, cell, strict=True)
            }
            rows.append(
                [
                    _cell_weight(column, frozenset(numbers), weights, sizes)
                    for column in design.columns
                ]
            )
        blocks.append(np.array(rows))
    if term in design.margins:
        beyond = _beyond(np.array(cells), list(coded), design.margins[term])
        blocks = [beyond @ rows for rows in blocks]
    return np.concatenate(blocks)


def _beyond(
    cells: np.ndarray, factors: Sequence[Variable], margins: Sequence[Margin]
) -> FloatArray:
    """Return orthonormal contrasts of a term's cells that margins in earlier terms do not hold.

    So of `a:b` beside an intercept the test is that all cells are equal, not that all are zero.
    """
    held = indicators(cells, factors, margins)
    u, size, _ = np.linalg.svd(held, full_matrices=True)
    rank = int((size > DEPENDENT * size[0]).sum())
    return np.asarray(u[:, rank:].T)


def _weights(*, size: int, level: int, full: bool) -> FloatArray:
    """Return a level minus the first; the level itself where every level has a column."""
    out = np.zeros(size)
    out[level] = 1.0
    if not full:
        out[0] = -1.0
    return out


def _cell_weight(
    column: Column,
    numbers: frozenset[tuple[Variable, int]],
    weights: Mapping[Variable, FloatArray],
    sizes: Mapping[Variable, int],
) -> float:
    if frozenset(column.numbers) != numbers:
        return 0.0
    levels = dict(column.levels)
    out = 1.0
    for variable, weight in weights.items():
        out *= float(weight[levels[variable]] if variable in levels else weight.sum())
    for variable in levels:
        if variable not in weights:
            out /= sizes[variable]
    return out
