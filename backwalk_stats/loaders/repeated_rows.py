"""Rows that stand for the same participant, or the same visit of one, more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.records import LINE
from backwalk_stats.loaders.trial_sources import Source, long_advice


def kept_rows(
    source: Source,
    row_visits: Sequence[str | None],
    *,
    visits: Sequence[str],
    findings: Findings,
) -> list[int]:
    """Return the rows that are read, by position, after the declared policy on repeated ones.

    "first" and "last" keep one, "mean" keeps all: their values are averaged later. "reject" makes a
    fault of them, and keeps one, so that nothing else is said of the others.

    Parameters
    ----------
    source : Source
    row_visits : sequence of str or None
        Visit of each row; one empty text throughout in a wide file.
    visits : sequence of str
        All visits of the trial.
    findings : Findings
    """
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (one, visit) in enumerate(zip(source.participants, row_visits, strict=True)):
        if one.strip() and visit is not None:
            places[one, visit].append(place)
    again = [group for group in places.values() if len(group) > 1]
    everything = list(range(len(source.sheet.frame)))
    if not again:
        return everything
    policy = source.table.duplicates
    if policy == "reject":
        _refuse(source, again, visits=visits, findings=findings)
    else:
        action = {"first": "the first kept", "last": "the last kept", "mean": "averaged"}[policy]
        count = sum(len(group) - 1 for group in again)
        action = f"rows that occur again: {action}"
        findings.repair(source.sheet.file, source.table.participant, action, count)
    if policy == "mean":
        return everything
    left = {place for group in again for place in (group[:-1] if policy == "last" else group[1:])}
    return [place for place in everything if place not in left]


def _refuse(
    source: Source, again: Sequence[Sequence[int]], *, visits: Sequence[str], findings: Findings
) -> None:
    lines = source.lines
    wide = source.table.layout == "wide"
    expected = "each participant once" if wide else "each visit of a participant once"
    advice = long_advice(source, visits=visits) if wide else ""
    records = source.sheet.frame.drop(columns=LINE).to_numpy().tolist()
    for same in (True, False):
        groups = [
            group
            for group in again
            if all(records[place] == records[group[0]] for place in group) is same
        ]
        rows = sorted(lines[place] for group in groups for place in group)
        if not rows:
            continue
        found = "rows that are the same" if same else "rows with other values"
        action = advice or ("Delete all but one" if same else "Keep the right one of them")
        action += '; or declare duplicates = "first", "last" or "mean"' if not advice else ""
        column = source.table.participant
        findings.fault(source.sheet.file, column, expected, found, rows=rows, action=action)
