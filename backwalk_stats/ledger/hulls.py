"""The interval of a t test when its estimate, standard error and df are intervals."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
from scipy.optimize import Bounds, minimize

from backwalk_stats.engine.meta import heterogeneity, random_effects, tau2_dersimonian_laird
from backwalk_stats.engine.numbers import Estimate, t_from_p, t_p
from backwalk_stats.engine.summary import two_arms
from backwalk_stats.engine.summary.two_arms import Arm
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    first_order,
    hull,
    monotone,
    value_of,
)
from backwalk_stats.ledger.verdict import Candidate
from backwalk_stats.software import computes_with

LEVEL = 0.95
FORMULA = (
    "d = (m1 - m2) / s_p; g = J d; Cochrane SE^2 = N/(n1 n2) + g^2 / (2 (N - 3.94)), "
    "large-sample g^2 / (2 N)"
)
BY_NORMAL = "the interval is by the normal distribution"
NORMAL = 1.959963984540054
WAYS = {
    "cohen": "Cohen's d, noncentral t interval",
    "noncentral": "Hedges' g with exact J, noncentral t interval",
    "cochrane": "Hedges' g by Cochrane's formula",
    "cohen_large": "Cohen's d, large-sample interval",
    "large": "Hedges' g with exact J, large-sample interval",
    "shrunk": "Hedges' g, interval by J^2 times the variance of d",
}
Pairs = Sequence[tuple[Cell, Cell]]
Function = Callable[[np.ndarray], np.ndarray]
STEP = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class TestBox:
    """A t test with intervals for its parts.

    The estimate depends on means only and its standard error on SDs only, so the quotient of the
    two intervals is the exact interval of t; p takes the ends of |t| and of the df, and so is
    never too narrow.
    """

    __test__ = False

    centre: Estimate
    estimate: Interval
    std_error: Interval
    df: Interval

    def intervals(self, level: float = LEVEL) -> dict[str, Interval]:
        """Return the interval of each quantity of the test; the ends at a confidence level."""
        statistic = self.estimate / self.std_error
        size = statistic.magnitude()
        p_value = hull(
            float(t_p(statistic=size.high, df=self.df.high)),
            float(t_p(statistic=size.low, df=self.df.low)),
            float(t_p(statistic=size.high, df=self.df.low)),
            float(t_p(statistic=size.low, df=self.df.high)),
        )
        quantiles = [
            float(t_from_p(p_value=1 - level, df=df)) for df in (self.df.low, self.df.high)
        ]
        reach = Interval(min(quantiles), max(quantiles)) * self.std_error
        return {
            "estimate": self.estimate,
            "std_error": self.std_error,
            "statistic": statistic,
            "p_value": p_value,
            "conf_low": self.estimate - reach,
            "conf_high": self.estimate + reach,
        }

    def normal_ends(self, level: float = LEVEL) -> dict[str, Interval]:
        """Return the ends of the interval by the normal distribution."""
        reach = self.std_error * exactly(float(t_from_p(p_value=1 - level, df=math.inf)))
        return {"conf_low": self.estimate - reach, "conf_high": self.estimate + reach}

    def at_face_value(self, level: float = LEVEL) -> dict[str, float]:
        """Return each quantity from the printed inputs as they stand."""
        one = self.centre
        reach = float(t_from_p(p_value=1 - level, df=one.df)) * float(one.std_error)
        return {
            "estimate": float(one.estimate),
            "std_error": float(one.std_error),
            "statistic": float(one.statistic),
            "p_value": float(one.p_value),
            "conf_low": float(one.estimate) - reach,
            "conf_high": float(one.estimate) + reach,
        }


def candidates(
    box: TestBox,
    *,
    test: str,
    label: str,
    inputs: str,
    formula: str,
    unprinted: str = "",
    note: str = "",
    indirect: bool = False,
    unsaid: str = "",
    level: str = "",
    normal: bool = False,
) -> list[Candidate]:
    """Return a `Candidate` for each quantity of a t test; of an indirect one for its p alone.

    `level` is that of the confidence interval in percent, as read; 95 where it was not. With
    `normal` the ends also come by the normal distribution, under the condition that it was used.
    """
    share = value_of(level) / 100 if level else LEVEL
    intervals = box.intervals(share)
    centre = box.at_face_value(share)
    kept = ("p_value",) if indirect else tuple(intervals)
    made = [
        Candidate(
            quantity=quantity,
            value=centre[quantity],
            interval=interval,
            test=test,
            label=label,
            inputs=inputs,
            formula=formula,
            unprinted=unprinted,
            note=note,
            indirect=indirect,
            unsaid=unsaid,
        )
        for quantity, interval in intervals.items()
        if quantity in kept
    ]
    if normal and not indirect:
        ends = box.normal_ends(share)
        made += [
            replace(one, interval=ends[one.quantity], condition=BY_NORMAL)
            for one in made
            if one.quantity in ends
        ]
    return made


# Standardised mean differences with the interval that rounding of their inputs allows.


def smd_candidates(way: str, a: Cell, b: Cell) -> Iterator[Candidate]:
    """Yield the estimate and its interval by one of `WAYS`, first arm minus second."""
    spread = pooled_sd_interval(a, b)
    size = (a.mean_interval - b.mean_interval) / spread
    centre = student_box(a, b).centre
    n1, n2 = sizes_of(a, b)
    middle = float(centre.statistic) * math.sqrt(1 / n1 + 1 / n2)
    for quantity, function in _functions(way, n1, n2).items():
        try:
            interval = monotone(function, size) if math.isfinite(size.width) else size
        except NotEstimable:
            interval = Interval(-math.inf, math.inf)
        yield Candidate(
            quantity=quantity,
            value=function(middle),
            interval=interval,
            test=way,
            label=WAYS[way],
            inputs=pair_inputs(a, b),
            formula=FORMULA,
        )


def _functions(way: str, n1: int, n2: int) -> dict[str, Callable[[float], float]]:
    """Return each quantity as a rising function of d; estimates once for each J."""
    if way == "cochrane":
        ends = ("estimate", "conf_low", "conf_high")
        return {quantity: partial(_cochrane, quantity, n1, n2) for quantity in ends}
    factor = 1.0 if way.startswith("cohen") else float(two_arms.hedges_correction(n1 + n2 - 2))
    if way == "shrunk":
        return {
            "conf_low": partial(_shrunk, factor, -1, n1, n2),
            "conf_high": partial(_shrunk, factor, 1, n1, n2),
        }
    if way.endswith("large"):
        return {
            "conf_low": partial(_large_sample, factor, -1, n1, n2),
            "conf_high": partial(_large_sample, factor, 1, n1, n2),
        }
    return {
        "estimate": partial(operator.mul, factor),
        "conf_low": partial(_noncentral, factor, 0, n1, n2),
        "conf_high": partial(_noncentral, factor, 1, n1, n2),
    }


def _cochrane(quantity: str, n1: int, n2: int, d: float) -> float:
    result = two_arms.cochrane_smd(Arm(n1, d, 1.0), Arm(n2, 0.0, 1.0))
    return float(getattr(result, quantity))


def _large_sample(factor: float, sign: int, n1: int, n2: int, d: float) -> float:
    """Return one end with SE^2 = N/(n1 n2) + g^2/(2 N) (Hedges and Olkin 1985, ch. 5, eq. 15)."""
    total, g = n1 + n2, factor * d
    error = math.sqrt(total / (n1 * n2) + g**2 / (2 * total))
    return g + sign * NORMAL * error


def _shrunk(factor: float, sign: int, n1: int, n2: int, d: float) -> float:
    """Return one end with SE^2 = J^2 (N/(n1 n2) + d^2/(2 N)) (Borenstein et al. 2009, ch. 4)."""
    total = n1 + n2
    return factor * (d + sign * NORMAL * math.sqrt(total / (n1 * n2) + d**2 / (2 * total)))


def _noncentral(factor: float, end: int, n1: int, n2: int, d: float) -> float:
    return factor * float(two_arms.noncentral_interval(n1=n1, n2=n2, d=d)[end])


# Study weights and pooled estimates, with the interval that rounding of all rows allows.


def weights_of(pairs: Pairs) -> list[float]:
    """Return the percent weight of each pair of arms, by DerSimonian-Laird."""
    return [float(weight) for weight in _weights(_numbers(pairs), _sizes(pairs))]


def weight_interval(pairs: Pairs, *, position: int) -> Interval:
    """Return what one weight can be when every mean and SD of the analysis was rounded.

    The between-study variance is cut off at zero. Moved one at a time the numbers may not lift it
    off zero though together they do, so the weight is also taken at both ends of that variance.
    """
    sizes, texts = _sizes(pairs), _texts(pairs)
    tau2 = first_order(lambda values: _uncut_tau2(values, sizes), texts)
    ends = (None, max(tau2.low, 0.0), max(tau2.high, 0.0))
    found = [first_order(_share_at(position, sizes, end), texts) for end in ends]
    return Interval(min(one.low for one in found), max(one.high for one in found))


def _share_at(
    position: int, sizes: np.ndarray, tau2: float | None
) -> Callable[[Sequence[float]], float]:
    """Return the function from the numbers to one weight, at a between-study variance."""
    return lambda values: float(_weights(values, sizes, tau2)[position])


def pool_of(pairs: Pairs) -> tuple[dict[str, float], dict[str, Interval]]:
    """Return the DerSimonian-Laird pool of pairs of arms and the interval of each quantity.

    Quantities are "estimate", "conf_low", "conf_high" and "statistic" (Q).
    """
    sizes, texts = _sizes(pairs), _texts(pairs)
    values = _pooled(_numbers(pairs), sizes)

    def of(quantity: str) -> Callable[[Sequence[float]], float]:
        return lambda numbers: _pooled(numbers, sizes)[quantity]

    return values, {quantity: first_order(of(quantity), texts) for quantity in values}


def _effects(numbers: Sequence[float], sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean1, sd1, mean2, sd2 = np.asarray(numbers, dtype=float).reshape(-1, 4).T
    # An SD printed as 0 is rounded from 0 or more: half a unit below does not exist.
    sd1, sd2 = np.maximum(sd1, 0.0), np.maximum(sd2, 0.0)
    result = two_arms.cochrane_smd(Arm(sizes[:, 0], mean1, sd1), Arm(sizes[:, 1], mean2, sd2))
    return np.asarray(result.estimate), np.asarray(result.std_error)


def _uncut_tau2(numbers: Sequence[float], sizes: np.ndarray) -> float:
    """Return DerSimonian and Laird's tau2 before it is cut off at zero."""
    estimate, std_error = _effects(numbers, sizes)
    weight = 1.0 / std_error**2
    excess = float(heterogeneity(estimate=estimate, std_error=std_error).q) - (len(weight) - 1)
    return float(excess / (weight.sum() - (weight**2).sum() / weight.sum()))


