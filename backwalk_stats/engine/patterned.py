"""Covariance structures that are variances times a correlation model, and their linear forms.

SAS fits `cs` and `toep` in covariances, in which Sigma is linear; the others in variances and
correlations. The choice matters to Kenward and Roger's adjustment alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.correlation import Banded, Correlation, Exchangeable
from backwalk_stats.engine.domain import FloatArray


@dataclass(frozen=True, slots=True)
class Patterned:
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


@dataclass(frozen=True, slots=True)
class Linear:
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


def compound_symmetry(m: int) -> Linear:
    """Return SAS's CS: a common covariance, and a residual on the diagonal."""
    return Linear(
        pattern=Patterned("cs", m, Exchangeable(m), heterogeneous=False),
        basis=(np.ones((m, m)), np.eye(m)),
        from_variance=np.array([[0.0, 1.0], [1.0, -1.0]]),
        names=("covariance", "residual variance"),
    )


def toeplitz(m: int, places: tuple[int, ...] = ()) -> Linear:
    """Return SAS's TOEP: a variance, and a covariance for each lag; places as of `Banded`."""
    bands = Banded(m, places)
    pattern = Patterned("toep", m, bands, heterogeneous=False)
    size = bands.count + 1
    basis = (np.eye(m), *bands.first(np.zeros(size - 1)))
    names = ("variance", *(f"covariance at lag {lag}" for lag in range(1, size)))
    return Linear(pattern=pattern, basis=basis, from_variance=np.eye(size), names=names)
