"""Counts so small that they could point at a person, taken out before anything is shown.

A count below the limit is hidden (primary). Where it could be computed back from a total and the
other counts, one more is hidden (secondary), and so on until nothing can be.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

HIDDEN = "*"
WITHHELD = "not shown"  # begins the note on an estimate that is hidden
HIDDEN_NOTE = "* Not shown: of few people, or it would tell a number of few people."


def hidden_notes(rows: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the note of a table in which something is hidden; none where nothing is."""
    return (HIDDEN_NOTE,) if any(HIDDEN in text for row in rows for text in row) else ()


def hidden_cells(counts: ArrayLike, *, small_cell: int) -> NDArray[np.bool_]:
    """Return which counts must not be shown where the totals of the rows are known.

    Counts (rows, columns; without the totals, NaN where there is no cell) from 1 to `small_cell -
    1` are hidden. In each row the hidden counts are then two at least, and their sum, which is the
    total minus what is shown, is not small itself; else the smallest count that is shown is hidden
    as well. A row whose total is small is hidden whole.

    References
    ----------
    Hundepool et al. 2012, Statistical Disclosure Control, chapter 4 (primary and secondary
    suppression of cells).

    Examples
    --------
    >>> hidden_cells([[3, 12, 15]], small_cell=5).tolist()
    [[True, True, False]]
    """
    values = np.atleast_2d(np.asarray(counts, dtype=float))
    hidden = small(values, small_cell)
    for line, mask in zip(values, hidden, strict=True):
        _protect(line, mask, small_cell)
    return hidden


def small(counts: ArrayLike, small_cell: int) -> NDArray[np.bool_]:
    """Tell which counts are small: above 0 and below the limit.

    Examples
    --------
    >>> small([0, 1, 4, 5], 5).tolist()
    [False, True, True, False]
    """
    values = np.asarray(counts, dtype=float)
    return (values > 0) & (values < small_cell)


def _protect(line: NDArray[np.float64], mask: NDArray[np.bool_], small_cell: int) -> None:
    """Hide more cells of a line, in place, until the hidden ones cannot be computed back."""
    while mask.any() and (mask.sum() == 1 or line[mask].sum() < small_cell):
        free = np.isfinite(line) & ~mask
        if not free.any():
            return
        # A zero protects little, so counts above zero are taken first.
        rank = np.where(line > 0, line, np.nanmax(line) + 1.0)
        mask[int(np.argmin(np.where(free, rank, np.inf)))] = True
