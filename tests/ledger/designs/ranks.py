"""Ordered scores: medians, ranks, ranges, sign and signed-rank tests."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Z
from tests.ledger.designs.drawn import drawn, two_samples
from tests.ledger.designs.paper import Paper, honest

NPRS = {
    "outcome": "pain",
    "instrument": "NPRS",
    "scale_min": "0",
    "scale_max": "10",
    "unit": "points",
    "score_step": "1",
}
QUANTILES = ("linear", "weibull", "hazen", "median_unbiased")


def _two(paper: Paper, low: int = 8) -> tuple[tuple[str, str], list[np.ndarray]]:
    names, sizes = paper.two_arms(low, 30)
    means = (float(paper.rng.uniform(2, 4.5)), 4.0)
    return names, [
        np.clip(np.round(drawn(paper, n, m, 1.6)), 0, 10) for n, m in zip(sizes, means, strict=True)
    ]


def _quartiles(paper: Paper, name: str, values: np.ndarray, **more: str) -> None:
    low, mid, high = np.quantile(values, [0.25, 0.5, 0.75], method=paper.any_of(QUANTILES))  # type: ignore[call-overload]
    shown = [paper.show(v, 1) for v in (mid, low, high)]
    told = ("median {} (IQR {} to {})", "median (IQR) {} ({}-{})", "Mdn {}, Q1 {}, Q3 {}")
    paper.arm(
        name,
        **{**NPRS, **more},
        n=len(values),
        median=shown[0],
        q1=shown[1],
        q3=shown[2],
        note=paper.any_of(told).format(*shown),
    )


@honest
def mann_whitney_median_iqr(paper: Paper) -> None:
    """U of either side with the two-sided p, ties and continuity corrected or not."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        _quartiles(paper, name, values)
    a, b = scores
    test = stats.mannwhitneyu(a, b, use_continuity=paper.chance(0.6), method="asymptotic")
    u = (
        test.statistic
        if paper.chance(0.5)
        else min(test.statistic, len(scores[0]) * len(scores[1]) - test.statistic)
    )
    paper.compared(
        paper.any_of(say.BETWEEN),
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        statistic=f"U={paper.show(u, 1)}",
        p=float(test.pvalue),
        method=paper.any_of(say.MANN_WHITNEY),
    )


@honest
def mann_whitney_z(paper: Paper) -> None:
    """z of the rank-sum test beside means and SDs."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        paper.arm(name, values, **NPRS)
    test = stats.mannwhitneyu(scores[0], scores[1], method="asymptotic", use_continuity=False)
    z = stats.norm.isf(test.pvalue / 2) * (1 if paper.chance(0.5) else -1)
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=float(test.pvalue),
        statistic=f"z={paper.show(z, 2)}",
        method=paper.any_of(say.MANN_WHITNEY),
    )


@honest
def mann_whitney_p_beside_means(paper: Paper) -> None:
    """Means and SDs stand in the table; the p is one of ranks."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        paper.arm(name, values, **NPRS)
    p = float(stats.mannwhitneyu(scores[0], scores[1]).pvalue)
    gap = float(scores[0].mean() - scores[1].mean())
    paper.compared(
        "mean difference",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=p,
        estimate=gap,
        method=paper.any_of(say.MANN_WHITNEY),
        columns={"scale": ("difference", ())},
    )


@honest
def wilcoxon_w(paper: Paper) -> None:
    """The rank sum W of one arm: it may lie above n1 n2."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        _quartiles(paper, name, values)
    test, n = stats.mannwhitneyu(scores[0], scores[1], method="asymptotic"), len(scores[0])
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=float(test.pvalue),
        statistic=f"W={paper.show(test.statistic + n * (n + 1) / 2, 1)}",
        method="Wilcoxon rank-sum test",
    )


@honest
def hodges_lehmann_unnamed(paper: Paper) -> None:
    """Hodges-Lehmann difference with its rank interval and the p of ranks."""
    cells, a, b = two_samples(paper, print_arms=False)
    gaps = np.sort(np.subtract.outer(a, b).ravel())
    n1, n2 = len(a), len(b)
    k = max(1, int(n1 * n2 / 2 - Z * np.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)))
    paper.compared(
        paper.any_of(
            (
                "median difference",
                "Hodges-Lehmann estimate",
                "difference in medians",
                "location shift",
            )
        ),
        estimate=float(np.median(gaps)),
        **cells,
        ci_low=float(gaps[k - 1]),
        ci_high=float(gaps[-k]),
        p=float(stats.mannwhitneyu(a, b).pvalue),
        columns={"scale": ("median difference", ()), "null": ("0", ()), "ci_level": ("95", ())},
    )


@honest
def median_and_range(paper: Paper) -> None:
    """Median with minimum and maximum; in the columns, or in the note."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        shown = [paper.show(v, 1) for v in (np.median(values), values.min(), values.max())]
        paper.arm(
            name,
            **NPRS,
            n=len(values),
            median=shown[0],
            minimum=shown[1],
            maximum=shown[2],
            note="median {} (range {} to {})".format(*shown),
        )
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=float(stats.mannwhitneyu(scores[0], scores[1]).pvalue),
        method=paper.any_of(say.MANN_WHITNEY),
    )


