"""Missing visits given the observed ones: the predictive distribution under a strategy.

The visits of a participant are normal with the mean X~ beta and the covariance S~ of a strategy
(`reference_strategies`), so that a missing value y_a given the observed ones y_o has

    mean x~_a beta + k'(y_o - X~_o beta), variance S~_aa - k'S~_oa, with k = S~_oo^-1 S~_oa.

X~ = A X_own + B X_reference does not depend on the parameters, and k is the same for everyone of
one arm, one event and one set of observed visits. Shapes: n participants, J visits, p coefficients,
G covariance matrices, R sets of parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.reference_strategies import assumed_covariance, mean_weights


@dataclass(frozen=True, kw_only=True, slots=True)
class IncompleteVisits:
    """The visits of all participants, and what is assumed of those that are missing.

    Attributes
    ----------
    y : array, shape (n, J)
        Outcome, NaN where it is missing.
    own, reference : array, shape (n, J, p)
        Design of each visit, in the participant's own arm and in the reference arm.
    group, reference_group : array of int, shape (n,); int
        Covariance matrix of the participant's arm, and of the reference arm.
    event : array of int, shape (n,)
        First visit that an intercurrent event affects, J for none.
    strategy : str
        See `reference_strategies`.
    """

    y: FloatArray
    own: FloatArray
    reference: FloatArray
    group: np.ndarray
    reference_group: int
    event: np.ndarray
    strategy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """The predictive distribution of one visit, of those who miss it.

    Attributes
    ----------
    who : array of int, shape (k,)
        Participants.
    mean, variance : array, shape (R, k)
    """

    who: np.ndarray
    mean: FloatArray
    variance: FloatArray


def predicted(
    visits: IncompleteVisits, *, at: int, beta: FloatArray, sigma: FloatArray
) -> Predicted:
    """Return the distribution of a visit given the observed ones, for sets of parameters.

    Parameters
    ----------
    visits : IncompleteVisits
    at : int
        The visit, from 0.
    beta : array, shape (R, p)
    sigma : array, shape (R, G, J, J)

    Raises
    ------
    NotEstimable
        If the strategy is not defined for a participant.
    """
    who = np.flatnonzero(np.isnan(visits.y[:, at]))
    mean, variance = np.empty((len(beta), len(who))), np.empty((len(beta), len(who)))
    for places in _alike(visits, who):
        people = who[places]
        first = people[0]
        event, held = int(visits.event[first]), ~np.isnan(visits.y[first])
        cover = assumed_covariance(
            visits.strategy,
            own=sigma[:, visits.group[first]],
            reference=sigma[:, visits.reference_group],
            event=event,
        )
        load = np.linalg.solve(cover[:, held][:, :, held], cover[:, held, at, None])[..., 0]
        design = _mixed(visits, people, event)
        observed = visits.y[people][:, held]
        expected = np.einsum("mjp,rp->rmj", design[:, held], beta)
        mean[:, places] = beta @ design[:, at].T + ((observed - expected) @ load[..., None])[..., 0]
        variance[:, places] = (cover[:, at, at] - (load * cover[:, held, at]).sum(axis=1))[:, None]
    return Predicted(who=who, mean=mean, variance=variance)


def _alike(visits: IncompleteVisits, who: np.ndarray) -> Iterator[np.ndarray]:
    """Yield places in `who` that share arm, event and observed visits."""
    key = np.column_stack([visits.group[who], visits.event[who], ~np.isnan(visits.y[who])])
    _, kind = np.unique(key, axis=0, return_inverse=True)
    for one in range(kind.max(initial=-1) + 1):
        yield np.flatnonzero(kind.ravel() == one)


def _mixed(visits: IncompleteVisits, people: np.ndarray, event: int) -> FloatArray:
    """Return X~ of participants with one event, shape (m, J, p)."""
    a, b = mean_weights(visits.strategy, event=event, visits=visits.y.shape[1])
    return np.asarray(a @ visits.own[people] + b @ visits.reference[people])
