"""The values of outcomes from all files, one row a participant, visit and outcome that was read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.errors import InputError, nearest
from backwalk_stats.instruments.instrument import Scale
from backwalk_stats.instruments.scoring import Scored, score_scale
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.trial.categories import RESPELT, code_of, respelt
from backwalk_stats.loaders.trial.covariate_values import check_labelled
from backwalk_stats.loaders.trial.numbers import Column, Numbers, missing_code, numbers
from backwalk_stats.loaders.trial.sources import Source, long_advice
from backwalk_stats.loaders.trial_file.outcome_scale import Measured
from backwalk_stats.trial.outcome import Outcome

EXPOSURES = ("participant", "visit", "outcome", "exposure")
CELLS = ("participant", "visit", "outcome", "value", "reason", "file", "column", "line")


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """Where an outcome is read: a file, its columns, and the visit ("" where rows have it).

    `once` says that the column is a baseline that stands in every row of a participant, or in one.
    """

    measured: Measured
    source: Source
    visit: str
    columns: tuple[str, ...]
    once: bool = False


class ColumnReader:
    """Reads each column of numbers once, however many outcomes it goes into."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], Numbers] = {}

    def numbers(self, source: Source, column: str) -> Numbers:
        """Return a column of a file as numbers."""
        key = (source.key, column)
        if key not in self._read:
            cells = source.column(column)
            self._read[key] = numbers(cells)
            check_labelled(cells, self._read[key].values)
        return self._read[key]


def locate(
    measured: Sequence[Measured],
    sources: Sequence[Source],
    *,
    complete: bool,
    visits: Sequence[str],
    findings: Findings,
) -> tuple[list[Located], frozenset[str]]:
    """Return where each outcome is read, and the names of those of which a column is not found.

    That is a fault where the files are complete; else the column may be in one that was not read.
    """
    found: list[Located] = []
    lacking: set[str] = set()
    for one in measured:
        for key, visit, columns in _wanted(one):
            fitting = [source for source in sources if _may_hold(source, one)]
            having = [
                source for source in fitting if all(name in source.columns for name in columns)
            ]
            if len(having) > 1 and not one.table.is_long:
                names = ", ".join(source.file for source in having)
                action = 'Say which one: file = "..."'
                findings.add(key, "columns of one file", f"them in {names}", action)
            if not having:
                lacking.add(one.outcome.name)
            if not having and complete:
                _tell_absent(fitting, columns, findings, key=key, visits=visits)
            found += [
                Located(measured=one, source=source, visit=visit, columns=columns)
                for source in having
            ]
        if one.table.baseline_column is not None:
            before = _baseline(one, sources, visits[0])
            found += before
            if not before and complete:
                key, name = f"{one.key}.baseline_column", one.table.baseline_column
                _tell_absent(sources, [name], findings, key=key, visits=visits)
            lacking |= set() if before else {one.outcome.name}
    return found, frozenset(lacking)


def _baseline(one: Measured, sources: Sequence[Source], visit: str) -> list[Located]:
    """Return where a baseline stands that has a column of its own: with the outcome, or apart."""
    name = str(one.table.baseline_column)
    having = [source for source in sources if name in source.columns]
    own = [source for source in having if _may_hold(source, one)]
    return [
        Located(measured=one, source=source, visit=visit, columns=(name,), once=True)
        for source in own or having
    ]


def _wanted(one: Measured) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    table = one.table
    if table.column is not None:
        yield f"{one.key}.column", "", (table.column,)
    for visit, columns in table.columns.items():
        yield f"{one.key}.columns.{visit}", visit, tuple(columns)
    for visit, columns in table.items.items():
        yield f"{one.key}.items" + (f".{visit}" if visit else ""), visit, tuple(columns)


def _may_hold(source: Source, one: Measured) -> bool:
    return source.table.layout == one.table.layout and one.table.file in (None, source.table.file)


