"""Slips in printed comparisons: a p, a statistic, an effect or an interval that cannot be."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z, log_odds, ratio_of, student
from tests.ledger.designs.drawn import drawn, responders, two_samples, visits
from tests.ledger.designs.paper import Paper, Redraw
from tests.ledger.planted_slips import (
    Slip,
    factor,
    p_of_t,
    p_slip,
    planted,
    reach,
    statistic_slip,
)

TWO = {"sided": ("two", ("two-tailed", "two-sided", "2-tailed"))}
ONE = {"sided": ("one", say.ONE_SIDED[:10])}
DIFFERENCE = {"scale": ("difference", ()), "null": ("0", ())}
LEVEL = {"ci_level": ("95", ("95% CI", "95% confidence interval"))}


def _half(level: float, df: float) -> float:
    return float(stats.t.ppf(0.5 + level / 2, df))


@planted
def chi2_and_counts(paper: Paper) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper)
    table = [[a, n1 - a], [c, n2 - c]]
    found = [
        float(stats.chi2_contingency(table, correction=yes).statistic) for yes in (False, True)
    ]
    paper.compared(
        "proportion of responders",
        **cells,
        statistic=f"chi2={found[0]:.2f}",
        df="1",
        method=paper.any_of(("chi-square test", "chi-squared test")),
    )
    slip = statistic_slip(
        paper,
        paper.contrasts[0],
        "chi2",
        (found[1], found[0]),
        lambda x: float(stats.chi2.sf(x, 1)),
    )
    return slip


@planted
def fisher_and_counts(paper: Paper) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper, low=12, high=40)
    p = float(stats.fisher_exact(np.array([[a, n1 - a], [c, n2 - c]])).pvalue)
    paper.compared("proportion of responders", **cells, columns=TWO, method="Fisher's exact test")
    return p_slip(paper, paper.contrasts[0], (p, p))


def _counted(paper: Paper, kind: str) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper)
    theta, se = log_odds(a, n1 - a, c, n2 - c)
    if kind == "risk ratio":
        theta, se = np.log(a / n1 / (c / n2)), np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    right = float(np.exp(theta))
    unadjusted = {"model": ("unadjusted", ("crude", "unadjusted"))}
    paper.compared(
        kind,
        **cells,
        estimate=f"{right:.2f}",
        method=f"crude {kind}, Wald test",
        columns={**LEVEL, **unadjusted, "scale": (kind, ()), "null": ("1", ())},
    )
    row = paper.contrasts[0]

    def also(text: str) -> None:
        one = ratio_of(np.log(float(text)), se)
        row["ci_low"], row["ci_high"] = f"{one.low:.2f}", f"{one.high:.2f}"
        row["p_value_as_printed"] = f"{one.p:.3f}"

    ranges = ((right, right), (1 / right, 1 / right))
    return Slip(
        row=row,
        column="estimate",
        ranges=ranges,
        drawn=factor(paper, right, 1.6),
        decimals=2,
        also=also,
    )


@planted
def odds_ratio_and_counts(paper: Paper) -> Slip:
    return _counted(paper, "odds ratio")


@planted
def risk_ratio_and_counts(paper: Paper) -> Slip:
    return _counted(paper, "risk ratio")


def _ratio(paper: Paper, scale: str, method: str) -> tuple[dict[str, str], float]:
    names, sizes = paper.two_arms(25, 60)
    paper.age(sum(sizes))
    theta, se = float(paper.rng.uniform(-0.9, 0.9)), float(paper.rng.uniform(0.18, 0.32))
    one = ratio_of(theta, se)
    if one.low < 0.15:
        raise Redraw
    paper.compared(
        scale,
        outcome="time to relief",
        arm_a=names[0],
        arm_b=names[1],
        p=f"{one.p:.3f}",
        estimate=f"{one.estimate:.2f}",
        ci_low=f"{one.low:.2f}",
        ci_high=f"{one.high:.2f}",
        method=method,
        columns={**LEVEL, **TWO, "scale": (scale, ()), "null": ("1", ()), "model": (method, ())},
    )
    return paper.contrasts[0], one.estimate


def _ratio_p(theta: float, low: float, high: float) -> float:
    return p_of_t(np.log(theta) / ((np.log(high) - np.log(low)) / (2 * Z)), np.inf)


@planted
def hazard_ratio_ci_and_p(paper: Paper) -> Slip:
    method = paper.any_of(("Cox model", "Cox regression", "Cox, Wald test"))
    row, _ = _ratio(paper, "hazard ratio", method)
    low, high = reach(_ratio_p, row["estimate"], row["ci_low"], row["ci_high"])
    # Where Wald is not named, the p of a log-rank or likelihood-ratio test is another, near by.
    room = 1.0 if "Wald" in method else 4.0
    return p_slip(paper, row, (low / room, min(1.0, high * room)))


@planted
def odds_ratio_ci_and_p(paper: Paper) -> Slip:
    row, _ = _ratio(
        paper, "odds ratio", paper.any_of(("logistic regression, Wald test", "Wald test"))
    )
    return p_slip(paper, row, reach(_ratio_p, row["estimate"], row["ci_low"], row["ci_high"]))


@planted
def rate_ratio_ci_and_p(paper: Paper) -> Slip:
    row, _ = _ratio(paper, "rate ratio", "Poisson regression, Wald test")
    return p_slip(paper, row, reach(_ratio_p, row["estimate"], row["ci_low"], row["ci_high"]))


@planted
def ratio_off_the_middle(paper: Paper) -> Slip:
    scale = paper.any_of(("hazard ratio", "odds ratio"))
    method = "Cox model, Wald test" if scale == "hazard ratio" else "logistic regression, Wald test"
    row, right = _ratio(paper, scale, method)
    row["p_value_as_printed"] = ""
    ends = reach(lambda low, high: np.sqrt(low * high), row["ci_low"], row["ci_high"])
    return Slip(
        row=row, column="estimate", ranges=(ends,), drawn=factor(paper, right, 1.2, 2.5), decimals=2
    )


def _difference(
    paper: Paper, level: float = 0.95, said: str = "95"
) -> tuple[dict[str, str], float]:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b, level)
    if abs(one.statistic) < 0.7:
        raise Redraw
    paper.compared(
        "mean difference",
        **cells,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        p=f"{one.p:.3f}",
        method=paper.any_of(("Student t", "Student's t-test")),
        columns={**DIFFERENCE, **TWO, "ci_level": (said, (f"{said}% CI",))},
    )
    return paper.contrasts[0], one.df


@planted
def ci_and_t(paper: Paper) -> Slip:
    row, df = _difference(paper)
    q = _half(0.95, df)
    ends = reach(
        lambda m, low, high: m / ((high - low) / (2 * q)),
        row["estimate"],
        row["ci_low"],
        row["ci_high"],
    )
    return statistic_slip(paper, row, "t", ends, lambda t: p_of_t(t, df))


@planted
def ci_and_p(paper: Paper) -> Slip:
    row, df = _difference(paper)
    row["statistic"], q = "", _half(0.95, df)
    ends = reach(
        lambda m, low, high: p_of_t(m / ((high - low) / (2 * q)), df),
        row["estimate"],
        row["ci_low"],
        row["ci_high"],
    )
    return p_slip(paper, row, ends)


@planted
def estimate_off_the_middle(paper: Paper) -> Slip:
    row, _ = _difference(paper)
    row["statistic"] = row["p_value_as_printed"] = ""
    low, high = reach(lambda x, y: (x + y) / 2, row["ci_low"], row["ci_high"])
    width = float(row["ci_high"]) - float(row["ci_low"])

    def shifted() -> float:
        return (low + high) / 2 + float(
            paper.rng.choice([-1, 1]) * paper.rng.uniform(0.15, 0.4)
        ) * width

    return Slip(
        row=row,
        column="estimate",
        ranges=((low, high),),
        drawn=shifted,
        decimals=paper.show.decimals,
    )


@planted
def interval_of_another_level(paper: Paper) -> Slip:
    """A 99 % interval stands under a label of 90 %, or the reverse, beside means, SDs and t."""
    cells, a, b = two_samples(paper, gap=1.6)
    true, said = (0.99, "90") if paper.chance(0.5) else (0.9, "99")
    one, other = student(a, b, true), student(a, b, float(said) / 100)
    paper.compared(
        "mean difference",
        **cells,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        p=f"{one.p:.3f}",
        method="Student t",
        columns={**DIFFERENCE, **TWO, "ci_level": (said, (f"{said}% CI",))},
    )
    row = paper.contrasts[0]
    ranges = [(other.low - 0.02, other.low + 0.02), (-other.high - 0.02, 0.02 - other.high)]
    return Slip(
        row=row, column="ci_low", ranges=ranges, drawn=lambda: one.low, decimals=paper.show.decimals
    )


@planted
def p_and_means(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper)
    paper.compared("between groups", **cells, method="Student t", columns={**TWO, **DIFFERENCE})
    first, second = paper.outcomes
    n1, n2 = len(a), len(b)

    def p(m1: float, s1: float, m2: float, s2: float) -> float:
        pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
        return p_of_t((m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2)), n1 + n2 - 2)

    return p_slip(
        paper,
        paper.contrasts[0],
        reach(p, first["mean"], first["sd"], second["mean"], second["sd"]),
    )


@planted
def difference_and_means(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper)
    gap = float(a.mean() - b.mean())
    paper.compared(
        "mean difference",
        **cells,
        estimate=gap,
        method="Student t",
        columns={**DIFFERENCE, "model": ("unadjusted", ("unadjusted",))},
    )
    low, high = reach(lambda x, y: x - y, *(row["mean"] for row in paper.outcomes))
    return Slip(
        row=paper.contrasts[0],
        column="estimate",
        ranges=((low, high), (-high, -low)),
        drawn=factor(paper, gap, 1.4),
        decimals=paper.show.decimals,
    )


@planted
def f_and_means(paper: Paper) -> Slip:
    sizes = [int(n) for n in paper.rng.integers(9, 26, size=3)]
    names = ("backward", "forward", "control")
    paper.designed("3-arm RCT", dict(zip(names, sizes, strict=True)))
    scores = [drawn(paper, n, 4 + 0.8 * i) for i, n in enumerate(sizes)]
    for arm, values in zip(names, scores, strict=True):
        paper.arm(arm, values, outcome="pain", instrument="VAS", unit="cm")
    rest = sum(sizes) - 3
    f = float(stats.f_oneway(*scores).statistic)
    paper.compared(
        "one-way ANOVA",
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        statistic=f"F={f:.2f}",
        df=f"2,{rest}",
        method="one-way ANOVA",
    )

    def ratio(*x: float) -> float:
        m, s, n = np.array(x[:3]), np.array(x[3:]), np.array(sizes)
        between = (n * (m - (n * m).sum() / n.sum()) ** 2).sum() / 2
        return float(between / (((n - 1) * s**2).sum() / rest))

    texts = [row["mean"] for row in paper.outcomes] + [row["sd"] for row in paper.outcomes]
    return statistic_slip(
        paper,
        paper.contrasts[0],
        "F",
        reach(ratio, *texts),
        lambda x: float(stats.f.sf(x, 2, rest)),
    )


@planted
def paired_ci_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(12, 32))
    paper.designed("crossover trial, random order", {"backward": n, "forward": 0})
    paper.study |= {"arms": "backward; forward", "n_randomised": str(n)}
    paper.age(n)
    gap = paper.rng.normal(-0.7, 1.5, n)
    se, q = float(gap.std(ddof=1) / np.sqrt(n)), _half(0.95, n - 1)
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        df=str(n - 1),
        estimate=float(gap.mean()),
        ci_low=float(gap.mean() - q * se),
        ci_high=float(gap.mean() + q * se),
        method="paired t-test",
        columns={**DIFFERENCE, **TWO, **LEVEL, "model": ("paired", ())},
    )
    row = paper.contrasts[0]
    ends = reach(
        lambda m, low, high: p_of_t(m / ((high - low) / (2 * q)), n - 1),
        row["estimate"],
        row["ci_low"],
        row["ci_high"],
    )
    return p_slip(paper, row, ends)


@planted
def sizes_exchanged(paper: Paper) -> Slip:
    """The sizes of two arms of unequal spread are exchanged; t is that of the true sizes."""
    names = ("backward", "forward")
    sizes = (int(paper.rng.integers(8, 14)), int(paper.rng.integers(35, 60)))
    paper.designed("2-arm RCT", {names[0]: sum(sizes)})
    paper.study["arms"] = "; ".join(names)
    a, b = drawn(paper, sizes[0], 4, 1), drawn(paper, sizes[1], 5.2, 3)
    for arm, values in zip(names, (a, b), strict=True):
        paper.arm(arm, values, outcome="pain", instrument="VAS", unit="cm")
    one = student(a, b)
    first, second = paper.outcomes
    first["n"], second["n"] = second["n"], first["n"]
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        df=str(int(one.df)),
        statistic=f"t={one.statistic:.2f}",
        p=f"{one.p:.3f}",
        method="Student t",
        columns={**TWO, **DIFFERENCE},
    )
    n1, n2 = sizes[1], sizes[0]

    def t(m1: float, s1: float, m2: float, s2: float) -> float:
        pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
        return float((m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2)))

    low, high = reach(t, first["mean"], first["sd"], second["mean"], second["sd"])
    return Slip(
        row=paper.contrasts[0],
        column="statistic",
        ranges=((low, high), (-high, -low)),
        drawn=lambda: one.statistic,
        decimals=2,
        frame="t={}",
    )


@planted
def se_printed_as_sd(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, gap=1.2)
    one = student(a, b)
    paper.compared(
        "mean difference",
        **cells,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        p=f"{one.p:.3f}",
        method="Student t",
        columns={**DIFFERENCE, **LEVEL},
    )
    for row, values in zip(paper.outcomes, (a, b), strict=True):
        row["sd"] = f"{values.std(ddof=1) / np.sqrt(len(values)):.2f}"
    sd = float(b.std(ddof=1))
    return Slip(
        row=paper.outcomes[1],
        column="sd",
        ranges=((sd, sd),),
        decimals=2,
        drawn=lambda: sd / np.sqrt(len(b)),
    )


@planted
def change_and_t(paper: Paper) -> Slip:
    """A paired t beside the mean and SD of the changes."""
    n = int(paper.rng.integers(12, 40))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n)
    change = scores[:, 1] - scores[:, 0]
    paper.arm(
        "backward",
        change,
        outcome="pain change",
        instrument="VAS",
        unit="cm",
        timepoint="baseline to week 6",
    )
    t = float(change.mean() / change.std(ddof=1) * np.sqrt(n))
    paper.compared(
        "pre-post",
        outcome="pain change",
        arm_a="backward",
        arm_b="backward",
        df=str(n - 1),
        statistic=f"t={t:.2f}",
        method="paired t-test",
        columns={**TWO, **DIFFERENCE},
    )
    row = paper.outcomes[0]
    ends = reach(lambda m, s: m / s * np.sqrt(n), row["mean"], row["sd"])
    return statistic_slip(paper, paper.contrasts[0], "t", ends, lambda x: p_of_t(x, n - 1))
