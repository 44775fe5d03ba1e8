"""Covariance structures of repeated visits, one class each, by their SAS names.

A structure knows its natural parameters (those of SAS PROC MIXED: covariances where it is linear in
them, else variances and correlations), Sigma and its derivatives in them, start values, and a map
from free numbers, for which every set of numbers is a positive definite Sigma. Nothing else in the
package tests a structure's name.

Shapes: m visits, q parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from backwalk_stats.engine.mixed.correlation import (
    AnteDependent,
    Banded,
    Correlation,
    Exchangeable,
    autoregressive,
    spatial,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

# Covariance structures that are variances times a correlation model, and their linear forms.
#
# SAS fits `cs` and `toep` in covariances, in which Sigma is linear; the others in variances and
# correlations. The choice matters to Kenward and Roger's adjustment alone.


@dataclass(frozen=True, slots=True, repr=False)
class Patterned(Shown):
    """One variance, or one for each visit, times a correlation model; variances stand first."""

    name: str
    m: int
    correlation: Correlation
    heterogeneous: bool

    @property
    def _variances(self) -> int:
        return self.m if self.heterogeneous else 1

    @property
    def count(self) -> int:
        """Return the variances and the correlations."""
        return self._variances + self.correlation.count

    @property
    def linear(self) -> bool:
        """Return False: a covariance is a variance times a correlation."""
        return False

    def _scale(self, theta: FloatArray) -> FloatArray:
        root = np.sqrt(theta[: self._variances]) * np.ones(self.m)
        return np.outer(root, root)

    def _touch(self) -> FloatArray:
        """Return how often variance c stands in entry (a, b): shape (variances, m, m)."""
        if not self.heterogeneous:
            return np.full((1, self.m, self.m), 2.0)
        own = np.eye(self.m)
        return own[:, :, None] + own[:, None, :]

    def sigma(self, theta: FloatArray) -> FloatArray:
        """Return Sigma."""
        return self._scale(theta) * self.correlation.matrix(theta[self._variances :])

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the derivatives, variances first."""
        k = self._variances
        shares = self._touch() / (2.0 * theta[:k, None, None])
        by_rho = self._scale(theta) * self.correlation.first(theta[k:])
        return np.concatenate([self.sigma(theta) * shares, by_rho])

    def second(self, theta: FloatArray) -> FloatArray:
        """Return the second derivatives."""
        k, rho = self._variances, theta[self._variances :]
        touch, scale, variance = self._touch(), self._scale(theta), theta[: self._variances]
        out = np.zeros((self.count, self.count, self.m, self.m))
        shares = touch / (2.0 * variance[:, None, None])
        own = np.zeros((k, k, self.m, self.m))
        own[np.arange(k), np.arange(k)] = touch / (2.0 * variance[:, None, None] ** 2)
        out[:k, :k] = self.sigma(theta) * (shares[:, None] * shares[None, :] - own)
        by_rho = scale * self.correlation.first(rho)
        out[:k, k:] = shares[:, None] * by_rho[None, :]
        out[k:, :k] = np.swapaxes(out[:k, k:], 0, 1)
        out[k:, k:] = scale * self.correlation.second(rho)
        return out

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return variances by the exponential, correlations by their model."""
        k = self._variances
        variances, rho = np.exp(free[..., :k]), self.correlation.from_free(free[..., k:])
        return np.concatenate([variances, rho], axis=-1)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        k = self._variances
        # A start without spread, as of a sample of three people, has no free numbers: NaN, at which
        # the fit is refused and counted.
        with np.errstate(invalid="ignore", divide="ignore"):
            variances = np.log(theta[:k])
        return np.concatenate([variances, self.correlation.to_free(theta[k:])])

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return empirical variances and the model's start from the empirical correlations."""
        variance = np.diagonal(empirical)
        root = np.sqrt(variance)
        rho = self.correlation.start(empirical / np.outer(root, root))
        return np.concatenate([variance if self.heterogeneous else [variance.mean()], rho])

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names, variances first."""
        own = tuple(f"variance of {visit}" for visit in visits)
        return (own if self.heterogeneous else ("variance",)) + self.correlation.labels(visits)


@dataclass(frozen=True, slots=True, repr=False)
class Linear(Shown):
    """A homogeneous pattern in its covariances, in which it is linear, as SAS fits `cs` and `toep`.

    Attributes
    ----------
    pattern : Patterned
        The same structure in a variance and correlations; it gives start values and free numbers.
    basis : tuple
        Which entries each covariance fills, shape (q, m, m).
    from_variance : tuple
        Matrix that turns (variance, variance times correlations) into the covariances.
    names : tuple of str
        Of the covariances.
    """

    pattern: Patterned
    basis: tuple[FloatArray, ...]
    from_variance: FloatArray
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the SAS abbreviation."""
        return self.pattern.name

    @property
    def m(self) -> int:
        """Return the number of visits."""
        return self.pattern.m

    @property
    def count(self) -> int:
        """Return the number of covariances."""
        return len(self.basis)

    @property
    def linear(self) -> bool:
        """Return True."""
        return True

    def sigma(self, theta: FloatArray) -> FloatArray:
        """Return Sigma."""
        return np.tensordot(theta, np.array(self.basis), axes=1)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the basis."""
        return np.array(self.basis)

    def second(self, theta: FloatArray) -> None:
        """Return None: Sigma is linear."""

    def _turned(self, pattern: FloatArray) -> FloatArray:
        variance = pattern[..., :1]
        entries = np.concatenate([variance, variance * pattern[..., 1:]], axis=-1)
        return np.asarray((self.from_variance @ entries[..., None])[..., 0])

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return covariances by way of the variance and the correlations."""
        return self._turned(self.pattern.from_free(free))

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        entries = np.linalg.solve(self.from_variance, theta)
        return self.pattern.to_free(np.concatenate([entries[:1], entries[1:] / entries[0]]))

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the pattern's start values as covariances."""
        return self._turned(self.pattern.start(empirical))

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of the covariances."""
        return self.names


def _compound_symmetry(m: int) -> Linear:
    """Return SAS's CS: a common covariance, and a residual on the diagonal."""
    return Linear(
        pattern=Patterned("cs", m, Exchangeable(m), heterogeneous=False),
        basis=(np.ones((m, m)), np.eye(m)),
        from_variance=np.array([[0.0, 1.0], [1.0, -1.0]]),
        names=("covariance", "residual variance"),
    )


