"""Dates of visits: checked for order and then left out; a result never holds one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import median

import pandas as pd

from backwalk_stats.errors import lines
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.dates import ReadDate, read_date
from backwalk_stats.loaders.trial.numbers import Column, missing_code
from backwalk_stats.loaders.trial.sources import Source, TrialView
from backwalk_stats.loaders.trial_file.schema import VisitsTable

_SERIAL = 'Declare date_format = "excel-1900", or "excel-1904" for a file of an old Mac'
_WHICH = 'Write 2026-03-04, or declare date_format = "%d/%m/%Y" or "%m/%d/%Y"'
_EXCHANGED = "a date whose day and month could be exchanged"
_NAMED = 'Declare date_format = "%d-%b-%Y", with %b for a month by name and %y for two digits'
_LOOKS = (
    (r"\d{5}(?:\.\d+)?", "a day number of a spreadsheet", _SERIAL),
    (r"\d{4}-\d{2}-\d{2}.*", "a date with a time zone", "Give dates, or local times"),
    (r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}", "a date with two digits of the year", _NAMED),
    (r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", _EXCHANGED, _WHICH),
    (r"\d{1,2}[-/. ]+[^\W\d_]{3,10}\.?[-/. ,]+\d{2,4}", "a month by name", _NAMED),
    (r"[^\W\d_]{3,10}\.?[-/. ]+\d{1,2}[-/. ,]+\d{2,4}", "a month by name", _NAMED),
)


def days_of_visits(seen: Mapping[str, Mapping[str, date]]) -> pd.DataFrame:
    """Return participant, visit, day: days from the first date that is known of each.

    >>> days_of_visits({"P1": {"W0": date(2026, 3, 1), "W6": date(2026, 4, 11)}})["day"].tolist()
    [0.0, 41.0]
    """
    rows = [
        (one, visit, float((day - min(dates.values())).days))
        for one, dates in seen.items()
        for visit, day in dates.items()
        if visit
    ]
    return pd.DataFrame(rows, columns=["participant", "visit", "day"])


def check_dates(
    sources: Sequence[Source],
    row_visits: Mapping[str, Sequence[str | None]],
    *,
    visits: VisitsTable,
    today: date,
    findings: Findings,
    kept: bool = False,
) -> Mapping[str, Mapping[str, date]]:
    """Return the dates of each participant's visits, and of randomisation under "".

    Refuse dates that cannot be read, lie in the future, or contradict the order of visits.

    Visits outside their declared window are asked about. `row_visits` is, by key of a long source,
    the visit of each row; `kept`, whether an analysis takes the days between visits.
    """
    seen: dict[str, dict[str, date]] = defaultdict(dict)
    placed: dict[str, dict[str, tuple[Column, int]]] = defaultdict(dict)
    for source in sources:
        for column, rows in _columns(source, row_visits):
            days = days_of(column, source.table.date_format, today=today)
            late = []
            for one, visit, day, line in zip(
                column.participants, rows, days, column.lines, strict=True
            ):
                if visit is None or day is None:
                    continue
                seen[one][visit] = day
                placed[visit][one] = (column, line)
                if _out_of_order(seen[one], visit, visits):
                    late.append(line)
            expected = "dates in the order of the visits, none after baseline before"
            expected += " randomisation" if source.table.randomised else " it"
            column.fault(expected, "another order", rows=late)
            count = sum(day is not None for day in days)
            after = "the days between visits kept" if kept else "then left out"
            findings.note(column.name, f"dates checked, {after}", count, file=source.file)
    if not findings.faults:
        _tell_intervals(seen, visits, findings)
        _ask_windows(seen, placed, visits, findings)
    return seen


_RANDOMISED = ""  # how the day of randomisation is kept beside the visits


def _columns(
    source: Source, row_visits: Mapping[str, Sequence[str | None]]
) -> Iterator[tuple[Column, Sequence[str | None]]]:
    n = len(source.sheet.frame)
    if source.table.randomised is not None:
        yield source.column(source.table.randomised), [_RANDOMISED] * n
    for visit, name in source.table.date.items():
        yield source.column(name), [visit] * n if visit else row_visits[source.key]


def _out_of_order(days: Mapping[str, date], visit: str, visits: VisitsTable) -> bool:
    """Return whether a participant's date of a visit contradicts those that are known so far."""
    if visit == _RANDOMISED:
        return False
    place = visits.order.index(visit)
    for other, day in days.items():
        if other == _RANDOMISED:
            if visit != visits.baseline and days[visit] < day:
                return True
        elif (visits.order.index(other) - place) * (day - days[visit]).days < 0:
            return True
    return False


