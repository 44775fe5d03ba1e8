"""The likelihood-ratio test of one model within another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.p_value import chi_square_p
from backwalk_stats.errors import UsageError
from backwalk_stats.models.summary import FitSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparable:
    """What the test needs of a model.

    Attributes
    ----------
    name : str
        Its formula.
    summary : FitSummary
    y, x : array
        Outcome and design of the fixed effects.
    deviance : float
        -2 log L in an orthonormal basis of the design, so that coding does not matter.
    parameters : int
        Covariance parameters and coefficients.
    """

    name: str
    summary: FitSummary
    y: FloatArray
    x: FloatArray
    deviance: float
    parameters: int


def likelihood_ratio(one: Comparable, other: Comparable) -> pd.DataFrame:
    """Return the test, the model with fewer parameters first.

    The chi-square is conservative where the smaller model sets a variance to zero: its p-value is
    then too large (Self and Liang, J Am Stat Assoc 1987;82:605). That one model lies within the
    other is for the caller to know; it is not tested.

    Returns
    -------
    DataFrame
        model, covariance, parameters, loglik, aic, bic, statistic, df, p_value.

    Raises
    ------
    UsageError
        If the models are not of the same rows or method, have as many parameters, did not
        converge, or are REML fits with different fixed effects.
    """
    small, large = sorted((one, other), key=lambda model: model.parameters)
    if small.y.shape != large.y.shape or not np.array_equal(np.sort(small.y), np.sort(large.y)):
        raise UsageError("the models are not of the same rows: fit both to the same complete rows")
    if small.summary.method != large.summary.method:
        raise UsageError("one model is fitted by REML and the other by ML")
    if small.summary.method == "reml" and not _same_space(small.x, large.x):
        raise UsageError(
            "the fixed effects differ, and REML likelihoods of different fixed effects do not "
            "compare: fit both with method='ml'"
        )
    if small.parameters == large.parameters:
        raise UsageError("the models have equally many parameters: neither lies within the other")
    if not (small.summary.converged and large.summary.converged):
        raise UsageError("a model did not converge, so its likelihood is not at its maximum")
    statistic = max(0.0, small.deviance - large.deviance)
    df = large.parameters - small.parameters
    rows = [small, large]
    return pd.DataFrame(
        {
            "model": [row.name for row in rows],
            "covariance": [row.summary.covariance for row in rows],
            "parameters": [row.parameters for row in rows],
            "loglik": [row.summary.loglik for row in rows],
            "aic": [row.summary.aic for row in rows],
            "bic": [row.summary.bic for row in rows],
            "statistic": [np.nan, statistic],
            "df": [np.nan, float(df)],
            "p_value": [np.nan, chi_square_p(statistic=statistic, df=df)],
        }
    )


def _same_space(a: FloatArray, b: FloatArray) -> bool:
    if a.shape != b.shape:
        return False
    left = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
    return bool(np.abs(left).max() <= 1e-8 * np.abs(b).max())
