"""What a number must be before anything is computed from it, and the two array types."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backwalk_stats.errors import NotEstimable, UsageError

FloatArray: TypeAlias = NDArray[np.float64]
# A float for scalar inputs, a FloatArray for arrays. Which of the two is known to the caller and
# not to the type checker, hence `Any` beside `float` (as typeshed does for such returns).
Number: TypeAlias = float | Any


def array(values: ArrayLike) -> FloatArray:
    """Return values as an array of doubles.

    Parameters
    ----------
    values : array-like
        Numbers of any shape.

    Examples
    --------
    >>> array(2).shape
    ()
    """
    return np.asarray(values, dtype=np.float64)


def number(values: ArrayLike) -> Number:
    """Return a plain float for a single value and an array for several.

    Parameters
    ----------
    values : array-like
        Numbers of any shape.

    Examples
    --------
    >>> number(np.float64(0.5))
    0.5
    """
    result = array(values)
    return float(result) if result.ndim == 0 else result


def require_arm(*, n: ArrayLike, sd: ArrayLike) -> None:
    """Refuse an arm with fewer than two participants or a negative standard deviation.

    Parameters
    ----------
    n : array-like
        Participants in the arm.
    sd : array-like
        Sample standard deviation, in the unit of the outcome.

    Raises
    ------
    NotEstimable
        If any n is below 2 or any sd is below 0, or either is not finite.

    Examples
    --------
    >>> require_arm(n=15, sd=1.2)
    """
    sizes, spreads = array(n), array(sd)
    if not np.all(np.isfinite(sizes) & (sizes >= 2)):
        raise NotEstimable(f"an arm needs at least 2 participants, found n = {np.min(sizes):g}")
    if not np.all(np.isfinite(spreads) & (spreads >= 0)):
        raise NotEstimable(f"a standard deviation is 0 or more, found {np.min(spreads):g}")


def require_level(level: float) -> None:
    """Refuse a confidence or significance level outside (0, 1).

    Parameters
    ----------
    level : float
        A proportion, such as 0.95.

    Raises
    ------
    UsageError
        If it is not strictly between 0 and 1.

    Examples
    --------
    >>> require_level(0.95)
    """
    given: object = level
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        found = repr(given) if isinstance(given, str) else type(given).__name__
        raise UsageError(f"a level is a number between 0 and 1, such as 0.95; found {found}")
    if not 0.0 < level < 1.0:
        raise UsageError(f"a level is a proportion between 0 and 1, such as 0.95; found {level:g}")


def require_probability(p_value: ArrayLike) -> None:
    """Refuse a p-value outside [0, 1].

    Parameters
    ----------
    p_value : array-like
        Probabilities.

    Raises
    ------
    NotEstimable
        If any lies outside [0, 1] or is not a number.

    Examples
    --------
    >>> require_probability(0.04)
    """
    p = array(p_value)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise NotEstimable("a p-value lies between 0 and 1")
