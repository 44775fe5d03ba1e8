"""A percentage of people must be a whole count of the people.

100 k / n must round to the printed percentage for a whole number k from 0 to n. Brown and
Heathers, Soc Psychol Personal Sci 2017;8:363-369 (GRIM for percentages).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from backwalk_stats.engine.printed.grid import ScoreGrid
from backwalk_stats.engine.printed.integer_samples import grim
from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.printed import Interval
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "100 k / n rounds to the printed percentage for some whole number k"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed percentage of people."""
    cell = arm.cell
    if not cell.unit.startswith("percent") or cell.sd or not (cell.mean and cell.n):
        return
    n = cell.n
    grid = ScoreGrid(step=Fraction(100), lower=0, upper=1)
    found = grim(mean_text=cell.mean, n=n, grid=grid)
    around = [one for one in (found.below, found.above) if one is not None]
    nearest = min(around, key=lambda one: abs(one - (found.low + found.high) / 2))
    counts = ", ".join(f"{round(one * n / 100)}/{n}" for one in sorted(set(around)))
    if not found.possible:
        verdict = verdicts.INPUTS_INCONSISTENT
        reason = f"no count of {n} gives it (nearest {counts}); {verdicts.CANNOT_ALL_BE_RIGHT}"
    elif found.n_possible == 1:
        verdict, reason = (
            verdicts.REPRODUCED,
            f"{round(nearest * n / 100)}/{n} gives it, and no other count",
        )
    else:
        verdict, reason = verdicts.COMPATIBLE, f"{found.n_possible} counts of {n} round to it"
    yield Ruling(
        quantity="percent",
        reported=cell.mean,
        verdict=verdict,
        reason=reason,
        value=float(nearest),
        interval=Interval(float(min(around)), float(max(around))),
        inputs=cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="percentage",
    title="Percentages from whole counts",
    formula=FORMULA,
    reference="Brown and Heathers, Soc Psychol Personal Sci 2017;8:363",
    scope="arm",
    run=run,
)
