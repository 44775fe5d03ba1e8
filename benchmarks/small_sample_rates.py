"""Error, coverage and power of ways to test risks, rates and ordered categories in small trials.

Prints of every way p <= 0.05 where arms do not differ, how often its limits hold the true value
where they do, and p <= 0.05 there: `python benchmarks/small_sample_rates.py 1000` for all models,
with names behind the number for some. docs/methods/small_sample_rates.csv holds the result, from
which the ways of trial files were chosen. The ways share a fit here, by the package's arithmetic,
where its doors fit anew for each and search for limits; a test holds them to the doors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from discrete_error_rates import people
from scipy import special

from backwalk_stats.engine.discrete import negative_binomial
from backwalk_stats.engine.discrete.cumulative_logit import (
    OrderedRows,
    profile_fall,
    proportional_odds,
    score_fall,
)
from backwalk_stats.engine.discrete.risks import standardised_risks
from backwalk_stats.engine.numbers import t_quantile
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.discrete.adjusted_risk import predictions

ALPHA = 0.05
SEED = 20261203
Ways = Mapping[str, Mapping[str, Any]]
RISK: Ways = {
    "ye_decomposed, normal": {},
    "ye_decomposed, residual": {"df": "residual"},
}
RATE: Ways = {
    "likelihood, model, normal": {},
    "likelihood, hc3, normal": {"vcov": "hc3"},
    "likelihood, hc3, residual": {"vcov": "hc3", "df": "residual"},
    "likelihood, profile, residual": {"limits": "profile", "df": "residual"},
    "cox-reid, model, residual": {"dispersion": "cox-reid", "df": "residual"},
    "cox-reid, profile, residual": {
        "dispersion": "cox-reid",
        "limits": "profile",
        "df": "residual",
    },
}
ORDINAL: Ways = {
    "wald, normal": {},
    "wald, residual": {"df": "residual"},
    "profile, residual": {"limits": "profile", "df": "residual"},
    "score, residual": {"limits": "score", "df": "residual"},
}
CATEGORIES = {
    "5 even": (-2.0, -0.7, 0.5, 1.8),
    "3 even": (-0.7, 0.8),
    "7 even": (-2.5, -1.5, -0.7, 0.0, 0.8, 1.8),
    "3 skewed": (1.0, 2.2),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A model and its data: how they are drawn with an effect, the true value, the ways."""

    model: str
    per_arm: int
    name: str
    effect: float
    draw: Callable[[np.random.Generator, float], pd.DataFrame]
    truth: Callable[[float], float]
    ways: Ways
    quantity: str
    columns: Mapping[str, Any]


def risk_case(per_arm: int, intercept: float, effect: float, covariates: int) -> Case:
    """Return a case of yes and no with this log odds at the mean of the covariates."""
    names = [f"base{one}" for one in range(covariates)]

    def draw(rng: np.random.Generator, delta: float) -> pd.DataFrame:
        frame = people(rng, per_arm).rename(columns={"base": "base0"})
        for name in names[1:]:
            frame[name] = rng.normal(size=len(frame))
        linear = intercept + 0.8 * frame["base0"] + delta * frame["arm"].cat.codes
        chance = special.expit(linear)
        return frame.assign(able=(rng.uniform(size=len(frame)) < chance).astype(int))

    def truth(delta: float) -> float:
        nodes, weights = np.polynomial.hermite_e.hermegauss(60)
        risks = [special.expit(intercept + 0.8 * nodes + one) @ weights for one in (delta, 0.0)]
        return float((risks[0] - risks[1]) / weights.sum())

    name = f"risk {special.expit(intercept):.2f}, {covariates} covariate{'s' * (covariates > 1)}"
    return Case(model="adjusted_risk", per_arm=per_arm, name=name, effect=effect, draw=draw,
                truth=truth, ways=RISK, quantity="risk_difference",
                columns={"outcome": "able", "covariates": names})  # fmt: skip


def rate_case(per_arm: int, rate: float, dispersion: float, effect: float) -> Case:
    """Return a case of events a year with this dispersion, followed for 6 to 12 months."""

    def draw(rng: np.random.Generator, delta: float) -> pd.DataFrame:
        frame = people(rng, per_arm)
        months = rng.uniform(6.0, 12.0, len(frame))
        mean = rate / 12.0 * months * np.exp(0.3 * frame["base"] + delta * frame["arm"].cat.codes)
        spread = rng.gamma(1.0 / dispersion, dispersion, len(frame))
        return frame.assign(months=months, falls=rng.poisson(mean * spread))

    return Case(model="rate_ratio", per_arm=per_arm, name=f"{rate:g} a year, dispersion "
                f"{dispersion:g}", effect=effect, draw=draw, truth=np.exp, ways=RATE,
                quantity="rate_ratio",
                columns={"outcome": "falls", "exposure": "months",
                         "covariates": "base"})  # fmt: skip


