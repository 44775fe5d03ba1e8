"""The cells of a sheet as text, and where they were something else."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backwalk_stats.loaders.sheets.cell_text import WHOLE, date_text, number_text

Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A sheet from its first row and column on; places are (row, column), both from 1.

    Attributes
    ----------
    rows : list of list of str
        An empty cell is "".
    dates, booleans, large : frozenset of (int, int)
        Cells that were a date or a time; TRUE or FALSE; a number that a float may have rounded.
    """

    rows: list[list[str]]
    dates: frozenset[Place]
    booleans: frozenset[Place]
    large: frozenset[Place]

    def text(self, row: int, column: int) -> str:
        """Return the text at a place, "" where the sheet has no cell."""
        inside = row <= len(self.rows) and column <= len(self.rows[0])
        return self.rows[row - 1][column - 1] if inside else ""

    def replaced(self, texts: Mapping[Place, str]) -> Grid:
        """Return the grid with other texts at some places."""
        rows = list(self.rows)
        for (row, column), text in texts.items():
            cells = list(rows[row - 1])
            cells[column - 1] = text
            rows[row - 1] = cells
        return replace(self, rows=rows)


def grid_of(values: Sequence[Sequence[Any]]) -> Grid:
    """Return rows of values, as a workbook's reader gives them, as a grid of text.

    Examples
    --------
    >>> grid = grid_of([["id", "pain"], [1.0, 6.5], [2.0, datetime.date(2026, 2, 1)]])
    >>> grid.rows
    [['id', 'pain'], ['1', '6.5'], ['2', '2026-02-01']]
    >>> grid.dates
    frozenset({(3, 2)})
    """
    dates: list[Place] = []
    booleans: list[Place] = []
    large: list[Place] = []
    rows = []
    for row, cells in enumerate(values, start=1):
        texts = []
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                text = cell
            elif isinstance(cell, bool):
                text = "TRUE" if cell else "FALSE"
                booleans.append((row, column))
            elif isinstance(cell, float | int):
                text = number_text(cell)
                if abs(cell) >= WHOLE:
                    large.append((row, column))
            elif isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
                text = date_text(cell)
                dates.append((row, column))
            else:
                raise TypeError(f"a workbook's reader gave a {type(cell).__name__}")
            texts.append(text)
        rows.append(texts)
    return Grid(
        rows=rows, dates=frozenset(dates), booleans=frozenset(booleans), large=frozenset(large)
    )
