"""Ways in which items become a score; unanswered items (NaN) count as the mean of the answered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from backwalk_stats.instruments.instrument import Combine, FloatArray


def identity(items: FloatArray) -> FloatArray:
    """Return the only measurement as the score. Shape (n, 1) to (n,).

    >>> identity(np.array([[3.0], [np.nan]]))
    array([ 3., nan])
    """
    return items[:, 0].copy()


def total(items: FloatArray) -> FloatArray:
    """Return the sum of the items, prorated: sum of the answered times k / answered.

    Shape (n, k) to (n,); NaN where nothing is answered.

    >>> total(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.nan]]))
    array([6. , 4.5])
    """
    answered = (~np.isnan(items)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(answered > 0, np.nansum(items, axis=1) * items.shape[1] / answered, np.nan)


def mean(items: FloatArray) -> FloatArray:
    """Return the mean of the answered items. Shape (n, k) to (n,).

    >>> mean(np.array([[1.0, 2.0, np.nan]]))
    array([1.5])
    """
    answered = (~np.isnan(items)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(answered > 0, np.nansum(items, axis=1) / answered, np.nan)


def percent_of_maximum(highest: float) -> Combine:
    """Return the function 100 x sum / (highest x answered), for items from 0 to `highest`.

    >>> percent_of_maximum(5)(np.array([[2.0, 2.0, np.nan]]))
    array([40.])
    """
    return partial(_percent, highest)


def _percent(highest: float, items: FloatArray) -> FloatArray:
    answered = (~np.isnan(items)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = 100.0 * np.nansum(items, axis=1) / (highest * answered)
    return np.where(answered > 0, score, np.nan)


def percent_health(highest: float) -> Combine:
    """Return the function 100 - 100 x mean / highest: 100 is no problem, 0 the worst.

    >>> percent_health(4)(np.array([[1.0, 1.0, 1.0]]))
    array([75.])
    """
    return partial(_health, highest)


def _health(highest: float, items: FloatArray) -> FloatArray:
    return 100.0 - _percent(highest, items)


def turned(combine: Combine, *, positions: Sequence[int], turn: float) -> Combine:
    """Return a function that first turns round items at positions from 0: `turn` minus the answer.

    `turn` is the lowest plus the highest answer.

    >>> turned(total, positions=[1], turn=5)(np.array([[1.0, 1.0]]))
    array([5.])
    """
    return partial(_first_turned, combine, tuple(positions), turn)


def _first_turned(
    combine: Combine, positions: tuple[int, ...], turn: float, items: FloatArray
) -> FloatArray:
    copy = items.copy()
    copy[:, list(positions)] = turn - copy[:, list(positions)]
    return combine(copy)


def parts(pieces: Sequence[tuple[int, int, Combine]], *, join: Combine) -> Combine:
    """Return a function that scores each part by its own rule, then joins the scores.

    A part is how many columns it has, how many of them must be answered, and its score; the parts
    follow each other. `join` takes their scores, shape (n, parts), to one, (n,); without the score
    of one part there is none.

    >>> both = parts([(2, 1, total), (1, 1, total)], join=mean)
    >>> both(np.array([[1.0, np.nan, 4.0], [1.0, 1.0, np.nan]]))
    array([ 3., nan])
    """
    return partial(_joined, tuple(pieces), join)


def _joined(
    pieces: tuple[tuple[int, int, Combine], ...], join: Combine, items: FloatArray
) -> FloatArray:
    scores, start = [], 0
    for width, fewest, combine in pieces:
        part = items[:, start : start + width]
        enough = (~np.isnan(part)).sum(axis=1) >= fewest
        scores.append(np.where(enough, combine(part), np.nan))
        start += width
    stacked = np.column_stack(scores)
    return np.where(np.isnan(stacked).any(axis=1), np.nan, join(stacked))
