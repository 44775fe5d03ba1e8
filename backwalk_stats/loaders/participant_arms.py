"""Which arm each participant belongs to, from all files that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backwalk_stats.loaders.declared_labels import matched_labels
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_sources import Source

ADVICE = "Declare it under [arms.labels], or put it right in the data"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """Who is in which arm.

    Attributes
    ----------
    arms : dict of str to str
        Participant to arm; in a crossover, to the arm of the first period.
    by_visit : dict of (str, str) to str
        Participant and visit to arm; empty in a parallel design.
    """

    arms: dict[str, str]
    by_visit: dict[tuple[str, str], str]


def arm_labels(tables: TrialTables) -> dict[str, str]:
    """Return every label that means an arm: those declared, then the arms' own names."""
    return {**{arm: arm for arm in tables.arm_names}, **tables.arms.labels}


def parallel_arms(
    tables: TrialTables, sources: Sequence[Source], *, findings: Findings
) -> Allocation:
    """Return the arm of each participant; one who is in two arms is a fault."""
    arms: dict[str, str] = {}
    first: dict[str, tuple[str, int]] = {}
    for source in sources:
        column = source.table.arm.get("")
        if column is None:
            continue
        labels = _labels(source, column, tables, findings)
        both = []
        for one, arm, line in zip(source.participants, labels, source.lines, strict=True):
            if arm is not None and one.strip() and arms.setdefault(one, arm) != arm:
                both.append((line, first[one]))
            first.setdefault(one, (source.sheet.file, line))
        if both:
            file, line = both[0][1]
            found = f"another arm than in {file}, line {line}"
            rows = [row for row, _ in both]
            action = "Find out which arm is right; nobody is in two arms of a parallel trial"
            expected = "one arm for each participant"
            findings.fault(source.sheet.file, column, expected, found, rows=rows, action=action)
    _tell_without(sources, arms, findings)
    return Allocation(arms=arms, by_visit={})


def crossover_arms(
    tables: TrialTables,
    sources: Sequence[Source],
    visits: Mapping[str, Sequence[str | None]],
    *,
    findings: Findings,
) -> Allocation:
    """Return the arm of each participant in each period.

    Parameters
    ----------
    tables, sources
    visits : mapping of str to sequence of str or None
        Key of a source to the visit of each of its rows, for long files.
    findings : Findings
    """
    by_visit: dict[tuple[str, str], str] = {}
    for source in sources:
        for at, column in source.table.arm.items():
            labels = _labels(source, column, tables, findings)
            rows = [at] * len(labels) if at else visits.get(source.key, ())
            clash = []
            for one, visit, arm, line in zip(
                source.participants, rows, labels, source.lines, strict=False
            ):
                if visit is None or arm is None:
                    continue
                if by_visit.setdefault((one, visit), arm) != arm:
                    clash.append(line)
            if clash:
                expected, found = "one arm in each period", "another arm at the same visit"
                findings.fault(source.sheet.file, column, expected, found, rows=clash)
    periods = [name for name in tables.visits.order if name != tables.visits.baseline]
    people = list(dict.fromkeys(one for one, _ in by_visit))
    arms: dict[str, str] = {}
    for one in people:
        _complete(one, periods=periods, names=tables.arm_names, by_visit=by_visit)
        walked = [by_visit[one, period] for period in periods if (one, period) in by_visit]
        if walked:
            arms[one] = walked[0]
            by_visit.setdefault((one, tables.visits.baseline), walked[0])
    _tell_without(sources, arms, findings)
    return Allocation(arms=arms, by_visit=by_visit)


def _complete(
    one: str, *, periods: Sequence[str], names: Sequence[str], by_visit: dict[tuple[str, str], str]
) -> None:
    """Give the only period without an arm the only arm without a period."""
    open_periods = [period for period in periods if (one, period) not in by_visit]
    walked = {by_visit[one, period] for period in periods if (one, period) in by_visit}
    open_arms = [arm for arm in names if arm not in walked]
    if len(open_periods) == 1 and len(open_arms) == 1:
        by_visit[one, open_periods[0]] = open_arms[0]


def _labels(
    source: Source, column: str, tables: TrialTables, findings: Findings
) -> list[str | None]:
    return matched_labels(
        source,
        column,
        known=arm_labels(tables),
        what="a label of an arm",
        advice=ADVICE,
        findings=findings,
    )


def _tell_without(sources: Sequence[Source], arms: Mapping[str, str], findings: Findings) -> None:
    """Tell participants whom no file puts into an arm, unless labels are the reason."""
    for source in sources:
        columns = list(source.table.arm.values())
        own = [source.texts(column) for column in columns]
        rows = [
            line
            for place, (one, line) in enumerate(zip(source.participants, source.lines, strict=True))
            if one.strip() and one not in arms and not any(texts[place].strip() for texts in own)
        ]
        if rows:
            action = "Fill in the arm that was allocated, or delete the participant's rows"
            column = columns[0] if columns else source.table.participant
            found = "an empty cell" if columns else "a participant whom no file gives an arm"
            findings.fault(source.sheet.file, column, "an arm", found, rows=rows, action=action)
