"""Profile-likelihood limits of a covariance parameter.

The limit is where -2 log L, maximised over all other parameters, stands chi2(1, level) above its
minimum. Each point of the profile is a constrained maximum, found by sequential quadratic steps in
the free parameters with a line search on an exact penalty (Nocedal and Wright, Numerical
Optimization, 2006, chapter 18). The criterion is the one that was fitted: REML for a REML fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan, sqrt

import numpy as np
from scipy import optimize, special

from backwalk_stats.engine.mixed.fit import Fit, curvature, jacobian
from backwalk_stats.engine.mixed.likelihood import Likelihood, Point
from backwalk_stats.engine.numbers import FloatArray

MOST_STEPS = 100
MOST_WIDENINGS = 40
FLAT = 1e-7
NUDGE = 0.2


@dataclass(slots=True)
class _Walker:
    """A place in the free parameters from which the next constrained maximum is sought."""

    likelihood: Likelihood
    index: int
    best: FloatArray
    free: FloatArray
    scale: float
    lowest: float
    seen: dict[float, float] = field(default_factory=dict)

    def excess(self, value: float) -> float:
        """Return -2 log L above its minimum with the parameter held; NaN where not found."""
        if value not in self.seen:
            found = min(
                filter(None, (self._from(value, start) for start in self._starts())),
                key=lambda one: one[0].deviance,
                default=None,
            )
            if found is None:
                return nan
            self.free = found[1]
            self.seen[value] = found[0].deviance - self.lowest
        return self.seen[value]

    def _from(self, value: float, start: FloatArray) -> tuple[Point, FloatArray] | None:
        return _constrained(self.likelihood, self.index, value, start, self.scale)

    def _starts(self) -> tuple[FloatArray, ...]:
        """Return where to begin: where the last search ended, and beside it for random effects.

        A variance that is zero on the way is a stationary point, from which steps do not lead away
        even where the maximum lies elsewhere.
        """
        if not self.likelihood.marginal.needs_curvature:
            return (self.free,)
        beside = np.where(np.abs(self.free) < NUDGE, NUDGE, self.free)
        return self.free, self.best, beside


def profile_limit(
    fit: Fit, index: int, *, level: float, upper: bool, bound: float, step: float
) -> float:
    """Return a limit of natural parameter `index` of a fit; NaN where it cannot be found.

    The bound is the end of the parameter's range on that side, such as 0 for a variance; it is the
    limit where the profile does not rise far enough before it. The step, above 0, is the first
    distance from the estimate to look at; the level is that of the two-sided interval.
    """
    height = float(special.chdtri(1.0, 1.0 - level))
    centre = float(fit.point.theta[index])
    scale = max(step, abs(centre))
    walker = _Walker(fit.likelihood, index, fit.free, fit.free, scale, fit.point.deviance)
    inner, outer = centre, _outwards(centre, step, bound, upper=upper)
    for _ in range(MOST_WIDENINGS):
        above = walker.excess(outer) - height
        if not np.isfinite(above):
            return nan
        if above >= 0.0:
            break
        if abs(outer - bound) <= FLAT * max(step, abs(centre)):
            return bound
        inner, outer = outer, _outwards(outer, 1.5 * abs(outer - centre), bound, upper=upper)
    else:
        return nan
    return _crossing(walker, centre, inner, outer, height)


def _outwards(value: float, step: float, bound: float, *, upper: bool) -> float:
    """Return a value one step further out, at most nine tenths of the way to a finite bound."""
    moved = value + step if upper else value - step
    if not np.isfinite(bound):
        return moved
    nearly = value + 0.9 * (bound - value)
    return min(moved, nearly) if upper else max(moved, nearly)


def _crossing(walker: _Walker, centre: float, inner: float, outer: float, height: float) -> float:
    """Return where the root of the excess, which is nearly a straight line, meets the height."""

    def short(value: float) -> float:
        if value == centre:
            return -sqrt(height)
        excess = walker.excess(value)
        if not np.isfinite(excess):
            raise ArithmeticError
        return sqrt(max(excess, 0.0)) - sqrt(height)

    try:
        return float(optimize.brentq(short, inner, outer, xtol=1e-9 * walker.scale, rtol=1e-9))
    except ArithmeticError:
        return nan


def _constrained(
    likelihood: Likelihood, index: int, value: float, free: FloatArray, scale: float
) -> tuple[Point, FloatArray] | None:
    """Return the maximum with one natural parameter held, and its free parameters."""
    free = _moved(likelihood, index, value, free)
    point = likelihood.at(likelihood.marginal.from_free(free))
    price = pull = 0.0
    for _ in range(MOST_STEPS):
        if point is None:
            return None
        gap = float(point.theta[index]) - value
        gradient, move, pull = _move(likelihood, point, free, index, gap, pull)
        fall = abs(float(gradient @ move)) + abs(pull * gap)
        if fall < FLAT and abs(gap) < 1e-9 * scale:
            return point, free
        price = max(0.1 * price, 2.0 * abs(pull))
        stepped = _line_search(likelihood, index, value, point, free, move, price)
        if stepped is None:
            near = fall < 1e-4 and abs(gap) < 1e-6 * scale
            return (point, free) if near else None
        point, free = stepped
    return None


def _moved(likelihood: Likelihood, index: int, value: float, free: FloatArray) -> FloatArray:
    """Return free parameters with the natural one at its value, where that is possible as it is.

    At a variance of zero the free parameters have no slope along which to leave it.
    """
    theta = likelihood.marginal.from_free(free)
    theta[index] = value
    try:
        started = likelihood.marginal.to_free(theta)
    except np.linalg.LinAlgError:
        return free
    usable = np.isfinite(started).all() and likelihood.at(theta) is not None
    return started if usable else free


def _move(
    likelihood: Likelihood, point: Point, free: FloatArray, index: int, gap: float, pull: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return the gradient, the step of the quadratic model that closes the gap, the multiplier."""
    slopes, j = likelihood.slopes(point), jacobian(likelihood, free)
    gradient, slope = j.T @ slopes.gradient, j[index]
    observed = j.T @ slopes.hessian @ j
    if likelihood.marginal.needs_curvature:
        held = slopes.gradient + pull * (np.arange(len(free)) == index)
        observed = observed + curvature(likelihood, free, held)
    size = np.abs(np.diagonal(observed))
    size = np.sqrt(np.maximum(size, 1e-6 * size.max() + 1e-300))
    values, vectors = np.linalg.eigh(observed / np.outer(size, size))
    # Directions of negative curvature are followed downhill: their eigenvalues are turned round.
    inverse = (vectors / np.maximum(np.abs(values), 1e-4)) @ vectors.T / np.outer(size, size)
    along = inverse @ slope
    pull = float((gap - along @ gradient) / max(float(slope @ along), 1e-300))
    return gradient, -inverse @ gradient - along * pull, pull


def _line_search(
    likelihood: Likelihood,
    index: int,
    value: float,
    point: Point,
    free: FloatArray,
    move: FloatArray,
    price: float,
) -> tuple[Point, FloatArray] | None:
    """Return a point with a lower penalised criterion on the way of the step; None if none is."""
    length = min(1.0, 2.0 / max(float(np.abs(move).max()), 1e-300))
    before = point.deviance + price * abs(float(point.theta[index]) - value)
    for _ in range(30):
        trial = free + length * move
        found = likelihood.at(likelihood.marginal.from_free(trial))
        if found is not None:
            after = found.deviance + price * abs(float(found.theta[index]) - value)
            if after < before - 1e-12 * abs(before):
                return found, trial
        length *= 0.5
    return None
