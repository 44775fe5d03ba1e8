"""p-values of two arms from what a table prints of them: means with SD, SE or interval; counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from backwalk_stats.engine.numbers import chi_square_p, t_p, t_quantile
from backwalk_stats.engine.summary.intervals import sd_from_interval
from backwalk_stats.engine.summary.two_arms import Arm, pooled_sd, welch_df
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.paper.recomputed_p import Range, printed_range
from backwalk_stats.paper.table_columns import TableCell

# Fewer may have been analysed than stand in the heading: this share of them is allowed for.
ANALYSED = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmRange:
    """n, mean and SD of an arm, as ranges."""

    n: int
    mean: Range
    sd: Range


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What a t test of two arms gives: difference, p, and the ends of its interval."""

    test: str
    label: str
    estimate: Range
    statistic: Range
    p_value: Range
    low: Range
    high: Range


def arm_range(cell: TableCell, *, as_error: bool = False) -> ArmRange | None:
    """Return n, mean and SD of a cell as ranges; None where one of them is not printed.

    An interval of the mean gives the SD by Student's t with n - 1 df.

    Parameters
    ----------
    cell : TableCell
        A cell of an arm.
    as_error : bool
        Read what stands as SD as a standard error.
    """
    n, mean = cell.n, cell.printed.get("mean")
    if n is None or n < 2 or not mean:
        return None
    sd, se = cell.printed.get("sd"), cell.printed.get("se")
    low, high = cell.printed.get("ci_low"), cell.printed.get("ci_high")
    if sd:
        spread = printed_range(sd)
        factor = math.sqrt(n) if as_error else 1.0
    elif se:
        spread, factor = printed_range(se), math.sqrt(n)
    elif low and high:
        return ArmRange(n=n, mean=printed_range(mean), sd=_from_interval(n, low, high))
    else:
        return None
    found = Range(
        low=max(spread.low, 0.0) * factor, high=spread.high * factor, value=spread.value * factor
    )
    return ArmRange(n=n, mean=printed_range(mean), sd=found)


def _from_interval(n: int, low: str, high: str) -> Range:
    bottom, top = printed_range(low), printed_range(high)
    ends = [
        float(sd_from_interval(n=n, low=first, high=last)) if last > first else 0.0
        for first, last in (
            (bottom.high, top.low), (bottom.low, top.high), (bottom.value, top.value),
        )
    ]  # fmt: skip
    return Range(low=ends[0], high=ends[1], value=ends[2])


def t_tests(a: ArmRange, b: ArmRange, *, level: float = 0.95) -> Iterator[Difference]:
    """Yield Student's and Welch's test of two arms, first minus second, over all roundings.

    Parameters
    ----------
    a, b : ArmRange
        The arms.
    level : float
        Of the interval.
    """
    estimate = Range(
        low=a.mean.low - b.mean.high,
        high=a.mean.high - b.mean.low,
        value=a.mean.value - b.mean.value,
    )
    per_person = math.sqrt(1 / a.n + 1 / b.n)
    ends = ("low", "high", "value")
    student = [
        per_person
        * float(pooled_sd(Arm(a.n, 0.0, getattr(a.sd, end)), Arm(b.n, 0.0, getattr(b.sd, end))))
        for end in ends
    ]
    df = float(a.n + b.n - 2)
    if student[0] > 0:
        yield _difference("pooled_t", "Student's t test", estimate, student, [df, df, df], level)
    welch = [
        math.sqrt(getattr(a.sd, end) ** 2 / a.n + getattr(b.sd, end) ** 2 / b.n) for end in ends
    ]
    if min(a.sd.low, b.sd.low) > 0:
        spreads = [(a.sd.low, b.sd.high), (a.sd.high, b.sd.low), (a.sd.value, b.sd.value)]
        freedom = [float(welch_df(Arm(a.n, 0.0, x), Arm(b.n, 0.0, y))) for x, y in spreads]
        around = [min(freedom), max(freedom), freedom[2]]
        yield _difference("welch_t", "Welch's t test", estimate, welch, around, level)


def _difference(
    test: str,
    label: str,
    estimate: Range,
    error: list[float],
    df: list[float],
    level: float,
) -> Difference:
    size = Interval(estimate.low, estimate.high).magnitude()
    far, near = size.high / error[0], size.low / error[1]
    tails = [float(t_p(statistic=t, df=nu)) for t, nu in product((far, near), df[:2])]
    p = Range(
        low=min(tails),
        high=max(tails),
        value=float(t_p(statistic=estimate.value / error[2], df=df[2])),
    )
    corners = [e / s for e in (estimate.low, estimate.high) for s in error[:2]]
    statistic = Range(low=min(corners), high=max(corners), value=estimate.value / error[2])
    quantiles = [float(t_quantile(level=level, df=nu)) for nu in df]
    least, most = min(quantiles[:2]) * error[0], max(quantiles[:2]) * error[1]
    middle = quantiles[2] * error[2]
    return Difference(
        test=test,
        label=label,
        estimate=estimate,
        statistic=statistic,
        p_value=p,
        low=Range(
            low=estimate.low - most, high=estimate.high - least, value=estimate.value - middle
        ),
        high=Range(
            low=estimate.low + least, high=estimate.high + most, value=estimate.value + middle
        ),
    )


def fewer(arm: ArmRange) -> ArmRange:
    """Return the arm with the fewest people that are still allowed for."""
    return ArmRange(n=max(2, math.ceil(ANALYSED * arm.n)), mean=arm.mean, sd=arm.sd)


def count_tests(first: tuple[int, int], second: tuple[int, int]) -> dict[str, tuple[str, float]]:
    """Return p of two counts by Pearson's chi-square, Yates's correction and Fisher's exact test.

    chi-square = N (|ad - bc| - c)^2 / (r1 r2 c1 c2), c = 0 for Pearson and at most N / 2 for Yates
    (J R Stat Soc Suppl 1934;1:217).

    Parameters
    ----------
    first, second : (int, int)
        Events and people of each arm.

    Examples
    --------
    >>> tests = count_tests((24, 40), (22, 41))
    >>> round(tests["chi_square"][1], 3)
    0.565
    """
    from backwalk_stats.engine.summary.proportions import Counts, fisher_p

    (a, n1), (c, n2) = first, second
    total, events = n1 + n2, a + c
    found = {}
    if 0 < events < total:
        cross = abs(a * (n2 - c) - (n1 - a) * c)
        margins = n1 * n2 * events * (total - events)
        for test, label, less in (
            ("chi_square", "Pearson's chi-square", 0.0),
            ("yates", "chi-square with Yates's correction", min(total / 2, cross)),
        ):
            statistic = total * (cross - less) ** 2 / margins
            found[test] = (label, float(chi_square_p(statistic=statistic, df=1)))
    counts = Counts(events1=a, n1=n1, events2=c, n2=n2)
    found["fisher"] = ("Fisher's exact test", fisher_p(counts))
    return found
