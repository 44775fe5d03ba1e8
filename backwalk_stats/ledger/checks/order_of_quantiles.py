"""Minimum, quartiles, median, mean and maximum of one sample stand in order, on their scale.

minimum <= q1 <= median <= q3 <= maximum; minimum <= mean <= maximum; the SD lies between
(max - min) / sqrt(2 (n - 1)) and (max - min) / 2 sqrt(n / (n - 1)); the median of scores one step
apart is a multiple of half a step, of a whole step where n is odd. Popoviciu, Mathematica
1935;9:129-145; Thomson, J R Stat Soc 1955;118:69.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, sqrt

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, is_number, rounding_interval, value_of
from backwalk_stats.ledger.reading.vocabulary import spans_time, speaks_of_change
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "minimum <= q1 <= median <= q3 <= maximum; minimum <= mean <= maximum"
ORDER = ("minimum", "q1", "median", "q3", "maximum")
_NAMES = {"q1": "the lower quartile", "q3": "the upper quartile", "mean": "the mean"}
_GROUPED = ("interpolat", "grouped", "pseudo", "hodges", "of medians", "weighted")


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on each printed quantile, and on a mean or SD that the ends forbid."""
    cell = arm.cell
    texts = {name: getattr(cell, name) for name in ORDER if getattr(cell, name)}
    if not cell.was_printed:
        return
    wrong = _out_of_order(texts) | _off_the_scale(cell, texts) | _off_the_steps(cell)
    for name, text in texts.items():
        fault = wrong.get(name, "")
        verdict = verdicts.INPUTS_INCONSISTENT if fault else verdicts.COMPATIBLE
        if fault or len(texts) > 1:
            yield _ruling(cell, name, text, verdict, fault or "in order with the others")
    yield from _of_moments(cell)


def _out_of_order(texts: dict[str, str]) -> dict[str, str]:
    """Return the quantiles that stand below the one before them, with what is wrong."""
    wrong = {}
    for (below, low), (above, high) in pairwise(texts.items()):
        if rounding_interval(low).low > rounding_interval(high).high:
            wrong[above] = f"{high} lies below {_name(below)} {low}"
    return wrong


def _name(quantity: str) -> str:
    return _NAMES.get(quantity, f"the {quantity}")


def _off_the_scale(cell: Cell, texts: dict[str, str]) -> dict[str, str]:
    """Return the quantiles, and the mean, that lie outside the printed ends of the scale."""
    if _of_change(cell):
        return {}
    wrong = {}
    for name, text in texts.items():
        printed = rounding_interval(text)
        if is_number(cell.scale_min) and printed.high < value_of(cell.scale_min):
            wrong[name] = f"lies below the scale, which begins at {cell.scale_min}"
        if is_number(cell.scale_max) and printed.low > value_of(cell.scale_max):
            wrong[name] = f"lies above the scale, which ends at {cell.scale_max}"
    return wrong


def _of_change(cell: Cell) -> bool:
    """Tell whether a row is of changes: said so, or with numbers below 0 on a scale from 0."""
    below = any(getattr(cell, name).startswith("-") for name in (*ORDER, "mean"))
    return speaks_of_change(cell.outcome) or spans_time(cell.timepoint) or below


def _off_the_steps(cell: Cell) -> dict[str, str]:
    """Return the fault of a median that scores a printed step apart cannot have."""
    step = cell.read.step
    said = cell.note.lower()
    unclear = cell.read.continuous or cell.read.averaged or any(one in said for one in _GROUPED)
    if not (cell.median and is_number(step) and value_of(step) > 0) or unclear:
        return {}
    size = Fraction(step) / int(cell.items or 1)
    half = size if (cell.n or 0) % 2 else size / 2
    start = Fraction(cell.scale_min) if is_number(cell.scale_min) else Fraction(0)
    printed = rounding_interval(cell.median)
    low, high = ((Fraction(str(end)) - start) / half for end in (printed.low, printed.high))
    if ceil(low) <= floor(high):
        return {}
    kind = "a whole step" if (cell.n or 0) % 2 else "half a step"
    return {"median": f"no multiple of {kind} ({float(half):g}) at n = {cell.n}"}


def _of_moments(cell: Cell) -> Iterator[Ruling]:
    """Yield rulings on a mean and an SD against the smallest and the largest score."""
    if cell.mean:
        ends = {name: getattr(cell, name) for name in ("minimum", "maximum")}
        given = {name: text for name, text in ends.items() if text}
        mean = {"minimum": given.get("minimum"), "mean": cell.mean, "maximum": given.get("maximum")}
        wrong = _out_of_order({name: text for name, text in mean.items() if text})
        wrong |= _off_the_scale(cell, {"mean": cell.mean})
        fault = wrong.get("mean", "") or (wrong.get("maximum", "") and "lies above the maximum")
        if fault:
            yield _ruling(cell, "mean", cell.mean, verdicts.INPUTS_INCONSISTENT, fault)
    if not (cell.sd and cell.minimum and cell.maximum and (cell.n or 0) > 1):
        return
    n, width = cell.n or 0, rounding_interval(cell.maximum) - rounding_interval(cell.minimum)
    largest = max(width.high, 0.0) / 2 * sqrt(n / (n - 1))
    smallest = max(width.low, 0.0) / sqrt(2 * (n - 1))
    # A range that is that of the scale need not be that of the people.
    scale = (cell.scale_min, cell.scale_max)
    if all(map(is_number, scale)) and [value_of(end) for end in scale] == [
        value_of(cell.minimum),
        value_of(cell.maximum),
    ]:
        smallest = 0.0
    allowed = Interval(smallest, largest)
    fits = allowed.meets(cell.sd_interval)
    reason = f"{smallest:.3g} to {largest:.3g} is possible with this minimum and maximum"
    verdict = verdicts.COMPATIBLE if fits else verdicts.INPUTS_INCONSISTENT
    yield _ruling(cell, "sd", cell.sd, verdict, reason, allowed)


def _ruling(
    cell: Cell, quantity: str, text: str, verdict: str, reason: str, allowed: Interval | None = None
) -> Ruling:
    failed = verdict == verdicts.INPUTS_INCONSISTENT
    shown = [
        f"{name} {getattr(cell, name)}" for name in (*ORDER, "mean", "sd") if getattr(cell, name)
    ]
    return Ruling(
        quantity=quantity,
        reported=text,
        verdict=verdict,
        reason=f"{reason}; {verdicts.CANNOT_ALL_BE_RIGHT}" if failed else reason,
        interval=allowed,
        inputs=f"{cell.arm}: {', '.join(shown)} (outcomes.csv line {cell.line})",
        formula=FORMULA,
    )


CHECK = Check(
    name="order_of_quantiles",
    title="Minimum, quartiles, median, mean and maximum in order",
    formula=FORMULA,
    reference="Popoviciu, Mathematica 1935;9:129; Thomson, J R Stat Soc 1955;118:69",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
    ),
)
