"""The fixed-effects design matrix, coded and named as R's `lm` does.

Treatment contrasts, first level as reference. In a term, a factor is coded by contrasts when the
rest of the term lies within a term before it (the intercept being the first), else by an indicator
of every level (Chambers and Hastie, Statistical Models in S, 1992, section 2.4.1). Where the
margins of a term are left out but for the intercept (`y ~ a:b`), that gives columns which are
sums of others whatever the data: these are left out, the later ones, as `lm` does with NA.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear import bases
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.formula.arithmetic import NUMERIC
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import Term, Variable
from backwalk_stats.registry import Shown

Basis = bases.RawPolynomial | bases.OrthogonalPolynomial | bases.NaturalSpline
MOST_CELLS = 2000
DEPENDENT = 1e-8
Margin = frozenset[Variable]


# Columns of a data frame as the variables of a model: numbers, or factors with levels in order.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Factor(Shown):
    """A categorical variable: the level of each row, as a code, and the levels in order.

    `ordered` is False where the levels are text whose order nobody declared: the alphabet's.
    """

    name: str
    levels: tuple[object, ...]
    codes: np.ndarray
    ordered: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the levels as text; R's TRUE and FALSE for booleans."""
        return tuple(label_of(level) for level in self.levels)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Number(Shown):
    """A numeric variable.

    Attributes
    ----------
    variable : Variable
    values : array, shape (N,); of a basis (N, k)
        After its function.
    means : dict of str to float
        Of each column that it reads, over the rows used.
    basis : Basis or None
        As found in the data of the fit.
    """

    variable: Variable
    values: FloatArray
    means: dict[str, float]
    basis: Basis | None = None

    @property
    def name(self) -> str:
        """Return the variable as R prints it."""
        return self.variable.name

    def at(self, raw: Mapping[str, FloatArray]) -> FloatArray:
        """Return the variable at other values of its columns, with the basis of the fit."""
        values = _computed(self.variable, raw)
        if self.basis is None:
            return values
        with np.errstate(all="ignore"):
            return self.basis.at(values)


