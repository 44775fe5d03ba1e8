"""From sums of simulated trials to power, error, bias and coverage, and to the size that is needed.

Every number has its Monte Carlo error. Shares have Wilson's limits, means those of t, a standard
deviation those of chi-squared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.summary.proportions import wilson_interval
from backwalk_stats.software import computes_with

LEVEL = 0.95
Sums = Mapping[str, Any]
Row = dict[str, Any]


def power_rows(sums: Sums, *, adjusted: str = "") -> Iterator[Row]:
    """Yield what trials of the alternative tell of an estimand.

    `adjusted` is how its p-value is adjusted, "" where it is not; the power without that has a row
    of its own.
    """
    n, good = int(sums["n"]), int(sums["converged"])
    if adjusted:
        yield _share("power", sums["rejected_adjusted"], n, note=f"p adjusted: {adjusted}")
        yield _share("power_unadjusted", sums["rejected"], n)
    else:
        yield _share("power", sums["rejected"], n)
    yield _share("not_converged", n - good, n)
    if "away" not in sums:
        return
    away, df = (Added(sums[name], sums[f"{name}_squared"], good) for name in ("away", "df"))
    yield _mean("bias", away, n)
    yield {**_share("coverage", sums["covered"], good), "replicates": n}
    yield _spread("empirical_se", away, n)
    yield _mean("mean_df", df, n)


def error_rows(sums: Sums, *, adjusted: str = "", note: str = "") -> Iterator[Row]:
    """Yield what trials of the null hypothesis tell of an estimand."""
    n = int(sums["n"])
    if adjusted:
        told = "; ".join(filter(None, (f"p adjusted: {adjusted}", note)))
        yield _share("type_one_error", sums["rejected_adjusted"], n, note=told)
        yield _share("type_one_error_unadjusted", sums["rejected"], n, note=note)
    else:
        yield _share("type_one_error", sums["rejected"], n, note=note)


def _share(quantity: str, events: float, n: int, *, note: str = "") -> Row:
    """Return a share with Wilson's limits and sqrt(p (1 - p) / n)."""
    if n == 0:
        return _row(quantity, math.nan, math.nan, (math.nan, math.nan), n, note)
    p = events / n
    found = wilson_interval(events=float(events), n=n, level=LEVEL)
    limits = (float(found.low), float(found.high))
    return _row(quantity, p, math.sqrt(p * (1.0 - p) / n), limits, n, note)


class Added(NamedTuple):
    """What was added up over the trials that converged: values, their squares, how many."""

    values: float
    squared: float
    good: int

    @property
    def mean(self) -> float:
        """Return the mean."""
        return self.values / self.good if self.good else math.nan

    @property
    def sd(self) -> float:
        """Return the standard deviation; what rounding leaves of none is 0."""
        if self.good < 2:
            return math.nan
        left = self.squared - self.good * self.mean**2
        return math.sqrt(left / (self.good - 1)) if left > 1e-12 * self.squared else 0.0


def _mean(quantity: str, added: Added, n: int) -> Row:
    """Return a mean over the trials that converged, with limits of t."""
    good = added.good
    error = added.sd / math.sqrt(good) if good else math.nan
    reach = error * float(special.stdtrit(good - 1, 0.5 + LEVEL / 2.0)) if good > 1 else math.nan
    return _row(quantity, added.mean, error, (added.mean - reach, added.mean + reach), n, "")


def _spread(quantity: str, added: Added, n: int) -> Row:
    """Return a standard deviation; its error is s / sqrt(2 (n - 1)), its limits of chi-squared."""
    if added.good < 2:
        return _row(quantity, math.nan, math.nan, (math.nan, math.nan), n, "")
    df, tail, sd = added.good - 1, (1.0 - LEVEL) / 2.0, added.sd
    low, high = (sd * math.sqrt(df / float(special.chdtri(df, one))) for one in (tail, 1.0 - tail))
    return _row(quantity, sd, sd / math.sqrt(2.0 * df), (low, high), n, "")


def _row(
    quantity: str, value: float, mc_se: float, limits: tuple[float, float], n: int, note: str
) -> Row:
    return {
        "quantity": quantity,
        "value": value,
        "mc_se": mc_se,
        "conf_low": limits[0],
        "conf_high": limits[1],
        "replicates": n,
        "note": note,
    }


