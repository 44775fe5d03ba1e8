"""p-values and differences of a table against the arms that it prints."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backwalk_stats.engine.numbers import chi_square_p
from backwalk_stats.engine.summary.many_arms import Arms, one_way
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.reading.printed import first_order, unit_of, value_of
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    INPUTS_INCONSISTENT,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
)
from backwalk_stats.paper.printed_patterns import DIRECTION, EFFECT_WORD, SCALES, effect_name
from backwalk_stats.paper.recomputed_p import (
    FACTOR,
    FEWEST_DF,
    Outcome,
    PrintedP,
    Range,
    Recomputed,
    compared,
    interval_p,
    printed_p,
    printed_range,
    span_of,
    widened,
)
from backwalk_stats.paper.table_columns import Column, TableCell, TableRow, is_change
from backwalk_stats.paper.two_arms_from_table import (
    ArmRange,
    Difference,
    arm_range,
    count_tests,
    fewer,
    t_tests,
)

ALONE = "nothing else in the table determines it"
# Where arms are as large as each other, only such words tell two groups from one group twice.
_INDEPENDENT = re.compile(
    r"independent|unpaired|two[-\s]sample|between|random|parallel|\bgroups?\b|\barms?\b|welch", re.I
)
_CHANGES = re.compile(r"\bchanges?\b|\bgain|improvement|from baseline|\bdelta\b|Δ", re.I)
_DEPENDENT = re.compile(
    r"repeated|(?<!un)paired|within|crossover|cross-over|same participants|matched", re.I
)
_ADJUSTED = re.compile(r"adjust|ancova|covaria|mixed|mmrm|gee\b|regression|bootstrap|imput", re.I)
_CORRECTION = re.compile(r"bonferroni|holm|tukey|post[- ]?hoc|corrected|lsd|dunnett", re.I)
_OTHER_P = re.compile(
    r"within|interaction|[x×*]|time|trend|baseline adj|change|vs\.?\s|pre\b|post\b", re.I
)
_TOTAL = re.compile(r"total|all\b|overall", re.I)
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


def arms_between(row: TableRow, column: Column | None = None) -> tuple[TableCell, ...]:
    """Return the cells that a p of the row compares: one of each arm, at one time; else none.

    Parameters
    ----------
    row : TableRow
        The outcome.
    column : Column, optional
        Where the p stands: a time in its heading chooses among the times of the arms.
    """
    arms = [cell for cell in row.arms if not _TOTAL.match(cell.arm)]
    if column is not None and column.between:
        arms = [cell for cell in arms if cell.arm in column.between]
    if column is not None and column.time:
        arms = [cell for cell in arms if cell.time == column.time]
    names = {cell.arm for cell in arms}
    times = {cell.time for cell in arms}
    plain = len(arms) >= 2 and len(names) == len(arms) and len(times) == 1
    return tuple(arms) if plain else ()


def tests_of(between: Sequence[TableCell]) -> Iterator[Difference]:
    """Yield the t tests of two cells; none of others, or where n, mean or SD is missing."""
    if len(between) != 2:
        return
    a, b = (arm_range(cell) for cell in between)
    if a is not None and b is not None:
        yield from t_tests(a, b)


def _printed_p(text: str) -> tuple[PrintedP | None, str]:
    found = re.match(r"\s*([<>≤≥]?)\s*", text)
    relation = found.group(1) if found else ""
    number = text[found.end() :] if found else text
    words = re.fullmatch(r"[nN]\.?\s?[sS]\.?", number) is not None
    return printed_p("ns" if words else number, relation)


def outside_its_interval(cell: TableCell, words: str = "") -> str:
    """Return what is wrong when an interval does not hold its mean or median.

    A reduction of 2.1 (-3.0 to -1.2) has its sign in the words and is not wrong.
    """
    turned = DIRECTION.search(f"{cell.outcome} {cell.time} {words}") is not None
    middle = cell.printed.get("mean") or cell.printed.get("median")
    for first, last in (("ci_low", "ci_high"), ("q1", "q3"), ("minimum", "maximum")):
        low, high = cell.printed.get(first), cell.printed.get(last)
        if low and high and middle:
            ends = sorted((printed_range(low), printed_range(high)), key=lambda end: end.value)
            centre = printed_range(middle)
            outside = centre.high < ends[0].low or centre.low > ends[1].high
            if turned and -centre.high <= ends[1].high and ends[0].low <= -centre.low:
                continue
            if outside and first != "q1":
                return f"{middle} lies outside {low} to {high}: these numbers cannot all be right"
            if outside and cell.printed.get("median"):
                return f"the median {middle} lies outside its quartiles {low} and {high}"
    return ""


def p_number(
    row: TableRow,
    column: Column,
    text: str,
    between: Sequence[TableCell],
    tests: Sequence[Difference],
    named: NamedTests,
) -> tuple[str, Outcome]:
    """Return the check and the verdict on a printed p of a row."""
    p, fault = _printed_p(text)
    if p is None:
        return "p-value", Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    if column.arm and any(column.arm == cell.arm for cell in row.arms):
        reason = f"the p stands under {column.arm!r} alone: of a change within it, which needs more"
        return "", Outcome(verdict=NOT_DERIVABLE, reason=reason)
    if len(between) > 2:
        return "one-way ANOVA", _p_of_many(p, between, named)
    if not between:
        asked = "asked: which arms and which time does the p compare?"
        return _by_difference(row, p, named, asked)
    counts = _counts(between)
    if counts:
        return "two counts", _p_of_counts(p, counts, named)
    if tests:
        return "t of two arms", _p_of_means(p, column, between, tests, named)
    return _by_difference(
        row, p, named, "n, mean and SD of both arms are needed, and not all are printed"
    )


def _by_difference(
    row: TableRow, p: PrintedP, named: NamedTests, why_not: str
) -> tuple[str, Outcome]:
    found = _p_of_difference(row, p, named)
    if found is not None:
        return "interval to p", found
    return "", Outcome(verdict=NOT_DERIVABLE, reason=why_not)


def kinds_below(rows: Sequence[TableRow], place: int) -> tuple[TableRow, ...]:
    """Return a row of counts and those next to it that share its p: kinds of one thing.

    They have no p of their own, or the same one, as a cell that spans them has.
    """

    def is_counted(row: TableRow) -> bool:
        return len(row.arms) > 1 and all(cell.printed.get("count") for cell in row.arms)

    def p_of(row: TableRow) -> list[str]:
        return [cell.printed.get("p_value") for _, cell in row.p]

    mine = p_of(rows[place])
    if not any(mine) or not is_counted(rows[place]):
        return ()
    first = last = place
    while first > 0 and is_counted(rows[first - 1]) and p_of(rows[first - 1]) == mine:
        first -= 1
    while last + 1 < len(rows) and is_counted(rows[last + 1]) and p_of(rows[last + 1]) == mine:
        last += 1
    if first < last and _is_partition(rows[first : last + 1]):
        return tuple(rows[first : last + 1])
    last = place
    while last + 1 < len(rows) and is_counted(rows[last + 1]) and not any(p_of(rows[last + 1])):
        last += 1
    kinds = tuple(rows[place : last + 1])
    # Of two kinds that are everybody, one decides.
    return kinds if len(kinds) > 2 or not _is_partition(kinds) else kinds[:1]


def _is_partition(kinds: Sequence[TableRow]) -> bool:
    """Tell whether the counts of each arm sum to its people."""
    sums: dict[int, int] = {}
    sizes: dict[int, int | None] = {}
    for row in kinds:
        for cell in row.arms:
            sums[cell.column] = sums.get(cell.column, 0) + int(cell.printed.get("count"))
            sizes[cell.column] = cell.n
    return sums == sizes


def p_of_kinds(kinds: Sequence[TableRow], text: str) -> tuple[str, Outcome]:
    """Return the verdict on a p of several kinds, by Pearson's chi-square of their counts."""
    p, fault = _printed_p(text)
    if p is None:
        return "p-value", Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    groups = [[cell for cell in row.arms if not _TOTAL.match(cell.arm)] for row in kinds]
    table = [[float(cell.printed.get("count")) for cell in cells] for cells in groups]
    why = "the p is of several rows, and whether these are all their people is not said"
    if len({len(line) for line in table}) != 1 or not all(map(sum, zip(*table, strict=True))):
        return "kinds", Outcome(verdict=NOT_DERIVABLE, reason=why)
    columns, total = [sum(line) for line in zip(*table, strict=True)], sum(map(sum, table))
    statistic = sum(
        (one - sum(line) * whole / total) ** 2 / (sum(line) * whole / total)
        for line in table
        if sum(line)
        for one, whole in zip(line, columns, strict=True)
    )
    df = (len([line for line in table if sum(line)]) - 1) * (len(columns) - 1)
    value = float(chi_square_p(statistic=statistic, df=df)) if df > 0 else math.nan
    found = Range(low=value, high=value, value=value)
    how = f"Pearson's chi-square of {len(table)} kinds gives p {value:.3g}"
    if df > 0 and p.range.meets(found):
        return "kinds", Outcome(verdict=COMPATIBLE, reason=f"{how}: agrees", found=found)
    return "kinds", Outcome(
        verdict=NOT_DERIVABLE, reason=f"{how}, not {p.text}; {why}", found=found
    )