def _weights(numbers: Sequence[float], sizes: np.ndarray, tau2: float | None = None) -> np.ndarray:
    """Return the percent weights, at a between-study variance or at the one estimated."""
    estimate, std_error = _effects(numbers, sizes)
    if tau2 is None:
        tau2 = tau2_dersimonian_laird(estimate=estimate, std_error=std_error)
    weight = 1.0 / (std_error**2 + tau2)
    share: np.ndarray = 100.0 * weight / weight.sum()
    return share


def _pooled(numbers: Sequence[float], sizes: np.ndarray) -> dict[str, float]:
    estimate, std_error = _effects(numbers, sizes)
    tau2 = tau2_dersimonian_laird(estimate=estimate, std_error=std_error)
    effect = random_effects(estimate=estimate, std_error=std_error, tau2=tau2).effect
    return {
        "estimate": float(effect.estimate),
        "conf_low": float(effect.conf_low),
        "conf_high": float(effect.conf_high),
        "statistic": float(heterogeneity(estimate=estimate, std_error=std_error).q),
    }


def _texts(pairs: Pairs) -> list[str]:
    return [text for a, b in pairs for text in (a.mean, a.sd, b.mean, b.sd)]


def _numbers(pairs: Pairs) -> list[float]:
    return [float(text) for text in _texts(pairs)]