def _tell_absent(
    sources: Sequence[Source],
    columns: Sequence[str],
    findings: Findings,
    *,
    key: str,
    visits: Sequence[str],
) -> None:
    there = list(dict.fromkeys(name for source in sources for name in source.columns))
    absent = [column for column in columns if column not in there]
    if not absent:
        expected, found = "the items of a score in one file", "them in several files"
        findings.add(key, expected, found, "Bring them together in one file")
    wide = [source for source in sources if source.table.layout == "wide"]
    advice = next(filter(None, (long_advice(one, visits=visits) for one in wide)), "")
    for column in absent:
        action = advice or nearest(column, there, otherwise=True)
        findings.add(key, "a column of the data", f"no column '{column}'", action)


def outcome_cells(
    located: Sequence[Located], row_visits: Mapping[str, Sequence[str | None]]
) -> pd.DataFrame:
    """Return every value that was read, in the unit of its outcome, with where it stands (`CELLS`).

    `row_visits` is, by key of a long source, the visit of each row; rows of an unknown visit are
    left out.
    """
    reader = ColumnReader()
    parts = []
    for one in located:
        read = _values(one, reader)
        source = one.source
        visit = [one.visit] * len(read.values) if one.visit else list(row_visits[source.key])
        values = _converted(read.values, visit, one)
        part = pd.DataFrame(
            {
                "participant": source.participants,
                "visit": visit,
                "outcome": one.measured.outcome.name,
                "value": values,
                "reason": read.reasons,
                "file": source.file,
                "column": one.columns[0],
                "line": source.lines,
            }
        )
        known = part["visit"].notna() & (part["participant"].str.strip() != "")
        parts.append(_each_once(part[known], one) if one.once else part[known])
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CELLS))
    with_baseline = {one.measured.outcome.name: one for one in located if one.once}
    for name, one in with_baseline.items():
        frame = _without_second_baseline(frame, name, one)
    check_events(located, frame)
    return frame[list(CELLS)]


def _converted(
    values: np.ndarray, visits: Sequence[str | None], one: Located
) -> NDArray[np.float64]:
    """Return values in the unit of the outcome, where some visits have another one."""
    found = np.array(values, dtype=np.float64)
    outcome = one.measured.outcome
    for visit, (times, more) in one.measured.conversions.items():
        here = np.array([at == visit for at in visits]) & ~np.isnan(found)
        if (times, more) == (1.0, 0.0) or not here.any():
            continue
        # Twelve digits: 0.57 of a fraction is 57 %, and 57 is a step of the scale.
        found[here] = [float(f"{times * value + more:.12g}") for value in found[here]]
        given, unit = one.measured.table.units[visit], outcome.unit or "points"
        action = f"{outcome.name} at {visit}: {given} turned into {unit}, times {times:.6g}"
        action += f" plus {more:.6g}" if more else ""
        one.source.findings.note(one.columns[0], action, int(here.sum()), file=one.source.file)
    return found


def _each_once(cells: pd.DataFrame, one: Located) -> pd.DataFrame:
    """Return one baseline for each participant; another one in a later row is a fault."""
    filled = cells[cells["value"].notna()]
    first = filled.groupby("participant", sort=False)["value"].transform("first")
    clash = filled.loc[filled["value"] != first, "line"]
    column = one.source.column(one.columns[0])
    action = (
        "A baseline is the same in every row of a participant, or stands in one of them; a visit's "
        "own value is an outcome"
    )
    rows = [int(line) for line in clash]
    column.fault(
        "one baseline for each participant", "another one in a later row", action, rows=rows
    )
    people = pd.concat([filled, cells]).drop_duplicates("participant")
    return people.sort_values("line", kind="stable")


