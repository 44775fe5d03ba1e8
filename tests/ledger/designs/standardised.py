"""Standardised differences by other denominators, corrections and intervals."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special, stats

from tests.ledger.designs.computed import Z, student
from tests.ledger.designs.drawn import two_samples, visits
from tests.ledger.designs.paper import Paper, Redraw, honest

SMD = {"scale": ("standardised difference", ()), "null": ("0", ())}


def _pooled(a: np.ndarray, b: np.ndarray) -> float:
    rest = (len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)
    return float(np.sqrt(rest / (len(a) + len(b) - 2)))


def _denominated(paper: Paper, way: str, told: tuple[str, ...]) -> None:
    (first, second), sizes = paper.two_arms()
    a, b = visits(paper, sizes[0], fall=2.0), visits(paper, sizes[1], fall=0.8)
    cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
    for arm, scores in ((first, a), (second, b)):
        paper.arm(arm, scores[:, 0], **{**cells, "timepoint": "baseline"})
        paper.arm(arm, scores[:, 1], **cells)
    gap = a[:, 1].mean() - b[:, 1].mean()
    by = {
        "control": b[:, 1].std(ddof=1),
        "average": np.sqrt((a[:, 1].var(ddof=1) + b[:, 1].var(ddof=1)) / 2),
        "baseline": np.concatenate([a[:, 0], b[:, 0]]).std(ddof=1),
    }
    d = gap / by[way]
    paper.compared(
        paper.any_of(told),
        outcome="pain",
        arm_a=first,
        arm_b=second,
        estimate=paper.show(d, 2),
        columns=dict(SMD),
    )


@honest
def d_by_control_sd(paper: Paper) -> None:
    """Glass's delta."""
    _denominated(
        paper,
        "control",
        (
            "Glass's delta",
            "Glass delta",
            "effect size (control SD)",
            "standardised difference, Glass",
            "Cohen's d (SD of control)",
        ),
    )


@honest
def d_by_average_sd(paper: Paper) -> None:
    """The root of the mean variance, which is not the pooled SD where sizes differ."""
    _denominated(paper, "average", ("Cohen's d", "Cohen d (average SD)", "d_av", "effect size d"))


@honest
def d_by_baseline_sd(paper: Paper) -> None:
    """The SD of everybody at baseline."""
    _denominated(
        paper,
        "baseline",
        (
            "Cohen's d (baseline SD)",
            "standardised difference, baseline SD",
            "effect size (SD at baseline)",
        ),
    )


@honest
def d_of_changes(paper: Paper) -> None:
    """The difference of changes over the pooled SD of changes; follow-up stands in the table."""
    (first, second), sizes = paper.two_arms()
    a, b = visits(paper, sizes[0], fall=2.0), visits(paper, sizes[1], fall=0.8)
    for arm, scores in ((first, a), (second, b)):
        paper.arm(arm, scores[:, 1], outcome="pain", instrument="VAS", unit="cm")
    one, two = a[:, 1] - a[:, 0], b[:, 1] - b[:, 0]
    told = ("Cohen's d of the changes", "Cohen's d (change scores)", "d of mean changes")
    paper.compared(
        paper.any_of(told),
        outcome="pain change",
        arm_a=first,
        arm_b=second,
        estimate=paper.show((one.mean() - two.mean()) / _pooled(one, two), 2),
        columns=dict(SMD),
    )


def _paired(paper: Paper, way: str, told: tuple[str, ...]) -> None:
    n = int(paper.rng.integers(12, 45))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n)
    change = scores[:, 1] - scores[:, 0]
    cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
    paper.arm("backward", scores[:, 0], **{**cells, "timepoint": "baseline"})
    paper.arm("backward", scores[:, 1], **cells)
    before = scores[:, 0].std(ddof=1)
    by = {
        "dz": change.std(ddof=1),
        "srm": change.std(ddof=1),
        "before": before,
        "d_av": (before + scores[:, 1].std(ddof=1)) / 2,
    }[way]
    paper.compared(
        paper.any_of(told),
        outcome="pain",
        arm_a="backward",
        arm_b="backward",
        estimate=paper.show(change.mean() / by, 2),
        columns=dict(SMD),
    )


@honest
def d_z(paper: Paper) -> None:
    """The mean change over the SD of changes."""
    _paired(paper, "dz", ("Cohen's dz, pre-post", "Cohen's d within group", "pre-post effect size"))


@honest
def d_av(paper: Paper) -> None:
    """The mean change over the mean of both SDs."""
    _paired(paper, "d_av", ("Cohen's d_av, pre-post", "within-group Cohen's d (average SD)"))


