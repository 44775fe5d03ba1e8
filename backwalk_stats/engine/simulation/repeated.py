"""The mixed model for repeated measures of many simulated trials at once.

Arm and baseline by visit: every effect goes by visit, so that a trial enters through the cross
products of [z y] of those last seen at each visit (`batch.sequential`). Drop-out differs from trial
to trial; the patterns of visits are one fixed list, and those that a trial has not are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.batch.contrasts import BatchFits, joined
from backwalk_stats.engine.batch.fits import UNIDENTIFIED, fit_tables
from backwalk_stats.engine.batch.sequential import SplitTables
from backwalk_stats.engine.batch.tables import BatchPlan, pack
from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.marginal import VisitCovariance
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.simulation.designs import Design
from backwalk_stats.engine.simulation.questions import Answers, Question, tested
from backwalk_stats.registry import Shown

AT_ONCE = 128


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Repeated(Shown):
    """Trials of the same arms and visits, as a model of repeated measures takes them.

    Attributes
    ----------
    y : array, shape (b, n, m)
        Scores less the visit's expectation, 0 where missing.
    seen : array of bool, shape (b, n, m)
    z : array, shape (b, n, c)
        Columns whose effects go by visit: 1, the arms but the reference, the baseline.
    covariance : array, shape (m, m)
        Expected of the residuals; where a search starts.
    combination : array, shape (m c,)
        The contrast at the visit.
    weeks : tuple of float
        Of these visits.
    """

    y: FloatArray
    seen: np.ndarray
    z: FloatArray
    covariance: FloatArray
    combination: FloatArray
    weeks: tuple[float, ...]


def repeated(
    question: Question, design: Design, y: FloatArray, arm: np.ndarray, visits: Sequence[int]
) -> Repeated:
    """Return trials as the model takes them; y holds every visit, `visits` those of the model."""
    at, n = list(visits), len(arm)
    others = [one for one in np.unique(arm) if one != question.reference]
    kept = design.means[np.unique(arm)]
    columns = [np.ones((len(y), n))]
    columns += [np.broadcast_to((arm == one).astype(float), (len(y), n)) for one in others]
    sigma = design.covariance[np.ix_(at, at)]
    if question.baseline:
        sd = float(np.sqrt(design.covariance[0, 0]))
        columns.append((y[:, :, 0] - kept[:, 0].mean()) / sd)
        shared = design.covariance[at, 0] / sd
        sigma = sigma - np.outer(shared, shared)
    seen = ~np.isnan(y[:, :, at])
    root = np.sqrt(n)
    combination = np.zeros((len(at), len(columns)))
    combination[at.index(question.visit), 1 + others.index(question.arm)] = 1.0 / root
    return Repeated(
        y=np.where(seen, y[:, :, at] - kept[:, at].mean(axis=0), 0.0),
        seen=seen,
        z=np.stack(columns, axis=2) / root,
        covariance=sigma,
        combination=combination.ravel(),
        weeks=tuple(question.weeks[one] for one in at) if question.weeks else (),
    )


def patterns_of(seen: np.ndarray) -> np.ndarray:
    """Return the fixed list of patterns that trials are sorted into, shape (K, m).

    Where nobody is seen again after a missed visit the m monotone ones; else all that there are of
    up to four visits, and of more those that occur.

    >>> patterns_of(np.array([[[True, True], [True, False]]])).tolist()
    [[True, False], [True, True]]
    """
    m = seen.shape[2]
    if not (seen[:, :, 1:] & ~seen[:, :, :-1]).any():
        return np.tri(m, dtype=bool)
    if m <= 4:
        return np.array([[bool(one >> at & 1) for at in range(m)] for one in range(1, 2**m)])
    found = np.unique(seen.reshape(-1, m), axis=0)
    return np.asarray(found[found.any(axis=1)])


def tables_of(trials: Repeated, mask: np.ndarray) -> SplitTables:
    """Return the cross products of [z y] of the people of each pattern, K patterns by `mask`."""
    columns = np.concatenate([trials.z, trials.y], axis=2)
    code = trials.seen @ (1 << np.arange(mask.shape[1]))
    held, size = [], []
    for own in mask @ (1 << np.arange(mask.shape[1])):
        members = code == own
        left = np.swapaxes(columns * members[:, :, None], 1, 2)
        held.append(pack(left @ columns))
        size.append(members.sum(axis=1).astype(float))
    return SplitTables(held=np.stack(held, axis=1), size=np.stack(size, axis=1), mask=mask)


def plan_of(trials: Repeated, mask: np.ndarray, covariance: str, question: Question) -> BatchPlan:
    """Return the plan of fits of tables with these patterns and a covariance of the visits."""
    (kinds, m), p = mask.shape, len(trials.combination)
    scale, group = np.ones(mask.shape), np.zeros(kinds, dtype=int)
    one = structure(covariance, m=m, times=trials.weeks)
    patterns = Patterns(
        size=np.zeros(kinds),
        mask=mask,
        scale=scale,
        group=group,
        z=np.zeros((kinds, m, 0)),
        products=(),
        blocks=(),
        n_obs=0,
        n_participants=0,
        rank=p,
        member=np.zeros(0, dtype=int),
        rows=np.zeros((0, m), dtype=int),
    )
    return BatchPlan(
        q=np.zeros((0, p)),
        basis=np.eye(p),
        patterns=patterns,
        marginal=VisitCovariance((one,), mask, scale, group),
        reml=True,
        combinations=trials.combination[None],
        start=one.start(trials.covariance),
        rule=question.rule,
    )


def mmrm(question: Question, trials: Repeated) -> Answers:
    """Return the contrast of each trial, by the first covariance of the chain that converges."""
    mask = patterns_of(trials.seen)
    tables = tables_of(trials, mask)
    count = len(trials.y)
    estimate, error, df = (np.full(count, np.nan) for _ in range(3))
    fitted, reason = np.full(count, -1), np.full(count, "", dtype=object)
    left = np.arange(count)
    for place, covariance in enumerate(question.chain):
        plan = plan_of(trials, mask, covariance, question)
        found = _in_portions(plan, tables.of(left))
        for whole, own in ((estimate, found.estimate), (error, found.std_error), (df, found.df)):
            whole[left] = own[:, 0]
        fitted[left] = np.where(found.converged, place, -1)
        reason[left] = found.notes
        left = left[[not good and note != UNIDENTIFIED for good, note in _told(found)]]
        if not len(left):
            break
    return tested(
        estimate=estimate, std_error=error, df=df, level=question.level, reason=reason,
        fitted=fitted,
    )  # fmt: skip


def _told(found: BatchFits) -> list[tuple[bool, str]]:
    return list(zip(found.converged.tolist(), found.notes, strict=True))


def _in_portions(plan: BatchPlan, tables: SplitTables) -> BatchFits:
    count = len(tables.size)
    each = [np.arange(at, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE)]
    return joined([fit_tables(plan, tables.of(some)) for some in each])
