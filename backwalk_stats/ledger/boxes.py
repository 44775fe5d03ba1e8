"""Tests of two arms with the interval of each part: what rounding of n, mean and SD allows."""

from __future__ import annotations

import math

from backwalk_stats.engine.two_sample import pooled, pooled_sd, welch, welch_df
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.rounding import Interval, exactly
from backwalk_stats.ledger.t_hull import TestBox


def sizes_of(a: Cell, b: Cell) -> tuple[int, int]:
    """Return the participants of two arms that print them."""
    return a.n or 0, b.n or 0


def pooled_sd_interval(a: Cell, b: Cell) -> Interval:
    """Return what the pooled SD can be; it rises with either SD."""
    n1, n2 = sizes_of(a, b)
    low = pooled_sd(n1=n1, sd1=a.sd_interval.low, n2=n2, sd2=b.sd_interval.low)
    high = pooled_sd(n1=n1, sd1=a.sd_interval.high, n2=n2, sd2=b.sd_interval.high)
    return Interval(float(low), float(high))


def student_box(a: Cell, b: Cell) -> TestBox:
    """Return Student's test of two arms, first minus second.

    Raises
    ------
    NotEstimable
        If neither arm has any spread.
    """
    n1, n2 = sizes_of(a, b)
    centre = pooled(
        n1=n1, mean1=a.mean_value, sd1=a.sd_value, n2=n2, mean2=b.mean_value, sd2=b.sd_value
    )
    per_person = exactly(math.sqrt(1 / n1 + 1 / n2))
    return TestBox(
        centre=centre,
        estimate=a.mean_interval - b.mean_interval,
        std_error=pooled_sd_interval(a, b) * per_person,
        df=exactly(float(n1 + n2 - 2)),
    )


def welch_box(a: Cell, b: Cell) -> TestBox:
    """Return Welch's test of two arms, first minus second.

    Raises
    ------
    NotEstimable
        If neither arm has any spread.
    """
    n1, n2 = sizes_of(a, b)
    centre = welch(
        n1=n1, mean1=a.mean_value, sd1=a.sd_value, n2=n2, mean2=b.mean_value, sd2=b.sd_value
    )
    ends = [
        math.sqrt(sd1**2 / n1 + sd2**2 / n2)
        for sd1, sd2 in zip(*((c.sd_interval.low, c.sd_interval.high) for c in (a, b)), strict=True)
    ]
    return TestBox(
        centre=centre,
        estimate=a.mean_interval - b.mean_interval,
        std_error=Interval(ends[0], ends[1]),
        df=_welch_df_interval(a, b),
    )


def _welch_df_interval(a: Cell, b: Cell) -> Interval:
    """Return what Welch's df can be.

    They depend on the ratio of the two variances of the mean alone and have one peak, n1 + n2 - 2,
    where that ratio is (n1 - 1) / (n2 - 1).
    """
    n1, n2 = sizes_of(a, b)
    one, two = a.sd_interval, b.sd_interval
    if one.low <= 0 or two.low <= 0:
        return Interval(float(min(n1, n2) - 1), float(n1 + n2 - 2))
    corners = [
        float(welch_df(n1=n1, sd1=sd1, n2=n2, sd2=sd2))
        for sd1, sd2 in ((one.low, two.high), (one.high, two.low))
    ]
    peak = (n1 - 1) / (n2 - 1)
    ratios = [(s1**2 / n1) / (s2**2 / n2) for s1, s2 in ((one.low, two.high), (one.high, two.low))]
    top = float(n1 + n2 - 2) if ratios[0] <= peak <= ratios[1] else max(corners)
    return Interval(min(corners), top)


def change_box(before: tuple[Cell, Cell], after: tuple[Cell, Cell]) -> TestBox:
    """Return Student's test of two arms' changes when the correlation was not printed.

    The SD of change lies between |s_x - s_y| (correlation 1) and s_x + s_y (correlation -1); the
    centre takes a correlation of 0.

    Parameters
    ----------
    before, after : tuple of two Cell
        The first and the second arm, before and after treatment.
    """
    (x1, x2), (y1, y2) = before, after
    n1, n2 = sizes_of(y1, y2)
    spreads = [_change_sd(x, y) for x, y in ((x1, y1), (x2, y2))]
    ends = [
        float(pooled_sd(n1=n1, sd1=one, n2=n2, sd2=two))
        for one, two in zip(*((s.low, s.high) for s in spreads), strict=True)
    ]
    centre = pooled(
        n1=n1,
        mean1=y1.mean_value - x1.mean_value,
        sd1=math.hypot(x1.sd_value, y1.sd_value),
        n2=n2,
        mean2=y2.mean_value - x2.mean_value,
        sd2=math.hypot(x2.sd_value, y2.sd_value),
    )
    return TestBox(
        centre=centre,
        estimate=(y1.mean_interval - x1.mean_interval) - (y2.mean_interval - x2.mean_interval),
        std_error=Interval(ends[0], ends[1]) * exactly(math.sqrt(1 / n1 + 1 / n2)),
        df=exactly(float(n1 + n2 - 2)),
    )


def _change_sd(before: Cell, after: Cell) -> Interval:
    x, y = before.sd_interval, after.sd_interval
    return Interval((x - y).magnitude().low, x.high + y.high)


def pair_inputs(a: Cell, b: Cell) -> str:
    """Return the two rows that a comparison used, in words."""
    return f"{a.described()}; {b.described()}"
