"""Three or more arms from n, mean and SD: one-way ANOVA and its pairs (LSD, Bonferroni, Tukey).

F = MS_between / MS_within; a pair: t = (m_i - m_j) / sqrt(MS_within (1/n_i + 1/n_j)), df = N - k.
Bonferroni multiplies p by the number of pairs; Tukey-Kramer takes sqrt(2)|t| as a studentized
range.  Kirk, Experimental Design, 4th ed., ch. 4 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import lsq_linear

from backwalk_stats.engine.numbers import f_p
from backwalk_stats.engine.summary import many_arms
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, OF_TWO_GROUPS
from backwalk_stats.ledger.reading.printed import Interval, exactly
from backwalk_stats.ledger.verdict import Candidate
from backwalk_stats.software import computes_with

FORMULA = "F = MS_between / MS_within; pair: t = (m_i - m_j) / sqrt(MS_within (1/n_i + 1/n_j))"
PAIRS = {
    "lsd": ("one-way ANOVA, LSD", many_arms.lsd_pair),
    "bonferroni": ("one-way ANOVA, Bonferroni", many_arms.bonferroni_pair),
    "tukey": ("one-way ANOVA, Tukey", many_arms.tukey_pair),
}


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield F and its p for a comparison of all arms, or the pair by three adjustments."""
    for a, b, others in zip(contrast.first, contrast.second, contrast.others, strict=True):
        arms = (a, b, *others)
        if not all(arm.has_spread for arm in arms) or all(arm.sd_value == 0 for arm in arms):
            continue
        if contrast.kind == "anova":
            yield from _omnibus(arms)
        elif contrast.kind == "between" and others and not contrast.closer_test_exists:
            yield from _pairs(contrast, arms)


def _omnibus(arms: Sequence[Cell]) -> Iterator[Candidate]:
    table = many_arms.one_way(_arrays(arms))
    statistic = _between(arms) / _within(arms)
    p_ends = [
        float(f_p(statistic=end, df_num=table.df_between, df_den=table.df_within))
        for end in (statistic.high, statistic.low)
    ]
    for quantity, value, interval in (
        ("statistic", table.statistic, statistic),
        ("p_value", table.p_value, Interval(p_ends[0], p_ends[1])),
    ):
        yield Candidate(
            quantity=quantity,
            value=float(value),
            interval=interval,
            test="one_way",
            label="one-way ANOVA",
            inputs=_described(arms),
            formula=FORMULA,
        )


def _pairs(contrast: Contrast, arms: Sequence[Cell]) -> Iterator[Candidate]:
    known, n = _arrays(arms), [arm.n or 0 for arm in arms]
    a, b = arms[0], arms[1]
    within = _within(arms)
    error = Interval(math.sqrt(within.low), math.sqrt(within.high)) * exactly(
        math.sqrt(1 / n[0] + 1 / n[1])
    )
    size = ((a.mean_interval - b.mean_interval) / error).magnitude()
    for test, (label, pair) in PAIRS.items():
        centre = pair(known, first=0, second=1)
        ends = [_adjusted_p(test, t, len(arms), sum(n) - len(arms)) for t in (size.high, size.low)]
        yield Candidate(
            quantity="p_value",
            value=float(centre.p_value),
            interval=Interval(min(ends), max(ends)),
            test=test,
            label=label + (" on recovered arms" if contrast.derived else ""),
            inputs=_described(arms),
            formula=FORMULA,
            note=contrast.remark or contrast.read.test.other,
            indirect=bool(contrast.remark or contrast.read.test.other),
        )


def _adjusted_p(test: str, statistic: float, arms: int, df: int) -> float:
    """Return the p of a pair whose t is given, by way of arms that have exactly that t."""
    if math.isinf(statistic):
        return 0.0
    n = np.full(arms, df // arms + 1, dtype=float)
    n[0] += df + arms - n.sum()
    mean = np.zeros(arms)
    mean[0] = statistic * math.sqrt(1 / n[0] + 1 / n[1])
    return float(PAIRS[test][1](many_arms.Arms(n, mean, np.ones(arms)), first=0, second=1).p_value)


def _between(arms: Sequence[Cell]) -> Interval:
    """Return what MS_between can be: a convex function of the means on their rounding box."""
    n = np.array([arm.n or 0 for arm in arms], dtype=float)
    low = np.array([arm.mean_interval.low for arm in arms])
    high = np.array([arm.mean_interval.high for arm in arms])
    root = np.diag(np.sqrt(n)) @ (np.eye(len(n)) - n / n.sum())
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(len(n), -1)
    largest = float(((root @ corners) ** 2).sum(axis=0).max())
    computes_with("scipy")
    smallest = 2 * lsq_linear(root, np.zeros(len(n)), bounds=(low, high + 1e-15)).cost
    return Interval(max(float(smallest), 0.0) / (len(n) - 1), largest / (len(n) - 1))


def _within(arms: Sequence[Cell]) -> Interval:
    """Return what MS_within can be: it rises with every SD."""
    n = np.array([arm.n or 0 for arm in arms], dtype=float)
    ends = [
        float(((n - 1) * np.array(sds) ** 2).sum() / (n.sum() - len(n)))
        for sds in zip(*((arm.sd_interval.low, arm.sd_interval.high) for arm in arms), strict=True)
    ]
    return Interval(ends[0], ends[1])


def _arrays(arms: Sequence[Cell]) -> many_arms.Arms:
    n = np.array([arm.n or 0 for arm in arms], dtype=float)
    mean = np.array([arm.mean_value for arm in arms])
    return many_arms.Arms(n, mean, np.array([arm.sd_value for arm in arms]))


def _described(arms: Sequence[Cell]) -> str:
    return "; ".join(arm.described() for arm in arms)


CHECK = Check(
    name="one_way",
    title="Three or more arms, from n, mean and SD",
    formula=FORMULA,
    reference="Kirk, Experimental Design: Procedures for the Behavioral Sciences, ch. 4 and 5",
    scope="contrast",
    run=run,
    needs=(*OF_TWO_GROUPS, *OF_AN_EFFECT),
)