# The smallest size that reaches a power, between the sizes that were simulated.


def smallest(
    *,
    per_arm: FloatArray,
    power: FloatArray,
    conf_low: FloatArray,
    conf_high: FloatArray,
    replicates: FloatArray,
    target: float,
) -> Row:
    """Return the smallest size of an arm that reaches a power, with limits and a note.

    The probit of power is made monotone in the size (weights by the binomial error) and joined by
    straight lines over log size; limits come from the same lines through the limits of power.
    Nothing is extrapolated: beyond the sizes that were simulated the note says "more than" the
    largest, or "or fewer" of the smallest, and the numbers are NaN. Sizes rise; all of shape (s,).

    >>> found = smallest(per_arm=np.array([10.0, 20.0, 40.0]), power=np.array([0.5, 0.75, 0.96]),
    ...     conf_low=np.array([0.49, 0.74, 0.955]), conf_high=np.array([0.51, 0.76, 0.965]),
    ...     replicates=np.full(3, 10_000.0), target=0.8)
    >>> found["per_arm"], found["conf_low"], found["conf_high"], found["note"]
    (23.0, 22.0, 23.0, 'interpolated between 20 and 40')
    """
    computes_with("scipy")
    # Neither 0 nor 1 has a probit; half an event is what is added at most.
    least = 0.5 / replicates
    lines = [
        special.ndtri(np.clip(one, least, 1.0 - least)) for one in (power, conf_high, conf_low)
    ]
    weights = _weights(lines[0], replicates)
    goal = float(special.ndtri(target))
    # The power's upper limit is reached first: it gives the lower limit of the size.
    at, low, high = (_reached(per_arm, monotone(line, weights), goal) for line in lines)
    nothing = dict.fromkeys(("per_arm", "conf_low", "conf_high"), math.nan)
    if at == -math.inf:
        return {**nothing, "note": f"{per_arm[0]:g} or fewer"}
    if at == math.inf:
        return {**nothing, "note": f"more than {per_arm[-1]:g}"}
    told = [f"interpolated between {_between(per_arm, at)}"]
    told += [f"lower limit {per_arm[0]:g} or fewer"] * (low == -math.inf)
    told += [f"upper limit more than {per_arm[-1]:g}"] * (high == math.inf)
    limits = [one if math.isfinite(one) else math.nan for one in (low, high)]
    found = {"per_arm": at, "conf_low": limits[0], "conf_high": limits[1]}
    return {**found, "note": "; ".join(told)}


def _weights(probit: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return one over the binomial variance of a probit: n phi(z)^2 / (p (1 - p))."""
    p = special.ndtr(probit)
    density = np.exp(-0.5 * probit**2) / math.sqrt(2.0 * math.pi)
    return np.asarray(n * density**2 / (p * (1.0 - p)))


def monotone(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the nearest values that never fall (Ayer and others 1955, Ann Math Stat 26:641).

    >>> monotone(np.array([1.0, 3.0, 2.0]), np.ones(3)).tolist()
    [1.0, 2.5, 2.5]
    """
    pools: list[list[float]] = []  # mean, weight, how many
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append([value, weight, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, own, count = pools.pop()
            last = pools[-1]
            whole = last[1] + own
            pools[-1] = [(last[0] * last[1] + mean * own) / whole, whole, last[2] + count]
    return np.repeat([one[0] for one in pools], [int(one[2]) for one in pools])


def _reached(sizes: np.ndarray, line: np.ndarray, goal: float) -> float:
    """Return the smallest whole size whose line is at the goal; -inf below all, inf beyond all."""
    if line[0] > goal:
        return -math.inf
    if line[-1] < goal:
        return math.inf
    place = int(np.argmax(line >= goal))
    if place == 0:
        return float(sizes[0])
    share = (goal - line[place - 1]) / (line[place] - line[place - 1])
    at = math.exp((1.0 - share) * math.log(sizes[place - 1]) + share * math.log(sizes[place]))
    return float(math.ceil(at - 1e-9))


def _between(sizes: np.ndarray, at: float) -> str:
    """Return the simulated sizes around one; a lone size that is at the goal is both."""
    if len(sizes) == 1:
        return f"{at:g} and {at:g}"
    place = int(np.clip(np.searchsorted(sizes, at), 1, len(sizes) - 1))
    return f"{sizes[place - 1]:g} and {sizes[place]:g}"
