"""Cluster-robust covariances of the fixed effects, with their own degrees of freedom.

With V_i = L_i L_i', X~ = L^-1 X, e~ = L^-1 r and A_i = I - X~_i Phi X~_i' (the part of a
participant's residuals that the model leaves free), the score of a participant is X~_i' A_i^-h
e~_i and the covariance Phi (sum of score score') Phi. h = 0: CR0, the plain sandwich (Liang and
Zeger 1986); h = 1/2: CR2, unbiased when V is right (Bell and McCaffrey 2002); h = 1: CR3, close
to the jackknife (Mancl and DeRouen 2001). Degrees of freedom: tr(M)^2 / tr(M^2) of the quadratic
form that the variance estimate is (Bell and McCaffrey).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

POWERS = {"cr0": 0.0, "cr2": 0.5, "cr3": 1.0}
ZERO = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Robust(Shown):
    """A robust covariance and what its degrees of freedom need.

    Attributes
    ----------
    covariance : array, shape (p, p)
        Of the fixed effects.
    white : array, shape (n, M, p)
        X~ of each participant, zero in empty slots.
    loads : array, shape (n, M, p)
        A^-h X~ of each participant.
    phi : array, shape (p, p)
        The model's own covariance.
    """

    covariance: FloatArray
    white: FloatArray
    loads: FloatArray
    phi: FloatArray

    def degrees_of_freedom(self, combination: FloatArray) -> float:
        """Return the df of one combination, shape (p,), in the basis of the fit.

        The variance estimate is sum_i (c_i' e~_i)^2 with c_i = A_i^-h X~_i Phi l, a quadratic
        form in residuals with covariance I - X~ Phi X~', so that
        M_ij = c_i'(delta_ij I - X~_i Phi X~_j') c_j.
        """
        load = self.loads @ (self.phi @ combination)
        own = np.einsum("nm,nm->n", load, load)
        seen = np.einsum("nm,nmp->np", load, self.white)
        form = np.diag(own) - seen @ self.phi @ seen.T
        return float(np.trace(form) ** 2 / (form**2).sum())


def robust_covariance(fit: Fit, *, y: FloatArray, x: FloatArray, kind: str) -> Robust:
    """Return a cluster-robust covariance, "cr0", "cr2" or "cr3"; participants are the clusters.

    x is the design in the basis of the fit, shape (N, p).
    """
    patterns, phi = fit.likelihood.patterns, fit.point.phi
    half = np.linalg.inv(np.linalg.cholesky(fit.likelihood.marginal.v(fit.point.theta)))
    half = half[patterns.member]
    held = patterns.rows >= 0
    residual = np.where(held, (y - x @ fit.point.beta)[patterns.rows], 0.0)
    white = half @ np.where(held[:, :, None], x[patterns.rows], 0.0)
    error = np.einsum("nab,nb->na", half, residual)
    free = np.eye(held.shape[1]) - white @ phi @ np.swapaxes(white, 1, 2)
    values, vectors = np.linalg.eigh(free)
    # Directions in which the model leaves nothing free carry no residual: they are dropped.
    power = POWERS[kind]
    kept = (values > ZERO) | (power == 0.0)
    inverse = np.where(kept, np.maximum(values, ZERO) ** -power, 0.0)
    weight = (vectors * inverse[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    loads = weight @ white
    score = np.einsum("nap,na->np", loads, error)
    return Robust(
        covariance=np.asarray(phi @ (score.T @ score) @ phi),
        white=white,
        loads=loads,
        phi=phi,
    )
