"""The Gaussian likelihood of a linear mixed model in marginal form, REML and ML.

-2 log L = sum log|V| (+ log|X'WX|) + r'Wr + d log 2 pi with W = V^-1, d = N - p for REML and N for
ML. Its gradient and observed Hessian in the natural parameters are exact:

    gradient_j = tr(P V_j) - y'P V_j P y
    Hessian_jl = -tr(P V_j P V_l) + tr(P V_jl) + 2 y'P V_j P V_l P y - y'P V_jl P y

with P = W - W X (X'WX)^-1 X'W; for ML the traces are of W instead of P (Harville, J Am Stat Assoc
1977;72:320). All of it needs only M x M matrices of each pattern and one table of cross products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.mixed.marginal import Marginal
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Point(Shown):
    """The likelihood at one set of parameters.

    Attributes
    ----------
    deviance : float
        -2 log L.
    beta : array, shape (p,)
        Fixed effects.
    phi : array, shape (p, p)
        (X'WX)^-1.
    w : array, shape (K, M, M)
        V^-1 of each pattern, zero in empty slots.
    theta : array, shape (q,)
        The parameters.
    """

    deviance: float
    beta: FloatArray
    phi: FloatArray
    w: FloatArray
    theta: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Slopes(Shown):
    """Derivatives of -2 log L at a point, in the natural parameters.

    Attributes
    ----------
    gradient : array, shape (q,)
    hessian : array, shape (q, q)
        Observed.
    expected : array, shape (q, q)
        The Hessian's expectation.
    f : array, shape (q, p, p)
        X'W V_j W X of each parameter.
    """

    gradient: FloatArray
    hessian: FloatArray
    expected: FloatArray
    f: FloatArray


@dataclass(frozen=True, slots=True, repr=False)
class Likelihood(Shown):
    """The likelihood of a data set under a covariance model."""

    patterns: Patterns
    marginal: Marginal
    reml: bool

    def at(self, theta: FloatArray) -> Point | None:
        """Return the likelihood at a point; None where V or X'WX is not positive definite."""
        try:
            v = self.marginal.v(theta)
            lower = np.linalg.cholesky(v)
            half = np.linalg.inv(lower)
            w = np.swapaxes(half, -1, -2) @ half
            index = np.arange(v.shape[1])
            w[:, index, index] *= self.patterns.mask
            log_det = 2.0 * np.log(lower[:, index, index]).sum(axis=1)
            square = self.patterns.contract(w)
            root = np.linalg.cholesky(square[:-1, :-1])
        except np.linalg.LinAlgError:
            return None
        inverse = np.linalg.inv(root)
        phi = inverse.T @ inverse
        beta = phi @ square[:-1, -1]
        rest = square[-1, -1] - square[:-1, -1] @ beta
        p = self.patterns.rank
        count = self.patterns.n_obs - (p if self.reml else 0)
        deviance = float(self.patterns.size @ log_det + rest + count * np.log(2.0 * np.pi))
        if self.reml:
            deviance += float(2.0 * np.log(np.diagonal(root)).sum())
        if not np.isfinite(deviance):
            return None
        beta = beta + self.patterns.offset
        return Point(deviance=deviance, beta=beta, phi=phi, w=w, theta=theta)

    def slopes(self, point: Point) -> Slopes:
        """Return the derivatives at a point."""
        w, phi, p = point.w, point.phi, self.patterns.rank
        v1 = self.marginal.first(point.theta)
        q = len(v1)
        resid = np.append(self.patterns.offset - point.beta, 1.0)
        padded = np.zeros((p + 1, p + 1))
        padded[:p, :p] = phi
        g = w @ self.patterns.expand(padded) @ w
        h = w @ self.patterns.expand(np.outer(resid, resid)) @ w
        nw = self.patterns.size[:, None, None] * w
        vw = v1 @ w
        f = self.patterns.contract(w @ vw)
        fx, fr = f[:, :p, :p], f[:, :p, :] @ resid
        loaded = phi @ fx
        cross = np.einsum("jab,lba->jl", loaded, loaded)
        pull = fr @ phi @ fr.T
        share = g if self.reml else np.zeros_like(g)
        extra = cross if self.reml else np.zeros_like(cross)
        excess = nw - share - h
        gradient = np.einsum("jkab,kba->j", v1, excess)
        expected = _trace(vw, v1 @ (nw - 2.0 * share), q) + extra
        hessian = _trace(vw, v1 @ (2.0 * share + 2.0 * h - nw), q) - extra - 2.0 * pull
        v2 = self.marginal.second(point.theta)
        if v2 is not None:
            hessian = hessian + np.einsum("jlkab,kba->jl", v2, excess)
        return Slopes(
            gradient=gradient,
            hessian=0.5 * (hessian + hessian.T),
            expected=0.5 * (expected + expected.T),
            f=fx,
        )

    def spread_of_weights(
        self, point: Point, theta_covariance: FloatArray, *, with_curvature: bool
    ) -> FloatArray:
        """Return sum_jl C_jl (X'W V_j W V_l W X - X'W V_jl W X / 4), shape (p, p).

        C, shape (q, q), is of the natural parameters; without curvature the second term is left
        out.
        """
        v1 = self.marginal.first(point.theta)
        q, p = len(v1), self.patterns.rank
        # sum_jl C_jl V_j W V_l for each pattern: contracted before any p x p matrix is formed.
        mixed = (theta_covariance @ v1.reshape(q, -1)).reshape(v1.shape)
        inner = (v1 @ point.w @ mixed).sum(axis=0)
        v2 = self.marginal.second(point.theta) if with_curvature else None
        if v2 is not None:
            inner = inner - 0.25 * np.einsum("jl,jlkab->kab", theta_covariance, v2)
        return self.patterns.contract(point.w @ inner @ point.w)[:p, :p]


def _trace(left: FloatArray, right: FloatArray, q: int) -> FloatArray:
    """Return sum over patterns of tr(left_j right_l), shape (q, q)."""
    turned = np.swapaxes(right, -1, -2).reshape(q, -1)
    return np.asarray(left.reshape(q, -1) @ turned.T)
