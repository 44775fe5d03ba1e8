"""Rows whose numbers are of other people, times, units or roles than the rows beside them."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z, effect_of, logistic, ratio_of, regressed, student
from tests.ledger.designs.drawn import drawn, responders, two_samples, visits
from tests.ledger.designs.paper import Paper, Told, honest

VAS = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
DIFFERENCE: dict[str, Told] = {
    "scale": ("difference", ()),
    "null": ("0", ()),
    "ci_level": ("95", ()),
}


@honest
def comparison_of_those_analysed(paper: Paper) -> None:
    """n of the table's heading counts the randomised; the test is of fewer, as df and words say."""
    (first, second), sizes = paper.two_arms(14, 40)
    scores = [drawn(paper, n - int(paper.rng.integers(2, 6)), 4 + i) for i, n in enumerate(sizes)]
    for arm, n, values in zip((first, second), sizes, scores, strict=True):
        paper.arm(
            arm,
            **VAS,
            n=n,
            mean=float(values.mean()),
            sd=float(values.std(ddof=1)),
            note=paper.any_of(
                (
                    f"n = {len(values)} analysed",
                    f"{n - len(values)} lost to follow-up",
                    "completers",
                )
            ),
        )
    one = student(scores[0], scores[1])
    told = (
        "completers",
        "per protocol",
        "available cases",
        f"analysed {len(scores[0])} v {len(scores[1])}",
        "complete case analysis",
    )
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a=first,
        arm_b=second,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        df=str(int(one.df)),
        statistic=f"t={paper.show(one.statistic, 2)}",
        method="independent t-test",
        said=[told],
        columns=dict(DIFFERENCE),
    )


@honest
def comparison_at_another_time(paper: Paper) -> None:
    """The comparison is of week 12; the table prints week 6."""
    (first, second), sizes = paper.two_arms()
    scores = [visits(paper, n, 3, fall=f) for n, f in zip(sizes, (2.0, 1.0), strict=True)]
    for arm, values in zip((first, second), scores, strict=True):
        paper.arm(arm, values[:, 1], **VAS)
    one = student(scores[0][:, 2] - 1, scores[1][:, 2])
    paper.compared(
        "mean difference",
        outcome=paper.any_of(("pain week 12", "pain at 12 weeks", "pain, follow-up 3 months")),
        arm_a=first,
        arm_b=second,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method="independent t-test",
        columns=dict(DIFFERENCE),
    )


