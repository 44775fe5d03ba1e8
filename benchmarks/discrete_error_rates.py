"""How often each model of discrete outcomes finds a difference of arms where there is none.

Prints p <= 0.05 as a share of the data sets in which the method gives a p, and the share in which
it gives none: `python benchmarks/discrete_error_rates.py 2000` for all models, with names behind
the number for some. docs/methods/discrete_error_rates.csv holds the result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

import backwalk_stats as bw
from backwalk_stats.errors import NotEstimable

PER_ARM = (13, 40)
ALPHA = 0.05
SEED = 20261201
ARMS = ("forward", "backward")
VISITS = (4, 8, 12)

Drawn = Iterator[tuple[str, float]]


def people(rng: np.random.Generator, per_arm: int) -> pd.DataFrame:
    """Return participants of two arms with a baseline that predicts and an arm that does not."""
    arm = pd.Categorical(np.repeat(ARMS, per_arm), ARMS)
    return pd.DataFrame({"arm": arm, "base": rng.normal(size=2 * per_arm)})


def answers(rng: np.random.Generator, per_arm: int, intercept: float) -> pd.DataFrame:
    """Return yes and no, of which the baseline explains a part."""
    frame = people(rng, per_arm)
    chance = 1.0 / (1.0 + np.exp(-(intercept + 0.8 * frame["base"])))
    return frame.assign(able=(rng.uniform(size=len(frame)) < chance).astype(int))


def p_of(found: pd.DataFrame, **labels: str) -> float:
    """Return the p of the one row with these labels."""
    own = np.logical_and.reduce([found[name] == value for name, value in labels.items()])
    return float(found.loc[own, "p_value"].iloc[0])


def adjusted_risk(rng: np.random.Generator, per_arm: int) -> Drawn:
    """Compare arms whose risk is a half, and a fifth, adjusted for baseline."""
    for name, intercept in (("1/2", 0.0), ("1/5", -1.6)):
        frame = answers(rng, per_arm, intercept)
        for vcov in ("ye_decomposed", "ye_residual", "influence"):
            try:
                found = bw.adjusted_risk(
                    frame, outcome="able", arm="arm", covariates="base", vcov=vcov
                )
            except NotEstimable:
                found = pd.DataFrame()
            asked = ["risk_difference"]
            asked += ["risk_ratio", "odds_ratio"] if vcov == "ye_decomposed" else []
            for quantity in asked:
                p = p_of(found, quantity=quantity) if len(found) else np.nan
                words = quantity.replace("_", " ")
                yield f"adjusted_risk, {words}, {vcov}, risk {name}", p


def rate_ratio(rng: np.random.Generator, per_arm: int) -> Drawn:
    """Compare arms with 2.4 events a year and dispersion 1, followed for 6 to 12 months."""
    frame = people(rng, per_arm)
    months = rng.uniform(6.0, 12.0, len(frame))
    mean = 0.2 * months * np.exp(0.3 * frame["base"]) * rng.gamma(1.0, 1.0, len(frame))
    frame = frame.assign(months=months, falls=rng.poisson(mean))
    for vcov in ("model", "observed", "hc0", "hc1", "hc3"):
        found = bw.rate_ratio(
            frame, outcome="falls", arm="arm", exposure="months", covariates="base", vcov=vcov
        )
        yield f"rate_ratio, {vcov}", p_of(found, quantity="rate_ratio")


def ordinal(rng: np.random.Generator, per_arm: int) -> Drawn:
    """Compare arms on five categories; p by Wald, and whether profile limits hold 1."""
    frame = people(rng, per_arm)
    hidden = 0.8 * frame["base"] + rng.logistic(size=len(frame))
    frame = frame.assign(change=np.digitize(hidden, [-2.0, -0.7, 0.5, 1.8]) + 1)
    names = ("odds ratio, Wald", "odds ratio, profile limits", "score test", "Brant test")
    try:
        found = bw.ordinal(frame, outcome="change", arm="arm", covariates="base", limits="profile")
    except NotEstimable:
        yield from ((f"ordinal, {name}", np.nan) for name in names)
        return
    first = found.iloc[0]
    beyond = not first["conf_low"] <= 1.0 <= first["conf_high"]
    tests = (float(first["p_value"]), 0.0 if beyond else 1.0,
             p_of(found, term="score_test"), p_of(found, term="brant_test"))  # fmt: skip
    yield from ((f"ordinal, {name}", p) for name, p in zip(names, tests, strict=True))


def gee(rng: np.random.Generator, per_arm: int) -> Drawn:
    """Compare arms on answers at three visits of people who differ, exchangeable."""
    who = people(rng, per_arm).assign(id=range(2 * per_arm), own=rng.normal(size=2 * per_arm))
    frame = who.loc[who.index.repeat(len(VISITS))].reset_index(drop=True)
    frame["week"] = np.tile(VISITS, 2 * per_arm)
    linear = 0.8 * frame["base"] + 1.2 * frame["own"] + 0.05 * frame["week"] - 0.4
    frame["able"] = (rng.uniform(size=len(frame)) < 1.0 / (1.0 + np.exp(-linear))).astype(int)
    for vcov in ("robust", "kauermann-carroll", "mancl-derouen"):
        for df in ("normal", "participants"):
            try:
                fit = bw.gee(
                    "able ~ arm + week + base", frame, "id", family="binomial", vcov=vcov, df=df
                )
                p = float(fit.pvalues["armbackward"])
            except NotEstimable:
                p = np.nan
            yield f"gee binomial, {vcov}, df {df}", p


MODELS: dict[str, Callable[[np.random.Generator, int], Drawn]] = {
    "adjusted_risk": adjusted_risk,
    "rate_ratio": rate_ratio,
    "ordinal": ordinal,
    "gee": gee,
}


def rates(name: str, per_arm: int, replicates: int) -> dict[str, tuple[float, float]]:
    """Return of each method how often p <= 0.05 where there is a p, and how often there is none."""
    drawn: dict[str, list[float]] = {}
    place = list(MODELS).index(name)
    for index in range(replicates):
        sequence = np.random.SeedSequence(SEED, spawn_key=(place, per_arm, index))
        rng = np.random.Generator(np.random.Philox(sequence))
        for method, p in MODELS[name](rng, per_arm):
            drawn.setdefault(method, []).append(p)
    found = {}
    for method, values in drawn.items():
        held = np.array(values)[~np.isnan(values)]
        found[method] = (float((held <= ALPHA).mean()), 1.0 - len(held) / len(values))
    return found


def main(replicates: int, names: Sequence[str]) -> None:
    """Print the table as CSV, for all models or the named ones."""
    columns = [f"{kind}_{n}" for n in PER_ARM for kind in ("error", "none")]
    print(",".join(["method", *columns, "data_sets"]))
    for name in names or MODELS:
        found = [rates(name, n, replicates) for n in PER_ARM]
        for method in found[0]:
            cells = [f"{value:.4f}" for one in found for value in one[method]]
            print(",".join([f'"{method}"', *cells, str(replicates)]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, sys.argv[2:])
