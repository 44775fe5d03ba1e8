"""Three arms, several visits, several tests: omnibus tests, corrections of p and of df."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import repeated, student, welch, wilks
from tests.ledger.designs.drawn import drawn, visits
from tests.ledger.designs.paper import Paper, honest

ARMS = ("backward", "forward", "control")
VAS = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
POST_HOC = ("post hoc", "pairwise comparison", "post-hoc", "between groups, post hoc")


def _samples(paper: Paper, spread: float = 0.0, low: int = 9, gap: float = 0.7) -> list[np.ndarray]:
    sizes = [int(n) for n in paper.rng.integers(low, 26, size=3)]
    paper.designed("3-arm RCT", dict(zip(ARMS, sizes, strict=True)))
    scores = [drawn(paper, n, 4 + gap * i, 1.5 * (1 + spread * i)) for i, n in enumerate(sizes)]
    for arm, values in zip(ARMS, scores, strict=True):
        paper.arm(arm, values, **VAS)
    return scores


def _omnibus(paper: Paper, scores: list[np.ndarray]) -> tuple[float, int]:
    f, rest = stats.f_oneway(*scores), sum(map(len, scores)) - 3
    paper.compared(
        "one-way ANOVA",
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        statistic=f"F={paper.show(f.statistic, 2)}",
        df=f"2,{rest}",
        p=float(f.pvalue),
        method="one-way ANOVA",
    )
    within = sum(((one - one.mean()) ** 2).sum() for one in scores) / rest
    return float(within), rest


def _post_hoc(paper: Paper, way: str, told: tuple[str, ...], statistic: bool = False) -> None:
    scores = _samples(paper)
    within, rest = _omnibus(paper, scores)
    rows = []
    for i, j in combinations(range(3), 2):
        gap = scores[i].mean() - scores[j].mean()
        t = gap / np.sqrt(within * (1 / len(scores[i]) + 1 / len(scores[j])))
        rows.append((i, j, float(gap), float(t), float(2 * stats.t.sf(abs(t), rest))))
    raw = np.array([row[4] for row in rows])
    order = raw.argsort()
    holm = np.empty(3)
    holm[order] = np.maximum.accumulate(raw[order] * np.array([3, 2, 1]))
    ts = np.array([row[3] for row in rows])
    ps = {
        "lsd": raw,
        "bonferroni": 3 * raw,
        "holm": holm,
        "sidak": 1 - (1 - raw) ** 3,
        "scheffe": stats.f.sf(ts**2 / 2, 2, rest),
    }.get(way)
    if ps is None:
        ps = stats.studentized_range.sf(np.sqrt(2) * np.abs(ts), 3, rest)
    method, kind = paper.any_of(told), paper.any_of(POST_HOC)
    for (i, j, gap, t, _), p in zip(rows, ps, strict=True):
        cells = {"statistic": f"t={paper.show(t, 2)}", "df": str(rest)} if statistic else {}
        paper.compared(
            kind,
            outcome="pain",
            arm_a=ARMS[i],
            arm_b=ARMS[j],
            estimate=gap,
            p=float(min(p, 1.0)),
            method=method,
            **cells,
            columns={"scale": ("difference", ()), "null": ("0", ())},
        )


@honest
def three_arm_lsd(paper: Paper) -> None:
    """All pairs by LSD."""
    _post_hoc(paper, "lsd", ("LSD post hoc", "Fisher's LSD", "LSD", "least significant difference"))


@honest
def three_arm_bonferroni(paper: Paper) -> None:
    """All pairs by Bonferroni."""
    _post_hoc(paper, "bonferroni", ("Bonferroni post hoc", "Bonferroni", "Bonferroni-corrected"))


@honest
def bonferroni_p_beside_raw_t(paper: Paper) -> None:
    """The t is raw, the p is times three."""
    told = (
        "Bonferroni-corrected t-tests",
        "t-test, p adjusted (Bonferroni)",
        "Bonferroni post hoc",
        "pairwise t-tests with Bonferroni adjustment",
        "corrected p (Bonferroni, 3 tests)",
    )
    _post_hoc(paper, "bonferroni", told, statistic=True)


@honest
def holm_p_beside_raw_t(paper: Paper) -> None:
    """The t is raw, the p is Holm's."""
    told = ("Holm-corrected", "Holm-Bonferroni", "p adjusted for multiple comparisons (Holm)")
    _post_hoc(paper, "holm", told, statistic=True)


