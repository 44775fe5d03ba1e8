"""The one door from linear combinations of the fixed effects to tests, whatever the df method."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from backwalk_stats.engine.mixed.dof import DfMethod
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.numbers import Estimate, FloatArray, f_p, t_estimate
from backwalk_stats.registry import Shown

RANK = 1.5e-8


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class JointTest(Shown):
    """An F test: numerator and denominator df, statistic, p; NaN where nothing is tested."""

    df_num: float
    df_den: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class Inference(Shown):
    """Fixed effects of a fit, in the caller's coefficients, with a df method.

    Attributes
    ----------
    method : DfMethod
        In the basis of the fit.
    gamma : array, shape (p,)
        Fixed effects in the basis of the fit.
    basis : array, shape (p, p)
        R of X = Q R.
    """

    method: DfMethod
    gamma: FloatArray
    basis: FloatArray

    @property
    def beta(self) -> FloatArray:
        """Return the coefficients, shape (p,)."""
        return np.asarray(np.linalg.solve(self.basis, self.gamma), dtype=float)

    @property
    def covariance(self) -> FloatArray:
        """Return the covariance of the coefficients, shape (p, p)."""
        half = np.linalg.solve(self.basis, self.method.covariance)
        return np.asarray(np.linalg.solve(self.basis, half.T))

    def turned(self, combinations: FloatArray) -> FloatArray:
        """Return combinations of coefficients, shape (l, p), in the basis of the fit."""
        return np.asarray(np.linalg.solve(self.basis.T, np.atleast_2d(combinations).T).T)

    def test(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return the estimate, SE, df, t, p and interval of each combination, shape (l, p)."""
        rows = self.turned(combinations)
        variance = np.einsum("la,ab,lb->l", rows, self.method.covariance, rows)
        return t_estimate(
            estimate=rows @ self.gamma,
            std_error=np.sqrt(np.maximum(variance, 0.0)),
            df=self.method.single(rows),
            level=level,
        )

    def joint(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations are zero; linearly dependent rows count once."""
        rows = self.turned(combinations)
        spread = rows @ self.method.covariance @ rows.T
        width = _rank_of(spread)
        if not width:
            return JointTest(df_num=0.0, df_den=nan, statistic=nan, p_value=nan)
        values, vectors = np.linalg.eigh(spread)
        independent = (vectors[:, -width:].T @ rows)[::-1]
        spread = values[-width:][::-1]
        found = self.method.joint(independent, independent if width < len(rows) else rows)
        estimate = independent @ self.gamma
        statistic = found.scale * float((estimate**2 / spread).sum()) / width
        p_value = float(f_p(statistic=statistic, df_num=width, df_den=found.df))
        return JointTest(df_num=float(width), df_den=found.df, statistic=statistic, p_value=p_value)


def _rank_of(covariance: FloatArray) -> int:
    """Return the rank of a covariance matrix, whatever the units of its rows."""
    size = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    size = np.where(size > 0, size, 1.0)
    values = np.linalg.eigvalsh(covariance / np.outer(size, size))
    return int((values > RANK * max(float(values.max(initial=0.0)), 0.0)).sum())


# Best linear unbiased predictions of random effects, with two standard errors each.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Predicted(Shown):
    """Random effects of every participant.

    Attributes
    ----------
    effects : array, shape (n, r)
    conditional : array, shape (n, r, r)
        Variance given the fixed effects, as lme4's `condVar`.
    prediction : array, shape (n, r, r)
        Variance of prediction minus truth, as SAS's `StdErrPred` squared.
    """

    effects: FloatArray
    conditional: FloatArray
    prediction: FloatArray


def predicted_effects(
    fit: Fit, marginal: RandomEffects, *, y: FloatArray, x: FloatArray
) -> Predicted:
    """Return the random effects of a fit of y on x, shape (N, p), in the basis of the fit.

    u = G Z' W (y - X beta) (Henderson, Biometrics 1975;31:423). Given beta and the covariance
    parameters, u has variance G - G Z'W Z G; that of u - u^, which allows for the estimation of
    beta, is G - G Z'P Z G with P = W - W X Phi X'W. Neither allows for the estimated variances.
    """
    patterns = fit.likelihood.patterns
    held = patterns.rows >= 0
    residual = np.where(held, (y - x @ fit.point.beta)[patterns.rows], 0.0)
    design = np.where(held[:, :, None], x[patterns.rows], 0.0)
    g = marginal.g(fit.point.theta)
    load = (g @ np.swapaxes(patterns.z, 1, 2) @ fit.point.w)[patterns.member]
    zg = (patterns.z @ g)[patterns.member]
    conditional = g - load @ zg
    through = load @ design
    return Predicted(
        effects=np.einsum("nra,na->nr", load, residual),
        conditional=conditional,
        prediction=conditional + through @ fit.point.phi @ np.swapaxes(through, 1, 2),
    )
