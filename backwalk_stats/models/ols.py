"""Ordinary least squares by formula, with model or heteroskedasticity-consistent errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.dof import DfMethod
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.heteroskedastic import (
    KINDS,
    BellMcCaffreyDf,
    ResidualDf,
    consistent_covariance,
    row_weights,
)
from backwalk_stats.engine.least_squares import LeastSquares, least_squares
from backwalk_stats.engine.linear_inference import LinearInference
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.choices import check_choice
from backwalk_stats.models.coded import coding_notes, outcome_less_offset
from backwalk_stats.models.columns import SettledRows, TrialColumns, frame_of, settled_formula
from backwalk_stats.models.design import Design, design_of
from backwalk_stats.models.formula import Formula, parse_formula
from backwalk_stats.models.linear_model import LinearModel, linear_summary
from backwalk_stats.models.rows import outcome_of

VCOV = ("model", *KINDS)
DF = ("residual", "satterthwaite")


def ols(
    formula: str, data: pd.DataFrame, *, vcov: str = "model", df: str = "residual"
) -> LinearModel:
    """Fit a linear model by ordinary least squares.

    The design is centred, scaled and factored by Householder reflections, and the solution refined
    against the data as given (see `engine.least_squares`).

    Parameters
    ----------
    formula : str
        For instance "pain ~ arm + baseline"; terms are named as R's `lm` names them.
    data : DataFrame
        One row a participant. Rows with a missing value are left out; `summary` counts them.
    vcov : str
        Covariance of the coefficients: "model" (one residual variance), or "hc0", "hc1", "hc2",
        "hc3" where the variance may differ between rows. HC2 and HC3 are for small trials.
    df : str
        "residual": rows minus coefficients for every test, also with "hc0" to "hc3" (as R's
        `lmtest::coeftest`). "satterthwaite": with "hc0" to "hc3" the df of Bell and McCaffrey for
        each test; with "model" it is rows minus coefficients exactly.

    Returns
    -------
    LinearModel
        With coefficients(), marginal_means(), contrasts(), anova(), summary.

    Raises
    ------
    UsageError
        If a choice or column does not exist, or columns are collinear: names them and the condition
        number.
    NotEstimable
        If the outcome is the same in every row, or no residual degree of freedom is left.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [6.0, 5.0, 7.0, 4.0, 3.0, 3.5]})
    >>> ols("pain ~ arm", frame).coefficients().round(4)[["term", "estimate", "std_error", "df"]]
              term  estimate  std_error   df
    0  (Intercept)       6.0     0.4564  4.0
    1         armb      -2.5     0.6455  4.0
    """
    parsed = parse_formula(formula)
    if parsed.random:
        raise UsageError("ols has no random effects: leave out ( | ), or use lmm")
    data = frame_of(data)
    settled = settled_formula(data, parsed, TrialColumns())
    return fit_formula(parsed, settled, len(data), vcov=vcov, df=df)


def fit_formula(
    formula: Formula, settled: SettledRows, given: int, *, vcov: str, df: str
) -> LinearModel:
    """Fit a parsed formula; see `ols`.

    Parameters
    ----------
    formula : Formula
        Without random effects.
    settled : SettledRows
        Complete rows.
    given : int
        Rows before the incomplete ones were left out.
    vcov, df : str
        As in `ols`.
    """
    vcov, df = str(vcov).lower(), str(df).lower()
    check_choice("vcov", vcov, VCOV)
    check_choice("df", df, DF)
    frame = settled.frame
    y = outcome_of(formula, frame)
    if np.all(y == y[0]):
        raise NotEstimable(
            f"{formula.response.name} is the same in every row: there is nothing to explain"
        )
    design = design_of(formula, frame)
    _refuse_single_levels(design)
    y, offset = outcome_less_offset(formula, frame, design)
    x = design.own(len(y))
    if not x.shape[1]:
        raise UsageError("the formula has no term: add one, or the intercept")
    if len(y) <= x.shape[1]:
        raise NotEstimable(
            f"{len(y)} complete rows and {x.shape[1]} coefficients leave no degree of freedom"
        )
    dropped = given - len(frame)
    fit = least_squares(y=y, x=x, names=design.names)
    return LinearModel(
        formula=formula,
        design=design,
        fit=fit,
        inference=LinearInference(fit, _df_method(fit, vcov=vcov, df=df)),
        summary=linear_summary(
            fit,
            y=y,
            n_dropped=dropped,
            vcov=vcov,
            df=df,
            notes=(*settled.notes, *coding_notes(formula, design, dropped=dropped)),
        ),
        frame=frame,
        x=x,
        y=y,
        offset=offset,
    )


def _df_method(fit: LeastSquares, *, vcov: str, df: str) -> DfMethod:
    """Return the covariance in the basis of the fit, with its degrees of freedom."""
    if vcov == "model":
        identity: FloatArray = np.eye(len(fit.beta))
        return ResidualDf(fit.variance * identity, float(fit.df))
    weight = row_weights(fit, vcov)
    covariance = consistent_covariance(fit, weight)
    if df == "satterthwaite":
        return BellMcCaffreyDf(covariance, fit.design.q, weight)
    return ResidualDf(covariance, float(fit.df))


def _refuse_single_levels(design: Design) -> None:
    """Refuse a factor that cannot be compared: one level in the rows used."""
    single = [name for name, one in design.factors.items() if len(one.levels) < 2]
    if single:
        raise UsageError(
            f"{', '.join(single)}: one level in the complete rows, so there is nothing to compare; "
            "leave it out"
        )
