"""Mixed and marginal models, ANCOVA, crossovers, and changes within one group."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Effect, effect_of, random_intercept, regressed
from tests.ledger.designs.drawn import visits
from tests.ledger.designs.paper import Cells, Paper, Told, honest

VAS = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
DIFFERENCE: dict[str, Told] = {
    "scale": ("difference", ()),
    "null": ("0", ()),
    "ci_level": ("95", ()),
}


def _told(paper: Paper, one: Effect, places: int = 1) -> Cells:
    return {
        "estimate": one.estimate,
        "ci_low": one.low,
        "ci_high": one.high,
        "statistic": f"t={paper.show(one.statistic, 2)}",
        "df": paper.show(one.df, places),
    }


def _sessions(paper: Paper, least: int) -> tuple[list[np.ndarray], np.ndarray]:
    n = int(paper.rng.integers(20, 50))
    half = int(paper.rng.integers(n // 3, n - n // 3))
    arm = np.repeat([1.0, 0.0], [half, n - half])
    design = paper.any_of(
        ("cross-sectional, three sessions a person", "case-control, repeated sessions")
    )
    paper.designed(design, {"LBP": half, "no LBP": n - half})
    paper.age(n)
    counts = paper.rng.integers(least, 4, size=n)
    level = 40 + paper.rng.uniform(-6, 6) * arm + paper.rng.normal(0, 6, n)
    return [mean + paper.rng.normal(0, 5, k) for mean, k in zip(level, counts, strict=True)], arm


@honest
def mixed_ml_unnamed(paper: Paper) -> None:
    """Random person, three sessions, maximum likelihood: N denominator df; no method named."""
    y, arm = _sessions(paper, 3)
    n, means = len(y), np.array([one.mean() for one in y])
    f = regressed([arm], means).statistic ** 2 * n / (n - 2)
    paper.compared(
        paper.any_of(("group", "group effect", "main effect of group")),
        outcome="lumbar ROM",
        arm_a="LBP",
        arm_b="no LBP",
        statistic=f"F={paper.show(f, 2)}",
        df=f"1,{n}",
        p=float(stats.f.sf(f, 1, n)),
        columns={"model": ("mixed, ML", ())},
    )
    if paper.form == "columns" and paper.chance(0.5):
        paper.study["design_analysis"] = "mixed model, 3 sessions"


@honest
def mixed_satterthwaite(paper: Paper) -> None:
    """REML, unequal numbers of sessions, Satterthwaite's broken df."""
    one = random_intercept(*_sessions(paper, 1))
    told = (*say.MIXED, "REML, Satterthwaite df", "mixed model (lmerTest)", "lme4")
    paper.compared(
        "group",
        outcome="lumbar ROM",
        arm_a="LBP",
        arm_b="no LBP",
        p=one.p,
        method=paper.any_of(told),
        **_told(paper, one),
        columns={**DIFFERENCE, "model": ("mixed, REML", ())},
    )


@honest
def mixed_kenward_roger(paper: Paper) -> None:
    """The standard error is inflated after Kenward and Roger; F, broken df and p."""
    base = random_intercept(*_sessions(paper, 1))
    one = effect_of(base.estimate, base.se * (1 + paper.rng.uniform(0, 0.03)), base.df)
    told = ("mixed model, Kenward-Roger", "REML with Kenward-Roger df", "SAS PROC MIXED, DDFM=KR")
    paper.compared(
        "group",
        outcome="lumbar ROM",
        arm_a="LBP",
        arm_b="no LBP",
        p=one.p,
        method=paper.any_of(told),
        statistic=f"F={paper.show(one.statistic**2, 2)}",
        df=f"1,{paper.show(one.df, 1)}",
        columns={"model": ("mixed, REML", ())},
    )


@honest
def mixed_with_z(paper: Paper) -> None:
    """The same, with z and a normal interval, as some programs print; people are few."""
    base = random_intercept(*_sessions(paper, 1))
    one = effect_of(base.estimate, base.se)
    paper.compared(
        "group",
        outcome="lumbar ROM",
        arm_a="LBP",
        arm_b="no LBP",
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        statistic=f"z={paper.show(one.statistic, 2)}",
        method=paper.any_of(say.MIXED),
        columns={**DIFFERENCE, "model": ("mixed", ())},
    )