@honest
def sidak_p_beside_raw_t(paper: Paper) -> None:
    """The t is raw, the p is Sidak's."""
    told = ("Sidak correction", "\u0160id\u00e1k-adjusted", "Sidak post hoc")
    _post_hoc(paper, "sidak", told, statistic=True)


@honest
def three_arm_tukey(paper: Paper) -> None:
    """All pairs by Tukey."""
    _post_hoc(paper, "tukey", ("Tukey HSD", "Tukey post hoc", "Tukey-Kramer", "Tukey's test"))


@honest
def three_arm_scheffe(paper: Paper) -> None:
    """All pairs by Scheffe."""
    _post_hoc(paper, "scheffe", ("Scheffe", "Scheff\u00e9 post hoc", "Scheffe test"))


@honest
def post_hoc_unnamed(paper: Paper) -> None:
    """Pairs by a correction that the row does not name."""
    _post_hoc(paper, paper.any_of(("bonferroni", "tukey", "holm")), ("", "SPSS 25", "not read"))


@honest
def games_howell(paper: Paper) -> None:
    """One pair by Games and Howell, with Welch's df."""
    scores = _samples(paper, 0.7)
    _omnibus(paper, scores)
    one = welch(scores[0], scores[2])
    p = stats.studentized_range.sf(np.sqrt(2) * abs(one.statistic), 3, one.df)
    paper.compared(
        "post hoc",
        outcome="pain",
        arm_a=ARMS[0],
        arm_b=ARMS[2],
        estimate=one.estimate,
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=paper.show(one.df, 1),
        p=float(p),
        method=paper.any_of(("Games-Howell", "Games-Howell post hoc")),
        columns={"scale": ("difference", ())},
    )


@honest
def dunn_after_kruskal(paper: Paper) -> None:
    """One pair by Dunn, adjusted, beside means and SDs."""
    scores = _samples(paper)
    ranks = np.split(
        stats.rankdata(np.concatenate(scores)), np.cumsum([len(s) for s in scores])[:-1]
    )
    total = sum(map(len, scores))
    se = np.sqrt(total * (total + 1) / 12 * (1 / len(ranks[0]) + 1 / len(ranks[2])))
    z = (ranks[0].mean() - ranks[2].mean()) / se
    paper.compared(
        "post hoc",
        outcome="pain",
        arm_a=ARMS[0],
        arm_b=ARMS[2],
        statistic=f"z={paper.show(z, 2)}",
        p=float(min(1, 6 * stats.norm.sf(abs(z)))),
        method=paper.any_of(("Dunn's test", "Dunn-Bonferroni", "Dunn post hoc")),
    )


@honest
def welch_anova(paper: Paper) -> None:
    """Welch's ANOVA with its broken second df."""
    scores = _samples(paper, 0.6)
    n = np.array([len(one) for one in scores])
    w = n / np.array([one.var(ddof=1) for one in scores])
    means = np.array([one.mean() for one in scores])
    middle = (w * means).sum() / w.sum()
    h = ((1 - w / w.sum()) ** 2 / (n - 1)).sum()
    f = (w * (means - middle) ** 2).sum() / 2 / (1 + 2 * 1 / 8 * h)
    df2 = 8 / (3 * h)
    paper.compared(
        paper.any_of(("one-way ANOVA", "3 groups", "omnibus")),
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        statistic=f"F={paper.show(f, 2)}",
        p=float(stats.f.sf(f, 2, df2)),
        df=f"2,{paper.show(df2, int(paper.rng.integers(1, 3)))}",
        method=paper.any_of(("Welch's ANOVA", "Welch ANOVA", "Welch F", "Welch test")),
        columns={"model": ("Welch ANOVA", ())},
    )


