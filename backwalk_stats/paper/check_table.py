"""The numbers of a table, each held against the others: `bw.check_table`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backwalk_stats.engine.printed.grid import score_grid
from backwalk_stats.engine.printed.integer_samples import grim, grimmer
from backwalk_stats.engine.printed.sd_bounds import sd_bounds
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.ledger.reading.kinds import named_test
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
)
from backwalk_stats.paper.recomputed_p import Outcome, Range, printed_range
from backwalk_stats.paper.table_columns import TableCell, TableRow, is_change, read_rows
from backwalk_stats.paper.table_grid import Grid, grids
from backwalk_stats.paper.table_p_values import (
    ALONE,
    NamedTests,
    arms_between,
    difference_number,
    kinds_below,
    outside_its_interval,
    p_number,
    p_of_kinds,
    statistic_number,
    tests_of,
)
from backwalk_stats.paper.two_arms_from_table import ANALYSED

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "study_id", "finding_id", "outcome", "contrast", "quantity", "origin", "reported", "recomputed",
    "recomputed_low", "recomputed_high", "check", "verdict", "reason", "source", "timepoint", "n",
    "question",
)  # fmt: skip
# Of how many of those in the heading a percentage may be when the rest were not analysed: in one
# arm, and where no arm's percentage is of all.
MOST, SOME = 0.9, 0.5
_NO_PEOPLE = re.compile(
    r"session|\bevents\b|\bfalls\b|attend|adher|complian|visit|among|of whom|of those|"
    r"\bof (?:the )?\w+ (?:men|women)|if (?:yes|any)|exercise|item|steps?\b|knees|legs|limbs|sides",
    re.I,
)
_INSTRUMENT = re.compile(
    r"\b(?:NPRS|NRS|VAS|WOMAC|KOOS|ODI|RMDQ|LEFS|OKS|TSK|PHQ|QBPDS|Lysholm|SF-?12|SF-?36|FABQ|PCS)\b",
    re.I,
)
_SCALE = re.compile(
    r"[(\[]\s*(?:scale:?\s*|range:?\s*)?(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*(?:points?|cm|mm)?\s*[)\]]"
)
_AVERAGED = re.compile(
    r"average|composite|mean of (?:the )?(?:\w+ )?(?:\d|two|three|four|five|six|seven)", re.I
)
_WHOLE = re.compile(r"whole[-\s]numbers?|integers?|11-point|steps? of (?:1|one)\b", re.I)


def check_table(table: pd.DataFrame | str, *, around: str = "") -> pd.DataFrame:
    r"""Return the numbers of a printed table, each held against the others.

    Parameters
    ----------
    table : DataFrame or str
        A frame as a person reads it in (strings, the first row as heading), or a text: HTML,
        Markdown or CSV. Heading words give arm and n ("Backward (n = 34)"), rows outcome and time.
    around : str
        Caption and footnotes of a frame, which say what the cells are and which test was used.

    Returns
    -------
    DataFrame
        One row per printed number, in the ledger's columns: `outcome`, `contrast` (the arm as in
        the heading; both for a p), `quantity` ("mean", "sd", "count", "percent", "p_value",
        "estimate", "ci_low", ...), `reported`, `recomputed` with its range, `check`, `verdict`,
        `reason`, `source`; then `timepoint`, `n`, and `question`: what the table does not say.

    Raises
    ------
    UsageError
        When there is no table.

    Notes
    -----
    A p is held against the means and SDs of two arms by the test that caption, heading or notes
    name; without a name the best that it can be is `compatible`. Granularity is tested only where
    the scale and its step are read.

    Examples
    --------
    >>> rows = check_table(
    ...     "Scores, mean ± SD; independent t-test\n\n"
    ...     "| | Backward (n = 34) | Forward (n = 33) | p |\n"
    ...     "|---|---|---|---|\n| Sway | 8.67 ± 1.64 | 10.26 ± 2.01 | 0.600 |"
    ... )
    >>> rows[["quantity", "reported", "verdict"]].values.tolist()[-1]
    ['p_value', '0.600', 'not_reproduced']
    """
    import pandas as pd

    rows = [row for grid in grids(table, around=around) for row in table_rows(grid)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table_rows(grid: Grid, *, words: str = "") -> Iterator[dict[str, object]]:
    """Yield a row of the ledger for each printed number of a grid.

    Parameters
    ----------
    grid : Grid
        The table.
    words : str
        What the paper says of its tests elsewhere.
    """
    number = 0
    rows = read_rows(grid)
    for place, row in enumerate(rows):
        named = _named(grid, row, words)
        near = _Near(rows=tuple(rows), kinds=kinds_below(rows, place))
        for cell, contrast, quantity, text, check, outcome in _row_checks(row, named, near):
            number += 1
            found = outcome.found
            yield {
                "study_id": "paper",
                "finding_id": f"{grid.name.replace(' ', '')}-{number}",
                "outcome": row.outcome,
                "contrast": contrast,
                "quantity": quantity,
                "origin": "paper",
                "reported": text,
                "recomputed": found.value if found else math.nan,
                "recomputed_low": found.low if found else math.nan,
                "recomputed_high": found.high if found else math.nan,
                "check": check,
                "verdict": outcome.verdict,
                "reason": outcome.reason,
                "source": f"{grid.name}, row {cell.row + 1}, column {cell.column + 1}",
                "timepoint": cell.time,
                "n": float(cell.n) if cell.n is not None else math.nan,
                "question": cell.printed.question,
            }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Near:
    """The rows of the table, and those that are kinds of one thing with the row in hand."""

    rows: tuple[TableRow, ...]
    kinds: tuple[TableRow, ...]


Checked = tuple[TableCell, str, str, str, str, Outcome]


def _named(grid: Grid, row: TableRow, words: str) -> NamedTests:
    heads = " ; ".join(column.heading for column, _ in row.p)
    said = f"{grid.caption} ; {grid.notes} ; {heads} ; {row.outcome} ; {words}"
    keys: set[str] = set()
    other = ""
    for clause in re.split(r"[;.,:|\n()]|\bor\b|\band\b", said):
        test = named_test(clause)
        keys |= test.keys
        other = other or test.other
    return NamedTests(keys=frozenset(keys), other=other.strip(), words=said)


def _row_checks(row: TableRow, named: NamedTests, near: _Near) -> Iterator[Checked]:
    for cell in row.arms:
        for quantity, text in cell.printed.numbers:
            if quantity in ("count", "percent"):
                check, outcome = "percentage of a count", _share(cell, quantity, text, near)
            else:
                check, outcome = _arm_number(cell, quantity, text, named)
            yield cell, cell.arm, quantity, text, check, outcome
    between = arms_between(row)
    contrast = " vs ".join(cell.arm for cell in between)
    tests = list(tests_of(between))
    for column, cell in row.differences:
        for quantity, text in cell.printed.numbers:
            name = "estimate" if quantity in ("mean", "value") else quantity
            outcome = difference_number(column, cell, name, text, tests, named)
            yield cell, contrast, name, text, "difference of two means", outcome
    for column, cell in row.p:
        text = cell.printed.get("p_value")
        if text:
            arms = arms_between(row, column)
            held = tests if arms == between else list(tests_of(arms))
            check, outcome = (
                p_of_kinds(near.kinds, text)
                if len(near.kinds) > 1
                else p_number(row, column, text, arms, held, named)
            )
            if outcome.verdict == NOT_REPRODUCED and _of_fewer(row):
                reason = f"{outcome.reason}; of how many people the counts are is not said"
                outcome = replace(outcome, verdict=NOT_DERIVABLE, reason=reason)
            yield cell, " vs ".join(one.arm for one in arms), "p_value", text, check, outcome
    for column, cell in row.others:
        for _, text in cell.printed.numbers:
            outcome = statistic_number(column, text, tests, named)
            yield cell, contrast, "statistic", text, "t of two arms", outcome


def _of_fewer(row: TableRow) -> bool:
    """Tell whether a row of counts is of others than the people in the heading."""
    counted = [cell for cell in row.arms if cell.printed.get("count")]
    if not counted:
        return False
    return _NO_PEOPLE.search(row.outcome) is not None or all(map(_misfits, counted))


# Numbers of an arm -------------------------------------------------------------------------------


def _arm_number(
    cell: TableCell, quantity: str, text: str, named: NamedTests
) -> tuple[str, Outcome]:
    if cell.printed.question and quantity in ("value", "in brackets", "low", "high"):
        reason = f"asked: {cell.printed.question}"
        return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)
    if quantity in ("ci_low", "ci_high", "q1", "q3", "median", "mean", "minimum", "maximum"):
        fault = outside_its_interval(cell, named.words)
        if fault:
            return "order", Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    if quantity in ("mean", "sd"):
        scaled = _on_scale(cell, quantity, text, named)
        if scaled is not None:
            return scaled
    if quantity == "n":
        return "", Outcome(verdict=NOT_DERIVABLE, reason=ALONE)
    reason = cell.printed.assumed if quantity == "sd" and cell.printed.assumed else ALONE
    return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)


def _share(cell: TableCell, quantity: str, text: str, near: _Near) -> Outcome:
    count, percent = cell.printed.get("count"), cell.printed.get("percent")
    n = int(cell.printed.get("n") or cell.n or 0)
    if not n:
        reason = (
            "asked: of how many people is the count? n stands neither in the heading nor the cell"
        )
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
    if int(count) > n:
        reason = f"{count} of {n} people: these numbers cannot all be right"
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    if not percent:
        return Outcome(verdict=NOT_DERIVABLE, reason=ALONE)
    share = 100 * int(count) / n
    found = Range(low=share, high=share, value=share)
    how = f"{count} of {n} is {share:.4g} %"
    if printed_range(percent).meets(found):
        shown = found if quantity == "percent" else None
        return Outcome(verdict=REPRODUCED, reason=f"{how}: agrees", found=shown)
    if quantity == "count":
        reason = f"{how}, and {percent} % stands beside it"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
    other = "" if cell.printed.get("n") else _of_others(cell, count, percent, near)
    if other:
        reason = f"{how}; {text} % {other}"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found)
    reason = f"outside what rounding allows: {how}, not {text} %"
    return Outcome(verdict=NOT_REPRODUCED, reason=reason, found=found)


def _of_others(cell: TableCell, count: str, percent: str, near: _Near) -> str:
    """Return of what else a percentage can be: fewer people, a row, a count above, no people."""
    n = cell.n or 0
    mine = [one for row in near.rows for one in row.arms if one.row == cell.row]
    least = SOME if all(map(_misfits, mine)) else MOST
    analysed = [m for m in range(math.ceil(least * n), n) if _gives(count, m, percent)]
    if analysed:
        return f"fits {count} of {analysed[-1]}, if so many were analysed"
    if _NO_PEOPLE.search(cell.outcome):
        return f"may be of something else than people: {cell.outcome}"
    across = sum(int(one.printed.get("count") or 0) for one in mine if one.time == cell.time)
    if _gives(count, across, percent):
        return f"is the share of {across}, the people of the row"
    column = [one for row in near.rows for one in row.arms if one.column == cell.column]
    for one in column:
        whole = int(one.printed.get("count") or 0)
        if one.row != cell.row and _gives(count, whole, percent):
            return f"is the share of {whole}, {one.outcome}"
    return ""


def _misfits(cell: TableCell) -> bool:
    """Tell whether a percentage is not that of its count and the people of its arm."""
    count, percent = cell.printed.get("count"), cell.printed.get("percent")
    return bool(count and percent and cell.n) and not _gives(count, cell.n or 0, percent)


def _gives(count: str, n: int, percent: str) -> bool:
    share = 100 * int(count) / n if n else math.nan
    return n >= max(int(count), 1) and printed_range(percent).meets(Range(low=share, high=share))


def _on_scale(
    cell: TableCell, quantity: str, text: str, named: NamedTests
) -> tuple[str, Outcome] | None:
    """Return what the scale of an instrument says of a mean and SD; None where it was not read."""
    scale = _SCALE.search(cell.outcome)
    if not scale or not _INSTRUMENT.search(cell.outcome) or is_change(cell) or not cell.n:
        return None
    low, high = scale.groups()
    mean, sd = cell.printed.get("mean"), cell.printed.get("sd")
    said = f"{cell.outcome} {named.words}"
    whole = _WHOLE.search(said) is not None and _AVERAGED.search(said) is None
    try:
        if whole and float(low).is_integer() and float(high).is_integer():
            return _granular(cell, quantity, mean, sd, low, high)
        bounds = sd_bounds(mean_text=mean, n=cell.n, low=low, high=high)
    except NotEstimable:
        reason = f"the mean {mean} lies outside its scale, {low} to {high}"
        return "scale", Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    except UsageError:
        return None
    if quantity == "sd" and not cell.printed.assumed and not bounds.admit(sd):
        most = f"{bounds.largest:.4g}"
        reason = (
            f"{cell.n} numbers on {low} to {high} with mean {mean} have an SD of at most {most}"
        )
        return "SD on a scale", Outcome(verdict=NOT_REPRODUCED, reason=f"{reason}, not {text}")
    reason = f"possible on {low} to {high}; in what steps people score is not said"
    return "scale", Outcome(verdict=NOT_DERIVABLE, reason=reason)


def _granular(
    cell: TableCell, quantity: str, mean: str, sd: str, low: str, high: str
) -> tuple[str, Outcome]:
    grid = score_grid(items=1, low=low, high=high)
    n = cell.n or 0
    # Fewer may have been scored than stand in the heading, the most likely number first.
    sizes = range(n, max(2, math.ceil(ANALYSED * n)) - 1, -1)
    means = [m for m in sizes if grim(mean_text=mean, n=m, grid=grid).possible]
    if quantity == "mean" or not sd or cell.printed.assumed:
        words = f"is a mean of {means[0]}" if means else f"is not a mean of {n} or somewhat fewer"
        reason = f"{mean} {words} whole numbers"
        return "GRIM", Outcome(verdict=COMPATIBLE if means else NOT_REPRODUCED, reason=reason)
    if not means:
        return "GRIMMER", Outcome(verdict=NOT_DERIVABLE, reason="the mean is none of whole numbers")
    both = [m for m in means if grimmer(mean_text=mean, sd_text=sd, n=m, grid=grid).possible]
    words = f"{both[0]} whole numbers" if both else f"{n} or somewhat fewer whole numbers"
    reason = f"{words} with mean {mean} {'can' if both else 'cannot'} have the SD {sd}"
    return "GRIMMER", Outcome(verdict=COMPATIBLE if both else NOT_REPRODUCED, reason=reason)


def questions(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the rows that ask something, each question of an outcome once."""
    seen, out = set(), []
    for row in rows:
        reason = str(row["reason"])
        asked = str(row["question"]) or (reason[7:] if reason.startswith("asked: ") else "")
        key = (row["outcome"], row["contrast"], row["timepoint"], asked)
        if asked and key not in seen:
            seen.add(key)
            out.append({**row, "question": asked})
    return out
