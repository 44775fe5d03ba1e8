"""Differences of two means: levels, signs, and tests beside which other intervals stand."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import effect_of, regressed, student, welch
from tests.ledger.designs.drawn import drawn, two_samples, visits
from tests.ledger.designs.paper import Paper, honest

NULL = {"scale": ("difference", ()), "null": ("0", ())}
TWO = {"sided": ("two", ()), **NULL}


def _interval(paper: Paper, level: str, method: tuple[str, ...] = say.STUDENT) -> None:
    cells, a, b = two_samples(paper)
    one = student(a, b, float(level) / 100)
    paper.compared(
        paper.any_of(say.MEAN_DIFFERENCE),
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=one.p,
        method=paper.any_of(method),
        **cells,
        columns={**TWO, "ci_level": (level, say.levels(level))},
    )


@honest
def ci90(paper: Paper) -> None:
    """A 90 % interval beside a two-sided p."""
    _interval(paper, "90")


@honest
def ci99(paper: Paper) -> None:
    """A 99 % interval beside a two-sided p."""
    _interval(paper, "99")


@honest
def ci975(paper: Paper) -> None:
    """A 97.5 % interval, for two primary outcomes, beside a two-sided p."""
    _interval(paper, "97.5")


@honest
def ci95_student(paper: Paper) -> None:
    """The control: a 95 % interval and Student's p."""
    _interval(paper, "95")


@honest
def ci90_level_unread(paper: Paper) -> None:
    """A 90 % interval whose level the reader did not find; no method is named either."""
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b, 0.9)
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=one.p,
        **cells,
        columns=dict(NULL),
    )


@honest
def welch_t(paper: Paper) -> None:
    """Welch's t with its broken df."""
    cells, a, b = two_samples(paper, gap=2.5, spread=float(paper.rng.uniform(1.4, 2.2)))
    one = welch(a, b)
    paper.compared(
        paper.any_of(say.BETWEEN),
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=paper.show(one.df, int(paper.rng.integers(0, 3))),
        p=one.p,
        **cells,
        method=paper.any_of(say.WELCH),
        columns=dict(TWO),
    )


@honest
def welch_equal_n(paper: Paper) -> None:
    """Welch with equal arms: the t is Student's, its df is not, and the df is not printed."""
    n = int(paper.rng.integers(8, 25))
    paper.designed("2-arm RCT", {"backward": n, "forward": n})
    a, b = drawn(paper, n), drawn(paper, n, 5.0, 4.0)
    cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
    paper.arm("backward", a, **cells)
    paper.arm("forward", b, **cells)
    one = welch(a, b)
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        columns=dict(TWO),
        statistic=f"t={paper.show(one.statistic, 2)}",
        method=paper.any_of((*say.WELCH, "t-test", "")),
    )


@honest
def geometric_means_named(paper: Paper) -> None:
    """Ratio of geometric means by Student's t of logarithms."""
    cells, a, b = two_samples(paper, gap=0.3, print_arms=False)
    one = student(a / 4, b / 4)
    paper.compared(
        paper.any_of(("ratio of geometric means", "geometric mean ratio", "GMR")),
        estimate=paper.show(np.exp(one.estimate), 2),
        p=one.p,
        **cells,
        ci_low=paper.show(np.exp(one.low), 2),
        ci_high=paper.show(np.exp(one.high), 2),
        method=paper.any_of(
            (
                "t test of log-transformed values",
                "t test on the log scale",
                "back-transformed, ln(x), Student t",
            )
        ),
        columns={
            "scale": ("ratio of means", ()),
            "null": ("1", ()),
            "sided": ("two", ()),
            "ci_level": ("95", ()),
            "model": ("t test of logarithms", ()),
        },
    )


@honest
def geometric_mean_and_cv(paper: Paper) -> None:
    """Geometric means with CV in the cells of mean and SD, and the p of the logarithms."""
    cells, a, b = two_samples(paper, print_arms=False)
    one, said = student(a / 3, b / 3), "geometric mean (CV %)"
    for arm, scores in ((cells["arm_a"], a / 3), (cells["arm_b"], b / 3)):
        spread = 100 * np.sqrt(np.exp(scores.var(ddof=1)) - 1)
        paper.arm(
            arm,
            outcome="serum COMP",
            unit="ng/ml",
            n=len(scores),
            note=said,
            mean=float(np.exp(scores.mean())),
            sd=paper.show(spread, 1),
        )
    paper.compared(
        "between groups",
        outcome="serum COMP",
        arm_a=cells["arm_a"],
        p=one.p,
        arm_b=cells["arm_b"],
        method="t test of log-transformed values",
        columns={"scale": ("ratio of means", ()), "null": ("1", ())},
    )


