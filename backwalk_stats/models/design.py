"""The fixed-effects design matrix, coded and named as R's `lm` does.

Treatment contrasts, first level as reference. In a term, a factor is coded by contrasts when the
rest of the term lies within a term before it (the intercept being the first), else by an indicator
of every level (Chambers and Hastie, Statistical Models in S, 1992, section 2.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.models.formula import Formula, Term, Variable
from backwalk_stats.models.variables import Factor, Number, as_variable


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the design: its term, and the level that each factor of the term must have."""

    name: str
    term: str
    numbers: tuple[Variable, ...]
    levels: tuple[tuple[Variable, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """The design of a model: what its columns are, and how to make them for other rows.

    Attributes
    ----------
    columns : tuple of Column
    variables : dict of Variable to Factor or Number
        As found in the data that the model is fitted to.
    terms : tuple of str
        Names of the terms, "(Intercept)" first where there is one.
    """

    columns: tuple[Column, ...]
    variables: dict[Variable, Factor | Number]
    terms: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the coefficients."""
        return tuple(column.name for column in self.columns)

    @property
    def factors(self) -> dict[str, Factor]:
        """Return the factors by the column of the data that they come from."""
        found = self.variables.items()
        return {key.column: one for key, one in found if isinstance(one, Factor)}

    @property
    def numbers(self) -> dict[str, Number]:
        """Return one numeric variable for each numeric column of the data."""
        found = self.variables.items()
        return {key.column: one for key, one in found if isinstance(one, Number)}

    def of_term(self, term: str) -> np.ndarray:
        """Return which columns belong to a term, shape (p,)."""
        return np.array([column.term == term for column in self.columns])

    def matrix(self, values: Mapping[Variable, FloatArray], rows: int) -> FloatArray:
        """Return the design of rows whose variables are given, shape (rows, p).

        Parameters
        ----------
        values : mapping
            Codes of factors and values of numbers, each of shape (rows,).
        rows : int
            Their number.
        """
        out = np.ones((rows, len(self.columns)))
        for index, column in enumerate(self.columns):
            for variable, level in column.levels:
                out[:, index] *= values[variable] == level
            for variable in column.numbers:
                out[:, index] *= values[variable]
        return out

    def own(self, rows: int) -> FloatArray:
        """Return the design of the data that the model is fitted to, shape (N, p)."""
        values = {
            key: one.codes if isinstance(one, Factor) else one.values
            for key, one in self.variables.items()
        }
        return self.matrix(values, rows)


def design_of(formula: Formula, frame: pd.DataFrame) -> Design:
    """Return the design of a formula's fixed effects for a frame without missing values.

    Raises
    ------
    UsageError
        If a variable is not usable; see `variables.as_variable`.
    """
    needed = dict.fromkeys(variable for term in formula.terms for variable in term)
    variables = {variable: as_variable(frame, variable) for variable in needed}
    columns: list[Column] = []
    terms: list[str] = []
    if formula.intercept:
        columns.append(Column(name="(Intercept)", term="(Intercept)", numbers=(), levels=()))
        terms.append("(Intercept)")
    before: list[frozenset[Variable]] = []
    for term in formula.terms:
        full = _coded_in_full(term, variables, before, intercept=formula.intercept)
        name = ":".join(variable.name for variable in term)
        terms.append(name)
        columns += _columns_of(term, name, variables, full)
        before.append(frozenset(term))
    return Design(columns=tuple(columns), variables=variables, terms=tuple(terms))


def _coded_in_full(
    term: Term,
    variables: Mapping[Variable, Factor | Number],
    before: Sequence[frozenset[Variable]],
    *,
    intercept: bool,
) -> frozenset[Variable]:
    """Return the factors of a term that take an indicator of every level.

    Those whose term without them lies in no term before; and without an intercept the first factor
    of the first term of factors alone, which then stands for it.
    """
    factors = [variable for variable in term if isinstance(variables[variable], Factor)]
    full = {
        variable
        for variable in factors
        if len(term) > 1 and not any(frozenset(term) - {variable} <= one for one in before)
    }
    earlier = any(all(isinstance(variables[v], Factor) for v in one) for one in before)
    if not intercept and len(factors) == len(term) and not earlier:
        full.add(factors[0])
    return frozenset(full)


def _columns_of(
    term: Term,
    name: str,
    variables: Mapping[Variable, Factor | Number],
    full: frozenset[Variable],
) -> list[Column]:
    """Return the columns of a term; the first factor varies fastest, as in R."""
    made: list[Column] = [Column(name="", term=name, numbers=(), levels=())]
    for variable in term:
        one = variables[variable]
        if isinstance(one, Number):
            made = [_with_number(column, variable) for column in made]
            continue
        labels = one.labels
        made = [
            _with_level(column, variable, level, labels[level])
            for level in range(0 if variable in full else 1, len(labels))
            for column in made
        ]
    return made


def _with_number(column: Column, variable: Variable) -> Column:
    name = f"{column.name}:{variable.name}" if column.name else variable.name
    numbers = (*column.numbers, variable)
    return Column(name=name, term=column.term, numbers=numbers, levels=column.levels)


def _with_level(column: Column, variable: Variable, level: int, label: str) -> Column:
    own = f"{variable.name}{label}"
    name = f"{column.name}:{own}" if column.name else own
    levels = (*column.levels, (variable, level))
    return Column(name=name, term=column.term, numbers=column.numbers, levels=levels)
