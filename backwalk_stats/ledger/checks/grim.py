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
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "T / (n k) rounds to the printed mean for some whole number T"
# With this many possible means inside the rounding interval, nothing could have failed.
WEAK = 2


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed mean; one that is possible was not recomputed."""
    test = grid_test(arm.cell)
    if test is None:
        return
    mean, n = test.mean, arm.cell.n or 0
    around = [float(one) for one in (mean.below, mean.above) if one is not None]
    nearest = min(around, key=lambda one: abs(one - arm.cell.mean_value), default=None)
    said = f"{test.scale.assumption}: "
    if not mean.possible:
        beside = " and ".join(f"{one:.4g}" for one in around)
        said += f"impossible at n = {n} (nearest possible means {beside})"
        verdict = verdicts.INPUTS_INCONSISTENT
        said += f"; {verdicts.CANNOT_ALL_BE_RIGHT}" if test.scale.was_read else ""
    else:
        verdict = verdicts.COMPATIBLE
        weak = mean.n_possible >= WEAK
        said += f"{mean.n_possible} possible means round to it" if weak else f"possible at n = {n}"
    verdict = verdict if test.scale.was_read else verdicts.NOT_DERIVABLE
    yield Ruling(
        quantity="mean",
        reported=arm.cell.mean,
        verdict=verdict,
        reason=said,
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
