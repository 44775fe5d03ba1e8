"""The covariance that a model for repeated measures found between visits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns
from backwalk_stats.tables.numbers import DASH, number, significant

if TYPE_CHECKING:
    import pandas as pd


def covariance_table(
    covariance: pd.DataFrame, *, visits: Mapping[str, str], caption: str = ""
) -> DisplayTable:
    """Return a covariance as text: SDs on the diagonal, correlations below it.

    The frame has visit, visit2 and value: one row for each pair of visits. Visits without a value
    are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = [("W3", "W3", 4.0), ("W3", "W6", 3.0), ("W6", "W3", 3.0), ("W6", "W6", 9.0)]
    >>> frame = pd.DataFrame(cells, columns=["visit", "visit2", "value"])
    >>> covariance_table(frame, visits={"W3": "Week 3", "W6": "Week 6"}).rows
    (('Week 3', '2.00', ''), ('Week 6', '0.50', '3.00'))
    """
    first, second = (covariance[name].astype(str) for name in ("visit", "visit2"))
    pairs = zip(first, second, strict=True)
    value = dict(zip(pairs, covariance["value"].astype(float), strict=True))
    names = [name for name in visits if (name, name) in value]
    rows = tuple(
        (visits[row], *(_cell(value, row, column, names) for column in names)) for row in names
    )
    return DisplayTable(
        columns=display_columns(
            ("visit", "Visit", "left", None),
            *((name, visits[name], "right", None) for name in names),
        ),
        rows=rows,
        caption=caption or "Standard deviations by visit, and correlations below them.",
    )


def _cell(value: Mapping[tuple[str, str], float], row: str, column: str, names: list[str]) -> str:
    """Return an SD on the diagonal, a correlation below it, nothing above it."""
    if row == column:
        return significant(value[row, row] ** 0.5)
    if names.index(column) > names.index(row):
        return ""
    spread = (value[row, row] * value[column, column]) ** 0.5
    pair = value.get((row, column), value.get((column, row)))
    return DASH if pair is None or not spread > 0 else number(pair / spread)
