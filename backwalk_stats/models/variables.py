"""Columns of a data frame as the variables of a model: numbers, or factors with levels in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula import Variable

NUMERIC: dict[str, Callable[[FloatArray], FloatArray]] = {
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}


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
    """A numeric variable: its values after its function, and the mean of the column itself."""

    name: str
    function: str
    values: FloatArray
    mean: float

    def at(self, raw: FloatArray) -> FloatArray:
        """Return the variable at other values of its column."""
        return NUMERIC[self.function](raw) if self.function else raw


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
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_complex_dtype(column):
        raise UsageError(f"{variable.name}: {variable.column} is not numeric ({column.dtype})")
    raw = column.to_numpy(dtype=float)
    with np.errstate(all="ignore"):
        values = NUMERIC[variable.function](raw) if variable.function else raw
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        raise UsageError(
            f"{variable.name}: {wrong} of {len(values)} values are not finite numbers; "
            "mend or leave out these rows"
        )
    return Number(
        name=variable.name, function=variable.function, values=values, mean=float(raw.mean())
    )


def as_variable(frame: pd.DataFrame, variable: Variable) -> Factor | Number:
    """Return a variable of a formula from a frame without missing values."""
    column = frame[variable.column]
    if variable.function == "factor" or (not variable.function and is_categorical(column)):
        return as_factor(column, variable.name)
    if is_categorical(column):
        raise UsageError(f"{variable.name}: {variable.column} is not numeric")
    return as_number(column, variable)


def _label(level: object) -> str:
    return str(level).upper() if isinstance(level, bool | np.bool_) else str(level)
