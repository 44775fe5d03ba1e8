"""Correlation models: R, its first and its second derivatives in the correlations themselves.

Each model also maps free numbers to its correlations and back, so that every set of free numbers is
a positive definite R. Shapes: m visits, r correlations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

INSIDE = 1.0 - 1e-12


class Correlation(Protocol):
    """What a correlation model offers; `matrix`, `first` and `second` take r correlations."""

    @property
    def count(self) -> int:
        """Return r, the number of correlations."""

    def matrix(self, rho: FloatArray) -> FloatArray:
        """Return R, shape (m, m)."""

    def first(self, rho: FloatArray) -> FloatArray:
        """Return dR / d rho, shape (r, m, m)."""

    def second(self, rho: FloatArray) -> FloatArray:
        """Return d2R / d rho d rho, shape (r, r, m, m)."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return correlations, shape (..., r), of free numbers; complex ones pass through."""

    def to_free(self, rho: FloatArray) -> FloatArray:
        """Return free numbers whose correlations are nearest to those given."""

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return correlations from an empirical correlation matrix, shape (m, m)."""

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of each correlation."""


def _mean_at_lag(empirical: FloatArray, lag: int) -> float:
    """Return the mean correlation of visits that lie so many positions apart."""
    return float(np.nanmean(np.diagonal(empirical, offset=lag)))


