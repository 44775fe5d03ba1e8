"""Generalised estimating equations: canonical links, working correlations, robust covariances.

Liang and Zeger, Biometrika 1986;73:13. D = d mu / d b, V = A^1/2 R A^1/2 (the scale cancels),
B = (sum D' V^-1 D)^-1, H_i = D_i B D_i' V_i^-1. Participants are held as one table, places along
its second axis; what nobody was at is masked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable

FAMILIES = ("gaussian", "binomial", "poisson")
CORRELATIONS = ("independence", "exchangeable", "ar1")
WORKING = ("moments", "geepack")
VCOV = ("robust", "mancl-derouen", "kauermann-carroll")
STEPS, CLOSE, ALONE = 300, 1e-11, 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A distribution with its canonical link: mean of a linear predictor, variance of a mean."""

    mean: Callable[[FloatArray], FloatArray]
    variance: Callable[[FloatArray], FloatArray]


def _identity(linear: FloatArray) -> FloatArray:
    return linear


def _expit(linear: FloatArray) -> FloatArray:
    return np.asarray(special.expit(linear))


def _exp(linear: FloatArray) -> FloatArray:
    return np.exp(np.minimum(linear, 500.0))


def _binomial(mu: FloatArray) -> FloatArray:
    return mu * (1.0 - mu)


# With a canonical link d mu / d eta is the variance.
_FAMILIES = {
    "gaussian": Family(mean=_identity, variance=np.ones_like),
    "binomial": Family(mean=_expit, variance=_binomial),
    "poisson": Family(mean=_exp, variance=_identity),
}


