"""Degrees-of-freedom methods: each a small frozen value with the same four answers.

A method says which covariance of the fixed effects it goes with, the df of single combinations, and
the df and scale of a joint F. `contrasts` is the one door through which they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np

from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.robust import Robust
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

SAME = 1.5e-8


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


@dataclass(frozen=True, repr=False)
class Satterthwaite(Shown):
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


@dataclass(frozen=True, repr=False)
class KenwardRoger(Shown):
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
        return _adjusted_covariance(
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


@dataclass(frozen=True, repr=False)
class BetweenWithin(Shown):
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


@dataclass(frozen=True, repr=False)
class Residual(Shown):
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


@dataclass(frozen=True, repr=False)
class RobustSatterthwaite(Shown):
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


@dataclass(frozen=True, repr=False)
class WithCovariance(Shown):
    """The df of one method with the covariance of another: residual df with a robust one."""

    df_method: DfMethod
    covariance: FloatArray

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return the df of the first method."""
        return self.df_method.single(combinations)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return the df of the first method, unscaled."""
        return Approximation(df=self.df_method.joint(independent, every).df, scale=1.0)


# Satterthwaite's degrees of freedom for one combination and for several.


def degrees_of_freedom(fit: Fit, combinations: FloatArray) -> FloatArray:
    """Return the df of each combination, (l, p) in the basis of the fit, shape (l,).

    df = 2 v^2 / (g' C g), v = l Phi l', g_j = l Phi (X'W V_j W X) Phi l', C the covariance of the
    parameters (Giesbrecht and Burns, Biometrics 1985;41:477).
    """
    loaded = combinations @ fit.point.phi
    variance = np.einsum("la,la->l", loaded, combinations)
    gradient = _contracted("la,jab,lb->lj", loaded, fit.slopes.f, loaded)
    spread = _contracted("lj,jk,lk->l", gradient, fit.theta_covariance, gradient)
    with np.errstate(divide="ignore"):
        return np.asarray(2.0 * variance**2 / spread)


def _contracted(indices: str, *tables: FloatArray) -> FloatArray:
    """Return a sum of products over indices, in the order that numpy finds cheapest."""
    order = _order(indices, *(one.shape for one in tables))
    return np.asarray(np.einsum(indices, *tables, optimize=order))


@lru_cache(maxsize=256)
def _order(indices: str, *shapes: tuple[int, ...]) -> list[object]:
    """Return the order of contraction; finding it takes longer than the sum itself."""
    return list(np.einsum_path(indices, *map(np.empty, shapes), optimize=True)[0])


def joint_df(df: Sequence[float]) -> float:
    """Return the denominator df of the F of independent combinations with these df.

    df = 2 E / (E - l) with E = sum nu_m / (nu_m - 2) (Fai and Cornelius, J Stat Comput Simul
    1996;54:363); two when any of them has two or fewer.

    >>> round(joint_df([10.0, 20.0]), 3)
    13.077
    """
    values = np.asarray(df, dtype=float)
    if len(values) == 1:
        return float(values[0])
    if np.all(np.abs(np.diff(values)) < SAME):
        return float(values.mean())
    if np.any(values <= 2.0):
        return 2.0
    e = float((values / (values - 2.0)).sum())
    return 2.0 * e / (e - len(values))


# Kenward and Roger's adjusted covariance and degrees of freedom.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Approximation(Shown):
    """The F approximation of a set of l combinations: scale times F on (l, df)."""

    df: float
    scale: float


def _adjusted_covariance(
    fit: Fit, *, theta_covariance: FloatArray, with_curvature: bool
) -> FloatArray:
    """Return Phi_A, shape (p, p), of a REML fit; C, shape (q, q), is of the natural parameters.

    Phi_A = Phi + 2 Phi [sum_jl C_jl (Q_jl - P_j Phi P_l - R_jl / 4)] Phi with Phi = (X'WX)^-1,
    P_j = -X'W V_j W X, Q_jl = X'W V_j W V_l W X and R_jl = X'W V_jl W X (Kenward and Roger,
    Biometrics 1997;53:983-997). Without curvature R is left out: the linear form (2009 paper).
    """
    phi, f = fit.point.phi, fit.slopes.f
    q = len(f)
    twice = fit.likelihood.spread_of_weights(
        fit.point, theta_covariance, with_curvature=with_curvature
    )
    loaded = (theta_covariance @ f.reshape(q, -1)).reshape(f.shape)
    minus = np.einsum("jab,jbc->ac", f @ phi, loaded)
    adjusted = phi + 2.0 * phi @ (twice - minus) @ phi
    return np.asarray(0.5 * (adjusted + adjusted.T))


def approximation(
    fit: Fit, combinations: FloatArray, *, theta_covariance: FloatArray
) -> Approximation:
    """Return the denominator df and the scale of the F statistic of l combinations.

    They are linearly independent rows in the basis of the REML fit; C, shape (q, q), as above.
    """
    phi, f, width = fit.point.phi, fit.slopes.f, len(combinations)
    middle = np.linalg.inv(combinations @ phi @ combinations.T)
    theta = combinations.T @ middle @ combinations
    loaded = (theta @ phi) @ f @ phi
    traces = np.einsum("jaa->j", loaded)
    a1 = float(traces @ theta_covariance @ traces)
    a2 = float(np.einsum("jl,jab,lba->", theta_covariance, loaded, loaded, optimize=True))
    if width == 1:
        # A1 = A2, and the formula below is 0/0: the limit is Satterthwaite's df, unscaled.
        return Approximation(df=2.0 / a2 if a2 > 0 else np.inf, scale=1.0)
    b = (a1 + 6.0 * a2) / (2.0 * width)
    g = ((width + 1) * a1 - (width + 4) * a2) / ((width + 2) * a2)
    share = 3.0 * width + 2.0 * (1.0 - g)
    c1, c2, c3 = g / share, (width - g) / share, (width + 2 - g) / share
    e_star = 1.0 / (1.0 - a2 / width)
    v_star = 2.0 / width * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
    rho = v_star / (2.0 * e_star**2)
    df = 4.0 + (width + 2.0) / (width * rho - 1.0)
    return Approximation(df=float(df), scale=float(df / (e_star * (df - 2.0))))
