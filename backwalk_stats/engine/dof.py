"""Degrees-of-freedom methods: each a small frozen value with the same four answers.

A method says which covariance of the fixed effects it goes with, the df of single combinations, and
the df and scale of a joint F. `contrasts` is the one door through which they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.kenward_roger import Approximation, adjusted_covariance, approximation
from backwalk_stats.engine.robust import Robust
from backwalk_stats.engine.satterthwaite import degrees_of_freedom, joint_df


class DfMethod(Protocol):
    """What a test needs of a method. Combinations are in the basis of the fit, shape (l, p)."""

    @property
    def covariance(self) -> FloatArray:
        """Return the covariance of the fixed effects, shape (p, p)."""

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return the df of each combination, shape (l,)."""

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return the df and scale of the F of all combinations.

        `independent` are the same combinations made uncorrelated under `covariance`; `every` as
        given but of full rank.
        """


@dataclass(frozen=True)
class Satterthwaite:
    """Satterthwaite's df with the model's own covariance."""

    fit: Fit

    @property
    def covariance(self) -> FloatArray:
        """Return (X'WX)^-1."""
        return self.fit.point.phi

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return 2 v^2 / (g' C g) of each combination."""
        return degrees_of_freedom(self.fit, combinations)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return Fai and Cornelius's df."""
        return Approximation(df=joint_df(self.single(independent).tolist()), scale=1.0)


@dataclass(frozen=True)
class KenwardRoger:
    """Kenward and Roger's adjusted covariance, df and scale; REML fits only.

    Attributes
    ----------
    linear : bool
        Leaves out the second derivatives of V (SAS's `kr(linear)`).
    expected : bool
        Takes the parameters' covariance from the expected information (pbkrtest) and not from the
        observed (SAS PROC MIXED, mmrm).
    """

    fit: Fit
    linear: bool = False
    expected: bool = False

    @cached_property
    def theta_covariance(self) -> FloatArray:
        """Return the covariance of the natural parameters."""
        if not self.expected:
            return self.fit.theta_covariance
        return np.asarray(2.0 * np.linalg.inv(self.fit.slopes.expected))

    @cached_property
    def covariance(self) -> FloatArray:
        """Return the adjusted covariance."""
        return adjusted_covariance(
            self.fit, theta_covariance=self.theta_covariance, with_curvature=not self.linear
        )

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return Kenward and Roger's df of each combination."""
        found = [
            approximation(self.fit, one[None], theta_covariance=self.theta_covariance).df
            for one in combinations
        ]
        return np.array(found)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return Kenward and Roger's df and scale."""
        return approximation(self.fit, every, theta_covariance=self.theta_covariance)


@dataclass(frozen=True)
class BetweenWithin:
    """SAS's `ddfm=bw` as mmrm does it: each coefficient varies between participants or within them.

    Attributes
    ----------
    per_coefficient : array, shape (p,)
        The df of each coefficient.
    basis : array, shape (p, p)
        R of X = Q R: turns combinations back to those of the coefficients.
    """

    fit: Fit
    per_coefficient: FloatArray
    basis: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """Return (X'WX)^-1."""
        return self.fit.point.phi

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return the smallest df of the coefficients that a combination involves."""
        return np.array([self._least(one[None]) for one in combinations])

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return the smallest df of the coefficients that any combination involves."""
        return Approximation(df=self._least(every), scale=1.0)

    def _least(self, combinations: FloatArray) -> float:
        involved = np.abs(combinations @ self.basis).max(axis=0) > 1e-9
        return float(self.per_coefficient[involved].min())


@dataclass(frozen=True)
class Residual:
    """Rows minus coefficients for every test."""

    fit: Fit

    @property
    def covariance(self) -> FloatArray:
        """Return (X'WX)^-1."""
        return self.fit.point.phi

    @property
    def _df(self) -> float:
        return float(self.fit.likelihood.patterns.n_obs - self.fit.likelihood.patterns.rank)

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return N - p for each combination."""
        return np.full(len(combinations), self._df)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return N - p."""
        return Approximation(df=self._df, scale=1.0)


@dataclass(frozen=True)
class RobustSatterthwaite:
    """A cluster-robust covariance with the df of Bell and McCaffrey."""

    robust: Robust

    @property
    def covariance(self) -> FloatArray:
        """Return the robust covariance."""
        return self.robust.covariance

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return tr(M)^2 / tr(M^2) of each combination."""
        return np.array([self.robust.degrees_of_freedom(one) for one in combinations])

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return Fai and Cornelius's df from those of the single ones."""
        return Approximation(df=joint_df(self.single(independent).tolist()), scale=1.0)


@dataclass(frozen=True)
class WithCovariance:
    """The df of one method with the covariance of another: residual df with a robust one."""

    df_method: DfMethod
    covariance: FloatArray

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return the df of the first method."""
        return self.df_method.single(combinations)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return the df of the first method, unscaled."""
        return Approximation(df=self.df_method.joint(independent, every).df, scale=1.0)