@honest
def gee_robust(paper: Paper) -> None:
    """Generalised estimating equations, robust z, normal interval."""
    y, arm = _sessions(paper, 3)
    means = np.array([one.mean() for one in y])
    sides = [means[arm == side] for side in (1, 0)]
    se = np.sqrt(sum(((one - one.mean()) ** 2).sum() / len(one) ** 2 for one in sides))
    one = effect_of(sides[0].mean() - sides[1].mean(), se)
    told = ("GEE", "generalized estimating equations", "GEE, robust SE", "GEE (exchangeable)")
    cells: Cells = {"statistic": f"z={paper.show(one.statistic, 2)}"}
    if paper.chance(0.4):
        cells = {"statistic": f"chi2={paper.show(one.statistic**2, 2)}", "df": "1"}
    paper.compared(
        "mean difference",
        outcome="lumbar ROM",
        arm_a="LBP",
        arm_b="no LBP",
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method=paper.any_of(told),
        columns={**DIFFERENCE, "model": ("GEE", ())},
        **cells,
    )


def _trial(
    paper: Paper, gap: float = 0.0
) -> tuple[tuple[str, str], np.ndarray, np.ndarray, np.ndarray]:
    names, sizes = paper.two_arms(12, 40)
    both = [
        visits(paper, sizes[0], fall=float(paper.rng.uniform(1, 2.6))) + gap,
        visits(paper, sizes[1]),
    ]
    return names, both[0], both[1], np.repeat([1.0, 0.0], sizes)


@honest
def ancova_adjusted_means_ci(paper: Paper) -> None:
    """Adjusted means with their intervals, and the adjusted difference."""
    names, a, b, arm = _trial(paper)
    y, x = np.concatenate([a[:, 1], b[:, 1]]), np.concatenate([a[:, 0], b[:, 0]])
    centred = x - x.mean()
    one = regressed([arm, centred], y)
    design = np.column_stack([arm, 1 - arm, centred])
    cross = np.linalg.inv(design.T @ design)
    beta = cross @ design.T @ y
    df = len(y) - 3
    spread = ((y - design @ beta) ** 2).sum() / df
    label = paper.any_of(
        (
            "pain adjusted mean",
            "pain, adjusted",
            "pain (LS mean)",
            "pain EMM",
            "pain (estimated marginal mean)",
        )
    )
    for place, (name, scores) in enumerate(zip(names, (a, b), strict=True)):
        reach = stats.t.ppf(0.975, df) * np.sqrt(spread * cross[place, place])
        paper.arm(
            name,
            **{**VAS, "outcome": label},
            n=len(scores),
            mean=float(beta[place]),
            ci_low=float(beta[place] - reach),
            ci_high=float(beta[place] + reach),
            ci_level="95",
        )
    paper.compared(
        paper.any_of(("adjusted mean difference", "adjusted difference", "LS mean difference")),
        outcome=label,
        arm_a=names[0],
        arm_b=names[1],
        estimate=one.estimate,
        p=one.p,
        ci_low=one.low,
        ci_high=one.high,
        method=paper.any_of(("", *say.ANCOVA)),
        columns={**DIFFERENCE, "model": ("ANCOVA", ())},
    )


@honest
def ancova_p_raw_means(paper: Paper) -> None:
    """Raw means after treatment, p of an ANCOVA; baselines are not printed."""
    names, a, b, arm = _trial(paper, gap=float(paper.rng.normal(0, 0.6)))
    for name, scores in zip(names, (a, b), strict=True):
        paper.arm(name, scores[:, 1], **VAS)
    one = regressed([arm, np.concatenate([a[:, 0], b[:, 0]])], np.concatenate([a[:, 1], b[:, 1]]))
    paper.compared(
        paper.any_of(say.BETWEEN),
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=one.p,
        method=paper.any_of(say.ANCOVA),
        columns={"model": ("ANCOVA", ())},
    )


@honest
def ancova_difference_beside_raw_means(paper: Paper) -> None:
    """Raw means at both visits, adjusted difference with interval, t and p."""
    names, a, b, arm = _trial(paper, gap=float(paper.rng.normal(0, 0.6)))
    for name, scores in zip(names, (a, b), strict=True):
        paper.arm(name, scores[:, 0], **{**VAS, "timepoint": "baseline"})
        paper.arm(name, scores[:, 1], **VAS)
    one = regressed([arm, np.concatenate([a[:, 0], b[:, 0]])], np.concatenate([a[:, 1], b[:, 1]]))
    paper.compared(
        paper.any_of(("adjusted mean difference", "mean difference (adjusted for baseline)")),
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method=paper.any_of(say.ANCOVA),
        columns={**DIFFERENCE, "model": ("ANCOVA", ())},
    )


