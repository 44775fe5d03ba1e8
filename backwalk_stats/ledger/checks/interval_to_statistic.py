"""t or z of a difference from the confidence interval that is printed beside it.

t = estimate / ((high - low) / (2 q)), q from t at the printed df, or from the normal for z.  Altman
and Bland, BMJ 2011;343:d2304; Cochrane Handbook 6.5.2.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backwalk_stats.ledger.beside import (
    OF_THE_EFFECT,
    another_way,
    at_level,
    corrected,
    interval_beside,
    quantiles,
    statistic_beside,
)
from backwalk_stats.ledger.case import Check, Contrast
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, exactly, value_of
from backwalk_stats.ledger.reading.spellings import DIFFERENCE
from backwalk_stats.ledger.verdict import Candidate

FORMULA = "t = estimate / ((high - low) / (2 q)), q at the printed df and level"
HALF = 0.5  # whole df of Welch's test are rounded


def run(contrast: Contrast) -> Iterator[Candidate]:
    """Yield the statistic that a symmetric interval gives."""
    if contrast.read.scale != DIFFERENCE:
        return
    beside, statistic = interval_beside(contrast), statistic_beside(contrast)
    if beside is None or statistic is None or beside.width.low <= 0 or not beside.is_symmetric:
        return
    if another_way(contrast, "resampled", "bayes", "exact", "interval") or corrected(contrast):
        return
    if statistic.family == "z":
        df = exactly(math.inf)
    elif statistic.family == "t" and len(statistic.df) == 1 and statistic.df[0] > 1:
        df = Interval(statistic.df[0] - HALF, statistic.df[0] + HALF)
    else:
        return

    def make(level: Interval) -> Candidate:
        twice = exactly(2.0) * quantiles(level, df)
        at = [value_of(text) for text in beside.texts]
        q = quantiles(exactly(level.low), exactly(df.middle)).low
        return Candidate(
            quantity="statistic",
            value=at[0] / ((at[2] - at[1]) / (2 * q)),
            interval=beside.effect / beside.width * twice,
            test="interval",
            label=f"{statistic.family} from the printed interval",
            inputs=f"{beside.described()}" + (f"; df {statistic.df[0]:g}" if statistic.df else ""),
            formula=FORMULA,
        )

    yield at_level(contrast, "statistic", make)


CHECK = Check(
    name="interval_to_statistic",
    title="The statistic of a difference from its interval",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2011;343:d2304; Cochrane Handbook 6.5.2.3",
    scope="contrast",
    run=run,
    needs=(Need(of="null", fits=("0",)), OF_THE_EFFECT),
)
