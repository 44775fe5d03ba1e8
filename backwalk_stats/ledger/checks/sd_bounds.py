"""The SD of n scores between two ends cannot exceed what their mean allows.

Largest: all scores at the two ends, at most one between, which is sqrt((mean - low) (high - mean)
n / (n - 1)) or a little less. Bhatia and Davis, Am Math Mon 2000;107:353-357.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.engine.printed.sd_bounds import sd_bounds
from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, is_number
from backwalk_stats.ledger.reading.vocabulary import spans_time, speaks_of_change
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    Ruling,
)

FORMULA = "SD <= sqrt((mean - low) (high - mean) n / (n - 1))"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on the size of a printed SD."""
    cell = arm.cell
    bounded = is_number(cell.scale_min) and is_number(cell.scale_max)
    changes = speaks_of_change(cell.outcome) or spans_time(cell.timepoint)
    if not (bounded and cell.sd and cell.mean and (cell.n or 0) > 1) or changes:
        return
    bounds = sd_bounds(mean_text=cell.mean, n=cell.n or 0, low=cell.scale_min, high=cell.scale_max)
    fits = bounds.admit(cell.sd)
    ends = f"between {cell.scale_min} and {cell.scale_max}"
    yield Ruling(
        quantity="sd",
        reported=cell.sd,
        verdict=COMPATIBLE if fits else INPUTS_INCONSISTENT,
        reason=f"at most {bounds.largest:.3g} is possible {ends}"
        + ("" if fits else f"; {CANNOT_ALL_BE_RIGHT}"),
        interval=Interval(0.0, bounds.largest),
        inputs=cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="sd_bounds",
    title="The largest SD that a bounded scale allows",
    formula=FORMULA,
    reference="Bhatia and Davis, Am Math Mon 2000;107:353",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
        Need(of="elsewhere", excludes=("True",)),
    ),
)