def ordinal_case(per_arm: int, name: str, effect: float) -> Case:
    """Return a case of ordered categories."""

    def draw(rng: np.random.Generator, delta: float) -> pd.DataFrame:
        frame = people(rng, per_arm)
        hidden = 0.8 * frame["base"] + delta * frame["arm"].cat.codes
        hidden = hidden + rng.logistic(size=len(frame))
        return frame.assign(change=np.digitize(hidden, CATEGORIES[name]) + 1)

    return Case(model="ordinal", per_arm=per_arm, name=f"{name} categories", effect=effect,
                draw=draw, truth=np.exp, ways=ORDINAL, quantity="odds_ratio",
                columns={"outcome": "change", "covariates": "base"})  # fmt: skip


CASES = (
    *(risk_case(13, one, 1.8, 1) for one in (0.0, -1.0, -1.6)),
    risk_case(13, 0.0, 1.8, 3),
    *(risk_case(40, one, 1.0, 1) for one in (0.0, -1.6)),
    *(rate_case(13, rate, spread, -1.2) for rate, spread in ((2.4, 1.0), (2.4, 2.5), (0.8, 1.0),
                                                             (8.0, 0.3))),
    *(rate_case(40, 2.4, spread, -0.7) for spread in (1.0, 2.5)),
    *(ordinal_case(13, name, 1.5) for name in CATEGORIES),
    ordinal_case(40, "5 even", 0.85),
)  # fmt: skip


Tried = tuple[float, float]  # whether p <= 0.05, and whether the limits hold the true value


def tried(case: Case, data: pd.DataFrame, effect: float) -> dict[str, Tried]:
    """Return what each way finds; NaN where it gives no p."""
    try:
        return FINDERS[case.model](case, data, effect)
    except NotEstimable:
        return dict.fromkeys(case.ways, (np.nan, np.nan))


def design_of(case: Case, data: pd.DataFrame) -> np.ndarray:
    """Return intercept, arm and covariates."""
    names = [case.columns["covariates"]]
    names = names[0] if isinstance(names[0], list) else names
    return np.column_stack([np.ones(len(data)), data["arm"].cat.codes, data[names]])


def beyond(away: np.ndarray, df: float) -> Tried:
    """Return the test of 0 and the hold of the true value from statistics of both."""
    out = away > float(t_quantile(level=1.0 - ALPHA, df=df))
    return float(out[0]), float(not out[1])


def of_risks(case: Case, data: pd.DataFrame, effect: float) -> dict[str, Tried]:
    """Return what each way finds of a difference of risks."""
    x, y = design_of(case, data), data["able"].to_numpy(float)
    arm = x[:, 1].astype(int)
    if any(np.ptp(y[arm == code]) == 0.0 for code in (0, 1)):
        raise NotEstimable("an arm is all alike")
    mu, _ = predictions(x, y, arms=2)
    found = standardised_risks(y=y, arm=arm, mu=mu, form="ye_decomposed")
    v, df = found.covariance, float(len(y) - x.shape[1])
    error = np.sqrt(v[0, 0] + v[1, 1] - 2.0 * v[0, 1])
    away = np.abs(found.risk[1] - found.risk[0] - np.array([0.0, case.truth(effect)])) / error
    shrunk = away * np.sqrt(df / (len(y) - 1.0))
    return {
        "ye_decomposed, normal": beyond(away, np.inf),
        "ye_decomposed, residual": beyond(shrunk, df),
    }


