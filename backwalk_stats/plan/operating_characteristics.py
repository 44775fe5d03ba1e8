"""From sums of simulated trials to power, error, bias and coverage, and to the size that is needed.

Every number has its Monte Carlo error. Shares have Wilson's limits, means those of t, a standard
deviation those of chi-squared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from backwalk_stats.engine.summary.proportions import wilson_interval
from backwalk_stats.software import computes_with
from backwalk_stats.trial.tables import NEEDED, POWER_RESULTS

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
    yield _mean("bias", sums["away"], sums["away_squared"], good, n)
    yield {**_share("coverage", sums["covered"], good), "replicates": n}
    yield _spread("empirical_se", sums["away"], sums["away_squared"], good, n)
    yield _mean("mean_df", sums["df"], sums["df_squared"], good, n)


def error_rows(sums: Sums, *, adjusted: str = "", note: str = "") -> Iterator[Row]:
    """Yield what trials of the null hypothesis tell of an estimand."""
    n = int(sums["n"])
    if adjusted:
        told = "; ".join(filter(None, (f"p adjusted: {adjusted}", note)))
        yield _share("type_one_error", sums["rejected_adjusted"], n, note=told)
        yield _share("type_one_error_unadjusted", sums["rejected"], n, note=note)
    else:
        yield _share("type_one_error", sums["rejected"], n, note=note)


def not_simulated(analysis: str, reason: str) -> Row:
    """Return the row of an estimand that was not simulated, with the reason."""
    nothing = dict.fromkeys(("value", "mc_se", "conf_low", "conf_high"), math.nan)
    note = f"not simulated: {reason}"
    return {"analysis": analysis, "quantity": "power", **nothing, "replicates": 0, "note": note}


def _share(quantity: str, events: float, n: int, *, note: str = "") -> Row:
    """Return a share with Wilson's limits and sqrt(p (1 - p) / n)."""
    if n == 0:
        return _row(quantity, math.nan, math.nan, (math.nan, math.nan), n, note)
    p = events / n
    found = wilson_interval(events=float(events), n=n, level=LEVEL)
    limits = (float(found.low), float(found.high))
    return _row(quantity, p, math.sqrt(p * (1.0 - p) / n), limits, n, note)


def _moments(total: float, squares: float, good: int) -> tuple[float, float]:
    """Return mean and standard deviation from sums; the square root of rounding is 0."""
    if good == 0:
        return math.nan, math.nan
    mean = total / good
    if good == 1:
        return mean, math.nan
    left = squares - good * mean**2
    return mean, math.sqrt(max(0.0, left if left > 1e-12 * squares else 0.0) / (good - 1))


def _mean(quantity: str, total: float, squares: float, good: int, n: int) -> Row:
    """Return a mean over the trials that converged, with limits of t."""
    mean, sd = _moments(total, squares, good)
    error = sd / math.sqrt(good) if good else math.nan
    reach = error * float(special.stdtrit(good - 1, 0.5 + LEVEL / 2.0)) if good > 1 else math.nan
    return _row(quantity, mean, error, (mean - reach, mean + reach), n, "")


def _spread(quantity: str, total: float, squares: float, good: int, n: int) -> Row:
    """Return a standard deviation; its error is s / sqrt(2 (n - 1)), its limits of chi-squared."""
    _, sd = _moments(total, squares, good)
    if good < 2:
        return _row(quantity, sd, math.nan, (math.nan, math.nan), n, "")
    df, tail = good - 1, (1.0 - LEVEL) / 2.0
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


def results_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows with the columns of `tables.POWER_RESULTS`."""
    frame = pd.DataFrame(rows, columns=list(POWER_RESULTS))
    whole = dict.fromkeys(("per_arm", "replicates"), "int64")
    numbers = dict.fromkeys(("value", "mc_se", "conf_low", "conf_high"), "float64")
    texts = ("scenario", "estimand", "analysis", "quantity", "note")
    return frame.astype({**whole, **numbers, **dict.fromkeys(texts, "str")})


# The smallest size that reaches a power, between the sizes that were simulated.


def needed(results: pd.DataFrame, targets: Sequence[float]) -> pd.DataFrame:
    """Return the smallest size of an arm that reaches each power (`tables.NEEDED`).

    The probit of power is made monotone in the size (pooled adjacent violators, weights by the
    binomial error) and joined by straight lines over log size; limits come from the same lines
    through Wilson's limits. Nothing is extrapolated: beyond the sizes that were simulated it says
    "more than" the largest, or "or fewer" of the smallest.
    """
    computes_with("scipy")
    rows = []
    power = results[(results["quantity"] == "power") & results["value"].notna()]
    for (scenario, estimand), own in power.groupby(["scenario", "estimand"], sort=False):
        ordered = own.sort_values("per_arm")
        for target in targets:
            rows.append({"scenario": scenario, "estimand": estimand, "target_power": target,
                         **smallest(ordered, target)})  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(NEEDED))
    numbers = dict.fromkeys(("target_power", "per_arm", "conf_low", "conf_high"), "float64")
    return frame.astype({**numbers, "scenario": "str", "estimand": "str", "note": "str"})


def smallest(power: pd.DataFrame, target: float) -> Row:
    """Return per_arm, conf_low, conf_high and note for one estimand; sizes rise from row to row.

    >>> frame = pd.DataFrame({"per_arm": [10, 20, 40], "value": [0.5, 0.75, 0.96],
    ...     "conf_low": [0.49, 0.74, 0.955], "conf_high": [0.51, 0.76, 0.965],
    ...     "replicates": 10_000})
    >>> found = smallest(frame, 0.8)
    >>> found["per_arm"], found["conf_low"], found["conf_high"]
    (23.0, 22.0, 23.0)
    >>> smallest(frame, 0.99)["note"]
    'more than 40'
    """
    sizes = power["per_arm"].to_numpy(dtype=float)
    n = power["replicates"].to_numpy(dtype=float)
    # Neither 0 nor 1 has a probit; half an event is what is added at most.
    lines = {
        name: special.ndtri(np.clip(power[name].to_numpy(dtype=float), 0.5 / n, 1.0 - 0.5 / n))
        for name in ("value", "conf_low", "conf_high")
    }
    weights = _weights(lines["value"], n)
    goal = float(special.ndtri(target))
    found = {name: _reached(sizes, monotone(line, weights), goal) for name, line in lines.items()}
    at = found["value"]
    note = f"interpolated between {_between(sizes, at)}" if math.isfinite(at) else ""
    note = note or (f"{sizes[0]:g} or fewer" if at < 0.0 else f"more than {sizes[-1]:g}")
    # The power's upper limit is reached first: it gives the lower limit of the size.
    low, high = found["conf_high"], found["conf_low"]
    told = [note]
    if math.isfinite(at) and not math.isfinite(low):
        told.append(f"lower limit {sizes[0]:g} or fewer")
    if math.isfinite(at) and not math.isfinite(high):
        told.append(f"upper limit more than {sizes[-1]:g}")
    values = {"per_arm": at, "conf_low": low, "conf_high": high}
    kept = {name: value if math.isfinite(value) else math.nan for name, value in values.items()}
    if math.isnan(kept["per_arm"]):
        kept = dict.fromkeys(kept, math.nan)
    return {**kept, "note": "; ".join(told)}


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
    if len(sizes) == 1:
        return f"{at:g} and nothing"
    place = int(np.clip(np.searchsorted(sizes, at), 1, len(sizes) - 1))
    return f"{sizes[place - 1]:g} and {sizes[place]:g}"
