"""Slips in printed comparisons: a p, a statistic, an effect or an interval that cannot be."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z, heterogeneity, log_odds, ratio_of, student
from tests.ledger.designs.drawn import drawn, responders, two_samples, visits
from tests.ledger.designs.paper import Paper, Redraw
from tests.ledger.planted_slips import (
    Range,
    Slip,
    factor,
    number,
    p_of_t,
    p_slip,
    planted,
    planted_in_columns,
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
def r_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(15, 60))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    r = float(paper.rng.uniform(-0.7, 0.7))
    paper.compared("Pearson correlation", outcome="pain and strength", arm_a="all", arm_b="",
                   statistic=f"r={r:.2f}", df=str(n - 2), p="", method="Pearson",
                   columns={**TWO, "scale": ("correlation", ()), "null": ("0", ())})  # fmt: skip
    row = paper.contrasts[0]
    ends = reach(lambda x: p_of_t(x * np.sqrt((n - 2) / (1 - x**2)), n - 2), number(row, "statistic"))
    return p_slip(paper, row, ends)


@planted
def t_and_p(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    paper.compared("between groups", **cells, statistic=f"t={one.statistic:.2f}", df=str(int(one.df)),
                   method=paper.any_of(say.STUDENT), columns={**TWO, **DIFFERENCE})  # fmt: skip
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda t: p_of_t(t, one.df), number(row, "statistic")))


@planted
def one_sided_t_and_p(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    paper.compared("between groups", **cells, statistic=f"t={one.statistic:.2f}", df=str(int(one.df)),
                   method="independent t-test", columns={**ONE, **DIFFERENCE})  # fmt: skip
    row = paper.contrasts[0]
    low, high = reach(lambda t: p_of_t(t, one.df) / 2, number(row, "statistic"))
    return p_slip(paper, row, (low, high), (1 - high, 1 - low))


@planted
def f_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(30, 60))
    paper.designed("3-arm RCT", {"backward": n // 3, "forward": n // 3, "control": n - 2 * (n // 3)})
    paper.age(n)
    f = float(paper.rng.choice([paper.rng.uniform(0.2, 2), paper.rng.uniform(4, 12)]))
    paper.compared("one-way ANOVA", outcome="range", arm_a="3 arms", arm_b="", df=f"2,{n - 3}",
                   statistic=f"F={f:.2f}", method="one-way ANOVA")  # fmt: skip
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: stats.f.sf(x, 2, n - 3), number(row, "statistic")))


@planted
def h_and_p(paper: Paper) -> Slip:
    paper.designed("3-arm RCT", {"backward": 15, "forward": 15, "control": 15})
    paper.age(45)
    h = float(paper.rng.choice([paper.rng.uniform(0.2, 3), paper.rng.uniform(8, 14)]))
    paper.compared("3 groups", outcome="range", arm_a="3 arms", arm_b="", df="2",
                   statistic=f"H={h:.2f}", method="Kruskal-Wallis")  # fmt: skip
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: stats.chi2.sf(x, 2), number(row, "statistic")))


@planted
def z_and_p(paper: Paper) -> Slip:
    names, sizes = paper.two_arms()
    paper.age(sum(sizes))
    z = float(paper.rng.choice([paper.rng.uniform(-1.2, 1.2), paper.rng.uniform(2.4, 3.5)]))
    paper.compared("between groups", outcome="pain", arm_a=names[0], arm_b=names[1], columns=TWO,
                   statistic=f"z={z:.2f}", method="Mann-Whitney U test")  # fmt: skip
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: p_of_t(x, np.inf), number(row, "statistic")))


@planted
def chi2_and_p(paper: Paper) -> Slip:
    names, sizes = paper.two_arms(20, 60)
    paper.age(sum(sizes))
    x = float(paper.rng.choice([paper.rng.uniform(0.1, 2), paper.rng.uniform(6, 12)]))
    paper.compared("proportion of responders", outcome="responders", arm_a=names[0], arm_b=names[1],
                   statistic=f"chi2={x:.2f}", df="1", method=paper.any_of(say.CHI_SQUARE))  # fmt: skip
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda v: stats.chi2.sf(v, 1), number(row, "statistic")))


@planted
def chi2_and_counts(paper: Paper) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper)
    table = [[a, n1 - a], [c, n2 - c]]
    found = [float(stats.chi2_contingency(table, correction=yes).statistic) for yes in (False, True)]
    paper.compared("proportion of responders", **cells, statistic=f"chi2={found[0]:.2f}", df="1",
                   method=paper.any_of(("chi-square test", "chi-squared test")))  # fmt: skip
    slip = statistic_slip(paper, paper.contrasts[0], "chi2", (found[1], found[0]),
                          lambda x: float(stats.chi2.sf(x, 1)))  # fmt: skip
    return slip


@planted
def fisher_and_counts(paper: Paper) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper, low=12, high=40)
    p = float(stats.fisher_exact([[a, n1 - a], [c, n2 - c]]).pvalue)
    paper.compared("proportion of responders", **cells, columns=TWO, method="Fisher's exact test")
    return p_slip(paper, paper.contrasts[0], (p, p))


def _counted(paper: Paper, kind: str) -> Slip:
    cells, (a, c), (n1, n2) = responders(paper)
    theta, se = log_odds(a, n1 - a, c, n2 - c)
    if kind == "risk ratio":
        theta, se = np.log(a / n1 / (c / n2)), np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    right = float(np.exp(theta))
    unadjusted = {"model": ("unadjusted", ("crude", "unadjusted"))}
    paper.compared(kind, **cells, estimate=f"{right:.2f}", method=f"crude {kind}, Wald test",
                   columns={**LEVEL, **unadjusted, "scale": (kind, ()), "null": ("1", ())})  # fmt: skip
    row = paper.contrasts[0]

    def also(text: str) -> None:
        one = ratio_of(np.log(float(text)), se)
        row["ci_low"], row["ci_high"] = f"{one.low:.2f}", f"{one.high:.2f}"
        row["p_value_as_printed"] = f"{one.p:.3f}"

    ranges = ((right, right), (1 / right, 1 / right))
    return Slip(row=row, column="estimate", ranges=ranges, drawn=factor(paper, right, 1.6), decimals=2,
                also=also)  # fmt: skip


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
    paper.compared(scale, outcome="time to relief", arm_a=names[0], arm_b=names[1], p=f"{one.p:.3f}",
                   estimate=f"{one.estimate:.2f}", ci_low=f"{one.low:.2f}", ci_high=f"{one.high:.2f}",
                   method=method, columns={**LEVEL, **TWO, "scale": (scale, ()), "null": ("1", ()),
                                           "model": (method, ())})  # fmt: skip
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
    row, _ = _ratio(paper, "odds ratio", paper.any_of(("logistic regression, Wald test", "Wald test")))
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
    return Slip(row=row, column="estimate", ranges=(ends,), drawn=factor(paper, right, 1.2, 2.5), decimals=2)


@planted
def d_and_t(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one, root = student(a, b), float(np.sqrt(1 / len(a) + 1 / len(b)))
    if abs(one.statistic) < 1:
        raise Redraw
    paper.study["arms"] = f"{cells['arm_a']} (n={len(a)}); {cells['arm_b']} (n={len(b)})"
    paper.compared("Cohen's d", **cells, estimate=f"{one.statistic * root:.2f}", df=str(int(one.df)),
                   statistic=f"t={one.statistic:.2f}", p=f"{one.p:.3f}", method="independent t-test",
                   columns={"scale": ("standardised difference", ()), "null": ("0", ())})  # fmt: skip
    row = paper.contrasts[0]
    low, high = reach(lambda t: t * root, number(row, "statistic"))
    glass = (0.75 * low, 0.75 * high)
    return Slip(row=row, column="estimate", ranges=((low, high), (-high, -low), glass), decimals=2,
                drawn=factor(paper, one.statistic * root, 1.5))  # fmt: skip


@planted
def eta_squared_and_f(paper: Paper) -> Slip:
    n, f = int(paper.rng.integers(36, 63)), float(paper.rng.uniform(3, 12))
    paper.designed("3-arm RCT", {"backward": n // 3, "forward": n // 3, "control": n - 2 * (n // 3)})
    paper.age(n)
    paper.compared("partial eta squared", outcome="range", arm_a="3 arms", arm_b="", df=f"2,{n - 3}",
                   estimate="", statistic=f"F={f:.2f}", p=f"{stats.f.sf(f, 2, n - 3):.3f}",
                   method="one-way ANOVA",
                   columns={"scale": ("partial eta squared", ()), "null": ("0", ())})  # fmt: skip
    row = paper.contrasts[0]
    ends = reach(lambda x: 2 * x / (2 * x + n - 3), number(row, "statistic"))
    return Slip(row=row, column="estimate", ranges=(ends,), drawn=factor(paper, ends[0], 1.4), decimals=3)


@planted_in_columns
def b_se_and_t(paper: Paper) -> Slip:
    n = int(paper.rng.integers(30, 80))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    se, t, df = float(paper.rng.uniform(0.1, 0.4)), float(paper.rng.uniform(1, 4)), n - 4
    b, q = t * se, _half(0.95, n - 4)
    paper.compared("regression coefficient", outcome="pain", arm_a="strength", arm_b="", se=f"{se:.3f}",
                   estimate=f"{b:.3f}", ci_low=f"{b - q * se:.3f}", ci_high=f"{b + q * se:.3f}",
                   statistic=f"t={t:.2f}", df=str(df), method="multiple linear regression",
                   columns={**LEVEL, "scale": ("regression coefficient", ()), "null": ("0", ())})  # fmt: skip
    row = paper.contrasts[0]
    ends = reach(lambda x, y: x / y, row["estimate"], row["se"])
    return statistic_slip(paper, row, "t", ends, lambda x: p_of_t(x, df))


def _difference(paper: Paper, level: float = 0.95, said: str = "95") -> tuple[dict[str, str], float]:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b, level)
    if abs(one.statistic) < 0.7:
        raise Redraw
    paper.compared("mean difference", **cells, estimate=one.estimate, ci_low=one.low, ci_high=one.high,
                   statistic=f"t={one.statistic:.2f}", df=str(int(one.df)), p=f"{one.p:.3f}",
                   method=paper.any_of(("Student t", "Student's t-test")),
                   columns={**DIFFERENCE, **TWO, "ci_level": (said, (f"{said}% CI",))})  # fmt: skip
    return paper.contrasts[0], one.df


@planted
def ci_and_t(paper: Paper) -> Slip:
    row, df = _difference(paper)
    q = _half(0.95, df)
    ends = reach(lambda m, low, high: m / ((high - low) / (2 * q)), row["estimate"], row["ci_low"], row["ci_high"])
    return statistic_slip(paper, row, "t", ends, lambda t: p_of_t(t, df))


@planted
def ci_and_p(paper: Paper) -> Slip:
    row, df = _difference(paper)
    row["statistic"], q = "", _half(0.95, df)
    ends = reach(lambda m, low, high: p_of_t(m / ((high - low) / (2 * q)), df),
                 row["estimate"], row["ci_low"], row["ci_high"])  # fmt: skip
    return p_slip(paper, row, ends)


@planted
def estimate_off_the_middle(paper: Paper) -> Slip:
    row, _ = _difference(paper)
    row["statistic"] = row["p_value_as_printed"] = ""
    low, high = reach(lambda x, y: (x + y) / 2, row["ci_low"], row["ci_high"])
    width = float(row["ci_high"]) - float(row["ci_low"])

    def shifted() -> float:
        return (low + high) / 2 + float(paper.rng.choice([-1, 1]) * paper.rng.uniform(0.15, 0.4)) * width

    return Slip(row=row, column="estimate", ranges=((low, high),), drawn=shifted, decimals=paper.show.decimals)


@planted
def interval_of_another_level(paper: Paper) -> Slip:
    """A 99 % interval stands under a label of 90 %, or the reverse, beside means, SDs and t."""
    cells, a, b = two_samples(paper, gap=1.6)
    true, said = (0.99, "90") if paper.chance(0.5) else (0.9, "99")
    one, other = student(a, b, true), student(a, b, float(said) / 100)
    paper.compared("mean difference", **cells, estimate=one.estimate, ci_low=one.low, ci_high=one.high,
                   statistic=f"t={one.statistic:.2f}", df=str(int(one.df)), p=f"{one.p:.3f}",
                   method="Student t",
                   columns={**DIFFERENCE, **TWO, "ci_level": (said, (f"{said}% CI",))})  # fmt: skip
    row = paper.contrasts[0]
    ranges = [(other.low - 0.02, other.low + 0.02), (-other.high - 0.02, 0.02 - other.high)]
    return Slip(row=row, column="ci_low", ranges=ranges, drawn=lambda: one.low, decimals=paper.show.decimals)


@planted
def p_and_means(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper)
    paper.compared("between groups", **cells, method="Student t", columns={**TWO, **DIFFERENCE})
    first, second = paper.outcomes
    n1, n2 = len(a), len(b)

    def p(m1: float, s1: float, m2: float, s2: float) -> float:
        pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
        return p_of_t((m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2)), n1 + n2 - 2)

    return p_slip(paper, paper.contrasts[0],
                  reach(p, first["mean"], first["sd"], second["mean"], second["sd"]))  # fmt: skip


@planted
def difference_and_means(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper)
    gap = float(a.mean() - b.mean())
    paper.compared("mean difference", **cells, estimate=gap, method="Student t",
                   columns={**DIFFERENCE, "model": ("unadjusted", ("unadjusted",))})  # fmt: skip
    low, high = reach(lambda x, y: x - y, *(row["mean"] for row in paper.outcomes))
    return Slip(row=paper.contrasts[0], column="estimate", ranges=((low, high), (-high, -low)),
                drawn=factor(paper, gap, 1.4), decimals=paper.show.decimals)  # fmt: skip


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
    paper.compared("one-way ANOVA", outcome="pain", arm_a="3 arms", arm_b="", statistic=f"F={f:.2f}",
                   df=f"2,{rest}", method="one-way ANOVA")  # fmt: skip

    def ratio(*x: float) -> float:
        m, s, n = np.array(x[:3]), np.array(x[3:]), np.array(sizes)
        between = (n * (m - (n * m).sum() / n.sum()) ** 2).sum() / 2
        return float(between / (((n - 1) * s**2).sum() / rest))

    texts = [row["mean"] for row in paper.outcomes] + [row["sd"] for row in paper.outcomes]
    return statistic_slip(paper, paper.contrasts[0], "F", reach(ratio, *texts),
                          lambda x: float(stats.f.sf(x, 2, rest)))  # fmt: skip


@planted
def t_and_f_of_one_test(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False, gap=1.5)
    one = student(a, b)
    paper.compared("between groups", **cells, statistic=f"t={one.statistic:.2f}", df=str(int(one.df)),
                   p=f"{one.p:.4f}", method="Student t")  # fmt: skip
    paper.compared("one-way ANOVA of two groups", **cells, statistic=f"F={one.statistic**2:.2f}",
                   df=f"1,{int(one.df)}", method="one-way ANOVA",
                   note=paper.any_of(("the same comparison as the t-test above", "same comparison")))  # fmt: skip
    ends = reach(lambda t: t**2, number(paper.contrasts[0], "statistic"))
    return statistic_slip(paper, paper.contrasts[1], "F", ends, lambda f: float(stats.f.sf(f, 1, one.df)))


@planted
def paired_ci_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(12, 32))
    paper.designed("crossover trial, random order", {"backward": n, "forward": 0})
    paper.study |= {"arms": "backward; forward", "n_randomised": str(n)}
    paper.age(n)
    gap = paper.rng.normal(-0.7, 1.5, n)
    se, q = float(gap.std(ddof=1) / np.sqrt(n)), _half(0.95, n - 1)
    paper.compared("mean difference", outcome="pain", arm_a="backward", arm_b="forward", df=str(n - 1),
                   estimate=float(gap.mean()), ci_low=float(gap.mean() - q * se),
                   ci_high=float(gap.mean() + q * se), method="paired t-test",
                   columns={**DIFFERENCE, **TWO, **LEVEL, "model": ("paired", ())})  # fmt: skip
    row = paper.contrasts[0]
    ends = reach(lambda m, low, high: p_of_t(m / ((high - low) / (2 * q)), n - 1),
                 row["estimate"], row["ci_low"], row["ci_high"])  # fmt: skip
    return p_slip(paper, row, ends)


@planted_in_columns
def i2_q_and_p(paper: Paper) -> Slip:
    return _pool(paper, "p_value_as_printed")


@planted_in_columns
def i2_and_q(paper: Paper) -> Slip:
    return _pool(paper, "i2")


def _pool(paper: Paper, column: str) -> Slip:
    k = int(paper.rng.integers(4, 10))
    paper.designed("systematic review and meta-analysis", {"backward": 15 * k, "control": 15 * k})
    paper.age(30 * k)
    errors = paper.rng.uniform(0.2, 0.5, k)
    q, i2, _ = heterogeneity(paper.rng.normal(0, 0.6, k) + paper.rng.normal(0, errors), errors)
    paper.compared(f"heterogeneity ({k} studies)", outcome="pain", arm_a="backward", arm_b="control",
                   statistic=f"Q={q:.2f}", df=str(k - 1), p=f"{stats.chi2.sf(q, k - 1):.3f}",
                   method="meta-analysis, random effects (DerSimonian-Laird)",
                   columns={"k": (str(k), ()), "i2": (f"{i2:.0f}", ()), "q": (f"{q:.2f}", ()),
                            "p_role": ("heterogeneity", ())})  # fmt: skip
    row = paper.contrasts[0]
    if column != "i2":
        return p_slip(paper, row, reach(lambda x: stats.chi2.sf(x, k - 1), f"{q:.2f}"))
    ends = reach(lambda x: max(0.0, 100 * (x - k + 1) / x), f"{q:.2f}")
    return Slip(row=row, column="i2", ranges=(ends,), decimals=0, drawn=lambda: paper.rng.uniform(5, 95))


@planted
def r_against_its_interval(paper: Paper) -> Slip:
    n, r = int(paper.rng.integers(15, 60)), float(paper.rng.uniform(-0.7, 0.7))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    ends = np.tanh(np.arctanh(r) + np.array([-Z, Z]) / np.sqrt(n - 3))
    paper.compared("Pearson correlation", outcome="pain and strength", arm_a="all", arm_b="",
                   estimate=f"{r:.2f}", ci_low=f"{ends[0]:.2f}", ci_high=f"{ends[1]:.2f}", df=str(n - 2),
                   method="Pearson, Fisher's z",
                   columns={**LEVEL, "scale": ("correlation", ()), "null": ("0", ())})  # fmt: skip
    row = paper.contrasts[0]
    middle = reach(lambda x, y: np.tanh((np.arctanh(x) + np.arctanh(y)) / 2), row["ci_low"], row["ci_high"])
    whole: Range = (float(ends[0]) - 0.01, float(ends[1]) + 0.01)
    outside = (whole[0] - 0.25, whole[1] + 0.25)

    def wrong() -> float:
        return float(np.clip(outside[int(paper.chance(0.5))] + paper.rng.normal(0, 0.05), -0.97, 0.97))

    return Slip(row=row, column="estimate", ranges=(whole, middle), drawn=wrong, decimals=2)


@planted
def u_above_n1_n2(paper: Paper) -> Slip:
    names, sizes = paper.two_arms(8, 16)
    paper.study["arms"] = "; ".join(f"{arm} (n={n})" for arm, n in zip(names, sizes, strict=True))
    for arm, n in zip(names, sizes, strict=True):
        paper.arm(arm, outcome="pain", instrument="NPRS", unit="points", n=n, median="5.0")
    paper.compared("between groups", outcome="pain", arm_a=names[0], arm_b=names[1], p="0.184",
                   statistic="U=1", method="Mann-Whitney U test")  # fmt: skip
    top = sizes[0] * sizes[1]
    return Slip(row=paper.contrasts[0], column="statistic", ranges=((0, top),), decimals=0, frame="U={}",
                drawn=lambda: top * paper.rng.uniform(1.2, 2))  # fmt: skip


@planted
def df_above_the_people(paper: Paper) -> Slip:
    """Student's t with more degrees of freedom than the arms have people."""
    cells, a, b = two_samples(paper, gap=1.4)
    one = student(a, b)
    paper.compared("between groups", **cells, statistic=f"t={one.statistic:.2f}", df=str(int(one.df)),
                   p=f"{one.p:.3f}", method=paper.any_of(("Student t", "Student's t-test")),
                   columns={**TWO, **DIFFERENCE})  # fmt: skip
    return Slip(row=paper.contrasts[0], column="df", ranges=((0, one.df + 2),), decimals=0,
                drawn=lambda: one.df + 2 + paper.rng.integers(8, 60))  # fmt: skip


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
    paper.compared("between groups", outcome="pain", arm_a=names[0], arm_b=names[1], df=str(int(one.df)),
                   statistic=f"t={one.statistic:.2f}", p=f"{one.p:.3f}", method="Student t",
                   columns={**TWO, **DIFFERENCE})  # fmt: skip
    n1, n2 = sizes[1], sizes[0]

    def t(m1: float, s1: float, m2: float, s2: float) -> float:
        pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
        return float((m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2)))

    low, high = reach(t, first["mean"], first["sd"], second["mean"], second["sd"])
    return Slip(row=paper.contrasts[0], column="statistic", ranges=((low, high), (-high, -low)),
                drawn=lambda: one.statistic, decimals=2, frame="t={}")  # fmt: skip


