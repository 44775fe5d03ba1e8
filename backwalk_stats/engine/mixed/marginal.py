"""The covariance matrix of each pattern of rows, and its derivatives, for every kind of model.

Slots without a row get a 1 on the diagonal and nothing else, so that all patterns have one shape
and determinants are unchanged. Shapes: K patterns, M slots, q parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise, starmap
from typing import Protocol

import numpy as np

from backwalk_stats.engine.mixed.covariance import Covariance, lower_triangle
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown

SINGULAR = 1e-8


class Marginal(Protocol):
    """What the likelihood needs of a covariance model."""

    @property
    def count(self) -> int:
        """Return q."""

    def v(self, theta: FloatArray) -> FloatArray:
        """Return V of each pattern, shape (K, M, M)."""

    def first(self, theta: FloatArray) -> FloatArray:
        """Return dV / dtheta, shape (q, K, M, M)."""

    def second(self, theta: FloatArray) -> FloatArray | None:
        """Return d2V / dtheta dtheta, shape (q, q, K, M, M), or None where V is linear."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return natural parameters, shape (..., q), from free numbers of that shape."""

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return free numbers from natural parameters."""

    def start(self, patterns: Patterns, residual: FloatArray) -> FloatArray:
        """Return natural start values from least-squares residuals, shape (N,)."""

    @property
    def needs_curvature(self) -> bool:
        """Tell whether the map from free numbers must enter the Hessian to second order."""

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether a covariance matrix is singular at these parameters."""


def _frame(mask: np.ndarray, scale: FloatArray) -> FloatArray:
    """Return the factor of each entry: zero where a slot is empty, weights where it is not."""
    held = mask * scale
    return np.asarray(held[:, :, None] * held[:, None, :])


def _filler(mask: np.ndarray) -> FloatArray:
    out = np.zeros((*mask.shape, mask.shape[1]))
    index = np.arange(mask.shape[1])
    out[:, index, index] = ~mask
    return out


@dataclass(frozen=True, slots=True, repr=False)
class VisitCovariance(Shown):
    """Repeated visits with a covariance structure, or one structure for each group.

    Attributes
    ----------
    count : int
        The parameters of all groups.
    own : tuple of slice
        The parameters of each group.
    frame, filler : array, shape (K, M, M)
        The factor of each entry of V, and the ones of empty slots.
    constant : array, shape (q, K, M, M), or None
        The first derivatives where every structure is linear.
    """

    structures: tuple[Covariance, ...]
    mask: np.ndarray
    scale: FloatArray
    group: np.ndarray
    count: int = field(init=False)
    own: tuple[slice, ...] = field(init=False)
    frame: FloatArray = field(init=False)
    filler: FloatArray = field(init=False)
    constant: FloatArray | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Find once what every step of the search asks for."""
        ends = list(accumulate((one.count for one in self.structures), initial=0))
        object.__setattr__(self, "count", ends[-1])
        object.__setattr__(self, "own", tuple(starmap(slice, pairwise(ends))))
        object.__setattr__(self, "frame", _frame(self.mask, self.scale))
        object.__setattr__(self, "filler", _filler(self.mask))
        if all(one.linear for one in self.structures):
            object.__setattr__(self, "constant", self.first(np.ones(self.count)))

    def split(self, theta: FloatArray) -> list[FloatArray]:
        """Return the parameters of each group, shape (..., q of the group)."""
        return [theta[..., own] for own in self.own]

    def sigmas(self, theta: FloatArray) -> list[FloatArray]:
        """Return Sigma of each group, shape (M, M)."""
        parts = self.split(theta)
        return [one.sigma(part) for one, part in zip(self.structures, parts, strict=True)]

    def v(self, theta: FloatArray) -> FloatArray:
        """Return V of each pattern."""
        sigmas = self.sigmas(theta)
        sigma = sigmas[0] if len(sigmas) == 1 else np.array(sigmas)[self.group]
        return np.asarray(sigma * self.frame + self.filler)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the first derivatives; a parameter moves its own group alone."""
        if self.constant is not None:
            return self.constant
        parts = zip(self.structures, self.split(theta), strict=True)
        own = [
            one.first(part)[:, None] * (self.frame * (self.group == index)[:, None, None])
            for index, (one, part) in enumerate(parts)
        ]
        return np.concatenate(own)

    def second(self, theta: FloatArray) -> FloatArray | None:
        """Return the second derivatives; None where every structure is linear."""
        if self.constant is not None:
            return None
        out = np.zeros((self.count, self.count, *self.frame.shape))
        for index, (one, own) in enumerate(zip(self.structures, self.own, strict=True)):
            part = one.second(theta[own])
            if part is not None:
                held = self.frame * (self.group == index)[:, None, None]
                out[own, own] = part[:, :, None] * held
        return out

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return natural parameters, group after group."""
        parts = zip(self.structures, self.split(free), strict=True)
        return np.concatenate([one.from_free(part) for one, part in parts], axis=-1)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return free numbers, group after group."""
        parts = zip(self.structures, self.split(theta), strict=True)
        return np.concatenate([one.to_free(part) for one, part in parts])

    @property
    def needs_curvature(self) -> bool:
        """Return False: away from the boundary the gradient makes the term vanish."""
        return False

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether a correlation matrix of visits is numerically singular."""
        for sigma in self.sigmas(theta):
            root = np.sqrt(np.diagonal(sigma))
            if np.linalg.eigvalsh(sigma / np.outer(root, root))[0] < SINGULAR:
                return True
        return False

    def start(self, patterns: Patterns, residual: FloatArray) -> FloatArray:
        """Return start values from the residuals' covariances, visit by visit, in each group."""
        kinds = patterns.group[patterns.member]
        found = []
        for index, one in enumerate(self.structures):
            rows = patterns.rows[kinds == index]
            found.append(one.start(_empirical(np.where(rows >= 0, residual[rows], np.nan))))
        return np.concatenate(found)


