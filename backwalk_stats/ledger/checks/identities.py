"""Quantities of gait that are tied to each other.

speed = step length x cadence / 60 (or stride x cadence / 120); stance + swing = 100 % of the cycle;
stance = single + double support. The mean of a product differs from the product of means by at most
the product of the SDs; a twentieth more is left to speed that was measured by itself. Perry and
Burnfield, Gait Analysis, 2nd ed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, exactly
from backwalk_stats.ledger.reading.vocabulary import outcome_words, speaks_of_change
from backwalk_stats.ledger.verdict import Ruling

FORMULA = (
    "speed = step length x cadence / 60; stance + swing = 100; stance = single + double support"
)
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
# Speed that is measured by itself differs a little from the product of what strides give.
MEASURED = 0.05
# Metres a second in one unit of speed, and steps a minute in one of cadence.
SPEEDS = {"m/s": 1.0, "m/sec": 1.0, "cm/s": 0.01, "cm/sec": 0.01, "m/min": 1 / 60, "km/h": 1 / 3.6}
CADENCES = {"steps/min": 1.0, "step/min": 1.0, "steps/minute": 1.0, "steps/s": 60.0}
CADENCES |= {"strides/min": 2.0, "cycles/min": 2.0, "strides/s": 120.0, "steps/sec": 60.0}
PERCENT = ("%", "percent", "% gait cycle", "% of gait cycle", "% cycle", "% gc")
# Words that leave open nothing of which walking is meant.
_FILLER = frozenset(
    {"gait", "walking", "walk", "mean", "average", "phase", "time", "support", "duration"}
)
_SPEED = frozenset({"speed", "velocity"})
_OTHER_SPEED = frozenset({"sway", "cop", "pressure", "angular", "joint", "swing", "foot", "trunk"})


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling for every identity that the row closes."""
    cell = arm.cell
    if not cell.mean or not cell.was_printed or speaks_of_change(cell.outcome):
        return
    beside = [other for other in arm.siblings if other is not cell and _beside(cell, other)]
    named = outcome_words(cell.outcome)
    if named & _SPEED and not named & _OTHER_SPEED and _unit(cell) in SPEEDS:
        yield from _speed(cell, beside)
    if "stance" in named and cell.unit.lower() in PERCENT:
        yield from _stance(cell, beside)
        yield from _supports(cell, beside)


def _beside(cell: Cell, other: Cell) -> bool:
    """Tell whether a row is of the same people, visit and device as another."""
    raw = other.mean and other.was_printed and not (other.read.adjusted or other.read.elsewhere)
    place = (cell.arm, cell.timepoint, cell.n, cell.instrument, cell.origin)
    return bool(raw) and place == (
        (other.arm, other.timepoint, other.n, other.instrument, other.origin)
    )


def _unit(cell: Cell) -> str:
    return cell.unit.lower().replace(" ", "").replace("per", "/")


def _kind(cell: Cell, own: frozenset[str]) -> frozenset[str]:
    """Return which walking a row is about: "backward", "left", "fast"."""
    return outcome_words(cell.outcome) - own - _FILLER


def _one(cells: Sequence[Cell], of: Cell, own: str, among: Sequence[str]) -> Cell | None:
    """Return the only row with these words of its own, about the same walking as another row."""
    words, mine = frozenset(own.split()), frozenset({"stance", *_SPEED})
    found = [
        cell
        for cell in cells
        if words <= outcome_words(cell.outcome)
        and _unit(cell) in among
        and _kind(cell, words) == _kind(of, mine)
    ]
    return found[0] if len(found) == 1 else None


def _speed(cell: Cell, beside: Sequence[Cell]) -> Iterator[Ruling]:
    cadence = _one(beside, cell, "cadence", list(CADENCES))
    length = _one(beside, cell, "step length", list(METRES))
    measured = length or _one(beside, cell, "stride length", list(METRES))
    if cadence is None or measured is None:
        return
    steps = CADENCES[_unit(cadence)] / (60 if length is not None else 120)
    factor = METRES[_unit(measured)] * steps / SPEEDS[_unit(cell)]
    allowed = measured.mean_interval * cadence.mean_interval * exactly(factor)
    value = measured.mean_value * cadence.mean_value * factor
    used = (measured, cadence)
    if allowed.meets(cell.mean_interval):
        reason = "step length x cadence gives it"
        yield _ruling(cell, verdicts.REPRODUCED, reason, value, allowed, used)
        return
    if not (measured.sd and cadence.sd):
        reason = "a mean of products may differ from this product of means by SDs not printed"
        yield _ruling(cell, verdicts.COMPATIBLE, reason, value, allowed, used)
        return
    slack = measured.sd_interval.high * cadence.sd_interval.high * factor + MEASURED * value
    allowed = Interval(allowed.low - slack, allowed.high + slack)
    if allowed.meets(cell.mean_interval):
        reason = "within what SDs of step length and cadence allow"
        yield _ruling(cell, verdicts.COMPATIBLE, reason, value, allowed, used)
        return
    reason = f"step length x cadence / 60 cannot give it; {verdicts.CANNOT_ALL_BE_RIGHT}"
    yield _failed(cell, reason, value, allowed, used)


def _stance(cell: Cell, beside: Sequence[Cell]) -> Iterator[Ruling]:
    swing = _one(beside, cell, "swing", [unit.replace(" ", "") for unit in PERCENT])
    if swing is None:
        return
    rest = exactly(100.0) - swing.mean_interval
    value = 100.0 - swing.mean_value
    if rest.meets(cell.mean_interval):
        reason = "stance and swing add to 100"
        yield _ruling(cell, verdicts.REPRODUCED, reason, value, rest, (swing,))
        return
    reason = f"stance + swing is not 100; {verdicts.CANNOT_ALL_BE_RIGHT}"
    yield _failed(cell, reason, value, rest, (swing,))


def _supports(cell: Cell, beside: Sequence[Cell]) -> Iterator[Ruling]:
    """Say where stance is single and double support; papers mean one double support or both."""
    units = [unit.replace(" ", "") for unit in PERCENT]
    single, double = (_one(beside, cell, kind, units) for kind in ("single", "double"))
    if single is None or double is None:
        return
    for times, sides in product((1.0, 2.0), (1.0, 0.5)):
        allowed = single.mean_interval * exactly(sides) + double.mean_interval * exactly(times)
        if allowed.meets(cell.mean_interval):
            reason = "single and double support add to it"
            yield _ruling(
                cell, verdicts.COMPATIBLE, reason, allowed.middle, allowed, (single, double)
            )
            return


def _failed(
    cell: Cell, reason: str, value: float, interval: Interval, used: Sequence[Cell]
) -> Ruling:
    """Return a failure, unless n, which ties the rows to the same people, is missing."""
    if cell.n is None:
        reason = (
            f"{reason.partition(';')[0]}, but n, and so whether all are of the same people, is not"
        )
        return _ruling(cell, verdicts.NOT_DERIVABLE, f"{reason} printed", value, interval, used)
    return _ruling(cell, verdicts.INPUTS_INCONSISTENT, reason, value, interval, used)


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
    title="Quantities of gait that are tied to each other",
    formula=FORMULA,
    reference="Perry and Burnfield, Gait Analysis: Normal and Pathological Function",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="elsewhere", excludes=("True",)),
    ),
)
