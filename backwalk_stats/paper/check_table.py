"""The numbers of a table, each held against the others: `bw.check_table`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backwalk_stats.engine.integer_samples import grim, grimmer
from backwalk_stats.engine.score_grid import score_grid
from backwalk_stats.engine.sd_bounds import sd_bounds
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.ledger.kinds import named_test
from backwalk_stats.ledger.printed_p import parse_p
from backwalk_stats.ledger.rounding import unit_of, value_of
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
)
from backwalk_stats.paper.check_text import Outcome, PrintedP, Recomputed, compared
from backwalk_stats.paper.printed_patterns import EFFECT_WORD, EFFECTS
from backwalk_stats.paper.recomputed_p import Range, interval_p, printed_range, widened
from backwalk_stats.paper.table_columns import Column, TableCell, TableRow, is_change, read_rows
from backwalk_stats.paper.table_grid import Grid, grids
from backwalk_stats.paper.two_arms_from_table import (
    ArmRange,
    Difference,
    arm_range,
    count_tests,
    fewer,
    t_tests,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "study_id", "finding_id", "outcome", "contrast", "quantity", "origin", "reported", "recomputed",
    "recomputed_low", "recomputed_high", "check", "verdict", "reason", "source", "timepoint", "n",
    "question",
)  # fmt: skip
ALONE = "nothing else in the table determines it"
_DEPENDENT = re.compile(r"paired|within|crossover|cross-over|same participants|matched", re.I)
_ADJUSTED = re.compile(r"adjust|ancova|covaria|mixed|mmrm|gee\b|regression|bootstrap|imput", re.I)
_CORRECTION = re.compile(r"bonferroni|holm|tukey|post[- ]?hoc|corrected|lsd|dunnett", re.I)
_OTHER_P = re.compile(r"within|interaction|[x×*]|time|trend|baseline adj|change|vs\.?\s|pre\b|post\b", re.I)
_INSTRUMENT = re.compile(
    r"\b(?:NPRS|NRS|VAS|WOMAC|KOOS|ODI|RMDQ|LEFS|OKS|TSK|PHQ|QBPDS|Lysholm|SF-?12|SF-?36|FABQ|PCS)\b", re.I
)
_SCALE = re.compile(r"[(\[]\s*(?:scale:?\s*|range:?\s*)?(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*(?:points?|cm|mm)?\s*[)\]]")
_WHOLE = re.compile(r"whole[-\s]numbers?|integers?|11-point|steps? of (?:1|one)\b", re.I)
_MEAN_TESTS, _COUNT_TESTS = {"pooled_t", "welch_t"}, {"chi_square", "yates", "fisher"}


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedTests:
    """The tests that a table's words name, and whether they say more than the table can give."""

    keys: frozenset[str]
    other: str
    words: str

    def of(self, tests: set[str]) -> set[str]:
        """Return which of some tests are named."""
        return tests & self.keys


