"""What people hand in as curves: arrays, lists, data frames, as arrays of floats or refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError

Given = ArrayLike | pd.DataFrame | pd.Series
SHAPES = {
    1: "one number a curve",
    2: "curves of shape (n, nodes), a row each",
    3: "curves of vectors, shape (n, nodes, components)",
}
IDS = ("id", "participant", "participants", "person", "subject", "patient", "record_id")
BIGGEST = 1e150  # the square of anything larger is infinite


def curves_of(
    given: object, name: str, *, ndim: int, like: FloatArray | None = None, least: int = 1
) -> FloatArray:
    """Return curves as an array of floats; refuse what is none, and other nodes than `like`."""
    y = floats_of(given, name, SHAPES[ndim])
    if y.ndim != ndim or 0 in y.shape:
        shape = " x ".join(map(str, y.shape)) or "one number"
        hint = ""
        if y.ndim == 2 and ndim == 3:
            hint = "; for curves of one number use 'paired' or 'two-sample'"
        raise UsageError(f"{name}: expected {SHAPES[ndim]}; found {shape}{hint}")
    if like is not None and like.shape[1:] != y.shape[1:]:
        told = [" x ".join(map(str, one.shape[1:])) for one in (like, y)]
        raise UsageError(
            f"{name}: curves of {told[1]} nodes beside curves of {told[0]}; cut them alike"
        )
    if len(y) < least:
        raise NotEstimable(
            f"{name}: {len(y)} curve, and no spread without {least}; found "
            f"{' x '.join(map(str, y.shape))}"
        )
    _require_whole(y, name, "fill short gaps, or leave the curve out")
    return y


def numbers_of(given: object, name: str, n: int, *, several: bool) -> FloatArray:
    """Return numbers, one (or several) a curve, shape (n, k)."""
    found = floats_of(given, name, SHAPES[1])
    values = found[:, None] if found.ndim == 1 else found
    if values.ndim != 2 or len(values) != n or (values.shape[1] != 1 and not several):
        shape = " x ".join(map(str, found.shape)) or "one number"
        more = f" ({n}), or {n} x k" if several else f" ({n})"
        raise UsageError(f"{name}: expected {SHAPES[1]}{more}; found {shape}")
    _require_whole(values, name, "every curve needs its own number")
    return values


# Labels of frames: rows and nodes are taken by their place, so labels must not say otherwise.


def check_rows(name: str, given: object, others: Sequence[tuple[str, object]]) -> None:
    """Refuse rows that go together by their place while their labels say that others do.

    Labels that are numbers are often left over from sorting or choosing rows: they count where both
    have the same ones. Others count where any of them stands at another place.

    Parameters
    ----------
    name : str
    given : array or data frame
    others : sequence of (str, array or data frame)
        What the rows of `given` go with, one below the other.

    Examples
    --------
    >>> curves = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["anna", "bert"])
    >>> check_rows("b", curves, [("a", curves)])
    >>> check_rows("b", curves.iloc[::-1], [("a", curves)])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    backwalk_stats.errors.UsageError: b: its rows are named as those of a, in another order; ...
    """
    parts = [_names(one, "index") for _, one in others]
    mine = _names(given, "index")
    if mine is None or any(part is None for part in parts):
        return
    theirs = [label for part in parts for label in part or ()]
    if _in_another_order(mine, theirs):
        raise UsageError(
            f"{name}: its rows are named as those of {' and '.join(one for one, _ in others)}, in "
            "another order; rows go together by their place: sort them alike, or take the names "
            "away with reset_index(drop=True)"
        )


def check_nodes(name: str, given: object, other: tuple[str, object]) -> None:
    """Refuse frames whose columns have the same names in another order."""
    mine, theirs = (_names(one, "columns") for one in (given, other[1]))
    if mine is not None and theirs is not None and _in_another_order(mine, theirs):
        raise UsageError(
            f"{name}: its columns are named as those of {other[0]}, in another order; nodes are "
            "taken by their place: order them alike"
        )


def _names(given: object, which: str) -> list[object] | None:
    """Return the labels of a frame's rows or columns, each once; None where there are none."""
    there = isinstance(given, pd.DataFrame) or (isinstance(given, pd.Series) and which == "index")
    if not there:
        return None
    labels = list(getattr(given, which))
    return labels if len(set(labels)) == len(labels) else None


def _in_another_order(mine: Sequence[object], theirs: Sequence[object]) -> bool:
    """Tell whether a label of both stands at another place."""
    place = {label: k for k, label in enumerate(theirs)}
    moved = any(place.get(label, k) != k for k, label in enumerate(mine))
    if all(isinstance(one, int | float | np.number) for one in (*mine, *theirs)):
        return moved and set(mine) == set(theirs)
    return moved


