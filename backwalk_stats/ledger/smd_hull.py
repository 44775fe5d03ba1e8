"""Standardised mean differences with the interval that rounding of their inputs allows."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from functools import partial

from backwalk_stats.engine.two_arms import (
    Arm,
    cochrane_smd,
    hedges_correction,
    noncentral_interval,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.boxes import pair_inputs, pooled_sd_interval, sizes_of, student_box
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.rounding import Interval, monotone
from backwalk_stats.ledger.verdict import Candidate

FORMULA = (
    "d = (m1 - m2) / s_p; g = J d; Cochrane SE^2 = N/(n1 n2) + g^2 / (2 (N - 3.94)), "
    "large-sample g^2 / (2 N)"
)
NORMAL = 1.959963984540054
WAYS = {
    "cohen": "Cohen's d, noncentral t interval",
    "noncentral": "Hedges' g with exact J, noncentral t interval",
    "cochrane": "Hedges' g by Cochrane's formula",
    "cohen_large": "Cohen's d, large-sample interval",
    "large": "Hedges' g with exact J, large-sample interval",
}


def smd_candidates(way: str, a: Cell, b: Cell) -> Iterator[Candidate]:
    """Yield the estimate and its interval by one formula.

    Parameters
    ----------
    way : str
        A key of `WAYS`.
    a, b : Cell
        Two arms that print n, mean and a spread; the first minus the second.
    """
    spread = pooled_sd_interval(a, b)
    size = (a.mean_interval - b.mean_interval) / spread
    centre = student_box(a, b).centre
    n1, n2 = sizes_of(a, b)
    middle = float(centre.statistic) * math.sqrt(1 / n1 + 1 / n2)
    for quantity, function in _functions(way, n1, n2).items():
        try:
            interval = monotone(function, size) if math.isfinite(size.width) else size
        except NotEstimable:
            interval = Interval(-math.inf, math.inf)
        yield Candidate(
            quantity=quantity,
            value=function(middle),
            interval=interval,
            test=way,
            label=WAYS[way],
            inputs=pair_inputs(a, b),
            formula=FORMULA,
        )


def _functions(way: str, n1: int, n2: int) -> dict[str, Callable[[float], float]]:
    """Return each quantity as a rising function of d; estimates once for each J."""
    if way == "cochrane":
        ends = ("estimate", "conf_low", "conf_high")
        return {quantity: partial(_cochrane, quantity, n1, n2) for quantity in ends}
    factor = 1.0 if way.startswith("cohen") else float(hedges_correction(n1 + n2 - 2))
    if way.endswith("large"):
        return {
            "conf_low": partial(_large_sample, factor, -1, n1, n2),
            "conf_high": partial(_large_sample, factor, 1, n1, n2),
        }
    return {
        "estimate": partial(operator.mul, factor),
        "conf_low": partial(_noncentral, factor, 0, n1, n2),
        "conf_high": partial(_noncentral, factor, 1, n1, n2),
    }


def _cochrane(quantity: str, n1: int, n2: int, d: float) -> float:
    result = cochrane_smd(Arm(n1, d, 1.0), Arm(n2, 0.0, 1.0))
    return float(getattr(result, quantity))


def _large_sample(factor: float, sign: int, n1: int, n2: int, d: float) -> float:
    """Return one end with SE^2 = N/(n1 n2) + g^2/(2 N) (Hedges and Olkin 1985, ch. 5, eq. 15)."""
    total, g = n1 + n2, factor * d
    error = math.sqrt(total / (n1 * n2) + g**2 / (2 * total))
    return g + sign * NORMAL * error


def _noncentral(factor: float, end: int, n1: int, n2: int, d: float) -> float:
    return factor * float(noncentral_interval(n1=n1, n2=n2, d=d)[end])
