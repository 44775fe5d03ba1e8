"""Correlations, regression, agreement, discrimination and measurement error."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z, delong, hanley
from tests.ledger.designs.paper import Paper, Redraw, Told, honest


def _sample(paper: Paper, design: str = "cross-sectional", low: int = 14, high: int = 60) -> int:
    n = int(paper.rng.integers(low, high))
    paper.designed(design, {"all": n})
    paper.age(n)
    return n


def _columns(scale: str, null: str = "0", level: str = "95") -> dict[str, Told]:
    told = say.levels(level) if level != "95" else ()
    return {"scale": (scale, ()), "null": (null, ()), "ci_level": (level, told)}


def _pair(paper: Paper, n: int, r: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    r = float(paper.rng.uniform(-0.2, 0.8)) if r is None else r
    x = paper.rng.normal(size=n)
    return x, r * x + np.sqrt(1 - r**2) * paper.rng.normal(size=n)


@honest
def r_with_fisher_ci(paper: Paper) -> None:
    """r with Fisher's interval and the p of its t."""
    n = _sample(paper)
    r, p = stats.pearsonr(*_pair(paper, n))
    level = paper.any_of(("95", "95", "99", "90"))
    ends = np.tanh(
        np.arctanh(r)
        + np.array([-1, 1]) * stats.norm.ppf(0.5 + float(level) / 200) / np.sqrt(n - 3)
    )
    paper.compared(
        paper.any_of(("Pearson correlation", "correlation", "Pearson's r", "r")),
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        estimate=paper.show(r, 2),
        ci_low=paper.show(ends[0], 2),
        ci_high=paper.show(ends[1], 2),
        df=str(n - 2),
        p=float(p),
        method=paper.any_of(("Pearson", "Pearson product-moment", "Pearson's r")),
        columns=_columns("correlation", level=level),
    )


@honest
def r_with_n(paper: Paper) -> None:
    """r and p; n stands in the study and in the note."""
    n = _sample(paper)
    r, p = stats.pearsonr(*_pair(paper, n))
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        statistic=f"r={paper.show(r, 2)}",
        p=float(p),
        method="Pearson",
        note=paper.any_of((f"n = {n}", f"N={n}")),
        columns={"scale": ("correlation", ()), "null": ("0", ())},
    )


@honest
def r_of_fewer_people(paper: Paper) -> None:
    """r of those with both measurements: fewer than the study has; how many is not said."""
    n = _sample(paper, low=25)
    r, p = stats.pearsonr(*_pair(paper, n - int(paper.rng.integers(4, 12))))
    paper.compared(
        paper.any_of(("Pearson correlation", "correlation")),
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        statistic=f"r={paper.show(r, 2)}",
        p=float(p),
        method=paper.any_of(("Pearson", "")),
        columns={"scale": ("correlation", ()), "null": ("0", ())},
    )


@honest
def r_one_tailed(paper: Paper) -> None:
    """r with its one-tailed p, said."""
    n = _sample(paper)
    r, p = stats.pearsonr(*_pair(paper, n), alternative="greater")
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        p=float(p),
        statistic=f"r={paper.show(r, 2)}",
        df=str(n - 2),
        method="Pearson",
        columns={"scale": ("correlation", ()), "null": ("0", ()), "sided": ("one", say.ONE_SIDED)},
    )


@honest
def spearman_exact(paper: Paper) -> None:
    """Spearman's rho with an exact (permutation) p or that of t."""
    n = _sample(paper, low=6, high=10)
    x, y = _pair(paper, n)
    rho = stats.spearmanr(x, y).statistic
    ranks = np.argsort(np.argsort(x)), np.argsort(np.argsort(y))
    mixed = paper.rng.permuted(np.tile(ranks[1], (2000, 1)), axis=1)
    draws = (mixed - mixed.mean()) @ (ranks[0] - ranks[0].mean()) / (n * ranks[0].var())
    p = float((1 + (np.abs(draws) >= abs(rho) - 1e-9).sum()) / 2001)
    if p <= 0.001:
        raise Redraw
    told = (
        "Spearman, exact p",
        "Spearman's rho (exact)",
        "Spearman rank correlation, permutation p",
    )
    name = paper.any_of(("rho", "r", "rs"))
    paper.compared(
        paper.any_of(("Spearman correlation", "rank correlation", "Spearman's rho")),
        p=p,
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        df=str(n - 2),
        statistic=f"{name}={paper.show(rho, 2)}",
        method=paper.any_of(told),
        columns={"scale": ("rank correlation", ()), "null": ("0", ())},
    )


@honest
def kendall_tau(paper: Paper) -> None:
    """Kendall's tau with its own p."""
    n = _sample(paper)
    test = stats.kendalltau(*_pair(paper, n))
    paper.compared(
        paper.any_of(("Kendall's tau", "tau-b", "Kendall correlation")),
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        p=float(test.pvalue),
        statistic=paper.any_of(("tau={}", "r={}")).format(paper.show(test.statistic, 2)),
        method=paper.any_of(("Kendall", "Kendall's tau-b")),
        note=f"n = {n}",
        columns={"scale": ("rank correlation", ())},
    )


@honest
def partial_correlation(paper: Paper) -> None:
    """A partial correlation: one df fewer for each controlled variable, and no df printed."""
    n = _sample(paper, low=12, high=25)
    z = paper.rng.normal(size=(n, 3))
    x, y = _pair(paper, n)
    design = np.column_stack([z, np.ones(n)])
    rest = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (x, y)]
    r = float(np.corrcoef(*rest)[0, 1])
    t = r * np.sqrt((n - 5) / (1 - r**2))
    told = (
        "partial correlation controlling for age, sex and BMI",
        "partial correlation",
        "partial r (age, BMI, sex)",
        "correlation adjusted for age, sex, BMI",
    )
    paper.compared(
        paper.any_of(told),
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        statistic=f"r={paper.show(r, 2)}",
        p=float(2 * stats.t.sf(abs(t), n - 5)),
        note=f"n = {n}",
        columns={"scale": ("partial correlation", ())},
    )


@honest
def repeated_measures_correlation(paper: Paper) -> None:
    """Several values a person: the p of r is that of a repeated-measures correlation."""
    people, times = int(paper.rng.integers(8, 16)), 3
    paper.designed("cohort", {"all": people})
    paper.age(people)
    x, y = (v.reshape(people, times) for v in _pair(paper, people * times))
    r = float(np.corrcoef(*((v - v.mean(axis=1, keepdims=True)).ravel() for v in (x, y)))[0, 1])
    df = people * (times - 1) - 1
    t = r * np.sqrt(df / (1 - r**2))
    told = ("repeated measures correlation", "rmcorr", "within-person correlation")
    paper.compared(
        paper.any_of(told),
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        statistic=f"r={paper.show(r, 2)}",
        p=float(2 * stats.t.sf(abs(t), df)),
        columns={"scale": ("correlation", ()), "model": ("repeated measures", ())},
    )


def _coefficient(paper: Paper, standardised: bool) -> None:
    n, covariates = _sample(paper, low=25, high=90), int(paper.rng.integers(0, 4))
    x, y = _pair(paper, n, float(paper.rng.uniform(0, 0.7)))
    z = [paper.rng.normal(size=n) for _ in range(covariates)]
    y = 2 * y + sum(z, np.zeros(n))
    if standardised:
        x, y = ((v - v.mean()) / v.std(ddof=1) for v in (x, y))
    design = np.column_stack([x, *z, np.ones(n)])
    cross = np.linalg.inv(design.T @ design)
    beta = cross @ design.T @ y
    df = n - design.shape[1]
    se = float(np.sqrt(((y - design @ beta) ** 2).sum() / df * cross[0, 0]))
    b, reach, t = float(beta[0]), stats.t.ppf(0.975, df) * se, beta[0] / se
    scale = "standardised regression coefficient" if standardised else "regression coefficient"
    labels = (
        ("standardised beta", "standardized coefficient", "beta (standardised)")
        if standardised
        else ("regression coefficient", "b", "unstandardised coefficient", "B (SE)", "slope")
    )
    cells: dict[str, str] = {"se": paper.show(se, 3)} if not standardised else {}
    paper.compared(
        paper.any_of(labels),
        outcome="pain",
        arm_a="strength",
        arm_b="",
        df=str(df),
        estimate=paper.show(b, 3),
        ci_low=paper.show(b - reach, 3),
        ci_high=paper.show(b + reach, 3),
        statistic=f"t={paper.show(t, 2)}",
        **cells,
        p=float(2 * stats.t.sf(abs(t), df)),
        columns=_columns(scale),
        method=paper.any_of(("multiple linear regression", "linear regression", "OLS")),
    )


@honest
def regression_b(paper: Paper) -> None:
    """b, SE, interval, t, df and p, each rounded on its own."""
    _coefficient(paper, False)


@honest
def regression_beta(paper: Paper) -> None:
    """A standardised coefficient with its interval, t and p."""
    _coefficient(paper, True)


@honest
def beta_beside_b_interval(paper: Paper) -> None:
    """The standardised beta stands as estimate, beside the interval of the unstandardised b."""
    n = _sample(paper, low=25, high=80)
    x, y = _pair(paper, n)
    y = 6 * y
    fit = stats.linregress(x, y)
    reach = stats.t.ppf(0.975, n - 2) * fit.stderr
    told = ("standardised beta; CI of b", "beta (95% CI of B)", "Beta; confidence interval for B")
    paper.compared(
        paper.any_of(told),
        outcome="pain",
        arm_a="strength",
        arm_b="",
        p=float(fit.pvalue),
        estimate=paper.show(fit.rvalue, 2),
        ci_low=paper.show(fit.slope - reach, 2),
        ci_high=paper.show(fit.slope + reach, 2),
        method="linear regression",
        columns={"scale": ("standardised regression coefficient", ())},
    )


@honest
def r2_of_a_model(paper: Paper) -> None:
    """R2 of a model with its F, df and p."""
    n, k = _sample(paper, low=25, high=80), int(paper.rng.integers(1, 4))
    r2 = float(paper.rng.beta(2, 5))
    f = r2 / k / ((1 - r2) / (n - k - 1))
    adjusted = 1 - (1 - r2) * (n - 1) / (n - k - 1)
    label, value = (("R2", r2), ("R squared", r2), ("adjusted R2", adjusted))[
        int(paper.rng.integers(3))
    ]
    paper.compared(
        label,
        outcome="pain",
        arm_a="all",
        arm_b="",
        estimate=paper.show(value, 2),
        statistic=f"F={paper.show(f, 2)}",
        df=f"{k},{n - k - 1}",
        p=float(stats.f.sf(f, k, n - k - 1)),
        method="multiple linear regression",
        columns={"scale": ("R2", ())},
    )


def _curve(paper: Paper) -> tuple[dict[str, str], float, float, tuple[int, int]]:
    sizes = [int(n) for n in paper.rng.integers(15, 60, size=2)]
    paper.designed("case-control", {"fallers": sizes[0], "non-fallers": sizes[1]})
    paper.age(sum(sizes))
    auc, se = delong(
        paper.rng.normal(paper.rng.uniform(0, 1.3), 1, sizes[0]), paper.rng.normal(0, 1, sizes[1])
    )
    if not 0.5 < auc < 0.98:
        raise Redraw
    cells = {"outcome": "3-m backward walk", "arm_a": "fallers", "arm_b": "non-fallers"}
    return cells, auc, se, (sizes[0], sizes[1])


AUC_LABELS = ("AUC", "area under the ROC curve", "AUROC", "c-statistic", "area under the curve")


@honest
def auc_null_se(paper: Paper) -> None:
    """Interval by the SE at the observed area, p by the one under 0.5."""
    cells, auc, _, sizes = _curve(paper)
    reach = Z * hanley(auc, *sizes)
    p = 2 * stats.norm.sf((auc - 0.5) / np.sqrt((sum(sizes) + 1) / (12 * sizes[0] * sizes[1])))
    paper.compared(
        paper.any_of(AUC_LABELS),
        estimate=paper.show(auc, 2),
        p=float(p),
        **cells,
        ci_low=paper.show(auc - reach, 2),
        ci_high=paper.show(min(auc + reach, 1), 2),
        columns=_columns("auc", "0.5"),
    )


@honest
def auc_delong(paper: Paper) -> None:
    """DeLong's interval, symmetric or on the logit, and its p."""
    cells, auc, se, _ = _curve(paper)
    ends = np.array([auc - Z * se, auc + Z * se])
    if paper.chance(0.4):
        logit = np.log(auc / (1 - auc)) + np.array([-Z, Z]) * se / (auc * (1 - auc))
        ends = 1 / (1 + np.exp(-logit))
    paper.compared(
        paper.any_of(AUC_LABELS),
        estimate=paper.show(auc, 2),
        **cells,
        ci_low=paper.show(ends[0], 2),
        ci_high=paper.show(min(ends[1], 1.0), 2),
        p=float(2 * stats.norm.sf((auc - 0.5) / se)),
        columns=_columns("auc", "0.5"),
        method=paper.any_of(("DeLong", "DeLong's method", "")),
    )


def _raters(paper: Paper) -> tuple[np.ndarray, float, float, float]:
    n = _sample(paper, "reliability study")
    true = paper.rng.normal(0, 1, n)
    noise = paper.rng.uniform(0.2, 0.9)
    x = np.column_stack([true, true + paper.rng.normal(0, 0.4)]) + paper.rng.normal(
        0, noise, (n, 2)
    )
    rows = 2 * x.mean(axis=1).var(ddof=1)
    rest = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
    columns = n * x.mean(axis=0).var(ddof=1)
    return x, float(rows), float((rest**2).sum() / (n - 1)), float(columns)


@honest
def icc_with_ci(paper: Paper) -> None:
    """ICC(3,1) with its exact F interval, which is not symmetric."""
    x, rows, rest, _ = _raters(paper)
    n, f = len(x), rows / rest
    low, high = f / stats.f.ppf(0.975, n - 1, n - 1), f * stats.f.ppf(0.975, n - 1, n - 1)
    icc, ends = (f - 1) / (f + 1), [(v - 1) / (v + 1) for v in (low, high)]
    paper.compared(
        paper.any_of(("ICC(3,1)", "ICC", "intraclass correlation (3,1)", "ICC3,1")),
        outcome="lumbar ROM",
        arm_a="rater 1",
        arm_b="rater 2",
        estimate=paper.show(icc, 2),
        ci_low=paper.show(ends[0], 2),
        ci_high=paper.show(ends[1], 2),
        p=float(stats.f.sf(f, n - 1, n - 1)),
        columns=_columns("icc"),
        method=paper.any_of(("two-way mixed, consistency", "ICC, consistency", "")),
    )


@honest
def icc_agreement(paper: Paper) -> None:
    """ICC(2,1), absolute agreement, with the interval of McGraw and Wong."""
    x, rows, rest, columns = _raters(paper)
    n, k = len(x), 2
    icc = (rows - rest) / (rows + (k - 1) * rest + k * (columns - rest) / n)
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    v = (a * columns + b * rest) ** 2 / (
        (a * columns) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
    )
    fl, fu = stats.f.ppf(0.975, n - 1, v), stats.f.ppf(0.975, v, n - 1)
    base = k * columns + (k * n - k - n) * rest
    low = n * (rows - fl * rest) / (fl * base + n * rows)
    high = n * (fu * rows - rest) / (base + n * fu * rows)
    paper.compared(
        paper.any_of(("ICC(2,1)", "ICC, absolute agreement", "intraclass correlation")),
        outcome="lumbar ROM",
        arm_a="rater 1",
        arm_b="rater 2",
        estimate=paper.show(icc, 2),
        ci_low=paper.show(low, 2),
        ci_high=paper.show(high, 2),
        columns=_columns("icc"),
        p=float(stats.f.sf(rows / rest, n - 1, n - 1)),
    )


