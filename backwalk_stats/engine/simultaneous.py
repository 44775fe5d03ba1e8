"""Tests and limits of one contrast against any null, on one side or two, and of families of them.

Tukey's studentized range and Dunnett's multivariate t are integrated by Gauss-Legendre rules. What
is summed are probabilities of going beyond, which are all positive, so that a small p keeps its
digits where one minus a probability would not. Shapes: m contrasts of a family.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import special
from scipy.optimize import brentq
from scipy.stats import multivariate_t

from backwalk_stats.engine.numbers import Estimate, FloatArray, array, require_level
from backwalk_stats.errors import NotEstimable
from backwalk_stats.software import computes_with

ALTERNATIVES = ("two-sided", "less", "greater")
REACH = 9.0  # of a standard normal: beyond it lies 1e-19
NODES = {1: 1, 2: 64, 3: 40, 4: 20}  # of each dimension but the last, by the number of contrasts
DRAWS = 100_000  # of scipy's lattice rule, for five contrasts and more
SPREADS = 96  # nodes for the standard deviation
SMALLEST = 1e-12


def one_by_one(
    *,
    estimate: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    null: float = 0.0,
    alternative: str = "two-sided",
    level: float = 0.95,
) -> Estimate:
    """Return t = (estimate - null) / SE, its p, and limits, of which one is infinite on one side.

    All of shape (m,); df of infinity is the normal. "less" is P(T <= t) with an upper limit,
    "greater" P(T >= t) with a lower one. Where the standard error is 0 nothing is tested.

    >>> one = one_by_one(estimate=np.array([1.0]), std_error=np.array([0.5]), df=np.array([10.0]),
    ...     null=2.0, alternative="less")
    >>> [float(part.round(4)[0]) for part in (one.p_value, one.conf_low, one.conf_high)]
    [0.0367, -inf, 1.9062]
    """
    require_level(level)
    computes_with("scipy")
    statistic = (estimate - null) / np.where(std_error > 0.0, std_error, np.nan)
    if alternative == "two-sided":
        p = 2.0 * special.stdtr(df, -np.abs(statistic))
    else:
        p = special.stdtr(df, statistic if alternative == "less" else -statistic)
    margin = half_width(level=level, df=df, alternative=alternative) * std_error
    margin = np.where(std_error > 0.0, margin, np.nan)
    low, high = limits(estimate=estimate, margin=margin, alternative=alternative)
    return Estimate(
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=p,
        conf_low=low,
        conf_high=high,
    )


def half_width(*, level: float, df: FloatArray, alternative: str) -> FloatArray:
    """Return the quantile of t by which an interval, or its one limit, is away, shape (m,)."""
    tail = (1.0 - level) / 2.0 if alternative == "two-sided" else 1.0 - level
    return np.asarray(-special.stdtrit(df, tail))


def limits(
    *, estimate: FloatArray, margin: FloatArray, alternative: str
) -> tuple[FloatArray, FloatArray]:
    """Return estimate -/+ margin, the side that a one-sided test leaves open infinite."""
    nothing = np.full(estimate.shape, np.inf)
    low = -nothing if alternative == "less" else estimate - margin
    high = nothing if alternative == "greater" else estimate + margin
    return np.where(np.isnan(margin), np.nan, low), np.where(np.isnan(margin), np.nan, high)


def holm_p(p_value: FloatArray) -> FloatArray:
    """Return the largest so far of (m - k + 1) p_(k), at most 1 (Holm, Scand J Stat 1979;6:65).

    >>> holm_p(np.array([0.01, 0.04, 0.03])).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_value, kind="stable")
    out = np.empty_like(p_value)
    steps = p_value[order] * np.arange(len(p_value), 0, -1)
    out[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return out


def sidak_p(p_value: FloatArray, count: int) -> FloatArray:
    """Return 1 - (1 - p)^m (Sidak, J Am Stat Assoc 1967;62:626).

    >>> sidak_p(np.array([0.01]), 3).round(6).tolist()
    [0.029701]
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(count * np.log1p(-p_value)))


# The standard deviation that every statistic of a family is divided by: S^2 = chi-square(df) / df.


@cache
def _rule(count: int) -> tuple[FloatArray, FloatArray]:
    """Return the nodes and weights of a Gauss-Legendre rule on (-1, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


def _spreads(df: float) -> tuple[FloatArray, FloatArray]:
    """Return values of S and their weights, shape (s,); one value where df is infinite."""
    if np.isinf(df):
        return np.ones(1), np.ones(1)
    half = df / 2.0
    ends = np.sqrt([special.gammaincinv(half, 1e-40), special.gammainccinv(half, 1e-18)])
    ends /= np.sqrt(half)
    nodes, weights = _rule(SPREADS)
    width = (ends[1] - ends[0]) / 2.0
    s = ends.mean() + width * nodes
    density = 2.0 * df * s * _chi_square_density(df * s**2, df)
    return s, width * weights * density


def _chi_square_density(x: FloatArray, df: float) -> FloatArray:
    half = df / 2.0
    return np.asarray(
        np.exp(special.xlogy(half - 1.0, x / 2.0) - x / 2.0 - special.gammaln(half)) / 2.0
    )


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi))


