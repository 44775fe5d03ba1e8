"""Risks of arms: whether a maximum exists, risks standardised, and risks pooled over strata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.software import computes_with

FORMS = ("ye_decomposed", "ye_residual", "influence")
BEYOND = 1e-6


def recedes(rows: FloatArray, *, still: FloatArray | None = None) -> bool:
    """Tell whether a likelihood grows without end: rows d >= 0 for some d, one of them above 0.

    rows, shape (m, p), are those by which each observation's likelihood rises; those of `still`,
    shape (k, p), must be 0. For 0 and 1 the rows are those of the design, of a 0 with the sign
    turned (Albert and Anderson, Biometrika 1984;71:1; as a linear program, Konis 2007).

    >>> x = np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 4.0]])
    >>> sign = np.array([[-1.0], [-1.0], [1.0], [1.0]])
    >>> recedes(sign * x), recedes(sign[[0, 2, 1, 3]] * x)
    (True, False)
    """
    if not len(rows):
        return False
    every = rows if still is None else np.vstack([rows, still])
    size = np.abs(every).max(axis=0)
    scaled = rows / np.where(size > 0.0, size, 1.0)
    equal = None if still is None or not len(still) else still / np.where(size > 0.0, size, 1.0)
    computes_with("scipy")
    found = optimize.linprog(
        -scaled.sum(axis=0),
        A_ub=-scaled,
        b_ub=np.zeros(len(scaled)),
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(len(equal)),
        bounds=(-1.0, 1.0),
        method="highs",
    )
    if found.status != 0:
        raise NotEstimable("whether a maximum exists was not settled: check the covariates")
    return bool(found.fun is not None and found.fun < -BEYOND)


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardisedRisks:
    """The risk of each arm, were everyone in it.

    Attributes
    ----------
    risk : array, shape (k,)
    covariance : array, shape (k, k)
    """

    risk: FloatArray
    covariance: FloatArray


def standardised_risks(
    *, y: FloatArray, arm: np.ndarray, mu: FloatArray, form: str
) -> StandardisedRisks:
    """Return the mean prediction under each arm, and the covariance of these means.

    y (n,) is 0 and 1, arm (n,) a code, mu (n, k) the prediction for each row under each arm. Ye,
    Bannick, Yi and Shao, Stat Theory Relat Fields 2023;7:159: with pi_a = n_a / n, subscripts
    within an arm, none for everyone, and n - 1 throughout, "ye_decomposed" is

        V_aa = [var_a(Y) - 2 cov_a(Y, mu_a) + var(mu_a)] / pi_a + 2 cov_a(Y, mu_a) - var(mu_a)
        V_ab = cov_a(Y, mu_b) + cov_b(Y, mu_a) - cov(mu_a, mu_b),

    over n; "ye_residual" has var_a(Y - mu_a) in the bracket; "influence" is the mean of
    phi_a phi_b over n, phi_a = 1(A = a)(Y - mu_a) / pi_a + mu_a - theta_a.
    """
    n, k = mu.shape
    theta = mu.mean(axis=0)
    own = [arm == code for code in range(k)]
    share = np.array([one.mean() for one in own])
    if form == "influence":
        phi = np.column_stack(own) * (y[:, None] - mu) / share + mu - theta
        return StandardisedRisks(risk=theta, covariance=phi.T @ phi / n**2)
    every = np.atleast_2d(np.cov(mu, rowvar=False))
    within = [np.cov(np.column_stack([y[one], mu[one]]), rowvar=False) for one in own]
    joint = np.array([one[0, 1:] for one in within])  # cov_a(Y, mu_b)
    v = joint + joint.T - every
    for code, inside in enumerate(within):
        spread = every[code, code] if form == "ye_decomposed" else inside[code + 1, code + 1]
        bracket = inside[0, 0] - 2.0 * joint[code, code] + spread
        v[code, code] = bracket / share[code] + 2.0 * joint[code, code] - every[code, code]
    return StandardisedRisks(risk=theta, covariance=v / n)


@dataclass(frozen=True, kw_only=True, slots=True)
class StratifiedCounts:
    """Two arms within strata that both are in.

    Attributes
    ----------
    events, n, events0, n0 : array, shape (s,)
        Of the arm, and of the reference arm, in each stratum.
    """

    events: FloatArray
    n: FloatArray
    events0: FloatArray
    n0: FloatArray

    @property
    def total(self) -> FloatArray:
        """Return the participants of each stratum, shape (s,)."""
        return self.n + self.n0

    @property
    def weight(self) -> FloatArray:
        """Return the Mantel-Haenszel weights n n0 / N, shape (s,)."""
        return self.n * self.n0 / self.total


def pooled_risks(counts: StratifiedCounts) -> tuple[FloatArray, FloatArray]:
    """Return the risks of arm and reference, weighed by n n0 / N, and their standard errors, (2,).

    Their difference and their ratio are those of Mantel and Haenszel.
    """
    w = counts.weight
    risk = np.array([counts.events / counts.n, counts.events0 / counts.n0])
    size = np.array([counts.n, counts.n0])
    pooled = risk @ w / w.sum()
    variance = (w**2 * risk * (1.0 - risk) / size).sum(axis=1) / w.sum() ** 2
    return pooled, np.sqrt(variance)


def difference_error(counts: StratifiedCounts) -> float:
    """Return the standard error of the pooled risk difference of Sato, Greenland and Robins.

    var = (RD sum P + sum Q) / (sum w)^2 with P = [n^2 e0 - n0^2 e + n n0 (n0 - n) / 2] / N^2 and
    Q = [e (n0 - e0) + e0 (n - e)] / (2 N) (Biometrics 1989;45:1323); it holds for few large strata
    and for many small ones.
    """
    e, n, e0, n0, total = counts.events, counts.n, counts.events0, counts.n0, counts.total
    risk, _ = pooled_risks(counts)
    p = (n**2 * e0 - n0**2 * e + n * n0 * (n0 - n) / 2.0) / total**2
    q = (e * (n0 - e0) + e0 * (n - e)) / (2.0 * total)
    variance = ((risk[0] - risk[1]) * p.sum() + q.sum()) / counts.weight.sum() ** 2
    return float(np.sqrt(max(variance, 0.0)))


def log_ratio_error(counts: StratifiedCounts) -> float:
    """Return the standard error of the logarithm of the pooled risk ratio; NaN without an event.

    Greenland and Robins, Biometrics 1985;41:55: sum [n n0 (e + e0) - e e0 N] / N^2 over
    (sum e n0 / N) (sum e0 n / N).
    """
    e, n, e0, n0, total = counts.events, counts.n, counts.events0, counts.n0, counts.total
    below = float((e * n0 / total).sum() * (e0 * n / total).sum())
    above = float(((n * n0 * (e + e0) - e * e0 * total) / total**2).sum())
    return float(np.sqrt(above / below)) if below > 0.0 else float("nan")


def conditional_excess(counts: StratifiedCounts) -> tuple[float, float]:
    """Return the events of the arm beyond those expected with the margins held, and the variance.

    The Cochran-Mantel-Haenszel statistic is the square of the excess over the variance.
    """
    total, cases = counts.total, counts.events + counts.events0
    excess = float((counts.events - counts.n * cases / total).sum())
    freedom = np.maximum(total - 1.0, 1.0)
    spread = counts.n * counts.n0 * cases * (total - cases) / (total**2 * freedom)
    return excess, float(spread.sum())
