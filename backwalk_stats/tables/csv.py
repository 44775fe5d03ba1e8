"""A frame as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import numbers
import re
from math import isinf, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text: the header first, a newline after each row, the index left out.

    Numbers are written with the fewest digits that read back as the same number, none as an empty
    cell. A text that a spreadsheet could take for a formula gets a leading apostrophe; printed
    numbers such as `-0.20` stay as they are. Control characters are replaced.

    Examples
    --------
    >>> import pandas as pd
    >>> print(to_csv(pd.DataFrame({"label": ["=1+1", "-0.20"], "value": [0.1, None]})), end="")
    label,value
    '=1+1,0.1
    -0.20,
    """
    rows = [tuple(str(column) for column in frame.columns)]
    rows += list(frame.itertuples(index=False, name=None))
    return "".join(f"{_line([cell_text(value) for value in row])}\n" for row in rows)


def cell_text(value: object) -> str:
    """Return one cell as text.

    Examples
    --------
    >>> cell_text(2.0), cell_text(7), cell_text(True), cell_text("@SUM(A1)"), cell_text(None)
    ('2.0', '7', 'true', "'@SUM(A1)", '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return _float_text(float(value))
    return "" if type(value).__name__ in ("NAType", "NaTType") else _safe(str(value))


def _float_text(value: float) -> str:
    """Return the shortest text that reads back as the same number."""
    if isnan(value):
        return ""
    if isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(value)


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, and no terminal for an order."""
    text = _CONTROL.sub("\ufffd", text)
    risky = text.lstrip(" ").startswith(_STARTS_A_FORMULA)
    return f"'{text}" if risky and not _PLAIN_NUMBER.fullmatch(text) else text


def _line(cells: list[str]) -> str:
    """Return cells as one record; those with a comma, a quote or a line break are quoted."""
    alone = cells == [""]
    return '""' if alone else ",".join(_quoted(cell) for cell in cells)


def _quoted(text: str) -> str:
    """Return a cell in quotes where it needs them (RFC 4180)."""
    if not any(mark in text for mark in ',"\r\n'):
        return text
    inside = text.replace('"', '""')
    return f'"{inside}"'