def flags_of(given: object, name: str, nodes: int, *, circular: bool) -> np.ndarray:
    """Return True and False for each node; refuse anything else, and none that is True."""
    flags = np.asarray(given)
    if flags.dtype == object and all(isinstance(one, bool | np.bool_) for one in flags.ravel()):
        flags = flags.astype(bool)
    if flags.dtype != bool or flags.shape != (nodes,):
        kind = "True and False" if flags.dtype == bool else "other values"
        raise UsageError(
            f"{name}: expected True or False for each of {nodes} nodes; found {kind}, "
            f"{' x '.join(map(str, flags.shape)) or 'one'}"
        )
    if not flags.any():
        raise UsageError(f"{name}: no node is True: nothing would be tested")
    if circular and flags[0] != flags[-1]:
        raise UsageError(
            f"{name}: with circular=True the last node repeats the first, and the two differ here"
        )
    return flags


def check_number(name: str, value: object, *, above: float, below: float) -> None:
    """Refuse what is no number between two others, both excluded."""
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not above < float(value) < below:  # type: ignore[arg-type]
        upper = f" and {below:g}" if np.isfinite(below) else ""
        where = f"between {above:g}{upper}" if upper else f"above {above:g}"
        found = repr(value) if number else f"a {type(value).__name__}"
        raise UsageError(f"{name} is {found}; expected a number {where}")


def floats_of(given: object, name: str, expected: str) -> FloatArray:
    """Return what was given as floats; text, dates and rows of different length are refused."""
    if isinstance(given, pd.DataFrame):
        check_node_names(given, name, expected)
        other = [str(one) for one in given if not pd.api.types.is_numeric_dtype(given[one])]
        if other:
            raise UsageError(
                f"{name}: expected {expected}; found columns that are no numbers: "
                f"{', '.join(other[:5])}{' ...' if len(other) > 5 else ''}. Leave them out, "
                "such as frame.drop(columns=...)"
            )
    if isinstance(given, pd.DataFrame | pd.Series):
        if isinstance(given, pd.Series) and not pd.api.types.is_numeric_dtype(given):
            raise UsageError(f"{name}: expected {expected}; found {given.dtype} values")
        return np.asarray(given.to_numpy(dtype=float, na_value=np.nan))
    if isinstance(given, np.ma.MaskedArray):
        given = np.ma.filled(given.astype(float), np.nan)
    try:
        raw = np.asarray(given)
    except ValueError:
        raise UsageError(
            f"{name}: expected {expected}; found rows of different length: cut them alike"
        ) from None
    if raw.dtype == object:
        raw = _from_objects(raw, name, expected)
    if raw.dtype.kind not in "iuf":
        kinds = {"U": "text", "S": "text", "b": "True and False", "c": "complex numbers",
                 "M": "dates", "m": "durations"}  # fmt: skip
        found = kinds.get(raw.dtype.kind, str(raw.dtype))
        raise UsageError(f"{name}: expected {expected}; found {found}")
    return np.array(raw, dtype=float)


def check_node_names(given: pd.DataFrame, name: str, expected: str) -> None:
    """Refuse a frame in which a column is named as that of an id, or in words among numbers."""
    words = [one for one in given if isinstance(one, str) and not _is_number(one)]
    told = words if len(words) < len(given.columns) else []
    told = told or [one for one in words if one.strip().casefold() in IDS]
    if told and len(given.columns) > 1:
        raise UsageError(
            f"{name}: expected {expected}; found columns that are no nodes: "
            f"{', '.join(told[:5])}{' ...' if len(told) > 5 else ''}. Leave them out, such as "
            "frame.drop(columns=...), or make the id the index"
        )


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _from_objects(raw: np.ndarray, name: str, expected: str) -> np.ndarray:
    """Return numbers that stand in an array of objects, None as NaN."""
    cells = raw.ravel()
    if any(isinstance(one, str | bytes) for one in cells):
        raise UsageError(f"{name}: expected {expected}; found text")
    try:
        return np.array([np.nan if one is None else float(one) for one in cells]).reshape(raw.shape)
    except (TypeError, ValueError):
        kinds = sorted({type(one).__name__ for one in cells})[:3]
        raise UsageError(f"{name}: expected {expected}; found {', '.join(kinds)}") from None


def _require_whole(values: FloatArray, name: str, advice: str) -> None:
    """Refuse missing, infinite and absurdly large numbers, by their count."""
    lost = ~np.isfinite(values)
    if lost.any():
        rows = int(lost.reshape(len(values), -1).any(axis=1).sum())
        raise NotEstimable(
            f"{name}: {int(lost.sum())} of {values.size} numbers missing or infinite, in {rows} of "
            f"{len(values)} rows; {advice}"
        )
    if np.abs(values).max() > BIGGEST:
        raise NotEstimable(f"{name}: a number beyond {BIGGEST:g}: its square has no place")
