"""A fitted mixed model: a frozen record with a few views on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.contrasts import Inference
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import Estimate
from backwalk_stats.engine.fit import Fit
from backwalk_stats.models.design import Design
from backwalk_stats.models.estimates import estimate_columns
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.summary import FitSummary


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A mixed model after its fit.

    Attributes
    ----------
    formula : Formula
    design : Design
        Coding of the fixed effects.
    fit : Fit
        The maximised likelihood.
    inference : Inference
        Fixed effects with their covariance and df method.
    summary : FitSummary
        The fit in one row; read `converged` and `notes` first.
    frame : DataFrame
        The rows that were used, with their index.
    x, y : array
        Their design and outcome.
    visits : tuple of str
        Visits in order (empty for `lmm`).
    groups : tuple of str
        Levels with a covariance of their own (empty where there is one for all).
    participants : tuple
        Ids in the order in which they appear.
    """

    formula: Formula
    design: Design
    fit: Fit
    inference: Inference
    summary: FitSummary
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    visits: tuple[str, ...]
    groups: tuple[str, ...]
    participants: tuple[object, ...]

    def coefficients(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the fixed effects.

        Returns
        -------
        DataFrame
            term, estimate, std_error, df, statistic, p_value, conf_low, conf_high; terms named and
            ordered as R's `lm` does. Without convergence all but the estimates are NaN.
        """
        found = self.tested(np.eye(len(self.design.columns)), level=level)
        return pd.DataFrame({"term": list(self.design.names), **estimate_columns(found)})

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p).

        The one place where a fit that did not converge loses its standard errors and p-values.
        """
        if self.summary.converged:
            return self.inference.test(combinations, level=level)
        nothing = np.full(len(combinations), np.nan)
        return Estimate(
            estimate=combinations @ self.inference.beta,
            std_error=nothing,
            df=nothing,
            statistic=nothing,
            p_value=nothing,
            conf_low=nothing,
            conf_high=nothing,
        )