@honest
def log_outcome_raw_sd(paper: Paper) -> None:
    """Raw means and SDs in the table; the t test was done on logarithms, as the method says."""
    cells, a, b = two_samples(paper, print_arms=False)
    raw = [np.exp(one / 2.5) for one in (a, b)]
    one = student(a / 2.5, b / 2.5)
    for arm, scores in zip((cells["arm_a"], cells["arm_b"]), raw, strict=True):
        paper.arm(arm, scores, outcome="sway area", instrument="force plate", unit="cm2")
    told = (
        "t-test on log-transformed data",
        "log-transformed before the t-test",
        "t-test (ln)",
        "natural logarithms were compared by t-test",
    )
    paper.compared(
        "between groups",
        **{**cells, "outcome": "sway area"},
        p=one.p,
        df=str(int(one.df)),
        statistic=f"t={paper.show(one.statistic, 2)}",
        method=paper.any_of(told),
        columns={"null": ("0", ()), "model": ("t test of logarithms", ())},
    )


@honest
def change_with_baseline_gap(paper: Paper) -> None:
    """Words on a greater decrease; only follow-up is printed, and arms differed at baseline."""
    (first, second), sizes = paper.two_arms()
    a, b = visits(paper, sizes[0], fall=2.4) + 1.2, visits(paper, sizes[1], fall=0.9)
    if student(a[:, 1] - a[:, 0], b[:, 1] - b[:, 0]).p >= 0.05:
        return change_with_baseline_gap_again(paper)
    for arm, scores in ((first, a), (second, b)):
        paper.arm(arm, scores[:, 1], outcome="sway area", instrument="force plate", unit="mm2")
    claims = (
        "between-group (greater decrease in {})",
        "greater reduction in {}",
        "larger decrease in {}",
        "{} improved more",
        "significantly greater decrease in {}",
    )
    paper.compared(
        paper.any_of(claims).format(first),
        outcome="sway area",
        arm_a=first,
        arm_b=second,
        p=paper.any_of(("<0.05", "p < .05", "P<0.05")),
        columns={"p_role": ("effect", ())},
    )
    return None


def change_with_baseline_gap_again(paper: Paper) -> None:
    """Take another draw until the changes differ."""
    paper.study, paper.outcomes = {}, []
    change_with_baseline_gap(paper)


@honest
def se_printed_as_se(paper: Paper) -> None:
    """Means with standard errors, and said so."""
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    ways = (
        "mean (SE), SE {}",
        "mean (SEM) {}",
        "values are means and standard errors: {}",
        "mean +- SE, {}",
    )
    for arm, scores in ((cells["arm_a"], a), (cells["arm_b"], b)):
        se = scores.std(ddof=1) / np.sqrt(len(scores))
        paper.arm(
            arm,
            outcome=cells["outcome"],
            unit="cm",
            n=len(scores),
            mean=scores.mean(),
            se=se,
            note=paper.any_of(ways).format(paper.show(se)),
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
def cluster_trial(paper: Paper) -> None:
    """Clusters were randomised: the standard error grows by the design effect."""
    cells, a, b = two_samples(paper)
    one, effect = student(a, b), float(paper.rng.uniform(1.4, 3.0))
    grown = effect_of(one.estimate, one.se * np.sqrt(effect), float(paper.rng.integers(6, 18)))
    told = (
        "cluster-randomised",
        "cluster RCT, mixed model",
        "adjusted for clustering",
        "design effect taken into account",
        "clustered standard errors",
    )
    paper.study["design"] = paper.any_of(("cluster-randomised trial", "cluster RCT"))
    paper.compared(
        "mean difference",
        estimate=grown.estimate,
        ci_low=grown.low,
        ci_high=grown.high,
        p=grown.p,
        **cells,
        said=[told],
        columns={**NULL, "ci_level": ("95", ())},
    )


@honest
def bootstrap_interval(paper: Paper) -> None:
    """A percentile bootstrap interval beside the p of a t test."""
    cells, a, b = two_samples(paper, gap=float(paper.rng.uniform(0, 2)))
    draws = [x[paper.rng.integers(len(x), size=(800, len(x)))].mean(axis=1) for x in (a, b)]
    low, high = np.quantile(draws[0] - draws[1], [0.025, 0.975])
    one = student(a, b)
    told = (
        "bootstrap CI",
        "bootstrapped 95% CI (percentile)",
        "BCa interval, 1000 resamples",
        "CI by bootstrapping",
    )
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=float(low),
        ci_high=float(high),
        p=one.p,
        method="independent t-test",
        **cells,
        said=[told],
        columns={**TWO, "ci_level": ("95", ())},
    )


@honest
def permutation_p(paper: Paper) -> None:
    """The p of a permutation test beside an interval by t."""
    cells, a, b = two_samples(paper, low=8)
    one, both = student(a, b), np.concatenate([a, b])
    sums = paper.rng.permuted(np.tile(both, (999, 1)), axis=1)[:, : len(a)].mean(axis=1)
    gaps = np.abs(sums - both.mean())
    p = (1 + (gaps >= abs(a.mean() - both.mean()) - 1e-12).sum()) / 1000
    told = ("permutation test", "randomization test p", "permuted p, 999 draws", "Monte Carlo p")
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=str(int(one.df)),
        p=float(p),
        **cells,
        said=[told],
        columns={**NULL, "ci_level": ("95", ())},
    )


