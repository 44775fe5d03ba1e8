"""Power of a planned trial of two arms in closed form, and the smallest n that reaches a power.

Shapes: m visits after baseline. n is participants analysed in each arm; every function returns a
plain float, so that the smallest n is found by the power itself and never by a normal formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray, array
from backwalk_stats.engine.summary.power import noncentral_power
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

NODES = 100  # of the Gauss-Legendre rules; 200 give the same twelve digits
LARGEST_ARM = 10_000_000
TAIL = 1e-16  # of a distribution that is integrated over


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Comparison(Shown):
    """A true difference between two arms, and the test that is to find it.

    Attributes
    ----------
    difference : float
        Of the arm to the reference. Its sign does not matter without a margin; with one, higher is
        worse.
    level : float
        Two-sided level; with a margin the test is one-sided at half of it.
    margin : float or None
        Of non-inferiority: the null hypothesis is a difference of `margin` or more.
    """

    difference: float
    level: float
    margin: float | None = None

    def power(self, std_error: FloatArray, df: float) -> FloatArray:
        """Return the power of the t test at each standard error.

        Both tails count without a margin (Cohen 1988); with one, P(T < critical t) for T noncentral
        t with (difference - margin) / SE (Julious 2004, Stat Med 23:1921).
        """
        if self.margin is None:
            delta = np.abs(self.difference) / std_error
            return noncentral_power(delta, np.full(delta.shape, df), level=self.level)
        return _upper_tail((self.margin - self.difference) / std_error, df, level=self.level / 2.0)


def _upper_tail(delta: FloatArray, df: float, *, level: float) -> FloatArray:
    """Return P(T > critical t) of a one-sided t test; below 1e-200 the other tail is 0."""
    computes_with("scipy")
    critical = special.stdtrit(df, 1.0 - level)
    below = special.nctdtr(df, np.abs(delta), np.where(delta < 0.0, -critical, critical))
    below = np.where(np.isnan(below), 0.0, below)
    # P(T > t) with delta is P(T < -t) with -delta.
    return array(np.where(delta < 0.0, below, 1.0 - below))


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the Gauss-Legendre rule on -1 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return array(nodes), array(weights)


def two_sample(comparison: Comparison, *, n: int, sd: float) -> float:
    """Return the power of Student's t test, 2 n - 2 df.

    >>> round(two_sample(Comparison(difference=1.0, level=0.05), n=13, sd=1.25), 4)
    0.4992
    """
    return float(comparison.power(array(sd * np.sqrt(2.0 / n)), 2.0 * n - 2.0))


def ancova(comparison: Comparison, *, n: int, sd: float, correlation: float) -> float:
    """Return the power of ANCOVA with the baseline as covariate, 2 n - 3 df.

    Given the baselines the variance of the adjusted difference is
    sd^2 (1 - r^2) (2/n) / (1 - u^2), where u^2 = F / (F + 2 n - 2) and F, of the arms' difference
    in baseline, is F(1, 2 n - 2); the power is averaged over it. The density of u is proportional
    to (1 - u^2)^(n - 2). Normal scores (Shieh 2020, Psychometrika 85:101; the factor 1 - r^2 is
    that of Borm, Fransen and Lemmens 2007, J Clin Epidemiol 60:1234).

    >>> one = Comparison(difference=1.0, level=0.05)
    >>> round(ancova(one, n=13, sd=1.25, correlation=0.6), 4)
    0.6667
    """
    reach = min(1.0, 9.0 / np.sqrt(2.0 * n))
    nodes, weights = _rule()
    u = reach * (nodes + 1.0) / 2.0
    density = weights * np.exp((n - 2.0) * np.log1p(-(u**2)))
    std_error = sd * np.sqrt((1.0 - correlation**2) * 2.0 / n / (1.0 - u**2))
    return float((comparison.power(std_error, 2.0 * n - 3.0) * density).sum() / density.sum())


def equivalence(*, difference: float, margin: float, level: float, n: int, sd: float) -> float:
    """Return the power of two one-sided t tests, each at the level, within -margin and margin.

    With S^2 = chi-square(df) / df the mean difference must lie within
    -/+ (margin - critical t x SE x S): a normal probability, integrated over S (Owen 1965,
    Biometrika 52:437; Phillips 1990, J Pharmacokinet Biopharm 18:137).

    >>> round(equivalence(difference=0.0, margin=1.0, level=0.05, n=30, sd=1.5), 4)
    0.6355
    """
    computes_with("scipy")
    df, error = 2.0 * n - 2.0, sd * np.sqrt(2.0 / n)
    critical = -special.stdtrit(df, level)
    low, high = np.sqrt(special.chdtri(df, [1.0 - TAIL, TAIL]) / df)
    nodes, weights = _rule()

    def mass(end: float, inside: Callable[[FloatArray], FloatArray]) -> float:
        s = low + (end - low) * (nodes + 1.0) / 2.0
        # the density of S over its value at 1, so that nothing large is subtracted
        ratio = np.exp((df - 1.0) * np.log(s) - df / 2.0 * (s - 1.0) * (s + 1.0))
        return float((weights * inside(s) * ratio).sum() * (end - low))

    def within(s: FloatArray) -> FloatArray:
        room, shift = margin / error - critical * s, difference / error
        return array(special.ndtr(room - shift) - special.ndtr(-room - shift))

    end = min(high, margin / (critical * error))
    return mass(end, within) / mass(high, np.ones_like) if end > low else 0.0


def proportions(*, p_arm: float, p_reference: float, level: float, n: float) -> float:
    """Return the power of the chi-squared test of two proportions by its normal approximation.

    z = (sqrt(n) |p1 - p2| - z_crit sqrt(2 p q)) / sqrt(p1 q1 + p2 q2), pooled p under the null; the
    tail of the wrong direction is left out (R's `power.prop.test(strict = FALSE)`; Fleiss 1981,
    Statistical Methods for Rates and Proportions, ch. 3).

    >>> round(proportions(p_arm=0.5, p_reference=0.25, level=0.05, n=50), 4)
    0.7402
    """
    pooled = (p_arm + p_reference) / 2.0
    null = np.sqrt(2.0 * pooled * (1.0 - pooled))
    apart = np.sqrt(n) * abs(p_arm - p_reference)
    return _normal(apart + special.ndtri(level / 2.0) * null, p_arm, p_reference)


def proportions_within(
    *, p_arm: float, p_reference: float, margin: float, level: float, n: float
) -> float:
    """Return the power of showing p_arm - p_reference below a margin, one-sided at half the level.

    z = sqrt(n) (margin - (p1 - p2)) / sqrt(p1 q1 + p2 q2) - z_crit, variance unpooled (Blackwelder
    1982, Control Clin Trials 3:345).

    >>> round(proportions_within(p_arm=0.2, p_reference=0.2, margin=0.1, level=0.05, n=252), 4)
    0.8013
    """
    spread = np.sqrt(p_arm * (1.0 - p_arm) + p_reference * (1.0 - p_reference))
    apart = np.sqrt(n) * (margin - (p_arm - p_reference))
    return _normal(apart + special.ndtri(level / 2.0) * spread, p_arm, p_reference)


def _normal(above: float, p_arm: float, p_reference: float) -> float:
    computes_with("scipy")
    spread = np.sqrt(p_arm * (1.0 - p_arm) + p_reference * (1.0 - p_reference))
    return float(special.ndtr(above / spread))


def design_effect(*, cluster_size: float, icc: float, cv: float = 0.0) -> float:
    """Return 1 + ((cv^2 + 1) m - 1) icc (Eldridge, Ashby and Kerry 2006, Int J Epidemiol 35:1292).

    `cluster_size` is the mean m of the sizes and `cv` their SD over it; with 0 it is
    1 + (m - 1) icc.

    >>> round(design_effect(cluster_size=12, icc=0.04, cv=0.5), 4)
    1.56
    """
    return 1.0 + ((cv**2 + 1.0) * cluster_size - 1.0) * icc


def clusters(
    comparison: Comparison, *, per_arm: int, cluster_size: float, sd: float, effect: float
) -> float:
    """Return the power of the t test of cluster means, 2 k - 2 df with k clusters an arm.

    SE^2 = 2 sd^2 x design effect / (k m), exact for equal clusters of normal scores (Donner,
    Birkett and Buck 1981, Am J Epidemiol 114:906; df of the clusters).

    >>> one = Comparison(difference=1.2, level=0.05)
    >>> round(clusters(one, per_arm=8, cluster_size=6, sd=2.0, effect=1.25), 4)
    0.6865
    """
    error = sd * np.sqrt(2.0 * effect / (per_arm * cluster_size))
    return float(comparison.power(array(error), 2.0 * per_arm - 2.0))


def variance_of_last_mean(*, covariance: FloatArray, dropout: FloatArray) -> float:
    """Return n times the variance of an arm's mean at the last visit, given baseline.

    The inverse of the information of monotone patterns, sum_t p_t [V_tt^-1 padded with zeros], for
    V of the visits after baseline given it, p_t the share last seen at visit t (Lu, Luo and Chen
    2008, Int J Biostat 4(1):9).

    Parameters
    ----------
    covariance : array, shape (m + 1, m + 1)
        Of the scores of one person, baseline first.
    dropout : array, shape (m + 1,)
        Share missing from each visit on; 0 at baseline, never falling, below 1.

    Examples
    --------
    >>> both = np.array([[1.0, 0.6], [0.6, 1.0]])
    >>> round(variance_of_last_mean(covariance=both, dropout=np.array([0.0, 0.2])), 4)
    0.8
    """
    V = covariance[1:, 1:] - np.outer(covariance[1:, 0], covariance[0, 1:]) / covariance[0, 0]
    last_seen = np.diff(np.append(dropout, 1.0))[1:]
    information = np.zeros_like(V)
    for visits, share in enumerate(last_seen, start=1):
        information[:visits, :visits] += share * np.linalg.inv(V[:visits, :visits])
    return float(np.linalg.inv(information)[-1, -1])


def mmrm(comparison: Comparison, *, n: float, variance: float, completers: float) -> float:
    """Return the power of MMRM at the last visit, corrected for a small sample.

    SE^2 = variance / n x (1 + 1/(c - 4)), c completers of both arms; T on c - 3 df. The factor is
    the mean of 1 / (1 - u^2) of `ancova`, so that the plain normal formula of Lu 2008, up to 0.05
    too high with 13 an arm, is its limit.

    Parameters
    ----------
    comparison : Comparison
    n : float
        Participants randomised to each arm.
    variance : float
        `variance_of_last_mean` of both arms, added.
    completers : float
        Expected number of both arms who are seen at the last visit, above 4.

    Examples
    --------
    >>> one = Comparison(difference=1.4, level=0.05)
    >>> round(mmrm(one, n=13, variance=2 * 2.8224, completers=26), 4)
    0.5123
    """
    error = np.sqrt(variance / n * (1.0 + 1.0 / (completers - 4.0)))
    return float(comparison.power(array(error), completers - 3.0))


def smallest(power_at: Callable[[int], float], *, target: float, least: int) -> int:
    """Return the smallest whole number at which a power that rises with it reaches a target.

    >>> smallest(lambda n: 1 - 0.5**n, target=0.9, least=2)
    4
    """
    low, high = least - 1, least
    while power_at(high) < target:
        low, high = high, 2 * high
        if high > LARGEST_ARM:
            raise NotEstimable(f"no trial of up to {LARGEST_ARM} in each arm reaches this power")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= target else (middle, high)
    return high