def days_of(column: Column, form: str, *, today: date) -> list[date | None]:
    """Return the dates of a column; tell those that cannot be read or are yet to come."""
    wrong: dict[tuple[str, str], list[int]] = defaultdict(list)
    days: list[date | None] = []
    partial = timed = 0
    for text, line in zip(column.texts, column.lines, strict=True):
        empty = missing_code(text, column.codes) is not None
        read = ReadDate() if empty else read_date(text, form, today=today)
        if read.day is None and not read.partial and not empty:
            wrong[_looks_like(text)].append(line)
        if read.day is not None and read.day > today:
            wrong["a date in the future", "Is the year right?"].append(line)
        days.append(read.day)
        partial, timed = partial + read.partial, timed + read.timed
    column.repair("dates without a day or a month: known in part, not used", partial)
    column.repair("times of day left out of dates", timed)
    if "%y" in form:
        told = f"years of two digits read as {today.year - 99} to {today.year}"
        column.repair(told, sum(day is not None for day in days))
    expected = "a date as 2026-03-04" if form == "iso" else f"a date as {form}"
    for (found, action), rows in wrong.items():
        column.fault(expected, found, action, rows=rows)
    return days


def _looks_like(text: str) -> tuple[str, str]:
    for pattern, found, action in _LOOKS:
        if re.fullmatch(pattern, text.strip()):
            return found, action
    return "no date", "Add it to missing_codes if it means missing"


def _tell_intervals(
    seen: Mapping[str, Mapping[str, date]], visits: VisitsTable, findings: Findings
) -> None:
    """Warn where visits lie elsewhere than the declared weeks say."""
    if visits.weeks is None or not visits.baseline:
        return
    start = visits.weeks[0]
    for visit, week in zip(visits.order[1:], visits.weeks[1:], strict=True):
        days = [
            (known[visit] - known[visits.baseline]).days
            for known in seen.values()
            if visit in known and visits.baseline in known
        ]
        planned = 7 * (week - start)
        if len(days) >= 5 and abs(median(days) - planned) > max(7.0, 0.25 * planned):
            action = (
                f"dates of {visit} lie {median(days):g} days after {visits.baseline} (median), "
                f"where weeks say {planned:g}"
            )
            findings.warn(visit, action, len(days), file="")


def _ask_windows(
    seen: Mapping[str, Mapping[str, date]],
    placed: Mapping[str, Mapping[str, tuple[Column, int]]],
    visits: VisitsTable,
    findings: Findings,
) -> None:
    """Ask about visits that were held outside their window, in days since the start."""
    for visit, (low, high) in visits.windows.items():
        outside: list[int] = []
        dated = 0
        for one, (_, line) in placed.get(visit, {}).items():
            start = seen[one].get(_RANDOMISED, seen[one].get(visits.baseline))
            if start is not None:
                dated += 1
                day = (seen[one][visit] - start).days
                outside += [] if low <= day <= high else [line]
        if not dated:
            findings.warn(visit, f"the window of {visit} is held against no date", 0, file="")
            continue
        if not outside:
            continue
        column = next(iter(placed[visit].values()))[0]
        since = "randomisation" if any(_RANDOMISED in one for one in seen.values()) else (
            visits.baseline)  # fmt: skip
        told = (
            f"{visit}: dates outside {low:g} to {high:g} days after {since} "
            f"({lines(sorted(outside))}); the values stay in the analysis of {visit}: are the "
            "dates right, or was another visit meant?"
        )
        column.findings.ask(column.name, told, len(outside), file=column.file)


def warn_of_distances(view: TrialView, days: pd.DataFrame, findings: Findings) -> None:
    """Warn of values without a place in time, or two at one, where estimands go by dates."""
    known = days.set_index(["participant", "visit"])["day"].to_dict()
    for one in view.estimands:
        if one.times != "dates" or one.outcome not in view.wide:
            continue
        later = view.wide[one.outcome].drop(columns=view.study.baseline, errors="ignore")
        there = later.stack().dropna().index
        places = [(person, known.get((person, str(visit)))) for person, visit in there]
        lacking = sum(day is None for _, day in places)
        seen = [place for place in places if place[1] is not None]
        ends = f"{one.id} cannot be estimated with times = 'dates'"
        if lacking:
            findings.warn(f"times of {one.id}", f"values without a date: {ends}", lacking)
        if len(seen) > len(set(seen)):
            told = f"two visits of a person on one day: {ends}"
            findings.warn(f"times of {one.id}", told, len(seen) - len(set(seen)))