# Tukey: the range of k independent means.


def range_p(statistic: FloatArray, means: int, df: FloatArray) -> FloatArray:
    """Return P(Q >= sqrt(2) |t|), Q the studentized range of k means, shape (m,).

    Each t has its own df (Tukey 1953; Kramer, Biometrics 1956;12:307).

    >>> range_p(np.array([2.0]), 3, np.array([20.0])).round(4).tolist()
    [0.1381]
    """
    pairs = zip(np.abs(statistic), df, strict=True)
    return np.array([_beyond_range(np.sqrt(2.0) * t, means, nu) for t, nu in pairs])


def range_quantile(level: float, means: int, df: FloatArray) -> FloatArray:
    """Return the t whose `range_p` is 1 - level, shape (m,): half-widths of Tukey's limits."""

    def half_width(nu: float) -> float:
        return _root(lambda t: _beyond_range(np.sqrt(2.0) * t, means, nu), level)

    return np.array([half_width(nu) for nu in df.tolist()])


def _beyond_range(q: float, means: int, df: float) -> float:
    """Return the integral over S and z of k phi(z) (a^(k-1) - b^(k-1)).

    a = Phi(z) and b = Phi(z) - Phi(z - q S), z the largest of k standard normals.
    """
    if np.isnan(q) or np.isnan(df):
        return float("nan")
    s, share = _spreads(df)
    nodes, weights = _rule(128)
    z = REACH * nodes
    a, below = special.ndtr(z), special.ndtr(z - q * s[:, None])
    b = a - below
    gone = sum(a**i * b ** (means - 2 - i) for i in range(means - 1)) * below
    inner = (gone * means * _density(z)) @ (REACH * weights)
    return float(np.minimum(1.0, inner @ share))


def _root(beyond: Callable[[float], float], level: float, *, two_sided: bool = True) -> float:
    """Return where a probability that falls with t, from 0 or from minus infinity, is 1 - level."""
    computes_with("scipy")

    def excess(t: float) -> float:
        return beyond(t) - (1.0 - level)

    high = 4.0
    while not excess(high) < 0.0:
        if not np.isfinite(excess(high)) or high > 1e9:
            return float("nan")
        high *= 2.0
    low = 0.0 if two_sided else -high
    return float(brentq(excess, low, high, xtol=1e-10, rtol=1e-12))


# Dunnett: m contrasts that share a reference.


def many_to_one_p(
    statistic: FloatArray, correlation: FloatArray, df: FloatArray, alternative: str
) -> FloatArray:
    """Return P(some T_j is as far out as t_i), T multivariate t, shape (m,).

    `correlation` (shape (m, m)): of the contrasts. Two-sided, or on the side of the alternative;
    each with its own df (Dunnett, J Am Stat Assoc 1955;50:1096). To four contrasts by integration;
    beyond by the lattice rule of scipy with a fixed seed, to about five digits.

    >>> half = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> t, df = np.array([2.0, -1.0]), np.array([20.0, 20.0])
    >>> many_to_one_p(t, half, df, "two-sided").round(4).tolist()
    [0.1052, 0.5138]
    """
    t = np.abs(statistic) if alternative == "two-sided" else statistic
    t = -t if alternative == "less" else t
    two_sided = alternative == "two-sided"
    pairs = zip(t.tolist(), df.tolist(), strict=True)
    return np.array([_beyond_any(at, correlation, nu, two_sided=two_sided) for at, nu in pairs])