@planted
def se_printed_as_sd(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, gap=1.2)
    one = student(a, b)
    paper.compared("mean difference", **cells, estimate=one.estimate, ci_low=one.low, ci_high=one.high,
                   statistic=f"t={one.statistic:.2f}", df=str(int(one.df)), p=f"{one.p:.3f}",
                   method="Student t", columns={**DIFFERENCE, **LEVEL})  # fmt: skip
    for row, values in zip(paper.outcomes, (a, b), strict=True):
        row["sd"] = f"{values.std(ddof=1) / np.sqrt(len(values)):.2f}"
    sd = float(b.std(ddof=1))
    return Slip(row=paper.outcomes[1], column="sd", ranges=((sd, sd),), decimals=2,
                drawn=lambda: sd / np.sqrt(len(b)))  # fmt: skip


@planted
def change_and_t(paper: Paper) -> Slip:
    """A paired t beside the mean and SD of the changes."""
    n = int(paper.rng.integers(12, 40))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n)
    change = scores[:, 1] - scores[:, 0]
    paper.arm("backward", change, outcome="pain change", instrument="VAS", unit="cm",
              timepoint="baseline to week 6")  # fmt: skip
    t = float(change.mean() / change.std(ddof=1) * np.sqrt(n))
    paper.compared("pre-post", outcome="pain change", arm_a="backward", arm_b="backward", df=str(n - 1),
                   statistic=f"t={t:.2f}", method="paired t-test", columns={**TWO, **DIFFERENCE})  # fmt: skip
    row = paper.outcomes[0]
    ends = reach(lambda m, s: m / s * np.sqrt(n), row["mean"], row["sd"])
    return statistic_slip(paper, paper.contrasts[0], "t", ends, lambda x: p_of_t(x, n - 1))
