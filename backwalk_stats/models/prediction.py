"""Expected values for new rows, and residuals of the rows that were used."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.errors import UsageError
from backwalk_stats.models.design import Design
from backwalk_stats.models.formula import Variable
from backwalk_stats.models.variables import Factor, Number, is_categorical


def design_rows(design: Design, frame: pd.DataFrame) -> tuple[FloatArray, np.ndarray]:
    """Return the design of new rows, shape (rows, p), and which of them are complete.

    Parameters
    ----------
    design : Design
        Of the fitted model.
    frame : DataFrame
        With every column that the fixed effects name.

    Raises
    ------
    UsageError
        If a column is missing, a level is new, or a number is not finite.
    """
    missing = sorted({key.column for key in design.variables} - set(frame.columns))
    if missing:
        raise UsageError(f"new rows have no column named {', '.join(missing)}")
    held = np.ones(len(frame), dtype=bool)
    values: dict[Variable, FloatArray] = {}
    for key, one in design.variables.items():
        column = frame[key.column]
        gap = column.isna().to_numpy()
        held &= ~gap
        values[key] = (
            _codes(one, column, gap) if isinstance(one, Factor) else (_numbers(one, column, gap))
        )
    return design.matrix(values, len(frame)), held


def _codes(one: Factor, column: pd.Series, gap: np.ndarray) -> FloatArray:
    place = {level: code for code, level in enumerate(one.levels)}
    codes = np.array([place.get(value, -1) for value in column.astype(object)], dtype=float)
    unknown = int(((codes < 0) & ~gap).sum())
    if unknown:
        raise UsageError(
            f"{one.name}: {unknown} new rows have a level that the model has not seen; "
            f"it has: {', '.join(one.labels)}"
        )
    return codes


def _numbers(one: Number, column: pd.Series, gap: np.ndarray) -> FloatArray:
    if is_categorical(column):
        raise UsageError(f"{one.name}: not numeric in the new rows")
    with np.errstate(all="ignore"):
        values = one.at(np.where(gap, 1.0, column.to_numpy(dtype=float, na_value=np.nan)))
    if not np.isfinite(values[~gap]).all():
        raise UsageError(f"{one.name}: a value in the new rows is not a finite number")
    return np.where(gap, 0.0, values)


def whitened(fit: Fit, residual: FloatArray) -> FloatArray:
    """Return residuals times the inverse Cholesky factor of their covariance, shape (N,).

    In a model that is right they are uncorrelated with variance near 1. Within a participant they
    stand in the order of the visits (rows, for random effects), as in R's mmrm; nlme does the same
    but for its compound symmetry, of which it takes another square root.
    """
    patterns = fit.likelihood.patterns
    half = np.linalg.inv(np.linalg.cholesky(fit.likelihood.marginal.v(fit.point.theta)))
    held = patterns.rows >= 0
    table = np.where(held, residual[patterns.rows], 0.0)
    turned = np.einsum("nab,nb->na", half[patterns.member], table)
    out = np.empty_like(residual)
    out[patterns.rows[held]] = turned[held]
    return out
