"""The numbers that stand beside each other in a printed row, as a check of one by another needs.

Every helper returns what was printed as intervals, or a word for what was not read; none fills in
what is usual without saying so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from backwalk_stats.engine.numbers import t_quantile
from backwalk_stats.ledger.case import Cell, Contrast
from backwalk_stats.ledger.judged import as_printed
from backwalk_stats.ledger.preconditions import NOT_OF_THE_EFFECT, Need
from backwalk_stats.ledger.reading import vocabulary
from backwalk_stats.ledger.reading.printed import (
    Interval,
    Statistic,
    any_meets,
    exactly,
    hull,
    is_number,
    parse_statistic,
    rounding_interval,
)
from backwalk_stats.ledger.verdict import Candidate

USUAL = 0.95
# Below and above these no interval of a trial is printed.
LEVELS = Interval(0.80, 0.999)
LEVEL_UNREAD = "the level of the interval was not read"
THE_LEVEL = "the level of the interval"
SIDES = Need(of="sides", quantities=("p_value",))
OF_THE_EFFECT = Need(
    of="role",
    excludes=(*NOT_OF_THE_EFFECT, "interaction", "baseline"),
)
# The z of a likelihood-ratio, score or log-rank test beside Wald's: apart by less than 0.15, and by
# 0.45 of the squared log ratio more (0.6 downwards). In 110,000 simulated tables and Cox models (8
# to 120 people, ratios up to e^6) none lay outside; at a log ratio of 1 they were 0.3 apart.
APART, GROWTH, LARGEST_FALL = 0.15, 0.45, 0.6
ANOTHER_APPROXIMATION = "the p is a likelihood-ratio, score or log-rank one, not Wald's"


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """An estimate and its interval as printed, on the scale on which the interval is symmetric."""

    estimate: Interval
    low: Interval
    high: Interval
    texts: tuple[str, str, str]

    @property
    def middle(self) -> Interval:
        """Return the middle of the interval."""
        return Interval((self.low.low + self.high.low) / 2, (self.low.high + self.high.high) / 2)

    @property
    def is_symmetric(self) -> bool:
        """Tell whether the estimate is the middle of the interval, rounding allowed for."""
        return self.middle.meets(self.estimate)

    @property
    def width(self) -> Interval:
        """Return high minus low."""
        return self.high - self.low

    @property
    def effect(self) -> Interval:
        """Return what the estimate can have been, given that it is the middle of its interval."""
        low = max(self.estimate.low, self.middle.low)
        high = min(self.estimate.high, self.middle.high)
        return Interval(min(low, high), max(low, high))

    def logs(self) -> Beside | None:
        """Return the logarithms; None where a number can be zero or less."""
        if min(self.estimate.low, self.low.low, self.high.low) <= 0:
            return None
        ends = (
            Interval(math.log(one.low), math.log(one.high))
            for one in (self.estimate, self.low, self.high)
        )
        estimate, low, high = ends
        return Beside(estimate=estimate, low=low, high=high, texts=self.texts)

    def described(self) -> str:
        """Return the numbers as printed."""
        return f"estimate {self.texts[0]}, interval {self.texts[1]} to {self.texts[2]}"


def interval_beside(contrast: Contrast) -> Beside | None:
    """Return the printed estimate and interval; None where one of the three is not a number."""
    texts = tuple(contrast.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high"))
    if not all(is_number(text) for text in texts):
        return None
    estimate, low, high = (rounding_interval(text) for text in texts)
    if high.high <= low.low:
        return None
    return Beside(estimate=estimate, low=low, high=high, texts=(texts[0], texts[1], texts[2]))


def statistic_beside(contrast: Contrast) -> Statistic | None:
    """Return the printed statistic with its degrees of freedom."""
    return parse_statistic(contrast.printed.get("statistic", ""), contrast.printed.get("df", ""))


def df_intervals(contrast: Contrast, statistic: Statistic) -> tuple[Interval, ...]:
    """Return what the printed df can have been: fractions were rounded, whole ones are counts."""
    bare = contrast.printed.get("df", "").partition("(")[0]
    texts = re.findall(r"\d+(?:\.\d+)?", bare)
    if not texts:
        return tuple(exactly(one) for one in statistic.df)
    return tuple(rounding_interval(one) if "." in one else exactly(float(one)) for one in texts)


def said(contrast: Contrast) -> str:
    """Return the words in which a row says what it is and how it was computed."""
    return " ; ".join((contrast.contrast_type, contrast.method, contrast.note, contrast.outcome))


def names(contrast: Contrast, pattern: str) -> bool:
    """Tell whether the words of a row hold a pattern, upper and lower case alike."""
    return re.search(pattern, said(contrast), re.IGNORECASE) is not None


def another_way(contrast: Contrast, *ways: str) -> bool:
    """Tell whether a p or an interval was computed in a way that the row does not determine."""
    return bool(contrast.read.ways & set(ways or ("resampled", "bayes", "exact")))


def of_several(contrast: Contrast) -> bool:
    """Tell whether the p beside a pair of arms, or a coefficient, is one of all of them."""
    return names(contrast, r"\boverall\b|\bomnibus\b|\bjoint(?:ly)?\b|\bglobal\b|\bmodel p\b")


def corrected(contrast: Contrast) -> bool:
    """Tell whether a p or an interval was corrected for several comparisons."""
    return "several" in contrast.read.corrections


def quantiles(level: Interval, df: Interval) -> Interval:
    """Return the half-width multiplier of an interval over levels and degrees of freedom."""
    return hull(
        *(
            float(t_quantile(level=one, df=each))
            for one in (level.low, level.high)
            for each in (df.low, df.high)
        )
    )


def at_level(contrast: Contrast, quantity: str, make: Callable[[Interval], Candidate]) -> Candidate:
    """Return a recomputation that rests on the level of the interval, at the level that was read.

    Where none was read it is run over all levels: a number that fits none of them is wrong, one
    that fits some of them is held to the usual level, without a verdict against it.
    """
    read = contrast.read.level
    if read:
        return make(exactly(float(read) / 100))
    wide = make(LEVELS)
    printed = as_printed(quantity, contrast.printed.get(quantity, ""))
    either = hull(wide.interval.low, wide.interval.high)
    mirror = Interval(-either.high, -either.low)
    if printed is None or any(any_meets(printed.intervals, one) for one in (either, mirror)):
        one = make(exactly(USUAL))
        return replace(one, unsaid="; ".join(part for part in (one.unsaid, LEVEL_UNREAD) if part))
    return replace(wide, unprinted=THE_LEVEL)


def near_p(
    one: Candidate, size: Interval, effect: Interval, tail: Callable[[float], float]
) -> Candidate:
    """Return the p that another approximation of the same test could give, as a condition.

    `size` is what the statistic can be, `effect` the log ratio, and `tail` the function to p.
    """
    more = GROWTH * effect.magnitude().high ** 2
    fall = APART + min(more, LARGEST_FALL)
    interval = hull(tail(size.high + APART + more), tail(max(size.low - fall, 0.0)))
    return replace(one, interval=interval, condition=ANOTHER_APPROXIMATION)


# How many people stand on either side.


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """The people of two arms, and where that was read."""

    first: int
    second: int
    where: str


def arm_sizes(contrast: Contrast) -> Sizes | None:
    """Return the people of the two sides: from their rows, else from the arms of the study."""
    if len(contrast.first) == len(contrast.second) == 1:
        a, b = contrast.first[0], contrast.second[0]
        if a.n and b.n:
            return Sizes(first=a.n, second=b.n, where=f"outcomes.csv lines {a.line}, {b.line}")
    rows = [_rows_of(contrast, arm) for arm in (contrast.arm_a, contrast.arm_b)]
    if all(rows):
        most = [max(cell.n or 0 for cell in own) for own in rows]
        lines = ", ".join(str(cell.line) for own in rows for cell in own)
        return Sizes(first=most[0], second=most[1], where=f"outcomes.csv lines {lines}")
    return _sizes_of_study(contrast)


def _rows_of(contrast: Contrast, arm: str) -> list[Cell]:
    """Return the rows that print the outcome of an arm with its people."""
    wanted = vocabulary.outcome_words(contrast.outcome)
    return [
        cell
        for cell in contrast.cells
        if cell.n
        and cell.was_printed
        and vocabulary.arm_words(cell.arm) == vocabulary.arm_words(arm) != frozenset()
        and wanted <= vocabulary.outcome_words(f"{cell.outcome} {cell.instrument}")
    ]


def _sizes_of_study(contrast: Contrast) -> Sizes | None:
    """Return the arms' sizes where the study prints them in the order of exactly these arms."""
    study = contrast.study
    if len(study.arms) != len(study.arm_sizes):
        return None
    bare = [vocabulary.arm_words(re.sub(r"\([^)]{0,500}\)", "", arm)) for arm in study.arms]
    found = [
        study.arm_sizes[bare.index(words)]
        for words in (vocabulary.arm_words(contrast.arm_a), vocabulary.arm_words(contrast.arm_b))
        if bare.count(words) == 1
    ]
    if len(found) != 2:
        return None
    return Sizes(first=found[0], second=found[1], where=f"studies.csv line {study.line}")
