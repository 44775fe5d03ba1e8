"""Whether n scores on the grid of the scale can have the printed mean (GRIM).

T / (n k) must round to the mean for a whole number T between the ends of the scale; k items
averaged (1 where scores are whole numbers). Exact, on the printed text, both ends of the rounding
interval included. Brown and Heathers, Soc Psychol Personal Sci 2017;8:363-369.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.grid import grid_test
from backwalk_stats.ledger.printed import Interval
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "T / (n k) rounds to the printed mean for some whole number T"
# With this many possible means inside the rounding interval, nothing could have failed.
WEAK = 2


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed mean."""
    test = grid_test(arm.cell)
    if test is None:
        return
    mean, n = test.mean, arm.cell.n or 0
    around = [float(one) for one in (mean.below, mean.above) if one is not None]
    nearest = min(around, key=lambda one: abs(one - arm.cell.mean_value), default=None)
    if not mean.possible:
        beside = " and ".join(f"{one:.4g}" for one in around)
        verdict = verdicts.INPUTS_INCONSISTENT
        reason = f"impossible at n = {n} (nearest possible means {beside}); {test.scale.assumption}"
        reason = f"{reason}; {verdicts.CANNOT_ALL_BE_RIGHT}"
    elif mean.n_possible < WEAK:
        verdict, reason = verdicts.REPRODUCED, f"possible at n = {n}; {test.scale.assumption}"
    else:
        verdict = verdicts.COMPATIBLE
        reason = f"{mean.n_possible} possible means round to it, so the test is weak"
    yield Ruling(
        quantity="mean",
        reported=arm.cell.mean,
        verdict=verdict,
        reason=reason,
        value=nearest,
        interval=Interval(around[0], around[-1]) if around else None,
        inputs=arm.cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="grim",
    title="Means that whole-number scores allow (GRIM)",
    formula=FORMULA,
    reference="Brown and Heathers, Soc Psychol Personal Sci 2017;8:363",
    scope="arm",
    run=run,
)