@honest
def range_in_the_sd_cell(paper: Paper) -> None:
    """Mean, SD and range, all of them true: skewed scores whose SD is near the mean."""
    names, sizes = paper.two_arms(10, 30)
    for name, n in zip(names, sizes, strict=True):
        values = paper.rng.lognormal(0.5, 1.0, n)
        paper.arm(
            name,
            values,
            outcome="sway area",
            instrument="force plate",
            unit="cm2",
            median=float(np.median(values)),
            minimum=float(values.min()),
            maximum=float(values.max()),
            q1=float(np.quantile(values, 0.25)),
            q3=float(np.quantile(values, 0.75)),
        )
    paper.compared("between groups", outcome="age", arm_a=names[0], arm_b=names[1], p="-")


@honest
def signed_rank(paper: Paper) -> None:
    """Wilcoxon's signed-rank z within one group, beside means and SDs of both visits."""
    n = int(paper.rng.integers(10, 30))
    paper.designed("single group", {"backward": n})
    before = np.clip(np.round(drawn(paper, n, 6, 1.5)), 0, 10)
    after = np.clip(before + paper.rng.integers(-4, 2, n), 0, 10)
    paper.arm("backward", before, **NPRS, **{"timepoint": "baseline"})
    paper.arm("backward", after, **NPRS)
    corrected = paper.chance(0.5)
    # The stubs of scipy know this method only by its old name, "approx".
    test = stats.wilcoxon(after, before, method="asymptotic", correction=corrected)  # type: ignore[call-overload]
    z = -stats.norm.isf(test.pvalue / 2)
    paper.compared(
        "pre-post",
        outcome="pain",
        arm_a="backward",
        arm_b="backward",
        p=float(test.pvalue),
        statistic=f"z={paper.show(z, 2)}",
        method=paper.any_of(("Wilcoxon signed-rank test", "signed rank test", "Wilcoxon test")),
    )


@honest
def medians_with_t_test_p(paper: Paper) -> None:
    """Medians in the cells of the means' row, p by t: the note says median."""
    names, scores = _two(paper)
    for name, values in zip(names, scores, strict=True):
        iqr = float(np.subtract(*np.quantile(values, [0.75, 0.25])))
        paper.arm(
            name,
            **{**NPRS, "score_step": ""},
            n=len(values),
            mean=float(np.median(values)),
            sd=iqr,
            note=paper.any_of(
                ("median (IQR)", "values are medians and interquartile ranges", "Median, IQR")
            ),
        )
    paper.compared(
        "between groups",
        outcome="pain",
        arm_a=names[0],
        arm_b=names[1],
        p=float(stats.ttest_ind(*scores).pvalue),
        method=paper.any_of(("t-test", "")),
    )


@honest
def quartiles_of_whole_numbers(paper: Paper) -> None:
    """Means, SDs and five numbers of whole-number scores, by any definition of a quartile."""
    names, scores = _two(paper, 6)
    for name, values in zip(names, scores, strict=True):
        q1, mid, q3 = np.quantile(values, [0.25, 0.5, 0.75], method=paper.any_of(QUANTILES))  # type: ignore[call-overload]
        paper.arm(
            name,
            values,
            **NPRS,
            median=paper.show(mid, 1),
            q1=paper.show(q1, 2),
            q3=paper.show(q3, 2),
            minimum=int(values.min()),
            maximum=int(values.max()),
        )
    paper.compared("between groups", outcome="age", arm_a=names[0], arm_b=names[1], p="-")
