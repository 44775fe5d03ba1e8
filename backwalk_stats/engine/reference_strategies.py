"""What is assumed of a participant after an intercurrent event: mean and covariance by strategy.

With the means mu and covariances S of the participant's own arm and of the reference arm, and e the
first visit that the event affects (Carpenter, Roger and Kenward, J Biopharm Stat 2013;23:1352,
section 4):

- mar: as their own arm, throughout.
- jr (jump to reference): own mean before e, the reference mean from e on.
- cr (copy reference): the reference mean throughout.
- cir (copy increments in reference): the own mean before e, then its last value and the increments
  of the reference mean.
- lmcf (last mean carried forward): the own mean before e, then its last value.

The covariance is the own one for mar and lmcf and the reference one for cr. For jr and cir it is
the own one before e, and after it what makes the regression of later on earlier visits, and its
residuals, those of the reference arm. Without an event every strategy is mar; with an event at the
first visit jr and cir are cr, and lmcf is not defined.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError

STRATEGIES = ("mar", "jr", "cr", "cir", "lmcf")


def mean_weights(strategy: str, *, event: int, visits: int) -> tuple[FloatArray, FloatArray]:
    """Return A and B of the assumed mean A mu_own + B mu_reference.

    Parameters
    ----------
    strategy : str
        One of `STRATEGIES`.
    event : int
        First visit that is affected, from 0; `visits` where none is.
    visits : int
        J.

    Returns
    -------
    A, B : array, shape (J, J)

    Raises
    ------
    UsageError
        If there is no such strategy.
    NotEstimable
        If the last mean is to be carried forward and there is none before the event.

    Examples
    --------
    >>> own, reference = mean_weights("cir", event=1, visits=3)
    >>> own.tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    >>> reference.tolist()
    [[0.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]
    """
    if strategy not in STRATEGIES:
        raise UsageError(f"strategy is {strategy!r}; it is one of {', '.join(STRATEGIES)}")
    own, reference = np.eye(visits), np.zeros((visits, visits))
    if strategy == "mar" or event == visits:
        return own, reference
    if strategy == "lmcf" and event == 0:
        raise NotEstimable(
            "last mean carried forward: the event precedes the first visit of a participant, so "
            "there is no mean to carry; take another strategy or leave such participants out"
        )
    after = np.arange(event, visits)
    own[after, after] = 0.0
    if strategy in ("cir", "lmcf") and event > 0:
        own[after, event - 1] = 1.0
    if strategy != "lmcf":
        reference[after, after] = 1.0
    if strategy == "cir" and event > 0:
        reference[after, event - 1] = -1.0
    if strategy == "cr":
        return np.zeros_like(own), np.eye(visits)
    return own, reference


def assumed_covariance(
    strategy: str, *, own: FloatArray, reference: FloatArray, event: int
) -> FloatArray:
    """Return the covariance of the visits under a strategy.

    Parameters
    ----------
    strategy : str
        One of `STRATEGIES`.
    own, reference : array, shape (..., J, J)
        Covariances of the participant's arm and of the reference arm.
    event : int
        First visit that is affected, from 0; J where none is.

    Returns
    -------
    array, shape (..., J, J)

    Examples
    --------
    >>> own = np.array([[4.0, 1.0], [1.0, 4.0]])
    >>> reference = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> assumed_covariance("jr", own=own, reference=reference, event=1).tolist()
    [[4.0, 2.0], [2.0, 1.75]]
    """
    if strategy in ("mar", "lmcf") or event == own.shape[-1]:
        return own
    if strategy == "cr" or event == 0:
        return reference
    before, after = slice(None, event), slice(event, None)
    first = own[..., before, before]
    slope = np.swapaxes(
        np.linalg.solve(reference[..., before, before], reference[..., before, after]), -1, -2
    )
    later = slope @ first
    out = np.empty(np.broadcast_shapes(own.shape, reference.shape))
    out[..., before, before] = first
    out[..., after, before] = later
    out[..., before, after] = np.swapaxes(later, -1, -2)
    excess = reference[..., before, before] - first
    out[..., after, after] = reference[..., after, after] - slope @ excess @ np.swapaxes(
        slope, -1, -2
    )
    return out
