"""Numbers and answers in one column: what it holds decides, not its dtype.

Numbers that stand in a column of text or of objects are numbers; a column that mixes numbers and
words is refused, as is one of dates. Blank text is a missing value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError, printable

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MINUS = ("\u2212", "\u2013", "\u2010", "\u2011")
EDGE = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$")
UNREAD = re.compile(r"[+-]?\d+(?:[., '_]\d+)*%?")
SMALLEST = 1e-100
SHOWN = 12
BOOLS = (bool, np.bool_)
NUMBERS = (int, float, np.integer, np.floating, Decimal, Fraction)


class Distinct(NamedTuple):
    """A column by its distinct values: codes (-1 for missing), the values, and their types."""

    codes: np.ndarray
    values: list[object]
    kinds: frozenset[type]

    def rows_of(self, chosen: Sequence[bool]) -> int:
        """Return how many rows have one of the chosen values."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        return int(counts[np.array(chosen, dtype=bool)].sum())


def shown(level: object) -> str:
    """Return a level as it stands in a message."""
    return printable(str(level), 40)


def listed(levels: Sequence[object]) -> str:
    """Return levels in a line, the first twelve."""
    names = [shown(one) for one in levels[:SHOWN]]
    more = len(levels) - SHOWN
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def trimmed(text: str) -> str:
    """Return text without the blanks around it, those without width included."""
    return EDGE.sub("", text)


def unread_number(value: object) -> bool:
    """Tell whether text is a number as people write one, and none that is read here.

    Examples
    --------
    >>> [unread_number(text) for text in ("4,5", "1 200", "50%", "4.5", "Week 2", "<65", "1-2")]
    [True, True, True, False, False, False, False]
    """
    if not isinstance(value, str):
        return False
    text = unicodedata.normalize("NFKC", trimmed(value))
    for sign in MINUS:
        text = text.replace(sign, "-")
    text = text.replace("\u066b", ".").replace("\u066c", ",").replace("\u2019", "'")
    return UNREAD.fullmatch(text) is not None and NUMBER.fullmatch(trimmed(value)) is None


def kind_of(column: pd.Series) -> str:
    """Return "number", "bool", "category", "values" (text or objects) or "other" (dates, ...)."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    kind = getattr(dtype, "kind", "O")
    if kind in "iuf":
        return "number"
    if kind == "b":
        return "bool"
    return "values" if kind in "OUT" else "other"


def numbers(column: pd.Series, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return a column as finite numbers, NaN where it is missing, shape (n,); and what to note.

    Raises UsageError if a value is no number, or infinite; says of how many rows.
    """
    values, notes, wrong = readable(column, name)
    if wrong:
        raise UsageError(
            f"{name} is not numeric: {wrong} of {len(column)} values are not numbers; mend them, "
            "or leave them missing"
        )
    return finite(values, name), notes


def readable(column: pd.Series, name: str) -> tuple[FloatArray, tuple[str, ...], int]:
    """Return a column as numbers, what to note, and how many values are none and so NaN.

    Raises UsageError if it is a column of another kind: true and false, dates, a categorical.
    """
    kind = kind_of(column)
    if kind == "number":
        return _floats(column), (), 0
    if kind == "bool":
        raise UsageError(f"{name} is not numeric: it holds true and false; make them numbers first")
    if kind == "category":
        raise UsageError(
            f"{name} is not numeric: it is a categorical; if it holds numbers, make it one of "
            "numbers: astype(float)"
        )
    if kind == "other":
        raise strange_kind(name, str(column.dtype))
    found = distinct(column, name)
    read = [read_number(one) for one in found.values]
    wrong = found.rows_of([one is None for one in read])
    return spread(found, read), (read_as_numbers(name, found),), wrong


def read_as_numbers(name: str, found: Distinct) -> str:
    """Return the note on numbers that stood in a column of text or objects."""
    held = "text" if any(issubclass(kind, str) for kind in found.kinds) else "objects"
    return f"{name}: numbers that were held as {held} were read as numbers"


def finite(values: FloatArray, name: str) -> FloatArray:
    """Return values, or refuse infinite ones, and those whose squares are none."""
    wrong = int(np.isinf(values).sum())
    if wrong:
        raise UsageError(
            f"{name}: {wrong} of {len(values)} values are not finite numbers; mend or leave out "
            "these rows"
        )
    size = float(np.abs(values[~np.isnan(values)]).max(initial=0.0))
    if size and not SMALLEST < size < 1.0 / SMALLEST:
        raise UsageError(f"{name}: values of extreme size; give it in another unit")
    return values


