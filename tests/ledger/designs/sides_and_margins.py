"""Sides and margins: one-tailed tests, non-inferiority, superiority by a margin, equivalence."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import effect_of, student
from tests.ledger.designs.drawn import two_samples, visits
from tests.ledger.designs.paper import Paper, honest

NULL = {"scale": ("difference", ()), "null": ("0", ())}
TWO = {"sided": ("two", ()), **NULL}


@honest
def one_tailed_t(paper: Paper) -> None:
    """One-tailed p of t in the expected direction: backward lower."""
    cells, a, b = two_samples(paper)
    one = student(a, b)
    paper.compared(
        paper.any_of(say.BETWEEN),
        statistic=f"t={paper.show(one.statistic, 2)}",
        df=str(int(one.df)),
        p=float(stats.t.cdf(one.statistic, one.df)),
        method="independent t-test",
        **cells,
        columns={**NULL, "sided": ("one", say.ONE_SIDED)},
    )


@honest
def one_tailed_paired(paper: Paper) -> None:
    """One-tailed p of a paired t: the fall was expected."""
    n = int(paper.rng.integers(10, 40))
    paper.designed("single group", {"backward": n})
    scores = visits(paper, n)
    change = scores[:, 1] - scores[:, 0]
    one = effect_of(change.mean(), change.std(ddof=1) / np.sqrt(n), n - 1)
    cells = {"outcome": "pain", "instrument": "VAS", "unit": "cm"}
    paper.arm("backward", scores[:, 0], **{**cells, "timepoint": "baseline"})
    paper.arm("backward", scores[:, 1], **cells)
    paper.compared(
        "pre-post",
        outcome="pain",
        arm_a="backward",
        arm_b="backward",
        df=str(n - 1),
        statistic=f"t={paper.show(one.statistic, 2)}",
        method=paper.any_of(say.PAIRED),
        p=float(stats.t.cdf(one.statistic, one.df)),
        columns={**NULL, "sided": ("one", say.ONE_SIDED)},
    )


def _against(
    paper: Paper, margin: float, spellings: tuple[str, ...], level: str, side: int
) -> None:
    cells, a, b = two_samples(paper, gap=float(paper.rng.uniform(-0.3, 1.9)))
    one = student(a, b, float(level) / 100)
    t = side * (one.estimate - margin) / one.se
    told = [spelling.format(m=f"{margin:g}") for spelling in spellings]
    columns = {
        "scale": ("difference", ()),
        "ci_level": (level, say.levels(level) if level != "95" else ()),
        "null": (f"{margin}", told),
        "sided": ("one", say.ONE_SIDED),
    }
    paper.compared(
        paper.any_of(say.MEAN_DIFFERENCE),
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=float(stats.t.sf(t, one.df)),
        method=paper.any_of(("t-test", "independent t-test", "")),
        **cells,
        columns=columns,
    )


@honest
def noninferiority(paper: Paper) -> None:
    """95 % interval and the one-sided p against a margin of +1."""
    _against(paper, 1.0, say.MARGIN, "95", -1)


@honest
def noninferiority_ci90(paper: Paper) -> None:
    """90 % two-sided interval and the one-sided p against the margin."""
    _against(paper, 1.5, say.MARGIN, "90", -1)


@honest
def superiority_margin(paper: Paper) -> None:
    """One-sided p that the benefit is larger than a margin."""
    _against(paper, -1.0, say.SUPERIOR, "95", -1)


@honest
def equivalence_tost(paper: Paper) -> None:
    """The larger p of two one-sided tests, with the 90 % interval."""
    cells, a, b = two_samples(paper, gap=0.2)
    one, margin = student(a, b, 0.9), 1.5
    ts = ((one.estimate + margin) / one.se, (margin - one.estimate) / one.se)
    told = [spelling.format(m=f"{margin:g}") for spelling in say.EQUIVALENT]
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        ci_low=one.low,
        ci_high=one.high,
        p=float(max(stats.t.sf(t, one.df) for t in ts)),
        **cells,
        said=[told],
        columns={
            "scale": ("difference", ()),
            "ci_level": ("90", say.levels("90")),
            "sided": ("one", ()),
            "null": ("1.5", ()),
        },
    )


@honest
def one_sided_bound(paper: Paper) -> None:
    """Only the upper bound of a one-sided 95 % interval, with the one-sided p."""
    cells, a, b = two_samples(paper)
    one = student(a, b, 0.9)
    told = ("upper one-sided 95% bound {}", "one-sided 95% CI up to {}")
    said = paper.any_of(told).format(paper.show(one.high))
    paper.compared(
        "mean difference",
        estimate=one.estimate,
        p=float(stats.t.cdf(one.statistic, one.df)),
        **cells,
        said=[(said,)],
        method="independent t-test",
        columns={**NULL, "sided": ("one", ())},
    )
