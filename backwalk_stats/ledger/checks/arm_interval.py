"""The interval and the standard error of an arm's mean against its SD and n.

mean -+ t SD / sqrt(n), t the quantile of the printed level at n - 1; SE = SD / sqrt(n). The normal
quantile, a resampled interval and the pooled SD of all arms give other ends: they can speak for
printed ones, not against. Altman and Bland, BMJ 2005;331:903; Rosner, Fundamentals of
Biostatistics, 8th ed., 6.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, sqrt

from backwalk_stats.engine.numbers import t_quantile
from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.participants import (
    arms_beside,
    counts_people,
    is_modelled,
    people_read,
)
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.printed import (
    Interval,
    exactly,
    is_number,
    rounding_interval,
    unit_of,
    value_of,
)
from backwalk_stats.ledger.reading.synonyms import words_said
from backwalk_stats.ledger.verdict import Candidate, Printed, Ruling, judge

FORMULA = "mean -+ t(n - 1) SD / sqrt(n); SE = SD / sqrt(n)"
# Levels that speak for an interval whose level was not read.
USUAL = (90.0, 95.0, 99.0)
SIGN = {"conf_low": -1.0, "conf_high": 1.0}


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield rulings on the two ends of the interval, on the standard error, and on the mean."""
    cell = arm.cell
    n = cell.n or 0
    counted = cell.unit.startswith(("events", "proportion")) or counts_people(cell)
    if n < 2 or not cell.mean or not cell.was_printed or counted:
        return
    if cell.se and cell.sd and not (cell.read.adjusted or cell.read.elsewhere):
        yield _judged("se", cell.se, _standard_errors(arm), cell)
    if not (is_number(cell.ci_low) and is_number(cell.ci_high)):
        return
    if not (cell.sd or cell.se):
        yield _middle(cell)
        return
    for quantity, text in (("conf_low", cell.ci_low), ("conf_high", cell.ci_high)):
        yield _end(arm, quantity, text)


def _spreads(arm: Arm) -> dict[str, Interval]:
    """Return what the SD can be, under the condition that makes it so: "" for the arm's own."""
    beside = [c for c in arms_beside(arm.cell, arm.siblings) if c.sd and (c.n or 0) > 1]
    found = {"": arm.cell.sd_interval}
    if len(beside) > 1 and arm.cell.sd:
        weights = [(c.n or 0) - 1 for c in beside]
        ends = [
            sqrt(sum(w * end**2 for w, end in zip(weights, side, strict=True)) / sum(weights))
            for side in zip(*((c.sd_interval.low, c.sd_interval.high) for c in beside), strict=True)
        ]
        found["it rests on the pooled SD of all arms"] = Interval(*ends)
    return found


def _standard_errors(arm: Arm) -> list[Candidate]:
    per_person = exactly(1 / sqrt(arm.cell.n or 1))
    value = arm.cell.sd_value * per_person.low
    return [
        _candidate(arm, "se", value, spread * per_person, condition)
        for condition, spread in _spreads(arm).items()
    ]


def _end(arm: Arm, quantity: str, text: str) -> Ruling:
    cell, level = arm.cell, arm.cell.read.level
    levels = [value_of(level)] if level else list(USUAL)
    given = [one for each in levels for one in _ends_at(arm, quantity, each, not level)]
    end = value_of(text)
    cut = [one for one in given if end in _scale_ends(cell) and _beyond(one, quantity, end)]
    if cut:
        given.append(
            _candidate(arm, quantity, end, exactly(end), "it was cut off at the end of the scale")
        )
    if not level:
        unread = {
            one.condition: one for one in given if one.interval.meets(rounding_interval(text))
        }
        if unread:
            one = next(iter(unread.values()))
            return _ruling(
                cell, quantity, text, verdicts.COMPATIBLE, one, f"agrees if {one.condition}"
            )
        given = [replace(one, condition="") for one in _ends_at(arm, quantity, 95.0, False)][:1]
    return _judged(quantity, text, given, cell)