def of_categories(case: Case, data: pd.DataFrame, effect: float) -> dict[str, Tried]:
    """Return what each way finds of an odds ratio."""
    levels, y = np.unique(data["change"], return_inverse=True)
    if len(levels) < 2:
        raise NotEstimable("everyone is in one category")
    rows = OrderedRows(x=design_of(case, data)[:, 1:], y=y, cuts=len(levels) - 1)
    fit = proportional_odds(rows)
    df, at = float(len(y) - len(fit.parameters)), rows.cuts
    values = np.array([0.0, effect])
    away = np.abs(fit.parameters[at] - values) / np.sqrt(fit.covariance[at, at])
    ratio, score = (
        np.array([fall(fit, 0, float(value)) for value in values])
        for fall in (profile_fall, score_fall)
    )
    return {
        "wald, normal": beyond(away, np.inf),
        "wald, residual": beyond(away, df),
        "profile, residual": beyond(np.sqrt(2.0 * np.maximum(ratio, 0.0)), df),
        "score, residual": beyond(np.sqrt(2.0 * np.maximum(score, 0.0)), df),
    }


def means(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients and means of a negative binomial model by Newton's steps."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean()) - np.log(np.exp(offset).mean())
    for _ in range(100):
        mu = np.exp(x @ beta + offset)
        size = 1.0 + alpha * mu
        weight = mu * (1.0 + alpha * y) / size**2
        step = np.linalg.solve((x * weight[:, None]).T @ x, x.T @ ((y - mu) / size))
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return beta, np.exp(x @ beta + offset)


def of_rates(case: Case, data: pd.DataFrame, effect: float) -> dict[str, Tried]:
    """Return what each way finds of a ratio of rates."""
    y, offset = data["falls"].to_numpy(float), np.log(data["months"].to_numpy(float))
    x = design_of(case, data)
    arm, df = x[:, 1], float(len(y) - x.shape[1])
    if not (y[arm > 0.0].any() and y[arm == 0.0].any()):
        raise NotEstimable("an arm has no event")
    found, values = {}, np.array([0.0, effect])
    for name, design in (("likelihood", None), ("cox-reid", x)):
        alpha = negative_binomial.dispersion(
            y=y, means=lambda at: means(y, x, offset, at)[1],
            poisson=means(y, x, offset, 0.0)[1], x=design,
        )  # fmt: skip
        beta, mu = means(y, x, offset, alpha)
        for kind in ("model", "hc3"):
            covariance = negative_binomial.covariance(x=x, y=y, mu=mu, alpha=alpha, kind=kind)
            away = np.abs(beta[1] - values) / np.sqrt(covariance[1, 1])
            found[f"{name}, {kind}, normal"] = beyond(away, np.inf)
            found[f"{name}, {kind}, residual"] = beyond(away, df)
        most = negative_binomial.log_likelihood(y=y, mu=mu, alpha=alpha)
        held = [means(y, x[:, [0, 2]], offset + arm * value, alpha)[1] for value in values]
        falls = [most - negative_binomial.log_likelihood(y=y, mu=one, alpha=alpha) for one in held]
        found[f"{name}, profile, residual"] = beyond(np.sqrt(2.0 * np.maximum(falls, 0.0)), df)
    return {way: found[way] for way in RATE}


FINDERS = {"adjusted_risk": of_risks, "rate_ratio": of_rates, "ordinal": of_categories}


def rates(case: Case, replicates: int, *, seed: int = SEED) -> pd.DataFrame:
    """Return of each way: error, coverage, power, none (the share of nulls without a p)."""
    place = CASES.index(case)
    drawn: dict[tuple[str, bool], list[Tried]] = {}
    for there in (False, True):
        for index in range(replicates):
            sequence = np.random.SeedSequence(seed, spawn_key=(place, int(there), index))
            effect = case.effect if there else 0.0
            data = case.draw(np.random.Generator(np.random.Philox(sequence)), effect)
            for way, found in tried(case, data, effect).items():
                drawn.setdefault((way, there), []).append(found)
    rows = []
    for way in case.ways:
        null, real = np.array(drawn[way, False]), np.array(drawn[way, True])
        held, seen = null[~np.isnan(null[:, 0])], real[~np.isnan(real[:, 0])]
        rows.append(
            {
                "model": case.model,
                "per_arm": case.per_arm,
                "data": case.name,
                "way": way,
                "error": float(held[:, 0].mean()),
                "coverage": float(seen[:, 1].mean()),
                "power": float(seen[:, 0].mean()),
                "none": 1.0 - len(held) / len(null),
                "data_sets": replicates,
            }
        )
    return pd.DataFrame(rows)


def main(replicates: int, names: Sequence[str]) -> None:
    """Print the table as CSV, for all models or the named ones."""
    chosen = [case for case in CASES if not names or case.model in names]
    for at, case in enumerate(chosen):
        found = rates(case, replicates)
        print(found.to_csv(index=False, header=not at, float_format="%.4f"), end="", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
