"""The truth that trials are drawn from: means, covariance, drop-out, scale, clusters.

Scores of a person at all visits, the baseline among them, are multivariate normal; on an instrument
they are recorded to its nearest step and held within its limits. Shapes: k arms, M visits with the
baseline first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

SAME = 1e-9


class Scale(NamedTuple):
    """The limits of an instrument and its step; scores are recorded at low, low + step, ..."""

    low: float
    high: float
    step: float


class Clusters(NamedTuple):
    """People of an arm come in clusters of this size, with this share of the variance."""

    size: int
    icc: float


class Covariate(NamedTuple):
    """A normal covariate measured at the baseline, and its correlation with the baseline score.

    The correlation is with the score before rounding, within an arm. Beside the baseline it has
    nothing in common with later scores, nor with other covariates, and its mean is that of all
    arms.
    """

    mean: float
    sd: float
    correlation: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Design(Shown):
    """What a trial is drawn from.

    Attributes
    ----------
    sizes : tuple of int, length k
        People of each arm.
    reference : int
        The arm whose means all arms have under the null hypothesis.
    means : array, shape (k, M)
        Before rounding; M is 2 or more.
    covariance : array, shape (M, M)
        Of a person's scores before rounding, in every arm.
    dropout : array, shape (k, M)
        Share missing from each visit on; 0 at the baseline, never falling, below 1.
    mar : float or None
        b of logit P(leave at t) = a_t + b (last recorded score); None where leaving depends on
        nothing.
    scale : Scale or None
        None where scores are neither rounded nor held within limits.
    clusters : Clusters or None
        What people of a cluster share has covariance icc x `covariance`, what is their own the
        rest, so that each visit has that share; the last cluster of an arm may be smaller.
    covariates : tuple of Covariate
        Nobody lacks any.

    Examples
    --------
    >>> one = Design(sizes=(30, 30), reference=0, means=np.array([[6.0, 4.8], [6.0, 3.8]]),
    ...     covariance=np.array([[3.24, 2.16], [2.16, 4.0]]), dropout=np.zeros((2, 2)))
    >>> one.under_null().means.tolist()
    [[6.0, 4.8], [6.0, 4.8]]
    """

    sizes: tuple[int, ...]
    reference: int
    means: FloatArray
    covariance: FloatArray
    dropout: FloatArray
    mar: float | None = None
    scale: Scale | None = None
    clusters: Clusters | None = None
    covariates: tuple[Covariate, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no trial can be drawn from."""
        for what in self._faults():
            raise NotEstimable(what)

    def _faults(self) -> Iterator[str]:
        """Yield what is wrong, one thing after another; each rests on those before."""
        if self.means.ndim != 2 or self.means.shape[1] < 2:
            yield "means are of arms x visits, the baseline and one more at least"
        k, visits = self.means.shape
        if self.covariance.shape != (visits, visits):
            yield f"the covariance is not {visits} x {visits}"
        if self.dropout.shape != (k, visits):
            yield f"expected drop-out of {k} arms x {visits} visits"
        if not (np.isfinite(self.means).all() and np.isfinite(self.covariance).all()):
            yield "a mean or a covariance is not finite"
        if not np.allclose(self.covariance, self.covariance.T):
            yield "the covariance of the visits is not symmetric"
        if np.linalg.eigvalsh(self.covariance)[0] <= 0.0:
            yield "the covariance of the visits is not positive definite"
        if len(self.sizes) != k or min(self.sizes) < 1:
            yield f"expected a size of 1 or more for each of {k} arms"
        if not 0 <= self.reference < k:
            yield f"the reference is one of {k} arms"
        if (self.dropout[:, 0] != 0.0).any() or (np.diff(self.dropout, axis=1) < 0.0).any():
            yield "drop-out is cumulative: 0 at the baseline, and never falling"
        if not (self.dropout < 1.0).all():
            yield "a drop-out of 1 leaves nobody"
        yield from self._faults_of_extras()

    def _faults_of_extras(self) -> Iterator[str]:
        scale, clusters = self.scale, self.clusters
        if self.mar is not None and not np.isfinite(self.mar):
            yield "the slope of leaving is not finite"
        if scale is not None and not (scale.step > 0.0 and scale.high > scale.low):
            yield "a scale has limits low < high and a step above 0"
        if clusters is not None and not (clusters.size >= 1 and 0.0 <= clusters.icc < 1.0):
            yield "a cluster has 1 person or more, and a share of the variance from 0 to below 1"
        for one in self.covariates:
            if not (np.isfinite(one.mean) and one.sd > 0.0 and abs(one.correlation) < 1.0):
                yield "a covariate has a mean, a SD above 0 and a correlation between -1 and 1"

    @property
    def n(self) -> int:
        """Return the people of all arms."""
        return sum(self.sizes)

    @property
    def arm(self) -> np.ndarray:
        """Return the arm of each person, shape (n,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def cluster(self) -> np.ndarray:
        """Return the cluster of each person, shape (n,): the first of an arm are in its first.

        Without clusters everybody is one.
        """
        size = 1 if self.clusters is None else self.clusters.size
        starts = np.cumsum([0, *(-(-n // size) for n in self.sizes)])
        return np.concatenate(
            [start + np.arange(n) // size for start, n in zip(starts, self.sizes, strict=False)]
        )

    def under_null(self) -> Design:
        """Return the design in which all arms have the reference arm's means after baseline."""
        means = self.means.copy()
        means[:, 1:] = self.means[self.reference, 1:]
        return replace(self, means=means)

    def recorded(self, scores: FloatArray) -> FloatArray:
        """Return scores as the instrument records them: the nearest step, within the limits."""
        if self.scale is None:
            return scores
        low, high, step = self.scale
        return np.asarray(np.clip(low + step * np.rint((scores - low) / step), low, high))


def expected_scores(design: Design) -> FloatArray:
    """Return the expectation of the recorded scores of each arm and visit, nobody leaving, (k, M).

    On a scale it is the sum over its steps of each times its chance, the chance of scores between
    the midpoints beside it (normal distribution function); the ends have all that lies beyond.

    >>> one = Design(sizes=(2, 2), reference=0, means=np.array([[5.0, 5.0], [5.0, 9.0]]),
    ...     covariance=np.array([[4.0, 1.0], [1.0, 4.0]]), dropout=np.zeros((2, 2)),
    ...     scale=Scale(0.0, 10.0, 1.0))
    >>> expected_scores(one).round(4).tolist()
    [[5.0, 5.0], [5.0, 8.6118]]
    """
    if design.scale is None:
        return design.means.copy()
    computes_with("scipy")
    low, high, step = design.scale
    # The step at or beyond the upper limit is recorded as the limit.
    count = int(np.ceil((high - low) / step - SAME))
    values = np.minimum(low + step * np.arange(count + 1), high)
    between = low + step * (np.arange(count) + 0.5)
    sd = np.sqrt(np.diagonal(design.covariance))[:, None]
    # E = lowest + sum of the rises, each times the chance of being above its midpoint.
    above = special.ndtr((design.means[:, :, None] - between) / sd)
    return np.asarray(low + above @ np.diff(values))
