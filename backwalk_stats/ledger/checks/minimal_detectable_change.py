"""Minimal detectable change from a printed standard error of measurement, and that from SD and ICC.

MDC = z sqrt(2) SEM, z = 1.96 for MDC95 and 1.645 for MDC90; of the mean of a group that over
sqrt(n). SEM = SD sqrt(1 - ICC). Weir, J Strength Cond Res 2005;19:231-240. Some papers leave out
sqrt(2): that is another quantity, and is said so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from backwalk_stats.engine.summary.power import minimal_detectable_change
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    hull,
    rounding_interval,
    value_of,
)
from backwalk_stats.ledger.reading.synonyms import level_read
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    Ruling,
)

FORMULA = "MDC95 = 1.96 sqrt(2) SEM; MDC90 = 1.645 sqrt(2) SEM; SEM = SD sqrt(1 - ICC)"
PRINTED_POINT = {90: 1.645, 95: 1.96, 99: 2.576, 80: 1.282}
# Where no level is printed: the usual ones first, and those that would also be meant.
USUAL, RARE = (95,), (90, 99, 80)
_MDC = re.compile(
    r"\b(?:MDC|SDC|MDD|SRD)_?(\d\d)?\b"
    r"|\b(?:minim(?:al|um)|smallest) detectable (?:change|difference)\b",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"\b(80|90|95|99)\s?(?:%|per\s?cent)", re.IGNORECASE)
_SEM = re.compile(r"^\s*(?:SEM|standard error of (?:the )?measurement)\s*$", re.IGNORECASE)
_ICC = re.compile(r"^\s*ICCs?\b|\bintra-?class correlation", re.IGNORECASE)


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed MDC whose SEM, or an SEM whose SD and ICC, stand beside it."""
    cell = arm.cell
    if not cell.mean or not cell.was_printed:
        return
    same = [
        one
        for one in arm.siblings
        if (one.instrument, one.arm) == (cell.instrument, cell.arm) and one.mean and one is not cell
    ]
    if _MDC.search(cell.outcome):
        yield from _of_sem(cell, same)
    if _SEM.search(cell.outcome):
        yield from _of_icc(cell, same)


def _of_sem(cell: Cell, same: Sequence[Cell]) -> Iterator[Ruling]:
    sems = [one for one in same if _SEM.search(one.outcome) and one.unit == cell.unit]
    levels = _levels(cell)
    if len(sems) != 1 or "%" in cell.unit or not levels:
        return
    sem, reported = rounding_interval(sems[0].mean), rounding_interval(cell.mean)
    group = exactly(1 / math.sqrt(cell.n)) if cell.n and _of_group(cell) else exactly(1.0)
    allowed = {level: _allowed(sem, level) * group for level in levels}
    fitting = [level for level, one in allowed.items() if one.meets(reported)]
    level = fitting[0] if fitting else levels[0]
    factor = PRINTED_POINT[level]
    verdict, reason = NOT_REPRODUCED, f"is not {factor:g} sqrt(2) SEM"
    if fitting:
        rare = len(levels) > 1 and level not in USUAL
        verdict = COMPATIBLE if rare else REPRODUCED
        reason = "agrees within rounding"
        reason += f" at {level} %, a level that is not read" if len(levels) > 1 else ""
    elif any((one / exactly(math.sqrt(2))).meets(reported) for one in allowed.values()):
        reason += f", but is {factor:g} SEM: sqrt(2) was left out"
    value = float(minimal_detectable_change(sem=value_of(sems[0].mean), level=level / 100))
    yield _ruling(cell, verdict, reason, value * group.low, allowed[level], sems)


def _levels(cell: Cell) -> tuple[int, ...]:
    """Return the level that the row is labelled with; all that it can have where it is not."""
    text = f"{cell.outcome} ; {cell.note}"
    found = _MDC.search(cell.outcome)
    said = {match for match in _LEVEL.findall(text)} | {found.group(1) if found else None}
    said |= {level_read(text)}
    named = {int(one) for one in said if one}
    return (
        tuple(named & PRINTED_POINT.keys())
        if len(named) == 1
        else USUAL + RARE
        if not named
        else ()
    )


def _of_group(cell: Cell) -> bool:
    return re.search(r"\bgroup\b", cell.outcome, re.IGNORECASE) is not None


def _allowed(sem: Interval, level: int) -> Interval:
    """Return what an MDC can be: papers take the point of the normal, or it rounded."""
    exact = float(minimal_detectable_change(sem=1.0, level=level / 100))
    return Interval(max(sem.low, 0.0), sem.high) * hull(exact, PRINTED_POINT[level] * math.sqrt(2))


def _of_icc(cell: Cell, same: Sequence[Cell]) -> Iterator[Ruling]:
    """Say where an SEM is SD sqrt(1 - ICC); it may be by the mean square of the error instead."""
    iccs = [one for one in same if _ICC.search(one.outcome)]
    scores = [one for one in same if one.sd and one.unit == cell.unit]
    if len(iccs) != 1 or not scores:
        return
    rest = exactly(1.0) - rounding_interval(iccs[0].mean)
    root = Interval(math.sqrt(max(rest.low, 0.0)), math.sqrt(max(rest.high, 0.0)))
    allowed = [score.sd_interval * root for score in scores]
    fits = [one.meets(cell.mean_interval) for one in allowed]
    index = fits.index(True) if any(fits) else 0
    verdict, reason = NOT_DERIVABLE, "is not SD sqrt(1 - ICC), but how it was computed is not read"
    if any(fits):
        strong = len(scores) == 1 and allowed[index].width <= cell.mean_interval.width * 10
        verdict, reason = REPRODUCED if strong else COMPATIBLE, "SD sqrt(1 - ICC) gives it"
    value = scores[index].sd_value * math.sqrt(max(1 - value_of(iccs[0].mean), 0.0))
    yield _ruling(cell, verdict, reason, value, allowed[index], (iccs[0], scores[index]))


def _ruling(
    cell: Cell, verdict: str, reason: str, value: float, allowed: Interval, used: Sequence[Cell]
) -> Ruling:
    return Ruling(
        quantity="mean",
        reported=cell.mean,
        verdict=verdict,
        reason=reason,
        value=value,
        interval=allowed,
        inputs="; ".join(
            f"{one.outcome} {one.mean} (outcomes.csv line {one.line})" for one in used
        ),
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