def _computed(variable: Variable, raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return the function of the columns, before any basis; not finite where it has no value."""
    inner = variable.inner
    values = raw[variable.column] if inner is None else inner.at(raw)
    if variable.function not in NUMERIC:
        return values
    with np.errstate(all="ignore"):
        return NUMERIC[variable.function](values)


def label_of(level: object) -> str:
    """Return a level as it is printed; R's TRUE and FALSE for booleans."""
    return str(level).upper() if isinstance(level, bool | np.bool_) else str(level)


def is_categorical(column: pd.Series) -> bool:
    """Tell whether a column is a factor: a categorical, text, or true and false."""
    kinds = pd.api.types
    return (
        isinstance(column.dtype, pd.CategoricalDtype)
        or kinds.is_bool_dtype(column)
        or kinds.is_object_dtype(column)
        or kinds.is_string_dtype(column)
    )


def as_factor(column: pd.Series, name: str) -> Factor:
    """Return a column as a factor.

    Levels stand in the order of a categorical, else sorted; levels that no row has are dropped.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        # the accessor .cat checks its column anew at every use, and costs more than all of this
        codes, given = column.array.codes, column.array.categories.tolist()
        used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(given)))
        recode = np.full(len(given) + 1, -1)
        recode[used] = np.arange(len(used))
        levels = tuple(given[at] for at in used.tolist())
        return Factor(name=name, levels=levels, codes=recode[codes])
    codes, uniques = pd.factorize(column, sort=True)
    ordered = column.dtype.kind in "iufb"
    return Factor(name=name, levels=tuple(uniques), codes=codes, ordered=ordered)


def as_number(column: pd.Series, variable: Variable) -> Number:
    """Return a column as a number, its function applied.

    Raises UsageError if the column is not numeric, a value is infinite, or the function has no
    value there.
    """
    return _number({variable.column: column}, variable)


def as_variable(frame: pd.DataFrame, variable: Variable) -> Factor | Number:
    """Return a variable of a formula from a frame without missing values."""
    column = frame[variable.column]
    if variable.function == "factor" or (not variable.function and is_categorical(column)):
        return as_factor(column, variable.name)
    return _number({name: frame[name] for name in variable.columns}, variable)


def _number(columns: Mapping[str, pd.Series], variable: Variable) -> Number:
    for name, column in columns.items():
        if variable.function and is_categorical(column):
            raise UsageError(f"{variable.name}: {name} is not numeric")
        kinds = pd.api.types
        if not kinds.is_numeric_dtype(column) or kinds.is_complex_dtype(column):
            raise UsageError(f"{variable.name}: {name} is not numeric ({column.dtype})")
    raw = {name: column.to_numpy(dtype=float) for name, column in columns.items()}
    values = _computed(variable, raw)
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        raise UsageError(
            f"{variable.name}: {wrong} of {len(values)} values are not finite numbers; "
            "mend or leave out these rows"
        )
    basis = _basis(variable, values)
    return Number(
        variable=variable,
        values=values if basis is None else basis.at(values),
        means={name: float(one.mean()) for name, one in raw.items()},
        basis=basis,
    )


def _basis(variable: Variable, values: FloatArray) -> Basis | None:
    """Return the basis of a curve over the rows used."""
    if not variable.size:
        return None
    if variable.raw:
        return bases.RawPolynomial(degree=variable.size)
    find = bases.natural_spline if variable.function == "ns" else bases.orthogonal_polynomial
    try:
        return find(values, variable.size)
    except NotEstimable as fault:
        raise UsageError(f"{variable.name}: {fault}") from fault


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Column(Shown):
    """A column of the design.

    Attributes
    ----------
    name, term : str
        Of the coefficient, and of the term that it belongs to.
    numbers : tuple of (Variable, int)
        Numeric variables that it is a product of, and which column of each (of a basis).
    levels : tuple of (Variable, int)
        The level that each factor of the term must have.
    """

    name: str
    term: str
    numbers: tuple[tuple[Variable, int], ...]
    levels: tuple[tuple[Variable, int], ...]

    def __repr__(self) -> str:
        """Return the term; the level in a name may be somebody's id."""
        return f"Column(term={self.term!r})"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Design(Shown):
    """The design of a model: what its columns are, and how to make them for other rows.

    Attributes
    ----------
    columns : tuple of Column
    variables : dict of Variable to Factor or Number
        As found in the data that the model is fitted to.
    terms : tuple of str
        Names of the terms, "(Intercept)" first where there is one.
    offsets : dict of Variable to Number
        What is added to the expected value with coefficient 1.
    determined : dict of str to tuple of str
        Coefficients left out of a term, as columns before them determine theirs: R's lm shows NA.
    margins : dict of str to tuple of Margin
        Of these terms: the sets of factors whose effects earlier terms hold already.
    """

    columns: tuple[Column, ...]
    variables: dict[Variable, Factor | Number]
    terms: tuple[str, ...]
    offsets: dict[Variable, Number]
    determined: dict[str, tuple[str, ...]]
    margins: dict[str, tuple[Margin, ...]]

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
        found = [one for one in self.variables.values() if isinstance(one, Number)]
        return {name: one for one in found for name in one.variable.columns}

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be known of the coding: coefficients that are left out."""
        return tuple(
            f"{term}: the coefficient of {', '.join(names)} is left out, because the columns "
            "before determine it (NA in R's lm); the fit is the same"
            for term, names in self.determined.items()
        )

    def of_term(self, term: str) -> np.ndarray:
        """Return which columns belong to a term, shape (p,)."""
        return np.array([column.term == term for column in self.columns])

    def matrix(self, values: Mapping[Variable, FloatArray], rows: int) -> FloatArray:
        """Return the design of rows whose variables are given, shape (rows, p).

        `values`: codes of factors and values of numbers, each of shape (rows,), of a basis (rows,
        k). `rows`: their number.
        """
        out = np.ones((rows, len(self.columns)))
        for index, column in enumerate(self.columns):
            for variable, level in column.levels:
                out[:, index] *= values[variable] == level
            for variable, part in column.numbers:
                one = values[variable]
                out[:, index] *= one if one.ndim == 1 else one[:, part]
        return out

    def own(self, rows: int) -> FloatArray:
        """Return the design of the data that the model is fitted to, shape (N, p)."""
        values = {
            key: one.codes if isinstance(one, Factor) else one.values
            for key, one in self.variables.items()
        }
        return self.matrix(values, rows)

    def own_offset(self) -> FloatArray | None:
        """Return the sum of the offsets of the data of the fit, shape (N,); None without any."""
        if not self.offsets:
            return None
        return np.asarray(sum(one.values for one in self.offsets.values()), dtype=float)


def design_of(formula: Formula, frame: pd.DataFrame) -> Design:
    """Return the design of a formula's fixed effects for a frame without missing values.

    Raises UsageError if a variable is not usable; see `variables.as_variable`.
    """
    needed = dict.fromkeys(variable for term in formula.terms for variable in term)
    variables = {variable: as_variable(frame, variable) for variable in needed}
    columns: list[Column] = []
    coded: list[tuple[Term, Margin]] = []
    determined: dict[str, tuple[str, ...]] = {}
    margins: dict[str, tuple[Margin, ...]] = {}
    if formula.intercept:
        columns.append(Column(name="(Intercept)", term="(Intercept)", numbers=(), levels=()))
        coded.append(((), frozenset()))
    for term in formula.terms:
        full = _coded_in_full(term, variables, coded, intercept=formula.intercept)
        name = ":".join(variable.name for variable in term)
        made = _columns_of(term, name, variables, full)
        held = _held_before(term, full, coded)
        if held:
            kept = _independent(made, term, variables, held)
            determined[name] = tuple(one.name for one in made if one not in kept)
            margins[name] = held
            made = kept
        columns += made
        coded.append((term, full))
    offsets = {variable: as_variable(frame, variable) for variable in formula.offset}
    return Design(
        columns=tuple(columns),
        variables=variables,
        terms=tuple(dict.fromkeys(column.term for column in columns)),
        offsets={key: one for key, one in offsets.items() if isinstance(one, Number)},
        determined=determined,
        margins=margins,
    )


def _coded_in_full(
    term: Term,
    variables: Mapping[Variable, Factor | Number],
    before: Sequence[tuple[Term, Margin]],
    *,
    intercept: bool,
) -> Margin:
    """Return the factors of a term that take an indicator of every level.

    Those whose term without them lies in no term before; and without an intercept the first factor
    of the first term that has one, which then stands for it.
    """
    factors = [variable for variable in term if isinstance(variables[variable], Factor)]
    full = {
        variable
        for variable in factors
        if len(term) > 1 and not any(set(term) - {variable} <= set(one) for one, _ in before)
    }
    earlier = any(isinstance(variables[v], Factor) for one, _ in before for v in one)
    if not intercept and factors and not earlier:
        full.add(factors[0])
    return frozenset(full)


def _held_before(
    term: Term, full: Margin, before: Sequence[tuple[Term, Margin]]
) -> tuple[Margin, ...]:
    """Return the margins of a term's columns that columns before it span already.

    Indicators of a set of factors span the effects of all its subsets, contrasts of a factor only
    effects with it: so a term spans each set between its contrasts (with its numbers) and itself.
    """
    if not full:
        return ()
    least = frozenset(term) - full
    inner = [frozenset(part) for k in range(len(full)) for part in combinations(full, k)]
    return tuple(
        margin
        for margin in (least | part for part in inner)
        if any(frozenset(one) - other <= margin <= frozenset(one) for one, other in before)
    )


def _independent(
    made: Sequence[Column],
    term: Term,
    variables: Mapping[Variable, Factor | Number],
    held: Sequence[Margin],
) -> list[Column]:
    """Return the columns of a term that those before do not determine, over all of its cells.

    The cells are those of the factors, whether data has them or not: what is determined follows
    from the formula alone.
    """
    factors = [v for v in term if isinstance(variables[v], Factor)]
    sizes = [len(one.levels) for v in factors if isinstance(one := variables[v], Factor)]
    if np.prod(sizes) > MOST_CELLS:
        name = ":".join(variable.name for variable in term)
        raise UsageError(
            f"{name}: more than {MOST_CELLS} cells, and the terms within it are not in the "
            "formula; put them in (a * b for a:b), or leave out the intercept"
        )
    cells = np.array(list(product(*map(range, sizes))))
    q = _orthonormal(indicators(cells, factors, held))
    kept: list[Column] = []
    seen: dict[tuple[tuple[Variable, int], ...], FloatArray] = {}
    for column in made:
        basis = seen.get(column.numbers, q)
        place = [factors.index(variable) for variable, _ in column.levels]
        code = [level for _, level in column.levels]
        x = (cells[:, place] == code).all(axis=1).astype(float)
        left = x - basis @ (basis.T @ x)
        left -= basis @ (basis.T @ left)
        length = np.linalg.norm(left)
        if length > DEPENDENT * np.linalg.norm(x):
            kept.append(column)
            basis = np.column_stack([basis, left / length])
        seen[column.numbers] = basis
    return kept


def indicators(
    cells: np.ndarray, factors: Sequence[Variable], margins: Sequence[Margin]
) -> FloatArray:
    """Return an indicator of each cell of each margin, over all cells, shape (cells, m)."""
    made = []
    for margin in margins:
        place = [k for k, variable in enumerate(factors) if variable in margin]
        _, code = np.unique(cells[:, place], axis=0, return_inverse=True)
        code = code.reshape(-1)
        made.append((code[:, None] == np.arange(code.max() + 1)).astype(float))
    return np.concatenate(made, axis=1)


def _orthonormal(x: FloatArray) -> FloatArray:
    u, size, _ = np.linalg.svd(x, full_matrices=False)
    return np.asarray(u[:, size > DEPENDENT * size[0]])


def _columns_of(
    term: Term, name: str, variables: Mapping[Variable, Factor | Number], full: frozenset[Variable]
) -> list[Column]:
    """Return the columns of a term; the first variable varies fastest, as in R."""
    made: list[Column] = [Column(name="", term=name, numbers=(), levels=())]
    for variable in term:
        one = variables[variable]
        if isinstance(one, Number):
            parts = range(max(1, variable.size))
            made = [_with_number(column, variable, part) for part in parts for column in made]
            continue
        labels = one.labels
        made = [
            _with_level(column, variable, level, labels[level])
            for level in range(0 if variable in full else 1, len(labels))
            for column in made
        ]
    return made


def _with_number(column: Column, variable: Variable, part: int) -> Column:
    own = f"{variable.name}{part + 1}" if variable.size > 1 else variable.name
    name = f"{column.name}:{own}" if column.name else own
    numbers = (*column.numbers, (variable, part))
    return Column(name=name, term=column.term, numbers=numbers, levels=column.levels)


def _with_level(column: Column, variable: Variable, level: int, label: str) -> Column:
    own = f"{variable.name}{label}"
    name = f"{column.name}:{own}" if column.name else own
    levels = (*column.levels, (variable, level))
    return Column(name=name, term=column.term, numbers=column.numbers, levels=levels)
