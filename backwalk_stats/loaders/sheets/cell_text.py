"""The value of a cell in a binary file as text that reads back as the same value."""

from __future__ import annotations

import datetime
import math

import numpy as np

WHOLE = 2.0**53  # beyond it not every whole number is a float


def number_text(value: float | int | np.generic) -> str:
    """Return a number with the fewest digits that read back as it; a whole one without a point.

    Parameters
    ----------
    value : number
        A numpy float of 32 bits gets the digits that 32 bits need. NaN gives "".

    Examples
    --------
    >>> [number_text(value) for value in (1.0, 0.1, -2.5, 9007199254740993, float("nan"), 1e22)]
    ['1', '0.1', '-2.5', '9007199254740993', '', '10000000000000000000000']
    >>> import numpy as np
    >>> number_text(np.float32(0.1)), number_text(1e-7)
    ('0.1', '0.0000001')
    """
    if not isinstance(value, float) and isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if math.isnan(number):
        return ""
    text = str(value) if isinstance(value, np.float32) else repr(number)
    if "e" in text:
        narrow = value if isinstance(value, np.float32) else np.float64(number)
        return np.format_float_positional(narrow, unique=True, trim="-")
    return text.removesuffix(".0")


def date_text(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    """Return a date or time in ISO 8601; a length of time as hours, minutes and seconds.

    Examples
    --------
    >>> date_text(datetime.datetime(2026, 3, 4)), date_text(datetime.time(9, 30))
    ('2026-03-04', '09:30:00')
    >>> date_text(datetime.datetime(2026, 3, 4, 9, 30)), date_text(datetime.timedelta(hours=30))
    ('2026-03-04T09:30:00', '30:00:00')
    """
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return value.isoformat()
