"""Rows of text as an aligned table for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from backwalk_stats.errors import printable


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), limit: int = 60) -> str:
    r"""Return rows as lines of text whose columns start at the same place.

    Parameters
    ----------
    rows : sequence of sequence of str
        The same number of cells in each row; control characters are replaced.
    right : sequence of int
        Columns that are set to the right, by position.
    limit : int
        Longest cell, in characters; what is longer ends in an ellipsis.

    Returns
    -------
    str
        One line per row, two spaces between columns, no spaces at the end of a line.

    Examples
    --------
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