@honest
def comparison_of_a_subgroup(paper: Paper) -> None:
    """The comparison is of women only; the table prints everybody."""
    cells, a, b = two_samples(paper, low=20)
    one = student(a[: len(a) // 2], b[: len(b) // 2])
    told = ("women only", "subgroup: age < 60", "in the subgroup with severe pain", "females")
    paper.compared(
        "mean difference",
        **cells,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method="independent t-test",
        said=[told],
        columns=dict(DIFFERENCE),
    )


@honest
def sensitivity_with_imputation(paper: Paper) -> None:
    """Observed means in the table; the difference is pooled over imputed data by Rubin's rules."""
    cells, a, b = two_samples(paper)
    base = student(a, b)
    one = effect_of(base.estimate + paper.rng.normal(0, 0.15), base.se * 1.12, base.df * 0.7)
    told = (
        "multiple imputation",
        "MI, Rubin's rules",
        "pooled over 20 imputed data sets",
        "MICE",
        "ITT with multiply imputed data",
    )
    paper.compared(
        "mean difference",
        **cells,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        said=[told],
        columns=dict(DIFFERENCE),
    )


@honest
def weighted_difference(paper: Paper) -> None:
    """Propensity-weighted difference beside raw means."""
    cells, a, b = two_samples(paper)
    base = student(a, b)
    one = effect_of(
        base.estimate + paper.rng.normal(0, 0.3), base.se * paper.rng.uniform(1.1, 1.6), base.df
    )
    told = ("inverse probability weighted", "propensity score matched", "IPTW", "overlap weights")
    paper.compared(
        "mean difference",
        **cells,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        said=[told],
        columns=dict(DIFFERENCE),
    )


@honest
def dunnett_against_control(paper: Paper) -> None:
    """Three arms, each against control by Dunnett: adjusted interval and p beside the means."""
    names = ("backward", "forward", "control")
    sizes = [int(n) for n in paper.rng.integers(9, 20, size=3)]
    paper.designed("3-arm RCT", dict(zip(names, sizes, strict=True)))
    scores = [drawn(paper, n, 3.4 + 0.6 * i, 1.6) for i, n in enumerate(sizes)]
    for arm, values in zip(names, scores, strict=True):
        paper.arm(arm, values, **VAS)
    test = stats.dunnett(scores[0], control=scores[2], rng=paper.rng)
    rest = sum(sizes) - 3
    within = sum(((one - one.mean()) ** 2).sum() for one in scores) / rest
    t = (scores[0].mean() - scores[2].mean()) / np.sqrt(within * (1 / sizes[0] + 1 / sizes[2]))
    told = ("Dunnett", "Dunnett's test", "Dunnett post hoc, each arm v control")
    paper.compared(
        "post hoc",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[2],
        df=str(rest),
        estimate=float(scores[0].mean() - scores[2].mean()),
        p=float(test.pvalue[0]),
        statistic=f"t={paper.show(t, 2)}",
        method=paper.any_of(told),
        columns={"scale": ("difference", ())},
    )


@honest
def odds_ratio_per_unit(paper: Paper) -> None:
    """The odds ratio is that of a predictor per 10 units; counts of arms stand beside."""
    cells, _, sizes = responders(paper)
    x = paper.rng.normal(0, 1, sum(sizes))
    y = (paper.rng.random(len(x)) < 1 / (1 + np.exp(-0.6 * x))).astype(float)
    beta, cover, _ = logistic([x], y)
    one = ratio_of(beta[0], np.sqrt(cover[0, 0]))
    told = ("per 10 years of age", "per SD", "per 1-point increase", "per unit of baseline pain")
    paper.compared(
        "odds ratio",
        outcome=cells["outcome"],
        arm_a="age",
        arm_b="",
        p=one.p,
        estimate=paper.show(one.estimate, 2),
        ci_low=paper.show(one.low, 2),
        ci_high=paper.show(one.high, 2),
        method="logistic regression",
        said=[told],
        columns={"scale": ("odds ratio", ()), "null": ("1", ())},
    )


@honest
def ordinal_odds_ratio(paper: Paper) -> None:
    """A proportional odds model over five levels; counts of one level stand in the table."""
    cells, *_ = responders(paper)
    one = ratio_of(float(paper.rng.normal(0.5, 0.4)), 0.33)
    told = (
        "proportional odds model",
        "ordinal logistic regression",
        "common odds ratio",
        "ordered logit",
    )
    paper.compared(
        "odds ratio",
        **cells,
        p=one.p,
        estimate=paper.show(one.estimate, 2),
        ci_low=paper.show(one.low, 2),
        ci_high=paper.show(one.high, 2),
        said=[told],
        columns={"scale": ("odds ratio", ()), "null": ("1", ()), "model": ("ordinal", ())},
    )


@honest
def generalised_odds_by_gee(paper: Paper) -> None:
    """Odds ratio of repeated answers by GEE; counts are those of the last visit."""
    cells, *_ = responders(paper)
    one = ratio_of(float(paper.rng.normal(0.3, 0.4)), 0.28)
    told = (
        "GEE, logit link",
        "mixed-effects logistic regression",
        "GLMM",
        "repeated measures logistic",
    )
    paper.compared(
        "odds ratio",
        **cells,
        p=one.p,
        estimate=paper.show(one.estimate, 2),
        ci_low=paper.show(one.low, 2),
        ci_high=paper.show(one.high, 2),
        said=[told],
        columns={"scale": ("odds ratio", ()), "null": ("1", ()), "model": ("GEE", ())},
    )


@honest
def se_in_the_cell_of_the_sd(paper: Paper) -> None:
    """The cell of the SD holds the standard error, and the note says so."""
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    told = ("mean (SE)", "values are mean +- SEM", "standard errors in brackets", "mean (SEM)")
    for arm, scores in ((cells["arm_a"], a), (cells["arm_b"], b)):
        paper.arm(
            arm,
            outcome=cells["outcome"],
            unit="cm",
            n=len(scores),
            mean=float(scores.mean()),
            sd=paper.show(scores.std(ddof=1) / np.sqrt(len(scores)), 2),
            note=paper.any_of(told),
        )
    paper.compared(
        "between groups",
        statistic=f"t={paper.show(one.statistic, 2)}",
        p=one.p,
        df=str(int(one.df)),
        method="independent t-test",
        **cells,
    )


@honest
def arms_with_intervals_of_99(paper: Paper) -> None:
    """Means with 99 or 90 % intervals and no SD, and Student's t: the level is said."""
    cells, a, b = two_samples(paper, print_arms=False)
    one, level = student(a, b), paper.any_of(("99", "90"))
    for arm, x in ((cells["arm_a"], a), (cells["arm_b"], b)):
        reach = stats.t.ppf(0.5 + float(level) / 200, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
        paper.arm(
            arm,
            outcome=cells["outcome"],
            unit="cm",
            n=len(x),
            mean=float(x.mean()),
            ci_low=float(x.mean() - reach),
            ci_high=float(x.mean() + reach),
            ci_level=level,
            note=f"mean ({paper.any_of(say.levels(level))})",
        )
    paper.compared(
        "between groups",
        statistic=f"t={paper.show(one.statistic, 2)}",
        p=one.p,
        df=str(int(one.df)),
        method="independent t-test",
        **cells,
    )


@honest
def arms_with_intervals_of_unread_level(paper: Paper) -> None:
    """Means with 90 % intervals whose level nobody read, and Student's t and p."""
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    for arm, x in ((cells["arm_a"], a), (cells["arm_b"], b)):
        reach = stats.t.ppf(0.95, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
        paper.arm(
            arm,
            outcome=cells["outcome"],
            unit="cm",
            n=len(x),
            mean=float(x.mean()),
            ci_low=float(x.mean() - reach),
            ci_high=float(x.mean() + reach),
        )
    paper.compared(
        "between groups",
        statistic=f"t={paper.show(one.statistic, 2)}",
        p=one.p,
        df=str(int(one.df)),
        method="independent t-test",
        **cells,
    )


@honest
def robust_standard_error(paper: Paper) -> None:
    """Regression with heteroscedasticity-consistent errors: b / SE with the robust SE."""
    n = int(paper.rng.integers(30, 80))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    x = paper.rng.normal(size=n)
    y = 0.5 * x + paper.rng.normal(size=n) * (1 + np.abs(x))
    base = regressed([x], y)
    one = effect_of(base.estimate, base.se * paper.rng.uniform(1.1, 1.5))
    told = ("robust standard errors", "HC3", "sandwich SE", "heteroscedasticity-consistent")
    paper.compared(
        "regression coefficient",
        outcome="pain",
        arm_a="strength",
        arm_b="",
        estimate=paper.show(one.estimate, 3),
        ci_low=paper.show(one.low, 3),
        ci_high=paper.show(one.high, 3),
        statistic=f"z={paper.show(one.statistic, 2)}",
        p=one.p,
        said=[told],
        columns={"scale": ("regression coefficient", ()), "null": ("0", ())},
    )


@honest
def correlation_by_bootstrap(paper: Paper) -> None:
    """r with a bootstrapped interval."""
    n = int(paper.rng.integers(15, 50))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    x = paper.rng.normal(size=n)
    y = 0.5 * x + paper.rng.normal(size=n)
    at = paper.rng.integers(n, size=(400, n))
    bx, by = x[at] - x[at].mean(axis=1, keepdims=True), y[at] - y[at].mean(axis=1, keepdims=True)
    draws = (bx * by).sum(axis=1) / np.sqrt((bx**2).sum(axis=1) * (by**2).sum(axis=1))
    low, high = np.quantile(draws, [0.025, 0.975])
    r, p = stats.pearsonr(x, y)
    told = ("bootstrap CI", "1000 bootstrap samples", "BCa bootstrap")
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        df=str(n - 2),
        estimate=paper.show(r, 2),
        ci_low=paper.show(low, 2),
        ci_high=paper.show(high, 2),
        p=float(p),
        said=[told],
        columns={"scale": ("correlation", ()), "null": ("0", ())},
    )


@honest
def number_needed_to_treat(paper: Paper) -> None:
    """NNT with the inverted interval of the risk difference."""
    cells, (a, c), (n1, n2) = responders(paper)
    gap = a / n1 - c / n2
    se = np.sqrt(a * (n1 - a) / n1**3 + c * (n2 - c) / n2**3)
    if gap - Z * se <= 0.02:
        gap = 0.3
    low, high = 1 / (gap + Z * se), 1 / max(gap - Z * se, 0.02)
    paper.compared(
        paper.any_of(("NNT", "number needed to treat")),
        **cells,
        estimate=paper.show(1 / gap, 1),
        ci_low=paper.show(low, 1),
        ci_high=paper.show(high, 1),
    )


@honest
def correlation_compared(paper: Paper) -> None:
    """The p compares two correlations (z of Fisher); the r of one stands beside it."""
    n = int(paper.rng.integers(20, 50))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    r = [float(np.clip(v, -0.8, 0.8)) for v in paper.rng.normal(0.4, 0.3, 2)]
    z = (np.arctanh(r[0]) - np.arctanh(r[1])) / np.sqrt(2 / (n - 3))
    told = (
        "difference between correlations",
        "Fisher z test of two correlations",
        "comparison of r (Steiger)",
    )
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="backward",
        arm_b="forward",
        statistic=f"r={paper.show(r[0], 2)}",
        df=str(n - 2),
        p=float(2 * stats.norm.sf(abs(z))),
        said=[told],
        columns={"scale": ("correlation", ())},
    )


@honest
def manova_over_outcomes(paper: Paper) -> None:
    """One F over several outcomes (Hotelling), in the row of one of them."""
    cells, a, b = two_samples(paper)
    n, q = len(a) + len(b), 3
    f = float(paper.rng.f(q, n - q - 1))
    told = ("MANOVA", "Hotelling's T2", "multivariate ANOVA over 3 outcomes", "Wilks' lambda")
    paper.compared(
        "between groups",
        **cells,
        statistic=f"F={paper.show(f, 2)}",
        df=f"{q},{n - q - 1}",
        p=float(stats.f.sf(f, q, n - q - 1)),
        method=paper.any_of(told),
    )


@honest
def quantile_regression(paper: Paper) -> None:
    """Difference of medians by quantile regression beside means."""
    cells, a, b = two_samples(paper)
    one = effect_of(
        float(np.median(a) - np.median(b)), student(a, b).se * 1.25, len(a) + len(b) - 2
    )
    told = ("quantile regression", "median regression", "LAD regression")
    paper.compared(
        "difference in medians",
        **cells,
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method=paper.any_of(told),
        columns={**DIFFERENCE, "scale": ("median difference", ())},
    )


@honest
def trimmed_means(paper: Paper) -> None:
    """Yuen's t of trimmed means beside means and SDs."""
    cells, a, b = two_samples(paper)
    test = stats.ttest_ind(a, b, trim=0.2, equal_var=False)
    told = ("Yuen's test", "Yuen-Welch t-test, 20% trimmed", "t-test on trimmed means")
    paper.compared(
        "between groups",
        **cells,
        statistic=f"t={paper.show(test.statistic, 2)}",
        p=float(test.pvalue),
        method=paper.any_of(told),
    )


@honest
def winsorised_or_outliers_removed(paper: Paper) -> None:
    """The test leaves out outliers, as its note says; the table does not."""
    cells, a, b = two_samples(paper, low=15)
    one = student(np.sort(a)[1:-1], np.sort(b)[1:-1])
    told = (
        "outliers removed",
        "two outliers excluded",
        "after exclusion of outliers",
        "sensitivity analysis",
    )
    paper.compared(
        "mean difference",
        **cells,
        p=one.p,
        estimate=one.estimate,
        method="independent t-test",
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=str(int(one.df)),
        said=[told],
        columns={"scale": ("difference", ())},
    )
