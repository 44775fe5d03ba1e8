"""Maximises the likelihood: damped Newton steps in free parameters, and a check that cannot lie.

Steps use the observed Hessian of the free parameters where it is positive definite, else the
expected one (Fisher scoring; for random effects the observed one with its negative eigenvalues
turned round), damped after Levenberg and Marquardt until -2 log L falls. A fit counts as converged
when the step that is left could lower -2 log L by no more than `TOLERANCE`, the Hessian is positive
definite away from the boundary, and every standard error is finite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.mixed.likelihood import Likelihood, Point, Slopes
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

TOLERANCE = 1e-13
LOOSE_TOLERANCE = 1e-7
MOST_STEPS = 200
IMAGINARY = 1e-20
LONGEST = 3.0


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Fit(Shown):
    """A maximised likelihood.

    Attributes
    ----------
    likelihood : Likelihood
        What was maximised.
    point : Point
        Where, with fixed effects and their covariance.
    slopes : Slopes
        Derivatives there, in natural parameters.
    free : array, shape (q,)
        The free parameters.
    jacobian : array, shape (q, q)
        d natural / d free.
    theta_covariance : array, shape (q, q)
        Of the natural parameters: from the observed information.
    steps : int
        Iterations.
    gradient : float
        Largest absolute derivative of -2 log L in the free parameters.
    converged, singular : bool
        Whether the checks passed; whether a variance is estimated as zero.
    notes : tuple of str
        What the reader must know.
    """

    likelihood: Likelihood
    point: Point
    slopes: Slopes
    free: FloatArray
    jacobian: FloatArray
    theta_covariance: FloatArray
    steps: int
    gradient: float
    converged: bool
    singular: bool
    notes: tuple[str, ...]


def jacobian(likelihood: Likelihood, free: FloatArray) -> FloatArray:
    """Return d natural / d free by complex steps: exact to rounding, shape (..., q, q).

    `free` has shape (..., q): the derivatives at several points cost little more than at one.
    """
    moved = free[..., None, :] + 1j * IMAGINARY * np.eye(free.shape[-1])
    turned = np.ascontiguousarray(likelihood.marginal.from_free(moved).imag)
    return np.swapaxes(turned, -1, -2) / IMAGINARY


def curvature(likelihood: Likelihood, free: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return sum_j gradient_j d2 theta_j / d free d free, by differences of the jacobian."""
    size = 1e-5 * np.maximum(1.0, np.abs(free))
    shift = np.diag(size)
    ahead, behind = jacobian(likelihood, np.array([free + shift, free - shift]))
    out = np.array([gradient @ one for one in ahead - behind]) / (2.0 * size[:, None])
    return 0.5 * (out + out.T)


def maximise(likelihood: Likelihood, start: FloatArray) -> Fit:
    """Return the likelihood maximised from natural parameters `start`, shape (q,)."""
    free = likelihood.marginal.to_free(start)
    point = likelihood.at(likelihood.marginal.from_free(free))
    if point is None:
        raise NotEstimable("the likelihood cannot be computed at the start values")
    damping, left, steps = 1e-3, np.inf, 0
    view = _view(likelihood, point, free)
    while steps < MOST_STEPS:
        steps += 1
        found = _step(likelihood, point, free, view, damping)
        if found is None:
            break
        lower, free, damping, left = found
        better = point.deviance - lower.deviance
        point = lower
        view = _view(likelihood, point, free)
        if left < TOLERANCE and better < 1e-10:
            break
    return _finished(likelihood, point, free, view, steps)


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """The derivatives at a point, in natural and in free parameters."""

    slopes: Slopes
    jacobian: FloatArray
    gradient: FloatArray
    observed: FloatArray


def _view(likelihood: Likelihood, point: Point, free: FloatArray) -> _View:
    slopes, j = likelihood.slopes(point), jacobian(likelihood, free)
    observed = j.T @ slopes.hessian @ j
    if likelihood.marginal.needs_curvature:
        observed = observed + curvature(likelihood, free, slopes.gradient)
    return _View(slopes=slopes, jacobian=j, gradient=j.T @ slopes.gradient, observed=observed)


