"""The rows of a frame as dictionaries, for code that writes or draws one row at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Any]


def frame_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame, column name to value, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame_rows(pd.DataFrame({"label": ["Chen 2021"], "n": [32]}))
    [{'label': 'Chen 2021', 'n': 32}]
    """
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