def _toeplitz(m: int, places: tuple[int, ...]) -> Linear:
    """Return SAS's TOEP: a variance, and a covariance for each lag; places as of `Banded`."""
    bands = Banded(m, places)
    pattern = Patterned("toep", m, bands, heterogeneous=False)
    size = bands.count + 1
    basis = (np.eye(m), *bands.first(np.zeros(size - 1)))
    names = ("variance", *(f"covariance at lag {lag}" for lag in range(1, size)))
    return Linear(pattern=pattern, basis=basis, from_variance=np.eye(size), names=names)


class Covariance(Protocol):
    """What a covariance structure offers to the likelihood, the fit and the inference."""

    @property
    def name(self) -> str:
        """Return the SAS abbreviation."""

    @property
    def m(self) -> int:
        """Return the number of visits."""

    @property
    def count(self) -> int:
        """Return q, the number of parameters."""

    @property
    def linear(self) -> bool:
        """Tell whether Sigma is linear in its parameters: its first derivatives are constants."""

    def sigma(self, theta: FloatArray) -> FloatArray:
        """Return Sigma, shape (m, m)."""

    def first(self, theta: FloatArray) -> FloatArray:
        """Return dSigma / dtheta, shape (q, m, m)."""

    def second(self, theta: FloatArray) -> FloatArray | None:
        """Return d2Sigma / dtheta dtheta, shape (q, q, m, m); None where Sigma is linear."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return natural parameters, shape (..., q), of free ones of that shape.

        Complex numbers pass through, for exact derivatives.
        """

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the free numbers of natural parameters."""

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return start values from an empirical covariance matrix, shape (m, m)."""

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name of each natural parameter."""


class Triangle(NamedTuple):
    """Where the lower triangle of a matrix stands, row by row.

    Attributes
    ----------
    rows, columns : array of int, shape (m (m + 1) / 2,)
    flat : array of int
        The same places in the matrix read row by row.
    diagonal : array of int, shape (m,)
        Which of them are on the diagonal.
    """

    rows: np.ndarray
    columns: np.ndarray
    flat: np.ndarray
    diagonal: np.ndarray


@lru_cache(maxsize=64)
def lower_triangle(m: int) -> Triangle:
    """Return the lower triangle of an m by m matrix; made once for each m, and read-only.

    >>> lower_triangle(2).rows.tolist(), lower_triangle(2).columns.tolist()
    ([0, 1, 1], [0, 0, 1])
    """
    rows, columns = np.tril_indices(m)
    found = Triangle(rows, columns, rows * m + columns, np.flatnonzero(rows == columns))
    for one in found:
        one.setflags(write=False)
    return found


@dataclass(frozen=True, slots=True, repr=False)
class Unstructured(Shown):
    """`us`: every variance and covariance its own parameter, the lower triangle row by row."""

    m: int
    name: str = "us"

    @property
    def count(self) -> int:
        """Return m (m + 1) / 2."""
        return self.m * (self.m + 1) // 2

    @property
    def linear(self) -> bool:
        """Return True."""
        return True

    def sigma(self, theta: FloatArray) -> FloatArray:
        """Return Sigma."""
        out = np.zeros((self.m, self.m), dtype=np.asarray(theta).dtype)
        rows, columns, _, _ = lower_triangle(self.m)
        out[rows, columns] = theta
        out[columns, rows] = theta
        return out

    def first(self, theta: FloatArray) -> FloatArray:
        """Return a one where each parameter stands."""
        rows, columns, _, _ = lower_triangle(self.m)
        out = np.zeros((self.count, self.m, self.m))
        out[np.arange(self.count), rows, columns] = 1.0
        out[np.arange(self.count), columns, rows] = 1.0
        return out

    def second(self, theta: FloatArray) -> None:
        """Return None: Sigma is linear."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return D L L' D: L has ones on its diagonal, D the exponential of the diagonal entries.

        Every free number is without a unit, so that a step of one size means one thing.
        """
        place, entries = lower_triangle(self.m), np.array(free)
        lower = np.zeros((*entries.shape[:-1], self.m * self.m), dtype=entries.dtype)
        size = np.exp(entries[..., place.diagonal])
        entries[..., place.diagonal] = 1.0
        lower[..., place.flat] = entries * size[..., place.rows]
        lower = lower.reshape(*entries.shape[:-1], self.m, self.m)
        sigma = lower @ np.swapaxes(lower, -1, -2)
        flat = sigma.reshape(*entries.shape[:-1], -1)
        return np.asarray(flat.take(place.flat, axis=-1))

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        lower = np.linalg.cholesky(self.sigma(theta))
        rows, columns, _, diagonal = lower_triangle(self.m)
        size = np.diagonal(lower)
        entries = lower[rows, columns] / size[rows]
        entries[diagonal] = np.log(size)
        return np.asarray(entries, dtype=float)

    def start(self, empirical: FloatArray) -> FloatArray:
        """Return the empirical covariances."""
        rows, columns, _, _ = lower_triangle(self.m)
        return np.asarray(empirical[rows, columns])

    def labels(self, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Return "variance of V1", "covariance of V2 and V1", ..."""
        rows, columns, _, _ = lower_triangle(self.m)
        return tuple(
            f"variance of {visits[a]}" if a == b else f"covariance of {visits[a]} and {visits[b]}"
            for a, b in zip(rows, columns, strict=True)
        )


