"""Trials drawn at random from a design: scores, recorded on their scale, and who leaves when.

Drop-out is monotone: who leaves at a visit is missing from it on. With a slope b of leaving,
logit P(leave at t) = a_t + b x, x the last recorded score; a_t of each arm and visit is such that
the expected shares are the declared ones. There is no closed form: a_t is found from a large sample
of the arm, drawn from a seed of its own, in which each person is weighed by the chance of still
being there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special
from scipy.optimize import brentq

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.simulation.designs import Covariate, Design, Scale
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

CALIBRATION_SAMPLE = 200_000
CALIBRATION_SEED = 20_261_201
CLOSE = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Drawn(Shown):
    """Trials as they were recorded.

    Attributes
    ----------
    y : array, shape (count, n, M)
        Scores, NaN where missing.
    arm : array of int, shape (n,)
    x : array, shape (count, n, r), or None
        Covariates, where there are any.
    """

    y: FloatArray
    arm: np.ndarray
    x: FloatArray | None = None

    def of(self, trials: np.ndarray, people: np.ndarray) -> Drawn:
        """Return some trials, by number, and some people, by mask, of each."""
        x = None if self.x is None else np.ascontiguousarray(self.x[trials][:, people])
        return Drawn(y=np.ascontiguousarray(self.y[trials][:, people]), arm=self.arm[people], x=x)

    @property
    def missing(self) -> np.ndarray:
        """Return how many people of each arm have no score at each visit, all trials, (k, M)."""
        gone = np.isnan(self.y).sum(axis=0)
        return np.stack([gone[self.arm == one].sum(axis=0) for one in range(self.arm.max() + 1)])


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Sampler(Shown):
    """Draws trials of a design; `calibrated` makes it.

    Attributes
    ----------
    design : Design
    intercepts : array, shape (k, M - 1)
        a_t of each arm and visit after baseline, -inf where nobody leaves; of drop-out by nothing
        the logit of the chance of leaving.
    """

    design: Design
    intercepts: FloatArray

    def draw(self, count: int, rng: np.random.Generator) -> Drawn:
        """Return so many trials.

        The order of the draws is fixed: normal scores of everybody; those of clusters, where there
        are any; one uniform number for each person and visit after baseline; covariates one after
        the other.
        """
        design, arm = self.design, self.design.arm
        shape = (count, design.n, design.means.shape[1])
        root = np.linalg.cholesky(design.covariance)
        scores = rng.standard_normal(shape)
        if design.clusters is not None:
            scores = _clustered(scores, design, rng)
        first = scores[:, :, 0]
        scores = (scores.reshape(-1, shape[2]) @ root.T).reshape(shape) + design.means[arm]
        y = design.recorded(scores)
        chance = rng.random((count, design.n, shape[2] - 1))
        gone = chance < self._leaving(y)
        y[:, :, 1:][np.logical_or.accumulate(gone, axis=2)] = np.nan
        columns = [_covariate(one, first, rng) for one in design.covariates]
        return Drawn(y=y, arm=arm, x=np.stack(columns, axis=2) if columns else None)

    def _leaving(self, y: FloatArray) -> FloatArray:
        """Return the chance of leaving at each visit after baseline of those still there."""
        own = self.intercepts[self.design.arm]
        if self.design.mar is None:
            return np.asarray(special.expit(own))
        return np.asarray(special.expit(own + self.design.mar * y[:, :, :-1]))


def _covariate(one: Covariate, first: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return a covariate of everybody, from the standard score at the baseline."""
    own = np.sqrt(1.0 - one.correlation**2) * rng.standard_normal(first.shape)
    return np.asarray(one.mean + one.sd * (one.correlation * first + own))


def _clustered(scores: FloatArray, design: Design, rng: np.random.Generator) -> FloatArray:
    """Return standard scores of which people of a cluster share a part."""
    assert design.clusters is not None
    icc, cluster = design.clusters.icc, design.cluster
    shared = rng.standard_normal((len(scores), int(cluster[-1]) + 1, scores.shape[2]))
    return np.asarray(np.sqrt(1.0 - icc) * scores + np.sqrt(icc) * shared[:, cluster])


def calibrated(design: Design) -> Sampler:
    """Return the sampler of a design; what was once found for like arms is not searched again.

    >>> design = Design(sizes=(2, 2), reference=0, means=np.full((2, 2), 5.0),
    ...     covariance=np.eye(2), dropout=np.array([[0.0, 0.2], [0.0, 0.0]]))
    >>> sampler = calibrated(design)
    >>> sampler.intercepts.round(4).tolist()
    [[-1.3863], [-inf]]
    >>> sampler.draw(3, np.random.default_rng(1)).y.shape
    (3, 4, 2)
    """
    computes_with("scipy")
    before, after = design.dropout[:, :-1], design.dropout[:, 1:]
    if design.mar is None:
        return Sampler(design=design, intercepts=special.logit((after - before) / (1.0 - before)))
    rows = [
        _intercepts(
            design.means[one].tobytes(),
            design.covariance.tobytes(),
            tuple(design.dropout[one].tolist()),
            design.mar,
            design.scale,
        )
        for one in range(len(design.sizes))
    ]
    return Sampler(design=design, intercepts=np.array(rows))


@lru_cache(maxsize=256)
def _intercepts(
    means: bytes, covariance: bytes, dropout: tuple[float, ...], slope: float, scale: Scale | None
) -> tuple[float, ...]:
    """Return a_t of the visits after baseline of one arm; means and covariance as bytes."""
    visits = len(dropout)
    arm = Design(
        sizes=(CALIBRATION_SAMPLE,),
        reference=0,
        means=np.frombuffer(means).reshape(1, visits),
        covariance=np.frombuffer(covariance).reshape(visits, visits),
        dropout=np.zeros((1, visits)),
        scale=scale,
    )
    staying = Sampler(design=arm, intercepts=np.full((1, visits - 1), -np.inf))
    y = staying.draw(1, np.random.default_rng(CALIBRATION_SEED)).y[0]
    there, found = np.ones(len(y)), []
    for visit in range(1, visits):
        pull, share = slope * y[:, visit - 1], dropout[visit] - dropout[visit - 1]
        found.append(_intercept(pull, there, share))
        there *= special.expit(-(found[-1] + pull))
    return tuple(found)


def _intercept(pull: FloatArray, there: FloatArray, share: float) -> float:
    """Return a with mean of there x expit(a + pull) = share."""
    if share <= 0.0:
        return -np.inf

    def excess(a: float) -> float:
        return float(there @ special.expit(a + pull)) / len(there) - share

    # As the weights are what earlier visits left, the share lies below their mean.
    middle = special.logit(share / there.mean())
    low, high = float(middle - pull.max()), float(middle - pull.min())
    return float(brentq(excess, low - 1.0, high + 1.0, xtol=CLOSE))