def _without_second_baseline(frame: pd.DataFrame, outcome: str, one: Located) -> pd.DataFrame:
    """Return the cells with one baseline each, where rows of that visit have it as well."""
    here = (frame["outcome"] == outcome) & (frame["visit"] == one.visit)
    own = here & (frame["column"] == one.columns[0])
    rows = frame[here & ~own & frame["value"].notna()]
    known = frame[own].set_index("participant")["value"]
    said = rows["participant"].map(known[~known.index.duplicated()])
    clash = rows.loc[said.notna() & ~np.isclose(said.astype(float), rows["value"].astype(float))]
    place = one.source.findings
    if len(clash):
        expected = f"the baseline that {one.columns[0]} has"
        found = f"another value in the row of {one.visit}"
        action = "Take out the rows of that visit, or the key baseline_column"
        where = [int(line) for line in clash["line"]]
        place.add(str(clash["column"].iloc[0]), expected, found, action, row=where,
                  file=str(clash["file"].iloc[0]))  # fmt: skip
    # A row of that visit with a value stands where the column of the baseline has none.
    filled = set(known.dropna().index)
    double = here & ~own & frame["participant"].isin(filled)
    empty = own & frame["value"].isna() & frame["participant"].isin(set(rows["participant"]))
    return frame[~(double | empty)].reset_index(drop=True)


def _values(one: Located, reader: ColumnReader) -> Numbers:
    """Return the values of an outcome in a file: a column, or the score of its items."""
    source, scale = one.source, one.measured.scale
    if not one.measured.outcome.has_means:
        return answers(source.column(one.columns[0]), one.measured.outcome)
    if not one.measured.table.items or scale is None:
        return _mean_of([reader.numbers(source, name) for name in one.columns], one)
    items = np.column_stack([reader.numbers(source, name).values for name in one.columns])
    empty = np.full(len(items), np.nan)
    try:
        scored = score_scale(
            scale, items, one.measured.table.missing_rule, rows=source.lines, file=source.file
        )
    except InputError as error:
        _tell_items(error, one)
        return Numbers(values=empty, reasons=[""] * len(items))
    _tell_flags(one, scale, scored)
    return Numbers(values=scored.score, reasons=_common_reasons(one, reader, scored.n_answered))


def _mean_of(read: Sequence[Numbers], one: Located) -> Numbers:
    """Return one column, or row by row the mean of those of several that are filled."""
    if len(read) == 1:
        return read[0]
    values = np.column_stack([column.values for column in read])
    there = (~np.isnan(values)).sum(axis=1)
    sums = np.nansum(values, axis=1)
    means = np.divide(sums, there, out=np.full(len(sums), np.nan), where=there > 0)
    findings, name = one.source.findings, one.measured.outcome.name
    partly = int(((there > 0) & (there < len(read))).sum())
    joined = " and ".join(one.columns)
    action = f"{name} at {one.visit}: the mean of {joined}"
    findings.note(one.columns[0], action, int((there > 0).sum()), file=one.source.file)
    if partly:
        action = f"{name} at {one.visit}: one of {joined} empty, the mean of those that are filled"
        findings.note(one.columns[0], action, partly, file=one.source.file)
    reasons = ["" if n else told[0] for n, told in zip(there, _reasons(read), strict=True)]
    return Numbers(values=means, reasons=reasons)


def _reasons(read: Sequence[Numbers]) -> list[tuple[str, ...]]:
    return list(zip(*(column.reasons for column in read), strict=True))


def _tell_flags(one: Located, scale: Scale, scored: Scored) -> None:
    """Log what must be known of scores: an alert as a warning, filled gaps as a note."""
    source, name = one.source, one.measured.outcome.name
    findings = source.findings
    flags = [[part for part in str(flag).split("; ") if part] for flag in scored.flag]
    if scale.alert is not None:
        text = scale.alert.text
        column = one.columns[[item.code for item in scale.items].index(scale.alert.item)]
        raised = sum(text in parts for parts in flags)
        if raised:
            findings.warn(column, f"{name}: {text}", raised, file=source.file)
        flags = [[part for part in parts if part != text] for parts in flags]
    said = scale.rule(one.measured.table.missing_rule).text
    # Who answered nothing was not there: that is no matter of the rule.
    partly = (scored.n_missing > 0) & (scored.n_answered > 0)
    gaps = Counter("; ".join(parts) for parts, some in zip(flags, partly, strict=True) if some)
    for flag, count in gaps.items():
        action = f"{name}: {flag} (rule '{scored.rule_applied}': {said})"
        findings.note(one.columns[0], action, count, file=source.file)