def _p_of_many(p: PrintedP, between: Sequence[TableCell], named: NamedTests) -> Outcome:
    """Return the verdict on a p of three arms or more, by one-way ANOVA of n, mean and SD."""
    arms = [arm_range(cell) for cell in between]
    known = [arm for arm in arms if arm is not None]
    if len(known) != len(arms) or any(cell.printed.get("ci_low") for cell in between):
        reason = "n, mean and SD of all arms are needed, and not all are printed"
        return Outcome(verdict=NOT_DERIVABLE, reason=reason)
    sizes = [arm.n for arm in known]

    def tail(numbers: Sequence[float]) -> float:
        half = len(numbers) // 2
        factor = [
            math.sqrt(n) if cell.printed.get("se") else 1.0
            for n, cell in zip(sizes, between, strict=True)
        ]
        spread = [sd * k for sd, k in zip(numbers[half:], factor, strict=True)]
        return float(one_way(Arms(n=sizes, mean=numbers[:half], sd=spread)).p_value)

    texts = [cell.printed.get("mean") for cell in between]
    texts += [cell.printed.get("sd") or cell.printed.get("se") for cell in between]
    try:
        ends = first_order(tail, texts)
        value = tail([value_of(text) for text in texts])
    except NotEstimable as fault:
        return Outcome(verdict=NOT_DERIVABLE, reason=str(fault))
    main = Range(low=max(ends.low, 0.0), high=min(ends.high, 1.0), value=value)
    doubts = [] if "one_way" in named.keys else ["the table names no one-way ANOVA"]
    doubts += ["other tests are named as well"] if named.other else []
    doubts += ["adjusted values are spoken of"] if _ADJUSTED.search(named.words) else []
    doubts += ["comparisons within people are spoken of"] if _DEPENDENT.search(named.words) else []
    doubts += [cell.printed.assumed for cell in between[:1] if cell.printed.assumed]
    near = Range(low=main.low / FACTOR, high=min(main.high * FACTOR, 1.0))
    found = Recomputed(
        main=main,
        how="one-way ANOVA of n, mean and SD",
        excuses=((near, "fewer people analysed than stand in the heading"),),
        certain=not doubts,
        doubt="; ".join(doubts),
        forgiven="; ".join(doubts),
    )
    return compared(p, found)