Maker = Callable[[int, tuple[int, ...], tuple[float, ...]], Covariance]
# Of the number of visits, their places where they are no neighbours, and their times.
STRUCTURES: dict[str, Maker] = {
    "us": lambda m, at, times: Unstructured(m),
    "cs": lambda m, at, times: _compound_symmetry(m),
    "csh": lambda m, at, times: Patterned("csh", m, Exchangeable(m), heterogeneous=True),
    "ar1": lambda m, at, times: Patterned(
        "ar1", m, autoregressive(at or range(m)), heterogeneous=False
    ),
    "ar1h": lambda m, at, times: Patterned(
        "ar1h", m, autoregressive(at or range(m)), heterogeneous=True
    ),
    "toep": lambda m, at, times: _toeplitz(m, at),
    "toeph": lambda m, at, times: Patterned("toeph", m, Banded(m, at), heterogeneous=True),
    "ad": lambda m, at, times: Patterned("ad", m, AnteDependent(m), heterogeneous=False),
    "adh": lambda m, at, times: Patterned("adh", m, AnteDependent(m), heterogeneous=True),
    "sp_exp": lambda m, at, times: Patterned("sp_exp", m, spatial(times), heterogeneous=False),
    "sp_pow": lambda m, at, times: Patterned("sp_pow", m, spatial(times), heterogeneous=False),
    "sp_gau": lambda m, at, times: Patterned(
        "sp_gau", m, spatial(times, squared=True), heterogeneous=False
    ),
}
# Those in which the distance in time counts, and the power of the distance in the exponent.
SPATIAL = {"sp_exp": 1, "sp_pow": 1, "sp_gau": 2}


def structure(
    name: str, *, m: int, times: Sequence[float] = (), places: Sequence[int] = ()
) -> Covariance:
    """Return the covariance structure of m visits by its SAS abbreviation.

    Times, m different numbers, belong to the spatial ones only. Places of the visits in a plan of
    which some have no data are m growing numbers, the distances of ar1, ar1h, toep and toeph; by
    default the visits are neighbours. A lag that no two visits are apart is refused.

    >>> structure("ar1", m=3).sigma(np.array([4.0, 0.5])).tolist()
    [[4.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 4.0]]
    """
    if name not in STRUCTURES:
        raise UsageError(f"no covariance named {name!r}; there are: {', '.join(STRUCTURES)}")
    if m == 1:
        return Unstructured(1)
    if name in SPATIAL and (len(times) != m or len(set(times)) != m):
        raise UsageError(f"{name} needs {m} different visit times, found {len(set(times))}")
    apart = [place - places[0] for place in places]
    at = () if apart == list(range(m)) else tuple(apart)
    return STRUCTURES[name](m, at, tuple(float(time) for time in times))
