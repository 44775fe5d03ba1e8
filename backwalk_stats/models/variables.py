"""Columns of a data frame as the variables of a model: numbers, or factors with levels in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.bases import (
    NaturalSpline,
    OrthogonalPolynomial,
    RawPolynomial,
    natural_spline,
    orthogonal_polynomial,
)
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arithmetic import NUMERIC
from backwalk_stats.models.formula import Variable

Basis = RawPolynomial | OrthogonalPolynomial | NaturalSpline


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
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
        return tuple(_label(level) for level in self.levels)


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
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
        codes = column.cat.codes.to_numpy()
        used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(column.cat.categories)))
        recode = np.full(len(column.cat.categories) + 1, -1)
        recode[used] = np.arange(len(used))
        levels = tuple(column.cat.categories[used])
        return Factor(name=name, levels=levels, codes=recode[codes])
    codes, uniques = pd.factorize(column, sort=True)
    ordered = column.dtype.kind in "iufb"
    return Factor(name=name, levels=tuple(uniques), codes=codes, ordered=ordered)


def as_number(column: pd.Series, variable: Variable) -> Number:
    """Return a column as a number, its function applied.

    Raises
    ------
    UsageError
        If the column is not numeric, a value is infinite, or the function has no value there.
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
        return RawPolynomial(degree=variable.size)
    find = natural_spline if variable.function == "ns" else orthogonal_polynomial
    try:
        return find(values, variable.size)
    except NotEstimable as fault:
        raise UsageError(f"{variable.name}: {fault}") from fault


def _label(level: object) -> str:
    return str(level).upper() if isinstance(level, bool | np.bool_) else str(level)