def _counts(between: Sequence[TableCell]) -> list[tuple[int, int]]:
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
    between: Sequence[TableCell],
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
    if _CHANGES.search(named.words):
        doubts.append("changes are spoken of, and the p may be of them")
    told = f"{named.words} {' '.join(cell.arm for cell in between)}"
    if between[0].n == between[1].n and not _INDEPENDENT.search(told):
        doubts.append("whether both are the same people is not said")
    heading = re.sub(r"(?i)p[- ]?values?|\bp\b|between|groups?", "", column.heading)
    if _OTHER_P.search(heading) and not column.between:
        doubts.append(f"the p stands under {column.heading!r}")
    doubts += [cell.printed.assumed for cell in between[:1] if cell.printed.assumed]
    if any(is_change(cell) for cell in between):
        doubts.append("changes may have been tested another way")
    return doubts


def _other_readings(
    between: Sequence[TableCell], meant: Sequence[Difference], named: NamedTests
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
    few = interval_p(*ranges, level=level or 0.95, df=FEWEST_DF, scale=scale)
    excuses = [
        (widened(main, FACTOR), "no df printed: read as normal, a factor of three is allowed")
    ]
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
    if "%" in re.sub(r"\d\s?%\s?C", "", column.heading) or "percent" in column.heading.lower():
        return ""
    word = EFFECT_WORD.search(column.heading)
    if word is None:
        return ""
    scale = SCALES.get(effect_name(word)[0], "")
    return scale if scale in ("ratio", "difference", "auc") else ""


def _level_of(column: Column, named: NamedTests) -> float:
    found = re.search(r"(\d\d)\s?%\s?C", f"{column.heading} {named.words}")
    return int(found.group(1)) / 100 if found else 0.0


# Differences and statistics ----------------------------------------------------------------------


def difference_number(
    column: Column,
    cell: TableCell,
    quantity: str,
    text: str,
    tests: Sequence[Difference],
    named: NamedTests,
) -> Outcome:
    """Return the verdict on a printed difference, or on an end of its interval."""
    parts = {key: cell.printed.get(key) for key in ("mean", "ci_low", "ci_high")}
    fault = outside_its_interval(cell, f"{column.heading} {named.words}")
    if fault:
        return Outcome(verdict=INPUTS_INCONSISTENT, reason=fault)
    known = quantity in ("estimate", "ci_low", "ci_high") and _scale_of(column) == "difference"
    if not tests or not known or re.search(r"standardi|SMD|\b[dg]\b|hedges", column.heading, re.I):
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


def _held(quantity: str, text: str, meant: Sequence[Difference], doubts: Sequence[str]) -> Outcome:
    printed = printed_range(text)
    for one in meant:
        for found in _both_ways(one, quantity):
            if printed.meets(found):
                sure = not doubts and found.high - found.low <= 10 * unit_of(text) * (1 + 1e-9)
                verdict = REPRODUCED if sure else COMPATIBLE
                why = f"; {'; '.join(doubts)}" if doubts else ""
                reason = f"{one.label} gives {span_of(found)}: agrees{why}"
                return Outcome(verdict=verdict, reason=reason, found=found)
    found = _both_ways(meant[0], quantity)[0]
    unit = unit_of(text)
    near = Range(low=found.low - unit, high=found.high + unit)
    reason = f"the means and SDs give {span_of(found)}, not {text}"
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


def statistic_number(
    column: Column, text: str, tests: Sequence[Difference], named: NamedTests
) -> Outcome:
    """Return the verdict on a printed t."""
    last = column.heading.rsplit("| ", 1)[-1]
    if not tests or not re.match(r"t\b", last, re.I) or re.match(r"test", last, re.I):
        return Outcome(verdict=NOT_DERIVABLE, reason=ALONE)
    keys = named.of(_MEAN_TESTS)
    meant = [one for one in tests if one.test in keys] or list(tests)
    doubts = ["which people were analysed is not said"]
    doubts += [] if keys else ["the table names no t test"]
    return _held("statistic", text, meant, doubts)
