"""Tests of linear combinations of least-squares coefficients, in the caller's columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.linear.least_squares import LeastSquares
from backwalk_stats.engine.mixed.contrasts import Inference, JointTest
from backwalk_stats.engine.mixed.dof import DfMethod
from backwalk_stats.engine.numbers import Estimate, FloatArray, t_estimate
from backwalk_stats.registry import Shown


@dataclass(frozen=True, slots=True, repr=False)
class LinearInference(Shown):
    """Coefficients of a least-squares fit with a covariance and a df method.

    Attributes
    ----------
    fit : LeastSquares
    method : DfMethod
        In the basis Q of the fit's design.
    """

    fit: LeastSquares
    method: DfMethod

    @property
    def beta(self) -> FloatArray:
        """Return the coefficients, shape (p,)."""
        return self.fit.beta

    @property
    def covariance(self) -> FloatArray:
        """Return the covariance of the coefficients, shape (p, p)."""
        rows = self.fit.design.turned(np.eye(len(self.beta)))
        return np.asarray(rows @ self.method.covariance @ rows.T)

    def test(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return the estimate, standard error, df, t, p and interval of each combination, (l, p).

        An exact fit has standard errors of zero, and no statistic, p or interval; a standard error
        of zero is otherwise `NotEstimable`.
        """
        # The refined coefficients, not those of the basis: they hold more digits.
        estimate = np.atleast_2d(combinations) @ self.beta
        rows = self.fit.design.turned(combinations)
        if self.fit.exact:
            return self._without_test(estimate, self.method.single(rows))
        variance = np.einsum("la,ab,lb->l", rows, self.method.covariance, rows)
        return t_estimate(
            estimate=estimate,
            std_error=np.sqrt(np.maximum(variance, 0.0)),
            df=self.method.single(rows),
            level=level,
        )

    def joint(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, (l, p), are zero; NaN for an exact fit.

        Linearly dependent rows count once.
        """
        if self.fit.exact:
            width = float(np.linalg.matrix_rank(combinations))
            return JointTest(df_num=width, df_den=self.fit.df, statistic=np.nan, p_value=np.nan)
        design = self.fit.design
        inner = Inference(self.method, design.gamma(self.beta), np.eye(len(self.beta)))
        rows = design.turned(combinations)
        # At length one, so that the units of the covariates do not decide the df of several rows.
        length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
        return inner.joint(rows / np.where(length > 0.0, length, 1.0))

    def _without_test(self, estimate: FloatArray, df: FloatArray) -> Estimate:
        nothing = np.full(len(estimate), np.nan)
        return Estimate(
            estimate=estimate,
            std_error=np.zeros(len(estimate)),
            df=df,
            statistic=nothing,
            p_value=nothing,
            conf_low=nothing,
            conf_high=nothing,
        )
