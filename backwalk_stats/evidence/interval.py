"""An interval in two cells: both ends or none, the lower one first."""

from __future__ import annotations

from backwalk_stats.evidence.printed_number import as_number
from backwalk_stats.evidence.schema import Row, RowFaults


def check_interval(row: Row, faults: RowFaults, *, low: str, high: str) -> None:
    """Tell what is wrong with the interval in the columns `low` and `high` of a row.

    Whether it holds its estimate is not asked here: that is a finding about the source.

    Examples
    --------
    >>> check_interval({"a": "2", "b": "1"}, print, low="a", high="b")
    b at least a (2) 1 The lower end comes first
    >>> check_interval({"a": "2", "b": ""}, print, low="a", high="b")
    b a number, since a has one an empty cell Give both ends or none
    """
    ends = row[low], row[high]
    if bool(ends[0]) != bool(ends[1]):
        empty, full = (low, high) if not ends[0] else (high, low)
        wanted = f"a number, since {full} has one"
        faults(empty, wanted, "an empty cell", "Give both ends or none")
        return
    first, last = as_number(ends[0]), as_number(ends[1])
    if first is not None and last is not None and first > last:
        faults(high, f"at least {low} ({ends[0]})", ends[1], "The lower end comes first")