def family_named(name: str) -> Family:
    """Return a family by its name, one of `FAMILIES`."""
    return _FAMILIES[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clusters:
    """Rows by participant and place.

    Attributes
    ----------
    x : array, shape (n, t, p)
        Zero where a place is empty.
    y, offset : array, shape (n, t)
    held : array of bool, shape (n, t)
    """

    x: FloatArray
    y: FloatArray
    offset: FloatArray
    held: np.ndarray

    @property
    def rows(self) -> int:
        """Return the rows of all participants."""
        return int(self.held.sum())

    def pairs(self, apart: int) -> int:
        """Return within how many pairs of places so far apart both are held."""
        return int((self.held[:, apart:] & self.held[:, : self.held.shape[1] - apart]).sum())


def clusters(
    *, x: FloatArray, y: FloatArray, offset: FloatArray, people: np.ndarray, place: np.ndarray
) -> Clusters:
    """Return rows as a table: x (N, p), y and offset (N,), people and place (N,) codes from 0."""
    n, t = int(people.max()) + 1, int(place.max()) + 1
    table = np.zeros((n, t, x.shape[1]))
    values, added, held = np.zeros((n, t)), np.zeros((n, t)), np.zeros((n, t), dtype=bool)
    table[people, place], values[people, place] = x, y
    added[people, place], held[people, place] = offset, True
    return Clusters(x=table, y=values, offset=added, held=held)


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """A solution of the estimating equations.

    Attributes
    ----------
    beta : array, shape (p,)
    alpha, scale : float
        Of the working correlation (0 for independence), and the dispersion.
    iterations : int
    converged : bool
    """

    beta: FloatArray
    alpha: float
    scale: float
    iterations: int
    converged: bool


def solve(data: Clusters, *, family: str, correlation: str, working: str) -> Solution:
    """Return the solution, from independence on.

    "moments": scale = sum r^2 / (N - p), r the Pearson residuals; exchangeable alpha = sum of
    products of pairs over (pairs - p) and the scale; ar1 the same with neighbours alone (Liang and
    Zeger 1986, as SAS GENMOD documents). "geepack": scale = sum r^2 / N, no - p, and ar1 solves
    sum over pairs of k a^(k - 1) (r_j r_(j+k) / scale - a^k) = 0 (Yan and Fine, Stat Med
    2004;23:859).
    """
    own = family_named(family)
    p, t = data.x.shape[2], data.held.shape[1]
    beta, alpha, scale = np.zeros(p), 0.0, np.nan
    total = float(data.y.sum())
    if family != "gaussian":  # a start of which the first step is a good one
        mean = total / data.rows
        target = np.log(mean / (1.0 - mean)) if family == "binomial" else np.log(mean)
        flat = data.x[data.held]
        goal = target - (data.offset[data.held] if family == "poisson" else 0.0)
        beta = np.linalg.lstsq(flat, np.full(len(flat), 1.0) * goal, rcond=None)[0]
    loose = True  # the first steps are those of independence
    for step in range(1, STEPS + 1):
        mu, d = _means(data, own, beta)
        if not loose:
            scale, alpha = _working(data, own, mu, correlation, working)
        inverse = _inverse(data, own, mu, _correlation(correlation, alpha, t))
        weighted = np.einsum("ntu,nup->ntp", inverse, d)
        left = np.einsum("ntp,ntq->pq", weighted, d)
        right = np.einsum("ntp,nt->p", weighted, (data.y - mu) * data.held)
        move = np.linalg.solve(left, right)
        beta = beta + move
        if not np.isfinite(beta).all():
            break
        near = np.abs(move).max() <= (1e-6 if loose else CLOSE) * (1.0 + np.abs(beta).max())
        if near and not loose:
            return _settled(data, own, beta, correlation, working, step)
        loose = loose and not near
    return Solution(beta=beta, alpha=alpha, scale=scale, iterations=STEPS, converged=False)


def _settled(
    data: Clusters, own: Family, beta: FloatArray, correlation: str, working: str, step: int
) -> Solution:
    """Return the solution with the working correlation at its coefficients."""
    scale, alpha = _working(data, own, _means(data, own, beta)[0], correlation, working)
    return Solution(beta=beta, alpha=alpha, scale=scale, iterations=step, converged=True)


def covariance(
    data: Clusters, found: Solution, *, family: str, correlation: str, kind: str
) -> FloatArray:
    """Return the covariance of the coefficients, shape (p, p), without any further factor.

    "robust": B sum(u u') B with u = D' V^-1 e; "mancl-derouen": e replaced by (I - H)^-1 e
    (Biometrics 2001;57:126); "kauermann-carroll": by the principal root (I - H)^-1/2 e (J Am Stat
    Assoc 2001;96:1387).
    """
    own = family_named(family)
    mu, d = _means(data, own, found.beta)
    inverse = _inverse(data, own, mu, _correlation(correlation, found.alpha, data.held.shape[1]))
    weighted = np.einsum("ntu,nup->ntp", inverse, d)
    bread = np.linalg.inv(np.einsum("ntp,ntq->pq", weighted, d))
    e = (data.y - mu) * data.held
    if kind != "robust":
        # V = L L': H = L S L^-1 with S = L^-1 D B D' L^-T symmetric, and so has its functions
        half = np.linalg.cholesky(np.linalg.inv(inverse))
        inner = np.linalg.solve(half, d)
        s = np.einsum("ntp,pq,nuq->ntu", inner, bread, inner)
        values, vectors = np.linalg.eigh(np.eye(s.shape[1]) - s)
        if values.min() < ALONE:
            raise NotEstimable(
                f"a participant alone determines a coefficient: {kind} does not exist; leave the "
                "term out, or take vcov='robust'"
            )
        power = values ** (-1.0 if kind == "mancl-derouen" else -0.5)
        turned = np.einsum("nts,ns,nus->ntu", vectors, power, vectors)
        residual = np.linalg.solve(half, e[:, :, None])
        e = (half @ (turned @ residual))[:, :, 0]
    u = np.einsum("ntp,nt->np", weighted, e)
    return np.asarray(bread @ (u.T @ u) @ bread)


def _means(data: Clusters, own: Family, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mu, shape (n, t), and D, shape (n, t, p)."""
    mu = own.mean(data.x @ beta + data.offset)
    return mu, data.x * own.variance(mu)[:, :, None]


def _correlation(name: str, alpha: float, t: int) -> FloatArray:
    """Return R, shape (t, t), of independence at an alpha of 0; refuses what is no correlation."""
    apart = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    r = alpha**apart if name == "ar1" else np.where(apart == 0, 1.0, alpha)
    if t > 1 and np.linalg.eigvalsh(r)[0] <= 1e-8:
        raise NotEstimable(
            f"the working correlation is estimated at {alpha:.3g}, which {t} visits cannot have; "
            "take correlation='independence', which robust errors allow"
        )
    return np.asarray(r)


def _inverse(data: Clusters, own: Family, mu: FloatArray, r: FloatArray) -> FloatArray:
    """Return V^-1 of each participant, shape (n, t, t); 1 on the diagonal of empty places."""
    spread = np.sqrt(np.where(data.held, own.variance(mu), 1.0))
    both = data.held[:, :, None] & data.held[:, None, :]
    v = np.where(both, r, np.eye(len(r))) * spread[:, :, None] * spread[:, None, :]
    return np.asarray(np.linalg.inv(v))


def _working(
    data: Clusters, own: Family, mu: FloatArray, correlation: str, working: str
) -> tuple[float, float]:
    """Return scale and alpha at given means."""
    p, held = data.x.shape[2], data.held
    less = p if working == "moments" else 0
    r = np.where(held, (data.y - mu) / np.sqrt(np.where(held, own.variance(mu), 1.0)), 0.0)
    scale = float((r**2).sum()) / (data.rows - less)
    if correlation == "independence":
        return scale, 0.0
    products = [float((r[:, k:] * r[:, : r.shape[1] - k]).sum()) for k in range(1, r.shape[1])]
    counts = [data.pairs(k) for k in range(1, r.shape[1])]
    if correlation == "ar1" and working == "geepack":
        return scale, _autoregression(np.array(products) / scale, np.array(counts, dtype=float))
    last = 1 if correlation == "ar1" else len(products)
    pairs = sum(counts[:last]) - less
    if pairs <= 0:
        raise NotEstimable(
            f"{sum(counts[:last])} pairs of rows of one participant and {p} coefficients leave "
            f"nothing to estimate a correlation from; take correlation='independence'"
        )
    return scale, sum(products[:last]) / pairs / scale


def _autoregression(products: FloatArray, counts: FloatArray) -> float:
    """Return the a in (-1, 1) with the least sum over pairs of (r_j r_(j+k) / scale - a^k)^2."""
    k = np.arange(1, len(products) + 1)
    if not counts.any():
        raise NotEstimable("no participant has two rows: take correlation='independence'")
    powers = np.zeros(2 * len(k))  # of a, from the highest: sum k a^(k-1) (c_k - n_k a^k)
    powers[-k] += k * products
    powers[-2 * k] -= k * counts
    roots = np.roots(powers)
    real = roots.real[np.abs(roots.imag) < 1e-9]
    inside = real[np.abs(real) < 1.0]
    if not len(inside):
        raise NotEstimable("the working correlation has no solution: take 'exchangeable'")
    loss = [(counts * a ** (2 * k) - 2.0 * products * a**k).sum() for a in inside]
    return float(inside[int(np.argmin(loss))])
