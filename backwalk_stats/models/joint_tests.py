"""Type III hypotheses: of each term, that its marginal effects are all zero.

A term is tested at equal weights over the levels of every factor that it meets in other terms, and
of a covariate's interaction at the value zero of that covariate, as SAS's type III and R's
lmerTest do where no cell is empty (Goodnight, SAS Technical Report R-101, 1978). Where a main
effect is left out (a + a:b), lmerTest tests `a` at the first level of b; here, as in emmeans, it
is tested at equal weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.models.design import DEPENDENT, Column, Design, Margin, indicators
from backwalk_stats.models.formula import Variable
from backwalk_stats.models.variables import Factor


def hypothesis(design: Design, term: str) -> FloatArray:
    """Return the combinations of coefficients that a term's test sets to zero, shape (l, p).

    Parameters
    ----------
    design : Design
        Of the fitted model.
    term : str
        One of `design.terms`.
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
                [_entry(column, frozenset(numbers), weights, sizes) for column in design.columns]
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


def _entry(
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
