"""The mean of a total score is the sum of the means of its subscales, for the same people.

WOMAC (Likert): pain (0 to 20) + stiffness (0 to 8) + function (0 to 68) = total (0 to 96); other
instruments where the printed ends of the parts add up to those of the total. Totals that are
stretched or averaged are no sums: their ends do not add up. Bellamy et al., J Rheumatol
1988;15:1833-1840.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isclose

from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.participants import same_people
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, is_number, value_of
from backwalk_stats.ledger.reading.vocabulary import spans_time, speaks_of_change, words
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "mean of the total = sum of the means of the subscales"
LIKERT = {"pain": 20.0, "stiffness": 8.0, "function": 68.0}
TOTAL = frozenset({"total", "overall", "global", "sum"})
_OTHER_VERSION = re.compile(
    r"\bVAS\b|visual|normali[sz]|0\s?(?:-|to)\s?100|mean|averag|short", re.I
)


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed mean of a total whose subscales stand beside it."""
    total = arm.cell
    if not _is_total(total) or not total.mean or not total.was_printed or _of_change(total):
        return
    parts = _parts(total, arm.siblings)
    if len(parts) < 2:
        return
    low = sum(part.mean_interval.low for part in parts)
    high = sum(part.mean_interval.high for part in parts)
    fits = Interval(low, high).meets(total.mean_interval)
    kept = same_people(arm, (total, *parts))
    if fits:
        verdict, reason = verdicts.REPRODUCED, "the subscales add up to it"
    elif kept:
        reason = f"the subscales do not add up to it; {verdicts.CANNOT_ALL_BE_RIGHT}"
        verdict = verdicts.INPUTS_INCONSISTENT
    else:
        verdict = verdicts.NOT_DERIVABLE
        reason = "the subscales do not add up to it; not read: that all are of the same people"
    yield Ruling(
        quantity="mean",
        reported=total.mean,
        verdict=verdict,
        reason=reason,
        value=sum(part.mean_value for part in parts),
        interval=Interval(low, high),
        inputs="; ".join(part.described() for part in parts),
        formula=FORMULA,
    )


def _is_total(cell: Cell) -> bool:
    return bool(TOTAL & set(words(f"{cell.outcome} {cell.instrument}")))


def _of_change(cell: Cell) -> bool:
    return speaks_of_change(cell.outcome) or spans_time(cell.timepoint)


def _family(cell: Cell) -> str:
    """Return the instrument's name: its first word."""
    return next(iter(words(cell.instrument or cell.outcome)), "")


def _parts(total: Cell, siblings: Sequence[Cell]) -> list[Cell]:
    """Return the subscales of a total; none where they are not read to add up to it."""
    parts = [
        cell
        for cell in siblings
        if cell is not total
        and not _is_total(cell)
        and not _of_change(cell)
        and cell.mean
        and cell.was_printed
        and _family(cell) == _family(total)
        and (cell.arm, cell.timepoint, cell.n, cell.origin)
        == (total.arm, total.timepoint, total.n, total.origin)
        and not (cell.read.adjusted or cell.read.imputed or cell.read.elsewhere)
    ]
    names = [cell.outcome.lower() + cell.instrument.lower() for cell in parts]
    alone = len(set(names)) == len(names)
    return parts if alone and (_ends_add_up(total, parts) or _is_likert(total, parts)) else []


def _ends_add_up(total: Cell, parts: Sequence[Cell]) -> bool:
    """Tell whether the printed ends of the subscales add up to those of the total."""
    cells = (total, *parts)
    if not all(is_number(end) for cell in cells for end in (cell.scale_min, cell.scale_max)):
        return False
    lows, highs = ([value_of(text) for text in ends] for ends in _ends(parts))
    return isclose(sum(lows), value_of(total.scale_min)) and isclose(
        sum(highs), value_of(total.scale_max)
    )


def _ends(parts: Sequence[Cell]) -> tuple[list[str], list[str]]:
    return [part.scale_min for part in parts], [part.scale_max for part in parts]


def _is_likert(total: Cell, parts: Sequence[Cell]) -> bool:
    """Tell whether these are the three subscales of the Likert WOMAC, said so in every row."""
    cells = (total, *parts)
    said = [f"{cell.outcome} ; {cell.instrument} ; {cell.unit} ; {cell.note}" for cell in cells]
    if not all("womac" in one.lower() and "likert" in one.lower() for one in said):
        return False
    if any(_OTHER_VERSION.search(one) for one in said):
        return False
    named = [next((n for n in LIKERT if n in words(one)), "") for one in said[1:]]
    ends = {"total": 96.0, **LIKERT}
    kept = all(
        not is_number(cell.scale_max) or value_of(cell.scale_max) == ends[name]
        for cell, name in zip(cells, ("total", *named), strict=True)
        if name
    )
    return sorted(named) == sorted(LIKERT) and kept


CHECK = Check(
    name="subscale_sum",
    title="A total score against the sum of its subscales",
    formula=FORMULA,
    reference="Bellamy et al., J Rheumatol 1988;15:1833",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
        Need(of="elsewhere", excludes=("True",)),
    ),
)
