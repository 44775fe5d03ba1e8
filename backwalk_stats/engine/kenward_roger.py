"""Kenward and Roger's adjusted covariance and degrees of freedom.

With Phi = (X'WX)^-1, P_j = -X'W V_j W X, Q_jl = X'W V_j W V_l W X, R_jl = X'W V_jl W X and C the
covariance of the parameters,

    Phi_A = Phi + 2 Phi [sum_jl C_jl (Q_jl - P_j Phi P_l - R_jl / 4)] Phi

(Kenward and Roger, Biometrics 1997;53:983-997). The linear form leaves R out (2009 paper; SAS's
`ddfm=kr(linear)`). SAS and mmrm take C from the observed information, pbkrtest from the expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit


@dataclass(frozen=True, kw_only=True, slots=True)
class Approximation:
    """The F approximation of a set of l combinations: scale times F on (l, df)."""

    df: float
    scale: float


def adjusted_covariance(
    fit: Fit, *, theta_covariance: FloatArray, with_curvature: bool
) -> FloatArray:
    """Return Phi_A, shape (p, p).

    Parameters
    ----------
    fit : Fit
        A REML fit.
    theta_covariance : array, shape (q, q)
        C, of the natural parameters.
    with_curvature : bool
        Whether R_jl enters; False is the linear form.
    """
    patterns, marginal = fit.likelihood.patterns, fit.likelihood.marginal
    w, phi, f = fit.point.w, fit.point.phi, fit.slopes.f
    p = patterns.rank
    v1 = marginal.first(fit.point.theta)
    q = len(v1)
    # sum_jl C_jl V_j W V_l for each pattern: contracted before any p x p matrix is formed.
    mixed = (theta_covariance @ v1.reshape(q, -1)).reshape(v1.shape)
    inner = (v1 @ w @ mixed).sum(axis=0)
    v2 = marginal.second(fit.point.theta) if with_curvature else None
    if v2 is not None:
        inner = inner - 0.25 * np.einsum("jl,jlkab->kab", theta_covariance, v2)
    twice = patterns.contract(w @ inner @ w)[:p, :p]
    loaded = (theta_covariance @ f.reshape(q, -1)).reshape(f.shape)
    minus = np.einsum("jab,jbc->ac", f @ phi, loaded)
    adjusted = phi + 2.0 * phi @ (twice - minus) @ phi
    return np.asarray(0.5 * (adjusted + adjusted.T))


def approximation(
    fit: Fit, combinations: FloatArray, *, theta_covariance: FloatArray
) -> Approximation:
    """Return the denominator df and the scale of the F statistic of l combinations.

    Parameters
    ----------
    fit : Fit
        A REML fit.
    combinations : array, shape (l, p)
        Linearly independent rows, in the basis of the fit.
    theta_covariance : array, shape (q, q)
        C, as for `adjusted_covariance`.
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