def _sizes(pairs: Pairs) -> np.ndarray:
    return np.array([(a.n, b.n) for a, b in pairs], dtype=float)


# The interval of a function that is not monotone in its printed inputs.


def searched_hull(function: Function, box: Sequence[Interval]) -> Interval:
    """Return the smallest and the largest value of a function on a box of k intervals.

    Every corner is tried; from the best corner for each end, and from the middle, a bounded
    quasi-Newton search looks inside the box, because the corners alone can miss an extreme. The
    function takes points, shape (p, k); at most about ten intervals may have a width.
    """
    lows = np.array([interval.low for interval in box])
    widths = np.array([interval.width for interval in box])
    free = np.flatnonzero(widths > 0)

    def at(shares: np.ndarray) -> np.ndarray:
        points = np.tile(lows, (len(shares), 1))
        points[:, free] += shares * widths[free]
        return function(points)

    corners = np.array(list(product((0.0, 1.0), repeat=len(free))))
    values = at(corners)
    if not len(free):
        return Interval(float(values[0]), float(values[0]))
    ends = []
    for sign in (1.0, -1.0):
        best = int(np.argmin(sign * values))
        starts = (corners[best], np.full(len(free), 0.5))
        inside = [_descend(at, sign, start) for start in starts]
        ends.append(min(sign * float(values[best]), *inside))
    return Interval(ends[0], -ends[1])


def _descend(at: Function, sign: float, start: np.ndarray) -> float:
    """Return the lowest value that a bounded search finds from a start."""
    steps = np.eye(len(start)) * STEP

    def value_and_slope(share: np.ndarray) -> tuple[float, np.ndarray]:
        # One call for the point and its neighbours; backwards where a step would leave the box.
        signs = np.where(share + STEP > 1.0, -1.0, 1.0)
        values = sign * at(np.vstack([share, share + signs[:, None] * steps]))
        return float(values[0]), (values[1:] - values[0]) / (signs * STEP)

    computes_with("scipy")
    found = minimize(value_and_slope, start, jac=True, method="L-BFGS-B", bounds=Bounds(0.0, 1.0))
    return float(found.fun)