def _common_reasons(one: Located, reader: ColumnReader, answered: np.ndarray) -> list[str]:
    """Return why a score is missing: the reason of its items, where no item was answered."""
    of_items = [reader.numbers(one.source, name).reasons for name in one.columns]
    return [
        reasons[0] if not count and len(set(reasons)) == 1 else ""
        for count, reasons in zip(answered, zip(*of_items, strict=True), strict=True)
    ]


def _tell_items(error: InputError, one: Located) -> None:
    """Tell impossible answers by the columns of the file, one fault a column."""
    scale = one.measured.scale
    codes = [] if scale is None else [item.code for item in scale.items]
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for fault in error.faults:
        column = one.columns[codes.index(fault.column)] if fault.column in codes else ""
        rows[column, fault.expected].append(fault.row or 0)
    tell = partial(one.source.findings.add, file=one.source.file)
    action = "Declare it under missing_codes if it stands for a missing answer"
    for (column, expected), places in rows.items():
        tell(column, expected, "another value", action, row=places)


# Outcomes that are no measurements: events, ordered categories, and counts with their time.


def answers(column: Column, outcome: Outcome) -> Numbers:
    """Return a column of an outcome that is no measurement as numbers.

    Binary: 1 with the event, 0 without. Ordinal: the place of the category, from 1. Count: the
    count. Cells that are none of these are faults of the column, by line.

    Examples
    --------
    >>> from backwalk_stats.loaders.findings import Findings
    >>> from backwalk_stats.trial.outcome import Outcome
    >>> cells = Column(name="well", texts=["yes", "no", ""], lines=[2, 3, 4], file="a.csv",
    ...                findings=Findings("a.csv"))
    >>> well = Outcome(name="well", label="Well", kind="binary", categories=("Yes",))
    >>> answers(cells, well).values.tolist()
    [1.0, 0.0, nan]
    """
    if outcome.kind == "count":
        return _counts(column)
    places = _places(column, outcome.categories)
    column.repair(RESPELT, respelt(column.texts))
    if outcome.kind == "binary":
        return _events(column, places, outcome.categories[0])
    wrong = column.where([place == 0.0 for place in places])
    listed = ", ".join(outcome.categories)
    action = "Add what is missing to order, or to missing_codes if it means missing"
    column.fault(f"one of order: {listed}", "another value", action, rows=wrong)
    return _as_numbers(column, places)


def _places(column: Column, categories: Sequence[str]) -> list[float]:
    """Return the place of each cell among categories from 1; 0 for another value, NaN for none.

    A category is meant by its code, by its label in the file, or by its text.
    """
    place_of: dict[str, float] = {}
    for place, category in enumerate(categories, start=1):
        place_of |= {folded(category): float(place), code_of(category): float(place)}
    known: dict[str, float] = {}
    for text in dict.fromkeys(column.texts):
        if missing_code(text, column.codes, column.decimal) is not None:
            known[text] = np.nan
            continue
        label = column.labels.get(text.strip(), column.labels.get(code_of(text), ""))
        called = (folded(text), code_of(text), folded(label))
        known[text] = next((place_of[one] for one in called if one in place_of), 0.0)
    return [known[text] for text in column.texts]


def _events(column: Column, places: list[float], event: str) -> Numbers:
    """Return who has the event; more than one other value leaves open what each of them means."""
    others = {
        code_of(text) for text, place in zip(column.texts, places, strict=True) if place == 0.0
    }
    # Where no cell has the event, that is what is wrong (`check_events`).
    if len(others) > 1 and 1.0 in places:
        action = "Declare what means missing under missing_codes; or make two values of it"
        expected = f"the event '{event}' and one other value"
        column.fault(expected, f"{len(others)} other values", action)
    return _as_numbers(column, places)


CODES_OF_TIMES = frozenset({99.0, 777.0, 888.0, 999.0, 9999.0})
TIMES_FAR = 3.0  # as long as the longest of all others