def _ends_at(arm: Arm, quantity: str, level: float, unread: bool) -> Iterator[Candidate]:
    """Yield one end at a level: by the arm's own SD and t, and under conditions not read."""
    cell = arm.cell
    n = cell.n or 0
    said = f"it is a {level:g} % interval" if unread else ""
    for pooled, spread in _spreads(arm).items():
        df = n - 1 if not pooled else sum((c.n or 1) - 1 for c in arms_beside(cell, arm.siblings))
        t = float(t_quantile(level=level / 100, df=df))
        z = float(t_quantile(level=level / 100, df=inf))
        ways = {"": exactly(t)}
        if not pooled:
            lower = Interval(z * sqrt(1 - 1 / n), t)
            ways["it is by the normal distribution or resampled"] = lower
        for way, quantile in ways.items():
            conditions = "; ".join(part for part in (said, pooled, way) if part)
            reach = quantile * spread * exactly(SIGN[quantity] / sqrt(n))
            value = cell.mean_value + SIGN[quantity] * t * cell.sd_value / sqrt(n)
            yield _candidate(arm, quantity, value, cell.mean_interval + reach, conditions)


def _scale_ends(cell: Cell) -> list[float]:
    return [value_of(end) for end in (cell.scale_min, cell.scale_max, "0") if is_number(end)]


def _beyond(one: Candidate, quantity: str, end: float) -> bool:
    return one.value < end if quantity == "conf_low" else one.value > end


def _candidate(
    arm: Arm, quantity: str, value: float, interval: Interval, condition: str
) -> Candidate:
    return Candidate(
        quantity=quantity,
        value=value,
        interval=interval,
        test="arm",
        label="mean, SD and n of the arm",
        inputs=arm.cell.described(),
        formula=FORMULA,
        condition=condition,
        unsaid=_of_a_model(arm),
    )


def _of_a_model(arm: Arm) -> str:
    """Say so where the interval may rest on several measurements of one person."""
    said = f"{arm.study.analysis} ; {arm.study.design} ; {arm.cell.note}"
    within = len(arm.study.arms) > 1 and people_read(arm.study) == "same"
    several = within or words_said("model", said) or is_modelled(said)
    return (
        "the interval may rest on a model, or on several measurements a person" if several else ""
    )


def _judged(quantity: str, text: str, candidates: Sequence[Candidate], cell: Cell) -> Ruling:
    printed = Printed(text=text, intervals=(rounding_interval(text),), unit=unit_of(text))
    verdict, best, reason = judge(printed, candidates, NamedTest())
    return _ruling(cell, quantity, text, verdict, best, reason)


def _ruling(
    cell: Cell, quantity: str, text: str, verdict: str, one: Candidate, reason: str
) -> Ruling:
    return Ruling(
        quantity=quantity,
        reported=text,
        verdict=verdict,
        reason=reason,
        value=one.value,
        interval=one.interval,
        inputs=cell.described(),
        formula=FORMULA,
    )


def _middle(cell: Cell) -> Ruling:
    """Hold a mean without SD against the middle of its interval, of whatever level."""
    low, high = rounding_interval(cell.ci_low), rounding_interval(cell.ci_high)
    middle = (low + high) * exactly(0.5)
    inside = Interval(min(low.low, high.low), max(low.high, high.high)).meets(cell.mean_interval)
    if low.low > high.high or not inside:
        verdict = verdicts.INPUTS_INCONSISTENT
        reason = f"does not lie in its own interval; {verdicts.CANNOT_ALL_BE_RIGHT}"
    elif middle.meets(cell.mean_interval):
        verdict, reason = verdicts.COMPATIBLE, "lies in the middle of its interval"
    else:
        verdict = verdicts.NOT_DERIVABLE
        reason = "not in the middle of its interval: only if that is by SD and n, a misprint"
    return Ruling(
        quantity="mean",
        reported=cell.mean,
        verdict=verdict,
        reason=reason,
        value=middle.middle,
        interval=middle,
        inputs=cell.described(),
        formula=FORMULA,
    )


CHECK = Check(
    name="arm_interval",
    title="Interval and standard error of an arm's mean",
    formula=FORMULA,
    reference="Altman and Bland, BMJ 2005;331:903; Rosner, Fundamentals of Biostatistics, 6.5",
    scope="arm",
    run=run,
    needs=(
        Need(of="level", quantities=("conf_low", "conf_high", "mean")),
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
        Need(of="elsewhere", excludes=("True",)),
    ),
)
