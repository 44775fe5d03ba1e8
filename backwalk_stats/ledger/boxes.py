"""Tests of two arms with the interval of each part: what rounding of n, mean and SD allows."""

from __future__ import annotations

import math

from backwalk_stats.engine.two_arms import Arm, pooled, pooled_sd, welch, welch_df
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.rounding import Interval, exactly
from backwalk_stats.ledger.t_hull import TestBox


def sizes_of(a: Cell, b: Cell) -> tuple[int, int]:
    """Return the participants of two arms that print them."""
    return a.n or 0, b.n or 0


def arm_of(cell: Cell, sd: float | None = None) -> Arm:
    """Return an arm as printed, or with another SD."""
    return Arm(cell.n or 0, cell.mean_value, cell.sd_value if sd is None else sd)


def pooled_sd_interval(a: Cell, b: Cell) -> Interval:
    """Return what the pooled SD can be; it rises with either SD."""
    low = pooled_sd(arm_of(a, a.sd_interval.low), arm_of(b, b.sd_interval.low))
    high = pooled_sd(arm_of(a, a.sd_interval.high), arm_of(b, b.sd_interval.high))
    return Interval(float(low), float(high))


def student_box(a: Cell, b: Cell) -> TestBox:
    """Return Student's test of two arms, first minus second.

    Raises
    ------
    NotEstimable
        If neither arm has any spread.
    """
    n1, n2 = sizes_of(a, b)
    centre = pooled(arm_of(a), arm_of(b))
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
    centre = welch(arm_of(a), arm_of(b))
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
        float(welch_df(arm_of(a, sd1), arm_of(b, sd2)))
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
        float(pooled_sd(arm_of(y1, one), arm_of(y2, two)))
        for one, two in zip(*((s.low, s.high) for s in spreads), strict=True)
    ]
    changes = [
        Arm(n, y.mean_value - x.mean_value, math.hypot(x.sd_value, y.sd_value))
        for n, x, y in ((n1, x1, y1), (n2, x2, y2))
    ]
    return TestBox(
        centre=pooled(*changes),
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