@dataclass(frozen=True, slots=True, repr=False)
class Exchangeable(Shown):
    """One correlation for every pair of visits, above -1/(m - 1)."""

    m: int

    @property
    def count(self) -> int:
        """Return 1."""
        return 1

    @property
    def _floor(self) -> float:
        return -1.0 / (self.m - 1)

    def matrix(self, rho: FloatArray) -> FloatArray:
        """Return R: ones on the diagonal, rho elsewhere."""
        return np.asarray(np.eye(self.m) + rho[0] * (1.0 - np.eye(self.m)))

    def first(self, rho: FloatArray) -> FloatArray:
        """Return the off-diagonal ones."""
        return (1.0 - np.eye(self.m))[None]

    def second(self, rho: FloatArray) -> FloatArray:
        """Return zeros: R is linear in rho."""
        return np.zeros((1, 1, self.m, self.m))

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return rho between its floor and 1, by a hyperbolic tangent."""
        half = (1.0 - self._floor) / 2.0
        return np.asarray(self._floor + half * (np.tanh(free) + 1.0))

    def to_free(self, rho: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        share = 2.0 * (rho - self._floor) / (1.0 - self._floor) - 1.0
        return np.asarray(np.arctanh(np.clip(share, -INSIDE, INSIDE)))

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the mean off-diagonal correlation."""
        above = empirical[np.triu_indices(self.m, 1)]
        mean = np.nanmean(above) if np.isfinite(above).any() else np.nan
        return np.asarray(np.clip([mean], 0.5 * self._floor, 0.95))

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of the correlation."""
        return ("correlation",)


@dataclass(frozen=True, slots=True, repr=False)
class Power(Shown):
    """Correlation rho ** distance: autoregressive for visits one apart, spatial for times.

    Attributes
    ----------
    distance : tuple of tuple of float
        Distance of every two visits, shape (m, m).
    positive : bool
        Whether rho lies in (0, 1), as it must for distances that are not whole numbers.
    """

    distance: tuple[tuple[float, ...], ...]
    positive: bool

    @property
    def count(self) -> int:
        """Return 1."""
        return 1

    @property
    def _away(self) -> FloatArray:
        return np.array(self.distance)

    def matrix(self, rho: FloatArray) -> FloatArray:
        """Return R."""
        return np.asarray(rho[0] ** self._away)

    def first(self, rho: FloatArray) -> FloatArray:
        """Return d rho ** (d - 1)."""
        away = self._away
        safe = np.where(away > 0, away - 1.0, 0.0)
        return np.asarray((away * rho[0] ** safe)[None])

    def second(self, rho: FloatArray) -> FloatArray:
        """Return d (d - 1) rho ** (d - 2)."""
        away = self._away
        factor = away * (away - 1.0)
        safe = np.where(np.abs(factor) > 0, away - 2.0, 0.0)
        return np.asarray((factor * rho[0] ** safe)[None, None])

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return rho in (-1, 1), or in (0, 1), by a hyperbolic tangent."""
        return np.asarray((np.tanh(free) + 1.0) / 2.0 if self.positive else np.tanh(free))

    def to_free(self, rho: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        share = 2.0 * rho - 1.0 if self.positive else rho
        return np.asarray(np.arctanh(np.clip(share, -INSIDE, INSIDE)))

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the mean neighbouring correlation, at the neighbours' mean distance."""
        near = _mean_at_lag(empirical, 1)
        steps = float(np.mean(np.diagonal(self._away, offset=1)))
        if not self.positive:
            return np.clip([near], -0.9, 0.95)
        return np.array([np.clip(near, 0.05, 0.95) ** (1.0 / steps)])

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of the correlation."""
        return ("correlation at distance 1",)


def autoregressive(places: Sequence[int]) -> Power:
    """Return the first-order autoregressive model of visits at these places."""
    return Power(_distances(places), positive=False)


def spatial(times: tuple[float, ...], *, squared: bool = False) -> Power:
    """Return the exponential spatial model on visit times; of squared distances the Gaussian."""
    away = np.array(_distances(times))
    return Power(tuple(map(tuple, (away**2 if squared else away).tolist())), positive=True)


def _distances(places: Sequence[float]) -> tuple[tuple[float, ...], ...]:
    at = np.array(places, dtype=float)
    return tuple(map(tuple, np.abs(at[:, None] - at[None, :]).tolist()))


@dataclass(frozen=True, slots=True, repr=False)
class Banded(Shown):
    """One correlation for each lag (Toeplitz), made positive definite by partial correlations.

    `places` are those of the m visits where they are no neighbours; the first is 0.
    """

    m: int
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse places at which some lag has no pair of visits."""
        if self.places and len(np.unique(self._lags)) <= self.count:
            raise UsageError(
                "a Toeplitz covariance has a parameter for each distance, and with a planned visit "
                f"without rows no two visits are some of them apart (there are {self.count}); take "
                "ar1 or us, or remove the level (cat.remove_unused_categories()) if it never was "
                "a visit"
            )

    @property
    def count(self) -> int:
        """Return the largest lag: m - 1 for neighbours."""
        return (self.places or (self.m - 1,))[-1]

    @property
    def _lags(self) -> FloatArray:
        at = np.array(self.places or range(self.m))
        return np.asarray(np.abs(at[:, None] - at[None, :]).astype(float))

    @property
    def _bands(self) -> FloatArray:
        wanted = np.arange(1, self.count + 1)[:, None, None]
        return np.asarray((self._lags[None] == wanted).astype(float))

    def matrix(self, rho: FloatArray) -> FloatArray:
        """Return R."""
        return np.eye(self.m) + np.tensordot(rho, self._bands, axes=1)

    def first(self, rho: FloatArray) -> FloatArray:
        """Return the bands."""
        return self._bands

    def second(self, rho: FloatArray) -> FloatArray:
        """Return zeros: R is linear in its correlations."""
        return np.zeros((self.count, self.count, self.m, self.m))

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return correlations by Durbin and Levinson from partial ones, tanh(free)."""
        if free.ndim > 1:
            return np.array([self.from_free(one) for one in free])
        partial = np.tanh(free)
        rho = np.zeros_like(partial)
        weights = np.zeros(0, dtype=partial.dtype)
        error = 1.0 + 0.0 * partial[0]
        for k, last in enumerate(partial):
            rho[k] = last * error + (weights @ rho[:k][::-1] if k else 0.0)
            weights = np.append(weights - last * weights[::-1], last)
            error = error * (1.0 - last * last)
        return rho

    def to_free(self, rho: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`; partial correlations are kept inside (-1, 1)."""
        partial = np.zeros_like(rho)
        weights, error = np.zeros(0), 1.0
        for k in range(len(rho)):
            last = (rho[k] - (weights @ rho[:k][::-1] if k else 0.0)) / error
            last = float(np.clip(last, -0.95, 0.95)) if abs(last) >= 1.0 else float(last)
            partial[k] = last
            weights = np.append(weights - last * weights[::-1], last)
            error *= 1.0 - last * last
        return np.asarray(np.arctanh(np.clip(partial, -INSIDE, INSIDE)))

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the mean correlation at each lag, made positive definite."""
        raw = np.array([float(np.nanmean(empirical[np.triu(own) > 0])) for own in self._bands])
        raw = np.clip(np.where(np.isfinite(raw), raw, 0.0), -0.95, 0.95)
        return self.from_free(self.to_free(raw))

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of each correlation."""
        return tuple(f"correlation at lag {lag}" for lag in range(1, self.count + 1))


@dataclass(frozen=True, slots=True, repr=False)
class AnteDependent(Shown):
    """One correlation for each pair of neighbours; others are products of those between."""

    m: int

    @property
    def count(self) -> int:
        """Return m - 1."""
        return self.m - 1

    @property
    def _between(self) -> FloatArray:
        """Return whether neighbour pair k lies between visits a and b, shape (m - 1, m, m)."""
        return _lying_between(self.m)

    def _product(self, rho: FloatArray, without: tuple[int, ...]) -> FloatArray:
        kept = [k for k in range(self.count) if k not in without]
        parts = np.where(self._between[kept] > 0, rho[kept][:, None, None], 1.0)
        return np.asarray(np.prod(parts, axis=0)) if kept else np.ones((self.m, self.m))

    def matrix(self, rho: FloatArray) -> FloatArray:
        """Return R."""
        return self._product(rho, ())

    def first(self, rho: FloatArray) -> FloatArray:
        """Return the products without one neighbour pair, where it lies between."""
        return np.array([self._between[k] * self._product(rho, (k,)) for k in range(self.count)])

    def second(self, rho: FloatArray) -> FloatArray:
        """Return the products without two neighbour pairs, where both lie between."""
        out = np.zeros((self.count, self.count, self.m, self.m))
        for k in range(self.count):
            for j in range(k):
                both = self._between[k] * self._between[j] * self._product(rho, (j, k))
                out[k, j] = out[j, k] = both
        return out

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return correlations in (-1, 1), by a hyperbolic tangent."""
        return np.asarray(np.tanh(free))

    def to_free(self, rho: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        return np.asarray(np.arctanh(np.clip(rho, -INSIDE, INSIDE)))

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the neighbouring correlations."""
        near = np.diagonal(empirical, offset=1)
        return np.clip(np.where(np.isfinite(near), near, 0.0), -0.9, 0.95)

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of each correlation."""
        return tuple(f"correlation of {a} and {b}" for a, b in pairwise(visits))


@lru_cache(maxsize=64)
def _lying_between(m: int) -> FloatArray:
    """Return `AnteDependent._between`; made once for each m, and read-only."""
    a, b = np.indices((m, m))
    k = np.arange(m - 1)[:, None, None]
    found = ((np.minimum(a, b) <= k) & (k < np.maximum(a, b))).astype(float)
    found.setflags(write=False)
    return found
