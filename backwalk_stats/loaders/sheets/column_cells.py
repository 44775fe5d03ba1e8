"""One column of an SPSS or Stata file as text, with what the file says of its values."""

from __future__ import annotations

import datetime
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backwalk_stats.loaders.sheets.cell_text import WHOLE, date_text, number_text

TIMES = (datetime.date, datetime.time, datetime.timedelta)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """A column as text; lines count from 2.

    Attributes
    ----------
    texts : list of str
        "" where a value is missing, for a reason or not.
    reasons : dict of int to str
        Line to why a value is missing: the code, and its label where it has one.
    labels : dict of str to str
        Code to label.
    unlabelled : tuple of int
        Lines with a value that has no label though others of the column have one.
    dates : tuple of int
        Lines that hold a date or a time.
    large : tuple of int
        Lines with a number beyond which not every whole number is a float.
    dated_missing : bool
        Whether missing values are declared for a column of dates, where they cannot be found.
    """

    texts: list[str]
    reasons: dict[int, str]
    labels: dict[str, str]
    unlabelled: tuple[int, ...]
    dates: tuple[int, ...]
    large: tuple[int, ...]
    dated_missing: bool


def cells_of(values: Sequence[Any], name: str, meta: Any) -> Cells:  # noqa: ANN401
    """Return a column as text.

    Parameters
    ----------
    values : sequence
        As pyreadstat gives them with `user_missing=True`.
    name : str
        Name of the column.
    meta : metadata_container
        What pyreadstat tells of the file: labels, ranges of missing values, types.
    """
    kind = meta.readstat_variable_types[name]
    written = {code: str(label) for code, label in meta.variable_value_labels.get(name, {}).items()}
    letters = set(string.ascii_lowercase) if kind != "string" else set()
    labels = {
        f".{code}" if code in letters else _text(code, kind): label
        for code, label in written.items()
    }
    ranges = meta.missing_ranges.get(name, [])
    texts, reasons, dates, large = [], {}, [], []
    for line, value in enumerate(values, start=2):
        text = _text(value, kind)
        if isinstance(value, TIMES):
            dates.append(line)
        elif text and (value in letters or _in_ranges(value, ranges)):
            code = f".{text}" if value in letters else text
            label = labels.get(code)
            reasons[line] = f"{code}: {label}" if label else code
            text = ""
        elif isinstance(value, float) and abs(value) >= WHOLE:
            large.append(line)
        texts.append(text)
    plain = [line for line, text in enumerate(texts, start=2) if text and text not in labels]
    used = any(text in labels for text in texts if text)
    return Cells(
        texts=texts,
        reasons=reasons,
        labels=labels,
        unlabelled=tuple(plain) if used else (),
        dates=tuple(dates),
        large=tuple(large),
        dated_missing=bool(dates and ranges),
    )


def _text(value: Any, kind: str) -> str:  # noqa: ANN401
    """Return one value as text; None, NaN and NaT are empty."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, str):
        return value.rstrip(" \0")
    if isinstance(value, TIMES):
        return date_text(value)
    return number_text(np.float32(value) if kind == "float" else value)


def _in_ranges(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:  # noqa: ANN401
    """Return whether a value lies in a declared range of missing values; a text equals one end."""
    for one in ranges:
        low, high = one["lo"], one["hi"]
        if isinstance(value, str) or isinstance(low, str):
            if str(value).rstrip() in {str(low).rstrip(), str(high).rstrip()}:
                return True
        elif low <= value <= high:
            return True
    return False
