"""Expected values of new rows, and intervals for one new outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed import dof
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.mixed.random_factors import RandomFactors
from backwalk_stats.engine.numbers import Estimate, FloatArray, t_estimate
from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.formula.design import (
    Design,
    Factor,
    Number,
    design_of,
    is_categorical,
)
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import Variable

if TYPE_CHECKING:
    from backwalk_stats.models.fit.fitted import FittedModel

PREDICTED = ("estimate", "conf_low", "conf_high", "std_error", "df")
INTERVALS = ("confidence", "prediction")


class Answer(Protocol):
    """What answers combinations of coefficients, shape (l, p)."""

    def __call__(self, combinations: FloatArray, *, level: float) -> Estimate:
        """Return their estimates."""


def expected(design: Design, frame: pd.DataFrame, answer: Answer, *, level: float) -> pd.DataFrame:
    """Return estimates with limits of new rows in the index of `frame`; NaN where a value misses.

    `design`: of the fitted model. `answer`: what is said of their combinations of coefficients.
    """
    rows, held = design_rows(design, frame)
    return _spread_out(design, frame, held, answer(rows[held], level=level) if held.any() else None)


def _spread_out(
    design: Design, frame: pd.DataFrame, held: np.ndarray, found: Estimate | None
) -> pd.DataFrame:
    """Return what was found of the rows that are held, with the offset, in the index of `frame`."""
    out = pd.DataFrame(np.nan, index=frame.index, columns=list(PREDICTED))
    if found is not None:
        columns = estimate_columns(found)
        out.loc[held, :] = np.column_stack([columns[name] for name in PREDICTED])
    return with_offset(out, design, frame)


def beyond(found: Estimate, variance: FloatArray | float, *, level: float) -> Estimate:
    """Return expected values with the variance of one outcome about them added, df as they are."""
    error = np.sqrt(np.asarray(found.std_error) ** 2 + variance)
    if not np.all(error > 0.0):
        return found
    return t_estimate(estimate=found.estimate, std_error=error, df=found.df, level=level)


def of_new_participants(model: FittedModel, frame: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Return intervals for one outcome of a participant who was not in the data.

    The variance is x Phi x' + sum of z G z' over the random factors + sigma2 / weight; its df
    2 v^2 / (g' C g) are Satterthwaite's, g the derivatives of all of v and C the covariance of the
    variance parameters; with residual or between-within df those of the expected value. Raises
    UsageError of a model without random effects, with robust errors, or if a column is missing.
    """
    marginal = model.fit.likelihood.marginal
    if not isinstance(marginal, RandomEffects | RandomFactors):
        raise UsageError(
            "interval='prediction' is for fits of ols and lmm: the visits of mmrm have variances "
            "of their own, fit.covariance; fit lmm, or take interval='confidence'"
        )
    method = model.inference.method
    if isinstance(method, dof.RobustSatterthwaite | dof.WithCovariance):
        raise UsageError(
            "interval='prediction' rests on the variances of the model, which robust errors do "
            "not trust: fit with vcov='model'"
        )
    rows, held = design_rows(model.design, frame)
    loads, whole = _variance_loads(model, marginal, frame)
    held &= whole
    if not held.any():
        return _spread_out(model.design, frame, held, None)
    found = model.tested(rows[held], level=level)
    if not model.stats.converged:
        return _spread_out(model.design, frame, held, found)
    more = loads[held] @ model.fit.point.theta
    if isinstance(method, dof.Satterthwaite | dof.KenwardRoger):
        df = _df_of_whole(model, rows[held], loads[held], np.asarray(found.std_error) ** 2 + more)
        found = t_estimate(estimate=found.estimate, std_error=found.std_error, df=df, level=level)
    return _spread_out(model.design, frame, held, beyond(found, more, level=level))


def _df_of_whole(
    model: FittedModel, rows: FloatArray, loads: FloatArray, variance: FloatArray
) -> FloatArray:
    """Return Satterthwaite's df of expected value and outcome together, shape (l,)."""
    fit, method = model.fit, model.inference.method
    spread = fit.theta_covariance
    if isinstance(method, dof.KenwardRoger):
        spread = method.theta_covariance
    loaded = model.inference.turned(rows) @ fit.point.phi
    gradient = np.einsum("la,jab,lb->lj", loaded, fit.slopes.f, loaded, optimize=True) + loads
    return np.asarray(2.0 * variance**2 / np.einsum("lj,jk,lk->l", gradient, spread, gradient))


def _variance_loads(
    model: FittedModel, marginal: RandomEffects | RandomFactors, frame: pd.DataFrame
) -> tuple[FloatArray, np.ndarray]:
    """Return what each variance parameter is multiplied by in new rows, shape (rows, q).

    And which rows are complete.
    """
    parts = marginal.parts if isinstance(marginal, RandomFactors) else (marginal.own,)
    held, loads = np.ones(len(frame), dtype=bool), []
    for one, part in zip(model.random, parts, strict=True):
        z, whole = _random_rows(model.formula, one.group, model.frame, frame)
        first, second = part.entries
        loads.append(z[:, first] * z[:, second] * np.where(first == second, 1.0, 2.0))
        held &= whole
    share, whole = _residual_share(model.roles.weights, frame)
    return np.column_stack([*loads, share]), held & whole


def _random_rows(
    formula: Formula, group: str, own: pd.DataFrame, frame: pd.DataFrame
) -> tuple[FloatArray, np.ndarray]:
    """Return the random-effects design of new rows, shape (rows, r), and which are complete."""
    held, found = np.ones(len(frame), dtype=bool), []
    for part in formula.random:
        if part.group != group:
            continue
        effects = Formula(
            response=formula.response,
            terms=part.terms,
            intercept=part.intercept,
            random=(),
            text=formula.text,
        )
        z, whole = design_rows(design_of(effects, own), frame)
        found.append(z)
        held &= whole
    return np.concatenate(found, axis=1), held


def _residual_share(weights: str | None, frame: pd.DataFrame) -> tuple[FloatArray, np.ndarray]:
    """Return what the residual variance of new rows is multiplied by: one over their weight."""
    if weights is None:
        return np.ones(len(frame)), np.ones(len(frame), dtype=bool)
    if weights not in frame.columns:
        raise UsageError(
            f"new rows have no column named {weights}: the model weighs its rows, so the variance "
            "of a new one hangs on its weight"
        )
    given = pd.to_numeric(frame[weights], errors="coerce").to_numpy(dtype=float)
    wrong = int((given <= 0.0).sum())
    if wrong:
        raise UsageError(f"weights {weights}: {wrong} of {len(given)} are not above 0")
    held = np.isfinite(given)
    return np.where(held, 1.0 / np.where(held, given, 1.0), 1.0), held


# New rows in the coding of the fit.


def design_rows(design: Design, frame: pd.DataFrame) -> tuple[FloatArray, np.ndarray]:
    """Return the design of new rows, shape (rows, p), and which of them are complete.

    `design`: of the fitted model. `frame`: with every column that the fixed effects name. Raises
    UsageError if a column is missing, a level is new, or a number is not finite.
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