@honest
def standardised_response_mean(paper: Paper) -> None:
    """The standardised response mean."""
    _paired(paper, "srm", ("standardised response mean, pre-post", "SRM within group"))


@honest
def effect_size_kazis(paper: Paper) -> None:
    """The mean change over the baseline SD."""
    _paired(paper, "before", ("effect size (Kazis), pre-post", "within-group effect size"))


@honest
def hedges_g_interval(paper: Paper) -> None:
    """Hedges' g by the exact or the approximate J, its interval by one of three variances."""
    cells, a, b = two_samples(paper)
    n1, n2 = len(a), len(b)
    m, d = n1 + n2 - 2, (a.mean() - b.mean()) / _pooled(a, b)
    exact = np.exp(special.gammaln(m / 2) - special.gammaln((m - 1) / 2)) / np.sqrt(m / 2)
    j = exact if paper.chance(0.5) else 1 - 3 / (4 * m - 1)
    g, base = d * j, (n1 + n2) / (n1 * n2)
    spreads = (
        base + g**2 / (2 * (n1 + n2)),
        j**2 * (base + d**2 / (2 * (n1 + n2))),
        base + g**2 / (2 * (n1 + n2 - 3.94)),
    )
    reach = Z * np.sqrt(spreads[int(paper.rng.integers(3))])
    paper.compared(
        paper.any_of(("Hedges g", "Hedges' g", "SMD (Hedges)", "standardised mean difference")),
        estimate=paper.show(g, 2),
        ci_low=paper.show(g - reach, 2),
        ci_high=paper.show(g + reach, 2),
        **cells,
        columns={**SMD, "ci_level": ("95", ())},
    )


@honest
def d_noncentral_interval(paper: Paper) -> None:
    """Cohen's d with an interval by the noncentral t, and Student's p."""
    cells, a, b = two_samples(paper)
    one, root = student(a, b), np.sqrt(1 / len(a) + 1 / len(b))
    t = abs(one.statistic)
    if t > 4:
        raise Redraw
    ends = [
        optimize.brentq(lambda x, q=q: stats.nct.cdf(t, one.df, x) - q, t - 4.5, t + 4.5)
        for q in (0.975, 0.025)
    ]
    sign = np.sign(one.statistic)
    low, high = sorted(sign * end * root for end in ends)
    told = ("noncentral t", "CI by the noncentral t distribution", "exact CI of d", "MBESS")
    paper.compared(
        "Cohen's d",
        estimate=paper.show(one.statistic * root, 2),
        p=one.p,
        **cells,
        ci_low=paper.show(low, 2),
        ci_high=paper.show(high, 2),
        said=[told],
        method="independent t-test",
        columns={**SMD, "ci_level": ("95", ())},
    )


@honest
def d_beside_t(paper: Paper) -> None:
    """Cohen's d from t and the sizes, printed beside both; sizes stand with the arms."""
    cells, a, b = two_samples(paper, print_arms=False)
    one = student(a, b)
    paper.study["arms"] = f"{cells['arm_a']} (n={len(a)}); {cells['arm_b']} (n={len(b)})"
    d = one.statistic * np.sqrt(1 / len(a) + 1 / len(b))
    paper.compared(
        "Cohen's d",
        estimate=paper.show(d, 2),
        df=str(int(one.df)),
        p=one.p,
        **cells,
        statistic=f"t={paper.show(one.statistic, 2)}",
        method="independent t-test",
        columns=dict(SMD),
    )


@honest
def d_unsigned_beside_t(paper: Paper) -> None:
    """d without a sign beside a signed t."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    d = abs(one.statistic) * np.sqrt(1 / len(a) + 1 / len(b))
    paper.compared(
        "Cohen's d",
        estimate=paper.show(d, 2),
        df=str(int(one.df)),
        p=one.p,
        **cells,
        statistic=f"t={paper.show(one.statistic, 2)}",
        method="independent t-test",
        columns=dict(SMD),
    )


@honest
def d_paired_from_t(paper: Paper) -> None:
    """d of a paired t: t over the root of n."""
    n = int(paper.rng.integers(12, 45))
    paper.designed("crossover trial, random order", {"backward": n})
    change = paper.rng.normal(-0.6, 1.5, n)
    t = change.mean() / change.std(ddof=1) * np.sqrt(n)
    paper.age(n)
    paper.compared(
        "Cohen's d",
        outcome="pain",
        arm_a="backward",
        arm_b="forward",
        df=str(n - 1),
        estimate=paper.show(t / np.sqrt(n), 2),
        statistic=f"t={paper.show(t, 2)}",
        p=float(2 * stats.t.sf(abs(t), n - 1)),
        method="paired t-test",
        columns={**SMD, "model": ("paired", ())},
    )