@dataclass(frozen=True, slots=True, repr=False)
class RowDistances(Shown):
    """A variance times rho to the power of the distance of two rows, each at a time of its own.

    V = sigma2 rho^d, with d the distance (exponential) or its square (Gaussian). Natural
    parameters: sigma2, and rho in (0, 1), the correlation at distance 1.

    Attributes
    ----------
    away : array, shape (K, M, M)
        d between the rows of each pattern; 0 in empty slots.
    frame, filler : array, shape (K, M, M)
        The factor of each entry of V, and the ones of empty slots.
    """

    mask: np.ndarray
    scale: FloatArray
    away: FloatArray
    frame: FloatArray = field(init=False)
    filler: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Find once what every step of the search asks for."""
        object.__setattr__(self, "frame", _frame(self.mask, self.scale))
        object.__setattr__(self, "filler", _filler(self.mask))

    @property
    def count(self) -> int:
        """Return 2."""
        return 2

    @property
    def labels(self) -> tuple[str, str]:
        """Return the names of the parameters."""
        return ("variance", "correlation at distance 1")

    def v(self, theta: FloatArray) -> FloatArray:
        """Return V of each pattern."""
        return np.asarray(theta[0] * theta[1] ** self.away * self.frame + self.filler)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return rho^d, and sigma2 d rho^(d - 1)."""
        rho, away = theta[1], self.away
        by_rho = theta[0] * away * rho ** (away - 1.0)
        return np.stack([rho**away * self.frame, by_rho * self.frame])

    def second(self, theta: FloatArray) -> FloatArray:
        """Return 0, d rho^(d - 1), and sigma2 d (d - 1) rho^(d - 2)."""
        rho, away = theta[1], self.away
        out = np.zeros((2, 2, *away.shape))
        out[0, 1] = out[1, 0] = away * rho ** (away - 1.0) * self.frame
        out[1, 1] = theta[0] * away * (away - 1.0) * rho ** (away - 2.0) * self.frame
        return out

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return sigma2 by the exponential, rho by a hyperbolic tangent."""
        rho = (np.tanh(free[..., 1:]) + 1.0) / 2.0
        return np.concatenate([np.exp(free[..., :1]), rho], axis=-1)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return the inverse of `from_free`."""
        share = np.clip(2.0 * theta[1] - 1.0, -1.0 + 1e-15, 1.0 - 1e-15)
        return np.array([np.log(theta[0]), np.arctanh(share)])

    @property
    def needs_curvature(self) -> bool:
        """Return False, as `VisitCovariance`."""
        return False

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether the rows of somebody are numerically one, or all are uncorrelated."""
        correlation = theta[1] ** self.away * self.mask[:, :, None] * self.mask[:, None, :]
        values = np.linalg.eigvalsh(correlation + self.filler)
        return bool(values[:, 0].min() < SINGULAR)

    def start(self, patterns: Patterns, residual: FloatArray) -> FloatArray:
        """Return the mean square, and a correlation of a half at the median distance."""
        apart = self.away[self.away > 0.0]
        typical = float(np.median(apart)) if len(apart) else 1.0
        return np.array([float(np.mean(residual**2)), 0.5 ** (1.0 / typical)])


def _empirical(table: FloatArray) -> FloatArray:
    """Return the covariance matrix of visits of a table with gaps, from pairs who have both."""
    held = np.isfinite(table)
    filled = np.where(held, table, 0.0)
    overall = float((filled**2).sum() / max(held.sum(), 1))
    return empirical_covariance(filled.T @ filled, held.T.astype(float) @ held, overall)


def empirical_covariance(sums: FloatArray, pairs: FloatArray, overall: float) -> FloatArray:
    """Return a positive definite covariance matrix of visits from sums of products of residuals.

    `pairs` are the participants who have both visits, (M, M) as the sums; `overall` is the mean
    square of all. The eigenvalues are lifted to at least a fiftieth of their mean, so that a start
    value is never outside the parameter space.
    """
    cross = sums / np.maximum(pairs, 1.0)
    variance = np.diagonal(cross).copy()
    variance[variance <= 1e-8 * overall] = overall
    cross[np.diag_indices_from(cross)] = variance
    # A covariance from few pairs is shrunk towards zero.
    cross = np.where(np.eye(len(cross)) > 0, cross, cross * pairs / (pairs + 2.0))
    values, vectors = np.linalg.eigh(cross)
    lifted = np.maximum(values, 0.02 * values.mean())
    return np.asarray((vectors * lifted) @ vectors.T)


@dataclass(frozen=True, slots=True, repr=False)
class EffectsCovariance(Shown):
    """The covariance G of the random effects of a level, and sigma2, the residual variance.

    Natural parameters: the free entries of G, the lower triangle row by row, then sigma2. Free
    numbers: the entries of Lambda with D G D = sigma2 Lambda Lambda' (Bates et al., J Stat Softw
    2015;67(1), eq. 4), D the size of each column of Z, so that units do not matter; then log
    sigma2. A variance of zero is a point like any other.

    Attributes
    ----------
    size : array, shape (r,)
        Root mean square of each column of Z.
    correlated : bool
        Whether the random effects of one level are correlated.
    entries : tuple of array
        Rows and columns of G that are parameters.
    """

    size: FloatArray
    correlated: bool
    entries: tuple[np.ndarray, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        """Find once which entries are parameters."""
        each = np.arange(self.width)
        entries = lower_triangle(self.width)[:2] if self.correlated else (each, each)
        object.__setattr__(self, "entries", entries)

    @property
    def width(self) -> int:
        """Return r, the number of random effects of a level."""
        return len(self.size)

    @property
    def count(self) -> int:
        """Return the entries of G, and sigma2."""
        return len(self.entries[0]) + 1

    @property
    def directions(self) -> FloatArray:
        """Return the derivatives of G in its entries, shape (count - 1, r, r)."""
        rows, columns = self.entries
        out = np.zeros((len(rows), self.width, self.width))
        out[np.arange(len(rows)), rows, columns] = 1.0
        out[np.arange(len(rows)), columns, rows] = 1.0
        return out

    def g(self, theta: FloatArray) -> FloatArray:
        """Return G, shape (r, r)."""
        rows, columns = self.entries
        out = np.zeros((self.width, self.width), dtype=np.asarray(theta).dtype)
        out[rows, columns] = theta[:-1]
        out[columns, rows] = theta[:-1]
        return out

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return G and sigma2 from Lambda and log sigma2."""
        if not self.correlated or self.width == 1:
            last = np.exp(free[..., -1:])
            return np.concatenate([last * (free[..., :-1] / self.size) ** 2, last], axis=-1)
        rows, columns = self.entries
        factor = np.zeros((*free.shape[:-1], self.width, self.width), dtype=free.dtype)
        factor[..., rows, columns] = free[..., :-1] / self.size[rows]
        residual = np.exp(free[..., -1:])
        g = residual[..., None] * (factor @ np.swapaxes(factor, -1, -2))
        return np.concatenate([g[..., rows, columns], residual], axis=-1)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return Lambda and log sigma2; G must be positive definite."""
        rows, columns = self.entries
        factor = np.linalg.cholesky(self.g(theta) / theta[-1])
        return np.append(factor[rows, columns] * self.size[rows], np.log(theta[-1]))

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether a variance of the random effects, or of a combination, is zero."""
        scaled = self.g(theta) * np.outer(self.size, self.size) / theta[-1]
        return bool(np.linalg.eigvalsh(scaled)[0] < SINGULAR)

    def start(self, total: float, spread: FloatArray) -> FloatArray:
        """Return half of the variance `total` as sigma2, the rest shared by the effects.

        `spread`, shape (r,): the mean square of each column of Z over the rows.
        """
        rows, columns = self.entries
        g = np.diag(0.5 * total / self.width / np.maximum(spread, 1e-12))
        return np.append(g[rows, columns], 0.5 * total)