@honest
def kruskal_wallis(paper: Paper) -> None:
    """H of tied scores; means and SDs stand in the table."""
    sizes = [int(n) for n in paper.rng.integers(10, 22, size=3)]
    paper.designed("3-arm RCT", dict(zip(ARMS, sizes, strict=True)))
    scores = [
        np.clip(np.round(drawn(paper, n, 3 + 0.7 * i, 2)), 0, 10) for i, n in enumerate(sizes)
    ]
    for arm, values in zip(ARMS, scores, strict=True):
        paper.arm(
            arm,
            values,
            outcome="pain",
            instrument="NPRS",
            scale_min="0",
            scale_max="10",
            unit="points",
            score_step="1",
        )
    test = stats.kruskal(*scores)
    name = paper.any_of(("H", "H", "chi2", "KW"))
    paper.compared(
        "3 groups",
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        df="2",
        p=float(test.pvalue),
        statistic=f"{name}={paper.show(test.statistic, 2)}",
        method=paper.any_of(("Kruskal-Wallis", "Kruskal-Wallis H test", "Kruskal Wallis")),
    )


def _repeated(paper: Paper, arms: int = 2) -> tuple[list[np.ndarray], list[str]]:
    sizes = [int(n) for n in paper.rng.integers(10, 26, size=arms)]
    paper.designed(
        paper.any_of(("2-arm RCT", "2-arm RCT, four visits")), dict(zip(ARMS, sizes, strict=False))
    )
    paper.age(sum(sizes))
    lag = paper.rng.uniform(0.75, 0.95) ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    sds = np.array([1, 1.4, 2.0, 2.8])
    cover = lag * np.outer(sds, sds)
    gap = paper.rng.uniform(0, 0.9)
    scores = [
        paper.rng.multivariate_normal(-gap * i * np.arange(4), cover, n)
        for i, n in enumerate(sizes)
    ]
    return scores, [ARMS[i] for i in range(arms)]


def _by_visit(paper: Paper, f: float, df: str, p: float, told: tuple[str, ...]) -> None:
    kind = paper.any_of(
        ("time x group", "group x time interaction", "group by time", "interaction")
    )
    paper.compared(
        kind,
        outcome="lumbar flexion",
        arm_a="backward",
        arm_b="forward",
        df=df,
        p=p,
        statistic=f"F={paper.show(f, 2)}",
        method=paper.any_of(told),
        columns={"model": ("repeated-measures ANOVA", ()), "p_role": ("interaction", ())},
    )


@honest
def rm_gg_uncorrected_df(paper: Paper) -> None:
    """Uncorrected df beside the p of Greenhouse and Geisser."""
    f, df1, df2, gg, _ = repeated(_repeated(paper)[0])
    _by_visit(paper, f, f"{df1},{df2}", float(stats.f.sf(f, gg * df1, gg * df2)), say.GREENHOUSE)


@honest
def rm_gg_corrected_df(paper: Paper) -> None:
    """The corrected, broken df."""
    f, df1, df2, gg, _ = repeated(_repeated(paper)[0])
    df = f"{paper.show(gg * df1, 2)},{paper.show(gg * df2, 2)}"
    _by_visit(paper, f, df, float(stats.f.sf(f, gg * df1, gg * df2)), say.GREENHOUSE)


@honest
def rm_huynh_feldt(paper: Paper) -> None:
    """The p of Huynh and Feldt, beside uncorrected or corrected df."""
    f, df1, df2, _, hf = repeated(_repeated(paper)[0])
    df = (
        f"{df1},{df2}"
        if paper.chance(0.5)
        else f"{paper.show(hf * df1, 1)},{paper.show(hf * df2, 1)}"
    )
    if "." in df:
        df = f"{paper.show(hf * df1, 2)},{paper.show(hf * df2, 2)}"
    _by_visit(paper, f, df, float(stats.f.sf(f, hf * df1, hf * df2)), say.HUYNH)


