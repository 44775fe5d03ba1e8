"""Change within one arm, or two conditions within the same people: the paired t.

t = mean change / (s_d / sqrt(n)), df = n - 1. Where only the two SDs were printed, s_d lies
between |s_x - s_y| and s_x + s_y, because the correlation was not. Rosner, ch. 8; Cochrane
Handbook 6.5.2.8.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backwalk_stats.engine.numbers import t_estimate
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import TestBox, candidates
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, OF_AN_INTERVAL, OF_THE_SAME_PEOPLE
from backwalk_stats.ledger.reading.printed import Interval, exactly
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "t = mean change / (s_d / sqrt(n)), df = n - 1; s_d^2 = s_x^2 + s_y^2 - 2 r s_x s_y"
UNPRINTED = "the correlation within people"


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the paired test of a change, or of two conditions in the same people."""
    if contrast.kind not in ("paired", "within"):
        return
    change = contrast.change_first
    if change is not None and change.has_spread:
        yield from _from_change(change, contrast.read.level)
        return
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if a is not b and a.has_spread and b.has_spread and a.n == b.n:
            yield from _from_scores(a, b, contrast.read.level, contrast.read.test.other)


def _from_change(change: Cell, level: str) -> Iterator[Candidate]:
    n = change.n or 0
    error = change.sd_interval / exactly(math.sqrt(n))
    if change.sd_value <= 0:
        return
    centre = t_estimate(
        estimate=change.mean_value, std_error=change.sd_value / math.sqrt(n), df=float(n - 1)
    )
    yield from candidates(
        TestBox(
            centre=centre,
            estimate=change.mean_interval,
            std_error=error,
            df=exactly(float(n - 1)),
        ),
        test="paired_t",
        label="paired t test",
        inputs=change.described(),
        formula=FORMULA,
        level=level,
    )


def _from_scores(a: Cell, b: Cell, level: str, other: str) -> Iterator[Candidate]:
    n = a.n or 0
    x, y = a.sd_interval, b.sd_interval
    spread = Interval((x - y).magnitude().low, x.high + y.high)
    uncorrelated = math.hypot(a.sd_value, b.sd_value)
    if uncorrelated <= 0:
        return
    centre = t_estimate(
        estimate=a.mean_value - b.mean_value,
        std_error=uncorrelated / math.sqrt(n),
        df=float(n - 1),
    )
    yield from candidates(
        TestBox(
            centre=centre,
            estimate=a.mean_interval - b.mean_interval,
            std_error=spread / exactly(math.sqrt(n)),
            df=exactly(float(n - 1)),
        ),
        test="paired_t",
        label="paired t test, any correlation",
        indirect=bool(other),
        inputs=f"{a.described()}; {b.described()}",
        formula=FORMULA,
        unprinted=UNPRINTED,
        note=other or "the recomputed number takes a correlation of 0",
        level=level,
    )


CHECK = Check(
    name="paired",
    title="Change within people",
    formula=FORMULA,
    reference="Rosner, Fundamentals of Biostatistics, ch. 8; Cochrane Handbook 6.5.2.8",
    scope="contrast",
    run=run,
    needs=(*OF_THE_SAME_PEOPLE, *OF_AN_EFFECT, *OF_AN_INTERVAL),
)
