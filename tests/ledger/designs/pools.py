"""Pools of a review: fixed, random, Hartung-Knapp; p of heterogeneity and of subgroups."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs.computed import Z, effect_of, heterogeneity, pooled, tau2_reml
from tests.ledger.designs.paper import Cells, Paper, Told, honest

SIDES = {"outcome": "pain", "arm_a": "gait retraining", "arm_b": "control"}


def _trials(paper: Paper) -> tuple[np.ndarray, np.ndarray]:
    k = int(paper.rng.integers(3, 9))
    paper.designed(
        paper.any_of(("systematic review and meta-analysis", "meta-analysis")),
        {"gait retraining": 15 * k, "control": 15 * k},
    )
    paper.age(30 * k)
    errors = paper.rng.uniform(0.2, 0.5, k)
    spread = paper.any_of(("0", "0.3", "0.6"))
    return paper.rng.normal(-0.8, float(spread), k) + paper.rng.normal(0, errors), errors


def _pool(paper: Paper, way: str) -> tuple[Cells, float, int, float]:
    effects, errors = _trials(paper)
    q, _, tau2 = heterogeneity(effects, errors)
    k, tau2 = (
        len(effects),
        {"fixed": 0.0, "dl": tau2}.get(way, tau2_reml(effects, errors) if way == "hk" else tau2),
    )
    estimate, se = pooled(effects, errors, tau2)
    df = np.inf
    if way == "hk":
        weight, df = 1 / (errors**2 + tau2), k - 1.0
        se = float(np.sqrt((weight * (effects - estimate) ** 2).sum() / (k - 1) / weight.sum()))
    one = effect_of(estimate, se, df)
    return {"estimate": one.estimate, "ci_low": one.low, "ci_high": one.high}, q, k, one.p


def _columns(paper: Paper, i2: float, k: int, role: str) -> dict[str, Told]:
    return {
        "scale": ("difference", ()),
        "null": ("0", ()),
        "ci_level": ("95", ()),
        "k": (str(k), ()),
        "i2": (paper.show(i2, 0), ()),
        "p_role": (role, ()),
    }


@honest
def heterogeneity_p_beside_effect(paper: Paper) -> None:
    """A pool with its interval and I2, and one p beside I2: that of heterogeneity."""
    cells, q, k, _ = _pool(paper, "dl")
    i2 = max(0.0, 100 * (q - k + 1) / q)
    p = float(stats.chi2.sf(q, k - 1))
    kind = f"pooled MD (I2={paper.show(i2, 0)}%, {k} studies)"
    told = "{} (printed beside I2)" if paper.form == "words" or paper.chance(0.7) else "{}"
    paper.compared(
        kind,
        **SIDES,
        **cells,
        p=told.format(paper.show(p, 2)),
        columns=_columns(paper, i2, k, "heterogeneity"),
        method=paper.any_of(
            ("meta-analysis, random effects", "random-effects model (DL)", "RevMan, random effects")
        ),
    )


@honest
def heterogeneity_q(paper: Paper) -> None:
    """Q with df, its p and I2."""
    _, q, k, _ = _pool(paper, "dl")
    i2 = max(0.0, 100 * (q - k + 1) / q)
    name = paper.any_of(("Q", "chi2", "Chi\u00b2"))
    paper.compared(
        f"heterogeneity (I2={paper.show(i2, 0)}%, {k} studies)",
        **SIDES,
        df=str(k - 1),
        statistic=f"{name}={paper.show(q, 2)}",
        p=float(stats.chi2.sf(q, k - 1)),
        method="meta-analysis, random effects (DerSimonian-Laird)",
        columns={**_columns(paper, i2, k, "heterogeneity"), "q": (paper.show(q, 2), ())},
    )


@honest
def i2_of_reml(paper: Paper) -> None:
    """I2 by REML's tau2, as metafor prints it, beside Q: not (Q - df) / Q."""
    effects, errors = _trials(paper)
    q, _, _ = heterogeneity(effects, errors)
    tau2, k, w = tau2_reml(effects, errors), len(effects), errors**-2.0
    typical = (k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    i2 = 100 * tau2 / (tau2 + typical)
    paper.compared(
        f"heterogeneity (I2={paper.show(i2, 1)}%)",
        **SIDES,
        df=str(k - 1),
        statistic=f"Q={paper.show(q, 2)}",
        p=float(stats.chi2.sf(q, k - 1)),
        method=paper.any_of(("meta-analysis, REML", "metafor, REML", "random effects (REML)")),
        columns={
            "k": (str(k), ()),
            "i2": (paper.show(i2, 1), ()),
            "q": (paper.show(q, 2), ()),
            "tau2": (paper.show(tau2, 3), ()),
            "p_role": ("heterogeneity", ()),
        },
    )


def _pooled_effect(paper: Paper, way: str, told: tuple[str, ...]) -> None:
    cells, q, k, p = _pool(paper, way)
    i2 = max(0.0, 100 * (q - k + 1) / q)
    paper.compared(
        paper.any_of(("pooled MD", f"pooled MD ({k} studies)", "WMD", "pooled mean difference")),
        **SIDES,
        **cells,
        p=p,
        method=paper.any_of(told),
        columns=_columns(paper, i2, k, "effect"),
    )


@honest
def pool_fixed(paper: Paper) -> None:
    """Weighted fixed effect with a normal interval and its p."""
    told = ("meta-analysis, fixed effect", "inverse variance, fixed", "common-effect model")
    _pooled_effect(paper, "fixed", told)


@honest
def pool_hartung_knapp(paper: Paper) -> None:
    """REML with Hartung and Knapp: t on k - 1 df."""
    told = (
        "meta-analysis, REML with Hartung-Knapp",
        "HKSJ",
        "random effects, Hartung-Knapp adjustment",
        "REML, Knapp-Hartung",
        "Sidik-Jonkman / HK",
    )
    _pooled_effect(paper, "hk", told)


@honest
def subgroup_difference_p(paper: Paper) -> None:
    """A pool with its interval; the p is that of the difference of subgroups."""
    cells, q, k, _ = _pool(paper, "dl")
    p = float(paper.rng.uniform(0.01, 0.9))
    told = ("test for subgroup differences", "p for subgroup difference", "p between subgroups")
    paper.compared(
        "pooled MD",
        **SIDES,
        **cells,
        p=p,
        said=[told],
        method="meta-analysis, random effects",
        columns=_columns(paper, max(0.0, 100 * (q - k + 1) / q), k, "interaction"),
    )


@honest
def prediction_interval(paper: Paper) -> None:
    """The interval is one of prediction, beside the p of the effect."""
    effects, errors = _trials(paper)
    tau2 = tau2_reml(effects, errors) + 0.1
    estimate, se = pooled(effects, errors, tau2)
    reach = stats.t.ppf(0.975, max(len(effects) - 2, 1)) * np.sqrt(se**2 + tau2)
    told = ("95% prediction interval", "prediction interval", "95% PI (prediction)")
    paper.compared(
        "pooled MD",
        **SIDES,
        estimate=estimate,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        p=float(2 * stats.norm.sf(abs(estimate / se))),
        said=[told],
        method="meta-analysis, random effects",
        columns={"scale": ("difference", ()), "p_role": ("effect", ())},
    )


@honest
def pooled_odds_ratio(paper: Paper) -> None:
    """A pooled odds ratio, on the logarithms."""
    cells, _, k, p = _pool(paper, "dl")
    shown = {name: paper.show(np.exp(float(value)), 2) for name, value in cells.items()}
    told = ("meta-analysis, random effects", "DerSimonian-Laird", "Mantel-Haenszel, random effects")
    paper.compared(
        paper.any_of(("pooled OR", "pooled odds ratio", "summary OR")),
        **SIDES,
        **shown,
        p=p,
        method=paper.any_of(told),
        columns={
            "scale": ("odds ratio", ()),
            "null": ("1", ()),
            "ci_level": ("95", ()),
            "k": (str(k), ()),
            "p_role": ("effect", ()),
        },
    )


@honest
def bayesian_pool(paper: Paper) -> None:
    """A posterior mean with a credible interval, and a posterior probability for a p."""
    effects, errors = _trials(paper)
    estimate, se = pooled(effects, errors, 0.05)
    told = ("95% credible interval", "Bayesian random effects", "posterior mean, CrI", "95% CrI")
    paper.compared(
        "pooled MD",
        **SIDES,
        estimate=estimate,
        ci_low=estimate - Z * se - 0.05,
        ci_high=estimate + Z * se,
        p=float(stats.norm.cdf(estimate / se)),
        said=[told],
        columns={"scale": ("difference", ())},
    )


@honest
def network_league_table(paper: Paper) -> None:
    """A network estimate, indirect and direct together; 'consistency' p is of the network."""
    cells, *_ = _pool(paper, "dl")
    told = ("network meta-analysis, p for inconsistency", "node-splitting p", "p for inconsistency")
    paper.compared(
        "pooled MD",
        **SIDES,
        **cells,
        p=float(paper.rng.uniform(0.05, 0.95)),
        said=[told],
        columns={"scale": ("difference", ()), "p_role": ("heterogeneity", ())},
    )
