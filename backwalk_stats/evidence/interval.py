"""An interval in two cells: both ends or none, the lower one first."""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.evidence.printed_number import as_number
from backwalk_stats.evidence.schema import Problem, Row


def interval_problems(row: Row, *, low: str, high: str) -> Iterator[Problem]:
    """Yield what is wrong with the interval in the columns `low` and `high` of a row.

    Whether it holds its estimate is not asked here: that is a finding about the source.

    Examples
    --------
    >>> [found.expected for found in interval_problems({"a": "2", "b": "1"}, low="a", high="b")]
    ['at least a (2)']
    >>> [found.column for found in interval_problems({"a": "2", "b": ""}, low="a", high="b")]
    ['b']
    """
    ends = row[low], row[high]
    if bool(ends[0]) != bool(ends[1]):
        empty, full = (low, high) if not ends[0] else (high, low)
        expected, action = f"a number, since {full} has one", "Give both ends or none"
        yield Problem(column=empty, expected=expected, found="an empty cell", action=action)
        return
    first, last = as_number(ends[0]), as_number(ends[1])
    if first is not None and last is not None and first > last:
        expected, action = f"at least {low} ({ends[0]})", "The lower end comes first"
        yield Problem(column=high, expected=expected, found=ends[1], action=action)
