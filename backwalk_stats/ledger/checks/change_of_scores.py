"""A mean change is the mean after treatment minus the mean before, for the same people.

mean(after - before) = mean(after) - mean(before). Cochrane Handbook for Systematic Reviews of
Interventions, 6.5.2.8. A change may be printed without its sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.participants import same_people
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.vocabulary import (
    is_before,
    outcome_words,
    spans_time,
    speaks_of_change,
    time_in,
)
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "mean change = mean after - mean before"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed mean change whose two means are printed beside it."""
    change = arm.cell
    if not change.mean or not change.was_printed or not _is_change(change):
        return
    visits = _visits(change, arm.siblings)
    if visits is None:
        return
    before, after, named = visits
    allowed = after.mean_interval - before.mean_interval
    turned = before.mean_interval - after.mean_interval
    value = after.mean_value - before.mean_value
    unsigned = not change.mean.startswith(("-", "\u2212", "+"))
    opposite = abs(-value - change.mean_value) < abs(value - change.mean_value)
    if opposite:
        value, allowed = -value, turned
    fits = allowed.meets(change.mean_interval)
    verdict, reason = _verdict(arm, (before, after, change), fits=fits, named=named)
    if fits and opposite and not unsigned:
        reason += ", taken as baseline minus follow-up"
    yield Ruling(
        quantity="mean",
        reported=change.mean,
        verdict=verdict,
        reason=reason,
        value=value,
        interval=allowed,
        inputs=f"{before.described()}; {after.described()}",
        formula=FORMULA,
    )


def _verdict(arm: Arm, cells: Sequence[Cell], *, fits: bool, named: bool) -> tuple[str, str]:
    kept = same_people(arm, cells)
    if fits:
        verdict = (
            verdicts.REPRODUCED if len({cell.n for cell in cells}) == 1 else verdicts.COMPATIBLE
        )
        return verdict, "follow-up minus baseline gives it"
    if "%" in cells[0].unit or "percent" in cells[0].unit.lower():
        reason = "follow-up minus baseline does not give it; in points or per cent: not read"
        return verdicts.NOT_DERIVABLE, reason
    if kept and named:
        reason = f"follow-up minus baseline does not give it; {verdicts.CANNOT_ALL_BE_RIGHT}"
        return verdicts.INPUTS_INCONSISTENT, reason
    unread = "that the three means are of the same people" if named else "of which visit it is"
    return verdicts.NOT_DERIVABLE, f"follow-up minus baseline does not give it; not read: {unread}"


def _is_change(cell: Cell) -> bool:
    return speaks_of_change(cell.outcome) or spans_time(cell.timepoint)


def _visits(change: Cell, siblings: Sequence[Cell]) -> tuple[Cell, Cell, bool] | None:
    """Return the two visits of a change, and whether the later one is named by it."""
    wanted = frozenset(w for w in outcome_words(change.outcome) if not speaks_of_change(w))
    same = [
        cell
        for cell in siblings
        if cell.arm == change.arm
        and cell.mean
        and cell.was_printed
        and not (cell.read.adjusted or cell.read.imputed or cell.read.elsewhere)
        and not _is_change(cell)
        and (cell.instrument, cell.unit) == (change.instrument, change.unit)
        and outcome_words(cell.outcome) == wanted
        and cell.origin == change.origin
    ]
    start, _, _ = change.timepoint.lower().partition(" to ")
    from_baseline = start == change.timepoint.lower() or is_before(start)
    before = [cell for cell in same if is_before(cell.timepoint)]
    after = [cell for cell in same if not is_before(cell.timepoint)]
    named = [cell for cell in after if _names(cell.timepoint) & _names(_end(change))]
    after = named or after
    if len(before) != 1 or len(after) != 1 or not from_baseline:
        return None
    return before[0], after[0], bool(named)


def _end(change: Cell) -> str:
    """Return the later visit of a change: what stands behind "to", or its own label."""
    label = change.timepoint.lower()
    return label.partition(" to ")[2] or label


def _names(timepoint: str) -> frozenset[str]:
    """Return the names of a visit: as printed, and as the week or month that it holds."""
    return frozenset({timepoint.strip().lower(), time_in(timepoint)} - {""})


CHECK = Check(
    name="change_of_scores",
    title="A mean change against the means before and after",
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
