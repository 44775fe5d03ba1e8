"""The SDs before, after and of the change of one arm must allow a correlation.

|s_x - s_y| <= s_d <= s_x + s_y, since r = (s_x^2 + s_y^2 - s_d^2) / (2 s_x s_y) lies in [-1, 1].
Cochrane Handbook 6.5.2.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.participants import same_people
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.reading.vocabulary import (
    is_before,
    outcome_words,
    spans_time,
    speaks_of_change,
)
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    Ruling,
)

FORMULA = "|s_before - s_after| <= s_change <= s_before + s_after"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on the SD of a printed change."""
    three = _visits(arm.cell, arm.siblings)
    if three is None:
        return
    x, y, change = (cell.sd_interval for cell in three)
    allowed = Interval((x - y).magnitude().low, x.high + y.high)
    verdict, reason = COMPATIBLE, "the three SDs allow a correlation"
    if not allowed.meets(change):
        kept = same_people(arm, three)
        verdict = INPUTS_INCONSISTENT if kept else NOT_DERIVABLE
        reason = "the three SDs need a correlation beyond -1 to 1; "
        reason += CANNOT_ALL_BE_RIGHT if kept else "not read: that they are of the same people"
    yield Ruling(
        quantity="sd",
        reported=arm.cell.sd,
        verdict=verdict,
        reason=reason,
        interval=allowed,
        inputs="; ".join(cell.described() for cell in three),
        formula=FORMULA,
    )


def _visits(change: Cell, siblings: Sequence[Cell]) -> tuple[Cell, Cell, Cell] | None:
    """Return the rows before, after and of a change; None where they cannot be of one sample."""
    # A change in a percentage may be in points or per cent.
    if not change.sd or "%" in change.unit or "percent" in change.unit:
        return None
    if not (speaks_of_change(change.outcome) or spans_time(change.timepoint)):
        return None
    wanted = frozenset(w for w in outcome_words(change.outcome) if not speaks_of_change(w))
    same = [
        cell
        for cell in siblings
        if cell.arm == change.arm
        and cell.sd
        and (cell.instrument, cell.unit) == (change.instrument, change.unit)
        and not (cell.read.adjusted or cell.read.imputed or cell.read.elsewhere)
        and outcome_words(cell.outcome) == wanted
    ]
    before = [cell for cell in same if is_before(cell.timepoint)]
    after = [cell for cell in same if not is_before(cell.timepoint)]
    if len(before) != 1 or len(after) != 1:
        return None
    # Where n differs somebody was lost between the visits: the SDs are of other people.
    alike = len({before[0].n, after[0].n, change.n}) == 1
    return (before[0], after[0], change) if alike else None


CHECK = Check(
    name="change_correlation",
    title="The SD of a change against the SDs before and after",
    formula=FORMULA,
    reference="Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.8",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
        Need(of="elsewhere", excludes=("True",)),
    ),
)
