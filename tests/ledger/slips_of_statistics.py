"""Slips between a printed statistic, its degrees of freedom, its p and its effect."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z, heterogeneity, student
from tests.ledger.designs.drawn import two_samples
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


@planted
def r_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(15, 60))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    r = float(paper.rng.uniform(-0.7, 0.7))
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        statistic=f"r={r:.2f}",
        df=str(n - 2),
        p="",
        method="Pearson",
        columns={**TWO, "scale": ("correlation", ()), "null": ("0", ())},
    )
    row = paper.contrasts[0]
    ends = reach(
        lambda x: p_of_t(x * np.sqrt((n - 2) / (1 - x**2)), n - 2), number(row, "statistic")
    )
    return p_slip(paper, row, ends)


@planted
def t_and_p(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    paper.compared(
        "between groups",
        **cells,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        method=paper.any_of(say.STUDENT),
        columns={**TWO, **DIFFERENCE},
    )
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda t: p_of_t(t, one.df), number(row, "statistic")))


@planted
def one_sided_t_and_p(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    paper.compared(
        "between groups",
        **cells,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        method="independent t-test",
        columns={**ONE, **DIFFERENCE},
    )
    row = paper.contrasts[0]
    low, high = reach(lambda t: p_of_t(t, one.df) / 2, number(row, "statistic"))
    return p_slip(paper, row, (low, high), (1 - high, 1 - low))


@planted
def f_and_p(paper: Paper) -> Slip:
    n = int(paper.rng.integers(30, 60))
    paper.designed(
        "3-arm RCT", {"backward": n // 3, "forward": n // 3, "control": n - 2 * (n // 3)}
    )
    paper.age(n)
    f = float(paper.rng.choice([paper.rng.uniform(0.2, 2), paper.rng.uniform(4, 12)]))
    paper.compared(
        "one-way ANOVA",
        outcome="range",
        arm_a="3 arms",
        arm_b="",
        df=f"2,{n - 3}",
        statistic=f"F={f:.2f}",
        method="one-way ANOVA",
    )
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: stats.f.sf(x, 2, n - 3), number(row, "statistic")))


@planted
def h_and_p(paper: Paper) -> Slip:
    paper.designed("3-arm RCT", {"backward": 15, "forward": 15, "control": 15})
    paper.age(45)
    h = float(paper.rng.choice([paper.rng.uniform(0.2, 3), paper.rng.uniform(8, 14)]))
    paper.compared(
        "3 groups",
        outcome="range",
        arm_a="3 arms",
        arm_b="",
        df="2",
        statistic=f"H={h:.2f}",
        method="Kruskal-Wallis",
    )
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: stats.chi2.sf(x, 2), number(row, "statistic")))


@planted
def z_and_p(paper: Paper) -> Slip:
    names, sizes = paper.two_arms()
    paper.age(sum(sizes))
    z = float(paper.rng.choice([paper.rng.uniform(-1.2, 1.2), paper.rng.uniform(2.4, 3.5)]))
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        columns=TWO,
        statistic=f"z={z:.2f}",
        method="Mann-Whitney U test",
    )
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda x: p_of_t(x, np.inf), number(row, "statistic")))


@planted
def chi2_and_p(paper: Paper) -> Slip:
    names, sizes = paper.two_arms(20, 60)
    paper.age(sum(sizes))
    x = float(paper.rng.choice([paper.rng.uniform(0.1, 2), paper.rng.uniform(6, 12)]))
    paper.compared(
        "proportion of responders",
        outcome="responders",
        arm_a=names[0],
        arm_b=names[1],
        statistic=f"chi2={x:.2f}",
        df="1",
        method=paper.any_of(say.CHI_SQUARE),
    )
    row = paper.contrasts[0]
    return p_slip(paper, row, reach(lambda v: stats.chi2.sf(v, 1), number(row, "statistic")))


@planted
def d_and_t(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False)
    one, root = student(a, b), float(np.sqrt(1 / len(a) + 1 / len(b)))
    if abs(one.statistic) < 1:
        raise Redraw
    paper.study["arms"] = f"{cells['arm_a']} (n={len(a)}); {cells['arm_b']} (n={len(b)})"
    paper.compared(
        "Cohen's d",
        **cells,
        estimate=f"{one.statistic * root:.2f}",
        df=str(int(one.df)),
        statistic=f"t={one.statistic:.2f}",
        p=f"{one.p:.3f}",
        method="independent t-test",
        columns={"scale": ("standardised difference", ()), "null": ("0", ())},
    )
    row = paper.contrasts[0]
    low, high = reach(lambda t: t * root, number(row, "statistic"))
    glass = (0.75 * low, 0.75 * high)
    return Slip(
        row=row,
        column="estimate",
        ranges=((low, high), (-high, -low), glass),
        decimals=2,
        drawn=factor(paper, one.statistic * root, 1.5),
    )


@planted
def eta_squared_and_f(paper: Paper) -> Slip:
    n, f = int(paper.rng.integers(36, 63)), float(paper.rng.uniform(3, 12))
    paper.designed(
        "3-arm RCT", {"backward": n // 3, "forward": n // 3, "control": n - 2 * (n // 3)}
    )
    paper.age(n)
    paper.compared(
        "partial eta squared",
        outcome="range",
        arm_a="3 arms",
        arm_b="",
        df=f"2,{n - 3}",
        estimate="",
        statistic=f"F={f:.2f}",
        p=f"{stats.f.sf(f, 2, n - 3):.3f}",
        method="one-way ANOVA",
        columns={"scale": ("partial eta squared", ()), "null": ("0", ())},
    )
    row = paper.contrasts[0]
    ends = reach(lambda x: 2 * x / (2 * x + n - 3), number(row, "statistic"))
    return Slip(
        row=row, column="estimate", ranges=(ends,), drawn=factor(paper, ends[0], 1.4), decimals=3
    )


@planted_in_columns
def b_se_and_t(paper: Paper) -> Slip:
    n = int(paper.rng.integers(30, 80))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    se, t, df = float(paper.rng.uniform(0.1, 0.4)), float(paper.rng.uniform(1, 4)), n - 4
    b, q = t * se, float(stats.t.ppf(0.975, df))
    paper.compared(
        "regression coefficient",
        outcome="pain",
        arm_a="strength",
        arm_b="",
        se=f"{se:.3f}",
        estimate=f"{b:.3f}",
        ci_low=f"{b - q * se:.3f}",
        ci_high=f"{b + q * se:.3f}",
        statistic=f"t={t:.2f}",
        df=str(df),
        method="multiple linear regression",
        columns={**LEVEL, "scale": ("regression coefficient", ()), "null": ("0", ())},
    )
    row = paper.contrasts[0]
    ends = reach(lambda x, y: x / y, row["estimate"], row["se"])
    return statistic_slip(paper, row, "t", ends, lambda x: p_of_t(x, df))


@planted
def t_and_f_of_one_test(paper: Paper) -> Slip:
    cells, a, b = two_samples(paper, print_arms=False, gap=1.5)
    one = student(a, b)
    paper.compared(
        "between groups",
        **cells,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        p=f"{one.p:.4f}",
        method="Student t",
    )
    paper.compared(
        "one-way ANOVA of two groups",
        **cells,
        statistic=f"F={one.statistic**2:.2f}",
        df=f"1,{int(one.df)}",
        method="one-way ANOVA",
        note=paper.any_of(("the same comparison as the t-test above", "same comparison")),
    )
    ends = reach(lambda t: t**2, number(paper.contrasts[0], "statistic"))
    return statistic_slip(
        paper, paper.contrasts[1], "F", ends, lambda f: float(stats.f.sf(f, 1, one.df))
    )


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
    paper.compared(
        f"heterogeneity ({k} studies)",
        outcome="pain",
        arm_a="backward",
        arm_b="control",
        statistic=f"Q={q:.2f}",
        df=str(k - 1),
        p=f"{stats.chi2.sf(q, k - 1):.3f}",
        method="meta-analysis, random effects (DerSimonian-Laird)",
        columns={
            "k": (str(k), ()),
            "i2": (f"{i2:.0f}", ()),
            "q": (f"{q:.2f}", ()),
            "p_role": ("heterogeneity", ()),
        },
    )
    row = paper.contrasts[0]
    if column != "i2":
        return p_slip(paper, row, reach(lambda x: stats.chi2.sf(x, k - 1), f"{q:.2f}"))
    ends = reach(lambda x: max(0.0, 100 * (x - k + 1) / x), f"{q:.2f}")
    return Slip(
        row=row, column="i2", ranges=(ends,), decimals=0, drawn=lambda: paper.rng.uniform(5, 95)
    )


@planted
def r_against_its_interval(paper: Paper) -> Slip:
    n, r = int(paper.rng.integers(15, 60)), float(paper.rng.uniform(-0.7, 0.7))
    paper.designed("cross-sectional", {"all": n})
    paper.age(n)
    ends = np.tanh(np.arctanh(r) + np.array([-Z, Z]) / np.sqrt(n - 3))
    paper.compared(
        "Pearson correlation",
        outcome="pain and strength",
        arm_a="all",
        arm_b="",
        estimate=f"{r:.2f}",
        ci_low=f"{ends[0]:.2f}",
        ci_high=f"{ends[1]:.2f}",
        df=str(n - 2),
        method="Pearson, Fisher's z",
        columns={**LEVEL, "scale": ("correlation", ()), "null": ("0", ())},
    )
    row = paper.contrasts[0]
    middle = reach(
        lambda x, y: np.tanh((np.arctanh(x) + np.arctanh(y)) / 2), row["ci_low"], row["ci_high"]
    )
    whole: Range = (float(ends[0]) - 0.01, float(ends[1]) + 0.01)
    outside = (whole[0] - 0.25, whole[1] + 0.25)

    def wrong() -> float:
        return float(
            np.clip(outside[int(paper.chance(0.5))] + paper.rng.normal(0, 0.05), -0.97, 0.97)
        )

    return Slip(row=row, column="estimate", ranges=(whole, middle), drawn=wrong, decimals=2)


@planted
def u_above_n1_n2(paper: Paper) -> Slip:
    names, sizes = paper.two_arms(8, 16)
    paper.study["arms"] = "; ".join(f"{arm} (n={n})" for arm, n in zip(names, sizes, strict=True))
    for arm, n in zip(names, sizes, strict=True):
        paper.arm(arm, outcome="pain", instrument="NPRS", unit="points", n=n, median="5.0")
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p="0.184",
        statistic="U=1",
        method="Mann-Whitney U test",
    )
    top = sizes[0] * sizes[1]
    return Slip(
        row=paper.contrasts[0],
        column="statistic",
        ranges=((0, top),),
        decimals=0,
        frame="U={}",
        drawn=lambda: top * paper.rng.uniform(1.2, 2),
    )


@planted
def df_above_the_people(paper: Paper) -> Slip:
    """Student's t with more degrees of freedom than the arms have people."""
    cells, a, b = two_samples(paper, gap=1.4)
    one = student(a, b)
    paper.compared(
        "between groups",
        **cells,
        statistic=f"t={one.statistic:.2f}",
        df=str(int(one.df)),
        p=f"{one.p:.3f}",
        method=paper.any_of(("Student t", "Student's t-test")),
        columns={**TWO, **DIFFERENCE},
    )
    return Slip(
        row=paper.contrasts[0],
        column="df",
        ranges=((0, one.df + 2),),
        decimals=0,
        drawn=lambda: one.df + 2 + paper.rng.integers(8, 60),
    )