@honest
def rm_gg_said_in_the_study(paper: Paper) -> None:
    """The row names the ANOVA; only the note says that the p is corrected."""
    f, df1, df2, gg, _ = repeated(_repeated(paper)[0])
    p = float(stats.f.sf(f, gg * df1, gg * df2))
    _by_visit(paper, f, f"{df1},{df2}", p, ("repeated-measures ANOVA", "RM ANOVA", "mixed ANOVA"))
    told = (
        "Greenhouse-Geisser",
        "sphericity violated, corrected p",
        "p with epsilon correction",
        "corrected for non-sphericity",
        "Greenhouse\u2013Geisser adjusted",
    )
    paper.contrasts[0]["note"] = paper.any_of(told)


@honest
def rm_multivariate(paper: Paper) -> None:
    """The exact F of Wilks' lambda, with its own df."""
    f, df1, df2, p = wilks(_repeated(paper)[0])
    told = (
        "Wilks' lambda",
        "MANOVA, Wilks",
        "multivariate test (Wilks)",
        "multivariate approach",
        "Pillai's trace",
    )
    _by_visit(paper, f, f"{df1},{df2}", p, told)


@honest
def friedman(paper: Paper) -> None:
    """Friedman's chi-square over visits, with df."""
    scores = np.round(_repeated(paper, 1)[0][0] * 1.5)
    test = stats.friedmanchisquare(*scores.T)
    name = paper.any_of(("chi2", "Q", "Fr"))
    paper.compared(
        "time",
        outcome="lumbar flexion",
        arm_a="backward",
        arm_b="",
        df="3",
        statistic=f"{name}={paper.show(float(test.statistic), 2)}",
        p=float(test.pvalue),
        method=paper.any_of(("Friedman test", "Friedman")),
    )


@honest
def time_effect_f(paper: Paper) -> None:
    """The F of time over one group, df printed."""
    scores = _repeated(paper, 1)[0][0]
    n, k = scores.shape
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    df2 = (n - 1) * (k - 1)
    f = n * ((scores.mean(axis=0) - scores.mean()) ** 2).sum() / (k - 1) / ((rest**2).sum() / df2)
    paper.compared(
        "time effect",
        outcome="lumbar flexion",
        arm_a="backward",
        arm_b="",
        statistic=f"F={paper.show(f, 2)}",
        df=f"{k - 1},{df2}",
        method="repeated-measures ANOVA",
        p=float(stats.f.sf(f, k - 1, df2)),
        columns={"p_role": ("time", ())},
    )


@honest
def partial_eta_of_f(paper: Paper) -> None:
    """Partial eta squared beside F and df."""
    scores = _samples(paper)
    f, rest = float(stats.f_oneway(*scores).statistic), sum(map(len, scores)) - 3
    paper.compared(
        paper.any_of(("partial eta squared", "\u03b7p2", "np2", "partial \u03b72")),
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        estimate=paper.show(2 * f / (2 * f + rest), 3),
        statistic=f"F={paper.show(f, 2)}",
        df=f"2,{rest}",
        method="one-way ANOVA",
        p=float(stats.f.sf(f, 2, rest)),
        columns={"scale": ("partial eta squared", ()), "null": ("0", ())},
    )


@honest
def omega_squared_of_f(paper: Paper) -> None:
    """Omega squared, or eta squared of a factorial design: not F df1 / (F df1 + df2)."""
    scores = _samples(paper)
    f, rest = float(stats.f_oneway(*scores).statistic), sum(map(len, scores)) - 3
    omega = max(0.0, 2 * (f - 1) / (2 * (f - 1) + rest + 3))
    paper.compared(
        paper.any_of(("omega squared", "\u03c92", "epsilon squared")),
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        p=float(stats.f.sf(f, 2, rest)),
        method="one-way ANOVA",
        estimate=paper.show(omega, 3),
        statistic=f"F={paper.show(f, 2)}",
        df=f"2,{rest}",
    )


