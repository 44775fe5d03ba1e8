"""Repositioning error: how well a person finds a position again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositioningError:
    """Errors in the unit of the positions; lower is better, 0 best.

    Attributes
    ----------
    constant : float
        Mean of trial minus target: overshoot is positive.
    absolute : float
        Mean size of the error.
    variable : float
        Standard deviation of the trials with divisor n, so that RMSE^2 = constant^2 + variable^2.
    rmse : float
        Root of the mean squared error.
    """

    constant: float
    absolute: float
    variable: float
    rmse: float


def repositioning_error(trials: FloatArray, *, target: float) -> RepositioningError:
    """Return the errors of a series of trials.

    Parameters
    ----------
    trials : array, shape (trials,)
        What was reached, in degrees.
    target : float
        What was to be reached, in degrees.

    Returns
    -------
    RepositioningError
        constant (too far is positive), absolute, variable and rmse, in degrees.

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or one is missing.

    Examples
    --------
    >>> found = repositioning_error(np.array([22.0, 19, 23, 21, 18]), target=20.0)
    >>> round(found.constant, 4), round(found.absolute, 4), round(found.variable, 4)
    (0.6, 1.8, 1.8547)
    >>> round(found.rmse, 4)
    1.9494
    """
    error = np.asarray(trials, dtype=float) - target
    if len(error) < 2 or not np.isfinite(error).all():
        raise NotEstimable("repositioning error needs at least two trials, none missing")
    return RepositioningError(
        constant=float(error.mean()),
        absolute=float(np.abs(error).mean()),
        variable=float(error.std()),
        rmse=float(np.sqrt((error**2).mean())),
    )
