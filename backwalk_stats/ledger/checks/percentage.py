"""A percentage of people must be a whole count of the people.

100 k / n must round to the printed percentage for a whole number k from 0 to n: the events of the
same people where they are printed beside it. Brown and Heathers, Soc Psychol Personal Sci
2017;8:363-369 (GRIM for percentages).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from backwalk_stats.engine.printed.grid import ScoreGrid
from backwalk_stats.engine.printed.integer_samples import Grim, grim
from backwalk_stats.ledger import verdict as verdicts
from backwalk_stats.ledger.case import Arm, Cell, Check
from backwalk_stats.ledger.participants import counts_people
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval
from backwalk_stats.ledger.reading.vocabulary import outcome_words
from backwalk_stats.ledger.verdict import Ruling

FORMULA = "100 k / n rounds to the printed percentage for some whole number k"
NOT_READ = "not read that it counts people: a mean of percentages can be any number"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on a printed percentage without SD."""
    cell = arm.cell
    if not _is_percent(cell) or cell.sd or not (cell.mean and cell.n and cell.was_printed):
        return
    grid = ScoreGrid(step=Fraction(100), lower=0, upper=1)
    found = grim(mean_text=cell.mean, n=cell.n, grid=grid)
    events = _events(cell, arm.siblings)
    around = [float(one) for one in (found.below, found.above) if one is not None]
    if events is not None:
        value = 100 * int(events.mean) / cell.n
        verdict, reason = _of_events(cell, events, value)
        around = [value]
    elif not counts_people(cell):
        verdict, reason = verdicts.NOT_DERIVABLE, NOT_READ
    else:
        verdict, reason = _of_some_count(cell, found, around)
    yield Ruling(
        quantity="mean",
        reported=cell.mean,
        verdict=verdict,
        reason=reason,
        value=min(around, key=lambda one: abs(one - cell.mean_value)),
        interval=Interval(min(around), max(around)),
        inputs="; ".join(one.described() for one in (cell, events) if one is not None),
        formula=FORMULA,
    )


def _is_percent(cell: Cell) -> bool:
    return cell.unit.strip().lower() == "%" or cell.unit.lower().startswith(("percent", "per cent"))


def _events(cell: Cell, siblings: tuple[Cell, ...]) -> Cell | None:
    """Return the row that prints the count of the same people, where there is one."""
    found = [
        other
        for other in siblings
        if other.is_count
        and (other.arm, other.timepoint, other.n) == (cell.arm, cell.timepoint, cell.n)
        and outcome_words(other.outcome) == outcome_words(cell.outcome)
    ]
    return found[0] if len(found) == 1 else None


def _of_events(cell: Cell, events: Cell, value: float) -> tuple[str, str]:
    if cell.mean_interval.meets(Interval(value, value)):
        return verdicts.REPRODUCED, f"{events.mean}/{cell.n} gives it"
    said = f"{events.mean}/{cell.n}, printed beside it, is {value:.4g} %"
    return verdicts.INPUTS_INCONSISTENT, f"{said}; {verdicts.CANNOT_ALL_BE_RIGHT}"


def _of_some_count(cell: Cell, found: Grim, around: list[float]) -> tuple[str, str]:
    n = cell.n or 0
    counts = ", ".join(f"{round(one * n / 100)}/{n}" for one in sorted(set(around)))
    if not found.possible:
        # Whoever has no value is often left out of a percentage and not of the arm's n.
        reason = (
            f"no count of {n} gives it (nearest {counts}); that all {n} have a value is not read"
        )
        return verdicts.NOT_DERIVABLE, reason
    if found.n_possible == 1:
        nearest = min(around, key=lambda one: abs(one - float(found.low + found.high) / 2))
        return verdicts.REPRODUCED, f"{round(nearest * n / 100)}/{n} gives it, and no other count"
    return verdicts.COMPATIBLE, f"{found.n_possible} counts of {n} round to it"


CHECK = Check(
    name="percentage",
    title="Percentages from whole counts",
    formula=FORMULA,
    reference="Brown and Heathers, Soc Psychol Personal Sci 2017;8:363",
    scope="arm",
    run=run,
    needs=(
        Need(of="adjusted", excludes=("True",)),
        Need(of="imputed", excludes=("True",)),
    ),
)
