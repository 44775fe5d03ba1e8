"""A fitted linear model: a frozen record with the views that a mixed model has, and its summary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.contrasts import JointTest
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import Estimate
from backwalk_stats.engine.least_squares import LeastSquares
from backwalk_stats.engine.linear_inference import LinearInference
from backwalk_stats.models import model_contrasts
from backwalk_stats.models.design import Design
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.prediction import design_rows, with_offset
from backwalk_stats.models.summary import estimate_columns

LARGE_CONDITION = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearSummary:
    """A least-squares fit in one row.

    Attributes
    ----------
    n_obs, n_dropped : int
        Rows used, and rows left out because a needed value is missing.
    df_residual : int
        Rows minus coefficients.
    residual_sd : float
        In the unit of the outcome; smaller is closer.
    r_squared, r_squared_adjusted : float
        Share of the variance about the mean (without an intercept: about zero) that the model
        explains; larger is closer.
    loglik : float
        Log-likelihood, with the variance at its maximum likelihood estimate, as R's `logLik(lm)`.
    aic, bic : float
        Smaller is better; coefficients and the variance are counted, as in R.
    condition_number : float
        Of the centred design with columns of one length: 1 is best. A coefficient may lose as many
        digits as it has.
    vcov, df : str
        The covariance of the coefficients, and the method of degrees of freedom.
    notes : tuple of str
        What the reader must know.
    """

    n_obs: int
    n_dropped: int
    df_residual: int
    residual_sd: float
    r_squared: float
    r_squared_adjusted: float
    loglik: float
    aic: float
    bic: float
    condition_number: float
    vcov: str
    df: str
    notes: tuple[str, ...]


def linear_summary(
    fit: LeastSquares,
    *,
    y: FloatArray,
    n_dropped: int,
    vcov: str,
    df: str,
    notes: tuple[str, ...],
) -> LinearSummary:
    """Return the summary of a least-squares fit.

    Parameters
    ----------
    fit : LeastSquares
        With at least one residual degree of freedom.
    y : array, shape (n,)
        Outcome.
    n_dropped : int
        Rows left out.
    vcov, df : str
        As asked.
    notes : tuple of str
        What is known beyond the fit.
    """
    n, p = len(y), len(fit.beta)
    intercept = fit.design.constant is not None
    about = y - y.mean() if intercept else y
    unexplained = fit.rss / float(about @ about)
    variance = fit.rss / n
    loglik = math.inf if fit.exact else -0.5 * n * (math.log(2.0 * math.pi * variance) + 1.0)
    return LinearSummary(
        n_obs=n,
        n_dropped=n_dropped,
        df_residual=fit.df,
        residual_sd=math.sqrt(fit.variance),
        r_squared=1.0 - unexplained,
        r_squared_adjusted=1.0 - unexplained * (n - intercept) / fit.df,
        loglik=loglik,
        aic=2.0 * (p + 1) - 2.0 * loglik,
        bic=float(np.log(n)) * (p + 1) - 2.0 * loglik,
        condition_number=fit.design.condition,
        vcov=vcov,
        df=df,
        notes=(*notes, *_warnings(fit)),
    )


def _warnings(fit: LeastSquares) -> tuple[str, ...]:
    found = []
    if fit.exact:
        found.append("every row is fitted exactly: there is no residual variance to test with")
    if fit.design.condition > LARGE_CONDITION:
        digits = max(0, 15 - round(math.log10(fit.design.condition)))
        found.append(
            f"condition number {fit.design.condition:.2g}: a change of the data in the 15th digit "
            f"may change a coefficient in digit {digits + 1}"
        )
    return tuple(found)


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

    coefficients = model_contrasts.coefficients
    marginal_means = model_contrasts.marginal_means
    contrasts = model_contrasts.contrasts
    anova = model_contrasts.anova

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p)."""
        return self.inference.test(combinations, level=level)

    def jointly(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, shape (l, p), are zero."""
        return self.inference.joint(combinations)

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
