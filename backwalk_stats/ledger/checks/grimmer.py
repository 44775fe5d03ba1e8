"""Whether n scores on the grid can have the printed mean and SD together (GRIMMER).

A multiset of n scores between the ends of the scale must exist whose mean and sample SD (n - 1)
round to the printed ones; decided exactly. Anaya, PeerJ Preprints 2016;4:e2400v1; bounds as in
Allard 2018.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Arm
from backwalk_stats.ledger.check import Check
from backwalk_stats.ledger.granularity import grid_test
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    INPUTS_INCONSISTENT,
    REPRODUCED,
    Ruling,
)

FORMULA = "n scores on the scale exist whose mean and SD (n - 1) round to the printed ones"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed SD whose mean is possible."""
    test = grid_test(arm.cell)
    if test is None or test.sd_possible is None:
        return
    fits, n = test.sd_possible, arm.cell.n or 0
    reason = (
        f"possible with this mean at n = {n}"
        if fits
        else (f"impossible with this mean at n = {n}; {CANNOT_ALL_BE_RIGHT}")
    )
    yield Ruling(
        quantity="sd",
        reported=arm.cell.sd,
        verdict=REPRODUCED if fits else INPUTS_INCONSISTENT,
        reason=f"{reason}; {test.scale.assumption}",
        inputs=arm.cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="grimmer",
    title="SDs that whole-number scores allow (GRIMMER)",
    formula=FORMULA,
    reference="Anaya, PeerJ Preprints 2016;4:e2400v1",
    scope="arm",
    run=run,
)
