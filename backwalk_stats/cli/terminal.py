"""How far long work has come, on a terminal; nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TextIO

from backwalk_stats.errors import printable

_CLEAR = "\r\x1b[K"


class Progress:
    """One line on a terminal that says what is being done, and clears itself at the end.

    Parameters
    ----------
    shown : bool
        False keeps it silent; it is silent anyway where the stream is no terminal.
    stream : text stream, optional
        Where it is shown; by default the standard error, so that a pipe stays clean.

    Examples
    --------
    >>> with Progress(shown=False) as progress:
    ...     progress.say("recomputing")
    ...     progress(1, 2, "figures")
    """

    def __init__(self, *, shown: bool = True, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._shown = shown and self._stream.isatty()

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the line, so that what is printed next starts on a clean one."""
        self._write(_CLEAR)

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` steps are done and `what` comes now."""
        self.say(f"[{done}/{total}] {what}")

    def say(self, what: str) -> None:
        """Show what is being done, where steps are not counted."""
        self._write(f"{_CLEAR}{printable(what, limit=76)}")

    def _write(self, text: str) -> None:
        if self._shown:
            self._stream.write(text)
            self._stream.flush()


# Rows of text as an aligned table for a terminal or a pipe.


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), limit: int = 60) -> str:
    r"""Return rows as lines of text whose columns start at the same place, two spaces between.

    Columns in `right` are set to the right. Control characters are replaced; a cell that is longer
    than the limit ends in an ellipsis.

    >>> print(aligned([["study", "n"], ["chen2021", "32"], ["a\tb", "8"]], right=[1]))
    study      n
    chen2021  32
    a?b        8
    """
    cells = [[printable(cell, limit=limit) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )
