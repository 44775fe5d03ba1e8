"""Two arms with events: risk difference and ratio, number needed to treat, Fisher's test.

Score intervals hold where Wald's fail: small arms, and arms in which no one or everyone responded.
Wald's, with 0.5 added where a cell is empty, are those that reviews print.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import exp, inf, isfinite, log, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy
from scipy.stats import chi2, fisher_exact, norm

from backwalk_stats.engine.numbers import (
    Estimate,
    FloatArray,
    array,
    number,
    require_level,
    t_quantile,
    z_estimate,
)
from backwalk_stats.errors import NotEstimable

FAR, STEP, CLOSE = 40.0, 0.5, 1e-14
CLOSE_TO_ONE = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An estimate and its limits, which may be infinite."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Events and participants of two arms, the first against the second."""

    events1: float
    n1: int
    events2: float
    n2: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if (
            not (0 <= self.events1 <= self.n1 and 0 <= self.events2 <= self.n2)
            or min(self.n1, self.n2) < 1
        ):
            raise NotEstimable("events lie between 0 and the number of participants of their arm")

    @property
    def risks(self) -> tuple[float, float]:
        """Return the proportion of each arm."""
        return self.events1 / self.n1, self.events2 / self.n2

    @property
    def table(self) -> FloatArray:
        """Return with and without the event, a row an arm, shape (2, 2)."""
        rows = [[self.events1, self.n1 - self.events1], [self.events2, self.n2 - self.events2]]
        return array(rows)


def risk_difference(counts: Counts, *, level: float = 0.95) -> Estimate:
    """Return the risk in arm 1 minus the risk in arm 2, with a Wald interval.

    SE^2 = sum a b / n^3. With an empty cell 0.5 is added to all four cells for the SE only
    (as R's `meta` does); the difference itself stays as counted.

    >>> risk = risk_difference(Counts(events1=5, n1=46, events2=4, n2=22))
    >>> round(risk.estimate, 4), round(risk.conf_low, 4), round(risk.conf_high, 4)
    (-0.0731, -0.2577, 0.1114)
    """
    (hit1, miss1), (hit2, miss2) = _filled(counts)
    variance = hit1 * miss1 / (hit1 + miss1) ** 3 + hit2 * miss2 / (hit2 + miss2) ** 3
    risk1, risk2 = counts.risks
    return z_estimate(estimate=risk1 - risk2, std_error=np.sqrt(variance), level=level)


def risk_ratio(counts: Counts, *, level: float = 0.95) -> Estimate:
    """Return the risk in arm 1 over the risk in arm 2, with an interval on the log scale.

    SE(log RR)^2 = 1/a1 - 1/n1 + 1/a2 - 1/n2. With an empty cell 0.5 is added to all four cells, so
    each n grows by 1 (Cochrane's RevMan; Deeks and Higgins 2010). `NotEstimable` where no one or
    everyone had the event in both arms. Estimate and limits are ratios; `std_error` and `statistic`
    belong to the logarithm of the ratio, and the test is against a ratio of 1.

    >>> risk = risk_ratio(Counts(events1=3, n1=46, events2=0, n2=22))
    >>> round(risk.estimate, 6), round(risk.conf_low, 6), round(risk.conf_high, 5)
    (3.425532, 0.184583, 63.57169)
    """
    if not counts.table.sum(axis=0).all():
        raise NotEstimable("a risk ratio needs someone with and someone without the event")
    (hit1, miss1), (hit2, miss2) = _filled(counts)
    size1, size2 = hit1 + miss1, hit2 + miss2
    variance = 1.0 / hit1 - 1.0 / size1 + 1.0 / hit2 - 1.0 / size2
    log_ratio = np.log(hit1 / size1) - np.log(hit2 / size2)
    return _as_ratio(z_estimate(estimate=log_ratio, std_error=np.sqrt(variance), level=level))