@honest
def eta_squared_of_two_factors(paper: Paper) -> None:
    """Eta squared of one of two factors: the other factor's share is in the denominator."""
    scores = _samples(paper)
    f, rest = float(stats.f_oneway(*scores).statistic), sum(map(len, scores)) - 3
    share = float(paper.rng.uniform(0.4, 0.9))
    paper.compared(
        paper.any_of(("eta squared", "\u03b72", "eta2")),
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        estimate=paper.show(share * 2 * f / (2 * f + rest), 3),
        statistic=f"F={paper.show(f, 2)}",
        df=f"2,{rest}",
        p=float(stats.f.sf(f, 2, rest)),
        method=paper.any_of(("two-way ANOVA", "factorial ANOVA (arm, sex)", "2-factor ANOVA")),
        columns={"scale": ("eta squared", ())},
    )


@honest
def interaction_p_beside_difference(paper: Paper) -> None:
    """Difference and interval at follow-up; the p is that of arm by time, and says so."""
    sizes = [int(n) for n in paper.rng.integers(12, 30, size=2)]
    paper.designed("2-arm RCT", dict(zip(ARMS, sizes, strict=False)))
    a, b = visits(paper, sizes[0], fall=2.2), visits(paper, sizes[1], fall=1.2)
    paper.arm("backward", a[:, 1], **VAS)
    paper.arm("forward", b[:, 1], **VAS)
    one, change = student(a[:, 1], b[:, 1]), student(a[:, 1] - a[:, 0], b[:, 1] - b[:, 0])
    told = ("p for interaction", "p of group x time", "interaction p", "p is time-by-group")
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=change.p,
        said=[told],
        columns={
            "scale": ("difference", ()),
            "ci_level": ("95", ()),
            "p_role": ("interaction", ()),
        },
    )


@honest
def p_for_trend(paper: Paper) -> None:
    """The p is one of a linear trend over the arms, beside the means of the arms."""
    scores = _samples(paper)
    dose = np.repeat([0.0, 1.0, 2.0], [len(one) for one in scores])
    p = stats.linregress(dose, np.concatenate(scores)).pvalue
    told = ("p for trend", "linear trend", "P trend", "test for trend across groups")
    paper.compared(
        paper.any_of(("one-way ANOVA", "3 groups")),
        outcome="pain",
        arm_a="3 arms",
        arm_b="",
        p=float(p),
        said=[told],
        columns={"p_role": ("trend", ())},
    )


@honest
def omnibus_p_in_the_row_of_a_pair(paper: Paper) -> None:
    """The row of two arms carries the p of all three, as its note says."""
    scores = _samples(paper)
    one, test = student(scores[0], scores[1]), stats.f_oneway(*scores)
    told = ("p of the three-group ANOVA", "ANOVA p over 3 groups", "overall p (ANOVA)")
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a=ARMS[0],
        arm_b=ARMS[1],
        p=float(test.pvalue),
        estimate=one.estimate,
        said=[told],
        columns={"scale": ("difference", ())},
    )


@honest
def factorial_f(paper: Paper) -> None:
    """Two factors (arm and sex): the F of arm has N - 4 df."""
    n = int(paper.rng.integers(24, 60))
    paper.designed("2 x 2 factorial trial", {"backward": n // 2, "forward": n - n // 2})
    paper.age(n)
    arm = np.repeat([0.0, 1.0], [n // 2, n - n // 2])
    sex = paper.rng.integers(0, 2, n).astype(float)
    y = arm * paper.rng.uniform(0, 1.5) + sex + paper.rng.normal(0, 1.5, n)
    design = np.column_stack([arm - 0.5, sex - 0.5, (arm - 0.5) * (sex - 0.5), np.ones(n)])
    cross = np.linalg.inv(design.T @ design)
    beta = cross @ design.T @ y
    f = beta[0] ** 2 / (((y - design @ beta) ** 2).sum() / (n - 4) * cross[0, 0])
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        statistic=f"F={paper.show(f, 2)}",
        df=f"1,{n - 4}",
        p=float(stats.f.sf(f, 1, n - 4)),
        method=paper.any_of(("two-way ANOVA", "factorial ANOVA", "ANOVA (arm, sex)")),
    )