def check_table(table: pd.DataFrame | str, *, around: str = "") -> pd.DataFrame:
    """Return the numbers of a printed table, each held against the others.

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
    ...     "Scores, mean ± SD; independent t-test\\n\\n| | Backward (n = 34) | Forward (n = 33) | p |\\n"
    ...     "|---|---|---|---|\\n| Sway | 8.67 ± 1.64 | 10.26 ± 2.01 | 0.600 |"
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
    for row in read_rows(grid):
        named = _named(grid, row, words)
        for cell, contrast, quantity, text, check, outcome in _row_checks(row, named):
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


def _row_checks(row: TableRow, named: NamedTests) -> Iterator[Checked]:
    for cell in row.arms:
        for quantity, text in cell.printed.numbers:
            check, outcome = _arm_number(cell, quantity, text, named)
            yield cell, cell.arm, quantity, text, check, outcome
    between = _between(row)
    contrast = " vs ".join(cell.arm for cell in between) if between else ""
    tests = list(_tests(between)) if between else []
    for column, cell in row.differences:
        for quantity, text in cell.printed.numbers:
            name = "estimate" if quantity in ("mean", "value") else quantity
            outcome = _difference_number(column, cell, name, text, tests, named)
            yield cell, contrast, name, text, "difference of two means", outcome
    for column, cell in row.p:
        text = cell.printed.get("p_value")
        if text:
            check, outcome = _p_number(row, column, text, between, tests, named)
            yield cell, contrast, "p_value", text, check, outcome
    for column, cell in row.others:
        for _, text in cell.printed.numbers:
            outcome = _statistic_number(column, text, tests, named)
            yield cell, contrast, "statistic", text, "t of two arms", outcome


def _between(row: TableRow) -> tuple[TableCell, TableCell] | None:
    """Return the two cells that a p of the row compares; None where that is not plain."""
    arms = [cell for cell in row.arms if not re.match(r"total|all\b|overall", cell.arm, re.I)]
    if len(arms) != 2 or arms[0].arm == arms[1].arm or arms[0].time != arms[1].time:
        return None
    return arms[0], arms[1]


def _tests(between: tuple[TableCell, TableCell]) -> Iterator[Difference]:
    a, b = (arm_range(cell) for cell in between)
    if a is not None and b is not None:
        yield from t_tests(a, b)


# Numbers of an arm -------------------------------------------------------------------------------


def _arm_number(cell: TableCell, quantity: str, text: str, named: NamedTests) -> tuple[str, Outcome]:
    if cell.printed.question and quantity in ("value", "in brackets", "low", "high"):
        reason = f"asked: {cell.printed.question}"
        return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)
    if quantity in ("count", "percent"):
        return "percentage of a count", _share(cell, quantity, text)
    if quantity in ("ci_low", "ci_high", "q1", "q3", "median", "mean", "minimum", "maximum"):
        fault = _outside(cell)
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


def _outside(cell: TableCell) -> str:
    """Return what is wrong when an interval does not hold its mean or median."""
    middle = cell.printed.get("mean") or cell.printed.get("median")
    for first, last in (("ci_low", "ci_high"), ("q1", "q3"), ("minimum", "maximum")):
        low, high = cell.printed.get(first), cell.printed.get(last)
        if low and high and middle:
            ends = sorted((printed_range(low), printed_range(high)), key=lambda end: end.value)
            centre = printed_range(middle)
            outside = centre.high < ends[0].low or centre.low > ends[1].high
            if outside and first != "q1":
                return f"{middle} lies outside {low} to {high}: these numbers cannot all be right"
            if outside and cell.printed.get("median"):
                return f"the median {middle} lies outside its quartiles {low} and {high}"
    return ""


def _share(cell: TableCell, quantity: str, text: str) -> Outcome:
    count, percent = cell.printed.get("count"), cell.printed.get("percent")
    n = int(cell.printed.get("n") or cell.n or 0)
    if not n:
        reason = "asked: of how many people is the count? n stands neither in the heading nor the cell"
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
    analysed = [m for m in range(math.ceil(0.9 * n), n) if _gives(count, m, percent)]
    if analysed and not cell.printed.get("n"):
        reason = f"{how}; {text} % fits {count} of {analysed[-1]}, if so many were analysed"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=found)
    reason = f"outside what rounding allows: {how}, not {text} %"
    return Outcome(verdict=NOT_REPRODUCED, reason=reason, found=found)


def _gives(count: str, n: int, percent: str) -> bool:
    share = 100 * int(count) / n
    return n >= int(count) and printed_range(percent).meets(Range(low=share, high=share))


def _on_scale(
    cell: TableCell, quantity: str, text: str, named: NamedTests
) -> tuple[str, Outcome] | None:
    """Return what the scale of an instrument says of a mean and SD; None where it was not read."""
    scale = _SCALE.search(cell.outcome)
    if not scale or not _INSTRUMENT.search(cell.outcome) or is_change(cell) or not cell.n:
        return None
    low, high = scale.groups()
    mean, sd = cell.printed.get("mean"), cell.printed.get("sd")
    whole = _WHOLE.search(f"{cell.outcome} {named.words}") is not None
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
        reason = f"{cell.n} numbers on {low} to {high} with mean {mean} have an SD of at most {most}"
        return "SD on a scale", Outcome(verdict=NOT_REPRODUCED, reason=f"{reason}, not {text}")
    reason = f"possible on {low} to {high}; in what steps people score is not said"
    return "scale", Outcome(verdict=NOT_DERIVABLE, reason=reason)


def _granular(
    cell: TableCell, quantity: str, mean: str, sd: str, low: str, high: str
) -> tuple[str, Outcome]:
    grid = score_grid(items=1, low=low, high=high)
    n = cell.n or 0
    possible = grim(mean_text=mean, n=n, grid=grid).possible
    if quantity == "mean" or not sd or cell.printed.assumed:
        words = "is" if possible else "is not"
        reason = f"{mean} {words} a mean of {n} whole numbers"
        return "GRIM", Outcome(verdict=COMPATIBLE if possible else NOT_REPRODUCED, reason=reason)
    if not possible or n < 2:
        return "GRIMMER", Outcome(verdict=NOT_DERIVABLE, reason="the mean is none of whole numbers")
    fits = grimmer(mean_text=mean, sd_text=sd, n=n, grid=grid).possible
    reason = f"{n} whole numbers with mean {mean} {'can' if fits else 'cannot'} have the SD {sd}"
    return "GRIMMER", Outcome(verdict=COMPATIBLE if fits else NOT_REPRODUCED, reason=reason)


# p of two arms -----------------------------------------------------------------------------------


def _printed_p(text: str) -> PrintedP | None:
    parsed = parse_p(text)
    if parsed is None:
        return None
    ends = parsed.intervals[0]
    number = text.lstrip("<>≤≥ ")
    is_number = not parsed.is_bound
    found = Range(
        low=ends.low, high=ends.high, open_low=text.startswith(">"), open_high=text.startswith("<")
    )
    return PrintedP(text=text, range=found, unit=unit_of(number) if is_number else 0.0)


def _p_number(
    row: TableRow,
    column: Column,
    text: str,
    between: tuple[TableCell, TableCell] | None,
    tests: Sequence[Difference],
    named: NamedTests,
) -> tuple[str, Outcome]:
    p = _printed_p(text)
    if p is None or p.range.low > 1 or _above_one(text):
        reason = f"a p-value lies between 0 and 1, not at {text}"
        return "p-value", Outcome(verdict=INPUTS_INCONSISTENT, reason=reason)
    if between is None:
        found = _p_of_difference(row, p, named)
        if found is not None:
            return "interval to p", found
        reason = "asked: which arms and which time does the p compare?"
        return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)
    counts = _counts(between)
    if counts:
        return "two counts", _p_of_counts(p, counts, named)
    if tests:
        return "t of two arms", _p_of_means(p, column, between, tests, named)
    found = _p_of_difference(row, p, named)
    if found is not None:
        return "interval to p", found
    reason = "n, mean and SD of both arms are needed, and not all are printed"
    return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)


def _above_one(text: str) -> bool:
    number = text.lstrip("<>≤≥ ")
    return re.fullmatch(r"[\d.]+", number) is not None and value_of(number) > 1


def _counts(between: tuple[TableCell, TableCell]) -> list[tuple[int, int]]:
    found = []
    for cell in between:
        count = cell.printed.get("count")
        n = int(cell.printed.get("n") or cell.n or 0)
        if not count or not n or int(count) > n:
            return []
        found.append((int(count), n))
    return found


def _p_of_counts(p: PrintedP, counts: Sequence[tuple[int, int]], named: NamedTests) -> Outcome:
    tests = count_tests(counts[0], counts[1])
    keys = named.of(_COUNT_TESTS) & tests.keys()
    meant = {key: one for key, one in tests.items() if not keys or key in keys}
    ranges = {key: Range(low=value, high=value, value=value) for key, (_, value) in meant.items()}
    fitting = [key for key, one in ranges.items() if p.range.meets(one)]
    if fitting:
        label, value = tests[fitting[0]]
        sure = bool(keys) and not (p.is_bound and len(fitting) < len(ranges))
        words = "" if keys else "; the table names no test of counts"
        reason = f"{label} gives p {value:.3g}: agrees{words}"
        verdict = REPRODUCED if sure else COMPATIBLE
        return Outcome(verdict=verdict, reason=reason, found=ranges[fitting[0]])
    first = next(iter(meant))
    spans = ", ".join(f"{label} {value:.3g}" for label, value in meant.values())
    whole = named.other or _ADJUSTED.search(named.words) or _CORRECTION.search(named.words)
    more = _fewer_counts(p, counts, meant.keys())
    if keys and not whole and not more and not _DEPENDENT.search(named.words):
        reason = f"outside what rounding allows: {spans}, not {p.text}"
        return Outcome(verdict=NOT_REPRODUCED, reason=reason, found=ranges[first])
    why = more or "the table names no test of counts, or another one"
    reason = f"{spans}, not {p.text}; {why}"
    return Outcome(verdict=NOT_DERIVABLE, reason=reason, found=ranges[first])


def _fewer_counts(p: PrintedP, counts: Sequence[tuple[int, int]], keys: object) -> str:
    """Say so when the p fits fewer people than stand in the heading."""
    (a, n1), (c, n2) = counts
    for m1 in range(max(a, math.ceil(0.9 * n1)), n1 + 1):
        for m2 in range(max(c, math.ceil(0.9 * n2)), n2 + 1):
            for key, (_, value) in count_tests((a, m1), (c, m2)).items():
                if key in keys and p.range.meets(Range(low=value, high=value)):  # type: ignore[operator]
                    return f"it fits if {m1} and {m2} people were analysed"
    return ""


def _p_of_means(
    p: PrintedP,
    column: Column,
    between: tuple[TableCell, TableCell],
    tests: Sequence[Difference],
    named: NamedTests,
) -> Outcome:
    keys = named.of(_MEAN_TESTS)
    meant = [one for one in tests if one.test in keys] or list(tests)
    fitting = [one for one in meant if p.range.meets(one.p_value)]
    best = min(fitting or meant, key=lambda one: abs(one.p_value.value - p.range.low))
    doubts = _doubts(column, between, named, bool(keys))
    found = Recomputed(
        main=best.p_value,
        how=f"{best.label} of n, mean and SD",
        excuses=tuple(_other_readings(between, meant, named)),
        certain=not doubts,
        doubt="; ".join(doubts),
        forgiven="; ".join(doubts),
    )
    return compared(p, found)


def _doubts(
    column: Column, between: Sequence[TableCell], named: NamedTests, is_named: bool
) -> list[str]:
    """Return what was not read, so that nothing can be held against the table."""
    doubts = [] if is_named else ["the table names no t test"]
    if named.other or named.keys & {"ancova", "two_visit_model", "paired_t", "one_way"}:
        doubts.append("the table names other tests as well")
    if _ADJUSTED.search(named.words):
        doubts.append("adjusted values are spoken of")
    if _DEPENDENT.search(named.words):
        doubts.append("comparisons within people are spoken of")
    if _CORRECTION.search(named.words):
        doubts.append("a correction for several comparisons is spoken of")
    if _OTHER_P.search(re.sub(r"(?i)p[- ]?values?|\bp\b|between|groups?", "", column.heading)):
        doubts.append(f"the p stands under {column.heading!r}")
    doubts += [cell.printed.assumed for cell in between[:1] if cell.printed.assumed]
    if any(is_change(cell) for cell in between):
        doubts.append("changes may have been tested another way")
    return doubts


def _other_readings(
    between: tuple[TableCell, TableCell], meant: Sequence[Difference], named: NamedTests
) -> Iterator[tuple[Range, str]]:
    tests = {one.test for one in meant}
    arms = [arm_range(cell) for cell in between]
    if arms[0] is not None and arms[1] is not None:
        yield from _with_fewer(arms[0], arms[1], tests)
    if any(cell.printed.assumed for cell in between):
        errors = [arm_range(cell, as_error=True) for cell in between]
        if errors[0] is not None and errors[1] is not None:
            for one in t_tests(errors[0], errors[1]):
                yield one.p_value, "what is printed behind the mean being a standard error"
    for one in meant:
        half = Range(low=one.p_value.low / 2, high=one.p_value.high / 2)
        if re.search(r"one[-\s](?:sided|tailed)", named.words, re.I):
            yield half, "the one-sided test"


def _with_fewer(a: ArmRange, b: ArmRange, tests: set[str]) -> Iterator[tuple[Range, str]]:
    small, whole = list(t_tests(fewer(a), fewer(b))), list(t_tests(a, b))
    for one, other in zip(small, whole, strict=True):
        if one.test in tests:
            ends = (one.p_value, other.p_value)
            both = Range(low=min(e.low for e in ends), high=max(e.high for e in ends))
            yield both, "fewer people analysed than stand in the heading"


def _p_of_difference(row: TableRow, p: PrintedP, named: NamedTests) -> Outcome | None:
    """Return the verdict on a p by the interval of the difference beside it."""
    if len(row.differences) != 1:
        return None
    column, cell = row.differences[0]
    parts = [cell.printed.get(key) for key in ("mean", "ci_low", "ci_high")]
    scale, level = _scale_of(column), _level_of(column, named)
    if not all(parts) or not scale:
        return None
    ranges = [printed_range(part) for part in parts]
    main = interval_p(*ranges, level=level or 0.95, df=math.inf, scale=scale)
    if main is None:
        return None
    few = interval_p(*ranges, level=level or 0.95, df=8.0, scale=scale)
    excuses = [(widened(main, 3.0), "no df printed: read as normal, a factor of three is allowed")]
    if few is not None and scale != "ratio":
        hull = Range(low=min(main.low, few.low), high=max(main.high, few.high))
        excuses.append((hull, "few df, which are not printed"))
    doubts = [] if level else ["the level of the interval is not said"]
    if _CORRECTION.search(named.words) or named.other:
        doubts.append("other tests, or corrections, are spoken of")
    return compared(
        p,
        Recomputed(
            main=main,
            how=f"the interval {parts[1]} to {parts[2]}",
            excuses=tuple(excuses),
            certain=False,
            doubt="; ".join(doubts) or "no df printed, read as normal",
            forgiven="; ".join(doubts),
        ),
    )


def _scale_of(column: Column) -> str:
    word = EFFECT_WORD.search(column.heading)
    if word is None:
        return ""
    place = next((i for i in range(len(EFFECTS) - 5) if word.group(f"e{i}")), None)
    scale = "" if place is None else EFFECTS[place][2]
    return scale if scale in ("ratio", "difference", "auc") else ""


def _level_of(column: Column, named: NamedTests) -> float:
    found = re.search(r"(\d\d)\s?%\s?C", f"{column.heading} {named.words}")
    return int(found.group(1)) / 100 if found else 0.0


# Differences and statistics ----------------------------------------------------------------------


def _difference_number(
    column: Column,
    cell: TableCell,
    quantity: str,
    text: str,
    tests: Sequence[Difference],
    named: NamedTests,
) -> Outcome:
    parts = {key: cell.printed.get(key) for key in ("mean", "ci_low", "ci_high")}
    if _outside(cell):
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=_outside(cell))
    known = quantity in ("estimate", "ci_low", "ci_high") and _scale_of(column) == "difference"
    if not tests or not known or re.search(r"standardi|SMD|\bd\b", column.heading, re.I):
        return Outcome(verdict=NOT_DERIVABLE, reason=ALONE)
    level = _level_of(column, named)
    if quantity != "estimate" and not level:
        reason = "asked: what is the level of the interval?"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
    keys = named.of(_MEAN_TESTS)
    meant = [one for one in tests if one.test in keys] or list(tests)
    doubts = [] if keys else ["the table names no t test"]
    whole = named.other or _ADJUSTED.search(f"{named.words} {column.heading}")
    doubts += ["adjusted values, or other tests, are spoken of"] if whole else []
    doubts += [] if level in (0.0, 0.95) or quantity == "estimate" else ["the level is not 95 %"]
    if parts["mean"] and cell.printed.assumed:
        doubts.append(cell.printed.assumed)
    return _held(quantity, text, meant, doubts)


def _held(
    quantity: str, text: str, meant: Sequence[Difference], doubts: Sequence[str]
) -> Outcome:
    printed = printed_range(text)
    for one in meant:
        for found in _both_ways(one, quantity):
            if printed.meets(found):
                sure = not doubts and found.high - found.low <= 10 * unit_of(text) * (1 + 1e-9)
                verdict = REPRODUCED if sure else COMPATIBLE
                why = f"; {'; '.join(doubts)}" if doubts else ""
                reason = f"{one.label} gives {_span(found)}: agrees{why}"
                return Outcome(verdict=verdict, reason=reason, found=found)
    found = _both_ways(meant[0], quantity)[0]
    unit = unit_of(text)
    near = Range(low=found.low - unit, high=found.high + unit)
    reason = f"the means and SDs give {_span(found)}, not {text}"
    slack = quantity != "estimate" and any(
        printed.meets(Range(low=w.low, high=w.high)) for w in (near, _wide(found))
    )
    if doubts or slack:
        why = "; ".join(doubts) or "fewer people may have been analysed"
        return Outcome(verdict=NOT_DERIVABLE, reason=f"{reason}; {why}", found=found)
    return Outcome(
        verdict=NOT_REPRODUCED, reason=f"outside what rounding allows: {reason}", found=found
    )


def _wide(found: Range) -> Range:
    reach = 0.12 * abs(found.value) + 1e-12
    return Range(low=found.low - reach, high=found.high + reach)


def _both_ways(one: Difference, quantity: str) -> tuple[Range, Range]:
    names = {"estimate": "estimate", "ci_low": "low", "ci_high": "high", "statistic": "statistic"}
    turned = {"estimate": "estimate", "ci_low": "high", "ci_high": "low", "statistic": "statistic"}
    first: Range = getattr(one, names[quantity])
    other: Range = getattr(one, turned[quantity])
    return first, Range(low=-other.high, high=-other.low, value=-other.value)


def _span(found: Range) -> str:
    low, high = f"{found.low:.3g}", f"{found.high:.3g}"
    return low if low == high else f"{low} to {high}"


def _statistic_number(
    column: Column, text: str, tests: Sequence[Difference], named: NamedTests
) -> Outcome:
    last = column.heading.rsplit("| ", 1)[-1]
    if not tests or not re.match(r"t\b", last, re.I) or re.match(r"test", last, re.I):
        return Outcome(verdict=NOT_DERIVABLE, reason=ALONE)
    keys = named.of(_MEAN_TESTS)
    meant = [one for one in tests if one.test in keys] or list(tests)
    doubts = ["which people were analysed is not said"]
    doubts += [] if keys else ["the table names no t test"]
    return _held("statistic", text, meant, doubts)


def questions(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
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
