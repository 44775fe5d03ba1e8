"""H, U and W of rank tests: what they can be, and the p that they give.

Kruskal and Wallis, J Am Stat Assoc 1952;47:583: H against chi-square at k - 1. Mann and Whitney,
Ann Math Stat 1947;18:50: 0 <= U <= n1 n2; U is about normal with mean n1 n2 / 2 and variance
n1 n2 (N + 1) / 12 without ties. A sum of signed ranks is at most n (n + 1) / 2 (Wilcoxon 1945).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from backwalk_stats.engine.numbers import chi_square_p, z_p
from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.beside import (
    OF_THE_EFFECT,
    Sizes,
    another_way,
    arm_sizes,
    corrected,
    names,
    said,
    statistic_beside,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.judged import as_printed
from backwalk_stats.ledger.reading.printed import (
    Interval,
    Statistic,
    any_meets,
    hull,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.verdict import Candidate, Ruling

FORMULA = "p = P(X2 >= H) at k - 1; 0 <= U <= n1 n2; z = (U - n1 n2 / 2) / sqrt(n1 n2 (N + 1) / 12)"
TIES = "the ties among the scores, and whether continuity was corrected, are not printed"
GROUPS = re.compile(r"\b(\d+|three|four|five)[- ](?:arms?|groups?)\b", re.IGNORECASE)
IN_WORDS = {"three": 3, "four": 4, "five": 5}


def run(contrast: Contrast) -> Iterator[Candidate | Ruling]:
    """Yield what a printed rank statistic says of its p, and of itself."""
    statistic = statistic_beside(contrast)
    if statistic is None:
        return
    if statistic.family == "H":
        yield from _of_h(contrast, statistic)
    if statistic.family in ("U", "W"):
        yield from _of_ranks(contrast, statistic)


def _of_h(contrast: Contrast, statistic: Statistic) -> Iterator[Candidate]:
    df = statistic.df or _df_of_groups(contrast)
    if len(df) != 1 or df[0] < 1 or another_way(contrast) or corrected(contrast):
        return
    size = rounding_interval(statistic.text)

    def tail(h: float) -> float:
        return float(chi_square_p(statistic=max(h, 0.0), df=df[0]))

    yield Candidate(
        quantity="p_value",
        value=tail(value_of(statistic.text)),
        interval=Interval(tail(size.high), tail(size.low)),
        test="statistic",
        label="p from the printed H",
        inputs=f"H = {statistic.text}, df {df[0]:g}",
        formula=FORMULA,
    )


def _df_of_groups(contrast: Contrast) -> tuple[float, ...]:
    """Return k - 1 where the row says of how many groups it is."""
    found = set(GROUPS.findall(f"{contrast.arm_a} ; {said(contrast)}"))
    counts = {IN_WORDS.get(word.lower()) or int(word) for word in found}
    return (float(counts.pop() - 1),) if len(counts) == 1 else ()


def _of_ranks(contrast: Contrast, statistic: Statistic) -> Iterator[Ruling]:
    sizes = arm_sizes(contrast)
    if sizes is None or names(contrast, r"\bshapiro\b|\blevene\b|\bkendall\b|\bvan elteren\b"):
        return
    most = _most(contrast, statistic, sizes)
    printed = rounding_interval(statistic.text)
    if printed.low > most or printed.high < 0:
        yield Ruling(
            quantity="statistic",
            reported=contrast.printed["statistic"],
            verdict=verdicts.INPUTS_INCONSISTENT,
            reason=f"so many people give at most {most:g}; {verdicts.CANNOT_ALL_BE_RIGHT}",
            interval=Interval(0.0, float(most)),
            inputs=f"n {sizes.first} and {sizes.second} ({sizes.where})",
            formula=FORMULA,
        )
        return
    if statistic.family == "U" and not another_way(contrast) and not corrected(contrast):
        yield from _p_of_u(contrast, statistic, sizes)


def _most(contrast: Contrast, statistic: Statistic, sizes: Sizes) -> int:
    """Return the largest U, or the largest W by any of the definitions that are in use.

    The test may be of another visit than the rows: everybody who was randomised may be in it.
    """
    n1, n2 = sizes.first, sizes.second
    total = contrast.study.n_total or 0
    more = max(total - n1 - n2, 0)
    if statistic.family == "U":
        return max(n1 * n2, total**2 // 4) if more else n1 * n2
    n1, n2 = n1 + more, n2 + more
    if contrast.read.people == "same":
        return max(n1, n2) * (max(n1, n2) + 1) // 2
    larger = max(n1, n2)
    return n1 * n2 + larger * (larger + 1) // 2


def _p_of_u(contrast: Contrast, statistic: Statistic, sizes: Sizes) -> Iterator[Ruling]:
    """Yield the p of U without ties, with and without correction: never against a paper."""
    printed = as_printed("p_value", contrast.printed.get("p_value", ""))
    if printed is None:
        return
    n1, n2 = sizes.first, sizes.second
    error = math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    distances = (rounding_interval(statistic.text) - _half(n1 * n2)).magnitude()
    ends = (distances.high, max(distances.low - 0.5, 0.0))
    interval = hull(*(float(z_p(statistic=end / error)) for end in ends))
    fits = any_meets(printed.intervals, interval)
    reason = (
        "agrees with the normal approximation of U without ties"
        if fits
        else (f"depends on what was not printed: {TIES}")
    )
    yield Ruling(
        quantity="p_value",
        reported=contrast.printed["p_value"],
        verdict=verdicts.COMPATIBLE if fits else verdicts.NOT_DERIVABLE,
        reason=reason,
        value=float(z_p(statistic=abs(value_of(statistic.text) - n1 * n2 / 2) / error)),
        interval=interval,
        inputs=f"U = {statistic.text}, n {n1} and {n2} ({sizes.where})",
        formula=FORMULA,
    )


def _half(product: int) -> Interval:
    return Interval(product / 2, product / 2)


CHECK = Check(
    name="rank_statistics",
    title="H, U and W of rank tests",
    formula=FORMULA,
    reference="Kruskal and Wallis, J Am Stat Assoc 1952;47:583; Mann and Whitney 1947;18:50",
    scope="contrast",
    run=run,
    needs=(OF_THE_EFFECT,),
)
