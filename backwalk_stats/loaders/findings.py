"""What loading a trial has found: faults that stop it, repairs and warnings that are logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backwalk_stats.errors import Faults, printable, printable_sentence
from backwalk_stats.trial.tables import LOAD_LOG

if TYPE_CHECKING:
    import pandas as pd

APART = 3  # columns of a file with the same row in the log; more become one row
_Row = tuple[str, str, str, str, int]


class Findings(Faults):
    """Collects faults and log rows while a trial is loaded, so that all are told at once.

    Nothing in it holds a participant's value or id: lines of files, names of columns, counts. How
    many people something is about stands in `count` alone, where a report can hide small counts.

    Examples
    --------
    >>> findings = Findings("scores.csv")
    >>> findings.repair("age", "typographic signs written plainly", 2)
    >>> findings.add("id", "an id", "an empty cell", row=[4, 9])
    >>> print(findings.faults[0])
    scores.csv, line 4, column id: expected an id, found an empty cell (2 rows: lines 4, 9)
    >>> findings.log().to_dict("records")[0]["action"]
    'typographic signs written plainly'
    """

    def __init__(
        self,
        file: str = "",
        *,
        keys: Mapping[str, int] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(file, keys=keys, names=names)
        self._log: list[_Row] = []

    def repair(self, column: str, action: str, count: int, *, file: str | None = None) -> None:
        """Log that something was put right."""
        self._tell("repair", column, action, count, file)

    def warn(self, column: str, action: str, count: int = 1, *, file: str | None = None) -> None:
        """Log that something looks odd and stays as it is."""
        self._tell("warning", column, action, count, file)

    def note(self, column: str, action: str, count: int = 1, *, file: str | None = None) -> None:
        """Log how something was read."""
        self._tell("note", column, action, count, file)

    def ask(self, column: str, action: str, count: int = 1, *, file: str | None = None) -> None:
        """Log a question: what was read can mean two things, and the trial file decides."""
        self._tell("question", column, action, count, file)

    def _tell(self, level: str, column: str, action: str, count: int, file: str | None) -> None:
        where = self.file if file is None else printable(file)
        if where == self.file:
            column = self.in_words(column) or column
        self._log.append((where, printable(column), level, printable_sentence(action), count))

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
