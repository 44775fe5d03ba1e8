"""Counts with variance mu + alpha mu^2 and a log link: dispersion, information, covariances.

alpha = 1 / theta is the dispersion; 0 is Poisson. Lawless, Can J Stat 1987;15:209.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.software import computes_with

VCOV = ("model", "observed", "hc0", "hc1", "hc3")
MOST_COUNT = 100_000  # beyond it sums over 0 ... y - 1 are taken by digamma
LARGEST = 1e6
CLOSE = 1e-13


def log_likelihood(*, y: FloatArray, mu: FloatArray, alpha: float) -> float:
    """Return the log-likelihood; y and mu have shape (n,).

    >>> round(log_likelihood(y=np.array([0.0, 3.0]), mu=np.ones(2), alpha=0.0), 4)
    -3.7918
    """
    if alpha == 0.0:
        return float((special.xlogy(y, mu) - mu - special.gammaln(y + 1.0)).sum())
    theta = 1.0 / alpha
    own = special.gammaln(y + theta) - special.gammaln(theta) - special.gammaln(y + 1.0)
    own += special.xlogy(y, alpha * mu / (1.0 + alpha * mu)) - theta * np.log1p(alpha * mu)
    return float(own.sum())


def slope_at_zero(*, y: FloatArray, mu: FloatArray) -> float:
    """Return the slope of the log-likelihood in alpha at Poisson: sum of ((y - mu)^2 - y) / 2."""
    return float((((y - mu) ** 2 - y) / 2.0).sum())


def dispersion_slope(*, y: FloatArray, mu: FloatArray, alpha: float) -> float:
    """Return the derivative of the log-likelihood in alpha at given means."""
    z = alpha * mu
    own = (np.log1p(z) - z / (1.0 + z)) / alpha**2 - y * mu / (1.0 + z)
    return float((own + _sums(y, alpha)[0]).sum())


def adjustment_slope(*, x: FloatArray, y: FloatArray, mu: FloatArray, alpha: float) -> float:
    """Return the derivative in alpha of -log|X'WX| / 2 along the fitted means, W = mu/(1+alpha mu).

    Cox and Reid, J R Stat Soc B 1987;49:1: what the profile likelihood of a parameter lacks for the
    coefficients (p) fitted beside it. The means move as the score of the coefficients stays 0.
    """
    size = 1.0 + alpha * mu
    weight = mu / size
    observed = (x * (mu * (1.0 + alpha * y) / size**2)[:, None]).T @ x
    moved = np.linalg.solve(observed, -x.T @ ((y - mu) * mu / size**2))
    bent = -(weight**2) + mu * (x @ moved) / size**2
    information = (x * weight[:, None]).T @ x
    return float(-0.5 * np.trace(np.linalg.solve(information, (x * bent[:, None]).T @ x)))


def dispersion(
    *,
    y: FloatArray,
    means: Callable[[float], FloatArray],
    poisson: FloatArray,
    x: FloatArray | None = None,
) -> float:
    """Return the alpha at which the likelihood is largest, 0 where it falls from Poisson on.

    `means`: the fitted means, shape (n,), at an alpha. `poisson`: those at 0. With a design `x`
    (n, p) the likelihood is Cox and Reid's adjusted profile.
    """

    def adjusted(mu: FloatArray, alpha: float) -> float:
        return 0.0 if x is None else adjustment_slope(x=x, y=y, mu=mu, alpha=alpha)

    if slope_at_zero(y=y, mu=poisson) + adjusted(poisson, 0.0) <= 0.0:
        return 0.0

    def slope(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        mu = means(alpha)
        return alpha * (dispersion_slope(y=y, mu=mu, alpha=alpha) + adjusted(mu, alpha))

    mean = float(poisson.mean())
    low = np.log(min(1e-3, 1e-3 / mean))
    while slope(low) <= 0.0:
        low -= 2.0
        if low < -30.0:
            return 0.0
    high = low + 2.0
    while slope(high) > 0.0:
        high += 2.0
        if high > np.log(LARGEST):
            raise NotEstimable("the dispersion of the counts has no maximum: too few events")
    computes_with("scipy")
    return float(np.exp(optimize.brentq(slope, high - 2.0 if high > low + 2.0 else low, high,
                                        xtol=CLOSE, rtol=CLOSE)))  # fmt: skip


def covariance(
    *, x: FloatArray, y: FloatArray, mu: FloatArray, alpha: float, kind: str
) -> FloatArray:
    """Return the covariance of the coefficients, shape (p, p), for a design x (n, p).

    "model": inverse expected information B given alpha, weights mu / (1 + alpha mu). "observed":
    of coefficients and alpha together. "hc0", "hc1", "hc3": B M B with scores
    x (y - mu) / (1 + alpha mu), times n / (n - p), or residuals over 1 - leverage (MacKinnon and
    White 1985; Zeileis, J Stat Softw 2006;16(9)).
    """
    n, p = x.shape
    weight = mu / (1.0 + alpha * mu)
    bread = np.linalg.inv((x * weight[:, None]).T @ x)
    if kind == "model":
        return np.asarray(bread)
    if kind == "observed":
        return _observed(x=x, y=y, mu=mu, alpha=alpha)
    residual = (y - mu) / (1.0 + alpha * mu)
    if kind == "hc3":
        leverage = np.einsum("ij,jk,ik->i", x, bread, x) * weight
        if (leverage > 1.0 - 1e-8).any():
            raise NotEstimable(
                "a participant alone determines a coefficient: hc3 does not exist; leave the "
                "covariate out, or take another vcov"
            )
        residual = residual / (1.0 - leverage)
    scores = x * residual[:, None]
    scale = n / (n - p) if kind == "hc1" else 1.0
    return np.asarray(bread @ (scores.T @ scores) @ bread * scale)


def _observed(*, x: FloatArray, y: FloatArray, mu: FloatArray, alpha: float) -> FloatArray:
    """Return the block of the coefficients in the inverse of the joint observed information."""
    p, size = x.shape[1], 1.0 + alpha * mu
    weight = mu * (1.0 + alpha * y) / size**2
    whole = np.zeros((p + 1, p + 1))
    whole[:p, :p] = (x * weight[:, None]).T @ x
    if alpha == 0.0:
        return np.asarray(np.linalg.inv(whole[:p, :p]))
    whole[:p, p] = whole[p, :p] = x.T @ (mu * (y - mu) / size**2)
    second = -2.0 * np.log1p(alpha * mu) / alpha**3 + 2.0 * mu / (alpha**2 * size)
    second += mu**2 * (y + 1.0 / alpha) / size**2
    whole[p, p] = -float((second + _sums(y, alpha)[1]).sum())
    return np.asarray(np.linalg.inv(whole)[:p, :p])


def _sums(y: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return sum of j / (1 + alpha j) over j < y, and its derivative in alpha, shapes (n,)."""
    largest = int(y.max(initial=0.0))
    if largest > MOST_COUNT:
        theta = 1.0 / alpha
        one = special.digamma(y + theta) - special.digamma(theta)
        two = special.polygamma(1, theta) - special.polygamma(1, y + theta)
        # j / (1 + alpha j) = theta - theta^2 / (theta + j)
        return theta * y - theta**2 * one, -(theta**2) * (y - 2.0 * theta * one + theta**2 * two)
    j = np.arange(largest, dtype=float)
    terms = j / (1.0 + alpha * j)
    place = y.astype(int)
    sums = [np.concatenate([[0.0], np.cumsum(own)])[place] for own in (terms, -(terms**2))]
    return sums[0], sums[1]