@honest
def forward_minus_backward(paper: Paper) -> None:
    """The difference is subtracted the other way round than the arms stand in the row."""
    cells, a, b = two_samples(paper)
    one = student(b, a)
    paper.compared(
        paper.any_of(("mean difference", f"{cells['arm_b']} minus {cells['arm_a']}")),
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=one.p,
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=str(int(one.df)),
        **cells,
        method=paper.any_of(say.STUDENT),
        columns={**TWO, "ci_level": ("95", ())},
    )


@honest
def t_without_sign(paper: Paper) -> None:
    """t and the difference are printed without a sign, the interval is not printed."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    paper.compared(
        "mean difference",
        estimate=abs(one.estimate),
        df=str(int(one.df)),
        p=one.p,
        statistic=f"t={paper.show(abs(one.statistic), 2)}",
        **cells,
        method=paper.any_of(say.STUDENT),
        columns=dict(TWO),
    )


@honest
def t_sign_against_difference(paper: Paper) -> None:
    """t is that of forward minus backward (the program's order), the difference is not."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"t={paper.show(-one.statistic, 2)}",
        df=str(int(one.df)),
        p=one.p,
        **cells,
        method="independent t-test",
        columns={**TWO, "ci_level": ("95", ())},
    )


@honest
def z_interval_beside_t(paper: Paper) -> None:
    """Estimate +- 1.96 SE, said, beside the p of t; the arms are small."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    told = ("95% CI by normal approximation", "Wald-type CI", "CI = MD +- 1.96 SE")
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.estimate - 1.959964 * one.se,
        ci_high=one.estimate + 1.959964 * one.se,
        p=one.p,
        **cells,
        said=[told],
        method="independent t-test",
        columns={**TWO, "ci_level": ("95", ())},
    )


@honest
def p_in_words(paper: Paper) -> None:
    """p is printed as NS, a star, zeros or a bound."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    ways = (
        ("NS", "n.s.", "ns", "p > .05", ">0.05", "not significant")
        if one.p > 0.05
        else (
            ("0.000", "<.001", "P < 0.001", "p<0.001", "significant")
            if one.p < 0.0005
            else ("<0.05", "p < .05", "*p < 0.05", "significant", "P<.05")
        )
    )
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=paper.any_of(ways),
        method=paper.any_of(say.STUDENT),
        **cells,
        columns={**TWO, "ci_level": ("95", ())},
    )


@honest
def assumption_p_in_the_row(paper: Paper) -> None:
    """The p that stands in the row is Levene's or Shapiro's, and says so."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    levene = paper.chance(0.5)
    p = stats.levene(a, b).pvalue if levene else stats.shapiro(a).pvalue
    said = (
        ("Levene's test", "p of Levene", "homogeneity of variance (Levene)")
        if levene
        else ("Shapiro-Wilk", "normality (Shapiro-Wilk) p", "test of normality")
    )
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=float(p),
        **cells,
        said=[said],
        columns={"ci_level": ("95", ()), "p_role": ("assumption", ())},
    )


@honest
def baseline_p(paper: Paper) -> None:
    """The p compares the arms at baseline; the means in the table are those of follow-up."""
    (first, second), sizes = paper.two_arms()
    a, b = visits(paper, sizes[0], fall=2.4), visits(paper, sizes[1], fall=0.8)
    for arm, scores in ((first, a), (second, b)):
        paper.arm(arm, scores[:, 1], outcome="pain", instrument="VAS", unit="cm")
    one = student(a[:, 0], b[:, 0])
    paper.places = ("contrast_type", "method", "note")
    told = ("baseline comparison", "at baseline", "baseline difference", "groups at baseline")
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=first,
        arm_b=second,
        p=one.p,
        method="independent t-test",
        said=[told],
        columns={"p_role": ("baseline", ())},
    )


@honest
def adjusted_for_age(paper: Paper) -> None:
    """Means and SDs are raw, the difference is adjusted for age and sex, and said so."""
    cells, a, b = two_samples(paper)
    arm = np.repeat([1.0, 0.0], [len(a), len(b)])
    age = paper.rng.normal(58, 8, len(arm)) - 3 * arm
    one = regressed([arm, age], np.concatenate([a, b]) + 0.05 * (age - 58))
    told = (
        "adjusted for age and sex",
        "controlling for age",
        "covariates: age, BMI",
        "multivariable model",
        "aMD",
    )
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=one.p,
        **cells,
        said=[told],
        columns={**NULL, "ci_level": ("95", ())},
    )


@honest
def percent_difference(paper: Paper) -> None:
    """The difference is printed in percent of the control's mean."""
    cells, a, b = two_samples(paper, gap=1.0)
    one = student(a, b)
    told = (
        "percent difference",
        "% difference",
        "relative difference (%)",
        "percentage change vs control",
    )
    paper.compared(
        paper.any_of(told),
        estimate=paper.show(100 * one.estimate / b.mean(), 1),
        p=one.p,
        **cells,
        method="independent t-test",
        columns={"scale": ("percent difference", ()), "null": ("0", ())},
    )