def refuse_infinite(column: pd.Series, name: str) -> None:
    """Refuse infinite values in a column of numbers, or among the levels of a categorical."""
    if getattr(column.dtype, "kind", "") == "f":
        finite(_floats(column), name)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        own = column.array
        levels = [np.inf if infinite(one) else np.nan for one in own.categories]
        finite(np.array([*levels, np.nan])[own.codes], name)


def infinite(value: object) -> bool:
    """Tell whether a value is an infinite number."""
    return isinstance(value, (float, np.floating, Decimal)) and np.isinf(float(value))


def _floats(column: pd.Series) -> FloatArray:
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy(dtype=np.float64)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def spread(found: Distinct, read: Sequence[float | None]) -> FloatArray:
    """Return a number for each row from one for each distinct value; None is NaN."""
    values = np.array([np.nan if one is None else one for one in read] + [np.nan])
    return np.asarray(values[found.codes])


def read_number(value: object) -> float | None:
    """Return the number that a value is or says; None where it is none, NaN for blank text."""
    if isinstance(value, str):
        text = trimmed(value)
        if not text:
            return float("nan")
        return float(text) if NUMBER.fullmatch(text) else None
    return as_double(value) if isinstance(value, NUMBERS) else None


def as_double(value: object) -> float:
    """Return a number as a double; one beyond all doubles is infinite."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return float("inf")


def strange_kind(name: str, what: str) -> UsageError:
    """Return the refusal of a column that holds neither numbers nor labels."""
    return UsageError(
        f"{name} is not numeric and holds no labels: {what}; give numbers (such as days from a "
        "fixed date), text, or a categorical"
    )


def distinct(column: pd.Series, name: str) -> Distinct:
    """Return the distinct values of a column of text or objects; refuses what is neither."""
    if isinstance(column.dtype, pd.StringDtype):
        codes, values = pd.factorize(column)
        return Distinct(codes, list(values), frozenset({str}))
    held = column.to_numpy(dtype=object)
    kinds = set(map(type, held[~pd.isna(held)]))
    strange = [kind.__name__ for kind in kinds if not issubclass(kind, (str, *BOOLS, *NUMBERS))]
    if strange:
        raise strange_kind(name, f"it holds values of type {', '.join(sorted(strange))}")
    truths = {kind for kind in kinds if issubclass(kind, BOOLS)}
    if truths and kinds - truths:
        count = sum(isinstance(one, BOOLS) for one in held)
        raise UsageError(
            f"{name}: {count} of {len(held)} values are true or false and others are not; make "
            "them all of one kind"
        )
    codes, unique = pd.factorize(held)
    return Distinct(codes, list(unique), frozenset(kinds))


def answers(column: pd.Series, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return a column of true and false, or 1 and 0, as 1, 0 and NaN, shape (n,).

    Raises UsageError if it holds anything else; says in how many rows.
    """
    kind = kind_of(column)
    notes: tuple[str, ...] = ()
    if kind == "bool":
        values = column.to_numpy(dtype=float, na_value=np.nan)
    elif kind == "number":
        values = _floats(column)
    elif kind == "values":
        found = distinct(column, name)
        read = [float(one) if isinstance(one, BOOLS) else read_number(one) for one in found.values]
        values = spread(found, [2.0 if one is None else one for one in read])
        notes = (read_as_numbers(name, found),) if str in found.kinds else ()
    else:
        raise _not_answers(name, len(column), len(column))
    wrong = int((~np.isin(values, (0.0, 1.0)) & ~np.isnan(values)).sum())
    if wrong:
        raise _not_answers(name, wrong, len(column))
    return values, notes


def counts(column: pd.Series, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return a column of counts, NaN where it is missing, shape (n,); and what to note.

    Raises UsageError if a value is no whole number of 0 or more; says of how many rows.
    """
    values, notes = numbers(column, name)
    wrong = int(((values < 0) | (values % 1 > 0)).sum())
    if wrong:
        raise UsageError(
            f"{name}: expected counts, whole numbers of 0 or more; {wrong} of {len(values)} rows "
            "hold something else; mend them, or leave them missing"
        )
    return values, notes


def exposures(column: pd.Series, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return a column of exposures, which are above 0, as `counts` does."""
    values, notes = numbers(column, name)
    wrong = int((values <= 0).sum())
    if wrong:
        raise UsageError(
            f"{name}: {wrong} of {len(values)} values are not above 0, and an exposure is the time "
            "or distance over which events were counted; mend them, or leave them missing"
        )
    return values, notes


def _not_answers(name: str, wrong: int, rows: int) -> UsageError:
    return UsageError(
        f"{name}: expected true and false, or 1 and 0; {wrong} of {rows} rows hold something else"
    )
