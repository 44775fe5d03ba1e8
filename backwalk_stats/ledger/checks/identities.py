"""Quantities of gait that are tied to each other, and scores that are tied to their change.

speed = step length x cadence / 60 (or stride x cadence / 120); stance + swing = 100 % of the cycle;
baseline + change = follow-up.  The mean of a product differs from the product of means by at most
the product of the SDs.  Perry and Burnfield, Gait Analysis, 2nd ed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger import vocabulary
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.printed import Interval, exactly
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "speed = step length x cadence / 60; stance + swing = 100; baseline + change = follow-up"
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling for every identity that the row closes."""
    cell = arm.cell
    if not cell.mean or not cell.was_printed:
        return
    beside = [
        other
        for other in arm.siblings
        if other.arm == cell.arm
        and other.timepoint == cell.timepoint
        and other.mean
        and other.was_printed
    ]
    named = set(vocabulary.words(cell.outcome))
    if "speed" in named and cell.unit.replace(" ", "") in ("m/s", "m/sec"):
        yield from _speed(cell, beside)
    if "stance" in named and cell.unit in ("%", "percent"):
        yield from _stance(cell, beside)
    if not vocabulary.is_before(cell.timepoint) and not vocabulary.spans_time(cell.timepoint):
        yield from _follow_up(cell, arm.siblings)


def _speed(cell: Cell, beside: Sequence[Cell]) -> Iterator[Ruling]:
    cadence = _one(beside, lambda c: "cadence" in vocabulary.words(c.outcome))
    length = _one(beside, lambda c: {"step", "length"} <= set(vocabulary.words(c.outcome)))
    stride = _one(beside, lambda c: {"stride", "length"} <= set(vocabulary.words(c.outcome)))
    measured = length or stride
    if cadence is None or measured is None or measured.unit not in METRES:
        return
    factor = METRES[measured.unit] / (60 if length is not None else 120)
    product = measured.mean_interval * cadence.mean_interval * exactly(factor)
    value = measured.mean_value * cadence.mean_value * factor
    if product.meets(cell.mean_interval):
        yield _ruling(
            cell,
            verdicts.REPRODUCED,
            "step length x cadence gives it",
            value,
            product,
            (measured, cadence),
        )
        return
    if not (measured.sd and cadence.sd):
        reason = "a mean of products may differ from this product of means by SDs not printed"
        yield _ruling(cell, verdicts.COMPATIBLE, reason, value, product, (measured, cadence))
        return
    slack = measured.sd_interval.high * cadence.sd_interval.high * factor
    allowed = Interval(product.low - slack, product.high + slack)
    fits = allowed.meets(cell.mean_interval)
    reason = (
        "within what SDs of step length and cadence allow"
        if fits
        else (f"step length x cadence / 60 cannot give it; {verdicts.CANNOT_ALL_BE_RIGHT}")
    )
    verdict = verdicts.COMPATIBLE if fits else verdicts.INPUTS_INCONSISTENT
    yield _ruling(cell, verdict, reason, value, allowed, (measured, cadence))


def _stance(cell: Cell, beside: Sequence[Cell]) -> Iterator[Ruling]:
    swing = _one(
        beside, lambda c: "swing" in vocabulary.words(c.outcome) and c.unit in ("%", "percent")
    )
    if swing is None:
        return
    rest = exactly(100.0) - swing.mean_interval
    fits = rest.meets(cell.mean_interval)
    yield _ruling(
        cell,
        verdicts.REPRODUCED if fits else verdicts.INPUTS_INCONSISTENT,
        "stance and swing add to 100"
        if fits
        else f"stance + swing is not 100; {verdicts.CANNOT_ALL_BE_RIGHT}",
        100.0 - swing.mean_value,
        rest,
        (swing,),
    )


def _follow_up(cell: Cell, siblings: Sequence[Cell]) -> Iterator[Ruling]:
    """Hold baseline + change = follow-up for the same people; a change may be printed unsigned."""
    same = [
        c
        for c in siblings
        if c.arm == cell.arm
        and c.instrument == cell.instrument
        and c.mean
        and c.was_printed
        and c is not cell
    ]
    change = _one(
        same,
        lambda c: (
            (vocabulary.speaks_of_change(c.outcome) or vocabulary.spans_time(c.timepoint))
            and vocabulary.outcome_words(cell.outcome) <= vocabulary.outcome_words(c.outcome)
            and cell.timepoint.lower() in c.timepoint.lower()
        ),
    )
    before = _one(same, lambda c: vocabulary.is_before(c.timepoint) and c.outcome == cell.outcome)
    if change is None or before is None or len({before.n, cell.n}) != 1:
        return
    ways = [
        before.mean_interval + change.mean_interval,
        before.mean_interval - change.mean_interval,
    ]
    signed = [change.mean_value, -change.mean_value]
    index = min((0, 1), key=lambda i: abs(before.mean_value + signed[i] - cell.mean_value))
    fits = ways[index].meets(cell.mean_interval)
    reason = (
        "baseline and change give it"
        if fits
        else ("baseline and change do not give it: other people in one of them, or a misprint")
    )
    yield _ruling(
        cell,
        verdicts.REPRODUCED if fits else verdicts.COMPATIBLE,
        reason,
        before.mean_value + signed[index],
        ways[index],
        (before, change),
    )


def _one(cells: Sequence[Cell], wanted: Callable[[Cell], bool]) -> Cell | None:
    found = [cell for cell in cells if wanted(cell)]
    return found[0] if len(found) == 1 else None


def _ruling(
    cell: Cell, verdict: str, reason: str, value: float, interval: Interval, used: Sequence[Cell]
) -> Ruling:
    return Ruling(
        quantity="mean",
        reported=cell.mean,
        verdict=verdict,
        reason=reason,
        value=value,
        interval=interval,
        inputs="; ".join(other.described() for other in used),
        formula=FORMULA,
    )


CHECK = Check(
    name="identities",
    title="Quantities that are tied to each other",
    formula=FORMULA,
    reference="Perry and Burnfield, Gait Analysis: Normal and Pathological Function",
    scope="arm",
    run=run,
)
