"""The t and the F of the same two groups: F(1, df) = t^2.

Holds for Student's t and the one-way analysis of variance of the same two groups, outcome and time
(Kirk, Experimental Design, 4th ed., ch. 4). Which of two that clash is wrong: the one whose own p
does not belong to it, else the F.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backwalk_stats.engine.numbers import t_p
from backwalk_stats.ledger.beside import names, statistic_beside
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.judged import as_printed
from backwalk_stats.ledger.reading import vocabulary
from backwalk_stats.ledger.reading.printed import (
    Interval,
    Statistic,
    any_meets,
    hull,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "F(1, df) = t^2"
SAME = re.compile(
    r"\bsame (?:comparison|test|contrast|data|two groups|groups|analysis|difference|scores)\b",
    re.IGNORECASE,
)
UNREAD = "that the two rows test the same scores was not read"
OTHER_MODELS = (
    r"\bwelch|\bANCOVA|\bcovari|\badjust|\bmixed\b|\brepeated|\btwo-way|\bfactorial|\binteraction"
    r"|\btime\b"
)
KINDS = ("between", "anova")


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the F that the t of the same test gives, or the t that the F gives."""
    own = _test(contrast)
    if own is None:
        return
    for other in contrast.siblings:
        beside = _test(other)
        if beside is None or {own.family, beside.family} != {"t", "F"}:
            continue
        if own.df[-1] != beside.df[-1] or not _same_groups(contrast, other):
            continue
        yield from _recomputed(contrast, other, own, beside)


def _test(contrast: Contrast) -> Statistic | None:
    """Return a t at df or an F at 1 and df of two independent groups; None for any other row."""
    statistic = statistic_beside(contrast)
    if statistic is None or contrast.kind not in KINDS or names(contrast, OTHER_MODELS):
        return None
    if contrast.read.people == "same" or contrast.read.adjusted == "adjusted":
        return None
    if statistic.family == "t" and len(statistic.df) == 1:
        return statistic
    return statistic if statistic.family == "F" and statistic.df[:1] == (1.0,) else None


def _same_groups(one: Contrast, other: Contrast) -> bool:
    """Tell whether two rows name the same outcome and the same two arms."""
    arms = [
        frozenset({vocabulary.arm_words(row.arm_a), vocabulary.arm_words(row.arm_b)})
        for row in (one, other)
    ]
    outcomes = [row.outcome.strip().lower() for row in (one, other)]
    return arms[0] == arms[1] and len(arms[0]) == 2 and outcomes[0] == outcomes[1]


def _recomputed(
    contrast: Contrast, other: Contrast, own: Statistic, beside: Statistic
) -> Iterator[Candidate]:
    """Yield the statistic of the row that is wrong if one is, else of the row of F."""
    t = own if own.family == "t" else beside
    f = beside if own.family == "t" else own
    size, square = rounding_interval(t.text).magnitude(), rounding_interval(f.text)
    fits = Interval(size.low**2, size.high**2).meets(square)
    t_row, f_row = (contrast, other) if own.family == "t" else (other, contrast)
    blamed = "t" if not fits and _own_p(f_row, f) and not _own_p(t_row, t) else "F"
    if own.family != blamed:
        return
    unsaid = "" if _said_same(contrast, other) else UNREAD
    where = (
        f"{beside.family} = {beside.text}, df {beside.df[-1]:g} (contrasts.csv line {other.line})"
    )
    found = Candidate(
        quantity="statistic",
        value=value_of(t.text) ** 2,
        interval=Interval(size.low**2, size.high**2),
        test="statistic",
        label="the t of the same test, squared",
        inputs=where,
        formula=FORMULA,
        unsaid=unsaid,
    )
    if blamed == "F":
        yield found
        return
    root = Interval(max(square.low, 0.0) ** 0.5, square.high**0.5)
    sign = -1.0 if value_of(t.text) < 0 else 1.0
    yield replace(
        found,
        value=sign * value_of(f.text) ** 0.5,
        interval=hull(sign * root.low, sign * root.high),
        label="the root of the F of the same test",
    )


def _own_p(row: Contrast, statistic: Statistic) -> bool:
    """Tell whether a row's p belongs to its statistic; one that is not printed does."""
    printed = as_printed("p_value", row.printed.get("p_value", ""))
    if printed is None:
        return True
    size = rounding_interval(statistic.text).magnitude()
    df = statistic.df[-1]
    ends = [
        float(t_p(statistic=one if statistic.family == "t" else one**0.5, df=df))
        for one in (size.low, size.high)
    ]
    return any_meets(printed.intervals, hull(*ends))


def _said_same(one: Contrast, other: Contrast) -> bool:
    """Tell whether a row says that both are one test, or both name one and the same time."""
    if SAME.search(f"{one.note} ; {other.note} ; {one.contrast_type} ; {other.contrast_type}"):
        return True
    times = [vocabulary.time_in(f"{row.outcome} {row.contrast_type}") for row in (one, other)]
    changes = [
        vocabulary.speaks_of_change(f"{row.outcome} {row.contrast_type}") for row in (one, other)
    ]
    return times[0] == times[1] != "" and changes[0] == changes[1]


CHECK = Check(
    name="same_test_twice",
    title="t and F of the same test",
    formula=FORMULA,
    reference="Kirk, Experimental Design: Procedures for the Behavioral Sciences, ch. 4",
    scope="contrast",
    run=run,
)
