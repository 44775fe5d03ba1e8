"""What loading a trial has found: faults that stop it, repairs and warnings that are logged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from backwalk_stats.errors import Fault
from backwalk_stats.trial.tables import LOAD_LOG

if TYPE_CHECKING:
    import pandas as pd

SHOWN_ROWS = 5
APART = 3  # columns of a file with the same row in the log; more become one row
_Row = tuple[str, str, str, str, int]


class Findings:
    """Collects faults and log rows while a trial is loaded, so that all are told at once.

    Nothing in it holds a participant's value or id: lines of files, names of columns, counts. How
    many people something is about stands in `count` alone, where a report can hide small counts.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.repair("scores.csv", "age", "typographic signs written plainly", 2)
    >>> findings.fault("scores.csv", "id", "an id", "an empty cell", rows=[4, 9])
    >>> print(findings.faults[0])
    scores.csv, line 4, column id: expected an id, found an empty cell (2 rows: lines 4, 9)
    >>> findings.log().to_dict("records")[0]["action"]
    'typographic signs written plainly'
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._log: list[_Row] = []

    def fault(
        self,
        file: str,
        column: str | None,
        expected: str,
        found: str,
        *,
        rows: Sequence[int] = (),
        action: str = "",
    ) -> None:
        """Add a fault; where several rows have it, the first is its place and others are named."""
        row = rows[0] if rows else None
        if len(rows) > 1:
            found = f"{found} ({len(rows)} rows: {lines(rows)})"
        self.faults.append(
            Fault(file=file, row=row, column=column, expected=expected, found=found, action=action)
        )

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add faults that somebody else has found."""
        self.faults.extend(faults)

    def sort(self) -> None:
        """Put the faults in the order of files as they were met, and of lines within each."""
        files = list(dict.fromkeys(fault.file for fault in self.faults))
        self.faults.sort(key=lambda fault: (files.index(fault.file), fault.row or 0))

    def repair(self, file: str, column: str, action: str, count: int) -> None:
        """Log that something was put right."""
        self._log.append((file, column, "repair", action, count))

    def warn(self, file: str, column: str, action: str, count: int = 1) -> None:
        """Log that something looks odd and stays as it is."""
        self._log.append((file, column, "warning", action, count))

    def note(self, file: str, column: str, action: str, count: int = 1) -> None:
        """Log how something was read."""
        self._log.append((file, column, "note", action, count))

    def add_log(self, log: pd.DataFrame) -> None:
        """Add the log of a file's reader."""
        rows = log[list(LOAD_LOG)].itertuples(index=False, name=None)
        self._log += [(str(a), str(b), str(c), str(d), int(e)) for a, b, c, d, e in rows]

    def log(self) -> pd.DataFrame:
        """Return the log as a frame with the columns of `tables.LOAD_LOG`.

        What happened in many columns of a file, such as those of items, is one row.
        """
        import pandas as pd

        frame = pd.DataFrame(_together(self._log), columns=list(LOAD_LOG))
        text = {name: "str" for name in LOAD_LOG[:-1]}
        return frame.astype({**text, "count": "int64"})


def _together(log: Sequence[_Row]) -> list[_Row]:
    """Return the log with one row for what is the same in many columns of a file."""
    columns: dict[tuple[str, str, str], dict[str, int]] = {}
    for file, column, level, action, count in log:
        same = columns.setdefault((file, level, action), {})
        same[column] = same.get(column, 0) + count
    rows = []
    for (file, level, action), counts in columns.items():
        if len(counts) > APART:
            name = f"{next(iter(counts))} and {len(counts) - 1} more"
            rows.append((file, name, level, action, sum(counts.values())))
        else:
            rows += [(file, column, level, action, n) for column, n in counts.items()]
    return rows


def lines(rows: Sequence[int]) -> str:
    """Return line numbers in words, the first few of many.

    Examples
    --------
    >>> lines([3]), lines([1, 2, 3, 4, 5, 6, 7])
    ('line 3', 'lines 1, 2, 3, 4, 5 ...')
    """
    first = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = " ..." if len(rows) > SHOWN_ROWS else ""
    return f"{'line' if len(rows) == 1 else 'lines'} {first}{more}"