def odds_ratio(counts: Counts, *, level: float = 0.95, added: float | None = None) -> Estimate:
    """Return the odds in arm 1 over the odds in arm 2, with Woolf's interval on the log scale.

    SE(log OR)^2 = 1/a + 1/b + 1/c + 1/d (Woolf, Ann Hum Genet 1955;19:251). With an empty cell 0.5
    is added to all four cells, or to any table as much as `added` says (Haldane, Anscombe).
    Estimate and limits are ratios; `std_error` and `statistic` belong to the logarithm.

    >>> odds = odds_ratio(Counts(events1=24, n1=53, events2=6, n2=22))
    >>> round(odds.estimate, 2), round(odds.conf_low, 2), round(odds.conf_high, 2)
    (2.21, 0.75, 6.52)
    """
    if not counts.table.sum(axis=0).all():
        raise NotEstimable("an odds ratio needs someone with and someone without the event")
    table = _filled(counts) if added is None else counts.table + added
    (hit1, miss1), (hit2, miss2) = table
    log_ratio = np.log(hit1) - np.log(miss1) - np.log(hit2) + np.log(miss2)
    std_error = np.sqrt((1.0 / table).sum())
    return _as_ratio(z_estimate(estimate=log_ratio, std_error=std_error, level=level))


def _as_ratio(scale: Estimate) -> Estimate:
    """Return an estimate of a logarithm with estimate and limits taken back to ratios."""
    ratios = (scale.estimate, scale.conf_low, scale.conf_high)
    estimate, low, high = (number(np.exp(array(one))) for one in ratios)
    return replace(scale, estimate=estimate, conf_low=low, conf_high=high)


def _filled(counts: Counts) -> FloatArray:
    """Return the table of counts, with 0.5 in every cell more where any is empty."""
    return counts.table if counts.table.all() else counts.table + 0.5