def column_sizes(z: FloatArray) -> FloatArray:
    """Return the root mean square of each column of Z, shape (rows, r)."""
    return np.asarray(np.sqrt(np.maximum((z**2).mean(axis=0), 1e-300)))


@dataclass(frozen=True, slots=True, repr=False)
class RandomEffects(Shown):
    """Random effects and a residual in marginal form: V = Z G Z' + sigma2 / weight.

    Natural parameters and free numbers are those of `EffectsCovariance`; V is linear in the first.

    Attributes
    ----------
    correlated : bool
        Whether the random effects of one participant are correlated.
    own : EffectsCovariance
    filler : array, shape (K, M, M)
        The ones of empty slots.
    constant : array, shape (q, K, M, M)
        The derivatives: outer products of columns of Z, and the weights.
    """

    z: FloatArray
    mask: np.ndarray
    scale: FloatArray
    correlated: bool
    own: EffectsCovariance = field(init=False)
    filler: FloatArray = field(init=False)
    constant: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Find once what every step of the search asks for."""
        own = EffectsCovariance(column_sizes(self.z[self.mask]), self.correlated)
        object.__setattr__(self, "own", own)
        object.__setattr__(self, "filler", _filler(self.mask))
        object.__setattr__(self, "constant", _outer_products(self))

    @property
    def entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and columns of G that are parameters."""
        return self.own.entries

    @property
    def width(self) -> int:
        """Return r, the number of random effects of a participant."""
        return self.own.width

    @property
    def count(self) -> int:
        """Return the entries of G, and sigma2."""
        return self.own.count

    def g(self, theta: FloatArray) -> FloatArray:
        """Return G, shape (r, r)."""
        return self.own.g(theta)

    def v(self, theta: FloatArray) -> FloatArray:
        """Return V of each pattern."""
        return np.asarray(np.tensordot(theta, self.constant, axes=1) + self.filler)

    def first(self, theta: FloatArray) -> FloatArray:
        """Return the constant derivatives."""
        return self.constant

    def second(self, theta: FloatArray) -> None:
        """Return None: V is linear."""

    def from_free(self, free: FloatArray) -> FloatArray:
        """Return G and sigma2 from Lambda and log sigma2."""
        return self.own.from_free(free)

    def to_free(self, theta: FloatArray) -> FloatArray:
        """Return Lambda and log sigma2; G must be positive definite."""
        return self.own.to_free(theta)

    @property
    def needs_curvature(self) -> bool:
        """Return True: at a variance of zero the map is flat and the term is all there is."""
        return True

    def on_boundary(self, theta: FloatArray) -> bool:
        """Tell whether a variance of the random effects, or of a combination, is zero."""
        return self.own.on_boundary(theta)

    def start(self, patterns: Patterns, residual: FloatArray) -> FloatArray:
        """Return half of the residual variance as sigma2, the rest shared by the effects."""
        held = patterns.mask[:, :, None] * self.z
        spread = (patterns.size[:, None, None] * held**2).sum(axis=(0, 1)) / patterns.n_obs
        return self.own.start(float(np.mean(residual**2)), spread)


def _outer_products(effects: RandomEffects) -> FloatArray:
    """Return dV of each entry of G and of the residual variance, shape (q, K, M, M)."""
    rows, columns = effects.entries
    z = np.moveaxis(effects.z, 2, 0)
    left = z[rows][..., :, None] * z[columns][..., None, :]
    right = np.swapaxes(left, -1, -2)
    twice = (rows != columns)[:, None, None, None]
    own = left + np.where(twice, right, 0.0)
    residual = np.zeros((1, *effects.mask.shape, effects.mask.shape[1]))
    index = np.arange(effects.mask.shape[1])
    residual[0, :, index, index] = (effects.mask * effects.scale**2).T
    return np.concatenate([own, residual])