def _ask_codes(column: Column, values: np.ndarray) -> None:
    """Ask about times that may stand for missing: a code far beyond all others."""
    codes = np.isin(values, list(CODES_OF_TIMES))
    others = values[~codes & ~np.isnan(values)]
    if codes.any() and len(others) and values[codes].min() > TIMES_FAR * others.max():
        which = f"{values[codes][0]:g}"
        said = (
            f"{which} lies far beyond all other times. Does it mean missing? If so, write "
            f'missing_codes_by_column = {{ {column.name} = ["{which}"] }} under [[data]]; if not, '
            'confirmed = ["codes"] under the outcome'
        )
        column.findings.ask(column.name, said, int(codes.sum()), file=column.file)


def _as_numbers(column: Column, places: list[float]) -> Numbers:
    reasons = []
    for text, line in zip(column.texts, column.lines, strict=True):
        code = missing_code(text, column.codes, column.decimal)
        reasons.append(column.codes.get(code or "", "") or column.marked.get(line, ""))
    return Numbers(values=np.array(places, dtype=np.float64), reasons=reasons)


def _counts(column: Column) -> Numbers:
    read = numbers(column)
    values = read.values
    wrong = ~np.isnan(values) & ((values < 0) | (values != np.round(values)))
    action = "A score, a mean or a rate is no count: leave kind out, or put the count right"
    column.fault("a count: 0, 1, 2 ...", "another number", action, rows=column.where(list(wrong)))
    return read


def check_events(located: Sequence[Located], cells: pd.DataFrame) -> None:
    """Tell an event that no cell of its outcome holds: it is spelt otherwise, or nobody had it."""
    told: set[str] = set()
    for one in located:
        outcome = one.measured.outcome
        if outcome.kind != "binary" or outcome.name in told:
            continue
        told.add(outcome.name)
        values = cells.loc[cells["outcome"] == outcome.name, "value"]
        if values.notna().any() and not (values == 1.0).any():
            action = "Write event as the data have it; where nobody had it there are no risks"
            column = one.source.column(one.columns[0])
            column.fault(f"the event '{outcome.categories[0]}' in some row", "it in none", action)


# The time over which counts were counted.


def exposures(
    located: Sequence[Located],
    row_visits: Mapping[str, Sequence[str | None]],
    cells: pd.DataFrame,
) -> pd.DataFrame:
    """Return the time of every count that has one (`EXPOSURES`); it must be above 0.

    The column stands in the file of the counts.
    """
    counted = {
        (str(who), str(visit), str(outcome))
        for who, visit, outcome in cells.loc[
            cells["value"].notna(), ["participant", "visit", "outcome"]
        ].itertuples(index=False)
    }
    parts = [
        _times(one, row_visits[one.source.key], counted)
        for one in located
        if one.measured.outcome.exposure and not one.once
    ]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EXPOSURES))
    return whole.drop_duplicates(list(EXPOSURES[:3])).reset_index(drop=True)


def _times(
    one: Located, visits: Sequence[str | None], counted: Collection[tuple[str, str, str]]
) -> pd.DataFrame:
    outcome, source = one.measured.outcome, one.source
    if outcome.exposure not in source.columns:
        key = f"{one.measured.key}.exposure"
        expected = f"the column of the time in {source.file}, beside the counts"
        source.findings.add(key, expected, f"no column '{outcome.exposure}'")
        return pd.DataFrame(columns=list(EXPOSURES))
    column = source.column(outcome.exposure)
    before = len(column.findings.faults)
    values = numbers(column).values
    unread = len(column.findings.faults) > before
    action = "Of somebody who was not followed leave count and time empty"
    column.fault("a time above 0", "0 or less", action, rows=column.where(list(values <= 0)))
    if "codes" not in one.measured.table.confirmed:
        _ask_codes(column, values)
    frame = pd.DataFrame(
        {
            "participant": source.participants,
            "visit": [one.visit] * len(values) if one.visit else list(visits),
            "outcome": outcome.name,
            "exposure": values,
        }
    )
    keys = zip(frame["participant"], frame["visit"], frame["outcome"], strict=True)
    lacking = [key in counted for key in keys] & frame["exposure"].isna().to_numpy()
    if lacking.any() and not unread:
        said = f"{outcome.name}: counts without a time over which they were counted: not compared"
        source.findings.warn(column.name, said, int(lacking.sum()), file=source.file)
    return frame[frame["visit"].notna()]