def _step(
    likelihood: Likelihood, point: Point, free: FloatArray, view: _View, damping: float
) -> tuple[Point, FloatArray, float, float] | None:
    """Return the next point, its free parameters, the damping, and the fall that was predicted."""
    matrix = view.observed
    if not _positive(matrix):
        if likelihood.marginal.needs_curvature:
            matrix = _turned(view.observed)
        else:
            matrix = view.jacobian.T @ view.slopes.expected @ view.jacobian
    scale = np.sqrt(np.maximum(np.diagonal(matrix), 1e-12 * np.diagonal(matrix).max() + 1e-300))
    scaled = matrix / np.outer(scale, scale)
    for _ in range(40):
        damped = scaled + damping * np.eye(len(free))
        try:
            move = -np.linalg.solve(damped, view.gradient / scale) / scale
        except np.linalg.LinAlgError:
            damping = 10.0 * damping
            continue
        move *= min(1.0, LONGEST / max(float(np.abs(move).max()), 1e-300))
        fall = -float(view.gradient @ move + 0.5 * move @ matrix @ move)
        trial = free + move
        lower = likelihood.at(likelihood.marginal.from_free(trial))
        # Near the optimum the fall drowns in rounding: a step that predicts nothing is taken.
        noise = 1e-11 * max(1.0, abs(point.deviance))
        slack = noise if fall < noise else 0.0
        if lower is not None and lower.deviance <= point.deviance + slack:
            return lower, trial, max(damping / 10.0, 1e-14), max(fall, 0.0)
        damping = max(10.0 * damping, 1e-6)
    return None


def _turned(matrix: FloatArray) -> FloatArray:
    """Return a symmetric matrix with its negative eigenvalues turned round.

    Near a variance of zero the expected Hessian vanishes with the map's slope, and steps by it
    creep; directions of negative curvature are followed downhill instead.
    """
    size = np.abs(np.diagonal(matrix))
    size = np.sqrt(np.maximum(size, 1e-6 * size.max() + 1e-300))
    values, vectors = np.linalg.eigh(matrix / np.outer(size, size))
    turned = (vectors * np.maximum(np.abs(values), 1e-4)) @ vectors.T
    return np.asarray(turned * np.outer(size, size))


def _positive(matrix: FloatArray) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _finished(
    likelihood: Likelihood, point: Point, free: FloatArray, view: _View, steps: int
) -> Fit:
    """Check a fit and turn its information into the covariance of the natural parameters."""
    inverse, rank = _inverse(view.observed)
    left = float(0.5 * view.gradient @ inverse @ view.gradient)
    singular = likelihood.marginal.on_boundary(point.theta)
    notes = []
    if left > LOOSE_TOLERANCE:
        notes.append(f"stopped {left:.2g} above the optimum of -2 log L, as far as can be told")
    if rank < len(free) and not singular:
        notes.append("the Hessian of the covariance parameters is not positive definite")
    squares = np.diagonal(point.phi)
    if not np.all(np.isfinite(squares) & (squares > 0)):
        notes.append("a standard error is not finite")
    return Fit(
        likelihood=likelihood,
        point=point,
        slopes=view.slopes,
        free=free,
        jacobian=view.jacobian,
        theta_covariance=2.0 * view.jacobian @ inverse @ view.jacobian.T,
        steps=steps,
        gradient=float(np.abs(view.gradient).max()),
        converged=not notes,
        singular=singular,
        notes=tuple(notes),
    )


def _inverse(matrix: FloatArray) -> tuple[FloatArray, int]:
    """Return the inverse of a symmetric matrix on its positive directions, and their number."""
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(matrix)), 1e-300))
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    kept = values > 1e-9 * max(float(values.max()), 0.0)
    turned = vectors[:, kept] / scale[:, None]
    return (turned / values[kept]) @ turned.T, int(kept.sum())