@honest
def kappa_weighted(paper: Paper) -> None:
    """A weighted kappa: interval by the large-sample SE, p by the SE under no agreement."""
    n = _sample(paper, "reliability study", low=30, high=80)
    first = paper.rng.integers(0, 4, n)
    second = np.clip(first + paper.rng.choice([-1, 0, 0, 0, 1], n), 0, 3)
    table = np.zeros((4, 4))
    np.add.at(table, (first, second), 1)
    p = table / n
    grid = np.abs(np.arange(4)[:, None] - np.arange(4)) / 3
    w = 1 - grid if paper.chance(0.5) else 1 - grid**2
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    po, pe = (w * p).sum(), (w * expected).sum()
    kappa = (po - pe) / (1 - pe)
    edge = w @ p.sum(axis=0)[:, None] + (p.sum(axis=1) @ w)[None, :]
    spread = (p * (w - edge * (1 - kappa)) ** 2).sum() - (kappa - pe * (1 - kappa)) ** 2
    null = (expected * (w - edge) ** 2).sum() - pe**2
    reach = Z * np.sqrt(spread / n) / (1 - pe)
    z = kappa / (np.sqrt(null / n) / (1 - pe))
    paper.compared(
        paper.any_of(("weighted kappa", "kappa (weighted)", "Cohen's kappa, weighted")),
        outcome="gait quality",
        arm_a="rater 1",
        arm_b="rater 2",
        estimate=paper.show(kappa, 2),
        ci_low=paper.show(kappa - reach, 2),
        ci_high=paper.show(min(kappa + reach, 1.0), 2),
        p=float(2 * stats.norm.sf(abs(z))),
        columns=_columns("kappa"),
    )


def _error(paper: Paper, label: str, factor: float) -> None:
    n = int(paper.rng.integers(15, 60))
    paper.designed("reliability study", {"all": n})
    sem = float(paper.rng.uniform(0.5, 5))
    for outcome, value in (("SEM", sem), (label, factor * np.sqrt(2) * sem)):
        paper.arm(
            "all",
            outcome=outcome,
            instrument="IMU",
            unit="deg",
            timepoint="retest",
            n=n,
            mean=float(value),
        )
    paper.compared("between groups", outcome="age", arm_a="all", arm_b="", p="-")


@honest
def mdc90(paper: Paper) -> None:
    """MDC90 beside the SEM."""
    _error(
        paper,
        paper.any_of(
            (
                "MDC90",
                "MDC 90",
                "MDC (90%)",
                "minimal detectable change (90% CI)",
                "MDC90%",
                "minimal detectable change, 90%",
            )
        ),
        1.6448536,
    )


@honest
def mdc95(paper: Paper) -> None:
    """MDC95 beside the SEM, with 1.96."""
    _error(paper, paper.any_of(("MDC95", "MDC 95", "MDC (95%)", "SDC95")), 1.96)


@honest
def mdc_of_a_group(paper: Paper) -> None:
    """The smallest detectable change of a group: divided by the root of n, and said."""
    n = int(paper.rng.integers(15, 60))
    paper.designed("reliability study", {"all": n})
    sem = float(paper.rng.uniform(0.5, 5))
    rows = (
        ("SEM", sem),
        (
            paper.any_of(("SDC group", "MDC group", "SDC (group level)")),
            1.96 * np.sqrt(2) * sem / np.sqrt(n),
        ),
    )
    for outcome, value in rows:
        paper.arm(
            "all",
            outcome=outcome,
            instrument="IMU",
            unit="deg",
            timepoint="retest",
            n=n,
            mean=paper.show(value, 3),
        )
    paper.compared("between groups", outcome="age", arm_a="all", arm_b="", p="-")


@honest
def limits_of_agreement(paper: Paper) -> None:
    """The mean difference with Bland-Altman limits in the cells of the interval."""
    x, *_ = _raters(paper)
    gap = x[:, 0] - x[:, 1]
    bias, reach = gap.mean(), 1.96 * gap.std(ddof=1)
    told = ("limits of agreement", "Bland-Altman LoA", "95% limits of agreement")
    paper.compared(
        "mean difference",
        outcome="lumbar ROM",
        arm_a="rater 1",
        arm_b="rater 2",
        estimate=paper.show(bias, 2),
        ci_low=paper.show(bias - reach, 2),
        ci_high=paper.show(bias + reach, 2),
        said=[told],
        p=float(stats.ttest_1samp(gap, 0).pvalue),
        columns={"scale": ("difference", ())},
    )