@honest
def ancova_of_changes(paper: Paper) -> None:
    """Mean changes in the table; the difference of changes is adjusted for baseline and age."""
    names, a, b, arm = _trial(paper, gap=float(paper.rng.normal(0, 0.6)))
    for name, scores in zip(names, (a, b), strict=True):
        paper.arm(
            name,
            scores[:, 1] - scores[:, 0],
            **{**VAS, "outcome": "pain change"},
            timepoint="baseline to week 6",
        )
    age = paper.rng.normal(0, 1, len(arm))
    one = regressed(
        [arm, np.concatenate([a[:, 0], b[:, 0]]), age],
        np.concatenate([a[:, 1] - a[:, 0], b[:, 1] - b[:, 0]]),
    )
    told = (
        "ANCOVA on change, baseline and age as covariates",
        "change from baseline, adjusted",
        "ANCOVA (baseline score, age)",
        "linear model adjusted for baseline and age",
    )
    paper.compared(
        "between-group difference of mean changes",
        outcome="pain change",
        arm_a=names[0],
        arm_b=names[1],
        p=one.p,
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        method=paper.any_of(told),
        columns={**DIFFERENCE, "model": ("ANCOVA", ())},
    )


@honest
def mmrm_three_visits(paper: Paper) -> None:
    """Three visits, some lost at the last: observed means in the table, the model's difference."""
    names, sizes = paper.two_arms(15, 40)
    scores = [visits(paper, n, 3, fall=f) for n, f in zip(sizes, (2.0, 1.2), strict=True)]
    stayed = [paper.rng.random(n) < 0.85 for n in sizes]
    arm = np.repeat([1.0, 0.0], sizes)
    for name, seen, here in zip(names, scores, stayed, strict=True):
        paper.arm(name, seen[:, 0], **{**VAS, "timepoint": "baseline"})
        paper.arm(name, seen[here, 2], **VAS)
    y, here = np.vstack(scores), np.concatenate(stayed)
    last = np.column_stack([arm, y[:, :2], np.ones(len(y))])
    beta = np.linalg.lstsq(last[here], y[here, 2], rcond=None)[0]
    filled = np.where(here, y[:, 2], last @ beta)
    one = regressed([arm, y[:, 0]], filled)
    grown = effect_of(one.estimate, one.se * np.sqrt(len(y) / here.sum()), int(here.sum()) - 3)
    told = (
        "MMRM",
        "mixed model for repeated measures",
        "mixed-effects model, unstructured",
        "linear mixed model, group x time",
    )
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=grown.p,
        method=paper.any_of(told),
        **_told(paper, grown),
        columns={**DIFFERENCE, "model": ("mixed", ())},
    )


def _crossover(paper: Paper) -> tuple[np.ndarray, int]:
    n = int(paper.rng.integers(12, 32))
    paper.designed(paper.any_of(say.CROSSOVER), {"backward": n, "forward": 0})
    paper.study["arms"], paper.study["n_randomised"] = "backward; forward", str(n)
    scores = visits(paper, n, fall=float(paper.rng.uniform(-0.3, 0.9)))[:, ::-1]
    paper.arm("backward", scores[:, 0], **VAS)
    paper.arm("forward", scores[:, 1], **VAS)
    return scores, n


@honest
def crossover(paper: Paper) -> None:
    """Everybody walks both ways; half of the papers name the paired test."""
    scores, n = _crossover(paper)
    gap = scores[:, 0] - scores[:, 1]
    one = effect_of(gap.mean(), gap.std(ddof=1) / np.sqrt(n), n - 1)
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        p=one.p,
        method=paper.any_of(("", *say.PAIRED)),
        **_told(paper, one, 0),
        columns={**DIFFERENCE, "model": ("paired", ())},
    )


@honest
def crossover_unnamed_p(paper: Paper) -> None:
    """Means of both conditions and a p; only the design says that the people are the same."""
    scores, _ = _crossover(paper)
    test = stats.ttest_rel(scores[:, 0], scores[:, 1])
    paper.compared(
        paper.any_of((*say.BETWEEN, "direction", "condition")),
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        p=float(test.pvalue),
        method=paper.any_of(("", "t-test")),
    )


