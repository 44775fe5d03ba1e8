"""Maximises the likelihood of many data sets side by side, in the natural parameters.

Scoring steps while far from the optimum, Newton steps near it, each shortened until -2 log L falls.
Every replicate goes its own way: what happens to one never changes another. Those that do not
settle here, or settle on the boundary, are left to `fit.maximise`, which is slower and surer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.batch_likelihood import (
    Evaluate,
    Evaluations,
    variances_at,
)
from backwalk_stats.engine.batch_packing import cholesky_where_positive, summed
from backwalk_stats.engine.batch_tables import Tables
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.marginal import Marginal

MOST_STEPS = 40
SHORTEST = 1e-4
# Fall of -2 log L that a Newton step predicts: at `ARRIVED` the parameters are within a hundred
# millionth of a standard error; from `NEARLY` one more step brings them there.
ARRIVED = 1e-17
NEARLY = 1e-10
LEFT = 1e-12
NEAR = 0.05
# Smallest pivot of a scaled Hessian that counts as positive definite.
REGULAR = 1e-8


@dataclass(frozen=True, kw_only=True, slots=True)
class Optima:
    """Where each replicate's likelihood is largest, as far as settled.

    Attributes
    ----------
    theta : array, shape (b, q)
    at : Evaluations
    settled : array of bool, shape (b,)
        Whether the gradient vanishes and the Hessian is positive definite.
    """

    theta: FloatArray
    at: Evaluations
    settled: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moves:
    """The next step of each replicate, what it predicts, and whether it is a Newton step."""

    step: FloatArray
    fall: FloatArray
    newton: np.ndarray


def optima(
    *,
    tables: Tables,
    marginal: Marginal,
    mask: np.ndarray,
    reml: bool,
    start: FloatArray,
    evaluate: Evaluate,
) -> Optima:
    """Return the optimum of each replicate.

    Parameters
    ----------
    tables : Tables
        Sufficient statistics of b replicates.
    marginal : Marginal
    mask : array of bool, shape (K, M)
    reml : bool
    start : array, shape (b, q)
        Natural parameters.
    evaluate : callable
        The likelihood and its derivatives: `batch_likelihood.evaluate`, or its compiled twin.
    """

    def at(chosen: np.ndarray, theta: FloatArray) -> Evaluations:
        return evaluate(tables.of(chosen), variances_at(marginal, mask, theta), mask, reml)

    everyone = np.arange(len(start))
    theta = np.array(start)
    best = at(everyone, theta)
    moves = _moves(best)
    length = np.ones(len(start))
    last = moves.newton & (moves.fall < ARRIVED)
    settled = best.valid & last
    going = np.flatnonzero(best.valid & ~settled)
    for _ in range(MOST_STEPS):
        if not len(going):
            break
        trial = theta[going] + length[going, None] * moves.step[going]
        found = at(going, trial)
        noise = 1e-11 * np.maximum(1.0, np.abs(best.deviance[going]))
        slack = np.where(moves.fall[going] < noise, noise, 0.0)
        better = found.valid & (found.deviance <= best.deviance[going] + slack)
        taken, short = going[better], going[~better]
        final = moves.newton[taken] & (moves.fall[taken] < NEARLY) & (length[taken] == 1.0)
        theta[taken] = trial[better]
        _put(best, taken, found.of(better))
        new = _moves(found.of(better))
        _put(moves, taken, new)
        settled[taken] = new.newton & ((new.fall < ARRIVED) | (final & (new.fall < LEFT)))
        length[taken] = 1.0
        length[short] *= 0.25
        going = going[~settled[going] & (length[going] > SHORTEST)]
    return Optima(theta=theta, at=best, settled=settled)


def _put(all_of: Evaluations | _Moves, places: np.ndarray, some: Evaluations | _Moves) -> None:
    """Write the arrays of some replicates into those of all."""
    for name in type(some).__slots__:
        getattr(all_of, name)[places] = getattr(some, name)


def _moves(at: Evaluations) -> _Moves:
    """Return the Newton step where it is to be trusted, else the scoring step."""
    newton, newton_fall, convex = _solved(at.hessian, at.gradient)
    scoring, scoring_fall, regular = _solved(at.expected, at.gradient)
    near = convex & ((scoring_fall < NEAR) | ~regular)
    step = np.where(near[:, None], newton, scoring)
    return _Moves(
        step=np.where((near | regular)[:, None], step, 0.0),
        fall=np.where(near, newton_fall, scoring_fall),
        newton=near,
    )


def _solved(matrix: FloatArray, gradient: FloatArray) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Return -matrix^-1 gradient, the fall it predicts, and whether the matrix is positive."""
    diagonal = np.diagonal(matrix, axis1=1, axis2=2)
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    root, positive = cholesky_where_positive(matrix / (scale[:, :, None] * scale[:, None, :]))
    clear = np.diagonal(root, axis1=1, axis2=2).min(axis=1) ** 2 > REGULAR
    inverse = np.linalg.inv(root)
    half = inverse @ (gradient / scale)[..., None]
    step = -(np.swapaxes(inverse, 1, 2) @ half)[..., 0] / scale
    return step, 0.5 * summed(half[..., 0] ** 2), positive & clear
