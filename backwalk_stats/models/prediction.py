"""Expected values for new rows, and residuals of the rows that were used."""

from __future__ import annotations

from collections.abc import Mapping

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
    values, held = _values(design.variables, frame)
    return design.matrix(values, len(frame)), held


def with_offset(predicted: pd.DataFrame, design: Design, frame: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with the offset of the new rows added; NaN where its column is missing."""
    if not design.offsets:
        return predicted
    values, held = _values(design.offsets, frame)
    out = predicted.copy()
    out.loc[~held, :] = np.nan
    for name in ("estimate", "conf_low", "conf_high"):
        out[name] += sum(values.values())
    return out


def _values(
    variables: Mapping[Variable, Factor | Number] | Mapping[Variable, Number], frame: pd.DataFrame
) -> tuple[dict[Variable, FloatArray], np.ndarray]:
    """Return the values of variables in new rows, and which rows are complete."""
    missing = sorted({name for key in variables for name in key.columns} - set(frame.columns))
    if missing:
        raise UsageError(f"new rows have no column named {', '.join(missing)}")
    held = np.ones(len(frame), dtype=bool)
    values: dict[Variable, FloatArray] = {}
    for key, one in variables.items():
        gap = np.logical_or.reduce([frame[name].isna().to_numpy() for name in key.columns])
        held &= ~gap
        values[key] = (
            _codes(one, frame[key.column], gap)
            if isinstance(one, Factor)
            else _numbers(one, frame, gap)
        )
    return values, held


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


def _numbers(one: Number, frame: pd.DataFrame, gap: np.ndarray) -> FloatArray:
    """Return a number in new rows, by the basis of the fit; 0 where it is missing."""
    names = one.variable.columns
    if any(is_categorical(frame[name]) for name in names):
        raise UsageError(f"{one.name}: not numeric in the new rows")
    raw = {name: frame[name].to_numpy(dtype=float, na_value=np.nan)[~gap] for name in names}
    found = one.at(raw)
    if not np.isfinite(found).all():
        raise UsageError(f"{one.name}: a value in the new rows is not a finite number")
    values = np.zeros((len(gap), *found.shape[1:]))
    values[~gap] = found
    return values


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
