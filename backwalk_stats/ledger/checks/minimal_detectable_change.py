"""Minimal detectable change from a printed standard error of measurement.

MDC95 = 1.96 sqrt(2) SEM.  Weir, J Strength Cond Res 2005;19:231-240.  Some papers leave out
sqrt(2): that is another quantity, and is said so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backwalk_stats.engine.summary.power import minimal_detectable_change
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.printed import Interval, exactly, hull, rounding_interval, value_of
from backwalk_stats.ledger.verdict import NOT_REPRODUCED, REPRODUCED, Ruling

FORMULA = "MDC95 = 1.96 sqrt(2) SEM"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed MDC whose SEM was printed beside it."""
    cell = arm.cell
    if cell.outcome.strip().upper() not in ("MDC", "MDC95") or not cell.mean:
        return
    sems = [
        other
        for other in arm.siblings
        if other.outcome.strip().upper() == "SEM"
        and (other.instrument, other.arm) == (cell.instrument, cell.arm)
        and other.mean
    ]
    if len(sems) != 1:
        return
    sem = rounding_interval(sems[0].mean)
    # Papers take 1.96 for the 97.5 % point of the normal, or the point itself.
    factor = hull(float(minimal_detectable_change(sem=1.0)), 1.96 * math.sqrt(2))
    allowed = Interval(max(sem.low, 0.0), sem.high) * factor
    reported = rounding_interval(cell.mean)
    fits = allowed.meets(reported)
    bare = (allowed / exactly(math.sqrt(2))).meets(reported)
    reason = "agrees within rounding" if fits else "is not 1.96 sqrt(2) SEM"
    yield Ruling(
        quantity="mdc",
        reported=cell.mean,
        verdict=REPRODUCED if fits else NOT_REPRODUCED,
        reason=reason + (", but is 1.96 SEM: sqrt(2) was left out" if bare and not fits else ""),
        value=float(minimal_detectable_change(sem=value_of(sems[0].mean))),
        interval=allowed,
        inputs=f"SEM {sems[0].mean} (outcomes.csv line {sems[0].line})",
        formula=FORMULA,
    )


CHECK = Check(
    name="minimal_detectable_change",
    title="Minimal detectable change from the standard error of measurement",
    formula=FORMULA,
    reference="Weir, J Strength Cond Res 2005;19:231",
    scope="arm",
    run=run,
)
