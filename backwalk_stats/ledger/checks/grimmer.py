"""Whether n scores on the grid can have the printed mean and SD together (GRIMMER).

A multiset of n scores between the ends of the scale must exist whose mean and sample SD (n - 1)
round to the printed ones; decided exactly. Anaya, PeerJ Preprints 2016;4:e2400v1; bounds as in
Allard 2018.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from backwalk_stats.engine.printed.sd_bounds import nearest_sds
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.grid import grid_test
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    Ruling,
)

FORMULA = "n scores on the scale exist whose mean and SD (n - 1) round to the printed ones"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed SD whose mean is possible."""
    test, cell = grid_test(arm.cell), arm.cell
    if test is None or test.sd_possible is None:
        return
    n = cell.n or 0
    near = nearest_sds(mean_text=cell.mean, sd_text=cell.sd, n=n, grid=test.grid)
    around = [one for one in (near.below, near.above) if one is not None]
    verdict, reason = COMPATIBLE, f"possible with this mean at n = {n}"
    if not test.sd_possible:
        beside = " and ".join(f"{one:.4g}" for one in around)
        cut = _cut_short(cell.sd, near.above)
        verdict = INPUTS_INCONSISTENT
        reason = f"impossible with this mean at n = {n} (nearest possible SDs {beside}{cut})"
        reason += f"; {CANNOT_ALL_BE_RIGHT}" if test.scale.was_read else ""
    yield Ruling(
        quantity="sd",
        reported=cell.sd,
        verdict=verdict if test.scale.was_read else NOT_DERIVABLE,
        reason=f"{test.scale.assumption}: {reason}",
        value=min(around, key=lambda one: abs(one - cell.sd_value), default=None),
        interval=Interval(around[0], around[-1]) if around else None,
        inputs=cell.described(),
        formula=FORMULA,
    )


def _cut_short(printed: str, above: float | None) -> str:
    """Say so where the SD looks cut off instead of rounded: an honest slip."""
    decimals = len(printed.partition(".")[2])
    if above is None or floor(above * 10**decimals) / 10**decimals != float(printed):
        return ""
    return ", the second of which gives the printed one when cut off instead of rounded"


CHECK = Check(
    name="grimmer",
    title="SDs that whole-number scores allow (GRIMMER)",
    formula=FORMULA,
    reference="Anaya, PeerJ Preprints 2016;4:e2400v1",
    scope="arm",
    run=run,
)