def many_to_one_quantile(
    level: float, correlation: FloatArray, df: FloatArray, alternative: str
) -> FloatArray:
    """Return the t whose `many_to_one_p` is 1 - level, shape (m,)."""

    def half_width(nu: float) -> float:
        two_sided = alternative == "two-sided"
        return _root(
            lambda t: _beyond_any(t, correlation, nu, two_sided=two_sided),
            level,
            two_sided=two_sided,
        )

    found = {nu: half_width(nu) for nu in set(df.tolist())}
    return np.array([found[nu] for nu in df.tolist()])


def _beyond_any(t: float, correlation: FloatArray, df: float, *, two_sided: bool) -> float:
    if np.isnan(t) or np.isnan(df) or np.isnan(correlation).any():
        return float("nan")
    if two_sided and t <= 0.0:
        return 1.0
    if len(correlation) > max(NODES):
        return _beyond_by_lattice(t, correlation, df, two_sided=two_sided)
    s, share = _spreads(df)
    inner = _beyond_normal(t * s, array(np.linalg.cholesky(correlation)), two_sided=two_sided)
    return float(np.minimum(1.0, inner @ share))


def _beyond_normal(bound: FloatArray, root: FloatArray, *, two_sided: bool) -> FloatArray:
    """Return P(some Z_j > b), or |Z_j| > b, for each b, shape (s,).

    Z = L z. The sum over j of the probability that Z_j is the first beyond: the z before it are
    integrated over where their Z are inside.
    """
    m = len(root)
    nodes, weights = _rule(NODES[m])
    earlier = np.zeros((0, len(bound), 1))
    weight = np.ones((len(bound), 1))
    total = np.zeros(len(bound))
    for j in range(m):
        centre = np.tensordot(root[j, :j], earlier, axes=1)
        high = (bound[:, None] - centre) / root[j, j]
        low = (-bound[:, None] - centre) / root[j, j] if two_sided else np.full(high.shape, -np.inf)
        total += (weight * (special.ndtr(-high) + special.ndtr(low))).sum(axis=1)
        if j + 1 == m:
            break
        low, high = np.clip(low, -REACH, REACH), np.clip(high, -REACH, REACH)
        half = (high - low) / 2.0
        z = (low + half)[..., None] + half[..., None] * nodes
        weight = ((weight * half)[..., None] * weights * _density(z)).reshape(len(bound), -1)
        earlier = np.concatenate(
            [np.repeat(earlier, len(nodes), axis=2), z.reshape(1, len(bound), -1)]
        )
    return total


def _beyond_by_lattice(t: float, correlation: FloatArray, df: float, *, two_sided: bool) -> float:
    """Return the same from scipy's multivariate t, of five contrasts or more."""
    computes_with("scipy")
    bound = np.full(len(correlation), t)
    inside = multivariate_t.cdf(
        bound,
        shape=correlation,
        df=df,  # type: ignore[arg-type]
        lower_limit=-bound if two_sided else None,
        maxpts=DRAWS,
        random_state=20,
    )
    return float(np.clip(1.0 - inside, 0.0, 1.0))


def correlation_of(covariance: FloatArray) -> FloatArray:
    """Return the correlation matrix of contrasts; refuse contrasts that hang on each other."""
    size = np.sqrt(np.diagonal(covariance))
    found = covariance / np.outer(size, size)
    if np.isfinite(found).all() and np.linalg.eigvalsh(found)[0] < SMALLEST:
        raise NotEstimable(
            "a contrast of the family follows from the others, so they have no joint density"
        )
    return np.asarray(found)
