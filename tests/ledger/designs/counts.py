"""Counts of responders: chi-square, exact tests, percentages of those with data, matched pairs."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.drawn import responders
from tests.ledger.designs.paper import Paper, Redraw, honest

OR_LABELS = ("odds ratio", "OR", "odds ratio (OR)", "odds-ratio")
RR_LABELS = ("risk ratio", "relative risk", "RR", "risk ratio (RR)")
HR_LABELS = ("hazard ratio", "HR", "hazard ratio (HR)", "hazards ratio")
IRR_LABELS = ("incidence rate ratio", "rate ratio", "IRR", "incidence-rate ratio")


@honest
def mcnemar_exact(paper: Paper) -> None:
    """The same people before and after: exact McNemar; a test of two groups gives another p."""
    n = int(paper.rng.integers(20, 60))
    gained, lost = int(paper.rng.binomial(n, 0.35)), int(paper.rng.binomial(n, 0.12))
    both = int(paper.rng.integers(1, max(2, n - gained - lost)))
    if gained + lost == 0 or gained + lost + both > n:
        raise Redraw
    paper.designed("single group", {"backward": n})
    for time, count in (("baseline", both + lost), ("week 6", both + gained)):
        paper.arm(
            "backward",
            outcome="pain-free",
            instrument="count",
            unit="events",
            n=n,
            mean=count,
            timepoint=time,
        )
    told = ("McNemar's exact test", "exact McNemar", "McNemar (binomial)", "McNemar test, exact p")
    paper.compared(
        "pre-post",
        outcome="pain-free",
        arm_a="backward",
        arm_b="backward",
        p=float(stats.binomtest(gained, gained + lost).pvalue),
        method=paper.any_of(told),
    )


@honest
def risk_difference_newcombe(paper: Paper) -> None:
    """Risk difference in percentage points with Newcombe's interval and Fisher's p."""
    cells, (a, c), (n1, n2) = responders(paper)
    ends = [stats.binomtest(e, n).proportion_ci(method="wilson") for e, n in ((a, n1), (c, n2))]
    p1, p2 = a / n1, c / n2
    low = p1 - p2 - np.hypot(p1 - ends[0].low, ends[1].high - p2)
    high = p1 - p2 + np.hypot(ends[0].high - p1, p2 - ends[1].low)
    told = ("Newcombe CI", "Newcombe-Wilson", "Wilson score CI")
    paper.compared(
        "risk difference (percentage points)",
        estimate=paper.show(100 * (p1 - p2), 1),
        ci_low=paper.show(100 * low, 1),
        ci_high=paper.show(100 * high, 1),
        said=[told],
        p=float(stats.fisher_exact(np.array([[a, n1 - a], [c, n2 - c]])).pvalue),
        method="Fisher's exact test",
        **cells,
        columns={"scale": ("risk difference", ()), "ci_level": ("95", ())},
    )


@honest
def chi2_pearson(paper: Paper) -> None:
    """Pearson's chi-square without correction."""
    _chi(paper, False, say.CHI_SQUARE)


@honest
def chi2_unnamed(paper: Paper) -> None:
    """With or without correction, and not said."""
    _chi(paper, paper.chance(0.5), say.CHI_SQUARE_UNNAMED)


def _chi(paper: Paper, correction: bool, told: tuple[str, ...]) -> None:
    cells, (a, c), (n1, n2) = responders(paper)
    test = stats.chi2_contingency([[a, n1 - a], [c, n2 - c]], correction=correction)
    name = paper.any_of(("chi2", "X2", "\N{GREEK SMALL LETTER CHI}2"))
    paper.compared(
        paper.any_of(("proportion of responders", "responders", "group comparison")),
        statistic=f"{name}={paper.show(test.statistic, 2)}",
        df="1",
        p=float(test.pvalue),
        method=paper.any_of(told),
        **cells,
    )


@honest
def fisher_exact(paper: Paper) -> None:
    """Fisher's exact two-sided p of small arms."""
    cells, (a, c), (n1, n2) = responders(paper, low=8, high=25)
    paper.compared(
        "proportion of responders",
        method=paper.any_of(say.FISHER),
        **cells,
        p=float(stats.fisher_exact(np.array([[a, n1 - a], [c, n2 - c]])).pvalue),
    )


@honest
def fisher_one_sided(paper: Paper) -> None:
    """Fisher's exact one-sided p, said."""
    cells, (a, c), (n1, n2) = responders(paper, low=8, high=25)
    p = stats.fisher_exact(np.array([[a, n1 - a], [c, n2 - c]]), alternative="greater").pvalue
    paper.compared(
        "proportion of responders",
        method="Fisher's exact test",
        p=float(p),
        **cells,
        columns={"sided": ("one", say.ONE_SIDED)},
    )


@honest
def fisher_mid_p(paper: Paper) -> None:
    """The mid-p of Fisher's test, said."""
    cells, (a, c), (n1, n2) = responders(paper, low=8, high=25)
    table = np.array([[a, n1 - a], [c, n2 - c]])
    here = stats.hypergeom(n1 + n2, a + c, n1).pmf(a)
    p = max(stats.fisher_exact(table).pvalue - here / 2, 0.0001)
    told = ("mid-p", "Fisher's mid-P exact test", "exact test with mid-p correction")
    paper.compared("proportion of responders", method=paper.any_of(told), p=float(p), **cells)


@honest
def percent_of_those_with_data(paper: Paper) -> None:
    """n (%) where the percent is of those with data, as the note says, and n of all."""
    (first, second), sizes = paper.two_arms(20, 60)
    for arm, n in zip((first, second), sizes, strict=True):
        at = n - int(paper.rng.integers(2, 7))
        count = int(paper.rng.binomial(at, 0.4))
        said = paper.any_of(
            (
                f"{count}/{at}",
                f"{count} of {at} with data",
                f"missing: {n - at}",
                "percent of available cases",
            )
        )
        paper.arm(
            arm,
            outcome="responders",
            instrument="percentage",
            unit="percent",
            n=n,
            mean=paper.show(100 * count / at, 1),
            note=said,
        )
    paper.compared("between groups", outcome="age", arm_a=first, arm_b=second, p="-")


@honest
def prevalence_survey_weighted(paper: Paper) -> None:
    """A weighted prevalence: no count of people over n gives it."""
    n = int(paper.rng.integers(20, 60))
    paper.designed("survey", {"all": n})
    share = float(np.average(paper.rng.random(n) < 0.4, weights=paper.rng.uniform(0.3, 3, n)))
    told = ("weighted prevalence", "survey-weighted percentage", "age-standardised prevalence")
    paper.arm(
        "all",
        outcome="back pain",
        instrument="prevalence",
        unit="percent",
        n=n,
        mean=paper.show(100 * share, 1),
        note=paper.any_of(told),
    )
    paper.compared("between groups", outcome="age", arm_a="all", arm_b="", p="-")
