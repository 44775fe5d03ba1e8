"""A regression coefficient, its standard error, t and interval against each other.

t = b / SE; interval b +- q SE, q at the printed df and level (Draper and Smith, Applied Regression
Analysis, 3rd ed., ch. 1). Where they clash the number is failed without which the others agree;
where that does not tell, the statistic, which is computed from the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product

from backwalk_stats.engine.numbers import t_p
from backwalk_stats.ledger.beside import (
    LEVELS,
    OF_THE_EFFECT,
    SIDES,
    THE_LEVEL,
    Beside,
    another_way,
    corrected,
    df_intervals,
    interval_beside,
    names,
    of_several,
    quantiles,
    statistic_beside,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    hull,
    is_number,
    parse_df,
    rounding_interval,
)
from backwalk_stats.ledger.reading.spellings import REGRESSION
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "t = b / SE; interval = b +- q SE; p = P(|T| >= |t|)"
# Coefficients whose tests and intervals need not rest on a t or on a standard error.
NOT_LINEAR = r"\blogistic|\bcox\b|\bpoisson|\bprobit|\bordinal|\bquantile|\bhazard|\blasso|\bridge"
ALL_DF = Interval(3.0, math.inf)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Numbers:
    """What stands in the row; None where it does not. The order is the one of suspicion."""

    statistic: Interval | None
    interval: Beside | None
    std_error: Interval | None
    estimate: Interval | None
    q: Interval

    def without(self, name: str) -> _Numbers:
        """Return the row without one of its numbers."""
        return replace(self, **{name: None})  # type: ignore[arg-type]

    @property
    def b(self) -> Interval | None:
        """Return what b can be by the numbers that give it; None where none does."""
        return _common(self.estimate, self.interval.middle if self.interval else None)

    @property
    def error(self) -> Interval | None:
        """Return what SE can be by the numbers that give it, else by b and t."""
        twice = exactly(2.0) * self.q
        own = self.interval.width / twice if self.interval else None
        return _common(self.std_error, own)

    @property
    def any_error(self) -> Interval | None:
        """Return SE, from b and t where nothing else gives it."""
        if self.error is not None or self.b is None or self.statistic is None:
            return self.error
        return self.b.magnitude() / self.statistic.magnitude()

    @property
    def agree(self) -> bool:
        """Tell whether the numbers can all be right."""
        if _empty(self.b) or _empty(self.error):
            return False
        if self.b is None or self.error is None or self.statistic is None:
            return True
        return (self.b / self.error).magnitude().meets(self.statistic.magnitude())


def _common(first: Interval | None, second: Interval | None) -> Interval | None:
    """Return what two numbers share; an interval turned round where they share nothing."""
    if first is None or second is None:
        return first or second
    if first.meets(second):
        ends = max(first.low, second.low), min(first.high, second.high)
        return Interval(min(ends), max(ends))
    return Interval(math.inf, -math.inf)


def _empty(one: Interval | None) -> bool:
    return one is not None and one.low > one.high


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield each number of a coefficient from the others, or the one that does not fit."""
    if contrast.read.scale != REGRESSION or names(contrast, NOT_LINEAR):
        return
    if another_way(contrast, "bayes"):
        return
    row = _numbers(contrast)
    if row.agree:
        for name in ("statistic", "interval", "std_error"):
            yield from _recomputed(contrast, row, name)
        if row.statistic is None:
            yield from _p_value(contrast, row)
        return
    printed = [one.name for one in fields(row) if one.name != "q" and getattr(row, one.name)]
    suspects = [name for name in printed if row.without(name).agree]
    yield from _recomputed(contrast, row, suspects[0] if suspects else "statistic")


def _numbers(contrast: Contrast) -> _Numbers:
    statistic = statistic_beside(contrast)
    printed = contrast.printed
    read = contrast.read
    t = statistic if statistic and statistic.family in ("t", "z") else None
    df = (
        df_intervals(contrast, t)
        if t
        else tuple(exactly(x) for x in parse_df(printed.get("df", "")))
    )
    normal = t is not None and t.family == "z"
    freedom = exactly(math.inf) if normal else df[0] if len(df) == 1 else ALL_DF
    level = exactly(float(read.level) / 100) if read.level else LEVELS
    plain = not (another_way(contrast, "resampled", "interval") or corrected(contrast))
    beside = interval_beside(contrast) if plain else None
    return _Numbers(
        statistic=rounding_interval(t.text) if t else None,
        interval=beside if beside and beside.width.low > 0 else None,
        std_error=_number(printed.get("std_error", "")),
        estimate=_number(printed.get("estimate", "")),
        q=quantiles(level, freedom),
    )


def _number(text: str) -> Interval | None:
    return rounding_interval(text) if is_number(text) else None


def _recomputed(contrast: Contrast, row: _Numbers, name: str) -> Iterator[Candidate]:
    """Yield one number of the row from the others, where it is printed and they give it."""
    rest = row.without(name)
    b, error = rest.b, rest.any_error
    if getattr(row, name) is None or _empty(b) or _empty(error):
        return
    if name == "statistic" and b is not None and error is not None:
        yield _candidate(contrast, "statistic", b / error)
    if name == "std_error" and error is not None:
        yield _candidate(contrast, "std_error", error)
    if name == "interval" and b is not None and error is not None:
        reach = row.q * error
        unprinted = "" if contrast.read.level else THE_LEVEL
        for quantity, ends in (("conf_low", b - reach), ("conf_high", b + reach)):
            yield replace(_candidate(contrast, quantity, ends), unprinted=unprinted)
    if name == "estimate" and b is not None:
        yield _candidate(contrast, "estimate", b)


def _p_value(contrast: Contrast, row: _Numbers) -> Iterator[Candidate]:
    """Yield p from b and SE where no statistic is printed."""
    b, error = row.b, row.std_error
    unfit = another_way(contrast) or corrected(contrast) or of_several(contrast)
    if b is None or error is None or unfit:
        return
    df = parse_df(contrast.printed.get("df", ""))
    sizes = (b / error).magnitude()
    freedom = df if len(df) == 1 else (ALL_DF.low, ALL_DF.high)
    ends = product((sizes.low, sizes.high), freedom)
    interval = hull(*(float(t_p(statistic=t, df=one)) for t, one in ends))
    one = _candidate(contrast, "p_value", interval)
    yield replace(one, unprinted="" if len(df) == 1 else "the degrees of freedom")


def _candidate(contrast: Contrast, quantity: str, interval: Interval) -> Candidate:
    names_of = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "df")
    used = [
        f"{n} {contrast.printed[n]}" for n in names_of if n in contrast.printed and n != quantity
    ]
    return Candidate(
        quantity=quantity,
        value=interval.middle,
        interval=interval,
        test="interval",
        label="the rest of the row",
        inputs="; ".join(used),
        formula=FORMULA,
    )


CHECK = Check(
    name="regression_coefficient",
    title="A regression coefficient against its SE, t and interval",
    formula=FORMULA,
    reference="Draper and Smith, Applied Regression Analysis, 3rd ed., ch. 1",
    scope="contrast",
    run=run,
    needs=(SIDES, OF_THE_EFFECT),
)