def wilson_interval(*, events: float, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion (J Am Stat Assoc 1927;22:209).

    >>> found = wilson_interval(events=0, n=20)
    >>> found.low, round(found.high, 4)
    (0.0, 0.1611)
    """
    z = _z(level)
    share = events / n
    middle = (2.0 * events + z * z) / (2.0 * (n + z * z))
    half = z * sqrt(z * z + 4.0 * events * (1.0 - share)) / (2.0 * (n + z * z))
    return Interval(
        estimate=share,
        low=0.0 if events == 0 else middle - half,
        high=1.0 if events == n else middle + half,
    )


def difference_interval(counts: Counts, *, level: float = 0.95) -> Interval:
    """Return the risk difference with Newcombe's hybrid score interval.

    Method 10, from the Wilson limits of each arm, without continuity correction (Newcombe, Stat Med
    1998;17:873).

    >>> found = difference_interval(Counts(events1=56, n1=70, events2=48, n2=80))
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one = wilson_interval(events=counts.events1, n=counts.n1, level=level)
    two = wilson_interval(events=counts.events2, n=counts.n2, level=level)
    difference = one.estimate - two.estimate
    below = sqrt((one.estimate - one.low) ** 2 + (two.high - two.estimate) ** 2)
    above = sqrt((one.high - one.estimate) ** 2 + (two.estimate - two.low) ** 2)
    return Interval(estimate=difference, low=difference - below, high=difference + above)


def ratio_interval(counts: Counts, *, level: float = 0.95) -> Interval:
    """Return the risk ratio with Koopman's score interval (Biometrics 1984;40:513).

    The ratios phi whose score chi-square, at the likelihood's best p1 = phi p2, is at most z^2.
    Where an arm has no events the ratio is 0 or infinite and one limit is finite; without events in
    either arm it is `NotEstimable`.

    >>> found = ratio_interval(Counts(events1=36, n1=40, events2=16, n2=80))
    >>> round(found.estimate, 2), round(found.low, 2), round(found.high, 2)
    (4.5, 2.94, 7.15)
    """
    if counts.events1 == counts.events2 == 0:
        raise NotEstimable("no events in either arm: the ratio of risks is not determined")
    square = _z(level) ** 2

    def excess(log_ratio: float) -> float:
        return _score(counts, exp(log_ratio)) - square

    risk1, risk2 = counts.risks
    ratio = risk1 / risk2 if risk2 > 0.0 else inf
    start = log(ratio) if 0.0 < ratio < inf else (-FAR if ratio == 0.0 else FAR)
    return Interval(
        estimate=ratio,
        low=0.0 if risk1 == 0.0 else _root(excess, start, -STEP),
        high=inf if risk2 == 0.0 else _root(excess, start, STEP),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreTest:
    """A score test of two proportions, and the limits that belong to it.

    Attributes
    ----------
    estimate, low, high : float
        Difference or ratio, with the values that a test at the level does not reject.
    statistic, p_value : float
        Standard normal where the null hypothesis holds; p on one side.
    """

    estimate: float
    statistic: float
    p_value: float
    low: float
    high: float


def score_test(
    counts: Counts, *, null: float, ratio: bool, greater: bool, level: float = 0.95
) -> ScoreTest:
    """Test whether a difference of risks (or a ratio) is above a null value, or below it.

    z = (p1 - p2 - null) / SE, the standard error at the proportions that are most likely where the
    difference is the null (Farrington and Manning, Stat Med 1990;9:1447); of a ratio the root of
    Koopman's chi-square with the sign of p1 - null p2. Nothing is corrected, so that limits leave
    out what is rejected on either side at half of 1 - level. Without events in either arm a ratio
    is `NotEstimable`, and so is a test without variance.

    >>> one = Counts(events1=36, n1=40, events2=72, n2=80)
    >>> found = score_test(one, null=-0.1, ratio=False, greater=True)
    >>> round(found.statistic, 3), round(found.p_value, 4), round(found.low, 4)
    (1.473, 0.0704, -0.1401)
    """
    one, two = counts.risks
    if ratio:
        found = ratio_interval(counts, level=level)
        sign = 1.0 if one > null * two else -1.0
        statistic = sign * sqrt(_score(counts, null))
        estimate, low, high = found.estimate, found.low, found.high
    else:
        statistic, estimate = _difference_score(counts, null), one - two
        low, high = (_difference_limit(counts, end, level=level) for end in (-1.0, 1.0))
    if not isfinite(statistic):
        raise NotEstimable("the score test has no variance: everyone or no one has the event")
    p = norm.sf(statistic) if greater else norm.cdf(statistic)
    return ScoreTest(estimate=estimate, statistic=statistic, p_value=float(p), low=low, high=high)


def _difference_score(counts: Counts, null: float) -> float:
    """Return z of a difference of risks against a null; NaN where it has no variance."""
    one, two = counts.risks
    p2 = _reference_risk(counts, null)
    p1 = p2 + null
    variance = p1 * (1.0 - p1) / counts.n1 + p2 * (1.0 - p2) / counts.n2
    gap = one - two - null
    return gap / sqrt(variance) if variance > 0.0 else float("nan")


def _reference_risk(counts: Counts, null: float) -> float:
    """Return the most likely risk of arm 2 where that of arm 1 is higher by the null.

    The root, between 0 and 1 for both, of the cubic of Miettinen and Nurminen (Stat Med
    1985;4:213): N p^3 + [(n1 + 2 n2) d - N - x] p^2 + [(n2 d - N - 2 x2) d + x] p + x2 d (1 - d).
    """
    x2, n1, n2 = counts.events2, counts.n1, counts.n2
    x, n = counts.events1 + x2, n1 + n2
    b = (n1 + 2.0 * n2) * null - n - x
    c = (n2 * null - n - 2.0 * x2) * null + x
    roots = np.roots([float(n), b, c, x2 * null * (1.0 - null)])
    low, high = max(0.0, -null), min(1.0, 1.0 - null)
    real = roots.real[np.abs(roots.imag) < 1e-7]
    inside = real[(real > low - 1e-9) & (real < high + 1e-9)]
    risks = [float(one) for one in np.clip(inside, low, high)]
    return max(risks, key=partial(_likelihood, counts, null))


def _likelihood(counts: Counts, null: float, p2: float) -> float:
    """Return the log-likelihood of a risk of arm 2, that of arm 1 being higher by the null."""
    told = 0.0
    for hits, n, p in ((counts.events1, counts.n1, p2 + null), (counts.events2, counts.n2, p2)):
        told += float(xlogy(hits, p) + xlogy(n - hits, 1.0 - p))
    return told


def _difference_limit(counts: Counts, end: float, *, level: float) -> float:
    """Return the limit of a difference towards one end, -1 or 1: where z is that of the level."""
    wanted = -end * _z(level)
    one, two = counts.risks
    near, far = one - two, end * (1.0 - CLOSE_TO_ONE)

    def excess(null: float) -> float:
        score = _difference_score(counts, null)
        return (score if isfinite(score) else 0.0) - wanted

    if excess(near) * excess(far) > 0.0:
        return end
    return float(brentq(excess, near, far, xtol=CLOSE))


def needed_to_treat(difference: Interval) -> Interval:
    """Return the number needed to treat for one more event, 1 / risk difference.

    Negative numbers are needed to harm. Where the difference may be 0 the interval is in two
    pieces: up to `low`, below 0, and from `high` on, through infinity (Altman, BMJ 1998;317:1309).

    >>> needed_to_treat(Interval(estimate=0.2, low=0.1, high=0.25))
    Interval(estimate=5.0, low=4.0, high=10.0)
    >>> needed_to_treat(Interval(estimate=0.1, low=-0.05, high=0.25))
    Interval(estimate=10.0, low=-20.0, high=4.0)
    """
    through = difference.low <= 0.0 <= difference.high
    ends = (difference.low, difference.high) if through else (difference.high, difference.low)
    low = -inf if ends[0] == 0.0 else 1.0 / ends[0]
    return Interval(
        estimate=inf if difference.estimate == 0.0 else 1.0 / difference.estimate,
        low=low,
        high=inf if ends[1] == 0.0 else 1.0 / ends[1],
    )


def rate_interval(*, events: float, time: float, level: float = 0.95) -> Interval:
    """Return events over time at risk with exact Poisson limits (Garwood, Biometrika 1936;28:437).

    The limits are chi-square quantiles: of 2x degrees of freedom below, of 2x + 2 above, halved and
    divided by the time. Without events the lower limit is 0.

    >>> found = rate_interval(events=4, time=3.27)
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4)
    (1.2232, 0.3333, 3.132)
    """
    require_level(level)
    if not (events >= 0 and time > 0):
        raise NotEstimable("a rate needs events of 0 or more and a time above 0")
    tail = (1.0 - level) / 2.0
    low = 0.0 if events == 0 else float(chi2.ppf(tail, 2.0 * events)) / 2.0
    high = float(chi2.isf(tail, 2.0 * events + 2.0)) / 2.0
    return Interval(estimate=events / time, low=low / time, high=high / time)


def fisher_p(counts: Counts) -> float:
    """Return Fisher's exact two-sided p: tables no more likely than the one observed, as R does.

    >>> round(fisher_p(Counts(events1=8, n1=10, events2=2, n2=10)), 4)
    0.023
    """
    return float(fisher_exact(counts.table.astype(int)).pvalue)


def _z(level: float) -> float:
    require_level(level)
    return float(t_quantile(level=level, df=inf))


def _score(counts: Counts, ratio: float) -> float:
    """Return the score chi-square of a ratio of risks."""
    events, total = counts.events1 + counts.events2, counts.n1 + counts.n2
    b = ratio * (counts.n1 + counts.events2) + counts.events1 + counts.n2
    # The smaller root, written without a difference of nearly equal numbers.
    risk1 = 2.0 * ratio * events / (b + sqrt(max(0.0, b * b - 4.0 * total * ratio * events)))
    out = 0.0
    for seen, n, risk in (
        (counts.events1, counts.n1, risk1),
        (counts.events2, counts.n2, risk1 / ratio),
    ):
        variance = n * risk * (1.0 - risk)
        gap = (seen - n * risk) ** 2
        out += gap / variance if variance > 0.0 else 0.0
    return out


def _root(excess: Callable[[float], float], start: float, step: float) -> float:
    """Return the ratio beyond `start`, in the direction of `step`, at which excess is 0."""
    end = start + step
    while excess(end) < 0.0:
        end += step
        if not isfinite(end) or abs(end) > 2.0 * FAR:
            raise NotEstimable("the risk ratio has no score limit here")
    return exp(float(brentq(excess, end - step, end, xtol=CLOSE)))
