"""The same value from two files: rows of the same visit that stand in both."""

from __future__ import annotations

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView


def check(view: TrialView, findings: Findings) -> None:
    """Refuse a visit of a participant whose outcome stands in two files.

    Within one file, rows that occur again are a matter of `duplicates`.
    """
    cells = view.cells[view.cells["value"].notna()]
    keys = ["participant", "visit", "outcome"]
    first = cells.groupby(keys, sort=False)["file"].transform("first")
    for (file, column), rows in cells[cells["file"] != first].groupby(["file", "column"]):
        expected = "each visit of a participant in one file"
        found, action = "visits that an earlier file has too", "Take them out of one of the files"
        where = sorted(int(line) for line in rows["line"])
        findings.add(str(column), expected, found, action, row=where, file=str(file))