# Tests of two arms with the interval of each part: what rounding of n, mean and SD allows.


def sizes_of(a: Cell, b: Cell) -> tuple[int, int]:
    """Return the participants of two arms that print them."""
    return a.n or 0, b.n or 0


def arm_of(cell: Cell, sd: float | None = None) -> Arm:
    """Return an arm as printed, or with another SD."""
    return Arm(cell.n or 0, cell.mean_value, cell.sd_value if sd is None else sd)


def pooled_sd_interval(a: Cell, b: Cell) -> Interval:
    """Return what the pooled SD can be; it rises with either SD."""
    low = two_arms.pooled_sd(arm_of(a, a.sd_interval.low), arm_of(b, b.sd_interval.low))
    high = two_arms.pooled_sd(arm_of(a, a.sd_interval.high), arm_of(b, b.sd_interval.high))
    return Interval(float(low), float(high))


def student_box(a: Cell, b: Cell) -> TestBox:
    """Return Student's test of two arms, first minus second; some arm must have a spread."""
    n1, n2 = sizes_of(a, b)
    centre = two_arms.pooled(arm_of(a), arm_of(b))
    per_person = exactly(math.sqrt(1 / n1 + 1 / n2))
    return TestBox(
        centre=centre,
        estimate=a.mean_interval - b.mean_interval,
        std_error=pooled_sd_interval(a, b) * per_person,
        df=exactly(float(n1 + n2 - 2)),
    )


def welch_box(a: Cell, b: Cell) -> TestBox:
    """Return Welch's test of two arms, first minus second; some arm must have a spread."""
    n1, n2 = sizes_of(a, b)
    centre = two_arms.welch(arm_of(a), arm_of(b))
    ends = [
        math.sqrt(sd1**2 / n1 + sd2**2 / n2)
        for sd1, sd2 in zip(*((c.sd_interval.low, c.sd_interval.high) for c in (a, b)), strict=True)
    ]
    return TestBox(
        centre=centre,
        estimate=a.mean_interval - b.mean_interval,
        std_error=Interval(ends[0], ends[1]),
        df=_welch_df_interval(a, b),
    )


def _welch_df_interval(a: Cell, b: Cell) -> Interval:
    """Return what Welch's df can be.

    They depend on the ratio of the two variances of the mean alone and have one peak, n1 + n2 - 2,
    where that ratio is (n1 - 1) / (n2 - 1).
    """
    n1, n2 = sizes_of(a, b)
    one, two = a.sd_interval, b.sd_interval
    if one.low <= 0 or two.low <= 0:
        return Interval(float(min(n1, n2) - 1), float(n1 + n2 - 2))
    corners = [
        float(two_arms.welch_df(arm_of(a, sd1), arm_of(b, sd2)))
        for sd1, sd2 in ((one.low, two.high), (one.high, two.low))
    ]
    peak = (n1 - 1) / (n2 - 1)
    ratios = [(s1**2 / n1) / (s2**2 / n2) for s1, s2 in ((one.low, two.high), (one.high, two.low))]
    top = float(n1 + n2 - 2) if ratios[0] <= peak <= ratios[1] else max(corners)
    return Interval(min(corners), top)


def change_box(before: tuple[Cell, Cell], after: tuple[Cell, Cell]) -> TestBox:
    """Return Student's test of two arms' changes when the correlation was not printed.

    The SD of change lies between |s_x - s_y| (correlation 1) and s_x + s_y (correlation -1); the
    centre takes a correlation of 0.
    """
    (x1, x2), (y1, y2) = before, after
    n1, n2 = sizes_of(y1, y2)
    spreads = [_change_sd(x, y) for x, y in ((x1, y1), (x2, y2))]
    ends = [
        float(two_arms.pooled_sd(arm_of(y1, one), arm_of(y2, two)))
        for one, two in zip(*((s.low, s.high) for s in spreads), strict=True)
    ]
    changes = [
        Arm(n, y.mean_value - x.mean_value, math.hypot(x.sd_value, y.sd_value))
        for n, x, y in ((n1, x1, y1), (n2, x2, y2))
    ]
    return TestBox(
        centre=two_arms.pooled(*changes),
        estimate=(y1.mean_interval - x1.mean_interval) - (y2.mean_interval - x2.mean_interval),
        std_error=Interval(ends[0], ends[1]) * exactly(math.sqrt(1 / n1 + 1 / n2)),
        df=exactly(float(n1 + n2 - 2)),
    )


def _change_sd(before: Cell, after: Cell) -> Interval:
    x, y = before.sd_interval, after.sd_interval
    return Interval((x - y).magnitude().low, x.high + y.high)


def pair_inputs(a: Cell, b: Cell) -> str:
    """Return the two rows that a comparison used, in words."""
    return f"{a.described()}; {b.described()}"
