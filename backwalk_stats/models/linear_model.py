"""A fitted linear model: a frozen record with the views that a mixed model has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import shifted
from backwalk_stats.engine.least_squares import LeastSquares
from backwalk_stats.engine.linear_inference import LinearInference
from backwalk_stats.models.design import Design
from backwalk_stats.models.estimates import estimate_columns
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.joint_tests import hypothesis
from backwalk_stats.models.linear_summary import LinearSummary
from backwalk_stats.models.marginal_means import grid, names_of
from backwalk_stats.models.model_contrasts import Weights, compared
from backwalk_stats.models.prediction import design_rows, with_offset


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """A linear model after its fit by ordinary least squares.

    Attributes
    ----------
    formula : Formula
    design : Design
        Coding of the terms.
    fit : LeastSquares
        Coefficients, residuals, leverage.
    inference : LinearInference
        Coefficients with their covariance and df method.
    summary : LinearSummary
        The fit in one row; read `condition_number` and `notes` first.
    frame : DataFrame
        The rows that were used, with their index.
    x, y : array
        Their design, shape (n, p), and outcome less the offset, shape (n,).
    offset : array, shape (n,), or None
        Of the rows used, where the formula has one.
    """

    formula: Formula
    design: Design
    fit: LeastSquares
    inference: LinearInference
    summary: LinearSummary
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    offset: FloatArray | None = None

    def coefficients(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients.

        Returns
        -------
        DataFrame
            term, estimate, std_error, df, statistic, p_value, conf_low, conf_high; terms named and
            ordered as R's `lm` does. An exact fit has standard errors of zero and no tests.
        """
        rows = np.eye(len(self.design.columns))
        found = self.inference.test(rows, level=level)
        return pd.DataFrame({"term": list(self.design.names), **estimate_columns(found)})

    def marginal_means(
        self,
        factors: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return adjusted means: other factors weighed equally, covariates at their mean.

        Parameters
        ----------
        factors, by : str or sequence of str
            Columns of factors of the model; a mean for each combination of their levels.
        at : mapping, optional
            Numeric covariates to hold elsewhere than at their mean over the rows used.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            A column for each factor, then estimate, std_error, df, statistic, p_value (against
            zero), conf_low, conf_high; the first factor varies fastest. Where the model has an
            offset, the column "offset" says at what it is held: its mean over the rows used.
        """
        found = grid(self.design, (*names_of(factors), *names_of(by)), at=at)
        tested = self.inference.test(found.rows, level=level)
        moved = shifted(tested, found.offset, level=level)
        return pd.DataFrame({**found.labels, **estimate_columns(moved)})

    def contrasts(
        self,
        factor: str,
        by: str | Sequence[str] | None = None,
        *,
        method: str | Weights = "reference",
        reference: object = None,
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Return differences of marginal means, later minus earlier; p-values are not adjusted.

        Parameters
        ----------
        factor : str
            Column of the factor whose levels are compared.
        by : str or sequence of str, optional
            Columns of factors within whose levels they are compared.
        method : str or mapping
            "reference" (each other level minus the first), "pairwise", "consecutive", or weights:
            {"name": [weight of each level]}.
        reference : object, optional
            The level to subtract, instead of the first.
        at : mapping, optional
            Numeric covariates to hold elsewhere than at their mean.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            contrast, a column for each factor of `by`, and the estimate columns.
        """
        found = compared(
            self.design, factor, names_of(by), method=method, reference=reference, at=at
        )
        tested = self.inference.test(found.rows, level=level)
        return pd.DataFrame({**found.labels, **estimate_columns(tested)})

    def anova(self) -> pd.DataFrame:
        """Return type III F tests of the terms: term, df_num, df_den, statistic, p_value.

        A factor is tested at equal weights of the factors that it interacts with, and at the value
        zero of a covariate that it interacts with: centre the covariate where that means nothing.
        """
        terms = [term for term in self.design.terms if term != "(Intercept)"]
        tests = [self.inference.joint(hypothesis(self.design, term)) for term in terms]
        names = ("df_num", "df_den", "statistic", "p_value")
        columns = {name: [getattr(test, name) for test in tests] for name in names}
        return pd.DataFrame({"term": terms, **columns})

    @property
    def covariance(self) -> pd.DataFrame:
        """Return the covariance of the coefficients, in the choice of `vcov`, by name."""
        names = list(self.design.names)
        return pd.DataFrame(self.inference.covariance, index=names, columns=names)

    def fitted(self) -> pd.Series:
        """Return the fitted values, in the index of the rows used."""
        y = self.y if self.offset is None else self.y + self.offset
        return pd.Series(y - self.fit.residual, index=self.frame.index, name="fitted")

    def predict(self, frame: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
        """Return the expected outcome of new rows.

        Returns
        -------
        DataFrame
            estimate, std_error (of the mean, not of a new outcome), df, conf_low, conf_high; the
            index is that of `frame`, and rows that miss a value are NaN.
        """
        rows, held = design_rows(self.design, frame)
        names = ("estimate", "std_error", "df", "conf_low", "conf_high")
        out = pd.DataFrame(np.nan, index=frame.index, columns=list(names))
        if held.any():
            found = estimate_columns(self.inference.test(rows[held], level=level))
            out.loc[held, :] = np.column_stack([found[name] for name in names])
        return with_offset(out, self.design, frame)

    def residuals(self) -> pd.Series:
        """Return outcome minus fitted value, in the index of the rows used."""
        return pd.Series(self.fit.residual, index=self.frame.index, name="residual")
