"""The one door from simulated trials to what an estimand's analysis makes of each of them.

What the trial's own analysis leaves out is left out of each trial: arms that nobody of was measured
at the visit, and, of a model of several visits, visits at which nobody of some arm was.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.engine.simulation import repeated, single_visit
from backwalk_stats.engine.simulation.clustered import clustered_ancova
from backwalk_stats.engine.simulation.draws import Drawn, Sampler
from backwalk_stats.engine.simulation.questions import (
    UNMEASURED,
    Answers,
    Question,
    nothing,
    together,
)
from backwalk_stats.errors import UsageError

LEAST_OF_A_SLOPE = 3
AT_ONCE = 512
AT_ONE_VISIT: dict[str, Callable[[Question, Drawn], Answers]] = {
    "ancova": single_visit.ancova,
    "change-score": single_visit.change_score,
    "rank-based": single_visit.rank_based,
}


@on_one_thread
def answers(question: Question, drawn: Drawn, sampler: Sampler) -> Answers:
    """Return what each trial answers; a trial's answer does not depend on the others.

    Parameters
    ----------
    question : Question
    drawn : Drawn
        Of `sampler`, or of any trials with its arms and visits; a missed visit may lie in between.
    sampler : Sampler
        Its design tells where a search starts, in which unit the columns are, and who is in which
        cluster.

    Examples
    --------
    >>> from backwalk_stats.engine.simulation.designs import Design
    >>> from backwalk_stats.engine.simulation.draws import calibrated
    >>> design = Design(sizes=(20, 20), reference=0,
    ...     means=np.array([[6.0, 5.2, 4.8], [6.0, 4.6, 3.4]]),
    ...     covariance=2.0 + 2.0 * np.eye(3), dropout=np.array([[0.0, 0.1, 0.2]] * 2))
    >>> sampler = calibrated(design)
    >>> drawn = sampler.draw(2, np.random.default_rng(1))
    >>> question = Question(analysis="mmrm", visit=2, arm=1, reference=0)
    >>> answers(question, drawn, sampler).converged.tolist()
    [True, True]
    """
    k, visits = sampler.design.means.shape
    if max(question.arm, question.reference) >= k or question.visit >= visits:
        raise UsageError(f"the design has {k} arms and {visits} visits")
    if any(not 0 <= place < len(sampler.design.covariates) for place in question.covariates):
        raise UsageError(f"the design has {len(sampler.design.covariates)} covariates")
    everyone, parts = np.ones(len(drawn.arm), dtype=bool), {}
    for at in range(0, len(drawn.y), AT_ONCE):
        some = np.arange(at, min(at + AT_ONCE, len(drawn.y)))
        parts[at] = (some, _answers(question, drawn.of(some, everyone), sampler))
    return together(len(drawn.y), parts)


def _answers(question: Question, drawn: Drawn, sampler: Sampler) -> Answers:
    """Return what a few trials answer."""
    visits = sampler.design.means.shape[1]
    if question.analysis in AT_ONE_VISIT and not question.clustered:
        return AT_ONE_VISIT[question.analysis](question, drawn)
    if question.analysis == "random-slope":
        if visits < LEAST_OF_A_SLOPE or len(question.weeks) != visits:
            raise UsageError("a slope needs three visits, baseline included, each with its week")
        return repeated.random_slope(question, sampler.design, drawn)
    return _by_measured(question, drawn, sampler)


def _by_measured(question: Question, drawn: Drawn, sampler: Sampler) -> Answers:
    """Return the model of each trial, of the arms and visits that it has."""
    k = len(sampler.design.means)
    seen = ~np.isnan(drawn.y)
    measured = np.stack([seen[:, drawn.arm == one].any(axis=1) for one in range(k)], axis=1)
    arms = measured[:, :, question.visit]
    whole = (measured[:, :, 1:] | ~arms[:, :, None]).all(axis=1)
    kinds, member = np.unique(np.concatenate([arms, whole], axis=1), axis=0, return_inverse=True)
    parts = {}
    for kind, own in enumerate(kinds):
        places = np.flatnonzero(member.ravel() == kind)
        parts[kind] = (places, _of_kind(question, drawn, sampler, places, own))
    return together(len(drawn.y), parts)


def _of_kind(
    question: Question, drawn: Drawn, sampler: Sampler, places: np.ndarray, kind: np.ndarray
) -> Answers:
    """Return the answers of trials of the same arms and visits, `kind` of shape (k + M - 1,)."""
    k = len(sampler.design.means)
    arms, visits = np.flatnonzero(kind[:k]), 1 + np.flatnonzero(kind[k:])
    if not {question.arm, question.reference} <= set(arms.tolist()):
        return nothing(len(places), UNMEASURED)
    people = np.isin(drawn.arm, arms)
    own = drawn.of(places, people)
    if question.clustered:
        cluster = sampler.design.cluster[people]
        return clustered_ancova(question, sampler.design, own, cluster)
    if question.analysis == "constrained-longitudinal":
        return repeated.constrained_longitudinal(question, sampler.design, own, visits.tolist())
    if len(visits) == 1:
        return single_visit.ancova(question, own)
    return repeated.mmrm(question, sampler.design, own, visits.tolist())
