"""A printed "SD" that is a standard error: SD = SE sqrt(n) gives what was printed, the SD does not.

Where Student's or Welch's test of the printed SDs misses the printed t, interval or p, and the same
test with SD = SE sqrt(n) gives all of them. Altman and Bland, BMJ 2005;331:903.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from backwalk_stats.engine.numbers import t_from_p, t_p
from backwalk_stats.ledger.case import Cell, Check, Contrast
from backwalk_stats.ledger.hulls import TestBox, pair_inputs, student_box, welch_box
from backwalk_stats.ledger.judged import as_printed
from backwalk_stats.ledger.preconditions import OF_AN_EFFECT, OF_AN_INTERVAL, OF_TWO_GROUPS
from backwalk_stats.ledger.reading.printed import Interval, holds_several_p, hull, value_of
from backwalk_stats.ledger.verdict import NOT_REPRODUCED, Printed, Ruling

FORMULA = "SD = SE sqrt(n); t = (m1 - m2) / SE of the difference"
BOXES = {"pooled_t": student_box, "welch_t": welch_box}
READ = ("statistic", "conf_low", "conf_high", "p_value")
Answers = Mapping[str, Sequence[Interval]]


def run(contrast: Contrast) -> Iterator[Ruling]:
    """Yield a ruling on each printed number that only SD = SE sqrt(n) gives."""
    wanted = BOXES.keys() & contrast.read.test.keys
    if contrast.kind != "between" or contrast.about_change or contrast.remark or not wanted:
        return
    printed = _printed(contrast)
    for a, b in zip(contrast.first, contrast.second, strict=True):
        if not (printed and all(_has_sd(cell) for cell in (a, b))):
            continue
        taken = [_answers(BOXES[test](a, b), contrast) for test in wanted]
        errors = (replace(cell, se=cell.sd, sd="") for cell in (a, b))
        one, two = tuple(errors)
        turned = {test: _answers(BOXES[test](one, two), contrast) for test in wanted}
        if not any(_misses(printed, answers) == [] for answers in turned.values()):
            continue
        failing = set(READ).intersection(*(_misses(printed, answers) for answers in taken))
        yield from (_ruling(contrast, quantity, a, b) for quantity in READ if quantity in failing)


def _has_sd(cell: Cell) -> bool:
    return bool(cell.sd and cell.has_spread and cell.was_printed)


def _printed(contrast: Contrast) -> dict[str, Printed]:
    """Return the numbers that a t test of two arms gives, as intervals."""
    found = {q: as_printed(q, contrast.printed[q]) for q in READ if q in contrast.printed}
    if not contrast.read.level:
        found = {q: one for q, one in found.items() if not q.startswith("conf")}
    if holds_several_p(contrast.printed.get("p_value", "")):
        found.pop("p_value")
    return {q: one for q, one in found.items() if one is not None}


def _answers(box: TestBox, contrast: Contrast) -> Answers:
    """Return what each number can be, with the sides turned round and one-sided where unread."""
    statistic = box.estimate / box.std_error
    size = statistic.magnitude()
    ends = [
        float(t_p(statistic=t, df=df))
        for t in (size.low, size.high)
        for df in (box.df.low, box.df.high)
    ]
    p = hull(*ends)
    tails = [Interval(p.low / 2, p.high / 2), Interval(1 - p.high / 2, 1 - p.low / 2)]
    found: dict[str, Sequence[Interval]] = {
        "statistic": [statistic, _turned(statistic)],
        "p_value": [p] if contrast.read.sides == "two" else [p, *tails],
    }
    if contrast.read.level:
        tail = 1 - value_of(contrast.read.level) / 100
        reach = hull(*(float(t_from_p(p_value=tail, df=df)) for df in (box.df.low, box.df.high)))
        low, high = (
            box.estimate - reach * box.std_error,
            box.estimate + reach * box.std_error,
        )
        found |= {"conf_low": [low, _turned(high)], "conf_high": [high, _turned(low)]}
    return found


def _turned(one: Interval) -> Interval:
    return Interval(-one.high, -one.low)


def _misses(printed: Mapping[str, Printed], answers: Answers) -> list[str]:
    return [
        quantity
        for quantity, one in printed.items()
        if not any(given.meets(range_) for given in answers[quantity] for range_ in one.intervals)
    ]


def _ruling(contrast: Contrast, quantity: str, a: Cell, b: Cell) -> Ruling:
    sds = " and ".join(cell.sd for cell in (a, b))
    return Ruling(
        quantity=quantity,
        reported=contrast.printed[quantity],
        verdict=NOT_REPRODUCED,
        reason=f"the printed SD looks like a standard error ({sds}): SD = SE sqrt(n) gives it",
        inputs=pair_inputs(a, b),
        formula=FORMULA,
    )


CHECK = Check(
    name="standard_error_as_sd",
    title="A printed SD that looks like a standard error",
    formula=FORMULA,
    reference="Altman and Bland, Standard deviations and standard errors, BMJ 2005;331:903",
    scope="contrast",
    run=run,
    needs=(*OF_TWO_GROUPS, *OF_AN_EFFECT, *OF_AN_INTERVAL),
)
