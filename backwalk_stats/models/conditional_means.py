"""Conditional mean imputation of one visit: the estimates of all, and without each participant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.completed_analysis import CompletedAnalysis
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.incomplete_visits import IncompleteVisits, predicted
from backwalk_stats.models.imputation_model import ImputationModel, Parameters

AT_ONCE = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Replicates:
    """Contrasts of a completed visit.

    Attributes
    ----------
    whole : array, shape (L,)
        Of all participants.
    without : array, shape (n, L)
        Without each participant: imputation model, imputation and analysis repeated.
    """

    whole: FloatArray
    without: FloatArray


def conditional_means(
    model: ImputationModel, analysis: CompletedAnalysis, *, at: int
) -> Replicates:
    """Return the contrasts of a visit completed by conditional means.

    Parameters
    ----------
    model : ImputationModel
    analysis : CompletedAnalysis
    at : int
        The visit, from 0.

    Raises
    ------
    NotEstimable
        If the model or the analysis cannot be repeated without some participant, or the strategy
        is not defined for one.
    """
    whole = analysis.estimates(completed(model.visits, model.estimate, at=at))[0]
    each = model.without_each()
    n = len(model.row)
    parts = []
    for start in range(0, n, AT_ONCE):
        people = np.arange(start, min(start + AT_ONCE, n))
        own = Parameters(beta=each.beta[people], sigma=each.sigma[people])
        parts.append(analysis.without(completed(model.visits, own, at=at), people))
    return Replicates(whole=whole, without=np.concatenate(parts))


def completed(visits: IncompleteVisits, parameters: Parameters, *, at: int) -> FloatArray:
    """Return a visit with its gaps filled by conditional means, shape (R, n)."""
    found = predicted(visits, at=at, beta=parameters.beta, sigma=parameters.sigma)
    y = np.repeat(visits.y[None, :, at], len(parameters.beta), axis=0)
    y[:, found.who] = found.mean
    return y