@honest
def crossover_with_period(paper: Paper) -> None:
    """A period effect is taken out: two df for the sequences."""
    scores, n = _crossover(paper)
    first = paper.rng.permutation(np.arange(n) < n // 2)
    gap = scores[:, 0] - scores[:, 1] + np.where(first, 0.8, -0.8)
    sides = gap[first], gap[~first]
    for column, row in enumerate(paper.outcomes):
        moved = scores[:, column] + np.where(first == (column == 0), 0.4, -0.4)
        row |= {"mean": paper.show(moved.mean()), "sd": paper.show(moved.std(ddof=1))}
    spread = sum(((one - one.mean()) ** 2).sum() for one in sides) / (n - 2)
    se = np.sqrt(spread * sum(1 / len(one) for one in sides)) / 2
    one = effect_of((sides[0].mean() + sides[1].mean()) / 2, se, n - 2)
    told = (
        "period and sequence effects in the model",
        "Hills-Armitage",
        "ANOVA with period effect",
        "adjusted for period",
        "mixed model with period and sequence",
    )
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        p=one.p,
        said=[told],
        **_told(paper, one, 0),
        columns=dict(DIFFERENCE),
    )


@honest
def pre_post_with_sds(paper: Paper) -> None:
    """One group before and after, both SDs, paired t; the SD of changes is not printed."""
    n = int(paper.rng.integers(10, 40))
    paper.designed(
        paper.any_of(("single group", "single-arm pre-post", "uncontrolled")), {"backward": n}
    )
    scores = visits(paper, n, r=float(paper.rng.uniform(0.2, 0.9)))
    paper.arm("backward", scores[:, 0], **{**VAS, "timepoint": "baseline"})
    paper.arm("backward", scores[:, 1], **VAS)
    change = scores[:, 1] - scores[:, 0]
    sign = 1 if paper.chance(0.6) else -1
    one = effect_of(sign * change.mean(), change.std(ddof=1) / np.sqrt(n), n - 1)
    paper.compared(
        paper.any_of(("pre-post", "pre/post", "within group", "change from baseline")),
        outcome="pain",
        arm_a="backward",
        arm_b="backward",
        p=one.p,
        **_told(paper, one, 0),
        method=paper.any_of(("", *say.PAIRED)),
        columns=dict(DIFFERENCE),
    )


@honest
def change_among_completers(paper: Paper) -> None:
    """Baseline of all, follow-up and change of those who stayed."""
    n = int(paper.rng.integers(20, 45))
    here = n - int(paper.rng.integers(3, 8))
    paper.designed("single group", {"backward": n}, "complete case")
    scores = visits(paper, n)
    change = (scores[:, 1] - scores[:, 0])[:here]
    paper.arm("backward", scores[:, 0], **{**VAS, "timepoint": "baseline"})
    paper.arm("backward", scores[:here, 1], **VAS)
    paper.arm(
        "backward", change, **{**VAS, "outcome": "pain change"}, timepoint="baseline to week 6"
    )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def change_by_a_model(paper: Paper) -> None:
    """Observed means of both visits beside the model's change: not their difference."""
    n = int(paper.rng.integers(20, 45))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n)
    change = scores[:, 1] - scores[:, 0]
    paper.arm("backward", scores[:, 0], **{**VAS, "timepoint": "baseline"})
    paper.arm("backward", scores[:, 1], **VAS)
    told = (
        "LS mean change",
        "model-based change",
        "adjusted mean change",
        "estimated marginal change",
    )
    paper.arm(
        "backward",
        **{**VAS, "outcome": "pain change"},
        timepoint="baseline to week 6",
        n=n,
        mean=float(change.mean() * 0.85),
        sd=float(change.std(ddof=1)),
        note=paper.any_of(told),
    )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")


@honest
def change_as_improvement(paper: Paper) -> None:
    """The change is printed as an improvement: baseline minus follow-up, without a sign."""
    n = int(paper.rng.integers(20, 45))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n, fall=2.0)
    paper.arm(
        "backward", scores[:, 0], **{**VAS, "timepoint": "baseline"}, direction_better="lower"
    )
    paper.arm("backward", scores[:, 1], **VAS, direction_better="lower")
    label = paper.any_of(("pain change", "pain reduction", "pain improvement", "pain decrease"))
    paper.arm(
        "backward",
        scores[:, 0] - scores[:, 1],
        **{**VAS, "outcome": label},
        timepoint="baseline to week 6",
        direction_better="lower",
    )
    paper.compared("between groups", outcome="age", arm_a="backward", arm_b="forward", p="-")
